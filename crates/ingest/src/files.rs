//! Reads the files of a source one after the other, each from where the last run stopped.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};

use corpus::EventTime;

use crate::batch::{DocumentReader, ReadBatch};
use crate::cursor::{Fingerprint, Since};
use crate::intake::Intake;
use crate::{
    Cursor, Error, FileCursor, FileFormat, Input, SourceDeclaration, columnar, delimited, jsonl,
    spreadsheet,
};

/// One file, read row by row into batches.
pub(crate) trait FileReader: Send {
    /// Adds rows until the batch is full or the file ends. On an error, what was added before it stays good and [`Self::place`] is behind it.
    fn fill(&mut self, limit: usize, out: &mut ReadBatch) -> Result<(), Error>;

    fn place(&self) -> Place;
}

/// How far a file has been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) byte: u64,
    pub(crate) row: u64,
    pub(crate) is_done: bool,
}

/// The files of one source.
pub struct FilesReader {
    declaration: SourceDeclaration,
    now: EventTime,
    cursor: Cursor,
    waiting: VecDeque<PathBuf>,
    open: Option<OpenFile>,
    /// An error that came after rows that had to be given first.
    pending: Option<Error>,
}

struct OpenFile {
    key: String,
    fingerprint: Fingerprint,
    reader: Box<dyn FileReader>,
}

impl FilesReader {
    /// Finds the files of `declaration` and goes on from `cursor`. `now` bounds the dates that are believed.
    ///
    /// # Errors
    /// [`Error::NoFile`] when a path or pattern names none, [`Error::Format`] when a name does not tell the format, [`Error::Declaration`]
    /// when the source is a feed.
    pub fn open(
        declaration: &SourceDeclaration,
        cursor: Cursor,
        now: EventTime,
    ) -> Result<Self, Error> {
        let Input::Files { paths, format } = &declaration.input else {
            return Err(Error::Declaration {
                source_name: declaration.name.to_string(),
                key: "url",
                problem: "a feed is polled, not opened as a file".to_owned(),
                hint: "poll it with `huisheng ingest`".to_owned(),
            });
        };
        let mut waiting = VecDeque::new();
        for pattern in paths {
            for path in matching_files(pattern)? {
                if format.or_else(|| FileFormat::of_path(&path)).is_none() {
                    return Err(Error::Format { path });
                }
                if !waiting.contains(&path) {
                    waiting.push_back(path);
                }
            }
        }
        Ok(Self {
            declaration: declaration.clone(),
            now,
            cursor,
            waiting,
            open: None,
            pending: None,
        })
    }

    /// Opens `path` unless it was read to its end and has not changed.
    fn open_file(&self, path: &Path) -> Result<Option<OpenFile>, Error> {
        let key = path.to_string_lossy().into_owned();
        let failed = |source: io::Error| Error::Open { path: path.to_owned(), source };
        let format = self.format(path)?;
        let (fingerprint, place) = match self.cursor.files.get(&key) {
            None => (Fingerprint::of(path).map_err(failed)?, Place::default()),
            Some(before) => {
                let (fingerprint, since) = before.fingerprint.since(path).map_err(failed)?;
                let place = Place { byte: before.byte, row: before.row, is_done: false };
                match since {
                    Since::Unchanged if before.is_done => return Ok(None),
                    Since::Unchanged => (fingerprint, place),
                    Since::Grown
                        if matches!(
                            format,
                            FileFormat::JsonLines | FileFormat::Csv | FileFormat::Tsv
                        ) =>
                    {
                        (fingerprint, place)
                    }
                    Since::Grown | Since::Replaced => {
                        tracing::warn!(source = %self.declaration.name, file = key, "file was replaced, read from its start");
                        (fingerprint, Place::default())
                    }
                }
            }
        };
        let intake = Intake::new(&self.declaration, path, self.now);
        let reader: Box<dyn FileReader> = match format {
            FileFormat::JsonLines => {
                Box::new(jsonl::JsonLinesReader::open(&self.declaration, path, intake, place)?)
            }
            FileFormat::Csv => Box::new(delimited::DelimitedReader::open(
                &self.declaration,
                path,
                None,
                intake,
                place,
            )?),
            FileFormat::Tsv => Box::new(delimited::DelimitedReader::open(
                &self.declaration,
                path,
                Some(b'\t'),
                intake,
                place,
            )?),
            FileFormat::Xlsx => Box::new(spreadsheet::SpreadsheetReader::open(
                &self.declaration,
                path,
                intake,
                place,
            )?),
            FileFormat::Parquet => {
                Box::new(columnar::ColumnarReader::open(&self.declaration, path, intake, place)?)
            }
        };
        Ok(Some(OpenFile { key, fingerprint, reader }))
    }

