//! `huisheng import` and `huisheng ingest`: documents in.

use std::fmt::Write as _;

use anyhow::Context as _;
use ingest::{Cursor, FieldMap, FileFormat, FilesReader, Input, SourceDeclaration};
use serde::Serialize;

use super::print;
use crate::Outcome;
use crate::cli::Import;
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::pipeline::{self, RunReport};
use crate::progress::DocumentBar;

/// What became of one source in one run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SourceReport {
    pub(crate) name: String,
    pub(crate) read: u64,
    pub(crate) stored: u64,
    pub(crate) folded: u64,
    pub(crate) known: u64,
    pub(crate) revised: u64,
    pub(crate) withdrawn: u64,
    pub(crate) quarantined: u64,
    /// Of the stored: came after the close of their period.
    pub(crate) late: u64,
    /// Refused documents by reason.
    pub(crate) reasons: std::collections::BTreeMap<&'static str, u64>,
    /// Identifiers taken out.
    pub(crate) redacted: u64,
}

/// Brings in the files that were named.
pub(crate) fn import(config: Config, options: Import, json: bool) -> anyhow::Result<Outcome> {
    let map = match &options.map {
        Some(map) => FieldMap::parse(map).context("read --map")?,
        None => FieldMap::default(),
    };
    let format = match &options.format {
        Some(word) => Some(FileFormat::of_word(word).ok_or_else(|| {
            hinted(
                anyhow::anyhow!("--format {word:?} is no format"),
                "write jsonl, csv, tsv, xlsx or parquet",
            )
        })?),
        None => None,
    };
    let declaration = SourceDeclaration::for_import(
        options.source,
        options.visibility,
        options.files,
        format,
        map,
    );
    let mut engine = Engine::open(config)?;
    let report = run_source(&mut engine, &declaration, json)?;
    finish(&[report], json)
}

/// Reads every declared source.
pub(crate) fn ingest(config: Config, json: bool) -> anyhow::Result<Outcome> {
    let sources = config.sources.clone();
    if sources.is_empty() {
        return Err(hinted(
            anyhow::anyhow!("the settings declare no source"),
            "add a [[source]] table to huisheng.toml, or use `huisheng import FILE --source NAME`",
        ));
    }
    let mut engine = Engine::open(config)?;
    let reports = run_sources(&mut engine, &sources, json)?;
    finish(&reports, json)
}

/// Reads `sources` one after the other. A source that cannot be read is reported and does not keep the others from being read.
pub(crate) fn run_sources(
    engine: &mut Engine,
    sources: &[SourceDeclaration],
    quiet: bool,
) -> anyhow::Result<Vec<SourceReport>> {
    let mut reports = Vec::with_capacity(sources.len());
    let mut failures = Vec::new();
    for source in sources {
        match run_source(engine, source, quiet) {
            Ok(report) => reports.push(report),
            Err(error) => failures.push(error.context(format!("read source {}", source.name))),
        }
    }
    match failures.into_iter().next() {
        Some(first) => Err(first),
        None => Ok(reports),
    }
}

fn run_source(
    engine: &mut Engine,
    declaration: &SourceDeclaration,
    quiet: bool,
) -> anyhow::Result<SourceReport> {
    let (_, checkpoint) = engine.checkpoint(&declaration.name)?;
    let cursor: Cursor = match checkpoint {
        Some(checkpoint) => {
            serde_json::from_str(&checkpoint.cursor).context("read the cursor of the last run")?
        }
        None => Cursor::default(),
    };
    let context = engine.source_context(&declaration.name, declaration.visibility)?;
    let bar = DocumentBar::new(declaration.name.as_str(), quiet);
    let report = match &declaration.input {
        Input::Files { .. } => {
            let mut reader = FilesReader::open(declaration, cursor, engine.now())?;
            pipeline::run(engine, context, &mut reader, &bar)?
        }
        Input::Feeds { .. } => crate::feeds::run(engine, declaration, context, cursor, &bar)?,
    };
    bar.finish();
    Ok(SourceReport::new(declaration.name.as_str(), &report))
}

impl SourceReport {
    fn new(name: &str, report: &RunReport) -> Self {
        let counts = report.counts;
        Self {
            name: name.to_owned(),
            read: counts.read,
            stored: counts.stored,
            folded: counts.folded,
            known: counts.known,
            revised: counts.revised,
            withdrawn: counts.withdrawn,
            quarantined: counts.quarantined,
            late: counts.late,
            reasons: report
                .rejected
                .iter()
                .map(|(reason, count)| (reason.as_str(), *count))
                .collect(),
            redacted: report.redacted.total(),
        }
    }
}

fn finish(reports: &[SourceReport], json: bool) -> anyhow::Result<Outcome> {
    print(&serde_json::json!({ "sources": reports }), json, |_| table(reports))?;
    let refused = reports.iter().any(|report| report.quarantined > 0);
    Ok(if refused { Outcome::Quarantined } else { Outcome::Done })
}

/// One line a source, and the identity that holds on each.
pub(crate) fn table(reports: &[SourceReport]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:>9} {:>9} {:>9} {:>7} {:>8} {:>12} {:>9}  source",
        "read", "stored", "(folded)", "known", "revised", "quarantined", "redacted"
    );
    for r in reports {
        let folded = format!("({})", r.folded);
        let _ = writeln!(
            out,
            "{:>9} {:>9} {:>9} {:>7} {:>8} {:>12} {:>9}  {}",
            r.read, r.stored, folded, r.known, r.revised, r.quarantined, r.redacted, r.name
        );
        for (reason, count) in &r.reasons {
            let _ = writeln!(out, "{:>59} {count} × {reason}", "");
        }
    }
    out.push_str("read = stored + known + revised + withdrawn + quarantined; folded documents are stored, in the group of another\n");
    out
}
