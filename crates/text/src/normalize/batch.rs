//! The stage: raw documents in, normalized documents out, refused ones aside.

use std::fmt;

use corpus::{Origin, RawDocument, Rejection, RejectionReason, Withheld};

use super::{NormalizedText, Normalizer};
use crate::{Scratch, restore, unescape};

/// A text above this is not a contribution but a file by mistake: 200 KB are about 68,000 characters.
pub const TEXT_BYTES_MAX: usize = 200 * 1024;

/// A document whose words are in normal form. Not serializable: it may hold identifiers until redaction.
pub struct NormalizedDocument {
    /// What is known beside the words.
    pub origin: Origin,
    /// The question that the text answers, normalized.
    pub question: Option<String>,
    /// The words.
    pub body: NormalizedText,
}

impl fmt::Debug for NormalizedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NormalizedDocument")
            .field("origin", &self.origin)
            .field("question", &self.question.as_deref().map(Withheld::text))
            .field("body", &self.body)
            .finish()
    }
}

/// Unescapes, mends and normalizes each document, in order. Empty and oversized ones are refused; one bad text never fails the batch.
pub fn normalize_batch(
    normalizer: &Normalizer,
    documents: Vec<RawDocument>,
    scratch: &mut Scratch,
) -> (Vec<NormalizedDocument>, Vec<Rejection>) {
    let (mut normalized, mut rejections) = (Vec::with_capacity(documents.len()), Vec::new());
    for document in documents {
        let text_bytes = document.text.len();
        if text_bytes > TEXT_BYTES_MAX {
            let detail = format!("the text has {text_bytes} bytes (at most {TEXT_BYTES_MAX})");
            rejections.push(rejection(document, RejectionReason::TooLong, detail));
            continue;
        }
        let body = normalize_once(normalizer, &document.text, scratch);
        if !body.text.chars().any(|c| c.is_alphanumeric() || super::is_emoji(c)) {
            rejections.push(rejection(
                document,
                RejectionReason::Empty,
                format!("no words in {text_bytes} bytes"),
            ));
            continue;
        }
        let question = document
            .question
            .map(|question| normalize_once(normalizer, &question, scratch).text)
            .filter(|question| !question.is_empty());
        normalized.push(NormalizedDocument { origin: document.origin, question, body });
    }
    (normalized, rejections)
}

/// What must happen exactly once to a text, and therefore outside [`Normalizer::normalize`]: undoing double encoding and HTML.
fn normalize_once(normalizer: &Normalizer, raw: &str, scratch: &mut Scratch) -> NormalizedText {
    let (restored, restored_by) = restore(raw);
    let (plain, unescaped_by) = unescape(&restored);
    let mut body = normalizer.normalize(&plain, scratch);
    body.repairs |= restored_by | unescaped_by;
    body
}

fn rejection(document: RawDocument, reason: RejectionReason, detail: String) -> Rejection {
    Rejection {
        locator: document.origin.locator,
        reason,
        detail,
        bytes: document.text.into_bytes(),
    }
}
