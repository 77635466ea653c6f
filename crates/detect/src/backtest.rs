//! A rule run over the past: how often it would have spoken, which marked events it would have found, and what reading it would have cost.
//!
//! Each day is judged by the days before it, as it would have been then, so a past that a rule was not tuned on tells what it would be worth. The
//! rule of most dashboards stands beside the detectors for comparison.

use std::str::FromStr;

use corpus::{DailySeries, Day, DayVoices, Direction, SeriesKey, Shift};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::board::{Surroundings, detect_board, looked_at_from};
use crate::describe::{describe, level_start};
use crate::related::holds;
use crate::shift::{Alarm, Mode, Settings};

/// An event counts as found by an alarm so many days after it began at most.
const FOUND_WITHIN_DAYS: i32 = 28;
/// The last days of a dashboard, and those before that they are compared with.
const LAST_DAYS: i32 = 7;
const BEFORE_DAYS: i32 = 28;
/// Fewer voices than that on either side are no figure even to a dashboard.
const DASHBOARD_VOICES_MIN: u32 = 10;
/// Alarms of a dashboard so many days after the last one tell the same.
const SAME_ALARM_DAYS: i32 = 14;

/// What is run over the past. Written `calibrated@2`, `guaranteed@0.5`, `z@3`; without a number, `@2` for the detectors and `@3` for z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// A detector with the budget of its board.
    Detector(Settings),
    /// The rule of most dashboards, on each series for itself: the mean polarity of seven days differs from that of the 28 before by more than so many standard
    /// errors, as if all voices were independent.
    PooledZ(f64),
}

/// A rule that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no rule (expected calibrated, guaranteed or z, each with or without a number above zero: calibrated@2 is two false alarms a year over all series, z@3 three standard errors)"
)]
pub struct RuleError(String);

/// Something that happened, as people remember it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkedEvent {
    /// For the report.
    pub name: String,
    /// The day from which a rule may have seen it.
    pub begins: Day,
    /// Where it happened; every series above or below shows it too.
    #[serde(default)]
    pub series: SeriesKey,
    /// To which side it moved people, if that is known.
    pub direction: Option<Direction>,
}

/// What a rule would have done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// First and last day.
    pub days: (Day, Day),
    /// Alarms in these days.
    pub alarms: usize,
    /// The same by year.
    pub alarms_per_year: f64,
    /// Alarms that belong to no marked event. Not all of them are false: nobody marks everything.
    pub alarms_beside_events: usize,
    /// Marked events that began in these days.
    pub events: Vec<EventOutcome>,
    /// Minutes a year that it takes to look into the alarms.
    pub reviewer_minutes_per_year: f64,
}

/// Whether a rule found an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventOutcome {
    /// As marked.
    pub name: String,
    /// As marked.
    pub begins: Day,
    /// Days until its first alarm, the first day counted as one; `None` when it was missed.
    pub found_after_days: Option<i32>,
    /// The series of that alarm.
    pub found_in: Option<SeriesKey>,
}

impl Rule {
    /// Everything that the rule would have reported, in the order of alarms. Only the detectors heed the surroundings.
    pub fn run(&self, series: &[DailySeries], surroundings: &Surroundings) -> Vec<Shift> {
        match self {
            Self::Detector(settings) => {
                let board = detect_board(series, settings, surroundings);
                board.shifts.into_iter().map(|found| found.shift).collect()
            }
            Self::PooledZ(limit) => {
                let mut found: Vec<Shift> =
                    series.par_iter().flat_map_iter(|series| pooled_z(series, *limit)).collect();
                found.sort_by(|a, b| (a.alarm, &a.key).cmp(&(b.alarm, &b.key)));
                found
            }
        }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = || RuleError(text.to_owned());
        let (name, number) =
            text.split_once('@').map_or((text, None), |(name, number)| (name, Some(number)));
        let number: Option<f64> = number.map(str::parse).transpose().map_err(|_| unreadable())?;
        if number.is_some_and(|number| !(number > 0.0 && number.is_finite())) {
            return Err(unreadable());
        }
        let board_false_alarms_per_year =
            number.unwrap_or(Settings::default().board_false_alarms_per_year);
        let detector = |mode| Self::Detector(Settings { mode, board_false_alarms_per_year });
        match name {
            "calibrated" => Ok(detector(Mode::Calibrated)),
            "guaranteed" => Ok(detector(Mode::Guaranteed {
                false_alarms_per_year: board_false_alarms_per_year,
            })),
            "z" => Ok(Self::PooledZ(number.unwrap_or(3.0))),
            _ => Err(unreadable()),
        }
    }
}

