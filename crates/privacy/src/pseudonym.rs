//! Pseudonyms: enough to count people within one source and month, nothing to find them again.
//!
//! A contributor becomes 64 bits of HMAC-SHA256 under a random key of that source and calendar month. When the month closes its key is destroyed,
//! and with it every way back, for the operator too: a roster of a thousand names can be tried against a known key, but not against a lost one.
//! Document ids come from a second, lasting key, so that importing the same file again changes nothing. No author ever enters that one.

use std::fmt;
use std::sync::Arc;

use corpus::{Author, BearerCode, ContentHash, Day, DocumentId, Month, Period, SourceId, Voice};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::receipt::Receipt;

/// How many weeks ahead a late document looks for one that is still open.
const WEEKS_AHEAD_MAX: usize = 2600;

/// 256 random bits. Does not print, compare or serialize; [`Self::expose`] is for the one file that keeps it.
#[derive(Clone)]
pub struct Key([u8; 32]);

/// No random bytes from the operating system.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes for a key: {0}")]
pub struct KeyError(pub(crate) getrandom::Error);

impl Key {
    /// A new key from the operating system's generator.
    ///
    /// # Errors
    /// [`KeyError`] when there is no generator: nothing may be ingested then.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(KeyError)?;
        Ok(Self(bytes))
    }

    /// A key read back from where it is kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be written to a file that only the operator reads, outside the table and its backups.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA256 over `parts`, each preceded by its length so that no two lists of parts give the same bytes.
    pub(crate) fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.over(purpose, parts).finalize().into_bytes().into()
    }

    /// Whether `tag` is the beginning of [`Self::mac`], in a time that does not tell how much of it fits.
    pub(crate) fn is_mac_of(&self, purpose: &str, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.over(purpose, parts).verify_truncated_left(tag).is_ok()
    }

    fn over(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

/// Where month keys come from. The app keeps them in files of mode 0600, outside SQLite and out of backups.
pub trait KeyRing: Send + Sync {
    /// Whether documents may still be counted on `day`; once they may not on any day of a month its key is destroyed.
    fn is_open(&self, source: &SourceId, day: Day) -> bool;

    /// The key of `source` for documents of `month`, made when it is asked for the first time; `None` once the month is closed and its key destroyed.
    fn month_key(&self, source: &SourceId, month: Month) -> Option<Arc<Key>>;
}

/// Makes ids and voices.
pub struct Pseudonymizer {
    id_key: Key,
    ring: Arc<dyn KeyRing>,
}

impl fmt::Debug for Pseudonymizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonymizer(***)")
    }
}

/// What makes a document the same document on a second import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) source: &'a SourceId,
    pub(crate) external_id: Option<&'a str>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) question: Option<&'a str>,
    pub(crate) text: &'a str,
    pub(crate) day: Day,
}

impl Pseudonymizer {
    /// `id_key` lasts as long as the store; `ring` gives and forgets the month keys.
    pub fn new(id_key: Key, ring: Arc<dyn KeyRing>) -> Self {
        Self { id_key, ring }
    }

    /// The id that a document of `source` with the source's own id `external_id` has: for erasure and withdrawal by that id.
    pub fn document_id(&self, source: &SourceId, external_id: &str) -> DocumentId {
        id_of(
            self.id_key.mac(
                "document",
                &[source.as_str().as_bytes(), b"external", external_id.as_bytes()],
            ),
        )
    }

    /// The id of a document: by the source's own id, else by all that its row says except who wrote it.
    pub(crate) fn identify(&self, identity: Identity<'_>) -> DocumentId {
        if let Some(external_id) = identity.external_id {
            return self.document_id(identity.source, external_id);
        }
        let day = identity.day.0.to_le_bytes();
        let [unit, question] =
            [identity.unit, identity.question].map(|part| part.unwrap_or_default().as_bytes());
        id_of(self.id_key.mac(
            "document",
            &[
                identity.source.as_str().as_bytes(),
                b"content",
                unit,
                question,
                identity.text.as_bytes(),
                &day,
            ],
        ))
    }

    /// Uses up the receipt code of a document.
    pub(crate) fn receipt(&self, document: DocumentId, code: BearerCode) -> Receipt {
        Receipt::new(&self.id_key, document, code)
    }

    /// Tells a revised text from a known one. Keyed, because short texts could be guessed from a plain hash after they were erased.
    pub(crate) fn content(&self, text: &str) -> ContentHash {
        ContentHash(first_u64(&self.id_key.mac("content", &[text.as_bytes()])))
    }

    /// The day that a document of `day` is counted on: itself while open, else the first of the next open week; `None` when there is none.
    pub(crate) fn open_day(&self, source: &SourceId, day: Day) -> Option<Day> {
        let next_week = |day: &Day| Some(Period::week_of(*day).next().first_day());
        std::iter::successors(Some(day), next_week)
            .take(WEEKS_AHEAD_MAX)
            .find(|day| self.ring.is_open(source, *day))
    }

    /// Uses up the author field. A key is made only for a month in which somebody is named; `None` where the ring gives none.
    pub(crate) fn voice(&self, source: &SourceId, month: Month, author: Author) -> Option<Voice> {
        self.ring.month_key(source, month).map(|key| voice(&key, author))
    }
}

fn voice(key: &Key, author: Author) -> Voice {
    Voice(first_u64(&key.mac("voice", &[&author.into_bytes()])))
}

fn id_of(mac: [u8; 32]) -> DocumentId {
    DocumentId(u128::from_le_bytes(*mac.first_chunk().expect("SHA-256 gives 32 bytes")))
}

fn first_u64(mac: &[u8; 32]) -> u64 {
    u64::from_le_bytes(*mac.first_chunk().expect("SHA-256 gives 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_prints() {
        let key = Key::generate().unwrap();
        assert_eq!(format!("{key:?}"), "Key(***)");
        assert_ne!(key.expose(), Key::generate().unwrap().expose());
    }

    #[test]
    fn the_mac_is_hmac_sha256_over_length_prefixed_parts() {
        let key = Key::from_bytes([7; 32]);
        assert_ne!(key.mac("a", &[b"bc", b"d"]), key.mac("a", &[b"b", b"cd"]));
        assert_ne!(key.mac("document", &[b"x"]), key.mac("voice", &[b"x"]));
        assert_eq!(key.mac("a", &[b"b"]), key.mac("a", &[b"b"]));
    }

    #[test]
    fn a_voice_depends_on_the_key() {
        let author = || Author::new("zhang.san".into()).unwrap();
        let (one, two) = (Key::from_bytes([1; 32]), Key::from_bytes([2; 32]));
        assert!(voice(&one, author()) == voice(&one, author()));
        assert!(voice(&one, author()) != voice(&two, author()));
    }
}
