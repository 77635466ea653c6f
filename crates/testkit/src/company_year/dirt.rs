//! What real exports have and clean data has not: reposts, boilerplate, traditional script, identifiers, broken rows.

use std::collections::BTreeMap;

use corpus::{Day, RejectionReason};
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::SampleDocument;
use super::plan::{self, BROKEN_SHARE, SHIFTS, STORM, Source};
use super::truth::PlantedIdentifier;
use crate::bank::Bank;
use crate::clause::Filling;
use crate::compose::Stance;
use crate::identifier;
use crate::organization::Organization;

/// How a row is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The text is there but empty.
    EmptyText,
    /// The day does not exist or lies in another century.
    AbsurdDay,
    /// The line ends in the middle, or a row lacks its last cells.
    TornLine,
    /// The rating is a word.
    WrongCell,
}

impl Break {
    /// What a reader should say of it.
    pub fn reason(self) -> RejectionReason {
        match self {
            Self::EmptyText => RejectionReason::Empty,
            Self::AbsurdDay => RejectionReason::Time,
            Self::TornLine => RejectionReason::Syntax,
            Self::WrongCell => RejectionReason::Field,
        }
    }
}

/// Adds reposts with small edits: many groups of one to four copies, and one storm of copies in three days.
pub(super) fn add_reposts(
    documents: &mut Vec<SampleDocument>,
    organization: &Organization,
    rng: &mut StdRng,
) {
    let (storm_matter, storm_day, storm_copies) = STORM;
    let (last, originals) = (documents.iter().map(|d| d.day).max(), documents.len());
    let Some(last) = last else { return };
    let may_be_copied: Vec<usize> = (0..originals)
        .filter(|at| {
            let document = &documents[*at];
            let loose =
                matches!(document.source, Source::Forum | Source::Comments | Source::SuggestionBox);
            loose
                && document.text.chars().count() >= 20
                && SHIFTS.iter().all(|shift| shift.matter != document.matter)
        })
        .collect();
    for at in may_be_copied.choose_multiple(rng, originals / 75) {
        for _ in 0..rng.random_range(1..=4) {
            let day = documents[*at].day.plus(rng.random_range(0..=9));
            if day <= last {
                let copy = repost(&documents[*at], day, organization, rng);
                documents.push(copy);
            }
        }
    }
    let storm_day = plan::day(storm_day);
    let source_text = (0..originals).find(|at| {
        let document = &documents[*at];
        document.matter == storm_matter
            && document.stance == Stance::Negative
            && document.day == storm_day
            && document.text.chars().count() >= 20
    });
    if let Some(at) = source_text {
        for copy in 0..storm_copies {
            let copy = repost(&documents[at], storm_day.plus((copy % 3) as i32), organization, rng);
            documents.push(copy);
        }
    }
}

fn repost(
    original: &SampleDocument,
    day: Day,
    organization: &Organization,
    rng: &mut StdRng,
) -> SampleDocument {
    let person = &organization.people[rng.random_range(0..organization.people.len())];
    let text = match rng.random_range(0..6) {
        0 => format!("转：{}", original.text),
        1 => format!("{} 顶一下", original.text),
        2 => original.text.replace('，', ","),
        3 => format!("同意楼上，{}", original.text),
        4 => original.text.chars().take(original.text.chars().count() - 1).collect(),
        _ => original.text.clone(),
    };
    let author = match original.source {
        Source::Comments => person.open_id.clone(),
        Source::Forum => person.nickname.clone(),
        _ => person.employee_id.clone(),
    };
    SampleDocument {
        day,
        minute: super::minute(rng),
        unit: person.unit,
        author: Some(author),
        text,
        copy_of: Some(original.id.clone()),
        id: String::new(),
        ..original.clone()
    }
}

/// Adds study feedback that says nothing, a constant share of the course evaluations of each day.
pub(super) fn add_boilerplate(
    documents: &mut Vec<SampleDocument>,
    organization: &Organization,
    bank: &mut Bank,
    rng: &mut StdRng,
) {
    let evaluations: Vec<usize> =
        (0..documents.len()).filter(|at| documents[*at].source == Source::Training).collect();
    for at in evaluations {
        if !rng.random_bool(0.08) {
            continue;
        }
        let person = &organization.people[rng.random_range(0..organization.people.len())];
        let Some(clause) = bank.deal(None, "feedback", &[], rng) else { return };
        let text = clause.tell(&mut Filling::new(bank.slots()), rng);
        documents.push(SampleDocument {
            minute: super::minute(rng),
            unit: person.unit,
            author: Some(person.employee_id.clone()),
            rating: Some(5),
            text,
            stance: Stance::Positive,
            is_boilerplate: true,
            id: String::new(),
            ..documents[at].clone()
        });
    }
}

