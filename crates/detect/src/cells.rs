//! Monthly counts by series: the raw material of the disclosure guard, which decides what of it anybody may see.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float64Type, Int64Type};
use corpus::{Month, SeriesKey, SourceId, TopicId, UnitId, column};
use datafusion::prelude::SessionContext;

use crate::Error;
use crate::voices::{Grain, one_model, query, rounded, texts, voices_sql};

/// One series in one month. Not to be shown before the guard has admitted it.
#[derive(Debug, Clone, PartialEq)]
pub struct CellCounts {
    /// Which documents.
    pub key: SeriesKey,
    /// When.
    pub month: Month,
    /// People that are certainly distinct: the maximum over sources of the voices in the source, since one person may speak in several sources.
    pub people_min: u64,
    /// Voices, summed over sources: what the three classes add up to.
    pub voices: u64,
    /// Voices whose mean class over the month is positive.
    pub positive: u64,
    /// Voices whose mean class is negative.
    pub negative: u64,
    /// Voices in between.
    pub neutral: u64,
    /// Sum over voices of their mean score in [-1, 1].
    pub score_sum: f64,
    /// Documents, copies included.
    pub documents: u64,
    /// Sources in the cell that name no contributor for some document: their voices are duplicate groups.
    pub sources_without_contributors: u64,
}

/// Cells of every grain asked for, sorted by key and month within a grain.
///
/// # Errors
/// As [`crate::daily_series`].
pub async fn monthly_cells(
    ctx: &SessionContext,
    table: &str,
    grains: &[Grain],
) -> Result<Vec<CellCounts>, Error> {
    one_model(ctx, table).await?;
    let mut all = Vec::new();
    for grain in grains {
        all.extend(cells(ctx, table, *grain).await?.into_values());
    }
    Ok(all)
}

async fn cells(
    ctx: &SessionContext,
    table: &str,
    grain: Grain,
) -> Result<BTreeMap<(SeriesKey, Month), CellCounts>, Error> {
    let sql = format!(
        "SELECT CAST(unit AS VARCHAR) AS u, CAST(topic AS VARCHAR) AS t, CAST(source AS VARCHAR) AS s, CAST(period AS VARCHAR) AS p,
                sum(CASE WHEN class > 0 THEN 1 ELSE 0 END) AS positive, sum(CASE WHEN class < 0 THEN 1 ELSE 0 END) AS negative,
                sum(CASE WHEN class = 0 THEN 1 ELSE 0 END) AS neutral, sum(documents) AS documents, min(named) AS named, sum(score) AS score
         FROM ({})
         GROUP BY unit, topic, source, period
         ORDER BY s, p",
        voices_sql(table, grain, column::MONTH)
    );
    let mut cells: BTreeMap<(SeriesKey, Month), CellCounts> = BTreeMap::new();
    for batch in query(ctx, table, &sql).await? {
        let (units, topics, sources, months) =
            (texts(&batch, 0), texts(&batch, 1), texts(&batch, 2), texts(&batch, 3));
        let counts = [4, 5, 6, 7, 8].map(|index| batch.column(index).as_primitive::<Int64Type>());
        let scores = batch.column(9).as_primitive::<Float64Type>();
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
            let found = months.value(row);
            let month: Month = found
                .parse()
                .map_err(|_| Error::Month { table: table.to_owned(), found: found.to_owned() })?;
            let key = grain.key(&source, unit, topic);
            let [positive, negative, neutral, documents, all_named] =
                counts.map(|column| column.value(row).cast_unsigned());
            let cell =
                cells.entry((key.clone(), month)).or_insert_with(|| CellCounts::empty(key, month));
            let voices = positive + negative + neutral;
            cell.people_min = cell.people_min.max(voices);
            cell.voices += voices;
            cell.positive += positive;
            cell.negative += negative;
            cell.neutral += neutral;
            cell.documents += documents;
            cell.score_sum += rounded(scores.value(row));
            cell.sources_without_contributors += u64::from(all_named == 0);
        }
    }
    Ok(cells)
}

impl CellCounts {
    fn empty(key: SeriesKey, month: Month) -> Self {
        Self {
            key,
            month,
            people_min: 0,
            voices: 0,
            positive: 0,
            negative: 0,
            neutral: 0,
            score_sum: 0.0,
            documents: 0,
            sources_without_contributors: 0,
        }
    }
}
