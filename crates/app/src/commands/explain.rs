//! `huisheng segment --explain`: why a text is cut as it is.

use std::fmt::Write as _;

use corpus::TokenBatch;
use serde::Serialize;
use text::{Considered, Lexicon, Normalizer, Scratch, Segmenter};

use super::print;
use crate::Outcome;

#[derive(Serialize)]
struct Explanation {
    /// What is cut: the text in normal form.
    normalized: String,
    words: Vec<String>,
    considered: Vec<Considered>,
    segmentation: String,
}

/// Cuts one text and shows the words that were considered at each place.
pub(crate) fn run(text: &str, json: bool) -> anyhow::Result<Outcome> {
    let lexicon = Lexicon::builtin();
    let normalizer = Normalizer::new(lexicon.exceptions());
    let segmenter = Segmenter::new(&lexicon, privacy::placeholders());
    let mut scratch = Scratch::default();
    let normalized = normalizer.normalize(text, &mut scratch).text;
    let mut tokens = TokenBatch::default();
    segmenter.tokenize_batch([normalized.as_str()], &mut scratch, &mut tokens);
    let words =
        tokens.words(0).iter().map(|token| token.text(&normalized).to_owned()).collect::<Vec<_>>();
    let considered = segmenter.explain(&normalized);
    let segmentation = segmenter.fingerprint().to_owned();
    print(&Explanation { normalized, words, considered, segmentation }, json, plain)?;
    Ok(Outcome::Done)
}

fn plain(explanation: &Explanation) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", explanation.words.join(" / "));
    let _ = writeln!(out, "at  frequency    score    route  word (* taken)");
    for word in &explanation.considered {
        let mark = if word.is_taken { "*" } else { "" };
        let _ = writeln!(
            out,
            "{:>2} {:>10} {:>8.2} {:>8.2}  {}{mark}",
            word.char_start, word.frequency, word.score, word.route_score, word.word
        );
    }
    let _ = writeln!(
        out,
        "at each place the word with the best route wins: its own score and the best that can follow it"
    );
    out
}
