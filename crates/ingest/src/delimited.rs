//! CSV and TSV: a header, then one record a row.

use std::io;
use std::path::{Path, PathBuf};

use corpus::{RawDocument, RejectionReason};

use crate::batch::{ReadBatch, Refusal};
use crate::charset::{Charset, open_text, open_transcoded};
use crate::files::{FileReader, Place};
use crate::intake::{Intake, Row, Value};
use crate::map::Columns;
use crate::record::{Cut, Record};
use crate::window::{ROW_BYTES_MAX, Window};
use crate::{Error, FieldMap, SourceDeclaration};

/// Told apart by the header; the first wins a tie.
const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Reads one file.
pub(crate) struct DelimitedReader {
    path: PathBuf,
    intake: Intake,
    window: Window,
    record: Record,
    table: Table,
    place: Place,
}

/// How the rows of a file are to be understood.
struct Table {
    charset: Charset,
    separator: u8,
    columns: Columns,
    column_count: usize,
    /// Columns up to the last mapped one; a shorter row lacks something.
    column_count_min: usize,
}

/// What stands at the start of the window.
struct RowSpan {
    byte_len: usize,
    is_terminated: bool,
    /// `Some` when it is no record: only its first line is taken then.
    refusal: Option<Refusal>,
}

impl DelimitedReader {
    /// Reads the header; `separator` is told from it when not given.
    pub(crate) fn open(
        declaration: &SourceDeclaration,
        path: &Path,
        separator: Option<u8>,
        intake: Intake,
        place: Place,
    ) -> Result<Self, Error> {
        let failed = |source: io::Error| Error::Open { path: path.to_owned(), source };
        let (mut window, mut charset) =
            open_text(path, declaration.encoding.as_deref()).map_err(failed)?;
        let declared_separator = take_separator_line(&mut window);
        let separator =
            separator.or(declared_separator).unwrap_or_else(|| told_separator(window.available()));
        // `|` may be the second byte of a GB18030 or Big5 character, so such a file is decoded before it is cut.
        if let Charset::Other(encoding) = charset
            && separator == b'|'
        {
            charset = Charset::Transcoded(encoding);
            window = open_transcoded(path, encoding).map_err(failed)?;
            take_separator_line(&mut window);
        }
        let mut reader = Self {
            path: path.to_owned(),
            intake,
            window,
            record: Record::default(),
            table: Table {
                charset,
                separator,
                columns: Columns::default(),
                column_count: 0,
                column_count_min: 0,
            },
            place: Place { row: u64::from(declared_separator.is_some()), ..Place::default() },
        };
        reader.read_header(&declaration.map)?;
        if place.byte > 0 {
            reader.window = reader.table.charset.reopen(path, place.byte).map_err(failed)?;
            reader.place = place;
        }
        Ok(reader)
    }

    /// Takes the first record that is not blank as names. A file of blank lines has no rows and needs no names.
    fn read_header(&mut self, map: &FieldMap) -> Result<(), Error> {
        let path = self.path.clone();
        let failed = |source: io::Error| Error::Open { path: path.clone(), source };
        loop {
            if self.window.is_exhausted().map_err(failed)? {
                return Ok(());
            }
            let span = self.next_span().map_err(failed)?;
            let bytes = &self.window.available()[..span.byte_len];
            let refused = |problem: &str| Error::Content {
                path: path.clone(),
                expected: "a table",
                problem: problem.to_owned(),
            };
            if span.refusal.is_some() {
                return Err(refused("its header has a quote that does not close"));
            }
            let is_blank = self.record.is_blank(bytes);
            if !is_blank {
                let mut names = Vec::with_capacity(self.record.len());
                for index in 0..self.record.len() {
                    let name = self.record.field(index, bytes).unwrap_or_default();
                    names.push(
                        self.table
                            .charset
                            .decode(name)
                            .map_err(|_| refused("its header is in no charset that we can tell"))?
                            .into_owned(),
                    );
                }
                self.table.columns =
                    map.resolve(&names).map_err(|unresolved| unresolved.in_file(&path, &names))?;
                self.table.column_count = names.len();
                self.table.column_count_min =
                    self.table.columns.found().map(|(_, column)| column + 1).max().unwrap_or(0);
            }
            self.advance(&span);
            if !is_blank {
                return Ok(());
            }
        }
    }

