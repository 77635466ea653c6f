//! Brings documents in: files that somebody exported, and feeds that are polled.
//!
//! A [`SourceDeclaration`] says what a source is. [`FilesReader`] and [`FeedPoller`] turn it into [`ReadBatch`]es:
//! documents, the rows that were refused, and the [`Cursor`] to commit with them. Every row is one or the other, so the counts add up.
//!
//! Nothing here stores documents. The one thing written is the quarantine, and that is encrypted before it reaches a file.
#![warn(missing_docs)]

mod batch;
mod charset;
mod clock;
mod columnar;
mod cursor;
mod declaration;
mod delimited;
mod error;
mod feed;
mod files;
mod intake;
mod jsonl;
mod map;
mod quarantine;
mod record;
mod spreadsheet;
mod window;

pub use batch::{DocumentReader, ReadBatch};
pub use cursor::{Cursor, FileCursor, Fingerprint};
pub use declaration::{FileFormat, Input, RatingRange, RawSource, SourceDeclaration};
pub use error::Error;
pub use feed::{
    Clockwork, FeedCursor, FeedError, FeedHealth, FeedOutcome, FeedPoller, Polled, RetryPolicy,
    Waiter,
};
pub use files::FilesReader;
pub use map::{Field, FieldMap, RawFieldMap};
pub use quarantine::{Quarantine, QuarantineContents, QuarantineError, QuarantinedRow};
