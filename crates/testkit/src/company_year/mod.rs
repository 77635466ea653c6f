//! A year of feedback in a fictitious oil field, with what happened in it known.
//!
//! Everything follows from the seed: the same seed gives the same documents, byte for byte in the files that [`write()`] makes.

mod dirt;
mod plan;
mod truth;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use corpus::Day;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::bank::{Bank, Matter};
use crate::compose::{Request, Stance, compose, title};
use crate::novelty::Novelty;
use crate::organization::{Organization, UNITS};

pub use dirt::Break;
pub use plan::{CAMPAIGNS, Campaign, EVERYDAY_SHARES, PlannedShift, SHIFTS, Shares, Source};
pub use truth::{
    PlantedBreak, PlantedBurst, PlantedIdentifier, PlantedShift, PlantedTopic, SourceCount, Truth,
};
pub use write::{Error, write};

/// The documents of the year, in the order in which the files hold them, and the truth about them.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyYear {
    pub documents: Vec<SampleDocument>,
    pub truth: Truth,
}

/// One row of a source, with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleDocument {
    pub source: Source,
    /// The source's own id.
    pub id: String,
    pub day: Day,
    /// Minute of the day.
    pub minute: u32,
    pub unit: &'static str,
    /// As the source names contributors; `None` where it has no such column.
    pub author: Option<String>,
    /// 1 to 5 stars.
    pub rating: Option<u8>,
    pub question: Option<&'static str>,
    pub title: Option<String>,
    pub text: String,
    pub matter: Matter,
    pub stance: Stance,
    /// The document of which this is a repost.
    pub copy_of: Option<String>,
    pub is_boilerplate: bool,
    /// How the row is broken on purpose.
    pub broken: Option<Break>,
}

/// Redraws of a text that comes too near an earlier one.
const REDRAWS_MAX: usize = 8;

/// A redraw happens from this similarity on, below the threshold of the measure.
const TOO_NEAR: f64 = 0.5;

/// Makes the year.
pub fn generate(seed: u64) -> CompanyYear {
    generate_days(seed, plan::day((1, 1)), plan::day((12, 31)))
}

/// Makes the documents from `from` to `to` only: a part of the year for quick tests. They differ from the same days of the whole year.
pub fn generate_days(seed: u64, from: Day, to: Day) -> CompanyYear {
    let mut rng = StdRng::seed_from_u64(seed);
    let organization = Organization::new(&mut rng);
    let mut writer = Writer {
        organization,
        bank: Bank::new(),
        novelty: Novelty::default(),
        rng,
        documents: Vec::new(),
    };
    for day in (from.0..=to.0).map(Day) {
        writer.write_day(day);
    }
    let Writer { organization, mut bank, mut rng, mut documents, .. } = writer;
    dirt::add_reposts(&mut documents, &organization, &mut rng);
    dirt::add_boilerplate(&mut documents, &organization, &mut bank, &mut rng);
    dirt::write_traditional(&mut documents, &mut rng);
    dirt::add_broken_rows(&mut documents, &mut rng);
    documents.sort_by_key(|document| (document.source, document.day, document.minute));
    dirt::number(&mut documents);
    let identifiers = dirt::plant_identifiers(&mut documents, &mut rng);
    let truth = truth::truth(seed, &documents, identifiers);
    CompanyYear { documents, truth }
}

struct Writer {
    organization: Organization,
    bank: Bank,
    novelty: Novelty,
    rng: StdRng,
    documents: Vec<SampleDocument>,
}

/// Who has written about what today: each is one voice.
type Voices = BTreeMap<Matter, BTreeSet<usize>>;

impl Writer {
    fn write_day(&mut self, day: Day) {
        let mut voices = Voices::new();
        let weekend = day.weekday() >= 5;
        let everyday = plan::EVERYDAY_DOCUMENTS
            * if weekend { 0.6 } else { 1.0 }
            * self.rng.random_range(0.85..1.15);
        for _ in 0..everyday.round() as usize {
            let source = *Source::ALL
                .choose_weighted(&mut self.rng, |source| source.everyday_weight())
                .expect("weights are positive");
            let matter = source
                .asks_about()
                .unwrap_or_else(|| *Matter::EVERYDAY.choose(&mut self.rng).expect("not empty"));
            self.write_document(day, source, matter, None, &mut voices);
        }
        for campaign in CAMPAIGNS.iter().filter(|campaign| campaign.runs_on(day)) {
            let (low, high) = if weekend { campaign.weekend } else { campaign.workday };
            for _ in 0..self.rng.random_range(low..=high) {
                let (source, _) = *campaign
                    .sources
                    .choose_weighted(&mut self.rng, |(_, weight)| *weight)
                    .expect("weights are positive");
                self.write_document(day, source, campaign.matter, campaign.unit, &mut voices);
            }
        }
        for _ in 0..self.helmet_count(day) {
            let source = *[Source::SuggestionBox, Source::Forum, Source::Comments]
                .choose(&mut self.rng)
                .expect("not empty");
            let unit = *plan::HELMET_UNITS.choose(&mut self.rng).expect("not empty");
            self.write_document(day, source, Matter::SmartHelmet, Some(unit), &mut voices);
        }
    }

