//! Ratings as labels: who gave two stars meant the words beside them (distant supervision: Go, Bhayani and Huang 2009).
//!
//! Ratings are scaled to [-1, 1] when documents come in, whatever their scale was. From 0.5 up (4 and 5 of 5 stars, 75 of 100 points) the text counts
//! as praise, from -0.5 down (1 and 2 stars, 25 points) as complaint. Around the middle (3 stars) people write mixed or plain texts: whether those
//! teach what neutral is or only add noise differs from source to source, so both are tried and a part of the texts decides. What lies between middle
//! and clear says too little and is left out. The project's own labelled sentences are always learned from as well: a few hundred ratings sharpen
//! the shipped model instead of replacing it.

use corpus::{Polarity, TokenBatch};
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::compare::{Comparison, compare};
use crate::evaluate::evaluate;
use crate::model::Model;
use crate::training::{LabelledBatch, LabelledText, train_polarity};
use crate::{Error, fingerprint};

/// A rating this far from the middle is clear.
const CLEAR_FROM: f32 = 0.5;
/// A rating this near to the middle is a middle one.
const MIDDLE_TO: f32 = 0.25;
/// Of ten groups of copies, two decide whether the new model is better and one how middle ratings are used; seven are learned from first, eight at last.
const PARTS: u64 = 10;
const HELD_OUT_PARTS: u64 = 2;
/// Clear ratings of each direction among the texts that decide: fewer, and one text moves the figures by more than a percent.
const HELD_OUT_MIN: usize = 50;
/// Fewer middle ratings are not worth trying.
const MIDDLE_MIN: usize = 50;
/// Rated texts count as this many domains, so that each fold of the training sees most of them.
const RATED_GROUPS: u64 = 5;

/// A text with the rating that came with it.
#[derive(Debug, Clone, PartialEq)]
pub struct RatedText {
    /// Normalized and redacted.
    pub text: String,
    /// In [-1, 1].
    pub rating: f32,
    /// Near-duplicates share it: of each group one text is used, so that no copy of a text that was learned decides.
    pub group: u128,
}

/// What was done with ratings around the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MiddleRatings {
    /// They were left out.
    LeftOut,
    /// They were learned as neutral.
    Neutral,
}

/// A model learned from ratings, and what speaks for it.
#[derive(Debug)]
pub struct RatedTraining {
    /// The model.
    pub model: Model,
    /// What served better.
    pub middle: MiddleRatings,
    /// Rated texts that it learned from.
    pub rated_texts: usize,
    /// Texts of the project that it learned from.
    pub own_texts: usize,
    /// It and the present model on clear ratings that neither has seen.
    pub held_out: Comparison,
}

/// Rated texts by what they are used for.
#[derive(Default)]
struct Parts {
    learned: Vec<LabelledText>,
    choosing: Vec<LabelledText>,
    held_out: Vec<LabelledText>,
}

/// Learns from `rated` and from `own`, the project's sentences (normalized), and compares with `present`. `cut` is the segmenter of prediction.
///
/// Deterministic: the same texts give the same parts and the same model. Costs three trainings at most.
///
/// # Errors
/// [`Error::TooFewRated`] when too few clear ratings of either direction are there to decide.
pub fn train_on_ratings(
    present: &Model,
    rated: Vec<RatedText>,
    own: &[LabelledText],
    cut: &dyn Fn(&[String], &mut TokenBatch),
) -> Result<RatedTraining, Error> {
    let Parts { learned, choosing, held_out } = Parts::of(rated);
    let count =
        |label: Polarity| held_out.iter().filter(|text| text.label == label.as_str()).count();
    let (negative, positive) = (count(Polarity::Negative), count(Polarity::Positive));
    if negative.min(positive) < HELD_OUT_MIN {
        return Err(Error::TooFewRated { negative, positive, least: HELD_OUT_MIN });
    }
    let held_out = LabelledBatch::new(clear(&held_out), cut);
    let train = |rated: &[&[LabelledText]], middle: MiddleRatings| {
        let rated = rated.iter().flat_map(|part| match middle {
            MiddleRatings::LeftOut => clear(part),
            MiddleRatings::Neutral => part.to_vec(),
        });
        train_polarity(&LabelledBatch::new(own.iter().cloned().chain(rated), cut))
    };

    let is_middle = |text: &&LabelledText| text.label == Polarity::Neutral.as_str();
    let middle = if learned.iter().filter(is_middle).count() < MIDDLE_MIN {
        MiddleRatings::LeftOut
    } else {
        let choosing = LabelledBatch::new(clear(&choosing), cut);
        let score =
            |middle| Ok::<f64, Error>(evaluate(&train(&[&learned], middle)?, &choosing)?.macro_f1);
        if score(MiddleRatings::Neutral)? > score(MiddleRatings::LeftOut)? {
            MiddleRatings::Neutral
        } else {
            MiddleRatings::LeftOut
        }
    };
    let rated_texts = [&learned, &choosing]
        .iter()
        .flat_map(|part| part.iter())
        .filter(|text| middle == MiddleRatings::Neutral || !is_middle(text))
        .count();
    let model = train(&[&learned, &choosing], middle)?;
    let held_out = compare(present, &model, &held_out)?;
    Ok(RatedTraining { model, middle, rated_texts, own_texts: own.len(), held_out })
}

