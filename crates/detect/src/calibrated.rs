//! The calibrated detector: sums, over every day on which a shift may have begun, of the likelihood ratio of a step against no step.
//!
//! For a step on day τ, the innovations of the baseline filter have a known shape: the full step at first, less as the level follows it
//! (Willsky and Jones 1976). So each possible day of onset needs two sums, information A and score B, and the likelihood ratio averaged over
//! a half-normal size of the step has a closed form. The sum over onsets is the Shiryaev-Roberts statistic, which is close to the best average delay
//! at a given rate of false alarms. Thresholds are calibrated by simulation (`tests/it`), not proven: see `guaranteed` for a proof.

use corpus::Direction;

use crate::baseline::{Baseline, Noise, STATES, Shares, Surprise, inner};
use crate::dispersion::Dispersion;
use crate::normal;

/// Days of onset considered before the present one. Older steps have become part of the level.
const ONSETS: usize = 49;
/// A shift is told from at least so many days: one day may be one event.
const EVIDENCE_DAYS_MIN: u32 = 2;
/// Observed days before the first alarm.
const WARM_UP_DAYS: u32 = 21;
/// A day may be off by so many standard deviations; what is beyond counts as that.
const SURPRISE_MAX: f64 = 3.0;

/// How the share that one class gains is taken from the others, (positive, negative, neutral).
const WORSE: Shares = [-2.0 / 3.0, 1.0, -1.0 / 3.0];
const BETTER: Shares = [1.0, -2.0 / 3.0, -1.0 / 3.0];

/// What the detector is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tuning {
    pub(crate) noise: Noise,
    /// Log of the statistic at which an alarm is raised.
    pub(crate) threshold: f64,
    /// Lowers the threshold for thin series.
    pub(crate) thin: f64,
    /// Standard deviation of the share that moves.
    pub(crate) step: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { noise: Noise::default(), threshold: 6.3, thin: 0.0, step: 0.12 }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Calibrated {
    tuning: Tuning,
    baseline: Baseline,
    dispersion: Dispersion,
    onsets: Vec<Onset>,
    observed_days: u32,
    information: f64,
}

/// The hypothesis that a step began on one day.
#[derive(Debug, Clone)]
struct Onset {
    /// Part of the step that each state of the baseline has followed.
    followed: [f64; STATES],
    /// Information about the size of the step.
    information: [f64; 2],
    /// Score.
    score: [f64; 2],
    /// Observed days since.
    days: u32,
}

impl Calibrated {
    pub(crate) fn new(tuning: Tuning) -> Self {
        Self {
            tuning,
            baseline: Baseline::new(tuning.noise),
            dispersion: Dispersion::new(),
            onsets: Vec::new(),
            observed_days: 0,
            information: 0.0,
        }
    }

    /// Takes the next day. `counts` are positive, negative and neutral voices; no voice is no evidence.
    pub(crate) fn observe(&mut self, weekday: usize, counts: [f64; 3]) -> Option<Direction> {
        self.baseline.pass_day();
        let voices: f64 = counts.iter().sum();
        if voices == 0.0 {
            return None;
        }
        let surprise = self.baseline.compare(weekday, counts, &self.dispersion);
        self.weigh(&surprise);
        self.dispersion.learn(&surprise, voices);
        self.baseline.learn(&surprise);
        self.observed_days += 1;
        let info = 1.0 / surprise.day_variance;
        self.information = if self.observed_days == 1 {
            info
        } else {
            self.information + 0.05 * (info - self.information)
        };
        if self.observed_days < WARM_UP_DAYS { None } else { self.decide() }
    }

    /// Correlation to expect inside a day with so many voices.
    pub(crate) fn correlation(&self, voices: f64) -> f64 {
        self.dispersion.correlation(voices)
    }

    /// Adds the day to every onset, and the onset of this very day.
    fn weigh(&mut self, surprise: &Surprise) {
        if self.onsets.len() == ONSETS {
            self.onsets.remove(0);
        }
        self.onsets.push(Onset {
            followed: [0.0; STATES],
            information: [0.0; 2],
            score: [0.0; 2],
            days: 0,
        });
        let mut unit = [0.0; 2];
        let mut score = [0.0; 2];
        for (side, direction) in [&WORSE, &BETTER].into_iter().enumerate() {
            let length = inner(direction, direction, &surprise.expected);
            let deviation = inner(direction, &surprise.deviation, &surprise.expected);
            let limit = SURPRISE_MAX * (length * surprise.variance).sqrt();
            unit[side] = length / surprise.variance;
            score[side] = deviation.clamp(-limit, limit) / surprise.variance;
        }
        for onset in &mut self.onsets {
            let left = 1.0 - onset.followed[0] - onset.followed[1 + surprise.weekday];
            for side in 0..2 {
                onset.information[side] += left * left * unit[side];
                onset.score[side] += left * score[side];
            }
            for (followed, gain) in onset.followed.iter_mut().zip(surprise.gain) {
                *followed += gain * left;
            }
            onset.days += 1;
        }
    }

    fn decide(&mut self) -> Option<Direction> {
        let threshold = self.tuning.threshold
            - self.tuning.thin * (30.0 / self.information).ln().clamp(-1.0, 2.0);
        let mut best: Option<(f64, usize)> = None;
        for side in 0..2 {
            let sum: f64 = self
                .onsets
                .iter()
                .filter(|o| o.days >= EVIDENCE_DAYS_MIN)
                .map(|onset| self.likelihood_ratio(onset, side))
                .sum();
            if sum.ln() >= threshold && best.is_none_or(|(other, _)| sum > other) {
                best = Some((sum, side));
            }
        }
        let (_, side) = best?;
        Some(self.raise(side))
    }

    /// Likelihood ratio of a step on the onset's day to one side, averaged over a half-normal size.
    fn likelihood_ratio(&self, onset: &Onset, side: usize) -> f64 {
        let precision = onset.information[side] + 1.0 / (self.tuning.step * self.tuning.step);
        let z = onset.score[side] / precision.sqrt();
        2.0 * normal::cdf(z) * (z * z / 2.0).exp() / (precision.sqrt() * self.tuning.step)
    }

    fn raise(&mut self, side: usize) -> Direction {
        let ratios: Vec<f64> =
            self.onsets.iter().map(|onset| self.likelihood_ratio(onset, side)).collect();
        let likely = (0..ratios.len())
            .max_by(|a, b| ratios[*a].total_cmp(&ratios[*b]))
            .expect("an alarm has onsets");
        let onset = &self.onsets[likely];
        let precision = onset.information[side] + 1.0 / (self.tuning.step * self.tuning.step);
        let size = onset.score[side] / precision;
        let (direction, moved) =
            if side == 0 { (Direction::Worse, WORSE) } else { (Direction::Better, BETTER) };
        let length = 4.0;
        self.baseline.accept_step(
            moved.map(|part| part * size),
            &onset.followed.clone(),
            length / precision,
        );
        self.onsets.clear();
        self.dispersion.forget_waiting();
        direction
    }
}
