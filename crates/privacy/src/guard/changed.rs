//! Released cells whose people are no longer all there: texts were erased, withdrawn, judged anew, or came late in an open source.
//!
//! What was told stays told. Somebody who reads what is told next to it learns about those by whom the two differ, so the audit gets them as voices of
//! their own, in the cells that were told with them and in no other: a difference that is only they is one of a few people, and is withheld.

use std::collections::BTreeMap;

use corpus::{Month, Period, Polarity, SourceId, Visibility};

use super::cells::{CandidateCell, SourceVoices, Stance, Tally};
use super::figures::figures;
use super::register::ReleaseRegister;
use crate::release::{Figures, ReleasedCell};

/// The source of voices that nobody can name any more: a character for private use, which nobody calls a source by.
const UNKNOWN: &str = "\u{e000}";

/// The released cells of `month` that `cells` counts otherwise now or not at all, each as it was told: with voices that stand for the difference.
///
/// Who differs in several cells of a period is taken to be the same people in as many of them as can be, as one text is counted in several cells.
pub(super) fn as_told(
    month: Month,
    cells: &[&CandidateCell],
    register: &ReleaseRegister,
) -> Vec<CandidateCell> {
    let now: BTreeMap<_, &CandidateCell> =
        cells.iter().map(|cell| ((&cell.key, cell.period), *cell)).collect();
    let told = register.entries().filter(|entry| entry.period.month() == month);
    told.flat_map(|entry| &entry.cells)
        .filter_map(|told| {
            let now = now.get(&(&told.key, told.period)).copied();
            let differing = differing(told, now, register)?;
            let mut cell = now.cloned().unwrap_or_else(|| empty(told));
            cell.sources.push(unknown(told.period, differing));
            Some(cell)
        })
        .collect()
}

/// How many people differ at least; `None` when the cell is as it was told.
fn differing(
    told: &ReleasedCell,
    now: Option<&CandidateCell>,
    register: &ReleaseRegister,
) -> Option<u32> {
    let (Figures::Shown { voices, .. } | Figures::Range { voices, .. }) = told.figures else {
        return None;
    };
    let Some(now) = now else { return Some(voices) };
    let tally = Tally::of(now);
    let as_then = register.verdict(now).map(|verdict| figures(&tally, verdict));
    (as_then.as_ref() != Some(&told.figures)).then(|| voices.abs_diff(tally.voices()).max(1))
}

fn empty(told: &ReleasedCell) -> CandidateCell {
    let ReleasedCell { key, period, .. } = told.clone();
    CandidateCell { key, period, wider_units: Vec::new(), sources: Vec::new() }
}

fn unknown(period: Period, count: u32) -> SourceVoices {
    let first = u64::from(period.first_day().0.cast_unsigned()) << 32;
    let stance = |voice| Stance { voice, polarity: Polarity::Neutral, score: 0.0 };
    SourceVoices {
        source: SourceId::new(UNKNOWN).expect("the name is valid"),
        visibility: Visibility::Confidential,
        are_contributors: true,
        voices: (0..u64::from(count)).map(|voice| stance(first | voice)).collect(),
    }
}
