//! Settings: default < file < environment < flag, converted once into valid values.
//!
//! `default.toml` is embedded, complete and commented: it is the reference. A file may name any part of it; a key that it does not know is an
//! error with file and line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use corpus::{Day, UnitId};
use detect::{DayKind, Mode, Settings, Surroundings, UnitNesting, WorkCalendar};
use ingest::{RawSource, SourceDeclaration};
use privacy::{IdentifierKind, OwnIdentifiers, Redactor, WeeklyUnits};
use serde::Deserialize;

use crate::key_command::KeyCommand;

pub(crate) const DEFAULT: &str = include_str!("../default.toml");
const FILE_NAME: &str = "huisheng.toml";
const COMMIT_ROWS_MAX: u64 = 1 << 20;
const KEY_TIMEOUT_S_MAX: u64 = 600;
/// Days that one entry of the calendar may span.
const DAYS_OF_REST_MAX: i32 = 62;

/// What the program runs with.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Whose feedback this is.
    pub(crate) organization: String,
    pub(crate) dir: PathBuf,
    pub(crate) commit_rows: u64,
    pub(crate) duplicate_window: usize,
    pub(crate) limits: privacy::Limits,
    pub(crate) detect: Settings,
    pub(crate) effect_min: f64,
    /// Days of rest and worked weekends, and units in units.
    pub(crate) surroundings: Surroundings,
    pub(crate) address: String,
    /// Host names that pages answer to besides loopback.
    pub(crate) hosts: Vec<String>,
    pub(crate) sources: Vec<SourceDeclaration>,
    /// The organization chart.
    pub(crate) units: UnitTree,
    pub(crate) redaction: Redaction,
    /// What keeps the pseudonym keys, where files do not.
    pub(crate) key_command: Option<KeyCommand>,
    /// Hash of everything above as written, for provenance.
    pub(crate) fingerprint: String,
    /// Where each value came from, by dotted key.
    pub(crate) origins: BTreeMap<String, (toml::Value, String)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    organization: RawOrganization,
    redaction: RawRedaction,
    store: RawStore,
    limits: RawLimits,
    detect: RawDetect,
    keys: RawKeys,
    serve: RawServe,
    #[serde(default)]
    source: Vec<RawSource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOrganization {
    name: String,
    period: RawPeriod,
    #[serde(default)]
    unit: Vec<RawUnit>,
}

