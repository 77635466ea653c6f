//! `huisheng erase`: documents out, for good.

use super::print;
use crate::Outcome;
use crate::cli::Erase;
use crate::config::Config;
use crate::engine::Engine;

/// Deletes documents from table, index and every file of both. Released figures stay as they are: they name nobody.
pub(crate) fn erase(config: Config, options: &Erase, json: bool) -> anyhow::Result<Outcome> {
    let mut engine = Engine::open(config)?;
    engine.audit("erase", &options.ids)?;
    let at_ms = engine.now_ms();
    let found = engine.runtime.block_on(engine.store.erase(&options.ids, at_ms))?;
    engine.ledger.forget_receipts(&options.ids)?;
    let asked = options.ids.len();
    print(&serde_json::json!({ "asked": asked, "erased": found }), json, |_| {
        format!("{found} of {asked} documents were there and are gone")
    })?;
    Ok(Outcome::Done)
}
