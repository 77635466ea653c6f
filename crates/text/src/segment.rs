//! Cuts normalized Chinese text into tokens, once, for every reader.
//!
//! jieba cuts by dictionary, without its hidden Markov model: the model guesses at names and joins what the gold standard keeps apart
//! (F1 81.3 with it and 82.6 without on msr, 82.0 and 83.8 on pku). Dictionary words inside a word are looked up here and not taken from
//! `cut_for_search`, which costs half as much again as `cut` and knows only those of two and three characters.

mod atoms;
mod check;
mod explain;
mod sighan;

use corpus::{Token, TokenBatch, TokenKind, WordClass};
use jieba_rs::Jieba;
use rustc_hash::FxHashSet;

use crate::{Lexicon, Scratch};
use atoms::atom_at;
pub use explain::{Considered, EXPLAINED_CHARS_MAX};

/// Part of the segmentation fingerprint: to be changed whenever the same text and lexicon are cut otherwise than before.
const MODE: &str = "jieba-rs 0.11, cut without hmm, sub-words of all lengths, atoms 1";

/// Cuts texts. Built once (a quarter of a second and 60 MB for the dictionary), shared by all threads.
#[derive(Debug)]
pub struct Segmenter {
    jieba: Jieba,
    placeholders: Vec<String>,
    grammar_words: FxHashSet<String>,
    fingerprint: String,
}

impl Segmenter {
    /// A segmenter with jieba's dictionary and the words of `lexicon`. `placeholders` are the names that redaction writes
    /// between brackets (`手机号` for `[手机号]`); each is one token that nobody can search.
    pub fn new(lexicon: &Lexicon, placeholders: &[&str]) -> Self {
        let mut jieba = Jieba::new();
        for word in lexicon.words() {
            jieba.add_word(&word.text, Some(word.frequency as usize), Some(&word.tag));
        }
        let placeholders: Vec<String> =
            placeholders.iter().map(|name| format!("[{name}]")).collect();
        let mut hasher = blake3::Hasher::new();
        for part in [MODE, &lexicon.words_fingerprint()]
            .into_iter()
            .chain(placeholders.iter().map(String::as_str))
        {
            hasher.update(part.as_bytes()).update(b"\n");
        }
        let fingerprint =
            hasher.finalize().to_hex().as_str().get(..16).unwrap_or_default().to_owned();
        let grammar_words = lexicon.grammar_words().cloned().collect();
        Self { jieba, placeholders, grammar_words, fingerprint }
    }

    /// Sixteen hexadecimal digits that change when any text may be cut otherwise: dictionary, mode and placeholders.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Cuts every text into `out`, which is cleared first.
    ///
    /// The words of a text tile it: no gap, no overlap, no change of a byte. Sub-words lie inside the word before them.
    /// Allocates one list a text (jieba's own), nothing a token.
    pub fn tokenize_batch<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t str>,
        scratch: &mut Scratch,
        out: &mut TokenBatch,
    ) {
        out.clear();
        for text in texts {
            self.tokenize(text, scratch, out);
        }
    }

    /// Adds the tokens of one text to `out` as its next document.
    pub fn tokenize(&self, text: &str, scratch: &mut Scratch, out: &mut TokenBatch) {
        let mut cut = Cut { text, out, open: None, byte_end: 0 };
        let words = self.jieba.cut(text, false);
        let mut rest = words.as_slice();
        // Invariant: everything before the first word of `rest` is pushed, or open in `cut`.
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            let bytes = word.byte_start..word.byte_end;
            if starts_like_han(word.word) {
                cut.push(token(&bytes, word.start, TokenKind::Word));
                if word.end - word.start > 2 {
                    self.push_sub_words(word, scratch, cut.out);
                }
                continue;
            }
            let kind = if let Some(atom) = atom_at(text, word.byte_start, &self.placeholders) {
                cut.push(token(&atom.bytes, word.start, atom.kind));
                rest = self.after_atom(atom.bytes.end, word, rest, &mut cut);
                continue;
            } else {
                kind_of(word.word)
            };
            cut.push_or_join(token(&bytes, word.start, kind));
            if kind == TokenKind::Word && word.end - word.start > 2 {
                self.push_sub_words(word, scratch, cut.out);
            }
        }
        cut.close();
        debug_assert_eq!(cut.byte_end as usize, text.len(), "words tile the text");
        out.end_document();
    }

    /// What kind of word `word` is by the lists of words that name nothing and the dictionary's own tag. Looks one word up: meant for showing single
    /// texts and naming topics, not for batches.
    pub fn class(&self, word: &str) -> WordClass {
        if self.grammar_words.contains(word) {
            return WordClass::Grammar;
        }
        let tagged = self.jieba.tag(word, false);
        let [whole] = tagged.as_slice() else { return WordClass::Other };
        match whole.tag {
            // Names: people (nr…), places (ns), organizations (nt).
            tag if ["nr", "ns", "nt"].iter().any(|name| tag.starts_with(name)) => WordClass::Other,
            tag if tag.starts_with('n') || tag == "vn" || tag == "an" => WordClass::Noun,
            tag if tag.starts_with('v') => WordClass::Verb,
            // Numbers, measures, pronouns, particles, conjunctions, prepositions. Adverbs are listed: the dictionary tags 更新 and 高速 as some.
            "m" | "mq" | "q" | "r" | "u" | "y" | "c" | "p" | "e" => WordClass::Grammar,
            _ => WordClass::Other,
        }
    }

    /// Passes over the words inside an atom. A word that reaches over its end (an address with Chinese right behind it) is cut there.
    fn after_atom<'t, 'w>(
        &self,
        atom_end: usize,
        first: &'w jieba_rs::Token<'t>,
        rest: &'w [jieba_rs::Token<'t>],
        cut: &mut Cut<'_>,
    ) -> &'w [jieba_rs::Token<'t>] {
        let inside = rest.iter().take_while(|word| word.byte_start < atom_end).count();
        let (passed, rest) = rest.split_at(inside);
        let last = passed.last().unwrap_or(first);
        if last.byte_end > atom_end {
            let tail = cut.text.get(atom_end..last.byte_end).unwrap_or_default();
            let char_start = last.end - tail.chars().count();
            cut.push_or_join(token(&(atom_end..last.byte_end), char_start, kind_of(tail)));
        }
        rest
    }

    /// Pushes the dictionary words of two or more characters inside a word, by where they start.
    fn push_sub_words(
        &self,
        word: &jieba_rs::Token<'_>,
        scratch: &mut Scratch,
        out: &mut TokenBatch,
    ) {
        let chars = word.end - word.start;
        // Nearly every long word is all Han of three bytes, so that its boundaries need no list.
        let is_even = word.word.len() == 3 * chars
            && word.word.bytes().step_by(3).all(|byte| byte & 0xf0 == 0xe0);
        let boundaries = &mut scratch.boundaries;
        if !is_even {
            boundaries.clear();
            boundaries.extend(word.word.char_indices().map(|(at, _)| at));
            boundaries.push(word.word.len());
        }
        let at = |boundary: usize| if is_even { 3 * boundary } else { boundaries[boundary] };
        for first in 0..chars - 1 {
            for end in first + 2..=chars {
                let (from, to) = (at(first), at(end));
                let is_part = end - first < chars;
                if is_part && word.word.get(from..to).is_some_and(|part| self.jieba.has_word(part))
                {
                    let bytes = word.byte_start + from..word.byte_start + to;
                    out.push_sub_word(token(&bytes, word.start + first, TokenKind::Word));
                }
            }
        }
    }
}

