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

/// What `Debug` shows of something that may hold identifiers: how long it is, and nothing else.
pub struct Withheld(usize);

impl Withheld {
    /// Stands for `text`.
    pub fn text(text: &str) -> Self {
        Self(text.len())
    }

    /// Stands for `bytes`.
    pub fn bytes(bytes: &[u8]) -> Self {
        Self(bytes.len())
    }
}

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes withheld", self.0)
    }
}

/// All that is known of a document beside its words.
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

/// Where it stood and what it carries. A source's own id may be a person's number, and a time of day says who was at the desk: neither is shown.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin")
            .field("locator", &self.locator)
            .field("external_id", &self.external_id.as_deref().map(Withheld::text))
            .field("posted_on", &self.posted_at.day())
            .field("unit", &self.unit)
            .field("rating", &self.rating)
            .field("author", &self.author)
            .field("receipt", &self.receipt)
            .finish()
    }
}

/// One decoded document, before normalization. Row-wise, since each may still be refused alone; not serializable, since it may hold identifiers.
pub struct RawDocument {
    /// What is known beside the words.
    pub origin: Origin,
    /// The question that the text answers, for forms.
    pub question: Option<String>,
    /// The words: title and body, a line break between them where the source has both.
    pub text: String,
}

/// Lengths instead of words: a document before redaction may be on its way into a log or a panic message.
impl fmt::Debug for RawDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawDocument")
            .field("origin", &self.origin)
            .field("question", &self.question.as_deref().map(Withheld::text))
            .field("text", &Withheld::text(&self.text))
            .finish()
    }
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

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("locator", &self.locator)
            .field("reason", &self.reason)
            .field("detail", &self.detail)
            .field("bytes", &Withheld::bytes(&self.bytes))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_words_nor_people() {
        let locator = Locator { origin: "survey.csv".into(), position: 7 };
        let document = RawDocument {
            origin: Origin {
                locator: locator.clone(),
                external_id: Some("wang-0815".to_owned()),
                posted_at: EventTime::from_unix_ms(1_773_028_233_000).unwrap(),
                unit: None,
                rating: Some(-0.5),
                author: Author::new("王小明".to_owned()),
                receipt: None,
            },
            question: Some("姓名？".to_owned()),
            text: "我叫王小明，电话13812345678".to_owned(),
        };
        let shown = format!("{document:?}");
        for secret in ["王", "138", "姓名", "0815", "1773028233", "03:50", "11:50", "我叫"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(shown.contains("survey.csv") && shown.contains("position: 7"), "{shown}");
        assert!(shown.contains("35 bytes withheld"), "{shown}");

        let bytes = "王小明".as_bytes().to_vec();
        let detail = "no words".to_owned();
        let rejection = Rejection { locator, reason: RejectionReason::Empty, detail, bytes };
        let shown = format!("{rejection:?}");
        assert!(shown.contains("9 bytes withheld") && !shown.contains("231"), "{shown}");
    }
}
