//! The release calendar of a store: what the settings ask for when the first period of a year closes holds for that year.

use std::collections::BTreeSet;

use anyhow::Context as _;
use corpus::{Month, Period};
use ledger::RegisterRow;
use privacy::{Calendar, Guard, WeeklyUnits};

use crate::engine::Engine;
use crate::released;

/// What the release register holds of the calendar, a year each.
const CALENDAR: &str = "calendar/";

/// The calendar in force. Years of which a period closes now are fixed by the settings and recorded.
pub(crate) fn in_force(engine: &Engine) -> anyhow::Result<Calendar> {
    let mut calendar = recorded(engine)?;
    let (asked, today) = (&engine.config.units.weekly, engine.today());
    let register = released::register(engine)?;
    let closes = |month: Month| match Period::weeks_of(month).next() {
        Some(week) if !asked.is_empty() => Guard::is_closed(week, today),
        _ => Guard::is_closed(month, today),
    };
    let months = engine.months_held()?;
    let due: BTreeSet<i32> =
        months.into_iter().filter(|month| closes(*month)).map(Month::year).collect();
    for year in due.into_iter().filter(|year| !calendar.is_fixed(*year)).collect::<Vec<_>>() {
        // A year that was begun by month goes on by month.
        let is_begun = register.entries().any(|entry| entry.period.month().year() == year);
        let weekly = if is_begun { WeeklyUnits::default() } else { asked.clone() };
        let entry = serde_json::to_string(&weekly).context("write the calendar of a year")?;
        let row = RegisterRow { key: format!("{CALENDAR}{year}"), entry };
        engine.ledger.record_release(&[row]).context("record the calendar of a year")?;
        calendar.fix(year, weekly);
    }
    Ok(calendar)
}

/// The years that were fixed before.
pub(crate) fn recorded(engine: &Engine) -> anyhow::Result<Calendar> {
    let mut calendar = Calendar::default();
    for row in engine.ledger.register()? {
        if let Some(year) = row.key.strip_prefix(CALENDAR) {
            let weekly = serde_json::from_str(&row.entry).context("read a year's calendar")?;
            calendar.fix(year.parse().context("read the year of a calendar")?, weekly);
        }
    }
    Ok(calendar)
}
