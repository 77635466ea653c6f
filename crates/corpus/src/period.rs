//! Periods of release: calendar months, and weeks that do not cross them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Day, Month};

/// Parts of a week with fewer days than this join the week next to them: ISO 8601 too gives a week to the year that has most of its days.
const WEEK_DAYS_MIN: i32 = 4;

/// A calendar month, or a week of one in Asia/Shanghai.
///
/// Pseudonyms are of one month, so a week ends with its month: it runs from Monday to Sunday, except at the beginning and the end of a month, where it has
/// four to ten days. The weeks of a month tile it. Ascending by first day, weeks before the month that they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first: Day,
    last: Day,
}

/// A text that is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found:?} is not a period (expected a month as 2026-03, or a week inside a month as 2026-03-09/2026-03-15)"
)]
pub struct PeriodParseError {
    found: String,
}

impl Period {
    /// The weeks of a month, ascending.
    pub fn weeks_of(month: Month) -> impl Iterator<Item = Self> {
        let first = Self::week_of(month.first_day());
        std::iter::successors(Some(first), |week| Some(Self::week_of(week.last.plus(1))))
            .take_while(move |week| week.month() == month)
    }

    /// The week that holds `day`.
    pub fn week_of(day: Day) -> Self {
        let (month_first, month_last) = (day.month().first_day(), day.month().last_day());
        let monday = day.plus(-(day.weekday() as i32));
        let (mut first, mut last) = (monday, monday.plus(6));
        if first.plus(-WEEK_DAYS_MIN) < month_first {
            first = month_first;
        }
        if last.plus(WEEK_DAYS_MIN) > month_last {
            last = month_last;
        }
        // What the month has of a week that is too short belongs to its neighbour.
        if last < month_first.plus(WEEK_DAYS_MIN - 1) {
            last = last.plus(7);
        }
        if first > month_last.plus(1 - WEEK_DAYS_MIN) {
            first = first.plus(-7);
        }
        Self { first, last }
    }

    /// Its first day.
    pub fn first_day(self) -> Day {
        self.first
    }

    /// Its last day.
    pub fn last_day(self) -> Day {
        self.last
    }

    /// The month that it is, or lies in.
    pub fn month(self) -> Month {
        self.first.month()
    }

    /// Whether it is a whole month.
    pub fn is_month(self) -> bool {
        self == Self::from(self.month())
    }

    /// Whether `day` lies in it.
    pub fn holds(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// The period after it, of the same kind.
    #[must_use]
    pub fn next(self) -> Self {
        if self.is_month() {
            Self::from(self.month().next())
        } else {
            Self::week_of(self.last.plus(1))
        }
    }
}

impl From<Month> for Period {
    fn from(month: Month) -> Self {
        Self { first: month.first_day(), last: month.last_day() }
    }
}

/// `2026-03`, or for a week its first and last day, `2026-03-09/2026-03-15` (ISO 8601).
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_month() {
            self.month().fmt(f)
        } else {
            write!(f, "{}/{}", self.first, self.last)
        }
    }
}

impl FromStr for Period {
    type Err = PeriodParseError;

    fn from_str(found: &str) -> Result<Self, PeriodParseError> {
        let refused = || PeriodParseError { found: found.to_owned() };
        let Some((first, last)) = found.split_once('/') else {
            return found.parse().map(|month: Month| month.into()).map_err(|_| refused());
        };
        let [first, last]: [Day; 2] =
            [first.parse().map_err(|_| refused())?, last.parse().map_err(|_| refused())?];
        Some(Self::week_of(first)).filter(|week| *week == Self { first, last }).ok_or_else(refused)
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(month: &str, weeks: &[&str]) {
        let month: Month = month.parse().unwrap();
        let found: Vec<String> = Period::weeks_of(month).map(|week| week.to_string()).collect();
        assert_eq!(found, weeks);
    }

    #[test]
    fn weeks_run_from_monday_to_sunday_and_short_ends_join_their_neighbours() {
        // 2026-03-01 is a Sunday, 2026-03-30 a Monday.
        check(
            "2026-03",
            &[
                "2026-03-01/2026-03-08",
                "2026-03-09/2026-03-15",
                "2026-03-16/2026-03-22",
                "2026-03-23/2026-03-31",
            ],
        );
        // 2026-02-01 is a Sunday and 2026-02-28 a Saturday: six days at the end are a week.
        check(
            "2026-02",
            &[
                "2026-02-01/2026-02-08",
                "2026-02-09/2026-02-15",
                "2026-02-16/2026-02-22",
                "2026-02-23/2026-02-28",
            ],
        );
        // 2027-02-01 is a Monday: four whole weeks.
        check(
            "2027-02",
            &[
                "2027-02-01/2027-02-07",
                "2027-02-08/2027-02-14",
                "2027-02-15/2027-02-21",
                "2027-02-22/2027-02-28",
            ],
        );
    }

    #[test]
    fn weeks_tile_every_month_for_thirty_years() {
        let mut month: Month = "2010-01".parse().unwrap();
        for _ in 0..360 {
            let weeks: Vec<Period> = Period::weeks_of(month).collect();
            assert_eq!(weeks[0].first_day(), month.first_day());
            assert_eq!(weeks[weeks.len() - 1].last_day(), month.last_day());
            assert!(weeks.windows(2).all(|pair| pair[0].next() == pair[1]), "{weeks:?}");
            for week in &weeks {
                let days = week.last_day().0 - week.first_day().0 + 1;
                assert!((4..=10).contains(&days) && !week.is_month(), "{week}");
                let mut days = (0..days).map(|day| week.first_day().plus(day));
                assert!(days.all(|day| Period::week_of(day) == *week), "{week}");
                assert_eq!(week.to_string().parse::<Period>().unwrap(), *week);
            }
            month = month.next();
        }
    }

    #[test]
    fn months_are_periods_too_and_anything_else_is_refused() {
        let march: Period = "2026-03".parse().unwrap();
        assert!(march.is_month() && march.holds("2026-03-31".parse().unwrap()));
        assert_eq!(march.next().to_string(), "2026-04");
        for found in ["2026-13", "2026-03-02/2026-03-08", "2026-03-09/", "Woche 10", ""] {
            assert!(found.parse::<Period>().is_err(), "{found}");
        }
    }
}
