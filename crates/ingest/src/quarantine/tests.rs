//! What is kept comes back, and to nobody else.

use super::*;
use corpus::Locator;

const KEY: [u8; 32] = [7; 32];

fn rejection(position: u64, words: &str) -> Rejection {
    let locator = Locator { origin: "a.csv".into(), position };
    Rejection {
        locator,
        reason: RejectionReason::Syntax,
        detail: "the row has 2 columns".into(),
        bytes: words.as_bytes().to_vec(),
    }
}

fn at(day: &str) -> Day {
    day.parse().unwrap()
}

struct Fixture {
    folder: tempfile::TempDir,
    quarantine: Quarantine,
}

impl Fixture {
    fn with(rows: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::new(folder.path(), &"意见箱".parse().unwrap(), &KEY);
        for (position, (day, words)) in (1..).zip(rows) {
            quarantine.append(&[rejection(position, words)], at(day)).unwrap();
        }
        Self { folder, quarantine }
    }

    fn words(&self) -> Vec<String> {
        self.quarantine
            .read_all()
            .unwrap()
            .rows
            .into_iter()
            .map(|row| String::from_utf8(row.bytes).unwrap())
            .collect()
    }
}

#[test]
fn rows_come_back_and_cannot_be_read_in_the_file() {
    let fixture = Fixture::with(&[("2026-03-09", "张三,食堂"), ("2026-03-10", "李四")]);
    let contents = fixture.quarantine.read_all().unwrap();
    assert_eq!((contents.rows.len(), contents.unreadable_count, contents.torn_bytes), (2, 0, 0));
    assert_eq!(
        (contents.rows[0].position, contents.rows[0].bytes.as_slice()),
        (1, "张三,食堂".as_bytes())
    );
    assert_eq!(contents.count_by_reason(), BTreeMap::from([(RejectionReason::Syntax, 2)]));
    let file = std::fs::read(fixture.folder.path().join("意见箱.quarantine")).unwrap();
    for words in ["张三", "a.csv", "columns", "syntax"] {
        assert!(!file.windows(words.len()).any(|window| window == words.as_bytes()), "{words}");
    }
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::with(&[("2026-03-09", "a")]);
    let path = fixture.folder.path().join("意见箱.quarantine");
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_torn_end_is_reported_and_mended_by_the_next_write() {
    let fixture = Fixture::with(&[("2026-03-09", "one"), ("2026-03-10", "two")]);
    let path = fixture.folder.path().join("意见箱.quarantine");
    let whole = std::fs::read(&path).unwrap();
    let one_record = (whole.len() - MAGIC.len()) / 2;
    for cut in 1..one_record {
        std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let contents = fixture.quarantine.read_all().unwrap();
        assert_eq!(
            (contents.rows.len(), contents.torn_bytes),
            (1, (one_record - cut) as u64),
            "cut {cut}"
        );
    }
    fixture.quarantine.append(&[rejection(3, "three")], at("2026-03-11")).unwrap();
    assert_eq!(fixture.words(), ["one", "three"]);
    assert_eq!(fixture.quarantine.read_all().unwrap().torn_bytes, 0);
}

#[test]
fn another_key_source_or_age_opens_nothing() {
    let fixture = Fixture::with(&[("2026-03-09", "one"), ("2026-03-10", "two")]);
    let path = fixture.folder.path().join("意见箱.quarantine");
    let other_key = Quarantine::new(fixture.folder.path(), &"意见箱".parse().unwrap(), &[8; 32]);
    assert_eq!(other_key.read_all().unwrap().unreadable_count, 2);
    std::fs::copy(&path, fixture.folder.path().join("课程.quarantine")).unwrap();
    let other_source = Quarantine::new(fixture.folder.path(), &"课程".parse().unwrap(), &KEY);
    assert_eq!(other_source.read_all().unwrap().unreadable_count, 2);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[MAGIC.len() + 4] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let contents = fixture.quarantine.read_all().unwrap();
    assert_eq!((contents.rows.len(), contents.unreadable_count), (1, 1));
}

#[test]
fn old_records_go_even_without_the_key() {
    let fixture = Fixture::with(&[("2026-01-09", "old"), ("2026-03-10", "new")]);
    let other_key = Quarantine::new(fixture.folder.path(), &"意见箱".parse().unwrap(), &[8; 32]);
    assert_eq!(other_key.purge_older_than(at("2026-02-01")).unwrap(), 1);
    assert_eq!(fixture.words(), ["new"]);
    assert_eq!(fixture.quarantine.purge_older_than(at("2026-02-01")).unwrap(), 0);
    assert_eq!(std::fs::read_dir(fixture.folder.path()).unwrap().count(), 1);
}

#[test]
fn a_foreign_file_is_not_written_into() {
    let fixture = Fixture::with(&[]);
    assert_eq!(fixture.quarantine.read_all().unwrap(), QuarantineContents::default());
    std::fs::write(fixture.folder.path().join("意见箱.quarantine"), "my own notes").unwrap();
    assert!(matches!(
        fixture.quarantine.append(&[rejection(1, "a")], at("2026-03-09")),
        Err(QuarantineError::Foreign { .. })
    ));
}
