//! Time, as coarse as the product needs it: days and months of the Asia/Shanghai calendar.
//!
//! China has one time zone and no daylight saving time since 1991, so a fixed +08:00 is the calendar that readers mean.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, TimeZone};
use serde::{Deserialize, Serialize};

const SHANGHAI_OFFSET_S: i32 = 8 * 3600;

/// An instant as the source reported it. Lives only until redaction, which keeps the [`Day`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventTime(DateTime<FixedOffset>);

/// A calendar day in Asia/Shanghai, as days since 1970-01-01 (Arrow `Date32`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// A calendar month in Asia/Shanghai, as months since 0000-01: the partition, key and release period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A text that is not a time or day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a date or time (expected e.g. 2026-03-09, 2026/3/9 14:05 or RFC 3339)")]
pub struct DayParseError {
    found: String,
}

impl EventTime {
    /// Milliseconds since the Unix epoch.
    pub fn from_unix_ms(ms: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(ms).map(|t| Self(t.with_timezone(&shanghai())))
    }

    /// The start of `day`: what a source with days only means.
    pub fn start_of(day: Day) -> Self {
        let midnight = day.date().and_hms_opt(0, 0, 0).expect("midnight exists on every day");
        Self(
            shanghai().from_local_datetime(&midnight).single().expect("a fixed offset has no gaps"),
        )
    }

    /// The Shanghai day that this instant lies in.
    pub fn day(self) -> Day {
        Day::from_date(self.0.with_timezone(&shanghai()).date_naive())
    }
}

/// RFC 3339, or the local forms that Chinese spreadsheets and exports hold: `-`, `/`, `.` or 年月日 between the parts, an optional time.
impl FromStr for EventTime {
    type Err = DayParseError;

    fn from_str(found: &str) -> Result<Self, DayParseError> {
        let trimmed = found.trim();
        if let Ok(instant) = DateTime::parse_from_rfc3339(trimmed) {
            return Ok(Self(instant));
        }
        let unified: String = trimmed
            .chars()
            .filter(|c| *c != '日')
            .map(|c| match c {
                '/' | '.' | '年' | '月' => '-',
                'T' => ' ',
                '\u{ff1a}' => ':',
                other => other,
            })
            .collect();
        let (date, time) = unified.split_once(' ').unwrap_or((unified.as_str(), ""));
        let date = NaiveDate::parse_from_str(date, "%Y-%m-%d")
            .or_else(|_| NaiveDate::parse_from_str(date, "%Y%m%d"))
            .map_err(|_| DayParseError { found: found.to_owned() })?;
        let time = match time.trim() {
            "" => chrono::NaiveTime::MIN,
            // A fraction of a second was written with `.`, which is `-` by now.
            clock => ["%H:%M:%S", "%H:%M", "%H:%M:%S-%f"]
                .iter()
                .find_map(|form| chrono::NaiveTime::parse_from_str(clock, form).ok())
                .ok_or_else(|| DayParseError { found: found.to_owned() })?,
        };
        let local = shanghai().from_local_datetime(&NaiveDateTime::new(date, time)).single();
        Ok(Self(local.expect("a fixed offset has no gaps")))
    }
}

impl Day {
    /// The day of a proleptic Gregorian date, `None` when there is no such date.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::from_date)
    }

    /// The month that this day lies in.
    pub fn month(self) -> Month {
        let date = self.date();
        Month(date.year() * 12 + date.month0() as i32)
    }

    /// Days from Monday: 0 to 6.
    pub fn weekday(self) -> u32 {
        self.date().weekday().num_days_from_monday()
    }

    /// `days` later (earlier when negative).
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    fn from_date(date: NaiveDate) -> Self {
        Self(date.to_epoch_days())
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).unwrap_or(if self.0 < 0 {
            NaiveDate::MIN
        } else {
            NaiveDate::MAX
        })
    }
}

impl Month {
    /// The first day of the month.
    pub fn first_day(self) -> Day {
        let date =
            NaiveDate::from_ymd_opt(self.0.div_euclid(12), self.0.rem_euclid(12) as u32 + 1, 1);
        Day::from_date(date.expect("a month made from a day has a first day"))
    }

    /// The last day of the month.
    pub fn last_day(self) -> Day {
        self.next().first_day().plus(-1)
    }

    /// Its calendar year.
    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// Its number in the year, from 1.
    pub fn number(self) -> u32 {
        self.0.rem_euclid(12) as u32 + 1
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// `2026-03-09`
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl FromStr for Day {
    type Err = DayParseError;

    fn from_str(found: &str) -> Result<Self, DayParseError> {
        found.parse::<EventTime>().map(EventTime::day)
    }
}

/// `2026-03`
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = DayParseError;

    fn from_str(found: &str) -> Result<Self, DayParseError> {
        format!("{found}-01")
            .parse::<Day>()
            .map(Day::month)
            .map_err(|_| DayParseError { found: found.to_owned() })
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn shanghai() -> FixedOffset {
    FixedOffset::east_opt(SHANGHAI_OFFSET_S).expect("eight hours is a valid offset")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: &str, day: &str) {
        assert_eq!(found.parse::<EventTime>().unwrap().day().to_string(), day, "{found}");
    }

    #[test]
    fn every_form_that_exports_hold_is_read() {
        check("2026-03-09", "2026-03-09");
        check("2026/3/9 14:05", "2026-03-09");
        check("2026年3月9日 14:05:33", "2026-03-09");
        check("2026.03.09", "2026-03-09");
        check("20260309", "2026-03-09");
        check("2026-03-09T23:59:59+08:00", "2026-03-09");
        check("2026-03-09 08:00:00.123", "2026-03-09");
    }

    #[test]
    fn a_utc_evening_is_the_next_day_in_shanghai() {
        check("2026-03-09T16:00:00Z", "2026-03-10");
        check("2026-03-09T15:59:59Z", "2026-03-09");
    }

    #[test]
    fn what_is_no_date_is_refused_with_the_text() {
        for found in ["", "昨天", "2026-13-01", "2026-02-30", "12:30"] {
            let error = found.parse::<EventTime>().unwrap_err();
            assert!(error.to_string().contains(&format!("{found:?}")), "{error}");
        }
    }

    #[test]
    fn months_tile_the_days() {
        let february: Month = "2024-02".parse().unwrap();
        assert_eq!(
            (february.first_day().to_string(), february.last_day().to_string()),
            ("2024-02-01".into(), "2024-02-29".into())
        );
        assert_eq!(february.last_day().plus(1).month(), february.next());
        assert_eq!("2023-12".parse::<Month>().unwrap().next().to_string(), "2024-01");
    }
}
