//! The words everyone shares.
//!
//! Every other crate speaks in these types, and two crates on the same level know each other only through them.
//! There is no I/O here, no async, no clock and no randomness: values, their rules, and the Arrow schema of the document table.
//!
//! - [`RawDocument`] is what a source gives. It is row-wise and cannot be serialized, because nothing before redaction may be persisted.
//! - [`DocumentBatch`] is what redaction gives: Arrow from here on. [`TokenizedBatch`] adds the one cut, [`EnrichedBatch`] the judgements.
//! - [`DailySeries`] and [`Shift`] are what detection reads and gives; [`SearchQuery`] and [`Hit`] are the two ends of search.
#![warn(missing_docs)]

mod batch;
mod bearer_code;
mod day;
mod document;
mod id;
mod period;
mod polarity;
mod schema;
mod search;
mod series;
mod token;

pub use batch::{
    DocumentBatch, DocumentBatchBuilder, DocumentRow, EnrichedBatch, Enrichment, Judgement,
    SchemaError, TokenizedBatch,
};
pub use bearer_code::{BearerCode, BearerCodeError};
pub use day::{Day, DayParseError, EventTime, Month};
pub use document::{Author, Locator, Origin, RawDocument, Rejection, RejectionReason, Withheld};
pub use id::{
    ContentHash, DocumentId, GroupId, IdError, SourceId, TopicId, UnitId, Visibility, Voice,
};
pub use period::{Period, PeriodParseError};
pub use polarity::{Polarity, PolarityError};
pub use schema::{column, document_schema, table_schema};
pub use search::{ClauseSpan, Hit, Hits, SearchQuery};
pub use series::{DailySeries, DayVoices, Direction, EmergingKind, SeriesKey, Shift};
pub use token::{Token, TokenBatch, TokenDecodeError, TokenKind, WordClass};
