//! Redaction on some twelve hundred lines in forms that people invent, and on lines that only look like it: how much leaks, how much is masked without need.
//!
//! The bounds are what is reached, not what is wished for. A value leaks when one letter, digit or character of it stays readable.

use std::collections::BTreeMap;
use std::ops::Range;

use privacy::{IdentifierKind, Redactor, Span};

const PEOPLE: &str = include_str!("invented/people.txt");
const THINGS: &str = include_str!("invented/things.txt");

/// A text with the personal data in it.
struct Labelled {
    text: String,
    values: Vec<(IdentifierKind, Range<usize>)>,
}

#[derive(Default)]
struct Tally {
    values: usize,
    leaked: usize,
}

impl Tally {
    fn leak(&self) -> f64 {
        self.leaked as f64 / self.values as f64
    }
}

#[test]
fn little_leaks_in_any_form_that_people_invent() {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut leaks = Vec::new();
    for labelled in lines(PEOPLE).map(read) {
        let spans = find(&labelled.text);
        for (kind, range) in labelled.values {
            let readable = readable(&labelled.text, &range, &spans);
            for key in [kind.as_str(), "all"] {
                let tally = tallies.entry(key).or_default();
                tally.values += 1;
                tally.leaked += usize::from(readable);
            }
            if readable {
                leaks.push(labelled.text.clone());
            }
        }
    }
    let all = &tallies["all"];
    assert!(all.values >= 550, "{} values", all.values);
    assert!(all.leak() <= 0.04, "{:.3} of all values leak: {leaks:#?}", all.leak());
    for kind in ["PHONE", "BANK_CARD", "PLATE"] {
        assert!(tallies[kind].leak() <= 0.03, "{kind}: {:.3}: {leaks:#?}", tallies[kind].leak());
    }
    for (kind, tally) in &tallies {
        assert!(tally.values >= 30, "{kind}: {} values", tally.values);
        assert!(tally.leak() <= 0.12, "{kind}: {:.3}: {leaks:#?}", tally.leak());
    }
}

#[test]
fn what_only_looks_like_it_stays() {
    let masked: Vec<String> = lines(THINGS)
        .filter(|line| !find(line).is_empty())
        .map(|line| Redactor::new().redact(line))
        .collect();
    let count = lines(THINGS).count();
    assert!(count >= 550, "{count} lines");
    assert!(masked.len() * 1000 <= 6 * count, "of {count}: {masked:#?}");
}

#[test]
fn what_is_redacted_stays_as_it_is() {
    let redactor = Redactor::new();
    for labelled in lines(PEOPLE).map(read) {
        let once = redactor.redact(&labelled.text);
        assert_eq!(redactor.redact(&once), once, "{}", labelled.text);
    }
}

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with("# "))
}

/// Takes the marks out of `打{PHONE|13812345678}找我`.
fn read(line: &'static str) -> Labelled {
    let mut labelled = Labelled { text: String::new(), values: Vec::new() };
    for part in line.split_inclusive('}') {
        let plain = |part: &str| part.replace("\\n", "\n");
        let Some((before, marked)) = part.split_once('{') else {
            labelled.text += &plain(part);
            continue;
        };
        let (kind, value) = marked.split_once('|').expect("a mark has a kind and a value");
        let value = plain(value.strip_suffix('}').expect("a mark ends"));
        let kind = IdentifierKind::of_word(kind).expect("the kind is one of ours");
        labelled.text += &plain(before);
        let start = labelled.text.len();
        labelled.text += &value;
        labelled.values.push((kind, start..labelled.text.len()));
    }
    labelled
}

fn find(text: &str) -> Vec<Span> {
    static REDACTOR: std::sync::LazyLock<Redactor> = std::sync::LazyLock::new(Redactor::new);
    let mut spans = Vec::new();
    REDACTOR.find(text, &mut spans);
    spans
}

fn readable(text: &str, value: &Range<usize>, spans: &[Span]) -> bool {
    let is_covered = |at: usize| spans.iter().any(|span| span.range.contains(&at));
    text.char_indices()
        .filter(|(at, c)| value.contains(at) && c.is_alphanumeric())
        .any(|(at, _)| !is_covered(at))
}
