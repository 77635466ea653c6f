//! `cargo xtask adversary`: builds the program, lets the adversary at it, and is the gate.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use corpus::EventTime;
use xtask::adversary::{self, Settings};

use crate::eval::show;

/// Of the basket, so much must be answered; 0.50 is the goal.
const ANSWERED_MIN: f64 = 0.45;

/// Attacks one organization a seed.
pub(crate) fn run(
    seeds: &[u64],
    (is_small, is_weekly): (bool, bool),
    record: Option<&Path>,
    program: Option<PathBuf>,
) -> anyhow::Result<()> {
    let program = program.map_or_else(build, Ok)?;
    let mut reports = Vec::new();
    for seed in seeds {
        let settings = Settings { seed: *seed, is_small, is_weekly, today: today() };
        let report = adversary::run(&program, &settings)?;
        show(&report.lines());
        reports.push(report);
    }
    if let Some(path) = record {
        let json = serde_json::to_string_pretty(&reports).context("write the figures")?;
        std::fs::write(path, json).with_context(|| format!("write {}", path.display()))?;
    }
    let failed: Vec<u64> = reports
        .iter()
        .filter(|report| !report.passes(ANSWERED_MIN))
        .map(|report| report.seed)
        .collect();
    if failed.is_empty() { Ok(()) } else { bail!("the gate is closed for seeds {failed:?}") }
}

/// The release build, which lies beside the folder of this task.
fn build() -> anyhow::Result<PathBuf> {
    crate::run("cargo", ["build", "--release", "--bin", "huisheng"].map(Into::into))?;
    let here = std::env::current_exe().context("find the program")?;
    let target = here.ancestors().nth(2).context("find the target folder")?;
    Ok(target.join("release/huisheng"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "documents of today arrive in the attack on live reports"
)]
fn today() -> corpus::Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    EventTime::from_unix_ms(ms).expect("the clock is within the calendar").day()
}
