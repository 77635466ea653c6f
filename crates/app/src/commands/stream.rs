//! `huisheng detect --stream`: topics that come up in a file of documents, without a store.
//!
//! Each text goes the way of the pipeline as far as its words: normalize, take identifiers out, cut, fold copies. Reading, judging and writing follow the order of the
//! file, so an alarm of a day depends on the lines up to that day only.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use corpus::{Day, DocumentId, EmergingKind, EventTime, TokenBatch};
use detect::{EmergingInput, EmergingTopic, TopicWatch};
use privacy::{Redactor, Span};
use serde::{Deserialize, Serialize};
use text::{Folder, Lexicon, Message, NormalizedText, Normalizer, Scratch, Segmenter};

use crate::Outcome;
use crate::config::hinted;
use crate::emerging::{SETTINGS, terms};

/// Messages among which copies are looked for: the pipeline's default.
const DUPLICATE_WINDOW: usize = 100_000;

/// A line of the file. Other keys are passed over.
#[derive(Deserialize)]
struct Line {
    /// Text or number; alarms give it back as it stood.
    id: serde_json::Value,
    text: String,
    created_at: String,
}

/// A topic as the file of alarms tells it.
#[derive(Serialize)]
struct Alarm<'a> {
    day: Day,
    terms: &'a [String],
    ids: Vec<&'a serde_json::Value>,
    kind: EmergingKind,
    /// Its number among the alarms, and that of the earlier one that it takes up again.
    number: u32,
    continues: Option<u32>,
}

/// Reads documents in time order and writes the topics that come up among them.
pub(crate) fn run(docs: &Path, out: &Path) -> anyhow::Result<Outcome> {
    let file = File::open(docs).with_context(|| format!("open {}", docs.display()))?;
    let mut reading = Reading::new();
    let mut watch = TopicWatch::new(&SETTINGS);
    let mut ids: Vec<serde_json::Value> = Vec::new();
    let mut found: Vec<EmergingTopic> = Vec::new();
    let mut last_day: Option<Day> = None;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let at = || format!("{}, line {}", docs.display(), index + 1);
        let line = line.with_context(at)?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line)
            .context("parse a document: expected {\"id\",\"text\",\"created_at\"}")
            .with_context(at)?;
        let posted: EventTime =
            line.created_at.parse().context("read created_at").with_context(at)?;
        let day = posted.day();
        if let Some(before) = last_day.filter(|before| *before > day) {
            let late = anyhow::anyhow!("{day} comes after {before}").context(at());
            return Err(hinted(late, "sort the documents by created_at"));
        }
        last_day = Some(day);
        let id = DocumentId(ids.len() as u128);
        ids.push(line.id);
        found.extend(reading.push(&mut watch, id, day, &line.text));
    }
    found.extend(watch.close_day());
    let alarms: Vec<Alarm<'_>> = found.iter().map(|topic| alarm(topic, &ids)).collect();
    let file = File::create(out).with_context(|| format!("create {}", out.display()))?;
    let mut writer = BufWriter::new(file);
    serde_json::to_writer(&mut writer, &alarms)
        .map_err(std::io::Error::from)
        .and_then(|()| writer.flush())
        .with_context(|| format!("write {}", out.display()))?;
    Ok(Outcome::Done)
}

fn alarm<'a>(topic: &'a EmergingTopic, ids: &'a [serde_json::Value]) -> Alarm<'a> {
    let EmergingTopic { number, continues, day, terms, kind, ids: of_topic } = topic;
    // Ids were given out by place in the file.
    let ids = of_topic.iter().map(|id| &ids[id.0 as usize]).collect();
    Alarm { day: *day, terms, ids, kind: *kind, number: *number, continues: *continues }
}

/// The stages between a text and its words, with their buffers.
struct Reading {
    lexicon: Lexicon,
    normalizer: Normalizer,
    redactor: Redactor,
    segmenter: Segmenter,
    folder: Folder,
    scratch: Scratch,
    spans: Vec<Span>,
    tokens: TokenBatch,
}

impl Reading {
    fn new() -> Self {
        let lexicon = Lexicon::builtin();
        Self {
            normalizer: Normalizer::new(lexicon.exceptions()),
            redactor: Redactor::new(),
            segmenter: Segmenter::new(&lexicon, privacy::placeholders()),
            lexicon,
            folder: Folder::new(DUPLICATE_WINDOW),
            scratch: Scratch::default(),
            spans: Vec::new(),
            tokens: TokenBatch::default(),
        }
    }

    /// Hands a document to the watch; gives the topics of the day that it ended.
    fn push(
        &mut self,
        watch: &mut TopicWatch,
        id: DocumentId,
        day: Day,
        raw: &str,
    ) -> Vec<EmergingTopic> {
        let text = self.redacted(raw).text;
        self.tokens.clear();
        self.segmenter.tokenize(&text, &mut self.scratch, &mut self.tokens);
        let fingerprint = text::fingerprint(&text, self.tokens.words(0));
        // A file names no contributors, so copies of one message are one voice.
        let message = Message { id, voice: None, fingerprint, text: &text };
        let group = self.folder.fold(message).unwrap_or(id);
        watch.push(&EmergingInput {
            id,
            day,
            voice: Some(group.0 as u64),
            text: &text,
            terms: terms(&text, &self.tokens, &self.lexicon),
        })
    }

    fn redacted(&mut self, raw: &str) -> NormalizedText {
        let (restored, _) = text::restore(raw);
        let (plain, _) = text::unescape(&restored);
        let normalized = self.normalizer.normalize(&plain, &mut self.scratch);
        self.redactor.find(&normalized.text, &mut self.spans);
        if self.spans.is_empty() {
            return normalized;
        }
        let placeholders: Vec<_> =
            self.spans.iter().map(|span| (span.range.clone(), span.kind.placeholder())).collect();
        normalized.replace(&placeholders)
    }
}
