//! What each character asks of normalization, in one table look-up.

use std::ops::{BitOr, BitOrAssign};

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::fold::starts_address;
use super::script::Simplifier;

/// A set of properties of a character, or of all characters of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CharClass(u16);

impl CharClass {
    /// Must be rewritten; set for a whole text by context too (a second blank, an address).
    pub(super) const REWRITE: Self = Self(1);
    /// Shows nothing and goes.
    pub(super) const HIDDEN: Self = Self(1 << 1);
    /// White space.
    pub(super) const SPACE: Self = Self(1 << 2);
    /// Punctuation that means no more when repeated.
    pub(super) const REPEATABLE: Self = Self(1 << 3);
    /// May change when the text is brought to simplified script.
    pub(super) const TRADITIONAL: Self = Self(1 << 4);
    /// Joins with the character before it under NFKC.
    pub(super) const JOINING: Self = Self(1 << 5);
    /// Needs a look at its neighbours.
    const SUSPECT: Self = Self(1 << 6);
    /// Found by that look, so only ever set for a whole text: it may hold traces of a bad conversion.
    pub(super) const DEBRIS: Self = Self(1 << 6);
    /// Goes from the display text too.
    pub(super) const CONTROL: Self = Self(1 << 7);
    /// Only ever set for a whole text: punctuation is repeated that means no more for it.
    pub(super) const REPEATED: Self = Self(1 << 8);

    /// What takes the rounds of passes.
    const REWORKED: Self = Self::REWRITE.or(Self::TRADITIONAL).or(Self::DEBRIS).or(Self::CONTROL);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it has any of `other`.
    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is kept as it is unless it is repeated.
    pub(super) fn is_only_repeatable(self) -> bool {
        self.has(Self::REPEATABLE)
            && !self.has(Self::REWRITE | Self::HIDDEN | Self::SPACE | Self::JOINING)
    }

    /// Whether anything but copying is needed.
    pub(super) fn needs_work(self) -> bool {
        self.has(Self::REPEATED | Self::REWORKED)
    }

    /// Whether nothing is to be done but to drop repeated punctuation: most of the texts that need work.
    pub(super) fn needs_squeezing_only(self) -> bool {
        self.has(Self::REPEATED) && !self.has(Self::REWORKED | Self::HIDDEN | Self::JOINING)
    }
}

impl BitOr for CharClass {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for CharClass {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// One class a character: a number each for the first 65,536, a rule for the rest.
#[derive(Debug)]
pub(super) struct ClassTable {
    first_plane: Box<[u16]>,
    /// A bit for each character of the first plane that has a class: 8 KB that stay in the cache where 128 KB do not.
    has_class: Box<[u64]>,
    traditional_beyond: rustc_hash::FxHashSet<char>,
}

impl ClassTable {
    pub(super) fn new(simplifier: &Simplifier) -> Self {
        let mut first_plane = vec![0; 0x1_0000].into_boxed_slice();
        for c in '\0'..='\u{ffff}' {
            first_plane[c as usize] = class_of(c).0;
        }
        let mut traditional_beyond = rustc_hash::FxHashSet::default();
        for c in simplifier.triggers() {
            match first_plane.get_mut(c as usize) {
                Some(class) => *class |= CharClass::TRADITIONAL.0,
                None => _ = traditional_beyond.insert(c),
            }
        }
        let mut has_class = vec![0; first_plane.len() / 64].into_boxed_slice();
        for (c, class) in first_plane.iter().enumerate() {
            has_class[c / 64] |= u64::from(*class != 0) << (c % 64);
        }
        Self { first_plane, has_class, traditional_beyond }
    }

    /// Where the first character at or after byte `at` stands that asks anything of normalization. Nearly all of nearly all texts is
    /// passed over here, so characters of three bytes are not put together: lead and middle byte name a word of bits, the last byte a bit.
    pub(super) fn next_classed(&self, text: &[u8], mut at: usize) -> Option<usize> {
        loop {
            let (word, bit, width) = match *text.get(at..)? {
                [first @ 0..0x80, ..] => (usize::from(first >> 6), first & 0x3f, 1),
                [first @ 0xe0..0xf0, second, third, ..] => {
                    (usize::from(first & 0xf) << 6 | usize::from(second & 0x3f), third & 0x3f, 3)
                }
                [] => return None,
                _ => return Some(at),
            };
            if self.has_class[word] >> bit & 1 != 0 {
                return Some(at);
            }
            at += width;
        }
    }

    /// The class of one character.
    pub(super) fn of(&self, c: char) -> CharClass {
        match self.first_plane.get(c as usize) {
            Some(&class) => CharClass(class),
            None if self.traditional_beyond.contains(&c) => class_of(c) | CharClass::TRADITIONAL,
            None => class_of(c),
        }
    }

