//! Why a text was cut as it was: the words that the dictionary offered, how likely each is, and which route through them won.
//!
//! jieba tells neither frequencies nor routes, so both are found again: a frequency by what jieba suggests for a word whose parts were made
//! weak, the routes by the same dynamic program. A test holds the best route against the real cut.

use jieba_rs::Jieba;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::Segmenter;
use crate::lexicon::{WORD_CHARS_MAX, can_be_in_word};

/// Characters of a text that is explained: beyond this nobody reads the table.
pub const EXPLAINED_CHARS_MAX: usize = 500;

/// A heavy word of rare characters: two of it side by side show the dictionary's total.
const PROBE: &str = "\u{2ceaf}";
const PROBE_FREQUENCY: f64 = 1e9;

/// One word that could stand at a place, with its weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Considered {
    /// The word; a single character that the dictionary lacks has frequency 0.
    pub word: String,
    /// Its first character in the normalized text.
    pub char_start: usize,
    /// Its frequency in the dictionary, as jieba suggests it: at most one too high.
    pub frequency: u32,
    /// The logarithm of its probability.
    pub score: f64,
    /// The logarithm of the probability of the best route from here to the end of the run, when this word is taken.
    pub route_score: f64,
    /// Whether the best route through the whole run takes it.
    pub is_taken: bool,
}

impl Segmenter {
    /// Every dictionary word that a normalized text offers, by where it starts, shorter ones first. The cut takes, from the left, the word
    /// with the best route score; letters and digits that are left single are joined afterwards.
    ///
    /// Looks at the first [`EXPLAINED_CHARS_MAX`] characters. Works on a copy of the dictionary (60 MB): for a command, not for a loop.
    pub fn explain(&self, text: &str) -> Vec<Considered> {
        let chars: Vec<char> = text.chars().take(EXPLAINED_CHARS_MAX).collect();
        let mut considered = Vec::new();
        for (start, run) in runs(&chars) {
            self.offer(start, run, &mut considered);
        }
        let weights = Weights::measure(&self.jieba, &considered);
        for word in &mut considered {
            (word.frequency, word.score) = weights.of(&word.word);
        }
        for (start, run) in runs(&chars) {
            let is_inside =
                |word: &Considered| (start..start + run.len()).contains(&word.char_start);
            let from = considered.iter().position(is_inside).unwrap_or(0);
            let count = considered[from..].iter().take_while(|word| is_inside(word)).count();
            find_route(start, run.len(), &mut considered[from..from + count]);
        }
        considered
    }

    /// The words that start at each character of a run.
    fn offer(&self, run_start: usize, run: &[char], considered: &mut Vec<Considered>) {
        for first in 0..run.len() {
            let mut word = String::new();
            for (length, c) in run[first..].iter().take(WORD_CHARS_MAX).enumerate() {
                word.push(*c);
                if length == 0 || self.jieba.has_word(&word) {
                    considered.push(Considered {
                        word: word.clone(),
                        char_start: run_start + first,
                        frequency: 0,
                        score: 0.0,
                        route_score: 0.0,
                        is_taken: false,
                    });
                }
            }
        }
    }
}

/// Runs of characters that words are made of, with where each starts.
fn runs(chars: &[char]) -> impl Iterator<Item = (usize, &[char])> {
    let mut start = 0;
    chars.chunk_by(|a, b| can_be_in_word(*a) == can_be_in_word(*b)).filter_map(move |run| {
        let run_start = start;
        start += run.len();
        can_be_in_word(run[0]).then_some((run_start, run))
    })
}

/// Frequencies of words, and the total that makes them probabilities.
struct Weights {
    frequencies: FxHashMap<String, u32>,
    log_total: f64,
}

impl Weights {
    /// Measures words from short to long on a copy of the dictionary, each when its parts are weak already, so that jieba keeps it whole and
    /// suggests its own frequency.
    fn measure(jieba: &Jieba, considered: &[Considered]) -> Self {
        let mut words: Vec<&str> = considered.iter().map(|word| word.word.as_str()).collect();
        words.sort_unstable_by_key(|word| (word.chars().count(), *word));
        words.dedup();
        let mut trial = jieba.clone();
        let mut frequencies = FxHashMap::default();
        for word in words {
            if trial.has_word(word) {
                frequencies.insert(word.to_owned(), trial.suggest_freq(word) as u32);
                trial.add_word(word, Some(1), None);
            }
        }
        Self { frequencies, log_total: total(jieba).ln() }
    }

