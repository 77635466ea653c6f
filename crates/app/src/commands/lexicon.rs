//! `huisheng lexicon check`, `suggest`, `preview` and `apply`: a word list before it is used, and how it comes into use.
//!
//! A word list changes more than its words: each new word makes all others a little less likely. So a preview cuts every document anew and
//! compares, instead of looking for the words, and what it found leaves through the guard.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use arrow::array::Array as _;
use corpus::{EnrichedBatch, Judgement, SourceId, TokenBatch, TokenizedBatch, UnitId, column};
use enrich::Enricher;
use privacy::{ChangedDocument, Contribution, Disclosed, Guard, Impact, TOO_FEW};
use rayon::prelude::*;
use serde::Serialize;
use text::{Normalizer, Notice, Scratch, Segmenter};

use super::print;
use crate::Outcome;
use crate::cli::Lexicon;
use crate::config::{Config, UnitTree, hinted};
use crate::engine::{Engine, OWN_WORDS, TABLE};
use crate::forms::SourceForms;
use crate::pipeline::Stages;
use crate::{calendar, released};

/// Points of trend lines that are printed; `--json` has all.
const POINTS_SHOWN: usize = 20;

/// Runs the action that was typed.
pub(crate) fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    action: &Lexicon,
    json: bool,
) -> anyhow::Result<Outcome> {
    match action {
        Lexicon::Check { files } => check(files, json),
        Lexicon::Suggest { words } => suggest(words, json),
        Lexicon::Preview { file } => preview(config()?, file, json),
        Lexicon::Apply { file } => apply(config()?, file.as_deref(), json),
    }
}

/// The shipped dictionary with what a check needs beside it.
fn shipped() -> (Normalizer, Segmenter) {
    let lexicon = text::Lexicon::builtin();
    (Normalizer::new(lexicon.exceptions()), Segmenter::new(&lexicon, privacy::placeholders()))
}

#[derive(Serialize)]
struct CheckedLine {
    file: String,
    line: usize,
    problem: String,
    advice: String,
    is_error: bool,
}

fn check(files: &[std::path::PathBuf], json: bool) -> anyhow::Result<Outcome> {
    let (normalizer, segmenter) = shipped();
    let mut lines = Vec::new();
    for file in files {
        let notices = segmenter.check_words(&normalizer, &file.display().to_string(), &read(file)?);
        lines.extend(notices.into_iter().map(checked_line));
    }
    let errors = lines.iter().filter(|line| line.is_error).count();
    print(&lines, json, |lines| {
        let mut out = String::new();
        for CheckedLine { file, line, problem, advice, .. } in lines {
            let _ = writeln!(out, "{file}, line {line}: {problem}; {advice}");
        }
        let _ = writeln!(out, "{} remarks, {errors} of them errors", lines.len());
        out
    })?;
    if errors == 0 {
        return Ok(Outcome::Done);
    }
    let refused = anyhow::anyhow!("{errors} lines cannot be used");
    Err(hinted(refused, "a word list with an error is refused as a whole: mend the lines above"))
}

fn checked_line(notice: Notice) -> CheckedLine {
    CheckedLine {
        problem: notice.problem.to_string(),
        advice: notice.problem.advice(),
        is_error: notice.problem.is_error(),
        file: notice.file,
        line: notice.line,
    }
}

#[derive(Serialize)]
struct Suggestion {
    word: String,
    frequency: u32,
}

fn suggest(words: &[String], json: bool) -> anyhow::Result<Outcome> {
    let (normalizer, segmenter) = shipped();
    let mut scratch = Scratch::default();
    let suggestions: Vec<Suggestion> = words
        .iter()
        .map(|word| normalizer.normalize(word, &mut scratch).text)
        .map(|word| Suggestion { frequency: segmenter.suggest_frequency(&word), word })
        .collect();
    print(&suggestions, json, |suggestions| {
        suggestions
            .iter()
            .map(|suggestion| format!("{}\t{}\tn\n", suggestion.word, suggestion.frequency))
            .collect()
    })?;
    Ok(Outcome::Done)
}

fn preview(config: Config, file: &Path, json: bool) -> anyhow::Result<Outcome> {
    let lexicon = shipped_with(file, &read(file)?)?;
    let segmenter = Segmenter::new(&lexicon, privacy::placeholders());
    let engine = Engine::open(config)?;
    // It reads every document and its answer depends on what they say: a read like a search.
    engine.audit("preview", &fingerprint_of(&lexicon))?;
    let impact = impact(&engine, &segmenter)?;
    print(&impact, json, |impact| plain(impact.get(), "nothing was changed"))?;
    Ok(Outcome::Done)
}

