use std::io;

use corpus::IdError;
use datafusion::error::DataFusionError;

/// What can go wrong between the table and a series, or in a benchmark file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Rows judged by different models: a retrained model must not look like a shift.
    #[error("the rows of {table} were judged by {} models ({}); judge all of them with the present one: `huisheng lexicon apply`", models.len(), models.join(", "))]
    MixedModels {
        /// Table asked.
        table: String,
        /// Fingerprints found, sorted.
        models: Vec<String>,
    },
    /// The query engine refused or failed.
    #[error("query table {table}")]
    Query {
        /// Table asked.
        table: String,
        /// What the engine says.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A name in the table that cannot be a source, unit or topic.
    #[error("read the names in table {table}")]
    Name {
        /// Table asked.
        table: String,
        /// What is wrong with the name.
        #[source]
        source: IdError,
    },
    /// A month column that holds something else.
    #[error("read the months in table {table}: {found:?} is not a month")]
    Month {
        /// Table asked.
        table: String,
        /// What was found.
        found: String,
    },
    /// A line of a benchmark file that is no series.
    #[error("read series, line {line}")]
    SeriesLine {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Two lines of a benchmark file with one id: the alarms of one would stand for both.
    #[error("read series, line {line}: the id {id:?} stands in line {first} already")]
    SeriesTwice {
        /// The id.
        id: String,
        /// Where it stands first, counted from 1.
        first: usize,
        /// Where it stands again.
        line: usize,
    },
    /// A benchmark file that cannot be read.
    #[error("read series")]
    SeriesRead(#[source] io::Error),
    /// Predictions that cannot be written.
    #[error("write predictions")]
    PredictionsWrite(#[source] io::Error),
}
