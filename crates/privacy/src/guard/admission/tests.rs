use corpus::{Polarity, SourceId};

use super::*;
use crate::guard::{SourceVoices, Stance};

/// A cell of the people in `voices`, odd ones negative.
fn cell(key: SeriesKey, voices: impl IntoIterator<Item = u64>) -> CandidateCell {
    let stance = |voice: u64| Stance {
        voice,
        polarity: if voice.is_multiple_of(2) { Polarity::Positive } else { Polarity::Negative },
        score: 0.0,
    };
    let source: SourceId = "意见箱".parse().unwrap();
    CandidateCell {
        key,
        period: "2026-03".parse().unwrap(),
        wider_units: Vec::new(),
        sources: vec![SourceVoices {
            source,
            visibility: Visibility::Confidential,
            are_contributors: true,
            voices: voices.into_iter().map(stance).collect(),
        }],
    }
}

fn topic(name: &str) -> SeriesKey {
    SeriesKey { topic: Some(name.parse().unwrap()), ..SeriesKey::default() }
}

fn verdicts(cells: &[CandidateCell]) -> Vec<Verdict> {
    verdicts_beside(cells, &vec![None; cells.len()])
}

fn verdicts_beside(cells: &[CandidateCell], told: &[Option<Verdict>]) -> Vec<Verdict> {
    admit(&cells.iter().collect::<Vec<_>>(), told, 5)
}

#[test]
fn cells_that_differ_by_a_few_people_are_not_both_released() {
    let all = cell(SeriesKey::default(), 0..40);
    assert_eq!(verdicts(&[all.clone(), cell(topic("食堂"), 0..37)])[1], Verdict::Withheld);
    assert_eq!(verdicts(&[all.clone(), cell(topic("食堂"), 0..30)])[1], Verdict::Exact);
    assert_eq!(
        verdicts(&[all, cell(topic("食堂"), 0..40)])[1],
        Verdict::Exact,
        "the same people are nothing new"
    );
}

#[test]
fn a_group_that_no_reduced_row_shows_is_not_told() {
    // The first cell minus both others is two people minus two people, while each reduced row has ten more.
    let [left, right] = [10..20_u64, 30..40];
    let cells = [
        cell(topic("甲"), [0, 1].into_iter().chain(left.clone()).chain(right.clone())),
        cell(topic("乙"), std::iter::once(2).chain(left)),
        cell(topic("丙"), std::iter::once(3).chain(right)),
    ];
    let found = verdicts(&cells);
    assert_eq!(
        found.iter().filter(|verdict| **verdict == Verdict::Withheld).count(),
        1,
        "{found:?}"
    );
    assert_ne!(found[0], Verdict::Withheld, "the least useful goes");
}

#[test]
fn a_range_may_not_fix_what_remains_of_a_whole() {
    // 46 people, 19 negative; one source exact with 13 of 26, the other as a range that reaches 6 of 14: of the six others nobody would be.
    let source =
        |name: &str| SeriesKey { source: Some(name.parse().unwrap()), ..SeriesKey::default() };
    let people = |negative: u64, other: u64, from: u64| {
        (0..negative).map(move |n| from + 2 * n + 1).chain((0..other).map(move |n| from + 2 * n))
    };
    let (suggestions, survey, rest) = (people(13, 13, 0), people(6, 8, 100), people(0, 6, 200));
    let all = suggestions.clone().chain(survey.clone()).chain(rest);
    let cells = [
        cell(SeriesKey::default(), all),
        cell(source("意见箱"), suggestions),
        cell(source("问卷"), survey),
    ];
    let found = verdicts(&cells);
    assert_eq!(found[..2], [Verdict::Exact, Verdict::Exact]);
    assert_ne!(found[2], Verdict::Exact, "{found:?}");
}

#[test]
fn three_overlapping_topics_do_not_solve_for_a_group() {
    // a+b, b+c, a+c with three people each: no two cells differ by fewer than five, but half the sum of all three minus one is b.
    let [a, b, c] = [0..3_u64, 10..13, 20..23];
    let pair = |left: &std::ops::Range<u64>, right: &std::ops::Range<u64>| {
        left.clone().chain(right.clone()).collect::<Vec<_>>()
    };
    let cells = [
        cell(topic("甲"), pair(&a, &b)),
        cell(topic("乙"), pair(&b, &c)),
        cell(topic("丙"), pair(&a, &c)),
    ];
    let verdicts = verdicts(&cells);
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Withheld).count(), 1);
}

