//! Many series at once.

use corpus::{DailySeries, DayVoices, Direction, SeriesKey, UnitId};
use detect::{Mode, Rule, Settings, Surroundings, UnitNesting, detect_board};
use proptest::prelude::*;

use crate::simulate::{PLAIN, World, dip, series};

fn keyed(unit: Option<&str>, topic: Option<&str>, mut series: DailySeries) -> DailySeries {
    series.key = SeriesKey {
        source: None,
        unit: unit.map(|name| name.parse().unwrap()),
        topic: topic.map(|name| name.parse().unwrap()),
    };
    series
}

fn sum(parts: &[&DailySeries]) -> DailySeries {
    let mut whole = parts[0].clone();
    for part in &parts[1..] {
        for (sum, day) in whole.days.iter_mut().zip(&part.days) {
            let (Some(sum), Some(day)) = (sum, day) else { continue };
            *sum = DayVoices {
                positive: sum.positive + day.positive,
                negative: sum.negative + day.negative,
                neutral: sum.neutral + day.neutral,
                score_sum: sum.score_sum + day.score_sum,
            };
        }
    }
    whole
}

/// Two units with two topics each, their units, topics and the whole; `steps` by unit and topic.
fn organization(steps: [Option<(usize, f64)>; 4]) -> Vec<DailySeries> {
    let cells: Vec<DailySeries> = (0..4)
        .map(|i| series(&World { voices_mean: 30.0, step: steps[i], ..PLAIN }, 40 + i as u64))
        .collect();
    let (units, topics) = (["采油一厂", "炼化厂"], ["食堂", "通勤"]);
    let mut all = vec![keyed(None, None, sum(&cells.iter().collect::<Vec<_>>()))];
    for i in 0..2 {
        all.push(keyed(Some(units[i]), None, sum(&[&cells[2 * i], &cells[2 * i + 1]])));
        all.push(keyed(None, Some(topics[i]), sum(&[&cells[i], &cells[2 + i]])));
    }
    all.extend(
        cells
            .into_iter()
            .enumerate()
            .map(|(i, cell)| keyed(Some(units[i / 2]), Some(topics[i % 2]), cell)),
    );
    all
}

const STRICT: Settings = Settings { mode: Mode::Calibrated, board_false_alarms_per_year: 0.5 };

#[test]
fn a_shift_of_one_topic_in_one_unit_is_reported_there_and_once() {
    let board = detect_board(
        &organization([None, None, None, Some((200, 0.3))]),
        &STRICT,
        &Surroundings::default(),
    );
    assert_eq!(board.series_looked_at, 9);
    assert_eq!(board.shifts.len(), 1, "{:#?}", board.shifts);
    let found = &board.shifts[0];
    assert_eq!(
        (found.shift.key.to_string(), found.shift.direction),
        ("炼化厂 · 通勤".to_owned(), Direction::Worse)
    );
    assert!(!found.also_visible_in.is_empty());
}

#[test]
fn a_shift_of_everything_is_reported_at_the_top() {
    let board =
        detect_board(&organization([Some((200, 0.15)); 4]), &STRICT, &Surroundings::default());
    assert_eq!(board.shifts.len(), 1, "{:#?}", board.shifts);
    assert_eq!(board.shifts[0].shift.key, SeriesKey::default());
}

fn of_source(name: &str, world: &World, seed: u64) -> DailySeries {
    let mut series = series(world, seed);
    series.key = SeriesKey { source: Some(name.parse().unwrap()), ..SeriesKey::default() };
    series
}

#[test]
fn units_that_hold_others_do_not_hide_a_changed_mix_of_those() {
    let unit = |name: &str| name.parse::<UnitId>().unwrap();
    let content = World { shares: [0.7, 0.1, 0.2], voices_mean: 60.0, ..PLAIN };
    let grumbling = World { shares: [0.2, 0.6, 0.2], voices_mean: 40.0, ..PLAIN };
    let mut silenced = keyed(Some("一队"), None, series(&content, 3));
    for day in silenced.days.iter_mut().skip(200) {
        *day = Some(DayVoices::default());
    }
    let steady = keyed(Some("二队"), None, series(&grumbling, 4));
    let above = keyed(Some("一厂"), None, sum(&[&silenced, &steady]));
    let all = keyed(None, None, sum(&[&silenced, &steady]));
    let held = ["一队", "二队"].map(|team| (unit(team), unit("一厂")));
    let nesting = UnitNesting::new(held);
    let surroundings = Surroundings { nesting, ..Surroundings::default() };
    let board = detect_board(&[all, above, silenced, steady], &STRICT, &surroundings);
    assert_eq!(board.shifts, []);
    let changed = &board.changed_mixes[0];
    let parts: Vec<_> = changed.contributions.iter().map(|part| part.key.unit.clone()).collect();
    assert_eq!(parts.len(), 2, "{changed:#?}");
    assert!(!parts.contains(&Some(unit("一厂"))), "{parts:?}");
}

