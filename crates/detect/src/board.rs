//! All series at once: one budget of false alarms, each shift reported once, and what could not have been seen.

use corpus::{DailySeries, DayVoices, SeriesKey, Shift};

use crate::describe::evidence;
use crate::shift::{Detector, Settings, detect_with};

/// Alarms of related series so many days apart can be one shift.
const SAME_SHIFT_DAYS: i32 = 28;
/// A series with fewer voices in all is not looked at: it could not have shown any shift, and would only take from the budget.
const VOICES_MIN: u32 = 60;
/// Days in which a shift of the minimum detectable effect raises its alarm.
const DETECTION_DAYS: usize = 14;
/// Largest change of the mean polarity that is tried.
const EFFECT_MAX: f64 = 1.0;

/// What was found on all series together.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// In the order of their alarms.
    pub shifts: Vec<BoardShift>,
    /// For each series looked at, the change for the worse of the mean polarity, in [0, 1], that would more often than not have been seen within 14 days at its present volume. `None`:
    /// not even a change of 1 would.
    pub minimum_detectable_effects: Vec<(SeriesKey, Option<f64>)>,
    /// Series that share the budget. The others had too few voices.
    pub series_looked_at: usize,
    /// Expected false alarms a year of all of them together, as promised.
    pub false_alarms_per_year: f64,
}

/// A shift at the grain that explains it best.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardShift {
    /// The shift.
    pub shift: Shift,
    /// Log likelihood ratio of the shift, four weeks after it began: on the day of an alarm, all of them have just reached the threshold.
    pub evidence: f64,
    /// Series above or below it that raised an alarm for the same shift.
    pub also_visible_in: Vec<SeriesKey>,
}

/// Looks at all series with one budget: each gets an equal part of `settings.board_false_alarms_per_year`, and since expectations add up, the promise holds for the
/// whole board however the series depend on each other.
///
/// Nested series (all, source, unit, topic, unit and topic) see the same shift. It is reported where its evidence is greatest: a shift of one topic in one unit is
/// diluted above, a shift of everything has the most voices at the top. This looks back from the end of the series, as a report does.
pub fn detect_board(series: &[DailySeries], settings: &Settings) -> Board {
    let looked_at: Vec<&DailySeries> =
        series.iter().filter(|series| voices(series) >= VOICES_MIN).collect();
    let rate = settings.board_false_alarms_per_year / looked_at.len().max(1) as f64;
    let mut found = Vec::new();
    let mut minimum_detectable_effects = Vec::with_capacity(looked_at.len());
    for series in &looked_at {
        let mut detector = Detector::with_rate(settings.mode, rate);
        let shifts = detect_with(&mut detector, series);
        found.extend(shifts.into_iter().map(|shift| BoardShift {
            evidence: evidence(series, &shift),
            shift,
            also_visible_in: Vec::new(),
        }));
        minimum_detectable_effects
            .push((series.key.clone(), minimum_detectable_effect(&detector, series)));
    }
    Board {
        shifts: reported_once(found),
        minimum_detectable_effects,
        series_looked_at: looked_at.len(),
        false_alarms_per_year: settings.board_false_alarms_per_year,
    }
}

fn voices(series: &DailySeries) -> u32 {
    series.days.iter().flatten().map(DayVoices::total).sum()
}

/// Takes the strongest shift, puts what it explains under it, and goes on with the rest.
fn reported_once(mut found: Vec<BoardShift>) -> Vec<BoardShift> {
    found.sort_by(|a, b| {
        b.evidence.total_cmp(&a.evidence).then_with(|| a.shift.key.cmp(&b.shift.key))
    });
    let mut reported: Vec<BoardShift> = Vec::new();
    for candidate in found {
        let explained_by =
            reported.iter_mut().find(|stronger| same_shift(&stronger.shift, &candidate.shift));
        match explained_by {
            Some(stronger) if stronger.shift.key == candidate.shift.key => {}
            Some(stronger) => stronger.also_visible_in.push(candidate.shift.key),
            None => reported.push(candidate),
        }
    }
    for shift in &mut reported {
        shift.also_visible_in.sort();
        shift.also_visible_in.dedup();
    }
    reported.sort_by(|a, b| (a.shift.alarm, &a.shift.key).cmp(&(b.shift.alarm, &b.shift.key)));
    reported
}

/// Whether two alarms to the same side are close in time, and on one series or on two of which one holds the other.
fn same_shift(a: &Shift, b: &Shift) -> bool {
    let near = (a.alarm.0 - b.alarm.0).abs() <= SAME_SHIFT_DAYS
        || (a.began_likely.0 - b.began_likely.0).abs() <= SAME_SHIFT_DAYS / 2;
    let other_series = a.key != b.key;
    near && other_series
        && a.direction == b.direction
        && (holds(&a.key, &b.key) || holds(&b.key, &a.key))
}

/// Whether every document of `part` is one of `whole`.
fn holds(whole: &SeriesKey, part: &SeriesKey) -> bool {
    fn covers<T: PartialEq>(whole: Option<&T>, part: Option<&T>) -> bool {
        whole.is_none() || whole == part
    }
    covers(whole.source.as_ref(), part.source.as_ref())
        && covers(whole.unit.as_ref(), part.unit.as_ref())
        && covers(whole.topic.as_ref(), part.topic.as_ref())
}

/// The smallest change for the worse that raises an alarm when the next days have the voices of the last ones and exactly the shares that are to be expected.
fn minimum_detectable_effect(detector: &Detector, series: &DailySeries) -> Option<f64> {
    let past = &series.days[series.days.len().saturating_sub(2 * DETECTION_DAYS)..];
    let next = series.start.plus(series.days.len() as i32);
    let usual = mean_shares(past)?;
    let seen = |effect: f64| {
        let mut detector = detector.clone();
        (0..DETECTION_DAYS).any(|day| {
            let total = past
                .get(past.len().wrapping_sub(DETECTION_DAYS) + day)
                .copied()
                .flatten()
                .map_or(0.0, |voices| f64::from(voices.total()));
            detector.observe_shares(next.plus(day as i32), total, worse_by(usual, effect)).is_some()
        })
    };
    if !seen(EFFECT_MAX) {
        return None;
    }
    let (mut low, mut high) = (0.0, EFFECT_MAX);
    while high - low > 0.01 {
        let middle = f64::midpoint(low, high);
        if seen(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// Positive, negative and neutral share of some days.
fn mean_shares(days: &[Option<DayVoices>]) -> Option<[f64; 3]> {
    let mut counts = [0.0; 3];
    for voices in days.iter().flatten() {
        for (sum, count) in
            counts.iter_mut().zip([voices.positive, voices.negative, voices.neutral])
        {
            *sum += f64::from(count);
        }
    }
    let total: f64 = counts.iter().sum();
    (total > 0.0).then(|| counts.map(|count| count / total))
}

/// Shares whose mean polarity is lower by `effect`: positive voices become negative, then neutral ones do.
fn worse_by([positive, negative, neutral]: [f64; 3], effect: f64) -> [f64; 3] {
    let turned = (effect / 2.0).min(positive);
    let soured = (effect - 2.0 * turned).min(neutral);
    [positive - turned, negative + turned + soured, neutral - soured]
}
