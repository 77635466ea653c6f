//! What a receipt code opens: the reply to a text, and its withdrawal.
//!
//! Only [`privacy::Receipt`] knows how a code belongs to a document; here it is looked up, and what was withdrawn is hidden at once and erased when
//! the store is next opened by one who may write. No code enters a log, an audit entry or an error, and no entry says whether a code was known.

use anyhow::Context as _;
use corpus::{BearerCode, DocumentId, SearchQuery, Visibility};
use ledger::AuditEntry;
use privacy::{CodeTag, ConfidentialAnswer, Receipt};

use crate::engine::{Engine, TABLE};
use crate::{quotable, released};

/// The one answer to a code without a reply, be it that nobody replied yet or that there is no such code.
pub(crate) const NO_REPLY: &str = "没有回复，或没有这个凭证码";
/// The one answer to a withdrawal.
pub(crate) const WITHDRAWN: &str = "凡凭此码留下的文字，都已撤回";
const MS_A_DAY: i64 = 86_400_000;
/// Who withdraws, for the audit log: nobody's account.
const HOLDER: &str = "凭证";

/// The replies to the texts of `code`. Not audited: when somebody comes for a reply is nobody's business.
pub(crate) fn replies(engine: &Engine, code: &BearerCode) -> anyhow::Result<Vec<String>> {
    Ok(engine.ledger.replies(&documents_of(engine, code)?)?)
}

/// Withdraws the texts of `code`. From now on no answer holds them.
pub(crate) fn withdraw(engine: &Engine, code: &BearerCode) -> anyhow::Result<()> {
    let documents = documents_of(engine, code)?;
    let entry = AuditEntry {
        // The day is enough: a finer time could be held against who came in when.
        at_ms: i64::from(engine.today().0) * MS_A_DAY,
        reader: HOLDER.to_owned(),
        action: "withdraw".to_owned(),
        detail: "null".to_owned(),
    };
    Ok(engine.ledger.withdraw(&documents, &entry)?)
}

/// Erases what was withdrawn from table, index and every file of both, and gives how many documents were there. Done twice it changes nothing, so that a crash in between is made good.
pub(crate) fn erase_withdrawn(engine: &mut Engine) -> anyhow::Result<u64> {
    let documents = engine.ledger.withdrawn_not_erased()?;
    if documents.is_empty() {
        return Ok(0);
    }
    let at_ms = engine.now_ms();
    let found = engine.runtime.block_on(engine.store.erase(&documents, at_ms))?;
    engine.ledger.mark_erased(&documents)?;
    Ok(found)
}

/// Whether `document` is of an open source, where everybody may read it. Nothing tells an id of a confidential source from none.
pub(crate) fn is_open(engine: &Engine, document: DocumentId) -> anyhow::Result<bool> {
    let session = engine.session()?;
    let open = Visibility::Open.as_str();
    let sql = format!("SELECT id FROM {TABLE} WHERE id = '{document}' AND visibility = '{open}'");
    let found = engine.runtime.block_on(async { session.sql(&sql).await?.count().await });
    Ok(found.context("look for a document")? > 0)
}

/// The confidential documents that `query` quotes as `passage`, through the guard like any search; none where the guard quotes no such passage.
pub(crate) fn quoted(
    engine: &Engine,
    query: &str,
    passage: &str,
) -> anyhow::Result<Vec<DocumentId>> {
    let query = SearchQuery {
        text: query.to_owned(),
        visibility: Some(Visibility::Confidential),
        limit: released::QUOTATION_CANDIDATES,
        ..SearchQuery::default()
    };
    let (table, common) = (released::released_table(engine)?, released::common_words(engine)?);
    let answer = released::search(engine, &query, &table, &common)?;
    let ConfidentialAnswer::Quotations { quotations } = &answer.get().confidential else {
        return Ok(Vec::new());
    };
    let is_quoted = |text: &str| quotations.iter().any(|quotation| quotation.text == text);
    if !is_quoted(passage) {
        return Ok(Vec::new());
    }
    let candidates = quotable::named_candidates(engine, &query, table.get(), &common)?;
    let is_it =
        |(_, candidate): &(DocumentId, privacy::QuotationCandidate)| candidate.text == passage;
    Ok(candidates.into_iter().filter(is_it).map(|(document, _)| document).collect())
}

fn documents_of(engine: &Engine, code: &BearerCode) -> anyhow::Result<Vec<DocumentId>> {
    let receipts: Vec<Receipt> = engine
        .ledger
        .receipts()?
        .into_iter()
        .map(|(document, tag)| Receipt { document, tag: CodeTag(tag) })
        .collect();
    Ok(Receipt::held_by(&engine.keys.document_key()?, code, &receipts))
}