/// Cuts anew what comes out otherwise, and only then makes the list the store's own: stopped in between, it is run again.
fn apply(config: Config, file: Option<&Path>, json: bool) -> anyhow::Result<Outcome> {
    let own = config.dir.join(OWN_WORDS);
    let words = match file {
        Some(file) => read(file)?,
        None if own.is_file() => read(&own)?,
        None => Vec::new(),
    };
    let lexicon = shipped_with(file.unwrap_or(&own), &words)?;
    let stages = Stages::with_words(&config, &lexicon)?;
    let mut engine = Engine::open_to_recut(config)?;
    engine.audit("apply", &fingerprint_of(&lexicon))?;
    let impact = impact(&engine, &stages.segmenter)?;
    let at_ms = engine.now_ms();
    engine.stages = Arc::new(stages);
    let (stages, fingerprints) = (Arc::clone(&engine.stages), engine.fingerprints());
    let segmentation = stages.segmenter.fingerprint();
    let forms = Arc::clone(&engine.forms);
    let cut = |rows: &EnrichedBatch| recut(rows, &stages, &forms);
    engine
        .runtime
        .block_on(engine.store.recut(segmentation, &fingerprints, at_ms, cut))
        .context("cut documents anew")?;
    let next = own.with_extension("tsv.next");
    std::fs::write(&next, &words)
        .and_then(|()| std::fs::rename(&next, &own))
        .with_context(|| format!("write {}", own.display()))?;
    print(&impact, json, |impact| plain(impact.get(), "these documents are cut anew now"))?;
    Ok(Outcome::Done)
}

/// The rows, cut and judged by `stages` without what is mere form. Groups of copies stay.
pub(super) fn recut(rows: &EnrichedBatch, stages: &Stages, forms: &SourceForms) -> EnrichedBatch {
    let documents = rows.documents();
    let mut tokens = TokenBatch::default();
    let texts = documents.texts();
    stages.segmenter.tokenize_batch(texts.iter().flatten(), &mut Scratch::default(), &mut tokens);
    let fingerprints = (0..documents.len())
        .map(|row| text::fingerprint(texts.value(row), tokens.words(row)))
        .collect();
    let tokenized = TokenizedBatch { documents, tokens, fingerprints };
    let enrichment = stages.enricher.enrich(&tokenized, &mut enrich::Scratch::default());
    let groups: Vec<_> = (0..rows.len()).map(|row| rows.group(row)).collect();
    let rows = EnrichedBatch::new(&tokenized, &enrichment, stages.segmenter.fingerprint());
    forms.leave_out(rows.with_groups(&groups), stages)
}

/// The shipped words and those of a list.
fn shipped_with(file: &Path, words: &[u8]) -> anyhow::Result<text::Lexicon> {
    let mut lexicon = text::Lexicon::builtin();
    lexicon.add_words(&file.display().to_string(), words).map_err(|error| {
        hinted(error.into(), "`huisheng lexicon check` tells what is wrong with each line")
    })?;
    Ok(lexicon)
}

fn fingerprint_of(lexicon: &text::Lexicon) -> String {
    let words: Vec<&str> = lexicon.words().iter().map(|word| word.text.as_str()).collect();
    crate::fingerprint(words.join("\n").as_bytes())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("read word list {}", file.display()))
}

