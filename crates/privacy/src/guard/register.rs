//! What has been released, for good. The ledger keeps the entries; they are written there before anything is shown.

use std::collections::BTreeMap;

use corpus::Month;
use serde::{Deserialize, Serialize};

use super::limits::LimitValues;
use crate::release::{ReleasedCell, ReleasedTable};

/// The whole release of one closed month: there is one, and it is never made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegisterEntry {
    /// The closed month.
    pub month: Month,
    /// The limits it was made under.
    pub limits: LimitValues,
    /// Cells that asked, counted.
    pub candidates: u32,
    /// Admitted cells, ascending by key.
    pub cells: Vec<ReleasedCell>,
    /// People behind each of `cells`, in their order: what an export asks. Never shown; absent in entries that older versions wrote.
    #[serde(default)]
    pub people: Vec<u32>,
}

impl RegisterEntry {
    /// The name under which the ledger keeps it: one entry a month.
    pub fn key(&self) -> String {
        format!("release/{}", self.month)
    }
}

/// All releases so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReleaseRegister(BTreeMap<Month, RegisterEntry>);

impl ReleaseRegister {
    /// The register from its entries. Of two for one month the first stays: what was shown first is the answer.
    pub fn new(entries: impl IntoIterator<Item = RegisterEntry>) -> Self {
        let mut register = Self::default();
        entries.into_iter().for_each(|entry| register.add(entry));
        register
    }

    /// Adds a release.
    pub fn add(&mut self, entry: RegisterEntry) {
        self.0.entry(entry.month).or_insert(entry);
    }

    /// Whether `month` was released.
    pub fn holds(&self, month: Month) -> bool {
        self.0.contains_key(&month)
    }

    /// The releases, ascending by month.
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
        // A month of which nothing is told is not listed: that somebody wrote in it at all is told by that.
        let mut months: Vec<Month> = cells.iter().map(|cell| cell.month).collect();
        months.sort_unstable();
        months.dedup();
        cells.sort_by(|a, b| (&a.key, a.month).cmp(&(&b.key, b.month)));
        ReleasedTable { months, cells }
    }
}
