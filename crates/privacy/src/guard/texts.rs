//! Texts and search answers: what may be read, not only counted.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};

use corpus::{Hit, Hits, Month, Polarity, SearchQuery, SeriesKey, SourceId, UnitId, Visibility};
use rustc_hash::{FxHashSet, FxHasher};

use crate::Disclosed;
use crate::release::{
    ConfidentialAnswer, OpenHit, OpenHits, OpenText, Quotation, ReleasedTable, SearchAnswer,
};
use crate::style::STYLE_RISK_MAX;

use super::Guard;

/// Texts in one answer, so that nobody reads a whole source page by page.
const QUOTATIONS_MAX: usize = 20;

/// Share of character pairs in common from which two texts are copies of one.
const COPY_LIKENESS_MIN: f64 = 0.5;
const COPY_PAIRS_MIN: usize = 10;

/// A text that asks to be quoted.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotationCandidate {
    /// The redacted text, or a passage of it.
    pub text: String,
    /// Its source.
    pub source: SourceId,
    /// Its unit.
    pub unit: Option<UnitId>,
    /// The month that it is counted in.
    pub month: Month,
    /// Its class.
    pub polarity: Option<Polarity>,
    /// The contributor's voice, or the duplicate group where the source names no contributor.
    pub voice: u64,
    /// Whether `voice` is a contributor: duplicate groups count half.
    pub is_contributor: bool,
    /// [`crate::StyleRisk`]; texts above [`STYLE_RISK_MAX`] are not quoted, of one voice the least telling text is quoted.
    pub style_risk: f32,
}

/// What the store found in confidential sources: every match that asks to be quoted, not only the first page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConfidentialMatches {
    /// The matches.
    pub candidates: Vec<QuotationCandidate>,
}

/// Texts of one set: those that a page quotes and those of them that a file may.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotationSet {
    /// With `k_verbatim` people behind them.
    pub shown: Disclosed<Vec<Quotation>>,
    /// With `k_export`.
    pub exported: Disclosed<Vec<Quotation>>,
}

impl QuotationSet {
    /// Without any text.
    pub fn empty() -> Self {
        Self { shown: Disclosed::new(Vec::new()), exported: Disclosed::new(Vec::new()) }
    }
}

