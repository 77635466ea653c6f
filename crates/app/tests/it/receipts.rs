//! Receipts from the form to the reply and to the withdrawal, and what somebody without the code can tell.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{Program, lines};

/// A sentence that stands in the first document only.
const PHRASE: &str = "\"太贵了，希望有回复\"";

/// Documents of enough people over one month, the first with a receipt.
fn documents(code: &str) -> String {
    let mut first = json!({
        "id": "r1", "text": "食堂的饭菜太贵了，希望有回复", "created_at": "2025-03-04", "author": "工号QX77815", "unit": "采油一厂", "凭证": code,
    })
    .to_string();
    first.push('\n');
    first + &lines(60)
}

fn issue(program: &Program) -> String {
    let codes = program.json(&["receipt", "issue", "--count", "2"], 0);
    let codes = codes["codes"].as_array().unwrap();
    assert_ne!(codes[0], codes[1]);
    codes[0].as_str().unwrap().to_owned()
}

fn import(program: &Program, file: &str, visibility: &str) -> Value {
    let arguments =
        ["import", file, "--source", "意见箱", "--visibility", visibility, "--map", "receipt=凭证"];
    program.json(&arguments, 0)["sources"][0].clone()
}

/// Runs `huisheng receipt ACT` with the code on standard input, which no list of processes shows.
fn present(program: &Program, act: &str, code: &str) -> Value {
    let mut child = program
        .command(&["--json", "receipt", act])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", code.to_lowercase().replace('-', " ")).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_holder_reads_the_reply_and_withdraws_the_text() {
    let program = Program::new();
    let (code, other) = (issue(&program), issue(&program));
    program.write("a.jsonl", documents(&code));
    assert_eq!(import(&program, "a.jsonl", "open")["stored"], 61);
    assert_eq!(present(&program, "show", &code), json!({ "replies": [] }));

    let found = program.json(&["search", PHRASE], 0);
    let id = found["open"]["hits"][0]["id"].as_str().unwrap();
    program.json(&["receipt", "reply", "--document", id, "--text", "已转后勤，下周降价"], 0);
    assert_eq!(present(&program, "show", &code), json!({ "replies": ["已转后勤，下周降价"] }));
    assert_eq!(present(&program, "show", &other), json!({ "replies": [] }));

    // A code that nobody holds is answered alike, and takes nothing along.
    assert_eq!(present(&program, "withdraw", &other), present(&program, "withdraw", &code));
    assert_eq!(present(&program, "show", &code), json!({ "replies": [] }));
    assert_eq!(program.json(&["search", PHRASE], 0)["open"]["total"], 0);
    let verified = program.json(&["verify"], 0);
    assert_eq!(
        (verified["rows_in_table"].as_u64(), verified["intact"].as_bool()),
        (Some(60), Some(true))
    );

    // What was taken back does not come again with the next file, and is counted.
    let copy = documents(&code) + &lines(62);
    program.write("b.jsonl", copy);
    let again = import(&program, "b.jsonl", "open");
    assert_eq!((again["read"].as_u64(), again["withdrawn"].as_u64()), (Some(123), Some(1)));
    let sum: u64 = ["stored", "known", "revised", "withdrawn", "quarantined"]
        .iter()
        .map(|name| again[*name].as_u64().unwrap())
        .sum();
    assert_eq!(sum, 123, "{again}");
    assert_eq!(program.json(&["search", PHRASE], 0)["open"]["total"], 0);
}

