//! What must outlive a run beside the documents: how far each source was read, what was released, who read what,
//! what a code is good for (replies, withdrawals, agreements to a lower limit), which texts bear a later day than their own.
//!
//! One SQLite file. It holds no document text, no pseudonym and no key: those lie in the table and in key files, so that a copy of the ledger
//! opens nothing; of a code it has a tag that is of no use without code and key. Checkpoints are written *before* the table's commit and looked up *by* the
//! sequence that the table holds, so a crash between the two leaves an unused row and nothing else. Register and audit log are append-only.

mod administrators;
mod audit;
mod checkpoint;
mod late;
mod receipts;
mod register;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Params, Row};

pub use audit::{AuditEntry, AuditReport};
pub use checkpoint::{Checkpoint, SourceCounts};
pub use receipts::Tag;
pub use register::RegisterRow;

const SCHEMA_VERSION: i64 = 4;

/// What brings each version of the schema to the next, from none on.
const SCHEMA_STEPS: [&str; SCHEMA_VERSION as usize] = [
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
];

/// The ledger of one store. Shared by all who read: SQLite takes their statements one after another.
pub struct Ledger {
    connection: Mutex<Connection>,
}

/// What can go wrong with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened.
    #[error("open ledger {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// Another program version wrote it.
    #[error(
        "ledger {path} has schema {found}, this program knows {SCHEMA_VERSION}: use the program version that wrote it, or a newer one"
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// A statement failed.
    #[error("{action} in the ledger")]
    Sql {
        /// What was being done.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: rusqlite::Error,
    },
    /// A stored value cannot be read.
    #[error("read {what} from the ledger")]
    Value {
        /// Which value.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Ledger {
    /// Opens the ledger at `path`, making it on first use.
    ///
    /// # Errors
    /// [`Error::Open`] when the file cannot be opened or is no SQLite file, [`Error::Schema`] when another version wrote it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let opened = |source| Error::Open { path: path.to_owned(), source };
        let connection = Connection::open(path).map_err(opened)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(opened)?;
        // Checkpoints and register entries must be on disk before the table's commit and before anything is shown.
        connection.pragma_update(None, "synchronous", "FULL").map_err(opened)?;
        let found: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(opened)?;
        // What is deleted is overwritten: a withdrawn text takes its reply along.
        connection.pragma_update(None, "secure_delete", "ON").map_err(opened)?;
        if !(0..=SCHEMA_VERSION).contains(&found) {
            return Err(Error::Schema { path: path.to_owned(), found });
        }
        for (version, step) in (1..).zip(SCHEMA_STEPS) {
            if found < version {
                let step = format!("BEGIN;\n{step}\nPRAGMA user_version = {version};\nCOMMIT;");
                connection.execute_batch(&step).map_err(opened)?;
            }
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// A statement that panicked left no transaction open: SQLite rolled it back when it was dropped.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `read` makes of every row of a query.
    fn rows<T>(
        &self,
        action: &'static str,
        query: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare(query).map_err(sql(action))?;
        let rows = statement.query_map(parameters, read).map_err(sql(action))?;
        rows.collect::<Result<_, _>>().map_err(sql(action))
    }
}

fn sql(action: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    move |source| Error::Sql { action, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_of_another_version_is_refused_with_advice() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.sqlite");
        drop(Ledger::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let message = Ledger::open(&path).err().unwrap().to_string();
        assert!(message.contains("schema 99") && message.contains("newer"), "{message}");
    }

    #[test]
    fn a_ledger_of_the_first_version_is_brought_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.sqlite");
        let first = Connection::open(&path).unwrap();
        first.execute_batch(SCHEMA_STEPS[0]).unwrap();
        first.pragma_update(None, "user_version", 1).unwrap();
        drop(first);
        for _ in 0..2 {
            assert_eq!(Ledger::open(&path).unwrap().withdrawn().unwrap(), []);
        }
    }

    #[test]
    fn a_file_that_is_no_ledger_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.sqlite");
        std::fs::write(
            &path,
            "this is a text file, long enough to be looked at as a database header",
        )
        .unwrap();
        assert!(matches!(Ledger::open(&path), Err(Error::Open { .. })));
    }
}
