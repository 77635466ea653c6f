//! `huisheng index`, `periods` and `verify`: care for the store.

use anyhow::Context as _;
use corpus::{Month, Period};
use ledger::SourceCounts;
use privacy::Guard;
use serde::Serialize;

use super::print;
use crate::cli::Periods;
use crate::config::Config;
use crate::engine::Engine;
use crate::{Outcome, calendar};

/// Makes the index again from the table.
pub(crate) fn rebuild_index(config: &Config, json: bool) -> anyhow::Result<Outcome> {
    let rows = Engine::rebuild_index(config)?;
    print(&serde_json::json!({ "rows": rows }), json, |_| {
        format!("index made again from {rows} rows of the table")
    })?;
    Ok(Outcome::Done)
}

/// Closes months and weeks, or lists the closed ones.
pub(crate) fn periods(config: Config, action: &Periods, json: bool) -> anyhow::Result<Outcome> {
    let engine = Engine::open(config)?;
    if matches!(action, Periods::Close) {
        let (periods, destroyed) = close_due(&engine)?;
        tracing::info!(period_count = periods, key_count = destroyed, "periods closed");
    }
    let closed: Vec<String> = engine.keys.closed()?.iter().map(ToString::to_string).collect();
    print(&serde_json::json!({ "closed": closed }), json, |_| match closed.as_slice() {
        [] => "no period is closed".to_owned(),
        [.., last] => format!("{} periods closed, the last {last}", closed.len()),
    })?;
    Ok(Outcome::Done)
}

/// Closes every month that has documents and whose grace is over, and where something is told of by week the weeks too. Gives how many periods and keys
/// went.
pub(crate) fn close_due(engine: &Engine) -> anyhow::Result<(usize, usize)> {
    let (today, closed) = (engine.today(), engine.keys.closed()?);
    let calendar = calendar::in_force(engine)?;
    let periods = |month: Month| {
        let weeks = Period::weeks_of(month).filter(|_| calendar.has_weeks(month.year()));
        weeks.chain([month.into()]).collect::<Vec<_>>()
    };
    let due: Vec<Period> = engine
        .months_held()?
        .into_iter()
        .flat_map(periods)
        .filter(|period| Guard::is_closed(*period, today) && !closed.contains(period))
        .collect();
    if due.is_empty() {
        return Ok((0, 0));
    }
    engine.audit("close", &due)?;
    let destroyed = engine.keys.close(&due)?;
    Ok((due.len(), destroyed))
}

#[derive(Serialize)]
struct Verification {
    table_version: u64,
    rows_in_table: u64,
    rows_in_index: u64,
    recovery: String,
    sources: Vec<VerifiedSource>,
    audit: ledger::AuditReport,
    intact: bool,
}

#[derive(Serialize)]
struct VerifiedSource {
    name: String,
    #[serde(flatten)]
    counts: SourceCounts,
    adds_up: bool,
}

/// Checks what can be checked without a copy kept elsewhere.
pub(crate) fn verify(config: Config, json: bool) -> anyhow::Result<Outcome> {
    let engine = Engine::open(config)?;
    let mut sources = Vec::new();
    for source in engine.ledger.sources()? {
        let (_, checkpoint) = engine.checkpoint(&source)?;
        let counts = checkpoint.map(|checkpoint| checkpoint.counts).unwrap_or_default();
        sources.push(VerifiedSource {
            name: source.to_string(),
            counts,
            adds_up: counts.adds_up(),
        });
    }
    let audit = engine.ledger.audit_report()?;
    let (rows_in_table, rows_in_index) = (engine.store.row_count()?, engine.store.indexed_count());
    let intact = rows_in_table == rows_in_index
        && audit.broken_at.is_none()
        && sources.iter().all(|source| source.adds_up);
    let recovery = format!("{:?}", engine.recovery);
    let report = Verification {
        table_version: engine.store.version(),
        rows_in_table,
        rows_in_index,
        recovery,
        sources,
        audit,
        intact,
    };
    print(&report, json, |report| {
        format!(
            "table version {}: {} rows, index {} rows\naudit log: {} entries, {}\nall counts add up: {}",
            report.table_version,
            report.rows_in_table,
            report.rows_in_index,
            report.audit.rows,
            report
                .audit
                .broken_at
                .map_or("intact".to_owned(), |row| format!("broken at entry {row}")),
            report.sources.iter().all(|source| source.adds_up),
        )
    })?;
    if report.intact {
        Ok(Outcome::Done)
    } else {
        Err(anyhow::anyhow!("the store is not intact")).context("verify")
    }
}