/// Where a source has no ids, a text, its unit and its day make the document: somebody who knows them hands in the same words with a code of their own.
#[test]
fn who_hands_in_a_colleagues_words_gets_no_hold_on_them() {
    let program = Program::new();
    let (code, mine, of_nobody) = (issue(&program), issue(&program), issue(&program));
    let line = |text: &str, code: &str| {
        let row = json!({ "text": text, "created_at": "2025-03-04", "凭证": code });
        format!("{row}\n")
    };
    let with_receipt = "食堂的饭菜太贵了，希望有回复";
    let without_receipt = "班车又晚点了，大家都等着";
    program.write("a.jsonl", line(with_receipt, &code) + &line(without_receipt, ""));
    import(&program, "a.jsonl", "open");
    let copies = line(with_receipt, &mine) + &line(without_receipt, &of_nobody);
    // In a file of its own, and in one file with the words.
    program.write("b.jsonl", &copies);
    assert_eq!(import(&program, "b.jsonl", "open")["known"], 2);
    let both = line("培训课讲得很好", "") + &line("培训课讲得很好", &mine) + &copies;
    program.write("c.jsonl", both);
    import(&program, "c.jsonl", "open");

    let found = program.json(&["search", PHRASE], 0);
    let id = found["open"]["hits"][0]["id"].as_str().unwrap();
    program.json(&["receipt", "reply", "--document", id, "--text", "已转后勤"], 0);
    for stranger in [&mine, &of_nobody] {
        assert_eq!(present(&program, "show", stranger), json!({ "replies": [] }));
        present(&program, "withdraw", stranger);
    }
    assert_eq!(program.json(&["verify"], 0)["rows_in_table"], 3);
    assert_eq!(present(&program, "show", &code), json!({ "replies": ["已转后勤"] }));
}

#[test]
fn no_file_answer_or_message_leads_from_a_receipt_to_its_holder() {
    let program = Program::new();
    let code = issue(&program);
    program.write("a.jsonl", documents(&code));
    import(&program, "a.jsonl", "open");
    present(&program, "show", &code);
    let found = program.json(&["search", PHRASE], 0);
    assert!(!found.to_string().contains("凭证") && !found.to_string().contains("receipt"));
    let (first, rest) = code.split_at(1);
    let wrong = if first == "Q" { "R" } else { "Q" };
    let slip = program.fails(&["receipt", "show", &format!("{wrong}{rest}")]);
    assert!(slip.contains("check character") && !slip.contains(rest), "{slip}");
    program.write("bad.jsonl", documents("张三的手机尾号0817"));
    let arguments = ["-vv", "import", "bad.jsonl", "--source", "意见箱", "--map", "receipt=凭证"];
    let output = program.run(&arguments);
    assert_eq!(output.status.code(), Some(1), "a receipt that is none is quarantined");
    let said = [output.stdout, output.stderr].concat();

    let bare = code.replace('-', "");
    let mut everything = vec![("what was said".to_owned(), said)];
    for path in crate::program::files(&program.store()) {
        everything.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    for (place, bytes) in everything {
        for secret in [code.as_str(), &bare, &bare.to_lowercase(), "QX77815", "尾号0817"] {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{secret} in {place}");
        }
    }
}

#[test]
fn replies_go_only_to_texts_that_may_be_read() {
    let program = Program::new();
    let code = issue(&program);
    program.write("a.jsonl", documents(&code));
    import(&program, "a.jsonl", "confidential");
    program.json(&["digest", "--out", "out"], 0);
    // Nobody outside sees an id of a confidential text; that of another store's text is nobody's here.
    let nobody = "0123456789abcdef0123456789abcdef";
    let by_id = program.fails(&["receipt", "reply", "--document", nobody, "--text", "已转后勤"]);
    // A sentence that the attacker knows, of one person: the guard quotes no such passage, whether it is there or not.
    let reply = |passage: &str| {
        let arguments =
            ["receipt", "reply", "--query", "食堂", "--passage", passage, "--text", "已转后勤"];
        program.fails(&arguments)
    };
    let (there, not_there) =
        (reply("食堂的饭菜太贵了，希望有回复"), reply("食堂的饭菜太咸了，希望有回复"));
    assert_eq!((&there, &there), (&not_there, &by_id), "one answer for all that may not be read");
    assert_eq!(present(&program, "show", &code), json!({ "replies": [] }));
}
