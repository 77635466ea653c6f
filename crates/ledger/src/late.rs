//! Texts that came after the close of their period and count in a later one: their day is not the day on which they were written.

use corpus::DocumentId;

use crate::receipts::document_of;
use crate::{Error, Ledger, sql};

impl Ledger {
    /// Remembers texts that bear the day of a later period, before the table commits them.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn keep_late(&self, documents: &[DocumentId]) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("keep late texts"))?;
        for document in documents {
            transaction
                .execute(
                    "INSERT OR IGNORE INTO late (document) VALUES (?1)",
                    [document.to_string()],
                )
                .map_err(sql("keep late texts"))?;
        }
        transaction.commit().map_err(sql("keep late texts"))
    }

    /// All of them, ascending.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn late(&self) -> Result<Vec<DocumentId>, Error> {
        let query = "SELECT document FROM late ORDER BY document";
        self.rows("read late texts", query, [], |row| Ok(document_of(row.get(0)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuditEntry;

    #[test]
    fn a_late_text_is_remembered_until_it_is_withdrawn() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let (one, other) = (DocumentId(1), DocumentId(2));
        ledger.keep_late(&[other, one]).unwrap();
        ledger.keep_late(&[one]).unwrap();
        assert_eq!(ledger.late().unwrap(), [one, other]);
        let entry = AuditEntry {
            at_ms: 0,
            reader: "凭证".to_owned(),
            action: "withdraw".to_owned(),
            detail: "null".to_owned(),
        };
        ledger.withdraw(&[one], &entry).unwrap();
        assert_eq!(ledger.late().unwrap(), [other]);
    }
}
