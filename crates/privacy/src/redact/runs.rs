//! Runs of digits as people write them: in groups, with separators, in several scripts, broken over lines.
//!
//! A run is a chain of groups; every window of neighboring groups may be one number. `138-0013 8000 2026.11.21` is one run of six groups,
//! of which the first three are a phone.

use super::fold::{Flags, Folded, Unit};

/// More separators than this between two digits end a run.
const SEPARATOR_UNITS_MAX: usize = 3;

/// Digits written together in one script.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// First digit, in [`Runs::digits`].
    pub(super) digits_start: usize,
    /// Count of digits.
    pub(super) len: usize,
    /// Units from the first digit to past the last.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands before it inside its run.
    pub(super) joint: Joint,
}

/// How a group is joined to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// Begins a run.
    First,
    /// Nothing in between, another script: `187零六二`.
    Glued,
    /// A separator that people use inside numbers; equal ones make a number tidy. Spaces around it don't count.
    Tight(char),
    /// A line break, comma, picture, word (138然后0013然后8000) or two different separators: inside a number only when announced or in a usual
    /// grouping.
    Loose,
}

/// Scratch: the digit groups of one text.
#[derive(Debug, Default)]
pub(super) struct Runs {
    pub(super) digits: Vec<u8>,
    pub(super) groups: Vec<Group>,
}

impl Runs {
    /// Collects the groups of `folded`, replacing what was held before. Groups of one run follow each other; each run begins with [`Joint::First`].
    pub(super) fn collect(&mut self, folded: &Folded) {
        self.digits.clear();
        self.groups.clear();
        let mut at = 0;
        let mut joint = Joint::First;
        while at < folded.units.len() {
            if !begins_group(folded, at) {
                at += 1;
                joint = Joint::First;
                continue;
            }
            at = self.push_group(folded, at, joint);
            (joint, at) = next_group(folded, at);
        }
    }

    /// Digits of the groups `first..=last`.
    pub(super) fn digits_of(&self, first: usize, last: usize) -> &[u8] {
        let end = &self.groups[last];
        &self.digits[self.groups[first].digits_start..end.digits_start + end.len]
    }

    fn push_group(&mut self, folded: &Folded, start: usize, joint: Joint) -> usize {
        let digits_start = self.digits.len();
        let is_han = folded.units[start].is(Flags::HAN);
        let mut end = start;
        while let Some(value) = folded.at(end).and_then(|unit| digit_in(folded, end, unit, is_han))
        {
            self.digits.push(value);
            end += 1;
        }
        self.groups.push(Group {
            digits_start,
            len: self.digits.len() - digits_start,
            start,
            end,
            joint,
        });
        end
    }
}

fn begins_group(folded: &Folded, at: usize) -> bool {
    let unit = &folded.units[at];
    if unit.is(Flags::LETTER) {
        look_alike(folded, at).is_some()
    } else {
        // 洞五二七 is spoken for 0527.
        let is_spoken = matches!(unit.ch, '洞' | '拐') && folded.is(at + 1, Flags::HAN_DIGIT);
        unit.is(Flags::DIGIT) || unit.is(Flags::HAN_DIGIT) || is_spoken
    }
}

/// The value of `unit` as a digit of a group in one script.
fn digit_in(folded: &Folded, at: usize, unit: &Unit, is_han: bool) -> Option<u8> {
    if unit.is(Flags::LETTER) {
        return if is_han { None } else { look_alike(folded, at) };
    }
    if unit.is(Flags::HAN) == is_han { unit.digit() } else { None }
}

/// O for 0 and l or i for 1, inside a word that is otherwise digits.
fn look_alike(folded: &Folded, at: usize) -> Option<u8> {
    let value = match folded.ch(at) {
        'o' => 0,
        'l' | 'i' => 1,
        _ => return None,
    };
    let word_start = at - folded.before(at).take_while(|unit| unit.is_alphanumeric()).count();
    let word = folded.units.get(word_start..)?.iter().take_while(|unit| unit.is_alphanumeric());
    let (mut digits, mut letters) = (0, 0);
    for unit in word {
        match unit.ch {
            'o' | 'l' | 'i' => letters += 1,
            _ if unit.is(Flags::DIGIT) => digits += 1,
            _ => return None,
        }
    }
    // Groups like OOl3 and 8OOO happen; words like "oil" and "lo" do not have digits.
    (digits >= 1 && letters <= 3 * digits).then_some(value)
}

