//! Topics that come up in a stream of documents in random order.

use corpus::{Day, DocumentId, EmergingKind};
use detect::{EmergingInput, EmergingSettings, EmergingTopic, emerging_topics};
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
fn a_topic_that_comes_again_returns_and_names_the_one_that_it_continues() {
    for seed in 0..2 {
        let (first, again) = (stream(seed, 110, 45, 6, 99), stream(seed, 110, 94, 6, 99));
        // The second outbreak, and a stray document in between, into the stream of the first.
        let is_of_matter = |doc: &&Doc| doc.words[0].starts_with("事99");
        let mut docs = first;
        let stray = docs.iter().find(is_of_matter).cloned().unwrap();
        docs.push(Doc { day: 77, ..stray });
        docs.extend(again.iter().filter(is_of_matter).cloned());
        docs.sort_by_key(|doc| doc.day);
        (0..).zip(&mut docs).for_each(|(id, doc)| doc.id = id);
        let found = alarms(&docs);
        let numbers: Vec<u32> = found.iter().map(|topic| topic.number).collect();
        assert_eq!(numbers, (1..=found.len() as u32).collect::<Vec<_>>());
        let of_matter = of_matter(&found, 99);
        let (before, after): (Vec<&EmergingTopic>, Vec<&EmergingTopic>) =
            of_matter.into_iter().partition(|topic| topic.day.0 < 80);
        assert_eq!((before[0].kind, before[0].continues), (EmergingKind::New, None));
        assert_eq!(after[0].kind, EmergingKind::Returning, "seed {seed}: {after:?}");
        assert!(before.iter().any(|topic| Some(topic.number) == after[0].continues), "{after:?}");
    }
}

#[test]
fn an_old_topic_that_doubles_is_never_called_new() {
    for seed in 0..6 {
        // About one of 18 documents a day is of matter 3; from day 45 on, two.
        let found = alarms(&stream(seed, 62, 45, 1, 3));
        let topics = of_matter(&found, 3);
        assert!(
            topics.iter().all(|topic| topic.kind != EmergingKind::New),
            "seed {seed}: {topics:?}"
        );
    }
}

#[test]
fn an_old_topic_that_was_silent_and_comes_again_is_told_apart_although_a_few_strays_mention_it() {
    for seed in 0..2 {
        let mut docs = stream(seed, 112, 32, 6, 99);
        // The same matter once more; and between the two, one stray a week.
        let again = stream(seed + 50, 112, 90, 6, 99);
        let of_matter_99 = |doc: &&Doc| doc.words[0].starts_with("事99");
        docs.extend(again.iter().filter(of_matter_99).cloned());
        let stray = docs.iter().find(of_matter_99).cloned().unwrap();
        docs.extend([55, 62, 69, 76, 83].map(|day| {
            let mut words = stray.words.clone();
            words[0] = format!("事99词{}", day % 12);
            Doc { day, words, ..stray }
        }));
        docs.sort_by_key(|doc| doc.day);
        for (id, doc) in docs.iter_mut().enumerate() {
            doc.id = id as u128;
        }
        let found = alarms(&docs);
        let topics = of_matter(&found, 99);
        let kinds = |days: std::ops::Range<i32>| {
            let of_days = topics.iter().filter(|topic| days.contains(&topic.day.0));
            of_days.map(|topic| topic.kind).collect::<Vec<_>>()
        };
        let (first, second) = (kinds(32..60), kinds(88..112));
        assert!(
            !first.is_empty() && first.iter().all(|kind| *kind == EmergingKind::New),
            "{first:?}"
        );
        assert!(
            !second.is_empty() && second.iter().all(|kind| *kind == EmergingKind::Returning),
            "seed {seed}: {second:?} {topics:?}"
        );
    }
}

/// A matter with so many words that hardly any two documents share one of them by chance; each names three.
fn many_worded(seed: u64, count: usize) -> Vec<Doc> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut docs = stream(seed, 62, 45, count, 99);
    for doc in docs.iter_mut().filter(|doc| doc.words[0].starts_with("事99")) {
        for word in doc.words.iter_mut().take(3) {
            *word = format!("事99词{}", rng.random_range(0..24));
        }
    }
    docs
}

#[test]
fn a_topic_is_grown_beyond_its_strongest_sign() {
    for seed in 0..2 {
        let docs = many_worded(seed, 5);
        let found = alarms(&docs);
        let topics = of_matter(&found, 99);
        assert!(!topics.is_empty(), "seed {seed}");
        // The documents of a single sign all hold the sign: here no word is in all of them.
        let words = |id: &DocumentId| &docs[id.0 as usize].words;
        let is_grown = |topic: &&EmergingTopic| {
            let of_first = topic.ids.iter().filter(|id| words(id).contains(&topic.terms[0]));
            of_first.count() < topic.ids.len()
        };
        assert!(topics.into_iter().any(|topic| is_grown(&topic)), "seed {seed}: {found:?}");
        let is_of_matter = |id: &DocumentId| words(id)[0].starts_with("事99");
        let grown = of_matter(&found, 99).into_iter().filter(is_grown);
        for topic in grown {
            let of_matter = topic.ids.iter().filter(|id| is_of_matter(id)).count();
            assert!(of_matter * 2 >= topic.ids.len(), "seed {seed}: {topic:?}");
        }
    }
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