#[test]
fn a_changed_mix_of_sources_is_no_shift() {
    let content = World { shares: [0.7, 0.1, 0.2], voices_mean: 60.0, ..PLAIN };
    let grumbling = World { shares: [0.2, 0.6, 0.2], voices_mean: 40.0, ..PLAIN };
    let mut silenced = of_source("公众号留言", &content, 3);
    for day in silenced.days.iter_mut().skip(200) {
        *day = Some(DayVoices::default());
    }
    let steady = of_source("论坛", &grumbling, 4);
    let all = keyed(None, None, sum(&[&silenced, &steady]));
    let board = detect_board(&[all, silenced, steady], &STRICT, &Surroundings::default());
    assert_eq!(board.shifts, []);
    assert_eq!(board.changed_mixes.len(), 1, "{:#?}", board.changed_mixes);
    let changed = &board.changed_mixes[0];
    let (own, mix) = changed
        .contributions
        .iter()
        .fold((0.0, 0.0), |(own, mix), part| (own + part.own, mix + part.mix));
    assert!(mix < -0.3 && own.abs() < 0.15, "own {own}, mix {mix}");
}

#[test]
fn contributions_of_parts_add_up_to_the_change_of_the_whole() {
    let world = World { step: Some((200, 0.2)), ..PLAIN };
    let (first, second) = (of_source("意见箱", &world, 7), of_source("论坛", &world, 8));
    let all = keyed(None, None, sum(&[&first, &second]));
    let board = detect_board(&[all, first, second], &STRICT, &Surroundings::default());
    assert_eq!(board.shifts.len(), 1, "{:#?}", board.shifts);
    let found = &board.shifts[0];
    assert_eq!((&found.shift.key, found.contributions.len()), (&SeriesKey::default(), 2));
    let own: f64 = found.contributions.iter().map(|part| part.own).sum();
    let mix: f64 = found.contributions.iter().map(|part| part.mix).sum();
    assert!((own + mix - found.shift.effect).abs() < 0.1, "{own} {mix} {}", found.shift.effect);
    assert!(mix.abs() < 0.05, "{mix}");
}

#[test]
fn contributions_to_a_recovery_are_measured_from_the_bottom() {
    let world = World { step: Some((200, 0.3)), ..PLAIN };
    let [first, second] = [("意见箱", 11), ("论坛", 12)].map(|(name, seed)| {
        let mut series = dip(&world, seed, 21);
        series.key = SeriesKey { source: Some(name.parse().unwrap()), ..SeriesKey::default() };
        series
    });
    let all = keyed(None, None, sum(&[&first, &second]));
    let board = detect_board(&[all, first, second], &STRICT, &Surroundings::default());
    let recovery = board.shifts.iter().find(|found| found.shift.alarm.0 > 19_221).unwrap();
    assert_eq!(recovery.shift.direction, Direction::Better);
    let own: f64 = recovery.contributions.iter().map(|part| part.own).sum();
    assert!((own - 0.5).abs() < 0.1, "{own}");
    assert!(recovery.evidence > 6.0, "{}", recovery.evidence);
}

#[test]
fn a_shift_of_a_topic_is_not_one_of_a_unit_that_writes_about_it() {
    // The topic moves in both units, so unit and topic are neither above nor below each other.
    let steps = [Some((200, 0.2)), None, Some((200, 0.2)), None];
    let board = detect_board(&organization(steps), &STRICT, &Surroundings::default());
    let worse: Vec<_> =
        board.shifts.iter().filter(|found| found.shift.direction == Direction::Worse).collect();
    assert_eq!(worse.len(), 1, "{worse:#?}");
    assert_eq!(worse[0].shift.key.to_string(), "食堂");
    let units = worse[0].also_visible_in.iter().filter(|key| key.topic.is_none());
    assert_eq!(units.filter(|key| key.unit.is_some()).count(), 2, "{worse:#?}");
}

