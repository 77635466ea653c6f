//! `huisheng train polarity --from-store`: a polarity model from the ratings that came with the store's texts, and from labels by hand (`--train`, for
//! instance corrected lines of `labels suggest`), taken only if it is better.
//!
//! What is read: the redacted text, its rating, and the group of copies that it belongs to; neither source, unit, day nor voice. What is told: shares
//! over the held-out texts, at least a hundred, and counts rounded down to hundreds. The model itself stays where its reader puts it: its features
//! are hashes of words and characters that stand in two texts or more, but it was made of what contributors wrote, and its card says so.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use arrow::array::AsArray as _;
use arrow::datatypes::{DataType, Float32Type};
use corpus::{DocumentId, TokenBatch};
use enrich::{
    CardData, CardFigure, Comparison, Evaluation, LabelledText, ModelCard, RatedText,
    RatedTraining, train_on_ratings,
};
use serde::Serialize;

use super::enrich::{judge_anew, put};
use super::model::{Domain, no_taxonomy, read_labelled, shipped_data};
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
    /// Lines of --train, each text once.
    corrected_texts: usize,
    held_out_texts_at_least: usize,
    middle_ratings: enrich::MiddleRatings,
    /// On the ratings held out; nothing when they are too few to decide.
    present: Option<Figures>,
    candidate: Option<Figures>,
    /// On the labels by hand, each judged by a model that has learned from the others.
    corrected: Option<Pair>,
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

#[derive(Serialize)]
struct Pair {
    present: Figures,
    candidate: Figures,
}

