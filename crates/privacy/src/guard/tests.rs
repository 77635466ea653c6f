//! The guard as an attacker meets it: released tables in, combinations of them out.

use corpus::{Direction, Polarity, SeriesKey, SourceId, TopicId, UnitId};
use proptest::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::*;

const K: usize = 5;

fn today() -> Day {
    "2026-11-21".parse().unwrap()
}

fn month(name: &str) -> Month {
    name.parse().unwrap()
}

/// An organization: who works where, and what each of them writes about.
#[derive(Debug, Clone)]
struct Organization {
    /// Unit, topics, polarity and source of each contributor, and the day of the month on which they write.
    people: Vec<(u8, Vec<u8>, i8, u8, u8)>,
}

impl Organization {
    fn contributions(&self, month: Month) -> Vec<Contribution> {
        let contribution = |(voice, (unit, topics, polarity, source, day)): (
            usize,
            &(u8, Vec<u8>, i8, u8, u8),
        )| {
            Contribution {
                source: SourceId::new(&format!("来源{source}")).unwrap(),
                visibility: corpus::Visibility::Confidential,
                day: month.first_day().plus(i32::from(*day)),
                unit: Some(UnitId::new(&format!("单位{unit}")).unwrap()),
                wider_units: Vec::new(),
                topics: topics
                    .iter()
                    .map(|topic| TopicId::new(&format!("主题{topic}")).unwrap())
                    .collect(),
                voice: voice as u64,
                is_contributor: true,
                polarity: Polarity::from_sign(*polarity),
                score: f32::from(*polarity),
            }
        };
        self.people.iter().enumerate().map(contribution).collect()
    }
}

fn organizations() -> impl Strategy<Value = Organization> {
    let person =
        (0..7_u8, prop::collection::btree_set(0..4_u8, 0..3), -1..=1_i8, 0..2_u8, 0..28_u8);
    // Units of very different size: the low numbers are drawn far more often.
    let skewed = person.prop_map(|(unit, topics, polarity, source, day)| {
        (unit * unit / 7, topics.into_iter().collect(), polarity, source, day)
    });
    prop::collection::vec(skewed, 20..120).prop_map(|people| Organization { people })
}

fn release(contributions: Vec<Contribution>) -> ReleasedTable {
    let cells = by_month(contributions);
    Guard::default()
        .release(&cells, &Calendar::default(), &ReleaseRegister::default(), today())
        .0
        .get()
        .clone()
}

fn by_month(contributions: Vec<Contribution>) -> Vec<CandidateCell> {
    candidate_cells(contributions, &Calendar::default())
}

/// A calendar under which the whole and the largest unit are told of by week.
fn weeks() -> Calendar {
    let mut calendar = Calendar::default();
    let largest = (UnitId::new("单位0").unwrap(), 60);
    calendar.fix(2026, WeeklyUnits::new(Some(200), [largest]).unwrap());
    calendar
}

/// The people behind each released cell: what an attacker who knows everybody's unit, topics and sources can write down.
fn rows(table: &ReleasedTable, contributions: &[Contribution]) -> Vec<FxHashSet<u64>> {
    let matches = |key: &SeriesKey, c: &Contribution| {
        key.source.as_ref().is_none_or(|source| *source == c.source)
            && key.unit.as_ref().is_none_or(|unit| Some(unit) == c.unit.as_ref())
            && key.topic.as_ref().is_none_or(|topic| c.topics.contains(topic))
    };
    table
        .cells
        .iter()
        .map(|cell| {
            let of_period = contributions.iter().filter(|c| cell.period.holds(c.day));
            of_period.filter(|c| matches(&cell.key, c)).map(|c| c.voice).collect()
        })
        .collect()
}

/// People with a coefficient other than zero in a combination of cells.
fn support(rows: &[FxHashSet<u64>], combination: &[(usize, i32)]) -> usize {
    let mut sum: FxHashMap<u64, i32> = FxHashMap::default();
    for (row, sign) in combination {
        rows[*row].iter().for_each(|person| *sum.entry(*person).or_default() += sign);
    }
    sum.values().filter(|value| **value != 0).count()
}

fn is_small(people: usize) -> bool {
    (1..K).contains(&people)
}