impl Guard {
    /// The answer to a search. `open` is what the same query finds in open sources alone, its total included; `confidential` are matches in confidential
    /// sources.
    ///
    /// Confidential sources answer only over whole closed months: a query with days, exclusions or phrases inside gets the neutral answer,
    /// the same as one behind which stand too few people, and the same as one without any match.
    pub fn disclose_search(
        &self,
        query: &SearchQuery,
        open: &Hits,
        confidential: &ConfidentialMatches,
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<SearchAnswer> {
        let asks_open = query.visibility != Some(Visibility::Confidential);
        let hits: Vec<OpenHit> = open
            .hits
            .iter()
            .filter(|hit| asks_open && hit.visibility == Visibility::Open)
            .map(open_hit)
            .collect();
        // A total that also counts confidential documents would be a search oracle over them: one hit of theirs shows that it does.
        let total = if hits.len() == open.hits.len() { open.total } else { hits.len() as u64 };
        let confidential = match query.visibility {
            Some(Visibility::Open) => ConfidentialAnswer::NotAsked,
            _ if !is_whole_question(query) => ConfidentialAnswer::TooFew,
            _ => self.confidential_answer(query, confidential, table.get()),
        };
        Disclosed::new(SearchAnswer {
            query: query.clone(),
            open: OpenHits { total, hits },
            confidential,
        })
    }

    fn confidential_answer(
        &self,
        query: &SearchQuery,
        matches: &ConfidentialMatches,
        table: &ReleasedTable,
    ) -> ConfidentialAnswer {
        let limit = query.limit.min(QUOTATIONS_MAX);
        // A condition is a cell: where the cell is withheld, its texts are too.
        let condition = SeriesKey {
            source: query.source.clone(),
            unit: query.unit.clone(),
            topic: query.topic.clone(),
        };
        let candidates = of_series(&condition, &matches.candidates, table);
        let quotations = self.choose(&candidates, table, self.limits.values().k_search, limit);
        if quotations.is_empty() {
            ConfidentialAnswer::TooFew
        } else {
            ConfidentialAnswer::Quotations { quotations }
        }
    }

    /// Quotations for a report: of texts of `key` in released months behind which `k_verbatim` people stand, at most one a voice, at most `count_max`.
    pub fn quotations(
        &self,
        key: &SeriesKey,
        candidates: &[QuotationCandidate],
        table: &Disclosed<ReleasedTable>,
        count_max: usize,
    ) -> Disclosed<Vec<Quotation>> {
        let candidates = of_series(key, candidates, table.get());
        let people_min = self.limits.values().k_verbatim;
        Disclosed::new(self.choose(&candidates, table.get(), people_min, count_max))
    }

    /// Whole texts to be labelled, of open sources only: what a confidential source holds is read as quotations and in no other way.
    pub fn texts_to_label(
        &self,
        candidates: Vec<(Visibility, OpenText)>,
    ) -> Disclosed<Vec<OpenText>> {
        let open = candidates.into_iter().filter(|(visibility, _)| *visibility == Visibility::Open);
        Disclosed::new(open.map(|(_, text)| text).collect())
    }

    /// Several sets of quotations for one report, of texts of each key as in [`Guard::quotations`].
    ///
    /// Each set is admitted for itself, by series and month, among the people whom no set before it quotes: nobody is quoted twice in a report, and no text, nor a copy of it, stands as one
    /// of two series, since the two together would tell of a narrower one. What may leave as a file is of the same texts.
    pub fn quotation_sets(
        &self,
        sets: &[(SeriesKey, Vec<QuotationCandidate>)],
        table: &Disclosed<ReleasedTable>,
        count_max: usize,
    ) -> Vec<QuotationSet> {
        let limits = self.limits.values();
        let mut quoted: Vec<&QuotationCandidate> = Vec::new();
        let mut pairs: Vec<FxHashSet<(char, char)>> = Vec::new();
        let mut found = Vec::new();
        let of_key: Vec<Vec<QuotationCandidate>> =
            sets.iter().map(|(key, candidates)| of_series(key, candidates, table.get())).collect();
        for candidates in &of_key {
            let is_free = |candidate: &&QuotationCandidate| {
                let is_of = |other: &&QuotationCandidate| {
                    (&other.source, other.month, other.voice)
                        == (&candidate.source, candidate.month, candidate.voice)
                };
                let own = character_pairs(&candidate.text);
                let is_copy = pairs.iter().any(|pairs| likeness(&own, pairs) >= COPY_LIKENESS_MIN);
                !quoted.iter().any(is_of) && !is_copy
            };
            let free: Vec<&QuotationCandidate> = candidates.iter().filter(is_free).collect();
            let chosen = chosen(&free, table.get(), limits.k_verbatim, count_max);
            let is_exported = |candidate: &&&QuotationCandidate| {
                let of_month = free.iter().filter(|other| other.month == candidate.month);
                people(of_month.map(|other| voice_of(other))) >= limits.k_export
            };
            let told = |candidate: &&QuotationCandidate| quotation(candidate, table.get());
            found.push(QuotationSet {
                shown: Disclosed::new(chosen.iter().map(told).collect()),
                exported: Disclosed::new(chosen.iter().filter(is_exported).map(told).collect()),
            });
            pairs.extend(chosen.iter().map(|candidate| character_pairs(&candidate.text)));
            quoted.extend(chosen);
        }
        found
    }

    pub(super) fn choose(
        &self,
        candidates: &[QuotationCandidate],
        table: &ReleasedTable,
        k: u32,
        count_max: usize,
    ) -> Vec<Quotation> {
        let candidates: Vec<&QuotationCandidate> = candidates.iter().collect();
        let chosen = chosen(&candidates, table, k, count_max);
        chosen.into_iter().map(|candidate| quotation(candidate, table)).collect()
    }
}

/// At most `count_max` texts of released months behind which `k` people stand, one a voice, in an order that tells nothing.
fn chosen<'c>(
    candidates: &[&'c QuotationCandidate],
    table: &ReleasedTable,
    k: u32,
    count_max: usize,
) -> Vec<&'c QuotationCandidate> {
    let released: BTreeSet<Month> = table.months.iter().copied().collect();
    let mut by_month: BTreeMap<Month, Vec<&QuotationCandidate>> = BTreeMap::new();
    for &candidate in candidates.iter().filter(|candidate| released.contains(&candidate.month)) {
        by_month.entry(candidate.month).or_default().push(candidate);
    }
    // Each month needs its own k people: a quotation is dated to its month.
    by_month.retain(|_, candidates| people(candidates.iter().map(|c| voice_of(c))) >= k);
    let mut chosen: Vec<&QuotationCandidate> =
        by_month.into_values().flat_map(one_a_voice).collect();
    chosen.retain(|candidate| candidate.style_risk <= STYLE_RISK_MAX);
    chosen.sort_by(|a, b| {
        a.style_risk.total_cmp(&b.style_risk).then_with(|| shuffled(a).cmp(&shuffled(b)))
    });
    let mut chosen = without_copies(chosen, count_max);
    // Neither arrival nor risk shows in the order.
    chosen.sort_by_key(|candidate| shuffled(candidate));
    chosen
}

/// The candidates of months whose texts may be shown as those of `key`.
pub(super) fn of_series(
    key: &SeriesKey,
    candidates: &[QuotationCandidate],
    table: &ReleasedTable,
) -> Vec<QuotationCandidate> {
    let months: BTreeSet<Month> =
        table.months.iter().copied().filter(|month| table.shows_texts_of(key, *month)).collect();
    candidates.iter().filter(|candidate| months.contains(&candidate.month)).cloned().collect()
}

