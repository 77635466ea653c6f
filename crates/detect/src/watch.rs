//! All that is known of a series from its past: its baseline, how alike the voices of a day are, and the steps that may be under way.

use corpus::Direction;

use crate::baseline::{Baseline, Shares};
use crate::dispersion::Dispersion;
use crate::steps::Steps;

/// The past of one series.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    baseline: Baseline,
    dispersion: Dispersion,
    steps: Steps,
    observed_days: u32,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            baseline: Baseline::new(),
            dispersion: Dispersion::new(),
            steps: Steps::new(),
            observed_days: 0,
        }
    }

    /// A day passes, with or without data. Comes before everything else of the day.
    pub(crate) fn pass_day(&mut self) {
        self.baseline.pass_day();
    }

    /// Shares to expect today, steps under way included.
    pub(crate) fn forecast(&self, weekday: usize, hazard: f64) -> Shares {
        let mut shares = self.baseline.predicted(weekday);
        for (share, moved) in shares.iter_mut().zip(self.steps.expected(weekday, hazard)) {
            *share += moved;
        }
        shares
    }

    /// Correlation to expect inside a day with so many voices.
    pub(crate) fn correlation(&self, voices: f64) -> f64 {
        self.dispersion.correlation(voices)
    }

    /// Learns from today's voices, of which there is at least one.
    pub(crate) fn learn(&mut self, weekday: usize, counts: [f64; 3]) {
        let surprise = self.baseline.compare(weekday, counts, &self.dispersion);
        self.steps.weigh(&surprise);
        self.dispersion.learn(&surprise, counts.iter().sum());
        self.baseline.learn(&surprise);
        self.observed_days += 1;
    }

    /// Days with voices so far.
    pub(crate) fn observed_days(&self) -> u32 {
        self.observed_days
    }

    /// Whether the evidence for a step can be as much as this. No costs little, yes says nothing.
    pub(crate) fn may_reach(&self, log_evidence: f64) -> bool {
        self.steps.may_reach(log_evidence)
    }

    /// The side with more evidence for a step, and the log of it.
    pub(crate) fn evidence(&self) -> (Direction, f64) {
        self.steps.evidence()
    }

    /// Takes the most likely step as real and goes on from the new level.
    pub(crate) fn accept_step(&mut self, direction: Direction) {
        if let Some(step) = self.steps.likely(direction) {
            self.baseline.accept_step(step.moved, &step.followed, step.variance);
        }
        self.steps.clear();
        self.dispersion.forget_waiting();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn evidence_is_never_above_what_it_may_reach(
            days in prop::collection::vec((0u32..300, 0u32..300, 1u32..300), 1..80), log_evidence in 0.0f64..12.0,
        ) {
            let mut watch = Watch::new();
            for (day, (positive, negative, neutral)) in days.into_iter().enumerate() {
                watch.pass_day();
                watch.learn(day % 7, [positive, negative, neutral].map(f64::from));
                let (_, evidence) = watch.evidence();
                prop_assert!(evidence < log_evidence || watch.may_reach(log_evidence), "day {day}: {evidence}");
            }
        }
    }
}
