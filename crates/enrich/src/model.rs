//! A trained text classifier: linear core, probabilities, and the table that finds a feature's weights.

use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, Predict};
use rayon::prelude::*;

use crate::combiner::{Combiner, Example};
use crate::features::FeatureBatch;
use crate::linear::{LinearParams, LinearWeights};
use crate::records::{SparseRecords, Vocabulary};
use crate::rule::READING_WIDTH;
use crate::{Error, fingerprint};

/// Parts of the training set that take turns at being unseen.
const FOLDS: u32 = 5;
/// Fewer texts teach nothing that holds.
const TEXTS_MIN: usize = 20;

/// What a model tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Positive, negative and, when the labels have it, neutral.
    Polarity,
    /// Any set of classes.
    Topic,
}

/// A trained classifier.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) task: Task,
    pub(crate) classes: Vec<String>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) linear: LinearWeights,
    pub(crate) combiner: Combiner,
    table: WeightTable,
}

impl Task {
    /// The word used in files and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Polarity => "polarity",
            Self::Topic => "topic",
        }
    }
}

impl Model {
    /// Class names, in the order of probabilities.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// What it tells apart.
    pub fn task(&self) -> Task {
        self.task
    }

    /// Features that it has weights for.
    pub fn feature_count(&self) -> usize {
        self.vocabulary.keys.len()
    }

    /// Changes with any weight.
    pub fn fingerprint(&self) -> String {
        let numbers = self
            .vocabulary
            .idf
            .iter()
            .chain(&self.linear.weights)
            .chain(&self.combiner.bias)
            .chain(&self.combiner.reading_weights);
        let bytes: Vec<u8> = numbers
            .flat_map(|number| number.to_le_bytes())
            .chain(self.vocabulary.keys.iter().flat_map(|key| key.to_le_bytes()))
            .collect();
        format!("{}-{:016x}", self.task.as_str(), fingerprint::of(&bytes))
    }

    pub(crate) fn new(
        task: Task,
        classes: Vec<String>,
        vocabulary: Vocabulary,
        linear: LinearWeights,
        combiner: Combiner,
    ) -> Self {
        let table = WeightTable::new(&vocabulary, &linear);
        Self { task, classes, vocabulary, linear, combiner, table }
    }

    /// Fits on all texts of `features`; `targets` are indices into `classes`, `groups` the domain of each text (empty when unknown).
    pub(crate) fn fit(
        task: Task,
        classes: Vec<String>,
        features: &FeatureBatch,
        targets: &[u32],
        groups: &[u32],
    ) -> Result<Self, Error> {
        if targets.len() < TEXTS_MIN || classes.len() < 2 {
            return Err(Error::TooFew {
                texts: targets.len(),
                classes: classes.len(),
                texts_min: TEXTS_MIN,
            });
        }
        let params = LinearParams::new(classes.len()).check()?;
        let fit_rows = |rows: &[u32]| -> Result<(Vocabulary, LinearWeights), Error> {
            let vocabulary = Vocabulary::of(features, rows);
            let records = SparseRecords::new(features, rows, &vocabulary);
            let linear = params.fit(&DatasetBase::new(
                records,
                rows.iter().map(|row| targets[*row as usize]).collect::<Vec<u32>>(),
            ))?;
            Ok((vocabulary, linear))
        };

        let folds = folds(targets.len(), groups);
        let unseen: Vec<(Vec<u32>, Vec<f32>)> = (0..FOLDS)
            .into_par_iter()
            .map(|fold| {
                let (held_out, rest): (Vec<u32>, Vec<u32>) =
                    (0..targets.len() as u32).partition(|row| folds[*row as usize] == fold);
                let (vocabulary, linear) = fit_rows(&rest)?;
                let margins = linear.predict(&SparseRecords::new(features, &held_out, &vocabulary));
                Ok((held_out, margins))
            })
            .collect::<Result<_, Error>>()?;

        let uses_readings = task == Task::Polarity;
        let mut margins = vec![0.0; targets.len() * classes.len()];
        for (rows, found) in &unseen {
            let outputs = found.len() / rows.len().max(1);
            for (row, found) in rows.iter().zip(found.chunks_exact(outputs.max(1))) {
                spread(found, &mut margins[*row as usize * classes.len()..][..classes.len()]);
            }
        }
        let examples: Vec<Example<'_>> = margins
            .chunks_exact(classes.len())
            .zip(targets)
            .enumerate()
            .map(|(row, (margins, class))| Example {
                margins,
                reading: features.reading(row).features(),
                class: *class,
            })
            .collect();
        let combiner = Combiner::fit(classes.len(), uses_readings, &examples);

        let rows: Vec<u32> = (0..targets.len() as u32).collect();
        let (vocabulary, linear) = fit_rows(&rows)?;
        Ok(Self::new(task, classes, vocabulary, linear, combiner))
    }

