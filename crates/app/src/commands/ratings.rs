//! `huisheng train polarity --from-store`: a polarity model from the ratings that came with the store's texts, taken only if it is better.
//!
//! What is read: the redacted text, its rating, and the group of copies that it belongs to; neither source, unit, day nor voice. What is told: shares
//! over the held-out texts, at least a hundred, and counts rounded down to hundreds. The model itself stays where its reader puts it: its features
//! are hashes of words and characters that stand in two texts or more, but it was made of what contributors wrote, and its card says so.

use anyhow::Context as _;
use arrow::array::AsArray as _;
use arrow::datatypes::{DataType, Float32Type};
use corpus::{DocumentId, TokenBatch};
use enrich::{
    CardData, CardFigure, Evaluation, LabelledText, ModelCard, RatedText, RatedTraining,
    train_on_ratings,
};
use serde::Serialize;

use super::enrich::{judge_anew, put};
use super::print;
use crate::Outcome;
use crate::cli::Train;
use crate::config::{Config, hinted};
use crate::engine::{Engine, Judges, OWN_MODEL, TABLE};
use crate::pipeline::Stages;

/// Rated texts that are used at most. Ids are keyed hashes, so the first by id are a fair sample.
const TEXTS_MAX: usize = 200_000;
/// Counts are told in steps of this.
const COUNT_STEP: usize = 100;

#[derive(Serialize)]
struct Report {
    /// Rounded down to hundreds.
    rated_texts_at_least: usize,
    own_texts: usize,
    held_out_texts_at_least: usize,
    middle_ratings: enrich::MiddleRatings,
    present: Figures,
    candidate: Figures,
    /// Probability that luck alone makes the candidate win so clearly.
    chance: f64,
    is_better: bool,
    written_to: Option<String>,
    is_installed: bool,
}

#[derive(Serialize)]
struct Figures {
    model: String,
    accuracy: f64,
    macro_f1: f64,
}

/// Trains, compares, and writes or installs what is better.
pub(crate) fn train(config: Config, options: &Train, json: bool) -> anyhow::Result<Outcome> {
    if !options.train.is_empty() || options.dev.is_some() {
        return Err(hinted(
            anyhow::anyhow!("polarity is learned from the store's ratings or from files, not both"),
            "leave --from-store or --train away",
        ));
    }
    let mut engine = Engine::open_judged_by(config, Judges::Readable)?;
    // It reads every rated text and its answer depends on what they say: a read like a search.
    engine.audit("train from ratings", &options.install)?;
    let rated = rated_texts(&engine)?;
    let training = learn(&engine.stages, rated)?;
    let is_better = training.held_out.is_better();
    let mut written_to = None;
    if let Some(out) = options.out.as_deref().filter(|_| is_better) {
        training.model.save(out, &card(&training))?;
        written_to = Some(out.display().to_string());
    }
    let is_installed = options.install && is_better;
    let present = engine.stages.enricher.model().fingerprint();
    if is_installed {
        install(&mut engine, &training)?;
    }
    let report = Report {
        rated_texts_at_least: rounded(training.rated_texts),
        own_texts: training.own_texts,
        held_out_texts_at_least: rounded(training.held_out.present.texts),
        middle_ratings: training.middle,
        present: figures(present, &training.held_out.present),
        candidate: figures(training.model.fingerprint(), &training.held_out.candidate),
        chance: training.held_out.chance,
        is_better,
        written_to,
        is_installed,
    };
    print(&report, json, plain)?;
    Ok(Outcome::Done)
}

/// Text, rating and group of copies of the rated documents, and nothing else of them.
fn rated_texts(engine: &Engine) -> anyhow::Result<Vec<RatedText>> {
    let sql = format!(
        "SELECT text, rating, coalesce(group_id, id) FROM {TABLE} WHERE rating IS NOT NULL ORDER BY id LIMIT {TEXTS_MAX}"
    );
    let session = engine.session()?;
    let batches = engine.rows(&session, &sql).context("read rated texts")?;
    let mut rated = Vec::new();
    for batch in &batches {
        let strings = |index: usize| {
            arrow::compute::cast(batch.column(index), &DataType::Utf8).context("read a text column")
        };
        let (texts, groups) = (strings(0)?, strings(2)?);
        let (texts, groups) = (texts.as_string::<i32>(), groups.as_string::<i32>());
        let ratings = batch.column(1).as_primitive::<Float32Type>();
        for row in 0..batch.num_rows() {
            let group: DocumentId = groups.value(row).parse().context("read the id of a group")?;
            rated.push(RatedText {
                text: texts.value(row).to_owned(),
                rating: ratings.value(row),
                group: group.0,
            });
        }
    }
    Ok(rated)
}

