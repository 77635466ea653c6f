//! Linear support vector machines with squared hinge loss on sparse rows, one a class against the rest, by dual coordinate descent.
//!
//! Algorithm 1 of Hsieh, Chang, Lin, Keerthi and Sundararajan 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM"
//! (what LIBLINEAR's solver 1 does, without shrinking). All classes walk through the rows together: the weights of a feature lie side by side,
//! so that a row is fetched once for all of them. Deterministic: the order of each pass comes from a fixed generator.

use linfa::dataset::Records;

use crate::records::SparseRecords;

/// A margin that moves less changes no decision worth the time.
const TOLERANCE: f32 = 0.05;

/// What the machines learn.
pub(crate) struct Problem<'a> {
    pub(crate) records: &'a SparseRecords,
    /// The class of each row.
    pub(crate) targets: &'a [u32],
    /// Price of a margin violation by a row outside and inside the class of each machine. One machine tells class 1 from class 0;
    /// several tell each its own class from the others.
    pub(crate) costs: &'a [[f32; 2]],
    /// Limit on passes over the rows.
    pub(crate) passes_max: usize,
}

impl Problem<'_> {
    /// Finds for each machine the weights `w` that minimize `½|w|² + Σ cost × max(0, 1 - y w·x)²`; `y` is 1 inside its class and -1 outside.
    /// Gives `features × machines`.
    ///
    /// Stops after `passes_max` passes, or when a pass moves no margin by more than [`TOLERANCE`].
    pub(crate) fn solve(&self) -> Vec<f32> {
        let Self { records, targets, costs, .. } = *self;
        let (row_count, outputs) = (records.nsamples(), costs.len());
        let mut weights = vec![0.0f32; records.nfeatures() * outputs];
        let mut alphas = vec![0.0f32; row_count * outputs];
        let squares: Vec<f32> = (0..row_count)
            .map(|row| records.row(row).1.iter().map(|value| value * value).sum::<f32>())
            .collect();
        let (mut dots, mut steps) = (vec![0.0f32; outputs], vec![0.0f32; outputs]);
        let mut order: Vec<u32> = (0..row_count as u32).collect();
        let mut generator = Generator::new(0);
        for _ in 0..self.passes_max {
            shuffle(&mut order, &mut generator);
            let mut step_max = 0.0f32;
            for &row in &order {
                let row = row as usize;
                let (columns, values) = records.row(row);
                dots.fill(0.0);
                for (column, value) in columns.iter().zip(values) {
                    let weights = &weights[*column as usize * outputs..][..outputs];
                    for (dot, weight) in dots.iter_mut().zip(weights) {
                        *dot += weight * value;
                    }
                }
                let mut moves = false;
                let alphas = &mut alphas[row * outputs..][..outputs];
                for (output, (dot, alpha)) in dots.iter().zip(alphas).enumerate() {
                    let own = if outputs == 1 { 1 } else { output as u32 };
                    let is_inside = targets[row] == own;
                    let sign = if is_inside { 1.0 } else { -1.0 };
                    let diagonal = 0.5 / costs[output][usize::from(is_inside)];
                    let curvature = squares[row] + diagonal;
                    let gradient = sign * dot - 1.0 + diagonal * *alpha;
                    let next = (*alpha - gradient / curvature).max(0.0);
                    let step = next - *alpha;
                    *alpha = next;
                    steps[output] = step * sign;
                    step_max = step_max.max(step.abs() * curvature);
                    moves |= step != 0.0;
                }
                if moves {
                    for (column, value) in columns.iter().zip(values) {
                        let weights = &mut weights[*column as usize * outputs..][..outputs];
                        for (weight, step) in weights.iter_mut().zip(&steps) {
                            *weight += step * value;
                        }
                    }
                }
            }
            if step_max < TOLERANCE {
                break;
            }
        }
        weights
    }
}

/// xorshift64*: enough to shuffle, and the same everywhere.
pub(crate) struct Generator(u64);

impl Generator {
    /// Generators of different numbers give different sequences.
    pub(crate) fn new(number: u64) -> Self {
        Self(0x2545_f491_4f6c_dd1d ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// At least 0 and below 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }
}

pub(crate) fn shuffle(order: &mut [u32], generator: &mut Generator) {
    for last in (1..order.len()).rev() {
        order.swap(last, generator.below(last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{FeatureBatch, FeatureScratch};
    use crate::fixture;
    use crate::lexicon::{Lexicon, LexiconFiles};
    use crate::records::Vocabulary;

    fn check_separated(targets: &[u32; 4], costs: &[[f32; 2]]) {
        let texts = ["甲乙", "甲丙", "丁乙", "丁丙"];
        let batch = fixture::batch(&texts);
        let mut features = FeatureBatch::default();
        let lexicon = Lexicon::new(LexiconFiles::BUILTIN).unwrap();
        features.build(&lexicon, &batch.tokens, |row| texts[row], &mut FeatureScratch::default());
        let rows = [0, 1, 2, 3];
        let vocabulary = Vocabulary::of(&features, &rows, usize::MAX);
        let records = SparseRecords::new(&features, &rows, &vocabulary);
        let problem = Problem { records: &records, targets, costs, passes_max: 200 };
        let (weights, outputs) = (problem.solve(), costs.len());
        for (row, target) in targets.iter().enumerate() {
            let (columns, values) = records.row(row);
            for output in 0..outputs {
                let own = if outputs == 1 { 1 } else { output as u32 };
                let sign = if *target == own { 1.0 } else { -1.0 };
                let margin: f32 = columns
                    .iter()
                    .zip(values)
                    .map(|(column, value)| weights[*column as usize * outputs + output] * value)
                    .sum();
                assert!(margin * sign > 0.9, "row {row}, machine {output}: {margin}");
            }
        }
    }

    #[test]
    fn separable_rows_are_separated_with_a_margin() {
        check_separated(&[1, 1, 0, 0], &[[10.0; 2]]);
        check_separated(&[1, 1, 0, 0], &[[10.0; 2]; 2]);
    }
}
