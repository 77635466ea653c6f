//! `huisheng demo`: the whole job once, on a synthetic company year with planted truth.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use corpus::{Day, Direction, EmergingKind, SeriesKey, Shift, SourceId};
use serde::{Deserialize, Serialize};

use super::import::{SourceReport, run_sources, table};
use super::{digest, print, store};
use crate::Outcome;
use crate::cli::Demo;
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::released::{self, Release};
use privacy::ReleasedTopic;

const SAMPLE: &str = "data/sample";
const CONFIG: &str = "huisheng.toml";
const TRUTH: &str = "truth.json";
const DIR: &str = "huisheng-data/demo";
/// A shift counts as found when its alarm comes this many days after it began at most. The detectors are judged at 28.
const FOUND_WITHIN_DAYS: i32 = 28;

/// What was planted, as `testkit` wrote it. Only what a run can be compared with is read.
#[derive(Debug, Deserialize)]
struct Truth {
    shifts: Vec<PlantedShift>,
    emerging: Vec<PlantedTopic>,
}

#[derive(Debug, Clone, Deserialize)]
struct PlantedShift {
    series: SeriesKey,
    /// Wider and narrower series that show it.
    also: Vec<SeriesKey>,
    /// Sources that its documents come from.
    sources: Vec<SourceId>,
    begins: Day,
    direction: Direction,
}

#[derive(Debug, Clone, Deserialize)]
struct PlantedTopic {
    name: String,
    begins: Day,
    terms: Vec<String>,
}

/// What the run found against what was planted.
#[derive(Debug, Serialize)]
struct Report {
    sources: Vec<SourceReport>,
    shifts: Vec<Shift>,
    topics: Vec<ReleasedTopic>,
    planted: Comparison,
    digest: PathBuf,
}

#[derive(Debug, Default, Serialize)]
struct Comparison {
    /// Planted and reported.
    found: Vec<String>,
    /// Planted and not reported.
    missed: Vec<String>,
    /// Reported in a series that holds documents of a planted shift, to the same side and in the same weeks: the planted shift seen from elsewhere.
    echoes: Vec<String>,
    /// Reported and neither of these.
    #[serde(rename = "false")]
    wrong: Vec<String>,
}

/// Runs the whole job.
#[expect(clippy::print_stderr, reason = "steps are for the person who waits")]
pub(crate) fn run(
    file: Option<&Path>,
    dir: Option<&Path>,
    options: &Demo,
    json: bool,
) -> anyhow::Result<Outcome> {
    let sample = sample_dir(options.sample.as_deref())?;
    let dir = dir.map_or_else(|| PathBuf::from(DIR), Path::to_owned);
    let declared = sample.join(CONFIG);
    let config = Config::load(Some(file.unwrap_or(&declared)), Some(&dir))?;
    // The demo is repeatable: it starts from nothing. Only a folder that holds a store of ours, or nothing, is cleared.
    clear(&dir)?;
    let sources = config.sources.clone();
    let address = config.address.clone();
    let mut engine = Engine::open(config)?;
    let step = |text: &str| {
        if !json {
            eprintln!("{text}");
        }
    };
    step("reading the sample: a synthetic company year");
    let reports = run_sources(&mut engine, &sources, json)?;
    step("releasing closed periods, looking for shifts");
    let (periods, keys) = store::close_due(&engine)?;
    step(&format!("closed {periods} periods, destroyed {keys} pseudonym keys"));
    let release = released::release(&mut engine)?;
    let folder = engine.digest_dir();
    let page = digest::write(&mut engine, &release, None, &folder)?;
    let truth = truth(&sample)?;
    let report = compare(reports, &release, &truth, page);
    print(&report, json, plain)?;
    if options.no_serve {
        // Rows of the sample are broken on purpose, so a quarantine is what success looks like here.
        return Ok(Outcome::Done);
    }
    super::serve::serve(engine, &address)
}

fn sample_dir(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let dir = given.map_or_else(|| PathBuf::from(SAMPLE), Path::to_owned);
    if dir.join(CONFIG).is_file() {
        return Ok(dir);
    }
    Err(hinted(
        anyhow::anyhow!("no sample in {}", dir.display()),
        "run the demo from the folder of the project, or name the sample with --sample",
    ))
}

/// Deletes what an earlier demo left in `dir`.
fn clear(dir: &Path) -> anyhow::Result<()> {
    let is_store = dir.join("store.lock").is_file();
    let is_empty = dir.read_dir().map_or(true, |mut entries| entries.next().is_none());
    if !is_store && !is_empty {
        return Err(hinted(
            anyhow::anyhow!("{} is not empty and holds no store", dir.display()),
            "name an empty folder with --dir",
        ));
    }
    if is_store {
        std::fs::remove_dir_all(dir).with_context(|| format!("clear {}", dir.display()))?;
    }
    Ok(())
}

