//! The released rows by number, and which of them were cited.

use std::collections::{BTreeMap, BTreeSet};

use corpus::{Month, SeriesKey};
use privacy::{Figures, ReleasedCell, ReleasedTable};

use crate::chart::{PointValue, TimePoint};

/// Months that charts reach back, the reported one included: a year shows the season, and fits the paper.
const MONTHS_SHOWN_MAX: usize = 12;

/// Numbers the cells of a table in their order (`c1`, `c2`, …) and remembers what was cited, so that the annex lists exactly that.
pub(crate) struct Evidence<'a> {
    table: &'a ReleasedTable,
    period: Month,
    months: Vec<Month>,
    numbers: BTreeMap<(&'a SeriesKey, Month), usize>,
    cited: BTreeSet<usize>,
}

/// What may be told of one series in one month.
#[derive(Clone)]
pub(crate) struct Cited<'a> {
    /// Id of the row behind it, `None` when nothing was released.
    pub(crate) row: Option<String>,
    pub(crate) figures: &'a Figures,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(table: &'a ReleasedTable, period: Month) -> Self {
        let until_period = table.months.iter().copied().filter(|month| *month <= period);
        let mut months: Vec<Month> = until_period.collect();
        months.drain(..months.len().saturating_sub(MONTHS_SHOWN_MAX));
        let numbers = table
            .cells
            .iter()
            .enumerate()
            .map(|(position, cell)| ((&cell.key, cell.month), position))
            .collect();
        Self { table, period, months, numbers, cited: BTreeSet::new() }
    }

    /// The months that charts show, ascending; the last is the reported one.
    pub(crate) fn months(&self) -> &[Month] {
        &self.months
    }

    pub(crate) fn period(&self) -> Month {
        self.period
    }

    /// The month before the reported one, when the table covers it.
    pub(crate) fn month_before(&self) -> Option<Month> {
        self.months.iter().copied().find(|month| month.next() == self.period)
    }

    /// The figures of a cell, which the annex will list.
    pub(crate) fn cite(&mut self, key: &SeriesKey, month: Month) -> Cited<'a> {
        let found = self
            .numbers
            .get(&(key, month))
            .and_then(|number| self.table.cells.get(*number).map(|cell| (*number, cell)));
        match found {
            Some((_, ReleasedCell { figures: Figures::Suppressed, .. })) | None => {
                Cited { row: None, figures: &Figures::Suppressed }
            }
            Some((number, cell)) => {
                self.cited.insert(number);
                Cited { row: Some(row_id(number)), figures: &cell.figures }
            }
        }
    }

    /// The figures of a cell, for sorting and counting only.
    pub(crate) fn look(&self, key: &SeriesKey, month: Month) -> &'a Figures {
        self.numbers
            .get(&(key, month))
            .and_then(|number| self.table.cells.get(*number))
            .map_or(&Figures::Suppressed, |cell| &cell.figures)
    }

    /// Id of the row of a cell, without citing it.
    pub(crate) fn row_of(&self, key: &SeriesKey, month: Month) -> Option<String> {
        self.numbers.get(&(key, month)).copied().map(row_id)
    }

    /// Every month shown, with what was released of `key`.
    pub(crate) fn points(&mut self, key: &SeriesKey) -> Vec<TimePoint> {
        let months = self.months.clone();
        months
            .into_iter()
            .map(|month| {
                let cited = self.cite(key, month);
                let value = match *cited.figures {
                    Figures::Shown { mean, mean_interval, .. } => {
                        PointValue::Mean { mean, interval: mean_interval }
                    }
                    Figures::Range { mean: (low, high), .. } => PointValue::Range(low, high),
                    Figures::Suppressed => PointValue::Hidden,
                };
                TimePoint { month, value, cell: cited.row }
            })
            .collect()
    }

    /// Keys of a kind that were released in some month shown, those with most voices in the reported month first.
    pub(crate) fn keys(&self, is_of_kind: impl Fn(&SeriesKey) -> bool) -> Vec<&'a SeriesKey> {
        let shown = self.table.cells.iter().filter(|cell| {
            self.months.contains(&cell.month) && cell.figures != Figures::Suppressed
        });
        let distinct: BTreeSet<&SeriesKey> =
            shown.map(|cell| &cell.key).filter(|key| is_of_kind(key)).collect();
        let mut keys: Vec<&SeriesKey> = distinct.into_iter().collect();
        // The sort is stable: equal counts keep the order of the names.
        keys.sort_by_key(|key| std::cmp::Reverse(voices(self.look(key, self.period))));
        keys
    }

    /// Cited rows in the order of the table.
    pub(crate) fn cited(&self) -> impl Iterator<Item = (String, &'a ReleasedCell)> {
        self.cited
            .iter()
            .filter_map(|number| self.table.cells.get(*number).map(|cell| (row_id(*number), cell)))
    }
}

/// `c1` is the first cell of the table.
pub(crate) fn row_id(number: usize) -> String {
    format!("c{}", number + 1)
}

/// Voices of a cell, `None` when it was not released.
pub(crate) fn voices(figures: &Figures) -> Option<u32> {
    match figures {
        Figures::Shown { voices, .. } | Figures::Range { voices, .. } => Some(*voices),
        Figures::Suppressed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(unit: &str) -> SeriesKey {
        SeriesKey { unit: Some(unit.parse().unwrap()), ..SeriesKey::default() }
    }

    fn shown(unit: &str, month: Month, voices: u32) -> ReleasedCell {
        let figures = Figures::Shown {
            voices,
            positive_share: 0.5,
            negative_share: 0.3,
            neutral_share: 0.2,
            mean: 0.2,
            mean_interval: (0.1, 0.3),
        };
        ReleasedCell { key: key(unit), month, figures }
    }

    #[test]
    fn only_what_was_cited_is_listed() {
        let month: Month = "2026-03".parse().unwrap();
        let table = ReleasedTable {
            months: vec![month],
            cells: vec![shown("一厂", month, 10), shown("二厂", month, 20)],
        };
        let mut evidence = Evidence::new(&table, month);
        assert_eq!(evidence.keys(|key| key.unit.is_some()), [&key("二厂"), &key("一厂")]);
        assert_eq!(evidence.cite(&key("二厂"), month).row.as_deref(), Some("c2"));
        assert_eq!(evidence.cite(&key("三厂"), month).row, None);
        assert_eq!(evidence.cited().map(|(row, _)| row).collect::<Vec<_>>(), ["c2"]);
    }

    #[test]
    fn later_months_are_not_shown() {
        let period: Month = "2026-03".parse().unwrap();
        let mut months = vec!["2025-01".parse::<Month>().unwrap()];
        while months.len() < 20 {
            months.push(months[months.len() - 1].next());
        }
        let table = ReleasedTable { months, cells: Vec::new() };
        let evidence = Evidence::new(&table, period);
        assert_eq!(evidence.months().len(), MONTHS_SHOWN_MAX);
        assert_eq!(evidence.months().last(), Some(&period));
        assert_eq!(evidence.month_before().unwrap().to_string(), "2026-02");
    }
}
