//! The disclosure guard: a release, not a filter.
//!
//! A threshold on each answer leaves 95 % of authors exposed to somebody who compares answers. So numbers leave once, for closed months, in fixed
//! tables whose cells were admitted together ([`admission`]); what was released is kept in a register and never computed again. Everything else that
//! shows anything of a document (shifts, quotations, search) asks the released tables first.

mod admission;
mod atoms;
mod cells;
mod export;
mod figures;
mod groups;
mod impact;
mod limits;
mod register;
mod row_space;
mod shifts;
mod texts;
mod topics;

use std::collections::BTreeMap;

use corpus::{Day, Month, SeriesKey, Shift};
use rayon::prelude::*;

pub use cells::{CandidateCell, Contribution, SourceVoices, Stance, candidate_cells};
pub use impact::{ChangedDocument, Impact, TopicImpact, TrendImpact};
pub use limits::{LimitError, LimitValues, Limits, LoweredLimit};
pub use register::{RegisterEntry, ReleaseRegister};
pub use shifts::{ShiftCandidate, VoiceMean};
pub use texts::{ConfidentialMatches, QuotationCandidate};
pub use topics::{ReleasedTopic, TopicCandidate};

use crate::Disclosed;
use crate::release::{Facts, Figures, ReleasedCell, ReleasedTable};

/// Days after the end of a month during which its documents may still come in.
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

    /// Whether `month` is over, its grace days included, so that it may be released and its keys destroyed.
    pub fn is_closed(month: Month, today: Day) -> bool {
        month.last_day().plus(GRACE_DAYS) < today
    }

    /// Releases every closed month of `candidates` that `register` does not hold yet, and gives all released months.
    ///
    /// The entries are to be written to the ledger before the table is shown. Months in the register keep their figures, whatever `candidates` says.
    /// Cost: about linear in voices × grains; months run in parallel.
    pub fn release(
        &self,
        candidates: &[CandidateCell],
        register: &ReleaseRegister,
        today: Day,
    ) -> (Disclosed<ReleasedTable>, Vec<RegisterEntry>) {
        let mut months: BTreeMap<Month, Vec<&CandidateCell>> = BTreeMap::new();
        for cell in candidates {
            if Self::is_closed(cell.month, today) && !register.holds(cell.month) {
                months.entry(cell.month).or_default().push(cell);
            }
        }
        let entries: Vec<RegisterEntry> =
            months.into_par_iter().map(|(month, cells)| self.release_month(month, cells)).collect();
        let mut all = register.clone();
        entries.iter().cloned().for_each(|entry| all.add(entry));
        (self.table(&all), entries)
    }

    /// The released months of `register`.
    pub fn table(&self, register: &ReleaseRegister) -> Disclosed<ReleasedTable> {
        Disclosed::new(register.table())
    }

    fn release_month(&self, month: Month, mut cells: Vec<&CandidateCell>) -> RegisterEntry {
        cells.sort_by(|a, b| a.key.cmp(&b.key));
        let verdicts = admission::admit(&cells, self.limits.values().k_score);
        let (released, people) = cells
            .iter()
            .zip(verdicts)
            .map(|(cell, verdict)| {
                let figures = figures::figures(&cells::Tally::of(cell), verdict);
                let released = ReleasedCell { key: cell.key.clone(), month, figures };
                (released, export::people(cell))
            })
            .filter(|(cell, _)| cell.figures != Figures::Suppressed)
            .unzip();
        RegisterEntry {
            month,
            limits: self.limits.values(),
            candidates: cells.len() as u32,
            cells: released,
            people,
        }
    }

    /// Lets out the shifts that [`Guard::carried_by_many`] kept, or that an earlier release recorded. Keeps the shifts whose series was released in every month that the shift speaks about, from its likely beginning to its alarm, and behind
    /// both sides of which twice `k_score` voices stand, so that no alarm rests on the texts of a few.
    ///
    /// An alarm inside a month that is still open is held back with the month. A shift parts its series at a day, which no released table does:
    /// its voices are rounded down to fives and its means to hundredths.
    pub fn release_shifts(
        &self,
        shifts: Vec<Shift>,
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<Shift>> {
        let voices_min = 2 * self.limits.values().k_score;
        let is_released = |key: &SeriesKey, month: Month| {
            !matches!(table.get().figures(key, month), Figures::Suppressed)
        };
        let admitted = |shift: &Shift| {
            let months =
                std::iter::successors(Some(shift.began_likely.month()), |month| Some(month.next()));
            let mut spoken_of = months.take_while(|month| *month <= shift.alarm.month());
            let enough_voices = shift.voices.0 >= voices_min && shift.voices.1 >= voices_min;
            enough_voices
                && cells::is_fixed_grain(&shift.key)
                && spoken_of.all(|month| is_released(&shift.key, month))
        };
        Disclosed::new(shifts.into_iter().filter(admitted).map(coarsened).collect())
    }

    /// Lets out numbers that are not about people.
    pub fn facts(&self, facts: Facts) -> Disclosed<Facts> {
        Disclosed::new(facts)
    }
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
