//! From redacted batches to one committed version.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, UInt32Array};
use arrow::record_batch::RecordBatch;
use corpus::{ContentHash, Day, DocumentId, EnrichedBatch, Month, SourceId};
use privacy::Redacted;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::parquet_file::Syncer;
use crate::table::{ActiveFile, NewFile, Table, Version, file_name};
use crate::{Error, Store, parquet_file};

/// Rows that wait for the next commit.
#[derive(Default)]
pub(crate) struct Pending {
    by_month: BTreeMap<Month, Vec<RecordBatch>>,
    content: FxHashMap<DocumentId, ContentHash>,
    /// Rows of the table that a revision replaces, with the month they lie in.
    replaced: FxHashMap<DocumentId, Month>,
    /// Documents of which this commit holds more than one row; `content` names the one that counts.
    superseded: FxHashSet<DocumentId>,
    rows: u64,
    bytes: usize,
}

/// What became of the rows of one batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushCounts {
    /// New to the table.
    pub stored: u64,
    /// Of the stored: in the duplicate group of another document.
    pub folded: u64,
    /// In the table already, unchanged.
    pub known: u64,
    /// In the table with other words.
    pub revised: u64,
}

/// The sequence of one source's commit.
#[derive(Debug, Clone, Copy)]
pub struct SourceSequence<'a> {
    /// The source.
    pub source: &'a SourceId,
    /// One more than the table holds.
    pub sequence: i64,
}

/// A version that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The table's version.
    pub version: u64,
    /// Rows that it added.
    pub rows: u64,
    /// Time for Parquet files and the Delta commit.
    pub table_time: Duration,
    /// Time for the index to finish what was queued and to commit.
    pub index_time: Duration,
}

impl Store {
    /// The checkpoint sequence of `source` that the table holds, 0 before its first commit.
    ///
    /// # Errors
    /// When the table's log cannot be read.
    pub async fn sequence(&self, source: &SourceId) -> Result<i64, Error> {
        self.table.sequence(source).await
    }

    /// Takes rows for the next commit: leaves out what the table already holds, queues the rest for the index.
    ///
    /// Only what redaction made is taken:
    ///
    /// ```
    /// fn push(store: &mut store::Store, batch: privacy::Redacted<corpus::EnrichedBatch>) {
    ///     let _ = store.push(batch);
    /// }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// fn push(store: &mut store::Store, batch: corpus::EnrichedBatch) {
    ///     let _ = store.push(batch);
    /// }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// fn push(store: &mut store::Store, document: corpus::RawDocument) {
    ///     let _ = store.push(document);
    /// }
    /// ```
    ///
    /// # Errors
    /// When the index refuses a document or cannot be read.
    pub fn push(&mut self, batch: Redacted<EnrichedBatch>) -> Result<PushCounts, Error> {
        let batch = batch.get();
        let held = self.index.contents(batch)?;
        let mut counts = PushCounts::default();
        let mut keep = vec![true; batch.len()];
        for (row, held) in held.into_iter().enumerate() {
            let (id, content) = (batch.id(row), batch.content(row));
            let pending = self.pending.content.get(&id).copied();
            match (pending, held) {
                (Some(before), _) if before == content => {
                    counts.known += 1;
                    keep[row] = false;
                    continue;
                }
                (Some(_), _) => {
                    counts.revised += 1;
                    self.pending.superseded.insert(id);
                    self.index.remove(id);
                }
                (None, Some((before, _))) if before == content => {
                    counts.known += 1;
                    keep[row] = false;
                    continue;
                }
                (None, Some((_, day))) => {
                    counts.revised += 1;
                    self.pending.replaced.insert(id, day.month());
                    self.index.remove(id);
                }
                (None, None) => {
                    counts.stored += 1;
                    counts.folded += u64::from(batch.group(row).is_some());
                }
            }
            self.pending.content.insert(id, content);
        }
        let fresh = if keep.iter().all(|kept| *kept) { batch.clone() } else { batch.filter(&keep) };
        if !fresh.is_empty() {
            self.index.add(&fresh)?;
            self.pending.rows += fresh.len() as u64;
            self.pending.bytes += fresh.record_batch().get_array_memory_size();
            split_by_month(&fresh, &mut self.pending.by_month)?;
        }
        Ok(counts)
    }

