//! What the folder remembers of a text in order to compare it: the smallest hashes of its character pairs.

use super::mix;

/// Enough for an error of 0.06 in the likeness of long texts; texts under 65 characters are compared exactly.
const HASHES_MAX: usize = 64;

/// The character pairs of a text as sorted hashes: all of them, or the smallest of many (a bottom-k sketch).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sketch(Box<[u32]>);

impl Sketch {
    pub(super) fn of(text: &str) -> Self {
        let mut hashes = Vec::with_capacity(text.len() / 3);
        let mut last = 0u64;
        for c in without_hashtags(text).flat_map(str::chars).filter(|&c| is_counted(c)) {
            let c = u64::from(u32::from(c));
            hashes.push((mix(last << 21 ^ c) >> 32) as u32);
            last = c;
        }
        hashes.sort_unstable();
        hashes.dedup();
        hashes.truncate(HASHES_MAX);
        Self(hashes.into_boxed_slice())
    }

    /// Distinct pairs, up to the limit.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The share of pairs that stand in both among those that stand in either (Jaccard), from 0 to 1.
    pub(super) fn likeness(&self, other: &Self) -> f32 {
        let (mine, theirs) = (&*self.0, &*other.0);
        let is_complete = self.len() < HASHES_MAX && other.len() < HASHES_MAX;
        let seen_max = if is_complete { usize::MAX } else { HASHES_MAX };
        let (mut at, mut other_at, mut both, mut either) = (0, 0, 0usize, 0usize);
        // Both run upwards; the smaller head is taken each time, equal heads together.
        while at < mine.len() && other_at < theirs.len() && either < seen_max {
            let (a, b) = (mine[at], theirs[other_at]);
            both += usize::from(a == b);
            at += usize::from(a <= b);
            other_at += usize::from(b <= a);
            either += 1;
        }
        let rest = mine.len() - at + theirs.len() - other_at;
        either = (either + rest).min(seen_max);
        if either == 0 { 1.0 } else { both as f32 / either as f32 }
    }
}

/// The text without `#话题#`: a shared hashtag is no shared message.
fn without_hashtags(text: &str) -> impl Iterator<Item = &str> {
    let is_paired = text.bytes().filter(|&byte| byte == b'#').count() % 2 == 0;
    text.split('#')
        .enumerate()
        .filter(move |(index, _)| !is_paired || index % 2 == 0)
        .map(|(_, piece)| piece)
}

/// Han characters by range, others by the tables of Unicode.
fn is_counted(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}') || c.is_alphanumeric()
}
