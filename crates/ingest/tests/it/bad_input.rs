//! What cannot be read is refused row by row, with its place, reason and bytes; a source that is wrong as a whole says why.

use ingest::{Cursor, DocumentReader, Error, FilesReader};
use proptest::prelude::*;

use crate::support::{Folder, now, read, read_from, refused, texts};

const GOOD: &str = "{\"text\":\"好\",\"posted_at\":\"2026-03-09\"}";

/// One good line, then `line`: it must be refused for `reason`, and its bytes kept.
fn check_line(line: impl AsRef<[u8]>, reason: &str) {
    let line = line.as_ref();
    let folder =
        Folder::with("a.jsonl", [GOOD.as_bytes(), b"\n", line, b"\n", GOOD.as_bytes()].concat());
    let batch = read(&folder.source("a.jsonl", ""));
    assert_eq!(
        refused(&batch),
        [(2, reason)],
        "{}",
        String::from_utf8_lossy(&line[..line.len().min(200)])
    );
    assert_eq!(texts(&batch), ["好", "好"]);
    let kept = &batch.rejections[0].bytes;
    assert!(line.starts_with(kept) && kept.len() == line.len().min(1 << 20));
}

#[test]
fn json_lines_are_refused_one_by_one() {
    check_line("{\"text\":\"好\"", "syntax");
    check_line("{\"text\":\"好\",\"posted_at\":\"2026-03-09\"} x", "syntax");
    check_line("\"好\"", "syntax");
    check_line("[1]", "syntax");
    check_line(format!("{}1{}", "[".repeat(5000), "]".repeat(5000)), "syntax");
    check_line("{\"posted_at\":\"2026-03-09\"}", "missing_field");
    check_line("{\"text\":null,\"posted_at\":\"2026-03-09\"}", "empty");
    check_line("{\"text\":\"\\u3000 \",\"posted_at\":\"2026-03-09\"}", "empty");
    check_line("{\"text\":[\"好\"],\"posted_at\":\"2026-03-09\"}", "field");
    check_line(
        "{\"text\":\"好\",\"posted_at\":\"2026-03-09\",\"id\":123456789012345678901234567890}",
        "field",
    );
}

#[test]
fn times_and_lengths_are_bounded() {
    check_line("{\"text\":\"好\"}", "time");
    check_line("{\"text\":\"好\",\"posted_at\":true}", "time");
    check_line("{\"text\":\"好\",\"posted_at\":\"0001-01-01\"}", "time");
    check_line("{\"text\":\"好\",\"posted_at\":\"2062-03-09\"}", "time");
    check_line(
        format!("{{\"text\":\"{}\",\"posted_at\":\"2026-03-09\"}}", "长".repeat(3_500_000)),
        "too_long",
    );
    check_line("x".repeat((16 << 20) + 1), "too_long");
}

#[test]
fn bytes_in_no_charset_are_refused_with_their_bytes() {
    check_line(b"{\"text\":\"\xff\xfe\xfd\",\"posted_at\":\"2026-03-09\"}", "encoding");
    let table = [
        "内容,时间\n好,2026-03-09\n".as_bytes(),
        b"\xff\xff\x80,2026-03-09\n",
        "坏,2026-03-09\n".as_bytes(),
    ]
    .concat();
    let folder = Folder::with("a.csv", table);
    let batch = read(&folder.source("a.csv", ""));
    assert_eq!((refused(&batch), texts(&batch)), (vec![(3, "encoding")], vec!["好", "坏"]));
    assert_eq!(batch.rejections[0].bytes, b"\xff\xff\x80,2026-03-09");
}

/// A header, then `rows`: what is read, and the lines that are refused.
fn check_table(rows: &str, expected: &[&str], lines: &[u64]) {
    let folder = Folder::with("a.csv", format!("编号,内容,时间\n{rows}"));
    let batch = read(&folder.source("a.csv", ""));
    assert_eq!(texts(&batch), expected, "{rows:?} {:?}", batch.rejections);
    let refused_lines: Vec<u64> = refused(&batch).iter().map(|(line, _)| *line).collect();
    assert_eq!(refused_lines, lines, "{rows:?}");
}