    fn fill_rows(&mut self, limit: usize, out: &mut ReadBatch) -> io::Result<()> {
        while !out.is_full(limit) && !self.window.is_exhausted()? {
            let mut span = self.next_span()?;
            let position = self.place.row + 1;
            if span.byte_len > ROW_BYTES_MAX {
                let refusal = Refusal::new(
                    RejectionReason::TooLong,
                    format!("the row has over {ROW_BYTES_MAX} bytes"),
                );
                out.refuse(&self.intake.origin, position, refusal, self.window.available());
                out.bytes += self.window.skip_line()?;
                self.place =
                    Place { byte: self.window.byte_position(), row: position, is_done: false };
                continue;
            }
            let bytes = &self.window.available()[..span.byte_len];
            let refusal = span.refusal.take().or_else(|| {
                if self.record.is_blank(bytes) {
                    return None;
                }
                match self.table.document(&self.record, bytes, &self.intake, position) {
                    Ok(document) => {
                        out.admit(document);
                        None
                    }
                    Err(refusal) => Some(refusal),
                }
            });
            if let Some(refusal) = refusal {
                // A record over several lines that has the wrong shape began with a quote that was never meant to open one.
                if refusal.reason == RejectionReason::Syntax {
                    span.keep_first_line(bytes);
                }
                out.refuse(
                    &self.intake.origin,
                    position,
                    refusal,
                    bytes[..span.byte_len].trim_ascii_end(),
                );
            }
            out.bytes += span.byte_len as u64;
            self.advance(&span);
        }
        self.place.is_done = self.window.is_exhausted()?;
        Ok(())
    }

    /// Cuts the record at the start of the window, which is not empty.
    fn next_span(&mut self) -> io::Result<RowSpan> {
        loop {
            match self.record.cut(
                self.window.available(),
                self.table.separator,
                self.window.is_ended(),
            ) {
                Cut::Whole { byte_len, is_terminated } => {
                    return Ok(RowSpan { byte_len, is_terminated, refusal: None });
                }
                Cut::Unfinished { in_quotes } => {
                    let can_grow = self.window.available().len() <= ROW_BYTES_MAX;
                    if can_grow && self.window.extend()? || !in_quotes && self.window.is_ended() {
                        continue;
                    }
                }
            }
            // An open quote, or a row over the limit: its first line goes alone.
            let available = self.window.available();
            let line_end = memchr::memchr(b'\n', available);
            let refusal = Refusal::new(RejectionReason::Syntax, "a quote opens and does not close");
            let byte_len = line_end.map_or(available.len(), |at| at + 1);
            return Ok(RowSpan {
                byte_len,
                is_terminated: line_end.is_some(),
                refusal: Some(refusal),
            });
        }
    }

    /// A last row without its line break may still be written to: the next run reads it again, whole.
    fn advance(&mut self, span: &RowSpan) {
        let lines =
            memchr::memchr_iter(b'\n', &self.window.available()[..span.byte_len]).count() as u64;
        self.window.consume(span.byte_len);
        if span.is_terminated {
            self.place.row += lines;
            self.place.byte = self.window.byte_position();
        }
    }
}

impl FileReader for DelimitedReader {
    fn fill(&mut self, limit: usize, out: &mut ReadBatch) -> Result<(), Error> {
        let filled = self.fill_rows(limit, out);
        filled.map_err(|source| Error::Read {
            path: self.path.clone(),
            row: self.place.row,
            source,
        })
    }

    fn place(&self) -> Place {
        self.place
    }
}

impl Table {
    fn document(
        &mut self,
        record: &Record,
        bytes: &[u8],
        intake: &Intake,
        position: u64,
    ) -> Result<RawDocument, Refusal> {
        let is_blank = |column: usize| {
            record.field(column, bytes).is_none_or(|field| field.trim_ascii().is_empty())
        };
        if record.len() < self.column_count_min || !(self.column_count..record.len()).all(is_blank)
        {
            let detail =
                format!("the row has {} columns, the header {}", record.len(), self.column_count);
            return Err(Refusal::new(RejectionReason::Syntax, detail));
        }
        if record.has_stray_quote() && bytes.trim_ascii_end().contains(&b'\n') {
            return Err(Refusal::new(
                RejectionReason::Syntax,
                "a quote opens and closes only in another row",
            ));
        }
        let mut row = Row::default();
        for (field, column) in self.columns.found() {
            let bytes = record.field(column, bytes).unwrap_or_default();
            let detail = || format!("`{}` is not in the charset of its file", field.key());
            let text = self
                .charset
                .decode(bytes)
                .map_err(|_| Refusal::new(RejectionReason::Encoding, detail()))?;
            row.set(field, Value::Text(text));
        }
        intake.document(row, &self.columns, position)
    }
}

impl RowSpan {
    fn keep_first_line(&mut self, bytes: &[u8]) {
        if let Some(at) = memchr::memchr(b'\n', bytes) {
            self.byte_len = at + 1;
            self.is_terminated = true;
        }
    }
}

/// Spreadsheets may begin a file with `sep=;`.
fn take_separator_line(window: &mut Window) -> Option<u8> {
    let line = window.available().split(|byte| *byte == b'\n').next()?;
    let &[b's', b'e', b'p', b'=', separator] = line.trim_ascii_end() else { return None };
    let byte_len = (line.len() + 1).min(window.available().len());
    window.consume(byte_len);
    Some(separator)
}

/// The separator that cuts the header into the most columns.
fn told_separator(sample: &[u8]) -> u8 {
    let header = sample
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty())
        .unwrap_or_default();
    let column_count = |separator: &u8| {
        let mut record = Record::default();
        record.cut(header, *separator, true);
        record.len()
    };
    // `max_by_key` gives the last of equals, so the order is turned round.
    SEPARATORS.into_iter().rev().max_by_key(column_count).unwrap_or(b',')
}
