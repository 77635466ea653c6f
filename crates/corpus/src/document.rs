//! A document as a source gave it, and how one is refused.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::{BearerCode, EventTime, UnitId};

/// Where in its source a document stood: for messages, the quarantine and replay.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Locator {
    /// File path or feed address, as the user gave it.
    pub origin: Arc<str>,
    /// Line, row or entry, counted from 1.
    pub position: u64,
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.origin, self.position)
    }
}

/// The author field of a source. It has one use, making a [`crate::Voice`], and shows itself to nobody.
///
/// Deliberately neither `Clone` nor `Serialize`.
pub struct Author(String);

impl Author {
    /// Takes the field; an empty one means that the source gave none.
    pub fn new(field: String) -> Option<Self> {
        if field.trim().is_empty() { None } else { Some(Self(field)) }
    }

    /// Consumes the field, for the HMAC. Nothing else may call this.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Author(***)")
    }
}

/// All that is known of a document beside its words.
#[derive(Debug)]
pub struct Origin {
    /// Where it stood.
    pub locator: Locator,
    /// The source's own id, when it has one.
    pub external_id: Option<String>,
    /// When it was posted.
    pub posted_at: EventTime,
    /// The part of the organization it is about or comes from.
    pub unit: Option<UnitId>,
    /// Stars or points, scaled by the source's declared range to [-1, 1].
    pub rating: Option<f32>,
    /// The contributor, until redaction.
    pub author: Option<Author>,
    /// By which the contributor finds the reply again, until redaction.
    pub receipt: Option<BearerCode>,
}

/// One decoded document, before normalization. Row-wise, since each may still be refused alone; not serializable, since it may hold identifiers.
#[derive(Debug)]
pub struct RawDocument {
    /// What is known beside the words.
    pub origin: Origin,
    /// The question that the text answers, for forms.
    pub question: Option<String>,
    /// The words: title and body, a line break between them where the source has both.
    pub text: String,
}

/// Why a document was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionReason {
    /// The bytes are in no encoding that we can tell.
    Encoding,
    /// The row, line or entry cannot be parsed.
    Syntax,
    /// A field that is needed is missing.
    MissingField,
    /// The time is missing, unreadable or absurd (before 1990 or in the future).
    Time,
    /// No words.
    Empty,
    /// More than the limit of one text.
    TooLong,
    /// A name or number field holds something else.
    Field,
}

impl RejectionReason {
    /// The word used in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Syntax => "syntax",
            Self::MissingField => "missing_field",
            Self::Time => "time",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Field => "field",
        }
    }
}

/// A document that goes to the quarantine instead of the table: with where, why, and its bytes for replay.
#[derive(Debug)]
pub struct Rejection {
    /// Where it stood.
    pub locator: Locator,
    /// Why, for counting.
    pub reason: RejectionReason,
    /// Why, for a person. Never holds words of the document.
    pub detail: String,
    /// The bytes as they came. They leave memory only encrypted.
    pub bytes: Vec<u8>,
}
