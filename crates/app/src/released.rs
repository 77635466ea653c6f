//! From the store's current version to what readers may see: candidates → guard → register → table, shifts, quotations.
//!
//! The register is written before anything of a release is shown, so that the same cell gives the same answer for good.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use arrow::array::{Array as _, ArrayRef, AsArray as _, StringArray};
use arrow::datatypes::{Date32Type, Float32Type, Int8Type, Int64Type};
use arrow::record_batch::RecordBatch;
use corpus::{
    ClauseSpan, DailySeries, Day, Direction, Hit, Month, Period, Polarity, SearchQuery, SeriesKey,
    Shift, SourceId, TokenBatch, TopicId, UnitId, Visibility,
};
use datafusion::prelude::SessionContext;
use detect::Grain;
use enrich::ClauseScratch;
use ledger::RegisterRow;
use privacy::{
    AlarmContext, Calendar, CommonWords, Contribution, DetectableEffect, Disclosed, Facts,
    FormShare, Guard, QuotationSet, RegisterEntry, ReleaseRegister, ReleasedTable, ReleasedTopic,
    candidate_cells,
};
use serde::{Deserialize, Serialize};

use crate::commands::{self, close_due};
use crate::config::hinted;
use crate::engine::{Engine, TABLE};
use crate::forms::FormScratch;
use crate::{calendar, carriers, emerging, forms, quotable, watched};

/// Candidates looked through for one set of quotations.
pub(crate) const QUOTATION_CANDIDATES: usize = 2000;

/// What the register holds, by the beginning of its keys: a period's cells, a month's common words, and what was found with a period.
const RELEASE: &str = "release/";
const WORDS: &str = "words/";
const FINDINGS: &str = "findings/";
/// How much of a month's texts is mere form, by source.
const FORM_SHARES: &str = "forms/";
/// The closed periods under a name of their own, which [`daily_series`] registers.
pub(crate) const CLOSED: &str = "closed_documents";
const CLOSED_BY_UNIT: &str = "closed_documents_by_unit";
const LATE: &str = "late_documents";

/// Everything released so far.
#[derive(Clone)]
pub(crate) struct Release {
    pub(crate) table: Disclosed<ReleasedTable>,
    pub(crate) shifts: Disclosed<Vec<Shift>>,
    /// Alarms behind which only who was heard changed.
    pub(crate) changed_mixes: Disclosed<Vec<Shift>>,
    /// What lies behind both kinds.
    pub(crate) contexts: Disclosed<Vec<AlarmContext>>,
    /// What would have been seen in each released series.
    pub(crate) detectable: Disclosed<Vec<DetectableEffect>>,
    /// The part of the budget of false alarms that each series has.
    pub(crate) false_alarms_per_series_year: f64,
    /// Matters that came up, oldest first.
    pub(crate) topics: Disclosed<Vec<ReleasedTopic>>,
    /// How much of what each source holds is mere form.
    pub(crate) form_shares: Disclosed<Vec<FormShare>>,
    /// Series that were looked at for shifts, released or not.
    pub(crate) series_watched: usize,
    /// What was read until the last release.
    pub(crate) facts: Facts,
}