#[test]
fn one_sided_cells_and_one_sided_differences_become_ranges() {
    let evens = (0..40).map(|voice| voice * 2);
    assert_eq!(verdicts(&[cell(topic("食堂"), evens)]), [Verdict::Range]);
    // Ten evens more than the part: exact figures of both would say that those ten are positive.
    let and_ten_evens = |part: u64| -> Vec<u64> {
        (0..part).chain((part..part + 20).filter(|voice| voice % 2 == 0)).collect()
    };
    let whole_and_part = |part: u64| {
        verdicts(&[cell(SeriesKey::default(), and_ten_evens(part)), cell(topic("食堂"), 0..part)])
    };
    assert_eq!(whole_and_part(44), [Verdict::Exact, Verdict::Range]);
    // 20 negative of 40 would be shown as 20 to 23, of 20 in the whole: the range alone says that nobody else is negative.
    assert_eq!(whole_and_part(40), [Verdict::Exact, Verdict::Withheld]);
}

#[test]
fn voices_of_open_sources_hide_nobody() {
    let mixed = |confidential: std::ops::Range<u64>| {
        let mut cell = cell(SeriesKey::default(), 100..130);
        cell.sources[0].visibility = Visibility::Open;
        let mut secret = self::cell(SeriesKey::default(), confidential).sources;
        secret[0].source = "问卷".parse().unwrap();
        cell.sources.extend(secret);
        cell
    };
    assert_eq!(verdicts(&[mixed(0..4)]), [Verdict::Withheld], "thirty are known, four are left");
    assert_eq!(verdicts(&[mixed(0..8)]), [Verdict::Exact]);
}

#[test]
fn what_was_told_before_stands_and_counts() {
    let all = cell(SeriesKey::default(), 0..40);
    let part = cell(topic("食堂"), 0..37);
    let cells = [all.clone(), part.clone()];
    let beside = |told: [Option<Verdict>; 2]| verdicts_beside(&cells, &told);
    assert_eq!(beside([None, Some(Verdict::Exact)]), [Verdict::Withheld, Verdict::Exact]);
    assert_eq!(beside([Some(Verdict::Exact), None]), [Verdict::Exact, Verdict::Withheld]);
    assert_eq!(beside([None, Some(Verdict::Withheld)]), [Verdict::Exact, Verdict::Withheld]);
    // Texts were erased since, and three people are left of a cell that is out: nothing is added to it.
    let erased = [all, cell(topic("食堂"), 0..3), cell(topic("班车"), 0..20)];
    let told = [None, Some(Verdict::Exact), None];
    assert_eq!(
        verdicts_beside(&erased, &told),
        [Verdict::Withheld, Verdict::Exact, Verdict::Withheld]
    );
}

#[test]
fn a_week_and_the_month_that_differ_by_a_few_are_not_both_released() {
    let week = |people: std::ops::Range<u64>| CandidateCell {
        period: "2026-03-09/2026-03-15".parse().unwrap(),
        ..cell(topic("食堂"), people)
    };
    let month = cell(SeriesKey::default(), 0..40);
    assert_eq!(verdicts(&[month.clone(), week(0..37)])[1], Verdict::Withheld);
    assert_eq!(verdicts(&[month, week(0..30)])[1], Verdict::Exact);
}

#[test]
fn what_is_said_in_another_week_does_not_hide_a_side() {
    // The twenty who do not write about food are split in the first week and all negative in the second.
    let in_week = |first: &str, mut cell: CandidateCell, is_negative: &dyn Fn(u64) -> bool| {
        cell.period = first.parse().unwrap();
        for stance in &mut cell.sources[0].voices {
            let negative = is_negative(stance.voice);
            stance.polarity = if negative { Polarity::Negative } else { Polarity::Positive };
        }
        cell
    };
    let (one, two) = ("2026-03-01/2026-03-08", "2026-03-09/2026-03-15");
    let evenly = |voice: u64| !voice.is_multiple_of(2);
    let food_is_mixed = |voice: u64| voice >= 20 || evenly(voice);
    let cells = [
        in_week(one, cell(SeriesKey::default(), 0..40), &evenly),
        in_week(two, cell(SeriesKey::default(), 0..40), &food_is_mixed),
        in_week(one, cell(topic("食堂"), 0..20), &evenly),
        in_week(two, cell(topic("食堂"), 0..20), &food_is_mixed),
    ];
    assert_ne!(
        verdicts(&cells)[3],
        Verdict::Exact,
        "the others of the second week are all on one side"
    );
}
