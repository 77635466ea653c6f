//! `huisheng config check` and `show`.

use std::fmt::Write as _;

use super::print;
use crate::Outcome;
use crate::cli::ConfigCommand;
use crate::config::Config;

/// Reads the settings; shows each with where it came from.
pub(crate) fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    action: &ConfigCommand,
    json: bool,
) -> anyhow::Result<Outcome> {
    let config = config()?;
    match action {
        ConfigCommand::Check => {
            let sources: Vec<&str> =
                config.sources.iter().map(|source| source.name.as_str()).collect();
            print(
                &serde_json::json!({ "fingerprint": config.fingerprint, "sources": sources }),
                json,
                |_| {
                    format!(
                        "settings are valid, {} sources declared (fingerprint {})",
                        sources.len(),
                        config.fingerprint
                    )
                },
            )?;
        }
        ConfigCommand::Show => print(&config.origins, json, |origins| {
            let mut out = String::new();
            for (key, (value, origin)) in origins {
                let _ = writeln!(out, "{key} = {value}    # {origin}");
            }
            out
        })?,
    }
    Ok(Outcome::Done)
}