fn truth(sample: &Path) -> anyhow::Result<Truth> {
    let path = sample.join(TRUTH);
    let json =
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_str(&json).with_context(|| format!("read {}", path.display()))
}

/// Holds what was found against what was planted. Several reports of one planted change count once.
fn compare(
    sources: Vec<SourceReport>,
    release: &Release,
    truth: &Truth,
    digest: PathBuf,
) -> Report {
    let shifts = release.shifts.get().clone();
    let topics = release.topics.get().clone();
    let mut planted = Comparison::default();
    let mut explained = vec![false; shifts.len()];
    for truth in &truth.shifts {
        let mut found_in: Vec<&SeriesKey> = Vec::new();
        for (shift, explained) in shifts.iter().zip(&mut explained) {
            if is_found(truth, shift) {
                found_in.push(&shift.key);
                *explained = true;
            }
        }
        let name =
            format!("shift {} {} {}", truth.series, direction(truth.direction), truth.begins);
        match found_in.first() {
            None => planted.missed.push(name),
            Some(_) if found_in.contains(&&truth.series) => planted.found.push(name),
            Some(other) => planted.found.push(format!("{name}, reported as {other}")),
        }
    }
    for (shift, _) in shifts.iter().zip(explained).filter(|(_, explained)| !explained) {
        let is_echo = truth.shifts.iter().any(|truth| is_echo(truth, shift));
        let name = format!("shift {} {} {}", shift.key, direction(shift.direction), shift.alarm);
        if is_echo { &mut planted.echoes } else { &mut planted.wrong }.push(name);
    }
    for truth in &truth.emerging {
        let found = topics.iter().any(|topic| is_topic(truth, topic));
        let name = format!("topic {} {}", truth.name, truth.begins);
        if found { &mut planted.found } else { &mut planted.missed }.push(name);
    }
    // What only grows or returns was there before: none of it is planted, and it may well be true of the sample.
    let new = topics.iter().filter(|topic| topic.kind == EmergingKind::New);
    let wrong = new.filter(|topic| !truth.emerging.iter().any(|truth| is_topic(truth, topic)));
    planted
        .wrong
        .extend(wrong.map(|topic| format!("topic {} {}", topic.terms.join(" "), topic.period)));
    Report { sources, shifts, topics, planted, digest }
}

/// The planted shift in another series that its documents are in: same side, same weeks, and not a source that it did not touch.
fn is_echo(truth: &PlantedShift, shift: &Shift) -> bool {
    let delay_days = shift.alarm.0 - truth.begins.0;
    let may_hold = shift.key.source.as_ref().is_none_or(|source| truth.sources.contains(source));
    let same_unit = truth.series.unit.is_none()
        || shift.key.unit.is_none()
        || truth.series.unit == shift.key.unit;
    may_hold
        && same_unit
        && truth.direction == shift.direction
        && (0..=FOUND_WITHIN_DAYS).contains(&delay_days)
}

/// The planted series or one that shows it too, on the right side, with an alarm soon enough after the beginning: which of them a report names is decided on the day of the alarm.
fn is_found(truth: &PlantedShift, shift: &Shift) -> bool {
    let right_series = truth.series == shift.key || truth.also.contains(&shift.key);
    let delay_days = shift.alarm.0 - truth.begins.0;
    right_series
        && truth.direction == shift.direction
        && (0..=FOUND_WITHIN_DAYS).contains(&delay_days)
}

fn is_topic(truth: &PlantedTopic, topic: &ReleasedTopic) -> bool {
    let named = topic.terms.iter().any(|term| {
        truth
            .terms
            .iter()
            .any(|planted| planted.contains(term.as_str()) || term.contains(planted.as_str()))
    });
    named && topic.period.last_day() >= truth.begins
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Worse => "worse",
        Direction::Better => "better",
    }
}

fn kind(kind: EmergingKind) -> &'static str {
    match kind {
        EmergingKind::New => "new",
        EmergingKind::Growing => "growing",
        EmergingKind::Returning => "returning",
    }
}

fn plain(report: &Report) -> String {
    let mut out = String::from("\n");
    out.push_str(&table(&report.sources));
    let _ = writeln!(out, "\nshifts released:");
    for shift in &report.shifts {
        let _ = writeln!(out, "  {}", released::describe_shift(shift));
    }
    let _ = writeln!(out, "emerging topics:");
    for topic in &report.topics {
        let _ = writeln!(
            out,
            "  {}: {} in {} ({} people or more)",
            kind(topic.kind),
            topic.terms.join(" "),
            topic.period,
            topic.people
        );
    }
    for (title, names) in [
        ("found", &report.planted.found),
        ("missed", &report.planted.missed),
        ("echoes in other series", &report.planted.echoes),
        ("not planted", &report.planted.wrong),
    ] {
        let _ = writeln!(out, "\nplanted truth, {title}: {}", names.len());
        for name in names {
            let _ = writeln!(out, "  {name}");
        }
    }
    let _ = writeln!(out, "\ndigest: {}", report.digest.display());
    out
}
