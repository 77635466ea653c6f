//! No long text is decoded wrongly, and short ones are rather refused.

use crate::decode_table::CASES;

/// Our own labelled sentences: the text is the last column.
const SENTENCES: &str = include_str!("../../../../data/labels/feedback_work.tsv");

#[test]
fn thirty_characters_are_never_decoded_wrongly() {
    let sentences = sentences();
    for case in &CASES {
        for chars in [30, 200] {
            let found = case.measure(&sentences, chars, 60);
            assert_eq!(found.wrong, 0, "{} of {chars} characters: {found:?}", case.name);
            assert!(found.right > found.quarantined * 10, "{}, {chars}: {found:?}", case.name);
        }
    }
}

#[test]
fn two_characters_are_refused_unless_something_tells() {
    let sentences = sentences();
    for case in &CASES {
        let found = case.measure(&sentences, 2, 60);
        assert!(found.wrong * 30 <= found.right + found.quarantined, "{}: {found:?}", case.name);
    }
}

fn sentences() -> String {
    let lines = SENTENCES.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit('\t').next()).flat_map(|text| [text, "。"]).collect()
}
