//! How far each source was read.

use corpus::SourceId;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::{Error, Ledger, sql};

/// What became of the documents of one source so far. `read = stored + known + revised + withdrawn + quarantined`, and `folded` of the stored ones
/// belong to a duplicate group of another document. `late ⊆ stored`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCounts {
    /// Rows, lines or entries read.
    pub read: u64,
    /// New rows of the table.
    pub stored: u64,
    /// Of the stored: in the duplicate group of another document.
    pub folded: u64,
    /// In the table already, unchanged.
    pub known: u64,
    /// In the table with other words; the row was replaced.
    pub revised: u64,
    /// Withdrawn by their contributor before they were stored again.
    pub withdrawn: u64,
    /// Refused, kept in the quarantine.
    pub quarantined: u64,
    /// Of the stored: came after the close of their period.
    #[serde(default)]
    pub late: u64,
}

impl SourceCounts {
    /// Whether every document read is accounted for.
    pub fn adds_up(&self) -> bool {
        self.read == self.stored + self.known + self.revised + self.withdrawn + self.quarantined
            && self.folded <= self.stored
            && self.late <= self.stored
    }

    /// Sums two counts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            read: self.read + other.read,
            stored: self.stored + other.stored,
            folded: self.folded + other.folded,
            known: self.known + other.known,
            revised: self.revised + other.revised,
            withdrawn: self.withdrawn + other.withdrawn,
            quarantined: self.quarantined + other.quarantined,
            late: self.late + other.late,
        }
    }
}

/// The durable read position of a source after one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Counts up by one with each commit of the source.
    pub sequence: i64,
    /// JSON of the reader's position.
    pub cursor: String,
    /// Totals after this commit.
    pub counts: SourceCounts,
    /// JSON of the fingerprints in force.
    pub fingerprints: String,
}

impl Ledger {
    /// Writes a checkpoint, before the table commits the same sequence. A row of the same sequence that never was committed is replaced.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn save_checkpoint(&self, source: &SourceId, checkpoint: &Checkpoint) -> Result<(), Error> {
        let counts = serde_json::to_string(&checkpoint.counts)
            .map_err(|source| Error::Value { what: "counts", source })?;
        self.connection()
            .execute(
                "INSERT OR REPLACE INTO checkpoint (source, sequence, cursor, counts, prints) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![source.as_str(), checkpoint.sequence, checkpoint.cursor, counts, checkpoint.fingerprints],
            )
            .map_err(sql("save a checkpoint"))?;
        Ok(())
    }

    /// The checkpoint of the sequence that the table holds for `source`.
    ///
    /// # Errors
    /// [`Error::Sql`], or [`Error::Value`] when its counts cannot be read.
    pub fn checkpoint(
        &self,
        source: &SourceId,
        sequence: i64,
    ) -> Result<Option<Checkpoint>, Error> {
        let row = self
            .connection()
            .query_row(
                "SELECT cursor, counts, prints FROM checkpoint WHERE source = ?1 AND sequence = ?2",
                params![source.as_str(), sequence],
                |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, String>(2)?,
                    ))
                },
            )
            .optional()
            .map_err(sql("read a checkpoint"))?;
        row.map(|(cursor, counts, fingerprints)| {
            let counts = serde_json::from_str(&counts)
                .map_err(|source| Error::Value { what: "counts", source })?;
            Ok(Checkpoint { sequence, cursor, counts, fingerprints })
        })
        .transpose()
    }

    /// Every source that ever had a checkpoint, by name.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub fn sources(&self) -> Result<Vec<SourceId>, Error> {
        let query = "SELECT DISTINCT source FROM checkpoint ORDER BY source";
        let names: Vec<String> = self.rows("list sources", query, [], |row| row.get(0))?;
        Ok(names
            .iter()
            .map(|name| SourceId::new(name).expect("only checked names are written"))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkpoint_of_a_crashed_commit_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l");
        let source = SourceId::new("论坛").unwrap();
        let ledger = Ledger::open(&path).unwrap();
        let first = Checkpoint {
            sequence: 1,
            cursor: "{\"line\":10}".into(),
            counts: SourceCounts::default(),
            fingerprints: "{}".into(),
        };
        ledger.save_checkpoint(&source, &first).unwrap();
        let again = Checkpoint { cursor: "{\"line\":12}".into(), ..first };
        ledger.save_checkpoint(&source, &again).unwrap();
        drop(ledger);
        let ledger = Ledger::open(&path).unwrap();
        assert_eq!(ledger.checkpoint(&source, 1).unwrap(), Some(again));
        assert_eq!(ledger.checkpoint(&source, 2).unwrap(), None);
        assert_eq!(ledger.sources().unwrap(), [source]);
    }

    #[test]
    fn counts_that_lose_a_document_do_not_add_up() {
        let counts = SourceCounts {
            read: 10,
            stored: 6,
            folded: 2,
            known: 1,
            revised: 1,
            withdrawn: 0,
            quarantined: 2,
            late: 1,
        };
        assert!(counts.adds_up());
        assert!(!SourceCounts { read: 11, ..counts }.adds_up());
        assert!(!SourceCounts { folded: 7, ..counts }.adds_up());
        assert!(counts.plus(counts).adds_up());
    }
}
