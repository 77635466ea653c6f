//! The guaranteed detector: an e-detector whose mean time to a false alarm is proven, whatever the voices of a day have to do with each other.
//!
//! *The promise.* Let the expected share of negative voices of every day, given the past and the number of voices, stay within [`MARGIN`] of some constant that nobody
//! knows, and that of positive voices too. Then the expected number of observed days until an alarm is at least the threshold c. No other assumption: not independence
//! inside a day, not a distribution. A weekday pattern or a slow drift that leaves the margin is a shift in this sense, and may be reported as one.
//!
//! *Why it holds.* X is the share of one class. For each candidate constant p, a unit of money comes in each day, and all money M at p is bet on
//! `e = 1 + λ(X − p ∓ margin)`, with λ chosen before X is seen, so `e >= 0` and `E[e] <= 1` under p. Then `E[M_t | past] <= M_{t-1} + 1`, so the first day with
//! M >= c has expectation >= c (Shin, Ramdas, Rinaldo, arXiv 2203.03532, and `shift.md` section 4). A candidate is refuted for good on that day. The alarm is the day on which
//! no candidate is left: not before the true one is refuted, so the bound holds though the constant is unknown. The money is divided between the two classes,
//! each refuting at its share of c alone, so the bound holds for both together.
//!
//! *Where the power comes from.* Stakes are free as long as they are set beforehand. They follow the forecast of [`crate::watch`]: as long as it agrees with p the money
//! lies idle and grows by one a day; when a step is under way, all of it is on the step. What was won against a wrong candidate before the step multiplies with what is won after it.
//!
//! *Its price.* One number a day with unknown dependence: a bet on a share p can at best multiply by 1/p a day, however many voices there are.
//!
//! Money is kept in plain doubles: a candidate leaves at c, so nothing overflows, and since a unit comes in each day an underflow to zero is harmless.

use corpus::Direction;

use crate::watch::Watch;

/// Distance of candidates.
const GRID_STEP: f64 = 0.01;
/// What the expected share of a day may differ from the constant: half a grid step covers constants between candidates, the rest tolerates wander.
const MARGIN: f64 = 0.01;
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
    classes: [Class; 2],
}

/// The bets on one class.
#[derive(Debug, Clone)]
struct Class {
    /// Index into counts.
    class: usize,
    candidates: Vec<Candidate>,
}

/// One constant that has not been refuted, and the money at it.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    share: f64,
    money: f64,
}

impl Guaranteed {
    /// A detector with at most `false_alarms_per_year` false alarms per year of observed days.
    pub(crate) fn new(false_alarms_per_year: f64) -> Self {
        let mut detector = Self {
            watch: Watch::new(),
            threshold: f64::INFINITY,
            classes: [Class::new(1), Class::new(0)],
        };
        detector.set_rate(false_alarms_per_year);
        detector
    }

    /// Changes the rate. At zero no money comes in, so that nothing is saved up for the days on which alarms are allowed.
    ///
    /// The promise holds for a rate that never rises again: money is worth `1 / threshold` of an alarm, and what was saved under a lower threshold only loses.
    pub(crate) fn set_rate(&mut self, false_alarms_per_year: f64) {
        self.threshold = 365.0 / false_alarms_per_year;
    }

    /// Takes the next day. `counts` are positive, negative and neutral voices; no voice is no evidence.
    pub(crate) fn observe(&mut self, weekday: usize, counts: [f64; 3]) -> Option<Direction> {
        self.watch.pass_day();
        let voices: f64 = counts.iter().sum();
        if voices == 0.0 {
            return None;
        }
        let forecast = self.watch.forecast(weekday, HAZARD);
        let spread = 1.0 / voices + self.watch.correlation(voices);
        let mut alarm = None;
        for bets in &mut self.classes {
            let rose =
                bets.bet(counts[bets.class] / voices, forecast[bets.class], spread, self.threshold);
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
        for class in &mut self.classes {
            *class = Class::new(class.class);
        }
        Some(direction)
    }

    /// Correlation to expect inside a day with so many voices.
    pub(crate) fn correlation(&self, voices: f64) -> f64 {
        self.watch.correlation(voices)
    }
}

impl Class {
    fn new(class: usize) -> Self {
        let count = (1.0 / GRID_STEP).round() as usize;
        let candidates =
            (0..=count).map(|i| Candidate { share: i as f64 * GRID_STEP, money: 0.0 }).collect();
        Self { class, candidates }
    }

