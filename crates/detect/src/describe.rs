//! What is known of a shift on the day of its alarm: when it began, how large it is, and how sure that is.

use corpus::{DailySeries, Day, Direction, Shift};

use crate::shift::Alarm;

/// A shift began at most so many days before its alarm.
const ONSET_DAYS_MAX: i32 = 60;
/// Days before the onset that the level before is taken from.
const BEFORE_DAYS_MAX: i32 = 90;
/// At least so many days between the start of the level before and a possible onset.
const BEFORE_DAYS_MIN: i32 = 3;
/// Coverage of the interval and of the set of days is one minus this.
const ALPHA: f64 = 0.05;
/// Correlation inside a day that shifts of different series are compared with.
pub(crate) const USUAL_CORRELATION: f64 = 0.01;
/// Scale of effects for which the interval is narrowest.
const EFFECT_SCALE: f64 = 0.2;

/// Sums of one side of a possible onset. The weight of a day is one over the variance of its mean, per voice variance.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    weight: f64,
    weighted_mean: f64,
    voices: u32,
    score_sum: f64,
    square_sum: f64,
}

/// The start of the level that `earlier` led to: the last day on which that shift may have begun, so that no day of the level before it is counted with the days since.
/// Without an earlier shift, the start of the series.
pub(crate) fn level_start(series: &DailySeries, earlier: Option<&Shift>) -> Day {
    earlier.map_or(series.start, |shift| shift.began.1)
}

/// Describes the shift behind `alarm`. The level before it is that of the days from `since` on, its [`level_start`].
pub(crate) fn describe(series: &DailySeries, since: Day, alarm: &Alarm) -> Shift {
    let last = alarm.day.0;
    let earliest = (since.0 + BEFORE_DAYS_MIN).max(last - ONSET_DAYS_MAX).min(last);
    let onsets: Vec<(i32, f64)> = (earliest..=last)
        .map(|onset| (onset, log_likelihood(series, since, onset, alarm)))
        .collect();
    let best = onsets.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
    let likely =
        onsets.iter().rev().find(|(_, log)| *log == best).map_or(last, |(onset, _)| *onset);
    let (before, after) = sides(series, since, likely, alarm);
    let effect = after.mean() - before.mean();
    let half = interval_half_width(&before, &after);
    Shift {
        key: series.key.clone(),
        direction: alarm.direction,
        alarm: alarm.day,
        began: began(&onsets, best, last),
        began_likely: Day(likely),
        effect,
        effect_interval: ((effect - half).max(-2.0), (effect + half).min(2.0)),
        voices: (before.voices, after.voices),
        mean: (before.mean(), after.mean()),
    }
}

/// Log likelihood ratio of a shift against no shift on the day of its alarm, its most likely onset taken as known. Shifts of different series are compared by it, so
/// all of them are given the same correlation inside a day.
pub(crate) fn evidence(series: &DailySeries, since: Day, shift: &Shift) -> f64 {
    let alarm =
        Alarm { day: shift.alarm, direction: shift.direction, correlation: USUAL_CORRELATION };
    log_likelihood(series, since, shift.began_likely.0, &alarm)
}

/// The shortest run of days around the most likely that holds 95 % of the likelihood, each day being as likely as any beforehand.
fn began(onsets: &[(i32, f64)], best: f64, last: i32) -> (Day, Day) {
    let mass: Vec<f64> = onsets.iter().map(|(_, log)| (log - best).exp()).collect();
    let total: f64 = mass.iter().sum();
    let Some(peak) = mass.iter().rposition(|mass| *mass >= 1.0) else {
        return (Day(last), Day(last));
    };
    let (mut low, mut high, mut held) = (peak, peak, mass[peak]);
    while held < (1.0 - ALPHA) * total {
        let left = if low > 0 { mass[low - 1] } else { -1.0 };
        let right = mass.get(high + 1).copied().unwrap_or(-1.0);
        if left >= right {
            low -= 1;
            held += left;
        } else {
            high += 1;
            held += right;
        }
        if low == 0 && high + 1 == mass.len() {
            break;
        }
    }
    (Day(onsets[low].0), Day(onsets[high].0))
}

/// Log likelihood ratio of two levels against one, zero when the difference is to the other side.
fn log_likelihood(series: &DailySeries, since: Day, onset: i32, alarm: &Alarm) -> f64 {
    let (before, after) = sides(series, since, onset, alarm);
    if before.weight == 0.0 || after.weight == 0.0 {
        return 0.0;
    }
    let difference = after.mean() - before.mean();
    let expected_sign = if alarm.direction == Direction::Worse { -1.0 } else { 1.0 };
    if difference * expected_sign <= 0.0 {
        return 0.0;
    }
    difference * difference / (2.0 * variance(&before, &after))
}

/// Half the width of a confidence sequence for the difference (Robbins' normal mixture): it holds at every time at once, so stopping at an alarm does not void it.
/// The day of onset is taken as known and the level before as constant; `began` says how sure that is.
fn interval_half_width(before: &Side, after: &Side) -> f64 {
    if before.weight == 0.0 || after.weight == 0.0 {
        return 2.0;
    }
    let variance = variance(before, after);
    let ratio = EFFECT_SCALE * EFFECT_SCALE / variance;
    (variance * (1.0 + 1.0 / ratio) * ((1.0 + ratio).ln() + 2.0 * (1.0 / ALPHA).ln())).sqrt()
}

fn variance(before: &Side, after: &Side) -> f64 {
    let voices = f64::from(before.voices + after.voices);
    let mean = (before.score_sum + after.score_sum) / voices;
    let of_a_voice = ((before.square_sum + after.square_sum) / voices - mean * mean).max(0.01);
    of_a_voice * (1.0 / before.weight + 1.0 / after.weight)
}

/// The days from `since` to the one before `onset`, and those from `onset` to the alarm.
fn sides(series: &DailySeries, since: Day, onset: i32, alarm: &Alarm) -> (Side, Side) {
    let (mut before, mut after) = (Side::default(), Side::default());
    let from = (onset - BEFORE_DAYS_MAX).max(series.start.0).max(since.0);
    for day in from..=alarm.day.0 {
        let Some(voices) = series
            .days
            .get((day - series.start.0) as usize)
            .copied()
            .flatten()
            .filter(|voices| voices.total() > 0)
        else {
            continue;
        };
        let side = if day < onset { &mut before } else { &mut after };
        let total = f64::from(voices.total());
        let weight = 1.0 / (1.0 / total + alarm.correlation);
        side.weight += weight;
        side.weighted_mean += weight * voices.score_sum / total;
        side.voices += voices.total();
        side.score_sum += voices.score_sum;
        // Scores are known by day only; class by class a voice's square is at most one.
        side.square_sum += f64::from(voices.positive + voices.negative);
    }
    (before, after)
}

impl Side {
    fn mean(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.weighted_mean / self.weight }
    }
}
