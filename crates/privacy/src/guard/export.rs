//! What may leave as a file.
//!
//! A file is read where nobody logs it and beside other files, so more people must stand behind each of its rows than behind a figure on a page:
//! `k_export` instead of `k_score`. A row with fewer is not written, like one that was not released or never asked.

use super::cells::CandidateCell;
use super::{Guard, ReleaseRegister};
use crate::Disclosed;
use crate::release::ReleasedTable;

impl Guard {
    /// The released cells behind which `k_export` people stand.
    ///
    /// People are those that were counted when the period was released. Periods released before they were recorded are not exported.
    pub fn export(&self, register: &ReleaseRegister) -> Disclosed<ReleasedTable> {
        let people_min = self.limits.values().k_export;
        Disclosed::new(register.table_of(|entry, cell| {
            entry.people.get(cell).is_some_and(|people| *people >= people_min)
        }))
    }
}

/// People that can be vouched for: one may speak in several sources, so the most that any one source has; duplicate groups count half.
pub(super) fn people(cell: &CandidateCell) -> u32 {
    let halves = cell.sources.iter().map(|source| {
        let voices = u32::try_from(source.voices.len()).unwrap_or(u32::MAX / 2);
        voices * if source.are_contributors { 2 } else { 1 }
    });
    halves.max().unwrap_or(0) / 2
}

#[cfg(test)]
mod tests {
    use corpus::{Day, Polarity, Visibility};

    use super::*;
    use crate::{Calendar, Contribution, RegisterEntry, candidate_cells};

    /// The register of a month in which `counts[i]` people of unit `i` wrote to a source of contributors or of duplicate groups.
    fn register(counts: &[(&str, &str, u64, bool)]) -> ReleaseRegister {
        let day: Day = "2026-03-10".parse().unwrap();
        let contribution = |unit: &str, source: &str, voice: u64, is_contributor| Contribution {
            source: source.parse().unwrap(),
            visibility: Visibility::Confidential,
            day,
            unit: Some(unit.parse().unwrap()),
            wider_units: Vec::new(),
            topics: Vec::new(),
            voice,
            is_contributor,
            polarity: Some(if voice.is_multiple_of(2) {
                Polarity::Negative
            } else {
                Polarity::Positive
            }),
            score: 0.0,
        };
        let mut first = 0;
        let mut all = Vec::new();
        for (unit, source, count, is_contributor) in counts {
            all.extend(
                (first..first + count).map(|v| contribution(unit, source, v, *is_contributor)),
            );
            first += count;
        }
        let today: Day = "2026-06-01".parse().unwrap();
        let (_, entries) = Guard::default().release(
            &candidate_cells(all, &Calendar::default()),
            &Calendar::default(),
            &ReleaseRegister::default(),
            today,
        );
        ReleaseRegister::new(entries)
    }

    fn units(table: &Disclosed<ReleasedTable>) -> Vec<String> {
        let of_units = table.get().cells.iter().filter(|c| c.key.source.is_none());
        of_units.filter_map(|cell| cell.key.unit.as_ref().map(ToString::to_string)).collect()
    }

    #[test]
    fn a_row_needs_more_people_than_a_figure() {
        let register = register(&[("一队", "箱", 12, true), ("二队", "箱", 30, true)]);
        let guard = Guard::default();
        assert_eq!(units(&guard.table(&register)), ["一队", "二队"]);
        assert_eq!(units(&guard.export(&register)), ["二队"]);
    }

    #[test]
    fn duplicate_groups_count_half_and_sources_are_not_added() {
        let register = register(&[
            ("一队", "网", 30, false),
            ("二队", "网", 44, false),
            ("三队", "箱", 15, true),
            ("三队", "网", 16, false),
        ]);
        let guard = Guard::default();
        assert_eq!(units(&guard.table(&register)).len(), 3);
        assert_eq!(units(&guard.export(&register)), ["二队"]);
    }

    #[test]
    fn everything_exported_was_released_as_it_is() {
        let register = register(&[("一队", "箱", 12, true), ("二队", "箱", 30, true)]);
        let (released, exported) =
            (Guard::default().table(&register), Guard::default().export(&register));
        assert!(!exported.get().cells.is_empty());
        assert!(exported.get().cells.iter().all(|cell| released.get().cells.contains(cell)));
    }

    #[test]
    fn a_month_released_before_people_were_recorded_is_not_exported() {
        let old: Vec<RegisterEntry> = register(&[("二队", "箱", 30, true)])
            .entries()
            .map(|entry| {
                let mut json = serde_json::to_value(entry).unwrap();
                json.as_object_mut().unwrap().remove("people");
                serde_json::from_value(json).unwrap()
            })
            .collect();
        let register = ReleaseRegister::new(old);
        assert!(!Guard::default().table(&register).get().cells.is_empty());
        assert_eq!(Guard::default().export(&register).get(), &ReleasedTable::default());
    }
}