/// How long a period of release is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawPeriod {
    #[default]
    Month,
    Week,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUnit {
    name: UnitId,
    roster: u32,
    parent: Option<UnitId>,
    #[serde(default)]
    period: RawPeriod,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRedaction {
    roster: String,
    patterns: Vec<RawPattern>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPattern {
    kind: String,
    pattern: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStore {
    dir: PathBuf,
    commit_rows: u64,
    duplicate_window: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    k_score: u32,
    k_verbatim: u32,
    k_search: u32,
    k_export: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDetect {
    mode: String,
    false_alarms_per_year: f64,
    effect_min: f64,
    rest_days: Vec<String>,
    worked_days: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeys {
    command: Vec<String>,
    timeout_s: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServe {
    address: String,
    hosts: Vec<String>,
}

impl Config {
    /// Reads the file that `--config` names, else `huisheng.toml` in the current folder, else the defaults. `dir` is the flag `--dir`.
    pub(crate) fn load(file: Option<&Path>, dir: Option<&Path>) -> anyhow::Result<Self> {
        let found = match file {
            Some(file) => Some(file.to_owned()),
            None => Some(PathBuf::from(FILE_NAME)).filter(|path| path.is_file()),
        };
        let content = match &found {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("read config {}", path.display()))?,
            None => String::new(),
        };
        let name = found.as_ref().map_or_else(String::new, |path| path.display().to_string());
        // The folder of the file is where its relative paths start.
        let base = found.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let mut config = Self::parse(&content, &name, base)?;
        if let Some(dir) = dir {
            config.dir = dir.to_owned();
            let shown = toml::Value::String(dir.display().to_string());
            config.origins.insert("store.dir".to_owned(), (shown, "--dir".to_owned()));
        }
        Ok(config)
    }

    pub(crate) fn parse(content: &str, name: &str, base: &Path) -> anyhow::Result<Self> {
        let mut merged: toml::Table =
            DEFAULT.parse().expect("the embedded defaults are valid TOML");
        let mut origins = BTreeMap::new();
        note_origins(&merged, "", "default", &mut origins);
        let written: toml::Table =
            content.parse().with_context(|| format!("parse config {name}"))?;
        // Checked alone first, so that a wrong key is reported with its line in the user's file and not in the merged text.
        if let Err(error) = check_keys(&written, &merged) {
            let line = content
                .lines()
                .position(|line| line.trim_start().starts_with(&error))
                .map_or(1, |index| index + 1);
            return Err(hinted(
                anyhow::anyhow!("config {name}, line {line}: unknown key {error:?}"),
                "`huisheng config show` prints every key there is",
            ));
        }
        note_origins(&written, "", name, &mut origins);
        merge(&mut merged, written);
        let fingerprint = crate::fingerprint(toml_text(&merged).as_bytes());
        let raw = RawConfig::deserialize(toml::Value::Table(merged))
            .with_context(|| format!("read config {name}"))?;
        Self::check(raw, base, fingerprint, origins)
    }

    fn check(
        raw: RawConfig,
        base: &Path,
        fingerprint: String,
        origins: BTreeMap<String, (toml::Value, String)>,
    ) -> anyhow::Result<Self> {
        let RawLimits { k_score, k_verbatim, k_search, k_export } = raw.limits;
        let values = privacy::LimitValues { k_score, k_verbatim, k_search, k_export };
        let limits = privacy::Limits::new(values).context("check [limits]")?;
        let mode = match raw.detect.mode.as_str() {
            "calibrated" => Mode::Calibrated,
            "guaranteed" => {
                Mode::Guaranteed { false_alarms_per_year: raw.detect.false_alarms_per_year }
            }
            other => bail!("detect.mode is {other:?} (expected \"calibrated\" or \"guaranteed\")"),
        };
        if !(raw.detect.false_alarms_per_year > 0.0 && (0.0..=2.0).contains(&raw.detect.effect_min))
        {
            bail!(
                "detect.false_alarms_per_year must be above 0 and detect.effect_min between 0 and 2"
            );
        }
        let calendar = work_calendar(&raw.detect.rest_days, &raw.detect.worked_days)?;
        if !(1..=COMMIT_ROWS_MAX).contains(&raw.store.commit_rows) {
            bail!(
                "store.commit_rows is {} (expected 1 to {COMMIT_ROWS_MAX})",
                raw.store.commit_rows
            );
        }
        if !(1..=KEY_TIMEOUT_S_MAX).contains(&raw.keys.timeout_s) {
            bail!("keys.timeout_s is {} (expected 1 to {KEY_TIMEOUT_S_MAX})", raw.keys.timeout_s);
        }
        let timeout = Duration::from_secs(raw.keys.timeout_s);
        let units = UnitTree::new(&raw.organization)?;
        let redaction = Redaction::new(raw.redaction, base)?;
        let sources = raw
            .source
            .into_iter()
            .map(|source| source.declare(base))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(twice) = sources
            .iter()
            .enumerate()
            .find_map(|(index, a)| sources[..index].iter().find(|b| b.name == a.name))
        {
            bail!("source {} is declared twice", twice.name);
        }
        Ok(Self {
            organization: raw.organization.name,
            dir: raw.store.dir,
            commit_rows: raw.store.commit_rows,
            duplicate_window: raw.store.duplicate_window,
            limits,
            detect: Settings {
                mode,
                board_false_alarms_per_year: raw.detect.false_alarms_per_year,
            },
            effect_min: raw.detect.effect_min,
            surroundings: Surroundings {
                calendar: Arc::new(calendar),
                nesting: UnitNesting::new(units.nested()),
            },
            address: raw.serve.address,
            hosts: raw.serve.hosts,
            sources,
            units,
            redaction,
            key_command: KeyCommand::new(raw.keys.command, base, timeout),
            fingerprint,
            origins,
        })
    }
}

/// What the organization adds to redaction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redaction {
    /// A file with one name a line.
    roster: Option<PathBuf>,
    patterns: Vec<(IdentifierKind, String)>,
}

impl Redaction {
    fn new(raw: RawRedaction, base: &Path) -> anyhow::Result<Self> {
        let roster = Some(raw.roster).filter(|path| !path.is_empty()).map(|path| base.join(path));
        let mut patterns = Vec::new();
        for RawPattern { kind, pattern } in raw.patterns {
            let known = IdentifierKind::of_word(&kind).ok_or_else(|| {
                let kinds = IdentifierKind::ALL.map(IdentifierKind::as_str).join(", ");
                hinted(
                    anyhow::anyhow!("redaction.patterns: {kind:?} is no kind"),
                    &format!("write one of {kinds}"),
                )
            })?;
            patterns.push((known, pattern));
        }
        let this = Self { roster, patterns };
        // A pattern that cannot be used is told when the settings are read, not when the first document comes.
        this.own("")?;
        Ok(this)
    }

    /// The redactor with what was added.
    pub(crate) fn redactor(&self) -> anyhow::Result<Redactor> {
        let roster = match &self.roster {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("read roster {}", path.display()))?,
            None => String::new(),
        };
        let redactor = Redactor::new();
        if roster.trim().is_empty() && self.patterns.is_empty() {
            return Ok(redactor);
        }
        Ok(redactor.with_own(self.own(&roster)?))
    }

    /// How many patterns there are.
    pub(crate) fn patterns(&self) -> usize {
        self.patterns.len()
    }

    /// Whether a roster is in force.
    pub(crate) fn has_roster(&self) -> bool {
        self.roster.is_some()
    }

    fn own(&self, roster: &str) -> anyhow::Result<OwnIdentifiers> {
        let patterns = self.patterns.iter().map(|(kind, pattern)| (*kind, pattern.as_str()));
        OwnIdentifiers::new(roster, patterns).map_err(|error| {
            hinted(anyhow::Error::new(error).context("check [redaction]"), "patterns are regular expressions without look-around; a roster has one full name a line")
        })
    }
}

/// Which units hold which, and which are told of by week.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnitTree {
    /// The units that hold a unit, narrow first.
    wider: BTreeMap<UnitId, Vec<UnitId>>,
    /// What the settings ask for; a year keeps what it began with.
    pub(crate) weekly: WeeklyUnits,
}

impl UnitTree {
    fn new(organization: &RawOrganization) -> anyhow::Result<Self> {
        let units = &organization.unit;
        let mut parents: BTreeMap<&UnitId, Option<&UnitId>> = BTreeMap::new();
        for unit in units {
            if unit.roster == 0 {
                bail!("organization.unit {} has a roster of 0", unit.name);
            }
            if parents.insert(&unit.name, unit.parent.as_ref()).is_some() {
                bail!("organization.unit {} is listed twice", unit.name);
            }
        }
        let mut wider = BTreeMap::new();
        for unit in units {
            let mut chain: Vec<UnitId> = Vec::new();
            let mut parent = unit.parent.as_ref();
            while let Some(name) = parent {
                if *name == unit.name || chain.contains(name) {
                    bail!("organization.unit {} holds itself", unit.name);
                }
                chain.push(name.clone());
                parent = *parents.get(name).ok_or_else(|| {
                    let problem = anyhow::anyhow!(
                        "organization.unit {}: parent {name} is no unit",
                        unit.name
                    );
                    hinted(problem, "list the wider unit as an [[organization.unit]] of its own")
                })?;
            }
            wider.insert(unit.name.clone(), chain);
        }
        Ok(Self { wider, weekly: weekly_units(organization)? })
    }

    /// Each unit with each of the units that hold it.
    pub(crate) fn nested(&self) -> Vec<(UnitId, UnitId)> {
        let pairs = |(unit, wider): (&UnitId, &Vec<UnitId>)| {
            wider.iter().map(|wider| (unit.clone(), wider.clone())).collect::<Vec<_>>()
        };
        self.wider.iter().flat_map(pairs).collect()
    }

    /// A unit and those that it holds, or `None` for everything.
    pub(crate) fn with_narrower(&self, unit: Option<&UnitId>) -> Vec<Option<UnitId>> {
        let is_below =
            |(_, wider): &(&UnitId, &Vec<UnitId>)| unit.is_some_and(|unit| wider.contains(unit));
        let below = self.wider.iter().filter(is_below).map(|(narrow, _)| Some(narrow.clone()));
        std::iter::once(unit.cloned()).chain(below).collect()
    }

    /// The unit right above each unit that has one.
    pub(crate) fn parents(&self) -> BTreeMap<UnitId, UnitId> {
        let above =
            |(unit, wider): (&UnitId, &Vec<UnitId>)| Some((unit.clone(), wider.first()?.clone()));
        self.wider.iter().filter_map(above).collect()
    }

    /// The units that hold `unit`, narrow first.
    pub(crate) fn wider(&self, unit: Option<&UnitId>) -> Vec<UnitId> {
        unit.and_then(|unit| self.wider.get(unit)).cloned().unwrap_or_default()
    }
}

/// The organization as a whole and the units whose settings say `period = "week"`, with the people of their rosters.
fn weekly_units(organization: &RawOrganization) -> anyhow::Result<WeeklyUnits> {
    // A wider unit's roster counts the people of the units in it.
    let widest = organization.unit.iter().filter(|unit| unit.parent.is_none());
    let people = widest.map(|unit| unit.roster).fold(0, u32::saturating_add);
    let whole = (organization.period == RawPeriod::Week).then_some(people);
    let weekly = organization.unit.iter().filter(|unit| unit.period == RawPeriod::Week);
    WeeklyUnits::new(whole, weekly.map(|unit| (unit.name.clone(), unit.roster))).map_err(|error| {
        let hint = "write period = \"month\", or list the units with their rosters in [[organization.unit]]";
        hinted(anyhow::anyhow!("organization: {error}"), hint)
    })
}

/// An error with a `hint:` line, which `main` prints below it.
pub(crate) fn hinted(error: anyhow::Error, hint: &str) -> anyhow::Error {
    Hinted { message: format!("{error:#}"), hint: hint.to_owned() }.into()
}

/// What went wrong, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Hinted {
    message: String,
    pub(crate) hint: String,
}

/// The first key of `written` that stands at no place of `known`. Sources and units are checked by their own readers.
fn check_keys(written: &toml::Table, known: &toml::Table) -> Result<(), String> {
    for (key, value) in written {
        match (value, known.get(key)) {
            (_, None) if key == "source" => {}
            (toml::Value::Table(inner), Some(toml::Value::Table(known))) => {
                let inner: toml::Table = inner
                    .iter()
                    .filter(|(name, _)| !(key == "organization" && *name == "unit"))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect();
                check_keys(&inner, known)?;
            }
            (_, None) => return Err(key.clone()),
            _ => {}
        }
    }
    Ok(())
}

fn merge(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(over)) => merge(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn note_origins(
    table: &toml::Table,
    prefix: &str,
    origin: &str,
    out: &mut BTreeMap<String, (toml::Value, String)>,
) {
    for (key, value) in table {
        let dotted = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => note_origins(inner, &dotted, origin, out),
            value => {
                out.insert(dotted, (value.clone(), origin.to_owned()));
            }
        }
    }
}

/// A text that is the same for the same settings: keys in order, one a line.
fn toml_text(table: &toml::Table) -> String {
    let mut flat = BTreeMap::new();
    note_origins(table, "", "", &mut flat);
    flat.into_iter().map(|(key, (value, _))| format!("{key} = {value}\n")).collect()
}

/// Days of rest and worked days beside the announced ones; a day that is both is an error.
fn work_calendar(rest: &[String], worked: &[String]) -> anyhow::Result<WorkCalendar> {
    let mut own = BTreeMap::new();
    for (key, days, kind) in
        [("rest_days", rest, DayKind::RestDay), ("worked_days", worked, DayKind::Workday)]
    {
        for written in days {
            let (first, last) = written.split_once("..").unwrap_or((written, written));
            let day = |text: &str| -> anyhow::Result<Day> {
                text.trim().parse().with_context(|| {
                    format!("read {written:?} in detect.{key} (expected 2027-10-01 or 2027-10-01..2027-10-07)")
                })
            };
            let (first, last) = (day(first)?, day(last)?);
            if !(0..DAYS_OF_REST_MAX).contains(&(last.0 - first.0)) {
                bail!(
                    "detect.{key} has {written:?} (expected up to {DAYS_OF_REST_MAX} days, the first one first)"
                );
            }
            for day in (first.0..=last.0).map(Day) {
                if own.insert(day, kind).is_some_and(|other| other != kind) {
                    bail!("{day} stands in detect.rest_days and in detect.worked_days");
                }
            }
        }
    }
    Ok(WorkCalendar::new(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(content: &str) -> anyhow::Result<Config> {
        Config::parse(content, "huisheng.toml", Path::new("/etc"))
    }

    #[test]
    fn the_defaults_are_complete_and_valid() {
        let config = parse("").unwrap();
        assert_eq!((config.commit_rows, config.duplicate_window), (131_072, 100_000));
        assert!(config.sources.is_empty());
    }

    #[test]
    fn a_file_changes_what_it_names_and_only_that() {
        let config = parse("[store]\ncommit_rows = 100\n").unwrap();
        assert_eq!((config.commit_rows, config.duplicate_window), (100, 100_000));
        assert_eq!(config.origins["store.commit_rows"].1, "huisheng.toml");
        assert_eq!(config.origins["store.duplicate_window"].1, "default");
        assert_ne!(config.fingerprint, parse("").unwrap().fingerprint);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let error = format!("{:#}", parse("[store]\n\ncomit_rows = 100\n").unwrap_err());
        assert!(error.contains("line 3") && error.contains("comit_rows"), "{error}");
    }

    #[test]
    fn units_hold_units() {
        let unit = |name: &str, parent: &str| {
            format!("[[organization.unit]]\nname = \"{name}\"\nroster = 9\nparent = \"{parent}\"\n")
        };
        let plant = "[[organization.unit]]\nname = \"一厂\"\nroster = 90\n";
        let config =
            parse(&format!("{plant}{}{}", unit("一队", "一厂"), unit("一班", "一队"))).unwrap();
        let wider = |name: &str| {
            let wider = config.units.wider(Some(&name.parse().unwrap()));
            wider.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            (wider("一班"), wider("没有的")),
            (vec!["一队".to_owned(), "一厂".to_owned()], Vec::new())
        );
        let names = |unit: &str| -> Vec<String> {
            let all = config.units.with_narrower(Some(&unit.parse().unwrap()));
            all.into_iter().flatten().map(|unit| unit.to_string()).collect()
        };
        assert_eq!(
            (names("一厂"), names("一班")),
            (vec!["一厂".into(), "一班".into(), "一队".into()], vec!["一班".into()])
        );
        assert_eq!(
            (config.units.nested().len(), config.units.with_narrower(None)),
            (3, vec![None])
        );
        assert!(parse(&unit("一队", "一厂")).unwrap_err().to_string().contains("一厂"));
        assert!(
            parse(&format!("{}{}", unit("甲", "乙"), unit("乙", "甲")))
                .unwrap_err()
                .to_string()
                .contains("itself")
        );
    }

    #[test]
    fn own_patterns_are_checked_when_settings_are_read() {
        let pattern = |kind: &str, pattern: &str| {
            parse(&format!(
                "[redaction]\npatterns = [{{ kind = \"{kind}\", pattern = '{pattern}' }}]\n"
            ))
        };
        let redactor = pattern("EMPLOYEE_ID", "QH[0-9]{5}").unwrap().redaction.redactor().unwrap();
        assert_eq!(redactor.redact("我是QH12345号"), "我是[工号]号");
        assert!(format!("{:#}", pattern("TAXI", "a").unwrap_err()).contains("TAXI"));
        assert!(format!("{:#}", pattern("QQ", "(").unwrap_err()).contains("redaction"));
    }

    #[test]
    fn a_limit_under_its_floor_is_refused() {
        let error = format!("{:#}", parse("[limits]\nk_score = 3\n").unwrap_err());
        assert!(error.contains('5'), "{error}");
    }

    #[test]
    fn days_of_rest_go_before_the_announced_calendar() {
        let detect = |rest: &str, worked: &str| {
            parse(&format!("[detect]\nrest_days = [{rest}]\nworked_days = [{worked}]\n"))
        };
        let config =
            detect("\"2027-10-01..2027-10-07\", \"2027-08-02\"", "\"2027-10-09\"").unwrap();
        let kind = |day: &str| config.surroundings.calendar.kind(day.parse().unwrap());
        let days = ["2027-10-04", "2027-08-02", "2027-10-09", "2027-10-08", "2026-10-01"].map(kind);
        let (rest, work) = (DayKind::RestDay, DayKind::Workday);
        assert_eq!(days, [rest, rest, work, work, rest]);
        for (rest, worked, named) in [
            ("\"2027-13-01\"", "", "2027-13-01"),
            ("\"2027-10-07..2027-10-01\"", "", "detect.rest_days"),
            ("\"2027-10-01\"", "\"2027-10-01\"", "detect.worked_days"),
        ] {
            let error = format!("{:#}", detect(rest, worked).unwrap_err());
            assert!(error.contains(named), "{error}");
        }
    }
}
