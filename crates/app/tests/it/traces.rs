//! Where somebody's number or address could be left: what is said, temporary files, every file of the store, memory that a crash writes to disk.

use std::path::PathBuf;

use crate::program::{Program, files, lines};

const SECRETS: [&str; 4] = ["工号QX77815", "zhang.weiming@example.cn", "王翠兰翠兰", "13812345678"];

/// Rows that come in, and rows that are refused for every reason there is, each with somebody's name in each field that could hold one.
fn rows() -> String {
    let mut rows = lines(40);
    for author in SECRETS {
        let fields = [
            serde_json::json!({"text": "食堂太贵", "created_at": "2025-03-04", "author": author}),
            serde_json::json!({"text": "食堂太贵", "created_at": author, "author": author}),
            serde_json::json!({"text": "", "created_at": "2025-03-04", "author": author}),
            serde_json::json!({"text": "食堂太贵", "created_at": "2025-03-04", "author": {"name": author}}),
            serde_json::json!({"text": "食堂太贵", "created_at": "2025-03-04", "author": author, "rating": author}),
            serde_json::json!({"text": "食堂太贵", "created_at": "2025-03-04", "author": author, "凭证": author}),
        ];
        for row in fields {
            rows.push_str(&format!("{row}\n"));
        }
        rows.push_str(&format!("{{\"author\":\"{author}\",\"text\":\"broken\n"));
    }
    rows
}

#[test]
fn no_author_is_left_in_any_message_or_file() {
    let program = Program::new();
    let temporary = program.folder().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    program.write("a.jsonl", rows());
    program
        .write("b.csv", format!("内容,时间,作者\n食堂太贵,2025-03-04,{}\n只有一列\n", SECRETS[0]));
    let mut said = Vec::new();
    let runs: [&[&str]; 5] = [
        &["-vv", "import", "a.jsonl", "--source", "意见箱", "--map", "receipt=凭证,rating=rating"],
        &["-vv", "import", "b.csv", "--source", "问卷"],
        &["-vv", "import", "b.csv", "--source", "问卷", "--map", "unit=没有这一列"],
        &["-vv", "digest", "--out", "out"],
        &["-vv", "verify"],
    ];
    for arguments in runs {
        let output = program.command(arguments).env("TMPDIR", &temporary).output().unwrap();
        said.extend([output.stdout, output.stderr].concat());
    }
    // Stopped in the middle, with documents in memory.
    let stopped = ["import", "a.jsonl", "--source", "另一个", "--map", "receipt=凭证"];
    let mut child = program.command(&stopped).env("TMPDIR", &temporary).spawn().unwrap();
    while !program.store().join("table/_delta_log").is_dir() && child.try_wait().unwrap().is_none()
    {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();

    let inputs: [PathBuf; 2] = ["a.jsonl", "b.csv"].map(|name| program.folder().join(name));
    let mut everything = vec![("what was said".to_owned(), said)];
    for path in files(program.folder()).into_iter().filter(|path| !inputs.contains(path)) {
        everything.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    for (place, bytes) in everything {
        for secret in SECRETS {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{secret} in {place}");
        }
    }
}

/// A core file would hold authors and keys. A limit of one byte, unlike one of none, also keeps the memory from a program that the system hands it to.
#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_memory_on_disk() {
    use std::io::BufRead as _;
    let program = Program::new();
    let mut child = program
        .command(&["serve", "--address", "127.0.0.1:0"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["1", "1"], "{line}");
}