    /// Probabilities of the classes for text `text` of `features`, into `out` (one a class).
    pub(crate) fn probabilities(&self, features: &FeatureBatch, text: usize, out: &mut [f32]) {
        debug_assert_eq!(out.len(), self.classes.len(), "one probability a class");
        // The margins borrow the place of the probabilities of the table's outputs: no allocation per text.
        let mut margins = [0.0f32; CLASSES_MAX];
        let margins = &mut margins[..self.classes.len()];
        self.table.margins(features.keys(text), margins);
        let reading = if self.combiner.reading_weights.is_empty() {
            [0.0; READING_WIDTH]
        } else {
            features.reading(text).features()
        };
        self.combiner.probabilities(margins, &reading, out);
    }
}

/// Classes of one model: a taxonomy of more is a hierarchy.
pub(crate) const CLASSES_MAX: usize = 128;

/// The fold of each row. Groups stay whole and the smallest fold takes the next largest group; without groups rows take turns.
fn folds(rows: usize, groups: &[u32]) -> Vec<u32> {
    let group_count = groups.iter().max().map_or(0, |highest| *highest as usize + 1);
    if group_count < FOLDS as usize {
        // Neighbours in a file are often alike: 7 steps apart they fall into different folds anyway, so plain turns suffice.
        return (0..rows as u32).map(|row| row % FOLDS).collect();
    }
    let mut sizes = vec![0u32; group_count];
    for group in groups {
        sizes[*group as usize] += 1;
    }
    let mut by_size: Vec<usize> = (0..group_count).collect();
    by_size.sort_by_key(|group| (std::cmp::Reverse(sizes[*group]), *group));
    let (mut fold_of, mut fold_sizes) = (vec![0u32; group_count], [0u32; FOLDS as usize]);
    for group in by_size {
        let fold =
            (0..FOLDS as usize).min_by_key(|fold| fold_sizes[*fold]).expect("there are folds");
        fold_of[group] = fold as u32;
        fold_sizes[fold] += sizes[group];
    }
    groups.iter().map(|group| fold_of[*group as usize]).collect()
}

/// Gives each class its margin: two classes share one output.
fn spread(outputs: &[f32], margins: &mut [f32]) {
    if let [margin] = outputs {
        margins.copy_from_slice(&[-margin, *margin]);
    } else {
        margins.copy_from_slice(outputs);
    }
}

/// Weights by key: open addressing, at most half full. A row is `[idf², idf × weight of each output]`.
#[derive(Debug, Clone)]
struct WeightTable {
    /// `key << 32 | row + 1`; 0 is free.
    slots: Vec<u64>,
    rows: Vec<f32>,
    bias: Vec<f32>,
    outputs: usize,
}

impl WeightTable {
    fn new(vocabulary: &Vocabulary, linear: &LinearWeights) -> Self {
        let outputs = linear.outputs;
        let slot_count = (2 * vocabulary.keys.len()).next_power_of_two().max(2);
        let mut slots = vec![0u64; slot_count];
        let mut rows = Vec::with_capacity(vocabulary.keys.len() * (outputs + 1));
        for (number, (key, idf)) in (1u64..).zip(vocabulary.keys.iter().zip(&vocabulary.idf)) {
            let mut slot = *key as usize % slot_count;
            while slots[slot] != 0 {
                slot = (slot + 1) % slot_count;
            }
            slots[slot] = u64::from(*key) << 32 | number;
            rows.push(idf * idf);
            let weights = &linear.weights[(number as usize - 1) * outputs..][..outputs];
            rows.extend(weights.iter().map(|weight| weight * idf));
        }
        let bias = linear.weights[linear.weights.len() - outputs..].to_vec();
        Self { slots, rows, bias, outputs }
    }

    /// Margins of one text, one a class.
    fn margins(&self, keys: &[u32], margins: &mut [f32]) {
        let (width, mask) = (self.outputs + 1, self.slots.len() - 1);
        let mut square = 0.0f32;
        let sums = &mut margins[..self.outputs];
        sums.fill(0.0);
        for key in keys {
            let mut slot = *key as usize & mask;
            // Ends: at least half of the slots are free.
            while self.slots[slot] != 0 {
                if (self.slots[slot] >> 32) as u32 == *key {
                    let row = &self.rows[(self.slots[slot] as u32 as usize - 1) * width..][..width];
                    square += row[0];
                    for (sum, weight) in sums.iter_mut().zip(&row[1..]) {
                        *sum += weight;
                    }
                    break;
                }
                slot = (slot + 1) & mask;
            }
        }
        let scale = if square > 0.0 { square.sqrt().recip() } else { 0.0 };
        for (sum, bias) in sums.iter_mut().zip(&self.bias) {
            *sum = *sum * scale + bias;
        }
        if self.outputs == 1 {
            let margin = margins[0];
            margins.copy_from_slice(&[-margin, margin]);
        }
    }
}
