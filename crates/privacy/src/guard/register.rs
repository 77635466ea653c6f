//! What has been released, for good. The ledger keeps the entries; they are written there before anything is shown.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use corpus::{Month, Period, SeriesKey};
use serde::{Deserialize, Serialize};

use super::admission::Verdict;
use super::cells::CandidateCell;
use super::limits::LimitValues;
use crate::release::{Figures, ReleasedCell, ReleasedTable};

/// The whole release of one closed period: there is one, and it is never made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegisterEntry {
    /// The closed period.
    #[serde(alias = "month")]
    pub period: Period,
    /// The limits it was made under.
    pub limits: LimitValues,
    /// Cells that asked, counted.
    pub candidates: u32,
    /// Admitted cells, ascending by key.
    pub cells: Vec<ReleasedCell>,
    /// People behind each of `cells`, in their order: what an export asks. Never shown; absent in entries that older versions wrote.
    #[serde(default)]
    pub people: Vec<u32>,
    /// Of a month with weeks: what would have been released had everything been told of by month, for its texts. Without weeks that is what was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_conditions: Option<Vec<SeriesKey>>,
}

impl RegisterEntry {
    /// The name under which the ledger keeps it: one entry a period.
    pub fn key(&self) -> String {
        format!("release/{}", self.period)
    }
}

/// All releases so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReleaseRegister(BTreeMap<Period, RegisterEntry>);

impl ReleaseRegister {
    /// The register from its entries. Of two for one period the first stays: what was shown first is the answer.
    pub fn new(entries: impl IntoIterator<Item = RegisterEntry>) -> Self {
        let mut register = Self::default();
        entries.into_iter().for_each(|entry| register.add(entry));
        register
    }

    /// Adds a release.
    pub fn add(&mut self, entry: RegisterEntry) {
        self.0.entry(entry.period).or_insert(entry);
    }

    /// Whether `period` was released. A month is once it is over, even when everything in it was told of by week.
    pub fn holds(&self, period: impl Into<Period>) -> bool {
        self.0.contains_key(&period.into())
    }

    /// How `cell` was released; `None` when its period was not yet.
    pub(super) fn verdict(&self, cell: &CandidateCell) -> Option<Verdict> {
        let entry = self.0.get(&cell.period)?;
        // The cells of an entry ascend by key.
        let found = entry.cells.binary_search_by(|released| released.key.cmp(&cell.key)).ok();
        Some(match found.map(|place| &entry.cells[place].figures) {
            Some(Figures::Shown { .. }) => Verdict::Exact,
            Some(Figures::Range { .. }) => Verdict::Range,
            Some(Figures::Suppressed) | None => Verdict::Withheld,
        })
    }

    /// The releases, ascending by period.
    pub fn entries(&self) -> impl Iterator<Item = &RegisterEntry> {
        self.0.values()
    }

    pub(super) fn table(&self) -> ReleasedTable {
        self.table_of(|_, _| true)
    }

    /// The cells of each entry, by their place in it, that `holds` picks.
    pub(super) fn table_of(&self, holds: impl Fn(&RegisterEntry, usize) -> bool) -> ReleasedTable {
        let picked = |entry: &RegisterEntry| -> Vec<ReleasedCell> {
            let numbered = entry.cells.iter().enumerate();
            numbered.filter(|(n, _)| holds(entry, *n)).map(|(_, cell)| cell.clone()).collect()
        };
        let mut cells: Vec<ReleasedCell> = self.entries().flat_map(picked).collect();
        // A period of which nothing is told is not listed: that somebody wrote in it at all is told by that.
        let mut periods: Vec<Period> = cells.iter().map(|cell| cell.period).collect();
        periods.sort_unstable_by_key(|period| (period.last_day(), Reverse(period.first_day())));
        periods.dedup();
        let mut months: Vec<Month> = periods.iter().map(|period| period.month()).collect();
        months.dedup();
        months.retain(|month| self.holds(*month));
        cells.sort_by(|a, b| (&a.key, a.period).cmp(&(&b.key, b.period)));
        let text_conditions = self.text_conditions(&months);
        ReleasedTable { months, periods, cells, text_conditions }
    }

    fn text_conditions(&self, months: &[Month]) -> Vec<(Month, SeriesKey)> {
        let of_month = |month: &Month| -> Vec<(Month, SeriesKey)> {
            let Some(entry) = self.0.get(&Period::from(*month)) else { return Vec::new() };
            let released = || entry.cells.iter().map(|cell| cell.key.clone()).collect();
            let keys: Vec<SeriesKey> = entry.text_conditions.clone().unwrap_or_else(released);
            keys.into_iter().map(|key| (*month, key)).collect()
        };
        let mut conditions: Vec<(Month, SeriesKey)> = months.iter().flat_map(of_month).collect();
        conditions.sort_unstable();
        conditions
    }
}