/// Rank by elimination over floats, written without a look at [`row_space`].
fn rank(rows: &[&FxHashSet<u64>], people: usize) -> usize {
    let mut matrix: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| {
            (0..people as u64).map(|person| f64::from(u8::from(row.contains(&person)))).collect()
        })
        .collect();
    let mut rank = 0;
    for column in 0..people {
        let Some(pivot) = (rank..matrix.len())
            .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))
        else {
            break;
        };
        if matrix[pivot][column].abs() < 1e-9 {
            continue;
        }
        matrix.swap(rank, pivot);
        let lead = matrix[rank].clone();
        for row in &mut matrix[rank + 1..] {
            let factor = row[column] / lead[column];
            row.iter_mut().zip(&lead).for_each(|(value, other)| *value -= factor * other);
        }
        rank += 1;
    }
    rank
}

/// Gaussian elimination over fractions, written without a look at [`row_space`]: does some combination give one person?
fn singles_out(rows: &[FxHashSet<u64>], people: usize) -> bool {
    let mut matrix: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| {
            (0..people as u64).map(|person| f64::from(u8::from(row.contains(&person)))).collect()
        })
        .collect();
    let mut rank = 0;
    for column in 0..people {
        let Some(pivot) = (rank..matrix.len())
            .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))
        else {
            break;
        };
        if matrix[pivot][column].abs() < 1e-9 {
            continue;
        }
        matrix.swap(rank, pivot);
        let lead = matrix[rank][column];
        matrix[rank].iter_mut().for_each(|value| *value /= lead);
        let reduced = matrix[rank].clone();
        for (index, row) in matrix.iter_mut().enumerate() {
            let factor = row[column];
            if index != rank && factor != 0.0 {
                row.iter_mut().zip(&reduced).for_each(|(value, other)| *value -= factor * other);
            }
        }
        rank += 1;
    }
    matrix[..rank].iter().any(|row| row.iter().filter(|value| value.abs() > 1e-9).count() == 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_combination_of_released_cells_stands_for_fewer_than_k(organization in organizations(), picks in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 3..40)) {
        let contributions = organization.contributions(month("2026-03"));
        let table = release(contributions.clone());
        let rows = rows(&table, &contributions);
        for (a, row) in rows.iter().enumerate() {
            prop_assert!(row.len() >= K, "a single cell");
            for b in 0..a {
                prop_assert!(!is_small(support(&rows, &[(a, 1), (b, -1)])), "{} minus {}", table.cells[a].key, table.cells[b].key);
            }
        }
        for (whole, cell) in table.cells.iter().enumerate() {
            for parts in families(&table, &cell.key) {
                let combination: Vec<(usize, i32)> = parts.into_iter().map(|part| (part, -1)).chain([(whole, 1)]).collect();
                prop_assert!(!is_small(support(&rows, &combination)), "{} minus its parts", cell.key);
            }
        }
        if !rows.is_empty() {
            // Beyond what the guard promises to search: any four cells with any signs.
            for four in picks.windows(4) {
                let combination: Vec<(usize, i32)> = four.iter().map(|(index, plus)| (index.index(rows.len()), if *plus { 1 } else { -1 })).collect();
                prop_assert!(!is_small(support(&rows, &combination)), "four random cells");
            }
        }
        prop_assert!(!singles_out(&rows, contributions.len()), "one person in the row space");
    }

    /// People write up to twice a month, and somebody reads every release as it comes: first the weeks, at last what is told by month.
    #[test]
    fn weeks_and_their_month_stand_for_nobody_alone(organization in organizations(), again in prop::collection::vec((any::<prop::sample::Index>(), 0..28_u8), 0..60)) {
        let mut contributions = organization.contributions(month("2026-03"));
        for (person, day) in again {
            let first = contributions[person.index(organization.people.len())].clone();
            contributions.push(Contribution { day: month("2026-03").first_day().plus(i32::from(day)), ..first });
        }
        let cells = candidate_cells(contributions.clone(), &weeks());
        let guard = Guard::default();
        let mut register = ReleaseRegister::default();
        let ends = Period::weeks_of(month("2026-03")).map(|week| week.last_day().plus(GRACE_DAYS + 1));
        for (week, today) in ends.enumerate() {
            // What comes in later is not known yet.
            let known: Vec<CandidateCell> = candidate_cells(contributions.iter().filter(|c| c.day.plus(GRACE_DAYS) < today).cloned(), &weeks());
            let (_, entries) = guard.release(&known, &weeks(), &register, today);
            prop_assert!(entries.iter().all(|entry| entry.period.last_day().plus(GRACE_DAYS + 1) == today), "week {week}");
            entries.into_iter().for_each(|entry| register.add(entry));
        }
        prop_assert!(register.holds(month("2026-03")));
        let table = guard.table(&register).get().clone();
        prop_assert!(table.cells.iter().all(|cell| cells.iter().any(|asked| (&asked.key, asked.period) == (&cell.key, cell.period))));
        let rows = rows(&table, &contributions);
        for (a, row) in rows.iter().enumerate() {
            prop_assert!(row.len() >= K, "a single cell");
            for b in 0..a {
                let (one, other) = (&table.cells[a], &table.cells[b]);
                prop_assert!(!is_small(support(&rows, &[(a, 1), (b, -1)])), "{} {} minus {} {}", one.key, one.period, other.key, other.period);
            }
        }
        prop_assert!(!singles_out(&rows, contributions.len()), "one person in the row space");
    }

    #[test]
    fn exact_figures_do_not_complete_those_of_a_one_sided_cell(organization in organizations()) {
        let contributions = organization.contributions(month("2026-03"));
        let people = contributions.len();
        let table = release(contributions.clone());
        let is_exact = |cell: &&ReleasedCell| matches!(cell.figures, Figures::Shown { .. });
        let exact = ReleasedTable { cells: table.cells.iter().filter(is_exact).cloned().collect(), ..table };
        let exact_rows = rows(&exact, &contributions);
        let exact_rows: Vec<&FxHashSet<u64>> = exact_rows.iter().collect();
        let known = rank(&exact_rows, people);
        for cell in by_month(contributions) {
            let members: FxHashSet<u64> = cell.sources.iter().flat_map(|source| &source.voices).map(|stance| stance.voice).collect();
            let with: Vec<&FxHashSet<u64>> = exact_rows.iter().copied().chain([&members]).collect();
            let follows = rank(&with, people) == known;
            prop_assert!(!(follows && cells::Tally::of(&cell).is_one_sided()), "{} is told by the others", cell.key);
        }
    }

    #[test]
    fn released_figures_fix_nobody(organization in organizations()) {
        let contributions = organization.contributions(month("2026-03"));
        for cell in release(contributions).cells {
            match cell.figures {
                Figures::Shown { voices, negative_share, .. } => {
                    let negative = (negative_share * f64::from(voices)).round() as u32;
                    prop_assert!((2..=voices - 2).contains(&negative), "{}: everybody is on one side", cell.key);
                }
                Figures::Range { voices, negative_share: (low, high), .. } => {
                    prop_assert!((high - low) * f64::from(voices) > 1.5, "{}: the range is exact", cell.key);
                }
                Figures::Suppressed => prop_assert!(false, "suppressed cells are not listed"),
            }
        }
    }
}

