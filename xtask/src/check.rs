//! The gate.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::run;

/// Tools that are not part of the toolchain, and the crate that brings each.
const TOOLS: [(&str, &str); 4] = [
    ("nextest", "cargo-nextest"),
    ("deny", "cargo-deny"),
    ("machete", "cargo-machete"),
    ("typos", "typos-cli"),
];

/// Runs every check, the quick ones first. Stops at the first that fails.
pub(crate) fn run_checks() -> anyhow::Result<()> {
    for (tool, package) in TOOLS {
        install(tool, package)?;
    }
    cargo("fmt --all --check")?;
    run("typos", [])?;
    // Called by its own name: under `cargo run` the subcommand takes `machete` for a folder.
    run("cargo-machete", [])?;
    cargo("deny check --hide-inclusion-graph licenses bans sources")?;
    cargo("clippy --workspace --all-targets -- -D warnings")?;
    cargo("nextest run --workspace --no-fail-fast")?;
    cargo("test --workspace --doc")?;
    run(
        "env",
        words("RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --document-private-items"),
    )
}

fn cargo(arguments: &str) -> anyhow::Result<()> {
    run("cargo", words(arguments))
}

fn words(line: &str) -> impl Iterator<Item = OsString> {
    line.split(' ').map(OsString::from)
}

/// Builds a tool from its package when the machine lacks it.
fn install(tool: &str, package: &str) -> anyhow::Result<()> {
    let (program, argument) =
        if tool == "typos" { ("typos", "--version") } else { ("cargo", tool) };
    let mut probe = Command::new(program);
    probe.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
    if tool != "typos" {
        probe.arg("--version");
    }
    let found = probe.status().is_ok_and(|status| status.success());
    if found {
        Ok(())
    } else {
        cargo(&format!("install --locked {package}")).with_context(|| format!("install {package}"))
    }
}
