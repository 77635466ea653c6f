//! What is one token whatever a dictionary says: placeholders, bracketed emoticons, emoji, addresses.
//!
//! They are put together after the cut: brackets and emoji are always cut apart, so that their ends are ends of words.

use std::ops::Range;

use corpus::TokenKind;

use crate::normalize::{Address, is_emoji};

/// The longest name inside a bracketed emoticon: `[允悲]`, `[doge]`, `[打call]`.
const EMOTICON_CHARS_MAX: usize = 6;

/// An atom with its span.
pub(super) struct Atom {
    pub(super) bytes: Range<usize>,
    pub(super) kind: TokenKind,
}

/// The atom at byte `at` of `text`, where a word starts. Nearly all words are passed over at one look-up.
#[expect(clippy::string_slice, reason = "`at` is where a word starts")]
pub(super) fn atom_at(text: &str, at: usize, placeholders: &[String]) -> Option<Atom> {
    let first = text.as_bytes()[at];
    if !STARTS[first as usize] {
        return None;
    }
    let (before, rest) = (&text[..at], &text[at..]);
    let (len, kind) = match first {
        b'[' => {
            let placeholder = placeholders.iter().find(|name| rest.starts_with(name.as_str()));
            match placeholder {
                Some(placeholder) => (placeholder.len(), TokenKind::Placeholder),
                None => (emoticon(rest)?, TokenKind::Emoticon),
            }
        }
        b'\xe2' | b'\xf0' => (emoji(rest)?, TokenKind::Emoticon),
        _ => {
            let before = before.chars().next_back().unwrap_or(' ');
            (Address::at_start(rest, before)?.bytes, TokenKind::Url)
        }
    };
    Some(Atom { bytes: at..at + len, kind })
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
    starts
};

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