#[test]
fn the_fewer_voices_the_larger_the_effect_that_goes_unseen() {
    let thin = keyed(Some("甲"), None, series(&World { voices_mean: 6.0, ..PLAIN }, 1));
    let thick = keyed(Some("乙"), None, series(&World { voices_mean: 200.0, ..PLAIN }, 2));
    let silent = keyed(Some("丙"), None, series(&World { voices_mean: 0.05, ..PLAIN }, 3));
    let board =
        detect_board(&[thin, thick, silent], &Settings::default(), &Surroundings::default());
    assert_eq!(board.series_looked_at, 2);
    let [thin, thick] = [0, 1].map(|i| board.minimum_detectable_effects[i].1.unwrap());
    assert!(0.05 < thick && thick < 0.3 && 2.0 * thick < thin && thin < 0.9, "{thick} {thin}");
}

#[test]
fn many_quiet_series_keep_the_budget_together() {
    let all: Vec<DailySeries> = (0..60)
        .map(|i| {
            keyed(
                Some(&format!("{i}")),
                None,
                series(&World { voices_mean: 8.0 * f64::from(1 << (i % 6)), ..PLAIN }, 900 + i),
            )
        })
        .collect();
    let board = detect_board(&all, &Settings::default(), &Surroundings::default());
    assert!(
        board.shifts.len() <= 4,
        "{} false alarms in a year at a budget of 2",
        board.shifts.len()
    );
}

/// An organization in which two cells begin to speak in mid-year, at volumes of which some are looked at late or never, and several things happen.
fn eventful(seed: u64) -> Vec<DailySeries> {
    let volumes = [2.0, 40.0, 0.3, 25.0, 90.0, 0.1];
    let cells: Vec<DailySeries> = (0..6u64)
        .map(|i| {
            let size = [0.25, -0.2, 0.3, 0.2, 0.15, 0.3][(seed + i) as usize % 6];
            let step = Some((90 + ((seed * 13 + i * 31) % 150) as usize, size));
            let voices_mean = volumes[i as usize];
            let mut cell = series(&World { days: 300, voices_mean, step, ..PLAIN }, seed * 10 + i);
            for day in cell.days.iter_mut().take(if i % 3 == 0 { 150 } else { 0 }) {
                *day = Some(DayVoices::default());
            }
            cell
        })
        .collect();
    let (units, topics) = (["甲", "乙", "丙"], ["食堂", "通勤"]);
    let mut all = vec![keyed(None, None, sum(&cells.iter().collect::<Vec<_>>()))];
    for (i, unit) in units.iter().enumerate() {
        all.push(keyed(Some(unit), None, sum(&[&cells[2 * i], &cells[2 * i + 1]])));
    }
    for (i, topic) in topics.iter().enumerate() {
        all.push(keyed(None, Some(topic), sum(&[&cells[i], &cells[2 + i], &cells[4 + i]])));
    }
    let keys = (0..6).map(|i| (units[i / 2], topics[i % 2]));
    all.extend(keys.zip(cells).map(|((unit, topic), cell)| keyed(Some(unit), Some(topic), cell)));
    all
}

#[test]
fn more_series_later_do_not_undo_an_alarm_of_an_earlier_day() {
    // Alone, the series spends the whole budget; with 40 others that begin a month later, a part of it from then on.
    let world = World { voices_mean: 30.0, step: Some((100, 0.12)), ..PLAIN };
    let first = keyed(Some("甲"), None, series(&world, 5));
    let others = (0..40).map(|i| {
        let mut other = keyed(Some(&format!("{i}")), None, series(&PLAIN, 100 + i));
        for day in other.days.iter_mut().take(140) {
            *day = None;
        }
        other
    });
    let board: Vec<DailySeries> = std::iter::once(first.clone()).chain(others).collect();
    let alone = detect_board(&[first], &Settings::default(), &Surroundings::default());
    let together = detect_board(&board, &Settings::default(), &Surroundings::default());
    assert!(alone.shifts[0].shift.alarm.0 < 19_130, "{:#?}", alone.shifts);
    assert_eq!(together.shifts[0].shift, alone.shifts[0].shift);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn alarms_of_a_truncated_board_are_the_first_of_the_whole_one(
        seed in 0u64..1000, cut in 60usize..300, rule in prop::sample::select(vec!["calibrated@8", "guaranteed@8", "z@3"]),
    ) {
        let whole = eventful(seed);
        let mut truncated = whole.clone();
        for series in &mut truncated {
            series.days.truncate(cut);
        }
        let rule: Rule = rule.parse().unwrap();
        let (of_whole, of_truncated) = (rule.run(&whole, &Surroundings::default()), rule.run(&truncated, &Surroundings::default()));
        prop_assert!(of_truncated.len() <= of_whole.len());
        let (first, later) = of_whole.split_at(of_truncated.len());
        prop_assert_eq!(first, &of_truncated[..]);
        prop_assert!(later.iter().all(|shift| shift.alarm.0 - 19_000 >= cut as i32), "{:?}", later);
    }
}
