//! Word lists: what is wrong with one, what it would change, and why a text is cut as it is.

use std::fmt::Write as _;

use crate::program::Program;

#[test]
fn a_word_list_is_checked_line_by_line() {
    let program = Program::new();
    program.write("good.tsv", "# ours\n井控证\t20\tn\n");
    assert_eq!(program.json(&["lexicon", "check", "good.tsv"], 0).as_array().unwrap().len(), 0);
    program.write("odd.tsv", "\u{feff}云南\t1\tns\r\n軟件\t10\tn\r\n");
    let remarks = program.json(&["lexicon", "check", "odd.tsv"], 0);
    assert_eq!((remarks[0]["line"].as_u64(), remarks[1]["line"].as_u64()), (Some(1), Some(2)));
    assert!(remarks[1]["advice"].as_str().unwrap().contains("软件"));
    program.write("bad.tsv", "井控证 20 n\n");
    let message = program.fails(&["lexicon", "check", "good.tsv", "bad.tsv"]);
    assert!(message.contains("1 lines cannot be used") && message.contains("hint:"), "{message}");
}

#[test]
fn a_suggested_line_passes_the_check() {
    let program = Program::new();
    let output = program.run(&["lexicon", "suggest", "井控证复审班", "采气树"]);
    program.write("a.tsv", &output.stdout);
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    assert_eq!(program.json(&["lexicon", "check", "a.tsv"], 0).as_array().unwrap().len(), 0);
}

#[test]
fn a_cut_is_explained() {
    let program = Program::new();
    let explained = program.json(&["segment", "--explain", "南京市長江大橋"], 0);
    assert_eq!(explained["normalized"], "南京市长江大桥");
    assert_eq!(explained["words"], serde_json::json!(["南京市", "长江大桥"]));
    let taken: Vec<&str> = explained["considered"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|word| word["is_taken"] == true)
        .map(|word| word["word"].as_str().unwrap())
        .collect();
    assert_eq!(taken, ["南京市", "长江大桥"]);
    let shown = program.run(&["segment", "--explain", "南京市长江大桥"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("南京市*") && shown.contains("市长\n"), "{shown}");
}

/// `people` writers who each report about the 二号小食堂窗口 once, in a month long closed.
fn reports(people: usize) -> String {
    let mut lines = String::new();
    for n in 0..60 {
        let place = if n < people { "二号小食堂窗口" } else { "值班室门口" };
        let line = serde_json::json!({
            "id": n.to_string(), "text": format!("第{n}组反映{place}的灯坏了,希望尽快修好"),
            "created_at": format!("2025-03-{:02}", n % 28 + 1), "author": format!("A{n}"), "unit": "采油一厂",
        });
        let _ = writeln!(lines, "{line}");
    }
    lines
}

fn preview(people: usize, visibility: &str) -> serde_json::Value {
    let program = Program::new();
    program.write("a.jsonl", reports(people));
    program.json(&["import", "a.jsonl", "--source", "信箱", "--visibility", visibility], 0);
    program.json(&["digest", "--out", "out"], 0);
    program.write("new.tsv", "小食堂窗口\t100000\tn\n");
    let before = program.json(&["verify"], 0);
    let impact = program.json(&["lexicon", "preview", "new.tsv"], 0);
    let after = program.json(&["verify"], 0);
    assert_eq!(before["table_version"], after["table_version"], "a preview changes nothing");
    assert_eq!(
        after["audit"]["rows"].as_u64(),
        before["audit"]["rows"].as_u64().map(|rows| rows + 1),
        "a preview is a read that is logged"
    );
    impact
}

#[test]
fn a_preview_counts_open_documents() {
    let impact = preview(12, "open");
    assert_eq!(impact["open_documents"], 12);
    assert_eq!(impact["open_ids"].as_array().unwrap().len(), 12);
}

#[test]
fn a_preview_does_not_tell_of_a_few_confidential_documents() {
    let (none, few) = (preview(0, "confidential"), preview(9, "confidential"));
    assert_eq!(none, few);
    assert!(none["confidential_people"].is_null());
    let many = preview(12, "confidential");
    assert_eq!(
        (many["confidential_people"].as_u64(), many["open_documents"].as_u64()),
        (Some(10), Some(0))
    );
}

#[test]
fn an_applied_list_is_found_and_survives_a_restart() {
    let program = Program::new();
    program.write("a.jsonl", reports(12));
    program.json(&["import", "a.jsonl", "--source", "信箱", "--visibility", "open"], 0);
    program.write("new.tsv", "小食堂窗口\t100000\tn\n");
    let before = program.json(&["verify"], 0);
    let applied = program.json(&["lexicon", "apply", "new.tsv"], 0);
    assert_eq!(applied["open_documents"], 12);
    let after = program.json(&["verify"], 0);
    let version = |report: &serde_json::Value| report["table_version"].as_u64().unwrap();
    assert_eq!(version(&after), version(&before) + 1, "one version of the table");
    assert_eq!(
        (&after["rows_in_table"], &after["rows_in_index"], &after["intact"]),
        (&before["rows_in_table"], &before["rows_in_index"], &serde_json::json!(true))
    );
    assert_eq!(program.json(&["search", "小食堂窗口"], 0)["open"]["total"], 12);
    assert_eq!(
        program.json(&["search", "值班室"], 0)["open"]["total"],
        48,
        "the rest is untouched"
    );

    let again = program.json(&["lexicon", "apply"], 0);
    assert_eq!(again["open_documents"], 0, "the list is the store's own now");
    assert_eq!(version(&program.json(&["verify"], 0)), version(&after), "so nothing is written");
    program.write("b.jsonl", reports(12));
    let known = program.json(&["import", "b.jsonl", "--source", "信箱", "--visibility", "open"], 0);
    assert_eq!(known["sources"][0]["known"], 60, "documents cut anew are known by what they say");
}

#[test]
fn a_store_of_other_words_is_mended_by_apply() {
    let program = Program::new();
    program.write("a.jsonl", reports(12));
    program.json(&["import", "a.jsonl", "--source", "信箱", "--visibility", "open"], 0);
    // As after an update of the program whose own words have changed.
    std::fs::write(program.store().join("words.tsv"), "小食堂窗口\t100000\tn\n").unwrap();
    let message = program.fails(&["search", "食堂"]);
    assert!(message.contains("lexicon apply"), "{message}");
    assert_eq!(program.json(&["lexicon", "apply"], 0)["open_documents"], 12);
    assert_eq!(program.json(&["search", "小食堂窗口"], 0)["open"]["total"], 12);
}
