//! Rules run over a past whose truth is known.

use corpus::{DailySeries, Day, Direction, SeriesKey};
use detect::{Backtest, MarkedEvent, Rule, Surroundings};

use crate::simulate::{PLAIN, World, series};

const FROM: Day = Day(19_100);
const TO: Day = Day(19_364);

fn event(name: &str, begins: i32, direction: Option<Direction>) -> MarkedEvent {
    MarkedEvent {
        name: name.to_owned(),
        begins: Day(begins),
        series: SeriesKey::default(),
        direction,
    }
}

fn past(world: &World, seed: u64) -> Vec<DailySeries> {
    vec![series(world, seed)]
}

#[test]
fn an_event_is_found_on_its_side_and_in_its_weeks_only() {
    let world = World { step: Some((200, 0.25)), voices_mean: 100.0, ..PLAIN };
    let shifts =
        "calibrated@0.5".parse::<Rule>().unwrap().run(&past(&world, 3), &Surroundings::default());
    let unit = MarkedEvent {
        series: SeriesKey { unit: Some("采油一厂".parse().unwrap()), ..SeriesKey::default() },
        ..event("above it", 19_200, None)
    };
    let events = [
        event("the canteen closed", 19_200, Some(Direction::Worse)),
        event("to the other side", 19_200, Some(Direction::Better)),
        event("a month before", 19_160, None),
        event("long after", 19_300, None),
        event("outside the days", 19_050, None),
        unit,
    ];
    let report = Backtest::new(&shifts, &events, (FROM, TO), 20.0);
    let found: Vec<(&str, bool)> = report
        .events
        .iter()
        .map(|event| (event.name.as_str(), event.found_after_days.is_some()))
        .collect();
    assert_eq!(
        found,
        [
            ("the canteen closed", true),
            ("to the other side", false),
            ("a month before", false),
            ("long after", false),
            ("above it", true)
        ]
    );
    assert!(report.events[0].found_after_days.unwrap() <= 14);
    let beside = report.alarms_beside_events;
    assert!(report.alarms >= 1 && beside < report.alarms, "{report:?}");
    let years = 265.0 / 365.0;
    assert!((report.alarms_per_year - report.alarms as f64 / years).abs() < 1e-9);
    assert!((report.reviewer_minutes_per_year - 20.0 * report.alarms_per_year).abs() < 1e-9);
}

#[test]
fn the_rule_of_dashboards_costs_many_times_the_reading() {
    let alarms = |rule: &str| -> usize {
        let rule: Rule = rule.parse().unwrap();
        let world = World { voices_mean: 200.0, correlation: 0.02, ..PLAIN };
        (0..8)
            .map(|seed| {
                Backtest::new(
                    &rule.run(&past(&world, seed), &Surroundings::default()),
                    &[],
                    (FROM, TO),
                    15.0,
                )
                .alarms
            })
            .sum()
    };
    let (dashboard, ours) = (alarms("z@3"), alarms("calibrated@0.5"));
    assert!(dashboard >= 20 && ours * 6 <= dashboard, "{dashboard} against {ours}");
}

#[test]
fn what_a_rule_says_of_a_past_does_not_depend_on_what_came_after() {
    let world = World { step: Some((200, 0.2)), ..PLAIN };
    let whole = past(&world, 5);
    let mut truncated = whole.clone();
    truncated[0].days.truncate(260);
    for rule in ["z@3", "calibrated@2", "guaranteed@2"] {
        let rule: Rule = rule.parse().unwrap();
        let until = |shifts: &[corpus::Shift]| {
            let of_past = shifts.iter().filter(|shift| shift.alarm < Day(19_260));
            of_past.map(|shift| (shift.alarm, shift.direction)).collect::<Vec<_>>()
        };
        assert_eq!(
            until(&rule.run(&truncated, &Surroundings::default())),
            until(&rule.run(&whole, &Surroundings::default())),
            "{rule:?}"
        );
    }
}
