//! The guaranteed detector: an e-detector whose mean time to a false alarm is proven, whatever the voices of a day have to do with each other.
//!
//! *The promise.* On workdays, let the expected share of negative voices, given the past and the number of voices, stay within [`TOLERANCE`] of some constant that nobody knows; on days of
//! rest, within as much of another one; and so for positive voices. Then the expected number of observed days until an alarm is at least the threshold c. No other assumption: not independence
//! inside a day, not a distribution. So a weekend that is unlike the week is no shift, as long as the weekends are alike. A Monday that is unlike the other workdays by more than twice the
//! tolerance is one in this sense, as is a slow drift that leaves the band, and may be reported as one.
//!
//! *Why it holds.* X is the share of one class. For each candidate p, a unit of money comes in each day, and all money M at p is bet on
//! `e = 1 + λ(X − p ∓ margin)`, with λ chosen before X is seen. The margin is the tolerance and half the distance of candidates, so that each constant is the business of the candidate next to
//! it: `e >= 0`, and `E[e] <= 1` when the constant is that near to p. Then `E[M_t | past] <= M_{t-1} + 1`, so the first day with
//! M >= c has expectation >= c (Shin, Ramdas, Rinaldo, arXiv 2203.03532, and `shift.md` section 4). A candidate is refuted for good on that day. The alarm is the day on which
//! no candidate is left: not before the true one is refuted, so the bound holds though the constant is unknown. Negative and positive voices each get half of a day's money, and a workday pays
//! nothing to the candidates of days of rest, so what all of them cost together is what one would.
//!
//! *Where the power comes from.* Stakes are free as long as they are set beforehand. They follow the forecast of [`crate::watch`]: as long as it agrees with p the money
//! lies idle and grows by one a day; when a step is under way, all of it is on the step. What was won against a wrong candidate before the step multiplies with what is won after it.
//!
//! *Its price.* One number a day with unknown dependence: a bet on a share p can at best multiply by 1/p a day, however many voices there are.
//!
//! Money is kept in plain doubles: a candidate leaves at c, so nothing overflows, and since a unit comes in each day an underflow to zero is harmless.

use std::ops::RangeInclusive;

use corpus::Direction;

use crate::watch::Watch;

/// Distance of the candidates for workdays, and for days of rest. There are few of these, which would not tell finer ones apart: on
/// simulated series four times as far finds as much within 14 days and costs half.
const GRID_STEPS: [f64; 2] = [0.01, 0.04];
/// What the expected share of a day may differ from the constant.
const TOLERANCE: f64 = 0.01;
/// Until a level is known, candidates are so many times as far from each other, and each stands for a block of five by five. Five thousand at once would cost more than all days after.
const BLOCK: u8 = 5;
/// Days with voices after which the blocks that are left are divided.
const BLOCK_DAYS: u32 = 42;
/// The first weekday that is a day of rest.
const REST_FROM: usize = 5;
/// Constants of the finer grid.
const CONSTANTS_MAX: usize = 101;
/// A bet may lose at most this part of the money.
const STAKE_MAX: f64 = 0.95;
/// No more money comes in above this part of the threshold, so that the mere passing of time raises no alarm.
const IDLE_MAX: f64 = 0.4;
/// Money that comes in each day at each candidate of one of the two classes.
const INCOME: f64 = 0.5;
/// Days between steps, for the forecast that sets the stakes.
const HAZARD: f64 = 0.03;

/// The detector.
#[derive(Debug, Clone)]
pub(crate) struct Guaranteed {
    watch: Watch,
    threshold: f64,
    /// Negative and positive.
    bets: [Bets; 2],
}

/// The bets on one class of voices.
#[derive(Debug, Clone)]
struct Bets {
    /// Index into counts.
    class: usize,
    days: u32,
    /// Distance of the candidates, in steps of the grid.
    scale: u8,
    /// Constants for workdays and for days of rest that have not been refuted together, in multiples of their distance.
    candidates: Vec<[u8; 2]>,
    /// The money at each of them.
    money: Vec<f64>,
}

/// What is known of a day before its shares are seen.
#[derive(Debug, Clone, Copy)]
struct Forecast {
    /// Index into the constants of candidates: 0 on workdays, 1 on days of rest.
    kind: usize,
    /// Scale of the candidates.
    scale: u8,
    share: f64,
    /// Variance of a share, over that of one voice.
    spread: f64,
}

impl Guaranteed {
    /// A detector with at most `false_alarms_per_year` false alarms per year of observed days.
    pub(crate) fn new(false_alarms_per_year: f64) -> Self {
        let mut detector =
            Self { watch: Watch::new(), threshold: f64::INFINITY, bets: [1, 0].map(Bets::new) };
        detector.set_rate(false_alarms_per_year);
        detector
    }

    /// Changes the rate. At zero no money comes in, so that nothing is saved up for the days on which alarms are allowed.
    ///
    /// The promise holds for a rate that never rises again: money is worth `1 / threshold` of an alarm, and what was saved under a lower threshold only loses.
    pub(crate) fn set_rate(&mut self, false_alarms_per_year: f64) {
        self.threshold = 365.0 / false_alarms_per_year;
    }

