//! A folder of files, and reading them as a source.

use std::path::{Path, PathBuf};

use corpus::{EventTime, RawDocument, Visibility};
use ingest::{Cursor, DocumentReader, Error, FieldMap, FilesReader, ReadBatch, SourceDeclaration};
use tempfile::TempDir;

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write(name, bytes);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Declares `pattern` in this folder as a source.
    pub(crate) fn source(&self, pattern: &str, map: &str) -> SourceDeclaration {
        let map = FieldMap::parse(map).unwrap();
        SourceDeclaration::for_import(
            "意见箱".parse().unwrap(),
            Visibility::Open,
            vec![self.path(pattern)],
            None,
            map,
        )
    }
}

pub(crate) fn now() -> EventTime {
    "2026-11-21T09:00:00+08:00".parse().unwrap()
}

/// Reads all batches from `cursor` on, and checks that each adds up.
pub(crate) fn read_from(
    source: &SourceDeclaration,
    cursor: Cursor,
    limit: usize,
) -> Result<ReadBatch, Error> {
    let mut reader = FilesReader::open(source, cursor.clone(), now())?;
    let mut all = ReadBatch { cursor, ..ReadBatch::default() };
    while let Some(batch) = reader.next_batch(limit)? {
        assert_eq!(batch.read, (batch.documents.len() + batch.rejections.len()) as u64);
        assert!(batch.read <= limit as u64);
        all.documents.extend(batch.documents);
        all.rejections.extend(batch.rejections);
        all.read += batch.read;
        all.bytes += batch.bytes;
        all.cursor = batch.cursor;
    }
    Ok(all)
}

pub(crate) fn read(source: &SourceDeclaration) -> ReadBatch {
    read_from(source, Cursor::default(), 1000).unwrap()
}

pub(crate) fn texts(batch: &ReadBatch) -> Vec<&str> {
    batch.documents.iter().map(|document| document.text.as_str()).collect()
}

/// Line and reason of each refused row.
pub(crate) fn refused(batch: &ReadBatch) -> Vec<(u64, &'static str)> {
    batch
        .rejections
        .iter()
        .map(|rejection| (rejection.locator.position, rejection.reason.as_str()))
        .collect()
}

/// What can be compared of a document.
pub(crate) fn seen(document: &RawDocument) -> (String, u64, Option<String>, String) {
    let origin = &document.origin;
    let file =
        Path::new(&*origin.locator.origin).file_name().unwrap().to_string_lossy().into_owned();
    (file, origin.locator.position, origin.external_id.clone(), document.text.clone())
}