/// Whether a query narrows by nothing but words and released attributes. Days, exclusions and phrases let somebody compare two sets that differ by one text.
fn is_whole_question(query: &SearchQuery) -> bool {
    let whole_days = |from: Option<corpus::Day>, to: Option<corpus::Day>| {
        from.is_none_or(|day| day == day.month().first_day())
            && to.is_none_or(|day| day == day.month().last_day())
    };
    let conditions = [
        query.source.is_some(),
        query.unit.is_some(),
        query.topic.is_some(),
        query.polarity.is_some(),
    ];
    let conditions = conditions.into_iter().filter(|is_set| *is_set).count();
    let words = query.text.split_whitespace().count();
    let is_plain = !query.text.contains(['"', '“', '”', '-', '－']);
    is_plain && words <= 1 && conditions <= 1 && whole_days(query.from, query.to)
}

/// People behind source, voice and whether it is a contributor: the most that any one source has, duplicate groups counted half.
pub(super) fn people<'s>(found: impl Iterator<Item = (&'s SourceId, u64, bool)>) -> u32 {
    let mut voices: BTreeMap<&SourceId, (FxHashSet<u64>, bool)> = BTreeMap::new();
    for (source, voice, is_contributor) in found {
        let (seen, are_contributors) =
            voices.entry(source).or_insert_with(|| (FxHashSet::default(), true));
        seen.insert(voice);
        *are_contributors &= is_contributor;
    }
    let halves = voices
        .values()
        .map(|(seen, are_contributors)| seen.len() as u32 * if *are_contributors { 2 } else { 1 })
        .max();
    halves.unwrap_or(0) / 2
}

fn voice_of(candidate: &QuotationCandidate) -> (&SourceId, u64, bool) {
    (&candidate.source, candidate.voice, candidate.is_contributor)
}

fn one_a_voice(candidates: Vec<&QuotationCandidate>) -> Vec<&QuotationCandidate> {
    let mut best: BTreeMap<(&SourceId, u64), &QuotationCandidate> = BTreeMap::new();
    for candidate in candidates {
        let entry = best.entry((&candidate.source, candidate.voice)).or_insert(candidate);
        let is_less_telling =
            (candidate.style_risk, shuffled(candidate)) < (entry.style_risk, shuffled(entry));
        if is_less_telling {
            *entry = candidate;
        }
    }
    best.into_values().collect()
}

/// The first `count_max` candidates that say something of their own: four people who pass one text on are one quotation.
fn without_copies(
    candidates: Vec<&QuotationCandidate>,
    count_max: usize,
) -> Vec<&QuotationCandidate> {
    let mut chosen: Vec<(&QuotationCandidate, FxHashSet<(char, char)>)> = Vec::new();
    for candidate in candidates {
        if chosen.len() == count_max {
            break;
        }
        let pairs = character_pairs(&candidate.text);
        if !chosen.iter().any(|(_, others)| likeness(&pairs, others) >= COPY_LIKENESS_MIN) {
            chosen.push((candidate, pairs));
        }
    }
    chosen.into_iter().map(|(candidate, _)| candidate).collect()
}

fn character_pairs(text: &str) -> FxHashSet<(char, char)> {
    let letters = || text.chars().filter(|c| c.is_alphanumeric());
    letters().zip(letters().skip(1)).collect()
}

/// The share of pairs that stand in both (Jaccard). Texts of a few words are alike by chance: only equal ones are copies.
fn likeness(one: &FxHashSet<(char, char)>, other: &FxHashSet<(char, char)>) -> f64 {
    if one.len().min(other.len()) < COPY_PAIRS_MIN {
        return if one == other { 1.0 } else { 0.0 };
    }
    let both = one.intersection(other).count();
    both as f64 / (one.len() + other.len() - both).max(1) as f64
}

/// A place in an order that depends on the words alone: the same every time, and nothing to do with when a text came.
fn shuffled(candidate: &QuotationCandidate) -> u64 {
    let mut hasher = FxHasher::default();
    (candidate.month, &candidate.text).hash(&mut hasher);
    hasher.finish()
}

fn quotation(candidate: &QuotationCandidate, table: &ReleasedTable) -> Quotation {
    let unit = candidate.unit.clone().filter(|unit| {
        let key = SeriesKey { unit: Some(unit.clone()), ..SeriesKey::default() };
        table.shows_texts_of(&key, candidate.month)
    });
    Quotation {
        text: candidate.text.clone(),
        source: candidate.source.clone(),
        unit,
        month: candidate.month,
        polarity: candidate.polarity,
    }
}

fn open_hit(hit: &Hit) -> OpenHit {
    OpenHit {
        id: hit.id,
        score: hit.score,
        source: hit.source.clone(),
        unit: hit.unit.clone(),
        day: hit.day,
        snippet: hit.snippet.clone(),
        highlights: hit.highlights.clone(),
        polarity: hit.polarity,
        topics: hit.topics.clone(),
        clauses: hit.clauses.clone(),
    }
}

#[cfg(test)]
mod tests;
