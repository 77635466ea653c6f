//! `huisheng detect --backtest`: what a rule would have been worth on the store's released past.
//!
//! Only alarms that the guard admits count, since no others would ever have reached a reader. Nothing is released by a back-test.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use corpus::Day;
use detect::{Backtest, MarkedEvent, Rule};

use super::print;
use crate::Outcome;
use crate::cli::Detect;
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::released;

/// Days before the back-test that a rule learns from, unless a first day is named.
const PAST_DAYS: i32 = 56;

/// Runs the rule and prints its report.
pub(crate) fn run(
    config: Config,
    rule: Rule,
    options: &Detect,
    json: bool,
) -> anyhow::Result<Outcome> {
    let events = options.events.as_deref().map(read_events).transpose()?.unwrap_or_default();
    let engine = Engine::open(config)?;
    let table = released::released_table(&engine)?;
    let Some(last) = table.get().periods.last().copied() else {
        let hint = "release closed periods first: `huisheng digest`";
        return Err(hinted(
            anyhow::anyhow!("no period is released, so no alarm can be shown"),
            hint,
        ));
    };
    let session = engine.session()?;
    let mut series = released::daily_series(&engine, &session, last.last_day())?;
    let span = series.first().map(|first| (first.start, first.days.len() as i32));
    let (start, length) = span.context("the store holds no document")?;
    let from = options.from.unwrap_or(start.plus(PAST_DAYS)).max(start);
    let to = options.to.unwrap_or(start.plus(length - 1)).min(start.plus(length - 1));
    if from > to {
        let hint = format!("the store holds documents from {start} to {}", start.plus(length - 1));
        return Err(hinted(anyhow::anyhow!("no day lies between {from} and {to}"), &hint));
    }
    for series in &mut series {
        series.days.truncate((to.0 - start.0 + 1) as usize);
    }
    let mut shifts = rule.run(&series, &engine.config.surroundings);
    if let Rule::Detector(_) = rule {
        shifts.retain(|shift| shift.effect.abs() >= engine.config.effect_min);
    }
    let admitted = released::release_shifts(&engine, &session, shifts, &table)?;
    let report = Backtest::new(admitted.get(), &events, (from, to), options.minutes);
    engine.audit("backtest", &serde_json::json!({ "from": from, "to": to }))?;
    print(&report, json, plain)?;
    Ok(Outcome::Done)
}

fn read_events(path: &Path) -> anyhow::Result<Vec<MarkedEvent>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).with_context(|| {
                format!("{}, line {}: read a marked event", path.display(), index + 1)
            })
        })
        .collect()
}

fn plain(report: &Backtest) -> String {
    let (from, to): (Day, Day) = report.days;
    let found = report.events.iter().filter(|event| event.found_after_days.is_some()).count();
    let mut out =
        format!("{from} to {to}: {} alarms, {:.1} a year; ", report.alarms, report.alarms_per_year);
    if !report.events.is_empty() {
        let _ = write!(
            out,
            "{} of them outside marked events; {found} of {} marked events found; ",
            report.alarms_beside_events,
            report.events.len()
        );
    }
    let _ = writeln!(out, "{:.0} minutes of reading a year", report.reviewer_minutes_per_year);
    for event in &report.events {
        let _ = match (event.found_after_days, &event.found_in) {
            (Some(days), Some(series)) => {
                writeln!(out, "  {} {}: found on day {days} in {series}", event.begins, event.name)
            }
            _ => writeln!(out, "  {} {}: missed", event.begins, event.name),
        };
    }
    out
}
