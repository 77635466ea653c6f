//! Topics that come up, from the store's documents in time order to what readers may see.

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use corpus::{Day, DocumentId, EmergingKind, Month, Period, TokenBatch, TokenKind};
use datafusion::prelude::SessionContext;
use detect::{EmergingInput, EmergingSettings, EmergingTopic, TopicWatch};
use privacy::{Calendar, Disclosed, Guard, ReleasedTable, ReleasedTopic, TopicCandidate};
use text::Lexicon;

use crate::calendar;
use crate::engine::Engine;

/// The budget of shift.md's benchmark.
pub(crate) const SETTINGS: EmergingSettings = EmergingSettings { false_alarms_per_100_days: 2.0 };

/// When a document was written, whom it counts for, and its words.
#[cfg_attr(test, derive(Clone))]
struct Reading {
    day: Day,
    source: String,
    voice: u64,
    is_contributor: bool,
    words: HashSet<String>,
}

/// What is watched ends with the newest document and begins so many days before: long enough to know the year's own matters.
const WATCHED_DAYS: u32 = 730;

/// Documents from so many days before an alarm on are behind its topic: the longest window that alarms look at.
const BEHIND_DAYS: i32 = 13;

/// What is usual in a source is that of so many days before them.
const USUAL_DAYS: i32 = 56;
/// A topic grew or came again for itself when it has so many times the documents that its sources' own volume explains.
const GROWTH_MIN: f64 = 1.5;

/// So many days after an alarm people may still join in: a month, or as many weeks.
const AFTER_DAYS: i32 = 28;

/// Watches the rows of `documents` for matters that are new, grow or return, and lets the guard decide what of them may be shown.
pub(crate) fn release(
    engine: &Engine,
    session: &SessionContext,
    documents: &str,
    table: &Disclosed<ReleasedTable>,
) -> anyhow::Result<Disclosed<Vec<ReleasedTopic>>> {
    let sql = format!(
        "SELECT id, posted_day, voice, coalesce(group_id, id), text, tokens, source FROM {documents}
         WHERE posted_day > (SELECT max(posted_day) FROM {documents}) - INTERVAL '{WATCHED_DAYS}' DAY
         ORDER BY posted_day, id"
    );
    let batches = engine.rows(session, &sql).context("read documents in time order")?;
    let lexicon = Lexicon::builtin();
    let mut watch = TopicWatch::new(&SETTINGS);
    let mut readings: Vec<Reading> = Vec::new();
    let mut found = Vec::new();
    let mut tokens = TokenBatch::default();
    for batch in &batches {
        let text = |index: usize| {
            arrow::compute::cast(batch.column(index), &DataType::Utf8).context("read a text column")
        };
        let (ids, groups, texts, sources) = (text(0)?, text(3)?, text(4)?, text(6)?);
        let [ids, groups, texts, sources] =
            [&ids, &groups, &texts, &sources].map(|column| column.as_string::<i32>());
        let encoded =
            arrow::compute::cast(batch.column(5), &DataType::Binary).context("read the tokens")?;
        let (days, voices) = (
            batch.column(1).as_primitive::<Date32Type>(),
            batch.column(2).as_primitive::<Int64Type>(),
        );
        for row in 0..batch.num_rows() {
            let content = texts.value(row);
            tokens.clear();
            tokens
                .decode_document(content, encoded.as_binary::<i32>().value(row))
                .context("read the tokens of a document")?;
            let terms: Vec<&str> = terms(content, &tokens, &lexicon);
            let id: DocumentId = ids.value(row).parse().context("read an id")?;
            let group: DocumentId = groups.value(row).parse().context("read a group")?;
            let is_contributor = voices.is_valid(row);
            let voice =
                if is_contributor { voices.value(row).cast_unsigned() } else { group.0 as u64 };
            found.extend(watch.push(&EmergingInput {
                id,
                day: Day(days.value(row)),
                voice: Some(voice),
                text: content,
                terms: terms.clone(),
            }));
            readings.push(Reading {
                day: Day(days.value(row)),
                source: sources.value(row).to_owned(),
                voice,
                is_contributor,
                words: terms.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    found.extend(watch.close_day());
    let (guard, calendar) = (Guard::new(engine.config.limits), calendar::recorded(engine)?);
    let people_min = guard.limits().values().k_verbatim;
    let candidates: Vec<TopicCandidate> =
        found.iter().map(|topic| candidate(topic, &readings, &calendar, people_min)).collect();
    Ok(guard.release_topics(&candidates, table))
}

/// Words that can carry a topic: no stop words, no single characters, no marks.
pub(crate) fn terms<'a>(text: &'a str, tokens: &TokenBatch, lexicon: &Lexicon) -> Vec<&'a str> {
    let words = tokens
        .words(0)
        .iter()
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Latin));
    words
        .map(|token| token.text(text))
        .filter(|word| word.chars().nth(1).is_some() && !lexicon.is_stop_word(word))
        .collect()
}

