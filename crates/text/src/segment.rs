//! Cuts normalized Chinese text into tokens, once, for every reader.
//!
//! jieba cuts by dictionary, without its hidden Markov model: the model guesses at names and joins what the gold standard keeps apart
//! (F1 81.3 with it and 82.7 without on msr, 81.8 and 83.6 on pku). One `cut_for_search` gives the words and the dictionary words inside them.

mod atoms;
mod sighan;

use corpus::{Token, TokenBatch, TokenKind};
use jieba_rs::Jieba;

use crate::{Lexicon, Scratch};
use atoms::Atoms;

/// Part of the segmentation fingerprint: to be changed whenever the same text and lexicon are cut otherwise than before.
const MODE: &str = "jieba-rs 0.11, cut_for_search without hmm, atoms 1";

/// Cuts texts. Built once (a quarter of a second and 60 MB for the dictionary), shared by all threads.
#[derive(Debug)]
pub struct Segmenter {
    jieba: Jieba,
    placeholders: Vec<String>,
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
        Self { jieba, placeholders, fingerprint }
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
        let (mut byte_start, mut char_start) = (0, 0);
        // Invariant: everything before `byte_start` is pushed, and `char_start` counts its characters.
        for atom in Atoms::new(text, &self.placeholders) {
            char_start =
                self.cut_piece(&mut cut, byte_start..atom.bytes.start, char_start, scratch);
            let chars = chars_in(text, atom.bytes.clone());
            cut.push(token(&atom.bytes, char_start, atom.kind));
            char_start += chars;
            byte_start = atom.bytes.end;
        }
        self.cut_piece(&mut cut, byte_start..text.len(), char_start, scratch);
        cut.close();
        debug_assert_eq!(cut.byte_end as usize, text.len(), "words tile the text");
        out.end_document();
    }

    /// Cuts a piece without atoms by dictionary; returns the number of characters up to its end.
    fn cut_piece(
        &self,
        cut: &mut Cut<'_>,
        piece: std::ops::Range<usize>,
        char_start: u32,
        scratch: &mut Scratch,
    ) -> u32 {
        if piece.is_empty() {
            return char_start;
        }
        let base = piece.start;
        let tokens = self
            .jieba
            .cut_for_search(cut.text.get(piece).expect("atoms lie on character boundaries"), false);
        // jieba gives the words inside a word before it, and only from behind can the two be told apart:
        // the last token is a word, and what lies inside its span are its sub-words.
        scratch.words.clear();
        let mut word_start = usize::MAX;
        for (index, token) in tokens.iter().enumerate().rev() {
            if token.byte_end <= word_start {
                scratch.words.push(index as u32);
                word_start = token.byte_start;
            }
        }
        let mut first_sub_word = 0;
        for &index in scratch.words.iter().rev() {
            let word = &tokens[index as usize];
            let bytes = base + word.byte_start..base + word.byte_end;
            cut.push_or_join(token(&bytes, char_start + word.start as u32, kind_of(word.word)));
            for sub_word in &tokens[first_sub_word..index as usize] {
                let bytes = base + sub_word.byte_start..base + sub_word.byte_end;
                cut.out.push_sub_word(token(
                    &bytes,
                    char_start + sub_word.start as u32,
                    TokenKind::Word,
                ));
            }
            first_sub_word = index as usize + 1;
        }
        char_start + tokens.last().map_or(0, |token| token.end as u32)
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

/// What a token that jieba cut is, by its characters.
fn kind_of(word: &str) -> TokenKind {
    let first = word.chars().next().unwrap_or(' ');
    if is_han(first) {
        TokenKind::Word
    } else if first.is_ascii() {
        kind_of_ascii(word)
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

fn token(bytes: &std::ops::Range<usize>, char_start: u32, kind: TokenKind) -> Token {
    Token { byte_start: bytes.start as u32, byte_end: bytes.end as u32, char_start, kind }
}

fn chars_in(text: &str, bytes: std::ops::Range<usize>) -> u32 {
    text.get(bytes).map_or(0, |atom| atom.chars().count() as u32)
}

#[cfg(test)]
mod tests;