fn learn(stages: &Stages, rated: Vec<RatedText>) -> anyhow::Result<RatedTraining> {
    let mut scratch = text::Scratch::default();
    let own: Vec<LabelledText> = LabelledText::shipped()
        .map(|labelled| LabelledText {
            text: stages.normalizer.normalize(&labelled.text, &mut scratch).text,
            ..labelled
        })
        .collect();
    let cut = |texts: &[String], out: &mut TokenBatch| {
        let texts = texts.iter().map(String::as_str);
        stages.segmenter.tokenize_batch(texts, &mut text::Scratch::default(), out);
    };
    train_on_ratings(stages.enricher.model(), rated, &own, &cut).map_err(|error| {
        let advice = "import rated feedback first, with `rating=COLUMN` in --map or in the settings; a fifth of it decides";
        match error {
            enrich::Error::TooFewRated { .. } => hinted(error.into(), advice),
            other => anyhow::Error::from(other).context("learn from ratings"),
        }
    })
}

/// Judges every stored text by the new model, and only then makes it the store's own: stopped in between, the same command does it again.
fn install(engine: &mut Engine, training: &RatedTraining) -> anyhow::Result<()> {
    let model = training.model.clone();
    let stages = Stages::judged_by(&engine.config, Judges::Readable)?;
    judge_anew(engine, stages.with_enricher(|enricher| enricher.with_model(model))?)?;
    put(&engine.config.dir.join(OWN_MODEL), &training.model, &card(training))
}

fn card(training: &RatedTraining) -> ModelCard {
    let data = |file: &str, licence: &str, texts: usize| CardData {
        file: file.to_owned(),
        licence: licence.to_owned(),
        texts,
        hash: "not stated".to_owned(),
    };
    ModelCard {
        name: "polarity from ratings".to_owned(),
        trained_on: crate::engine::today().to_string(),
        intended_use: "judging texts of the store whose ratings it was trained on".to_owned(),
        limits: "made of what contributors wrote: keep it where the store may be kept. It judges texts, never people".to_owned(),
        data: vec![
            data("data/labels", "Apache-2.0", training.own_texts),
            data("rated texts of the store, redacted", "of their contributors", rounded(training.rated_texts)),
        ],
        figures: vec![
            CardFigure::new("clear ratings held out, the model before", &rounded_texts(&training.held_out.present)),
            CardFigure::new("clear ratings held out, this model", &rounded_texts(&training.held_out.candidate)),
        ],
        topics: None,
    }
}

fn rounded_texts(evaluation: &Evaluation) -> Evaluation {
    Evaluation { texts: rounded(evaluation.texts), ..evaluation.clone() }
}

fn rounded(count: usize) -> usize {
    count / COUNT_STEP * COUNT_STEP
}

fn figures(model: String, evaluation: &Evaluation) -> Figures {
    // Tenths of a percent: what a hundred texts can tell.
    let share = |value: f64| (value * 1000.0).round() / 1000.0;
    Figures { model, accuracy: share(evaluation.accuracy), macro_f1: share(evaluation.macro_f1) }
}

fn plain(report: &Report) -> String {
    let middle = match report.middle_ratings {
        enrich::MiddleRatings::LeftOut => "left out",
        enrich::MiddleRatings::Neutral => "learned as neutral",
    };
    let line = |name: &str, figures: &Figures| {
        format!(
            "  {name:<9} accuracy {:>5.1} %  macro-F1 {:>5.1} %  {}\n",
            100.0 * figures.accuracy,
            100.0 * figures.macro_f1,
            figures.model
        )
    };
    let outcome = match (report.is_better, report.is_installed, &report.written_to) {
        (false, ..) => "not better: nothing was written".to_owned(),
        (true, true, _) => "better: installed, and every stored text is judged by it now; what is released keeps its numbers".to_owned(),
        (true, false, Some(out)) => format!("better: written to {out}"),
        (true, false, None) => "better: nothing was written; --install puts it to use, --out DIR writes it".to_owned(),
    };
    format!(
        "learned from at least {} rated texts (middle ratings {middle}) and {} of the project's; on at least {} held-out ratings:\n{}{}{outcome} (chance {:.4})\n",
        report.rated_texts_at_least,
        report.own_texts,
        report.held_out_texts_at_least,
        line("in use", &report.present),
        line("new", &report.candidate),
        report.chance
    )
}
