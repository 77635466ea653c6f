//! A1 on files: what leaves as a file is read beside other files and logged by nobody, so it must tell less than the pages.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use super::answers::{Answer, Answers, Cell};
use super::report::{Exposed, Findings};
use super::surface::{Installation, Server};

/// What the program exported before.
pub(super) const EXPORTED: &str = "cells.csv";
/// People behind each row of a file, by the shipped settings.
const PEOPLE_MIN: usize = 20;

/// Reads the exported cells and those of the digest's file: each must be an answer of the pages, and stand for enough people.
pub(super) fn attack(
    installation: &Installation,
    server: &Server,
    answers: &Answers,
    digest: &Value,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let over_http = server.get("/api/v1/export.csv")?.body;
    let on_disk = std::fs::read_to_string(installation.path(EXPORTED));
    let mut rows = csv_rows(&on_disk.context("read the exported file")?)?;
    anyhow::ensure!(rows == csv_rows(&over_http)?, "the two exports are one");
    let exported = rows.len();
    rows.extend(digest_rows(digest));
    let mut exposed = Exposed::default();
    for (cell, period, voices) in &rows {
        let is_it = |answer: &&Answer| answer.cell == *cell && answer.period == *period;
        let answered = answers.answered.iter().find(is_it);
        let answer = answered.or_else(|| answers.refused.iter().find(is_it));
        let answer = answer.with_context(|| format!("nobody wrote of {cell:?} in {period}"))?;
        let people: BTreeSet<usize> =
            answer.members.iter().map(|member| answers.voices[member.voice].person).collect();
        let is_as_answered = answered.is_some_and(|answer| answer.voices == *voices);
        if people.len() < PEOPLE_MIN || !is_as_answered {
            exposed.add_set(people);
        }
    }
    let figure = format!("{exported} rows exported of {} answered", answers.answered.len());
    findings.add_with_figure("A1", "rows of files that fewer than 20 people fill", exposed, figure);
    Ok(())
}

type Row = (Cell, String, i64);

/// Unit, source, topic, period, state, voices, and more.
fn csv_rows(csv: &str) -> anyhow::Result<Vec<Row>> {
    let name = |field: &str| Some(field.to_owned()).filter(|name| !name.is_empty());
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let [unit, source, topic, period, _, voices, ..] = fields.as_slice() else {
            anyhow::bail!("an exported line has {} columns", fields.len())
        };
        let cell = Cell { unit: name(unit), source: name(source), topic: name(topic) };
        Ok((cell, (*period).to_owned(), voices.parse().context("read exported voices")?))
    };
    csv.lines().skip(1).map(row).collect()
}

/// The cells of `digest.json` that have figures.
fn digest_rows(digest: &Value) -> impl Iterator<Item = Row> + '_ {
    digest["table"]["cells"].as_array().into_iter().flatten().filter_map(|cell| {
        let name = |key: &str| cell["key"][key].as_str().map(str::to_owned);
        let key = Cell { unit: name("unit"), source: name("source"), topic: name("topic") };
        Some((key, cell["period"].as_str()?.to_owned(), cell["figures"]["voices"].as_i64()?))
    })
}