    /// Frequency and score. A character that no dictionary has weighs like a word of frequency 1.
    fn of(&self, word: &str) -> (u32, f64) {
        let frequency = self.frequencies.get(word).copied().unwrap_or(0);
        (frequency, f64::from(frequency.max(1)).ln() - self.log_total)
    }
}

/// The sum of all frequencies, to about one: two heavy words side by side suggest heavy² / total.
fn total(jieba: &Jieba) -> f64 {
    let mut trial = jieba.clone();
    trial.add_word(PROBE, Some(PROBE_FREQUENCY as usize), None);
    let suggested = trial.suggest_freq(&PROBE.repeat(2));
    PROBE_FREQUENCY * PROBE_FREQUENCY / suggested as f64 - PROBE_FREQUENCY
}

/// Fills route scores from the end of the run to its start, then marks the best route.
///
/// `words` are all words of the run, sorted by start. Of two routes of the same score jieba takes the one with the longer first word.
fn find_route(run_start: usize, run_chars: usize, words: &mut [Considered]) {
    // best[n]: score of the best route from the n-th character of the run to its end, and its first word.
    let mut best: Vec<(f64, Option<usize>)> = vec![(0.0, None); run_chars + 1];
    for start in (0..run_chars).rev() {
        best[start] = (f64::NEG_INFINITY, None);
        let from = words.partition_point(|word| word.char_start < run_start + start);
        for (index, word) in words.iter_mut().enumerate().skip(from) {
            if word.char_start != run_start + start {
                break;
            }
            word.route_score = word.score + best[start + word.word.chars().count()].0;
            if word.route_score >= best[start].0 {
                best[start] = (word.route_score, Some(index));
            }
        }
    }
    let mut at = 0;
    while let Some(index) = best[at].1 {
        words[index].is_taken = true;
        at += words[index].word.chars().count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lexicon, Scratch};

    fn segmenter() -> Segmenter {
        Segmenter::new(&Lexicon::builtin(), &[])
    }

    #[test]
    fn the_best_route_is_the_cut() {
        let segmenter = segmenter();
        for text in [
            "南京市长江大桥",
            "采油厂的井控证培训很好，食堂的饭菜太贵了",
            "研究生命起源，结婚的和尚未结婚的",
            "中华人民共和国农业发展银行在建工程",
            "我们中出了一个叛徒",
        ] {
            let explained = segmenter.explain(text);
            let taken: Vec<&str> = explained
                .iter()
                .filter(|word| word.is_taken)
                .map(|word| word.word.as_str())
                .collect();
            let mut tokens = corpus::TokenBatch::default();
            segmenter.tokenize(text, &mut Scratch::default(), &mut tokens);
            let cut: Vec<&str> = tokens
                .words(0)
                .iter()
                .map(|token| token.text(text))
                .filter(|word| *word != "，")
                .collect();
            assert_eq!(taken, cut);
        }
    }

    #[test]
    fn frequencies_are_those_of_the_dictionary() {
        let mut lexicon = Lexicon::empty();
        lexicon.add_words("a.tsv", "井控证书\t777\tn".as_bytes()).unwrap();
        let explained = Segmenter::new(&lexicon, &[]).explain("云南井控证书");
        let frequency =
            |word: &str| explained.iter().find(|other| other.word == word).unwrap().frequency;
        assert!((777..=778).contains(&frequency("井控证书")));
        assert!((3138..=3140).contains(&frequency("云南")), "{}", frequency("云南"));
        let whole = explained.iter().find(|word| word.word == "云南").unwrap();
        let apart = explained.iter().find(|word| word.word == "云").unwrap();
        assert!(whole.is_taken && !apart.is_taken && whole.route_score > apart.route_score);
    }

    #[test]
    fn a_long_text_is_explained_in_part() {
        let explained = segmenter().explain(&"好，".repeat(EXPLAINED_CHARS_MAX));
        assert_eq!(explained.len(), EXPLAINED_CHARS_MAX / 2);
        assert!(segmenter().explain("，。 ").is_empty());
    }
}
