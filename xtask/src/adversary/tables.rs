//! Attacks on the tables by adding and subtracting answers: A1 to A4, A7, A8, A10, A11.
//!
//! Each runs twice: once with all voices unknown, and once by a reader of the open sources, who knows what was said there and by whom, and takes
//! it off every table that mixes both kinds.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::K;
use super::answers::{Answer, Answers, Bounds};
use super::report::Exposed;

/// What the attacker knows of voices in open sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Nothing: they are authors like any other.
    OfTables,
    /// Everything: they have read the texts.
    OfOpenTexts,
}

pub(super) const READERS: [Reader; 2] = [Reader::OfTables, Reader::OfOpenTexts];

/// Combinations of three to five cells that are tried at random, a month.
const RANDOM_COMBINATIONS: usize = 30_000;

/// A1: single cells. A8: cells in which all are of one kind. A10: cells that one author makes up. A11: counts behind shares and ranges.
pub(super) fn single(answers: &Answers) -> [(&'static str, &'static str, Exposed); 3] {
    let [mut small, mut one_sided, mut dominated] = [(); 3].map(|()| Exposed::default());
    for answer in &answers.answered {
        let people = people(answers, answer);
        if people.len() < K {
            small.add_set(people.keys().copied());
        }
        // A cell without negative voices is told exactly only if its bounds say so; the same for the other two directions.
        let is_told = [answer.negative, answer.positive, answer.neutral]
            .into_iter()
            .any(|bounds| bounds == (answer.voices, answer.voices));
        if is_told || answer.negative == (0, 0) {
            people.keys().for_each(|person| one_sided.add_one(*person));
        }
        if let Some((person, _)) = people.iter().find(|(_, voices)| **voices * 2 >= answer.voices) {
            dominated.add_one(*person);
        }
    }
    [
        ("A1", "small cells, all conjunctions of filters", small),
        ("A8", "cells of one polarity, shares and ranges inverted (A11)", one_sided),
        ("A10", "cells that one author dominates", dominated),
    ]
}

/// A2: every two answers. A3: a whole minus its answered parts. A7: padding with any cells.
pub(super) fn combined(answers: &Answers, seed: u64) -> [(&'static str, &'static str, Exposed); 3] {
    let [mut pairs, mut remainders, mut trackers] = [(); 3].map(|()| Exposed::default());
    for of_month in by_month(answers) {
        for (at, a) in of_month.iter().enumerate() {
            for b in of_month.iter().take(at).filter(|b| shares_somebody(a, b)) {
                judge(answers, &[(a, 1), (b, -1)], &mut pairs);
            }
            for family in families(a, &of_month) {
                let whole = std::iter::once((*a, 1));
                let parts = family.into_iter().map(|part| (part, -1));
                judge(answers, &whole.chain(parts).collect::<Vec<_>>(), &mut remainders);
            }
        }
        let mut rng = StdRng::seed_from_u64(seed);
        for _ in 0..RANDOM_COMBINATIONS {
            judge(answers, &padded(&of_month, &mut rng), &mut trackers);
        }
    }
    [
        ("A2", "differences of every two answers", pairs),
        ("A3", "a whole minus its answered parts, by every division", remainders),
        ("A7", "trackers: three to five cells at random", trackers),
    ]
}

fn by_month(answers: &Answers) -> Vec<Vec<&Answer>> {
    let mut months: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in &answers.answered {
        months.entry(&answer.month).or_default().push(answer);
    }
    months.into_values().collect()
}

/// People behind an answer, with their voices.
fn people(answers: &Answers, answer: &Answer) -> BTreeMap<usize, i64> {
    let mut people = BTreeMap::new();
    for member in &answer.members {
        *people.entry(answers.voices[member.voice].person).or_default() += 1;
    }
    people
}

fn shares_somebody(a: &Answer, b: &Answer) -> bool {
    let (mut left, mut right) = (a.members.iter().peekable(), b.members.iter().peekable());
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        match l.voice.cmp(&r.voice) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => left.next(),
            std::cmp::Ordering::Greater => right.next(),
        };
    }
    false
}