/// A topic in the first period at whose end `people_min` people stand behind it: that of its alarm or one after it, until [`AFTER_DAYS`] have passed.
///
/// An alarm comes as early as it can, so the documents of its day are few: who joins in until the period ends counts too. A period's end is as far
/// as is looked, so that a topic is released once and the same for ever.
fn candidate(
    topic: &EmergingTopic,
    readings: &[Reading],
    calendar: &Calendar,
    people_min: u32,
) -> TopicCandidate {
    let mut period = calendar.period(None, topic.day);
    if topic.kind != EmergingKind::New && growth_beyond_sources(topic, readings) < GROWTH_MIN {
        // Nobody made it grow: it keeps its place among the candidates and is not told of.
        return TopicCandidate { people: 0, ..candidate_of(topic, readings, period) };
    }
    loop {
        let found = candidate_of(topic, readings, period);
        let is_last =
            topic.day < period.first_day() && topic.day.plus(AFTER_DAYS) <= period.last_day();
        if found.people >= people_min || is_last {
            return found;
        }
        period = calendar.period(None, period.last_day().plus(1));
    }
}

/// How many times the documents of a topic are that are to be expected from its usual share in each source and what came in from there.
///
/// A survey that runs makes everything grow that it asks about, and that it runs is no news. A source without a usual share explains all that came from it.
fn growth_beyond_sources(topic: &EmergingTopic, readings: &[Reading]) -> f64 {
    let days = |from: i32, until: i32| {
        let place = |day: i32| readings.partition_point(|reading| reading.day.0 < day);
        let mut counts: HashMap<&str, (f64, f64)> = HashMap::new();
        for reading in readings.get(place(from)..place(until)).unwrap_or_default() {
            let (of_topic, all) = counts.entry(&reading.source).or_default();
            *all += 1.0;
            *of_topic +=
                f64::from(u8::from(topic.terms.first().is_some_and(|term| reading.uses(term))));
        }
        counts
    };
    let start = topic.day.0 - BEHIND_DAYS;
    let (usual, now) = (days(start - USUAL_DAYS, start), days(start, topic.day.0 + 1));
    let (mut observed, mut expected) = (0.0, 0.0);
    for (source, (of_topic, all)) in now {
        observed += of_topic;
        // A source that brought more in this fortnight than in the eight weeks before has no usual share.
        expected += match usual.get(source) {
            Some((usual_of_topic, usual_all)) if *usual_all >= all => {
                all * usual_of_topic / usual_all
            }
            _ => of_topic,
        };
    }
    observed / f64::max(expected, 1.0)
}

