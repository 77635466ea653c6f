//! Hands tantivy what was cut already, without cutting again.

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};

use super::WORD_SEPARATOR;

pub(crate) const WORDS: &str = "huisheng_words";
pub(crate) const CHARS: &str = "huisheng_chars";

/// Runs of letters and digits longer than this are kept by their head, as tantivy's own limit would drop them whole.
const RUN_BYTES_MAX: usize = 200;

pub(crate) fn register(index: &tantivy::Index) {
    index.tokenizers().register(WORDS, TextAnalyzer::from(JoinedWords::default()));
    index.tokenizers().register(CHARS, TextAnalyzer::from(Characters::default()));
}

/// Gives back words that were joined by a separator.
#[derive(Clone, Default)]
struct JoinedWords {
    token: Token,
}

struct JoinedWordStream<'a> {
    rest: &'a str,
    byte_start: usize,
    token: &'a mut Token,
}

impl Tokenizer for JoinedWords {
    type TokenStream<'a> = JoinedWordStream<'a>;

    fn token_stream<'a>(&'a mut self, joined: &'a str) -> JoinedWordStream<'a> {
        self.token.reset();
        JoinedWordStream { rest: joined, byte_start: 0, token: &mut self.token }
    }
}

impl TokenStream for JoinedWordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((word, rest)) = self.rest.split_once(WORD_SEPARATOR) else { return false };
        self.token.text.clear();
        self.token.text.push_str(word);
        self.token.position = self.token.position.wrapping_add(1);
        (self.token.offset_from, self.token.offset_to) =
            (self.byte_start, self.byte_start + word.len());
        self.byte_start += word.len() + WORD_SEPARATOR.len_utf8();
        self.rest = rest;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// One token for each character that is not in a run of letters or digits, and one for each such run, lower-cased. Position = how many such
/// units stand before it, so that a phrase over neighbouring positions is a piece of the text as written. Marks and spaces take a position and
/// give no token.
#[derive(Clone, Default)]
pub(crate) struct Characters {
    token: Token,
}

pub(crate) struct CharacterStream<'a> {
    units: Units<'a>,
    token: &'a mut Token,
}

impl Tokenizer for Characters {
    type TokenStream<'a> = CharacterStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> CharacterStream<'a> {
        self.token.reset();
        CharacterStream {
            units: Units { text, byte_start: 0, position: 0 },
            token: &mut self.token,
        }
    }
}

impl TokenStream for CharacterStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((position, byte_start, unit)) = self.units.next() else { return false };
        self.token.text.clear();
        push_lower(unit, &mut self.token.text);
        self.token.position = position;
        (self.token.offset_from, self.token.offset_to) = (byte_start, byte_start + unit.len());
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The terms and positions of `text` in the `chars` field, for building queries.
pub(crate) fn characters(text: &str) -> Vec<(usize, String)> {
    let units = Units { text, byte_start: 0, position: 0 };
    units
        .map(|(position, _, unit)| {
            let mut term = String::new();
            push_lower(unit, &mut term);
            (position, term)
        })
        .collect()
}

/// Iterates over `(position, first byte, unit)`.
struct Units<'a> {
    text: &'a str,
    byte_start: usize,
    position: usize,
}

impl<'a> Iterator for Units<'a> {
    type Item = (usize, usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.byte_start..)?;
            let first = rest.chars().next()?;
            let is_han = is_han(first);
            let byte_len = if !is_han && in_run(first) {
                rest.find(|c| !in_run(c)).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (start, position) = (self.byte_start, self.position);
            self.byte_start += byte_len;
            self.position += 1;
            if is_han || first.is_alphanumeric() || is_emoji(first) {
                return Some((position, start, rest.get(..byte_len)?));
            }
        }
    }
}

fn push_lower(unit: &str, out: &mut String) {
    if unit.chars().next().is_some_and(is_han) {
        out.push_str(unit);
        return;
    }
    let end = if unit.len() <= RUN_BYTES_MAX {
        unit.len()
    } else {
        unit.floor_char_boundary(RUN_BYTES_MAX)
    };
    let head = unit.get(..end).unwrap_or(unit);
    if head.is_ascii() {
        out.extend(head.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        out.extend(head.chars().flat_map(char::to_lowercase));
    }
}

/// The Chinese characters of all but rare names and old books, told without the tables of Unicode. They have no case.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

/// Letters and digits of scripts that put spaces between words.
fn in_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c < '\u{2e80}' && c.is_alphanumeric())
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, terms: &str) {
        let found: Vec<String> = characters(text)
            .into_iter()
            .map(|(position, term)| format!("{position}{term}"))
            .collect();
        assert_eq!(found.join(" "), terms, "{text}");
    }

    #[test]
    fn characters_stand_at_their_own_position() {
        check("待处理", "0待 1处 2理");
        check("好,差", "0好 2差");
        check("用VPN 2.0很慢", "0用 1vpn 32 50 6很 7慢");
        check("", "");
    }

    #[test]
    fn a_very_long_run_is_cut_on_a_char_boundary() {
        let run = "é".repeat(300);
        assert_eq!(characters(&run)[0].1.len(), RUN_BYTES_MAX);
    }

    #[test]
    fn joined_words_come_back() {
        let mut tokenizer = JoinedWords::default();
        let mut stream = tokenizer.token_stream("安装\u{1f}简单\u{1f}");
        let mut found = Vec::new();
        while stream.advance() {
            found.push((stream.token().text.clone(), stream.token().position));
        }
        assert_eq!(found, [("安装".to_owned(), 0), ("简单".to_owned(), 1)]);
    }
}