    /// The union over a text, with `REWRITE` set where the context asks for it. Scans once; this is the whole cost of a clean text.
    pub(super) fn scan(&self, text: &str) -> CharClass {
        let mut found = CharClass::default();
        let (mut at, mut repeats) = (0, 1);
        while let Some(start) = self.next_classed(text.as_bytes(), at) {
            let (before, rest) = text.split_at(start);
            let mut rest = rest.chars();
            let Some(c) = rest.next() else { break };
            at = start + c.len_utf8();
            let class = self.of(c);
            if class.0 == 0 {
                continue;
            }
            let last = before.chars().next_back().unwrap_or('\0');
            found |= CharClass(class.0 & !CharClass::SUSPECT.0);
            if class.has(CharClass::SUSPECT) {
                found |= look_around(last, c, rest.as_str());
            }
            repeats = if c == last { repeats + 1 } else { 1 };
            if repeats > repeats_max(c) {
                if class.has(CharClass::SPACE) {
                    found |= CharClass::REWRITE;
                } else if class.has(CharClass::REPEATABLE) {
                    found |= CharClass::REPEATED;
                }
            }
        }
        if text.starts_with(' ') || text.ends_with(' ') {
            found |= CharClass::REWRITE;
        }
        found
    }
}

/// What a suspect character means between its neighbours: an address, a romanization in brackets, a torn character, or nothing.
fn look_around(last: char, suspect: char, rest: &str) -> CharClass {
    let next = || rest.chars().next().unwrap_or('\0');
    match suspect {
        ':' if rest.starts_with("//") => CharClass::REWRITE,
        'w' | 'W'
            if rest.as_bytes().get(..3).is_some_and(|more| more.eq_ignore_ascii_case(b"ww.")) =>
        {
            CharClass::REWRITE
        }
        '(' | '（' if !last.is_ascii() && next().is_lowercase() => CharClass::DEBRIS,
        '!' | '！' if last == '?' => CharClass::DEBRIS,
        _ => CharClass::default(),
    }
}

/// How often a character may stand in a row before the rest is dropped.
pub(super) fn repeats_max(c: char) -> usize {
    match c {
        '*' => 4,                         // 138****5678 is a masked number, which redaction reads
        '.' => 3,                         // an ellipsis
        '…' | '—' | '-' | '=' | '_' => 2, // 省略号 and 破折号 are two characters long
        _ => 1,
    }
}

/// Control characters (line breaks and tabs are white space), direction overrides, byte order marks, zero-width spaces.
pub(super) fn is_control(c: char) -> bool {
    let space = matches!(c, '\n' | '\t');
    c.is_control() && !space
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200c}' | '\u{200d}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}')
}

fn class_of(c: char) -> CharClass {
    match c {
        ' ' => return CharClass::SPACE,
        '!' | '！' => return CharClass::REPEATABLE | CharClass::SUSPECT,
        '(' | '（' | ':' => return CharClass::SUSPECT,
        c if starts_address(c) => return CharClass::SUSPECT,
        '。' | '，' | '、' | '；' | '：' | '？' | '?' | ',' | ';' | '~' | '.' | '…' | '—' | '-'
        | '=' | '_' | '*' | '·' => return CharClass::REPEATABLE,
        _ => {}
    }
    if c.is_whitespace() {
        let control = if is_control(c) { CharClass::CONTROL } else { CharClass::default() };
        return CharClass::SPACE | CharClass::REWRITE | control;
    }
    if is_control(c) {
        return CharClass::HIDDEN | CharClass::REWRITE | CharClass::CONTROL;
    }
    if is_hidden(c) {
        return CharClass::HIDDEN | CharClass::REWRITE;
    }
    match is_nfkc_quick(std::iter::once(c)) {
        IsNormalized::Maybe => CharClass::JOINING | CharClass::REWRITE,
        IsNormalized::No if !keeps_form(c) => CharClass::REWRITE,
        IsNormalized::Yes if canonical_combining_class(c) != 0 => {
            CharClass::JOINING | CharClass::REWRITE
        }
        _ => CharClass::default(),
    }
}

/// Characters that NFKC would change but that say something in their own form.
fn keeps_form(c: char) -> bool {
    let by_range = matches!(c,
        // Chinese punctuation: its half-width form is another sign in a Chinese text, and folding it would touch every text.
        '！' | '（' | '）' | '，' | '：' | '；' | '？' | '…' | '‥'
        // 10² is not 102, and ① before 2026 is not 12026.
        | '²' | '³' | '¹' | '⁰'..='₎' | '⅐'..='⅟' | '¼'..='¾' | '↉' | '①'..='⓿' | '㈀'..='㋿' | '\u{1f100}'..='\u{1f2ff}'
        | '™' | '℠' | 'ª' | 'º' | '\u{2b0}'..='\u{2ff}' | '\u{1d2c}'..='\u{1d6a}' | '\u{1d78}' | '\u{1d9b}'..='\u{1dbf}');
    by_range || {
        let mut opens_space = false;
        decompose_compatible(c, |part| opens_space |= part == ' ');
        opens_space
    }
}
