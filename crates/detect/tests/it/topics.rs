//! Topics that come up in a stream of documents in random order.

use corpus::{Day, DocumentId};
use detect::{EmergingInput, EmergingKind, EmergingSettings, EmergingTopic, emerging_topics};
use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

const SETTINGS: EmergingSettings = EmergingSettings { false_alarms_per_100_days: 2.0 };

#[derive(Debug, Clone)]
struct Doc {
    id: u128,
    day: i32,
    voice: Option<u64>,
    words: Vec<String>,
}

/// Twenty matters with twelve words each over a common vocabulary of 400 words. From `from` on, `count` documents a day of one more matter.
fn stream(seed: u64, days: i32, from: i32, count: usize, matter: usize) -> Vec<Doc> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut docs = Vec::new();
    for day in 0..days {
        let usual = rng.random_range(12..24);
        let extra = if (from..from + 14).contains(&day) { count } else { 0 };
        for i in 0..usual + extra {
            let matter = if i < usual { rng.random_range(0..20) } else { matter };
            let mut words: Vec<String> =
                (0..3).map(|_| format!("事{matter}词{}", rng.random_range(0..12))).collect();
            words.extend(
                (0..6).map(|_| format!("常{}", (400.0 * rng.random::<f64>().powi(2)) as u32)),
            );
            docs.push(Doc { id: docs.len() as u128, day, voice: None, words });
        }
    }
    docs
}

fn alarms(docs: &[Doc]) -> Vec<EmergingTopic> {
    let inputs = docs.iter().map(|doc| EmergingInput {
        id: DocumentId(doc.id),
        day: Day(doc.day),
        voice: doc.voice,
        text: "",
        terms: doc.words.iter().map(String::as_str).collect(),
    });
    emerging_topics(inputs, &SETTINGS)
}

/// The alarms whose first term belongs to a matter. Others may be false alarms, which the budget allows.
fn of_matter(found: &[EmergingTopic], matter: usize) -> Vec<&EmergingTopic> {
    let word = format!("事{matter}词");
    found.iter().filter(|topic| topic.terms[0].starts_with(&word)).collect()
}

#[test]
fn a_new_topic_is_found_with_its_words() {
    for seed in 0..2 {
        let found = alarms(&stream(seed, 62, 45, 6, 99));
        let topics = of_matter(&found, 99);
        assert!(!topics.is_empty(), "seed {seed}");
        assert!((45..53).contains(&topics[0].day.0), "seed {seed}: {}", topics[0].day.0);
        assert!(
            topics.iter().all(|topic| topic.kind == EmergingKind::New && topic.ids.len() >= 4),
            "{topics:?}"
        );
        assert!(topics[0].terms[1].contains("事99"), "{:?}", topics[0].terms);
    }
}

#[test]
fn an_old_topic_that_grows_is_not_called_new() {
    let found = alarms(&stream(0, 62, 45, 8, 3));
    let topics = of_matter(&found, 3);
    assert!(
        !topics.is_empty() && topics.iter().all(|topic| topic.kind == EmergingKind::Growing),
        "{topics:?}"
    );
}

#[test]
fn without_a_new_topic_there_is_silence() {
    let found: usize = (0..4).map(|seed| alarms(&stream(seed, 75, 200, 0, 0)).len()).sum();
    assert!(found <= 8, "{found} false alarms in 300 days at a budget of 6");
}

#[test]
fn one_person_or_one_copied_text_is_no_topic() {
    let mut docs = stream(1, 62, 45, 8, 99);
    for doc in docs.iter_mut().filter(|doc| doc.words[0].contains("事99")) {
        doc.voice = Some(7);
    }
    assert_eq!(of_matter(&alarms(&docs), 99), Vec::<&EmergingTopic>::new());
    for doc in docs.iter_mut().filter(|doc| doc.words[0].contains("事99")) {
        doc.voice = None;
        doc.words = vec!["转发".to_owned(), "事99词1".to_owned(), "事99词2".to_owned()];
    }
    assert_eq!(of_matter(&alarms(&docs), 99), Vec::<&EmergingTopic>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn alarms_of_a_truncated_stream_are_the_first_of_the_whole(seed in 0u64..1000, cut in 30i32..62) {
        let docs = stream(seed, 62, 45, 5, 99);
        let truncated: Vec<Doc> = docs.iter().filter(|doc| doc.day < cut).cloned().collect();
        let whole = alarms(&docs);
        let expected: Vec<&EmergingTopic> = whole.iter().filter(|topic| topic.day.0 < cut).collect();
        let of_truncated = alarms(&truncated);
        prop_assert_eq!(of_truncated.iter().collect::<Vec<_>>(), expected);
    }
}
