//! From a reader's words to documents.
//!
//! Every word asked for must stand in the text as written (a phrase over single characters), so recall does not hang on where the text was cut;
//! the words of the cut only rank. The result is not yet for readers.

use corpus::{Day, DocumentId, Hit, Hits, SearchQuery, SourceId, TopicId, UnitId, Visibility};
use rustc_hash::FxHashSet;
use tantivy::collector::{Collector, Count, SegmentCollector, TopDocs};
use tantivy::columnar::Column;
use tantivy::query::{
    AllQuery, Bm25StatisticsProvider, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur,
    PhraseQuery, Query, RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Value as _};
use tantivy::{
    DocId, Order, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyDocument, Term,
};
use text::OffsetMap;

use crate::error::index as index_error;
use crate::index::{Fields, characters, is_word, polarity_term};
use crate::snippet::snippet;
use crate::{Error, Store};

/// Voices are counted up to this many: the guard only asks whether its limits are reached.
const VOICES_COUNTED_MAX: usize = 256;
/// More clauses than any reader types; the rest of a longer query is refused by the caller.
const CLAUSES_MAX: usize = 32;

/// How queries are read: the same normalization and cut that documents had.
pub trait QueryAnalyzer {
    /// Normalizes a piece of a query.
    fn normalize(&self, text: &str) -> String;
    /// Cuts a normalized piece into words.
    fn words(&self, normalized: &str) -> Vec<String>;
    /// The topics that a topic holds: a document about one of them is about it too.
    fn narrower_topics(&self, topic: &TopicId) -> Vec<TopicId>;
}

/// Documents found, and how many contributors stand behind all of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchOutcome {
    /// The documents.
    pub hits: Hits,
    /// Distinct contributors (duplicate groups where a source names none) behind all matches, counted up to 256.
    pub voices: usize,
    /// Whom each hit counts for, in the order of `hits`.
    pub hit_voices: Vec<HitVoice>,
}

/// Whom a document counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HitVoice {
    /// The contributor's pseudonym, or the duplicate group where the source names none.
    pub voice: u64,
    /// Which of the two it is.
    pub is_contributor: bool,
}

/// One thing that a text must or must not hold, normalized.
struct Clause {
    text: String,
    words: Vec<String>,
    excluded: bool,
}

impl Store {
    /// Finds documents. Hits come best first, or newest first when nothing was asked for by words.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(
        &self,
        query: &SearchQuery,
        analyzer: &dyn QueryAnalyzer,
    ) -> Result<SearchOutcome, Error> {
        let fields = self.index.fields;
        let clauses = parse(&query.text, analyzer);
        let tantivy_query = build(fields, query, &clauses, &topics(query, analyzer));
        let searcher = self.index.searcher();
        let limit = query.limit.max(1);
        let ranked = clauses.iter().any(|clause| !clause.excluded);
        let failed = || index_error("search the index");
        let (top, total, voices) = if ranked && query.visibility == Some(Visibility::Open) {
            let collectors = (TopDocs::with_limit(limit).order_by_score(), Count, Voices);
            let statistics = OpenStatistics::new(&searcher, fields).map_err(failed())?;
            searcher
                .search_with_statistics_provider(&*tantivy_query, &collectors, &statistics)
                .map_err(failed())?
        } else if ranked {
            let collectors = (TopDocs::with_limit(limit).order_by_score(), Count, Voices);
            searcher.search(&*tantivy_query, &collectors).map_err(failed())?
        } else {
            let by_day = TopDocs::with_limit(limit).order_by_fast_field::<i64>("day", Order::Desc);
            let (top, total, voices) =
                searcher.search(&*tantivy_query, &(by_day, Count, Voices)).map_err(failed())?;
            (top.into_iter().map(|(_, address)| (0.0, address)).collect(), total, voices)
        };
        let needles: Vec<&str> = clauses
            .iter()
            .filter(|clause| !clause.excluded)
            .map(|clause| clause.text.as_str())
            .collect();
        let mut outcome = SearchOutcome {
            hits: Hits { total: total as u64, hits: Vec::with_capacity(top.len()) },
            voices: voices.len(),
            hit_voices: Vec::new(),
        };
        for (score, address) in top {
            let document: TantivyDocument = searcher.doc(address).map_err(failed())?;
            outcome.hit_voices.push(
                hit_voice(searcher.segment_reader(address.segment_ord), address.doc_id)
                    .map_err(failed())?,
            );
            outcome.hits.hits.push(hit(fields, &document, score, &needles));
        }
        Ok(outcome)
    }
}

