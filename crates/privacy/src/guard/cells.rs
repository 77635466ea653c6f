//! What the guard reads: who said what, by cell. None of it may be shown before admission.

use std::collections::BTreeMap;

use corpus::{Day, Period, Polarity, SeriesKey, SourceId, TopicId, UnitId, Visibility};
use rustc_hash::FxHashMap;

use super::calendar::Calendar;

/// One stored document, as far as counting people goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Its source.
    pub source: SourceId,
    /// Who can read the texts of its source.
    pub visibility: Visibility,
    /// The day that it counts on.
    pub day: Day,
    /// Its unit.
    pub unit: Option<UnitId>,
    /// The units that hold its unit, narrow first.
    pub wider_units: Vec<UnitId>,
    /// Its topics.
    pub topics: Vec<TopicId>,
    /// The contributor's voice, or the duplicate group (first 64 bits) where the source names no contributor.
    pub voice: u64,
    /// Whether `voice` is a contributor: duplicate groups count half.
    pub is_contributor: bool,
    /// Its class, `None` when unsure.
    pub polarity: Option<Polarity>,
    /// Its expected polarity in [-1, 1].
    pub score: f32,
}

/// One voice in one cell: one contributor, one voice, however much was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stance {
    /// The voice, unique within its source and month.
    pub voice: u64,
    /// Sign of the mean class of its documents.
    pub polarity: Polarity,
    /// Mean score of its documents in [-1, 1].
    pub score: f32,
}

/// The voices of one source in a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceVoices {
    /// The source.
    pub source: SourceId,
    /// Who can read its texts: what was said in an open source, everybody can take off a table that counts it.
    pub visibility: Visibility,
    /// Whether every voice is a contributor; else they are duplicate groups and two of them count as one person.
    pub are_contributors: bool,
    /// Distinct voices, ascending.
    pub voices: Vec<Stance>,
}

/// A cell that asks to be released.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateCell {
    /// Which documents it counts.
    pub key: SeriesKey,
    /// Its period.
    pub period: Period,
    /// The units that hold the unit of its key, narrow first.
    pub wider_units: Vec<UnitId>,
    /// Its voices by source, ascending by source.
    pub sources: Vec<SourceVoices>,
}

/// The grains of the fixed tables: everything; a unit, a source, a topic; a unit and one more. Nothing finer is ever a candidate.
pub fn candidate_cells(
    contributions: impl IntoIterator<Item = Contribution>,
    calendar: &Calendar,
) -> Vec<CandidateCell> {
    let mut cells: BTreeMap<(SeriesKey, Period), BTreeMap<SourceId, Gathered>> = BTreeMap::new();
    let mut wider: BTreeMap<UnitId, Vec<UnitId>> = BTreeMap::new();
    for contribution in contributions {
        for key in keys_of(&contribution) {
            let period = calendar.period(key.unit.as_ref(), contribution.day);
            let sources = cells.entry((key, period)).or_default();
            sources.entry(contribution.source.clone()).or_default().add(&contribution);
        }
        let mut chain = contribution.unit.into_iter().chain(contribution.wider_units);
        while let Some(unit) = chain.next() {
            wider.entry(unit).or_insert_with(|| chain.clone().collect());
        }
    }
    let wider_units = |unit: &UnitId| wider.get(unit).cloned().unwrap_or_default();
    cells
        .into_iter()
        .map(|((key, period), sources)| CandidateCell {
            wider_units: key.unit.as_ref().map(wider_units).unwrap_or_default(),
            key,
            period,
            sources: sources
                .into_iter()
                .map(|(source, gathered)| gathered.finish(source))
                .collect(),
        })
        .collect()
}

/// The cells that count a contribution.
pub(super) fn keys_of(contribution: &Contribution) -> Vec<SeriesKey> {
    let all = SeriesKey::default();
    let source = SeriesKey { source: Some(contribution.source.clone()), ..all.clone() };
    let mut keys = vec![all.clone(), source.clone()];
    let topics = || contribution.topics.iter().map(|topic| Some(topic.clone()));
    keys.extend(topics().map(|topic| SeriesKey { topic, ..all.clone() }));
    for unit in contribution.unit.iter().chain(&contribution.wider_units) {
        let unit = Some(unit.clone());
        keys.push(SeriesKey { unit: unit.clone(), ..all.clone() });
        keys.push(SeriesKey { unit: unit.clone(), ..source.clone() });
        keys.extend(topics().map(|topic| SeriesKey { unit: unit.clone(), topic, ..all.clone() }));
    }
    keys
}