/// Released parts of a whole, one list a kind of part.
fn families(table: &ReleasedTable, whole: &SeriesKey) -> Vec<Vec<usize>> {
    let part_of =
        |pick: fn(&SeriesKey) -> bool, strip: fn(&SeriesKey) -> SeriesKey| -> Vec<usize> {
            (0..table.cells.len())
                .filter(|index| {
                    pick(&table.cells[*index].key) && strip(&table.cells[*index].key) == *whole
                })
                .collect()
        };
    vec![
        part_of(|key| key.unit.is_some(), |key| SeriesKey { unit: None, ..key.clone() }),
        part_of(|key| key.source.is_some(), |key| SeriesKey { source: None, ..key.clone() }),
        part_of(|key| key.topic.is_some(), |key| SeriesKey { topic: None, ..key.clone() }),
    ]
}

/// Contributors of units by size, half of them negative.
fn units(sizes: &[usize]) -> Vec<Contribution> {
    let people = sizes.iter().enumerate().flat_map(|(unit, size)| {
        (0..*size)
            .map(move |person| (unit as u8, Vec::new(), if person % 2 == 0 { -1 } else { 1 }, 0, 9))
    });
    Organization { people: people.collect() }.contributions(month("2026-03"))
}

fn shown_units(sizes: &[usize]) -> Vec<String> {
    release(units(sizes))
        .keys()
        .into_iter()
        .filter(|key| key.unit.is_some() && key.source.is_none())
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_small_unit_takes_the_next_smallest_with_it() {
    assert_eq!(
        shown_units(&[20, 9, 12, 3]),
        ["单位0", "单位2"],
        "everything minus 20, 12 and 9 would be the three"
    );
    assert_eq!(shown_units(&[20, 9, 12]), ["单位0", "单位1", "单位2"]);
    assert_eq!(shown_units(&[20, 4, 4]), ["单位0"], "the two small ones hide each other");
}

#[test]
fn duplicate_groups_count_half() {
    let mut contributions = units(&[9]);
    contributions.iter_mut().for_each(|contribution| contribution.is_contributor = false);
    assert!(release(contributions).cells.is_empty());
    let mut contributions = units(&[10]);
    contributions.iter_mut().for_each(|contribution| contribution.is_contributor = false);
    assert!(!release(contributions).cells.is_empty());
}

#[test]
fn people_in_several_sources_are_the_maximum_not_the_sum() {
    let people = (0..6_u8)
        .map(|person| (0, Vec::new(), if person < 3 { -1 } else { 1 }, person % 2, 9))
        .collect();
    let three_in_each = Organization { people }.contributions(month("2026-03"));
    assert!(release(three_in_each).cells.is_empty(), "six voices may be three people");
}

#[test]
fn a_month_is_released_once_and_only_when_closed() {
    let guard = Guard::default();
    let cells = by_month(units(&[12]));
    let in_grace: Day = "2026-04-07".parse().unwrap();
    let (table, entries) =
        guard.release(&cells, &Calendar::default(), &ReleaseRegister::default(), in_grace);
    assert!(table.get().cells.is_empty() && entries.is_empty(), "documents may still come in");
    let (table, entries) =
        guard.release(&cells, &Calendar::default(), &ReleaseRegister::default(), in_grace.plus(1));
    assert!(!table.get().cells.is_empty());
    let stored: Vec<RegisterEntry> = entries
        .iter()
        .map(|entry| serde_json::from_str(&serde_json::to_string(entry).unwrap()).unwrap())
        .collect();
    let register = ReleaseRegister::new(stored);
    let (again, entries) =
        guard.release(&by_month(units(&[40, 30])), &Calendar::default(), &register, today());
    assert_eq!(
        (again.get(), entries.len()),
        (table.get(), 0),
        "the same cell gives the same answer, whatever came since"
    );
}

#[test]
fn a_suppressed_cell_and_one_that_never_was_look_the_same() {
    let table = release(units(&[20, 9, 12, 3]));
    let unit = |name: &str| SeriesKey { unit: Some(name.parse().unwrap()), ..SeriesKey::default() };
    assert_eq!(
        table.figures(&unit("单位3"), month("2026-03").into()),
        table.figures(&unit("没有的单位"), month("2026-03").into())
    );
}

#[test]
fn a_shift_of_a_withheld_series_is_no_alarm() {
    let guard = Guard::default();
    let (table, _) = guard.release(
        &by_month(units(&[20, 9, 12, 3])),
        &Calendar::default(),
        &ReleaseRegister::default(),
        today(),
    );
    let shift = |unit: &str, alarm: &str| Shift {
        key: SeriesKey { unit: Some(unit.parse().unwrap()), ..SeriesKey::default() },
        direction: Direction::Worse,
        alarm: alarm.parse().unwrap(),
        began: ("2026-03-01".parse().unwrap(), "2026-03-10".parse().unwrap()),
        began_likely: "2026-03-05".parse().unwrap(),
        effect: -0.4,
        effect_interval: (-0.6, -0.2),
        voices: (12, 12),
        mean: (0.1, -0.3),
    };
    let shown = guard.release_shifts(
        vec![
            shift("单位0", "2026-03-20"),
            shift("单位3", "2026-03-20"),
            shift("单位0", "2026-04-02"),
        ],
        &table,
    );
    assert_eq!(
        shown.get().iter().map(|shift| shift.key.to_string()).collect::<Vec<_>>(),
        ["单位0"],
        "withheld unit and open month are silent"
    );
}

/// A week told, then its month, with what `between` makes of the documents meanwhile.
fn week_then_month(
    contributions: &[Contribution],
    between: impl Fn(&[Contribution]) -> Vec<Contribution>,
) -> ReleasedTable {
    let guard = Guard::default();
    let mut register = ReleaseRegister::default();
    let first = Period::week_of("2026-03-02".parse().unwrap());
    let after = first.last_day().plus(GRACE_DAYS + 1);
    let week = candidate_cells(contributions.iter().cloned(), &weeks());
    let (_, entries) = guard.release(&week, &weeks(), &register, after);
    assert!(entries.iter().all(|entry| entry.period == first) && !entries.is_empty());
    entries.into_iter().for_each(|entry| register.add(entry));
    let month = candidate_cells(between(contributions), &weeks());
    let (table, _) = guard.release(&month, &weeks(), &register, today());
    table.get().clone()
}

/// Thirty of unit 1, `others` of unit 2 and some without a unit, all in the first week. Every second one of the units is negative, all the others are.
fn in_one_week(others: usize, without: usize) -> Vec<Contribution> {
    let people = (0..30 + others + without).map(|person| {
        let is_negative = person % 2 == 0 || person >= 30 + others;
        (1 + u8::from(person >= 30), Vec::new(), if is_negative { -1 } else { 1 }, 0, 3)
    });
    let mut all = Organization { people: people.collect() }.contributions(month("2026-03"));
    all.iter_mut().skip(30 + others).for_each(|contribution| contribution.unit = None);
    all
}

fn figures_of<'t>(table: &'t ReleasedTable, unit: &str, period: &str) -> &'t Figures {
    let key = SeriesKey { unit: Some(unit.parse().unwrap()), ..SeriesKey::default() };
    table.figures(&key, period.parse().unwrap())
}

