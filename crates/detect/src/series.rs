//! Daily series from the table.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Date32Type, Float64Type, Int64Type};
use corpus::{DailySeries, Day, DayVoices, SeriesKey, SourceId, TopicId, UnitId, column};
use datafusion::prelude::SessionContext;

use crate::Error;
use crate::voices::{Grain, one_model, query, quoted, rounded, texts, voices_sql};

/// A source counts as delivering on a day when it has any document so many days before or after.
const SILENCE_DAYS_MAX: i32 = 3;

/// Series of every grain asked for, over the whole span of the table, sorted by key within a grain.
///
/// `table` is any table with the columns of [`corpus::table_schema`] registered in `ctx`: local Parquet files, memory, or files on a cluster.
/// One contributor is one voice a day and source: pseudonyms of two sources never match, so a person heard in two sources is two voices of a
/// series over both. A day without voices is zero when a source of the series delivers anything within three days of it, and `None` when all
/// its sources are silent: then nobody could have spoken.
///
/// # Errors
/// [`Error::MixedModels`] when the rows were judged by more than one model; [`Error::Query`] when the engine fails.
pub async fn daily_series(
    ctx: &SessionContext,
    table: &str,
    grains: &[Grain],
) -> Result<Vec<DailySeries>, Error> {
    one_model(ctx, table).await?;
    let deliveries = deliveries(ctx, table).await?;
    let Some((start, end)) = deliveries.span() else { return Ok(Vec::new()) };
    let mut series = Vec::new();
    for grain in grains {
        for (key, found) in counted(ctx, table, *grain).await? {
            let days = (start.0..=end.0)
                .map(|day| match found.days.get(&day) {
                    Some(voices) => Some(*voices),
                    None => deliveries.any(&found.sources, Day(day)).then(DayVoices::default),
                })
                .collect();
            series.push(DailySeries { key, start, days });
        }
    }
    Ok(series)
}

#[derive(Default)]
struct Found {
    days: BTreeMap<i32, DayVoices>,
    sources: BTreeSet<SourceId>,
}

async fn counted(
    ctx: &SessionContext,
    table: &str,
    grain: Grain,
) -> Result<BTreeMap<SeriesKey, Found>, Error> {
    let sql = format!(
        "SELECT CAST(unit AS VARCHAR) AS u, CAST(topic AS VARCHAR) AS t, CAST(source AS VARCHAR) AS s, period AS p,
                sum(CASE WHEN class > 0 THEN 1 ELSE 0 END) AS positive, sum(CASE WHEN class < 0 THEN 1 ELSE 0 END) AS negative,
                sum(CASE WHEN class = 0 THEN 1 ELSE 0 END) AS neutral, sum(score) AS score
         FROM ({})
         GROUP BY unit, topic, source, period
         ORDER BY s, p",
        voices_sql(table, grain, column::POSTED_DAY)
    );
    let mut series: BTreeMap<SeriesKey, Found> = BTreeMap::new();
    for batch in query(ctx, table, &sql).await? {
        let (units, topics, sources) = (texts(&batch, 0), texts(&batch, 1), texts(&batch, 2));
        let days = batch.column(3).as_primitive::<Date32Type>();
        let counts = [4, 5, 6].map(|index| batch.column(index).as_primitive::<Int64Type>());
        let scores = batch.column(7).as_primitive::<Float64Type>();
        let named = |source| Error::Name { table: table.to_owned(), source };
        for row in 0..batch.num_rows() {
            let source = SourceId::new(sources.value(row)).map_err(named)?;
            let unit = units
                .is_valid(row)
                .then(|| UnitId::new(units.value(row)))
                .transpose()
                .map_err(named)?;
            let topic = topics
                .is_valid(row)
                .then(|| TopicId::new(topics.value(row)))
                .transpose()
                .map_err(named)?;
            let found = series.entry(grain.key(&source, unit, topic)).or_default();
            let [positive, negative, neutral] =
                counts.map(|column| u32::try_from(column.value(row)).unwrap_or(u32::MAX));
            let day = found.days.entry(days.value(row)).or_default();
            day.positive += positive;
            day.negative += negative;
            day.neutral += neutral;
            day.score_sum += rounded(scores.value(row));
            found.sources.insert(source);
        }
    }
    Ok(series)
}

/// The days on which each source delivered anything.
struct Deliveries(BTreeMap<SourceId, BTreeSet<i32>>);

async fn deliveries(ctx: &SessionContext, table: &str) -> Result<Deliveries, Error> {
    let sql = format!(
        "SELECT DISTINCT CAST({0} AS VARCHAR), {1} FROM {2}",
        column::SOURCE,
        column::POSTED_DAY,
        quoted(table)
    );
    let mut found: BTreeMap<SourceId, BTreeSet<i32>> = BTreeMap::new();
    for batch in query(ctx, table, &sql).await? {
        let (sources, days) = (texts(&batch, 0), batch.column(1).as_primitive::<Date32Type>());
        for row in 0..batch.num_rows() {
            let source = SourceId::new(sources.value(row))
                .map_err(|source| Error::Name { table: table.to_owned(), source })?;
            found.entry(source).or_default().insert(days.value(row));
        }
    }
    Ok(Deliveries(found))
}

impl Deliveries {
    fn span(&self) -> Option<(Day, Day)> {
        let first = self.0.values().filter_map(BTreeSet::first).min()?;
        let last = self.0.values().filter_map(BTreeSet::last).max()?;
        Some((Day(*first), Day(*last)))
    }

    fn any(&self, sources: &BTreeSet<SourceId>, day: Day) -> bool {
        let around = day.0 - SILENCE_DAYS_MAX..=day.0 + SILENCE_DAYS_MAX;
        sources
            .iter()
            .filter_map(|source| self.0.get(source))
            .any(|days| days.range(around.clone()).next().is_some())
    }
}
