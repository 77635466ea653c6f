//! From texts of confidential sources to what may be quoted of them: passages that only hold words that enough people use.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use corpus::{DocumentId, Month, SearchQuery, SourceId, UnitId, Visibility};
use datafusion::prelude::SessionContext;
use privacy::{
    CommonWords, QuotationCandidate, ReleasedTable, StyleRisk, WordCount, common_passage,
    sensitive_mentions,
};
use store::QueryAnalyzer as _;

use crate::engine::Engine;
use crate::written::texts_of;

/// Words that enough people used in the confidential sources of a month.
pub(crate) fn common_words(
    engine: &Engine,
    session: &SessionContext,
    month: Month,
) -> anyhow::Result<Vec<String>> {
    let mut count = WordCount::new(engine.config.limits.values().k_score);
    for written in texts_of(engine, session, month, Some(Visibility::Confidential))? {
        count.count(&written.source, written.person, &engine.stages.words(&written.text));
    }
    Ok(count.common())
}

/// Documents of released months that match `query`, each as its longest passage of common words.
pub(crate) fn candidates(
    engine: &Engine,
    query: &SearchQuery,
    table: &ReleasedTable,
    common: &CommonWords,
) -> anyhow::Result<Vec<QuotationCandidate>> {
    let named = named_candidates(engine, query, table, common)?;
    Ok(named.into_iter().map(|(_, candidate)| candidate).collect())
}

/// The same with their ids, which readers never see.
pub(crate) fn named_candidates(
    engine: &Engine,
    query: &SearchQuery,
    table: &ReleasedTable,
    common: &CommonWords,
) -> anyhow::Result<Vec<(DocumentId, QuotationCandidate)>> {
    let stages = &engine.stages;
    let outcome = engine.store.search(query, &**stages).context("search")?;
    let is_released =
        |unit: &UnitId| table.cells.iter().any(|cell| cell.key.unit.as_ref() == Some(unit));
    let found = outcome.hits.hits.into_iter().zip(outcome.hit_voices);
    // What came in since the last release changes nothing of what is shown.
    let withdrawn = engine.ledger.withdrawn_not_erased()?;
    let found: Vec<_> = found
        .filter(|(hit, _)| table.months.contains(&hit.day.month()) && !withdrawn.contains(&hit.id))
        .collect();
    let units: BTreeSet<&UnitId> = found.iter().filter_map(|(hit, _)| hit.unit.as_ref()).collect();
    let small_units = units.into_iter().filter(|unit| !is_released(unit)).map(ToString::to_string);
    let style = StyleRisk::new(0, small_units);
    let cut = |clause: &str| stages.words(&stages.normalize(clause));
    let mut voices: BTreeMap<Month, BTreeSet<(SourceId, u64)>> = BTreeMap::new();
    for (hit, voice) in &found {
        voices.entry(hit.day.month()).or_default().insert((hit.source.clone(), voice.voice));
    }
    let limits = engine.config.limits.values();
    let quoted_from = limits.k_search.min(limits.k_verbatim) as usize;
    let candidates = found.into_iter().map(|(hit, voice)| {
        // Behind which too few stand is not even read: the time of a refusal should hang on nothing.
        let is_read = voices[&hit.day.month()].len() >= quoted_from
            && sensitive_mentions(&hit.snippet).is_empty();
        let passage = is_read.then(|| common_passage(&hit.snippet, common, cut)).flatten();
        let passage = passage.unwrap_or_default();
        let candidate = QuotationCandidate {
            // A document without such a passage counts its voice and is not quoted.
            style_risk: if passage.is_empty() { 1.0 } else { style.score(passage, []) },
            text: passage.to_owned(),
            source: hit.source,
            unit: hit.unit,
            month: hit.day.month(),
            polarity: hit.polarity,
            voice: voice.voice,
            is_contributor: voice.is_contributor,
        };
        (hit.id, candidate)
    });
    Ok(candidates.collect())
}
