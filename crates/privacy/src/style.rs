//! How much a text tells of its writer by its style, so that quotations are chosen among those that tell little.
//!
//! Whoever knows a colleague's pet words, dates and way with punctuation finds them again in a quotation without a name. The score adds up what a
//! reader could recognize; it is a rule for choosing, not a promise.

use rustc_hash::{FxHashMap, FxHashSet};

/// Quotations are taken from texts up to this score only.
pub const STYLE_RISK_MAX: f32 = 0.5;

/// Rare words weigh most: a word that only one person uses is a signature.
const RARE_WORDS_WEIGHT: f32 = 0.6;
const UNIT_WEIGHT: f32 = 0.5;
const NUMBERS_WEIGHT: f32 = 0.2;
const PUNCTUATION_WEIGHT: f32 = 0.2;
const LATIN_WEIGHT: f32 = 0.1;

/// Who uses which words, for telling rare ones. Holds words and counted voices, so it must not outlive the making of a report.
#[derive(Debug, Default)]
pub struct StyleRisk {
    /// Voices that used a word, kept only up to the limit: more are not needed.
    voices: FxHashMap<String, FxHashSet<u64>>,
    units: Vec<String>,
    k: usize,
}

impl StyleRisk {
    /// Words of fewer than `k` voices count as rare, and a mention of one of `small_units` (names of units that are not released) as telling.
    pub fn new(k: u32, small_units: impl IntoIterator<Item = String>) -> Self {
        Self {
            voices: FxHashMap::default(),
            units: small_units.into_iter().collect(),
            k: k as usize,
        }
    }

    /// Counts the words of one document.
    pub fn count<'a>(&mut self, voice: u64, words: impl IntoIterator<Item = &'a str>) {
        for word in words {
            match self.voices.get_mut(word) {
                Some(voices) if voices.len() >= self.k => {}
                Some(voices) => {
                    voices.insert(voice);
                }
                None => {
                    self.voices.insert(word.to_owned(), FxHashSet::from_iter([voice]));
                }
            }
        }
    }

    /// Whether fewer than `k` voices use `word`.
    pub fn is_rare(&self, word: &str) -> bool {
        self.voices.get(word).is_none_or(|voices| voices.len() < self.k)
    }

    /// The risk of a redacted text with these words, from 0 (tells nothing) to 1.
    pub fn score<'a>(&self, text: &str, words: impl IntoIterator<Item = &'a str>) -> f32 {
        let rare = words.into_iter().filter(|word| self.is_rare(word)).count();
        let mentions_unit = self.units.iter().any(|unit| text.contains(unit.as_str()));
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let latin = text.chars().filter(char::is_ascii_alphabetic).count();
        // One rare word is a hint, three are a signature.
        let risk = RARE_WORDS_WEIGHT * saturating(rare, 3)
            + if mentions_unit { UNIT_WEIGHT } else { 0.0 }
            + NUMBERS_WEIGHT * saturating(digits, 4)
            + PUNCTUATION_WEIGHT * saturating(habits(text), 2)
            + LATIN_WEIGHT * saturating(latin, 8);
        risk.min(1.0)
    }
}

fn saturating(count: usize, full: usize) -> f32 {
    count.min(full) as f32 / full as f32
}

/// Habits of punctuation: runs of the same mark (！！！, ～～, 。。。), emoticons and emoji.
fn habits(text: &str) -> usize {
    let mut runs = 0;
    let mut last = None;
    let mut length = 0;
    for c in text.chars() {
        let is_mark = !c.is_alphanumeric() && !c.is_whitespace() && !matches!(c, '[' | ']');
        length = if is_mark && last == Some(c) { length + 1 } else { 1 };
        runs += usize::from(is_mark && length == 2);
        runs +=
            usize::from(('\u{1f300}'..='\u{1faff}').contains(&c) || matches!(c, '^' | '~' | '～'));
        last = Some(c);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style() -> StyleRisk {
        let mut style = StyleRisk::new(5, ["注采三班".to_owned()]);
        for voice in 0..9 {
            style.count(voice, ["食堂", "太", "贵"]);
        }
        style.count(1, ["鸹噪", "食堂"]);
        style
    }

    #[test]
    fn common_words_tell_little_and_signatures_much() {
        let style = style();
        assert_eq!(style.score("食堂太贵", ["食堂", "太", "贵"]), 0.0);
        assert!(style.score("食堂鸹噪", ["食堂", "鸹噪"]) > 0.15);
        assert!(style.score("注采三班食堂太贵。。。3月9日", ["食堂", "太", "贵"]) > STYLE_RISK_MAX);
    }

    #[test]
    fn one_voice_that_repeats_a_word_does_not_make_it_common() {
        let mut style = style();
        (0..20).for_each(|_| style.count(1, ["鸹噪"]));
        assert!(style.is_rare("鸹噪") && !style.is_rare("食堂") && style.is_rare("没见过"));
    }
}
