//! `huisheng train` and `huisheng eval`: models on labelled text of the user's.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use corpus::TokenBatch;
use enrich::{
    CardData, CardFigure, Evaluation, LabelledBatch, LabelledText, Model, ModelCard, Task,
    content_hash, evaluate, train_polarity, train_topic,
};
use serde::{Deserialize, Serialize};
use text::{Lexicon, Normalizer, Scratch, Segmenter};

use super::{print, topic_training};
use crate::Outcome;
use crate::cli::{Eval, ModelKind, Train};
use crate::config::hinted;

/// Reads and cuts labelled files as the pipeline cuts documents.
struct Reader {
    normalizer: Normalizer,
    segmenter: Segmenter,
}

/// A labelled file, cut, with what its card line needs.
struct Labelled {
    batch: LabelledBatch,
    data: Vec<CardData>,
    /// Time to normalize and cut it.
    cut_time: Duration,
}

#[derive(Serialize)]
struct Evaluated {
    #[serde(flatten)]
    evaluation: Evaluation,
    /// Texts a second on one thread from raw text to judgement.
    docs_per_s_with_segmentation: f64,
}

/// Trains a model and writes it with its card.
pub(crate) fn train(options: &Train, json: bool) -> anyhow::Result<Outcome> {
    let out = options.out.as_deref().context("name a folder with --out")?;
    if options.taxonomy.is_some() {
        return Err(no_taxonomy());
    }
    let reader = Reader::new();
    let labelled = reader.read(&options.train)?;
    let started = Instant::now();
    let model = match options.kind {
        ModelKind::Polarity => train_polarity(&labelled.batch),
        ModelKind::Topic => train_topic(&labelled.batch),
    }
    .context("train")?;
    if matches!(options.kind, ModelKind::Polarity) && !model.judges_polarity() {
        tracing::warn!(
            "its classes ({}) are no polarities: it can be evaluated, and judges nothing for `huisheng` (hint: label positive, neutral, negative)",
            model.classes().join(", ")
        );
    }
    let seconds = started.elapsed().as_secs_f64();
    let (mut figures, mut evaluation) = (Vec::new(), None);
    if let Some(dev) = &options.dev {
        let held_out = reader.read(std::slice::from_ref(dev))?;
        let measured = evaluate(&model, &held_out.batch).context("measure")?;
        figures.push(CardFigure::new(&dev.display().to_string(), &measured));
        evaluation = Some(measured);
    }
    let card = card(out, &model, labelled, figures);
    model.save(out, &card)?;
    let report = serde_json::json!({ "out": out, "classes": model.classes(), "features": model.feature_count(), "seconds": seconds, "dev": evaluation });
    print(&report, json, |_| {
        let measured = evaluation.as_ref().map_or_else(String::new, |e| {
            format!(
                ", dev accuracy {:.2} %, macro-F1 {:.2} %",
                100.0 * e.accuracy,
                100.0 * e.macro_f1
            )
        });
        format!(
            "trained {} classes on {} features in {seconds:.1} s{measured}; written to {}",
            model.classes().len(),
            model.feature_count(),
            out.display()
        )
    })?;
    Ok(Outcome::Done)
}

