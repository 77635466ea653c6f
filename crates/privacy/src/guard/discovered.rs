//! What discovery finds in a store: all of it for open sources, for confidential ones matters that enough people write of, by words that enough of them use.
//!
//! Both are looked for apart: whoever has read the open texts could take their voices off a matter that mixes both. A confidential matter is told of
//! with its released months, recorded, and not looked for again until the next month is released, so that no document shows by coming or going.

use std::collections::BTreeSet;

use corpus::{DocumentId, Month, Visibility};
use serde::{Deserialize, Serialize};

use super::Guard;
use crate::Disclosed;
use crate::release::ReleasedTable;

/// Two matters are the same when they share this part of their released terms.
const SAME_SHARE: f64 = 0.4;
/// Terms that make up a name.
const NAME_TERMS: usize = 2;

/// What was found in open texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct OpenTopics {
    /// Largest first.
    pub topics: Vec<OpenTopic>,
    /// The topic of each text.
    pub assignments: Vec<TopicAssignment>,
    /// Share of texts without a topic.
    pub unassigned_share: f64,
}

/// A topic of open texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenTopic {
    /// Stays the same when the next run is told of this one.
    pub id: String,
    /// Its first terms.
    pub name: String,
    /// Words and phrases that tell it from the others, best first.
    pub terms: Vec<String>,
    /// Texts.
    pub size: usize,
}

/// The topic of an open text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicAssignment {
    /// The document.
    pub id: DocumentId,
    /// Id of its topic, if it has one.
    pub topic: Option<String>,
    /// Checked by the guard, and not told: all are open.
    #[serde(skip)]
    pub visibility: Visibility,
}

/// A matter of confidential texts that asks to be shown. People are counted as for a topic that comes up.
#[derive(Debug, Clone, PartialEq)]
pub struct MatterCandidate {
    /// Its words and phrases, most telling first, each with the people whose texts of the matter hold it.
    pub terms: Vec<(String, u32)>,
    /// People behind its texts.
    pub people: u32,
}

/// A matter of confidential texts that readers may see. It carries no document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedMatter {
    /// Stays the same while it shares its terms with the month before; made of nothing but the order in which matters were released.
    pub id: String,
    /// Its first terms.
    pub name: String,
    /// Words and phrases that enough people used.
    pub terms: Vec<String>,
    /// The people behind it, rounded down to a multiple of five.
    pub people: u32,
}

impl Guard {
    /// Lets out what was found in open texts.
    ///
    /// # Panics
    /// When it was found in others as well: taking those out would leave their words in the topics' names.
    pub fn open_topics(&self, found: OpenTopics) -> Disclosed<OpenTopics> {
        let is_open = |text: &TopicAssignment| text.visibility == Visibility::Open;
        assert!(found.assignments.iter().all(is_open), "open topics are looked for in open texts");
        Disclosed::new(found)
    }

    /// Keeps matters behind which `k_verbatim` people stand, and of each the terms that `k_score` people used: a rare word can name its writer. Nothing
    /// until `through` is a released month. `earlier` is what was released of the month before.
    pub fn release_matters(
        &self,
        through: Month,
        candidates: &[MatterCandidate],
        earlier: &[ReleasedMatter],
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<ReleasedMatter>> {
        let limits = self.limits().values();
        if !table.get().months.contains(&through) {
            return Disclosed::new(Vec::new());
        }
        let admitted = candidates.iter().filter(|matter| matter.people >= limits.k_verbatim);
        let mut released: Vec<ReleasedMatter> = admitted
            .map(|matter| {
                let used = matter.terms.iter().filter(|(_, people)| *people >= limits.k_score);
                let terms: Vec<String> = used.map(|(term, _)| term.clone()).collect();
                let name = terms.iter().take(NAME_TERMS).cloned().collect::<Vec<_>>().join("、");
                ReleasedMatter { id: String::new(), name, terms, people: matter.people / 5 * 5 }
            })
            .filter(|matter| !matter.terms.is_empty())
            .collect();
        released.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.terms.cmp(&b.terms)));
        identify(&mut released, earlier);
        Disclosed::new(released)
    }

    /// Lets out again what an earlier call recorded, under the limits of now.
    pub fn recorded_matters(
        &self,
        through: Month,
        recorded: Vec<ReleasedMatter>,
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<ReleasedMatter>> {
        let is_released = table.get().months.contains(&through);
        let people_min = self.limits().values().k_verbatim;
        let may_be_told = |matter: &ReleasedMatter| is_released && matter.people >= people_min;
        Disclosed::new(recorded.into_iter().filter(may_be_told).collect())
    }
}

