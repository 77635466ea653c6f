//! The two ends of search.

use serde::Serialize;

use crate::{Day, DocumentId, Polarity, SourceId, TopicId, UnitId, Visibility};

/// What a reader asks for. Every field narrows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchQuery {
    /// Words, with `"…"` around phrases and `-` before what must not occur; empty is everything.
    pub text: String,
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
    /// One source.
    pub source: Option<SourceId>,
    /// One unit.
    pub unit: Option<UnitId>,
    /// One topic.
    pub topic: Option<TopicId>,
    /// One polarity.
    pub polarity: Option<Polarity>,
    /// Sources of one visibility only.
    pub visibility: Option<Visibility>,
    /// Hits to return.
    pub limit: usize,
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            from: None,
            to: None,
            source: None,
            unit: None,
            topic: None,
            polarity: None,
            visibility: None,
            limit: 20,
        }
    }
}

/// One document found. It is not yet for readers: the disclosure guard decides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The document.
    pub id: DocumentId,
    /// BM25.
    pub score: f32,
    /// Its source.
    pub source: SourceId,
    /// How the source was declared.
    pub visibility: Visibility,
    /// Its unit.
    pub unit: Option<UnitId>,
    /// Day of posting.
    pub day: Day,
    /// A passage of the redacted text as written.
    pub snippet: String,
    /// Character ranges of `snippet` that match, ascending and disjoint, end exclusive.
    pub highlights: Vec<(u32, u32)>,
    /// Class, `None` when unsure.
    pub polarity: Option<Polarity>,
    /// Its topics.
    pub topics: Vec<String>,
    /// The clauses of `snippet`, which they tile; empty when nobody has read them.
    pub clauses: Vec<ClauseSpan>,
}

/// A clause of a shown text and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClauseSpan {
    /// First character.
    pub from: u32,
    /// One past the last character.
    pub to: u32,
    /// Class, `None` when unsure.
    pub polarity: Option<Polarity>,
    /// Whether it is mere form (套话) in its source, which the polarity of its text leaves out.
    pub is_form: bool,
}

/// The hits of one query.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Hits {
    /// All documents that match.
    pub total: u64,
    /// The best of them, best first.
    pub hits: Vec<Hit>,
}