/// Measures a model.
pub(crate) fn eval(options: &Eval, json: bool) -> anyhow::Result<Outcome> {
    let model = match (&options.model, options.kind) {
        (Some(folder), _) if folder.is_file() => {
            return Err(hinted(
                anyhow::anyhow!("{} is a file", folder.display()),
                "name the folder that it lies in, with its card beside it",
            ));
        }
        (Some(folder), _) => Model::load(folder)?,
        (None, ModelKind::Polarity) => Model::shipped_polarity()?,
        (None, ModelKind::Topic) => Model::shipped_topics()?,
    };
    match (options.kind, model.task()) {
        (ModelKind::Topic, Task::Topics) => {
            return topic_training::eval(&model, &options.file, json);
        }
        (ModelKind::Polarity, Task::Polarity) | (ModelKind::Topic, Task::Topic) => {}
        (asked, found) => {
            let asked = if matches!(asked, ModelKind::Polarity) { "polarity" } else { "topic" };
            let other = if asked == "polarity" { "topic" } else { "polarity" };
            return Err(hinted(
                anyhow::anyhow!("the model tells {} apart, not {asked}", found.as_str()),
                &format!("write `huisheng eval {other}`, or name another model"),
            ));
        }
    }
    let labelled = Reader::new().read(std::slice::from_ref(&options.file))?;
    let evaluation = evaluate(&model, &labelled.batch).context("measure")?;
    let texts = evaluation.texts as f64;
    let judge_s = texts / evaluation.docs_per_s.max(f64::MIN_POSITIVE);
    let report = Evaluated {
        docs_per_s_with_segmentation: texts / (judge_s + labelled.cut_time.as_secs_f64()),
        evaluation,
    };
    print(&report, json, |report| {
        let e = &report.evaluation;
        let mut out = format!(
            "{} texts: accuracy {:.2} %, macro-F1 {:.2} %, calibration error {:.3}, unsure {:.1} %\n{:.0} texts/s given tokens, {:.0} with segmentation\n",
            e.texts,
            100.0 * e.accuracy,
            100.0 * e.macro_f1,
            e.calibration_error,
            100.0 * e.unsure_share,
            e.docs_per_s,
            report.docs_per_s_with_segmentation
        );
        for class in &e.per_class {
            out.push_str(&format!(
                "  {:<12} {:>6} texts  P {:.3}  R {:.3}  F1 {:.3}\n",
                class.class, class.texts, class.precision, class.recall, class.f1
            ));
        }
        out
    })?;
    Ok(Outcome::Done)
}

impl Reader {
    fn new() -> Self {
        let lexicon = Lexicon::builtin();
        let normalizer = Normalizer::new(lexicon.exceptions());
        Self { normalizer, segmenter: Segmenter::new(&lexicon, privacy::placeholders()) }
    }

    /// Reads labelled files and cuts their texts.
    fn read(&self, files: &[PathBuf]) -> anyhow::Result<Labelled> {
        let (mut texts, mut data) = (Vec::new(), Vec::new());
        for file in files {
            let (mut labelled, of_card) = read_labelled(file, Domain::Named)?;
            texts.append(&mut labelled);
            data.push(of_card);
        }
        let mut scratch = Scratch::default();
        let started = Instant::now();
        let normalized = texts.into_iter().map(|labelled| LabelledText {
            text: self.normalizer.normalize(&labelled.text, &mut scratch).text,
            ..labelled
        });
        let normalized: Vec<LabelledText> = normalized.collect();
        let mut cutting = Scratch::default();
        let batch = LabelledBatch::new(normalized, |texts: &[String], out: &mut TokenBatch| {
            self.segmenter.tokenize_batch(texts.iter().map(String::as_str), &mut cutting, out);
        });
        Ok(Labelled { batch, data, cut_time: started.elapsed() })
    }
}

/// Reads a labelled file, also gzip-packed, with its line for a card: lines of `{"text","label"}`, TSV as in data/labels and as `labels suggest` prints it, or the
/// array that `labels suggest --json` prints, whose `guess` is the label where none stands beside it.
pub(super) fn read_labelled(
    file: &Path,
    domain: Domain,
) -> anyhow::Result<(Vec<LabelledText>, CardData)> {
    let bytes = unpacked(file)?;
    let texts = parse_labelled(file, &bytes, domain)?;
    if texts.is_empty() {
        return Err(hinted(
            anyhow::anyhow!("{} holds no labelled text", file.display()),
            "write a line of {\"text\",\"label\"} for each, or label, group and text between tabs",
        ));
    }
    let data = CardData {
        file: file.display().to_string(),
        licence: "as stated by its owner".to_owned(),
        texts: texts.len(),
        hash: content_hash(&bytes),
    };
    Ok((texts, data))
}

