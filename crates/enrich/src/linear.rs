//! The linear core: one weight a feature and class, under linfa's traits (`Params → check → Fit → Predict`) on sparse records.
//!
//! Each class is told from the others by two machines whose weights are added: one on tf-idf rows, and one on the same rows with every
//! column multiplied by its log-count ratio (NB-SVM: Wang and Manning 2012). They err on different texts, and the sum costs nothing to apply.

use linfa::ParamGuard;
use linfa::dataset::{DatasetBase, Records};
use linfa::traits::{Fit, Predict};
use rayon::prelude::*;

use crate::records::SparseRecords;
use crate::{Error, solver};

/// Checked parameters. One set serves every data set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinearValidParams {
    /// Price of a margin violation, tf-idf machine.
    pub(crate) cost: f32,
    /// The same, log-count machine.
    pub(crate) cost_ratio: f32,
    /// Share of the log-count machine in the sum, 0 to 1.
    pub(crate) ratio_share: f32,
    /// Limit on passes over the rows.
    pub(crate) passes_max: usize,
    /// Classes to tell apart.
    pub(crate) classes: usize,
}

/// Unchecked [`LinearValidParams`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinearParams(pub(crate) LinearValidParams);

/// Weights as `columns × outputs`, the last column the bias. Two classes share one output, positive for the second class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinearWeights {
    pub(crate) outputs: usize,
    pub(crate) weights: Vec<f32>,
}

impl LinearParams {
    /// The one configuration, chosen on the dev parts of ten public sets (see `examples/measure.rs`).
    pub(crate) fn new(classes: usize) -> Self {
        Self(LinearValidParams {
            cost: 0.5,
            cost_ratio: 0.05,
            ratio_share: 0.5,
            passes_max: 30,
            classes,
        })
    }
}

impl ParamGuard for LinearParams {
    type Checked = LinearValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&LinearValidParams, Error> {
        let params = &self.0;
        let refused =
            |parameter, found, expected| Err(Error::Parameter { parameter, found, expected });
        if !(params.cost > 0.0 && params.cost.is_finite()) {
            return refused("cost", params.cost.into(), "above 0");
        }
        if !(params.cost_ratio > 0.0 && params.cost_ratio.is_finite()) {
            return refused("cost_ratio", params.cost_ratio.into(), "above 0");
        }
        if !(0.0..=1.0).contains(&params.ratio_share) {
            return refused("ratio_share", params.ratio_share.into(), "0 to 1");
        }
        if params.classes < 2 {
            return refused("classes", params.classes as f64, "2 or more");
        }
        Ok(params)
    }

    fn check(self) -> Result<LinearValidParams, Error> {
        self.check_ref().copied()
    }
}

/// Targets are the class of each row.
impl Fit<SparseRecords, Vec<u32>, Error> for LinearValidParams {
    type Object = LinearWeights;

    fn fit(&self, dataset: &DatasetBase<SparseRecords, Vec<u32>>) -> Result<LinearWeights, Error> {
        let records = &dataset.records;
        let outputs = if self.classes == 2 { 1 } else { self.classes };
        let columns: Vec<Vec<f32>> = (0..outputs)
            .into_par_iter()
            .map(|output| {
                let class = if outputs == 1 { 1 } else { output as u32 };
                let positive: Vec<bool> =
                    dataset.targets.iter().map(|target| *target == class).collect();
                self.fit_output(records, &positive)
            })
            .collect();
        let column_count = records.nfeatures();
        let mut weights = vec![0.0; column_count * outputs];
        for (output, column) in columns.iter().enumerate() {
            for (index, weight) in column.iter().enumerate() {
                weights[index * outputs + output] = *weight;
            }
        }
        Ok(LinearWeights { outputs, weights })
    }
}

impl LinearValidParams {
    fn fit_output(&self, records: &SparseRecords, positive: &[bool]) -> Vec<f32> {
        let plain = solver::fit(records, positive, self.cost, self.passes_max);
        let ratios = log_count_ratios(records, positive);
        let ratio =
            solver::fit(&records.scaled(&ratios), positive, self.cost_ratio, self.passes_max);
        plain
            .iter()
            .zip(ratio.iter().zip(&ratios))
            .map(|(plain, (weight, ratio))| {
                (1.0 - self.ratio_share) * plain + self.ratio_share * weight * ratio
            })
            .collect()
    }
}

/// `ln((1 + texts of the class with the feature) / (1 + other texts with it))`, both as shares of their class; 1 for the bias.
fn log_count_ratios(records: &SparseRecords, positive: &[bool]) -> Vec<f32> {
    let mut counts = vec![[1.0f32; 2]; records.nfeatures()];
    for (row, is_positive) in positive.iter().enumerate() {
        for column in records.row(row).0 {
            counts[*column as usize][usize::from(*is_positive)] += 1.0;
        }
    }
    let totals = counts.iter().fold([0.0f64; 2], |total, count| {
        [total[0] + f64::from(count[0]), total[1] + f64::from(count[1])]
    });
    let prior = (totals[1] / totals[0]).ln() as f32;
    let mut ratios: Vec<f32> =
        counts.iter().map(|[negative, positive]| (positive / negative).ln() - prior).collect();
    if let Some(bias) = ratios.last_mut() {
        *bias = 1.0;
    }
    ratios
}

/// Margins of every row, `rows × outputs`.
impl Predict<&SparseRecords, Vec<f32>> for LinearWeights {
    fn predict(&self, records: &SparseRecords) -> Vec<f32> {
        let mut margins = vec![0.0; records.nsamples() * self.outputs];
        for (row, margins) in margins.chunks_exact_mut(self.outputs).enumerate() {
            let (columns, values) = records.row(row);
            for (column, value) in columns.iter().zip(values) {
                let weights = &self.weights[*column as usize * self.outputs..][..self.outputs];
                for (margin, weight) in margins.iter_mut().zip(weights) {
                    *margin += weight * value;
                }
            }
        }
        margins
    }
}