#[test]
fn rows_of_the_wrong_shape_cost_themselves_only() {
    check_table("1,好,2026-03-09,多\n2,坏,2026-03-09\n", &["坏"], &[2]);
    check_table("1,好\n2,坏,2026-03-09\n", &["坏"], &[2]);
    check_table("1,好,2026-03-09,,\n", &["好"], &[]);
    check_table("1,\"没关,2026-03-09\n2,坏,2026-03-09\n3,好,2026-03-09\n", &["坏", "好"], &[2]);
    check_table("1,\"没关,2026-03-09\n2,\"坏\",2026-03-09\n3,好,2026-03-09\n", &["坏", "好"], &[2]);
}

#[test]
fn a_missing_column_names_those_that_are_there() {
    let folder = Folder::with("a.csv", "内容,时间,单位\n好,2026-03-09,一厂\n");
    folder.write("a.jsonl", "{\"内容\":\"好\",\"时间\":\"2026-03-09\"}\n");
    for (file, found) in
        [("a.csv", "(it has 内容, 时间, 单位)"), ("a.jsonl", "(it has 内容, 时间)")]
    {
        let error = read_from(&folder.source(file, "text=内容,unit=部门"), Cursor::default(), 10)
            .unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("no column 部门 for `unit`") && message.contains(found),
            "{message}"
        );
        assert!(error.hint().unwrap().contains("--map unit=…"));
    }
}

#[test]
fn a_source_that_is_wrong_as_a_whole_says_why() {
    let folder = Folder::with("a.jsonl", "[\n{}\n]");
    folder.write("b.pdf", "x");
    let opened =
        |pattern: &str| read_from(&folder.source(pattern, ""), Cursor::default(), 10).unwrap_err();
    assert!(matches!(opened("a.jsonl"), Error::Content { .. }));
    assert!(matches!(opened("b.pdf"), Error::Format { .. }));
    folder.write("workbook.txt", "PK\u{3}\u{4}");
    assert!(
        matches!(opened("workbook.txt"), Error::Open { source, .. } if source.to_string().contains("XLSX"))
    );
    assert!(matches!(opened("none.csv"), Error::NoFile { .. }));
    assert!(matches!(opened("*.csv"), Error::NoFile { .. }));
}

#[test]
fn a_torn_archive_gives_what_it_has_and_then_says_so() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(format!("{GOOD}\n").repeat(5000).as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let folder = Folder::with("a.jsonl.gz", &packed[..packed.len() / 2]);
    let mut reader =
        FilesReader::open(&folder.source("a.jsonl.gz", ""), Cursor::default(), now()).unwrap();
    let error = loop {
        match reader.next_batch(100) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the torn end was not noticed"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("a.jsonl.gz"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_as_json_lines_are_counted(rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..8)) {
        let rows: Vec<Vec<u8>> = rows.into_iter().map(|row| row.into_iter().filter(|byte| *byte != b'\n').collect()).collect();
        let bytes = [GOOD.as_bytes().to_vec()].into_iter().chain(rows.clone()).collect::<Vec<_>>().join(&b'\n');
        let folder = Folder::with("a.jsonl", bytes);
        let batch = read(&folder.source("a.jsonl", ""));
        let row_count = 1 + rows.iter().filter(|row| !row.trim_ascii().is_empty()).count();
        prop_assert_eq!(batch.read, row_count as u64);
    }

    #[test]
    fn any_bytes_as_csv_never_panic(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b','), Just(b'\n')], 0..200)) {
        let folder = Folder::with("a.csv", [b"text,time\n".to_vec(), bytes].concat());
        let _ = read_from(&folder.source("a.csv", ""), Cursor::default(), 3);
    }
}
