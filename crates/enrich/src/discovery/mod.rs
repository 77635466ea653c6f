//! Topics that nobody defined: what a set of short texts is about, found from the texts alone.
//!
//! Spherical k-means gives a start that depends on nothing but the texts, a Dirichlet multinomial mixture moves each text to the topic whose
//! words it shares (see `mixture.rs`), and the phrases that tell a topic from the others name it (see `naming.rs`). No random numbers: the same
//! texts give the same topics, in any run, in any order and on any number of threads.
//!
//! A fit is one of many that are nearly as good: leave out one text in thirty, and a new fit may cut the rest otherwise. Whoever looks every day goes on
//! from the topics of the day before ([`DiscoverySettings::placed`]): new texts join them, and few old ones move.

mod lineage;
mod mixture;
mod naming;

use std::cmp::Reverse;

use corpus::{TokenBatch, TokenKind};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::fingerprint;
pub use lineage::{Lineage, LineageKind, trace_lineage};

/// A topic of fewer texts is chance, and its texts stay without one.
const SIZE_MIN: usize = 5;
/// Terms that describe a topic.
const TERMS_MAX: usize = 8;
/// Terms that make up its name.
const NAME_TERMS: usize = 2;
/// A term takes part when it stands in this many texts, or in one of [`RARE_SHARE`] texts of a large set.
const DOCUMENTS_MIN: u32 = 3;
const RARE_SHARE: u32 = 20_000;
/// A term in more than a fifth of the texts tells them apart no more.
const COMMON_SHARE: usize = 5;
/// Topics that a run may open beyond those that it goes on from, for matters that nobody wrote of before.
const SPARE_TOPICS: usize = 4;
/// Two topics are the same when they share this part of their terms.
const SAME_SHARE: f64 = 0.4;

/// A topic that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveredTopic {
    /// Stays the same in the next run when that is told of this one.
    pub id: String,
    /// Its first terms.
    pub name: String,
    /// Words and phrases that tell it from the others, best first.
    pub terms: Vec<String>,
    /// Texts.
    pub size: usize,
}

/// Topics, largest first, and the topic of each text.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    /// The topics.
    pub topics: Vec<DiscoveredTopic>,
    /// For each text an index into `topics`, or nothing: it says too little, or something that too few others say.
    pub assignments: Vec<Option<usize>>,
    /// What became of the topics of the earlier run, and which are new; empty without one.
    pub lineage: Vec<Lineage>,
}

/// What to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiscoverySettings<'a> {
    /// Upper limit of topics; without it a number that grows with the texts, 8 to 60. Fewer may be found; a run that goes on from another may find
    /// four more, for what is new.
    pub topics_max: Option<usize>,
    /// Topics of an earlier run, whose ids are kept.
    pub previous: &'a [DiscoveredTopic],
    /// For each text the topic that it had then, as an index into `previous`, and nothing for a new one: the run goes on from there.
    /// Empty to start anew.
    pub placed: &'a [Option<usize>],
}

impl Discovery {
    /// Share of texts without a topic.
    pub fn unassigned_share(&self) -> f64 {
        let unassigned = self.assignments.iter().filter(|topic| topic.is_none()).count();
        unassigned as f64 / self.assignments.len().max(1) as f64
    }
}

