//! The disclosure guard: a release, not a filter.
//!
//! A threshold on each answer leaves 95 % of authors exposed to somebody who compares answers. So numbers leave once, for closed months and weeks, in fixed
//! tables whose cells were admitted beside all that was told of their month before ([`admission`]); what was released is kept in a register and never computed again. Everything else that
//! shows anything of a document (shifts, quotations, search) asks the released tables first.

mod admission;
mod atoms;
mod calendar;
mod cells;
mod changed;
mod discovered;
mod export;
mod figures;
mod forms;
mod groups;
mod impact;
mod limits;
mod register;
mod row_space;
mod shifts;
mod texts;
mod topics;
mod trackers;
mod watched;

use std::collections::BTreeMap;

use corpus::{Day, Month, Period, SeriesKey, Shift};
use rayon::prelude::*;

pub use calendar::{Calendar, CalendarError, WeeklyUnits};
pub use cells::{CandidateCell, Contribution, SourceVoices, Stance, candidate_cells};
pub use discovered::{MatterCandidate, OpenTopic, OpenTopics, ReleasedMatter, TopicAssignment};
pub use forms::{FormCounts, FormShare};
pub use impact::{ChangedDocument, Impact, TopicImpact, TrendImpact};
pub use limits::{LimitError, LimitValues, Limits, LoweredLimit};
pub use register::{RegisterEntry, ReleaseRegister};
pub use shifts::{ShiftCandidate, VoiceMean};
pub use texts::{ConfidentialMatches, QuotationCandidate, QuotationSet};
pub use topics::{ReleasedTopic, TopicCandidate};
pub use watched::{AlarmContext, DetectableEffect};

use crate::Disclosed;
use admission::Verdict;

use crate::release::{Facts, Figures, ReleasedCell, ReleasedTable};

/// Days after the end of a period during which its documents may still come in.
pub const GRACE_DAYS: i32 = 7;

/// The only maker of [`Disclosed`] values.
#[derive(Debug, Clone, Copy, Default)]
pub struct Guard {
    limits: Limits,
}

impl Guard {
    /// A guard with `limits` in force.
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether `period` is over, its grace days included, so that it may be released. With a month go its keys.
    pub fn is_closed(period: impl Into<Period>, today: Day) -> bool {
        period.into().last_day().plus(GRACE_DAYS) < today
    }

    /// Releases every closed period of `candidates` that `register` does not hold yet, and gives all released periods.
    ///
    /// Where a week of a month is released already, `candidates` holds its cells too: the others are audited against them. The entries are to be written
    /// to the ledger before the table is shown. Periods in the register keep their figures, whatever `candidates` says.
    /// Cost: about linear in voices × grains; months run in parallel.
    pub fn release(
        &self,
        candidates: &[CandidateCell],
        calendar: &Calendar,
        register: &ReleaseRegister,
        today: Day,
    ) -> (Disclosed<ReleasedTable>, Vec<RegisterEntry>) {
        let mut months: BTreeMap<Month, Vec<&CandidateCell>> = BTreeMap::new();
        for cell in candidates {
            if Self::is_closed(cell.period, today) {
                months.entry(cell.period.month()).or_default().push(cell);
            }
        }
        let entries: Vec<RegisterEntry> = months
            .into_par_iter()
            .flat_map_iter(|(month, cells)| {
                let due = due(month, calendar, register, today);
                self.release_month(month, cells, register, &due)
            })
            .collect();
        let mut all = register.clone();
        entries.iter().cloned().for_each(|entry| all.add(entry));
        (self.table(&all), entries)
    }

    /// The released periods of `register`.
    pub fn table(&self, register: &ReleaseRegister) -> Disclosed<ReleasedTable> {
        Disclosed::new(register.table())
    }

    /// What would be told of had everything been told of by month: what a month's texts may be narrowed by. `cells` are those of one month, by month.
    pub fn text_conditions(&self, cells: &[CandidateCell]) -> Vec<SeriesKey> {
        let cells: Vec<&CandidateCell> = cells.iter().collect();
        let verdicts =
            admission::admit(&cells, &vec![None; cells.len()], self.limits.values().k_score);
        let told = cells.iter().zip(verdicts).filter(|(_, verdict)| *verdict != Verdict::Withheld);
        told.map(|(cell, _)| cell.key.clone()).collect()
    }

