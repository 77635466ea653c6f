//! Ratings as labels: who gave two stars meant the words beside them (distant supervision: Go, Bhayani and Huang 2009).
//!
//! Ratings are scaled to [-1, 1] when documents come in, whatever their scale was. From 0.5 up (4 and 5 of 5 stars, 75 of 100 points) the text counts
//! as praise, from -0.5 down (1 and 2 stars, 25 points) as complaint. Around the middle (3 stars) people write mixed or plain texts: whether those
//! teach what neutral is or only add noise differs from source to source, so both are tried and a part of the texts decides. What lies between middle
//! and clear says too little and is left out. The project's own labelled sentences are always learned from as well: a few hundred ratings sharpen
//! the shipped model instead of replacing it.
//!
//! Labels by hand, such as corrected guesses, join them: a text that has both counts by its label. They are few, so none is set aside: each is judged by
//! a model that has learned from the others (cross-validation), and the new model must lose on neither, ratings nor labels.

use std::collections::BTreeMap;

use corpus::{Polarity, TokenBatch};
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::compare::{CHANCE_MAX, Comparison, compare, sign_test};
use crate::evaluate::{Judged, evaluate, judge};
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
/// Fewer labels by hand decide nothing alone: with 50 the sign test sees a gain of ten points at best.
const CORRECTED_MIN: usize = 50;
/// Parts of the labels by hand that take turns at being unseen.
const TURNS: usize = 5;
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
    /// Texts labelled by hand that it learned from.
    pub corrected_texts: usize,
    /// Texts of the project that it learned from.
    pub own_texts: usize,
    /// It and the present model on clear ratings that neither has seen; nothing when labels by hand decide alone.
    pub held_out: Option<Comparison>,
    /// Models like it and the present one on the labels by hand, each judged by a model that has not seen it.
    pub corrected: Option<Comparison>,
}

/// Rated texts by what they are used for.
#[derive(Default)]
struct Parts {
    learned: Vec<LabelledText>,
    choosing: Vec<LabelledText>,
    held_out: Vec<LabelledText>,
}

/// Learns from `rated`, from `corrected`, labels by hand, and from `own`, the project's sentences (all normalized), and compares with `present`. `cut` is the
/// segmenter of prediction.
///
/// Deterministic: the same texts give the same parts and the same model. Costs three trainings at most, and five more with labels by hand.
///
/// # Errors
/// [`Error::TooFewRated`] and [`Error::TooFewCorrected`] when too little is there to decide, [`Error::Label`] for a label that is no polarity.
pub fn train_on_ratings(
    present: &Model,
    mut rated: Vec<RatedText>,
    corrected: Vec<LabelledText>,
    own: &[LabelledText],
    cut: &dyn Fn(&[String], &mut TokenBatch),
) -> Result<RatedTraining, Error> {
    let corrected = labels_by_hand(corrected)?;
    let by_hand: FxHashSet<&str> = corrected.iter().map(|text| text.text.as_str()).collect();
    rated.retain(|text| !by_hand.contains(text.text.as_str()));
    let Parts { mut learned, choosing, held_out } = Parts::of(rated);
    let count =
        |label: Polarity| held_out.iter().filter(|text| text.label == label.as_str()).count();
    let (negative, positive) = (count(Polarity::Negative), count(Polarity::Positive));
    let ratings_decide = negative.min(positive) >= HELD_OUT_MIN;
    if !ratings_decide && corrected.is_empty() {
        return Err(Error::TooFewRated { negative, positive, least: HELD_OUT_MIN });
    }
    if !ratings_decide && corrected.len() < CORRECTED_MIN {
        return Err(Error::TooFewCorrected { found: corrected.len(), least: CORRECTED_MIN });
    }
    let held_out = if ratings_decide {
        LabelledBatch::new(clear(&held_out), cut)
    } else {
        // They cannot decide, but they can teach.
        learned.extend(held_out);
        LabelledBatch::default()
    };
    let train = |rated: &[&[LabelledText]], corrected: &[LabelledText], middle: MiddleRatings| {
        let rated = rated.iter().flat_map(|part| match middle {
            MiddleRatings::LeftOut => clear(part),
            MiddleRatings::Neutral => part.to_vec(),
        });
        let all = own.iter().chain(corrected).cloned().chain(rated);
        train_polarity(&LabelledBatch::new(all, cut))
    };

    let is_middle = |text: &&LabelledText| text.label == Polarity::Neutral.as_str();
    let middle = if learned.iter().filter(is_middle).count() < MIDDLE_MIN {
        MiddleRatings::LeftOut
    } else {
        let choosing = LabelledBatch::new(clear(&choosing), cut);
        let score = |middle| {
            let model = train(&[&learned], &corrected, middle)?;
            Ok::<f64, Error>(evaluate(&model, &choosing)?.macro_f1)
        };
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
    let parts: [&[LabelledText]; 2] = [&learned, &choosing];
    let model = train(&parts, &corrected, middle)?;
    let held_out = ratings_decide.then(|| compare(present, &model, &held_out)).transpose()?;
    let compared = judged_in_turns(present, &corrected, cut, |rest| train(&parts, rest, middle))?;
    Ok(RatedTraining {
        model,
        middle,
        rated_texts,
        corrected_texts: corrected.len(),
        own_texts: own.len(),
        held_out,
        corrected: compared,
    })
}

impl RatedTraining {
    /// Probability that luck alone wins so clearly over ratings and labels by hand together: the one-sided sign test.
    pub fn chance(&self) -> f64 {
        let (won, lost) = self
            .comparisons()
            .fold((0, 0), |(won, lost), found| (won + found.won, lost + found.lost));
        sign_test(won, lost)
    }

    /// Whether the model should be taken: better in the mean over classes on ratings or labels and worse on neither, and more often right than luck
    /// explains.
    pub fn is_better(&self) -> bool {
        let gains =
            || self.comparisons().map(|found| found.candidate.macro_f1 - found.present.macro_f1);
        gains().all(|gain| gain >= 0.0)
            && gains().any(|gain| gain > 0.0)
            && self.chance() <= CHANCE_MAX
    }

    fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.held_out.iter().chain(&self.corrected)
    }
}