/// The project's own sentences as training data.
pub(super) fn shipped_data(texts: usize) -> CardData {
    CardData {
        file: "data/labels".to_owned(),
        licence: "Apache-2.0".to_owned(),
        texts,
        hash: LabelledText::shipped_hash(),
    }
}

/// Why `train polarity --taxonomy` is refused.
pub(super) fn no_taxonomy() -> anyhow::Error {
    hinted(
        anyhow::anyhow!("polarity knows no taxonomy"),
        "leave --taxonomy away, or write `huisheng train topic`",
    )
}

pub(super) fn unpacked(file: &Path) -> anyhow::Result<Vec<u8>> {
    let opened = File::open(file).with_context(|| format!("open {}", file.display()))?;
    let mut reader: Box<dyn Read> = if file.extension().is_some_and(|end| end == "gz") {
        Box::new(flate2::read::MultiGzDecoder::new(opened))
    } else {
        Box::new(opened)
    };
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).with_context(|| format!("read {}", file.display()))?;
    Ok(bytes)
}

fn parse_labelled(file: &Path, bytes: &[u8], domain: Domain) -> anyhow::Result<Vec<LabelledText>> {
    let name = file.display();
    let content = std::str::from_utf8(bytes).with_context(|| format!("read {name}"))?;
    let begin = content.trim_start_matches('\u{feff}').trim_start();
    if begin.starts_with('[') {
        let lines: Vec<LabelledLine> = serde_json::from_str(content)
            .with_context(|| format!("{name}: expected [{{\"text\",\"label\"}},…]"))?;
        let lines = (1..).zip(lines).map(|(number, line)| {
            line.labelled(domain).with_context(|| format!("{name}, text {number}: it has no label"))
        });
        return lines.collect();
    }
    if !begin.starts_with('{') {
        return LabelledText::read_tsv(content)
            .map(|row| row.map_err(|problem| anyhow::anyhow!("{name}, {problem}")))
            .collect();
    }
    let mut texts = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let at = || format!("{name}, line {number}: expected {{\"text\",\"label\"}}");
        if !line.trim().is_empty() {
            let line: LabelledLine = serde_json::from_str(line).with_context(at)?;
            texts.push(line.labelled(domain).with_context(at)?);
        }
    }
    Ok(texts)
}

/// A labelled text as a file has it.
#[derive(Deserialize)]
struct LabelledLine {
    text: String,
    label: Option<String>,
    /// What `labels suggest --json` prints, to be corrected.
    guess: Option<String>,
    group: Option<String>,
    topic: Option<String>,
    source: Option<String>,
}

/// What stands for the domain of a text. A model of texts whose domains are known is one for all of them, those to come too, and stays linear.
#[derive(Clone, Copy)]
pub(super) enum Domain {
    /// A `group` that its file names.
    Named,
    /// That, or its topic or source.
    Place,
}

impl LabelledLine {
    fn labelled(self, domain: Domain) -> Option<LabelledText> {
        let label = self.label.or(self.guess)?;
        let group = match domain {
            Domain::Named => self.group,
            Domain::Place => self.group.or(self.topic).or(self.source),
        };
        Some(LabelledText { text: self.text, label, group })
    }
}

fn card(out: &Path, model: &Model, labelled: Labelled, figures: Vec<CardFigure>) -> ModelCard {
    ModelCard {
        name: out.file_name().map_or_else(|| model.task().as_str().to_owned(), |name| name.to_string_lossy().into_owned()),
        trained_on: crate::engine::today().to_string(),
        intended_use: "judging texts like the ones it was trained on".to_owned(),
        limits: "its figures hold for the data named here; measure before using it on texts of another kind. It judges texts, never people".to_owned(),
        data: labelled.data,
        config: model.config(),
        figures,
        topics: None,
    }
}
