//! All documents seen, by the signs in them.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use corpus::{Day, DocumentId};

use super::{COMMON_SHARE, EmergingInput, VOICES_MIN};

/// One contributor or one copied text counts once in so many days.
const FOLD_DAYS: i32 = 14;
/// Characters of a text that are read for signs: memory is bounded, and a matter is named early.
const CHARS_MAX: usize = 200;
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

    fn document(&self, document: u32) -> &Document {
        &self.documents[(document - self.first) as usize]
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
        self.documents.push(Document { id: doc.id, day: doc.day, signs });
    }

    /// Words, phrases, Chinese characters and pairs of them, ascending.
    fn signs_in(&mut self, doc: &EmergingInput<'_>) -> Vec<SignId> {
        let mut signs: Vec<SignId> = doc.terms.iter().map(|term| self.sign(term, true)).collect();
        for pair in doc.terms.windows(2) {
            let phrase = pair.concat();
            // Words on both sides of a mark or of a stop word are no phrase that anybody wrote.
            if doc.text.contains(&phrase) {
                signs.push(self.sign(&phrase, true));
            }
        }
        let mut before: Option<usize> = None;
        for (start, c) in doc.text.char_indices().take(CHARS_MAX) {
            if !is_han(c) {
                before = None;
                continue;
            }
            let end = start + c.len_utf8();
            for from in [Some(start), before].into_iter().flatten() {
                let sign = doc.text.get(from..end).unwrap_or_default();
                signs.push(self.sign(sign, false));
            }
            before = Some(start);
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

/// Counts of a window, kept from one to the next: clearing what was touched costs less than new memory for every sign there is.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: Vec<u32>,
    /// Signs with a count.
    touched: Vec<SignId>,
    /// By document kept.
    is_member: Vec<bool>,
    /// Documents of the window.
    members: Vec<u32>,
}

impl Tally {
    fn clear(&mut self, past: &Past) {
        for sign in self.touched.drain(..) {
            self.counts[sign as usize] = 0;
        }
        for member in self.members.drain(..) {
            self.is_member[(member - past.first) as usize] = false;
        }
        self.counts.resize(past.signs.len(), 0);
        self.is_member.resize(past.len(), false);
    }

    /// Takes a document in; false when it is in already.
    fn add(&mut self, past: &Past, document: u32) -> bool {
        let is_member = &mut self.is_member[(document - past.first) as usize];
        if std::mem::replace(is_member, true) {
            return false;
        }
        self.members.push(document);
        for sign in past.signs_of(document) {
            let count = &mut self.counts[*sign as usize];
            if *count == 0 {
                self.touched.push(*sign);
            }
            *count += 1;
        }
        true
    }
}

/// Some documents against all: the last days, or as many drawn at random.
pub(super) struct Window<'p> {
    past: &'p Past,
    tally: &'p Tally,
    /// Chance of a document to lie in it.
    chance: f64,
}

impl<'p> Window<'p> {
    /// The documents from `start` on.
    pub(super) fn since(past: &'p Past, start: u32, tally: &'p mut Tally) -> Self {
        tally.clear(past);
        for document in start..past.end() {
            tally.add(past, document);
        }
        Self::of(past, tally)
    }

    /// `size` documents, each drawn by `next` from as many as its argument says. They are at most half of all, so a repeated one is soon replaced.
    pub(super) fn drawn(
        past: &'p Past,
        size: usize,
        mut next: impl FnMut(usize) -> usize,
        tally: &'p mut Tally,
    ) -> Self {
        tally.clear(past);
        while tally.members.len() < size {
            tally.add(past, past.first + next(past.len()) as u32);
        }
        Self::of(past, tally)
    }

    fn of(past: &'p Past, tally: &'p Tally) -> Self {
        Self { past, tally, chance: tally.members.len() as f64 / past.len() as f64 }
    }

    pub(super) fn past(&self) -> &'p Past {
        self.past
    }

    /// How much denser a sign is here than chance allows.
    pub(super) fn evidence(&self, sign: SignId) -> f64 {
        let holders = self.past.holders(sign).len() as f64;
        log_likelihood_ratio(f64::from(self.tally.counts[sign as usize]), holders, self.chance)
    }

    /// Signs with enough voices and at least so much evidence, strongest first.
    pub(super) fn signs_from(&self, evidence_min: f64) -> Vec<(f64, SignId)> {
        let common = COMMON_SHARE * self.past.len() as f64;
        let mut signs: Vec<(f64, SignId)> = self
            .tally
            .touched
            .iter()
            .filter(|sign| {
                self.tally.counts[**sign as usize] >= VOICES_MIN
                    && self.past.holders(**sign).len() as f64 <= common
            })
            .map(|sign| (self.evidence(*sign), *sign))
            .filter(|(evidence, _)| *evidence >= evidence_min)
            .collect();
        signs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        signs
    }

    /// Documents of the window that hold a sign, ascending.
    pub(super) fn holders(&self, sign: SignId) -> Vec<u32> {
        let holders = self.past.holders(sign).iter().copied();
        let is_member =
            |document: &u32| self.tally.is_member[(document - self.past.first) as usize];
        holders.filter(is_member).collect()
    }
}

/// Log likelihood ratio of `count` among `total` falling into a part of size `chance`, the share seen against chance; zero when it is not above.
fn log_likelihood_ratio(count: f64, total: f64, chance: f64) -> f64 {
    if count <= total * chance {
        return 0.0;
    }
    let rest = total - count;
    let of_rest = if rest > 0.0 { rest * (rest / (total * (1.0 - chance))).ln() } else { 0.0 };
    count * (count / (total * chance)).ln() + of_rest
}

/// The unified ideographs that texts use: the basic block and extension A.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}
