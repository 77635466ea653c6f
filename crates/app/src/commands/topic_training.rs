//! `huisheng train topic --taxonomy` and `--from-store`: a model of the taxonomy's topics, taken only if it adds to the words.
//!
//! Of a store is read: the redacted text and its group of copies; neither source, unit, day nor voice. What is told: figures on the user's own
//! labelled lines, and counts rounded down to hundreds. The model stays where its reader puts it: its features are hashes of words and characters that
//! stand in two texts or more, but it was made of what contributors wrote, and its card says so.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anyhow::Context as _;
use arrow::array::AsArray as _;
use arrow::datatypes::DataType;
use corpus::{DocumentId, TokenBatch, TopicId};
use enrich::{
    CardData, Model, ModelCard, TopicComparison, TopicFigures, TopicText, TopicTraining,
    content_hash, evaluate_topics, train_topics,
};
use serde::{Deserialize, Serialize};
use text::{Folder, Message};

use super::enrich::{judge_anew, put};
use super::model::{shipped_data, unpacked};
use super::print;
use crate::Outcome;
use crate::cli::Train;
use crate::config::{Config, hinted};
use crate::engine::{Engine, Judges, OWN_TOPICS, TABLE, read_taxonomy};
use crate::pipeline::Stages;

/// Texts of a store that are used at most. Ids are keyed hashes, so the first by id are a fair sample.
const TEXTS_MAX: usize = 100_000;
/// Fewer labelled texts decide nothing: with 50 the sign test sees a gain of ten points at best.
const LABELLED_MIN: usize = 50;
/// Counts of a store's texts are told in steps of this.
const COUNT_STEP: usize = 100;

#[derive(Serialize)]
struct Report {
    /// Texts of the files and of the store in which a word of the taxonomy stands; of a store rounded down to hundreds.
    found_texts: usize,
    hand_texts: usize,
    /// Words, model and both on labelled lines that were not learned from, beside what is in use.
    held_out: Option<TopicComparison>,
    is_better: bool,
    written_to: Option<String>,
    is_installed: bool,
}

/// A line of a file.
#[derive(Deserialize)]
struct Line {
    text: String,
    /// All its topics.
    labels: Option<Vec<TopicId>>,
    /// One of its topics.
    label: Option<TopicId>,
}

/// Trains, compares, and writes or installs what is better.
pub(crate) fn train(
    config: impl FnOnce() -> anyhow::Result<Config>,
    options: &Train,
    json: bool,
) -> anyhow::Result<Outcome> {
    let mut engine = options
        .from_store
        .then(|| Engine::open_judged_by(config()?, Judges::Readable))
        .transpose()?;
    let mut stages = match &engine {
        Some(engine) => Stages::judged_by(&engine.config, Judges::Readable)?,
        None => Stages::builtin()?,
    };
    if let Some(Some(file)) = &options.taxonomy {
        let taxonomy = read_taxonomy(file)?;
        stages = stages.with_enricher(|enricher| enricher.with_taxonomy(taxonomy))?;
    }
    let mut groups = Groups::default();
    let (mut texts, mut data) = (Vec::new(), Vec::new());
    for file in &options.train {
        data.push(read(file, &stages, &mut groups, &mut texts)?);
    }
    let mut dev = Vec::new();
    if let Some(file) = &options.dev {
        read(file, &stages, &mut groups, &mut dev)?;
    }
    // A copy of what decides teaches nothing but itself.
    texts.retain(|text: &TopicText| dev.iter().all(|other| other.group != text.group));
    if let Some(engine) = &engine {
        engine.audit("train topics", &options.install)?;
        let mut stored = stored_texts(engine)?;
        groups.drop_copies(&mut stored, &stages);
        data.push(CardData {
            file: "texts of the store, redacted".to_owned(),
            licence: "of their contributors".to_owned(),
            texts: rounded(stored.len()),
            hash: "not kept: it would tell whether a text is among them".to_owned(),
        });
        texts.extend(stored);
    }
    let shipped = shipped(&stages);
    data.push(shipped_data(shipped.len()));

    let enricher = &stages.enricher;
    let cut = |texts: &[String], out: &mut TokenBatch| {
        let texts = texts.iter().map(String::as_str);
        stages.segmenter.tokenize_batch(texts, &mut text::Scratch::default(), out);
    };
    let (taxonomy, present) = (enricher.taxonomy(), enricher.topic_model());
    let training =
        train_topics(taxonomy, &texts, &shipped, &dev, present, &cut).context("train topics")?;
    let decides = training.held_out.as_ref().filter(|held_out| held_out.texts >= LABELLED_MIN);
    let is_better = decides.is_some_and(TopicComparison::is_better);
    let card = card(taxonomy.fingerprint(), data, &training);
    let mut written_to = None;
    if let Some(out) = options.out.as_deref().filter(|_| is_better) {
        training.model.save(out, &card)?;
        written_to = Some(out.display().to_string());
    }
    let is_installed = options.install && is_better;
    if let Some(engine) = engine.as_mut().filter(|_| is_installed) {
        let topics = training.model.clone();
        judge_anew(engine, stages.with_enricher(|enricher| enricher.with_topics(topics))?)?;
        put(&engine.config.dir.join(OWN_TOPICS), &training.model, &card)?;
    }
    let TopicTraining { found_texts, hand_texts, held_out, .. } = training;
    let found_texts = if options.from_store { rounded(found_texts) } else { found_texts };
    let report = Report { found_texts, hand_texts, held_out, is_better, written_to, is_installed };
    print(&report, json, plain)?;
    Ok(Outcome::Done)
}

