//! What the detectors say of all series: alarms, changes that only a changed mix explains, what lies behind them, and what could not have been seen.
//!
//! Nothing here has passed the guard but what [`contexts`] asks it on the way; [`crate::released`] records and releases.

use std::collections::HashMap;

use corpus::{Day, SeriesKey, Shift};
use datafusion::prelude::SessionContext;
use detect::{BoardShift, Contribution, DETECTION_DAYS};
use privacy::{AlarmContext, DetectableEffect, Disclosed, Guard, ReleasedTable};

use crate::config::UnitTree;
use crate::engine::Engine;
use crate::released::daily_series;
use crate::{calendar, carriers};

/// Parts of a series that are looked into for one alarm.
const PARTS_MAX: usize = 6;
/// Alarms of a unit and of one above it so many days apart can be one shift.
const SAME_SHIFT_DAYS: i32 = 28;
/// A change for the worse that would be seen within [`DETECTION_DAYS`] is told of by the voices of as many days, and their usual shares are those of twice as many.
const PAST_DAYS: u32 = 2 * DETECTION_DAYS as u32;

/// What was found on all series.
pub(crate) struct Watched {
    pub(crate) shifts: Vec<BoardShift>,
    /// Alarms behind which who was heard changed, and not what they said.
    pub(crate) changed_mixes: Vec<BoardShift>,
    pub(crate) detectable: Vec<DetectableEffect>,
    pub(crate) series: usize,
    /// The part of the budget that each series has.
    pub(crate) false_alarms_per_series_year: f64,
}

/// Looks at every series until `last`, nested ones once.
pub(crate) fn watch(
    engine: &Engine,
    session: &SessionContext,
    last: Day,
) -> anyhow::Result<Watched> {
    let calendar = calendar::recorded(engine)?;
    let mut series = daily_series(engine, session, last)?;
    // A series of months is watched until its last closed month, or it would explain away the alarm of one of weeks and then be held back itself.
    for series in &mut series {
        let period = calendar.period(series.key.unit.as_ref(), last);
        let end = if period.last_day() <= last { last } else { period.first_day().plus(-1) };
        let days = end.0 - series.start.0 + 1;
        series.days.truncate(usize::try_from(days).unwrap_or(0));
    }
    series.retain(|series| !series.days.is_empty());
    if !engine.config.surroundings.calendar.knows(last.month().year()) {
        tracing::warn!(
            year = last.month().year(),
            "no holiday of this year is known: days follow their weekday (name them in detect.rest_days and detect.worked_days)"
        );
    }
    let board = detect::detect_board(&series, &engine.config.detect, &engine.config.surroundings);
    let ends: HashMap<&SeriesKey, Day> = series
        .iter()
        .map(|series| (&series.key, series.start.plus(series.days.len() as i32 - 1)))
        .collect();
    let detectable = board.minimum_detectable_effects.into_iter().filter_map(|(key, effect)| {
        let day = ends.get(&key).copied()?;
        Some(DetectableEffect { key, day, effect })
    });
    let effect_min = engine.config.effect_min;
    let large = |found: Vec<BoardShift>| -> Vec<BoardShift> {
        let large = found.into_iter().filter(|found| found.shift.effect.abs() >= effect_min);
        nested_once(large.collect(), &engine.config.units)
    };
    Ok(Watched {
        detectable: detectable.collect(),
        shifts: large(board.shifts),
        changed_mixes: large(board.changed_mixes),
        series: board.series_looked_at,
        false_alarms_per_series_year: board.false_alarms_per_year
            / board.series_looked_at.max(1) as f64,
    })
}

/// A shift that a unit and one above it both show is told once, by the first alarm, and on one day by the one with more evidence; as for the board, nothing of an alarm changes after its
/// day but where else it shows.
fn nested_once(mut found: Vec<BoardShift>, units: &UnitTree) -> Vec<BoardShift> {
    found.sort_by(|a, b| {
        let by_day = a.shift.alarm.cmp(&b.shift.alarm);
        let by_evidence = || b.evidence.total_cmp(&a.evidence);
        by_day.then_with(by_evidence).then_with(|| a.shift.key.cmp(&b.shift.key))
    });
    let mut told: Vec<BoardShift> = Vec::new();
    for later in found {
        match told.iter_mut().find(|first| is_nested(&first.shift, &later.shift, units)) {
            Some(first) => {
                first.also_visible_in.push(later.shift.key);
                first.also_visible_in.extend(later.also_visible_in);
                first.also_visible_in.sort();
                first.also_visible_in.dedup();
            }
            None => told.push(later),
        }
    }
    told.sort_by(|a, b| (a.shift.alarm, &a.shift.key).cmp(&(b.shift.alarm, &b.shift.key)));
    told
}

