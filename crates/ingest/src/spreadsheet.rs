//! XLSX workbooks: one sheet, a header row, then one row a document.
//!
//! calamine gives the cells of a sheet one by one, borrowed from the workbook. A thread of its own owns the workbook and hands over blocks of rows
//! through a queue of one, so that memory holds the shared strings and two blocks and not the sheet.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::batch::ReadBatch;
use crate::clock::shanghai_time;
use crate::files::{FileReader, Place};
use crate::intake::{Intake, Row, Value};
use crate::map::Columns;
use crate::{Error, Field, SourceDeclaration};

/// Rows handed over at once.
const BLOCK_ROWS: usize = 512;

/// Exports have a title, a date and notes above their header, but not more than this.
const HEADER_ROWS_MAX: usize = 20;

/// Days that Excel counts from 1900: 1990-01-01 and 2100-01-01. A bare number in between in a time column is a date that lost its format.
const SERIAL_DAYS: std::ops::Range<f64> = 32_874.0..73_051.0;

/// Reads one sheet.
pub(crate) struct SpreadsheetReader {
    path: PathBuf,
    intake: Intake,
    columns: Columns,
    names: Vec<String>,
    blocks: Receiver<Block>,
    block: std::vec::IntoIter<SheetRow>,
    place: Place,
}

/// What the thread sends. An end is said and not told from its silence, since a thread that died is silent too.
enum Block {
    Rows(Vec<SheetRow>),
    Broken(XlsxError),
    End,
}

/// The cells of a row that are not empty, with their columns.
struct SheetRow {
    /// As the sheet numbers it, from 1.
    number: u64,
    cells: Vec<(usize, Cell)>,
}

enum Cell {
    Text(String),
    Number(f64),
    Time(NaiveDateTime),
    Other(&'static str),
}

impl SpreadsheetReader {
    /// Opens the sheet and finds its header.
    pub(crate) fn open(
        declaration: &SourceDeclaration,
        path: &Path,
        intake: Intake,
        place: Place,
    ) -> Result<Self, Error> {
        let refused = |problem: String| Error::Content {
            path: path.to_owned(),
            expected: "an XLSX workbook",
            problem,
        };
        let file =
            File::open(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        let workbook: Xlsx<_> =
            Xlsx::new(BufReader::new(file)).map_err(|error| refused(error.to_string()))?;
        let sheets = workbook.sheet_names();
        let sheet = match &declaration.sheet {
            Some(name) if sheets.contains(name) => name.clone(),
            Some(name) => {
                return Err(refused(format!(
                    "it has no sheet {name} (it has {})",
                    sheets.join(", ")
                )));
            }
            None => {
                sheets.into_iter().next().ok_or_else(|| refused("it has no sheet".to_owned()))?
            }
        };
        let (sender, blocks) = sync_channel(1);
        let spawned = std::thread::Builder::new()
            .name("ingest-sheet".to_owned())
            .spawn(move || send_rows(workbook, &sheet, &sender));
        spawned.map_err(|source| Error::Open { path: path.to_owned(), source })?;
        let mut reader = Self {
            path: path.to_owned(),
            intake,
            columns: Columns::default(),
            names: Vec::new(),
            blocks,
            block: Vec::new().into_iter(),
            place: Place::default(),
        };
        reader.read_header(declaration)?;
        while reader.place.row < place.row && reader.next_row()?.is_some() {}
        Ok(reader)
    }

    /// The first row in which all mapped columns are found is the header.
    fn read_header(&mut self, declaration: &SourceDeclaration) -> Result<(), Error> {
        let mut missing = None;
        for _ in 0..HEADER_ROWS_MAX {
            let Some(row) = self.next_row()? else { break };
            let column_count = row.cells.last().map_or(0, |(column, _)| column + 1);
            let mut names = vec![String::new(); column_count];
            for (column, cell) in row.cells {
                if let Cell::Text(name) = cell {
                    names[column] = name.trim().to_owned();
                }
            }
            match declaration.map.resolve(&names) {
                Ok(columns) => {
                    self.columns = columns;
                    self.names = names;
                    return Ok(());
                }
                // The widest of the rows looks most like a header to the reader of the message.
                Err(unresolved) => {
                    let width = names.iter().filter(|name| !name.is_empty()).count();
                    if missing.as_ref().is_none_or(|(widest, _)| width > *widest) {
                        names.retain(|name| !name.is_empty());
                        missing = Some((width, unresolved.in_file(&self.path, &names)));
                    }
                }
            }
        }
        // A sheet without any cell has no rows and needs no names.
        missing.map_or(Ok(()), |(_, error)| Err(error))
    }

    fn next_row(&mut self) -> Result<Option<SheetRow>, Error> {
        loop {
            if let Some(row) = self.block.next() {
                self.place.row = row.number;
                return Ok(Some(row));
            }
            let broken = match self.blocks.recv() {
                Ok(Block::Rows(rows)) => {
                    self.block = rows.into_iter();
                    continue;
                }
                Ok(Block::End) => {
                    self.place.is_done = true;
                    return Ok(None);
                }
                Ok(Block::Broken(error)) => std::io::Error::other(error),
                Err(_) => std::io::Error::other("the sheet's thread stopped"),
            };
            return Err(Error::Read {
                path: self.path.clone(),
                row: self.place.row,
                source: broken,
            });
        }
    }
}

impl FileReader for SpreadsheetReader {
    fn fill(&mut self, limit: usize, out: &mut ReadBatch) -> Result<(), Error> {
        while !out.is_full(limit) {
            let Some(row) = self.next_row()? else { break };
            let mut mapped = Row::default();
            for (field, column) in self.columns.found() {
                // An empty cell is not stored at all, so what is missing is empty.
                let cell = row.cells.iter().find(|(of, _)| *of == column);
                mapped.set(field, cell.map_or(Value::Null, |(_, cell)| cell.value(field)));
            }
            out.bytes += row.cells.iter().map(|(_, cell)| cell.byte_len()).sum::<u64>();
            match self.intake.document(mapped, &self.columns, row.number) {
                Ok(document) => out.admit(document),
                Err(refusal) => {
                    out.refuse(&self.intake.origin, row.number, refusal, &row.as_json(&self.names))
                }
            }
        }
        Ok(())
    }