    /// Whether the table holds `document`, or will with the next commit.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn holds(&self, document: DocumentId) -> Result<bool, Error> {
        Ok(self.pending.content.contains_key(&document) || self.index.content(document)?.is_some())
    }

    /// Rows taken since the last commit.
    pub fn pending_rows(&self) -> u64 {
        self.pending.rows
    }

    /// Memory that they take.
    pub fn pending_bytes(&self) -> usize {
        self.pending.bytes
    }

    /// Writes everything pushed since the last commit, with the sequence of its source, as one version of the table, then commits the index.
    ///
    /// `at_ms` is the time of the commit in Unix milliseconds, `fingerprints` name config, lexicons and models.
    ///
    /// # Errors
    /// [`Error::Sequence`] when the commit does not follow the one that the table holds; otherwise what the file system, Delta or tantivy
    /// report. Nothing is committed then, and what was pushed is forgotten.
    pub async fn commit(
        &mut self,
        sequence: SourceSequence<'_>,
        fingerprints: &str,
        at_ms: i64,
    ) -> Result<Committed, Error> {
        let held = self.table.sequence(sequence.source).await?;
        if sequence.sequence != held + 1 {
            self.forget_pending()?;
            return Err(Error::Sequence {
                source_id: sequence.source.clone(),
                given: sequence.sequence,
                held,
            });
        }
        let pending = std::mem::take(&mut self.pending);
        match self.commit_pending(pending, sequence, fingerprints, at_ms).await {
            Ok(committed) => Ok(committed),
            Err(error) => {
                self.forget_pending()?;
                Err(error)
            }
        }
    }

    async fn commit_pending(
        &mut self,
        mut pending: Pending,
        sequence: SourceSequence<'_>,
        fingerprints: &str,
        at_ms: i64,
    ) -> Result<Committed, Error> {
        if !pending.superseded.is_empty() {
            drop_superseded(&mut pending)?;
        }
        let replaced = std::mem::take(&mut pending.replaced);
        let rows: u64 =
            pending.by_month.values().flatten().map(|batch| batch.num_rows() as u64).sum();
        // Both are long, work on different data and need no version yet.
        let (table, index) = (&self.table, &mut self.index);
        let ((files, files_time), (prepared, segments_time)) = std::thread::scope(|scope| {
            let preparing = scope.spawn(|| timed(|| index.prepare()));
            let files = timed(|| {
                Syncer::run(|syncer| {
                    let (mut added, removed) = rewrite_without(table, syncer, &replaced)?;
                    added.extend(write_months(table, syncer, &pending.by_month, sequence)?);
                    Ok((added, removed))
                })
            });
            (files, preparing.join().expect("preparing an index commit does not panic"))
        });
        let ((added, removed), prepared) = (files?, prepared?);
        let version = Version {
            sequence: Some((sequence.source, sequence.sequence)),
            added,
            removed,
            metadata: vec![(
                "huisheng".to_owned(),
                serde_json::Value::String(fingerprints.to_owned()),
            )],
            at_ms,
        };
        let started = Instant::now();
        let version = self.table.commit(version).await?;
        let table_time = files_time + started.elapsed();
        let (committed, commit_time) = timed(|| prepared.commit(version));
        committed?;
        Ok(Committed { version, rows, table_time, index_time: segments_time + commit_time })
    }

    /// Deletes documents for good: from the table's current and older files, and from the index.
    ///
    /// Gives how many were found. Released figures are not touched; texts and quotations go with the next rendering.
    ///
    /// # Errors
    /// As [`Self::commit`]. Must not be called with uncommitted rows.
    pub async fn erase(&mut self, ids: &[DocumentId], at_ms: i64) -> Result<u64, Error> {
        let mut found = FxHashMap::default();
        for id in ids {
            if let Some((_, day)) = self.index.content(*id)? {
                found.insert(*id, day.month());
            }
        }
        let (added, removed) = Syncer::run(|syncer| rewrite_without(&self.table, syncer, &found))?;
        if !removed.is_empty() {
            let metadata = vec![("erased".to_owned(), serde_json::Value::from(found.len()))];
            let version = self
                .table
                .commit(Version { sequence: None, added, removed, metadata, at_ms })
                .await?;
            for id in found.keys() {
                self.index.remove(*id);
            }
            self.index.commit(version)?;
            self.index.merge_all()?;
        }
        self.table.vacuum().await?;
        self.index.commit(self.table.version())?;
        Ok(found.len() as u64)
    }

    fn forget_pending(&mut self) -> Result<(), Error> {
        self.pending = Pending::default();
        self.index.rollback()
    }
}