/// Whether a key has a grain of the fixed tables.
pub(super) fn is_fixed_grain(key: &SeriesKey) -> bool {
    // A unit and at most one attribute: source and topic never meet in one table.
    key.source.is_none() || key.topic.is_none()
}

#[derive(Default)]
struct Gathered {
    has_groups: bool,
    visibility: Visibility,
    voices: FxHashMap<u64, (u32, i64, f64)>,
}

impl Gathered {
    fn add(&mut self, contribution: &Contribution) {
        self.has_groups |= !contribution.is_contributor;
        self.visibility = contribution.visibility;
        let (documents, signs, scores) = self.voices.entry(contribution.voice).or_default();
        *documents += 1;
        *signs += i64::from(contribution.polarity.map_or(0, Polarity::sign));
        *scores += f64::from(contribution.score);
    }

    fn finish(self, source: SourceId) -> SourceVoices {
        let stance = |(voice, (documents, signs, scores)): (u64, (u32, i64, f64))| Stance {
            voice,
            polarity: Polarity::from_sign(signs.signum() as i8).expect("a signum is −1, 0 or 1"),
            score: (scores / f64::from(documents)) as f32,
        };
        let mut voices: Vec<Stance> = self.voices.into_iter().map(stance).collect();
        voices.sort_unstable_by_key(|stance| stance.voice);
        let (visibility, are_contributors) = (self.visibility, !self.has_groups);
        SourceVoices { source, visibility, are_contributors, voices }
    }
}

/// Voices of a set by direction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Tally {
    pub(super) positive: u32,
    pub(super) negative: u32,
    pub(super) neutral: u32,
    pub(super) score_sum: f64,
}

impl Tally {
    pub(super) fn of(cell: &CandidateCell) -> Self {
        Self::of_sources(cell, |_| true)
    }

    /// The voices of the sources that `counts` picks.
    pub(super) fn of_sources(cell: &CandidateCell, counts: impl Fn(&SourceVoices) -> bool) -> Self {
        let mut tally = Self::default();
        let counted = cell.sources.iter().filter(|source| counts(source));
        counted.flat_map(|source| &source.voices).for_each(|stance| tally.add(stance));
        tally
    }

    pub(super) fn add(&mut self, stance: &Stance) {
        match stance.polarity {
            Polarity::Positive => self.positive += 1,
            Polarity::Negative => self.negative += 1,
            Polarity::Neutral => self.neutral += 1,
        }
        self.score_sum += f64::from(stance.score);
    }

    pub(super) fn voices(&self) -> u32 {
        self.positive + self.negative + self.neutral
    }

    /// Nearly all on one side: exact counts would tell (nearly) everybody's direction.
    ///
    /// Two on the other side are needed, because one alone knows that all others are on this one.
    pub(super) fn is_one_sided(&self) -> bool {
        let total = self.voices();
        let largest = self.positive.max(self.negative).max(self.neutral);
        self.negative < 2 || total - self.negative < 2 || total - largest < 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contribution(voice: u64, polarity: Polarity) -> Contribution {
        Contribution {
            source: "意见箱".parse().unwrap(),
            visibility: Visibility::Confidential,
            day: "2026-03-10".parse().unwrap(),
            unit: Some("采油一厂".parse().unwrap()),
            wider_units: Vec::new(),
            topics: vec!["食堂".parse().unwrap(), "倒班".parse().unwrap()],
            voice,
            is_contributor: true,
            polarity: Some(polarity),
            score: f32::from(polarity.sign()),
        }
    }

    #[test]
    fn one_contributor_is_one_voice_in_every_cell() {
        let cells = candidate_cells(
            [
                contribution(1, Polarity::Negative),
                contribution(1, Polarity::Negative),
                contribution(1, Polarity::Positive),
            ],
            &Calendar::default(),
        );
        let names: Vec<String> = cells.iter().map(|cell| cell.key.to_string()).collect();
        assert_eq!(
            names,
            [
                "全部",
                "倒班",
                "食堂",
                "采油一厂",
                "采油一厂 · 倒班",
                "采油一厂 · 食堂",
                "意见箱",
                "采油一厂 · 意见箱"
            ]
        );
        for cell in &cells {
            assert!(is_fixed_grain(&cell.key));
            assert_eq!(Tally::of(cell).voices(), 1);
            assert_eq!(cell.sources[0].voices[0].polarity, Polarity::Negative);
        }
    }

    #[test]
    fn a_unit_with_two_attributes_is_no_table() {
        let key = SeriesKey {
            source: Some("a".parse().unwrap()),
            unit: Some("b".parse().unwrap()),
            topic: Some("c".parse().unwrap()),
        };
        assert!(!is_fixed_grain(&key));
    }
}
