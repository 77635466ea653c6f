//! Groups copies within a sliding window, in bounded memory.

use std::collections::VecDeque;

use corpus::{DocumentId, GroupId, Voice};
use rustc_hash::FxHashMap;

use super::fingerprint::BANDS;
use super::mix;
use super::sketch::Sketch;

/// Likeness from which two texts are the same message.
const LIKENESS_MIN: f32 = 0.5;

/// The same for texts of few character pairs, where a shared phrase weighs more.
const LIKENESS_OF_FEW_MIN: f32 = 0.65;
const FEW_PAIRS: usize = 20;

/// Texts with fewer pairs than this say the same by chance: 很好 from two people is two opinions.
const PAIRS_MIN: usize = 10;

/// How many of the latest candidates of a band are compared. Bands of ordinary phrases hold many texts that have little else in common.
const COMPARED_MAX: usize = 16;

/// One message as the folder sees it.
#[derive(Debug, Clone, Copy)]
pub struct Message<'t> {
    /// Its document.
    pub id: DocumentId,
    /// Who wrote it, when the source says.
    pub voice: Option<Voice>,
    /// Its [`crate::fingerprint`].
    pub fingerprint: u64,
    /// Its normalized text.
    pub text: &'t str,
}

/// Groups near-identical messages. Remembers the last `window` messages, about 400 bytes each.
#[derive(Debug)]
pub struct Folder {
    window: usize,
    entries: VecDeque<Entry>,
    /// How many messages have left the window: the number of the first entry.
    left: u64,
    /// By band and its 16 bits, the entries that have them, oldest first.
    candidates: FxHashMap<u32, VecDeque<Candidate>>,
}

/// An entry as its bands know it: with its length, which rules most chance meetings out before the entry itself is fetched from far memory.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    number: u64,
    pairs: u8,
}

#[derive(Debug)]
struct Entry {
    group: GroupId,
    voice: Option<Voice>,
    fingerprint: u64,
    /// Hash of a text of few pairs, which is compared as a whole; 0 for others.
    exact: u64,
    sketch: Sketch,
}

impl Folder {
    /// A folder that remembers `window` messages.
    pub fn new(window: usize) -> Self {
        Self {
            window: window.max(1),
            entries: VecDeque::new(),
            left: 0,
            candidates: FxHashMap::default(),
        }
    }

    /// The group of the message, named by its first document; `None` for the first of its kind.
    ///
    /// A short text joins a group only when the same writer has written the very same.
    pub fn fold(&mut self, message: Message<'_>) -> Option<GroupId> {
        let mut entry = Entry::of(message);
        // A document that is read again, revised perhaps, may meet the group that it founded.
        let group = self.group_of(&entry).filter(|group| *group != message.id);
        entry.group = group.unwrap_or(message.id);
        self.remember(entry);
        group
    }

    /// Takes a message whose group is known from an earlier run, `None` when it stands alone or was the first of its kind.
    pub fn recall(&mut self, message: Message<'_>, group: Option<GroupId>) {
        let entry = Entry::of(message);
        self.remember(Entry { group: group.unwrap_or(message.id), ..entry });
    }

    fn group_of(&self, message: &Entry) -> Option<GroupId> {
        let mut best: Option<(f32, GroupId)> = None;
        for band in bands(message.fingerprint) {
            let candidates = self.candidates.get(&band).into_iter().flatten();
            for candidate in candidates.rev().take(COMPARED_MAX) {
                if !may_be_alike(message.sketch.len(), usize::from(candidate.pairs)) {
                    continue;
                }
                let entry = &self.entries[(candidate.number - self.left) as usize];
                if let Some(likeness) = likeness_if_same(message, entry)
                    && best.is_none_or(|(most, _)| likeness > most)
                {
                    best = Some((likeness, entry.group));
                }
            }
        }
        best.map(|(_, group)| group)
    }

    fn remember(&mut self, entry: Entry) {
        if self.entries.len() == self.window {
            self.forget_oldest();
        }
        let number = self.left + self.entries.len() as u64;
        let pairs = u8::try_from(entry.sketch.len()).expect("a sketch holds 64 hashes at most");
        for band in bands(entry.fingerprint) {
            self.candidates.entry(band).or_default().push_back(Candidate { number, pairs });
        }
        self.entries.push_back(entry);
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.entries.pop_front() else { return };
        self.left += 1;
        for band in bands(oldest.fingerprint) {
            if let Some(numbers) = self.candidates.get_mut(&band) {
                numbers.pop_front();
                if numbers.is_empty() {
                    self.candidates.remove(&band);
                }
            }
        }
    }
}

impl Entry {
    /// The message as the first of its kind.
    fn of(Message { id, voice, fingerprint, text }: Message<'_>) -> Self {
        let sketch = Sketch::of(text);
        let exact = if sketch.len() < PAIRS_MIN {
            text.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)))
        } else {
            0
        };
        Self { group: id, voice, fingerprint, exact, sketch }
    }
}

/// How alike two messages are, `None` when they are two messages.
fn likeness_if_same(message: &Entry, other: &Entry) -> Option<f32> {
    let pairs = message.sketch.len().min(other.sketch.len());
    if pairs < PAIRS_MIN {
        let same_writer = message.voice.is_some() && message.voice == other.voice;
        return (same_writer && message.exact == other.exact).then_some(1.0);
    }
    let least = likeness_min(pairs);
    Some(message.sketch.likeness(&other.sketch)).filter(|&likeness| likeness >= least)
}

/// Whether two texts could be copies by their numbers of pairs alone.
fn may_be_alike(one: usize, other: usize) -> bool {
    let (few, many) = (one.min(other), one.max(other));
    few < PAIRS_MIN && many < PAIRS_MIN
        || few >= PAIRS_MIN && few as f32 / many as f32 >= likeness_min(few)
}

fn likeness_min(pairs: usize) -> f32 {
    if pairs < FEW_PAIRS { LIKENESS_OF_FEW_MIN } else { LIKENESS_MIN }
}

fn bands(fingerprint: u64) -> [u32; BANDS] {
    std::array::from_fn(|band| (band as u32) << 16 | (fingerprint >> (band * 16) & 0xffff) as u32)
}