/// The document being filled. Joins what jieba takes apart: `3` `.` `5`, the letters of `café`, a run of blanks.
struct Cut<'a> {
    text: &'a str,
    out: &'a mut TokenBatch,
    /// A number or a word of letters that may still grow.
    open: Option<Token>,
    byte_end: u32,
}

impl Cut<'_> {
    #[inline]
    fn push_or_join(&mut self, token: Token) {
        if let Some(open) = &mut self.open
            && let Some(kind) = joined_kind(self.text, open, &token)
        {
            (open.kind, open.byte_end) = (kind, token.byte_end);
            return;
        }
        self.close();
        if matches!(token.kind, TokenKind::Latin | TokenKind::Number) {
            self.open = Some(token);
        } else {
            self.push(token);
        }
    }

    fn push(&mut self, token: Token) {
        self.close();
        self.byte_end = token.byte_end;
        self.out.push_word(token);
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.byte_end = open.byte_end;
            self.out.push_word(open);
        }
    }
}

/// What `open` becomes with `next` joined to it, `None` when they are two tokens.
fn joined_kind(text: &str, open: &Token, next: &Token) -> Option<TokenKind> {
    match (open.kind, next.kind) {
        (TokenKind::Number, TokenKind::Number) => Some(TokenKind::Number),
        (TokenKind::Latin | TokenKind::Number, TokenKind::Latin | TokenKind::Number) => {
            Some(TokenKind::Latin)
        }
        (TokenKind::Number, TokenKind::Punctuation) => {
            let bytes = text.as_bytes();
            let digit_follows = bytes.get(next.byte_end as usize).is_some_and(u8::is_ascii_digit);
            let digit_before = bytes[open.byte_end as usize - 1].is_ascii_digit();
            match bytes[next.byte_start as usize] {
                b'.' | b',' if digit_before && digit_follows => Some(TokenKind::Number),
                b'%' if digit_before => Some(TokenKind::Number),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether the word starts between U+4000 and U+9FFF, told by its first byte: nine tokens in ten of Chinese text.
fn starts_like_han(word: &str) -> bool {
    matches!(word.as_bytes().first(), Some(0xe4..=0xe9))
}

/// What a token that jieba cut is, by its characters.
fn kind_of(word: &str) -> TokenKind {
    let first = word.chars().next().unwrap_or(' ');
    if is_han(first) {
        TokenKind::Word
    } else if first.is_ascii() {
        kind_of_ascii(word)
    } else if matches!(first, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '！' | '，' | '：' | '；' | '？' | '（' | '）' | '\u{2010}'..='\u{2027}')
    {
        // The usual Chinese punctuation, before the tables of Unicode are asked.
        TokenKind::Punctuation
    } else if first.is_whitespace() {
        TokenKind::Space
    } else if first.is_alphabetic() {
        TokenKind::Latin
    } else if first.is_numeric() {
        TokenKind::Number
    } else {
        TokenKind::Punctuation
    }
}

/// Tokens that start in ASCII: a dictionary word may go on in Chinese (`T恤`, `3D打印`).
fn kind_of_ascii(word: &str) -> TokenKind {
    if !word.is_ascii() {
        TokenKind::Word
    } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
        TokenKind::Number
    } else if word.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        TokenKind::Latin
    } else if word.bytes().all(|byte| byte.is_ascii_whitespace()) {
        TokenKind::Space
    } else {
        TokenKind::Punctuation
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

fn token(bytes: &std::ops::Range<usize>, char_start: usize, kind: TokenKind) -> Token {
    Token {
        byte_start: bytes.start as u32,
        byte_end: bytes.end as u32,
        char_start: char_start as u32,
        kind,
    }
}

#[cfg(test)]
mod tests;
