//! Who is counted: the SQL that turns documents into voices, shared by daily series and monthly cells.
//!
//! - A near-duplicate group counts once a period and source, whoever sent the copies, so that boilerplate (套话) and reposts move nothing.
//! - A contributor counts once a period and source, with the mean of what they wrote. Where a source names no contributor, each group is a voice.
//! - The class of a voice is the sign of the mean class of its texts; a text of which the model is unsure counts as neutral, because leaving it
//!   out would let a growing share of unsure texts pass for a change of the others.

use std::fmt::Write as _;

use arrow::record_batch::RecordBatch;
use corpus::{SeriesKey, SourceId, TopicId, UnitId, column};
use datafusion::prelude::SessionContext;

use crate::Error;

/// How finely documents are divided into series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grain {
    /// One series of all documents.
    All,
    /// One a source.
    Source,
    /// One a unit. Documents without a unit are in none.
    Unit,
    /// One a topic. A document is in as many as it has topics.
    Topic,
    /// One a unit and topic.
    UnitTopic,
    /// One a unit and source.
    UnitSource,
}

impl Grain {
    /// All of them, coarse to fine.
    pub const ALL: [Self; 6] =
        [Self::All, Self::Source, Self::Unit, Self::Topic, Self::UnitTopic, Self::UnitSource];

    /// Whether it divides by unit.
    pub fn is_by_unit(self) -> bool {
        matches!(self, Self::Unit | Self::UnitTopic | Self::UnitSource)
    }

    fn by_topic(self) -> bool {
        matches!(self, Self::Topic | Self::UnitTopic)
    }

    fn by_source(self) -> bool {
        matches!(self, Self::Source | Self::UnitSource)
    }

    /// The key of a row that names its source, and its unit and topic where the grain divides by them.
    pub(crate) fn key(
        self,
        source: &SourceId,
        unit: Option<UnitId>,
        topic: Option<TopicId>,
    ) -> SeriesKey {
        SeriesKey { source: self.by_source().then(|| source.clone()), unit, topic }
    }
}

/// A query over `table` that gives one row for each voice: `unit`, `topic` (as far as `grain` divides by them), `source`, `period`, `class` (mean class in
/// [-1, 1], rounded: what is left of thirds and sixths that cancel depends on the order in which the engine adds, and would decide the sign), `score` (mean score), `documents`, `named` (1 when the source names this contributor).
pub(crate) fn voices_sql(table: &str, grain: Grain, period: &str) -> String {
    let table = quoted(table);
    let unit = if grain.is_by_unit() { column::UNIT } else { "CAST(NULL AS VARCHAR)" };
    let topic = if grain.by_topic() {
        format!("unnest({})", column::TOPICS)
    } else {
        "CAST(NULL AS VARCHAR)".to_owned()
    };
    let mut sql = String::new();
    write!(
        sql,
        "WITH written AS (
            SELECT {unit} AS unit, {topic} AS topic, {source}, {period} AS period,
                   coalesce({group}, {id}) AS text_group, {voice}, {polarity}, {score}
            FROM {table}
         ), folded AS (
            SELECT unit, topic, source, period, text_group, min({voice}) AS voice,
                   avg(coalesce(CAST({polarity} AS DOUBLE), 0)) AS class, avg(CAST({score} AS DOUBLE)) AS score, count(*) AS documents
            FROM written
            GROUP BY unit, topic, source, period, text_group
         )
         SELECT unit, topic, source, period, voice, CASE WHEN voice IS NULL THEN text_group END AS text_group,
                round(avg(class), 9) AS class, avg(score) AS score, sum(documents) AS documents,
                CASE WHEN voice IS NULL THEN 0 ELSE 1 END AS named
         FROM folded
         WHERE {wanted}
         GROUP BY unit, topic, source, period, voice, CASE WHEN voice IS NULL THEN text_group END",
        source = column::SOURCE,
        group = column::GROUP_ID,
        id = column::ID,
        voice = column::VOICE,
        polarity = column::POLARITY,
        score = column::POLARITY_SCORE,
        wanted = match (grain.is_by_unit(), grain.by_topic()) {
            (true, true) => "unit IS NOT NULL AND topic IS NOT NULL",
            (true, false) => "unit IS NOT NULL",
            (false, true) => "topic IS NOT NULL",
            (false, false) => "true",
        },
    )
    .expect("writing to a string does not fail");
    sql
}

/// Refuses a table whose rows were judged by more than one model.
pub(crate) async fn one_model(ctx: &SessionContext, table: &str) -> Result<(), Error> {
    let sql = format!(
        "SELECT DISTINCT CAST({0} AS VARCHAR) AS {0} FROM {1} ORDER BY {0}",
        column::MODEL,
        quoted(table)
    );
    let mut models = Vec::new();
    for batch in query(ctx, table, &sql).await? {
        models.extend(texts(&batch, 0).iter().flatten().map(str::to_owned));
    }
    if models.len() > 1 {
        Err(Error::MixedModels { table: table.to_owned(), models })
    } else {
        Ok(())
    }
}

pub(crate) async fn query(
    ctx: &SessionContext,
    table: &str,
    sql: &str,
) -> Result<Vec<RecordBatch>, Error> {
    let failed = |source| Error::Query { table: table.to_owned(), source: Box::new(source) };
    ctx.sql(sql).await.map_err(failed)?.collect().await.map_err(failed)
}

/// A name as an SQL identifier.
pub(crate) fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}

/// A text column that the query cast to `VARCHAR`, whichever of Arrow's layouts the engine chose.
pub(crate) fn texts(batch: &RecordBatch, index: usize) -> arrow::array::StringArray {
    let column = arrow::compute::cast(batch.column(index), &arrow::datatypes::DataType::Utf8)
        .expect("a text column casts to Utf8");
    arrow::array::AsArray::as_string::<i32>(&column).clone()
}

/// A sum of scores to six digits: the engine adds in any order, and results must not depend on how the table is partitioned.
pub(crate) fn rounded(sum: f64) -> f64 {
    (sum * 1e6).round() / 1e6
}
