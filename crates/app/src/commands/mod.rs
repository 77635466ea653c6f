//! One file a command. Each turns what was typed into calls of the crates below, and prints.

mod analyze;
mod backtest;
mod config;
mod demo;
mod detect;
mod digest;
mod documents;
mod enrich;
mod explain;
mod export;
mod import;
mod labels;
mod lexicon;
mod limits;
mod model;
mod privacy_report;
mod ratings;
mod receipt;
mod search;
mod serve;
mod store;
mod stream;
mod text;
mod throughput;
mod topic_training;
mod topics;

use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;
pub(crate) use digest::{facts, read as digest_files};
use serde::Serialize;
pub(crate) use store::close_due;

use crate::Outcome;
use crate::cli::{Cli, Command};
use crate::config::Config;

/// Runs the command that was typed.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let json = cli.json;
    let (file, dir) = (cli.config.as_deref(), cli.dir.as_deref());
    let config = || Config::load(file, dir);
    match cli.command {
        Command::Demo(options) => demo::run(file, dir, &options, json),
        Command::Import(options) => import::import(config()?, options, json),
        Command::Ingest => import::ingest(config()?, json),
        Command::Search(options) => search::run(config()?, options, json),
        Command::Detect(options) => detect::run(config, &options, json),
        Command::Digest(options) => digest::run(config()?, &options, json),
        Command::Export(options) => export::run(config()?, &options, json),
        Command::Receipt(action) => receipt::run(config, action, json),
        Command::Limits(action) => limits::run(config()?, &action, json),
        Command::Serve(options) => serve::run(config()?, options),
        Command::Index(_) => store::rebuild_index(&config()?, json),
        Command::Periods(action) => store::periods(config()?, &action, json),
        Command::Erase(options) => documents::erase(config()?, &options, json),
        Command::Verify => store::verify(config()?, json),
        Command::Train(options) if options.learns_taxonomy() => {
            topic_training::train(config, &options, json)
        }
        Command::Train(options) if options.from_store => ratings::train(config()?, &options, json),
        Command::Train(options) => model::train(&options, json),
        Command::Enrich(options) => enrich::run(config()?, &options, json),
        Command::Labels(action) => labels::run(config()?, &action, json),
        Command::Eval(options) => model::eval(&options, json),
        Command::Analyze(options) => analyze::run(&config()?, &options, json),
        Command::Topics(action) => topics::run(config, &action, json),
        Command::Segment(options) => match &options.explain {
            Some(text) => explain::run(text, json),
            None => text::segment(&options),
        },
        Command::Lexicon(action) => lexicon::run(config, &action, json),
        Command::Redact(options) => text::redact(&config()?, &options),
        Command::Privacy(action) => privacy_report::run(&config()?, &action, json),
        Command::Bench(options) => throughput::run(&options, json),
        Command::Config(action) => config::run(config, &action, json),
    }
}

/// Prints a value as one JSON document, or hands it to `plain`.
fn print<T: Serialize>(
    value: &T,
    json: bool,
    plain: impl FnOnce(&T) -> String,
) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(value)? } else { plain(value) };
    match writeln!(std::io::stdout().lock(), "{}", text.trim_end()) {
        // Whoever reads no further (`| head`) has what they wanted.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("write to standard output"),
    }
}