/// How often words stand in open documents. Scores and order of open hits come from these alone: from the usual counts over all documents one
/// could read how often a word stands in confidential ones, and see each that comes in.
struct OpenStatistics<'a> {
    searcher: &'a Searcher,
    is_open: TermQuery,
    documents: u64,
}

/// What ranking takes for the usual length of a text, in words.
const WORDS_USUAL: u64 = 40;

impl<'a> OpenStatistics<'a> {
    fn new(searcher: &'a Searcher, fields: Fields) -> tantivy::Result<Self> {
        let term = Term::from_field_text(fields.visibility, Visibility::Open.as_str());
        let is_open = TermQuery::new(term, IndexRecordOption::Basic);
        let documents = searcher.search(&is_open, &Count)? as u64;
        Ok(Self { searcher, is_open, documents })
    }
}

impl Bm25StatisticsProvider for OpenStatistics<'_> {
    fn total_num_tokens(&self, _: Field) -> tantivy::Result<u64> {
        Ok(self.documents * WORDS_USUAL)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.documents)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let holds = TermQuery::new(term.clone(), IndexRecordOption::Basic);
        let both =
            BooleanQuery::intersection(vec![Box::new(holds), Box::new(self.is_open.clone())]);
        Ok(self.searcher.search(&both, &Count)? as u64)
    }
}

/// Splits at white space outside `"…"` (also `“…”`); a leading `-` excludes.
fn parse(text: &str, analyzer: &dyn QueryAnalyzer) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && clauses.len() < CLAUSES_MAX {
        let (excluded, body) = match rest.strip_prefix('-') {
            Some(body) if !body.starts_with(char::is_whitespace) => (true, body),
            _ => (false, rest),
        };
        let (quoted, body, tail) = match body.strip_prefix(is_quote) {
            Some(inside) => {
                let (phrase, tail) = inside.split_once(is_quote).unwrap_or((inside, ""));
                (true, phrase, tail)
            }
            None => {
                let (word, tail) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
                (false, word, tail)
            }
        };
        rest = tail.trim_start();
        let normalized = analyzer.normalize(body);
        let words = analyzer.words(&normalized);
        if quoted || excluded || words.len() <= 1 {
            push_clause(&mut clauses, normalized, words, excluded);
        } else {
            // Unquoted 食堂饭菜 asks for both words, wherever they stand.
            for word in words {
                push_clause(&mut clauses, word.clone(), vec![word], false);
            }
        }
    }
    clauses
}

fn push_clause(clauses: &mut Vec<Clause>, text: String, words: Vec<String>, excluded: bool) {
    if !characters(&text).is_empty() {
        clauses.push(Clause { text, words, excluded });
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '「' | '」')
}

/// The topics one of which a document must have, or none when the reader asked for none.
///
/// A topic holds its narrower ones for open texts, each of which may be read anyway. Of confidential texts it is what the released cells count: those that
/// carry the topic itself.
fn topics(query: &SearchQuery, analyzer: &dyn QueryAnalyzer) -> Vec<TopicId> {
    let mut topics: Vec<TopicId> = query.topic.iter().cloned().collect();
    if query.visibility == Some(Visibility::Open) {
        topics.extend(query.topic.iter().flat_map(|topic| analyzer.narrower_topics(topic)));
    }
    topics
}

fn build(
    fields: Fields,
    query: &SearchQuery,
    clauses: &[Clause],
    topics: &[TopicId],
) -> Box<dyn Query> {
    let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for clause in clauses {
        let written = substring(fields, &clause.text);
        if clause.excluded {
            // A phrase as an exclusion is asked for documents before its first match, which its scorer in tantivy 0.27 does not bear
            // (`PhraseScorer::seek_danger`, found by `no_query_breaks_search`); a union of two is asked through a check that does.
            let excluded = BooleanQuery::union(vec![written.box_clone(), written]);
            parts.push((Occur::MustNot, Box::new(excluded)));
        } else {
            parts.push((Occur::Must, Box::new(ConstScoreQuery::new(written, 0.0))));
            for word in &clause.words {
                let field = if is_word(word) { fields.words } else { fields.chars };
                let term = Term::from_field_text(field, &word.to_lowercase());
                parts.push((
                    Occur::Should,
                    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
                ));
            }
        }
    }
    let mut exactly = |term: Term| {
        let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
        parts.push((Occur::Must, Box::new(ConstScoreQuery::new(query, 0.0))));
    };
    if let Some(source) = &query.source {
        exactly(Term::from_field_text(fields.source, source.as_str()));
    }
    if let Some(unit) = &query.unit {
        exactly(Term::from_field_text(fields.unit, unit.as_str()));
    }
    if let Some(polarity) = query.polarity {
        exactly(polarity_term(fields, polarity));
    }
    if let Some(visibility) = query.visibility {
        exactly(Term::from_field_text(fields.visibility, visibility.as_str()));
    }
    if !topics.is_empty() {
        let terms = topics.iter().map(|topic| Term::from_field_text(fields.topic, topic.as_str()));
        let any = Box::new(TermSetQuery::new(terms));
        parts.push((Occur::Must, Box::new(ConstScoreQuery::new(any, 0.0))));
    }
    if query.from.is_some() || query.to.is_some() {
        let bound = |day: Option<Day>| match day {
            Some(day) => {
                std::ops::Bound::Included(Term::from_field_i64(fields.day, i64::from(day.0)))
            }
            None => std::ops::Bound::Unbounded,
        };
        let range: Box<dyn Query> = Box::new(RangeQuery::new(bound(query.from), bound(query.to)));
        parts.push((Occur::Must, Box::new(BoostQuery::new(range, 0.0))));
    }
    if !parts.iter().any(|(occur, _)| *occur == Occur::Must) {
        parts.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))));
    }
    Box::new(BooleanQuery::new(parts))
}

