//! The sample as a whole: the same seed gives the same year, the truth file says what is in it, and the texts vary.
//!
//! The committed `data/sample` is checked against a fresh generation by its truth; parts of a year keep the tests quick.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use corpus::{Day, Polarity};
use testkit::company_year::{self, CAMPAIGNS, SHIFTS, SampleDocument, Source};
use testkit::novelty::{distinct_four_grams, near_duplicate_share};

fn days(from: (u32, u32), to: (u32, u32)) -> (Day, Day) {
    let day = |(month, day)| Day::from_ymd(2025, month, day).expect("a date");
    (day(from), day(to))
}

fn own_texts(documents: &[SampleDocument]) -> Vec<&str> {
    let own = |document: &&SampleDocument| {
        document.broken.is_none() && document.copy_of.is_none() && !document.is_boilerplate
    };
    documents.iter().filter(own).map(|document| document.text.as_str()).collect()
}

#[test]
fn a_seed_is_a_year_and_its_files_are_the_same_bytes() {
    let (from, to) = days((5, 1), (5, 8));
    let year = company_year::generate_days(7, from, to);
    assert!(year == company_year::generate_days(7, from, to), "the same seed gave another year");
    assert!(year != company_year::generate_days(8, from, to), "another seed gave the same year");

    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    company_year::write(&year, one.path()).unwrap();
    company_year::write(&year, other.path()).unwrap();
    for entry in std::fs::read_dir(one.path()).unwrap() {
        let name = entry.unwrap().file_name();
        let bytes = |dir: &Path| std::fs::read(dir.join(&name)).unwrap();
        assert!(bytes(one.path()) == bytes(other.path()), "{name:?} differs");
    }
}

#[test]
fn texts_vary() {
    let (from, to) = days((5, 1), (5, 21));
    let year = company_year::generate_days(11, from, to);
    let own = own_texts(&year.documents);
    assert!(own.len() > 1_200, "{}", own.len());
    let near = near_duplicate_share(own.iter().copied());
    assert!(near < 0.05, "near-duplicate share {near}");
    let distinct = distinct_four_grams(own.iter().copied());
    assert!(distinct > 0.3, "distinct 4-grams {distinct}");
    let lengths = || own.iter().map(|text| text.chars().count());
    assert!(lengths().max().unwrap() <= 340 && lengths().min().unwrap() <= 4);
}

#[test]
fn a_planted_shift_has_thirty_voices_on_every_day_and_moves_the_polarity() {
    let shift = &SHIFTS[0];
    let campaign = CAMPAIGNS.iter().find(|campaign| campaign.matter == shift.matter).unwrap();
    let begins = shift.first_day();
    let year = company_year::generate_days(3, begins.plus(-10), begins.plus(9));
    let mut voices: BTreeMap<Day, BTreeSet<&str>> = BTreeMap::new();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for document in year
        .documents
        .iter()
        .filter(|document| document.matter == shift.matter && Some(document.unit) == shift.unit)
    {
        voices.entry(document.day).or_default().extend(document.author.as_deref());
        let side = if document.day < begins { &mut before } else { &mut after };
        side.push(f64::from(document.stance.polarity().sign()));
    }
    assert!(campaign.weekend.0 >= 30 && voices.len() == 20);
    assert!(voices.values().all(|voices| voices.len() >= 30));
    let mean = |side: &[f64]| side.iter().sum::<f64>() / side.len() as f64;
    assert!(mean(&before) > -0.1 && mean(&after) < -0.4, "{} {}", mean(&before), mean(&after));
}

#[test]
fn the_helmet_has_no_word_before_its_pilot_and_the_burst_no_direction() {
    let (from, to) = days((7, 6), (8, 6));
    let year = company_year::generate_days(5, from, to);
    let pilot = Day::from_ymd(2025, 8, 4).unwrap();
    let first = year
        .documents
        .iter()
        .filter(|document| document.text.contains("智能安全帽"))
        .map(|document| document.day)
        .min();
    assert_eq!(first, Some(pilot));
    let burst: Vec<&SampleDocument> = year
        .documents
        .iter()
        .filter(|document| {
            document.matter.name() == "宿舍"
                && (7..=20).any(|day| document.day == Day::from_ymd(2025, 7, day).unwrap())
        })
        .collect();
    assert!(burst.len() > 250, "{}", burst.len());
    let share = |polarity| {
        burst.iter().filter(|document| document.stance.polarity() == polarity).count() as f64
            / burst.len() as f64
    };
    assert!(
        (share(Polarity::Negative) - 0.34).abs() < 0.09
            && (share(Polarity::Positive) - 0.43).abs() < 0.09
    );
}

#[test]
fn the_committed_sample_is_whole() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("truth.json")).unwrap()).unwrap();
    let rows: u64 = truth["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["rows"].as_u64().unwrap())
        .sum();
    assert!((20_000..26_000).contains(&rows), "{rows}");
    assert_eq!(truth["sources"].as_array().unwrap().len(), Source::ALL.len());
    let broken = truth["broken"].as_array().unwrap().len() as f64;
    assert!((0.005..0.02).contains(&(broken / rows as f64)), "{broken}");
    let shifts = truth["shifts"].as_array().unwrap();
    assert_eq!(shifts.len(), SHIFTS.len());
    for shift in shifts {
        assert!(shift["voices_a_day_min"].as_u64().unwrap() >= 30, "{shift}");
        assert!(
            shift["also"]
                .as_array()
                .unwrap()
                .contains(&serde_json::json!({ "source": null, "unit": null, "topic": null }))
        );
        let (begins, dense) = (&shift["begins"], &shift["dense"]);
        let day = |value: &serde_json::Value| value.as_str().unwrap().parse::<Day>().unwrap();
        assert!(
            day(begins).0 - day(&dense[0]).0 >= 42 && day(&dense[1]).0 - day(begins).0 >= 27,
            "{shift}"
        );
    }
    let size: u64 = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(size < 5 << 20, "{size} bytes");
}
