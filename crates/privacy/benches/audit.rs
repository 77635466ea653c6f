//! What the audit of a release costs: 200 units × 40 topics × 12 months, and one month more. `cargo bench -p privacy --bench audit`.
//!
//! The aims are 30 s and 3 s on two cores. Every admitted cell is checked for its limit. Measured by month, and again with the organization and its
//! larger units told of by week.

use std::time::Instant;

use corpus::{Day, Month, Polarity, SourceId, TopicId, UnitId, Visibility};
use privacy::{
    Calendar, Contribution, Figures, Guard, ReleaseRegister, WeeklyUnits, candidate_cells,
};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

const UNITS: usize = 200;
const TOPICS: usize = 40;
const MONTHS: usize = 12;
/// People of a unit who write in a month, from the smallest unit to the largest.
const WRITERS: std::ops::RangeInclusive<usize> = 2..=200;
/// Writers from whom on a unit is told of by week.
const WEEKLY_WRITERS_MIN: usize = 100;

fn main() {
    measure("by month", &Calendar::default());
    let large = (0..UNITS).filter(|unit| writers(*unit) >= WEEKLY_WRITERS_MIN);
    let large = large.map(|unit| (unit_id(unit), writers(unit) as u32));
    let weekly = WeeklyUnits::new(Some(10_000), large).expect("enough people");
    let mut calendar = Calendar::default();
    for year in [2025, 2026] {
        calendar.fix(year, weekly.clone());
    }
    measure("larger units by week", &calendar);
}

#[expect(clippy::print_stdout, reason = "a bench prints")]
fn measure(name: &str, calendar: &Calendar) {
    let mut rng = SmallRng::seed_from_u64(4);
    let first: Month = "2025-01".parse().expect("a month");
    let months: Vec<Month> =
        std::iter::successors(Some(first), |month| Some(month.next())).take(MONTHS + 1).collect();
    let (last, year) = months.split_last().expect("a year and a month");
    let contributions: Vec<Contribution> =
        year.iter().flat_map(|month| written(*month, &mut rng)).collect();
    let documents = contributions.len();
    let candidates = candidate_cells(contributions, calendar);
    let today: Day = "2026-11-21".parse().expect("a day");
    let guard = Guard::default();

    let started = Instant::now();
    let (table, entries) = guard.release(&candidates, calendar, &ReleaseRegister::default(), today);
    let whole = started.elapsed();
    assert!(entries.len() >= MONTHS);
    let cells = &table.get().cells;
    for cell in cells {
        let (Figures::Shown { voices, .. } | Figures::Range { voices, .. }) = cell.figures else {
            panic!("a suppressed cell is listed");
        };
        assert!(voices >= 5, "{} has {voices} voices", cell.key);
    }

    let register = ReleaseRegister::new(entries);
    let more = candidate_cells(written(*last, &mut rng), calendar);
    let started = Instant::now();
    let (_, entries) = guard.release(&more, calendar, &register, today);
    let added = started.elapsed();
    assert!(!entries.is_empty());
    println!(
        "{name}: {UNITS} units, {TOPICS} topics, {MONTHS} months, {documents} documents: {} of {} cells released in {whole:.2?}; one month more {added:.2?}",
        cells.len(),
        candidates.len()
    );
}

fn writers(unit: usize) -> usize {
    let span = WRITERS.end() - WRITERS.start();
    WRITERS.start() + span * unit * unit / (UNITS * UNITS)
}

fn unit_id(unit: usize) -> UnitId {
    UnitId::new(&format!("单位{unit:03}")).expect("unit names are valid")
}

/// A month's documents: two sources, one to three topics a document, topics and units of very different size.
fn written(month: Month, rng: &mut SmallRng) -> Vec<Contribution> {
    let sources: [SourceId; 2] = ["意见箱", "论坛"].map(|name| name.parse().expect("a name"));
    let mut contributions = Vec::new();
    for unit in 0..UNITS {
        for person in 0..writers(unit) {
            let source = usize::from(rng.random_bool(0.3));
            let topic = |rng: &mut SmallRng| {
                let place: f64 = rng.random();
                TopicId::new(&format!("主题{}", (place * place * TOPICS as f64) as usize))
            };
            let mut topics: Vec<TopicId> = (0..rng.random_range(1..=3))
                .map(|_| topic(rng).expect("topic names are valid"))
                .collect();
            topics.sort_unstable();
            topics.dedup();
            let sign = if rng.random_bool(0.45) { -1 } else { 1 };
            contributions.push(Contribution {
                source: sources[source].clone(),
                visibility: if source == 0 { Visibility::Confidential } else { Visibility::Open },
                day: month.first_day().plus(rng.random_range(0..28)),
                unit: Some(unit_id(unit)),
                wider_units: Vec::new(),
                topics,
                voice: (unit * 1000 + person) as u64,
                is_contributor: true,
                polarity: Polarity::from_sign(sign),
                score: f32::from(sign),
            });
        }
    }
    contributions
}
