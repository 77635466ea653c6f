//! The character pass: NFKC where it is safe, hidden characters, white space, repeated punctuation, addresses.

use unicode_normalization::UnicodeNormalization;

use super::class::{CharClass, ClassTable, repeats_max};
use crate::offset_map::MapBuilder;

/// Rewrites `from` into `to` and returns the edits.
pub(super) fn fold(classes: &ClassTable, from: &str, to: &mut String) -> MapBuilder {
    let mut pass = Pass { classes, to, map: MapBuilder::default(), last: '\0', repeats: 0 };
    let mut rest = pass.copy_plain(from);
    while let Some(c) = rest.chars().next() {
        rest = pass.take(c, rest);
        rest = pass.copy_plain(rest);
    }
    pass.map
}

/// Drops what repeated punctuation adds nothing by, and copies the rest: for texts in which nothing else is to be done. Gives what [`fold`] gives.
pub(super) fn squeeze(classes: &ClassTable, from: &str, to: &mut String) -> MapBuilder {
    let mut map = MapBuilder::default();
    let (mut last, mut repeats, mut at, mut copied) = ('\0', 0, 0, 0);
    let mut keep = |range: std::ops::Range<usize>, dropped: usize| {
        map.same(range.len());
        map.edit(0, dropped);
        to.push_str(from.get(range).unwrap_or_default());
    };
    while let Some(start) = classes.next_classed(from.as_bytes(), at) {
        let Some(c) = from.get(start..).and_then(|rest| rest.chars().next()) else { break };
        repeats = if start == at && c == last { repeats + 1 } else { 1 };
        (at, last) = (start + c.len_utf8(), c);
        if repeats > repeats_max(c) && classes.of(c).has(CharClass::REPEATABLE) {
            keep(copied..start, c.len_utf8());
            copied = at;
        }
    }
    keep(copied..from.len(), 0);
    map
}

const NEEDS_LOOK: CharClass =
    CharClass::REWRITE.or(CharClass::HIDDEN).or(CharClass::SPACE).or(CharClass::REPEATABLE);

struct Pass<'a> {
    classes: &'a ClassTable,
    to: &'a mut String,
    map: MapBuilder,
    last: char,
    repeats: usize,
}

