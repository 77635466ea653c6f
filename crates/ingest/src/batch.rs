//! What reading gives: documents, refusals and the place to go on from.

use std::sync::Arc;

use corpus::{Locator, RawDocument, Rejection, RejectionReason};

use crate::{Cursor, Error};

/// A batch is full with this many bytes, so that the batches between two stages stay within a bound however long the rows are.
const BATCH_BYTES_MAX: u64 = 2 << 20;

/// Enough of a refused row to see what it is and to replay it; a row over this is refused for its length anyway.
pub(crate) const REJECTED_BYTES_MAX: usize = 1 << 20;

/// A source, read batch by batch.
pub trait DocumentReader {
    /// Reads up to `limit` rows more, or `None` when the source has no more for now.
    ///
    /// A batch may hold fewer rows than `limit`, even none, while [`ReadBatch::cursor`] moves on. Commit the cursor with the documents, and only
    /// after the rejections are safe in the quarantine: a document that is in neither place is lost.
    ///
    /// # Errors
    /// [`Error`] when the source as a whole cannot be read on. What was read before it was given in earlier batches.
    fn next_batch(&mut self, limit: usize) -> Result<Option<ReadBatch>, Error>;
}

/// Rows of one source, each either a document or a rejection.
#[derive(Debug, Default)]
pub struct ReadBatch {
    /// Documents, in the order of the source.
    pub documents: Vec<RawDocument>,
    /// Rows that are no documents.
    pub rejections: Vec<Rejection>,
    /// Where to go on, once this batch is stored.
    pub cursor: Cursor,
    /// Rows: documents + rejections.
    pub read: u64,
    /// Bytes of the rows, unpacked.
    pub bytes: u64,
}

/// Why a row is no document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: RejectionReason,
    /// For a person, without words of the row.
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn new(reason: RejectionReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

impl ReadBatch {
    pub(crate) fn is_full(&self, limit: usize) -> bool {
        self.read >= limit as u64 || self.bytes >= BATCH_BYTES_MAX
    }

    pub(crate) fn admit(&mut self, document: RawDocument) {
        self.documents.push(document);
        self.read += 1;
    }

    pub(crate) fn refuse(
        &mut self,
        origin: &Arc<str>,
        position: u64,
        refusal: Refusal,
        bytes: &[u8],
    ) {
        let mut detail = refusal.detail;
        let kept = bytes.get(..REJECTED_BYTES_MAX).unwrap_or(bytes);
        if kept.len() < bytes.len() {
            detail =
                format!("{detail} (the first {} of {} bytes are kept)", kept.len(), bytes.len());
        }
        let locator = Locator { origin: Arc::clone(origin), position };
        self.rejections.push(Rejection {
            locator,
            reason: refusal.reason,
            detail,
            bytes: kept.to_vec(),
        });
        self.read += 1;
    }
}
