//! What became of the topics of an earlier run: which go on, which fell apart, which are one now, which are gone.
//!
//! Told by the texts that both runs have: a topic's heirs are those that hold a quarter of its texts. Where no text is known again, a topic goes on when
//! one with its id was found, see `identify`.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::SIZE_MIN;

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

/// The steps from the topics `previous` to the topics `present`, both by id, in the order of the earlier ones, new ones last; none without earlier ones.
///
/// `placed` and `assignments` tell for each text where it was and where it is, as places in the two.
pub fn trace_lineage(
    previous: &[&str],
    placed: &[Option<usize>],
    present: &[&str],
    assignments: &[Option<usize>],
) -> Vec<Lineage> {
    if previous.is_empty() {
        return Vec::new();
    }
    let mut flows = vec![vec![0usize; present.len()]; previous.len()];
    for (before, after) in placed.iter().zip(assignments) {
        if let (Some(before), Some(after)) = (before, after) {
            flows[*before][*after] += 1;
        }
    }
    let heirs: Vec<Vec<usize>> =
        previous.iter().zip(&flows).map(|(id, flow)| heirs(id, flow, present)).collect();
    let mut parents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (before, heirs) in heirs.iter().enumerate() {
        if let [only] = heirs.as_slice() {
            parents.entry(*only).or_default().push(before);
        }
    }

    let ids =
        |topics: &[usize], of: &[&str]| topics.iter().map(|topic| of[*topic].to_owned()).collect();
    let mut lineage = Vec::new();
    for (before, heirs) in heirs.iter().enumerate() {
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
        lineage.push(Lineage { kind, from: ids(&from, previous), into: ids(heirs, present) });
    }
    let inherited: FxHashSet<usize> = heirs.into_iter().flatten().collect();
    let new = (0..present.len()).filter(|topic| !inherited.contains(topic));
    lineage.extend(new.map(|topic| Lineage {
        kind: LineageKind::New,
        from: Vec::new(),
        into: ids(&[topic], present),
    }));
    lineage
}

/// The topics that a good part of a topic's texts are in now, or the one that has its id.
fn heirs(earlier: &str, flow: &[usize], present: &[&str]) -> Vec<usize> {
    let known: usize = flow.iter().sum();
    let least = (HEIR_SHARE * known as f64).max(SIZE_MIN as f64);
    let found: Vec<usize> = (0..flow.len()).filter(|topic| flow[*topic] as f64 >= least).collect();
    if found.is_empty() {
        return present.iter().position(|id| *id == earlier).into_iter().collect();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let lineage = trace_lineage(previous, &placed, present, &assignments);
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