/// Closes and releases the periods that are due. With a new one shifts and matters are looked for, in closed periods only; they are recorded like
/// the tables, so that a report that is made again after the next document says the same.
pub(crate) fn release(engine: &mut Engine) -> anyhow::Result<Release> {
    // Before anything is told of a period, nothing may come in any more.
    close_due(engine)?;
    let form_counts = forms::recognize_due(engine)?;
    let engine = &*engine;
    let session = engine.session()?;
    let register = register(engine)?;
    let guard = Guard::new(engine.config.limits);
    let today = engine.today();
    let calendar = calendar::recorded(engine)?;
    let is_due = |period: Period| Guard::is_closed(period, today) && !register.holds(period);
    let (mut candidates, mut words) = (Vec::new(), Vec::new());
    let mut text_conditions: HashMap<Month, Vec<SeriesKey>> = HashMap::new();
    for month in engine.months_held()? {
        let has_weeks = calendar.has_weeks(month.year());
        let is_whole_due = is_due(month.into());
        if is_whole_due || has_weeks && Period::weeks_of(month).any(is_due) {
            let contributions = contributions(engine, &session, month)?;
            if is_whole_due && has_weeks {
                let by_month = candidate_cells(contributions.clone(), &Calendar::default());
                text_conditions.insert(month, guard.text_conditions(&by_month));
            }
            candidates.extend(candidate_cells(contributions, &calendar));
        }
        if is_whole_due {
            words.push((month, quotable::common_words(engine, &session, month)?));
        }
    }
    if !candidates.is_empty() {
        engine.runtime.block_on(judged_alike(&session, TABLE))?;
    }
    let (_, mut entries) = guard.release(&candidates, &calendar, &register, today);
    for entry in entries.iter_mut().filter(|entry| entry.period.is_month()) {
        entry.text_conditions = text_conditions.remove(&entry.period.month());
    }
    let mut register = register;
    entries.iter().cloned().for_each(|entry| register.add(entry));
    let table = guard.table(&register);
    let mut rows = entries.iter().map(register_row).collect::<anyhow::Result<Vec<_>>>()?;
    for (month, words) in &words {
        rows.push(row(&format!("{WORDS}{month}"), words)?);
    }
    for (month, counts) in &form_counts {
        rows.push(row(&format!("{FORM_SHARES}{month}"), &guard.form_shares(counts))?);
    }
    engine.ledger.record_release(&rows).context("record a release")?;
    let findings = findings(engine, &session, &table)?;
    let shifts = guard.release_shifts(findings.shifts, &table);
    let changed_mixes = guard.release_shifts(findings.changed_mixes, &table);
    Ok(Release {
        contexts: guard.release_contexts(findings.contexts, &[&shifts, &changed_mixes], &table),
        detectable: watched::detectable(&guard, findings.detectable, &table),
        false_alarms_per_series_year: findings.false_alarms_per_series_year,
        shifts,
        changed_mixes,
        topics: guard.recorded_topics(findings.topics, &table),
        series_watched: findings.series_watched,
        facts: findings.facts,
        form_shares: guard.disclose_form_shares(form_shares(engine)?, &table),
        table,
    })
}

impl Release {
    /// Without what was found after `last`, for a report on an earlier period. Exact counts, and how many series are watched, remain those of the last release.
    pub(crate) fn until(&self, last: Day) -> Self {
        Self {
            shifts: self.shifts.retained(|shift| shift.alarm <= last),
            changed_mixes: self.changed_mixes.retained(|shift| shift.alarm <= last),
            contexts: self.contexts.retained(|context| context.alarm <= last),
            detectable: self.detectable.retained(|effect| effect.day <= last),
            topics: self.topics.retained(|topic| topic.period.last_day() <= last),
            ..self.clone()
        }
    }
}

/// What was found when the last period was released.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Findings {
    shifts: Vec<Shift>,
    // What follows was not recorded by earlier versions.
    #[serde(default)]
    changed_mixes: Vec<Shift>,
    #[serde(default)]
    contexts: Vec<AlarmContext>,
    #[serde(default)]
    detectable: Vec<DetectableEffect>,
    #[serde(default)]
    false_alarms_per_series_year: f64,
    topics: Vec<ReleasedTopic>,
    series_watched: usize,
    facts: Facts,
}

