//! Alarms of many series in the order of their days: each shift is reported once, where it is explained best.

use std::cmp::Ordering;

use corpus::{DailySeries, Day, SeriesKey, Shift};

use crate::board::{BoardShift, Watched};
use crate::contributions::{Parts, is_changed_mix};
use crate::describe::evidence;
use crate::related::{common, holds, without};

/// Alarms of related series so many days apart can be one shift.
const SAME_SHIFT_DAYS: i32 = 28;
/// A series that shares documents with another one, and where this part of the evidence is left without them, has a shift of its own.
const OWN_EVIDENCE_SHARE: f64 = 0.3;
/// What the evidence of a series loses for each dimension (source, unit, topic) that it names when series compete for a shift: the logarithm of about 20, since there are so many series to
/// choose from. On the day of an alarm, one of many parts is always ahead of the whole by chance.
const EVIDENCE_PER_DIMENSION: f64 = 3.0;

/// An alarm that may be a shift of its own, or one that is known.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) shift: Shift,
    /// Start of the level before it.
    since: Day,
    evidence: f64,
}

/// What has been reported so far.
pub(crate) struct Reports<'a> {
    watched: &'a [Watched<'a>],
    parts: &'a Parts<'a>,
    shifts: Vec<Reported>,
    changed_mixes: Vec<Reported>,
}

struct Reported {
    candidate: Candidate,
    also_visible_in: Vec<SeriesKey>,
    /// Whether another series raised the alarm; then the series' own is still to come.
    is_for_another: bool,
}

impl Candidate {
    pub(crate) fn new(series: &DailySeries, since: Day, shift: Shift) -> Self {
        Self { evidence: evidence(series, since, &shift), shift, since }
    }

    /// Evidence less what the choice of the series explains.
    fn standing(&self) -> f64 {
        self.evidence - EVIDENCE_PER_DIMENSION * self.shift.key.named() as f64
    }

    pub(crate) fn strongest_first(&self, other: &Self) -> Ordering {
        let by_key = || self.shift.key.cmp(&other.shift.key);
        other.standing().total_cmp(&self.standing()).then_with(by_key)
    }
}

impl<'a> Reports<'a> {
    pub(crate) fn new(watched: &'a [Watched<'a>], parts: &'a Parts<'a>) -> Self {
        Self { watched, parts, shifts: Vec::new(), changed_mixes: Vec::new() }
    }

    /// Takes the next alarm. Alarms come in the order of their days, those of a day strongest first.
    pub(crate) fn add(&mut self, alarm: Candidate) {
        let parts = self.parts;
        let contributions = parts.contributions(alarm.since, &alarm.shift);
        if is_changed_mix(&contributions, alarm.shift.effect) {
            if !is_known(&mut self.changed_mixes, &alarm, &alarm.shift.key, parts) {
                self.changed_mixes.push(Reported::new(alarm, false));
            }
            return;
        }
        if is_known(&mut self.shifts, &alarm, &alarm.shift.key, parts) {
            return;
        }
        match self.better_seen(&alarm) {
            None => self.shifts.push(Reported::new(alarm, false)),
            Some(better) => {
                if !is_known(&mut self.shifts, &better, &alarm.shift.key, parts) {
                    let mut reported = Reported::new(better, true);
                    reported.also_visible_in.push(alarm.shift.key);
                    self.shifts.push(reported);
                }
            }
        }
    }

    /// The shift behind an alarm as the series shows it that explains it best, when that is not the series of the alarm.
    fn better_seen(&self, alarm: &Candidate) -> Option<Candidate> {
        let related = |other: &&Watched<'_>| {
            let (a, b) = (&other.series.key, &alarm.shift.key);
            a != b && common(a, b).is_some()
        };
        self.watched
            .iter()
            .filter(related)
            .filter_map(|other| Some((other, other.shift_seen(&alarm.shift)?)))
            .filter(|(_, seen)| seen.standing() > alarm.standing())
            .filter(|(_, seen)| {
                let changed = self.parts.contributions(seen.since, &seen.shift);
                !is_changed_mix(&changed, seen.shift.effect) && is_seen_in(seen, alarm, self.parts)
            })
            .min_by(|(_, a), (_, b)| a.strongest_first(b))
            .map(|(other, _)| other.shift_described(&alarm.shift))
    }

    /// Shifts and changed mixes, each in the order of their alarms.
    pub(crate) fn into_parts(self) -> (Vec<BoardShift>, Vec<BoardShift>) {
        let parts = self.parts;
        let finished = |reported: Vec<Reported>| {
            reported.into_iter().map(|reported| reported.finished(parts)).collect()
        };
        (finished(self.shifts), finished(self.changed_mixes))
    }
}

impl Reported {
    fn new(candidate: Candidate, is_for_another: bool) -> Self {
        Self { candidate, also_visible_in: Vec::new(), is_for_another }
    }

    fn finished(mut self, parts: &Parts<'_>) -> BoardShift {
        self.also_visible_in.sort();
        self.also_visible_in.dedup();
        let Candidate { shift, since, evidence } = self.candidate;
        BoardShift {
            contributions: parts.contributions(since, &shift),
            shift,
            evidence,
            also_visible_in: self.also_visible_in,
        }
    }
}

/// Whether an alarm is a reported shift once more, which then is known to be visible in `raised_by` too.
fn is_known(
    reported: &mut [Reported],
    alarm: &Candidate,
    raised_by: &SeriesKey,
    parts: &Parts<'_>,
) -> bool {
    let known = reported.iter_mut().find(|known| {
        is_near(&known.candidate.shift, &alarm.shift)
            && if known.candidate.shift.key == alarm.shift.key {
                known.is_for_another || *raised_by != alarm.shift.key
            } else {
                is_seen_in(&known.candidate, alarm, parts)
            }
    });
    if let Some(known) = known {
        if *raised_by != known.candidate.shift.key {
            known.also_visible_in.push(raised_by.clone());
        }
        return true;
    }
    false
}

/// To the same side and close in time.
pub(crate) fn is_near(a: &Shift, b: &Shift) -> bool {
    let is_close = (a.alarm.0 - b.alarm.0).abs() <= SAME_SHIFT_DAYS
        || (a.began_likely.0 - b.began_likely.0).abs() <= SAME_SHIFT_DAYS / 2;
    is_close && a.direction == b.direction
}

/// Whether an alarm of one series can be explained by a shift of another: that is above or below, or has the documents that show it.
fn is_seen_in(other: &Candidate, alarm: &Candidate, parts: &Parts<'_>) -> bool {
    let (a, b) = (&other.shift.key, &alarm.shift.key);
    holds(a, b) || holds(b, a) || is_echo(other, alarm, parts)
}

/// Whether a series that is neither above nor below another shows its shift only by the documents that both hold.
///
/// Where the series of the common documents is known, it is taken out and the evidence counted again. Where it is not (a source and a topic), an echo is told by being fainter.
fn is_echo(stronger: &Candidate, alarm: &Candidate, parts: &Parts<'_>) -> bool {
    let (a, b) = (&stronger.shift, &alarm.shift);
    let Some(common) = common(&a.key, &b.key) else { return false };
    match (common.and_then(|key| parts.get(&key)), parts.get(&b.key)) {
        (Some(common), Some(whole)) => {
            let rest = evidence(&without(whole, common), alarm.since, b);
            rest < OWN_EVIDENCE_SHARE * alarm.evidence
        }
        _ => b.effect.abs() < a.effect.abs(),
    }
}
