//! `huisheng search`.

use std::fmt::Write as _;

use corpus::SearchQuery;
use privacy::{ConfidentialAnswer, SearchAnswer, TOO_FEW};

use super::print;
use crate::Outcome;
use crate::cli::Search;
use crate::config::Config;
use crate::engine::Engine;
use crate::released;

/// Answers as the pages do: through the guard, and logged.
pub(crate) fn run(config: Config, options: Search, json: bool) -> anyhow::Result<Outcome> {
    let engine = Engine::open(config)?;
    let query = SearchQuery {
        text: options.text,
        from: options.from,
        to: options.to,
        source: options.source,
        unit: options.unit,
        topic: options.topic,
        polarity: options.polarity,
        visibility: None,
        limit: options.limit as usize,
    };
    engine.audit("search", &query)?;
    let (table, common) = (released::released_table(&engine)?, released::common_words(&engine)?);
    let answer = released::search(&engine, &query, &table, &common)?;
    print(&answer, json, |answer| plain(answer.get()))?;
    Ok(Outcome::Done)
}

fn plain(answer: &SearchAnswer) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "open sources: {} documents", answer.open.total);
    for hit in &answer.open.hits {
        let unit = hit.unit.as_ref().map_or("", |unit| unit.as_str());
        let _ = writeln!(
            out,
            "  {:6.2}  {}  {} {unit}  {}",
            hit.score,
            hit.day,
            hit.source,
            marked(&hit.snippet, &hit.highlights)
        );
    }
    match &answer.confidential {
        ConfidentialAnswer::NotAsked => {}
        ConfidentialAnswer::TooFew => {
            let _ = writeln!(out, "confidential sources: {TOO_FEW}");
        }
        ConfidentialAnswer::Quotations { quotations } => {
            let _ = writeln!(out, "confidential sources:");
            for quotation in quotations {
                let _ = writeln!(
                    out,
                    "  {}  {}  {}",
                    quotation.month, quotation.source, quotation.text
                );
            }
        }
    }
    out
}

/// Puts `【…】` around what matches.
fn marked(snippet: &str, highlights: &[(u32, u32)]) -> String {
    let mut out = String::new();
    for (index, character) in snippet.chars().enumerate() {
        let index = index as u32;
        if highlights.iter().any(|(from, _)| *from == index) {
            out.push('【');
        }
        out.push(character);
        if highlights.iter().any(|(_, to)| *to == index + 1) {
            out.push('】');
        }
    }
    out
}
