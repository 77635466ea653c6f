//! Normal form: idempotent, with a map that leads back; and the tokens of any text tile it.

use corpus::TokenBatch;
use text::{Lexicon, Normalizer, Scratch, Segmenter};

fn main() {
    let lexicon = Lexicon::builtin();
    let normalizer = Normalizer::new(lexicon.exceptions());
    let segmenter = Segmenter::new(&lexicon, &["手机号"]);
    fuzz::drive("normalize", |bytes| {
        let raw = String::from_utf8_lossy(bytes);
        let (mut scratch, mut tokens) = (Scratch::default(), TokenBatch::default());
        let normalized = normalizer.normalize(&raw, &mut scratch);
        let again = normalizer.normalize(&normalized.text, &mut scratch);
        assert_eq!(again.text, normalized.text, "normalizing twice is normalizing once");
        segmenter.tokenize(&normalized.text, &mut scratch, &mut tokens);
        let mut end = 0;
        for token in tokens.words(0) {
            assert_eq!(token.byte_start, end, "words tile the text");
            assert!(!token.text(&normalized.text).is_empty());
            end = token.byte_end;
            let shown = normalized.map.to_display(token.byte_start as usize..end as usize);
            assert!(normalized.display.get(shown).is_some(), "a token leads to whole characters");
        }
        assert_eq!(end as usize, normalized.text.len());
        for sub_word in tokens.sub_words(0) {
            assert!(sub_word.text(&normalized.text).chars().count() >= 2);
        }
        if let Some(token) = tokens.words(0).first() {
            let replaced = normalized
                .replace(&[(token.byte_start as usize..token.byte_end as usize, "[手机号]")]);
            assert!(replaced.text.starts_with("[手机号]"));
        }
    });
}
