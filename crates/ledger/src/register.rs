//! What was released: the same cell gives the same answer for good.

use rusqlite::params;

use crate::{Error, Ledger, sql};

/// One released cell. The guard owns the meaning of both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterRow {
    /// Which cell.
    pub key: String,
    /// JSON of what was shown.
    pub entry: String,
}

impl Ledger {
    /// Everything released so far, in order of release.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn register(&self) -> Result<Vec<RegisterRow>, Error> {
        let query = "SELECT key, entry FROM register ORDER BY number";
        self.rows("read the register", query, [], |row| {
            Ok(RegisterRow { key: row.get(0)?, entry: row.get(1)? })
        })
    }

    /// Records a release, all of it or nothing, before anything of it is shown.
    ///
    /// # Errors
    /// [`Error::Sql`], also when a cell was released before: released cells are never recomputed.
    pub fn record_release(&self, rows: &[RegisterRow]) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(sql("record a release"))?;
        for row in rows {
            transaction
                .execute(
                    "INSERT INTO register (key, entry) VALUES (?1, ?2)",
                    params![row.key, row.entry],
                )
                .map_err(sql("record a release"))?;
        }
        transaction.commit().map_err(sql("record a release"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_cell_is_never_released_again() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("l")).unwrap();
        let row = |key: &str| RegisterRow { key: key.into(), entry: "{}".into() };
        ledger.record_release(&[row("a"), row("b")]).unwrap();
        assert!(ledger.record_release(&[row("c"), row("a")]).is_err());
        assert_eq!(
            ledger.register().unwrap(),
            [row("a"), row("b")],
            "a refused release leaves nothing"
        );
    }
}
