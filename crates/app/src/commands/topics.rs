//! `huisheng topics discover`: what the texts of a file are about when nobody has said so.
//!
//! Reads files of the user's own, never a store: what a store holds leaves it through the guard only.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use corpus::TokenBatch;
use enrich::{DiscoveredTopic, DiscoverySettings, discover_topics};
use serde::{Deserialize, Serialize};
use text::{Lexicon, Normalizer, Scratch, Segmenter};

use super::print;
use super::text::{Line, for_each_line};
use crate::Outcome;
use crate::cli::{Discover, Topics};
use crate::config::hinted;

/// Terms of each topic that are printed; `--json` has all.
const TERMS_SHOWN: usize = 5;

#[derive(Serialize)]
struct Found {
    topics: Vec<DiscoveredTopic>,
    /// One a text, in the order of the file.
    assignments: Vec<Assignment>,
    /// Share of texts that say too little, or something that too few others say.
    unassigned_share: f64,
}

#[derive(Serialize, Deserialize)]
struct Assignment {
    /// As the file has it, else the number of the text, counted from 1.
    id: serde_json::Value,
    /// Id of its topic.
    topic: Option<String>,
}

/// What an earlier run printed with `--json`, as far as it is needed again.
#[derive(Default, Deserialize)]
struct Earlier {
    topics: Vec<DiscoveredTopic>,
    assignments: Vec<Assignment>,
}

impl Earlier {
    /// The place in `topics` of the topic of each of these texts, and nothing for a new text.
    fn placed(&self, ids: &[serde_json::Value]) -> Vec<Option<usize>> {
        let places: BTreeMap<&str, usize> =
            self.topics.iter().map(|topic| topic.id.as_str()).zip(0..).collect();
        let earlier: BTreeMap<String, usize> = self
            .assignments
            .iter()
            .filter_map(|text| Some((text.id.to_string(), *places.get(text.topic.as_deref()?)?)))
            .collect();
        ids.iter().map(|id| earlier.get(&id.to_string()).copied()).collect()
    }
}

pub(crate) fn run(action: &Topics, json: bool) -> anyhow::Result<Outcome> {
    let Topics::Discover(options) = action;
    let earlier = match &options.previous {
        Some(file) => read_earlier(file)?,
        None => Earlier::default(),
    };
    let found = discover(options, &earlier)?;
    print(&found, json, table)?;
    Ok(Outcome::Done)
}

fn discover(options: &Discover, earlier: &Earlier) -> anyhow::Result<Found> {
    let lexicon = Lexicon::builtin();
    let normalizer = Normalizer::new(lexicon.exceptions());
    let segmenter = Segmenter::new(&lexicon, privacy::placeholders());
    let mut scratch = Scratch::default();
    let (mut ids, mut texts) = (Vec::new(), Vec::new());
    for_each_line(&options.file, |line| {
        let Line { id, text } = Line::read(line);
        texts.push(normalizer.normalize(&text, &mut scratch).text);
        ids.push(if id.is_null() { texts.len().into() } else { id });
        Ok(())
    })?;
    let mut tokens = TokenBatch::default();
    segmenter.tokenize_batch(texts.iter().map(String::as_str), &mut scratch, &mut tokens);
    let settings = DiscoverySettings {
        topics_max: options.topics.map(usize::from),
        previous: &earlier.topics,
        placed: &earlier.placed(&ids),
    };
    let discovery = discover_topics(&texts, &tokens, |word| lexicon.is_stop_word(word), &settings);
    let topic_id = |topic: &usize| discovery.topics[*topic].id.clone();
    let assignments = ids
        .into_iter()
        .zip(&discovery.assignments)
        .map(|(id, topic)| Assignment { id, topic: topic.as_ref().map(topic_id) })
        .collect();
    let unassigned_share = discovery.unassigned_share();
    Ok(Found { topics: discovery.topics, assignments, unassigned_share })
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
        let terms = topic.terms.get(..TERMS_SHOWN).unwrap_or(&topic.terms).join(" ");
        _ = writeln!(out, "{:>7}  {}  {terms}", topic.size, topic.id);
    }
    _ = writeln!(out, "{:>6.1}% of the texts have no topic", 100.0 * found.unassigned_share);
    out
}