/// Measures a model of the shipped taxonomy's topics on lines of `{"text","labels":[…]}`.
pub(super) fn eval(model: &Model, file: &Path, json: bool) -> anyhow::Result<Outcome> {
    let stages = Stages::builtin()?;
    let mut texts = Vec::new();
    read(file, &stages, &mut Groups::default(), &mut texts)?;
    // A line of one label says that the text is about nothing else.
    for text in &mut texts {
        let hints = std::mem::take(&mut text.hints);
        text.labels = text.labels.take().or((!hints.is_empty()).then_some(hints));
    }
    let cut = |texts: &[String], out: &mut TokenBatch| {
        let texts = texts.iter().map(String::as_str);
        stages.segmenter.tokenize_batch(texts, &mut text::Scratch::default(), out);
    };
    let measured = evaluate_topics(stages.enricher.taxonomy(), model, &texts, &cut)?;
    let Some(measured) = measured else {
        return Err(hinted(
            anyhow::anyhow!("{} holds no labelled text", file.display()),
            "write a line of {\"text\",\"labels\":[…]} for each; an empty list for none of the topics",
        ));
    };
    print(&measured, json, |measured| {
        let mut out = format!("{} labelled texts:\n", measured.texts);
        let judges = [
            ("words", measured.rules),
            ("model", measured.model),
            ("words and model", measured.both),
        ];
        judges.iter().for_each(|(name, figures)| add_line(&mut out, name, figures));
        out
    })?;
    Ok(Outcome::Done)
}

/// Numbers of near-duplicates over all files.
struct Groups {
    folder: Folder,
    next: u128,
}

impl Default for Groups {
    fn default() -> Self {
        /// Texts that are remembered: as many as a file of labels may have.
        const WINDOW: usize = 100_000;
        Self { folder: Folder::new(WINDOW), next: 0 }
    }
}

impl Groups {
    /// Drops what copies a line of a file: the line's label holds, and a copy of what decides teaches nothing but itself.
    fn drop_copies(&mut self, stored: &mut Vec<TopicText>, stages: &Stages) {
        let lines = self.next;
        let (mut scratch, mut tokens) = (text::Scratch::default(), TokenBatch::default());
        stored.retain(|text| {
            stages.segmenter.tokenize_batch([text.text.as_str()], &mut scratch, &mut tokens);
            self.of(&text.text, &tokens) > lines
        });
    }

    fn of(&mut self, text: &str, tokens: &TokenBatch) -> u128 {
        self.next += 1;
        let id = DocumentId(self.next);
        let fingerprint = text::fingerprint(text, tokens.words(0));
        // Copies of a short text count as one writer's, so that they fall together too.
        let voice = Some(corpus::Voice(0));
        self.folder.fold(Message { id, voice, fingerprint, text }).map_or(id.0, |group| group.0)
    }
}

/// Adds the lines of a file to `texts`, and gives their line for the card.
fn read(
    file: &Path,
    stages: &Stages,
    groups: &mut Groups,
    texts: &mut Vec<TopicText>,
) -> anyhow::Result<CardData> {
    let bytes = unpacked(file)?;
    let (mut scratch, mut tokens) = (text::Scratch::default(), TokenBatch::default());
    let before = texts.len();
    for (number, line) in (1..).zip(BufReader::new(bytes.as_slice()).lines()) {
        let at =
            || format!("{}, line {number}: expected {{\"text\",\"labels\":[…]}}", file.display());
        let line = line.with_context(at)?;
        if line.trim().is_empty() {
            continue;
        }
        let Line { text, labels, label } = serde_json::from_str(&line).with_context(at)?;
        for topic in labels.iter().flatten().chain(&label) {
            let topics = stages.enricher.taxonomy().topics();
            if !topics.iter().any(|known| known.id == *topic) {
                return Err(hinted(
                    anyhow::anyhow!("the taxonomy has no topic {topic:?}").context(at()),
                    "use the ids of the taxonomy's topics, or name another one with --taxonomy",
                ));
            }
        }
        let text = stages.normalizer.normalize(&text, &mut scratch).text;
        stages.segmenter.tokenize_batch([text.as_str()], &mut scratch, &mut tokens);
        let group = groups.of(&text, &tokens);
        texts.push(TopicText { text, labels, hints: label.into_iter().collect(), group });
    }
    Ok(CardData {
        file: file.display().to_string(),
        licence: "as stated by its owner".to_owned(),
        texts: texts.len() - before,
        hash: content_hash(&bytes),
    })
}