/// The answered parts of a whole by teams, by departments, by departments or else their teams, by source and by topic.
fn families<'a>(whole: &Answer, of_month: &[&'a Answer]) -> Vec<Vec<&'a Answer>> {
    let is_department =
        |unit: &str| whole.cell.unit.is_none() && super::organization::is_department(unit);
    let same_rest = |part: &&&Answer, keeps: [bool; 3]| {
        let [unit, source, topic] = keeps;
        (!unit || part.cell.unit == whole.cell.unit)
            && (!source || part.cell.source == whole.cell.source)
            && (!topic || part.cell.topic == whole.cell.topic)
            && part.cell != whole.cell
            && part.period == whole.period
    };
    let pick = |keeps: [bool; 3], chosen: &dyn Fn(&Answer) -> bool| -> Vec<&'a Answer> {
        of_month.iter().filter(|part| same_rest(part, keeps) && chosen(part)).copied().collect()
    };
    let within = |part: &Answer| {
        part.cell.unit.as_deref().is_some_and(|unit| {
            whole.cell.unit.as_deref().is_none_or(|whole| unit != whole && unit.starts_with(whole))
        })
    };
    let by_unit = [false, true, true];
    let teams = pick(by_unit, &|part| {
        within(part) && !part.cell.unit.as_deref().is_some_and(is_department)
    });
    let departments =
        pick(by_unit, &|part| within(part) && part.cell.unit.as_deref().is_some_and(is_department));
    let is_covered = |team: &&Answer| {
        let name = team.cell.unit.as_deref().unwrap_or_default();
        departments
            .iter()
            .any(|d| d.cell.unit.as_deref().is_some_and(|department| name.starts_with(department)))
    };
    let frontier = departments
        .iter()
        .copied()
        .chain(teams.iter().filter(|team| !is_covered(team)).copied())
        .collect();
    let sources = pick([true, false, true], &|part| {
        part.cell.source.is_some() && whole.cell.source.is_none()
    });
    let topics =
        pick([true, true, false], &|part| part.cell.topic.is_some() && whole.cell.topic.is_none());
    [teams, departments, frontier, sources, topics]
        .into_iter()
        .filter(|parts| !parts.is_empty())
        .collect()
}

/// A cell and others that share somebody with it or with each other, with any signs.
fn padded<'a>(of_month: &[&'a Answer], rng: &mut StdRng) -> Vec<(&'a Answer, i64)> {
    let mut combination: Vec<(&Answer, i64)> =
        vec![(of_month[rng.random_range(0..of_month.len())], 1)];
    let wanted = rng.random_range(3..=5);
    for _ in 0..40 {
        let next = of_month[rng.random_range(0..of_month.len())];
        let is_near = combination.iter().any(|(other, _)| shares_somebody(other, next));
        if is_near && combination.iter().all(|(other, _)| !std::ptr::eq(*other, next)) {
            combination.push((next, if rng.random_bool(0.6) { -1 } else { 1 }));
        }
        if combination.len() == wanted {
            break;
        }
    }
    combination
}

/// What a combination of answers fixes, for both readers.
fn judge(answers: &Answers, combination: &[(&Answer, i64)], exposed: &mut Exposed) {
    let mut coefficients: BTreeMap<usize, i64> = BTreeMap::new();
    let mut told: Bounds = (0, 0);
    let mut known = 0;
    for (answer, sign) in combination {
        let (low, high) =
            if *sign > 0 { answer.negative } else { (answer.negative.1, answer.negative.0) };
        told = (told.0 + sign * low, told.1 + sign * high);
        for member in &answer.members {
            *coefficients.entry(member.voice).or_default() += sign;
            let is_known = answers.voices[member.voice].is_open && member.is_negative;
            known += if is_known { *sign } else { 0 };
        }
    }
    coefficients.retain(|_, coefficient| *coefficient != 0);
    for reader in READERS {
        let unknown: Vec<(usize, i64)> = coefficients
            .iter()
            .filter(|(voice, _)| reader == Reader::OfTables || !answers.voices[**voice].is_open)
            .map(|(voice, coefficient)| (answers.voices[*voice].person, *coefficient))
            .collect();
        let known = if reader == Reader::OfOpenTexts { known } else { 0 };
        conclude(&unknown, (told.0 - known, told.1 - known), exposed);
    }
}

/// Persons with their coefficients, and what is told of their sum.
fn conclude(unknown: &[(usize, i64)], told: Bounds, exposed: &mut Exposed) {
    if unknown.is_empty() {
        return;
    }
    let mut people: Vec<usize> = unknown.iter().map(|(person, _)| *person).collect();
    people.sort_unstable();
    people.dedup();
    let least: i64 = unknown.iter().map(|(_, coefficient)| (*coefficient).min(0)).sum();
    let most: i64 = unknown.iter().map(|(_, coefficient)| (*coefficient).max(0)).sum();
    let told = (told.0.max(least), told.1.min(most));
    let is_exact = told.0 == told.1;
    let is_extreme = is_exact && (told.0 == least || told.0 == most);
    if is_extreme {
        // Everybody is at their own end.
        people.iter().for_each(|person| exposed.add_one(*person));
    } else if is_exact && people.len() < K {
        exposed.add_set(people);
    }
}
