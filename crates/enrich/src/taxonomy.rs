//! The topics that a user edits: `dictionaries/topics.toml`, checked, and matched in one pass over each text.

use std::borrow::Cow;

use corpus::{Token, TokenBatch, TokenizedBatch, TopicId};
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::Error;
use crate::conviction::sorts_by;

/// Topics in file order, a `u64` bit each.
const TOPICS_MAX: usize = 64;
/// Pairs of words over all topics, two bits of a `u128` each.
const PAIRS_MAX: usize = 64;

/// A checked taxonomy with its matcher.
pub struct Taxonomy {
    topics: Vec<Topic>,
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    hits: Vec<WordHit>,
    /// For each pair the topic it stands for.
    pair_topics: Vec<u8>,
    fingerprint: String,
    uses_classifier: bool,
    /// Words with the topics that they stand for, in order.
    words: Vec<(String, u64)>,
}

/// One matter.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its name.
    pub id: TopicId,
    /// The wider matter it belongs to.
    pub parent: Option<TopicId>,
}

/// A word of a topic in a text.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub(crate) byte_start: u32,
    pub(crate) byte_end: u32,
    pub(crate) topic: TopicId,
}

/// What one word of the automaton stands for.
#[derive(Debug, Clone, Copy, Default)]
struct WordHit {
    /// Topics whose word this is.
    topics: u64,
    /// Halves of pairs that this is: bit `2 × pair + side`.
    halves: u128,
    /// Topics that this word hides for.
    hides: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTaxonomy {
    version: u32,
    /// Whether a trained classifier names topics beside the words.
    #[serde(default = "is_used")]
    classifier: bool,
    #[serde(default)]
    topic: Vec<RawTopic>,
}

fn is_used() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTopic {
    id: String,
    parent: Option<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    pairs: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    examples: Vec<String>,
}

impl std::fmt::Debug for Taxonomy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Taxonomy")
            .field("topics", &self.topics)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

impl Taxonomy {
    /// The taxonomy this program was built with.
    pub const BUILTIN: &'static str = include_str!("../../../dictionaries/topics.toml");

    /// The taxonomy this program was built with, read.
    ///
    /// # Errors
    /// None for the file in the repository: a test reads it.
    pub fn builtin() -> Result<Self, Error> {
        Self::parse("dictionaries/topics.toml", Self::BUILTIN)
    }

    /// Reads and checks a taxonomy; `file` is named in errors.
    ///
    /// # Errors
    /// [`Error::TaxonomySyntax`] for TOML that is not of the form, [`Error::Topic`] for a topic that is empty, doubled, an orphan,
    /// does not match its own examples, or sorts people instead of naming a matter.
    pub fn parse(file: &str, content: &str) -> Result<Self, Error> {
        let raw: RawTaxonomy = toml::from_str(content).map_err(|source| Error::TaxonomySyntax {
            file: file.to_owned(),
            source: Box::new(source),
        })?;
        let topics = checked_topics(file, &raw)?;
        let (words, pair_topics) = collect_words(file, &raw)?;
        // Letters are met in any case: WIFI is wifi.
        let mut folded: FxHashMap<String, WordHit> = FxHashMap::default();
        for (word, hit) in words {
            let known = folded.entry(word.to_ascii_lowercase()).or_default();
            known.topics |= hit.topics;
            known.halves |= hit.halves;
            known.hides |= hit.hides;
        }
        let mut patterns: Vec<(String, WordHit)> = folded.into_iter().collect();
        patterns.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let words = patterns.iter().map(|(word, hit)| (word.clone(), hit.topics & !hit.hides));
        let words = words.filter(|(_, topics)| *topics != 0).collect();
        let hits = patterns.iter().map(|(_, hit)| *hit).collect();
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(
                patterns.iter().zip(0u32..).map(|((word, _), index)| (word.as_str(), index)),
            )
            .map_err(|_| {
                refused(
                    file,
                    "",
                    "it holds no words".to_owned(),
                    "give at least one topic with words",
                )
            })?;
        let fingerprint =
            format!("topics-v{}-{:016x}", raw.version, crate::fingerprint::of(content.as_bytes()));
        let uses_classifier = raw.classifier;
        let taxonomy =
            Self { uses_classifier, topics, automaton, hits, pair_topics, fingerprint, words };
        taxonomy.check_examples(file, &raw)?;
        Ok(taxonomy)
    }

