//! What is one token whatever a dictionary says: placeholders, bracketed emoticons, emoji, addresses.
//!
//! None of them can be part of a dictionary word, so taking them out first does not change how the rest is cut.

use std::ops::Range;

use corpus::TokenKind;

use crate::normalize::{Address, is_emoji};

/// The longest name inside a bracketed emoticon: [允悲], [doge], [打call].
const EMOTICON_CHARS_MAX: usize = 6;

/// An atom with its span.
pub(super) struct Atom {
    pub(super) bytes: Range<usize>,
    pub(super) kind: TokenKind,
}

/// The atoms of a text from left to right. Most texts have none, and most bytes are passed over at one look-up each.
pub(super) struct Atoms<'a> {
    text: &'a str,
    placeholders: &'a [String],
    at: usize,
}

impl<'a> Atoms<'a> {
    pub(super) fn new(text: &'a str, placeholders: &'a [String]) -> Self {
        Self { text, placeholders, at: 0 }
    }

    #[expect(clippy::string_slice, reason = "`at` stands before a byte that starts a character")]
    fn atom_at(&self, at: usize) -> Option<Atom> {
        let rest = &self.text[at..];
        let found = |len: usize, kind| Some(Atom { bytes: at..at + len, kind });
        match rest.as_bytes()[0] {
            b'[' => {
                if let Some(placeholder) = self
                    .placeholders
                    .iter()
                    .find(|placeholder| rest.starts_with(placeholder.as_str()))
                {
                    return found(placeholder.len(), TokenKind::Placeholder);
                }
                emoticon(rest).and_then(|len| found(len, TokenKind::Emoticon))
            }
            b'h' | b'f' | b'w' | b'H' | b'F' | b'W' => {
                let before = self.text[..at].chars().next_back().unwrap_or(' ');
                Address::at_start(rest, before)
                    .and_then(|address| found(address.bytes, TokenKind::Url))
            }
            _ => emoji(rest).and_then(|len| found(len, TokenKind::Emoticon)),
        }
    }
}

/// Bytes at which an atom can start: brackets, the first letters of addresses, the first bytes of emoji.
const STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let first_bytes = b"[hfwHFW\xe2\xf0";
    let mut i = 0;
    while i < first_bytes.len() {
        starts[first_bytes[i] as usize] = true;
        i += 1;
    }
    // A keycap such as 1⃣ starts with a digit, which is left to the dictionary.
    starts
};

impl Iterator for Atoms<'_> {
    type Item = Atom;

    fn next(&mut self) -> Option<Atom> {
        let bytes = self.text.as_bytes();
        while let Some(skip) = bytes.get(self.at..)?.iter().position(|&byte| STARTS[byte as usize])
        {
            let at = self.at + skip;
            if let Some(atom) = self.atom_at(at) {
                self.at = atom.bytes.end;
                return Some(atom);
            }
            self.at = at + 1;
        }
        self.at = bytes.len();
        None
    }
}

/// The bytes of a bracketed emoticon: a short name with a Han character or letters only, no digits, no blanks.
fn emoticon(text: &str) -> Option<usize> {
    for (count, (at, c)) in text.char_indices().skip(1).enumerate() {
        match c {
            ']' if count > 0 => return Some(at + 1),
            c if count < EMOTICON_CHARS_MAX && c.is_alphabetic() => {}
            _ => return None,
        }
    }
    None
}

/// The bytes of an emoji sequence: pictographs with their modifiers and joiners, flags in pairs.
fn emoji(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, first) = chars.next().filter(|&(_, c)| is_emoji(c))?;
    let mut end = first.len_utf8();
    let (mut last, mut flags) = (first, 1);
    for (at, c) in chars {
        let extends = match c {
            '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' => true,
            c if last == '\u{200d}' => is_emoji(c),
            c if is_regional(c) && is_regional(last) && flags == 1 => {
                flags = 2;
                true
            }
            _ => false,
        };
        if !extends {
            break;
        }
        (last, end) = (c, at + c.len_utf8());
    }
    Some(end)
}

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}