/// Writes the files that hold `ids` again without them. Gives the new files and the ones they replace.
fn rewrite_without(
    table: &Table,
    syncer: &Syncer,
    ids: &FxHashMap<DocumentId, Month>,
) -> Result<(Vec<NewFile>, Vec<ActiveFile>), Error> {
    let months: FxHashSet<Month> = ids.values().copied().collect();
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    if months.is_empty() {
        return Ok((added, removed));
    }
    let next_version = table.version() + 1;
    for file in table.active_files()?.into_iter().filter(|file| months.contains(&file.month)) {
        let (mut kept, mut dropped) = (Vec::new(), false);
        for batch in parquet_file::read(&file.path, file.month)? {
            let batch = batch?;
            let keep: Vec<bool> =
                (0..batch.len()).map(|row| !ids.contains_key(&batch.id(row))).collect();
            dropped |= keep.contains(&false);
            let batch = batch.filter(&keep);
            if !batch.is_empty() {
                kept.push(parquet_file::without_partition(batch.record_batch())?);
            }
        }
        if dropped {
            if !kept.is_empty() {
                added.push(write_file(
                    table,
                    syncer,
                    file_name(file.month, &file.name, next_version),
                    file.month,
                    &kept,
                )?);
            }
            removed.push(file);
        }
    }
    Ok((added, removed))
}

fn write_months(
    table: &Table,
    syncer: &Syncer,
    by_month: &BTreeMap<Month, Vec<RecordBatch>>,
    sequence: SourceSequence<'_>,
) -> Result<Vec<NewFile>, Error> {
    use rayon::prelude::*;
    by_month
        .par_iter()
        .filter(|(_, batches)| !batches.is_empty())
        .map(|(month, batches)| {
            write_file(
                table,
                syncer,
                file_name(*month, sequence.source.as_str(), sequence.sequence.unsigned_abs()),
                *month,
                batches,
            )
        })
        .collect()
}

pub(crate) fn write_file(
    table: &Table,
    syncer: &Syncer,
    name: String,
    month: Month,
    batches: &[RecordBatch],
) -> Result<NewFile, Error> {
    let size = parquet_file::write(&table.path_of(&name), batches, syncer)?;
    let days = batches.iter().flat_map(|batch| days_of(batch).values().iter().copied());
    let (first, last) =
        days.fold((i32::MAX, i32::MIN), |(first, last), day| (first.min(day), last.max(day)));
    let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    Ok(NewFile { name, month, rows, size, days: (Day(first), Day(last)) })
}

/// Appends the rows of `batch` to their months, without the partition column. One gather a month, in row order.
fn split_by_month(
    batch: &EnrichedBatch,
    by_month: &mut BTreeMap<Month, Vec<RecordBatch>>,
) -> Result<(), Error> {
    let mut rows: BTreeMap<Month, Vec<u32>> = BTreeMap::new();
    for (row, day) in batch.days().values().iter().enumerate() {
        rows.entry(Day(*day).month()).or_default().push(row as u32);
    }
    let whole = parquet_file::without_partition(batch.record_batch())?;
    for (month, rows) in rows {
        let part =
            if rows.len() == whole.num_rows() { whole.clone() } else { gather(&whole, rows)? };
        by_month.entry(month).or_default().push(part);
    }
    Ok(())
}

fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let result = act();
    (result, started.elapsed())
}

fn gather(batch: &RecordBatch, rows: Vec<u32>) -> Result<RecordBatch, Error> {
    arrow::compute::take_record_batch(batch, &UInt32Array::from(rows))
        .map_err(crate::error::arrow("split a batch by month"))
}

/// Leaves one row of each superseded document: the first that has the content which counts.
fn drop_superseded(pending: &mut Pending) -> Result<(), Error> {
    let mut left = FxHashSet::default();
    for batches in pending.by_month.values_mut() {
        for batch in batches.iter_mut() {
            let keep: Vec<u32> = (0..batch.num_rows())
                .filter(|row| {
                    let (id, content) = identity(batch, *row);
                    !pending.superseded.contains(&id)
                        || (pending.content.get(&id) == Some(&content) && left.insert(id))
                })
                .map(|row| row as u32)
                .collect();
            if keep.len() < batch.num_rows() {
                *batch = gather(batch, keep)?;
            }
        }
        batches.retain(|batch| batch.num_rows() > 0);
    }
    Ok(())
}

fn identity(batch: &RecordBatch, row: usize) -> (DocumentId, ContentHash) {
    use arrow::array::AsArray as _;
    let id = named(batch, corpus::column::ID)
        .as_string::<i32>()
        .value(row)
        .parse()
        .expect("ids are written by DocumentBatchBuilder");
    let content = named(batch, corpus::column::CONTENT)
        .as_primitive::<arrow::datatypes::Int64Type>()
        .value(row);
    (id, ContentHash(content.cast_unsigned()))
}

fn days_of(batch: &RecordBatch) -> &arrow::array::Date32Array {
    use arrow::array::AsArray as _;
    named(batch, corpus::column::POSTED_DAY).as_primitive::<arrow::datatypes::Date32Type>()
}

fn named<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).expect("every pending batch has the table's columns")
}
