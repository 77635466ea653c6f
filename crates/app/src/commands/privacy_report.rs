//! `huisheng privacy report`: the facts for an impact assessment under articles 55 and 56 of the Personal Information Protection Law.
//!
//! Facts, not conclusions: what is collected, why, how long, who sees it, what was tested. Whether that is proportionate is for people to judge.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use corpus::Visibility;
use ingest::{Field, Input, SourceDeclaration};
use privacy::{IdentifierKind, LimitValues, SensitiveKind};
use serde::{Deserialize, Serialize};

use super::print;
use crate::Outcome;
use crate::cli::Privacy;
use crate::config::Config;

/// What the report says.
#[derive(Serialize)]
struct Report {
    organization: String,
    sources: Vec<Source>,
    redacted: Vec<&'static str>,
    /// Kinds of mentions that keep a text from being quoted.
    never_quoted: [SensitiveKind; 3],
    own_roster: bool,
    own_patterns: usize,
    limits: LimitValues,
    audiences: Vec<Audience>,
    attacks: Option<Vec<Attacked>>,
}

/// One source: what is read of it, on which ground, and how long it is kept.
#[derive(Serialize)]
struct Source {
    name: String,
    visibility: Visibility,
    ground: Option<String>,
    retention_days: u32,
    input: &'static str,
    /// Field of ours and the column that it is read from.
    collected: Vec<(&'static str, String)>,
}

/// Who can see what.
#[derive(Serialize)]
struct Audience {
    who: &'static str,
    sees: &'static str,
}

/// One run of the adversary, as far as the report tells of it.
#[derive(Debug, Serialize, Deserialize)]
struct Attacked {
    seed: u64,
    authors: usize,
    documents: usize,
    exposed: f64,
    small: f64,
    answered: f64,
    attacks: Vec<Attack>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Attack {
    attack: String,
    what: String,
    exposed: f64,
    small: f64,
    figure: Option<String>,
}

const AUDIENCES: [Audience; 6] = [
    Audience {
        who: "readers of pages, API and digest",
        sees: "released cells of closed months, for units of fifty people or more that ask for it of closed weeks; texts of open sources; of confidential sources redacted passages, dated to the month; never an author",
    },
    Audience {
        who: "the account that runs the program",
        sees: "the table: redacted texts, days, units, pseudonyms of one source and month; open pseudonym keys until a month is closed",
    },
    Audience {
        who: "after a month is closed",
        sees: "nobody, the operator included, can tell who a pseudonym was: its key is destroyed",
    },
    Audience {
        who: "readers of exported files",
        sees: "released cells behind which the people of an export stand; never texts",
    },
    Audience {
        who: "whoever holds a receipt code",
        sees: "the reply to the text that came with it, and may withdraw the text; nobody else learns who that is",
    },
    Audience {
        who: "auditors",
        sees: "the chained log of every search, digest, export, reply, preview and erasure: who read what, never who wrote; withdrawals by the day, as nobody's",
    },
];

/// Prints the report.
pub(crate) fn run(config: &Config, action: &Privacy, json: bool) -> anyhow::Result<Outcome> {
    let Privacy::Report { attacks } = action;
    let report = Report {
        organization: config.organization.clone(),
        sources: config.sources.iter().map(source).collect(),
        redacted: IdentifierKind::ALL.map(IdentifierKind::as_str).to_vec(),
        never_quoted: SensitiveKind::ALL,
        own_roster: config.redaction.has_roster(),
        own_patterns: config.redaction.patterns(),
        limits: crate::limits::of_store(config)?.values(),
        audiences: AUDIENCES.into(),
        attacks: attacks.as_deref().map(read_attacks).transpose()?,
    };
    print(&report, json, plain)?;
    Ok(Outcome::Done)
}

fn read_attacks(path: &Path) -> anyhow::Result<Vec<Attacked>> {
    let read = || format!("read the figures of attacks {}", path.display());
    let figures = std::fs::read_to_string(path).with_context(read)?;
    serde_json::from_str(&figures).with_context(read)
}

fn source(declaration: &SourceDeclaration) -> Source {
    let column =
        |field: Field| declaration.map.column(field).map(|column| (field.key(), column.to_owned()));
    Source {
        name: declaration.name.to_string(),
        visibility: declaration.visibility,
        ground: declaration.ground.clone(),
        retention_days: declaration.retention_days,
        input: match declaration.input {
            Input::Files { .. } => "files",
            Input::Feeds { .. } => "feeds",
        },
        collected: Field::ALL.into_iter().filter_map(column).collect(),
    }
}

fn plain(report: &Report) -> String {
    let mut out = format!("{}: facts for an impact assessment\n\nsources\n", report.organization);
    for source in &report.sources {
        let ground = source.ground.as_deref().unwrap_or("none recorded");
        let _ = writeln!(
            out,
            "  {} ({}, {}): kept {} days, on the ground of {ground}",
            source.name,
            source.visibility.as_str(),
            source.input,
            source.retention_days
        );
        let fields: Vec<String> = source
            .collected
            .iter()
            .map(|(field, column)| match *field {
                "author" => {
                    format!("{field} from {column} (used once for a pseudonym, not stored)")
                }
                "receipt" => format!("{field} from {column} (a tag under a key is kept)"),
                "posted_at" => format!("{field} from {column} (the day is kept)"),
                _ => format!("{field} from {column}"),
            })
            .collect();
        let _ = writeln!(out, "    collected: {}", or_defaults(&fields.join(", ")));
    }
    let _ = writeln!(
        out,
        "\ntaken out of texts before anything is stored: {}; own roster: {}; own patterns: {}",
        report.redacted.join(", "),
        if report.own_roster { "yes" } else { "no" },
        report.own_patterns
    );
    let _ = writeln!(
        out,
        "texts that mention these of somebody are never quoted: {}",
        report.never_quoted.map(SensitiveKind::as_str).join(", ")
    );
    let LimitValues { k_score, k_verbatim, k_search, k_export } = report.limits;
    let _ = writeln!(
        out,
        "\nlimits in force: {k_score} people behind a number, {k_verbatim} behind a quotation, {k_search} behind a search, {k_export} behind an export"
    );
    out.push_str("\nwho sees what\n");
    for Audience { who, sees } in &report.audiences {
        let _ = writeln!(out, "  {who}: {sees}");
    }
    out.push_str("\nattacks tested\n");
    match &report.attacks {
        None => out.push_str("  none recorded: run `cargo xtask adversary --record FILE` and name the file with --attacks\n"),
        Some(runs) => runs.iter().for_each(|run| attacked(&mut out, run)),
    }
    out
}

fn or_defaults(fields: &str) -> &str {
    if fields.is_empty() { "the columns that bear the usual names" } else { fields }
}

fn attacked(out: &mut String, run: &Attacked) {
    let _ = writeln!(
        out,
        "  organization {} ({} authors, {} documents): share exposed {:.3}, in groups under five {:.3}, questions answered {:.3}",
        run.seed, run.authors, run.documents, run.exposed, run.small, run.answered
    );
    for Attack { attack, what, exposed, small, figure } in &run.attacks {
        let figure = figure.as_ref().map_or(String::new(), |figure| format!(" ({figure})"));
        let _ = writeln!(out, "    {attack:<4} {exposed:.3} {small:.3}  {what}{figure}");
    }
}
