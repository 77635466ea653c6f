//! Clauses and matters, end to end: normalized, cut by the shared segmenter, judged by what is shipped.

use corpus::{Polarity, TokenBatch};
use enrich::ClauseScratch;

use super::tools;

/// What a text says, as `(matter, sign)` in order of the clauses.
fn said(text: &str) -> Vec<(String, i8)> {
    let tools = tools();
    let mut scratch = text::Scratch::default();
    let text = tools.normalizer.normalize(text, &mut scratch).text;
    let mut tokens = TokenBatch::default();
    tools.segmenter.tokenize_batch([text.as_str()], &mut scratch, &mut tokens);
    let class_of = |word: &str| tools.segmenter.class(word);
    let clauses =
        tools.enricher.clauses(&text, &tokens, 0, &class_of, &mut ClauseScratch::default());
    let mut end = 0;
    for clause in &clauses {
        assert_eq!(clause.byte_start, end, "clauses tile {text}");
        end = clause.byte_end;
    }
    assert_eq!(end as usize, text.len(), "clauses tile {text}");
    let mut pairs: Vec<(String, i8)> = Vec::new();
    for clause in clauses {
        let sign = clause.polarity.map_or(0, Polarity::sign);
        for aspect in &clause.aspects {
            let name = text.get(aspect.byte_start as usize..aspect.byte_end as usize).unwrap();
            let pair = (name.to_owned(), sign);
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// Pairs of a table: `(expected, found, right, lines that are not as expected)`. A matter is right when it ends as expected (阿姨 in 打饭阿姨).
fn measure(table: &str) -> (usize, usize, usize, Vec<String>) {
    let (mut expected_count, mut found_count, mut right_count) = (0, 0, 0);
    let mut wrong = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (text, pairs) = line.split_once('\t').unwrap();
        let expected: Vec<(&str, i8)> = pairs
            .split(' ')
            .map(|pair| match pair.strip_suffix('+') {
                Some(matter) => (matter, 1),
                None => (pair.strip_suffix('-').unwrap(), -1),
            })
            .collect();
        let found = said(text);
        let right = expected
            .iter()
            .filter(|(matter, sign)| {
                found.iter().any(|(name, found)| found == sign && name.ends_with(matter))
            })
            .count();
        expected_count += expected.len();
        found_count += found.len();
        right_count += right;
        if right < expected.len() || right < found.len() {
            wrong.push(format!("{text}\t{pairs}\tfound {found:?}"));
        }
    }
    (expected_count, found_count, right_count, wrong)
}

/// The reason shown for a text of one clause does not contradict what is stored of it.
#[test]
fn a_text_of_one_clause_is_judged_as_its_clause() {
    let tools = tools();
    let mut scratch = text::Scratch::default();
    for text in ["培根嚼不烂", "足足3个小时才送到!", "服务态度不好", "一点也不差"]
    {
        let mut tokens = TokenBatch::default();
        tools.segmenter.tokenize_batch([text], &mut scratch, &mut tokens);
        let class_of = |word: &str| tools.segmenter.class(word);
        let judging = &mut ClauseScratch::default();
        let judged = tools.enricher.judge_text(text, &tokens, 0, judging);
        let clauses = tools.enricher.clauses(text, &tokens, 0, &class_of, judging);
        assert_eq!(clauses.len(), 1, "{text}");
        assert!(judged.polarity.is_none() || clauses[0].polarity == judged.polarity, "{text}");
    }
}

#[test]
fn sentences_in_sight_come_out_as_expected() {
    let (expected, found, right, wrong) = measure(include_str!("aspects_seen.tsv"));
    assert_eq!((right, found), (expected, expected), "{}", wrong.join("\n"));
}

/// The floor lies a little under what is reached, so that a change that loses shows.
#[test]
fn sentences_out_of_sight_keep_their_level() {
    let (expected, found, right, wrong) = measure(include_str!("aspects_unseen.tsv"));
    let f1 = 2.0 * right as f64 / (expected + found) as f64;
    assert!(expected >= 90 && f1 >= 0.7, "{f1:.3}:\n{}", wrong.join("\n"));
}

#[test]
fn grammar_names_no_matter() {
    for text in
        ["两个小时才到,太慢了", "送来都凉了", "好个屁", "没法吃", "再也不会来了", "根本挑不出毛病"]
    {
        let named: Vec<String> = said(text).into_iter().map(|(name, _)| name).collect();
        let is_grammar = |name: &String| {
            ["小时", "送来", "屁", "没法", "不会", "挑不出"].iter().any(|word| name.contains(word))
        };
        assert!(!named.iter().any(is_grammar), "{text}: {named:?}");
    }
}
