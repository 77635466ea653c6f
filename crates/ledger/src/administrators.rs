//! Who may lower a limit, and who has agreed to which.

use rusqlite::params;

use crate::{AuditEntry, Error, Ledger, Tag, sql};

impl Ledger {
    /// Names an administrator by whose code `tag` is known, and writes `entry` to the audit log. False when there is one of this name.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn appoint(&self, name: &str, tag: Tag, entry: &AuditEntry) -> Result<bool, Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("appoint an administrator"))?;
        let rows = transaction
            .execute(
                "INSERT OR IGNORE INTO administrator (name, tag) VALUES (?1, ?2)",
                params![name, tag],
            )
            .map_err(sql("appoint an administrator"))?;
        crate::audit::append(&transaction, entry)?;
        transaction.commit().map_err(sql("appoint an administrator"))?;
        Ok(rows == 1)
    }

    /// The administrators by name.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn administrators(&self) -> Result<Vec<(String, Tag)>, Error> {
        let query = "SELECT name, tag FROM administrator ORDER BY name";
        self.rows("read administrators", query, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Notes that an administrator agrees to `limits`, and writes `entry` to the audit log.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn agree(
        &self,
        limits: &str,
        administrator: &str,
        entry: &AuditEntry,
    ) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("agree to limits"))?;
        transaction
            .execute(
                "INSERT OR IGNORE INTO agreement (limits, administrator) VALUES (?1, ?2)",
                params![limits, administrator],
            )
            .map_err(sql("agree to limits"))?;
        crate::audit::append(&transaction, entry)?;
        transaction.commit().map_err(sql("agree to limits"))
    }

    /// Who has agreed to exactly these limits, by name.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn agreed_to(&self, limits: &str) -> Result<Vec<String>, Error> {
        let query = "SELECT administrator FROM agreement WHERE limits = ?1 ORDER BY administrator";
        self.rows("read agreements", query, [limits], |row| row.get(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_appointed_twice_and_nobody_agrees_twice() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let entry = AuditEntry {
            at_ms: 1,
            reader: "root".to_owned(),
            action: "appoint".to_owned(),
            detail: "null".to_owned(),
        };
        assert!(ledger.appoint("甲", [1; 16], &entry).unwrap());
        assert!(!ledger.appoint("甲", [2; 16], &entry).unwrap());
        assert_eq!(ledger.administrators().unwrap(), [("甲".to_owned(), [1; 16])]);
        for limits in ["a", "a", "b"] {
            ledger.agree(limits, "甲", &entry).unwrap();
        }
        assert_eq!(ledger.agreed_to("a").unwrap(), ["甲"]);
        assert_eq!(ledger.agreed_to("c").unwrap(), Vec::<String>::new());
        assert_eq!(ledger.audit_report().unwrap().rows, 5);
    }
}
