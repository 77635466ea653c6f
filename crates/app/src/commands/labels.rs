//! `huisheng labels suggest`: which texts of the store a label would teach most.
//!
//! Open sources only, as the guard has it. The lines can be labelled in place and trained on: `huisheng train polarity --train FILE`.

use std::fmt::Write as _;

use anyhow::Context as _;
use arrow::array::AsArray as _;
use arrow::datatypes::DataType;
use corpus::{DocumentId, SourceId, TokenBatch, Visibility};
use privacy::{Disclosed, Guard, OpenText};

use super::print;
use crate::Outcome;
use crate::cli::Labels;
use crate::config::Config;
use crate::engine::{Engine, TABLE};

/// Texts that are weighed at most. Ids are keyed hashes, so the first by id are a fair sample. All of them are judged again: what is stored of a
/// judgement, its class and score, does not tell how near the second class was (a complaint of 0.52 beside praise of 0.46 has both).
const TEXTS_MAX: usize = 100_000;

/// A document that might be asked for.
struct Candidate {
    id: DocumentId,
    source: SourceId,
    visibility: Visibility,
    display: String,
    text: String,
}

/// Chooses and prints.
pub(crate) fn run(config: Config, action: &Labels, json: bool) -> anyhow::Result<Outcome> {
    let Labels::Suggest { count } = *action;
    let engine = Engine::open(config)?;
    engine.audit("suggest labels", &count)?;
    let chosen = suggest(&engine, count as usize)?;
    print(&chosen, json, |chosen| plain(chosen.get()))?;
    Ok(Outcome::Done)
}

fn suggest(engine: &Engine, count: usize) -> anyhow::Result<Disclosed<Vec<OpenText>>> {
    let candidates = candidates(engine)?;
    let mut tokens = TokenBatch::default();
    let texts = candidates.iter().map(|candidate| candidate.text.as_str());
    engine.stages.segmenter.tokenize_batch(texts, &mut text::Scratch::default(), &mut tokens);
    let suggestions =
        engine.stages.enricher.suggest_labels(&tokens, |text| &candidates[text].text, count);
    let texts = suggestions.into_iter().map(|suggestion| {
        let candidate = &candidates[suggestion.text];
        let text = OpenText {
            id: candidate.id,
            source: candidate.source.clone(),
            text: candidate.display.clone(),
            guess: suggestion.guess,
            uncertainty: suggestion.uncertainty,
        };
        (candidate.visibility, text)
    });
    Ok(Guard::new(engine.config.limits).texts_to_label(texts.collect()))
}

/// Open documents, one of each group of copies.
fn candidates(engine: &Engine) -> anyhow::Result<Vec<Candidate>> {
    let sql = format!(
        "SELECT id, source, display, text, visibility FROM {TABLE}
         WHERE visibility = '{}' AND (group_id IS NULL OR group_id = id)
         ORDER BY id LIMIT {TEXTS_MAX}",
        Visibility::Open.as_str()
    );
    let session = engine.session()?;
    let batches = engine.rows(&session, &sql).context("read open texts")?;
    let mut candidates = Vec::new();
    for batch in &batches {
        let columns = (0..5)
            .map(|index| arrow::compute::cast(batch.column(index), &DataType::Utf8))
            .collect::<Result<Vec<_>, _>>()
            .context("read a text column")?;
        let value = |column: usize, row: usize| columns[column].as_string::<i32>().value(row);
        for row in 0..batch.num_rows() {
            candidates.push(Candidate {
                id: value(0, row).parse().context("read an id")?,
                source: SourceId::new(value(1, row)).context("read a source name")?,
                display: value(2, row).to_owned(),
                text: value(3, row).to_owned(),
                visibility: value(4, row)
                    .parse()
                    .map_err(anyhow::Error::msg)
                    .context("read a visibility")?,
            });
        }
    }
    Ok(candidates)
}

/// Lines as in data/labels: the guess is to be corrected, and stands in the column of the label.
fn plain(chosen: &[OpenText]) -> String {
    let mut out = "# guess (correct it)\tsource\ttext\n".to_owned();
    for text in chosen {
        let one_line = text.text.replace(['\t', '\n', '\r'], " ");
        let _ = writeln!(out, "{}\t{}\t{one_line}", text.guess, text.source);
    }
    out
}
