//! What readers see: the plain data inside [`crate::Disclosed`], for digest, pages and API.
//!
//! None of these types can be mistaken for a permission: anybody may build a `ReleasedTable`, for a test or a story,
//! but digest and serve take `Disclosed<ReleasedTable>`, and that only the guard makes.

use std::collections::BTreeMap;

use corpus::{
    ClauseSpan, Day, DocumentId, Month, Period, Polarity, SearchQuery, SeriesKey, SourceId, UnitId,
};
use serde::{Deserialize, Serialize};

/// The one answer for everything that stands for too few people: the same whether there is something or nothing.
pub const TOO_FEW: &str = "不足最小人数";

/// The released cells of closed periods. A cell that is not listed is suppressed: whether it holds anybody is not said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReleasedTable {
    /// Months that are closed as a whole and of which something is told, ascending: texts are of these.
    pub months: Vec<Month>,
    /// Closed periods of which something is told, ascending by last day, weeks before their month.
    pub periods: Vec<Period>,
    /// Admitted cells, ascending by key and period.
    pub cells: Vec<ReleasedCell>,
    /// What a month's texts may be narrowed by, ascending: whatever would have been told of by month, whether it was or its weeks were.
    #[serde(skip)]
    pub text_conditions: Vec<(Month, SeriesKey)>,
}

/// One cell of one closed period. Once released it never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReleasedCell {
    /// Which documents it counts: everything, or a unit and at most one more attribute.
    pub key: SeriesKey,
    /// The closed period.
    #[serde(alias = "month")]
    pub period: Period,
    /// What is told.
    pub figures: Figures,
}

/// The numbers of a cell. Shares are of voices, one contributor one voice, in [0, 1]; means are polarity in [-1, 1].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Figures {
    /// Enough people on both sides.
    Shown {
        /// Distinct voices, at least `k_score`.
        voices: u32,
        /// Voices with a positive mean.
        positive_share: f64,
        /// Voices with a negative mean.
        negative_share: f64,
        /// Voices in between.
        neutral_share: f64,
        /// Mean over voices.
        mean: f64,
        /// 95 % interval for the mean.
        mean_interval: (f64, f64),
    },
    /// Nearly everybody is on one side: exact shares would tell what each of them thinks.
    Range {
        /// Distinct voices, at least `k_score`.
        voices: u32,
        /// Smallest and largest share of positive voices.
        positive_share: (f64, f64),
        /// Smallest and largest share of negative voices.
        negative_share: (f64, f64),
        /// Smallest and largest share of neutral voices.
        neutral_share: (f64, f64),
        /// Smallest and largest mean.
        mean: (f64, f64),
    },
    /// [`TOO_FEW`], or withheld so that another cell stays safe. Readers are not told which.
    Suppressed,
}

impl ReleasedTable {
    /// What may be told of `key` in `period`; [`Figures::Suppressed`] for everything that is not listed.
    pub fn figures(&self, key: &SeriesKey, period: Period) -> &Figures {
        let cell = self.series(key).iter().find(|cell| cell.period == period);
        cell.map_or(&Figures::Suppressed, |cell| &cell.figures)
    }

    /// Whether texts of a month may be shown as those of `key`.
    pub fn shows_texts_of(&self, key: &SeriesKey, month: Month) -> bool {
        self.text_conditions.binary_search_by(|(of, with)| (of, with).cmp(&(&month, key))).is_ok()
    }

    /// Whether something is told of `key` in each period from that of `from` to that of `to`.
    pub fn tells_throughout(&self, key: &SeriesKey, from: Day, to: Day) -> bool {
        let told = |day: Day| {
            let holds = |cell: &&ReleasedCell| {
                cell.period.holds(day) && !matches!(cell.figures, Figures::Suppressed)
            };
            self.series(key).iter().find(holds).map(|cell| cell.period.last_day())
        };
        let mut day = from;
        while let Some(last) = told(day) {
            if last >= to {
                return true;
            }
            day = last.plus(1);
        }
        false
    }

