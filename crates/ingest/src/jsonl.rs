//! JSON Lines: one object a line.
//!
//! A visitor picks the mapped keys out of each object and skips the rest, so that no tree is built and unescaped strings are borrowed from the line.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use corpus::{RawDocument, RejectionReason};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::batch::{ReadBatch, Refusal};
use crate::charset::{Charset, open_text};
use crate::files::{FileReader, Place};
use crate::intake::{Intake, Row, Value};
use crate::map::Columns;
use crate::window::{ROW_BYTES_MAX, Window};
use crate::{Error, Field, FieldMap, SourceDeclaration};

/// Reads one file.
pub(crate) struct JsonLinesReader {
    path: PathBuf,
    intake: Intake,
    window: Window,
    charset: Charset,
    keys: Keys,
    place: Place,
}

/// The mapped keys of a file, and the fields that each of them fills.
struct Keys {
    columns: Columns,
    names: Vec<(String, Vec<Field>)>,
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
    let is_plain = matches!(charset, Charset::Utf8 | Charset::Undecided);
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

fn parse<'a>(line: &'a [u8], keys: &Keys) -> Result<Row<'a>, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let row = RowSeed(keys)
        .deserialize(&mut deserializer)
        .and_then(|row| deserializer.end().map(|()| row));
    // The parser's own words may quote the line.
    row.map_err(|error| {
        let detail = match error.classify() {
            serde_json::error::Category::Data => "the line is no JSON object".to_owned(),
            serde_json::error::Category::Eof => "the JSON ends too early".to_owned(),
            _ => format!("the JSON is broken at byte {}", error.column()),
        };
        Refusal::new(RejectionReason::Syntax, detail)
    })
}

impl Keys {
    /// Finds the mapped keys among those of the first rows, as a header would tell them.
    fn of_sample(
        map: &FieldMap,
        sample: &[u8],
        mut charset: Charset,
        path: &Path,
    ) -> Result<Self, Error> {
        let mut names: Vec<String> = Vec::new();
        for line in sample.split(|byte| *byte == b'\n') {
            if let Ok(text) = charset.decode(line)
                && let Ok(keys) = serde_json::from_str::<KeyList>(&text)
            {
                for key in keys.0 {
                    if !names.contains(&key) {
                        names.push(key);
                    }
                }
            }
        }
        // Not one row could be read: then each line is refused on its own, which says more than a missing column.
        let columns = if names.is_empty() {
            names = Field::ALL
                .iter()
                .map(|field| map.column(*field).unwrap_or(field.key()).to_owned())
                .collect();
            map.resolve(&names)
        } else {
            map.resolve(&names)
        };
        let columns = columns.map_err(|unresolved| unresolved.in_file(path, &names))?;
        let mut keys: Vec<(String, Vec<Field>)> = Vec::new();
        for (field, column) in columns.found() {
            match keys.iter_mut().find(|(name, _)| *name == names[column]) {
                Some((_, fields)) => fields.push(field),
                None => keys.push((names[column].clone(), vec![field])),
            }
        }
        Ok(Self { columns, names: keys })
    }

    fn fields(&self, key: &str) -> Option<usize> {
        self.names.iter().position(|(name, _)| name == key)
    }
}

/// The keys of one object, its values skipped.
struct KeyList(Vec<String>);

impl<'de> serde::Deserialize<'de> for KeyList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Vec<String>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
                    keys.push(key);
                }
                Ok(keys)
            }
        }
        deserializer.deserialize_map(Keys).map(Self)
    }
}

struct RowSeed<'k>(&'k Keys);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Row<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Row<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
        let mut row = Row::default();
        while let Some(key) = map.next_key_seed(KeySeed(self.0))? {
            let Some(key) = key else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: Value<'de> = map.next_value()?;
            match self.0.names[key].1.as_slice() {
                [field] => row.set(*field, value),
                fields => fields.iter().for_each(|field| row.set(*field, value.clone())),
            }
        }
        Ok(row)
    }
}

/// Compares a key without keeping it.
struct KeySeed<'k>(&'k Keys);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.fields(key))
    }
}

/// Numbers are kept as they read: ids and ratings come as either.
impl<'de> serde::Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::of_number(number))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other("true or false"))
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other("an object"))
    }
}
