//! The one cut of each text, shared by index, models and fingerprints.

use serde::Serialize;

/// What a token is, which decides who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[repr(u8)]
pub enum TokenKind {
    /// A Chinese word.
    Word = 0,
    /// Latin or other letters.
    Latin = 1,
    /// Digits with their separators.
    Number = 2,
    /// Punctuation and symbols.
    Punctuation = 3,
    /// White space.
    Space = 4,
    /// An emoji or a bracketed emoticon such as `[哈哈]`.
    Emoticon = 5,
    /// What redaction left, such as `[手机号]`. One token, never searchable.
    Placeholder = 6,
    /// A folded address.
    Url = 7,
}

/// What kind of word a dictionary says a word is, as far as anybody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordClass {
    /// Names a thing: 饭菜, 态度. Names of people and places are none.
    Noun,
    /// Names an action: 排队, 打扫.
    Verb,
    /// Says how, which, how much or whether, and names nothing: 到底, 什么样, 一个, 没有.
    Grammar,
    /// Everything else, and words that no dictionary knows.
    Other,
}

impl TokenKind {
    const ALL: [Self; 8] = [
        Self::Word,
        Self::Latin,
        Self::Number,
        Self::Punctuation,
        Self::Space,
        Self::Emoticon,
        Self::Placeholder,
        Self::Url,
    ];

    /// Whether a reader can search for it.
    pub fn is_searchable(self) -> bool {
        matches!(self, Self::Word | Self::Latin | Self::Number | Self::Emoticon)
    }
}

/// One token with its span in the normalized text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub byte_start: u32,
    /// One past the last byte.
    pub byte_end: u32,
    /// First character.
    pub char_start: u32,
    /// What it is.
    pub kind: TokenKind,
}

impl Token {
    /// The token's text inside the normalized text it was cut from.
    #[expect(
        clippy::string_slice,
        reason = "spans of a TokenBatch lie on char boundaries: asserted when pushed"
    )]
    pub fn text<'a>(&self, normalized: &'a str) -> &'a str {
        &normalized[self.byte_start as usize..self.byte_end as usize]
    }
}

/// The tokens of a batch of texts. The words of a text tile it: no gap, no overlap, no change of a byte.
///
/// `sub_words` are the dictionary words inside longer words (`安装` and `简单` in `安装简单`); they overlap the words and serve search only.
/// Cleared and refilled, so that a batch allocates nothing once warm.
#[derive(Debug, Clone, Default)]
pub struct TokenBatch {
    words: Vec<Token>,
    word_ends: Vec<u32>,
    sub_words: Vec<Token>,
    sub_word_ends: Vec<u32>,
}

/// An encoded token list that does not fit its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("token list does not fit its text of {text_bytes} bytes (stopped at byte {at})")]
pub struct TokenDecodeError {
    text_bytes: usize,
    at: usize,
}

impl TokenBatch {
    /// Forgets all documents, keeps the memory.
    pub fn clear(&mut self) {
        self.words.clear();
        self.word_ends.clear();
        self.sub_words.clear();
        self.sub_word_ends.clear();
    }

    /// Adds the next word of the document being filled. It must start where the last one ended.
    #[inline]
    pub fn push_word(&mut self, token: Token) {
        debug_assert_eq!(token.byte_start, self.open_document_end(), "words tile the text");
        self.words.push(token);
    }

    /// Adds a sub-word inside the word pushed last.
    #[inline]
    pub fn push_sub_word(&mut self, token: Token) {
        debug_assert!(self.words.last().is_some_and(
            |word| word.byte_start <= token.byte_start && token.byte_end <= word.byte_end
        ));
        self.sub_words.push(token);
    }

    /// Closes the document being filled.
    pub fn end_document(&mut self) {
        self.word_ends.push(self.words.len() as u32);
        self.sub_word_ends.push(self.sub_words.len() as u32);
    }

    /// Closed documents.
    pub fn document_count(&self) -> usize {
        self.word_ends.len()
    }

    /// All words of all documents.
    pub fn word_count(&self) -> usize {
        self.words.len()
    }

    /// The words of a document, in order, tiling its text.
    pub fn words(&self, document: usize) -> &[Token] {
        span(&self.words, &self.word_ends, document)
    }

    /// The sub-words of a document, by the word that holds them.
    pub fn sub_words(&self, document: usize) -> &[Token] {
        span(&self.sub_words, &self.sub_word_ends, document)
    }

    /// Appends the compact form of a document's tokens to `out`: what the table keeps, so that an index is rebuilt without cutting again.
    ///
    /// One varint `length << 4 | has_sub_words << 3 | kind` for each word; a word with sub-words is followed by their count and, for each, offset and length in bytes.
    pub fn encode_document(&self, document: usize, out: &mut Vec<u8>) {
        let mut subs = self.sub_words(document).iter().peekable();
        let mut inside = Vec::new();
        for word in self.words(document) {
            inside.clear();
            while let Some(sub) = subs.next_if(|sub| sub.byte_end <= word.byte_end) {
                inside.push(*sub);
            }
            let byte_len = u64::from(word.byte_end - word.byte_start);
            push_varint(
                out,
                byte_len << 4 | u64::from(!inside.is_empty()) << 3 | u64::from(word.kind as u8),
            );
            if !inside.is_empty() {
                push_varint(out, inside.len() as u64);
                for sub in &inside {
                    push_varint(out, u64::from(sub.byte_start - word.byte_start));
                    push_varint(out, u64::from(sub.byte_end - sub.byte_start));
                }
            }
        }
    }

