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
        let usual = rng.random_range(20..40);
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
        terms: doc.words.iter().map(String::as_str).collect(),
    });
    emerging_topics(inputs, &SETTINGS)
}

#[test]
fn a_new_topic_is_found_with_its_words() {
    for seed in 0..3 {
        let found = alarms(&stream(seed, 90, 60, 6, 99));
        assert!(!found.is_empty(), "seed {seed}");
        let topic = &found[0];
        assert!((60..67).contains(&topic.day.0), "seed {seed}: {}", topic.day.0);
        assert_eq!(topic.kind, EmergingKind::New);
        assert!(topic.terms.iter().take(2).all(|term| term.contains("事99")), "{:?}", topic.terms);
        assert!(found.iter().all(|topic| topic.terms[0].contains("事99")), "{found:?}");
    }
}

#[test]
fn an_old_topic_that_grows_is_not_called_new() {
    for seed in 0..3 {
        let found = alarms(&stream(seed, 90, 60, 8, 3));
        assert!(found.iter().all(|topic| topic.kind == EmergingKind::Growing), "{found:?}");
    }
}

#[test]
fn without_a_new_topic_there_is_silence() {
    let found: usize = (0..4).map(|seed| alarms(&stream(seed, 100, 200, 0, 0)).len()).sum();
    assert!(found <= 8, "{found} false alarms in 400 days at a budget of 8");
}

#[test]
fn one_person_or_one_copied_text_is_no_topic() {
    let mut docs = stream(1, 90, 60, 8, 99);
    for doc in docs.iter_mut().filter(|doc| doc.words[0].contains("事99")) {
        doc.voice = Some(7);
    }
    assert_eq!(alarms(&docs), []);
    for doc in docs.iter_mut().filter(|doc| doc.words[0].contains("事99")) {
        doc.voice = None;
        doc.words = vec!["转发".to_owned(), "事99词1".to_owned(), "事99词2".to_owned()];
    }
    assert_eq!(alarms(&docs), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn alarms_of_a_truncated_stream_are_the_first_of_the_whole(seed in 0u64..1000, cut in 30i32..90) {
        let docs = stream(seed, 90, 60, 5, 99);
        let truncated: Vec<Doc> = docs.iter().filter(|doc| doc.day < cut).cloned().collect();
        let whole = alarms(&docs);
        let expected: Vec<&EmergingTopic> = whole.iter().filter(|topic| topic.day.0 < cut).collect();
        let of_truncated = alarms(&truncated);
        prop_assert_eq!(of_truncated.iter().collect::<Vec<_>>(), expected);
    }
}
