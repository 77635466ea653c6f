//! JSON Lines: one object a line.
//!
//! A visitor picks the mapped keys out of each object and skips the rest, so that no tree is built and unescaped strings are borrowed from the line.

mod row;

use std::io;
use std::path::{Path, PathBuf};

use corpus::{RawDocument, RejectionReason};

use self::row::{Keys, parse};
use crate::batch::{ReadBatch, Refusal};
use crate::charset::{Charset, open_text};
use crate::files::{FileReader, Place};
use crate::intake::Intake;
use crate::window::{ROW_BYTES_MAX, Window};
use crate::{Error, SourceDeclaration};

/// Reads one file.
pub(crate) struct JsonLinesReader {
    path: PathBuf,
    intake: Intake,
    window: Window,
    charset: Charset,
    keys: Keys,
    place: Place,
}

impl JsonLinesReader {
    pub(crate) fn open(
        declaration: &SourceDeclaration,
        path: &Path,
        intake: Intake,
        place: Place,
    ) -> Result<Self, Error> {
        let failed = |source: io::Error| Error::Open { path: path.to_owned(), source };
        let (mut window, charset) =
            open_text(path, declaration.encoding.as_deref()).map_err(failed)?;
        if window.available().trim_ascii_start().starts_with(b"[") {
            let problem = "it begins with `[`, as one JSON array does".to_owned();
            return Err(Error::Content { path: path.to_owned(), expected: "JSON Lines", problem });
        }
        let keys = Keys::of_sample(&declaration.map, window.available(), charset, path)?;
        if place.byte > 0 {
            window = charset.reopen(path, place.byte).map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), intake, window, charset, keys, place })
    }

    fn fill_rows(&mut self, limit: usize, out: &mut ReadBatch) -> io::Result<()> {
        while !out.is_full(limit) {
            let Some(line) = self.window.next_line()? else { break };
            let position = self.place.row + 1;
            if line.byte_len > ROW_BYTES_MAX {
                let refusal = Refusal::new(
                    RejectionReason::TooLong,
                    format!("the line has over {ROW_BYTES_MAX} bytes"),
                );
                out.refuse(&self.intake.origin, position, refusal, self.window.available());
                out.bytes += self.window.skip_line()?;
                self.place.row = position;
                self.place.byte = self.window.byte_position();
                continue;
            }
            let bytes = &self.window.available()[..line.byte_len];
            if !bytes.trim_ascii().is_empty() {
                match document(bytes, &mut self.charset, &self.keys, &self.intake, position) {
                    Ok(document) => out.admit(document),
                    Err(refusal) => {
                        out.refuse(&self.intake.origin, position, refusal, bytes.trim_ascii_end())
                    }
                }
            }
            out.bytes += line.step() as u64;
            self.window.consume(line.step());
            // A last line without its break may still be written to: the next run reads it again, whole.
            if line.is_terminated {
                self.place.row = position;
                self.place.byte = self.window.byte_position();
            }
        }
        self.place.is_done = self.window.is_exhausted()?;
        Ok(())
    }
}

impl FileReader for JsonLinesReader {
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

fn document(
    line: &[u8],
    charset: &mut Charset,
    keys: &Keys,
    intake: &Intake,
    position: u64,
) -> Result<RawDocument, Refusal> {
    // While only ASCII was seen, the first other character decides, and that is for `decode` to note.
    let is_plain = *charset == Charset::Utf8 || *charset == Charset::Undecided && line.is_ascii();
    if is_plain {
        match parse(line, keys) {
            Ok(row) => return intake.document(row, &keys.columns, position),
            // The parser checks the strings that it reads, so broken UTF-8 shows up as broken JSON.
            Err(refusal) if std::str::from_utf8(line).is_ok() => return Err(refusal),
            Err(_) => {}
        }
    }
    let text = charset.decode(line).map_err(|_| {
        Refusal::new(RejectionReason::Encoding, "the line is not in the charset of its file")
    })?;
    intake.document(parse(text.as_bytes(), keys)?, &keys.columns, position)
}
