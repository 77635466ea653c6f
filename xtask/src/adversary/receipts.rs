//! Receipts under attack: what a code that is not held tells, where codes are left, and whether a withdrawn text is gone.

use std::collections::BTreeSet;

use anyhow::Context as _;

use super::organization::Organization;
use super::report::{Exposed, Findings};
use super::surface::{Installation, Server};
use super::truth::{self, Counted};
use super::watching::{asked, is_left};

/// Codes that are looked for in every file.
const LOOKED_FOR: usize = 12;

/// Holds up a code that somebody has and one that nobody has, withdraws a text over HTTP, and looks for what is left.
pub(super) fn attack(
    installation: &Installation,
    organization: &Organization,
    documents: &[Counted],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let (mut exposed, mut told) = (Exposed::default(), Vec::new());
    let store = installation.store();
    let asked = asked(&store)?;
    let was_asked = |text: &str| asked.windows(text.len()).any(|part| part == text.as_bytes());
    let (withdrawn, code) = documents
        .iter()
        // From the end: the first ones were erased by another attack.
        .rev()
        .filter(|document| document.is_confidential() && !was_asked(&document.display))
        .find_map(|document| Some((document, organization.code_of(&document.display)?)))
        .context("no text came with a receipt")?;
    let nobodys = organization.code(usize::MAX);
    let written_before: BTreeSet<_> = truth::all_files(&store.join("index"))?.into_iter().collect();
    let server = installation.serve()?;
    for path in ["show", "withdraw"] {
        let [held, not_held] = [&code, &nobodys].map(|code| present(&server, path, code));
        if held? != not_held? {
            told.push(path.to_owned());
        }
    }
    // From now on nobody reads it, before anything is erased.
    for page in ["/", "/api/v1/search"] {
        let body = server.get(&super::surface::address(page, &[("q", "食堂")]))?.body;
        if body.contains(&withdrawn.display) {
            told.push(page.to_owned());
        }
    }
    drop(server);
    installation.json(&["verify"])?;
    if is_left(&store, withdrawn, &written_before)? {
        told.push("a file of the store".to_owned());
    }
    for path in truth::all_files(&store)? {
        let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        for index in (0..organization.documents.len()).step_by(3).take(LOOKED_FOR) {
            let code = organization.code(index);
            for form in [code.replace('-', ""), code] {
                if bytes.windows(form.len()).any(|window| window == form.as_bytes()) {
                    told.push(path.display().to_string());
                }
            }
        }
    }
    if !told.is_empty() {
        exposed.add_one(withdrawn.person);
    }
    findings.add_with_figure(
        "A16",
        "receipts: codes held up and looked for, a text withdrawn",
        exposed,
        format!("told by: {told:?}"),
    );
    Ok(())
}

/// The whole answer to a code.
fn present(server: &Server, act: &str, code: &str) -> anyhow::Result<(u16, String, String)> {
    let body = serde_json::json!({ "code": code }).to_string();
    let reply = server.post(&format!("/api/v1/receipt/{act}"), &body)?;
    anyhow::ensure!(reply.status == 200, "a code was refused: {}", reply.body);
    Ok((reply.status, reply.head, reply.body))
}
