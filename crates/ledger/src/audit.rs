//! Who read what: an append-only log in which each row's hash covers the row before.
//!
//! Tampering with a row, or leaving one out, breaks every hash after it. Cutting off the end is found by comparing the last hash with a copy
//! kept elsewhere, which is why [`Ledger::audit_report`] prints it.

use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;

use crate::{Error, Ledger, sql};

/// One read, export or administrative act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Account or operating system user.
    pub reader: String,
    /// `search`, `digest`, `export`, `erase`, …
    pub action: String,
    /// JSON of the request. Never words of a document, never a result.
    pub detail: String,
}

/// Result of checking the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Rows in the log.
    pub rows: u64,
    /// Number of the first row whose hash does not fit, if any.
    pub broken_at: Option<i64>,
    /// Hash of the last row, to compare with a copy kept elsewhere.
    pub head: String,
}

impl Ledger {
    /// Appends an entry.
    ///
    /// # Errors
    /// [`Error::Sql`]. A read that cannot be logged must not be answered.
    pub fn audit(&self, entry: &AuditEntry) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("write the audit log"))?;
        append(&transaction, entry)?;
        transaction.commit().map_err(sql("write the audit log"))
    }

    /// Recomputes the whole chain.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn audit_report(&self) -> Result<AuditReport, Error> {
        let connection = self.connection();
        let mut statement = connection
            .prepare(
                "SELECT number, at_ms, reader, action, detail, hash FROM audit ORDER BY number",
            )
            .map_err(sql("read the audit log"))?;
        let mut rows = statement.query([]).map_err(sql("read the audit log"))?;
        let mut report = AuditReport { rows: 0, broken_at: None, head: String::new() };
        let mut number_expected = 1;
        while let Some(row) = rows.next().map_err(sql("read the audit log"))? {
            let read = || -> rusqlite::Result<(i64, AuditEntry, String)> {
                let entry = AuditEntry {
                    at_ms: row.get(1)?,
                    reader: row.get(2)?,
                    action: row.get(3)?,
                    detail: row.get(4)?,
                };
                Ok((row.get(0)?, entry, row.get(5)?))
            };
            let (number, entry, hash) = read().map_err(sql("read the audit log"))?;
            let intact = number == number_expected && hash == chained(&report.head, &entry);
            if !intact && report.broken_at.is_none() {
                report.broken_at = Some(number);
            }
            number_expected = number + 1;
            report.rows += 1;
            report.head = hash;
        }
        Ok(report)
    }
}

/// Appends an entry as a part of `transaction`.
pub(crate) fn append(transaction: &Transaction<'_>, entry: &AuditEntry) -> Result<(), Error> {
    let previous: Option<String> = transaction
        .query_row("SELECT hash FROM audit ORDER BY number DESC LIMIT 1", [], |row| row.get(0))
        .optional()
        .map_err(sql("write the audit log"))?;
    let hash = chained(previous.as_deref().unwrap_or(""), entry);
    transaction
        .execute(
            "INSERT INTO audit (at_ms, reader, action, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![entry.at_ms, entry.reader, entry.action, entry.detail, hash],
        )
        .map_err(sql("write the audit log"))?;
    Ok(())
}

fn chained(previous: &str, entry: &AuditEntry) -> String {
    let mut hasher = blake3::Hasher::new();
    // Lengths before contents, so that no two different rows feed the hash the same bytes.
    for part in [previous, &entry.at_ms.to_string(), &entry.reader, &entry.action, &entry.detail] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger_with_three(dir: &std::path::Path) -> Ledger {
        let ledger = Ledger::open(&dir.join("l")).unwrap();
        for at_ms in 1..=3 {
            let entry = AuditEntry {
                at_ms,
                reader: "li".into(),
                action: "search".into(),
                detail: "{\"text\":\"食堂\"}".into(),
            };
            ledger.audit(&entry).unwrap();
        }
        ledger
    }

    #[test]
    fn an_untouched_log_is_intact() {
        let dir = tempfile::tempdir().unwrap();
        let report = ledger_with_three(dir.path()).audit_report().unwrap();
        assert_eq!((report.rows, report.broken_at), (3, None));
    }

    #[test]
    fn a_changed_or_missing_row_is_found() {
        for (tampering, broken_at) in [
            ("UPDATE audit SET reader = 'wang' WHERE number = 2", 2),
            ("DELETE FROM audit WHERE number = 2", 3),
            ("DELETE FROM audit WHERE number = 1", 2),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let ledger = ledger_with_three(dir.path());
            ledger.connection().execute(tampering, []).unwrap();
            assert_eq!(ledger.audit_report().unwrap().broken_at, Some(broken_at), "{tampering}");
        }
    }
}
