//! What can go wrong in the store.

use std::io;
use std::path::PathBuf;

use corpus::SourceId;

/// An error of the store. Everything but [`Error::Locked`], [`Error::Segmentation`] and [`Error::Sequence`] means damage or a full disk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process works on it.
    #[error("store {root} is in use by another process")]
    Locked {
        /// Root of the store.
        root: PathBuf,
    },
    /// The index was cut by another segmenter, so queries cut by this one would miss.
    #[error("the search index was cut by segmentation {found}, this program cuts by {expected}")]
    Segmentation {
        /// Fingerprint in the index.
        found: String,
        /// Fingerprint of now.
        expected: String,
    },
    /// A commit out of order: the table already holds another sequence of this source.
    #[error("commit {given} of source {source_id} does not follow {held} in the table")]
    Sequence {
        /// The source.
        source_id: SourceId,
        /// Sequence of this commit.
        given: i64,
        /// Sequence that the table holds.
        held: i64,
    },
    /// A file operation failed.
    #[error("{action} {path}")]
    File {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A Parquet file cannot be written or read.
    #[error("{action} {path}")]
    Parquet {
        /// What was being done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// A table file lacks a column.
    #[error("read {path}")]
    Schema {
        /// The file.
        path: PathBuf,
        /// What is missing.
        #[source]
        source: corpus::SchemaError,
    },
    /// A row's tokens do not fit its text.
    #[error("read the tokens of document {id}")]
    Tokens {
        /// The row.
        id: corpus::DocumentId,
        /// Why.
        #[source]
        source: corpus::TokenDecodeError,
    },
    /// Arrow refused a batch.
    #[error("{action}")]
    Arrow {
        /// What was being done.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// Delta Lake refused.
    #[error("{action}")]
    Delta {
        /// What was being done.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: Box<deltalake::DeltaTableError>,
    },
    /// Tantivy refused.
    #[error("{action}")]
    Index {
        /// What was being done.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: Box<tantivy::TantivyError>,
    },
}

pub(crate) fn delta(action: &'static str) -> impl FnOnce(deltalake::DeltaTableError) -> Error {
    move |source| Error::Delta { action, source: Box::new(source) }
}

pub(crate) fn index(action: &'static str) -> impl FnOnce(tantivy::TantivyError) -> Error {
    move |source| Error::Index { action, source: Box::new(source) }
}

pub(crate) fn arrow(action: &'static str) -> impl FnOnce(arrow::error::ArrowError) -> Error {
    move |source| Error::Arrow { action, source }
}