/// Cuts all documents with `segmenter`, month by month, and tells what may be told of those that come out otherwise.
fn impact(engine: &Engine, segmenter: &Segmenter) -> anyhow::Result<Disclosed<Impact>> {
    let session = engine.session()?;
    let enricher = &engine.stages.enricher;
    let mut changed = Vec::new();
    for month in engine.months_held()? {
        let sql = format!(
            "SELECT * FROM {TABLE} WHERE posted_day BETWEEN DATE '{}' AND DATE '{}'",
            month.first_day(),
            month.last_day()
        );
        let batches = engine.rows(&session, &sql).context("read a month's documents")?;
        let of_month = batches
            .par_iter()
            .map(|batch| {
                let rows = EnrichedBatch::try_from_table(batch).context("read documents")?;
                changed_in(&rows, segmenter, enricher, &engine.config.units)
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        changed.extend(of_month.into_iter().flatten());
    }
    let guard = Guard::new(engine.config.limits);
    let table = guard.table(&released::register(engine)?);
    Ok(guard.disclose_impact(&changed, &table, &calendar::recorded(engine)?))
}

/// The rows that `segmenter` cuts otherwise than they are stored, judged on both cuts.
fn changed_in(
    rows: &EnrichedBatch,
    segmenter: &Segmenter,
    enricher: &Enricher,
    tree: &UnitTree,
) -> anyhow::Result<Vec<ChangedDocument>> {
    let mut cut = TokenBatch::default();
    let texts = rows.strings(column::TEXT);
    segmenter.tokenize_batch(texts.iter().flatten(), &mut Scratch::default(), &mut cut);
    let mut encoded = Vec::new();
    let is_changed: Vec<bool> = (0..rows.len())
        .map(|row| {
            encoded.clear();
            cut.encode_document(row, &mut encoded);
            encoded != rows.encoded_tokens().value(row)
        })
        .collect();
    let rows = rows.filter(&is_changed);
    let texts = rows.strings(column::TEXT);
    let (mut old, mut new) = (TokenBatch::default(), TokenBatch::default());
    segmenter.tokenize_batch(texts.iter().flatten(), &mut Scratch::default(), &mut new);
    for row in 0..rows.len() {
        let stored = rows.encoded_tokens().value(row);
        old.decode_document(texts.value(row), stored).context("read stored tokens")?;
    }
    let judge = |tokens: TokenBatch| {
        let documents = rows.documents();
        let tokenized = TokenizedBatch { documents, tokens, fingerprints: vec![0; rows.len()] };
        enricher.enrich(&tokenized, &mut enrich::Scratch::default()).judgements
    };
    let (before, after) = (judge(old), judge(new));
    (0..rows.len())
        .map(|row| {
            let visibility = rows.strings(column::VISIBILITY).value(row).parse();
            Ok(ChangedDocument {
                id: rows.id(row),
                visibility: visibility.map_err(anyhow::Error::msg).context("read a visibility")?,
                before: contribution(&rows, row, &before[row], tree)?,
                after: contribution(&rows, row, &after[row], tree)?,
            })
        })
        .collect()
}

fn contribution(
    rows: &EnrichedBatch,
    row: usize,
    judgement: &Judgement,
    tree: &UnitTree,
) -> anyhow::Result<Contribution> {
    let units = rows.strings(column::UNIT);
    let unit = units.is_valid(row).then(|| UnitId::new(units.value(row))).transpose();
    let unit = unit.context("read a unit name")?;
    let voice = rows.voice(row);
    let group = rows.group(row).unwrap_or_else(|| rows.id(row));
    Ok(Contribution {
        source: SourceId::new(rows.strings(column::SOURCE).value(row))
            .context("read a source name")?,
        visibility: rows.strings(column::VISIBILITY).value(row).parse().unwrap_or_default(),
        day: rows.day(row),
        wider_units: tree.wider(unit.as_ref()),
        unit,
        topics: judgement.topics.clone(),
        voice: voice.map_or_else(|| released::voice_of_group(group), |voice| voice.0),
        is_contributor: voice.is_some(),
        polarity: judgement.polarity,
        score: judgement.score,
    })
}

fn plain(impact: &Impact, outcome: &str) -> String {
    let mut out = String::new();
    let people = |people: &Option<u32>| match people {
        Some(people) => format!("{people} people or more"),
        None => TOO_FEW.to_owned(),
    };
    let _ = writeln!(out, "cut otherwise in open sources: {} documents", impact.open_documents);
    for id in &impact.open_ids {
        let _ = writeln!(out, "  {id}");
    }
    let _ = writeln!(
        out,
        "cut otherwise in confidential sources: {}",
        people(&impact.confidential_people)
    );
    for topic in &impact.topics {
        let _ = writeln!(
            out,
            "topic {} {}: {} open documents, confidential: {}",
            topic.topic,
            if topic.gains { "gains" } else { "loses" },
            topic.open_documents,
            people(&topic.confidential_people)
        );
    }
    let _ = writeln!(out, "points of trend lines that would move: {}", impact.trend_points.len());
    for point in impact.trend_points.iter().take(POINTS_SHOWN) {
        let stays = if point.is_released { "  (released: stays as it was told)" } else { "" };
        let _ = writeln!(out, "  {}  {}{stays}", point.period, point.key);
    }
    let _ = writeln!(out, "{outcome}");
    out
}