/// The findings of the last released period under the detector in force: as recorded, or made and recorded now.
fn findings(
    engine: &Engine,
    session: &SessionContext,
    table: &Disclosed<ReleasedTable>,
) -> anyhow::Result<Findings> {
    let Some(last) = table.get().periods.last().copied() else {
        return Ok(Findings { facts: commands::facts(engine)?, ..Findings::default() });
    };
    let detector = crate::fingerprint(format!("{:?}", engine.config.detect).as_bytes());
    let key = format!("{FINDINGS}{last}/{detector}");
    let recorded = engine.ledger.register()?.into_iter().find(|row| row.key == key);
    if let Some(recorded) = recorded {
        return serde_json::from_str(&recorded.entry).context("read recorded findings");
    }
    let watched = watched::watch(engine, session, last.last_day())?;
    let told = |found| release_shifts(engine, session, watched::shifts(found), table);
    let (shifts, changed_mixes) = (told(&watched.shifts)?, told(&watched.changed_mixes)?);
    let found = [watched.shifts, watched.changed_mixes].concat();
    let contexts = watched::contexts(engine, session, &found, &[&shifts, &changed_mixes], table)?;
    let guard = Guard::new(engine.config.limits);
    // The counts are exact, so those of a week would tell of single texts: they are told with a month.
    let is_month_over = last.last_day() == last.month().last_day();
    let facts = if is_month_over { commands::facts(engine)? } else { released_facts(engine)? };
    let findings = Findings {
        shifts: shifts.get().clone(),
        changed_mixes: changed_mixes.get().clone(),
        contexts: contexts.get().clone(),
        detectable: watched::detectable(&guard, watched.detectable, table).get().clone(),
        false_alarms_per_series_year: watched.false_alarms_per_series_year,
        topics: emerging::release(engine, session, CLOSED, table)?.get().clone(),
        series_watched: watched.series,
        facts,
    };
    engine.ledger.record_release(&[row(&key, &findings)?]).context("record findings")?;
    Ok(findings)
}

/// The facts of the last release: what came in since is not told, one document would show.
pub(crate) fn released_facts(engine: &Engine) -> anyhow::Result<Facts> {
    let rows = engine.ledger.register()?;
    let last = rows.iter().filter(|row| row.key.starts_with(FINDINGS)).max_by_key(|row| &row.key);
    match last {
        Some(row) => {
            let findings: Findings =
                serde_json::from_str(&row.entry).context("read recorded findings")?;
            Ok(findings.facts)
        }
        None => Ok(Facts { sources: Vec::new(), table_version: None, ..commands::facts(engine)? }),
    }
}

/// What was recorded of forms, month by month.
fn form_shares(engine: &Engine) -> anyhow::Result<Vec<FormShare>> {
    let rows = engine.ledger.register()?;
    let recorded = rows.iter().filter(|row| row.key.starts_with(FORM_SHARES));
    let shares = recorded.map(|row| {
        serde_json::from_str::<Vec<FormShare>>(&row.entry).context("read recorded forms")
    });
    Ok(shares.collect::<anyhow::Result<Vec<_>>>()?.concat())
}

/// What was released so far.
pub(crate) fn register(engine: &Engine) -> anyhow::Result<ReleaseRegister> {
    let rows = engine.ledger.register()?;
    let months = rows.iter().filter(|row| row.key.starts_with(RELEASE));
    let entries = months.map(|row| {
        serde_json::from_str::<RegisterEntry>(&row.entry).context("read the release register")
    });
    Ok(ReleaseRegister::new(entries.collect::<anyhow::Result<Vec<_>>>()?))
}

/// The table of everything released so far.
pub(crate) fn released_table(engine: &Engine) -> anyhow::Result<Disclosed<ReleasedTable>> {
    Ok(Guard::new(engine.config.limits).table(&register(engine)?))
}

/// What of it may leave as a file.
pub(crate) fn exported_table(engine: &Engine) -> anyhow::Result<Disclosed<ReleasedTable>> {
    Ok(Guard::new(engine.config.limits).export(&register(engine)?))
}

