//! `huisheng enrich --rerun`: every stored text judged by what judges now, one version of the table.
//!
//! A row carries the fingerprint of what judged it: models, word lists and taxonomy. An edited taxonomy, a trained model or a new release of the program
//! must not look like a change of mind in a series, so the past is judged anew before the new judge is put to use.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use corpus::EnrichedBatch;
use serde::Serialize;

use super::lexicon::recut;
use super::print;
use crate::Outcome;
use crate::cli::Enrich;
use crate::config::Config;
use crate::engine::{Engine, Judges, OWN_MODEL, OWN_TAXONOMY, OWN_TOPICS, read_taxonomy};
use crate::pipeline::Stages;

#[derive(Serialize)]
struct Report {
    /// What judges now.
    model: String,
    /// Whether any text had been judged by something else.
    is_changed: bool,
}

/// Judges anew, and only then makes the taxonomy the store's own or deletes its models: stopped in between, the same command does it again.
pub(crate) fn run(config: Config, options: &Enrich, json: bool) -> anyhow::Result<Outcome> {
    let judges = if options.shipped_models { Judges::Shipped } else { Judges::Own };
    let mut stages = Stages::judged_by(&config, judges)?;
    if let Some(file) = &options.taxonomy {
        let taxonomy = read_taxonomy(file)?;
        stages = stages.with_enricher(|enricher| enricher.with_taxonomy(taxonomy))?;
    }
    let mut engine = Engine::open_judged_by(config, judges)?;
    let model = stages.enricher.fingerprint().to_owned();
    engine.audit("judge anew", &model)?;
    let is_changed = judge_anew(&mut engine, stages)?;
    if let Some(file) = &options.taxonomy {
        let (own, next) =
            (engine.config.dir.join(OWN_TAXONOMY), engine.config.dir.join("topics.toml.next"));
        std::fs::copy(file, &next)
            .and_then(|_| std::fs::rename(&next, &own))
            .with_context(|| format!("write {}", own.display()))?;
    }
    if options.shipped_models {
        for folder in [OWN_MODEL, OWN_TOPICS].map(|name| engine.config.dir.join(name)) {
            if folder.is_dir() {
                std::fs::remove_dir_all(&folder)
                    .with_context(|| format!("delete {}", folder.display()))?;
            }
        }
    }
    print(&Report { model, is_changed }, json, |report| {
        let outcome =
            if report.is_changed { "judged anew by" } else { "every text is judged already by" };
        format!("{outcome} {}", report.model)
    })?;
    Ok(Outcome::Done)
}

/// Judges by `stages` every stored text that was judged by something else, and tells whether there was any. Groups of copies stay.
pub(super) fn judge_anew(engine: &mut Engine, stages: Stages) -> anyhow::Result<bool> {
    let stages = Arc::new(stages);
    engine.stages = Arc::clone(&stages);
    let (fingerprints, at_ms) = (engine.fingerprints(), engine.now_ms());
    let forms = Arc::clone(&engine.forms);
    let judge = |rows: &EnrichedBatch| recut(rows, &stages, &forms);
    let judged = engine
        .runtime
        .block_on(engine.store.recut(stages.segmenter.fingerprint(), &fingerprints, at_ms, judge))
        .context("judge stored texts anew")?;
    Ok(judged > 0)
}

/// Puts a model in the place of the one in `folder`, or into an empty place.
pub(super) fn put(
    folder: &Path,
    model: &enrich::Model,
    card: &enrich::ModelCard,
) -> anyhow::Result<()> {
    let next = folder.with_extension("next");
    model.save(&next, card)?;
    let replaced = if folder.is_dir() { std::fs::remove_dir_all(folder) } else { Ok(()) };
    replaced
        .and_then(|()| std::fs::rename(&next, folder))
        .with_context(|| format!("write {}", folder.display()))
}