/// Finds the topics of normalized `texts`. `names_nothing` keeps words out of names; it is asked once a word.
///
/// Cost: some 20 passes over the texts, each of terms × topics; 100,000 short texts take seconds.
///
/// # Panics
/// When `tokens` are not those of `texts`, or `placed` is neither empty nor as long.
pub fn discover_topics<T: AsRef<str> + Sync>(
    texts: &[T],
    tokens: &TokenBatch,
    names_nothing: impl Fn(&str) -> bool,
    settings: &DiscoverySettings<'_>,
) -> Discovery {
    assert_eq!(texts.len(), tokens.document_count(), "each text has its tokens");
    let placed = settings.placed;
    assert!(placed.is_empty() || placed.len() == texts.len(), "each text has its earlier topic");
    // The order in which texts are read decides between topics that are as good as each other: theirs is the order of their words.
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by(|left, right| texts[*left].as_ref().cmp(texts[*right].as_ref()));
    let rows = TermRows::new(texts, tokens, &order);
    let topics_max = settings.topics_max.unwrap_or_else(|| {
        // A third of the root: 8 for 500 texts, 33 for 10,000, 60 from 32,000.
        ((texts.len() as f64).sqrt() / 3.0).round().clamp(8.0, 60.0) as usize
    });
    let goes_on = placed.iter().any(Option::is_some);
    let earlier_slots = topics_max.max(settings.previous.len());
    let is_new = placed.iter().filter(|topic| topic.is_none()).count() >= SIZE_MIN;
    let slots = match (goes_on, is_new) {
        (true, true) => earlier_slots + SPARE_TOPICS,
        (true, false) => earlier_slots,
        (false, _) => topics_max.max(1),
    };
    let start = goes_on.then(|| mixture::Earlier {
        topic_of: order.iter().map(|document| placed[*document]).collect(),
        spare_from: settings.previous.len(),
    });
    let mut found = vec![None; texts.len()];
    for (document, topic) in order.iter().zip(mixture::assign(&rows, slots, start)) {
        found[*document] = topic;
    }

    let mut sizes = vec![0usize; slots];
    for topic in found.iter().flatten() {
        sizes[*topic] += 1;
    }
    let mut by_size: Vec<usize> =
        (0..sizes.len()).filter(|topic| sizes[*topic] >= SIZE_MIN).collect();
    by_size.sort_by_key(|topic| (Reverse(sizes[*topic]), *topic));
    let mut place = vec![None; sizes.len()];
    for (index, topic) in by_size.iter().enumerate() {
        place[*topic] = Some(index);
    }
    let assignments: Vec<Option<usize>> =
        found.into_iter().map(|topic| topic.and_then(|topic| place[topic])).collect();
    let terms = naming::terms(texts, tokens, &assignments, by_size.len(), names_nothing);
    let mut topics: Vec<DiscoveredTopic> = terms
        .into_iter()
        .zip(&by_size)
        .map(|(terms, topic)| {
            let name = terms.iter().take(NAME_TERMS).cloned().collect::<Vec<_>>().join("、");
            let earlier = settings.previous.get(*topic).filter(|_| goes_on);
            let id = earlier.map_or_else(String::new, |earlier| earlier.id.clone());
            DiscoveredTopic { id, name, terms, size: sizes[*topic] }
        })
        .collect();
    identify(&mut topics, settings.previous);
    let [previous, present] = [settings.previous, &topics]
        .map(|topics| topics.iter().map(|topic| topic.id.as_str()).collect::<Vec<_>>());
    let lineage = trace_lineage(&previous, placed, &present, &assignments);
    Discovery { topics, assignments, lineage }
}

/// Gives each topic without an id that of the earlier topic that it shares most terms with, and a new one when there is none left.
fn identify(topics: &mut [DiscoveredTopic], previous: &[DiscoveredTopic]) {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (index, topic) in topics.iter().enumerate() {
        let terms: FxHashSet<&str> = topic.terms.iter().map(String::as_str).collect();
        for (earlier, other) in previous.iter().enumerate() {
            let common = other.terms.iter().filter(|term| terms.contains(term.as_str())).count();
            let share = common as f64 / topic.terms.len().min(other.terms.len()).max(1) as f64;
            if share >= SAME_SHARE {
                pairs.push((share, index, earlier));
            }
        }
    }
    pairs.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    let mut taken: Vec<bool> =
        previous.iter().map(|earlier| topics.iter().any(|topic| topic.id == earlier.id)).collect();
    for (_, index, earlier) in pairs {
        if topics[index].id.is_empty() && !taken[earlier] {
            taken[earlier] = true;
            topics[index].id.clone_from(&previous[earlier].id);
        }
    }
    let mut used: FxHashSet<String> = previous.iter().map(|topic| topic.id.clone()).collect();
    for (index, topic) in topics.iter_mut().enumerate().filter(|(_, topic)| topic.id.is_empty()) {
        let hash = fingerprint::of(topic.terms.join("\n").as_bytes());
        topic.id = format!("t{:08x}", hash as u32);
        if !used.insert(topic.id.clone()) {
            topic.id = format!("{}-{index}", topic.id);
        }
    }
}

