//! Names of people in latin letters: John Smith, Lily Wang, Kevin张, Zhang Weimin.
//!
//! They are known by lists: given names that people take at work, surnames of both kinds, syllables of pinyin. One word alone is a name only behind a
//! label.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use super::Found;
use super::fold::{Flags, Folded, Unit};
use super::foreign::{is_labelled, name};

/// One line a meaning: `given: …`.
const LATIN: &str = include_str!("words/latin_names.txt");

#[derive(Default)]
struct Latin {
    /// Given names that people take at work, and that are few other words.
    given: FxHashSet<&'static str>,
    /// Surnames that follow them.
    surnames: FxHashSet<&'static str>,
    /// Chinese surnames in pinyin and in the spellings of Hong Kong and Taiwan.
    pinyin_surnames: FxHashSet<&'static str>,
    /// Syllables of pinyin that given names use.
    syllables: FxHashSet<&'static str>,
}

fn latin() -> &'static Latin {
    static LATIN_WORDS: OnceLock<Latin> = OnceLock::new();
    LATIN_WORDS.get_or_init(|| {
        let mut latin = Latin::default();
        for line in LATIN.lines().filter(|line| !line.starts_with('#')) {
            let (kind, words) =
                line.split_once(": ").expect("each line of latin_names.txt has a kind and words");
            let set = match kind {
                "given" => &mut latin.given,
                "surname" => &mut latin.surnames,
                "pinyin_surname" => &mut latin.pinyin_surnames,
                _ => &mut latin.syllables,
            };
            set.extend(words.split_whitespace());
        }
        latin
    })
}

/// The longest word of a name (christopher).
const WORD_UNITS_MAX: usize = 12;

/// Adds every name.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    if !folded.seen(Flags::LETTER) {
        return;
    }
    let mut word = String::with_capacity(WORD_UNITS_MAX);
    let mut at = 0;
    while at < folded.units.len() {
        if !folded.is(at, Flags::LETTER) {
            at += 1;
            continue;
        }
        let end = latin_end(folded, at);
        if !is_code(folded, at, end) && read(folded, at, end, &mut word) {
            let name_end = latin_name_end(folded, at, end, &word);
            if let Some(name_end) = name_end {
                found.push(name(at, name_end));
                at = name_end;
                continue;
            }
        }
        at = end;
    }
}

/// Where the name that begins with `word` ends.
fn latin_name_end(folded: &Folded, start: usize, end: usize, word: &str) -> Option<usize> {
    let latin = latin();
    let is_given = latin.given.contains(word);
    let is_surname = latin.pinyin_surnames.contains(word);
    if !is_given && !is_surname {
        return None;
    }
    // Lily Wang, John Smith, Zhang Weimin, zhang_wei is a WeChat name.
    let next = end + usize::from(matches!(folded.ch(end), ' ' | '.' | '·'));
    let next_end = latin_end(folded, next);
    let mut second = String::with_capacity(WORD_UNITS_MAX);
    if next > end && !is_code(folded, next, next_end) && read(folded, next, next_end, &mut second) {
        let second = second.as_str();
        let syllables = syllables_of(second, latin);
        let follows = is_given
            && (latin.surnames.contains(second) || latin.pinyin_surnames.contains(second))
            || is_surname && syllables == 2
            || is_surname && syllables == 1 && is_labelled(folded, start);
        if follows {
            return Some(next_end);
        }
    }
    // Kevin张: the surname behind, and no longer word.
    let han = folded.at(end).filter(|unit| is_given && unit.is(Flags::SURNAME));
    let is_closed = folded.at(end + 1).is_none_or(|unit| {
        !unit.is(Flags::HAN) || "的在是和跟与说讲不没也都开总老".contains(unit.ch)
    });
    if han.is_some() && is_closed {
        return Some(end + 1);
    }
    (is_given && is_labelled(folded, start)).then_some(end)
}

/// Whether `word` is one or two syllables of pinyin: their number, 0 when it is not.
fn syllables_of(word: &str, latin: &Latin) -> usize {
    if latin.syllables.contains(word) {
        return 1;
    }
    let is_two = (1..word.len()).filter_map(|at| word.split_at_checked(at)).any(|(first, rest)| {
        latin.syllables.contains(first)
            && latin.syllables.contains(rest.trim_start_matches(['-', '\'']))
    });
    if is_two { 2 } else { 0 }
}

fn latin_end(folded: &Folded, start: usize) -> usize {
    let units = folded.units.get(start..).unwrap_or_default();
    start + units.iter().take_while(|unit| unit.is(Flags::LETTER)).count()
}

/// Letters that are a part of a number, an address or an identifier.
fn is_code(folded: &Folded, start: usize, end: usize) -> bool {
    let touches = |unit: Option<&Unit>| {
        unit.is_some_and(|unit| unit.is(Flags::DIGIT) || matches!(unit.ch, '@' | '_' | '/' | '='))
    };
    touches(start.checked_sub(1).and_then(|at| folded.at(at))) || touches(folded.at(end))
}

/// Writes the letters to `word` when they may be a word of a name.
fn read(folded: &Folded, start: usize, end: usize, word: &mut String) -> bool {
    word.clear();
    let fits = (2..=WORD_UNITS_MAX).contains(&(end - start));
    if fits {
        word.extend(folded.units[start..end].iter().map(|unit| unit.ch));
    }
    fits
}
