//! What pages read. `app` implements it over store, guard and ledger, and writes each read to the audit log.

use std::fmt;
use std::sync::Arc;

use corpus::{BearerCode, Period, SearchQuery, SeriesKey};
use privacy::{Disclosed, Facts, LimitValues, ReleasedTable, SearchAnswer};

/// The reading side of the product. Calls block (index, SQLite), so they run off the async runtime, several at once.
pub trait ReadModel: Send + Sync {
    /// Answers a search. Audited.
    ///
    /// # Errors
    /// [`ReadError::Query`] when the text cannot be parsed, else what failed.
    fn search(
        &self,
        query: &SearchQuery,
        reader: &Reader,
    ) -> Result<Disclosed<SearchAnswer>, ReadError>;

    /// The released table, from which the page shows `key`. Audited.
    ///
    /// # Errors
    /// When the register of releases cannot be read.
    fn trend(
        &self,
        key: &SeriesKey,
        reader: &Reader,
    ) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError>;

    /// The released table, from which forms take the names of units, sources and topics. Not a read of figures: not audited.
    ///
    /// # Errors
    /// When the register of releases cannot be read.
    fn released(&self) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError>;

    /// The released cells that may leave as a file. Audited as an export.
    ///
    /// # Errors
    /// When the register of releases cannot be read.
    fn export(&self, reader: &Reader) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError>;

    /// The latest digest, `None` before the first. Audited.
    ///
    /// # Errors
    /// When it cannot be read.
    fn digest(&self, reader: &Reader) -> Result<Option<Arc<DigestFiles>>, ReadError>;

    /// The replies to the texts of a receipt code; none also for a code that nobody has, after the same time. Not audited: who comes for a reply is
    /// nobody's business.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn replies(&self, code: &BearerCode) -> Result<Vec<String>, ReadError>;

    /// Withdraws the texts of a receipt code. Done alike, and audited alike, for a code that nobody has.
    ///
    /// # Errors
    /// When it cannot be written.
    fn withdraw(&self, code: &BearerCode) -> Result<(), ReadError>;

    /// What the page on method and limits says.
    ///
    /// # Errors
    /// When it cannot be read; the health check reports it.
    fn about(&self) -> Result<Arc<About>, ReadError>;
}

/// Who reads, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Name of the account; `本机` where there are no accounts and only this machine can connect.
    pub name: String,
}

impl Reader {
    /// Whoever sits at this machine.
    pub fn local() -> Self {
        Self { name: "本机".to_owned() }
    }
}

/// One digest as written by `digest::render_html`, `render_csv` and `render_json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestFiles {
    /// The period it reports.
    pub period: Period,
    /// The page.
    pub html: String,
    /// The released cells.
    pub csv: String,
    /// Everything, for machines.
    pub json: String,
}

/// Facts for the page on method and limits; none is about people.
#[derive(Debug, Clone)]
pub struct About {
    /// Whose feedback this is.
    pub organization: String,
    /// Disclosure limits in force.
    pub limits: LimitValues,
    /// What was read and what it ran on.
    pub facts: Facts,
}

/// Why a read gave nothing.
#[derive(Debug)]
pub enum ReadError {
    /// The query text cannot be parsed; the reason is for the reader, in Chinese.
    Query(String),
    /// Not ready: the index catches up, or the store is locked.
    Unavailable,
    /// A bug or a broken file; the reason is for the log only.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(reason) => write!(f, "parse query: {reason}"),
            Self::Unavailable => f.write_str("the store is not ready"),
            Self::Internal(_) => f.write_str("read the store"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Internal(source) => Some(source.as_ref()),
            Self::Query(_) | Self::Unavailable => None,
        }
    }
}
