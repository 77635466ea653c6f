//! A trained text classifier: linear core, a network beside it where there are texts enough, probabilities, and the table that finds a feature's weights.

use corpus::Polarity;
use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, Predict};
use rayon::prelude::*;

use crate::combiner::{Combiner, Example};
use crate::enricher::sure_from;
use crate::features::{FeatureBatch, KnownKeys};
use crate::linear::{LinearParams, LinearValidParams, LinearWeights};
use crate::model_file::CardConfig;
use crate::network::{Network, NetworkParams};
use crate::records::{SparseRecords, Vocabulary};
use crate::rule::READING_WIDTH;
use crate::sequence::{Alphabet, SequenceRecords, VIEWS};
use crate::{Error, fingerprint};

/// Parts of the training set that take turns at being unseen.
const FOLDS: u32 = 5;
/// From this many texts on two parts are enough to see how the machines do on what they did not see.
const TWO_FOLDS_FROM: usize = 15_000;
/// Texts that the combiner's some forty numbers are fitted on.
const COMBINED_MAX: usize = 15_000;
/// Limit on the numbers of a model file; rarer features are left out.
const BYTES_MAX: usize = 60 << 20;
/// Room for a network: 8,000 characters in windows of 3 and 20,000 words in windows of 2, 64 filters each.
const NETWORK_BYTES_MAX: usize = 16 << 20;
/// Fewer texts teach a network nothing that the linear core does not know: with 356 (hotline7) it is as good without.
const NETWORK_TEXTS_MIN: usize = 1_000;
/// Features of a model of a taxonomy's topics: with 72,000 it is no better (F1 0.537 and 0.540) and nearly twice as large.
const TOPIC_FEATURES_MAX: usize = 40_000;
/// Fewer texts teach nothing that holds.
const TEXTS_MIN: usize = 20;

/// Probability given to the class of an explicit construction before the model is asked: the rules are right on six such texts of seven, see
/// `rule::tests`.
const EXPLICIT_TRUST: f32 = 0.8;

/// What a model tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Positive, negative and, when the labels have it, neutral.
    Polarity,
    /// Any set of classes, one a text.
    Topic,
    /// Any number of a taxonomy's topics a text, see [`crate::train_topics`].
    Topics,
}

/// A trained classifier.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) task: Task,
    pub(crate) classes: Vec<String>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) linear: LinearWeights,
    /// Its margins come on top of the linear core's.
    pub(crate) network: Option<Network>,
    pub(crate) combiner: Combiner,
    /// Keys that it has weights for.
    pub(crate) known: KnownKeys,
    table: WeightTable,
}

impl Task {
    /// The word used in files and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Polarity => "polarity",
            Self::Topic => "topic",
            Self::Topics => "topics",
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

    /// Whether its classes are positive, negative and perhaps neutral, so that it can judge for [`crate::Enricher`].
    pub fn judges_polarity(&self) -> bool {
        self.task == Task::Polarity && is_polarities(&self.classes)
    }

    /// How models of its task and classes are trained.
    pub fn config(&self) -> CardConfig {
        let LinearParams(params) = LinearParams::new(self.classes.len());
        let LinearValidParams { cost, cost_ratio, cost_bayes, passes_max, .. } = params;
        let features_max = features_max(self.task, self.classes.len());
        let sure_from = sure_from(self.classes.len());
        let network_filters =
            self.network.as_ref().map_or(0, |network| VIEWS * network.filters.width());
        CardConfig {
            cost,
            cost_ratio,
            cost_bayes,
            passes_max,
            features_max,
            network_filters,
            sure_from,
        }
    }

    /// Changes with any weight.
    pub fn fingerprint(&self) -> String {
        let numbers = self
            .vocabulary
            .idf
            .iter()
            .chain(&self.linear.weights)
            .chain(&self.combiner.bias)
            .chain(&self.combiner.offsets)
            .chain(&self.combiner.reading_weights)
            .chain(self.network.iter().flat_map(|network| network.filters.numbers()));
        let symbols = self.network.iter().flat_map(|network| &network.alphabets);
        let symbols = symbols.flat_map(Alphabet::symbols);
        let bytes: Vec<u8> = numbers
            .flat_map(|number| number.to_le_bytes())
            .chain(self.vocabulary.keys.iter().chain(symbols).flat_map(|key| key.to_le_bytes()))
            .collect();
        format!("{}-{:016x}", self.task.as_str(), fingerprint::of(&bytes))
    }

