//! What a change of a dictionary would do to a store, as far as it may be told.
//!
//! A preview is a search in disguise: a list of one word asks who wrote that word. So confidential documents are told of as in a search, only
//! over released months and with `k_search` people behind each statement, and their number only in coarse steps, since two lists that differ by
//! one word would otherwise be subtracted.

use std::collections::{BTreeMap, BTreeSet};

use corpus::{DocumentId, Month, Period, SeriesKey, SourceId, TopicId, Visibility};
use serde::Serialize;

use super::cells::{Contribution, keys_of};
use super::texts::people;
use super::{Calendar, Guard};
use crate::Disclosed;
use crate::release::{Figures, ReleasedTable};

/// Ids of open documents that are named, so that somebody can look at examples.
const NAMED_MAX: usize = 20;

/// The least difference of a document's expected polarity that a trend line shows.
const SCORE_DIFFERENCE_MIN: f32 = 0.01;

/// A document that would be cut otherwise, as it counts now and as it would count.
#[derive(Debug, Clone)]
pub struct ChangedDocument {
    /// The document.
    pub id: DocumentId,
    /// Whether everybody can read it at its source.
    pub visibility: Visibility,
    /// As stored.
    pub before: Contribution,
    /// As it would be: topics, polarity and score may differ.
    pub after: Contribution,
}

/// What would change. Nothing in it depends on confidential documents behind which too few people stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// Documents of open sources that would be cut otherwise.
    pub open_documents: u64,
    /// Some of them.
    pub open_ids: Vec<DocumentId>,
    /// At least so many people wrote confidential documents that would be cut otherwise; `None` is [`crate::TOO_FEW`].
    pub confidential_people: Option<u32>,
    /// Topics that would gain or lose documents.
    pub topics: Vec<TopicImpact>,
    /// Points of trend lines that would move, ascending.
    pub trend_points: Vec<TrendImpact>,
}

/// What would happen to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicImpact {
    /// The topic.
    pub topic: TopicId,
    /// Whether it gains the documents or loses them.
    pub gains: bool,
    /// Documents of open sources.
    pub open_documents: u64,
    /// At least so many people of confidential sources; `None` is [`crate::TOO_FEW`].
    pub confidential_people: Option<u32>,
}

/// A point of a trend line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TrendImpact {
    /// Which documents it counts.
    pub key: SeriesKey,
    /// Its period.
    pub period: Period,
    /// Whether its figures are out already. They stay as they were told.
    pub is_released: bool,
}

impl Guard {
    /// Lets out what a change of the dictionary would do to `changed`, which are all documents that it would cut otherwise.
    pub fn disclose_impact(
        &self,
        changed: &[ChangedDocument],
        table: &Disclosed<ReleasedTable>,
        calendar: &Calendar,
    ) -> Disclosed<Impact> {
        let table = table.get();
        let (open, confidential): (Vec<_>, Vec<_>) =
            changed.iter().partition(|document| document.visibility == Visibility::Open);
        let mut open_ids: Vec<DocumentId> = open.iter().map(|document| document.id).collect();
        open_ids.sort_unstable();
        open_ids.truncate(NAMED_MAX);
        Disclosed::new(Impact {
            open_documents: open.len() as u64,
            open_ids,
            confidential_people: self.confidential_people(&confidential, table),
            topics: self.topic_impacts(&open, &confidential, table),
            trend_points: self.trend_impacts(&open, &confidential, table, calendar),
        })
    }

    /// The people behind confidential documents of released months, in steps; `None` below `k_search`. A pseudonym is of one month, so the
    /// months are not added: the same people may stand behind all of them.
    fn confidential_people(
        &self,
        documents: &[&ChangedDocument],
        table: &ReleasedTable,
    ) -> Option<u32> {
        let in_month = |month: &Month| {
            let of_month =
                documents.iter().filter(|document| document.before.day.month() == *month);
            people(of_month.map(|document| voice_of(document)))
        };
        let count = table.months.iter().map(in_month).max().unwrap_or(0);
        (count >= self.limits.values().k_search).then(|| coarse(count))
    }

