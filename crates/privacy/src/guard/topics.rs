//! Topics that come up: their words may be shown only when enough people use them.

use corpus::Period;
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
}

/// A topic that readers may see. It carries no document: those are quoted, or not, as texts of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedTopic {
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
    /// name its writer. A topic left without a term is not shown.
    pub fn release_topics(
        &self,
        candidates: &[TopicCandidate],
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<ReleasedTopic>> {
        let limits = self.limits().values();
        let admitted = candidates
            .iter()
            .filter(|topic| {
                topic.people >= limits.k_verbatim && table.get().periods.contains(&topic.period)
            })
            .map(|topic| ReleasedTopic {
                period: topic.period,
                terms: topic
                    .terms
                    .iter()
                    .filter(|(_, people)| *people >= limits.k_score)
                    .map(|(term, _)| term.clone())
                    .collect(),
                people: topic.people / 5 * 5,
            })
            .filter(|topic| !topic.terms.is_empty());
        Disclosed::new(admitted.collect())
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
        };
        let shown = guard.release_topics(
            &[topic(period, 12), topic(period, 9), topic(period.next(), 12)],
            &table,
        );
        assert_eq!(
            shown.get(),
            &[ReleasedTopic { period, terms: vec!["智能安全帽".into()], people: 10 }]
        );
    }
}
