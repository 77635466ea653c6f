//! Good files in all the forms that people export.

use crate::support::{Folder, read, refused, texts};

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

fn utf_16le(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reads `bytes` as a file called `name` and compares the texts.
fn check(name: &str, bytes: impl AsRef<[u8]>, expected: &[&str]) {
    let folder = Folder::with(name, bytes);
    let batch = read(&folder.source(name, ""));
    assert_eq!(texts(&batch), expected, "{name}: {:?}", batch.rejections);
    assert_eq!(refused(&batch), [], "{name}");
}

const TABLE: &str =
    "编号,内容,时间,部门\n1,食堂涨价了,2026-03-09,一厂\n2,班车很准时,2026/3/10 08:05,二厂\n";
const TEXTS: [&str; 2] = ["食堂涨价了", "班车很准时"];

#[test]
fn csv_in_every_charset_reads_the_same() {
    check("utf8.csv", TABLE, &TEXTS);
    check("bom.csv", format!("\u{feff}{TABLE}"), &TEXTS);
    check("gb18030.csv", gb18030(TABLE), &TEXTS);
    check("utf16.csv", utf_16le(TABLE), &TEXTS);
    check("packed.csv.gz", gzip(TABLE.as_bytes()), &TEXTS);
    check("packed-gb.csv.gz", gzip(&gb18030(TABLE)), &TEXTS);
    check("crlf.csv", TABLE.replace('\n', "\r\n"), &TEXTS);
    check("no-last-break.csv", TABLE.trim_end(), &TEXTS);
}

#[test]
fn separators_are_told_from_the_header() {
    check("semicolon.csv", TABLE.replace(',', ";"), &TEXTS);
    check("pipe.csv", TABLE.replace(',', "|"), &TEXTS);
    check(
        "pipe-gb.csv",
        gb18030(&TABLE.replace(',', "|").replace("涨价", "倈倈")),
        &["食堂倈倈了", "班车很准时"],
    );
    check("tab.csv", TABLE.replace(',', "\t"), &TEXTS);
    check("tab.tsv", TABLE.replace(',', "\t"), &TEXTS);
    check("declared.csv", format!("sep=;\r\n{}", TABLE.replace(',', ";")), &TEXTS);
}

#[test]
fn quotes_keep_separators_and_line_breaks() {
    let table = "内容,时间\n\"菜少,饭冷\n汤\"\"凉\"\"了\",2026-03-09\r\n好,2026-03-10\n";
    check("quoted.csv", table, &["菜少,饭冷\n汤\"凉\"了", "好"]);
}

#[test]
fn rows_of_commas_and_blank_lines_are_no_rows() {
    let folder = Folder::with("a.csv", "内容,时间\n\n好,2026-03-09\n,\n,\n");
    let batch = read(&folder.source("a.csv", ""));
    assert_eq!((batch.read, texts(&batch)), (1, vec!["好"]));
    assert_eq!(batch.documents[0].origin.locator.position, 3);
}

#[test]
fn json_lines_in_every_charset_read_the_same() {
    let lines = "{\"id\":1,\"content\":\"食堂涨价了\",\"created_at\":1773000000,\"x\":[1,{}]}\n\
                 {\"content\":\"班车\\u5f88准时\",\"id\":\"2\",\"created_at\":\"2026-03-10T08:05:00+08:00\"}\n";
    check("a.jsonl", lines, &TEXTS);
    check("bom.jsonl", format!("\u{feff}{lines}"), &TEXTS);
    check("gb.jsonl", gb18030(lines), &TEXTS);
    check("utf16.jsonl", utf_16le(lines), &TEXTS);
    check("a.jsonl.gz", gzip(lines.as_bytes()), &TEXTS);
    let folder = Folder::with("a.jsonl", lines);
    let batch = read(&folder.source("a.jsonl", ""));
    let ids: Vec<_> =
        batch.documents.iter().map(|document| document.origin.external_id.as_deref()).collect();
    assert_eq!((ids, batch.bytes), (vec![Some("1"), Some("2")], lines.len() as u64));
}

#[test]
fn a_charset_that_shows_late_is_still_found() {
    let mut bytes = b"text,time\n".to_vec();
    bytes.extend(b"plain ascii text,2026-03-09\n".repeat(12_000));
    bytes.extend(gb18030("食堂的饭菜又涨价了,2026-03-10\n"));
    let folder = Folder::with("late.csv", bytes);
    let batch = read(&folder.source("late.csv", ""));
    assert_eq!(batch.documents.last().unwrap().text, "食堂的饭菜又涨价了");
}

#[test]
fn several_files_and_fields_are_one_source() {
    let folder = Folder::with("b-1.csv", "标题,留言,日期,得分,工号\n食堂,贵,2026-03-09,80,0817\n");
    folder.write("b-2.csv", "标题,留言,日期,得分,工号\n班车,准时,2026-03-09,100,\n");
    let mut source = folder.source("b-*.csv", "rating=得分");
    source.rating_range = ingest::RatingRange::new(0.0, 100.0).unwrap();
    let batch = read(&source);
    assert_eq!(texts(&batch), ["食堂\n贵", "班车\n准时"]);
    let origins: Vec<_> = batch
        .documents
        .iter()
        .map(|document| (document.origin.rating, document.origin.author.is_some()))
        .collect();
    assert_eq!(origins, [(Some(0.6), true), (Some(1.0), false)]);
}

#[test]
fn utf_8_that_shows_late_outweighs_one_broken_row() {
    let mut bytes = b"{\"text\":\"plain\",\"time\":\"2026-03-09\"}\n".repeat(9000);
    bytes.extend("{\"text\":\"食堂的饭菜很好\",\"time\":\"2026-03-09\"}\n".as_bytes());
    bytes.extend(gb18030("{\"text\":\"食堂的饭菜很好\",\"time\":\"2026-03-09\"}\n"));
    bytes.extend("{\"text\":\"班车很准时\",\"time\":\"2026-03-09\"}\n".as_bytes());
    let batch = read(&Folder::with("late.jsonl", bytes).source("late.jsonl", ""));
    assert_eq!(texts(&batch)[9000..], ["食堂的饭菜很好", "班车很准时"]);
    assert_eq!(refused(&batch), [(9002, "encoding")]);
}

#[test]
fn a_first_row_longer_than_the_sample_still_tells_the_columns() {
    let long = "长".repeat(200_000);
    let row = |text: &str| format!("{{\"正文\":\"{text}\",\"日期\":\"2026-03-09\"}}\n");
    let folder = Folder::with("long.jsonl", row(&long) + &row("短"));
    assert_eq!(texts(&read(&folder.source("long.jsonl", ""))), [long.as_str(), "短"]);
}
