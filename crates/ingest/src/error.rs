//! What stops a source. What stops only one document is a [`corpus::Rejection`] and never an error.

use std::io;
use std::path::PathBuf;

/// Why a source cannot be declared, opened or read on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key of a declaration is missing or holds something impossible.
    #[error("source {source_name:?}, key {key}: {problem}")]
    Declaration {
        /// The source, as far as it has a name.
        source_name: String,
        /// The key in the config file.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        hint: String,
    },
    /// `--map` is not `field=column,…`.
    #[error("field map {found:?}: {problem}")]
    Map {
        /// The part that cannot be read.
        found: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A pattern names no file.
    #[error("no file matches {pattern}")]
    NoFile {
        /// The path or pattern of the declaration.
        pattern: PathBuf,
    },
    /// The format is neither declared nor told by the file's name.
    #[error("cannot tell the format of {path}")]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened.
    #[error("open {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file broke off while being read: a bad disk, a torn archive.
    #[error("read {path} after row {row}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The last line or row that was read.
        row: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not what its name says.
    #[error("{path} is not {expected}: {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
        /// What is there.
        problem: String,
    },
    /// A mapped or needed column is not there.
    #[error("{path} has no column {wanted} for `{field}` (it has {})", found.join(", "))]
    Column {
        /// The file.
        path: PathBuf,
        /// The field that was looked for.
        field: &'static str,
        /// Its column, or the names that were tried.
        wanted: String,
        /// The columns of the file.
        found: Vec<String>,
    },
}

impl Error {
    /// What the user can do about it, when we know.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Declaration { hint, .. } => Some(hint.clone()),
            Self::Map { .. } => Some(format!(
                "write field=column pairs, e.g. text=内容,posted_at=时间; the fields are {}",
                crate::map::field_names()
            )),
            Self::NoFile { .. } => Some(
                "paths are relative to the config file; only the file name may hold `*`".to_owned(),
            ),
            Self::Format { .. } => Some(
                "give the format (jsonl, csv, tsv, xlsx or parquet) with `format` or --format; save an old .xls as .xlsx"
                    .to_owned(),
            ),
            Self::Column { field, .. } => Some(format!(
                "name the column with `{field} = \"…\"` under [source.map], or --map {field}=…"
            )),
            Self::Content { .. } => Some(
                "give the format with `format` or --format, and the charset with `encoding`"
                    .to_owned(),
            ),
            Self::Open { .. } | Self::Read { .. } => None,
        }
    }
}