/// Quotations behind several series: texts of a closed month, each series' on the side that it moved to. Nobody is quoted twice in them.
pub(crate) fn quotation_sets(
    engine: &Engine,
    series: &[(SeriesKey, Option<Polarity>)],
    month: Month,
    table: &Disclosed<ReleasedTable>,
    count_max: usize,
) -> anyhow::Result<Vec<QuotationSet>> {
    let common = common_words(engine)?;
    let candidates = |(key, polarity): &(SeriesKey, Option<Polarity>)| {
        let mut found = Vec::new();
        for unit in engine.config.units.with_narrower(key.unit.as_ref()) {
            let query = SearchQuery {
                from: Some(month.first_day()),
                to: Some(month.last_day()),
                source: key.source.clone(),
                unit,
                topic: key.topic.clone(),
                polarity: *polarity,
                limit: QUOTATION_CANDIDATES,
                ..SearchQuery::default()
            };
            found.extend(quotable::candidates(engine, &query, table.get(), &common)?);
        }
        Ok((key.clone(), found))
    };
    let sets = series.iter().map(candidates).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Guard::new(engine.config.limits).quotation_sets(&sets, table, count_max))
}

/// The answer to a search, after the guard: hits of open sources, quotations or the neutral answer of confidential ones.
/// The caller has written it to the audit log.
pub(crate) fn search(
    engine: &Engine,
    query: &SearchQuery,
    table: &Disclosed<ReleasedTable>,
    common: &CommonWords,
) -> anyhow::Result<Disclosed<privacy::SearchAnswer>> {
    let open = SearchQuery { visibility: Some(Visibility::Open), ..query.clone() };
    let confidential = SearchQuery {
        visibility: Some(Visibility::Confidential),
        limit: QUOTATION_CANDIDATES,
        ..query.clone()
    };
    // Both are always asked, so that time and size tell nothing about which of them had something.
    let mut open = engine.store.search(&open, &*engine.stages).context("search")?;
    let withdrawn = engine.ledger.withdrawn_not_erased()?;
    let found = open.hits.hits.len();
    open.hits.hits.retain(|hit| !withdrawn.contains(&hit.id));
    open.hits.total -= (found - open.hits.hits.len()) as u64;
    read_clauses(engine, &mut open.hits.hits);
    let matches = privacy::ConfidentialMatches {
        candidates: quotable::candidates(engine, &confidential, table.get(), common)?,
    };
    Ok(Guard::new(engine.config.limits).disclose_search(query, &open.hits, &matches, table))
}

/// Reads the clauses of what hits show, so that a reader sees why a text counts as it does.
fn read_clauses(engine: &Engine, hits: &mut [Hit]) {
    let stages = &engine.stages;
    let mut form_scratch = FormScratch::default();
    let (mut scratch, mut clauses) = (text::Scratch::default(), ClauseScratch::default());
    let mut tokens = TokenBatch::default();
    let class_of = |word: &str| stages.segmenter.class(word);
    for hit in hits {
        let normalized = stages.normalizer.normalize(&hit.snippet, &mut scratch);
        if normalized.display != hit.snippet {
            // A passage that reads otherwise than it is shown is shown without clauses.
            continue;
        }
        let text = &normalized.text;
        stages.segmenter.tokenize_batch([text.as_str()], &mut scratch, &mut tokens);
        let judged = stages.enricher.clauses(text, &tokens, 0, &class_of, &mut clauses);
        let forms = engine.forms.of(hit.source.as_str());
        let remains = forms.and_then(|forms| stages.without_forms(forms, text, &mut form_scratch));
        let shown_end = hit.snippet.chars().count() as u32;
        let mut from = 0;
        for (index, clause) in judged.iter().enumerate() {
            let shown = normalized.map.to_display(0..clause.byte_end as usize);
            let is_last = index + 1 == judged.len();
            let head = hit.snippet.get(..shown.end).unwrap_or_default();
            let to = if is_last { shown_end } else { head.chars().count() as u32 };
            let bytes = clause.byte_start as usize..clause.byte_end as usize;
            let is_form = remains.as_ref().is_some_and(|remains| remains.holds(&bytes));
            hit.clauses.push(ClauseSpan { from, to, polarity: clause.polarity, is_form });
            from = to;
        }
    }
}

