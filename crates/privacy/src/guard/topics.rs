//! Topics that come up: their words may be shown only when enough people use them.

use corpus::{EmergingKind, Period};
use serde::{Deserialize, Serialize};

use super::Guard;
use crate::Disclosed;
use crate::release::ReleasedTable;

/// A topic that asks to be shown. People are contributors, duplicate groups counted half.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicCandidate {
    /// The period of its alarm, of the organization as a whole.
    pub period: Period,
    /// Its words and phrases, most telling first, each with the people whose documents hold it.
    pub terms: Vec<(String, u32)>,
    /// People behind its documents.
    pub people: u32,
    /// How it relates to the past.
    pub kind: EmergingKind,
    /// The place among the candidates, before its own, of the topic that it takes up again.
    pub continues: Option<usize>,
}

/// A topic that readers may see. It carries no document: those are quoted, or not, as texts of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedTopic {
    /// The period, the most telling of its words that are shown and a number from the second of that name on; it stays with the topic for good.
    #[serde(default)]
    pub id: String,
    /// How it relates to the past.
    #[serde(default)]
    pub kind: EmergingKind,
    /// The released topic that it takes up again.
    #[serde(default)]
    pub continues: Option<String>,
    /// The closed period in which it came up.
    #[serde(alias = "month")]
    pub period: Period,
    /// Words and phrases that enough people used.
    pub terms: Vec<String>,
    /// The people behind it, rounded down to a multiple of five.
    pub people: u32,
}

impl Guard {
    /// Keeps topics of released periods behind which `k_verbatim` people stand, and of each the terms that `k_score` people used: a rare word can
    /// name its writer. A topic left without a term is not shown, and none is said to continue one that is not.
    pub fn release_topics(
        &self,
        candidates: &[TopicCandidate],
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<ReleasedTopic>> {
        let limits = self.limits().values();
        let mut released: Vec<ReleasedTopic> = Vec::new();
        // By candidate: the topic that speaks for it, itself or the one that it continues.
        let mut speaker: Vec<Option<String>> = Vec::new();
        for topic in candidates {
            let continued = topic.continues.and_then(|place| speaker.get(place).cloned().flatten());
            let often = topic.terms.iter().filter(|(_, people)| *people >= limits.k_score);
            let terms: Vec<String> = often.map(|(term, _)| term.clone()).collect();
            let is_told =
                topic.people >= limits.k_verbatim && table.get().periods.contains(&topic.period);
            let Some(leading) = terms.first().filter(|_| is_told) else {
                speaker.push(continued);
                continue;
            };
            let is_taken = |id: &String| released.iter().any(|told| told.id == *id);
            let plain = format!("{}/{leading}", topic.period);
            let numbered = (2..).map(|number| format!("{plain}/{number}"));
            let id = std::iter::once(plain.clone()).chain(numbered).find(|id| !is_taken(id));
            let id = id.expect("numbers do not end");
            speaker.push(Some(id.clone()));
            released.push(ReleasedTopic {
                id,
                kind: topic.kind,
                continues: continued,
                period: topic.period,
                terms,
                people: topic.people / 5 * 5,
            });
        }
        Disclosed::new(released)
    }

    /// Lets out again what an earlier release recorded.
    pub fn recorded_topics(
        &self,
        recorded: Vec<ReleasedTopic>,
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<ReleasedTopic>> {
        let of_released = |topic: &ReleasedTopic| table.get().periods.contains(&topic.period);
        Disclosed::new(recorded.into_iter().filter(of_released).collect())
    }
}

#[cfg(test)]
mod tests {
    use corpus::Polarity;

    use super::*;
    use crate::{Calendar, CandidateCell, ReleaseRegister, SourceVoices, Stance};

    fn stance(voice: u64) -> Stance {
        let polarity = Polarity::from_sign(if voice.is_multiple_of(2) { 1 } else { -1 });
        Stance { voice, polarity: polarity.unwrap(), score: 0.0 }
    }

    #[test]
    fn a_rare_word_or_a_small_topic_is_not_shown() {
        let guard = Guard::default();
        let period: Period = "2026-03".parse().unwrap();
        let source = SourceVoices {
            source: "意见箱".parse().unwrap(),
            visibility: corpus::Visibility::Confidential,
            are_contributors: true,
            voices: (0..20).map(stance).collect(),
        };
        let candidates = [CandidateCell {
            key: corpus::SeriesKey::default(),
            period,
            wider_units: Vec::new(),
            sources: vec![source],
        }];
        let today = "2026-06-01".parse().unwrap();
        let (table, _) =
            guard.release(&candidates, &Calendar::default(), &ReleaseRegister::default(), today);
        let topic = |period: Period, people| TopicCandidate {
            period,
            terms: vec![("智能安全帽".into(), 8), ("老张".into(), 4)],
            people,
            kind: EmergingKind::New,
            continues: None,
        };
        // The second takes up the first, the third is too small, and the last takes up the third, which took up the second.
        let again = TopicCandidate {
            terms: vec![("安全帽充电".into(), 6)],
            kind: EmergingKind::Returning,
            continues: Some(0),
            ..topic(period, 12)
        };
        let small = TopicCandidate { continues: Some(1), ..topic(period, 9) };
        let last = TopicCandidate {
            terms: vec![("充电柜".into(), 5)],
            kind: EmergingKind::Growing,
            continues: Some(2),
            ..topic(period, 15)
        };
        let of_small = TopicCandidate { continues: Some(5), ..topic(period, 10) };
        let candidates = [
            topic(period, 12),
            again,
            small,
            last,
            topic(period.next(), 12),
            topic(period, 4),
            of_small,
        ];
        let shown = guard.release_topics(&candidates, &table);
        let released = |id: &str, kind, continues: Option<&str>, people| ReleasedTopic {
            id: format!("2026-03/{id}"),
            kind,
            continues: continues.map(|id| format!("2026-03/{id}")),
            period,
            terms: vec![id.to_owned()],
            people,
        };
        let expected = [
            released("智能安全帽", EmergingKind::New, None, 10),
            released("安全帽充电", EmergingKind::Returning, Some("智能安全帽"), 10),
            released("充电柜", EmergingKind::Growing, Some("安全帽充电"), 15),
            ReleasedTopic {
                id: "2026-03/智能安全帽/2".into(),
                ..released("智能安全帽", EmergingKind::New, None, 10)
            },
        ];
        assert_eq!(shown.get(), &expected);
    }
}
