//! `huisheng topics discover`: what the texts of a file, or of a store, are about when nobody has said so.
//!
//! A file is the user's own, and all is told of it. What a store holds leaves it through the guard only, see `discovered.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use corpus::{DocumentId, Month, TokenBatch, WordClass};
use enrich::{
    DiscoveredTopic, Discovery, DiscoverySettings, Lineage, LineageKind, content_hash,
    discover_topics, trace_lineage,
};
use privacy::{Disclosed, OpenTopics, ReleasedMatter, TOO_FEW};
use serde::{Deserialize, Serialize};
use text::{Lexicon, Normalizer, Scratch, Segmenter};

use super::print;
use super::text::{Line, for_each_line};
use crate::Outcome;
use crate::cli::{Discover, Topics};
use crate::config::{Config, hinted};
use crate::discovered;
use crate::engine::Engine;

/// Terms of each topic that are printed; `--json` has all.
const TERMS_SHOWN: usize = 5;

#[derive(Serialize)]
struct Found {
    topics: Vec<DiscoveredTopic>,
    /// One a text, in the order of the file.
    assignments: Vec<Assignment>,
    /// Share of texts that say too little, or something that too few others say.
    unassigned_share: f64,
    /// What became of the topics of the earlier run.
    lineage: Vec<Lineage>,
}

#[derive(Serialize, Deserialize)]
struct Assignment {
    /// As the file has it, else the number of the text, counted from 1.
    id: serde_json::Value,
    /// Id of its topic.
    topic: Option<String>,
    /// Of a text without an id in its file, what it is known by in the next run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

/// What an earlier run printed with `--json`, as far as it is needed again.
#[derive(Default, Deserialize)]
struct Earlier {
    topics: Vec<DiscoveredTopic>,
    assignments: Vec<Assignment>,
}

impl Earlier {
    /// The place in `topics` of the topic of each of these texts, and nothing for a new text.
    fn placed(&self, keys: &[String]) -> Vec<Option<usize>> {
        let places: BTreeMap<&str, usize> =
            self.topics.iter().map(|topic| topic.id.as_str()).zip(0..).collect();
        let earlier: BTreeMap<String, usize> = self
            .assignments
            .iter()
            .filter_map(|text| Some((text.key(), *places.get(text.topic.as_deref()?)?)))
            .collect();
        keys.iter().map(|key| earlier.get(key).copied()).collect()
    }

    /// What became of its topics in the open texts of a store.
    fn lineage_to(&self, open: &OpenTopics) -> Vec<Lineage> {
        let ids: Vec<DocumentId> = open.assignments.iter().map(|text| text.id).collect();
        let previous: Vec<&str> = self.topics.iter().map(|topic| topic.id.as_str()).collect();
        let present: Vec<&str> = open.topics.iter().map(|topic| topic.id.as_str()).collect();
        let assignments: Vec<Option<usize>> = open
            .assignments
            .iter()
            .map(|text| present.iter().position(|id| text.topic.as_deref() == Some(*id)))
            .collect();
        trace_lineage(&previous, &self.placed(&keys_of(&ids)), &present, &assignments)
    }

    /// Refuses to go on from a run that knows its texts by their numbers only: a line more or less, and every text is taken for another.
    fn check(&self, keys: &[String]) -> anyhow::Result<()> {
        let known: BTreeSet<String> = self.assignments.iter().map(Assignment::key).collect();
        if self.topics.is_empty() || keys.is_empty() || keys.iter().any(|key| known.contains(key)) {
            return Ok(());
        }
        Err(hinted(
            anyhow::anyhow!("none of the texts is among those of the earlier run"),
            "give each line an id in both runs, or name what this version printed on the same texts; without --previous the topics are found anew",
        ))
    }
}

impl Assignment {
    /// What a text is known by: its content when its file gives it no id.
    fn key(&self) -> String {
        self.content.clone().unwrap_or_else(|| self.id.to_string())
    }
}

/// What stored texts are known by.
fn keys_of(ids: &[DocumentId]) -> Vec<String> {
    ids.iter().map(|id| serde_json::Value::from(id.to_string()).to_string()).collect()
}

pub(crate) fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    action: &Topics,
    json: bool,
) -> anyhow::Result<Outcome> {
    let Topics::Discover(options) = action;
    let earlier = match &options.previous {
        Some(file) => read_earlier(file)?,
        None => Earlier::default(),
    };
    match &options.file {
        Some(file) => print(&discover(file, options, &earlier)?, json, table)?,
        None => print(&discover_stored(config()?, options, &earlier)?, json, stored_table)?,
    }
    Ok(Outcome::Done)
}

/// What a store tells. `topics` and `assignments` are of open texts, so that the next run can go on from them as from those of a file.
#[derive(Serialize)]
struct FoundInStore {
    #[serde(flatten)]
    open: Disclosed<OpenTopics>,
    /// What became of the topics of the earlier run; follows from what it printed and from `open`.
    lineage: Vec<Lineage>,
    confidential: Confidential,
}

#[derive(Serialize)]
struct Confidential {
    /// The last month that was looked at; none is released yet without it.
    through: Option<Month>,
    topics: Disclosed<Vec<ReleasedMatter>>,
}

