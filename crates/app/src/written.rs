//! What was written in a month, for those who count people behind words.

use anyhow::Context as _;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{DataType, Int64Type};
use corpus::{Month, SourceId, Visibility};
use datafusion::prelude::SessionContext;

use crate::engine::{Engine, TABLE};
use crate::released::group_voice;

/// A stored text with numbers for who wrote it and for what it is a copy of.
pub(crate) struct StoredText {
    pub(crate) source: SourceId,
    /// Its group of copies where the source names no contributor.
    pub(crate) person: u64,
    pub(crate) is_named: bool,
    pub(crate) group: u64,
    /// Normalized and redacted.
    pub(crate) text: String,
}

/// The texts of a month, of all sources or of those of one visibility.
pub(crate) fn texts_of(
    engine: &Engine,
    session: &SessionContext,
    month: Month,
    visibility: Option<Visibility>,
) -> anyhow::Result<Vec<StoredText>> {
    let only =
        visibility.map_or_else(String::new, |only| format!("AND visibility = '{}'", only.as_str()));
    let sql = format!(
        "SELECT source, voice, coalesce(group_id, id), text FROM {TABLE}
         WHERE posted_day BETWEEN DATE '{}' AND DATE '{}' {only}",
        month.first_day(),
        month.last_day()
    );
    let batches = engine.rows(session, &sql).context("read the texts of a month")?;
    let mut written = Vec::new();
    for batch in &batches {
        let text = |index: usize| {
            arrow::compute::cast(batch.column(index), &DataType::Utf8).context("read a text column")
        };
        let (sources, groups, texts) = (text(0)?, text(2)?, text(3)?);
        let [sources, groups, texts] =
            [&sources, &groups, &texts].map(|column| column.as_string::<i32>());
        let voices = batch.column(1).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let group = group_voice(groups.value(row));
            let is_named = voices.is_valid(row);
            written.push(StoredText {
                source: SourceId::new(sources.value(row)).context("read a source name")?,
                person: if is_named { voices.value(row).cast_unsigned() } else { group },
                is_named,
                group,
                text: texts.value(row).to_owned(),
            });
        }
    }
    Ok(written)
}