    fn format(&self, path: &Path) -> Result<FileFormat, Error> {
        let declared = match &self.declaration.input {
            Input::Files { format, .. } => *format,
            Input::Feeds { .. } => None,
        };
        declared
            .or_else(|| FileFormat::of_path(path))
            .ok_or_else(|| Error::Format { path: path.to_owned() })
    }
}

impl DocumentReader for FilesReader {
    fn next_batch(&mut self, limit: usize) -> Result<Option<ReadBatch>, Error> {
        if let Some(error) = self.pending.take() {
            return Err(error);
        }
        let mut batch = ReadBatch::default();
        let mut has_moved = false;
        while !batch.is_full(limit) {
            let Some(file) = &mut self.open else {
                let Some(path) = self.waiting.pop_front() else { break };
                match self.open_file(&path) {
                    Ok(opened) => self.open = opened,
                    Err(error) if batch.read == 0 => return Err(error),
                    Err(error) => {
                        self.pending = Some(error);
                        break;
                    }
                }
                continue;
            };
            let filled = file.reader.fill(limit, &mut batch);
            let Place { byte, row, is_done } = file.reader.place();
            let place = FileCursor { byte, row, is_done, fingerprint: file.fingerprint.clone() };
            self.cursor.files.insert(file.key.clone(), place);
            has_moved = true;
            if let Err(error) = filled {
                self.open = None;
                if batch.read == 0 {
                    return Err(error);
                }
                self.pending = Some(error);
                break;
            }
            if is_done {
                self.open = None;
            }
        }
        debug_assert_eq!(batch.read, (batch.documents.len() + batch.rejections.len()) as u64);
        batch.cursor.clone_from(&self.cursor);
        Ok(has_moved.then_some(batch))
    }
}

/// The files that a path names; its last part may hold `*`. Sorted, so that two runs read in the same order.
fn matching_files(pattern: &Path) -> Result<Vec<PathBuf>, Error> {
    let none = || Error::NoFile { pattern: pattern.to_owned() };
    let name = pattern.file_name().ok_or_else(none)?.to_string_lossy();
    if !name.contains('*') {
        return if pattern.is_file() { Ok(vec![pattern.to_owned()]) } else { Err(none()) };
    }
    let folder = match pattern.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let failed = |source: io::Error| Error::Open { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_match =
            path.file_name().is_some_and(|found| matches_stars(&found.to_string_lossy(), &name));
        if is_match && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

/// Whether `name` is `pattern` with each `*` standing for any characters.
fn matches_stars(name: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return name.ends_with(part);
        }
        // The earliest place leaves the most room for the parts after it.
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches_stars;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (name, pattern, expected) in [
            ("评价-03.csv", "*.csv", true),
            ("评价-03.csv", "评价-*.csv", true),
            ("评价-03.csv", "*评*3*", true),
            ("评价-03.csv", "*.tsv", false),
            ("ab", "ab*b", false),
            ("abab", "*ab", true),
            ("a", "a", true),
        ] {
            assert_eq!(matches_stars(name, pattern), expected, "{name} {pattern}");
        }
    }
}
