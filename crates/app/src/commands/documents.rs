//! `huisheng erase`: documents out, for good.

use super::print;
use crate::Outcome;
use crate::cli::Erase;
use crate::config::Config;
use crate::engine::Engine;
use crate::receipts;

/// Deletes documents from table, index and every file of both, and does not store them again when they come again. Released figures stay as they
/// are: they name nobody.
pub(crate) fn erase(config: Config, options: &Erase, json: bool) -> anyhow::Result<Outcome> {
    let mut engine = Engine::open(config)?;
    let entry = engine.audit_entry(&engine.reader, "erase", &options.ids)?;
    // Marked first: should the machine stop here, the next command that opens the store erases them.
    engine.ledger.withdraw(&options.ids, &entry)?;
    let found = receipts::erase_withdrawn(&mut engine)?;
    let asked = options.ids.len();
    print(&serde_json::json!({ "asked": asked, "erased": found }), json, |_| {
        format!("{found} of {asked} documents were there and are gone")
    })?;
    Ok(Outcome::Done)
}
