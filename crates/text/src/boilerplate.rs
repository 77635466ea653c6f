//! 套话率: how much of a group's words recur in many contributors' texts.
//!
//! High shares mean that people copy a form, or each other, or write what is expected; then fewer words carry an opinion. It is a figure of a
//! group of documents, never of a writer: contributors are only counted. Nothing is taken out of a text; every recurring clause keeps its
//! places, so that what was counted as boilerplate can be looked at and counted otherwise.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

/// Shorter clauses recur by chance (`总的来说`).
const CLAUSE_CHARS_MIN: usize = 6;

/// What recurs in a group of documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Boilerplate<'t> {
    /// The share, from 0 to 1, of letters and digits that stand in recurring clauses.
    pub share: f64,
    /// The recurring clauses, those of most contributors first, then in the order of their first place.
    pub clauses: Vec<RecurringClause<'t>>,
}

/// A clause that enough contributors wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurringClause<'t> {
    /// Its words.
    pub text: &'t str,
    /// Distinct contributors who wrote it.
    pub contributors: usize,
    /// Where it stands: the number of the document in the order given, and the bytes in its text.
    pub places: Vec<(usize, Range<usize>)>,
}

impl<'t> Boilerplate<'t> {
    /// Finds the clauses used by at least `contributors_min` contributors.
    ///
    /// `documents` gives each normalized text with a number for its contributor. A clause ends at punctuation, so a reordered form is still the same
    /// form. Costs about 40 bytes for each clause of each document.
    pub fn find(
        documents: impl IntoIterator<Item = (&'t str, u64)>,
        contributors_min: usize,
    ) -> Self {
        let mut uses_by_clause: FxHashMap<&str, Uses> = FxHashMap::default();
        let mut chars = 0;
        for (document, (text, contributor)) in documents.into_iter().enumerate() {
            chars += text.chars().filter(|c| c.is_alphanumeric()).count();
            let long = |clause: &str| clause.chars().count() >= CLAUSE_CHARS_MIN;
            for (byte_start, clause) in clauses(text).filter(|(_, clause)| long(clause)) {
                let uses = uses_by_clause.entry(clause).or_default();
                uses.contributors.insert(contributor);
                uses.places.push((document, byte_start..byte_start + clause.len()));
            }
        }
        let mut clauses: Vec<RecurringClause<'t>> = uses_by_clause
            .into_iter()
            .filter(|(_, uses)| uses.contributors.len() >= contributors_min)
            .map(|(text, uses)| RecurringClause {
                text,
                contributors: uses.contributors.len(),
                places: uses.places,
            })
            .collect();
        clauses.sort_unstable_by(|a, b| {
            let first_place = |clause: &RecurringClause<'_>| {
                clause.places.first().map(|(document, bytes)| (*document, bytes.start))
            };
            b.contributors.cmp(&a.contributors).then_with(|| first_place(a).cmp(&first_place(b)))
        });
        let shared: usize =
            clauses.iter().map(|clause| clause.text.chars().count() * clause.places.len()).sum();
        let share = if chars == 0 { 0.0 } else { shared as f64 / chars as f64 };
        Self { share, clauses }
    }
}

/// Who wrote a clause, and where.
#[derive(Default)]
struct Uses {
    contributors: FxHashSet<u64>,
    places: Vec<(usize, Range<usize>)>,
}

/// The clauses of a text, with where each starts. They end at whatever is neither letter nor digit.
pub(crate) fn clauses(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut byte_start = 0;
    text.split_inclusive(|c: char| !c.is_alphanumeric())
        .map(move |piece| {
            let start = byte_start;
            byte_start += piece.len();
            (start, piece.trim_end_matches(|c: char| !c.is_alphanumeric()))
        })
        .filter(|(_, clause)| !clause.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &str = "通过学习受益匪浅，今后努力做好工作";

    fn check(documents: &[(&str, u64)], contributors_min: usize, expected: f64) {
        let found = Boilerplate::find(documents.iter().copied(), contributors_min);
        assert!((found.share - expected).abs() < 1e-9, "{found:?} for {documents:?}");
    }

    #[test]
    fn clauses_of_many_contributors_are_boilerplate() {
        check(&[(FORM, 1), (FORM, 2), ("食堂的菜太咸了一点", 3)], 2, 32.0 / 41.0);
        check(&[(FORM, 1), ("今后努力做好工作，通过学习受益匪浅", 2)], 2, 1.0);
    }

    #[test]
    fn one_persons_repetition_and_chance_are_not() {
        check(&[(FORM, 1), (FORM, 1)], 2, 0.0);
        check(&[("很好", 1), ("很好", 2)], 2, 0.0);
        check(&[(FORM, 1), (FORM, 2)], 3, 0.0);
        check(&[], 2, 0.0);
    }

    #[test]
    fn each_clause_is_counted_with_its_places() {
        let documents =
            [("食堂太远，通过学习受益匪浅。", 1), (FORM, 2), ("。通过学习受益匪浅", 3), (FORM, 2)];
        let found = Boilerplate::find(documents, 2);
        let [clause] = found.clauses.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (clause.text, clause.contributors, clause.places.len()),
            ("通过学习受益匪浅", 3, 4)
        );
    }

    proptest! {
        #[test]
        fn places_lead_back_to_the_words(
            texts in prop::collection::vec(("[，。 甲乙丙丁戊]{0,30}", 0u64..4), 0..12),
        ) {
            let documents: Vec<(&str, u64)> =
                texts.iter().map(|(text, contributor)| (text.as_str(), *contributor)).collect();
            let found = Boilerplate::find(documents.iter().copied(), 2);
            prop_assert!((0.0..=1.0).contains(&found.share));
            for clause in &found.clauses {
                prop_assert!(clause.contributors >= 2 && clause.places.len() >= clause.contributors);
                for (document, bytes) in &clause.places {
                    prop_assert_eq!(documents[*document].0.get(bytes.clone()), Some(clause.text));
                }
            }
        }
    }
}
