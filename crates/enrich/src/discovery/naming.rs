//! The words and phrases that tell a topic from the others: class-based tf-idf (Grootendorst 2022, "BERTopic") over words and pairs of words.

use corpus::{Token, TokenBatch, TokenKind};
use rustc_hash::FxHashMap;

use super::TERMS_MAX;

/// A term of fewer texts names nothing.
const DOCUMENTS_MIN: u32 = 3;
/// A phrase takes the place of its word when it stands in this share of the word's texts (排队 gives way to 排队时间).
const PHRASE_SHARE: f32 = 0.5;

/// The terms of each topic, best first: words of two characters or more that name something, and two of them in a row.
pub(super) fn terms<'t, T: AsRef<str>>(
    texts: &'t [T],
    tokens: &TokenBatch,
    assignments: &[Option<usize>],
    topics: usize,
    names_nothing: impl Fn(&str) -> bool,
) -> Vec<Vec<String>> {
    let mut empty: FxHashMap<&str, bool> = FxHashMap::default();
    for (document, text) in texts.iter().enumerate() {
        for word in tokens.words(document) {
            let word = word.text(text.as_ref());
            empty.entry(word).or_insert_with(|| names_nothing(word));
        }
    }
    // Twice over the texts: once to see which terms are frequent at all, so that only those get a count for each topic.
    let mut totals: FxHashMap<&str, u32> = FxHashMap::default();
    let mut found = Vec::new();
    let each_term = |document: usize, found: &mut Vec<&'t str>| {
        candidates(texts[document].as_ref(), tokens.words(document), &empty, found);
    };
    for document in 0..texts.len() {
        each_term(document, &mut found);
        for term in &found {
            *totals.entry(term).or_default() += 1;
        }
    }
    let mut counts: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
    for (document, topic) in assignments.iter().enumerate() {
        let Some(topic) = topic else { continue };
        each_term(document, &mut found);
        for term in found.iter().filter(|term| totals[**term] >= DOCUMENTS_MIN) {
            counts.entry(term).or_insert_with(|| vec![0; topics])[*topic] += 1;
        }
    }

    let mut in_topic = vec![0.0f32; topics];
    for counts in counts.values() {
        for (sum, count) in in_topic.iter_mut().zip(counts) {
            *sum += *count as f32;
        }
    }
    let mean = in_topic.iter().sum::<f32>() / topics.max(1) as f32;
    let mut scored: Vec<Vec<(f32, &str, u32)>> = vec![Vec::new(); topics];
    for (term, counts) in &counts {
        let total: u32 = counts.iter().sum();
        let rarity = (1.0 + mean / total as f32).ln();
        for (topic, count) in
            counts.iter().enumerate().filter(|(_, count)| **count >= DOCUMENTS_MIN)
        {
            scored[topic].push((*count as f32 / in_topic[topic] * rarity, term, *count));
        }
    }
    scored.into_iter().map(choose).collect()
}

/// The best terms, none part of another.
fn choose(mut scored: Vec<(f32, &str, u32)>) -> Vec<String> {
    scored.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    let mut chosen: Vec<(&str, u32)> = Vec::new();
    for (_, term, count) in scored {
        let part =
            chosen.iter().position(|(other, _)| other.contains(term) || term.contains(other));
        match part {
            Some(at) => {
                let (word, word_count) = chosen[at];
                if term.len() > word.len() && count as f32 >= PHRASE_SHARE * word_count as f32 {
                    chosen[at] = (term, count);
                }
            }
            None if chosen.len() < TERMS_MAX => chosen.push((term, count)),
            None => {}
        }
    }
    let mut names: Vec<String> = Vec::with_capacity(chosen.len());
    for (term, _) in chosen {
        if !names.iter().any(|name| name.contains(term) || term.contains(name.as_str())) {
            names.push(term.to_owned());
        }
    }
    names
}

/// The terms of one text, each once, into `found`.
#[expect(clippy::string_slice, reason = "tokens begin and end where characters do")]
fn candidates<'t>(
    text: &'t str,
    words: &[Token],
    empty: &FxHashMap<&str, bool>,
    found: &mut Vec<&'t str>,
) {
    found.clear();
    let names = |word: &Token| {
        let content = word.text(text);
        matches!(word.kind, TokenKind::Word | TokenKind::Latin)
            && content.chars().nth(1).is_some()
            && !empty.get(content).copied().unwrap_or_default()
    };
    let mut before: Option<&Token> = None;
    for word in words {
        if !names(word) {
            before = None;
            continue;
        }
        found.push(&text[word.byte_start as usize..word.byte_end as usize]);
        if let Some(before) = before {
            found.push(&text[before.byte_start as usize..word.byte_end as usize]);
        }
        before = Some(word);
    }
    found.sort_unstable();
    found.dedup();
}
