//! Which disclosure limits are in force: those of the settings, but none below its default unless two administrators have agreed to exactly these.

use anyhow::Context as _;
use ledger::Ledger;
use privacy::Limits;

use crate::config::Config;

/// Administrators who must agree before a limit is lowered.
pub(crate) const AGREED_MIN: usize = 2;

/// What is in force when the settings ask for `wanted`.
pub(crate) fn in_force(ledger: &Ledger, wanted: Limits) -> anyhow::Result<Limits> {
    if wanted.lowered().is_empty() || agreed_to(ledger, wanted)?.len() >= AGREED_MIN {
        return Ok(wanted);
    }
    Ok(wanted.not_lowered())
}

/// The same for the store that `config` names, which need not be there yet.
pub(crate) fn of_store(config: &Config) -> anyhow::Result<Limits> {
    let path = config.dir.join(LEDGER);
    if !path.is_file() {
        return Ok(config.limits.not_lowered());
    }
    in_force(&Ledger::open(&path)?, config.limits)
}

/// Where a store keeps its ledger.
pub(crate) const LEDGER: &str = "ledger.sqlite";

/// Administrators who have agreed to exactly these limits.
pub(crate) fn agreed_to(ledger: &Ledger, limits: Limits) -> anyhow::Result<Vec<String>> {
    Ok(ledger.agreed_to(&as_text(limits)?)?)
}

/// The limits as the ledger names them: another value of any of them is another agreement.
pub(crate) fn as_text(limits: Limits) -> anyhow::Result<String> {
    serde_json::to_string(&limits.values()).context("write limits")
}
