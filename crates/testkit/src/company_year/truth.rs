//! What was planted, as `truth.json` says it: enough to score what a run finds.

use std::collections::BTreeMap;

use corpus::{Day, Direction, RejectionReason, SeriesKey, SourceId, TopicId, UnitId};
use serde::Serialize;

use super::plan::{
    CAMPAIGNS, Campaign, DORMITORY_BURST, HELMET_BEGINS, HELMET_UNITS, PlannedShift, SHIFTS, STORM,
    day,
};
use super::{SampleDocument, Source};
use crate::bank::Matter;
use crate::identifier::IdentifierKind;
use crate::organization::UNITS;

/// The planted truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    pub seed: u64,
    pub from: Day,
    pub to: Day,
    pub sources: Vec<SourceCount>,
    pub shifts: Vec<PlantedShift>,
    pub emerging: Vec<PlantedTopic>,
    pub bursts: Vec<PlantedBurst>,
    pub duplicates: DuplicateCount,
    /// Copies of study feedback that says nothing.
    pub boilerplate_count: usize,
    pub identifiers: Vec<PlantedIdentifier>,
    /// Filled by the writer, which knows the lines.
    pub broken: Vec<PlantedBreak>,
}

/// Rows of a source: `rows` = readable documents + `broken`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceCount {
    pub name: String,
    pub rows: usize,
    pub broken: usize,
}

/// A planted polarity shift. Means are of the planted polarity of voices (one contributor a day), in [-1, 1].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedShift {
    pub series: SeriesKey,
    /// Other series that hold these documents, or mostly these: the same change seen from wider or narrower. Finding the shift there is also right.
    pub also: Vec<SeriesKey>,
    /// Sources that carry it.
    pub sources: Vec<&'static str>,
    pub begins: Day,
    pub direction: Direction,
    pub mean_before: f64,
    pub mean_after: f64,
    /// Days around `begins` with the stated number of voices, both ends included. When they are over, wider series swing back: the mix changed, not the polarity.
    pub dense: (Day, Day),
    /// Fewest voices on a day of `dense`.
    pub voices_a_day_min: usize,
    pub why: &'static str,
}

/// A matter that nobody wrote about before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedTopic {
    pub name: &'static str,
    pub begins: Day,
    pub units: Vec<&'static str>,
    pub terms: Vec<&'static str>,
    pub document_count: usize,
}

/// More words without a change of polarity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedBurst {
    pub series: SeriesKey,
    pub from: Day,
    pub to: Day,
    pub kind: &'static str,
    pub document_count: usize,
}

/// Reposts with small edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DuplicateCount {
    pub group_count: usize,
    pub copy_count: usize,
}

/// An invented identifier inside a text; it must appear nowhere behind redaction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedIdentifier {
    pub source: &'static str,
    pub id: String,
    pub kind: IdentifierKind,
    pub value: String,
}

/// A row that must reach the quarantine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedBreak {
    pub source: &'static str,
    pub file: String,
    /// Line of a text file, row of a sheet or table, from 1; header lines count.
    pub line: u64,
    /// What a reader should say; a neighbouring reason is as right.
    pub reason: RejectionReason,
}

/// What `documents` hold, as planted.
pub(super) fn truth(
    seed: u64,
    documents: &[SampleDocument],
    identifiers: Vec<PlantedIdentifier>,
) -> Truth {
    let count = |keep: &dyn Fn(&SampleDocument) -> bool| {
        documents.iter().filter(|document| keep(document)).count()
    };
    let copies: BTreeMap<&str, usize> = documents
        .iter()
        .filter_map(|document| document.copy_of.as_deref())
        .fold(BTreeMap::new(), |mut all, id| {
            *all.entry(id).or_default() += 1;
            all
        });
    let (storm_matter, storm_day, storm_copies) = STORM;
    Truth {
        seed,
        from: day((1, 1)),
        to: day((12, 31)),
        sources: Source::ALL
            .into_iter()
            .map(|source| SourceCount {
                name: source.name().to_owned(),
                rows: count(&|document| document.source == source),
                broken: count(&|document| document.source == source && document.broken.is_some()),
            })
            .collect(),
        shifts: SHIFTS.iter().map(|shift| planted_shift(shift, documents)).collect(),
        emerging: vec![PlantedTopic {
            name: Matter::SmartHelmet.name(),
            begins: day(HELMET_BEGINS),
            units: HELMET_UNITS.to_vec(),
            terms: vec!["智能安全帽", "电子围栏", "语音播报", "定位信标", "脱帽报警"],
            document_count: count(&|document| document.matter == Matter::SmartHelmet),
        }],
        bursts: vec![
            PlantedBurst {
                series: SeriesKey {
                    topic: Some(topic(DORMITORY_BURST.matter)),
                    ..SeriesKey::default()
                },
                from: day(DORMITORY_BURST.from),
                to: day(DORMITORY_BURST.to),
                kind: "volume",
                document_count: count(&|document| {
                    document.matter == DORMITORY_BURST.matter
                        && DORMITORY_BURST.runs_on(document.day)
                }),
            },
            PlantedBurst {
                series: SeriesKey { topic: Some(topic(storm_matter)), ..SeriesKey::default() },
                from: day(storm_day),
                to: day(storm_day).plus(2),
                kind: "copies",
                document_count: storm_copies,
            },
        ],
        duplicates: DuplicateCount { group_count: copies.len(), copy_count: copies.values().sum() },
        boilerplate_count: count(&|document| document.is_boilerplate),
        identifiers,
        broken: Vec::new(),
    }
}

