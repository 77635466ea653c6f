//! Reading word lists, the shipped ones and broken ones.

use super::*;

fn check(content: &str, expected: &[&str]) {
    let mut lexicon = Lexicon::empty();
    let notices = match lexicon.add_words("单词.tsv", content.as_bytes()) {
        Ok(notices) => notices,
        Err(error) => error.notices,
    };
    let found: Vec<String> = notices.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_shipped_files_have_no_defect() {
    let lexicon = Lexicon::builtin();
    assert!(lexicon.words().len() >= 1000, "{}", lexicon.words().len());
    assert!(lexicon.is_stop_word("我们") && !lexicon.is_stop_word("食堂"));
    assert!(lexicon.synonyms("饭堂").contains(&"食堂".to_owned()));
    assert_eq!(lexicon.synonyms("没有这个词"), [] as [String; 0]);
    let grouped: usize = lexicon.synonyms.iter().map(Vec::len).sum();
    assert_eq!(lexicon.synonym_group.len(), grouped, "a word stands in one group only");
}

#[test]
fn byte_order_mark_and_line_ends_of_any_kind_are_fine() {
    let mut lexicon = Lexicon::empty();
    let notices = lexicon
        .add_words("a.tsv", "\u{feff}# 注释\r\n井控证\t10\tn\r\n\r\n微党课\t5\tn".as_bytes())
        .unwrap();
    assert_eq!(notices, []);
    let words: Vec<&str> = lexicon.words().iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["井控证", "微党课"]);
}

#[test]
fn every_bad_line_is_told_with_advice() {
    check(
        "井控证\t10\n",
        &[
            "单词.tsv, line 1: 2 columns instead of word, frequency and tag; write word, tab, frequency, tab, tag; use frequency 3 and tag n when in doubt",
        ],
    );
    check(
        "云南 3 ns\n",
        &["单词.tsv, line 1: columns are separated by blanks; put tabs between the columns"],
    );
    check(
        "云南\t三\tns",
        &[
            "单词.tsv, line 1: frequency \"三\" is not a whole number from 1 to 10000000; let `huisheng lexicon suggest` give a frequency",
        ],
    );
    check(
        "井\t3\tn",
        &[
            "单词.tsv, line 1: word \"井\" has 1 characters (expected 2 to 16); add the parts as words",
        ],
    );
    check(
        "井控！证\t3\tn",
        &[
            "单词.tsv, line 1: word \"井控！证\" holds '！', at which texts are always cut; take the character out, or add the parts as words",
        ],
    );
    check(
        "# 头\n井控证\t3\tn\n井控证\t4\tn",
        &[
            "单词.tsv, line 3: word \"井控证\" stands in line 2 with another frequency; delete one of the two lines",
        ],
    );
    check(
        "井控证\t3\tn\n井控证\t3\tn",
        &[
            "单词.tsv, line 2: word \"井控证\" stands in line 1 already; delete one of the two lines",
        ],
    );
}

#[test]
fn a_refused_file_changes_nothing_and_all_its_defects_are_told() {
    let mut lexicon = Lexicon::empty();
    let error = lexicon
        .add_words("a.tsv", b"\xe4\xba\x95\xe6\x8e\xa7\t3\tn\nx\t3\tn\n\xff\t3\tn\n")
        .unwrap_err();
    let lines: Vec<usize> = error.notices.iter().map(|notice| notice.line).collect();
    assert_eq!((lines, lexicon.words().len()), (vec![2, 3], 0));
}

#[test]
fn the_fingerprint_follows_words_and_not_their_order() {
    let with = |content: &str| {
        let mut lexicon = Lexicon::empty();
        lexicon.add_words("a.tsv", content.as_bytes()).unwrap();
        lexicon.fingerprint()
    };
    assert_eq!(with("井控证\t3\tn\n微党课\t3\tn"), with("微党课\t3\tn\n井控证\t3\tn"));
    assert_ne!(with("井控证\t3\tn"), with("井控证\t4\tn"));
}