    /// Adds a document from its compact form.
    ///
    /// # Errors
    /// [`TokenDecodeError`] when the list does not tile `text`; the batch is then as before.
    pub fn decode_document(&mut self, text: &str, encoded: &[u8]) -> Result<(), TokenDecodeError> {
        let (word_count, sub_word_count) = (self.words.len(), self.sub_words.len());
        let mut rest = encoded;
        match self.decode_words(text, &mut rest) {
            Some(()) => {
                self.end_document();
                Ok(())
            }
            None => {
                self.words.truncate(word_count);
                self.sub_words.truncate(sub_word_count);
                Err(TokenDecodeError { text_bytes: text.len(), at: encoded.len() - rest.len() })
            }
        }
    }

    fn decode_words(&mut self, text: &str, rest: &mut &[u8]) -> Option<()> {
        let (mut byte_start, mut char_start) = (0usize, 0u32);
        while !rest.is_empty() {
            let head = pop_varint(rest)?;
            let byte_end = byte_start.checked_add(usize::try_from(head >> 4).ok()?)?;
            let word = text.get(byte_start..byte_end).filter(|word| !word.is_empty())?;
            let kind = TokenKind::ALL[(head & 7) as usize];
            self.words.push(Token {
                byte_start: byte_start as u32,
                byte_end: byte_end as u32,
                char_start,
                kind,
            });
            if head & 8 != 0 {
                for _ in 0..pop_varint(rest)? {
                    let offset = usize::try_from(pop_varint(rest)?).ok()?;
                    let end = offset.checked_add(usize::try_from(pop_varint(rest)?).ok()?)?;
                    word.get(offset..end)?;
                    self.sub_words.push(Token {
                        byte_start: (byte_start + offset) as u32,
                        byte_end: (byte_start + end) as u32,
                        char_start: char_start + word.get(..offset)?.chars().count() as u32,
                        kind,
                    });
                }
            }
            char_start += word.chars().count() as u32;
            byte_start = byte_end;
        }
        (byte_start == text.len()).then_some(())
    }

    fn open_document_end(&self) -> u32 {
        let closed = self.word_ends.last().copied().unwrap_or(0) as usize;
        if self.words.len() == closed { 0 } else { self.words[self.words.len() - 1].byte_end }
    }
}

fn span<'a>(tokens: &'a [Token], ends: &[u32], document: usize) -> &'a [Token] {
    let start = if document == 0 { 0 } else { ends[document - 1] as usize };
    &tokens[start..ends[document] as usize]
}

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn pop_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(words: &[(&str, &[(usize, usize)])]) -> (String, TokenBatch) {
        let (mut text, mut tokens, mut chars) = (String::new(), TokenBatch::default(), 0);
        for (word, subs) in words {
            let start = text.len() as u32;
            text.push_str(word);
            tokens.push_word(Token {
                byte_start: start,
                byte_end: text.len() as u32,
                char_start: chars,
                kind: TokenKind::Word,
            });
            for (from, to) in *subs {
                let char_start = chars + word.get(..*from).unwrap().chars().count() as u32;
                let (byte_start, byte_end) = (start + *from as u32, start + *to as u32);
                tokens.push_sub_word(Token {
                    byte_start,
                    byte_end,
                    char_start,
                    kind: TokenKind::Word,
                });
            }
            chars += word.chars().count() as u32;
        }
        tokens.end_document();
        (text, tokens)
    }

    #[test]
    fn encoded_tokens_read_back() {
        let (text, tokens) = batch(&[("安装简单", &[(0, 6), (6, 12)]), (",", &[]), ("好", &[])]);
        let mut encoded = Vec::new();
        tokens.encode_document(0, &mut encoded);
        let mut decoded = TokenBatch::default();
        decoded.decode_document(&text, &encoded).unwrap();
        assert_eq!(decoded.words(0), tokens.words(0));
        assert_eq!(decoded.sub_words(0), tokens.sub_words(0));
        assert_eq!(decoded.sub_words(0)[1].text(&text), "简单");
    }

    #[test]
    fn a_list_for_another_text_is_refused_and_leaves_no_trace() {
        let (_, tokens) = batch(&[("食堂", &[]), ("好", &[])]);
        let mut encoded = Vec::new();
        tokens.encode_document(0, &mut encoded);
        let mut decoded = TokenBatch::default();
        assert!(decoded.decode_document("食堂很好", &encoded).is_err());
        assert!(decoded.decode_document("ab", &encoded).is_err());
        assert_eq!((decoded.document_count(), decoded.word_count()), (0, 0));
    }
}