    /// What is due of a month and its weeks.
    fn release_month(
        &self,
        month: Month,
        cells: Vec<&CandidateCell>,
        register: &ReleaseRegister,
        due: &[Period],
    ) -> Vec<RegisterEntry> {
        if due.is_empty() {
            return Vec::new();
        }
        let mut due: BTreeMap<Period, RegisterEntry> =
            due.iter().map(|period| (*period, self.empty_entry(*period))).collect();
        let changed = changed::as_told(month, &cells, register);
        let mut cells: Vec<&CandidateCell> = cells
            .into_iter()
            .filter(|cell| {
                !changed.iter().any(|told| (&told.key, told.period) == (&cell.key, cell.period))
            })
            .chain(&changed)
            .collect();
        cells.sort_by(|a, b| (&a.key, a.period).cmp(&(&b.key, b.period)));
        let told: Vec<Option<Verdict>> = cells.iter().map(|cell| register.verdict(cell)).collect();
        let verdicts = admission::admit(&cells, &told, self.limits.values().k_score);
        for (cell, verdict) in cells.iter().zip(verdicts) {
            let Some(entry) = due.get_mut(&cell.period) else { continue };
            entry.candidates += 1;
            let figures = figures::figures(&cells::Tally::of(cell), verdict);
            if figures != Figures::Suppressed {
                let CandidateCell { key, period, .. } = *cell;
                entry.cells.push(ReleasedCell { key: key.clone(), period: *period, figures });
                entry.people.push(export::people(cell));
            }
        }
        due.into_values().collect()
    }

    fn empty_entry(&self, period: Period) -> RegisterEntry {
        RegisterEntry {
            period,
            limits: self.limits.values(),
            candidates: 0,
            cells: Vec::new(),
            people: Vec::new(),
            text_conditions: None,
        }
    }

    /// Lets out the shifts that [`Guard::carried_by_many`] kept, or that an earlier release recorded. Keeps the shifts whose series was released in every period that the shift speaks about, from its likely beginning to its alarm, and behind
    /// both sides of which twice `k_score` voices stand, so that no alarm rests on the texts of a few.
    ///
    /// An alarm inside a period that is still open is held back with it. A shift parts its series at a day, which no released table does:
    /// its voices are rounded down to fives and its means to hundredths.
    pub fn release_shifts(
        &self,
        shifts: Vec<Shift>,
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<Shift>> {
        let voices_min = 2 * self.limits.values().k_score;
        let table = table.get();
        let admitted = |shift: &Shift| {
            let enough_voices = shift.voices.0 >= voices_min && shift.voices.1 >= voices_min;
            enough_voices
                && cells::is_fixed_grain(&shift.key)
                && table.tells_throughout(&shift.key, shift.began_likely, shift.alarm)
        };
        Disclosed::new(shifts.into_iter().filter(admitted).map(coarsened).collect())
    }

    /// Lets out numbers that are not about people.
    pub fn facts(&self, facts: Facts) -> Disclosed<Facts> {
        Disclosed::new(facts)
    }
}

/// The periods of a month that are closed and not released yet: its weeks in a year that has weeks, and the month, even when nothing is told of by it. One
/// without any voice is released too, so that it is not asked for again, and nothing that comes late is told of in it.
fn due(month: Month, calendar: &Calendar, register: &ReleaseRegister, today: Day) -> Vec<Period> {
    let weeks = Period::weeks_of(month).filter(|_| calendar.has_weeks(month.year()));
    let is_due = |period: &Period| Guard::is_closed(*period, today) && !register.holds(*period);
    weeks.chain([month.into()]).filter(is_due).collect()
}

/// A shift as it is shown.
fn coarsened(shift: Shift) -> Shift {
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    let pair = |(low, high): (f64, f64)| (rounded(low), rounded(high));
    Shift {
        voices: (shift.voices.0 / 5 * 5, shift.voices.1 / 5 * 5),
        mean: pair(shift.mean),
        effect: rounded(shift.effect),
        effect_interval: pair(shift.effect_interval),
        ..shift
    }
}

#[cfg(test)]
mod tests;
