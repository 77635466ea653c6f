//! Every day on which a step may have begun, and how much better it explains the days since than no step does.
//!
//! For a step on day τ, the deviations from the baseline have a known shape: the full step at first, less as the level follows it
//! (Willsky and Jones 1976). So each possible onset needs two sums, information and score, and the likelihood ratio averaged over
//! a half-normal size of the step has a closed form. The sum over onsets is the Shiryaev-Roberts statistic, which is close to the best average delay
//! at a given rate of false alarms.

use std::collections::VecDeque;
use std::f64::consts::PI;

use corpus::Direction;

use crate::baseline::{STATES, Shares, Surprise, inner};
use crate::normal;

/// Onsets considered, in observed days before the present one. Older steps have become part of the level.
const ONSETS_MAX: usize = 49;
/// A step is told from at least so many days: one day may be one event.
const EVIDENCE_DAYS_MIN: u32 = 2;
/// A day may be off by so many standard deviations; what is beyond counts as that, so that no two days raise an alarm alone.
const DEVIATION_MAX: f64 = 2.5;
/// Standard deviation of the share that moves, before anything is seen: shifts of 0.05 to 0.3 are looked for.
const SIZE: f64 = 0.12;

/// How the share that one class gains is taken from the others, as (positive, negative, neutral): more from the opposite class than from neutral.
/// The evidence depends little on the division, since most of it comes from the class that gains.
const WORSE: Shares = [-2.0 / 3.0, 1.0, -1.0 / 3.0];
const BETTER: Shares = [1.0, -2.0 / 3.0, -1.0 / 3.0];
const SIDES: [(Direction, Shares); 2] = [(Direction::Worse, WORSE), (Direction::Better, BETTER)];

/// The onsets.
#[derive(Debug, Clone)]
pub(crate) struct Steps(VecDeque<Onset>);

/// The most likely step to one side.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Change of the three shares.
    pub(crate) moved: Shares,
    /// Part of it that each state of the baseline has followed.
    pub(crate) followed: [f64; STATES],
    /// Variance of the size, in units of the multinomial covariance.
    pub(crate) variance: f64,
}