    pub(crate) fn new(
        task: Task,
        classes: Vec<String>,
        vocabulary: Vocabulary,
        linear: LinearWeights,
        network: Option<Network>,
        combiner: Combiner,
    ) -> Self {
        let table = WeightTable::new(&vocabulary, &linear);
        let known = KnownKeys::of(&[&vocabulary.keys], network.is_some());
        Self { task, classes, vocabulary, linear, network, combiner, known, table }
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
        let network_params = NetworkParams::new(classes.len()).check()?;
        // Texts whose domains are known teach a model for all domains, the shipped one among them: it stays linear, and half as fast again.
        let has_network =
            task != Task::Topics && groups.is_empty() && targets.len() >= NETWORK_TEXTS_MIN;
        let features_max = features_max(task, classes.len());
        let fit_linear = |rows: &[u32]| -> Result<(Vocabulary, Vec<LinearWeights>), Error> {
            let vocabulary = Vocabulary::of(features, rows, features_max);
            let records = SparseRecords::new(features, rows, &vocabulary);
            let targets: Vec<u32> = rows.iter().map(|row| targets[*row as usize]).collect();
            let machines = params.fit(&DatasetBase::new(records, targets))?;
            Ok((vocabulary, machines))
        };
        let fit_network = |rows: &[u32]| -> Result<Network, Error> {
            let alphabets = Alphabet::of_views(features.views(), rows);
            let records = SequenceRecords::new(features.views(), rows, &alphabets);
            let targets: Vec<u32> = rows.iter().map(|row| targets[*row as usize]).collect();
            let filters = network_params.fit(&DatasetBase::new(records, targets))?;
            Ok(Network::new(alphabets, filters))
        };
        let fit_rows = |rows: &[u32]| -> Result<Parts, Error> {
            let (linear, network) = rayon::join(
                || fit_linear(rows),
                || has_network.then(|| fit_network(rows)).transpose(),
            );
            let (vocabulary, machines) = linear?;
            Ok(Parts { vocabulary, machines, network: network? })
        };

        let folds = folds(targets.len(), groups);
        // With many texts two folds say what all would: the combiner has some forty numbers to learn.
        let folds_used = if targets.len() > TWO_FOLDS_FROM { 2 } else { FOLDS };
        let unseen: Vec<Unseen> = (0..folds_used)
            .into_par_iter()
            .map(|fold| {
                let (rows, rest): (Vec<u32>, Vec<u32>) =
                    (0..targets.len() as u32).partition(|row| folds[*row as usize] == fold);
                let margins = fit_rows(&rest)?.margins(features, &rows, classes.len());
                Ok(Unseen { rows, margins })
            })
            .collect::<Result<_, Error>>()?;
        let examples: Vec<Example<'_>> =
            unseen.iter().flat_map(|unseen| unseen.examples(features, targets)).collect();
        let sample: Vec<Example<'_>> = examples
            .iter()
            .step_by(examples.len().div_ceil(COMBINED_MAX).max(1))
            .copied()
            .collect();
        let mut combiner = Combiner::fit(classes.len(), task == Task::Polarity, &sample);
        // Topics are named by their probability, not as the one best guess.
        if task != Task::Topics && !is_polarities(&classes) {
            combiner.fit_offsets(&examples);
        }

        let rows: Vec<u32> = (0..targets.len() as u32).collect();
        let Parts { vocabulary, machines, mut network } = fit_rows(&rows)?;
        let (scales, network_scale) = combiner.scales.split_at(machines.len());
        let linear = LinearWeights::mixed(&machines, scales);
        if let (Some(network), [scale]) = (&mut network, network_scale) {
            network.filters.scale(*scale);
        }
        combiner.scales = vec![1.0];
        Ok(Self::new(task, classes, vocabulary, linear, network, combiner))
    }

    /// Probabilities of the classes for text `text` of `features`, into `out` (one a class).
    pub(crate) fn probabilities(&self, features: &FeatureBatch, text: usize, out: &mut [f32]) {
        debug_assert_eq!(out.len(), self.classes.len(), "one probability a class");
        // The margins borrow the place of the probabilities of the table's outputs: no allocation per text.
        let mut margins = [0.0f32; CLASSES_MAX];
        let margins = &mut margins[..self.classes.len()];
        self.table.margins(features.weighed_keys(text), margins);
        if let Some(network) = &self.network {
            network.add_margins(features.views(), text, margins);
        }
        if self.combiner.reading_weights.is_empty() {
            self.combiner.probabilities(margins, &[0.0; READING_WIDTH], out);
        } else {
            let reading = features.reading(text);
            self.combiner.probabilities(margins, &reading.features(), out);
            self.trust_explicit(reading.explicit_sign(), out);
        }
    }

