//! The linear core: weights by feature and class, under linfa's traits (`Params → check → Fit → Predict`) on sparse records.
//!
//! Two machines learn from the same rows: one reads tf-idf values, the other the same values with every column multiplied by how far its
//! log-count ratio is from 0 (NB-SVM: Wang and Manning 2012; one factor for all classes). They err on different texts. The factors are folded
//! into the weights, so both are applied to the same row, and [`LinearWeights::mixed`] makes one of them: the second machine costs nothing to apply.

use linfa::ParamGuard;
use linfa::dataset::{DatasetBase, Records};
use linfa::traits::{Fit, Predict};

use crate::Error;
use crate::records::SparseRecords;
use crate::solver::Problem;

/// Checked parameters. One set serves every data set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinearValidParams {
    /// Price of a margin violation, tf-idf machine.
    pub(crate) cost: f32,
    /// The same, log-count machine.
    pub(crate) cost_ratio: f32,
    /// How far rows of a rare class cost more: 0 not at all, 1 so much that all classes weigh the same.
    pub(crate) balance: f32,
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

/// The tf-idf machine and the log-count machine.
pub(crate) type Machines = [LinearWeights; 2];

impl LinearParams {
    /// The one configuration, chosen by cross-validation inside the training parts of eight public sets (see `examples/measure.rs`).
    pub(crate) fn new(classes: usize) -> Self {
        Self(LinearValidParams {
            cost: 0.4,
            cost_ratio: 0.3,
            balance: 0.5,
            passes_max: 12,
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
        if !(0.0..=1.0).contains(&params.balance) {
            return refused("balance", params.balance.into(), "0 to 1");
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
    type Object = Machines;

    fn fit(&self, dataset: &DatasetBase<SparseRecords, Vec<u32>>) -> Result<Machines, Error> {
        let DatasetBase { records, targets, .. } = dataset;
        let outputs = if self.classes == 2 { 1 } else { self.classes };
        let fit = |records: &SparseRecords, cost: f32| {
            let costs = self.costs(targets, cost);
            Problem { records, targets, costs: &costs, passes_max: self.passes_max }.solve()
        };
        let (plain, ratio) = rayon::join(
            || fit(records, self.cost),
            || {
                let factors = ratio_factors(records, targets, outputs);
                let mut weights = fit(&records.scaled(&factors), self.cost_ratio);
                for (weights, factor) in weights.chunks_exact_mut(outputs).zip(&factors) {
                    for weight in weights {
                        *weight *= factor;
                    }
                }
                weights
            },
        );
        Ok([plain, ratio].map(|weights| LinearWeights { outputs, weights }))
    }
}

impl LinearValidParams {
    /// Price of a row outside and inside the class of each output.
    fn costs(&self, targets: &[u32], cost: f32) -> Vec<[f32; 2]> {
        let mut counts = vec![0.0f32; self.classes];
        for target in targets {
            counts[*target as usize] += 1.0;
        }
        let even_share = targets.len() as f32 / self.classes as f32;
        let price = |count: &f32| cost * (even_share / count.max(1.0)).powf(self.balance);
        let prices: Vec<f32> = counts.iter().map(price).collect();
        match prices.as_slice() {
            [first, second] => vec![[*first, *second]],
            _ => prices.iter().map(|price| [cost, *price]).collect(),
        }
    }
}

impl LinearWeights {
    /// One machine whose margins are the sum of both machines' margins, each times its scale.
    pub(crate) fn mixed([plain, ratio]: Machines, scales: [f32; 2]) -> Self {
        let weights = plain
            .weights
            .iter()
            .zip(&ratio.weights)
            .map(|(plain, ratio)| scales[0] * plain + scales[1] * ratio)
            .collect();
        Self { outputs: plain.outputs, weights }
    }
}

/// What the log-count machine multiplies each column by, 1 for the bias.
///
/// For a class, `ln((1 + texts of the class with the feature) / (1 + other texts with it))`, both as shares of their class; over the classes the
/// root of the mean square. Scaled so that rows keep their mean length.
fn ratio_factors(records: &SparseRecords, targets: &[u32], outputs: usize) -> Vec<f32> {
    /// A feature that tells nothing keeps this much: its column must not vanish.
    const LEAST: f32 = 0.01;
    let column_count = records.nfeatures();
    let mut inside = vec![1.0f32; column_count * outputs];
    let mut all = vec![2.0f32; column_count];
    for (row, target) in targets.iter().enumerate() {
        let output = if outputs == 1 { 0 } else { *target as usize };
        let counted = if outputs == 1 { *target as f32 } else { 1.0 };
        for column in records.row(row).0 {
            inside[*column as usize * outputs + output] += counted;
            all[*column as usize] += 1.0;
        }
    }
    let total: f64 = all.iter().map(|count| f64::from(*count)).sum();
    let priors: Vec<f32> = (0..outputs)
        .map(|output| {
            let inside: f64 =
                inside.iter().skip(output).step_by(outputs).map(|count| f64::from(*count)).sum();
            (inside / (total - inside)).ln() as f32
        })
        .collect();
    let mut factors: Vec<f32> = inside
        .chunks_exact(outputs)
        .zip(&all)
        .map(|(inside, all)| {
            let square =
                |(inside, prior): (&f32, &f32)| ((inside / (all - inside)).ln() - prior).powi(2);
            let sum: f32 = inside.iter().zip(&priors).map(square).sum();
            (sum / outputs as f32).sqrt() + LEAST
        })
        .collect();
    let square = records.mean_square(&factors);
    if square > 0.0 {
        let scale = square.sqrt().recip();
        for factor in &mut factors {
            *factor *= scale;
        }
    }
    if let Some(bias) = factors.last_mut() {
        *bias = 1.0;
    }
    factors
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