    /// Takes the next day, by the weekday that it is like. `counts` are positive, negative and neutral voices; no voice is no evidence.
    pub(crate) fn observe(&mut self, weekday: usize, counts: [f64; 3]) -> Option<Direction> {
        self.watch.pass_day();
        let voices: f64 = counts.iter().sum();
        if voices == 0.0 {
            return None;
        }
        let shares = self.watch.forecast(weekday, HAZARD);
        let spread = 1.0 / voices + self.watch.correlation(voices);
        let kind = usize::from(weekday >= REST_FROM);
        let mut alarm = None;
        for bets in &mut self.bets {
            let forecast = Forecast { kind, scale: bets.scale, share: shares[bets.class], spread };
            let rose = bets.bet(counts[bets.class] / voices, &forecast, self.threshold);
            if let Some(rose) = rose {
                alarm = Some(if rose == (bets.class == 0) {
                    Direction::Better
                } else {
                    Direction::Worse
                });
            }
        }
        self.watch.learn(weekday, counts);
        let direction = alarm?;
        self.watch.accept_step(direction);
        for bets in &mut self.bets {
            *bets = Bets::new(bets.class);
        }
        Some(direction)
    }

    /// Correlation to expect inside a day with so many voices.
    pub(crate) fn correlation(&self, voices: f64) -> f64 {
        self.watch.correlation(voices)
    }
}

impl Bets {
    fn new(class: usize) -> Self {
        let last = GRID_STEPS.map(|step| (1.0 / (step * f64::from(BLOCK))).round() as u8);
        let candidates: Vec<[u8; 2]> = (0..=last[0])
            .flat_map(|workday| (0..=last[1]).map(move |rest| [workday, rest]))
            .collect();
        Self { class, days: 0, scale: BLOCK, money: vec![0.0; candidates.len()], candidates }
    }

    /// Divides the blocks. What was bet at a block was bet at each of its constants, since its margin covers them.
    fn divide(&mut self) {
        let last = GRID_STEPS.map(|step| (1.0 / step).round() as u8);
        let within = |middle: u8, last: u8| {
            let middle = middle * BLOCK;
            middle.saturating_sub(BLOCK / 2)..=(middle + BLOCK / 2).min(last)
        };
        let (mut candidates, mut money) = (Vec::new(), Vec::new());
        for (block, of_block) in self.candidates.iter().zip(&self.money) {
            let [workday, rest] = [0, 1].map(|kind| within(block[kind], last[kind]));
            for workday in workday {
                candidates.extend(rest.clone().map(|rest| [workday, rest]));
            }
            money.resize(candidates.len(), *of_block);
        }
        (self.candidates, self.money, self.scale) = (candidates, money, 1);
    }

    /// Bets on the day at every candidate. When the last one is refuted, tells whether the share rose over it.
    fn bet(&mut self, x: f64, forecast: &Forecast, threshold: f64) -> Option<bool> {
        if threshold.is_infinite() {
            return None;
        }
        let constants = self.candidates.iter().map(|candidate| candidate[forecast.kind]);
        let (first, last) =
            constants.fold((u8::MAX, 0), |(first, last), at| (first.min(at), last.max(at)));
        let factors = forecast.factors(first..=last, x);
        let mut most = 0.0f64;
        for (constants, money) in self.candidates.iter().zip(&mut self.money) {
            let income = if *money < threshold * IDLE_MAX { INCOME } else { 0.0 };
            *money = (*money + income) * factors[usize::from(constants[forecast.kind])];
            debug_assert!(*money >= 0.0, "no bet loses more than it has");
            most = most.max(*money);
        }
        self.days += 1;
        if most >= threshold {
            let last = self.refute(threshold);
            if self.candidates.is_empty() {
                return Some(forecast.share > forecast.constant(last[forecast.kind]));
            }
        }
        if self.days == BLOCK_DAYS {
            self.divide();
        }
        None
    }

    /// Drops the candidates that have reached the threshold, and gives the last of them.
    fn refute(&mut self, threshold: f64) -> [u8; 2] {
        let mut last = [0; 2];
        let mut money = self.money.iter();
        self.candidates.retain(|candidate| {
            let stays = money.next().is_some_and(|money| *money < threshold);
            if !stays {
                last = *candidate;
            }
            stays
        });
        self.money.retain(|money| *money < threshold);
        if self.candidates.len() < self.candidates.capacity() / 8 {
            self.candidates.shrink_to_fit();
            self.money.shrink_to_fit();
        }
        last
    }
}

impl Forecast {
    /// Distance of the candidates.
    fn step(&self) -> f64 {
        GRID_STEPS[self.kind] * f64::from(self.scale)
    }

    /// What a candidate tolerates: the constants that are nearer to it than to others, and the tolerance around each.
    fn margin(&self) -> f64 {
        TOLERANCE + self.step() / 2.0
    }

    /// The share that a candidate stands for.
    fn constant(&self, candidate: u8) -> f64 {
        f64::from(candidate) * self.step()
    }

