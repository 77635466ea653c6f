//! All series at once: one budget of false alarms, each shift reported once, and what could not have been seen.

use corpus::{DailySeries, DayVoices, SeriesKey, Shift, SourceId, TopicId, UnitId};
use rayon::prelude::*;

use crate::contributions::{Contribution, Parts, is_changed_mix};
use crate::describe::evidence;
use crate::shift::{Detector, Settings, detect_with};

/// Alarms of related series so many days apart can be one shift.
const SAME_SHIFT_DAYS: i32 = 28;
/// A series with fewer voices in all is not looked at: it could not have shown any shift, and would only take from the budget.
const VOICES_MIN: u32 = 60;
/// Days in which a shift of the minimum detectable effect raises its alarm.
const DETECTION_DAYS: usize = 14;
/// A series that shares documents with another one, and where this part of the evidence is left without them, has a shift of its own.
const OWN_EVIDENCE_SHARE: f64 = 0.3;
/// Largest change of the mean polarity that is tried.
const EFFECT_MAX: f64 = 1.0;

/// What was found on all series together.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// In the order of their alarms.
    pub shifts: Vec<BoardShift>,
    /// Alarms behind which the parts of a series did not change, only how much each of them was heard. They count as found, since the series did change, and are no shifts.
    pub changed_mixes: Vec<BoardShift>,
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
    /// Other series with some of its documents that raised an alarm for the same shift.
    pub also_visible_in: Vec<SeriesKey>,
    /// What the parts of the series did, strongest first, with the effect of a changed mix apart. Empty for a series without parts.
    pub contributions: Vec<Contribution>,
}

/// Looks at all series with one budget: each gets an equal part of `settings.board_false_alarms_per_year`, and since expectations add up, the promise holds for the
/// whole board however the series depend on each other.
///
/// Series that share documents (all, source, unit, topic, unit and topic) see the same shift. It is reported where its evidence is greatest: a shift of one topic in one unit is
/// diluted above and beside, a shift of everything has the most voices at the top. What only a changed mix of parts explains is kept apart.
/// This looks back from the end of the series, as a report does. Series are looked at side by side; the result does not depend on how.
pub fn detect_board(series: &[DailySeries], settings: &Settings) -> Board {
    let looked_at: Vec<&DailySeries> =
        series.iter().filter(|series| is_looked_at(series)).collect();
    let rate = settings.board_false_alarms_per_year / looked_at.len().max(1) as f64;
    let parts = Parts::new(series);
    let (found, minimum_detectable_effects): (Vec<Vec<BoardShift>>, Vec<_>) = looked_at
        .par_iter()
        .map(|series| {
            let mut detector = Detector::with_rate(settings.mode, rate);
            let shifts = detect_with(&mut detector, series);
            let found = shifts.into_iter().map(|shift| BoardShift {
                evidence: evidence(series, &shift),
                contributions: parts.contributions(&shift),
                shift,
                also_visible_in: Vec::new(),
            });
            let seen = minimum_detectable_effect(&detector, series);
            (found.collect(), (series.key.clone(), seen))
        })
        .unzip();
    let (changed_mixes, found) = found
        .into_iter()
        .flatten()
        .partition(|found: &BoardShift| is_changed_mix(&found.contributions, found.shift.effect));
    Board {
        shifts: reported_once(found, &parts),
        changed_mixes: reported_once(changed_mixes, &parts),
        minimum_detectable_effects,
        series_looked_at: looked_at.len(),
        false_alarms_per_year: settings.board_false_alarms_per_year,
    }
}

/// Whether a series has enough voices to share the budget.
pub(crate) fn is_looked_at(series: &DailySeries) -> bool {
    voices(series) >= VOICES_MIN
}

fn voices(series: &DailySeries) -> u32 {
    series.days.iter().flatten().map(DayVoices::total).sum()
}