/// The terms of each text: words and pairs of Han characters, as numbers. One that stands in a text twice, four, eight times is held twice,
/// three, four times: messages of 400 characters repeat what they are about (NMI with their departments 0.29 and 0.34), titles do not.
///
/// Pairs of characters tie 空调房 to 空调 whatever the cut; words keep what pairs tear apart.
struct TermRows {
    terms: Vec<u32>,
    ends: Vec<usize>,
    vocabulary: usize,
}

impl TermRows {
    /// Row by row in `order`.
    fn new<T: AsRef<str>>(texts: &[T], tokens: &TokenBatch, order: &[usize]) -> Self {
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let (mut frequencies, mut all, mut ends) = (Vec::<u32>::new(), Vec::new(), Vec::new());
        for document in order {
            let (text, start) = (texts[*document].as_ref(), all.len());
            for token in tokens.words(*document) {
                if matches!(token.kind, TokenKind::Space | TokenKind::Punctuation) {
                    continue;
                }
                let next = numbers.len() as u32;
                all.push(*numbers.entry(token.text(text)).or_insert(next));
            }
            let mut before: Option<usize> = None;
            for (at, character) in text.char_indices() {
                let is_han = character.is_alphabetic() && !character.is_ascii();
                if let Some(pair) = before
                    .filter(|_| is_han)
                    .and_then(|from| text.get(from..at + character.len_utf8()))
                {
                    let next = numbers.len() as u32;
                    all.push(*numbers.entry(pair).or_insert(next));
                }
                before = is_han.then_some(at);
            }
            all[start..].sort_unstable();
            frequencies.resize(numbers.len(), 0);
            let (mut kept, mut index) = (start, start);
            while index < all.len() {
                let term = all[index];
                let count = all[index..].iter().take_while(|other| **other == term).count();
                let copies = 1 + count.ilog2() as usize;
                all[kept..kept + copies].fill(term);
                frequencies[term as usize] += 1;
                (kept, index) = (kept + copies, index + count);
            }
            all.truncate(kept);
            ends.push(all.len());
        }
        Self { terms: all, ends, vocabulary: frequencies.len() }.selected(&frequencies)
    }

    /// Only the terms that are neither rare nor everywhere, numbered anew.
    fn selected(self, frequencies: &[u32]) -> Self {
        let documents = self.ends.len();
        let least = DOCUMENTS_MIN.max(documents as u32 / RARE_SHARE);
        let most = (documents / COMMON_SHARE).max(DOCUMENTS_MIN as usize) as u32;
        let mut vocabulary = 0u32;
        let numbers: Vec<Option<u32>> = frequencies
            .iter()
            .map(|frequency| {
                (least..=most).contains(frequency).then(|| {
                    vocabulary += 1;
                    vocabulary - 1
                })
            })
            .collect();
        let (mut terms, mut ends) =
            (Vec::with_capacity(self.terms.len()), Vec::with_capacity(documents));
        for document in 0..documents {
            terms.extend(self.row(document).iter().filter_map(|term| numbers[*term as usize]));
            ends.push(terms.len());
        }
        Self { terms, ends, vocabulary: vocabulary as usize }
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn row(&self, document: usize) -> &[u32] {
        let start = if document == 0 { 0 } else { self.ends[document - 1] };
        &self.terms[start..self.ends[document]]
    }
}

#[cfg(test)]
mod tests;