/// Each text once, the last label holds; labels by their names, and each part that takes a turn a domain of its own.
fn labels_by_hand(corrected: Vec<LabelledText>) -> Result<Vec<LabelledText>, Error> {
    let batch = LabelledBatch::new(corrected, |texts, tokens| {
        texts.iter().for_each(|_| tokens.end_document());
    });
    let mut texts: BTreeMap<String, Polarity> = BTreeMap::new();
    let polarities = batch.polarities()?;
    texts.extend(batch.texts.into_iter().zip(polarities));
    let labelled = texts.into_iter().map(|(text, polarity)| LabelledText {
        group: Some(format!("by hand {}", turn_of(&text))),
        label: polarity.as_str().to_owned(),
        text,
    });
    Ok(labelled.collect())
}

/// The part that a labelled text belongs to, by its own content: more labels later do not move it.
fn turn_of(text: &str) -> usize {
    (fingerprint::of(text.as_bytes()) % TURNS as u64) as usize
}

/// The present model and models like the new one on the labels by hand, each text judged by a model that `train` has taught the other parts.
fn judged_in_turns(
    present: &Model,
    corrected: &[LabelledText],
    cut: &dyn Fn(&[String], &mut TokenBatch),
    train: impl Fn(&[LabelledText]) -> Result<Model, Error>,
) -> Result<Option<Comparison>, Error> {
    let batch = LabelledBatch::new(corrected.to_vec(), cut);
    let turns: Vec<usize> = corrected.iter().map(|text| turn_of(&text.text)).collect();
    let judged = (0..TURNS).map(|turn| {
        if !turns.contains(&turn) {
            return Ok(None);
        }
        let others = corrected.iter().zip(&turns).filter(|(_, other)| **other != turn);
        let others: Vec<LabelledText> = others.map(|(text, _)| text.clone()).collect();
        judge(&train(&others)?, &batch).map(Some)
    });
    let candidate = Judged::in_turns(judged.collect::<Result<_, Error>>()?, &turns);
    let candidate = candidate.filter(|_| !corrected.is_empty());
    candidate.map(|candidate| Ok(Comparison::of(&judge(present, &batch)?, &candidate))).transpose()
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
        train_on_ratings(&Model::shipped_polarity()?, rated, Vec::new(), &own, &cut)
    }

    /// The same texts labelled by hand.
    fn by_hand(count: u128) -> Vec<LabelledText> {
        let label = |text: RatedText| {
            let label = if text.rating > 0.0 { "positive" } else { "negative" };
            let text = format!("{}{}", text.text, text.group);
            LabelledText { text, label: label.to_owned(), group: None }
        };
        rated(count).into_iter().map(label).collect()
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
        assert!(training.is_better(), "{:?}", training.held_out);
        assert!(training.held_out.unwrap().candidate.macro_f1 > 0.95);
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
        assert!(!train(noise.collect()).unwrap().is_better());
    }

    #[test]
    fn labels_by_hand_teach_without_ratings() {
        let own: Vec<LabelledText> = LabelledText::shipped().take(400).collect();
        let present = Model::shipped_polarity().unwrap();
        let learn = |rated, labels| train_on_ratings(&present, rated, labels, &own, &cut);
        let training = learn(Vec::new(), by_hand(80)).unwrap();
        assert_eq!((training.corrected_texts, training.rated_texts), (80, 0));
        assert!(training.held_out.is_none() && training.is_better(), "{:?}", training.corrected);
        assert!(matches!(learn(Vec::new(), by_hand(30)), Err(Error::TooFewCorrected { .. })));
        let refused =
            learn(Vec::new(), vec![LabelledText { label: "好评".into(), ..by_hand(1).remove(0) }]);
        assert!(matches!(refused, Err(Error::Label { row: 1, .. })));
    }

    #[test]
    fn a_label_by_hand_counts_more_than_the_rating_of_its_text() {
        let own: Vec<LabelledText> = LabelledText::shipped().take(400).collect();
        let same_texts: Vec<LabelledText> = rated(60)
            .into_iter()
            .map(|text| LabelledText { text: text.text, label: "neutral".into(), group: None })
            .collect();
        let present = Model::shipped_polarity().unwrap();
        let training = train_on_ratings(&present, rated(60), same_texts, &own, &cut);
        // 60 texts of 7 × 2 kinds: all are labelled, so no rating is left.
        assert!(matches!(training, Err(Error::TooFewCorrected { found: 14, .. })));
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
