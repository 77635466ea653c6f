//! `huisheng index`, `periods` and `verify`: care for the store.

use anyhow::Context as _;
use ledger::SourceCounts;
use privacy::Guard;
use serde::Serialize;

use super::print;
use crate::Outcome;
use crate::cli::Periods;
use crate::config::Config;
use crate::engine::Engine;

/// Makes the index again from the table.
pub(crate) fn rebuild_index(config: &Config, json: bool) -> anyhow::Result<Outcome> {
    let rows = Engine::rebuild_index(config)?;
    print(&serde_json::json!({ "rows": rows }), json, |_| {
        format!("index made again from {rows} rows of the table")
    })?;
    Ok(Outcome::Done)
}

/// Closes months, or lists the closed ones.
pub(crate) fn periods(config: Config, action: &Periods, json: bool) -> anyhow::Result<Outcome> {
    let engine = Engine::open(config)?;
    if matches!(action, Periods::Close) {
        let (months, destroyed) = close_due(&engine)?;
        tracing::info!(month_count = months, key_count = destroyed, "periods closed");
    }
    let closed: Vec<String> = engine.keys.closed()?.iter().map(ToString::to_string).collect();
    print(&serde_json::json!({ "closed": closed }), json, |_| match closed.as_slice() {
        [] => "no month is closed".to_owned(),
        [.., last] => format!("{} months closed, the last {last}", closed.len()),
    })?;
    Ok(Outcome::Done)
}

/// Closes every month that has documents and whose grace is over. Gives how many months and keys went.
pub(crate) fn close_due(engine: &Engine) -> anyhow::Result<(usize, usize)> {
    let (today, closed) = (engine.today(), engine.keys.closed()?);
    let due: Vec<_> = engine
        .months_held()?
        .into_iter()
        .filter(|month| Guard::is_closed(*month, today) && !closed.contains(month))
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
