//! Words with one blank between them, the form of the SIGHAN bake-offs.

use corpus::TokenBatch;

use crate::{Normalizer, Scratch, Segmenter};

impl Segmenter {
    /// Cuts a text as the pipeline does (normalized first) and writes the words of the text *as given* with one blank between them.
    ///
    /// Boundaries are found on the normalized text and carried back over the offset map, so that the output has the input's characters.
    pub fn cut_to_sighan(
        &self,
        normalizer: &Normalizer,
        raw: &str,
        scratch: &mut Scratch,
    ) -> String {
        let normalized = normalizer.normalize(raw, scratch);
        let mut tokens = TokenBatch::default();
        self.tokenize(&normalized.text, scratch, &mut tokens);
        let mut line = String::with_capacity(raw.len() * 2);
        let mut shown = 0;
        for token in tokens.words(0) {
            let display =
                normalized.map.to_display(token.byte_start as usize..token.byte_end as usize);
            let piece = normalized
                .display
                .get(shown.max(display.start)..display.end)
                .unwrap_or_default()
                .trim();
            shown = shown.max(display.end);
            if !piece.is_empty() {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(piece);
            }
        }
        line
    }
}
