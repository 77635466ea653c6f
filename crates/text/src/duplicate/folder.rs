//! Groups copies within a sliding window, in bounded memory.

use std::collections::VecDeque;

use corpus::{DocumentId, GroupId, Voice};

/// Bits in which two copies may differ. Measured: see the table in the test of the same name.
const DISTANCE_MAX: u32 = 7;

/// By the pigeonhole principle two hashes that differ in at most seven bits agree in at least one of eight bytes.
const BANDS: usize = 8;

/// Texts with fewer characters than this say the same by chance: 很好 from two people is two opinions.
const CHARS_MIN: usize = 12;

/// One message as the folder sees it.
#[derive(Debug, Clone, Copy)]
pub struct Message {
    /// Its document.
    pub id: DocumentId,
    /// Who wrote it, when the source says.
    pub voice: Option<Voice>,
    /// Its [`crate::fingerprint`].
    pub fingerprint: u64,
    /// Its length in characters.
    pub chars: usize,
}

/// Groups near-identical messages. Remembers the last `window` messages, about 60 bytes each.
#[derive(Debug)]
pub struct Folder {
    window: usize,
    entries: VecDeque<Entry>,
    /// How many messages have left the window: the number of the first entry.
    left: u32,
    buckets: Vec<VecDeque<u32>>,
}

#[derive(Debug)]
struct Entry {
    group: GroupId,
    voice: Option<Voice>,
    fingerprint: u64,
    chars: u32,
}

impl Folder {
    /// A folder that remembers `window` messages.
    pub fn new(window: usize) -> Self {
        Self {
            window: window.max(1),
            entries: VecDeque::new(),
            left: 0,
            buckets: vec![VecDeque::new(); BANDS * 256],
        }
    }

    /// The group of the message, named by its first document; `None` for the first of its kind.
    ///
    /// A short text joins a group only when it has the same words and the same writer.
    pub fn fold(&mut self, message: Message) -> Option<GroupId> {
        let group = self.group_of(&message);
        self.remember(&message, group.unwrap_or(message.id));
        group
    }

    fn group_of(&self, message: &Message) -> Option<GroupId> {
        let mut best: Option<(u32, &Entry)> = None;
        for bucket in buckets(message.fingerprint) {
            for &number in &self.buckets[bucket] {
                let entry = &self.entries[(number - self.left) as usize];
                let distance = (entry.fingerprint ^ message.fingerprint).count_ones();
                if distance <= best.map_or(DISTANCE_MAX, |(least, _)| least)
                    && may_join(message, entry, distance)
                {
                    best = Some((distance, entry));
                }
            }
        }
        best.map(|(_, entry)| entry.group)
    }

    fn remember(&mut self, message: &Message, group: GroupId) {
        if self.entries.len() == self.window
            && let Some(oldest) = self.entries.pop_front()
        {
            for bucket in buckets(oldest.fingerprint) {
                self.buckets[bucket].pop_front();
            }
            self.left += 1;
        }
        let number = self.left + self.entries.len() as u32;
        for bucket in buckets(message.fingerprint) {
            self.buckets[bucket].push_back(number);
        }
        let Message { voice, fingerprint, chars, .. } = *message;
        self.entries.push_back(Entry { group, voice, fingerprint, chars: chars as u32 });
    }
}

fn may_join(message: &Message, entry: &Entry, distance: u32) -> bool {
    let shorter = message.chars.min(entry.chars as usize);
    let longer = message.chars.max(entry.chars as usize);
    if shorter < CHARS_MIN {
        let same_writer = message.voice.is_some() && message.voice == entry.voice;
        return same_writer && distance == 0 && shorter == longer;
    }
    longer <= shorter * 3 / 2
}

fn buckets(fingerprint: u64) -> [usize; BANDS] {
    std::array::from_fn(|band| band << 8 | (fingerprint >> (band * 8) & 0xff) as usize)
}
