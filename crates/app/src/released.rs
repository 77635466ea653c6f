//! From the store's current version to what readers may see: candidates → guard → register → table, shifts, quotations.
//!
//! The register is written before anything of a release is shown, so that the same cell gives the same answer for good.

use std::collections::BTreeSet;

use anyhow::Context as _;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{Float32Type, Int8Type, Int64Type};
use corpus::{
    DailySeries, Direction, Month, Polarity, SearchQuery, SeriesKey, Shift, SourceId, TopicId,
    UnitId, Visibility,
};
use datafusion::prelude::SessionContext;
use detect::Grain;
use ledger::RegisterRow;
use privacy::{
    Contribution, Disclosed, Guard, Quotation, QuotationCandidate, RegisterEntry, ReleaseRegister,
    ReleasedTable, ReleasedTopic, StyleRisk, candidate_cells,
};
use store::QueryAnalyzer as _;

use crate::emerging;
use crate::engine::{Engine, TABLE};

/// Candidates looked through for one set of quotations.
const QUOTATION_CANDIDATES: usize = 2000;

/// Everything released from the table's current version.
pub(crate) struct Release {
    pub(crate) table: Disclosed<ReleasedTable>,
    pub(crate) shifts: Disclosed<Vec<Shift>>,
    /// Matters that came up, oldest first.
    pub(crate) topics: Disclosed<Vec<ReleasedTopic>>,
    /// Series that were looked at for shifts, released or not.
    pub(crate) series_watched: usize,
}

/// Releases what is due, looks for shifts and for matters that come up.
pub(crate) fn release(engine: &Engine) -> anyhow::Result<Release> {
    let session = engine.session()?;
    let register = register(engine)?;
    let guard = Guard::new(engine.config.limits);
    let today = engine.today();
    let due: Vec<Month> = engine
        .months_held()?
        .into_iter()
        .filter(|month| Guard::is_closed(*month, today) && !register.holds(*month))
        .collect();
    let mut candidates = Vec::new();
    for month in &due {
        candidates.extend(candidate_cells(contributions(engine, &session, *month)?));
    }
    let (table, entries) = guard.release(&candidates, &register, today);
    let rows = entries.iter().map(register_row).collect::<anyhow::Result<Vec<_>>>()?;
    engine.ledger.record_release(&rows).context("record a release")?;
    let (shifts, series_watched) = find_shifts(engine, &session)?;
    let topics = emerging::release(engine, &session, &table)?;
    Ok(Release { shifts: guard.release_shifts(shifts, &table), topics, table, series_watched })
}

/// What was released so far.
pub(crate) fn register(engine: &Engine) -> anyhow::Result<ReleaseRegister> {
    let rows = engine.ledger.register()?;
    let entries = rows.iter().map(|row| {
        serde_json::from_str::<RegisterEntry>(&row.entry).context("read the release register")
    });
    Ok(ReleaseRegister::new(entries.collect::<anyhow::Result<Vec<_>>>()?))
}

/// The table of everything released so far.
pub(crate) fn released_table(engine: &Engine) -> anyhow::Result<Disclosed<ReleasedTable>> {
    Ok(Guard::new(engine.config.limits).table(&register(engine)?))
}

/// Quotations behind a cell: texts of its month, on the side that it moved to.
pub(crate) fn quotations(
    engine: &Engine,
    key: &SeriesKey,
    month: Month,
    polarity: Option<Polarity>,
    table: &Disclosed<ReleasedTable>,
    count_max: usize,
) -> anyhow::Result<Disclosed<Vec<Quotation>>> {
    let query = SearchQuery {
        from: Some(month.first_day()),
        to: Some(month.last_day()),
        source: key.source.clone(),
        unit: key.unit.clone(),
        topic: key.topic.clone(),
        polarity,
        limit: QUOTATION_CANDIDATES,
        ..SearchQuery::default()
    };
    let candidates = quotation_candidates(engine, &query, table.get())?;
    Ok(Guard::new(engine.config.limits).quotations(&candidates, table, count_max))
}

/// Documents that match `query`, as candidates for quoting. Words are rare or not among the candidates themselves: that is the set a reader sees.
pub(crate) fn quotation_candidates(
    engine: &Engine,
    query: &SearchQuery,
    table: &ReleasedTable,
) -> anyhow::Result<Vec<QuotationCandidate>> {
    let outcome = engine.store.search(query, &*engine.stages).context("search")?;
    let is_released =
        |unit: &UnitId| table.cells.iter().any(|cell| cell.key.unit.as_ref() == Some(unit));
    let units: BTreeSet<&UnitId> =
        outcome.hits.hits.iter().filter_map(|hit| hit.unit.as_ref()).collect();
    let small_units = units.into_iter().filter(|unit| !is_released(unit)).map(ToString::to_string);
    let mut style = StyleRisk::new(engine.config.limits.values().k_score, small_units);
    let words: Vec<Vec<String>> =
        outcome.hits.hits.iter().map(|hit| engine.stages.words(&hit.snippet)).collect();
    for (words, voice) in words.iter().zip(&outcome.hit_voices) {
        style.count(voice.voice, words.iter().map(String::as_str));
    }
    let found = outcome.hits.hits.into_iter().zip(outcome.hit_voices).zip(&words);
    let candidates = found.map(|((hit, voice), words)| QuotationCandidate {
        style_risk: style.score(&hit.snippet, words.iter().map(String::as_str)),
        text: hit.snippet,
        source: hit.source,
        unit: hit.unit,
        month: hit.day.month(),
        polarity: hit.polarity,
        voice: voice.voice,
        is_contributor: voice.is_contributor,
    });
    Ok(candidates.collect())
}

