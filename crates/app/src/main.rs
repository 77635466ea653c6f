//! `huisheng`: from posts and study feedback to a searchable, redacted store, honest trend lines and a committee digest.
//!
//! Exit codes: 0 done, 1 done with quarantined documents, 2 not done. Errors print as a chain on one line, `hint:` lines below it.

mod calendar;
mod carriers;
mod cli;
mod commands;
mod config;
mod discovered;
mod emerging;
mod engine;
mod feeds;
mod forms;
mod key_command;
mod keys;
mod limits;
mod pipeline;
mod progress;
mod quotable;
mod read_model;
mod recall;
mod receipts;
mod released;
mod retrospect;
mod watched;
mod written;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::config::Hinted;

/// What a finished command says to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Everything asked for was done.
    Done,
    /// Done, but documents lie in the quarantine.
    Quarantined,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.verbose);
    keep_memory_off_disk();
    match commands::run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Quarantined) => ExitCode::from(1),
        Err(error) => {
            report(&error);
            ExitCode::from(2)
        }
    }
}

/// Authors and keys stand in memory until they are used up: a crash must not write it down.
///
/// One byte, not none: the kernel hands memory to a core handler such as systemd's under a limit of none, and not under one of one byte (core(5)).
fn keep_memory_off_disk() {
    #[cfg(unix)]
    if let Err(error) = rlimit::setrlimit(rlimit::Resource::CORE, 1, 1) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
}

/// Prints the chain on one line, then each hint once.
#[expect(clippy::print_stderr, reason = "errors go to the terminal")]
fn report(error: &anyhow::Error) {
    let hints: Vec<String> = error.chain().filter_map(hint_of).collect();
    eprintln!("error: {error:#}");
    let mut printed: Vec<&String> = Vec::new();
    for hint in &hints {
        if !printed.contains(&hint) {
            eprintln!("hint: {hint}");
            printed.push(hint);
        }
    }
}

fn hint_of(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(hinted) = error.downcast_ref::<Hinted>() {
        return Some(hinted.hint.clone());
    }
    if let Some(refused) = error.downcast_ref::<ingest::Error>() {
        return refused.hint();
    }
    match error.downcast_ref::<store::Error>()? {
        store::Error::Locked { .. } => {
            Some("stop the other `huisheng` first, or name another folder with --dir".to_owned())
        }
        store::Error::Segmentation { .. } => {
            let hint = "run `huisheng lexicon apply`: it cuts anew the documents that come out otherwise now";
            Some(hint.to_owned())
        }
        _ => None,
    }
}

/// Logs to standard error: warnings, or with `-v` what each batch did. Never the text of a document.
fn start_log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info,tantivy=warn,deltalake_core=warn",
        _ => "debug,tantivy=info",
    };
    let filter = tracing_subscriber::EnvFilter::new(level);
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Sixteen hexadecimal digits that name some bytes.
fn fingerprint(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().chars().take(16).collect()
}