    /// Whether a trained classifier names topics beside the words.
    pub fn uses_classifier(&self) -> bool {
        self.uses_classifier
    }

    /// Topics in file order.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// Version and content of the taxonomy.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The wider matters of a topic, nearest first.
    pub fn ancestors(&self, id: &TopicId) -> Vec<&TopicId> {
        let parent_of = |id: &TopicId| {
            self.topics.iter().find(|topic| topic.id == *id).and_then(|topic| topic.parent.as_ref())
        };
        std::iter::successors(parent_of(id), |id| parent_of(id)).collect()
    }

    /// The narrower topics of a topic, at any depth, in file order.
    pub fn descendants(&self, id: &TopicId) -> Vec<&TopicId> {
        let is_narrower = |topic: &&Topic| self.ancestors(&topic.id).contains(&id);
        self.topics.iter().filter(is_narrower).map(|topic| &topic.id).collect()
    }

    /// The topics whose words a batch's documents hold, in file order: one entry a document.
    pub fn label(&self, batch: &TokenizedBatch) -> Vec<Vec<TopicId>> {
        let texts = batch.documents.texts();
        (0..batch.documents.len())
            .map(|document| self.label_text(texts.value(document), &batch.tokens, document))
            .collect()
    }

    /// The topics whose words one text of a batch holds.
    pub fn label_text(&self, text: &str, tokens: &TokenBatch, document: usize) -> Vec<TopicId> {
        self.topics_of(self.label_bits(text, tokens, document))
    }

    /// The same, a bit for each topic in file order.
    pub(crate) fn label_bits(&self, text: &str, tokens: &TokenBatch, document: usize) -> u64 {
        self.find(text, Some((tokens.words(document), tokens.sub_words(document))))
    }

    /// Topics by their bits.
    pub(crate) fn topics_of(&self, mut bits: u64) -> Vec<TopicId> {
        let mut topics = Vec::with_capacity(bits.count_ones() as usize);
        while bits != 0 {
            topics.push(self.topics[bits.trailing_zeros() as usize].id.clone());
            bits &= bits - 1;
        }
        topics
    }

    /// The bit of a topic.
    pub(crate) fn bit_of(&self, id: &str) -> Option<u64> {
        self.topics.iter().position(|topic| topic.id.as_str() == id).map(|bit| 1 << bit)
    }

    /// For each topic the bits of its wider matters.
    pub(crate) fn wider_bits(&self) -> Vec<u64> {
        let bits = |topic: &Topic| {
            let wider = self.ancestors(&topic.id);
            wider.into_iter().filter_map(|id| self.bit_of(id.as_str())).fold(0, |a, b| a | b)
        };
        self.topics.iter().map(bits).collect()
    }

    /// Words with the topics that they stand for, a bit each.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&str, u64)> {
        self.words.iter().map(|(word, topics)| (word.as_str(), *topics))
    }

    /// A text without the words of any topic.
    pub(crate) fn without_words(&self, text: &str, tokens: &TokenBatch, document: usize) -> String {
        let tokens = (tokens.words(document), tokens.sub_words(document));
        let (mut rest, mut next_word, mut kept_to) = (String::new(), 0, 0);
        for found in self.automaton.leftmost_find_iter(folded(text).as_ref()) {
            let hit = &self.hits[found.value() as usize];
            let counts = hit.topics & !hit.hides != 0 || hit.halves != 0;
            let span = (found.start() as u32, found.end() as u32);
            if counts && stands_alone(span, tokens, &mut next_word) {
                rest.push_str(text.get(kept_to..found.start()).unwrap_or_default());
                kept_to = found.end();
            }
        }
        rest.push_str(text.get(kept_to..).unwrap_or_default());
        rest
    }

