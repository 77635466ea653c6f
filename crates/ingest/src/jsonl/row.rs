//! One line as a row: the mapped keys are picked out by a visitor, the rest is skipped.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use corpus::RejectionReason;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::batch::Refusal;
use crate::charset::Charset;
use crate::intake::{Row, Value};
use crate::map::Columns;
use crate::{Error, Field, FieldMap};

/// The mapped keys of a file, and the fields that each of them fills.
pub(super) struct Keys {
    pub(super) columns: Columns,
    names: Vec<(String, Vec<Field>)>,
}

/// Reads a line, borrowing what needs no unescaping.
pub(super) fn parse<'a>(line: &'a [u8], keys: &Keys) -> Result<Row<'a>, Refusal> {
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
    pub(super) fn of_sample(
        map: &FieldMap,
        sample: &[u8],
        mut charset: Charset,
        path: &Path,
    ) -> Result<Self, Error> {
        let mut names = BTreeSet::new();
        for line in sample.split(|byte| *byte == b'\n') {
            if let Ok(text) = charset.decode(line)
                && let Ok(object) = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(&text)
            {
                names.extend(object.into_keys());
            }
        }
        let mut names: Vec<String> = names.into_iter().collect();
        // Not one row could be read: then each line is refused on its own, which says more than a missing column.
        if names.is_empty() {
            names.extend(
                Field::ALL.map(|field| map.column(field).unwrap_or(field.key()).to_owned()),
            );
        }
        let columns = map.resolve(&names).map_err(|unresolved| unresolved.in_file(path, &names))?;
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
