//! How alike the voices of one day are, learned from the past only.
//!
//! Voices of a day answer each other and the same event, so a day of 400 voices is not 400 independent ones. Taking them for independent is why
//! dashboards raise more false alarms the more people write. The correlation rho adds a floor to the variance of a day: 1/n + rho.

use std::collections::VecDeque;

use crate::baseline::Surprise;

/// Before anything is known: measured correlations of comment streams lie between 0 and 0.03.
const PRIOR_CORRELATION: f64 = 0.012;
/// What the prior weighs, in days as informative as a day can be.
const PRIOR_DAYS: f64 = 20.0;
/// A burst is often copied text or a crowd from elsewhere; near-duplicates in bursts reach 0.05.
const BURST_CORRELATION: f64 = 0.05;
/// A day counts as a burst from this multiple of the usual volume on.
const BURST_RATIO: f64 = 2.0;
const CORRELATION_MAX: f64 = 0.08;
/// Days that wait before they teach, so that a shift in progress does not hide itself by looking like correlation.
const LAG_DAYS: usize = 14;
/// Share of the way that the usual volume follows a day.
const VOLUME_RATE: f64 = 0.06;
/// What the estimate keeps by day: about 200 days of memory.
const MEMORY: f64 = 0.995;

/// Correlation inside a day, and the usual volume that tells a burst.
#[derive(Debug, Clone)]
pub(crate) struct Dispersion {
    waiting: VecDeque<Sample>,
    weight: f64,
    excess: f64,
    log_volume: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    excess: f64,
    weight: f64,
}

impl Dispersion {
    pub(crate) fn new() -> Self {
        Self {
            waiting: VecDeque::with_capacity(LAG_DAYS + 1),
            weight: 0.0,
            excess: 0.0,
            log_volume: None,
        }
    }

    /// Correlation to expect of a day with so many voices.
    pub(crate) fn correlation(&self, voices: f64) -> f64 {
        let usual = self.estimate();
        if self.is_burst(voices) { usual.max(BURST_CORRELATION) } else { usual }
    }

    /// Whether a day has far more voices than usual.
    pub(crate) fn is_burst(&self, voices: f64) -> bool {
        self.log_volume.is_some_and(|usual| voices.ln_1p() - usual > BURST_RATIO.ln())
    }

    fn estimate(&self) -> f64 {
        // An informative day has weight 1 / (0.01)²; the prior is as many of them.
        let prior_weight = PRIOR_DAYS * weight(0.02);
        ((self.excess + prior_weight * PRIOR_CORRELATION) / (self.weight + prior_weight))
            .clamp(0.0, CORRELATION_MAX)
    }

    /// Learns from a day, [`LAG_DAYS`] later.
    pub(crate) fn learn(&mut self, surprise: &Surprise, voices: f64) {
        if !self.is_burst(voices) {
            // Robust: one absurd day must not blind the detector for months.
            let spread = surprise.spread().min(6.0 * surprise.variance);
            let correlation = surprise.day_variance - 1.0 / voices;
            let weight = weight(surprise.variance);
            self.waiting.push_back(Sample {
                excess: weight * (spread - surprise.variance + correlation),
                weight,
            });
            if self.waiting.len() > LAG_DAYS
                && let Some(sample) = self.waiting.pop_front()
            {
                self.excess = self.excess * MEMORY + sample.excess;
                self.weight = self.weight * MEMORY + sample.weight;
            }
        }
        let log_volume = voices.ln_1p();
        self.log_volume = Some(match self.log_volume {
            None => log_volume,
            Some(usual) => usual + VOLUME_RATE * (log_volume - usual).clamp(-1.0, 1.0),
        });
    }

    /// Forgets the days that wait: after an alarm they were part of the shift.
    pub(crate) fn forget_waiting(&mut self) {
        self.waiting.clear();
    }
}

/// A sample of a variance v has variance v² (two degrees of freedom, halved).
fn weight(variance: f64) -> f64 {
    1.0 / (variance * variance)
}
