//! Parquet: only the mapped columns are read, block by block.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use arrow::error::ArrowError;
use chrono::DateTime;
use corpus::EventTime;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::batch::ReadBatch;
use crate::clock::shanghai_time;
use crate::files::{FileReader, Place};
use crate::intake::{Intake, Row, Value};
use crate::map::Columns;
use crate::{Error, SourceDeclaration};

/// Rows decoded at once.
const BLOCK_ROWS: usize = 1024;

/// Reads one file.
pub(crate) struct ColumnarReader {
    path: PathBuf,
    intake: Intake,
    columns: Columns,
    blocks: ParquetRecordBatchReader,
    block: Block,
    place: Place,
}

/// Some rows of the mapped columns, and how many of them were given.
#[derive(Default)]
struct Block {
    columns: Vec<Column>,
    names: Vec<String>,
    row_count: usize,
    given: usize,
}

enum Column {
    Text(StringArray),
    /// Text in the end, but `1.0` is an id of `1`.
    Float(Float64Array),
    /// Milliseconds: since the epoch with a zone, else of the local clock.
    Time {
        ms: Int64Array,
        has_zone: bool,
    },
}

impl ColumnarReader {
    /// Reads the schema and finds the mapped columns in it.
    pub(crate) fn open(
        declaration: &SourceDeclaration,
        path: &Path,
        intake: Intake,
        place: Place,
    ) -> Result<Self, Error> {
        let refused = |problem: String| Error::Content {
            path: path.to_owned(),
            expected: "a Parquet file",
            problem,
        };
        let file =
            File::open(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)
            .map_err(|error| refused(error.to_string()))?;
        let names: Vec<String> =
            builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let found = declaration
            .map
            .resolve(&names)
            .map_err(|unresolved| unresolved.in_file(path, &names))?;
        for (field, column) in found.found() {
            let kind = builder.schema().field(column).data_type();
            if target_type(kind).is_none() {
                return Err(refused(format!(
                    "its column {} for `{}` holds {kind}",
                    names[column],
                    field.key()
                )));
            }
        }
        let (columns, selected) = found.projected();
        let mask = ProjectionMask::roots(builder.parquet_schema(), selected);
        // Offset counts rows of the file, so a row that was committed is skipped without being decoded where its whole page can be.
        let offset = usize::try_from(place.row).unwrap_or(usize::MAX);
        let blocks =
            builder.with_projection(mask).with_batch_size(BLOCK_ROWS).with_offset(offset).build();
        let blocks = blocks.map_err(|error| refused(error.to_string()))?;
        Ok(Self { path: path.to_owned(), intake, columns, blocks, block: Block::default(), place })
    }

    /// Whether another row stands ready in the block.
    fn has_row(&mut self) -> Result<bool, ArrowError> {
        while self.block.given == self.block.row_count {
            match self.blocks.next() {
                Some(batch) => self.block = Block::of(&batch?)?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn fill_rows(&mut self, limit: usize, out: &mut ReadBatch) -> Result<(), ArrowError> {
        while !out.is_full(limit) && self.has_row()? {
            let (block, at) = (&self.block, self.block.given);
            let position = self.place.row + 1;
            let mut row = Row::default();
            for (field, column) in self.columns.found() {
                let value = block.columns[column].value(at);
                if let Value::Text(text) = &value {
                    out.bytes += text.len() as u64;
                }
                row.set(field, value);
            }
            match self.intake.document(row, &self.columns, position) {
                Ok(document) => out.admit(document),
                Err(refusal) => {
                    out.refuse(&self.intake.origin, position, refusal, &block.as_json(at))
                }
            }
            self.block.given += 1;
            self.place.row = position;
        }
        self.place.is_done = !self.has_row()?;
        Ok(())
    }
}

impl FileReader for ColumnarReader {
    fn fill(&mut self, limit: usize, out: &mut ReadBatch) -> Result<(), Error> {
        let filled = self.fill_rows(limit, out);
        filled.map_err(|error| Error::Read {
            path: self.path.clone(),
            row: self.place.row,
            source: std::io::Error::other(error),
        })
    }

    fn place(&self) -> Place {
        self.place
    }
}

impl Block {
    fn of(batch: &RecordBatch) -> Result<Self, ArrowError> {
        let columns = batch
            .columns()
            .iter()
            .map(|column| Column::of(column))
            .collect::<Result<Vec<_>, _>>()?;
        let names = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self { columns, names, row_count: batch.num_rows(), given: 0 })
    }

    /// The mapped columns of a row as a line of JSON: what the quarantine keeps of a row that has no bytes of its own.
    fn as_json(&self, at: usize) -> Vec<u8> {
        let cells = self.names.iter().zip(&self.columns).map(|(name, column)| {
            let cell = match column.value(at) {
                Value::Text(text) => serde_json::Value::from(text.into_owned()),
                Value::Time(time) => serde_json::Value::from(time.day().to_string()),
                Value::Missing | Value::Null | Value::Other(_) => serde_json::Value::Null,
            };
            (name.clone(), cell)
        });
        serde_json::Value::Object(cells.collect()).to_string().into_bytes()
    }
}

impl Column {
    fn of(column: &dyn Array) -> Result<Self, ArrowError> {
        let kind = column.data_type();
        let target = target_type(kind)
            .ok_or_else(|| ArrowError::SchemaError(format!("a column turned into {kind}")))?;
        let column = cast(column, &target)?;
        Ok(match target {
            DataType::Float64 => Self::Float(column.as_primitive::<Float64Type>().clone()),
            DataType::Timestamp(..) => {
                let ms = cast(&column, &DataType::Int64)?.as_primitive::<Int64Type>().clone();
                Self::Time { ms, has_zone: matches!(kind, DataType::Timestamp(_, Some(_))) }
            }
            _ => Self::Text(column.as_string::<i32>().clone()),
        })
    }

    fn value(&self, at: usize) -> Value<'_> {
        match self {
            Self::Text(texts) if texts.is_valid(at) => Value::Text(Cow::Borrowed(texts.value(at))),
            Self::Float(numbers) if numbers.is_valid(at) => Value::of_number(numbers.value(at)),
            Self::Time { ms, has_zone } if ms.is_valid(at) => {
                let ms = ms.value(at);
                let time = if *has_zone {
                    EventTime::from_unix_ms(ms)
                } else {
                    DateTime::from_timestamp_millis(ms)
                        .and_then(|clock| shanghai_time(clock.naive_utc()))
                };
                time.map_or(Value::Other("a date that does not exist"), Value::Time)
            }
            _ => Value::Null,
        }
    }
}

/// What a column is read as, or `None` when no field can hold it.
fn target_type(kind: &DataType) -> Option<DataType> {
    Some(match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            DataType::Utf8
        }
        DataType::Dictionary(_, values) => {
            return target_type(values).filter(|target| *target == DataType::Utf8);
        }
        kind if kind.is_integer() => DataType::Utf8,
        DataType::Decimal128(..) => DataType::Utf8,
        kind if kind.is_floating() => DataType::Float64,
        DataType::Date32 | DataType::Date64 => DataType::Timestamp(TimeUnit::Millisecond, None),
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
        _ => return None,
    })
}
