//! A limit goes below its default only when two administrators agree, and the digest says so.

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::program::{Program, lines};

fn ask_for(program: &Program, k_verbatim: u32) {
    program.write("huisheng.toml", format!("[limits]\nk_verbatim = {k_verbatim}\n"));
}

fn in_force(program: &Program) -> Value {
    program.json(&["limits", "show"], 0)["in_force"]["k_verbatim"].clone()
}

/// Runs `huisheng limits ACT NAME` with codes on standard input.
fn act(program: &Program, act: &str, name: &str, codes: &[&str]) -> Output {
    let mut child = program
        .command(&["--json", "limits", act, name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for code in codes {
        // One that needs no code may be gone before it has read one.
        let _ = writeln!(input, "{code}");
    }
    drop(input);
    child.wait_with_output().unwrap()
}

fn appoint(program: &Program, name: &str, codes: &[&str]) -> String {
    let output = act(program, "appoint", name, codes);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    printed["code"].as_str().unwrap().to_owned()
}

#[test]
fn one_administrator_alone_lowers_nothing_and_two_do() {
    let program = Program::new();
    ask_for(&program, 6);
    assert_eq!(in_force(&program), 10);
    let (first, second) = (appoint(&program, "甲", &[]), appoint(&program, "乙", &[]));

    let refused = act(&program, "agree", "甲", &[&second]);
    assert!(!refused.status.success(), "another's code");
    for _ in 0..2 {
        assert!(act(&program, "agree", "甲", &[&first]).status.success());
        assert_eq!(in_force(&program), 10, "one who agrees twice is one");
    }
    assert!(act(&program, "agree", "乙", &[&second]).status.success());
    assert_eq!(in_force(&program), 6);

    ask_for(&program, 5);
    assert_eq!(in_force(&program), 10, "another value is another agreement");
    ask_for(&program, 12);
    assert_eq!(in_force(&program), 12, "nobody need agree to a higher limit");
}

#[test]
fn a_third_administrator_takes_the_codes_of_two() {
    let program = Program::new();
    let (first, second) = (appoint(&program, "甲", &[]), appoint(&program, "乙", &[]));
    assert!(!act(&program, "appoint", "丙", &[&first, &first]).status.success());
    assert!(!act(&program, "appoint", "甲", &[&first, &second]).status.success());
    let third = appoint(&program, "丙", &[&first, &second]);
    let messages = program.run(&["limits", "show"]);
    let said = [messages.stdout, messages.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(![first, second, third].iter().any(|code| said.contains(code.as_str())), "{said}");
}

#[test]
fn the_digest_names_a_lowered_limit_and_who_agreed() {
    let program = Program::new();
    program.write("a.jsonl", lines(240));
    program.json(&["import", "a.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    let digest = |program: &Program| {
        program.json(&["digest", "--month", "2025-09", "--out", "."], 0);
        std::fs::read_to_string(program.folder().join("digest.html")).unwrap()
    };
    assert!(!digest(&program).contains("低于默认的限值"));
    ask_for(&program, 6);
    for name in ["甲", "乙"] {
        let code = appoint(&program, name, &[]);
        assert!(act(&program, "agree", name, &[&code]).status.success());
    }
    let html = digest(&program);
    assert!(html.contains("摘录至少 6 人（默认 10 人）；经管理员 乙、甲 同意"), "{html}");
}