/// The shifts that may be told: in released series, and not the doing of a few. They were found in the view [`CLOSED`] of `session`.
pub(crate) fn release_shifts(
    engine: &Engine,
    session: &SessionContext,
    shifts: Vec<Shift>,
    table: &Disclosed<ReleasedTable>,
) -> anyhow::Result<Disclosed<Vec<Shift>>> {
    let guard = Guard::new(engine.config.limits);
    let admitted = guard.release_shifts(shifts, table).get().clone();
    let candidates = admitted.into_iter().map(|shift| carriers::of(engine, session, shift));
    let carried = guard.carried_by_many(candidates.collect::<anyhow::Result<_>>()?);
    Ok(guard.release_shifts(carried, table))
}

/// Daily voices at every grain until `last`, whose documents become the view [`CLOSED`] of `session`.
///
/// What came after the close of its period bears the first day of a later one, on which it was not written: it is counted in that period's tables and stands in no daily series,
/// or a backlog would look like a change of that day. A unit that holds others has the voices of all of them, each person once a day.
pub(crate) fn daily_series(
    engine: &Engine,
    session: &SessionContext,
    last: Day,
) -> anyhow::Result<Vec<DailySeries>> {
    let late = engine.ledger.late()?;
    let mut closed =
        format!("CREATE VIEW {CLOSED} AS SELECT * FROM {TABLE} WHERE posted_day <= DATE '{last}'");
    if !late.is_empty() {
        let ids: StringArray = late.iter().map(|id| Some(id.to_string())).collect();
        let column: [(&str, ArrayRef); 1] = [("id", Arc::new(ids))];
        let late = RecordBatch::try_from_iter(column).context("list late texts")?;
        session.register_batch(LATE, late).context("list late texts")?;
        closed += &format!(" AND id NOT IN (SELECT id FROM {LATE})");
    }
    let by_unit = units_sql(&engine.config.units.nested());
    engine.runtime.block_on(async {
        session.sql(&closed).await.context("register the closed periods")?;
        judged_alike(session, CLOSED).await?;
        let (mut of_units, mut others): (Vec<Grain>, Vec<Grain>) =
            Grain::ALL.into_iter().partition(|grain| grain.is_by_unit());
        let mut series = Vec::new();
        if let Some(by_unit) = by_unit {
            session.sql(&by_unit).await.context("count units in the units above them")?;
            let counted = detect::daily_series(session, CLOSED_BY_UNIT, &of_units).await;
            series = counted.context("count daily voices")?;
        } else {
            others.append(&mut of_units);
        }
        let counted = detect::daily_series(session, CLOSED, &others).await;
        series.extend(counted.context("count daily voices")?);
        Ok(series)
    })
}

/// The view in which a document stands for its unit and once more for each unit above it; `None` when no unit holds another.
fn units_sql(nested: &[(UnitId, UnitId)]) -> Option<String> {
    if nested.is_empty() {
        return None;
    }
    let text = |name: &UnitId| format!("'{}'", name.as_str().replace('\'', "''"));
    let pairs: Vec<String> =
        nested.iter().map(|(unit, wider)| format!("({}, {})", text(unit), text(wider))).collect();
    let columns = "d.id, d.group_id, d.source, d.voice, d.topics, d.polarity, d.polarity_score, d.posted_day, d.model";
    Some(format!(
        "CREATE VIEW {CLOSED_BY_UNIT} AS
         SELECT {columns}, CAST(d.unit AS VARCHAR) AS unit FROM {CLOSED} d
         UNION ALL
         SELECT {columns}, CAST(above.wider AS VARCHAR) AS unit FROM {CLOSED} d
         JOIN (VALUES {}) AS above (narrow, wider) ON CAST(d.unit AS VARCHAR) = above.narrow",
        pairs.join(", ")
    ))
}

