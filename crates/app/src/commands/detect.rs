//! `huisheng detect`: shifts of polarity, from a file of series or from the store; `--stream` is in [`stream`], `--backtest` in [`backtest`].

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use corpus::{DailySeries, Shift};
use detect::{Detector, Mode, Settings, WorkCalendar};
use privacy::Disclosed;
use serde::Serialize;

use super::{backtest, print, stream};
use crate::Outcome;
use crate::cli::{Detect, DetectMode};
use crate::config::Config;
use crate::engine::Engine;
use crate::released;

/// What guaranteed mode promises for one series of a file: the budget of the settings is one of a whole store.
const PER_SERIES_AND_YEAR: f64 = 0.5;

/// Runs the detector that settings and flags name.
pub(crate) fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    options: &Detect,
    json: bool,
) -> anyhow::Result<Outcome> {
    if let (Some(docs), Some(out)) = (&options.stream, &options.out) {
        return stream::run(docs, out);
    }
    let config = config()?;
    if let Some(rule) = options.backtest {
        return backtest::run(config, rule, options, json);
    }
    let mode = match options.mode {
        None => config.detect.mode,
        Some(DetectMode::Calibrated) => Mode::Calibrated,
        Some(DetectMode::Guaranteed) => {
            Mode::Guaranteed { false_alarms_per_year: PER_SERIES_AND_YEAR }
        }
    };
    let settings = Settings { mode, ..config.detect };
    match (&options.series, &options.out) {
        (Some(series), Some(out)) => {
            detect_file(series, out, settings, &config.surroundings.calendar)
        }
        _ => detect_store(Config { detect: settings, ..config }, json),
    }
}

/// What is promised about false alarms.
#[derive(Serialize)]
struct Promise {
    mode: &'static str,
    /// In all or in each, as `over` says.
    false_alarms_per_year: f64,
    over: String,
    text: String,
}

impl Promise {
    fn new(mode: Mode, false_alarms_per_year: f64, over: String) -> Self {
        let (mode, text) = match mode {
            Mode::Calibrated => (
                "calibrated",
                format!(
                    "calibrated mode: about {false_alarms_per_year} false alarms a year {over}, measured on simulated series, not proven"
                ),
            ),
            Mode::Guaranteed { .. } => (
                "guaranteed",
                format!(
                    "guaranteed mode: at most {false_alarms_per_year} false alarms a year {over}, proven as long as the expected polarity of a day stays near a constant"
                ),
            ),
        };
        Self { mode, false_alarms_per_year, over, text }
    }
}

/// The file of alarms has a form that others read, so the promise goes to the terminal.
#[expect(clippy::print_stderr, reason = "the promise is for the person who started it")]
fn detect_file(
    series: &Path,
    out: &Path,
    settings: Settings,
    calendar: &Arc<WorkCalendar>,
) -> anyhow::Result<Outcome> {
    let mode = match settings.mode {
        Mode::Calibrated => Mode::Calibrated,
        Mode::Guaranteed { .. } => Mode::Guaranteed { false_alarms_per_year: PER_SERIES_AND_YEAR },
    };
    let settings = Settings { mode, ..settings };
    let rate = mode.false_alarms_per_series_year();
    eprintln!("{}", Promise::new(mode, rate, "in each series".to_owned()).text);
    let file = File::open(series).with_context(|| format!("open {}", series.display()))?;
    let named = detect::read_series(BufReader::new(file))
        .with_context(|| format!("read {}", series.display()))?;
    let run =
        |series: &DailySeries| Detector::in_calendar(&settings, Arc::clone(calendar)).run(series);
    let found: Vec<_> = named.iter().map(|named| (named.id.as_str(), run(&named.series))).collect();
    let file = File::create(out).with_context(|| format!("create {}", out.display()))?;
    let mut writer = BufWriter::new(file);
    let predictions =
        named.iter().zip(&found).map(|(named, (_, shifts))| (named, shifts.as_slice()));
    detect::write_predictions(predictions, &mut writer)
        .with_context(|| format!("write {}", out.display()))?;
    writer.flush().with_context(|| format!("write {}", out.display()))?;
    Ok(Outcome::Done)
}

/// Shifts of the store's closed periods, as far as the release admits their cells.
fn detect_store(config: Config, json: bool) -> anyhow::Result<Outcome> {
    let mut engine = Engine::open(config)?;
    let release = released::release(&mut engine)?;
    engine.audit("detect", &serde_json::json!({ "table_version": engine.store.version() }))?;
    let Settings { mode, board_false_alarms_per_year } = engine.config.detect;
    let over = format!("over all {} series together", release.series_watched);
    let report = Report {
        promise: Promise::new(mode, board_false_alarms_per_year, over),
        shifts: &release.shifts,
    };
    print(&report, json, Report::plain)?;
    Ok(Outcome::Done)
}

/// What is told of a store.
#[derive(Serialize)]
struct Report<'a> {
    promise: Promise,
    shifts: &'a Disclosed<Vec<Shift>>,
}

impl Report<'_> {
    fn plain(&self) -> String {
        let mut lines = vec![self.promise.text.clone()];
        lines.extend(self.shifts.get().iter().map(released::describe_shift));
        if self.shifts.get().is_empty() {
            lines.push("no shift in any released series".to_owned());
        }
        lines.join("\n")
    }
}
