//! The release calendar: who is told of by week, and who by month.

use std::collections::{BTreeMap, BTreeSet};

use corpus::{Day, Period, UnitId};
use serde::{Deserialize, Serialize};

/// People of a unit from whom on it may be told of by week. With fewer, a week has too few voices, and each of them is known by the week they wrote in.
const WEEKLY_PEOPLE_MIN: u32 = 50;

/// Which units are told of by week in each year; the others, and those of a year that is not listed, by month.
///
/// A unit has one kind of period, and keeps it for a calendar year: two kinds side by side, or one that changes, could be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<i32, WeeklyUnits>);

/// What is told of by week.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyUnits {
    /// The organization as a whole, its sources and its topics.
    whole: bool,
    units: BTreeSet<UnitId>,
}

/// Too few people for weeks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{who} has {people} people; weeks are for {WEEKLY_PEOPLE_MIN} people or more")]
pub struct CalendarError {
    /// The unit, or the organization.
    pub who: String,
    /// Its people.
    pub people: u32,
}

impl WeeklyUnits {
    /// The organization with its people, if it is to be told of by week, and the units with theirs that are.
    ///
    /// # Errors
    /// [`CalendarError`] names the first that has too few people.
    pub fn new(
        whole: Option<u32>,
        units: impl IntoIterator<Item = (UnitId, u32)>,
    ) -> Result<Self, CalendarError> {
        let enough = |who: &str, people: u32| {
            let is_enough = people >= WEEKLY_PEOPLE_MIN;
            is_enough.then_some(()).ok_or_else(|| CalendarError { who: who.to_owned(), people })
        };
        if let Some(people) = whole {
            enough("the organization", people)?;
        }
        let units = units.into_iter().map(|(unit, people)| {
            enough(unit.as_str(), people)?;
            Ok(unit)
        });
        Ok(Self { whole: whole.is_some(), units: units.collect::<Result<_, _>>()? })
    }

    /// Whether nothing is told of by week.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.units.is_empty()
    }

    fn holds(&self, unit: Option<&UnitId>) -> bool {
        unit.map_or(self.whole, |unit| self.units.contains(unit))
    }
}

impl Calendar {
    /// Fixes a year. A year that is fixed already stays as it is.
    pub fn fix(&mut self, year: i32, units: WeeklyUnits) {
        self.0.entry(year).or_insert(units);
    }

    /// Whether a year is fixed.
    pub fn is_fixed(&self, year: i32) -> bool {
        self.0.contains_key(&year)
    }

    /// Whether anything is told of by week in a year.
    pub fn has_weeks(&self, year: i32) -> bool {
        self.0.get(&year).is_some_and(|weekly| !weekly.is_empty())
    }

    /// The period in which a document of `day` counts for `unit`, or without one for the organization as a whole.
    pub fn period(&self, unit: Option<&UnitId>, day: Day) -> Period {
        let is_weekly = self.0.get(&day.month().year()).is_some_and(|weekly| weekly.holds(unit));
        if is_weekly { Period::week_of(day) } else { Period::from(day.month()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_fifty_people_are_never_told_of_by_week() {
        let unit = |people| WeeklyUnits::new(None, [("采油一厂".parse().unwrap(), people)]);
        assert_eq!(
            unit(49).unwrap_err().to_string(),
            "采油一厂 has 49 people; weeks are for 50 people or more"
        );
        assert!(unit(50).is_ok());
        assert!(WeeklyUnits::new(Some(12), []).is_err());
    }

    #[test]
    fn a_year_keeps_its_kind_of_period() {
        let day: Day = "2026-03-10".parse().unwrap();
        let unit: UnitId = "采油一厂".parse().unwrap();
        let mut calendar = Calendar::default();
        calendar.fix(2026, WeeklyUnits::new(None, [(unit.clone(), 80)]).unwrap());
        calendar.fix(2026, WeeklyUnits::default());
        assert_eq!(calendar.period(Some(&unit), day).to_string(), "2026-03-09/2026-03-15");
        assert_eq!(calendar.period(None, day).to_string(), "2026-03");
        assert_eq!(calendar.period(Some(&unit), day.plus(366)).to_string(), "2027-03");
        assert!(calendar.has_weeks(2026) && !calendar.is_fixed(2027));
    }
}
