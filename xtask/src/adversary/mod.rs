//! The adversary: builds an organization, runs the product on what its people wrote, and attacks the product as its readers could.
//!
//! The attacker knows the organization chart, who is in which team, who wrote when and about what, and has two accounts and the program's terminal,
//! pages and API. They want to know who was negative. The catalogue A1 to A20 is that of the privacy notes: each attack reports the share of
//! authors of whom it fixes something alone, and in groups of fewer than five.

mod answers;
mod basket;
mod files;
mod linear;
mod organization;
mod receipts;
mod report;
mod surface;
mod tables;
mod truth;
mod watching;
mod wire;
mod words;

use std::path::Path;

use anyhow::Context as _;
use corpus::Day;

use answers::Answers;
use organization::{Organization, SOURCES};
use report::Findings;
pub use report::{AnsweredKind, AttackResult, Report};
use surface::Installation;

/// Sets of fewer people are small.
const K: usize = 5;

/// How much of it to run.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What the organization is invented from.
    pub seed: u64,
    /// A small organization and no timing: for a test.
    pub is_small: bool,
    /// Whether the organization and its departments of fifty people or more are told of by week.
    pub is_weekly: bool,
    /// The day it is.
    pub today: Day,
}

/// Runs every attack against `program`.
///
/// # Errors
/// When the program fails, or counts otherwise than the judge: then no verdict would mean anything.
pub fn run(program: &Path, settings: &Settings) -> anyhow::Result<Report> {
    let organization = Organization::new(settings);
    let installation = install(program, &organization)?;
    installation.json(&["digest"])?;
    // The store is held by the pages while they run.
    installation.json(&["export", "--out", files::EXPORTED])?;
    let discovered = installation.json(&["topics", "discover"])?;
    let documents = truth::read(&installation.store(), &organization)?;
    let mut findings = Findings::default();
    words::discovered(&discovered, &documents, &mut findings)?;
    let basket = {
        let server = installation.serve()?;
        let answers = Answers::ask(&server, &organization, &documents)?;
        for (attack, what, exposed) in tables::single(&answers) {
            findings.add(attack, what, exposed);
        }
        for (attack, what, exposed) in tables::combined(&answers, settings.seed) {
            findings.add(attack, what, exposed);
        }
        for (attack, what, exposed) in linear::solved(&answers) {
            findings.add(attack, what, exposed);
        }
        watching::dates(&server, &organization, &mut findings)?;
        let digest = server.json("/api/v1/digest.json")?.context("there is no digest")?;
        files::attack(&installation, &server, &answers, &digest, &mut findings)?;
        words::attack(&server, &organization, &documents, &mut findings)?;
        words::wordings(&server, &organization, &mut findings)?;
        let questions = if settings.is_small { 0 } else { 800 };
        wire::attack(&server, &organization, &documents, questions, &mut findings)?;
        drop(server);
        watching::accounts(&installation, &answers, &organization, &mut findings)?;
        basket::ask(&organization, &answers)
    };
    watching::live_report(&installation, &organization, &documents, settings.today, &mut findings)?;
    watching::erasure(&installation, &organization, &documents, &mut findings)?;
    receipts::attack(&installation, &organization, &documents, &mut findings)?;
    let trials: &[(usize, usize)] =
        if settings.is_small { &[(1, 22)] } else { &[(1, 15), (1, 40), (4, 22), (4, 40)] };
    watching::alarms(program, &organization, settings.seed, trials, &mut findings)?;
    Ok(findings.report(
        settings.seed,
        &organization.authors(),
        organization.documents.len(),
        basket,
    ))
}

/// A store of everything that was written, with its settings.
fn install(program: &Path, organization: &Organization) -> anyhow::Result<Installation> {
    let installation = Installation::new(program, &organization.settings())?;
    for source in 0..SOURCES.len() {
        installation.write(&format!("source{source}.jsonl"), &organization.file(source))?;
    }
    installation.json(&["ingest"])?;
    Ok(installation)
}