    /// Topic bits of one text. Without tokens every match counts; with them a word of one or two characters must begin and end where tokens do,
    /// a longer one must share one end with a token.
    fn find(&self, text: &str, tokens: Option<(&[Token], &[Token])>) -> u64 {
        let (mut topics, mut halves) = (0u64, 0u128);
        let mut next_word = 0;
        for found in self.automaton.leftmost_find_iter(folded(text).as_ref()) {
            let hit = &self.hits[found.value() as usize];
            if hit.topics & !topics == 0 && hit.halves & !halves == 0 {
                continue;
            }
            let span = (found.start() as u32, found.end() as u32);
            if tokens.is_some_and(|tokens| !stands_alone(span, tokens, &mut next_word)) {
                continue;
            }
            topics |= hit.topics & !hit.hides;
            halves |= hit.halves;
        }
        for (pair, topic) in self.pair_topics.iter().enumerate() {
            if (halves >> (2 * pair)) & 3 == 3 {
                topics |= 1 << topic;
            }
        }
        topics
    }

    /// The words of topics in a text, by where they stand, each with the first of its topics.
    pub(crate) fn terms(&self, text: &str, tokens: &TokenBatch, document: usize) -> Vec<Term> {
        let tokens = (tokens.words(document), tokens.sub_words(document));
        let mut next_word = 0;
        let folded = folded(text);
        let found = self.automaton.leftmost_find_iter(folded.as_ref()).filter_map(|found| {
            let hit = &self.hits[found.value() as usize];
            let topics = hit.topics & !hit.hides;
            let (byte_start, byte_end) = (found.start() as u32, found.end() as u32);
            let counts =
                topics != 0 && stands_alone((byte_start, byte_end), tokens, &mut next_word);
            let topic = topics.trailing_zeros() as usize;
            counts.then(|| Term { byte_start, byte_end, topic: self.topics[topic].id.clone() })
        });
        found.collect()
    }

    fn check_examples(&self, file: &str, raw: &RawTaxonomy) -> Result<(), Error> {
        for (bit, topic) in raw.topic.iter().enumerate() {
            if let Some(example) =
                topic.examples.iter().find(|example| self.find(example, None) & (1 << bit) == 0)
            {
                let problem = format!("its example {example:?} does not match it");
                return Err(refused(
                    file,
                    &topic.id,
                    problem,
                    "add a word of the example to `words`, or take it out of `except`",
                ));
            }
        }
        Ok(())
    }
}

/// A text with its letters small: as many bytes, and the same text where it has no capital.
fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a match is a word of the text and not the seam of two others. `next_word` is where the last call stopped: matches come in order.
fn stands_alone(
    (byte_start, byte_end): (u32, u32),
    (words, sub_words): (&[Token], &[Token]),
    next_word: &mut usize,
) -> bool {
    while words.get(*next_word).is_some_and(|word| word.byte_end <= byte_start) {
        *next_word += 1;
    }
    let rest = words.get(*next_word..).unwrap_or_default();
    let (mut starts, mut ends) = (false, false);
    for word in rest.iter().take_while(|word| word.byte_start < byte_end) {
        starts |= word.byte_start == byte_start;
        ends |= word.byte_end == byte_end;
    }
    let is_short = byte_end - byte_start <= 6;
    let aligned = if is_short { starts && ends } else { starts || ends };
    aligned || sub_words.iter().any(|sub| sub.byte_start == byte_start && sub.byte_end == byte_end)
}

fn refused(file: &str, topic: &str, problem: String, hint: &'static str) -> Error {
    Error::Topic { file: file.to_owned(), topic: topic.to_owned(), problem, hint }
}