/// Whether and how another group follows `end`: its joint and first unit, or [`Joint::First`] and where to go on.
fn next_group(folded: &Folded, end: usize) -> (Joint, usize) {
    let mut separator: Option<char> = None;
    let (mut is_loose, mut separators, mut at) = (false, 0, end);
    while let Some(unit) = folded.at(at) {
        if begins_group(folded, at) {
            let joint = match separator {
                _ if is_loose => Joint::Loose,
                None if at == end => Joint::Glued,
                None => Joint::Tight(' '),
                Some(c) => Joint::Tight(c),
            };
            return (joint, at);
        }
        if let Some(word) = link_word(folded, at).filter(|_| separators < LINK_WORDS_MAX) {
            is_loose = true;
            separators += LINK_WORDS_MAX;
            at += word;
            continue;
        }
        let is_word_separator = matches!(unit.ch, '杠' | '横' | '点' | '斜' | '空' | '格');
        if unit.ch == '\n' || unit.ch == '\r' {
            is_loose = true;
        } else if unit.is(Flags::SEPARATOR) || is_word_separator {
            is_loose |= separator.is_some_and(|c| c != plain_separator(unit.ch));
            separator = Some(plain_separator(unit.ch));
            separators += 1;
        } else if unit.is(Flags::STOP) || is_picture(unit) {
            is_loose = true;
            separators += 1;
        } else if !unit.is(Flags::SPACE) {
            break;
        }
        at += 1;
        if separators > SEPARATOR_UNITS_MAX || at - end > 2 * SEPARATOR_UNITS_MAX {
            break;
        }
    }
    (Joint::First, end)
}

/// A link word counts as so many separators, so that two of them never join.
const LINK_WORDS_MAX: usize = 2;

/// Units of a word by which people tell a number in parts, at `at`.
fn link_word(folded: &Folded, at: usize) -> Option<usize> {
    if !LINK_INITIALS.contains(folded.ch(at)) {
        return None;
    }
    LINK_WORDS.iter().find(|word| folded.starts_with(at, word)).map(|word| word.chars().count())
}

/// First characters of [`LINK_WORDS`].
const LINK_INITIALS: &str = "后然接再加连跟中最末尾又at";
#[rustfmt::skip]
const LINK_WORDS: &[&str] = &[
    "后面是", "后面接", "后面", "然后是", "然后", "接着是", "接着", "再接", "再加", "再来", "再是", "再", "接", "加上", "加", "连着", "跟着", "跟",
    "中间是", "中间", "最后是", "最后", "末尾是", "末尾", "尾是", "又", "and", "then",
];

/// Hearts, stars and faces between digits.
pub(super) fn is_picture(unit: &Unit) -> bool {
    matches!(unit.ch, '\u{2190}'..='\u{21ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
        && !unit.is_alphanumeric()
}

/// Dashes of all lengths are one separator, dots another, brackets a third.
fn plain_separator(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '─'
        | '━'
        | '﹣'
        | '杠'
        | '横'
        | '_'
        | '＿'
        | '~'
        | '～' => '-',
        '·' | '•' | '‧' | '・' | '∙' | '⋅' | '●' | '点' | '﹒' => '.',
        '(' | ')' | '[' | ']' | '【' | '】' | '「' | '」' | '『' | '』' | '<' | '>' | '《'
        | '》' | '〈' | '〉' => '(',
        '空' | '格' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_word_begins_with_one_of_the_initials() {
        let initial = |word: &&str| word.chars().next().unwrap();
        assert!(LINK_WORDS.iter().map(initial).all(|initial| LINK_INITIALS.contains(initial)));
    }
}