fn discover_stored(
    config: Config,
    options: &Discover,
    earlier: &Earlier,
) -> anyhow::Result<FoundInStore> {
    let engine = Engine::open(config)?;
    // It reads every text and its answer depends on what they say: a read like a search.
    engine.audit("discover topics", &options.topics)?;
    let placed = |ids: &[DocumentId]| earlier.placed(&keys_of(ids));
    let topics_max = options.topics.map(usize::from);
    let open = discovered::open(&engine, topics_max, &earlier.topics, &placed)?;
    let lineage = earlier.lineage_to(open.get());
    let (through, topics) = discovered::confidential(&engine)?;
    Ok(FoundInStore { open, lineage, confidential: Confidential { through, topics } })
}

fn discover(file: &Path, options: &Discover, earlier: &Earlier) -> anyhow::Result<Found> {
    let lexicon = Lexicon::builtin();
    let normalizer = Normalizer::new(lexicon.exceptions());
    let segmenter = Segmenter::new(&lexicon, privacy::placeholders());
    let mut scratch = Scratch::default();
    let (mut known, mut texts, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for_each_line(file, |line| {
        let Line { id, text } = Line::read(line)?;
        let text = normalizer.normalize(&text, &mut scratch).text;
        let content = id.is_null().then(|| content_hash(text.as_bytes()));
        if options.previous.is_some() && content.is_none() && !ids.insert(id.to_string()) {
            let hint = "with --previous, give each text an id of its own, or none: then it is known by what it says";
            return Err(hinted(anyhow::anyhow!("the id {id} stands in an earlier line too"), hint));
        }
        texts.push(text);
        let id = if content.is_some() { texts.len().into() } else { id };
        known.push(Assignment { id, topic: None, content });
        Ok(())
    })?;
    let keys: Vec<String> = known.iter().map(Assignment::key).collect();
    earlier.check(&keys)?;
    let mut tokens = TokenBatch::default();
    segmenter.tokenize_batch(texts.iter().map(String::as_str), &mut scratch, &mut tokens);
    let settings = DiscoverySettings {
        topics_max: options.topics.map(usize::from),
        previous: &earlier.topics,
        placed: &earlier.placed(&keys),
    };
    let names_nothing = |word: &str| segmenter.class(word) == WordClass::Grammar;
    let discovery = discover_topics(&texts, &tokens, names_nothing, &settings);
    let topic_id = |topic: &usize| discovery.topics[*topic].id.clone();
    let assignments = known
        .into_iter()
        .zip(&discovery.assignments)
        .map(|(text, topic)| Assignment { topic: topic.as_ref().map(topic_id), ..text })
        .collect();
    let unassigned_share = discovery.unassigned_share();
    let Discovery { topics, lineage, .. } = discovery;
    Ok(Found { topics, assignments, unassigned_share, lineage })
}

fn read_earlier(file: &Path) -> anyhow::Result<Earlier> {
    let content =
        std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    serde_json::from_str(&content).map_err(|error| {
        hinted(
            anyhow::anyhow!("{} holds no topics: {error}", file.display()),
            "name what `huisheng topics discover FILE --json` printed",
        )
    })
}

fn table(found: &Found) -> String {
    let mut out = String::new();
    for topic in &found.topics {
        add_line(&mut out, topic.size, &topic.id, &topic.terms);
    }
    _ = writeln!(out, "{:>6.1}% of the texts have no topic", 100.0 * found.unassigned_share);
    add_lineage(&mut out, &found.lineage);
    out
}

fn stored_table(found: &FoundInStore) -> String {
    let open = found.open.get();
    let mut out = "open sources, by texts:\n".to_owned();
    for topic in &open.topics {
        add_line(&mut out, topic.size, &topic.id, &topic.terms);
    }
    _ = writeln!(out, "{:>6.1}% of the open texts have no topic", 100.0 * open.unassigned_share);
    add_lineage(&mut out, &found.lineage);
    let Confidential { through, topics } = &found.confidential;
    let through = through.map_or_else(String::new, |month| format!(" until {month}"));
    _ = writeln!(out, "confidential sources{through}, by people or more:");
    for topic in topics.get() {
        add_line(&mut out, topic.people as usize, &topic.id, &topic.terms);
    }
    if topics.get().is_empty() {
        _ = writeln!(out, "  {TOO_FEW}");
    }
    out
}

fn add_line(out: &mut String, count: usize, id: &str, terms: &[String]) {
    let terms = terms.get(..TERMS_SHOWN).unwrap_or(terms).join(" ");
    _ = writeln!(out, "{count:>7}  {id}  {terms}");
}

/// Tells what changed since the earlier run: a topic that goes on is not told of.
fn add_lineage(out: &mut String, lineage: &[Lineage]) {
    for step in lineage {
        let (from, into) = (step.from.join(" "), step.into.join(" "));
        _ = match step.kind {
            LineageKind::Same => Ok(()),
            LineageKind::Split => writeln!(out, "  split  {from} into {into}"),
            LineageKind::Merged => writeln!(out, " merged  {from} into {into}"),
            LineageKind::Gone => writeln!(out, "   gone  {from}"),
            LineageKind::New => writeln!(out, "    new  {into}"),
        };
    }
}
