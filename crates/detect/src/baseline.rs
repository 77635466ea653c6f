//! What a series does when nothing changes: a slowly wandering level, a weekday pattern, and how alike the voices of one day are.
//!
//! The shares of the three classes follow a local level plus one offset a weekday. A Kalman filter predicts each day from the days before,
//! and the day's count n and the correlation rho of voices inside a day give the spread of what may come: C (1/n + rho) for the multinomial
//! covariance C at the predicted shares. Level, offsets and noise all scale with C, so one scalar filter serves the three shares at once.

use crate::dispersion::Dispersion;

/// Positive, negative, neutral.
pub(crate) type Shares = [f64; 3];

/// Level plus seven weekday offsets.
pub(crate) const STATES: usize = 8;

/// No share is taken to be rarer than this when it scales a deviation: a class never seen before would have no variance.
const SHARE_MIN: f64 = 0.04;

/// Spread of a weekday's offset, in units of C, where one independent voice has variance 1: a standard deviation of 0.014 for a share of 0.3.
const WEEKDAY_VARIANCE: f64 = 1e-3;
/// Growth of the level's variance by day, in units of C: the slow wander that is no shift. It is 0.004 in 28 days for a share of 0.3. More of it makes gradual shifts
/// part of the level: on simulated series 3e-6 finds 1 % more of them than 1e-5 at the same rate of false alarms, and 0 as many.
const WANDER_VARIANCE: f64 = 3e-6;

/// The filter.
#[derive(Debug, Clone)]
pub(crate) struct Baseline {
    /// State by class.
    state: [[f64; STATES]; 3],
    covariance: [[f64; STATES]; STATES],
}

/// One day against its prediction.
#[derive(Debug, Clone)]
pub(crate) struct Surprise {
    /// Shares seen minus shares predicted.
    pub(crate) deviation: Shares,
    /// Shares predicted, floored and summing to one.
    pub(crate) expected: Shares,
    /// Variance of the deviation in units of C: the day's own plus what is unsure about the prediction.
    pub(crate) variance: f64,
    /// The part of `variance` that is not the prediction's.
    pub(crate) day_variance: f64,
    /// How strongly each state follows the deviation.
    pub(crate) gain: [f64; STATES],
    /// Days from Monday.
    pub(crate) weekday: usize,
}

impl Baseline {
    pub(crate) fn new() -> Self {
        let mut covariance = [[0.0; STATES]; STATES];
        // A vague start, as little as one voice knows.
        covariance[0][0] = 1.0;
        for (weekday, row) in covariance.iter_mut().enumerate().skip(1) {
            row[weekday] = WEEKDAY_VARIANCE;
        }
        let mut state = [[0.0; STATES]; 3];
        for class in &mut state {
            class[0] = 1.0 / 3.0;
        }
        Self { state, covariance }
    }

    /// A day passes, with or without data.
    pub(crate) fn pass_day(&mut self) {
        self.covariance[0][0] += WANDER_VARIANCE;
    }

    /// Shares that a day on `weekday` is expected to have.
    pub(crate) fn predicted(&self, weekday: usize) -> Shares {
        [0, 1, 2].map(|class| self.state[class][0] + self.state[class][1 + weekday])
    }

    /// Compares a day with its prediction. The prediction knows the past, the weekday and the number of voices, never the day's polarity.
    pub(crate) fn compare(
        &self,
        weekday: usize,
        counts: [f64; 3],
        dispersion: &Dispersion,
    ) -> Surprise {
        let voices: f64 = counts.iter().sum();
        let own = 1 + weekday;
        let mut gain = [0.0; STATES];
        for (state, gain) in gain.iter_mut().enumerate() {
            *gain = self.covariance[state][0] + self.covariance[state][own];
        }
        let day_variance = 1.0 / voices + dispersion.correlation(voices);
        let variance = gain[0] + gain[own] + day_variance;
        for gain in &mut gain {
            *gain /= variance;
        }
        let predicted = self.predicted(weekday);
        let floored = predicted.map(|share| share.max(SHARE_MIN));
        let total: f64 = floored.iter().sum();
        Surprise {
            deviation: [0, 1, 2].map(|class| counts[class] / voices - predicted[class]),
            expected: floored.map(|share| share / total),
            variance,
            day_variance,
            gain,
            weekday,
        }
    }

    /// Learns from the day.
    pub(crate) fn learn(&mut self, surprise: &Surprise) {
        for (class, deviation) in self.state.iter_mut().zip(surprise.deviation) {
            for (state, gain) in class.iter_mut().zip(surprise.gain) {
                *state += gain * deviation;
            }
        }
        // P <- P - K S K', symmetric by construction.
        for row in 0..STATES {
            for column in 0..STATES {
                self.covariance[row][column] -=
                    surprise.gain[row] * surprise.gain[column] * surprise.variance;
            }
        }
    }

    /// Accepts a step of `step` that the filter has followed only in part: `followed[state]` of it. `variance` is that of the step, in units of C.
    pub(crate) fn accept_step(&mut self, step: Shares, followed: &[f64; STATES], variance: f64) {
        let mut missing = followed.map(|part| -part);
        missing[0] += 1.0;
        for (class, step) in self.state.iter_mut().zip(step) {
            for (state, missing) in class.iter_mut().zip(missing) {
                *state += step * missing;
            }
        }
        for row in 0..STATES {
            for column in 0..STATES {
                self.covariance[row][column] += missing[row] * missing[column] * variance;
            }
        }
    }
}

impl Surprise {
    /// Half the squared length of the deviation in units of C: its expectation is `variance`.
    pub(crate) fn spread(&self) -> f64 {
        inner(&self.deviation, &self.deviation, &self.expected) / 2.0
    }
}

/// `a' C⁻¹ b` for directions that sum to zero.
pub(crate) fn inner(a: &Shares, b: &Shares, expected: &Shares) -> f64 {
    a.iter().zip(b).zip(expected).map(|((a, b), share)| a * b / share).sum()
}