    fn place(&self) -> Place {
        self.place
    }
}

impl SheetRow {
    /// The row as a line of JSON, by the names of the header: what the quarantine keeps of a row that has no bytes of its own.
    fn as_json(&self, names: &[String]) -> Vec<u8> {
        let cells = self.cells.iter().map(|(column, cell)| {
            let name = names
                .get(*column)
                .filter(|name| !name.is_empty())
                .cloned()
                .unwrap_or_else(|| format!("column {}", column + 1));
            (name, serde_json::Value::from(cell.to_text().into_owned()))
        });
        serde_json::Value::Object(cells.collect()).to_string().into_bytes()
    }

    fn is_blank(&self) -> bool {
        self.cells
            .iter()
            .all(|(_, cell)| matches!(cell, Cell::Text(text) if text.trim().is_empty()))
    }
}

impl Cell {
    /// `None` for a cell without content.
    fn of(value: &DataRef<'_>) -> Option<Self> {
        Some(match value {
            DataRef::Empty => return None,
            DataRef::Int(number) => Self::Text(number.to_string()),
            DataRef::Float(number) => Self::Number(*number),
            DataRef::String(text) | DataRef::DateTimeIso(text) => Self::Text(text.clone()),
            DataRef::SharedString(text) => Self::Text((*text).to_owned()),
            DataRef::DateTime(time) if time.is_datetime() => {
                local_time(time).map_or(Self::Other("a date that does not exist"), Self::Time)
            }
            DataRef::DateTime(_) | DataRef::DurationIso(_) => Self::Other("a duration"),
            DataRef::Bool(_) => Self::Other("true or false"),
            DataRef::Error(_) => Self::Other("an error of its formula"),
        })
    }

    fn value(&self, field: Field) -> Value<'_> {
        match self {
            Self::Time(time) if field == Field::PostedAt => {
                shanghai_time(*time).map_or(Value::Other("a date that does not exist"), Value::Time)
            }
            Self::Number(serial) if field == Field::PostedAt && SERIAL_DAYS.contains(serial) => {
                let time = local_time(&ExcelDateTime::new(
                    *serial,
                    calamine::ExcelDateTimeType::DateTime,
                    false,
                ));
                time.and_then(shanghai_time)
                    .map_or(Value::Other("a date that does not exist"), Value::Time)
            }
            Self::Number(number) => Value::of_number(*number),
            Self::Other(kind) => Value::Other(kind),
            Self::Text(_) | Self::Time(_) => Value::Text(self.to_text()),
        }
    }

    fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Time(time) => Cow::Owned(time.format("%Y-%m-%d %H:%M:%S").to_string()),
            Self::Other(kind) => Cow::Borrowed(kind),
        }
    }

    fn byte_len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Number(_) | Self::Time(_) | Self::Other(_) => 8,
        }
    }
}

fn local_time(time: &ExcelDateTime) -> Option<NaiveDateTime> {
    let (year, month, day, hour, minute, second, ms) = time.to_ymd_hms_milli();
    let midnight =
        NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?.and_hms_opt(0, 0, 0)?;
    let clock = TimeDelta::hours(hour.into())
        + TimeDelta::minutes(minute.into())
        + TimeDelta::seconds(second.into());
    midnight.checked_add_signed(clock + TimeDelta::milliseconds(ms.into()))
}

/// Runs in its own thread until the sheet ends or the reader is dropped, which closes the queue.
fn send_rows(mut workbook: Xlsx<BufReader<File>>, sheet: &str, queue: &SyncSender<Block>) {
    let last = match send_blocks(&mut workbook, sheet, queue) {
        Ok(()) => Block::End,
        Err(error) => Block::Broken(error),
    };
    // Nobody waits any more when this fails.
    let _ = queue.send(last);
}

fn send_blocks(
    workbook: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    queue: &SyncSender<Block>,
) -> Result<(), XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    let mut rows: Vec<SheetRow> = Vec::with_capacity(BLOCK_ROWS);
    while let Some(found) = cells.next_cell()? {
        let Some(cell) = Cell::of(found.get_value()) else { continue };
        let (row, column) = found.get_position();
        let number = u64::from(row) + 1;
        if let Some(current) = rows.last_mut().filter(|current| current.number == number) {
            current.cells.push((column as usize, cell));
            continue;
        }
        // A new row begins, so the rows before it are whole.
        if rows.last().is_some_and(SheetRow::is_blank) {
            rows.pop();
        }
        if rows.len() >= BLOCK_ROWS
            && queue
                .send(Block::Rows(std::mem::replace(&mut rows, Vec::with_capacity(BLOCK_ROWS))))
                .is_err()
        {
            return Ok(());
        }
        rows.push(SheetRow { number, cells: vec![(column as usize, cell)] });
    }
    if rows.last().is_some_and(SheetRow::is_blank) {
        rows.pop();
    }
    let _ = queue.send(Block::Rows(rows));
    Ok(())
}