    /// Seven a day in the first four weeks of the pilot, then fewer.
    fn helmet_count(&mut self, day: Day) -> usize {
        let begins = plan::day(plan::HELMET_BEGINS);
        match day.0 - begins.0 {
            ..0 => 0,
            0..28 => self.rng.random_range(5..=9),
            28..84 => self.rng.random_range(1..=4),
            _ => self.rng.random_range(0..=2),
        }
    }

    fn write_document(
        &mut self,
        day: Day,
        source: Source,
        matter: Matter,
        unit: Option<&'static str>,
        voices: &mut Voices,
    ) {
        // Now and then somebody writes twice; in the shifted series never, so that documents there are voices.
        let nobody = BTreeSet::new();
        let twice = unit.is_none()
            && SHIFTS.iter().all(|shift| shift.matter != matter)
            && self.rng.random_bool(0.08);
        let not = if twice { &nobody } else { voices.entry(matter).or_default() };
        let index = self.organization.somebody(unit, not, &mut self.rng);
        voices.entry(matter).or_default().insert(index);
        let person = self.organization.people[index].clone();

        let shift = SHIFTS
            .iter()
            .find(|shift| shift.concerns(matter, person.unit) && day >= shift.first_day());
        let stance = stance(shift.map_or(EVERYDAY_SHARES, |shift| shift.shares), &mut self.rng);
        let tags: Vec<&str> = shift.map(|shift| shift.tag).into_iter().collect();
        let request = Request {
            matter,
            stance,
            register: source.register(),
            unit: person.unit,
            month: month(day),
            tags: &tags,
        };
        let text = self.new_text(&request);
        let title =
            (source == Source::Forum).then(|| title(&mut self.bank, &request, &mut self.rng));
        let author = match source {
            Source::SuggestionBox | Source::Training | Source::Canteen => Some(person.employee_id),
            Source::Forum | Source::Overseas => Some(person.nickname),
            Source::Comments => Some(person.open_id),
            Source::NoticeBoard => None,
        };
        self.documents.push(SampleDocument {
            source,
            // A draft's name, until all documents are in order.
            id: self.documents.len().to_string(),
            day,
            minute: minute(&mut self.rng),
            unit: person.unit,
            author,
            rating: source.is_rated().then(|| rating(stance, &mut self.rng)),
            question: source.questions().choose(&mut self.rng).copied(),
            title,
            text,
            matter,
            stance,
            copy_of: None,
            is_boilerplate: false,
            broken: None,
        });
    }

    /// A text that does not come near an earlier one; the last draw stands when all do.
    fn new_text(&mut self, request: &Request<'_>) -> String {
        let mut text = compose(&mut self.bank, request, &mut self.rng);
        for _ in 0..REDRAWS_MAX {
            let too_long = text.chars().count() > 300;
            if !too_long && self.novelty.nearest(&text) < TOO_NEAR {
                break;
            }
            text = compose(&mut self.bank, request, &mut self.rng);
        }
        self.novelty.add(&text);
        text
    }
}

/// Draws a stance; the day's own mood moves the shares a little.
fn stance(shares: Shares, rng: &mut StdRng) -> Stance {
    let stances = [Stance::Positive, Stance::Negative, Stance::Neutral, Stance::Mixed];
    let pairs: Vec<(Stance, f64)> = stances.into_iter().zip(shares).collect();
    pairs.choose_weighted(rng, |(_, share)| *share).expect("shares are positive").0
}

/// Stars agree with the words, mostly.
fn rating(stance: Stance, rng: &mut StdRng) -> u8 {
    if rng.random_bool(0.05) {
        return rng.random_range(1..=5);
    }
    match stance {
        Stance::Positive => *[4, 5, 5].choose(rng).expect("not empty"),
        Stance::Negative => *[1, 1, 2, 2, 3].choose(rng).expect("not empty"),
        Stance::Neutral | Stance::Mixed => *[3, 3, 3, 4].choose(rng).expect("not empty"),
    }
}

/// People write at noon, in the evening, and after night shifts.
fn minute(rng: &mut StdRng) -> u32 {
    let hour = *[7, 8, 9, 10, 11, 12, 12, 13, 15, 16, 17, 18, 19, 20, 20, 21, 22, 23, 2]
        .choose(rng)
        .expect("not empty");
    hour * 60 + rng.random_range(0..60)
}

/// 1 to 12.
fn month(day: Day) -> u32 {
    (1..=12).rev().find(|month| plan::day((*month, 1)) <= day).unwrap_or(1)
}

/// Names and rosters, for the organization part of the sample's configuration.
pub fn units() -> impl Iterator<Item = (&'static str, u32)> {
    UNITS.into_iter()
}
