//! The released rows by number, and which of them were cited.

use std::collections::{BTreeMap, BTreeSet};

use corpus::{Period, SeriesKey, TopicId};
use privacy::{Figures, ReleasedCell, ReleasedTable};

use crate::chart::{PointValue, TimePoint};

/// Months that charts reach back, the reported one included: a year shows the season, and fits the paper.
const MONTHS_SHOWN_MAX: usize = 12;

/// Weeks that charts reach back: a quarter.
const WEEKS_SHOWN_MAX: usize = 13;

/// Numbers the cells of a table in their order (`c1`, `c2`, …) and remembers what was cited, so that the annex lists exactly that.
///
/// A series is of months or of weeks. A report on the week in which a month ends tells of the month's series too; between, they have nothing new.
pub(crate) struct Evidence<'a> {
    table: &'a ReleasedTable,
    period: Period,
    months: Vec<Period>,
    weeks: Vec<Period>,
    /// Series of weeks; all others are of months.
    weekly: BTreeSet<&'a SeriesKey>,
    numbers: BTreeMap<(&'a SeriesKey, Period), usize>,
    cited: BTreeSet<usize>,
}

/// What may be told of one series in one period.
#[derive(Clone)]
pub(crate) struct Cited<'a> {
    /// Id of the row behind it, `None` when nothing was released.
    pub(crate) row: Option<String>,
    pub(crate) figures: &'a Figures,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(table: &'a ReleasedTable, period: Period) -> Self {
        let until_period = table.periods.iter().copied();
        let (mut months, mut weeks): (Vec<Period>, Vec<Period>) = until_period
            .filter(|other| other.last_day() <= period.last_day())
            .partition(|other| other.is_month());
        months.drain(..months.len().saturating_sub(MONTHS_SHOWN_MAX));
        weeks.drain(..weeks.len().saturating_sub(WEEKS_SHOWN_MAX));
        // Cells ascend by key and period: of each key the last one stays.
        let until_period =
            table.cells.iter().filter(|cell| cell.period.last_day() <= period.last_day());
        let is_month: BTreeMap<&SeriesKey, bool> =
            until_period.map(|cell| (&cell.key, cell.period.is_month())).collect();
        let weekly =
            is_month.into_iter().filter(|(_, is_month)| !is_month).map(|(key, _)| key).collect();
        let numbers = table
            .cells
            .iter()
            .enumerate()
            .map(|(position, cell)| ((&cell.key, cell.period), position))
            .collect();
        Self { table, period, months, weeks, weekly, numbers, cited: BTreeSet::new() }
    }

    /// Topics that some cell told of before `period`.
    pub(crate) fn topics_before(&self, period: Period) -> BTreeSet<&'a TopicId> {
        let earlier = self.table.cells.iter().filter(|cell| {
            cell.period.last_day() < period.first_day() && cell.figures != Figures::Suppressed
        });
        earlier.filter_map(|cell| cell.key.topic.as_ref()).collect()
    }

    /// The first period that the table tells of.
    pub(crate) fn first(&self) -> Option<Period> {
        self.table.periods.first().copied()
    }

    /// The periods that charts show, of the kind that is reported, ascending; the last is the reported one.
    pub(crate) fn periods(&self) -> &[Period] {
        if self.period.is_month() { &self.months } else { &self.weeks }
    }

    /// The periods of a series that charts show, ascending.
    pub(crate) fn periods_of(&self, key: &SeriesKey) -> &[Period] {
        if self.weekly.contains(key) { &self.weeks } else { &self.months }
    }

    /// The reported period.
    pub(crate) fn period(&self) -> Period {
        self.period
    }

    /// The period of a series that this report tells of: the reported one, or that of its own kind that ends with it; else none.
    pub(crate) fn reported(&self, key: &SeriesKey) -> Option<Period> {
        let of_month = Period::from(self.period.month());
        let last =
            if self.weekly.contains(key) { self.weeks.last().copied() } else { Some(of_month) };
        last.filter(|period| period.last_day() == self.period.last_day())
    }

    /// The period of a series before the reported one, when the table covers it.
    pub(crate) fn before(&self, key: &SeriesKey) -> Option<Period> {
        let reported = self.reported(key)?;
        self.periods_of(key).iter().copied().find(|period| period.next() == reported)
    }

    /// The name of a series in a list of several: it says so when its figures are of the month while the others are of the week that ends with it.
    pub(crate) fn label(&self, key: &SeriesKey) -> String {
        match self.reported(key) {
            Some(period) if period != self.period && period.is_month() => format!("{key}（全月）"),
            Some(period) if period != self.period => format!("{key}（末周）"),
            _ => key.to_string(),
        }
    }

    /// [`Evidence::cite`] for the reported period.
    pub(crate) fn cite_reported(&mut self, key: &SeriesKey) -> Cited<'a> {
        match self.reported(key) {
            Some(period) => self.cite(key, period),
            None => Cited { row: None, figures: &Figures::Suppressed },
        }
    }

    /// [`Evidence::look`] for the reported period.
    pub(crate) fn look_reported(&self, key: &SeriesKey) -> &'a Figures {
        self.reported(key).map_or(&Figures::Suppressed, |period| self.look(key, period))
    }

    /// The figures of a cell, which the annex will list.
    pub(crate) fn cite(&mut self, key: &SeriesKey, period: Period) -> Cited<'a> {
        let found = self
            .numbers
            .get(&(key, period))
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
    pub(crate) fn look(&self, key: &SeriesKey, period: Period) -> &'a Figures {
        self.numbers
            .get(&(key, period))
            .and_then(|number| self.table.cells.get(*number))
            .map_or(&Figures::Suppressed, |cell| &cell.figures)
    }

    /// Id of the row of a cell, without citing it.
    pub(crate) fn row_of(&self, key: &SeriesKey, period: Period) -> Option<String> {
        self.numbers.get(&(key, period)).copied().map(row_id)
    }

    /// Every period shown, with what was released of `key`.
    pub(crate) fn points(&mut self, key: &SeriesKey) -> Vec<TimePoint> {
        let periods = self.periods_of(key).to_vec();
        periods
            .into_iter()
            .map(|period| {
                let cited = self.cite(key, period);
                let value = match *cited.figures {
                    Figures::Shown { mean, mean_interval, .. } => {
                        PointValue::Mean { mean, interval: mean_interval }
                    }
                    Figures::Range { mean: (low, high), .. } => PointValue::Range(low, high),
                    Figures::Suppressed => PointValue::Hidden,
                };
                TimePoint { period, value, cell: cited.row }
            })
            .collect()
    }

    /// Keys of a kind that this report tells of and that were released in some period shown, those with most voices in the reported one first.
    pub(crate) fn keys(&self, is_of_kind: impl Fn(&SeriesKey) -> bool) -> Vec<&'a SeriesKey> {
        let shown = self.table.cells.iter().filter(|cell| {
            self.reported(&cell.key).is_some()
                && self.periods_of(&cell.key).contains(&cell.period)
                && cell.figures != Figures::Suppressed
        });
        let distinct: BTreeSet<&SeriesKey> =
            shown.map(|cell| &cell.key).filter(|key| is_of_kind(key)).collect();
        let mut keys: Vec<&SeriesKey> = distinct.into_iter().collect();
        // The sort is stable: equal counts keep the order of the names.
        keys.sort_by_key(|key| std::cmp::Reverse(voices(self.look_reported(key))));
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

    fn shown(unit: &str, period: Period, voices: u32) -> ReleasedCell {
        let figures = Figures::Shown {
            voices,
            positive_share: 0.5,
            negative_share: 0.3,
            neutral_share: 0.2,
            mean: 0.2,
            mean_interval: (0.1, 0.3),
        };
        ReleasedCell { key: key(unit), period, figures }
    }

    #[test]
    fn only_what_was_cited_is_listed() {
        let month: Period = "2026-03".parse().unwrap();
        let table = ReleasedTable {
            months: vec![month.month()],
            periods: vec![month],
            cells: vec![shown("一厂", month, 10), shown("二厂", month, 20)],
            ..ReleasedTable::default()
        };
        let mut evidence = Evidence::new(&table, month);
        assert_eq!(evidence.keys(|key| key.unit.is_some()), [&key("二厂"), &key("一厂")]);
        assert_eq!(evidence.cite(&key("二厂"), month).row.as_deref(), Some("c2"));
        assert_eq!(evidence.cite(&key("三厂"), month).row, None);
        assert_eq!(evidence.cited().map(|(row, _)| row).collect::<Vec<_>>(), ["c2"]);
    }

    #[test]
    fn later_months_are_not_shown() {
        let period: Period = "2026-03".parse().unwrap();
        let mut periods = vec!["2025-01".parse::<Period>().unwrap()];
        while periods.len() < 20 {
            periods.push(periods[periods.len() - 1].next());
        }
        let table = ReleasedTable { periods, ..ReleasedTable::default() };
        let evidence = Evidence::new(&table, period);
        assert_eq!(evidence.periods().len(), MONTHS_SHOWN_MAX);
        assert_eq!(evidence.periods().last(), Some(&period));
        assert_eq!(evidence.before(&key("一厂")).unwrap().to_string(), "2026-02");
    }

    #[test]
    fn a_week_is_reported_beside_the_month_that_ends_with_it() {
        let [first, second, last, month]: [Period; 4] =
            ["2026-03-01/2026-03-08", "2026-03-09/2026-03-15", "2026-03-23/2026-03-31", "2026-03"]
                .map(|name| name.parse().unwrap());
        let weekly = [first, second, last].map(|week| shown("一厂", week, 20));
        let cells = weekly.into_iter().chain([shown("二厂", month, 10)]).collect();
        let periods = vec![first, second, last, month];
        let table = ReleasedTable {
            months: vec![month.month()],
            periods,
            cells,
            ..ReleasedTable::default()
        };
        let mid_month = Evidence::new(&table, second);
        assert_eq!(mid_month.before(&key("一厂")), Some(first));
        assert_eq!(mid_month.reported(&key("二厂")), None);
        assert_eq!(mid_month.periods(), [first, second]);
        let month_end = Evidence::new(&table, last);
        assert_eq!(month_end.reported(&key("一厂")), Some(last));
        assert_eq!(month_end.reported(&key("二厂")), Some(month));
        assert_eq!(
            ["一厂", "二厂"].map(|unit| month_end.label(&key(unit))),
            ["一厂", "二厂（全月）"]
        );
        assert_eq!(month_end.keys(|_| true), [&key("一厂"), &key("二厂")]);
        assert_eq!(mid_month.keys(|_| true), [&key("一厂")], "what is told of by month is not due");
        let whole_month = Evidence::new(&table, month);
        assert_eq!(whole_month.reported(&key("一厂")), Some(last));
        assert_eq!(whole_month.label(&key("一厂")), "一厂（末周）");
    }
}