/// Counts the people behind a topic until the end of `period`, all of whom used its most telling term, and those behind each of its terms.
fn candidate_of(topic: &EmergingTopic, readings: &[Reading], period: Period) -> TopicCandidate {
    let start = readings.partition_point(|reading| reading.day.0 < topic.day.0 - BEHIND_DAYS);
    let end = readings.partition_point(|reading| reading.day <= period.last_day());
    let near = readings.get(start..end).unwrap_or_default();
    let behind: Vec<&Reading> = near
        .iter()
        .filter(|reading| topic.terms.first().is_some_and(|term| reading.uses(term)))
        .collect();
    let terms = topic.terms.iter().map(|term| {
        let users = behind.iter().filter(|reading| reading.uses(term));
        (term.clone(), people(users.map(|reading| reading.writer())))
    });
    TopicCandidate {
        period,
        terms: terms.collect(),
        people: people(behind.iter().map(|reading| reading.writer())),
        kind: topic.kind,
        // Numbers count the topics of the stream from 1, and each asks to be released.
        continues: topic.continues.map(|number| number as usize - 1),
    }
}

impl Reading {
    fn writer(&self) -> Writer<'_> {
        let Self { source, voice, is_contributor, .. } = self;
        Writer { source, month: self.day.month(), voice: *voice, is_contributor: *is_contributor }
    }

    /// A phrase is used by those who used all its words.
    fn uses(&self, term: &str) -> bool {
        self.words.contains(term) || is_phrase_of(term, &self.words)
    }
}

fn is_phrase_of(term: &str, words: &HashSet<String>) -> bool {
    term.char_indices().skip(1).any(|(cut, _)| {
        let (head, tail) = term.split_at(cut);
        words.contains(head) && words.contains(tail.trim_start())
    })
}

/// Whom a document counts for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) source: &'a str,
    pub(crate) month: Month,
    pub(crate) voice: u64,
    pub(crate) is_contributor: bool,
}

/// The most people that any source and month has, duplicate groups counted half: pseudonyms of two of them may be the same people.
pub(crate) fn people<'a>(writers: impl Iterator<Item = Writer<'a>>) -> u32 {
    let mut voices: HashMap<(&str, Month), HashSet<(bool, u64)>> = HashMap::new();
    for Writer { source, month, voice, is_contributor } in writers {
        voices.entry((source, month)).or_default().insert((is_contributor, voice));
    }
    let people = voices.into_values().map(|voices| {
        let contributors = voices.iter().filter(|(is_contributor, _)| *is_contributor).count();
        (contributors + (voices.len() - contributors) / 2) as u32
    });
    people.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Documents a day, of them with the word, from a source on days of a range.
    fn wave(
        source: &str,
        days: std::ops::Range<i32>,
        a_day: usize,
        with_word: usize,
    ) -> Vec<Reading> {
        let reading = |(day, n): (i32, usize)| Reading {
            day: Day(day),
            source: source.to_owned(),
            voice: n as u64,
            is_contributor: true,
            words: HashSet::from([if n < with_word { "食堂" } else { "班车" }.to_owned()]),
        };
        days.flat_map(|day| (0..a_day).map(move |n| (day, n))).map(reading).collect()
    }

    fn growth(mut readings: Vec<Reading>) -> f64 {
        readings.sort_by_key(|reading| reading.day);
        let topic = EmergingTopic {
            number: 1,
            continues: None,
            day: Day(99),
            terms: vec!["食堂".into()],
            ids: Vec::new(),
            kind: EmergingKind::Growing,
        };
        growth_beyond_sources(&topic, &readings)
    }

    #[test]
    fn a_survey_explains_what_it_brings_and_nothing_else() {
        let usual = || wave("意见箱", 0..100, 10, 1);
        let survey = wave("满意度调查", 90..100, 30, 20);
        assert_eq!(growth([usual(), survey].concat()), 1.0, "everybody is asked about it");
        let busy = wave("意见箱", 86..100, 20, 2);
        assert_eq!(growth([usual(), busy].concat()), 1.0, "more of everything");
        let of_itself = wave("意见箱", 86..100, 5, 5);
        assert!(growth([usual(), of_itself].concat()) > 3.0);
    }
}
