//! Training texts as a sparse matrix under linfa's `Records`: linfa's own estimators take dense arrays only.

use std::cmp::Reverse;

use linfa::dataset::Records;
use rustc_hash::FxHashMap;

use crate::features::FeatureBatch;

/// A feature must occur in this many training texts: one that occurs in a single text tells nothing about others.
const DOCUMENT_FREQUENCY_MIN: u32 = 2;

/// The features that a model knows: keys, in order, and how rare each is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vocabulary {
    /// Sorted.
    pub(crate) keys: Vec<u32>,
    /// `ln(texts / texts with the feature) + 1`.
    pub(crate) idf: Vec<f32>,
}

/// Rows of `(1 + ln count) × idf` values divided by their length, and a column of ones for the bias: `texts × (features + 1)`.
#[derive(Debug, Clone)]
pub(crate) struct SparseRecords {
    columns: Vec<u32>,
    values: Vec<f32>,
    row_ends: Vec<usize>,
    column_count: usize,
}

impl Vocabulary {
    /// The features of the rows `rows` of a batch, at most `features_max` and then the most frequent ones.
    pub(crate) fn of(features: &FeatureBatch, rows: &[u32], features_max: usize) -> Self {
        let mut frequencies: FxHashMap<u32, u32> = FxHashMap::default();
        for &row in rows {
            for key in features.keys(row as usize) {
                *frequencies.entry(*key).or_default() += 1;
            }
        }
        let mut kept: Vec<(u32, u32)> = frequencies
            .into_iter()
            .filter(|(_, frequency)| *frequency >= DOCUMENT_FREQUENCY_MIN)
            .collect();
        if kept.len() > features_max {
            kept.sort_unstable_by_key(|(key, frequency)| (Reverse(*frequency), *key));
            kept.truncate(features_max);
        }
        kept.sort_unstable();
        let texts = rows.len() as f32;
        Self {
            keys: kept.iter().map(|(key, _)| *key).collect(),
            idf: kept.iter().map(|(_, frequency)| (texts / *frequency as f32).ln() + 1.0).collect(),
        }
    }
}

impl SparseRecords {
    /// The rows `rows` of a batch in the columns of `vocabulary`.
    pub(crate) fn new(features: &FeatureBatch, rows: &[u32], vocabulary: &Vocabulary) -> Self {
        let column_of: FxHashMap<u32, u32> = vocabulary.keys.iter().copied().zip(0..).collect();
        let bias = vocabulary.keys.len() as u32;
        let mut records = Self {
            columns: Vec::new(),
            values: Vec::new(),
            row_ends: Vec::with_capacity(rows.len()),
            column_count: bias as usize + 1,
        };
        for &row in rows {
            let start = records.columns.len();
            for (key, weight) in features.weighed_keys(row as usize) {
                if let Some(column) = column_of.get(&key) {
                    records.columns.push(*column);
                    records.values.push(weight * vocabulary.idf[*column as usize]);
                }
            }
            let square: f32 = records.values[start..].iter().map(|value| value * value).sum();
            let scale = if square > 0.0 { square.sqrt().recip() } else { 0.0 };
            for value in &mut records.values[start..] {
                *value *= scale;
            }
            records.columns.push(bias);
            records.values.push(1.0);
            records.row_ends.push(records.columns.len());
        }
        records
    }

    /// Columns and values of a row; the last is the bias.
    pub(crate) fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let start = if row == 0 { 0 } else { self.row_ends[row - 1] };
        let span = start..self.row_ends[row];
        (&self.columns[span.clone()], &self.values[span])
    }

    /// Multiplies each column by its factor.
    pub(crate) fn scaled(&self, factors: &[f32]) -> Self {
        let values = self
            .columns
            .iter()
            .zip(&self.values)
            .map(|(column, value)| value * factors[*column as usize])
            .collect();
        Self { values, ..self.clone() }
    }
}

impl SparseRecords {
    /// Mean over the rows of the squared length that they have under [`Self::scaled`], the bias left out.
    pub(crate) fn mean_square(&self, factors: &[f32]) -> f32 {
        let bias = self.column_count - 1;
        let squares = self
            .columns
            .iter()
            .zip(&self.values)
            .filter(|(column, _)| **column as usize != bias)
            .map(|(column, value)| f64::from(value * factors[*column as usize]).powi(2));
        (squares.sum::<f64>() / self.row_ends.len().max(1) as f64) as f32
    }
}

impl Records for SparseRecords {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.row_ends.len()
    }

    fn nfeatures(&self) -> usize {
        self.column_count
    }
}
