//! `huisheng limits`: it takes two administrators to lower a disclosure limit, and the digest says so.

use corpus::BearerCode;
use privacy::{CodeTag, administrator_tag, draw_code, is_administrator};

use super::print;
use super::receipt::read_code;
use crate::Outcome;
use crate::cli::Limits;
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::limits::{AGREED_MIN, agreed_to, as_text};

/// Does what was typed. Codes are read from standard input, which no list of processes shows.
pub(crate) fn run(config: Config, action: &Limits, json: bool) -> anyhow::Result<Outcome> {
    let wanted = config.limits;
    let engine = Engine::open(config)?;
    match action {
        Limits::Show => {}
        Limits::Appoint { name } => return appoint(&engine, name, json),
        Limits::Agree { name } => agree(&engine, wanted, name)?,
    }
    // An agreement may have changed what is in force since the store was opened.
    let in_force = crate::limits::in_force(&engine.ledger, wanted)?;
    let agreed = agreed_to(&engine.ledger, wanted)?;
    let administrators: Vec<String> =
        engine.ledger.administrators()?.into_iter().map(|(name, _)| name).collect();
    let report = serde_json::json!({
        "in_force": in_force.values(), "asked_for": wanted.values(), "lowered": wanted.lowered(),
        "agreed": agreed, "administrators": administrators,
    });
    print(&report, json, |_| {
        let lowered: Vec<String> = wanted
            .lowered()
            .iter()
            .map(|limit| format!("{} = {} (default {})", limit.name, limit.value, limit.default))
            .collect();
        let state = if in_force == wanted { "in force" } else { "not in force" };
        match lowered.as_slice() {
            [] => "no limit is below its default".to_owned(),
            lowered => format!(
                "{}: {state}; agreed: {} of {AGREED_MIN} administrators",
                lowered.join(", "),
                agreed.len()
            ),
        }
    })?;
    Ok(Outcome::Done)
}

/// Names an administrator. The first two are named by whoever sets the store up; a later one by two who are it already.
fn appoint(engine: &Engine, name: &str, json: bool) -> anyhow::Result<Outcome> {
    let known = engine.ledger.administrators()?;
    if known.len() >= AGREED_MIN {
        let mut vouching = Vec::new();
        for _ in 0..AGREED_MIN {
            let holder = holder_of(engine, &known, &read_code(None)?)?;
            vouching.extend(holder.filter(|holder| !vouching.contains(holder)));
        }
        if vouching.len() < AGREED_MIN {
            return Err(hinted(
                anyhow::anyhow!("a further administrator is appointed by two who are it already"),
                "give the codes of two of them on standard input, a line each",
            ));
        }
    }
    let code = draw_code()?;
    let shown = code.expose();
    let tag = administrator_tag(&engine.keys.document_key()?, name, code);
    let entry = engine.audit_entry(&engine.reader, "appoint", &name)?;
    if !engine.ledger.appoint(name, tag.0, &entry)? {
        anyhow::bail!("there is an administrator {name:?} already");
    }
    print(&serde_json::json!({ "name": name, "code": shown }), json, |_| {
        format!("the code of {name}, shown this once: {shown}")
    })?;
    Ok(Outcome::Done)
}

fn agree(engine: &Engine, wanted: privacy::Limits, name: &str) -> anyhow::Result<()> {
    if wanted.lowered().is_empty() {
        anyhow::bail!("the settings lower no limit, so there is nothing to agree to");
    }
    let known = engine.ledger.administrators()?;
    let code = read_code(None)?;
    if holder_of(engine, &known, &code)?.as_deref() != Some(name) {
        anyhow::bail!("this is not the code of an administrator {name:?}");
    }
    let limits = as_text(wanted)?;
    let entry = engine.audit_entry(&engine.reader, "agree", &(name, wanted.values()))?;
    Ok(engine.ledger.agree(&limits, name, &entry)?)
}

/// The administrator whose code this is.
fn holder_of(
    engine: &Engine,
    known: &[(String, ledger::Tag)],
    code: &BearerCode,
) -> anyhow::Result<Option<String>> {
    let key = engine.keys.document_key()?;
    let holder = known.iter().find(|(name, tag)| is_administrator(&key, name, code, CodeTag(*tag)));
    Ok(holder.map(|(name, _)| name.clone()))
}
