//! A tokenized batch for tests: every Han character is a token, runs of letters and digits are one.

use corpus::{
    ContentHash, Day, DocumentBatchBuilder, DocumentId, DocumentRow, Token, TokenBatch, TokenKind,
    TokenizedBatch, Visibility,
};

/// Cuts and wraps `texts`, which stand for normalized ones.
pub(crate) fn batch(texts: &[&str]) -> TokenizedBatch {
    let mut builder =
        DocumentBatchBuilder::new("意见箱".parse().unwrap(), Visibility::Confidential, texts.len());
    for (id, text) in (0..).zip(texts) {
        builder.push(&DocumentRow {
            id: DocumentId(id),
            content: ContentHash(0),
            unit: None,
            day: Day(0),
            voice: None,
            question: None,
            rating: None,
            display: text,
            text,
            map: &[],
            repairs: 0,
        });
    }
    let mut tokens = TokenBatch::default();
    cut(texts, &mut tokens);
    TokenizedBatch { documents: builder.finish(), tokens, fingerprints: vec![0; texts.len()] }
}

/// Cuts `texts` into `out`.
pub(crate) fn cut(texts: &[&str], out: &mut TokenBatch) {
    for text in texts {
        let mut open: Option<Token> = None;
        for (char_start, (byte, character)) in (0..).zip(text.char_indices()) {
            let kind = match character {
                c if c.is_whitespace() => TokenKind::Space,
                c if c.is_ascii_digit() => TokenKind::Number,
                c if c.is_ascii_alphabetic() => TokenKind::Latin,
                c if c.is_alphanumeric() => TokenKind::Word,
                _ => TokenKind::Punctuation,
            };
            let byte_end = (byte + character.len_utf8()) as u32;
            match &mut open {
                Some(token)
                    if token.kind == kind
                        && matches!(kind, TokenKind::Latin | TokenKind::Number) =>
                {
                    token.byte_end = byte_end
                }
                _ => {
                    if let Some(token) =
                        open.replace(Token { byte_start: byte as u32, byte_end, char_start, kind })
                    {
                        out.push_word(token);
                    }
                }
            }
        }
        if let Some(token) = open {
            out.push_word(token);
        }
        out.end_document();
    }
}