fn checked_topics(file: &str, raw: &RawTaxonomy) -> Result<Vec<Topic>, Error> {
    if raw.topic.len() > TOPICS_MAX {
        let problem = format!("it is one of {} topics (at most {TOPICS_MAX})", raw.topic.len());
        return Err(refused(file, &raw.topic[TOPICS_MAX].id, problem, "join narrow topics"));
    }
    let mut seen = FxHashSet::default();
    let mut topics = Vec::with_capacity(raw.topic.len());
    for topic in &raw.topic {
        let fail = |problem: String, hint| refused(file, &topic.id, problem, hint);
        if !seen.insert(topic.id.as_str()) {
            return Err(fail("it stands twice in the file".to_owned(), "give each topic one name"));
        }
        if topic.words.is_empty() && topic.pairs.is_empty() {
            return Err(fail(
                "it has neither words nor pairs".to_owned(),
                "list the words that people use for the matter in `words`",
            ));
        }
        let names = std::iter::once(&topic.id).chain(&topic.words).chain(&topic.pairs);
        for name in names {
            if let Some((what, stem)) = sorts_by(name) {
                let problem = format!("{name:?} holds {stem:?}, which sorts people by {what}");
                return Err(fail(
                    problem,
                    "topics name matters (食堂, 培训, 倒班), never kinds of people; say which matter the feedback is about",
                ));
            }
        }
        let id = TopicId::new(&topic.id)
            .map_err(|error| fail(error.to_string(), "use a short name without slashes"))?;
        let parent = match &topic.parent {
            Some(parent) => Some(
                TopicId::new(parent)
                    .map_err(|error| fail(error.to_string(), "name another topic of the file"))?,
            ),
            None => None,
        };
        topics.push(Topic { id, parent });
    }
    for topic in &topics {
        // Following parents must end at a topic without one within as many steps as there are topics.
        let mut at = topic;
        for step in 0.. {
            let Some(parent) = &at.parent else { break };
            let fail = |problem: String, hint| refused(file, topic.id.as_str(), problem, hint);
            at = topics.iter().find(|other| other.id == *parent).ok_or_else(|| {
                fail(
                    format!("its parent {parent} is not in the file"),
                    "list the parent as a topic of its own",
                )
            })?;
            if step > topics.len() {
                return Err(fail(
                    "its parents form a circle".to_owned(),
                    "let the widest topic have no parent",
                ));
            }
        }
    }
    Ok(topics)
}