    /// Bets on the day at every candidate. When the last one is refuted, tells whether the share rose over it.
    fn bet(&mut self, x: f64, forecast: f64, spread: f64, threshold: f64) -> Option<bool> {
        let last = self.candidates.last().copied()?;
        let mut rose = forecast > last.share;
        self.candidates.retain_mut(|candidate| {
            let comes_in = threshold.is_finite() && candidate.money < threshold * IDLE_MAX;
            let income = if comes_in { INCOME } else { 0.0 };
            candidate.money = (candidate.money + income) * candidate.factor(forecast, spread, x);
            debug_assert!(candidate.money >= 0.0, "no bet loses more than it has");
            let stays = candidate.money < threshold;
            if !stays {
                rose = forecast > candidate.share;
            }
            stays
        });
        self.candidates.is_empty().then_some(rose)
    }
}

impl Candidate {
    /// What a unit of money becomes that bets on `forecast` instead of this share. The stake is Kelly's for the variance of a share.
    fn factor(&self, forecast: f64, spread: f64, x: f64) -> f64 {
        let beyond = (forecast - self.share).abs() - MARGIN;
        if beyond <= 0.0 {
            return 1.0;
        }
        let share = self.share.clamp(0.03, 0.97);
        let stake = beyond / (share * (1.0 - share) * spread + beyond * beyond);
        if forecast > self.share {
            1.0 + stake.min(STAKE_MAX / (self.share + MARGIN)) * (x - self.share - MARGIN)
        } else {
            1.0 + stake.min(STAKE_MAX / (1.0 - self.share + MARGIN)) * (self.share - MARGIN - x)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bet_loses_more_than_it_has_or_wins_on_average(
            share in 0.0f64..=1.0, forecast in -0.5f64..1.5, voices in 1u32..1_000_000, x in 0.0f64..=1.0, low in 0.0f64..=1.0,
        ) {
            let candidate = Candidate { share, money: 1.0 };
            let spread = 1.0 / f64::from(voices);
            prop_assert!(candidate.factor(forecast, spread, x) >= 0.0);
            // Any distribution with this mean is a mixture of two points, and a bet is linear in x.
            let (low, high) = (low * share, share + (1.0 - low) * (1.0 - share));
            let chance_high = if high > low { (share - low) / (high - low) } else { 0.0 };
            let mean = (1.0 - chance_high) * candidate.factor(forecast, spread, low) + chance_high * candidate.factor(forecast, spread, high);
            prop_assert!(mean <= 1.0 + 1e-9, "{mean}");
        }

        #[test]
        fn a_day_multiplies_money_by_a_bounded_factor_however_many_voices_it_has(
            share in 0.03f64..=0.97, forecast in -0.5f64..1.5, voices in 1u32..1_000_000, x in 0.0f64..=1.0,
        ) {
            let candidate = Candidate { share, money: 1.0 };
            let most = (1.0 / share).max(1.0 / (1.0 - share));
            prop_assert!(candidate.factor(forecast, 1.0 / f64::from(voices), x) <= most);
        }

        #[test]
        fn a_bet_is_set_before_its_day_is_seen(
            past in prop::collection::vec((0u32..60, 0u32..60, 0u32..60), 0..40), half in 1u32..200,
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
                seen.classes[0].candidates.clone()
            };
            let (none, some, all) = (money(0.0), money(f64::from(half)), money(whole));
            for middle in some {
                // One that is refuted by one of the three days has left there.
                let find = |of: &[Candidate]| {
                    of.iter().find(|other| other.share == middle.share).map(|other| other.money)
                };
                let Some((none, all)) = find(&none).zip(find(&all)) else { continue };
                let off = (none + all - 2.0 * middle.money).abs();
                prop_assert!(off <= 1e-9 * (1.0 + none + all), "{none} {} {all}", middle.money);
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
        let money = |detector: &Guaranteed| {
            detector.classes[0]
                .candidates
                .iter()
                .map(|candidate| candidate.money)
                .collect::<Vec<_>>()
        };
        let before = money(&detector);
        for day in 30..60 {
            assert_eq!(detector.observe(day % 7, [0.0; 3]), None);
        }
        assert_eq!(money(&detector), before);
    }
}