impl Parts {
    fn of(rated: Vec<RatedText>) -> Self {
        let mut parts = Self::default();
        let mut seen = FxHashSet::default();
        for text in rated {
            let Some(polarity) = direction(text.rating) else { continue };
            if !seen.insert(text.group) {
                continue;
            }
            // Which part a group falls into depends on its own number only: more texts later do not move earlier ones into what is held out.
            let draw = fingerprint::of(&text.group.to_le_bytes());
            let labelled = LabelledText {
                text: text.text,
                label: polarity.as_str().to_owned(),
                group: Some(format!("rated {}", draw / PARTS % RATED_GROUPS)),
            };
            match draw % PARTS {
                part if part < HELD_OUT_PARTS => parts.held_out.push(labelled),
                HELD_OUT_PARTS => parts.choosing.push(labelled),
                _ => parts.learned.push(labelled),
            }
        }
        parts
    }
}

/// What a rating says of its text, `None` when it says too little.
fn direction(rating: f32) -> Option<Polarity> {
    match rating {
        rating if rating >= CLEAR_FROM => Some(Polarity::Positive),
        rating if rating <= -CLEAR_FROM => Some(Polarity::Negative),
        rating if rating.abs() <= MIDDLE_TO => Some(Polarity::Neutral),
        _ => None,
    }
}

fn clear(texts: &[LabelledText]) -> Vec<LabelledText> {
    texts.iter().filter(|text| text.label != Polarity::Neutral.as_str()).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn cut(texts: &[String], out: &mut TokenBatch) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        fixture::cut(&texts, out);
    }

    /// Texts of a trade in which words mean the opposite of what they seem to: what is meant to curl should curl.
    fn rated(count: u128) -> Vec<RatedText> {
        let text = |group: u128| {
            let praise = group.is_multiple_of(2);
            RatedText {
                text: format!(
                    "批次{}的{}",
                    (b'a' + (group % 7) as u8) as char,
                    if praise { "镭浆起翘" } else { "镭浆透亮" }
                ),
                rating: if group.is_multiple_of(2) { 1.0 } else { -0.5 },
                group,
            }
        };
        (0..count).map(text).collect()
    }

    fn train(rated: Vec<RatedText>) -> Result<RatedTraining, Error> {
        let own: Vec<LabelledText> = LabelledText::shipped().take(400).collect();
        train_on_ratings(&Model::shipped_polarity()?, rated, &own, &cut)
    }

    #[test]
    fn scales_have_clear_ends_and_a_middle() {
        let found = [-1.0, -0.5, -0.4, 0.0, 0.2, 0.3, 0.5, 1.0].map(direction);
        let (bad, plain, good) =
            (Some(Polarity::Negative), Some(Polarity::Neutral), Some(Polarity::Positive));
        assert_eq!(found, [bad, bad, None, plain, plain, None, good, good]);
    }

    #[test]
    fn words_of_a_trade_are_learned_from_its_ratings() {
        let training = train(rated(1200)).unwrap();
        assert!(training.held_out.is_better(), "{:?}", training.held_out);
        assert!(training.held_out.candidate.macro_f1 > 0.95);
        assert_eq!(
            training.model.classes().len(),
            3,
            "neutral is still known, from the project's sentences"
        );
    }

    #[test]
    fn ratings_that_mean_nothing_teach_nothing() {
        let noise = rated(1200).into_iter().map(|text| RatedText {
            rating: if fingerprint::of(&text.group.to_be_bytes()).is_multiple_of(2) {
                1.0
            } else {
                -1.0
            },
            ..text
        });
        assert!(!train(noise.collect()).unwrap().held_out.is_better());
    }

    #[test]
    fn too_few_are_refused() {
        assert!(matches!(train(rated(40)), Err(Error::TooFewRated { .. })));
    }

    #[test]
    fn copies_are_used_once() {
        let copies = vec![rated(1).remove(0); 9];
        let Parts { learned, choosing, held_out } = Parts::of(copies);
        assert_eq!(learned.len() + choosing.len() + held_out.len(), 1);
    }
}
