//! Replies to texts, who may ask for them, and which texts were withdrawn.
//!
//! Of a receipt the ledger has a tag beside the id of a document: neither leads to a contributor. The tables have no row numbers, so that their order
//! tells nothing of the order in which texts came.

use corpus::DocumentId;
use rusqlite::{Connection, params};

use crate::{AuditEntry, Error, Ledger, sql};

/// By which a code is known again, of a receipt or of an administrator; what it means is up to `privacy`.
pub type Tag = [u8; 16];

impl Ledger {
    /// Keeps receipts, before the table commits their documents. One that is held already stays as it is.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn keep_receipts(&self, receipts: &[(DocumentId, Tag)]) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("keep receipts"))?;
        for (document, tag) in receipts {
            transaction
                .execute(
                    "INSERT OR IGNORE INTO receipt (document, tag) VALUES (?1, ?2)",
                    params![document.to_string(), tag],
                )
                .map_err(sql("keep receipts"))?;
        }
        transaction.commit().map_err(sql("keep receipts"))
    }

    /// All receipts, by document.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn receipts(&self) -> Result<Vec<(DocumentId, Tag)>, Error> {
        let query = "SELECT document, tag FROM receipt ORDER BY document, tag";
        self.rows("read receipts", query, [], |row| Ok((document_of(row.get(0)?), row.get(1)?)))
    }

    /// Keeps the reply to `documents`, in place of an earlier one. Withdrawn texts get none.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn keep_reply(&self, documents: &[DocumentId], text: &str) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("keep a reply"))?;
        for document in documents {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO reply (document, text)
                     SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM withdrawn WHERE document = ?1)",
                    params![document.to_string(), text],
                )
                .map_err(sql("keep a reply"))?;
        }
        transaction.commit().map_err(sql("keep a reply"))
    }

    /// The replies to `documents`, each text once, in the order of texts: which document has which is not told.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn replies(&self, documents: &[DocumentId]) -> Result<Vec<String>, Error> {
        let connection = self.connection();
        let mut statement = connection
            .prepare("SELECT text FROM reply WHERE document = ?1")
            .map_err(sql("read replies"))?;
        let mut texts = Vec::new();
        for document in documents {
            let found = statement
                .query_map([document.to_string()], |row| row.get(0))
                .map_err(sql("read replies"))?;
            for text in found {
                texts.push(text.map_err(sql("read replies"))?);
            }
        }
        texts.sort_unstable();
        texts.dedup();
        Ok(texts)
    }

    /// Marks `documents` as withdrawn, forgets their receipts and replies, and writes `entry` to the audit log: all of it or nothing. The same is
    /// written when there are none, so that neither log nor time tells.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn withdraw(&self, documents: &[DocumentId], entry: &AuditEntry) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("withdraw a text"))?;
        crate::audit::append(&transaction, entry)?;
        for document in documents {
            transaction
                .execute(
                    "INSERT OR IGNORE INTO withdrawn (document, is_erased) VALUES (?1, 0)",
                    [document.to_string()],
                )
                .map_err(sql("withdraw a text"))?;
        }
        forget(&transaction, documents)?;
        transaction.commit().map_err(sql("withdraw a text"))?;
        // Until then the write-ahead log holds the pages as they were, the reply on them.
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(sql("withdraw a text"))
    }

    /// Withdrawn texts, ascending: what comes again of them is not stored.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn withdrawn(&self) -> Result<Vec<DocumentId>, Error> {
        self.withdrawn_where("SELECT document FROM withdrawn ORDER BY document")
    }

    /// Those of them that table and index may still hold.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn withdrawn_not_erased(&self) -> Result<Vec<DocumentId>, Error> {
        self.withdrawn_where("SELECT document FROM withdrawn WHERE is_erased = 0 ORDER BY document")
    }

    /// Says that table and index hold nothing of `documents` any more.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn mark_erased(&self, documents: &[DocumentId]) -> Result<(), Error> {
        let connection = self.connection();
        for document in documents {
            connection
                .execute(
                    "UPDATE withdrawn SET is_erased = 1 WHERE document = ?1",
                    [document.to_string()],
                )
                .map_err(sql("mark erased texts"))?;
        }
        Ok(())
    }

    fn withdrawn_where(&self, query: &str) -> Result<Vec<DocumentId>, Error> {
        self.rows("read withdrawn texts", query, [], |row| Ok(document_of(row.get(0)?)))
    }
}

