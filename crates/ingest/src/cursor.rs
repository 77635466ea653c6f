//! How far a source has been read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::FeedCursor;

/// Bytes at each end of a file that tell it from another one.
const END_BYTES: u64 = 4096;

/// Where to go on with a source. Plain data: it is committed with the documents and handed back on the next run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Files by the path they were read under.
    #[serde(default)]
    pub files: BTreeMap<String, FileCursor>,
    /// Feeds by their address.
    #[serde(default)]
    pub feeds: BTreeMap<String, FeedCursor>,
}

/// How far one file has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCursor {
    /// Bytes consumed, counted after unpacking. Not used by formats that are read by row.
    pub byte: u64,
    /// Lines or rows consumed.
    pub row: u64,
    /// Whether the end was reached.
    pub is_done: bool,
    /// The file as it was.
    pub fingerprint: Fingerprint,
}

/// Tells whether a file is still the one that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    byte_len: u64,
    head: String,
    tail: String,
}

/// What became of a file since the last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    Unchanged,
    /// The same beginning and more at the end: a log that is still written.
    Grown,
    Replaced,
}

impl Fingerprint {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let byte_len = file.metadata()?.len();
        let head = hash_at(&mut file, 0, END_BYTES)?;
        let tail = hash_at(&mut file, byte_len.saturating_sub(END_BYTES), END_BYTES)?;
        Ok(Self { byte_len, head, tail })
    }

    /// Compares the file as it is with how it was.
    pub(crate) fn since(&self, path: &Path) -> io::Result<(Self, Since)> {
        let now = Self::of(path)?;
        if now == *self {
            return Ok((now, Since::Unchanged));
        }
        // A file that was shorter than the head had only this much of it.
        let head_then = hash_at(&mut File::open(path)?, 0, self.byte_len.min(END_BYTES))?;
        let has_grown = now.byte_len > self.byte_len && head_then == self.head;
        Ok((now, if has_grown { Since::Grown } else { Since::Replaced }))
    }
}

fn hash_at(file: &mut File, byte_start: u64, byte_count: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(byte_start))?;
    let mut bytes = Vec::new();
    file.take(byte_count).read_to_end(&mut bytes)?;
    // 64 bits: this tells accidents apart, it does not stop a forger.
    Ok(blake3::hash(&bytes).to_hex().chars().take(16).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_replacement() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let check = |before: &str, after: &str, expected: Since| {
            std::fs::write(&path, before).unwrap();
            let then = Fingerprint::of(&path).unwrap();
            std::fs::write(&path, after).unwrap();
            assert_eq!(
                then.since(&path).unwrap().1,
                expected,
                "{} -> {} bytes",
                before.len(),
                after.len()
            );
        };
        let long = "长".repeat(5000);
        check("ab\n", "ab\n", Since::Unchanged);
        check("ab\n", "ab\ncd\n", Since::Grown);
        check("ab\n", "xy\ncd\n", Since::Replaced);
        check("ab\n", "a", Since::Replaced);
        check(&long, &format!("{long}more"), Since::Grown);
        check(&long, &format!("x{long}more"), Since::Replaced);
        check(&long, &format!("{}x", "长".repeat(4999)), Since::Replaced);
    }
}