fn collect_words(
    file: &str,
    raw: &RawTaxonomy,
) -> Result<(FxHashMap<String, WordHit>, Vec<u8>), Error> {
    let mut words: FxHashMap<String, WordHit> = FxHashMap::default();
    let mut pair_topics = Vec::new();
    for (bit, topic) in (0u8..).zip(&raw.topic) {
        let mask = 1u64 << bit;
        for word in &topic.words {
            if word.trim().is_empty() {
                return Err(refused(
                    file,
                    &topic.id,
                    "one of its words is empty".to_owned(),
                    "delete it",
                ));
            }
            words.entry(word.trim().to_owned()).or_default().topics |= mask;
        }
        for word in &topic.except {
            words.entry(word.trim().to_owned()).or_default().hides |= mask;
        }
        for pair in &topic.pairs {
            let Some((left, right)) =
                pair.split_once(' ').filter(|_| pair_topics.len() < PAIRS_MAX)
            else {
                let problem = format!(
                    "its pair {pair:?} is not two words with a space between (at most {PAIRS_MAX} pairs in the file)"
                );
                return Err(refused(file, &topic.id, problem, "write it as \"排队 打饭\""));
            };
            let first_half = 2 * pair_topics.len();
            words.entry(left.trim().to_owned()).or_default().halves |= 1 << first_half;
            words.entry(right.trim().to_owned()).or_default().halves |= 1 << (first_half + 1);
            pair_topics.push(bit);
        }
    }
    // A longer word hides a shorter one from the automaton (打饭窗口 hides 窗口), so it carries the topics of the words inside it that it does not hide.
    let inner: Vec<(String, WordHit)> =
        words.iter().map(|(word, hit)| (word.clone(), *hit)).collect();
    for (word, hit) in &mut words {
        for (shorter, inside) in inner
            .iter()
            .filter(|(shorter, _)| shorter.len() < word.len() && word.contains(shorter.as_str()))
        {
            debug_assert!(!shorter.is_empty(), "empty words were refused");
            hit.topics |= inside.topics & !hit.hides;
            hit.halves |= inside.halves;
        }
    }
    Ok((words, pair_topics))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn check(text: &str, expected: &[&str]) {
        let taxonomy = Taxonomy::parse("topics.toml", Taxonomy::BUILTIN).unwrap();
        let labels = taxonomy.label(&fixture::batch(&[text]));
        let names: Vec<&str> = labels[0].iter().map(TopicId::as_str).collect();
        assert_eq!(names, expected, "{text}");
    }

    fn check_refused(content: &str, expected: &str) {
        let message = Taxonomy::parse("topics.toml", content).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_text_may_speak_about_several_matters() {
        check("食堂饭菜好但排队太久", &["食堂"]);
        check("夜班津贴太低，班车又晚点", &["通勤", "倒班", "薪酬"]);
        check("今天天气不错", &[]);
    }

    #[test]
    fn letters_are_met_in_any_case() {
        let content = "version = 1\n[[topic]]\nid = \"网络\"\nwords = [\"wifi\", \"VPN\"]\n";
        let taxonomy = Taxonomy::parse("topics.toml", content).unwrap();
        for text in ["WIFI太慢", "wifi太慢", "WiFi太慢", "vpn断了"] {
            assert_eq!(taxonomy.label(&fixture::batch(&[text]))[0].len(), 1, "{text}");
        }
    }

    #[test]
    fn a_longer_exception_hides_a_word() {
        check("有安全感", &[]);
        check("装置停车检修", &["设备"]);
    }

    #[test]
    fn parents_are_found() {
        let taxonomy = Taxonomy::parse("topics.toml", Taxonomy::BUILTIN).unwrap();
        let ancestors = taxonomy.ancestors(&"课程内容".parse().unwrap());
        assert_eq!(ancestors.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["培训学习"]);
        let descendants = taxonomy.descendants(&"培训学习".parse().unwrap());
        assert!(descendants.iter().any(|id| id.as_str() == "课程内容"), "{descendants:?}");
        assert!(descendants.iter().all(|id| id.as_str() != "培训学习"));
        assert_eq!(taxonomy.descendants(&"课程内容".parse().unwrap()), [] as [&TopicId; 0]);
    }

    #[test]
    fn words_can_be_cut_out() {
        let taxonomy = Taxonomy::builtin().unwrap();
        let text = "食堂街的食堂饭菜好,班车晚点";
        let batch = fixture::batch(&[text]);
        let rest = taxonomy.without_words(text, &batch.tokens, 0);
        assert_eq!(rest, "食堂街的好,晚点", "a word that hides another stays");
        assert_eq!(taxonomy.label(&fixture::batch(&[&rest]))[0].len(), 0);
    }

    #[test]
    fn people_are_not_a_topic() {
        check_refused(
            "version = 1\n[[topic]]\nid = \"职工思想动态\"\nwords = [\"想法\"]\n",
            "taxonomy topics.toml, topic \"职工思想动态\": \"职工思想动态\" holds \"思想动态\", which sorts people by conviction (hint: topics name matters",
        );
        check_refused(
            "version = 1\n[[topic]]\nid = \"后勤\"\nwords = [\"党员食堂\"]\n",
            "taxonomy topics.toml, topic \"后勤\": \"党员食堂\" holds \"党员\"",
        );
    }

    #[test]
    fn broken_topics_say_what_to_do() {
        check_refused(
            "version = 1\n[[topic]]\nid = \"食堂\"\n",
            "taxonomy topics.toml, topic \"食堂\": it has neither words nor pairs (hint: list the words",
        );
        check_refused(
            "version = 1\n[[topic]]\nid = \"食堂\"\nparent = \"后勤\"\nwords = [\"饭\"]\n",
            "taxonomy topics.toml, topic \"食堂\": its parent 后勤 is not",
        );
        check_refused(
            "version = 1\n[[topic]]\nid = \"食堂\"\nwords = [\"饭\"]\nexamples = [\"排队\"]\n",
            "taxonomy topics.toml, topic \"食堂\": its example",
        );
        check_refused("version = 1\n[[topics]]\n", "read taxonomy topics.toml");
    }
}