/// Text and group of copies of the stored documents, and nothing else of them.
fn stored_texts(engine: &Engine) -> anyhow::Result<Vec<TopicText>> {
    let sql =
        format!("SELECT text, coalesce(group_id, id) FROM {TABLE} ORDER BY id LIMIT {TEXTS_MAX}");
    let session = engine.session()?;
    let batches = engine.rows(&session, &sql).context("read stored texts")?;
    let mut stored = Vec::new();
    for batch in &batches {
        let strings = |index: usize| {
            arrow::compute::cast(batch.column(index), &DataType::Utf8).context("read a text column")
        };
        let (texts, groups) = (strings(0)?, strings(1)?);
        let (texts, groups) = (texts.as_string::<i32>(), groups.as_string::<i32>());
        for row in 0..batch.num_rows() {
            let group: DocumentId = groups.value(row).parse().context("read the id of a group")?;
            let text = texts.value(row).to_owned();
            stored.push(TopicText { text, labels: None, hints: Vec::new(), group: group.0 });
        }
    }
    Ok(stored)
}

/// The sentences of the project, each a group of its own.
fn shipped(stages: &Stages) -> Vec<TopicText> {
    let mut scratch = text::Scratch::default();
    let normalized = |text: TopicText| TopicText {
        text: stages.normalizer.normalize(&text.text, &mut scratch).text,
        // Far from the numbers of files, which begin at 1; ids of documents are 128 random bits.
        group: u128::MAX - text.group,
        ..text
    };
    TopicText::shipped(stages.enricher.taxonomy()).into_iter().map(normalized).collect()
}

fn card(taxonomy: &str, data: Vec<CardData>, training: &TopicTraining) -> ModelCard {
    ModelCard {
        name: "topics".to_owned(),
        trained_on: crate::engine::today().to_string(),
        intended_use: format!("naming the topics of taxonomy {taxonomy} where none of their words stands, beside the words"),
        limits: "its figures hold for the labelled lines it was compared on; where it learned from a store, keep it where the store may be kept. It judges texts, never people".to_owned(),
        data,
        config: training.model.config(),
        figures: Vec::new(),
        topics: training.held_out.clone(),
    }
}

fn rounded(count: usize) -> usize {
    count / COUNT_STEP * COUNT_STEP
}

fn add_line(out: &mut String, name: &str, figures: &TopicFigures) {
    let TopicFigures { micro_precision, micro_recall, micro_f1, macro_f1, .. } = figures;
    let _ = writeln!(
        out,
        "  {name:<16} precision {:>5.1} %  recall {:>5.1} %  F1 {:>5.1} %  mean F1 of topics {:>5.1} %",
        100.0 * micro_precision,
        100.0 * micro_recall,
        100.0 * micro_f1,
        100.0 * macro_f1
    );
}

fn plain(report: &Report) -> String {
    let mut out = format!(
        "learned from {} texts with a word of a topic and {} labelled by hand\n",
        report.found_texts, report.hand_texts
    );
    let Some(held_out) = report.held_out.as_ref().filter(|found| found.texts >= LABELLED_MIN)
    else {
        let _ = writeln!(
            out,
            "not taken: at least {LABELLED_MIN} labelled lines ({{\"text\",\"labels\":[…]}}) in --train or --dev are needed to tell whether it is better"
        );
        return out;
    };
    let _ = writeln!(out, "on {} labelled lines that it has not learned from:", held_out.texts);
    let judges = [
        ("words", held_out.rules),
        ("in use", held_out.present),
        ("model", held_out.model),
        ("words and model", held_out.both),
    ];
    judges.iter().for_each(|(name, figures)| add_line(&mut out, name, figures));
    let verdict = match (report.is_better, &report.written_to, report.is_installed) {
        (false, ..) => "not better than what is in use: nothing was written".to_owned(),
        (true, Some(folder), _) => format!("better than what is in use; written to {folder}"),
        (true, None, true) => "better than what was in use, and in use now".to_owned(),
        (true, None, false) => "better than what is in use".to_owned(),
    };
    out.push_str(&verdict);
    out
}