    fn topic_impacts(
        &self,
        open: &[&ChangedDocument],
        confidential: &[&ChangedDocument],
        table: &ReleasedTable,
    ) -> Vec<TopicImpact> {
        let (open, confidential) = (by_topic(open), by_topic(confidential));
        let moved: BTreeSet<&(TopicId, bool)> = open.keys().chain(confidential.keys()).collect();
        moved
            .into_iter()
            .map(|moved| TopicImpact {
                topic: moved.0.clone(),
                gains: moved.1,
                open_documents: open.get(moved).map_or(0, |documents| documents.len() as u64),
                confidential_people: confidential
                    .get(moved)
                    .and_then(|documents| self.confidential_people(documents, table)),
            })
            .filter(|topic| topic.open_documents > 0 || topic.confidential_people.is_some())
            .collect()
    }

    /// A point is told of when enough people of open sources, or enough of confidential ones, would move it. The two are never added: the sum
    /// would tell what one of them is.
    fn trend_impacts(
        &self,
        open: &[&ChangedDocument],
        confidential: &[&ChangedDocument],
        table: &ReleasedTable,
        calendar: &Calendar,
    ) -> Vec<TrendImpact> {
        let k_open = self.limits.values().k_score;
        let by_open = by_point(open, calendar).into_iter().filter(|(_, documents)| {
            people(documents.iter().map(|document| voice_of(document))) >= k_open
        });
        let by_confidential =
            by_point(confidential, calendar).into_iter().filter(|((key, period), documents)| {
                self.confidential_people(documents, table).is_some()
                    && !matches!(table.figures(key, *period), Figures::Suppressed)
            });
        let points: BTreeSet<TrendImpact> = by_open
            .chain(by_confidential)
            .map(|((key, period), _)| TrendImpact {
                is_released: !matches!(table.figures(&key, period), Figures::Suppressed),
                key,
                period,
            })
            .collect();
        points.into_iter().collect()
    }
}

/// Documents by topic and whether it gains them.
fn by_topic<'d>(
    documents: &[&'d ChangedDocument],
) -> BTreeMap<(TopicId, bool), Vec<&'d ChangedDocument>> {
    let mut moved: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for document in documents {
        let (before, after) = (&document.before.topics, &document.after.topics);
        let gained =
            after.iter().filter(|topic| !before.contains(topic)).map(|topic| (topic, true));
        let lost = before.iter().filter(|topic| !after.contains(topic)).map(|topic| (topic, false));
        for (topic, gains) in gained.chain(lost) {
            moved.entry((topic.clone(), gains)).or_default().push(*document);
        }
    }
    moved
}

/// Documents by the points that they would move: by being counted or not, or by being judged otherwise.
fn by_point<'d>(
    documents: &[&'d ChangedDocument],
    calendar: &Calendar,
) -> BTreeMap<(SeriesKey, Period), Vec<&'d ChangedDocument>> {
    let mut points: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for document in documents {
        let ChangedDocument { before, after, .. } = document;
        let (old, new): (BTreeSet<_>, BTreeSet<_>) =
            (keys_of(before).into_iter().collect(), keys_of(after).into_iter().collect());
        let is_judged_otherwise = before.polarity != after.polarity
            || (before.score - after.score).abs() >= SCORE_DIFFERENCE_MIN;
        for key in old.union(&new) {
            if is_judged_otherwise || old.contains(key) != new.contains(key) {
                let period = calendar.period(key.unit.as_ref(), before.day);
                points.entry((key.clone(), period)).or_default().push(*document);
            }
        }
    }
    points
}

fn voice_of(document: &ChangedDocument) -> (&SourceId, u64, bool) {
    (&document.before.source, document.before.voice, document.before.is_contributor)
}