    /// The listed cells of one key, ascending by period.
    pub fn series(&self, key: &SeriesKey) -> &[ReleasedCell] {
        let from = self.cells.partition_point(|cell| cell.key < *key);
        let cells = self.cells.get(from..).unwrap_or_default();
        cells.get(..cells.partition_point(|cell| cell.key == *key)).unwrap_or_default()
    }

    /// The periods of the kind in which `key` is told of in each year, weeks or months, as far as the table tells something of them, ascending. Years of which
    /// it tells nothing of it are like its last, and a key that is not told of at all is like one told of by month.
    pub fn periods_of(&self, key: &SeriesKey) -> Vec<Period> {
        let cells = self.series(key);
        let last = cells.last().is_none_or(|cell| cell.period.is_month());
        let of_year: BTreeMap<i32, bool> =
            cells.iter().map(|cell| (cell.period.month().year(), cell.period.is_month())).collect();
        let is_month =
            |period: &Period| of_year.get(&period.month().year()).copied().unwrap_or(last);
        self.periods.iter().copied().filter(|p| p.is_month() == is_month(p)).collect()
    }

    /// Keys with at least one listed cell, ascending, each once.
    pub fn keys(&self) -> Vec<&SeriesKey> {
        let mut keys: Vec<&SeriesKey> = self.cells.iter().map(|cell| &cell.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// A quotation from a confidential source: redacted, dated to its month, without score and without stable order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotation {
    /// The redacted text, or a passage of it.
    pub text: String,
    /// Its source.
    pub source: SourceId,
    /// Its unit, only when texts of that month may be shown as the unit's.
    pub unit: Option<UnitId>,
    /// The month it was written in.
    pub month: Month,
    /// Its class, `None` when unsure.
    pub polarity: Option<Polarity>,
}

/// The answer to a search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchAnswer {
    /// What was asked.
    pub query: SearchQuery,
    /// Hits in open sources.
    pub open: OpenHits,
    /// What confidential sources say to the same question.
    pub confidential: ConfidentialAnswer,
}

/// Hits in sources whose texts their readers can see at the source anyway.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct OpenHits {
    /// All documents of open sources that match.
    pub total: u64,
    /// The best of them, best first.
    pub hits: Vec<OpenHit>,
}

/// One document of an open source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenHit {
    /// The document.
    pub id: DocumentId,
    /// BM25.
    pub score: f32,
    /// Its source.
    pub source: SourceId,
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
    /// The clauses of `snippet` with their directions, which tile it; empty when nobody has read them.
    pub clauses: Vec<ClauseSpan>,
}

/// A whole text of an open source, to be labelled by somebody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenText {
    /// The document.
    pub id: DocumentId,
    /// Its source.
    pub source: SourceId,
    /// The redacted text as written.
    pub text: String,
    /// The class that the model would give it.
    pub guess: Polarity,
    /// How unsure the model is, in [0, 1].
    pub uncertainty: f32,
}

/// The confidential half of a search answer. Which of the last two it is depends on people, so `TooFew` carries nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConfidentialAnswer {
    /// The query asked for open sources only.
    NotAsked,
    /// At least `k_search` people of closed months stand behind the filtered set.
    Quotations {
        /// At most one a person.
        quotations: Vec<Quotation>,
    },
    /// Show [`TOO_FEW`].
    TooFew,
}

/// Numbers that are not about people: what was read, what it ran on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What came in, one a source.
    pub sources: Vec<SourceFacts>,
    /// Table version that everything was computed on.
    pub table_version: Option<u64>,
    /// Names and fingerprints of config, dictionaries and models.
    pub versions: Vec<(String, String)>,
}

/// What happened to the documents of one source: read = stored + known + revised + withdrawn + quarantined, folded ⊆ stored, late ⊆ stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFacts {
    /// The source.
    pub source: SourceId,
    /// Documents read.
    pub read: u64,
    /// New rows.
    pub stored: u64,
    /// Of the stored ones, those that repeat another.
    pub folded: u64,
    /// Already in the table.
    pub known: u64,
    /// Replaced an older version.
    pub revised: u64,
    /// Taken back.
    pub withdrawn: u64,
    /// Refused, with reason.
    pub quarantined: u64,
    /// Of the stored ones, those that came after the close of their period.
    #[serde(default)]
    pub late: u64,
}
