//! Learns which topic a text is about, and says whether that is better than the rules alone.

use std::collections::HashSet;

use corpus::TokenBatch;
use rayon::prelude::*;

use super::TopicClassifier;
use super::examples::{Examples, Kind, TopicText, classes};
use super::measure::{Judged, TopicComparison};
use crate::Error;
use crate::model::{Model, Task};
use crate::taxonomy::Taxonomy;

/// Parts of the hand-labelled texts that take turns at being judged when no other texts are given for that.
const PARTS: u32 = 5;

/// A trained classifier, and what speaks for it.
#[derive(Debug)]
pub struct TopicTraining {
    /// The model, of all texts.
    pub model: Model,
    /// Texts in which the rules found a topic.
    pub found_texts: usize,
    /// Texts labelled by hand.
    pub hand_texts: usize,
    /// Texts with neither that were taken as examples of no topic.
    pub unlabelled_texts: usize,
    /// Rules, model and both on texts labelled by hand that the judging model has not learned from; `None` without such texts.
    pub held_out: Option<TopicComparison>,
}

/// Learns the topics of `taxonomy` from `texts` and `shipped`, the project's sentences, and compares with the rules, and with the model `present` if one is
/// in use, on the labelled texts of `dev`; without any, the hand-labelled ones of `texts` take turns. `cut` is the segmenter of prediction.
///
/// Deterministic. Costs one training, or six.
///
/// # Errors
/// [`Error::TooFew`] when there is too little to learn from, [`Error::TopicLabel`] for a label that the taxonomy does not have.
pub fn train_topics(
    taxonomy: &Taxonomy,
    texts: &[TopicText],
    shipped: &[TopicText],
    dev: &[TopicText],
    present: Option<&Model>,
    cut: &dyn Fn(&[String], &mut TokenBatch),
) -> Result<TopicTraining, Error> {
    let examples = Examples::new(taxonomy, texts, shipped, cut)?;
    let count = |kind| examples.rows.iter().filter(|row| row.kind == kind).count();
    let all: Vec<u32> = (0..examples.rows.len() as u32).collect();
    let model = fit(taxonomy, &examples, &all)?;
    let present = match present {
        Some(present) => Some(TopicClassifier::new(present.clone(), taxonomy)?),
        None => None,
    };
    let judged = if dev.is_empty() {
        judge_in_turns(taxonomy, &examples, present.as_ref())?
    } else {
        let dev = Examples::new(taxonomy, dev, &[], cut)?;
        let rows: Vec<u32> = dev.hand_rows().collect();
        let candidate = TopicClassifier::new(model.clone(), taxonomy)?;
        judge(&candidate, present.as_ref(), &dev, &rows)
    };
    Ok(TopicTraining {
        model,
        found_texts: count(Kind::Found),
        hand_texts: count(Kind::Hand),
        unlabelled_texts: count(Kind::Unlabelled),
        held_out: (!judged.is_empty()).then(|| TopicComparison::of(taxonomy, &judged)),
    })
}

/// How right words, `model` and both are on the labelled ones of `texts`; nothing when none is labelled. `cut` is the segmenter of prediction.
///
/// # Errors
/// [`Error::Incompatible`] for a model of another task, [`Error::TopicLabel`] for a label that the taxonomy does not have.
pub fn evaluate_topics(
    taxonomy: &Taxonomy,
    model: &Model,
    texts: &[TopicText],
    cut: &dyn Fn(&[String], &mut TokenBatch),
) -> Result<Option<TopicComparison>, Error> {
    let classifier = TopicClassifier::new(model.clone(), taxonomy)?;
    let examples = Examples::new(taxonomy, texts, &[], cut)?;
    let rows: Vec<u32> = examples.hand_rows().collect();
    let judged = judge(&classifier, None, &examples, &rows);
    Ok((!judged.is_empty()).then(|| TopicComparison::of(taxonomy, &judged)))
}

