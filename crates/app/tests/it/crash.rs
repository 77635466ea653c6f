use std::path::Path;

use crate::program::{Program, lines};

const DOCUMENTS: usize = 3000;

/// Killed between two commits, at whatever point it was: the next run goes on behind the last commit, and nothing is lost or doubled.
#[test]
fn a_killed_import_is_finished_by_the_next_one() {
    let program = Program::new();
    program.write("huisheng.toml", "[store]\ncommit_rows = 1\n");
    program.write("a.jsonl", lines(DOCUMENTS));
    let arguments = ["import", "a.jsonl", "--source", "论坛", "--visibility", "open"];
    let mut child = program
        .command(&arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // Each batch of 1,024 rows is a commit. Killed once the first stands in the log; if the run is quicker than this loop, it is simply done.
    let log = program.store().join("table/_delta_log");
    while !has_version(&log, 1) && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
    let output = program.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let verified = program.json(&["verify"], 0);
    assert_eq!(verified["rows_in_table"], DOCUMENTS);
    assert_eq!(verified["rows_in_index"], DOCUMENTS);
    assert_eq!(
        (verified["sources"][0]["read"].as_u64(), verified["sources"][0]["adds_up"].as_bool()),
        (Some(DOCUMENTS as u64), Some(true))
    );
}

#[test]
fn a_lost_index_comes_back() {
    let program = Program::new();
    program.write("a.jsonl", lines(100));
    program.json(&["import", "a.jsonl", "--source", "论坛", "--visibility", "open"], 0);
    std::fs::remove_dir_all(program.store().join("index")).unwrap();
    assert_eq!(program.json(&["search", "班车"], 0)["open"]["total"], 17);
    assert_eq!(program.json(&["index", "rebuild"], 0)["rows"], 100);
}

fn has_version(log: &Path, version: u64) -> bool {
    log.join(format!("{version:020}.json")).is_file()
}
