//! Whether a new model is better than the one in use, on texts that neither has seen.

use serde::Serialize;

use crate::Error;
use crate::evaluate::{Evaluation, Judged, judge};
use crate::model::Model;
use crate::training::LabelledBatch;

/// A new model is taken only when luck alone would win so clearly in at most one comparison of twenty.
pub(crate) const CHANCE_MAX: f64 = 0.05;

/// Two models on the same texts.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The model in use.
    pub present: Evaluation,
    /// The model that would take its place.
    pub candidate: Evaluation,
    /// Texts that only the candidate judges right.
    pub won: u64,
    /// Texts that only the present model judges right.
    pub lost: u64,
    /// Probability of winning so many of them or more if both were equally good: the one-sided sign test (McNemar's, exact).
    pub chance: f64,
}

/// Judges `labelled` by both models.
///
/// # Errors
/// As [`crate::evaluate()`].
pub fn compare(
    present: &Model,
    candidate: &Model,
    labelled: &LabelledBatch,
) -> Result<Comparison, Error> {
    Ok(Comparison::of(&judge(present, labelled)?, &judge(candidate, labelled)?))
}

impl Comparison {
    pub(crate) fn of(present: &Judged, candidate: &Judged) -> Self {
        let (mut won, mut lost) = (0, 0);
        for (present, candidate) in present.is_right().zip(candidate.is_right()) {
            won += u64::from(candidate && !present);
            lost += u64::from(present && !candidate);
        }
        let (present, candidate) = (present.count(), candidate.count());
        Self { present, candidate, won, lost, chance: sign_test(won, lost) }
    }

    /// Whether the candidate should be taken: better in the mean over classes, and more often right than luck explains.
    pub fn is_better(&self) -> bool {
        self.candidate.macro_f1 > self.present.macro_f1 && self.chance <= CHANCE_MAX
    }
}

/// Probability of at least `won` heads in `won + lost` throws of a fair coin.
pub(crate) fn sign_test(won: u64, lost: u64) -> f64 {
    let throws = won + lost;
    // Terms from all heads downwards: C(n, k) / 2^n, each from the one before, as logarithms since 2^n leaves the range of numbers.
    let mut term = -(throws as f64) * std::f64::consts::LN_2;
    let mut sum = term.exp();
    for heads in (won..throws).rev() {
        term += ((heads + 1) as f64).ln() - ((throws - heads) as f64).ln();
        sum += term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(won: u64, lost: u64, expected: f64) {
        let found = sign_test(won, lost);
        assert!((found - expected).abs() < 1e-6, "{won} to {lost}: {found}");
    }

    #[test]
    fn the_sign_test_counts_throws() {
        check(0, 0, 1.0);
        check(5, 0, 1.0 / 32.0);
        check(4, 1, 6.0 / 32.0);
        check(0, 5, 1.0);
        check(500, 500, 0.512_612);
        assert!(sign_test(30_000, 20_000) < 1e-9);
    }
}
