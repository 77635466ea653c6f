//! Receipts: a contributor holds a code, the store a tag by which it knows the code again.
//!
//! The tag of a document is an HMAC over its id and the code under the store's lasting key, so it tells nothing without both, and two texts with one
//! code have tags that nothing connects. Nothing of a code is kept, and no contributor ever enters a tag: whoever has the code is the holder.

use std::fmt;

use corpus::{BearerCode, DocumentId};

use crate::Key;

const TAG_BYTES: usize = 16;
/// Some are left over: see [`BearerCode::from_random`].
const RANDOM_BYTES: usize = 64;

/// What is kept of a code. It opens nothing by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeTag(pub [u8; TAG_BYTES]);

impl fmt::Debug for CodeTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeTag(***)")
    }
}

/// A receipt that came with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The document.
    pub document: DocumentId,
    /// By which its code is known again.
    pub tag: CodeTag,
}

impl Receipt {
    /// The receipt of `document` under the store's lasting key. The code is used up.
    #[expect(clippy::needless_pass_by_value, reason = "the code shall be gone after this")]
    pub fn new(key: &Key, document: DocumentId, code: BearerCode) -> Self {
        let mac = key.mac(PURPOSE, &[&document.0.to_le_bytes(), code.as_bytes()]);
        Self { document, tag: CodeTag(*mac.first_chunk().expect("SHA-256 gives 32 bytes")) }
    }

    /// Those of `receipts` that `code` is the code of. Each is looked at, and none is compared faster than another: how long it takes tells only how
    /// many receipts there are. Cost: one HMAC a receipt, about a second for a million.
    pub fn held_by(key: &Key, code: &BearerCode, receipts: &[Self]) -> Vec<DocumentId> {
        let is_held = |receipt: &&Self| {
            let parts: [&[u8]; 2] = [&receipt.document.0.to_le_bytes(), code.as_bytes()];
            key.is_mac_of(PURPOSE, &parts, &receipt.tag.0)
        };
        receipts.iter().filter(is_held).map(|receipt| receipt.document).collect()
    }
}

const PURPOSE: &str = "receipt";

/// Draws a code from the operating system's generator.
///
/// # Errors
/// [`crate::KeyError`] when there is no generator.
pub fn draw_code() -> Result<BearerCode, crate::KeyError> {
    loop {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(crate::KeyError)?;
        // Ends at once: too few of 64 random bytes are of use once in 10^20 draws.
        if let Some(code) = BearerCode::from_random(&random) {
            return Ok(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::from_bytes([byte; 32])
    }

    /// The same code again: only a test may copy one.
    fn copy(code: &BearerCode) -> BearerCode {
        BearerCode::parse(&code.expose()).unwrap()
    }

    #[test]
    fn a_code_finds_its_documents_and_no_others() {
        let (mine, yours) = (draw_code().unwrap(), draw_code().unwrap());
        let receipts = [
            Receipt::new(&key(1), DocumentId(1), copy(&mine)),
            Receipt::new(&key(1), DocumentId(2), copy(&yours)),
            Receipt::new(&key(1), DocumentId(3), copy(&mine)),
        ];
        assert_eq!(Receipt::held_by(&key(1), &mine, &receipts), [DocumentId(1), DocumentId(3)]);
        assert_eq!(Receipt::held_by(&key(1), &yours, &receipts), [DocumentId(2)]);
        assert_eq!(Receipt::held_by(&key(1), &draw_code().unwrap(), &receipts), []);
        assert_eq!(
            Receipt::held_by(&key(2), &mine, &receipts),
            [],
            "a copy without the key opens nothing"
        );
    }

    #[test]
    fn nothing_connects_two_texts_with_one_code() {
        let code = draw_code().unwrap();
        let [one, other] =
            [DocumentId(1), DocumentId(2)].map(|id| Receipt::new(&key(1), id, copy(&code)));
        assert_ne!(one.tag, other.tag);
        // Nor is a tag moved to another document of any use.
        let moved = Receipt { document: DocumentId(2), tag: one.tag };
        assert_eq!(Receipt::held_by(&key(1), &code, &[moved]), []);
        assert_eq!(
            format!("{one:?}"),
            format!("Receipt {{ document: {:?}, tag: CodeTag(***) }}", one.document)
        );
    }

    #[test]
    fn two_draws_are_two_codes() {
        assert_ne!(draw_code().unwrap().expose(), draw_code().unwrap().expose());
    }
}