/// The hypothesis that a step began on one day.
#[derive(Debug, Clone)]
struct Onset {
    followed: [f64; STATES],
    /// By side: information about the size, per squared share.
    information: [f64; 2],
    /// By side: information times deviation.
    score: [f64; 2],
    /// Observed days since.
    days: u32,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self(VecDeque::with_capacity(ONSETS_MAX))
    }

    /// Adds a day to every onset, and the onset on this very day.
    pub(crate) fn weigh(&mut self, surprise: &Surprise) {
        if self.0.len() == ONSETS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Onset {
            followed: [0.0; STATES],
            information: [0.0; 2],
            score: [0.0; 2],
            days: 0,
        });
        let mut information = [0.0; 2];
        let mut score = [0.0; 2];
        for (side, (_, direction)) in SIDES.iter().enumerate() {
            let length = inner(direction, direction, &surprise.expected);
            let deviation = inner(direction, &surprise.deviation, &surprise.expected);
            let limit = DEVIATION_MAX * (length * surprise.variance).sqrt();
            information[side] = length / surprise.variance;
            score[side] = deviation.clamp(-limit, limit) / surprise.variance;
        }
        for onset in &mut self.0 {
            let left = onset.left(surprise.weekday);
            for side in 0..2 {
                onset.information[side] += left * left * information[side];
                onset.score[side] += left * score[side];
            }
            for (followed, gain) in onset.followed.iter_mut().zip(surprise.gain) {
                *followed += gain * left;
            }
            onset.days += 1;
        }
    }

    /// Whether the evidence can be as much as `log_evidence`. Costs a division an onset where [`Self::evidence`] costs exponentials, and is no on most days.
    ///
    /// A likelihood ratio is at most 2 exp(z² / 2) when z is positive and at most one when not, since the evidence so far only narrows the size.
    pub(crate) fn may_reach(&self, log_evidence: f64) -> bool {
        let each = log_evidence - (2.0 * self.0.len().max(1) as f64).ln();
        if each <= 0.0 {
            return true;
        }
        self.0.iter().any(|onset| {
            (0..2).any(|side| {
                let score = onset.score[side];
                score > 0.0 && score * score >= 2.0 * each * onset.precision(side)
            })
        })
    }

    /// The side with more evidence, and the log of its likelihood ratio summed over onsets.
    pub(crate) fn evidence(&self) -> (Direction, f64) {
        let told = self.0.iter().filter(|onset| onset.days >= EVIDENCE_DAYS_MIN);
        let [worse, better] = told.fold([0.0; 2], |sums, onset| {
            let ratios = onset.likelihood_ratios();
            [sums[0] + ratios[0], sums[1] + ratios[1]]
        });
        if worse >= better {
            (Direction::Worse, worse.ln())
        } else {
            (Direction::Better, better.ln())
        }
    }

    /// How far the shares of a day on `weekday` are to be expected from the baseline, when a step happens with probability `hazard` a day.
    pub(crate) fn expected(&self, weekday: usize, hazard: f64) -> Shares {
        // By side: steps by their sizes, each weighted with its likelihood ratio.
        let mut sizes = [0.0; 2];
        let mut total = 2.0 / hazard;
        for (onset, neighbours) in self.thinned() {
            let ratios = onset.likelihood_ratios().map(|ratio| neighbours * ratio);
            total += ratios[0] + ratios[1];
            let left = onset.left(weekday);
            for side in 0..2 {
                sizes[side] += ratios[side] * left * onset.size(side);
            }
        }
        [0, 1, 2].map(|class| {
            let [(_, worse), (_, better)] = SIDES;
            (sizes[0] * worse[class] + sizes[1] * better[class]) / total
        })
    }

    /// Onsets from the newest on, each with how many it stands for: old neighbours explain the days since nearly alike, so of the older ones every second
    /// and every fourth is enough for a forecast, at half the cost.
    fn thinned(&self) -> impl Iterator<Item = (&Onset, f64)> {
        let neighbours = |age: usize| match age {
            0..8 => 1,
            8..24 => 2,
            _ => 4,
        };
        let by_age = self.0.iter().rev().enumerate();
        by_age
            .map(move |(age, onset)| (age, onset, neighbours(age)))
            .filter(|(age, _, neighbours)| age % neighbours == 0)
            .map(|(_, onset, neighbours)| (onset, neighbours as f64))
    }

    /// The most likely step to one side, if there is any onset.
    pub(crate) fn likely(&self, direction: Direction) -> Option<Step> {
        let side = usize::from(direction == Direction::Better);
        let onset = self
            .0
            .iter()
            .max_by(|a, b| a.likelihood_ratios()[side].total_cmp(&b.likelihood_ratios()[side]))?;
        let moved = SIDES[side].1.map(|part| part * onset.size(side));
        // A share has about 1/4 of the multinomial unit as variance.
        Some(Step { moved, followed: onset.followed, variance: 4.0 / onset.precision(side) })
    }

    /// Forgets all onsets.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Onset {
    /// Part of the step that the baseline does not predict yet on a weekday.
    fn left(&self, weekday: usize) -> f64 {
        1.0 - self.followed[0] - self.followed[1 + weekday]
    }

    fn precision(&self, side: usize) -> f64 {
        self.information[side] + 1.0 / (SIZE * SIZE)
    }

    fn size(&self, side: usize) -> f64 {
        (self.score[side] / self.precision(side)).max(0.0)
    }

    /// By side: likelihood ratio of a step to it against no step, averaged over a half-normal size.
    fn likelihood_ratios(&self) -> [f64; 2] {
        let deviation = [0, 1].map(|side| self.precision(side).sqrt().recip());
        let ratios = normal::mills_ratios([0, 1].map(|side| self.score[side] * deviation[side]));
        [0, 1].map(|side| (2.0 / PI).sqrt() / SIZE * deviation[side] * ratios[side])
    }
}