/// Gives each matter the id of the earlier one that it shares most terms with, and the next number when there is none left.
fn identify(released: &mut [ReleasedMatter], earlier: &[ReleasedMatter]) {
    let number = |id: &str| id.get(1..).and_then(|number| number.parse::<u32>().ok());
    let mut next = earlier.iter().filter_map(|matter| number(&matter.id)).max().unwrap_or(0);
    let mut taken = BTreeSet::new();
    for matter in released {
        let share = |other: &ReleasedMatter| {
            let common = other.terms.iter().filter(|term| matter.terms.contains(term)).count();
            common as f64 / matter.terms.len().min(other.terms.len()).max(1) as f64
        };
        let same = (0..earlier.len())
            .filter(|index| !taken.contains(index) && share(&earlier[*index]) >= SAME_SHARE)
            .max_by(|a, b| share(&earlier[*a]).total_cmp(&share(&earlier[*b])).then(b.cmp(a)));
        matter.id = match same {
            Some(index) => {
                taken.insert(index);
                earlier[index].id.clone()
            }
            None => {
                next += 1;
                format!("m{next}")
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(terms: &[(&str, u32)], people: u32) -> MatterCandidate {
        let terms = terms.iter().map(|(term, people)| ((*term).to_owned(), *people)).collect();
        MatterCandidate { terms, people }
    }

    fn released(
        candidates: &[MatterCandidate],
        earlier: &[ReleasedMatter],
    ) -> Vec<(String, Vec<String>, u32)> {
        let month: Month = "2026-03".parse().unwrap();
        let table =
            Disclosed::new(ReleasedTable { months: vec![month], ..ReleasedTable::default() });
        let guard = Guard::default();
        assert!(guard.release_matters(month.next(), candidates, earlier, &table).get().is_empty());
        let matters = guard.release_matters(month, candidates, earlier, &table).get().clone();
        matters.into_iter().map(|matter| (matter.id, matter.terms, matter.people)).collect()
    }

    #[test]
    fn few_people_and_rare_words_are_not_told() {
        let candidates = [
            candidate(&[("锅炉房", 9), ("钥匙", 9)], 9),
            candidate(&[("老张", 4), ("饭菜", 5), ("排队", 12)], 13),
            candidate(&[("李某", 4)], 30),
        ];
        let terms = vec!["饭菜".to_owned(), "排队".to_owned()];
        assert_eq!(released(&candidates, &[]), [("m1".to_owned(), terms, 10)]);
    }

    #[test]
    fn a_matter_keeps_its_id_while_its_terms_stay() {
        let earlier = [
            ReleasedMatter {
                id: "m3".into(),
                name: "班车".into(),
                terms: vec!["班车".into(), "晚点".into()],
                people: 10,
            },
            ReleasedMatter {
                id: "m7".into(),
                name: "饭菜".into(),
                terms: vec!["饭菜".into(), "排队".into()],
                people: 10,
            },
        ];
        let candidates =
            [candidate(&[("饭菜", 20), ("涨价", 20)], 20), candidate(&[("空调", 12)], 12)];
        let ids: Vec<String> =
            released(&candidates, &earlier).into_iter().map(|(id, ..)| id).collect();
        assert_eq!(ids, ["m7", "m8"]);
    }

    #[test]
    #[should_panic(expected = "open topics are looked for in open texts")]
    fn open_topics_of_confidential_texts_are_our_mistake() {
        let text = TopicAssignment {
            id: DocumentId(1),
            topic: None,
            visibility: Visibility::Confidential,
        };
        Guard::default()
            .open_topics(OpenTopics { assignments: vec![text], ..OpenTopics::default() });
    }
}