impl Examples {
    fn hand_rows(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.rows).filter(|(_, row)| row.kind == Kind::Hand).map(|(number, _)| number)
    }
}

/// One class a text: a text about several matters is learned once for each.
fn fit(taxonomy: &Taxonomy, examples: &Examples, learned: &[u32]) -> Result<Model, Error> {
    let (mut rows, mut targets, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for &row in learned {
        for class in examples.classes_of(row) {
            rows.push(row);
            targets.push(class);
            groups.push(examples.rows[row as usize].group);
        }
    }
    let features = examples.features.subset(&rows);
    Model::fit(Task::Topics, classes(taxonomy), &features, &targets, &groups)
}

/// Judges each hand-labelled row by a model that has learned from four fifths of the others, near-duplicates left out.
fn judge_in_turns(
    taxonomy: &Taxonomy,
    examples: &Examples,
    present: Option<&TopicClassifier>,
) -> Result<Vec<Judged>, Error> {
    let parts = (0..PARTS).into_par_iter().map(|part| {
        let judged: Vec<u32> = examples
            .hand_rows()
            .filter(|row| examples.rows[*row as usize].group % PARTS == part)
            .collect();
        let judged_groups: HashSet<u32> =
            judged.iter().map(|row| examples.rows[*row as usize].group).collect();
        let is_learned = |row: &u32| !judged_groups.contains(&examples.rows[*row as usize].group);
        let learned: Vec<u32> = (0..examples.rows.len() as u32).filter(is_learned).collect();
        if judged.is_empty() {
            return Ok(Vec::new());
        }
        let model = fit(taxonomy, examples, &learned)?;
        Ok(judge(&TopicClassifier::new(model, taxonomy)?, present, examples, &judged))
    });
    Ok(parts.collect::<Result<Vec<_>, Error>>()?.concat())
}

fn judge(
    candidate: &TopicClassifier,
    present: Option<&TopicClassifier>,
    examples: &Examples,
    rows: &[u32],
) -> Vec<Judged> {
    let judged = rows.iter().map(|&number| {
        let named = candidate.named(&examples.features, number as usize);
        let row = &examples.rows[number as usize];
        let in_use = present.map_or(row.rules, |present| {
            present.joined(row.rules, present.named(&examples.features, number as usize))
        });
        Judged {
            labels: row.topics,
            rules: row.rules,
            model: candidate.joined(0, named),
            both: candidate.joined(row.rules, named),
            present: in_use,
        }
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::training::LabelledText;

    const TAXONOMY: &str = r#"version = 1
[[topic]]
id = "后勤"
words = ["后勤"]
[[topic]]
id = "食堂"
parent = "后勤"
words = ["食堂", "饭菜"]
[[topic]]
id = "班车"
words = ["班车"]
"#;

    fn cut(texts: &[String], out: &mut TokenBatch) {
        out.clear();
        fixture::cut(&texts.iter().map(String::as_str).collect::<Vec<_>>(), out);
    }

    fn text(text: String, labels: Option<&[&str]>, group: u128) -> TopicText {
        let labels = labels.map(|labels| labels.iter().map(|id| id.parse().unwrap()).collect());
        TopicText { text, labels, hints: Vec::new(), group }
    }

    /// Texts in which a word of a topic stands beside what is always said of it, and posts about nothing.
    fn found() -> Vec<TopicText> {
        let mut texts: Vec<TopicText> = (0..40)
            .flat_map(|n| {
                let (dish, place) = (["鱼", "肉", "汤", "面"][n % 4], ["东", "西", "南"][n % 3]);
                [format!("食堂的{dish}咸得没法吃"), format!("班车从{place}门绕路晚点")]
            })
            .zip(0..)
            .map(|(content, group)| text(content, None, group))
            .collect();
        let posts =
            LabelledText::shipped().filter(|post| post.group.as_deref() == Some("emotion_daily"));
        texts.extend(posts.take(60).zip(1000..).map(|(post, group)| text(post.text, None, group)));
        texts
    }

    /// Texts without a word of their topic.
    fn labelled(from: u128) -> Vec<TopicText> {
        let line = |n: u128| match n % 3 {
            0 => text(format!("今天的豆腐咸得没法吃,{n}人倒了"), Some(&["食堂"]), n),
            1 => text(format!("从北门绕路,等了{n}分钟"), Some(&["班车"]), n),
            _ => text(format!("{n}号晚上看了一部电影"), Some(&[]), n),
        };
        (from..from + 60).map(line).collect()
    }

    fn train(dev: &[TopicText], present: Option<&Model>) -> TopicTraining {
        let taxonomy = Taxonomy::parse("topics.toml", TAXONOMY).unwrap();
        train_topics(&taxonomy, &found(), &[], dev, present, &cut).unwrap()
    }

    #[test]
    fn what_stands_around_the_words_is_learned() {
        let training = train(&labelled(5000), None);
        let held_out = training.held_out.unwrap();
        assert_eq!((held_out.texts, held_out.rules.micro_recall), (60, 0.0));
        assert!(held_out.both.micro_f1 > 0.9, "{held_out:?}");
        assert!(held_out.is_better());
        assert!(training.found_texts == 80 && training.unlabelled_texts < 60);
    }

    #[test]
    fn the_model_in_use_is_not_better_than_itself() {
        let dev = labelled(5000);
        let present = train(&dev, None).model;
        let again = train(&dev, Some(&present));
        assert_eq!(
            again.model.to_bytes(),
            present.to_bytes(),
            "the same texts give the same model"
        );
        assert!(!again.held_out.unwrap().is_better());
    }

    #[test]
    fn labels_take_turns_when_nothing_else_decides() {
        let taxonomy = Taxonomy::parse("topics.toml", TAXONOMY).unwrap();
        let texts = [found(), labelled(5000)].concat();
        let training = train_topics(&taxonomy, &texts, &[], &[], None, &cut).unwrap();
        let held_out = training.held_out.unwrap();
        assert_eq!((training.hand_texts, held_out.texts), (60, 60));
        assert!(held_out.is_better(), "{held_out:?}");
        let of_the_project = train_topics(&taxonomy, &found(), &labelled(5000), &[], None, &cut);
        assert_eq!(of_the_project.unwrap().held_out, None);
    }

    #[test]
    fn words_that_mean_nothing_are_no_gain() {
        let labels = ["食堂", "班车"];
        let dev: Vec<TopicText> = labelled(5000)
            .into_iter()
            .zip(0usize..)
            .map(|(line, n)| text(line.text, Some(&[labels[n / 3 % 2]]), line.group))
            .collect();
        assert!(!train(&dev, None).held_out.unwrap().is_better());
    }

    #[test]
    fn an_unknown_label_is_named() {
        let taxonomy = Taxonomy::parse("topics.toml", TAXONOMY).unwrap();
        let texts = [text("难吃".to_owned(), Some(&["饭堂"]), 1)];
        let message =
            train_topics(&taxonomy, &texts, &[], &[], None, &cut).unwrap_err().to_string();
        assert!(message.starts_with("text 1 is labelled \"饭堂\""), "{message}");
    }

    #[test]
    fn a_part_says_better_what_the_whole_says() {
        let taxonomy = Taxonomy::parse("topics.toml", TAXONOMY).unwrap();
        let classifier = TopicClassifier::new(train(&[], None).model, &taxonomy).unwrap();
        let (whole, part, other) = (1, 2, 4);
        assert_eq!(classifier.joined(part, whole), part, "only the model names the whole");
        assert_eq!(classifier.joined(0, whole | part | other), part | other);
        assert_eq!(classifier.joined(whole, part), whole | part, "a word of the whole stands");
    }
}
