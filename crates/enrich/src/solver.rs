//! Linear support vector machine with squared hinge loss on sparse rows, by dual coordinate descent.
//!
//! Algorithm 1 of Hsieh, Chang, Lin, Keerthi and Sundararajan 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM"
//! (what LIBLINEAR's solver 1 does, without shrinking). Deterministic: the order of each pass comes from a fixed generator.

use linfa::dataset::Records;

use crate::records::SparseRecords;

/// A margin that moves less changes no decision worth the time.
const TOLERANCE: f32 = 0.02;

/// Finds the weights `w` that minimize `½|w|² + cost × Σ max(0, 1 - y w·x)²` over the rows; `y` is ±1, `true` is +1.
///
/// Stops after `passes_max` passes, or when a pass moves no margin by more than [`TOLERANCE`].
pub(crate) fn fit(
    records: &SparseRecords,
    positive: &[bool],
    cost: f32,
    passes_max: usize,
) -> Vec<f32> {
    let row_count = records.nsamples();
    let mut weights = vec![0.0f32; records.nfeatures()];
    let mut alphas = vec![0.0f32; row_count];
    let diagonal = 0.5 / cost;
    let squares: Vec<f32> = (0..row_count)
        .map(|row| records.row(row).1.iter().map(|value| value * value).sum::<f32>() + diagonal)
        .collect();
    let mut order: Vec<u32> = (0..row_count as u32).collect();
    let mut generator = Generator(0x2545_f491_4f6c_dd1d);
    for _ in 0..passes_max {
        shuffle(&mut order, &mut generator);
        let mut step_max = 0.0f32;
        for &row in &order {
            let row = row as usize;
            let (columns, values) = records.row(row);
            let sign = if positive[row] { 1.0 } else { -1.0 };
            let dot: f32 = columns
                .iter()
                .zip(values)
                .map(|(column, value)| weights[*column as usize] * value)
                .sum();
            let gradient = sign * dot - 1.0 + diagonal * alphas[row];
            let alpha = (alphas[row] - gradient / squares[row]).max(0.0);
            let step = alpha - alphas[row];
            if step != 0.0 {
                step_max = step_max.max(step.abs() * squares[row]);
                alphas[row] = alpha;
                for (column, value) in columns.iter().zip(values) {
                    weights[*column as usize] += step * sign * value;
                }
            }
        }
        if step_max < TOLERANCE {
            break;
        }
    }
    weights
}

/// xorshift64*: enough to shuffle, and the same everywhere.
struct Generator(u64);

impl Generator {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((u128::from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)) * bound as u128) >> 64) as usize
    }
}

fn shuffle(order: &mut [u32], generator: &mut Generator) {
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

    #[test]
    fn separable_rows_are_separated_with_a_margin() {
        let texts = ["甲乙", "甲丙", "丁乙", "丁丙"];
        let batch = fixture::batch(&texts);
        let mut features = FeatureBatch::default();
        let lexicon = Lexicon::new(LexiconFiles::BUILTIN).unwrap();
        features.build(&lexicon, &batch.tokens, |row| texts[row], &mut FeatureScratch::default());
        let rows = [0, 1, 2, 3];
        let records = SparseRecords::new(&features, &rows, &Vocabulary::of(&features, &rows));
        let weights = fit(&records, &[true, true, false, false], 10.0, 200);
        for (row, sign) in [1.0, 1.0, -1.0, -1.0].into_iter().enumerate() {
            let (columns, values) = records.row(row);
            let margin: f32 = columns
                .iter()
                .zip(values)
                .map(|(column, value)| weights[*column as usize] * value)
                .sum();
            assert!(margin * sign > 0.9, "row {row}: {margin}");
        }
    }
}