    /// The class to name for the probabilities of a text.
    pub(crate) fn named(&self, probabilities: &[f32]) -> usize {
        self.combiner.named(probabilities)
    }

    /// Moves the probabilities toward the class that the rules read in a text that is one explicit construction.
    fn trust_explicit(&self, sign: f32, out: &mut [f32]) {
        if sign == 0.0 {
            return;
        }
        let class = if sign > 0.0 { Polarity::Positive } else { Polarity::Negative };
        let Some(class) = self.classes.iter().position(|name| name == class.as_str()) else {
            return;
        };
        for probability in out.iter_mut() {
            *probability *= 1.0 - EXPLICIT_TRUST;
        }
        out[class] += EXPLICIT_TRUST;
    }
}

/// What is fitted on the same rows.
struct Parts {
    vocabulary: Vocabulary,
    machines: Vec<LinearWeights>,
    network: Option<Network>,
}

impl Parts {
    /// Margins of the rows `rows`: `rows × machines × classes`, the network being the last machine.
    fn margins(&self, features: &FeatureBatch, rows: &[u32], classes: usize) -> Vec<f32> {
        let records = SparseRecords::new(features, rows, &self.vocabulary);
        let width = (self.machines.len() + usize::from(self.network.is_some())) * classes;
        let mut margins = vec![0.0; rows.len() * width];
        for (machine, linear) in self.machines.iter().enumerate() {
            let found = linear.predict(&records);
            for (found, margins) in
                found.chunks_exact(linear.outputs).zip(margins.chunks_exact_mut(width))
            {
                spread(found, &mut margins[machine * classes..][..classes]);
            }
        }
        if let Some(network) = &self.network {
            for (row, margins) in rows.iter().zip(margins.chunks_exact_mut(width)) {
                let margins = &mut margins[width - classes..];
                network.add_margins(features.views(), *row as usize, margins);
                // What all classes share says nothing, and makes the combiner's steps short.
                let mean = margins.iter().sum::<f32>() / classes as f32;
                margins.iter_mut().for_each(|margin| *margin -= mean);
            }
        }
        margins
    }
}

/// Texts that a fold's machines did not see, and what they say of them.
struct Unseen {
    rows: Vec<u32>,
    /// `rows × machines × classes`.
    margins: Vec<f32>,
}

impl Unseen {
    fn examples<'a>(
        &'a self,
        features: &'a FeatureBatch,
        targets: &'a [u32],
    ) -> impl Iterator<Item = Example<'a>> + 'a {
        let width = self.margins.len() / self.rows.len().max(1);
        self.rows.iter().zip(self.margins.chunks_exact(width.max(1))).map(|(row, margins)| {
            Example {
                margins,
                reading: features.reading(*row as usize).features(),
                class: targets[*row as usize],
            }
        })
    }
}

/// Limit on the features of a model.
fn features_max(task: Task, classes: usize) -> usize {
    let room = (BYTES_MAX - NETWORK_BYTES_MAX) / (4 * (2 + classes));
    if task == Task::Topics { TOPIC_FEATURES_MAX.min(room) } else { room }
}

/// Whether these classes are directions, so that a model of them can judge for [`crate::Enricher`].
pub(crate) fn is_polarities(classes: &[String]) -> bool {
    classes.iter().all(|class| class.parse::<Polarity>().is_ok())
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
    fn margins(&self, keys: impl Iterator<Item = (u32, f32)>, margins: &mut [f32]) {
        let (width, mask) = (self.outputs + 1, self.slots.len() - 1);
        let mut square = 0.0f32;
        let sums = &mut margins[..self.outputs];
        sums.fill(0.0);
        for (key, count_weight) in keys {
            let mut slot = key as usize & mask;
            // Ends: at least half of the slots are free.
            while self.slots[slot] != 0 {
                if (self.slots[slot] >> 32) as u32 == key {
                    let row = &self.rows[(self.slots[slot] as u32 as usize - 1) * width..][..width];
                    square += count_weight * count_weight * row[0];
                    for (sum, weight) in sums.iter_mut().zip(&row[1..]) {
                        *sum += count_weight * weight;
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
