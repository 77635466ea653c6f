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
        let mut cells: Vec<ReleasedCell> =
            self.entries().flat_map(|entry| entry.cells.iter().cloned()).collect();
        cells.sort_by(|a, b| (&a.key, a.month).cmp(&(&b.key, b.month)));
        // A month of which nothing was released is not listed: that somebody wrote in it at all is told by that.
        let told = self.entries().filter(|entry| !entry.cells.is_empty());
        ReleasedTable { months: told.map(|entry| entry.month).collect(), cells }
    }
}