impl Pass<'_> {
    /// Copies the characters up to the first one that needs a look; most of most texts.
    fn copy_plain<'t>(&mut self, rest: &'t str) -> &'t str {
        let (plain, rest) = rest.split_at(self.plain_bytes(rest));
        if let Some(last) = plain.chars().next_back() {
            self.to.push_str(plain);
            self.map.same(plain.len());
            (self.last, self.repeats) = (last, 1);
        }
        rest
    }

    /// Where the first character of `rest` stands that is not just copied. The last one never is: what follows it may still join it.
    fn plain_bytes(&self, rest: &str) -> usize {
        let mut after = 0;
        while let Some(at) = self.classes.next_classed(rest.as_bytes(), after) {
            let (before, from) = rest.split_at(at);
            let mut chars = from.chars();
            let Some(c) = chars.next() else { break };
            let class = self.classes.of(c);
            if class.has(CharClass::JOINING) {
                return before.char_indices().next_back().map_or(0, |(joined, _)| joined);
            }
            let mut stands_alone = || {
                let before = before.chars().next_back().unwrap_or(self.last);
                c != before && chars.next().is_some_and(|next| next != c)
            };
            let is_copied = !class.has(NEEDS_LOOK) || class.is_only_repeatable() && stands_alone();
            if !is_copied || starts_address(c) {
                return at;
            }
            after = at + c.len_utf8();
        }
        rest.char_indices().next_back().map_or(0, |(last, _)| last)
    }

    /// Takes `first` and what belongs to it off `rest`; returns what is left. Always takes at least one character.
    #[expect(clippy::string_slice, reason = "every cut is the length of characters just read")]
    fn take<'t>(&mut self, first: char, rest: &'t str) -> &'t str {
        let class = self.classes.of(first);
        if class.has(CharClass::SPACE) {
            return self.take_spaces(rest);
        }
        if class.has(CharClass::HIDDEN) {
            return self.take_hidden(first, rest);
        }
        if let Some(address) = Address::at_start(rest, self.last) {
            return self.take_address(&address, rest);
        }
        let width = first.len_utf8();
        let joined: usize = rest[width..]
            .chars()
            .take_while(|&c| self.classes.of(c).has(CharClass::JOINING))
            .map(char::len_utf8)
            .sum();
        if joined == 0 && !class.has(CharClass::REWRITE) {
            let kept = self.push(first);
            if kept {
                self.map.same(width)
            } else {
                self.map.edit(0, width)
            }
            return &rest[width..];
        }
        let (source, rest) = rest.split_at(width + joined);
        let before = self.to.len();
        for c in source.nfkc() {
            self.push(c);
        }
        if self.to[before..] == *source {
            self.map.same(source.len())
        } else {
            self.map.edit(self.to.len() - before, source.len())
        }
        rest
    }

    /// Appends a character unless it only repeats punctuation. Returns whether it was kept.
    fn push(&mut self, c: char) -> bool {
        self.repeats = if c == self.last { self.repeats + 1 } else { 1 };
        self.last = c;
        let keep = self.repeats <= repeats_max(c) || !self.classes.of(c).has(CharClass::REPEATABLE);
        if keep {
            self.to.push(c);
        }
        keep
    }

    /// A run of white space becomes one blank, none at the ends of the text.
    fn take_spaces<'t>(&mut self, rest: &'t str) -> &'t str {
        let blank = |c: char| {
            let class = self.classes.of(c);
            class.has(CharClass::SPACE) || class.has(CharClass::HIDDEN) && c != ZERO_WIDTH_JOINER
        };
        let after = rest.trim_start_matches(blank);
        let taken = rest.len() - after.len();
        if self.to.is_empty() || after.is_empty() {
            self.map.edit(0, taken);
            return after;
        }
        self.to.push(' ');
        (self.last, self.repeats) = (' ', 1);
        if rest.starts_with(' ') && taken == 1 {
            self.map.same(1)
        } else {
            self.map.edit(1, taken)
        }
        after
    }

    /// Drops a hidden character, except the joiner inside an emoji such as 👨‍👩‍👧.
    #[expect(clippy::string_slice, reason = "the cut is the length of the first character")]
    fn take_hidden<'t>(&mut self, hidden: char, rest: &'t str) -> &'t str {
        let after = &rest[hidden.len_utf8()..];
        let joins = hidden == ZERO_WIDTH_JOINER
            && is_emoji(self.last)
            && after.chars().next().is_some_and(is_emoji);
        if joins {
            self.to.push(hidden);
            self.map.same(hidden.len_utf8());
        } else {
            self.map.edit(0, hidden.len_utf8());
        }
        after
    }

    /// An address keeps its scheme and host: the rest is noise to a reader and may name a person.
    #[expect(clippy::string_slice, reason = "addresses are ASCII")]
    fn take_address<'t>(&mut self, address: &Address<'_>, rest: &'t str) -> &'t str {
        let before = self.to.len();
        self.to.extend(
            address.scheme.chars().chain(address.host.chars()).map(|c| c.to_ascii_lowercase()),
        );
        let unchanged = self.to[before..] == rest[..address.bytes];
        if unchanged {
            self.map.same(address.bytes)
        } else {
            self.map.edit(self.to.len() - before, address.bytes)
        }
        (self.last, self.repeats) = ('\0', 0);
        &rest[address.bytes..]
    }
}

/// The first letters of `http`, `ftp` and `www`.
pub(super) fn starts_address(c: char) -> bool {
    matches!(c, 'h' | 'H' | 'f' | 'F' | 'w' | 'W')
}

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Pictographs and what follows them: wide enough for joining, not a definition.
pub(crate) fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{2300}'..='\u{23ff}' | '\u{2194}'..='\u{21aa}' | '\u{3030}' | '\u{303d}' | '\u{20e3}')
}

/// An address at the start of a text.
pub(crate) struct Address<'t> {
    scheme: &'t str,
    host: &'t str,
    /// Bytes of the whole address.
    pub(crate) bytes: usize,
}

impl<'t> Address<'t> {
    /// Finds an address at the very start of `text`, where `before` is the character in front of it.
    #[expect(clippy::string_slice, reason = "all lengths count ASCII bytes")]
    pub(crate) fn at_start(text: &'t str, before: char) -> Option<Self> {
        if before.is_ascii_alphanumeric() {
            return None;
        }
        let starts = |scheme: &&str| {
            text.as_bytes()
                .get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
        };
        let first = text.as_bytes().first()?.to_ascii_lowercase();
        let scheme = match first {
            b'h' => ["http://", "https://"].into_iter().find(starts)?.len(),
            b'f' => Some("ftp://").filter(starts)?.len(),
            b'w' => Some("www.").filter(starts)?.len(),
            _ => return None,
        };
        let is_part = |byte: &u8| byte.is_ascii_graphic() && !b"<>\"'`{}|\\^[]".contains(byte);
        let run = text.bytes().take_while(is_part).count();
        let body = text[..run].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '(', '*', '~']);
        let authority = body.get(scheme..)?.split(['/', '?', '#']).next()?;
        let after_user = authority.rsplit('@').next()?;
        let is_host =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
        let host = after_user[..after_user.bytes().take_while(is_host).count()]
            .trim_matches(['.', '-', ':']);
        (!host.is_empty()).then_some(Self { scheme: &text[..scheme], host, bytes: body.len() })
    }
}
