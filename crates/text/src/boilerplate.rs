//! 套话率: how much of a group's words recur in many contributors' texts.
//!
//! High shares mean that people copy a form, or each other, or write what is expected; then fewer words carry an opinion.

use rustc_hash::FxHashMap;

/// Shorter clauses recur by chance (`总的来说`).
const CLAUSE_CHARS_MIN: usize = 6;

/// The share, from 0 to 1, of characters that stand in clauses used by at least `contributors_min` contributors.
///
/// `documents` gives each normalized text with a number for its contributor. A clause ends at punctuation, so a reordered form is still the same form.
/// Costs 8 bytes for each clause and contributor, up to `contributors_min` a clause.
pub fn boilerplate_share<'t>(
    documents: impl Iterator<Item = (&'t str, u64)> + Clone,
    contributors_min: usize,
) -> f64 {
    let mut contributors_of: FxHashMap<&str, Vec<u64>> = FxHashMap::default();
    for (text, contributor) in documents.clone() {
        for (clause, _) in clauses(text) {
            let contributors = contributors_of.entry(clause).or_default();
            if contributors.len() < contributors_min && !contributors.contains(&contributor) {
                contributors.push(contributor);
            }
        }
    }
    let (mut shared_chars, mut all_chars) = (0, 0);
    for (text, _) in documents {
        all_chars += text.chars().filter(|c| c.is_alphanumeric()).count();
        for (clause, chars) in clauses(text) {
            if contributors_of[clause].len() >= contributors_min {
                shared_chars += chars;
            }
        }
    }
    if all_chars == 0 { 0.0 } else { f64::from(shared_chars as u32) / f64::from(all_chars as u32) }
}

/// The clauses long enough to count, with their lengths in letters and digits.
fn clauses(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let pieces = text.split(|c: char| !c.is_alphanumeric());
    pieces
        .map(|clause| (clause, clause.chars().count()))
        .filter(|&(_, chars)| chars >= CLAUSE_CHARS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(documents: &[(&str, u64)], contributors_min: usize, expected: f64) {
        let share = boilerplate_share(documents.iter().copied(), contributors_min);
        assert!((share - expected).abs() < 1e-9, "{share} for {documents:?}");
    }

    #[test]
    fn clauses_of_many_contributors_are_boilerplate() {
        let form = "通过学习受益匪浅，今后努力做好工作";
        check(&[(form, 1), (form, 2), ("食堂的菜太咸了一点", 3)], 2, 32.0 / 41.0);
        check(&[(form, 1), ("今后努力做好工作，通过学习受益匪浅", 2)], 2, 1.0);
    }

    #[test]
    fn one_persons_repetition_and_chance_are_not() {
        let form = "通过学习受益匪浅";
        check(&[(form, 1), (form, 1)], 2, 0.0);
        check(&[("很好", 1), ("很好", 2)], 2, 0.0);
        check(&[(form, 1), (form, 2)], 3, 0.0);
        check(&[], 2, 0.0);
    }
}