/// A series of texts that were judged by different models or taxonomies would show their difference as a change of mind.
async fn judged_alike(session: &SessionContext, documents: &str) -> anyhow::Result<()> {
    let sql = format!("SELECT count(DISTINCT CAST(model AS VARCHAR)) FROM {documents}");
    let counted = session.sql(&sql).await?.collect().await.context("look what judged the texts")?;
    let judges =
        counted.first().map_or(0, |batch| batch.column(0).as_primitive::<Int64Type>().value(0));
    if judges <= 1 {
        return Ok(());
    }
    Err(hinted(
        anyhow::anyhow!("stored texts were judged by {judges} versions of models and taxonomy"),
        "`huisheng enrich --rerun` judges all of them by the one in use",
    ))
}

/// Every document of a month, as far as counting people goes.
fn contributions(
    engine: &Engine,
    session: &SessionContext,
    month: Month,
) -> anyhow::Result<Vec<Contribution>> {
    let sql = format!(
        "SELECT source, unit, voice, coalesce(group_id, id), topics, polarity, polarity_score, visibility, posted_day FROM {TABLE}
         WHERE posted_day BETWEEN DATE '{}' AND DATE '{}'",
        month.first_day(),
        month.last_day()
    );
    let batches = engine.rows(session, &sql).context("read a month's documents")?;
    let mut contributions = Vec::new();
    for batch in &batches {
        let text = |index: usize| {
            arrow::compute::cast(batch.column(index), &arrow::datatypes::DataType::Utf8)
                .context("read a text column")
        };
        let (sources, units, groups, visibilities) = (text(0)?, text(1)?, text(3)?, text(7)?);
        let [sources, units, groups, visibilities] =
            [&sources, &units, &groups, &visibilities].map(|column| column.as_string::<i32>());
        let (voices, topics) =
            (batch.column(2).as_primitive::<Int64Type>(), batch.column(4).as_list::<i32>());
        let days = batch.column(8).as_primitive::<Date32Type>();
        let (polarities, scores) = (
            batch.column(5).as_primitive::<Int8Type>(),
            batch.column(6).as_primitive::<Float32Type>(),
        );
        for row in 0..batch.num_rows() {
            let named = arrow::compute::cast(&topics.value(row), &arrow::datatypes::DataType::Utf8)
                .context("read topics")?;
            let is_contributor = voices.is_valid(row);
            let unit = units.is_valid(row).then(|| UnitId::new(units.value(row))).transpose();
            let unit = unit.context("read a unit name")?;
            contributions.push(Contribution {
                source: SourceId::new(sources.value(row)).context("read a source name")?,
                visibility: visibilities.value(row).parse().unwrap_or_default(),
                day: Day(days.value(row)),
                wider_units: engine.config.units.wider(unit.as_ref()),
                unit,
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
pub(crate) fn group_voice(id: &str) -> u64 {
    id.parse::<corpus::DocumentId>().map_or(0, voice_of_group)
}

pub(crate) fn voice_of_group(id: corpus::GroupId) -> u64 {
    (id.0 >> 64) as u64 ^ id.0 as u64
}

fn register_row(entry: &RegisterEntry) -> anyhow::Result<RegisterRow> {
    row(&entry.key(), entry)
}

fn row(key: &str, entry: &impl Serialize) -> anyhow::Result<RegisterRow> {
    let entry = serde_json::to_string(entry).context("write a release")?;
    Ok(RegisterRow { key: key.to_owned(), entry })
}

/// Words that quotations may hold: those that enough people used in some released month.
pub(crate) fn common_words(engine: &Engine) -> anyhow::Result<CommonWords> {
    let mut common = CommonWords::default();
    for row in engine.ledger.register()?.iter().filter(|row| row.key.starts_with(WORDS)) {
        let words: Vec<String> =
            serde_json::from_str(&row.entry).context("read the common words of a month")?;
        common.extend(words);
    }
    Ok(common)
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
