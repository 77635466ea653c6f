//! Runs a detector over a file of bare series: `series FILE.jsonl PRED.json [RATE]`. With a rate, the guaranteed detector at so many false alarms a year.

use std::fs::File;
use std::io::{BufReader, BufWriter};

use detect::{Mode, Settings, detect, read_series, write_predictions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, rate @ ..] = arguments.as_slice() else {
        return Err("usage: series FILE.jsonl PRED.json [RATE]".into());
    };
    let mode = match rate {
        [rate, ..] => Mode::Guaranteed { false_alarms_per_year: rate.parse()? },
        [] => Mode::Calibrated,
    };
    let series = read_series(BufReader::new(File::open(input)?))?;
    let shifts: Vec<_> = series
        .iter()
        .map(|named| detect(&named.series, &Settings { mode, ..Settings::default() }))
        .collect();
    write_predictions(
        series.iter().zip(shifts.iter().map(Vec::as_slice)),
        BufWriter::new(File::create(output)?),
    )?;
    Ok(())
}
