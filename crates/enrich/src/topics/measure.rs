//! How right topics are: precision, recall and F1 over all labels and in the mean over topics, for rules, model and both.

use serde::Serialize;

use crate::compare::{CHANCE_MAX, sign_test};
use crate::taxonomy::Taxonomy;

/// Topics of one text by each judge, a bit each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub(super) labels: u64,
    pub(super) rules: u64,
    pub(super) model: u64,
    /// Rules and model.
    pub(super) both: u64,
    /// Rules and the model in use.
    pub(super) present: u64,
}

/// Figures of one judge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TopicFigures {
    /// Of all topics given, the share that is right.
    pub micro_precision: f64,
    /// Of all labels, the share that was given.
    pub micro_recall: f64,
    /// Their harmonic mean.
    pub micro_f1: f64,
    /// Mean of the topics' precisions; a topic never given counts 0.
    pub macro_precision: f64,
    /// Mean of the topics' recalls.
    pub macro_recall: f64,
    /// Mean of the topics' F1.
    pub macro_f1: f64,
}

/// Rules, model, and rules with model on the same texts, which neither was learned from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicComparison {
    /// Texts judged.
    pub texts: usize,
    /// Words alone.
    pub rules: TopicFigures,
    /// The classifier alone.
    pub model: TopicFigures,
    /// Words and classifier: what would be stored.
    pub both: TopicFigures,
    /// Words and the classifier in use: what is stored now; the words alone when there is none.
    pub present: TopicFigures,
    /// Texts with fewer wrong and missing topics than now.
    pub won: u64,
    /// Texts with more.
    pub lost: u64,
    /// Probability of winning so many of them or more if both were equally good: the one-sided sign test.
    pub chance: f64,
}

impl TopicComparison {
    pub(super) fn of(taxonomy: &Taxonomy, judged: &[Judged]) -> Self {
        let count = taxonomy.topics().len();
        let (mut won, mut lost) = (0, 0);
        for text in judged {
            let errors = |given: u64| (given ^ text.labels).count_ones();
            won += u64::from(errors(text.both) < errors(text.present));
            lost += u64::from(errors(text.both) > errors(text.present));
        }
        let figures = |given: fn(&Judged) -> u64| TopicFigures::of(count, judged, given);
        Self {
            texts: judged.len(),
            rules: figures(|text| text.rules),
            model: figures(|text| text.model),
            both: figures(|text| text.both),
            present: figures(|text| text.present),
            won,
            lost,
            chance: sign_test(won, lost),
        }
    }

    /// Whether the model should be used: better than the words alone and than what is in use, over all labels and in the mean over topics, and more often
    /// right than luck explains.
    pub fn is_better(&self) -> bool {
        let beats = |other: &TopicFigures| {
            self.both.micro_f1 > other.micro_f1 && self.both.macro_f1 > other.macro_f1
        };
        beats(&self.rules) && beats(&self.present) && self.chance <= CHANCE_MAX
    }
}

impl TopicFigures {
    fn of(topics: usize, judged: &[Judged], given: fn(&Judged) -> u64) -> Self {
        let counts: Vec<[f64; 3]> = (0..topics)
            .map(|topic| {
                let bit = 1u64 << topic;
                let mut counts = [0.0; 3];
                for text in judged {
                    let (given, label) = (given(text) & bit != 0, text.labels & bit != 0);
                    counts[0] += f64::from(given && label);
                    counts[1] += f64::from(given);
                    counts[2] += f64::from(label);
                }
                counts
            })
            .filter(|[_, given, labels]| given + labels > 0.0)
            .collect();
        let mean = |value: fn(&[f64; 3]) -> f64| {
            counts.iter().map(value).sum::<f64>() / counts.len().max(1) as f64
        };
        let total = counts.iter().fold([0.0; 3], |sum, counts| {
            [sum[0] + counts[0], sum[1] + counts[1], sum[2] + counts[2]]
        });
        Self {
            micro_precision: precision(&total),
            micro_recall: recall(&total),
            micro_f1: f1(&total),
            macro_precision: mean(precision),
            macro_recall: mean(recall),
            macro_f1: mean(f1),
        }
    }
}

fn precision([right, given, _]: &[f64; 3]) -> f64 {
    right / given.max(1.0)
}

fn recall([right, _, labels]: &[f64; 3]) -> f64 {
    right / labels.max(1.0)
}

fn f1([right, given, labels]: &[f64; 3]) -> f64 {
    2.0 * right / (given + labels).max(1.0)
}
