//! All documents seen, by the signs in them.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use corpus::{Day, DocumentId};

use super::{COMMON_SHARE, EmergingInput, VOICES_MIN};

/// One contributor or one copied text counts once in so many days.
const FOLD_DAYS: i32 = 14;
/// Characters of a text that are read for signs: memory is bounded, and a matter is named early.
const CHARS_MAX: usize = 200;

/// Place of a sign in [`Past`].
pub(super) type SignId = u32;

/// Documents and signs, each knowing the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    signs: Vec<Sign>,
    sign_ids: HashMap<String, SignId>,
    documents: Vec<Document>,
    /// Day on which a text was last seen, by its hash.
    copies: HashMap<u64, Day>,
    /// Documents of a voice within the fold.
    voices: HashMap<u64, VecDeque<u32>>,
}

#[derive(Debug, Clone)]
struct Sign {
    text: String,
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
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    pub(super) fn id(&self, document: u32) -> DocumentId {
        self.documents[document as usize].id
    }

    pub(super) fn day(&self, document: u32) -> Day {
        self.documents[document as usize].day
    }

    pub(super) fn text(&self, sign: SignId) -> &str {
        &self.signs[sign as usize].text
    }

    pub(super) fn is_term(&self, sign: SignId) -> bool {
        self.signs[sign as usize].is_term
    }

    pub(super) fn signs_of(&self, document: u32) -> &[SignId] {
        &self.documents[document as usize].signs
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
        let index = self.documents.len() as u32;
        if let Some(voice) = doc.voice {
            let recent = self.voices.entry(voice).or_default();
            while recent
                .front()
                .is_some_and(|first| doc.day.0 - self.documents[*first as usize].day.0 >= FOLD_DAYS)
            {
                recent.pop_front();
            }
            signs.retain(|sign| {
                !recent.iter().any(|earlier| {
                    self.documents[*earlier as usize].signs.binary_search(sign).is_ok()
                })
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
        self.signs.push(Sign { text: text.to_owned(), is_term, documents: Vec::new() });
        self.sign_ids.insert(text.to_owned(), id);
        id
    }

    /// Whether the rest of the past is at least as long as a window of `size` documents.
    pub(super) fn is_compared_with(&self, size: usize) -> bool {
        size * 2 <= self.len()
    }
}

/// Some documents against all: the last days, or as many drawn at random.
pub(super) struct Window<'p> {
    past: &'p Past,
    counts: Vec<u32>,
    is_member: Vec<bool>,
    /// Chance of a document to lie in it.
    chance: f64,
}

impl<'p> Window<'p> {
    pub(super) fn new(past: &'p Past, documents: impl ExactSizeIterator<Item = u32>) -> Self {
        let chance = documents.len() as f64 / past.len() as f64;
        let (mut counts, mut is_member) = (vec![0u32; past.signs.len()], vec![false; past.len()]);
        for document in documents {
            is_member[document as usize] = true;
            for sign in past.signs_of(document) {
                counts[*sign as usize] += 1;
            }
        }
        Self { past, counts, is_member, chance }
    }

    pub(super) fn past(&self) -> &'p Past {
        self.past
    }

    /// How much denser a sign is here than chance allows.
    pub(super) fn evidence(&self, sign: SignId) -> f64 {
        let holders = self.past.holders(sign).len() as f64;
        log_likelihood_ratio(f64::from(self.counts[sign as usize]), holders, self.chance)
    }

    /// Signs with enough voices and at least so much evidence, strongest first.
    pub(super) fn signs_from(&self, evidence_min: f64) -> Vec<(f64, SignId)> {
        let common = COMMON_SHARE * self.past.len() as f64;
        let mut signs: Vec<(f64, SignId)> = (0u32..)
            .zip(&self.counts)
            .filter(|(sign, count)| {
                **count >= VOICES_MIN && self.past.holders(*sign).len() as f64 <= common
            })
            .map(|(sign, _)| (self.evidence(sign), sign))
            .filter(|(evidence, _)| *evidence >= evidence_min)
            .collect();
        signs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        signs
    }

    /// Documents of the window that hold a sign, ascending.
    pub(super) fn holders(&self, sign: SignId) -> Vec<u32> {
        let holders = self.past.holders(sign).iter().copied();
        holders.filter(|document| self.is_member[*document as usize]).collect()
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
