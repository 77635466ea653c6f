//! One Parquet file of the table: written whole, synced ([`Syncer`]), then named in a commit.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use arrow::array::{ArrayRef, StringArray};
use arrow::record_batch::RecordBatch;
use corpus::{EnrichedBatch, Month, column, table_schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::Error;

const READ_BATCH_ROWS: usize = 4096;

/// Writes `batches` (which lack the partition column) to `path` and leaves it to `syncer`. Gives its size in bytes.
pub(crate) fn write(path: &Path, batches: &[RecordBatch], syncer: &Syncer) -> Result<u64, Error> {
    let file_failed = |action| move |source| Error::File { action, path: path.to_owned(), source };
    let parquet_failed = |source| Error::Parquet { action: "write", path: path.to_owned(), source };
    let folder = path.parent().expect("a table file lies in its partition folder");
    std::fs::create_dir_all(folder).map_err(file_failed("make folder for"))?;
    let file = File::create(path).map_err(file_failed("create"))?;
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties()))
        .map_err(parquet_failed)?;
    for batch in batches {
        writer.write(batch).map_err(parquet_failed)?;
    }
    let file = writer.into_inner().map_err(parquet_failed)?;
    let size = file.metadata().map_err(file_failed("look at"))?.len();
    syncer.take(path, file);
    Ok(size)
}

/// Syncs files while others are being written: a sync waits for the disk, several wait together. 172 files of a corpus of fourteen years took
/// 1.6 s one by one.
pub(crate) struct Syncer {
    queue: SyncSender<(PathBuf, File)>,
}

impl Syncer {
    const THREADS: usize = 16;

    /// Gives `write` a syncer, and returns its result when all files that it took are on disk.
    ///
    /// # Errors
    /// The error of `write`, or the first of a sync.
    pub(crate) fn run<T>(write: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        let (queue, waiting) = sync_channel(Self::THREADS);
        let waiting = Mutex::new(waiting);
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..Self::THREADS).map(|_| scope.spawn(|| sync_all(&waiting))).collect();
            let syncer = Self { queue };
            let written = write(&syncer);
            drop(syncer);
            for thread in threads {
                thread.join().expect("syncing a file does not panic")?;
            }
            written
        })
    }

    fn take(&self, path: &Path, file: File) {
        self.queue
            .send((path.to_owned(), file))
            .expect("the threads stay until the queue is closed");
    }
}

/// Syncs files until the queue is closed. Goes on after an error, so that the writer is never left waiting.
fn sync_all(waiting: &Mutex<Receiver<(PathBuf, File)>>) -> Result<(), Error> {
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let mut result = Ok(());
    while let Ok((path, file)) = next() {
        let synced = file.sync_all().map_err(|source| Error::File { action: "sync", path, source });
        result = result.and(synced);
    }
    result
}

/// Reads a table file of `month` back, the partition column included.
pub(crate) fn read(
    path: &Path,
    month: Month,
) -> Result<impl Iterator<Item = Result<EnrichedBatch, Error>> + use<>, Error> {
    let path = path.to_owned();
    let file = File::open(&path).map_err(|source| Error::File {
        action: "open",
        path: path.clone(),
        source,
    })?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.with_batch_size(READ_BATCH_ROWS).build())
        .map_err(|source| Error::Parquet { action: "read", path: path.clone(), source })?;
    Ok(reader.map(move |batch| {
        let batch = batch.map_err(crate::error::arrow("read a table file"))?;
        let with_month = with_partition(&batch, month)?;
        EnrichedBatch::try_from_table(&with_month)
            .map_err(|source| Error::Schema { path: path.clone(), source })
    }))
}

/// The rows of an enriched batch without the partition column, as they stand in a file.
pub(crate) fn without_partition(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let partition = batch
        .schema()
        .index_of(column::MONTH)
        .map_err(crate::error::arrow("find the partition column"))?;
    let kept: Vec<usize> = (0..batch.num_columns()).filter(|index| *index != partition).collect();
    batch.project(&kept).map_err(crate::error::arrow("leave out the partition column"))
}

fn with_partition(batch: &RecordBatch, month: Month) -> Result<RecordBatch, Error> {
    let month: StringArray =
        std::iter::repeat_n(Some(month.to_string()), batch.num_rows()).collect();
    let mut columns = batch.columns().to_vec();
    columns.push(std::sync::Arc::new(month) as ArrayRef);
    let mut fields: Vec<_> = batch.schema().fields().iter().cloned().collect();
    fields.push(std::sync::Arc::new(
        table_schema()
            .field_with_name(column::MONTH)
            .expect("the schema has the partition column")
            .clone(),
    ));
    RecordBatch::try_new(std::sync::Arc::new(arrow::datatypes::Schema::new(fields)), columns)
        .map_err(crate::error::arrow("add the partition column"))
}

/// Texts get no statistics: a minimum or maximum in a file footer would be a sentence that survives where nobody looks.
fn properties() -> WriterProperties {
    // Dictionaries and hashes are small or random already, and a compressor's memory for each of them costs more than it saves.
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(
            ColumnPath::from(column::POSTED_DAY),
            EnabledStatistics::Chunk,
        );
    // Nearly every value of these is new, so a dictionary would be built and thrown away.
    for unique in [
        column::ID,
        column::CONTENT,
        column::DISPLAY,
        column::TEXT,
        column::MAP,
        column::TOKENS,
        column::FINGERPRINT,
        column::POLARITY_SCORE,
    ] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(unique), false);
    }
    let zstd = Compression::ZSTD(ZstdLevel::try_new(1).expect("1 is a zstd level"));
    for long in
        [column::ID, column::QUESTION, column::DISPLAY, column::TEXT, column::MAP, column::TOKENS]
    {
        properties = properties.set_column_compression(ColumnPath::from(long), zstd);
    }
    properties.build()
}