/// Whether two shifts to one side, close in time, are of a unit and of one that holds it.
fn is_nested(a: &Shift, b: &Shift, units: &UnitTree) -> bool {
    fn covers<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
        a.is_none() || b.is_none() || a == b
    }
    let holds = |whole: &Shift, part: &Shift| {
        whole
            .key
            .unit
            .as_ref()
            .is_some_and(|unit| units.wider(part.key.unit.as_ref()).contains(unit))
    };
    a.direction == b.direction
        && (a.alarm.0 - b.alarm.0).abs() <= SAME_SHIFT_DAYS
        && covers(a.key.source.as_ref(), b.key.source.as_ref())
        && covers(a.key.topic.as_ref(), b.key.topic.as_ref())
        && (holds(a, b) || holds(b, a))
}

/// The shifts alone.
pub(crate) fn shifts(found: &[BoardShift]) -> Vec<Shift> {
    found.iter().map(|found| found.shift.clone()).collect()
}

/// What would have been seen, as far as it may be told.
pub(crate) fn detectable(
    guard: &Guard,
    effects: Vec<DetectableEffect>,
    table: &Disclosed<ReleasedTable>,
) -> Disclosed<Vec<DetectableEffect>> {
    guard.release_detectable(effects, PAST_DAYS, table)
}

/// What lies behind those of `found` that may be told. A series or part is named only when its own change does not hang on a few people.
pub(crate) fn contexts(
    engine: &Engine,
    session: &SessionContext,
    found: &[BoardShift],
    told: &[&Disclosed<Vec<Shift>>],
    table: &Disclosed<ReleasedTable>,
) -> anyhow::Result<Disclosed<Vec<AlarmContext>>> {
    let guard = Guard::new(engine.config.limits);
    let is_told = |found: &&BoardShift| {
        let shift = &found.shift;
        let is_its = |told: &Shift| (&told.key, told.alarm) == (&shift.key, shift.alarm);
        told.iter().flat_map(|told| told.get()).any(is_its)
    };
    let is_carried = |shift: &Shift, key: &SeriesKey| -> anyhow::Result<bool> {
        let of_key = Shift { key: key.clone(), ..shift.clone() };
        let candidate = carriers::of(engine, session, of_key)?;
        Ok(!guard.carried_by_many(vec![candidate]).is_empty())
    };
    let mut contexts = Vec::new();
    for BoardShift { shift, contributions, also_visible_in, .. } in found.iter().filter(is_told) {
        let side = shift.effect.signum();
        let to_side = |part: &&Contribution| (part.own + part.mix) * side > 0.0;
        let mut context = AlarmContext {
            key: shift.key.clone(),
            alarm: shift.alarm,
            mix_share: mix_share(contributions, side),
            moved_by: Vec::new(),
            also_visible_in: Vec::new(),
        };
        for part in contributions.iter().filter(to_side).take(PARTS_MAX) {
            if part.mix * side <= part.own * side && !is_carried(shift, &part.key)? {
                break;
            }
            context.moved_by.push(part.key.clone());
        }
        for key in also_visible_in {
            if is_carried(shift, key)? {
                context.also_visible_in.push(key.clone());
            }
        }
        contexts.push(context);
    }
    Ok(guard.release_contexts(contexts, told, table))
}