impl Backtest {
    /// Holds what a rule reported against what happened, from `days.0` to `days.1`. `minutes` is what it takes to look into one alarm.
    pub fn new(shifts: &[Shift], events: &[MarkedEvent], days: (Day, Day), minutes: f64) -> Self {
        let (from, to) = days;
        let alarms: Vec<&Shift> =
            shifts.iter().filter(|shift| (from..=to).contains(&shift.alarm)).collect();
        let events: Vec<&MarkedEvent> =
            events.iter().filter(|event| (from..=to).contains(&event.begins)).collect();
        let years = f64::from(to.0 - from.0 + 1) / 365.0;
        let beside =
            alarms.iter().filter(|shift| !events.iter().any(|event| event.is_found_by(shift)));
        let outcomes = events.iter().map(|event| {
            let first = alarms
                .iter()
                .filter(|shift| event.is_found_by(shift))
                .min_by_key(|shift| (shift.alarm, &shift.key));
            EventOutcome {
                name: event.name.clone(),
                begins: event.begins,
                found_after_days: first.map(|shift| shift.alarm.0 - event.begins.0 + 1),
                found_in: first.map(|shift| shift.key.clone()),
            }
        });
        Self {
            days,
            alarms: alarms.len(),
            alarms_per_year: alarms.len() as f64 / years,
            alarms_beside_events: beside.count(),
            events: outcomes.collect(),
            reviewer_minutes_per_year: alarms.len() as f64 * minutes / years,
        }
    }
}

impl MarkedEvent {
    fn is_found_by(&self, shift: &Shift) -> bool {
        (0..FOUND_WITHIN_DAYS).contains(&(shift.alarm.0 - self.begins.0))
            && self.direction.is_none_or(|direction| direction == shift.direction)
            && (holds(&self.series, &shift.key) || holds(&shift.key, &self.series))
    }
}

/// Every alarm of the dashboards' rule on one series.
fn pooled_z(series: &DailySeries, limit: f64) -> Vec<Shift> {
    let mut found: Vec<Shift> = Vec::new();
    let mut last_beyond: Option<Day> = None;
    let Some(from) = looked_at_from(series) else { return found };
    let end = series.days.len() as i32;
    for index in (LAST_DAYS + BEFORE_DAYS - 1).max(from.0 - series.start.0)..end {
        let day = series.start.plus(index);
        let last = pooled(series, index + 1 - LAST_DAYS..index + 1);
        let before = pooled(series, index + 1 - LAST_DAYS - BEFORE_DAYS..index + 1 - LAST_DAYS);
        let Some(z) = standard_errors(&before, &last).filter(|z| z.abs() > limit) else { continue };
        // An alarm goes on as long as the difference does.
        let goes_on = last_beyond.is_some_and(|before| day.0 - before.0 < SAME_ALARM_DAYS);
        last_beyond = Some(day);
        if goes_on {
            continue;
        }
        let direction = if z < 0.0 { Direction::Worse } else { Direction::Better };
        let since = level_start(series, found.last());
        found.push(describe(series, since, &Alarm { day, direction, correlation: 0.0 }));
    }
    found
}

/// Voices of some days together.
fn pooled(series: &DailySeries, days: std::ops::Range<i32>) -> DayVoices {
    let days = &series.days[days.start as usize..days.end as usize];
    days.iter().flatten().fold(DayVoices::default(), |sum, day| DayVoices {
        positive: sum.positive + day.positive,
        negative: sum.negative + day.negative,
        neutral: sum.neutral + day.neutral,
        score_sum: sum.score_sum + day.score_sum,
    })
}

/// By how many standard errors two means of independent voices differ; `None` with too few of them.
fn standard_errors(before: &DayVoices, last: &DayVoices) -> Option<f64> {
    let voices = [before, last].map(DayVoices::total);
    if voices.iter().any(|voices| *voices < DASHBOARD_VOICES_MIN) {
        return None;
    }
    let [before_voices, last_voices] = voices.map(f64::from);
    let all = before_voices + last_voices;
    let mean = (before.score_sum + last.score_sum) / all;
    let squares = before.positive + before.negative + last.positive + last.negative;
    let variance = (f64::from(squares) / all - mean * mean).max(1e-6);
    let difference = last.score_sum / last_voices - before.score_sum / before_voices;
    Some(difference / (variance * (1.0 / before_voices + 1.0 / last_voices)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_or_refused() {
        fn check(text: &str, expected: Option<Rule>) {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
        let detector = |mode, board_false_alarms_per_year| {
            Some(Rule::Detector(Settings { mode, board_false_alarms_per_year }))
        };
        check("calibrated", detector(Mode::Calibrated, 2.0));
        check("calibrated@0.5", detector(Mode::Calibrated, 0.5));
        check("guaranteed@1", detector(Mode::Guaranteed { false_alarms_per_year: 1.0 }, 1.0));
        check("z", Some(Rule::PooledZ(3.0)));
        check("z@2.5", Some(Rule::PooledZ(2.5)));
        for wrong in ["", "z@", "z@0", "z@-1", "z@nan", "cusum", "calibrated@inf", "Z"] {
            check(wrong, None);
        }
    }
}
