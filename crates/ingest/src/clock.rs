//! Times as sources write them.

use chrono::NaiveDateTime;
use corpus::{Day, EventTime};

const SECOND_MS: i64 = 1000;
const DAY_MS: i64 = 24 * 3600 * SECOND_MS;
const SHANGHAI_OFFSET_MS: i64 = 8 * 3600 * SECOND_MS;

/// A time without a zone is meant as people in China read it.
pub(crate) fn shanghai_time(local: NaiveDateTime) -> Option<EventTime> {
    EventTime::from_unix_ms(local.and_utc().timestamp_millis().checked_sub(SHANGHAI_OFFSET_MS)?)
}

/// A date or time in the forms of [`EventTime`], or Unix time in seconds (10 digits) or milliseconds (13 digits).
pub(crate) fn parse_time(text: &str) -> Option<EventTime> {
    let bytes = text.as_bytes();
    if matches!(bytes.len(), 10 | 13) && bytes.iter().all(u8::is_ascii_digit) {
        let count: i64 = text.parse().ok()?;
        return EventTime::from_unix_ms(if bytes.len() == 10 { count * SECOND_MS } else { count });
    }
    usual_time(bytes).or_else(|| text.parse().ok())
}

/// The forms that nearly all machines write: `2026-03-09`, with a time after a blank or `T`, and with `Z` or `+08:00` behind it.
///
/// Its slow twin is the parser of [`EventTime`], which reads every form that people write.
fn usual_time(bytes: &[u8]) -> Option<EventTime> {
    let (date, rest) = bytes.split_at_checked(10)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return None };
    let year = number(&[y1, y2, y3, y4])?;
    let day = Day::from_ymd(
        i32::try_from(year).ok()?,
        u32::try_from(number(&[m1, m2])?).ok()?,
        u32::try_from(number(&[d1, d2])?).ok()?,
    )?;
    let (clock_ms, offset_ms) = match rest {
        [] => (0, SHANGHAI_OFFSET_MS),
        [b' ' | b'T', clock @ ..] => {
            let (clock, zone) = clock.split_at_checked(8)?;
            let &[h1, h2, b':', min1, min2, b':', s1, s2] = clock else { return None };
            (clock_ms(&[h1, h2], &[min1, min2], &[s1, s2])?, zone_ms(rest[0], zone)?)
        }
        _ => return None,
    };
    EventTime::from_unix_ms(i64::from(day.0) * DAY_MS + clock_ms - offset_ms)
}

/// A zone stands only behind the `T` form.
fn zone_ms(separator: u8, zone: &[u8]) -> Option<i64> {
    match (separator, zone) {
        (_, []) => Some(SHANGHAI_OFFSET_MS),
        (b'T', b"Z") => Some(0),
        (b'T', &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]) => {
            let offset_ms = clock_ms(&[h1, h2], &[m1, m2], b"00")?;
            Some(if sign == b'+' { offset_ms } else { -offset_ms })
        }
        _ => None,
    }
}

fn clock_ms(hour: &[u8], minute: &[u8], second: &[u8]) -> Option<i64> {
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    (hour < 24 && minute < 60 && second < 60)
        .then_some(((hour * 60 + minute) * 60 + second) * SECOND_MS)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unix_times_are_told_by_their_length() {
        for (text, day) in [
            ("1773000000", "2026-03-09"),
            ("1773000000000", "2026-03-09"),
            ("20260309", "2026-03-09"),
        ] {
            assert_eq!(parse_time(text).unwrap().day().to_string(), day, "{text}");
        }
        assert_eq!(parse_time("12345"), None);
    }

    #[test]
    fn the_usual_forms_take_the_short_way() {
        for text in [
            "2026-03-09",
            "2026-03-09 14:05:33",
            "2026-03-09T14:05:33",
            "2026-03-09T14:05:33Z",
            "2026-03-09T14:05:33-05:30",
        ] {
            assert_eq!(usual_time(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in
            ["2026-02-30", "2026-03-09 25:00:00", "2026/03/09", "2026-03-09 14:05", "２０２６", ""]
        {
            assert_eq!(usual_time(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_long_one_reads(
            text in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][01][0-9]:[0-5][0-9])?)?"
        ) {
            if let Some(time) = usual_time(text.as_bytes()) {
                prop_assert_eq!(Some(time), text.parse().ok());
            }
        }
    }
}