fn forget(connection: &Connection, documents: &[DocumentId]) -> Result<(), Error> {
    for document in documents {
        for statement in [
            "DELETE FROM receipt WHERE document = ?1",
            "DELETE FROM reply WHERE document = ?1",
            "DELETE FROM late WHERE document = ?1",
        ] {
            connection
                .execute(statement, [document.to_string()])
                .map_err(sql("forget a receipt"))?;
        }
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "SQLite gives strings")]
pub(crate) fn document_of(id: String) -> DocumentId {
    id.parse().expect("only ids of documents are written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AuditEntry {
        AuditEntry {
            at_ms: 0,
            reader: "凭证".into(),
            action: "withdraw".into(),
            detail: "null".into(),
        }
    }

    fn ledger() -> (tempfile::TempDir, Ledger) {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("l")).unwrap();
        (dir, ledger)
    }

    #[test]
    fn a_reply_is_kept_replaced_and_read() {
        let (_dir, ledger) = ledger();
        let (one, other) = (DocumentId(1), DocumentId(2));
        ledger.keep_receipts(&[(one, [1; 16]), (other, [2; 16]), (one, [1; 16])]).unwrap();
        assert_eq!(ledger.receipts().unwrap(), [(one, [1; 16]), (other, [2; 16])]);
        ledger.keep_reply(&[one, other], "已转后勤").unwrap();
        ledger.keep_reply(&[other], "下周修好").unwrap();
        assert_eq!(ledger.replies(&[one, other]).unwrap(), ["下周修好", "已转后勤"]);
        assert_eq!(ledger.replies(&[DocumentId(3)]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_withdrawn_leaves_a_mark_and_nothing_else() {
        let (_dir, ledger) = ledger();
        let one = DocumentId(1);
        ledger.keep_receipts(&[(one, [1; 16])]).unwrap();
        ledger.keep_reply(&[one], "已转后勤").unwrap();
        ledger.withdraw(&[one], &entry()).unwrap();
        assert_eq!((ledger.receipts().unwrap(), ledger.replies(&[one]).unwrap()), (vec![], vec![]));
        ledger.keep_reply(&[one], "来晚了").unwrap();
        assert!(ledger.replies(&[one]).unwrap().is_empty(), "a withdrawn text gets no reply");
        assert_eq!(ledger.withdrawn_not_erased().unwrap(), [one]);
        ledger.mark_erased(&[one]).unwrap();
        assert_eq!(
            (ledger.withdrawn().unwrap(), ledger.withdrawn_not_erased().unwrap()),
            (vec![one], vec![])
        );
    }

    #[test]
    fn the_log_is_the_same_whether_a_text_was_withdrawn_or_none() {
        let heads = [vec![DocumentId(1)], Vec::new()].map(|documents| {
            let (_dir, ledger) = ledger();
            ledger.withdraw(&documents, &entry()).unwrap();
            let report = ledger.audit_report().unwrap();
            assert_eq!((report.rows, report.broken_at), (1, None));
            report.head
        });
        assert_eq!(heads[0], heads[1]);
    }

    #[test]
    fn no_file_of_the_ledger_keeps_a_withdrawn_reply() {
        let (dir, ledger) = ledger();
        let reply = "这一条回复要消失得干干净净";
        ledger.keep_reply(&[DocumentId(1)], reply).unwrap();
        ledger.withdraw(&[DocumentId(1)], &entry()).unwrap();
        drop(ledger);
        for file in std::fs::read_dir(dir.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(reply.len()).any(|window| window == reply.as_bytes()));
        }
    }
}