    /// The factors of some candidates, when the day shows `x`.
    fn factors(&self, candidates: RangeInclusive<u8>, x: f64) -> [f64; CONSTANTS_MAX] {
        let mut factors = [1.0; CONSTANTS_MAX];
        for candidate in candidates {
            factors[usize::from(candidate)] = self.factor(self.constant(candidate), x);
        }
        factors
    }

    /// What a unit of money becomes that bets on the forecast instead of the constant `share`, when the day shows `x`. The stake is Kelly's for the variance of a share, or the one that may lose
    /// most if that is less. There are no branches and one division, since this is what a day costs.
    fn factor(&self, share: f64, x: f64) -> f64 {
        let margin = self.margin();
        let beyond = (self.share - share).abs() - margin;
        let usual = share.clamp(0.03, 0.97);
        let variance = usual * (1.0 - usual) * self.spread + beyond * beyond;
        let is_above = self.share > share;
        let at_risk = margin + if is_above { share } else { 1.0 - share };
        let won = if is_above { x - share } else { share - x } - margin;
        let is_capped = beyond * at_risk > STAKE_MAX * variance;
        let stake = if is_capped { STAKE_MAX } else { beyond.max(0.0) }
            / if is_capped { at_risk } else { variance };
        1.0 + won * stake
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bet_loses_more_than_it_has_or_wins_on_average_while_the_constant_is_near(
            share in 0.0f64..=1.0, kind in 0usize..2, scale in prop::sample::select(vec![1, BLOCK]), nearness in -1.0f64..=1.0, off in -1.0f64..=1.0, forecast in -0.5f64..1.5, voices in 1u32..1_000_000,
            x in 0.0f64..=1.0, low in 0.0f64..=1.0,
        ) {
            let bet = Forecast { kind, scale, share: forecast, spread: 1.0 / f64::from(voices) };
            prop_assert!(bet.factor(share, x) >= 0.0);
            // The constant is as near to this candidate as to any other, and the day's expectation within 0.01 of it.
            let constant = share + nearness * bet.step() / 2.0;
            let expected = (constant + 0.01 * off).clamp(0.0, 1.0);
            // Any distribution with this mean is a mixture of two points, and a bet is linear in x.
            let (low, high) = (low * expected, expected + (1.0 - low) * (1.0 - expected));
            let chance_high = if high > low { (expected - low) / (high - low) } else { 0.0 };
            let mean = (1.0 - chance_high) * bet.factor(share, low) + chance_high * bet.factor(share, high);
            prop_assert!(mean <= 1.0 + 1e-9, "{mean}");
        }

        #[test]
        fn a_day_multiplies_money_by_a_bounded_factor_however_many_voices_it_has(
            share in 0.03f64..=0.97, forecast in -0.5f64..1.5, voices in 1u32..1_000_000, x in 0.0f64..=1.0,
        ) {
            let bet = Forecast { kind: 0, scale: 1, share: forecast, spread: 1.0 / f64::from(voices) };
            let most = (1.0 / share).max(1.0 / (1.0 - share));
            prop_assert!(bet.factor(share, x) <= most);
        }

        #[test]
        fn a_bet_is_set_before_its_day_is_seen(
            past in prop::collection::vec((0u32..60, 0u32..60, 0u32..60), 0..60), half in 1u32..200,
        ) {
            // A stake that knew the day would not give winnings that are a straight line in what the day shows.
            let mut detector = Guaranteed::new(1e-9);
            for (day, (positive, negative, neutral)) in past.into_iter().enumerate() {
                detector.observe(day % 7, [positive, negative, neutral].map(f64::from));
            }
            let whole = f64::from(2 * half);
            let money = |negative: f64| {
                let mut seen = detector.clone();
                seen.observe(3, [0.0, negative, whole - negative]);
                let bets = &seen.bets[0];
                let of_candidates = bets.candidates.iter().copied().zip(bets.money.iter().copied());
                of_candidates.collect::<HashMap<[u8; 2], f64>>()
            };
            let (none, some, all) = (money(0.0), money(f64::from(half)), money(whole));
            for (candidate, middle) in some {
                // One that is refuted by one of the three days has left there.
                let Some((none, all)) = none.get(&candidate).zip(all.get(&candidate)) else { continue };
                let off = (none + all - 2.0 * middle).abs();
                prop_assert!(off <= 1e-9 * (1.0 + none + all), "{none} {middle} {all}");
            }
        }
    }

    #[test]
    fn days_without_voices_move_no_money_and_the_threshold_is_the_promise() {
        let mut detector = Guaranteed::new(0.5);
        assert!((detector.threshold - 730.0).abs() < 1e-9);
        for day in 0..30 {
            detector.observe(day % 7, [4.0, 3.0, 3.0]);
        }
        let money = |detector: &Guaranteed| detector.bets[0].money.clone();
        let before = money(&detector);
        for day in 30..60 {
            assert_eq!(detector.observe(day % 7, [0.0; 3]), None);
        }
        assert_eq!(money(&detector), before);
    }
}