/// Takes the strongest shift, puts what it explains under it, and goes on with the rest.
fn reported_once(mut found: Vec<BoardShift>, parts: &Parts<'_>) -> Vec<BoardShift> {
    found.sort_by(|a, b| {
        b.evidence.total_cmp(&a.evidence).then_with(|| a.shift.key.cmp(&b.shift.key))
    });
    let mut reported: Vec<BoardShift> = Vec::new();
    for candidate in found {
        let explained_by =
            reported.iter_mut().find(|stronger| is_same_shift(stronger, &candidate, parts));
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

/// Whether a weaker alarm is a stronger one seen from another series: to the same side, close in time, and by the same documents.
fn is_same_shift(stronger: &BoardShift, candidate: &BoardShift, parts: &Parts<'_>) -> bool {
    let (a, b) = (&stronger.shift, &candidate.shift);
    let near = (a.alarm.0 - b.alarm.0).abs() <= SAME_SHIFT_DAYS
        || (a.began_likely.0 - b.began_likely.0).abs() <= SAME_SHIFT_DAYS / 2;
    if !near || a.key == b.key || a.direction != b.direction {
        return false;
    }
    holds(&a.key, &b.key) || holds(&b.key, &a.key) || is_echo(stronger, candidate, parts)
}

/// Whether a series that is neither above nor below another shows its shift only by the documents that both hold.
///
/// Where the series of the common documents is known, it is taken out and the evidence counted again. Where it is not (a source and a topic), an echo is told by being fainter.
fn is_echo(stronger: &BoardShift, candidate: &BoardShift, parts: &Parts<'_>) -> bool {
    let (a, b) = (&stronger.shift, &candidate.shift);
    let Some(common) = common(&a.key, &b.key) else { return false };
    match (common.and_then(|key| parts.get(&key)), parts.get(&b.key)) {
        (Some(common), Some(whole)) => {
            evidence(&without(whole, common), b) < OWN_EVIDENCE_SHARE * candidate.evidence
        }
        _ => b.effect.abs() < a.effect.abs(),
    }
}

/// The key of the documents that two series share: `None` when there can be none, `Some(None)` when no one key names them (two topics).
fn common(a: &SeriesKey, b: &SeriesKey) -> Option<Option<SeriesKey>> {
    let differ = |a: Option<&str>, b: Option<&str>| a.zip(b).is_some_and(|(a, b)| a != b);
    let is_apart =
        differ(a.source.as_ref().map(SourceId::as_str), b.source.as_ref().map(SourceId::as_str))
            || differ(a.unit.as_ref().map(UnitId::as_str), b.unit.as_ref().map(UnitId::as_str));
    if is_apart {
        return None;
    }
    if differ(a.topic.as_ref().map(TopicId::as_str), b.topic.as_ref().map(TopicId::as_str)) {
        return Some(None);
    }
    let (a, b) = (a.clone(), b.clone());
    Some(Some(SeriesKey {
        source: a.source.or(b.source),
        unit: a.unit.or(b.unit),
        topic: a.topic.or(b.topic),
    }))
}

/// A series less some of its documents.
fn without(whole: &DailySeries, part: &DailySeries) -> DailySeries {
    let mut rest = whole.clone();
    for (day, voices) in (rest.start.0..).zip(&mut rest.days) {
        let index = usize::try_from(day - part.start.0).ok();
        let taken = index.and_then(|index| part.days.get(index)).copied().flatten();
        if let (Some(voices), Some(taken)) = (voices, taken) {
            // A contributor is one voice in each series, so the parts can hold more voices than the whole.
            voices.positive = voices.positive.saturating_sub(taken.positive);
            voices.negative = voices.negative.saturating_sub(taken.negative);
            voices.neutral = voices.neutral.saturating_sub(taken.neutral);
            let voices_left = f64::from(voices.total());
            voices.score_sum =
                (voices.score_sum - taken.score_sum).clamp(-voices_left, voices_left);
        }
    }
    rest
}

/// Whether every document of `part` is one of `whole`.
pub(crate) fn holds(whole: &SeriesKey, part: &SeriesKey) -> bool {
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
