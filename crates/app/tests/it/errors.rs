use std::process::Stdio;

use crate::program::{Program, lines};

fn check(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

#[test]
fn what_is_wrong_is_named_with_a_hint() {
    let program = Program::new();
    check(&program.fails(&["import", "nowhere.jsonl", "--source", "论坛"]), &["nowhere.jsonl"]);
    check(&program.fails(&["ingest"]), &["no source", "hint:", "[[source]]"]);
    check(&program.fails(&["digest"]), &["no period is released", "hint:"]);
    program.write("huisheng.toml", "[limits]\nk_score = 2\n");
    check(&program.fails(&["verify"]), &["k_score", "5"]);
    program.write("huisheng.toml", "[store]\nfolder = \"x\"\n");
    check(&program.fails(&["verify"]), &["huisheng.toml", "line 2", "folder", "hint:"]);
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let mut child = Program::new()
        .command(&["config", "show"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_column_that_is_not_there_is_an_error_that_names_those_that_are() {
    let program = Program::new();
    program.write("a.csv", "日期,意见\n2025-01-01,食堂太贵\n");
    check(
        &program.fails(&["import", "a.csv", "--source", "论坛", "--map", "text=内容"]),
        &["内容", "日期", "意见"],
    );
}

#[test]
fn a_store_in_use_is_not_opened_twice() {
    let program = Program::new();
    program.write("a.jsonl", lines(10));
    program.json(&["import", "a.jsonl", "--source", "论坛"], 0);
    let lock = std::fs::File::open(program.store().join("store.lock")).unwrap();
    lock.lock().unwrap();
    check(&program.fails(&["verify"]), &["in use by another process", "hint:"]);
}
