//! A run that stops after any batch and goes on from its cursor reads the same documents, none twice.

use ingest::{Cursor, DocumentReader, FilesReader, ReadBatch};

use crate::support::{Folder, now, read, read_from, seen, texts};

fn lines(from: usize, to: usize) -> String {
    (from..to)
        .map(|n| format!("{{\"id\":{n},\"text\":\"第{n}条\",\"posted_at\":\"2026-03-09\"}}\n"))
        .collect()
}

fn rows(from: usize, to: usize) -> String {
    (from..to)
        .map(|n| format!("{n},\"第{n}条：食堂的饭菜\n又涨价了，希望领导看看\",2026-03-09\n"))
        .collect()
}

/// Reads one batch, drops the reader, hands the stored cursor to the next, and so on.
fn read_with_restarts(folder: &Folder, pattern: &str, limit: usize) -> ReadBatch {
    let mut all = ReadBatch::default();
    loop {
        let stored = serde_json::to_string(&all.cursor).unwrap();
        let cursor: Cursor = serde_json::from_str(&stored).unwrap();
        let mut reader = FilesReader::open(&folder.source(pattern, ""), cursor, now()).unwrap();
        let Some(batch) = reader.next_batch(limit).unwrap() else { return all };
        all.documents.extend(batch.documents);
        all.rejections.extend(batch.rejections);
        all.cursor = batch.cursor;
    }
}

pub(crate) fn check(folder: &Folder, pattern: &str) {
    let at_once = read(&folder.source(pattern, ""));
    let expected: Vec<_> = at_once.documents.iter().map(seen).collect();
    for limit in [1, 3, 7] {
        let restarted = read_with_restarts(folder, pattern, limit);
        assert_eq!(
            restarted.documents.iter().map(seen).collect::<Vec<_>>(),
            expected,
            "{pattern} by {limit}"
        );
        assert_eq!(restarted.rejections.len(), at_once.rejections.len());
        assert_eq!(restarted.cursor, at_once.cursor);
        let again = read_from(&folder.source(pattern, ""), restarted.cursor, 10).unwrap();
        assert_eq!(again.read, 0, "{pattern}: nothing is read twice");
    }
}

#[test]
fn every_text_format_goes_on_where_it_stopped() {
    use std::io::Write;
    let folder = Folder::with("a-1.jsonl", format!("{}broken\n{}", lines(0, 5), lines(5, 9)));
    folder.write("a-2.jsonl", lines(9, 12).trim_end());
    folder.write("b.csv", format!("\u{feff}编号,内容,时间\n{}", rows(0, 10)));
    folder.write(
        "c.csv",
        encoding_rs::GB18030.encode(&format!("编号,内容,时间\r\n{}", rows(0, 10))).0,
    );
    let packed = std::fs::File::create(folder.path("d.jsonl.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packed.write_all(lines(0, 10).as_bytes()).unwrap();
    packed.finish().unwrap();
    let utf_16: Vec<u8> = format!("\u{feff}编号,内容,时间\n{}", rows(0, 10))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    folder.write("e.csv", utf_16);
    for pattern in ["a-*.jsonl", "b.csv", "c.csv", "d.jsonl.gz", "e.csv"] {
        check(&folder, pattern);
    }
}

#[test]
fn what_is_appended_is_read_and_nothing_else() {
    let folder = Folder::with("a.jsonl", lines(0, 3));
    let source = folder.source("a.jsonl", "");
    let first = read(&source);
    folder.write("a.jsonl", lines(0, 5));
    let second = read_from(&source, first.cursor, 10).unwrap();
    assert_eq!(texts(&second), ["第3条", "第4条"]);
    assert_eq!(second.documents[0].origin.locator.position, 4);
}

#[test]
fn a_last_line_that_was_half_written_is_read_again_whole() {
    let folder = Folder::with("a.jsonl", &lines(0, 2).as_bytes()[..lines(0, 2).len() - 9]);
    let source = folder.source("a.jsonl", "");
    let first = read(&source);
    assert_eq!((texts(&first), first.rejections.len()), (vec!["第0条"], 1));
    folder.write("a.jsonl", lines(0, 3));
    let second = read_from(&source, first.cursor, 10).unwrap();
    assert_eq!(texts(&second), ["第1条", "第2条"]);
}

#[test]
fn a_replaced_file_is_read_from_its_start() {
    let folder = Folder::with("a.jsonl", lines(0, 3));
    let source = folder.source("a.jsonl", "");
    let first = read(&source);
    folder.write("a.jsonl", lines(7, 9));
    assert_eq!(texts(&read_from(&source, first.cursor, 10).unwrap()), ["第7条", "第8条"]);
}