/// Documents whose text holds `text` as written.
fn substring(fields: Fields, text: &str) -> Box<dyn Query> {
    let mut terms: Vec<(usize, Term)> = characters(text)
        .into_iter()
        .map(|(position, term)| (position, Term::from_field_text(fields.chars, &term)))
        .collect();
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => Box::new(TermQuery::new(terms.remove(0).1, IndexRecordOption::Basic)),
        _ => Box::new(PhraseQuery::new_with_offset(terms)),
    }
}

fn hit_voice(segment: &SegmentReader, document: DocId) -> tantivy::Result<HitVoice> {
    let columns = segment.fast_fields();
    let voice = columns.u64("voice")?.first(document).unwrap_or_default();
    let is_contributor = columns.bool("contributor")?.first(document).unwrap_or_default();
    Ok(HitVoice { voice, is_contributor })
}

fn hit(fields: Fields, document: &TantivyDocument, score: Score, needles: &[&str]) -> Hit {
    let stored = |field| document.get_first(field).and_then(|value| value.as_str());
    let display = stored(fields.display).unwrap_or_default();
    let text = stored(fields.text).unwrap_or(display);
    let map = document.get_first(fields.map).and_then(|value| value.as_bytes()).unwrap_or_default();
    // A map that cannot be read only costs the highlights their place; identity is the safe reading.
    let map = OffsetMap::decode(map).unwrap_or_else(|_| OffsetMap::identity());
    let (snippet, highlights) = snippet(display, text, &map, needles);
    Hit {
        id: document
            .get_first(fields.id)
            .and_then(|value| value.as_bytes()?.try_into().ok())
            .map(|id| DocumentId(u128::from_be_bytes(id)))
            .expect("every indexed document stores its id"),
        score,
        source: SourceId::new(stored(fields.source).unwrap_or_default())
            .expect("every indexed document stores its source"),
        visibility: stored(fields.visibility)
            .and_then(|word| word.parse().ok())
            .unwrap_or(Visibility::Confidential),
        unit: stored(fields.unit).and_then(|name| UnitId::new(name).ok()),
        day: Day(
            document.get_first(fields.day).and_then(|value| value.as_i64()).unwrap_or_default()
                as i32,
        ),
        snippet,
        highlights,
        polarity: stored(fields.polarity).and_then(|word| word.parse().ok()),
        topics: document
            .get_all(fields.topic)
            .filter_map(|value| value.as_str())
            .map(str::to_owned)
            .collect(),
        clauses: Vec::new(),
    }
}

/// Collects distinct voices, up to [`VOICES_COUNTED_MAX`].
struct Voices;

struct SegmentVoices {
    column: Column<u64>,
    voices: FxHashSet<u64>,
}

impl Collector for Voices {
    type Fruit = FxHashSet<u64>;
    type Child = SegmentVoices;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentVoices> {
        Ok(SegmentVoices {
            column: segment.fast_fields().u64("voice")?,
            voices: FxHashSet::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<FxHashSet<u64>>) -> tantivy::Result<FxHashSet<u64>> {
        Ok(segments.into_iter().flatten().take(VOICES_COUNTED_MAX * 4).collect())
    }
}

impl SegmentCollector for SegmentVoices {
    type Fruit = FxHashSet<u64>;

    fn collect(&mut self, document: DocId, _: Score) {
        if self.voices.len() < VOICES_COUNTED_MAX
            && let Some(voice) = self.column.first(document)
        {
            self.voices.insert(voice);
        }
    }

    fn harvest(self) -> FxHashSet<u64> {
        self.voices
    }
}
