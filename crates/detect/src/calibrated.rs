//! The calibrated detector: an alarm when the evidence for a step, summed over sides and onsets, reaches a threshold found by simulation.

use corpus::Direction;

use crate::watch::Watch;

/// Log of the evidence at which an alarm is raised at [`RATE`]. Calibrated on simulated series with other parameters than any benchmark (`tests/it/promise.rs` keeps a short form):
/// volumes of 3 to 500 voices, correlation up to 0.025, bursts, copies, outages, weekday patterns and wander.
const THRESHOLD: f64 = 6.35;
const RATE: f64 = 0.45;
/// How much the threshold rises when the rate is to fall by a factor of e.
const THRESHOLD_SLOPE: f64 = 1.0;
/// Observed days before the first alarm: a baseline takes three weeks.
const WARM_UP_DAYS: u32 = 21;

/// The detector.
#[derive(Debug, Clone)]
pub(crate) struct Calibrated {
    watch: Watch,
    threshold: f64,
}

impl Calibrated {
    /// A detector with about `false_alarms_per_year` false alarms a year.
    pub(crate) fn new(false_alarms_per_year: f64) -> Self {
        let mut detector = Self { watch: Watch::new(), threshold: f64::INFINITY };
        detector.set_rate(false_alarms_per_year);
        detector
    }

    /// Changes the rate of false alarms. At zero there are none.
    pub(crate) fn set_rate(&mut self, false_alarms_per_year: f64) {
        self.threshold = THRESHOLD + THRESHOLD_SLOPE * (RATE / false_alarms_per_year).ln();
    }

    /// Takes the next day. `counts` are positive, negative and neutral voices; no voice is no evidence.
    pub(crate) fn observe(&mut self, weekday: usize, counts: [f64; 3]) -> Option<Direction> {
        self.watch.pass_day();
        if counts.iter().sum::<f64>() == 0.0 {
            return None;
        }
        self.watch.learn(weekday, counts);
        if self.watch.observed_days() < WARM_UP_DAYS || !self.watch.may_reach(self.threshold) {
            return None;
        }
        let (direction, evidence) = self.watch.evidence();
        if evidence < self.threshold {
            return None;
        }
        self.watch.accept_step(direction);
        Some(direction)
    }

    /// Correlation to expect inside a day with so many voices.
    pub(crate) fn correlation(&self, voices: f64) -> f64 {
        self.watch.correlation(voices)
    }
}
