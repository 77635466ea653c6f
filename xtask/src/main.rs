//! Automation of the project: `cargo xtask check|eval|bench|adversary`.
//!
//! `check` is exactly the gate that a change must pass; `eval` prints quality figures on labelled sets; `bench` measures speed;
//! `adversary` attacks the product as its readers could.

mod check;
mod discovery;
mod eval;
mod judged;
mod topics;
mod under_attack;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};

/// Automation of the project.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Format, clippy, tests, doctests, docs, licences and ownership, spelling, unused dependencies.
    Check,
    /// Quality figures over labelled sets: segmentation, redaction, shifts, emerging topics, and one table of polarity and topics beside others.
    Eval {
        /// Folder with the research sets, e.g. ../shared.
        #[arg(default_value = "../shared")]
        sets: PathBuf,
    },
    /// Speed of every stage on a corpus, beside two yardsticks: `huisheng bench`.
    Bench {
        /// JSON Lines with `text`.
        corpus: PathBuf,
    },
    /// Attack a store of an invented organization by every means that readers have. Fails when anybody is exposed or too little is answered.
    Adversary {
        /// What the organization is invented from; several may be given.
        #[arg(long, default_values_t = [11, 12, 13, 14, 15])]
        seed: Vec<u64>,
        /// A small organization, without timing.
        #[arg(long)]
        small: bool,
        /// Tell of the organization and its larger departments by week.
        #[arg(long)]
        weeks: bool,
        /// Write the figures to this file, as JSON, for `huisheng privacy report`.
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
        /// Attack this program instead of building one.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Check => check::run_checks(),
        Task::Eval { sets } => eval::run_all(&sets),
        Task::Bench { corpus } => run(
            "cargo",
            ["run", "--release", "--", "bench"]
                .map(Into::into)
                .into_iter()
                .chain([corpus.into_os_string()]),
        ),
        Task::Adversary { seed, small, weeks, record, program } => {
            under_attack::run(&seed, (small, weeks), record.as_deref(), program)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "errors go to the terminal")]
fn report(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

/// Runs a program with its output on the terminal; an exit code other than 0 is an error.
fn run(
    program: &str,
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments);
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}
