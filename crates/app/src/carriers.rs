//! The people behind the two sides of a shift, for the guard to judge whether it hangs on a few of them.

use std::collections::BTreeMap;

use anyhow::Context as _;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{DataType, Date32Type, Float32Type, Int64Type};
use corpus::{Day, Month, Shift, SourceId, UnitId};
use datafusion::prelude::SessionContext;
use privacy::{ShiftCandidate, VoiceMean};

use crate::engine::Engine;
use crate::released::{CLOSED, group_voice};

/// Days before the beginning that are compared with the days since.
const BEFORE_DAYS: i32 = 60;
/// Days since the beginning, when there are as many.
const SINCE_DAYS: i32 = 28;

/// Whether it is a contributor, sum of scores, documents.
type Part = (bool, f64, u32);

/// Reads who spoke before and since `shift` began in the closed periods of `session`, each with the mean of what they wrote in a source and month.
pub(crate) fn of(
    engine: &Engine,
    session: &SessionContext,
    shift: Shift,
) -> anyhow::Result<ShiftCandidate> {
    let Day(began) = shift.began_likely;
    let end = shift.alarm.0.max(began + SINCE_DAYS - 1);
    let units = engine.config.units.with_narrower(shift.key.unit.as_ref());
    let sql = query(&shift, &units, Day(began - BEFORE_DAYS), Day(end));
    let batches = engine.rows(session, &sql).context("read the documents of a shift")?;
    let mut sides: [BTreeMap<(SourceId, Month, u64), Part>; 2] = Default::default();
    for batch in &batches {
        let text = |index: usize| {
            arrow::compute::cast(batch.column(index), &DataType::Utf8).context("read a text column")
        };
        let (sources, groups) = (text(0)?, text(2)?);
        let (sources, groups) = (sources.as_string::<i32>(), groups.as_string::<i32>());
        let voices = batch.column(1).as_primitive::<Int64Type>();
        let days = batch.column(3).as_primitive::<Date32Type>();
        let scores = batch.column(4).as_primitive::<Float32Type>();
        for row in 0..batch.num_rows() {
            let is_contributor = voices.is_valid(row);
            let voice = if is_contributor {
                voices.value(row).cast_unsigned()
            } else {
                group_voice(groups.value(row))
            };
            let day = Day(days.value(row));
            let source = SourceId::new(sources.value(row)).context("read a source name")?;
            let side = &mut sides[usize::from(day.0 >= began)];
            let part = side.entry((source, day.month(), voice)).or_insert((is_contributor, 0.0, 0));
            part.1 += f64::from(scores.value(row));
            part.2 += 1;
        }
    }
    let [before, after] = sides.map(|side| side.into_iter().map(mean).collect());
    Ok(ShiftCandidate { shift, before, after })
}

fn mean(((source, month, _), part): ((SourceId, Month, u64), Part)) -> VoiceMean {
    let (is_contributor, sum, documents) = part;
    VoiceMean { source, month, is_contributor, score: sum / f64::from(documents) }
}

/// `units` are the unit of the shift and those that it holds.
fn query(shift: &Shift, units: &[Option<UnitId>], from: Day, to: Day) -> String {
    let key = &shift.key;
    let mut wanted = vec![format!("posted_day BETWEEN DATE '{from}' AND DATE '{to}'")];
    let text = |name: &str| format!("'{}'", name.replace('\'', "''"));
    let mut one_of = |column: &str, names: Vec<&str>| {
        let names: Vec<String> = names.into_iter().map(text).collect();
        if !names.is_empty() {
            wanted.push(format!("{column} IN ({})", names.join(", ")));
        }
    };
    one_of("source", key.source.iter().map(|name| name.as_str()).collect());
    one_of("unit", units.iter().flatten().map(UnitId::as_str).collect());
    one_of("topic", key.topic.iter().map(|name| name.as_str()).collect());
    let rows = match key.topic {
        Some(_) => format!("(SELECT *, unnest(topics) AS topic FROM {CLOSED})"),
        None => CLOSED.to_owned(),
    };
    format!(
        "SELECT source, voice, coalesce(group_id, id), posted_day, polarity_score FROM {rows} WHERE {}",
        wanted.join(" AND ")
    )
}