/// The largest of 5, 10, 20, 50, 100, 200, … that is not above `count`.
fn coarse(count: u32) -> u32 {
    let steps = (0..9).flat_map(|power| [1, 2, 5].map(|digit| digit * 10u32.pow(power)));
    steps.take_while(|step| *step <= count).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use corpus::Polarity;

    use super::*;
    use crate::guard::{ReleaseRegister, candidate_cells};

    fn contribution(voice: u64, topic: Option<&str>, polarity: Polarity) -> Contribution {
        Contribution {
            source: "意见箱".parse().unwrap(),
            visibility: Visibility::Confidential,
            day: "2026-03-10".parse().unwrap(),
            unit: Some("采油一厂".parse().unwrap()),
            wider_units: Vec::new(),
            topics: topic.map(|topic| topic.parse().unwrap()).into_iter().collect(),
            voice,
            is_contributor: true,
            polarity: Some(polarity),
            score: f32::from(polarity.sign()),
        }
    }

    fn stored(voice: u64) -> Contribution {
        let polarity =
            if voice.is_multiple_of(2) { Polarity::Positive } else { Polarity::Negative };
        contribution(voice, None, polarity)
    }

    /// `people` writers of one document each that would gain the topic 安全.
    fn changed(people: u64, visibility: Visibility) -> Vec<ChangedDocument> {
        (0..people)
            .map(|voice| ChangedDocument {
                id: DocumentId(u128::from(voice)),
                visibility,
                before: stored(voice),
                after: Contribution { topics: vec!["安全".parse().unwrap()], ..stored(voice) },
            })
            .collect()
    }

    fn impact(changed: &[ChangedDocument]) -> Impact {
        let guard = Guard::default();
        let rows =
            (0..60).map(stored).chain((0..30).map(|voice| Contribution {
                topics: vec!["安全".parse().unwrap()],
                ..stored(voice)
            }));
        let today = "2026-11-21".parse().unwrap();
        let (table, _) = guard.release(
            &candidate_cells(rows, &Calendar::default()),
            &Calendar::default(),
            &ReleaseRegister::default(),
            today,
        );
        guard.disclose_impact(changed, &table, &Calendar::default()).get().clone()
    }

    #[test]
    fn under_the_limit_confidential_documents_give_the_answer_of_none() {
        let nothing = impact(&[]);
        assert_eq!(impact(&changed(9, Visibility::Confidential)), nothing);
        assert_eq!((nothing.confidential_people, nothing.topics.len()), (None, 0));
    }

    #[test]
    fn enough_people_are_told_of_in_steps() {
        let (ten, nineteen) = (
            impact(&changed(10, Visibility::Confidential)),
            impact(&changed(19, Visibility::Confidential)),
        );
        assert_eq!(ten, nineteen, "one person more is not seen");
        assert_eq!((ten.confidential_people, ten.open_documents), (Some(10), 0));
        assert_eq!(ten.topics[0].confidential_people, Some(10));
        assert!(ten.open_ids.is_empty(), "confidential documents are not named");
        assert_eq!(impact(&changed(20, Visibility::Confidential)).confidential_people, Some(20));
    }

    #[test]
    fn documents_of_a_month_that_is_not_released_are_not_told_of() {
        let mut later = changed(30, Visibility::Confidential);
        for document in &mut later {
            document.before.day = "2026-10-10".parse().unwrap();
            document.after.day = document.before.day;
        }
        assert_eq!(impact(&later), impact(&[]));
    }

    #[test]
    fn open_documents_are_counted_and_named_and_their_points_need_people() {
        let few = impact(&changed(4, Visibility::Open));
        assert_eq!(
            (few.open_documents, few.open_ids.len(), few.topics[0].open_documents),
            (4, 4, 4)
        );
        assert!(few.trend_points.is_empty());
        let enough = impact(&changed(25, Visibility::Open));
        assert_eq!((enough.open_documents, enough.open_ids.len()), (25, 20));
        let topics: Vec<_> =
            enough.trend_points.iter().map(|point| point.key.to_string()).collect();
        assert_eq!(topics, ["安全", "采油一厂 · 安全"], "only the topic's points move");
    }

    #[test]
    fn open_and_confidential_people_are_not_added() {
        let mut mixed = changed(4, Visibility::Open);
        mixed.extend(changed(9, Visibility::Confidential));
        assert_eq!(impact(&mixed), impact(&changed(4, Visibility::Open)));
    }
}