/// The answer to a search, after the guard: hits of open sources, quotations or the neutral answer of confidential ones.
/// The caller has written it to the audit log.
pub(crate) fn search(
    engine: &Engine,
    query: &SearchQuery,
    table: &Disclosed<ReleasedTable>,
) -> anyhow::Result<Disclosed<privacy::SearchAnswer>> {
    let open = SearchQuery { visibility: Some(Visibility::Open), ..query.clone() };
    let confidential = SearchQuery {
        visibility: Some(Visibility::Confidential),
        limit: QUOTATION_CANDIDATES,
        ..query.clone()
    };
    // Both are always asked, so that time and size tell nothing about which of them had something.
    let open = engine.store.search(&open, &*engine.stages).context("search")?;
    let matches = privacy::ConfidentialMatches {
        candidates: quotation_candidates(engine, &confidential, table.get())?,
    };
    Ok(Guard::new(engine.config.limits).disclose_search(query, &open.hits, &matches, table))
}

/// Shifts in every series of the table, nested ones once, and how many series were looked at.
fn find_shifts(engine: &Engine, session: &SessionContext) -> anyhow::Result<(Vec<Shift>, usize)> {
    let series = daily_series(engine, session)?;
    let board = detect::detect_board(&series, &engine.config.detect);
    let effect_min = engine.config.effect_min;
    let shifts = board
        .shifts
        .into_iter()
        .map(|found| found.shift)
        .filter(|shift| shift.effect.abs() >= effect_min);
    Ok((shifts.collect(), board.series_looked_at))
}

/// Daily voices at every grain.
pub(crate) fn daily_series(
    engine: &Engine,
    session: &SessionContext,
) -> anyhow::Result<Vec<DailySeries>> {
    engine
        .runtime
        .block_on(detect::daily_series(session, TABLE, &Grain::ALL))
        .context("count daily voices")
}

/// Every document of a month, as far as counting people goes.
fn contributions(
    engine: &Engine,
    session: &SessionContext,
    month: Month,
) -> anyhow::Result<Vec<Contribution>> {
    let sql = format!(
        "SELECT source, unit, voice, coalesce(group_id, id), topics, polarity, polarity_score FROM {TABLE}
         WHERE posted_day BETWEEN DATE '{}' AND DATE '{}'",
        month.first_day(),
        month.last_day()
    );
    let batches = engine
        .runtime
        .block_on(async { session.sql(&sql).await?.collect().await })
        .context("read a month's documents")?;
    let mut contributions = Vec::new();
    for batch in &batches {
        let text = |index: usize| {
            arrow::compute::cast(batch.column(index), &arrow::datatypes::DataType::Utf8)
                .context("read a text column")
        };
        let (sources, units, groups) = (text(0)?, text(1)?, text(3)?);
        let (sources, units, groups) =
            (sources.as_string::<i32>(), units.as_string::<i32>(), groups.as_string::<i32>());
        let (voices, topics) =
            (batch.column(2).as_primitive::<Int64Type>(), batch.column(4).as_list::<i32>());
        let (polarities, scores) = (
            batch.column(5).as_primitive::<Int8Type>(),
            batch.column(6).as_primitive::<Float32Type>(),
        );
        for row in 0..batch.num_rows() {
            let named = arrow::compute::cast(&topics.value(row), &arrow::datatypes::DataType::Utf8)
                .context("read topics")?;
            let is_contributor = voices.is_valid(row);
            contributions.push(Contribution {
                source: SourceId::new(sources.value(row)).context("read a source name")?,
                month,
                unit: units
                    .is_valid(row)
                    .then(|| UnitId::new(units.value(row)))
                    .transpose()
                    .context("read a unit name")?,
                topics: named
                    .as_string::<i32>()
                    .iter()
                    .flatten()
                    .map(TopicId::new)
                    .collect::<Result<_, _>>()
                    .context("read a topic name")?,
                voice: if is_contributor {
                    voices.value(row).cast_unsigned()
                } else {
                    group_voice(groups.value(row))
                },
                is_contributor,
                polarity: if polarities.is_valid(row) {
                    Polarity::from_sign(polarities.value(row))
                } else {
                    None
                },
                score: scores.value(row),
            });
        }
    }
    Ok(contributions)
}

/// A duplicate group stands for its writers where the source names none.
fn group_voice(id: &str) -> u64 {
    id.parse::<corpus::DocumentId>().map_or(0, voice_of_group)
}

pub(crate) fn voice_of_group(id: corpus::GroupId) -> u64 {
    (id.0 >> 64) as u64 ^ id.0 as u64
}

fn register_row(entry: &RegisterEntry) -> anyhow::Result<RegisterRow> {
    Ok(RegisterRow {
        key: entry.key(),
        entry: serde_json::to_string(entry).context("write a release")?,
    })
}

/// One line about a shift.
pub(crate) fn describe_shift(shift: &Shift) -> String {
    let side = match shift.direction {
        Direction::Worse => "worse",
        Direction::Better => "better",
    };
    format!(
        "{} {side} by {:+.2} [{:+.2}, {:+.2}], began {} ({} to {}), alarm {}, voices {} → {}",
        shift.key,
        shift.effect,
        shift.effect_interval.0,
        shift.effect_interval.1,
        shift.began_likely,
        shift.began.0,
        shift.began.1,
        shift.alarm,
        shift.voices.0,
        shift.voices.1
    )
}