/// Turns some comments, and all of the project abroad, into traditional script.
pub(super) fn write_traditional(documents: &mut [SampleDocument], rng: &mut StdRng) {
    let taiwan = OpenCC::from_config(BuiltinConfig::S2tw).expect("the conversion is built in");
    let general = OpenCC::from_config(BuiltinConfig::S2t).expect("the conversion is built in");
    for document in documents {
        match document.source {
            Source::Overseas => {
                // Big5 has neither emoji nor every variant.
                let text: String = document
                    .text
                    .chars()
                    .filter(|c| !c.is_ascii_control() && (*c as u32) < 0x1_0000)
                    .collect();
                document.text = encodable_in_big5(&taiwan.convert(&text));
            }
            Source::Comments if rng.random_bool(0.09) => {
                document.text = general.convert(&document.text)
            }
            _ => {}
        }
    }
}

fn encodable_in_big5(text: &str) -> String {
    text.chars().filter(|c| !encoding_rs::BIG5.encode(c.encode_utf8(&mut [0; 4])).2).collect()
}

/// Adds about one broken row in a hundred, beside the whole ones.
pub(super) fn add_broken_rows(documents: &mut Vec<SampleDocument>, rng: &mut StdRng) {
    let whole = documents.len();
    for _ in 0..(whole as f64 * BROKEN_SHARE).round() as usize {
        let mut row = documents[rng.random_range(0..whole)].clone();
        let kinds: &[Break] = match row.source {
            Source::SuggestionBox => &[Break::EmptyText, Break::AbsurdDay, Break::TornLine],
            Source::Comments => &[Break::EmptyText, Break::AbsurdDay, Break::TornLine],
            Source::Forum => &[Break::EmptyText, Break::AbsurdDay, Break::TornLine],
            Source::Training => &[Break::EmptyText, Break::AbsurdDay, Break::WrongCell],
            Source::Canteen => &[Break::EmptyText, Break::AbsurdDay],
            // Left whole: few rows, and their encodings are the trap.
            Source::NoticeBoard | Source::Overseas => continue,
        };
        row.broken = kinds.choose(rng).copied();
        row.id = String::new();
        row.copy_of = None;
        row.is_boilerplate = false;
        documents.push(row);
    }
}

/// Gives the sorted documents the ids that the files show, and reposts the new id of what they repeat.
pub(super) fn number(documents: &mut [SampleDocument]) {
    let mut next: BTreeMap<Source, u32> = BTreeMap::new();
    let mut renamed = BTreeMap::new();
    for document in documents.iter_mut() {
        let number = next.entry(document.source).or_default();
        *number += 1;
        let id = format!("{}2025-{number:05}", document.source.id_prefix());
        renamed.insert(std::mem::replace(&mut document.id, id.clone()), id);
    }
    for document in documents {
        document.copy_of = document.copy_of.take().and_then(|draft| renamed.get(&draft).cloned());
    }
}

/// Ends some texts with an invented identifier.
pub(super) fn plant_identifiers(
    documents: &mut [SampleDocument],
    rng: &mut StdRng,
) -> Vec<PlantedIdentifier> {
    let mut places: Vec<usize> = (0..documents.len())
        .filter(|at| {
            let document = &documents[*at];
            let written =
                matches!(document.source, Source::SuggestionBox | Source::Forum | Source::Comments);
            written
                && document.broken.is_none()
                && document.copy_of.is_none()
                && document.text.chars().count() >= 8
        })
        .collect();
    places.shuffle(rng);
    places.truncate(documents.len() / 60);
    places.sort_unstable();
    places
        .into_iter()
        .map(|at| {
            let invented = identifier::invent(rng);
            let document = &mut documents[at];
            let body = document.text.trim_end_matches(['。', '！', '，', '～', '~', '…']);
            document.text = format!("{body}，{}", invented.clause);
            PlantedIdentifier {
                source: document.source.name(),
                id: document.id.clone(),
                kind: invented.kind,
                value: invented.value,
            }
        })
        .collect()
}
