//! What became of the topics of an earlier run: which go on, which fell apart, which are one now, which are gone.
//!
//! Told by the texts that both runs have: a topic's heirs are those that hold a quarter of its texts. Where no text is known again, a topic goes on when
//! one with its id was found, see `identify`.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::{DiscoveredTopic, SIZE_MIN};

/// A topic that takes this share of another's texts is its heir.
const HEIR_SHARE: f64 = 0.25;

/// One step from earlier topics to present ones, by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// What happened.
    pub kind: LineageKind,
    /// Topics of the earlier run.
    pub from: Vec<String>,
    /// Topics of this run.
    pub into: Vec<String>,
}

/// What became of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineageKind {
    /// It goes on under its id.
    Same,
    /// Its texts are in several topics now.
    Split,
    /// The texts of several topics are in one now.
    Merged,
    /// None of the present topics has its texts.
    Gone,
    /// It was not there before.
    New,
}

/// The steps from `previous` to `topics`, in the order of the earlier ones, new ones last.
pub(super) fn trace(
    topics: &[DiscoveredTopic],
    assignments: &[Option<usize>],
    previous: &[DiscoveredTopic],
    placed: &[Option<usize>],
) -> Vec<Lineage> {
    if previous.is_empty() {
        return Vec::new();
    }
    let mut flows = vec![vec![0usize; topics.len()]; previous.len()];
    for (before, after) in placed.iter().zip(assignments) {
        if let (Some(before), Some(after)) = (before, after) {
            flows[*before][*after] += 1;
        }
    }
    let heirs: Vec<Vec<usize>> =
        previous.iter().zip(&flows).map(|(topic, flow)| heirs(topic, flow, topics)).collect();
    let mut parents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (before, heirs) in heirs.iter().enumerate() {
        if let [only] = heirs.as_slice() {
            parents.entry(*only).or_default().push(before);
        }
    }

    let id = |topic: &DiscoveredTopic| topic.id.clone();
    let mut lineage = Vec::new();
    for (before, heirs) in heirs.iter().enumerate() {
        let into: Vec<String> = heirs.iter().map(|heir| id(&topics[*heir])).collect();
        let (kind, from) = match heirs.as_slice() {
            [] => (LineageKind::Gone, vec![before]),
            [only] => {
                let parents = &parents[only];
                if parents[0] != before {
                    // Told with the first of them.
                    continue;
                }
                let kind = if parents.len() > 1 { LineageKind::Merged } else { LineageKind::Same };
                (kind, parents.clone())
            }
            _ => (LineageKind::Split, vec![before]),
        };
        let from = from.into_iter().map(|before| id(&previous[before])).collect();
        lineage.push(Lineage { kind, from, into });
    }
    let inherited: FxHashSet<usize> = heirs.into_iter().flatten().collect();
    let new = topics.iter().enumerate().filter(|(index, _)| !inherited.contains(index));
    lineage.extend(new.map(|(_, topic)| Lineage {
        kind: LineageKind::New,
        from: Vec::new(),
        into: vec![id(topic)],
    }));
    lineage
}

/// The topics that a good part of a topic's texts are in now, or the one that has its id.
fn heirs(earlier: &DiscoveredTopic, flow: &[usize], topics: &[DiscoveredTopic]) -> Vec<usize> {
    let known: usize = flow.iter().sum();
    let least = (HEIR_SHARE * known as f64).max(SIZE_MIN as f64);
    let found: Vec<usize> = (0..flow.len()).filter(|topic| flow[*topic] as f64 >= least).collect();
    if found.is_empty() {
        return topics.iter().position(|topic| topic.id == earlier.id).into_iter().collect();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(ids: &[&str]) -> Vec<DiscoveredTopic> {
        let topic = |id: &&str| DiscoveredTopic {
            id: (*id).to_owned(),
            name: String::new(),
            terms: Vec::new(),
            size: 0,
        };
        ids.iter().map(topic).collect()
    }

    /// `flows` are `(before, after, texts)`.
    fn check(
        previous: &[&str],
        present: &[&str],
        flows: &[(usize, usize, usize)],
        expected: &[(LineageKind, &str, &str)],
    ) {
        let (mut placed, mut assignments) = (Vec::new(), Vec::new());
        for (before, after, texts) in flows {
            placed.extend(vec![Some(*before); *texts]);
            assignments.extend(vec![Some(*after); *texts]);
        }
        let lineage = trace(&topics(present), &assignments, &topics(previous), &placed);
        let found: Vec<(LineageKind, String, String)> = lineage
            .into_iter()
            .map(|step| (step.kind, step.from.join("+"), step.into.join("+")))
            .collect();
        let expected: Vec<(LineageKind, String, String)> = expected
            .iter()
            .map(|(kind, from, into)| (*kind, (*from).to_owned(), (*into).to_owned()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn topics_go_on_split_merge_and_end() {
        use LineageKind::{Gone, Merged, New, Same, Split};
        check(
            &["a", "b"],
            &["a", "b"],
            &[(0, 0, 9), (1, 1, 9)],
            &[(Same, "a", "a"), (Same, "b", "b")],
        );
        check(&["a"], &["a", "b"], &[(0, 0, 9), (0, 1, 8)], &[(Split, "a", "a+b")]);
        check(&["a", "b"], &["a"], &[(0, 0, 9), (1, 0, 9)], &[(Merged, "a+b", "a")]);
        check(
            &["a", "b"],
            &["a", "c"],
            &[(0, 0, 9)],
            &[(Same, "a", "a"), (Gone, "b", ""), (New, "", "c")],
        );
        check(&["a"], &["a", "c"], &[], &[(Same, "a", "a"), (New, "", "c")]);
        check(&[], &["a"], &[], &[]);
    }
}
