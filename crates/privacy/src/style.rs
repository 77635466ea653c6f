//! How much a text tells of its writer by its style, so that quotations are chosen among those that tell little.
//!
//! Whoever knows a colleague's pet words, dates and way with punctuation finds them again in a quotation without a name. The score adds up what a
//! reader could recognize; it is a rule for choosing, not a promise.

use corpus::SourceId;
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

/// Words that enough people use: what a quotation may be made of.
pub type CommonWords = FxHashSet<String>;

/// Counts who uses which words in one month.
#[derive(Debug, Default)]
pub struct WordCount {
    voices: FxHashMap<String, FxHashMap<SourceId, FxHashSet<u64>>>,
    k: usize,
}

impl WordCount {
    /// A word is common when `k` voices of one source use it.
    pub fn new(k: u32) -> Self {
        Self { voices: FxHashMap::default(), k: k as usize }
    }

    /// Counts the words of one document.
    pub fn count(&mut self, source: &SourceId, voice: u64, words: &[String]) {
        for trace in traces(words) {
            let sources = self.voices.entry(trace).or_default();
            let voices = sources.entry(source.clone()).or_default();
            if voices.len() < self.k {
                voices.insert(voice);
            }
        }
    }

    /// The common ones, ascending.
    pub fn common(self) -> Vec<String> {
        let k = self.k;
        let is_common = |sources: &FxHashMap<SourceId, FxHashSet<u64>>| {
            sources.values().any(|voices| voices.len() >= k)
        };
        let mut common: Vec<String> = self
            .voices
            .into_iter()
            .filter(|(_, sources)| is_common(sources))
            .map(|(word, _)| word)
            .collect();
        common.sort_unstable();
        common
    }
}

/// The words, and each two characters in a row that were cut apart: a word of somebody's own is in no dictionary and falls into its characters.
fn traces(words: &[String]) -> impl Iterator<Item = String> + '_ {
    let is_single = |word: &String| word.chars().nth(1).is_none();
    let pairs =
        words.windows(2).filter(move |pair| pair.iter().all(is_single)).map(|pair| pair.concat());
    words.iter().cloned().chain(pairs)
}

/// Shorter passages say nothing.
const PASSAGE_CHARS_MIN: usize = 6;

/// The longest passage of whole clauses in which every word is common; among equals the first. `words` cuts a clause.
pub fn common_passage<'t>(
    text: &'t str,
    common: &CommonWords,
    words: impl Fn(&str) -> Vec<String>,
) -> Option<&'t str> {
    let is_end = |c: char| {
        matches!(c, '，' | '。' | '！' | '？' | '；' | ',' | '!' | '?' | ';' | '\n' | '…')
    };
    let mut best: Option<&str> = None;
    let mut start = 0;
    let mut end = 0;
    for clause in text.split_inclusive(is_end) {
        end += clause.len();
        let cut = words(clause);
        let all_common = traces(&cut).all(|word| common.contains(&word));
        if all_common {
            let passage = text.get(start..end).unwrap_or_default();
            if best.is_none_or(|best| passage.len() > best.len()) {
                best = Some(passage);
            }
        } else {
            start = end;
        }
    }
    best.filter(|passage| passage.chars().count() >= PASSAGE_CHARS_MIN)
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

    fn cut(text: &str) -> Vec<String> {
        let known = ["食堂", "太贵", "班车", "晚点"];
        let mut words = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let word = known
                .iter()
                .find(|word| rest.starts_with(**word))
                .map_or(first.len_utf8(), |word| word.len());
            let (word, tail) = rest.split_at(word);
            if first.is_alphanumeric() {
                words.push(word.to_owned());
            }
            rest = tail;
        }
        words
    }

    #[test]
    fn a_passage_holds_only_what_enough_people_say() {
        let mut count = WordCount::new(5);
        let source: SourceId = "意见箱".parse().unwrap();
        for voice in 0..5 {
            count.count(&source, voice, &cut("食堂太贵，班车晚点，老"));
            count.count(&source, voice, &cut("鬼"));
        }
        // The same word of one person five times is nobody's common word.
        (0..5).for_each(|_| count.count(&source, 9, &cut("嘎嘣")));
        let common: CommonWords = count.common().into_iter().collect();
        let passage = |text| common_passage(text, &common, cut);
        assert_eq!(passage("食堂太贵，食堂，真是嘎嘣，班车晚点"), Some("食堂太贵，食堂，"));
        assert_eq!(passage("班车晚点，食堂太贵。"), Some("班车晚点，食堂太贵。"));
        assert_eq!(
            passage("老鬼食堂太贵班车"),
            None,
            "its characters are common, the word they make is not"
        );
        assert_eq!(passage("食堂"), None, "too short to say anything");
    }

    #[test]
    fn one_voice_that_repeats_a_word_does_not_make_it_common() {
        let mut style = style();
        (0..20).for_each(|_| style.count(1, ["鸹噪"]));
        assert!(style.is_rare("鸹噪") && !style.is_rare("食堂") && style.is_rare("没见过"));
    }
}
