//! The linear core: weights by feature and class, under linfa's traits (`Params → check → Fit → Predict`) on sparse records.
//!
//! Machines that err on different texts learn from the same rows. One reads tf-idf values. Two read them with every column multiplied by how far its
//! log-count ratio is from 0 (NB-SVM: Wang and Manning 2012; one factor for all classes), one of them at a low cost, where it is little more than
//! naive Bayes: the combiner adds some of that or takes some away (cross-validated macro-F1 of posts with noisy labels 75.6 and 75.9, of ChnSentiCorp
//! 90.4 and 91.1). Where there are more than two classes a fourth has factors for each class, which a small set with many classes needs most
//! (hotline7, 356 texts: 81.1 and 82.1). Factors are folded into the weights, so all are applied to the same row, and [`LinearWeights::mixed`] makes
//! one machine of them: more machines cost nothing to apply.

use linfa::ParamGuard;
use linfa::dataset::{DatasetBase, Records};
use linfa::traits::{Fit, Predict};
use rayon::prelude::*;

use crate::Error;
use crate::records::SparseRecords;
use crate::solver::Problem;

/// Checked parameters. One set serves every data set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinearValidParams {
    /// Price of a margin violation, tf-idf machine.
    pub(crate) cost: f32,
    /// The same, log-count machines.
    pub(crate) cost_ratio: f32,
    /// The same, log-count machine that is little more than naive Bayes.
    pub(crate) cost_bayes: f32,
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

impl LinearParams {
    /// The one configuration, chosen by cross-validation inside the training parts of eight public sets (see `examples/measure.rs`).
    pub(crate) fn new(classes: usize) -> Self {
        Self(LinearValidParams {
            cost: 0.4,
            cost_ratio: 0.3,
            cost_bayes: 0.04,
            balance: 0.5,
            // Of several classes: cross-validated macro-F1 of four sets is the same with 5 passes as with 12, to 0.1.
            passes_max: if classes > 2 { 8 } else { 12 },
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
        if !(params.cost_bayes > 0.0 && params.cost_bayes.is_finite()) {
            return refused("cost_bayes", params.cost_bayes.into(), "above 0");
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
    type Object = Vec<LinearWeights>;

    fn fit(
        &self,
        dataset: &DatasetBase<SparseRecords, Vec<u32>>,
    ) -> Result<Vec<LinearWeights>, Error> {
        let DatasetBase { records, targets, .. } = dataset;
        let outputs = if self.classes == 2 { 1 } else { self.classes };
        let ratios = Ratios::new(records, targets, outputs);
        let costs = self.costs(targets, self.cost_ratio);
        let plain = || self.solve(records, targets, &self.costs(targets, self.cost));
        let shared = || {
            let factors = ratios.shared(records);
            let bayes_costs = self.costs(targets, self.cost_bayes);
            rayon::join(
                || self.solve_scaled(records, targets, &costs, &factors),
                || self.solve_scaled(records, targets, &bayes_costs, &factors),
            )
        };
        let each_class =
            || (outputs > 1).then(|| self.each_class(records, targets, &costs, &ratios));
        let (plain, ((ratio, bayes), each_class)) =
            rayon::join(plain, || rayon::join(shared, each_class));
        let machines = [Some(plain), Some(ratio), Some(bayes), each_class].into_iter().flatten();
        Ok(machines.map(|weights| LinearWeights { outputs, weights }).collect())
    }
}

impl LinearValidParams {
    fn solve(&self, records: &SparseRecords, targets: &[u32], costs: &[[f32; 2]]) -> Vec<f32> {
        Problem { records, targets, costs, passes_max: self.passes_max }.solve()
    }

    /// As [`Self::solve`] on columns multiplied by `factors`, which are folded into the weights.
    fn solve_scaled(
        &self,
        records: &SparseRecords,
        targets: &[u32],
        costs: &[[f32; 2]],
        factors: &[f32],
    ) -> Vec<f32> {
        let mut weights = self.solve(&records.scaled(factors), targets, costs);
        for (weights, factor) in weights.chunks_exact_mut(costs.len()).zip(factors) {
            for weight in weights {
                *weight *= factor;
            }
        }
        weights
    }

    /// One machine a class, each with its own factors.
    fn each_class(
        &self,
        records: &SparseRecords,
        targets: &[u32],
        costs: &[[f32; 2]],
        ratios: &Ratios,
    ) -> Vec<f32> {
        let machines: Vec<Vec<f32>> = costs
            .par_iter()
            .enumerate()
            .map(|(class, cost)| {
                let is_inside: Vec<u32> =
                    targets.iter().map(|target| u32::from(*target as usize == class)).collect();
                self.solve_scaled(records, &is_inside, &[*cost], &ratios.of_class(records, class))
            })
            .collect();
        (0..records.nfeatures())
            .flat_map(|column| machines.iter().map(move |weights| weights[column]))
            .collect()
    }

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
    /// One machine whose margins are the sum of all machines' margins, each times its scale.
    pub(crate) fn mixed(machines: &[Self], scales: &[f32]) -> Self {
        let mut mixed =
            Self { outputs: machines[0].outputs, weights: vec![0.0; machines[0].weights.len()] };
        for (machine, scale) in machines.iter().zip(scales) {
            for (sum, weight) in mixed.weights.iter_mut().zip(&machine.weights) {
                *sum += scale * weight;
            }
        }
        mixed
    }
}

/// Log-count ratios, `columns × outputs`: `ln((1 + texts of the class with the feature) / (1 + other texts with it))`, both as shares of their class.
struct Ratios {
    outputs: usize,
    logs: Vec<f32>,
}

impl Ratios {
    fn new(records: &SparseRecords, targets: &[u32], outputs: usize) -> Self {
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
                let inside: f64 = inside
                    .iter()
                    .skip(output)
                    .step_by(outputs)
                    .map(|count| f64::from(*count))
                    .sum();
                (inside / (total - inside)).ln() as f32
            })
            .collect();
        for (inside, all) in inside.chunks_exact_mut(outputs).zip(&all) {
            for (inside, prior) in inside.iter_mut().zip(&priors) {
                *inside = (*inside / (all - *inside)).ln() - prior;
            }
        }
        Self { outputs, logs: inside }
    }

    /// What a machine for all classes multiplies each column by: the root of the mean square over the classes.
    fn shared(&self, records: &SparseRecords) -> Vec<f32> {
        let rms = |logs: &[f32]| {
            (logs.iter().map(|log| log.powi(2)).sum::<f32>() / logs.len() as f32).sqrt()
        };
        scaled_to_length(self.logs.chunks_exact(self.outputs).map(rms).collect(), records)
    }

    /// What the machine of one class multiplies each column by.
    fn of_class(&self, records: &SparseRecords, class: usize) -> Vec<f32> {
        let logs = self.logs.iter().skip(class).step_by(self.outputs);
        scaled_to_length(logs.map(|log| log.abs()).collect(), records)
    }
}

/// Scales factors so that rows keep their mean length; 1 for the bias.
fn scaled_to_length(mut factors: Vec<f32>, records: &SparseRecords) -> Vec<f32> {
    /// A feature that tells nothing keeps this much: its column must not vanish.
    const LEAST: f32 = 0.01;
    for factor in &mut factors {
        *factor += LEAST;
    }
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