/// Trains, compares, and writes or installs what is better.
pub(crate) fn train(config: Config, options: &Train, json: bool) -> anyhow::Result<Outcome> {
    if options.dev.is_some() {
        return Err(hinted(
            anyhow::anyhow!("--dev has no use with --from-store"),
            "leave it away: a fifth of the ratings is held out, and each label of --train is judged by a model that has learned from the others",
        ));
    }
    if options.taxonomy.is_some() {
        return Err(no_taxonomy());
    }
    let mut engine = Engine::open_judged_by(config, Judges::Readable)?;
    // It reads every rated text and its answer depends on what they say: a read like a search.
    engine.audit("train from ratings", &options.install)?;
    let rated = rated_texts(&engine)?;
    let by_hand = labels_by_hand(&engine.stages, &options.train)?;
    let data = by_hand.data;
    let training = learn(&engine.stages, rated, by_hand.texts)?;
    let is_better = training.is_better();
    let card = card(&training, data);
    let mut written_to = None;
    if let Some(out) = options.out.as_deref().filter(|_| is_better) {
        training.model.save(out, &card)?;
        written_to = Some(out.display().to_string());
    }
    let is_installed = options.install && is_better;
    let present = engine.stages.enricher.model().fingerprint();
    if is_installed {
        install(&mut engine, &training, &card)?;
    }
    let pair = |comparison: &Comparison| Pair {
        present: figures(present.clone(), &comparison.present),
        candidate: figures(training.model.fingerprint(), &comparison.candidate),
    };
    let (rated, corrected) =
        (training.held_out.as_ref().map(pair), training.corrected.as_ref().map(pair));
    let (present, candidate) = rated.map(|pair| (pair.present, pair.candidate)).unzip();
    let held_out = training.held_out.as_ref().map_or(0, |held_out| held_out.present.texts);
    let report = Report {
        rated_texts_at_least: rounded(training.rated_texts),
        own_texts: training.own_texts,
        corrected_texts: training.corrected_texts,
        held_out_texts_at_least: rounded(held_out),
        middle_ratings: training.middle,
        present,
        candidate,
        corrected,
        chance: training.chance(),
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

/// Labelled texts of files, and a line for the card of each.
#[derive(Default)]
struct ByHand {
    texts: Vec<LabelledText>,
    data: Vec<CardData>,
}

/// Reads labels by hand, normalized as stored texts are.
fn labels_by_hand(stages: &Stages, files: &[PathBuf]) -> anyhow::Result<ByHand> {
    let mut read = ByHand::default();
    let mut scratch = text::Scratch::default();
    for file in files {
        let (mut texts, data) = read_labelled(file, Domain::Place)?;
        for labelled in &mut texts {
            labelled.text = stages.normalizer.normalize(&labelled.text, &mut scratch).text;
        }
        read.texts.append(&mut texts);
        read.data.push(data);
    }
    Ok(read)
}

fn learn(
    stages: &Stages,
    rated: Vec<RatedText>,
    by_hand: Vec<LabelledText>,
) -> anyhow::Result<RatedTraining> {
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
    train_on_ratings(stages.enricher.model(), rated, by_hand, &own, &cut).map_err(|error| {
        let advice = "import rated feedback first, with `rating=COLUMN` in --map or in the settings; a fifth of it decides";
        match error {
            enrich::Error::TooFewRated { .. } => hinted(error.into(), advice),
            enrich::Error::TooFewCorrected { .. } => {
                let advice = "`huisheng labels suggest` says what to label next";
                hinted(error.into(), advice)
            }
            other => anyhow::Error::from(other).context("learn from ratings"),
        }
    })
}

/// Judges every stored text by the new model, and only then makes it the store's own: stopped in between, the same command does it again.
fn install(engine: &mut Engine, training: &RatedTraining, card: &ModelCard) -> anyhow::Result<()> {
    let model = training.model.clone();
    let stages = Stages::judged_by(&engine.config, Judges::Readable)?;
    judge_anew(engine, stages.with_enricher(|enricher| enricher.with_model(model))?)?;
    put(&engine.config.dir.join(OWN_MODEL), &training.model, card)
}

fn card(training: &RatedTraining, by_hand: Vec<CardData>) -> ModelCard {
    let mut data = vec![shipped_data(training.own_texts)];
    if training.rated_texts > 0 {
        data.push(CardData {
            file: "rated texts of the store, redacted".to_owned(),
            licence: "of their contributors".to_owned(),
            texts: rounded(training.rated_texts),
            hash: "not kept: it would tell whether a text is among them".to_owned(),
        });
    }
    data.extend(by_hand);
    let mut figures = Vec::new();
    if let Some(held_out) = &training.held_out {
        let figure = |data: &str, measured: &Evaluation| {
            CardFigure::new(data, measured).in_steps_of(COUNT_STEP)
        };
        figures.push(figure("clear ratings held out, the model before", &held_out.present));
        figures.push(figure("clear ratings held out, this model", &held_out.candidate));
    }
    if let Some(corrected) = &training.corrected {
        figures.push(CardFigure::new("labels by hand, the model before", &corrected.present));
        let data = "labels by hand, models like this one that had not seen them";
        figures.push(CardFigure::new(data, &corrected.candidate));
    }
    ModelCard {
        name: "polarity from ratings and labels".to_owned(),
        trained_on: crate::engine::today().to_string(),
        intended_use: "judging texts of the store whose ratings it was trained on".to_owned(),
        limits: "made of what contributors wrote: keep it where the store may be kept. It judges texts, never people".to_owned(),
        data,
        config: training.model.config(),
        figures,
        topics: None,
    }
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
    let mut out = String::new();
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
    _ = writeln!(
        out,
        "learned from at least {} rated texts (middle ratings {middle}), {} labelled by hand and {} of the project's",
        report.rated_texts_at_least, report.corrected_texts, report.own_texts
    );
    if let (Some(present), Some(candidate)) = (&report.present, &report.candidate) {
        _ = writeln!(out, "on at least {} held-out ratings:", report.held_out_texts_at_least);
        out += &(line("in use", present) + &line("new", candidate));
    }
    if let Some(Pair { present, candidate }) = &report.corrected {
        _ = writeln!(
            out,
            "on the labels by hand, each judged by a model that has learned from the others:"
        );
        out += &(line("in use", present) + &line("new", candidate));
    }
    _ = writeln!(out, "{outcome} (chance {:.4})", report.chance);
    out
}
