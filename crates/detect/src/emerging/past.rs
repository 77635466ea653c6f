//! The documents seen lately, by the signs in them.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use corpus::{Day, DocumentId};

use super::{EmergingInput, written};

/// One contributor or one copied text counts once in so many days.
const FOLD_DAYS: i32 = 14;
/// Documents of the past that are kept, and what part more may gather before the oldest are forgotten at once: a longer past tells hardly more of what is usual.
const DOCUMENTS_KEPT: usize = 60_000;
const GATHERED_PART: usize = 4;
/// The past is kept at least so many times as long as the longest window, however much is written.
const WINDOWS_KEPT: usize = 4;

/// Place of a sign in [`Past`].
pub(super) type SignId = u32;

/// Documents and signs, each knowing the other. Documents are numbered from the start of the stream; the oldest are forgotten.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    signs: Vec<Sign>,
    sign_ids: HashMap<Arc<str>, SignId>,
    /// Number of the first document that is kept.
    first: u32,
    documents: Vec<Document>,
    /// Day on which a text was last seen, by its hash.
    copies: HashMap<u64, Day>,
    /// Documents of a voice within the fold.
    voices: HashMap<u64, VecDeque<u32>>,
}

#[derive(Debug, Clone)]
struct Sign {
    text: Arc<str>,
    /// Whether it came as a word or phrase: only these name a topic.
    is_term: bool,
    /// Documents that hold it, folded by contributor, ascending.
    documents: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Document {
    id: DocumentId,
    day: Day,
    voice: Option<u64>,
    /// Those that its voice has not used within the fold, ascending.
    signs: Vec<SignId>,
}

impl Past {
    /// Documents kept.
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Number of the first document kept.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// Number of the next document.
    pub(super) fn end(&self) -> u32 {
        self.first + self.documents.len() as u32
    }

    pub(super) fn id(&self, document: u32) -> DocumentId {
        self.document(document).id
    }

    pub(super) fn day(&self, document: u32) -> Day {
        self.document(document).day
    }

    /// The first document kept of a day or after it.
    pub(super) fn first_since(&self, day: Day) -> u32 {
        self.first + self.documents.partition_point(|document| document.day < day) as u32
    }

    /// Whom a document counts for, if that is known.
    pub(super) fn voice(&self, document: u32) -> Option<u64> {
        self.document(document).voice
    }

    fn document(&self, document: u32) -> &Document {
        &self.documents[(document - self.first) as usize]
    }

    /// Signs known.
    pub(super) fn signs(&self) -> usize {
        self.signs.len()
    }

    pub(super) fn text(&self, sign: SignId) -> &str {
        &self.signs[sign as usize].text
    }

    pub(super) fn is_term(&self, sign: SignId) -> bool {
        self.signs[sign as usize].is_term
    }

    pub(super) fn signs_of(&self, document: u32) -> &[SignId] {
        &self.document(document).signs
    }

    /// Documents that hold a sign, ascending.
    pub(super) fn holders(&self, sign: SignId) -> &[u32] {
        &self.signs[sign as usize].documents
    }

    /// Takes a document, unless it is a copy of a recent one.
    pub(super) fn add(&mut self, doc: &EmergingInput<'_>) {
        let mut signs = self.signs_in(doc);
        let mut hasher = DefaultHasher::new();
        signs.hash(&mut hasher);
        let is_copy = self
            .copies
            .insert(hasher.finish(), doc.day)
            .is_some_and(|seen| doc.day.0 - seen.0 < FOLD_DAYS);
        if is_copy && !signs.is_empty() {
            return;
        }
        let index = self.end();
        if let Some(voice) = doc.voice {
            let (first, documents) = (self.first, &self.documents);
            let recent = self.voices.entry(voice).or_default();
            let of =
                |earlier: &u32| earlier.checked_sub(first).map(|kept| &documents[kept as usize]);
            while recent.front().is_some_and(|earlier| {
                of(earlier).is_none_or(|earlier| doc.day.0 - earlier.day.0 >= FOLD_DAYS)
            }) {
                recent.pop_front();
            }
            signs.retain(|sign| {
                !recent
                    .iter()
                    .filter_map(of)
                    .any(|earlier| earlier.signs.binary_search(sign).is_ok())
            });
            recent.push_back(index);
        }
        for sign in &signs {
            self.signs[*sign as usize].documents.push(index);
        }
        self.documents.push(Document { id: doc.id, day: doc.day, voice: doc.voice, signs });
    }

    /// Words, phrases, Chinese characters and pairs of them, emoticons, numbers and other runs of one kind, ascending.
    fn signs_in(&mut self, doc: &EmergingInput<'_>) -> Vec<SignId> {
        let mut signs: Vec<SignId> = doc.terms.iter().map(|term| self.sign(term, true)).collect();
        for pair in doc.terms.windows(2) {
            let phrase = pair.concat();
            // Words on both sides of a mark or of a stop word are no phrase that anybody wrote.
            if doc.text.contains(&phrase) {
                signs.push(self.sign(&phrase, true));
            }
        }
        for sign in written::signs(doc.text) {
            signs.push(self.sign(sign, false));
        }
        signs.sort_unstable();
        signs.dedup();
        signs
    }

    fn sign(&mut self, text: &str, is_term: bool) -> SignId {
        if let Some(id) = self.sign_ids.get(text) {
            self.signs[*id as usize].is_term |= is_term;
            return *id;
        }
        let id = self.signs.len() as SignId;
        let text: Arc<str> = text.into();
        self.signs.push(Sign { text: Arc::clone(&text), is_term, documents: Vec::new() });
        self.sign_ids.insert(text, id);
        id
    }

    /// Forgets the oldest documents when there are too many, and what only they knew. `window` is the length of the longest window in documents. Gives the new number of
    /// each sign that is still known, when any was forgotten.
    ///
    /// Many documents at once, so that the work on all signs is spread over as many.
    pub(super) fn forget(&mut self, today: Day, window: usize) -> Option<Vec<Option<SignId>>> {
        let kept = DOCUMENTS_KEPT.max(WINDOWS_KEPT * window);
        if self.documents.len() <= kept + kept / GATHERED_PART {
            return None;
        }
        let gone = self.documents.len() - kept;
        self.documents.drain(..gone);
        self.documents.shrink_to_fit();
        self.first += gone as u32;
        self.copies.retain(|_, seen| today.0 - seen.0 < FOLD_DAYS);
        let first = self.first;
        self.voices.retain(|_, recent| recent.back().is_some_and(|last| *last >= first));
        let mut known: Vec<Sign> = Vec::new();
        let renumbered: Vec<Option<SignId>> = std::mem::take(&mut self.signs)
            .into_iter()
            .map(|mut sign| {
                let gone = sign.documents.partition_point(|document| *document < first);
                sign.documents.drain(..gone);
                let is_known = !sign.documents.is_empty();
                is_known.then(|| {
                    sign.documents.shrink_to_fit();
                    known.push(sign);
                    known.len() as SignId - 1
                })
            })
            .collect();
        self.signs = known;
        self.sign_ids =
            (0..).zip(&self.signs).map(|(id, sign)| (Arc::clone(&sign.text), id)).collect();
        for document in &mut self.documents {
            // Numbers keep their order, so signs stay ascending.
            document.signs.iter_mut().for_each(|sign| {
                *sign = renumbered[*sign as usize].expect("a sign of a kept document is known");
            });
        }
        Some(renumbered)
    }

    /// Whether the rest of the past is at least as long as a window of `size` documents.
    pub(super) fn is_compared_with(&self, size: usize) -> bool {
        size * 2 <= self.len()
    }
}