#[test]
fn somebody_erased_between_a_week_and_its_month_does_not_show() {
    let contributions = in_one_week(28, 0);
    let table = week_then_month(&contributions, <[Contribution]>::to_vec);
    let both = |table: &ReleasedTable| {
        ["单位1", "单位2"]
            .map(|unit| !matches!(figures_of(table, unit, "2026-03"), Figures::Suppressed))
    };
    assert_eq!(both(&table), [true, true]);
    // The whole less both units would be the one who withdrew.
    let table = week_then_month(&contributions, |all| all[1..].to_vec());
    assert_eq!(both(&table).into_iter().filter(|told| *told).count(), 1);
    // Somebody who came late in an open source is no other case.
    let table = week_then_month(&contributions[1..], |_| contributions.clone());
    assert_eq!(both(&table).into_iter().filter(|told| *told).count(), 1);
}

#[test]
fn what_parts_of_another_period_leave_of_a_whole_is_not_one_sided() {
    // 57 in the only week of the month, 7 of them without a unit, all negative.
    let table = week_then_month(&in_one_week(20, 7), <[Contribution]>::to_vec);
    let exact = ["单位1", "单位2"]
        .map(|unit| matches!(figures_of(&table, unit, "2026-03"), Figures::Shown { .. }));
    assert_ne!(exact, [true, true], "{:?}", table.cells);
}

#[test]
fn texts_of_a_month_are_narrowed_by_what_a_month_would_tell() {
    let guard = Guard::default();
    // In the second week three of another unit write beside the thirty of the first.
    let mut contributions = in_one_week(28, 0);
    contributions.truncate(33);
    contributions[30..].iter_mut().for_each(|late| late.day = late.day.plus(7));
    let by_month = candidate_cells(contributions, &Calendar::default());
    let conditions = guard.text_conditions(&by_month);
    assert_eq!(
        conditions,
        [
            SeriesKey::default(),
            SeriesKey { source: Some("来源0".parse().unwrap()), ..SeriesKey::default() }
        ]
    );
}
