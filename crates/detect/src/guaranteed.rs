//! The guaranteed detector: an e-detector whose mean time to a false alarm is proven, whatever the voices of a day have to do with each other.
//!
//! *The promise.* Let the expected mean polarity of every day, given the past and the number of voices, stay within [`MARGIN`] of some constant that nobody knows.
//! Then the expected number of observed days until an alarm is at least the threshold c. No other assumption: not independence inside a day, not a
//! distribution. A slow drift that leaves the margin is a shift in this sense, and is reported as one.
//!
//! *Why it holds.* X is the day's mean polarity scaled to [0, 1]. For each candidate constant p, each bet has e = 1 + λ(X − p ∓ margin) with λ chosen before X is seen,
//! so e >= 0 and E[e] <= 1 under p. Money starts with one unit a day in the *tracker*, which bets on the mean seen so far; each day a part h of it moves on to the
//! *steppers*, which bet on a step up or down of several sizes. Since E[R_t | past] <= R_{t-1} + 1 for all money R at p, the first day with R >= c has expectation >= c
//! (Shin, Ramdas, Rinaldo, arXiv 2203.03532). A candidate is refuted for good on that day, and the alarm is the day on which none is left: not before the
//! true one is refuted, so the bound holds though the constant is unknown. What the tracker won against a wrong candidate before the step multiplies with what the
//! steppers win after it; betting on both is what shift tests with an unknown baseline usually give away.
//!
//! Money is kept in plain doubles: it is refuted at c, so it cannot overflow, and one unit comes in each day, so underflow to zero is harmless.

use corpus::Direction;

use crate::dispersion::Dispersion;

/// Distance of candidates, in units of X.
const GRID_STEP: f64 = 0.01;
/// What the expected X of a day may differ from the constant. Half a grid step of it covers constants between candidates, the rest tolerates wander.
pub(crate) const MARGIN: f64 = 0.0075;
/// Steps that are bet on, in units of X: a share of voices that moves from positive to negative moves X by as much.
const STEPS: [f64; 3] = [0.04, 0.08, 0.16];
const STEPPERS: usize = 2 * STEPS.len();
/// Part of the tracker's money that moves on to the steppers each day.
const MOVE_ON: f64 = 0.02;
/// A bet may lose at most this part of its money.
const STAKE_MAX: f64 = 0.9;
/// What is assumed of the variance of one voice's X, for choosing bets only.
const VOICE_VARIANCE: f64 = 0.15;

#[derive(Debug, Clone)]
pub(crate) struct Guaranteed {
    threshold: f64,
    candidates: Vec<Candidate>,
    /// Sums over the days since the last alarm that set the bets: weight, weighted X, weighted X².
    seen: [f64; 3],
    /// Share of the steppers' money that bets upwards, at the candidate refuted last.
    up: f64,
}

/// One constant that has not been refuted.
#[derive(Debug, Clone)]
struct Candidate {
    mean: f64,
    tracker: f64,
    steppers: [f64; STEPPERS],
}

impl Guaranteed {
    /// A detector with at most `false_alarms_per_year` false alarms per year of observed days.
    pub(crate) fn new(false_alarms_per_year: f64) -> Self {
        Self {
            threshold: 365.0 / false_alarms_per_year,
            candidates: all_candidates(),
            seen: [0.0; 3],
            up: 0.5,
        }
    }

    /// Takes the next day with voices: their number, and their mean polarity in [-1, 1].
    pub(crate) fn observe(
        &mut self,
        voices: f64,
        mean: f64,
        dispersion: &Dispersion,
    ) -> Option<Direction> {
        let x = ((1.0 + mean) / 2.0).clamp(0.0, 1.0);
        let variance = VOICE_VARIANCE * (1.0 / voices + dispersion.correlation(voices));
        let level = self.level();
        let threshold = self.threshold;
        let mut refuted_up = None;
        self.candidates.retain_mut(|candidate| {
            candidate.bet(x, variance, level);
            let money = candidate.money();
            debug_assert!(money >= 0.0, "no bet loses more than it has");
            let stays = money < threshold;
            if !stays {
                refuted_up = Some(candidate.bets_upward());
            }
            stays
        });
        let weight = 1.0 / variance;
        self.seen[0] += weight;
        self.seen[1] += weight * x;
        self.seen[2] += weight * x * x;
        if let Some(up) = refuted_up {
            self.up = up;
        }
        if !self.candidates.is_empty() {
            return None;
        }
        let direction = if self.up > 0.5 { Direction::Better } else { Direction::Worse };
        self.candidates = all_candidates();
        self.seen = [0.0; 3];
        Some(direction)
    }

    /// The mean seen so far, drawn a little to the middle.
    fn level(&self) -> Option<f64> {
        (self.seen[0] > 0.0).then(|| self.seen[1] / self.seen[0])
    }
}

fn all_candidates() -> Vec<Candidate> {
    let count = (1.0 / GRID_STEP).round() as usize;
    (0..=count)
        .map(|i| Candidate { mean: i as f64 * GRID_STEP, tracker: 0.0, steppers: [0.0; STEPPERS] })
        .collect()
}

impl Candidate {
    fn bet(&mut self, x: f64, variance: f64, level: Option<f64>) {
        let tracked = level.map_or(1.0, |level| self.factor(level - self.mean, x, variance));
        let moved = self.tracker * MOVE_ON;
        self.tracker = (self.tracker - moved + 1.0) * tracked;
        for (i, money) in self.steppers.iter_mut().enumerate() {
            let step = if i < STEPS.len() { STEPS[i] } else { -STEPS[i - STEPS.len()] };
            *money = (*money + moved / STEPPERS as f64) * factor(self.mean, step, x, variance);
        }
    }

    fn factor(&self, step: f64, x: f64, variance: f64) -> f64 {
        factor(self.mean, step, x, variance)
    }

    fn money(&self) -> f64 {
        self.tracker + self.steppers.iter().sum::<f64>()
    }

    fn bets_upward(&self) -> f64 {
        let up: f64 = self.steppers.iter().take(STEPS.len()).sum();
        up / self.steppers.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    }
}

/// What a unit of money becomes that bets on a mean `step` away from `mean`. The stake is Kelly's for that step and variance.
fn factor(mean: f64, step: f64, x: f64, variance: f64) -> f64 {
    let beyond = step.abs() - MARGIN;
    if beyond <= 0.0 {
        return 1.0;
    }
    let stake = beyond / (variance + beyond * beyond);
    if step > 0.0 {
        1.0 + stake.min(STAKE_MAX / (mean + MARGIN)) * (x - mean - MARGIN)
    } else {
        1.0 + stake.min(STAKE_MAX / (1.0 - mean + MARGIN)) * (mean - MARGIN - x)
    }
}
