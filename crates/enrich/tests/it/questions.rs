//! Answers judged by the question that they answer: right on 59 of 60 pairs that were written before the rule, and on 37 without it.

use super::{judge_answers, tools};

/// `(question, answer, expected)` of the table.
fn rows() -> Vec<(&'static str, &'static str, &'static str)> {
    let lines = include_str!("questions.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap();
            (next(), next(), next())
        })
        .collect()
}

/// Lines that are judged otherwise than expected, under their questions or without.
fn wrong(with_question: bool) -> Vec<String> {
    let rows = rows();
    let asked: Vec<(Option<&str>, &str)> = rows
        .iter()
        .map(|(question, answer, _)| (with_question.then_some(*question), *answer))
        .collect();
    let judged = judge_answers(&asked);
    let found = judged.iter().map(|judgement| judgement.polarity.map_or("unsure", |p| p.as_str()));
    rows.iter()
        .zip(found)
        .filter(|((_, _, expected), found)| found != expected)
        .map(|((question, answer, expected), found)| {
            format!("{question} {answer}: {found}, expected {expected}")
        })
        .collect()
}

#[test]
fn answers_are_read_by_their_questions() {
    let (with, without) = (wrong(true), wrong(false));
    assert_eq!(rows().len(), 60);
    assert!(with.len() <= 1, "{}", with.join("\n"));
    assert!(without.len() >= 20, "the questions decide {} lines", without.len());
}

#[test]
fn one_answer_says_two_things_below_two_questions() {
    let score = |question| judge_answers(&[(Some(question), "食堂")])[0].score;
    assert!(score("还有什么不足?") < -0.3 && score("您最满意的是什么?") > 0.3);
    let plain = judge_answers(&[(None, "食堂")]);
    assert_eq!(
        judge_answers(&[(Some("您在哪里用餐?"), "食堂")]),
        plain,
        "a plain question changes nothing"
    );
}

#[test]
fn questions_are_in_the_fingerprint() {
    let tools = tools();
    let lists = ["polarity", "negation", "degree", "contrast", "constructions", "questions"];
    let path = |list: &str| format!("{}/../../dictionaries/{list}.tsv", env!("CARGO_MANIFEST_DIR"));
    let content: String =
        lists.iter().map(|list| std::fs::read_to_string(path(list)).unwrap()).collect();
    let hash = enrich::content_hash(content.as_bytes());
    let hash = hash.split(':').next_back().unwrap();
    assert!(tools.enricher.fingerprint().contains(hash), "{}", tools.enricher.fingerprint());
}