fn planted_shift(shift: &PlannedShift, documents: &[SampleDocument]) -> PlantedShift {
    let campaign = CAMPAIGNS
        .iter()
        .find(|campaign| campaign.matter == shift.matter)
        .expect("each shift lies in a campaign");
    let (from, to, begins) = (day(campaign.from), day(campaign.to), shift.first_day());
    let mut voices: BTreeMap<Day, BTreeMap<&str, (i32, u32)>> = BTreeMap::new();
    let concerned = documents.iter().filter(|document| {
        let by_source = shift.by_source.is_none_or(|source| source == document.source);
        let in_series = by_source && shift.concerns(document.matter, document.unit);
        in_series && document.broken.is_none() && (from..=to).contains(&document.day)
    });
    for document in concerned {
        let Some(author) = document.author.as_deref() else { continue };
        let voice = voices.entry(document.day).or_default().entry(author).or_default();
        voice.0 += i32::from(document.stance.polarity().sign());
        voice.1 += 1;
    }
    let mean = |days: std::ops::Range<Day>| {
        let all: Vec<f64> = voices
            .range(days)
            .flat_map(|(_, voices)| voices.values().map(|(sum, n)| f64::from(*sum) / f64::from(*n)))
            .collect();
        // A part of a year may lie on one side only.
        if all.is_empty() {
            return 0.0;
        }
        (all.iter().sum::<f64>() / all.len() as f64 * 1000.0).round() / 1000.0
    };
    PlantedShift {
        series: SeriesKey {
            source: shift
                .by_source
                .map(|source| SourceId::new(source.name()).expect("source names are valid")),
            unit: shift.unit.map(unit),
            topic: shift.by_source.is_none().then(|| topic(shift.matter)),
        },
        also: also(shift, campaign),
        sources: campaign.sources.iter().map(|(source, _)| source.name()).collect(),
        begins,
        direction: shift.direction,
        mean_before: mean(from..begins),
        mean_after: mean(begins..to.plus(1)),
        dense: (from, to),
        voices_a_day_min: voices.values().map(BTreeMap::len).min().unwrap_or(0),
        why: shift.why,
    }
}

/// Wider: all documents, the unit, each source, the topic and those related to it. Narrower: each unit within the series, when it names none.
fn also(shift: &PlannedShift, campaign: &Campaign) -> Vec<SeriesKey> {
    let source = |source: Source| SourceId::new(source.name()).expect("source names are valid");
    let related = shift.matter.related_topics().iter();
    let related = related.map(|name| TopicId::new(name).expect("topic names are valid"));
    let topics: Vec<TopicId> = related.chain([topic(shift.matter)]).collect();
    let sources: Vec<SourceId> = campaign.sources.iter().map(|(of, _)| source(*of)).collect();
    let units: Vec<UnitId> = match shift.unit {
        Some(name) => vec![unit(name)],
        None => UNITS.iter().map(|(name, _)| unit(name)).collect(),
    };
    let mut keys = Vec::new();
    for part in [None].into_iter().chain(units.into_iter().map(Some)) {
        let of_part = SeriesKey { unit: part, ..SeriesKey::default() };
        keys.extend(
            topics.iter().map(|topic| SeriesKey { topic: Some(topic.clone()), ..of_part.clone() }),
        );
        keys.extend(
            sources
                .iter()
                .map(|source| SeriesKey { source: Some(source.clone()), ..of_part.clone() }),
        );
        keys.push(of_part);
    }
    keys
}

fn topic(matter: Matter) -> TopicId {
    TopicId::new(matter.name()).expect("topic names are valid")
}

fn unit(name: &str) -> UnitId {
    UnitId::new(name).expect("unit names are valid")
}
