//! The topics of the taxonomy beyond their words.
//!
//! Rules over words are exact where a word stands and blind where none does: 咸得喝了一下午水 is about the canteen and holds no word of it. The
//! classifier learns how people write about a matter from the texts that the rules do find and from a few labels, see [`train_topics`], and only
//! ever adds to the rules: a text's topics are those of both. A topic that is not likely enough is not named: none rather than a wrong one.

mod examples;
mod measure;
mod shipped;
mod training;

pub use examples::TopicText;
pub use measure::{TopicComparison, TopicFigures};
pub use training::{TopicTraining, evaluate_topics, train_topics};

use crate::Error;
use crate::features::FeatureBatch;
use crate::model::{CLASSES_MAX, Model, Task};
use crate::taxonomy::Taxonomy;

/// The class of texts that are about no topic.
pub(crate) const NO_TOPIC: &str = "(none)";

/// A topic is named from this probability on: where what the classifier adds is right as often as what the words say, 71 times of 100 on the
/// hand-labelled test sentences (`data/labels/topics`).
const NAMED_FROM: f32 = 0.35;

/// A model of [`Task::Topics`] beside the taxonomy in use, which may have been edited since the model was trained.
#[derive(Debug)]
pub(crate) struct TopicClassifier {
    model: Model,
    /// The taxonomy's bit for each class; 0 for [`NO_TOPIC`] and for a topic that the taxonomy no longer has.
    bits: Vec<u64>,
    /// For each topic of the taxonomy the bits of its wider matters.
    wider: Vec<u64>,
}

impl TopicClassifier {
    /// # Errors
    /// [`Error::Incompatible`] for a model of another task.
    pub(crate) fn new(model: Model, taxonomy: &Taxonomy) -> Result<Self, Error> {
        if model.task() != Task::Topics {
            return Err(Error::Incompatible {
                path: "topic model".into(),
                what: "task",
                found: model.task().as_str().to_owned(),
                expected: Task::Topics.as_str().to_owned(),
            });
        }
        let bit = |class: &String| taxonomy.bit_of(class).unwrap_or(0);
        let bits = model.classes().iter().map(bit).collect();
        Ok(Self { bits, wider: taxonomy.wider_bits(), model })
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// The bits of the topics that text `text` of `features` is likely about.
    pub(crate) fn named(&self, features: &FeatureBatch, text: usize) -> u64 {
        let mut probabilities = [0.0f32; CLASSES_MAX];
        let probabilities = &mut probabilities[..self.bits.len()];
        self.model.probabilities(features, text, probabilities);
        let likely = probabilities.iter().zip(&self.bits).filter(|(p, _)| **p >= NAMED_FROM);
        likely.fold(0, |named, (_, bit)| named | bit)
    }

    /// The topics of the rules and those of the classifier. A wider matter that only the classifier names is dropped beside one of its parts:
    /// the part says it better, and the rules do not name it either.
    pub(crate) fn joined(&self, rules: u64, named: u64) -> u64 {
        let mut wider = 0;
        let mut left = rules | named;
        while left != 0 {
            wider |= self.wider[left.trailing_zeros() as usize];
            left &= left - 1;
        }
        rules | named & !wider
    }
}
