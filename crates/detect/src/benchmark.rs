//! Files of bare series, for measuring detectors without a store: counts in, alarms out.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Write};

use corpus::{DailySeries, Day, DayVoices, Direction, SeriesKey, Shift};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A series of a file with the id by which its alarms are written.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedSeries {
    /// As in the file.
    pub id: String,
    /// Counts as voices; a positive voice has score 1, a negative one −1.
    pub series: DailySeries,
}

/// Reads JSON Lines of `{"id","start","counts":[[positive,negative,neutral]|null,...]}`, one entry a day from `start`; `null` is a day without data.
/// Empty lines are skipped.
///
/// # Errors
/// [`Error::SeriesLine`] names the first line that is no series, [`Error::SeriesTwice`] the first whose id another line has.
pub fn read_series(reader: impl BufRead) -> Result<Vec<NamedSeries>, Error> {
    let mut all = Vec::new();
    let mut line_of: HashMap<String, usize> = HashMap::new();
    for (index, line) in reader.lines().enumerate() {
        let line = line.map_err(Error::SeriesRead)?;
        if line.trim().is_empty() {
            continue;
        }
        let raw: RawSeries = serde_json::from_str(&line)
            .map_err(|source| Error::SeriesLine { line: index + 1, source })?;
        if let Some(first) = line_of.insert(raw.id.clone(), index + 1) {
            return Err(Error::SeriesTwice { id: raw.id, first, line: index + 1 });
        }
        let days = raw.counts.into_iter().map(|counts| counts.map(day_voices)).collect();
        all.push(NamedSeries {
            id: raw.id,
            series: DailySeries { key: SeriesKey::default(), start: raw.start, days },
        });
    }
    Ok(all)
}

/// Writes `{"id":[{"day":d,"dir":"neg"|"pos"},...]}`, `d` counted from 0 at the start of the series. A series without shifts has an empty list.
///
/// # Errors
/// [`Error::PredictionsWrite`].
pub fn write_predictions<'a>(
    found: impl IntoIterator<Item = (&'a NamedSeries, &'a [Shift])>,
    writer: impl Write,
) -> Result<(), Error> {
    let predictions: BTreeMap<&str, Vec<RawAlarm>> = found
        .into_iter()
        .map(|(named, shifts)| {
            let alarms = shifts.iter().map(|shift| RawAlarm {
                day: shift.alarm.0 - named.series.start.0,
                dir: shift.direction,
            });
            (named.id.as_str(), alarms.collect())
        })
        .collect();
    serde_json::to_writer(writer, &predictions)
        .map_err(|source| Error::PredictionsWrite(source.into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSeries {
    id: String,
    start: Day,
    counts: Vec<Option<[u32; 3]>>,
}

#[derive(Serialize)]
struct RawAlarm {
    day: i32,
    dir: Direction,
}

fn day_voices([positive, negative, neutral]: [u32; 3]) -> DayVoices {
    DayVoices { positive, negative, neutral, score_sum: f64::from(positive) - f64::from(negative) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_and_its_alarms_are_counted_from_the_start() {
        let file = "{\"id\":\"a\",\"start\":\"2023-01-10\",\"counts\":[[3,1,2],null,[0,0,0]]}\n\n";
        let read = read_series(file.as_bytes()).unwrap();
        assert_eq!(read.len(), 1);
        let days = &read[0].series.days;
        assert_eq!(
            (days.len(), days[0].unwrap().score_sum, days[1], days[2]),
            (3, 2.0, None, Some(DayVoices::default()))
        );
        let shift = Shift {
            key: SeriesKey::default(),
            direction: Direction::Worse,
            alarm: "2023-01-12".parse().unwrap(),
            began: (Day(0), Day(0)),
            began_likely: Day(0),
            effect: 0.0,
            effect_interval: (0.0, 0.0),
            voices: (0, 0),
            mean: (0.0, 0.0),
        };
        let mut written = Vec::new();
        write_predictions([(&read[0], [shift].as_slice())], &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), r#"{"a":[{"day":2,"dir":"neg"}]}"#);
    }

    #[test]
    fn a_bad_line_is_named() {
        let file = "{\"id\":\"a\",\"start\":\"2023-01-10\",\"counts\":[]}\n{\"id\":1}\n";
        assert_eq!(read_series(file.as_bytes()).unwrap_err().to_string(), "read series, line 2");
    }

    #[test]
    fn an_id_that_stands_twice_is_named_with_both_lines() {
        let line =
            |id: &str| format!("{{\"id\":\"{id}\",\"start\":\"2023-01-10\",\"counts\":[]}}\n");
        let file = line("a") + "\n" + &line("b") + &line("a");
        assert_eq!(
            read_series(file.as_bytes()).unwrap_err().to_string(),
            "read series, line 4: the id \"a\" stands in line 1 already"
        );
        assert_eq!(read_series((line("a") + &line("b")).as_bytes()).unwrap().len(), 2);
    }
}