/// The part of a change to one side that only a changed mix explains; `None` without parts.
fn mix_share(contributions: &[Contribution], side: f64) -> Option<f64> {
    let sum = |of: fn(&Contribution) -> f64| contributions.iter().map(of).sum::<f64>() * side;
    let (own, mix) = (sum(|part| part.own), sum(|part| part.mix));
    (own + mix > 0.0).then(|| (mix / (own + mix)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;
    use corpus::{DailySeries, DayVoices};

    use super::*;
    use crate::cli::Cli;
    use crate::config::Config;

    fn run(dir: &Path, arguments: &[&str]) {
        let config = dir.join("huisheng.toml");
        let given =
            ["huisheng", "--config", config.to_str().unwrap(), "--dir", dir.to_str().unwrap()];
        let cli = Cli::try_parse_from(given.iter().chain(arguments)).unwrap();
        crate::commands::run(cli).unwrap();
    }

    /// A text that is no near copy of any other.
    fn words(n: i32) -> String {
        const WORDS: [&str; 16] = [
            "食堂",
            "班车",
            "宿舍",
            "培训",
            "工装",
            "澡堂",
            "考勤",
            "夜班",
            "安全帽",
            "仓库",
            "空调",
            "停车",
            "图书",
            "体检",
            "网络",
            "会议",
        ];
        let mut state = n.cast_unsigned();
        let mut word = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            WORDS[(state >> 28) as usize]
        };
        (0..10).map(|_| word()).collect()
    }

    /// Twelve people who write in both teams on each of `days` days.
    fn file(dir: &Path, name: &str, from: &str, days: i32) -> String {
        let from: Day = from.parse().unwrap();
        let line = |n: i32| {
            let (day, person, team) = (n / 24, n / 2 % 12, ["一队", "二队"][n as usize % 2]);
            let text = words(n);
            serde_json::json!({
                "id": format!("{name}{n}"), "text": text, "created_at": from.plus(day).to_string(),
                "author": format!("A{person}"), "unit": team,
            })
            .to_string()
                + "\n"
        };
        let path = dir.join(format!("{name}.jsonl"));
        std::fs::write(&path, (0..24 * days).map(line).collect::<String>()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn voices(series: &[DailySeries], unit: Option<&str>, day: &str) -> u32 {
        let key =
            SeriesKey { unit: unit.map(|unit| unit.parse().unwrap()), ..SeriesKey::default() };
        let of_key = series.iter().find(|series| series.key == key).unwrap();
        let day: Day = day.parse().unwrap();
        let voices = of_key.days[(day.0 - of_key.start.0) as usize];
        voices.as_ref().map_or(0, DayVoices::total)
    }

    #[test]
    fn a_person_is_one_voice_of_the_unit_above_and_a_backlog_is_of_no_day() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let unit = |name: &str, parent: &str| {
            format!("[[organization.unit]]\nname = \"{name}\"\nroster = 40\n{parent}")
        };
        let below = "parent = \"一厂\"\n";
        let units = [unit("一厂", ""), unit("一队", below), unit("二队", below)];
        std::fs::write(dir.join("huisheng.toml"), units.concat()).unwrap();
        for (name, from) in [("march", "2025-03-01"), ("may", "2025-05-01")] {
            run(dir, &["import", &file(dir, name, from, 6), "--source", "意见箱"]);
        }
        // March and May are closed with it; of April there is nothing yet.
        run(dir, &["digest", "--out", dir.to_str().unwrap()]);
        run(dir, &["import", &file(dir, "late", "2025-03-10", 8), "--source", "意见箱"]);
        let config = Config::load(Some(&dir.join("huisheng.toml")), Some(dir)).unwrap();
        let engine = Engine::open(config).unwrap();
        let session = engine.session().unwrap();
        let booked = "SELECT id FROM documents WHERE posted_day = DATE '2025-04-01'";
        let booked: usize =
            engine.rows(&session, booked).unwrap().iter().map(|batch| batch.num_rows()).sum();
        assert_eq!(booked, 24 * 8, "all of the backlog has the first open day");
        let series = daily_series(&engine, &session, "2025-05-31".parse().unwrap()).unwrap();
        assert_eq!(voices(&series, None, "2025-04-01"), 0);
        assert_eq!(voices(&series, Some("一厂"), "2025-04-01"), 0);
        let teams = ["一队", "二队"].map(|team| voices(&series, Some(team), "2025-03-02"));
        assert_eq!((teams, voices(&series, Some("一厂"), "2025-03-02")), ([12, 12], 12));
    }
}
