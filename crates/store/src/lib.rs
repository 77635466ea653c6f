//! The document table and the search index derived from it.
//!
//! Truth is one Delta Lake table of Parquet files, partitioned by month. The tantivy index can be deleted at any time: its commit payload names
//! the table version that it holds, and [`Store::open`] brings it up to the table's version, or rebuilds it when it cannot.
//!
//! **Exactly once.** [`Store::commit`] writes a source's rows and its checkpoint sequence in one Delta transaction. The caller writes the cursor
//! under the same sequence to the ledger *before*; after a crash the sequence that the table holds says which cursor counts.
//!
//! Only [`privacy::Redacted`] rows come in, and nothing here decides who may see what comes out: [`SearchOutcome`] is for the guard.
#![warn(missing_docs)]

mod error;
mod index;
mod lock;
mod parquet_file;
mod recut;
mod search;
mod snippet;
mod table;
mod write;

use std::path::{Path, PathBuf};

pub use error::Error;
pub use search::{HitVoice, QueryAnalyzer, SearchOutcome};
pub use write::{Committed, PushCounts, SourceSequence};

use index::Index;
use lock::StoreLock;
use table::Table;
use write::Pending;

/// One store on disk: `table/` (Delta) and `index/` (tantivy) under a root directory, held by one process at a time.
pub struct Store {
    table: Table,
    index: Index,
    pending: Pending,
    _lock: StoreLock,
}

/// What opening had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// The index held the table's version.
    None,
    /// The index was behind and read this many rows from the table.
    CaughtUp {
        /// Rows added to the index.
        rows: u64,
    },
    /// The index was missing, unreadable or behind a removal, and was made again from this many rows.
    Rebuilt {
        /// Rows added to the index.
        rows: u64,
    },
}

impl Store {
    /// Opens the store under `root`, making it on first use, and brings the index up to the table.
    ///
    /// `segmentation` is the fingerprint of what cuts queries now.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process holds it, [`Error::Segmentation`] when the index was cut by another segmenter, and what file
    /// system, Delta and tantivy report.
    pub async fn open(root: &Path, segmentation: &str) -> Result<(Self, Recovery), Error> {
        let lock = StoreLock::acquire(root)?;
        let table = Table::open(&root.join("table")).await?;
        let (index, recovery) = Index::open(&root.join("index"), &table, segmentation).await?;
        Ok((Self { table, index, pending: Pending::default(), _lock: lock }, recovery))
    }

    /// Version of the table, counted up by every commit.
    pub fn version(&self) -> u64 {
        self.table.version()
    }

    /// Active Parquet files of the table, for reading it as SQL. Each lies in a folder `month=2026-03`.
    ///
    /// # Errors
    /// When the table's log cannot be read.
    pub fn active_files(&self) -> Result<Vec<PathBuf>, Error> {
        Ok(self.table.active_files()?.into_iter().map(|file| file.path).collect())
    }

    /// Months that have rows, ascending.
    ///
    /// # Errors
    /// When the table's log cannot be read.
    pub fn months(&self) -> Result<Vec<corpus::Month>, Error> {
        let months: std::collections::BTreeSet<_> =
            self.table.active_files()?.into_iter().map(|file| file.month).collect();
        Ok(months.into_iter().collect())
    }

    /// Rows in the table.
    ///
    /// # Errors
    /// When the table's log cannot be read.
    pub fn row_count(&self) -> Result<u64, Error> {
        Ok(self.table.active_files()?.iter().map(|file| file.rows).sum())
    }

    /// Documents in the index; equals [`Self::row_count`] whenever nothing is uncommitted.
    pub fn indexed_count(&self) -> u64 {
        self.index.document_count()
    }

    /// Throws the index away and makes it again from the table, under the segmenter of now.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn rebuild_index(&mut self, segmentation: &str) -> Result<u64, Error> {
        self.index.rebuild(&self.table, segmentation).await
    }
}
