//! How much a set of texts repeats itself: near-duplicates and distinct 4-grams.
//!
//! A near-duplicate is a pair of texts whose sets of 3-character strings have a Jaccard similarity of at least [`NEAR`]. Candidates come from
//! MinHash bands (24 hashes, 12 bands of 2: a pair at the threshold is missed with probability 0.6^12 < 0.003) and are then compared exactly.

use std::collections::{BTreeSet, HashMap};

/// Similarity from which two texts count as near-duplicates. Strict: one word changed in a clause of ten characters leaves about 0.5.
pub const NEAR: f64 = 0.6;

const BANDS: usize = 12;
const ROWS: usize = 2;

/// Texts seen so far.
#[derive(Debug, Default)]
pub struct Novelty {
    texts: Vec<BTreeSet<u64>>,
    bands: HashMap<(usize, [u64; ROWS]), Vec<usize>>,
}

impl Novelty {
    /// The highest similarity of `text` to a text seen before; 0 when none comes near.
    pub fn nearest(&self, text: &str) -> f64 {
        let shingles = shingles(text);
        let mut candidates: Vec<usize> = bands(&shingles)
            .into_iter()
            .filter_map(|band| self.bands.get(&band))
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
            .into_iter()
            .map(|other| jaccard(&shingles, &self.texts[other]))
            .fold(0.0, f64::max)
    }

    /// Remembers `text`.
    pub fn add(&mut self, text: &str) {
        let shingles = shingles(text);
        for band in bands(&shingles) {
            self.bands.entry(band).or_default().push(self.texts.len());
        }
        self.texts.push(shingles);
    }
}

/// The share of texts that are near-duplicates of an earlier one.
pub fn near_duplicate_share<'a>(texts: impl IntoIterator<Item = &'a str>) -> f64 {
    let mut seen = Novelty::default();
    let (mut near, mut all) = (0u32, 0u32);
    for text in texts {
        near += u32::from(seen.nearest(text) >= NEAR);
        all += 1;
        seen.add(text);
    }
    f64::from(near) / f64::from(all.max(1))
}

/// Distinct 4-character strings over all of them. Falls with the amount of text, so compare at equal amounts.
pub fn distinct_four_grams<'a>(texts: impl IntoIterator<Item = &'a str>) -> f64 {
    let (mut distinct, mut all) = (BTreeSet::new(), 0usize);
    for text in texts {
        let characters: Vec<char> = text.chars().collect();
        for gram in characters.windows(4) {
            distinct.insert([gram[0], gram[1], gram[2], gram[3]]);
            all += 1;
        }
    }
    distinct.len() as f64 / all.max(1) as f64
}

/// Hashes of the 3-character strings; of a shorter text, of the text.
fn shingles(text: &str) -> BTreeSet<u64> {
    let characters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut shingles: BTreeSet<u64> = characters.windows(3).map(hash).collect();
    if shingles.is_empty() {
        shingles.insert(hash(&characters));
    }
    shingles
}

fn bands(shingles: &BTreeSet<u64>) -> [(usize, [u64; ROWS]); BANDS] {
    std::array::from_fn(|band| {
        let rows = std::array::from_fn(|row| {
            let seed = (band * ROWS + row) as u64 + 1;
            shingles
                .iter()
                .map(|shingle| mix(shingle ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
                .min()
                .unwrap_or(0)
        });
        (band, rows)
    })
}

fn jaccard(one: &BTreeSet<u64>, other: &BTreeSet<u64>) -> f64 {
    let shared = one.intersection(other).count();
    shared as f64 / (one.len() + other.len() - shared) as f64
}

/// FNV-1a over code points, mixed.
fn hash(characters: &[char]) -> u64 {
    mix(characters.iter().fold(0xcbf2_9ce4_8422_2325, |hash, c| {
        (hash ^ u64::from(*c as u32)).wrapping_mul(0x0100_0000_01b3)
    }))
}

/// The finalizer of splitmix64.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_edit_is_near_and_another_matter_is_not() {
        let mut seen = Novelty::default();
        seen.add("二食堂的红烧肉今天咸得发苦，扒了两口就倒了");
        assert!(seen.nearest("二食堂的红烧肉今天咸得发苦，扒了几口就倒了。") >= NEAR);
        assert!(seen.nearest("班车晚点二十分钟，站在风口里等") < 0.1);
    }

    #[test]
    fn shares_are_of_all_texts() {
        assert!(
            (near_duplicate_share(["宿舍没有热水", "宿舍没有热水！", "工资条看不懂", "设备漏油"])
                - 0.25)
                .abs()
                < 1e-9
        );
        assert!((distinct_four_grams(["甲乙丙丁", "甲乙丙丁"]) - 0.5).abs() < 1e-9);
    }
}
