//! Cuts and judges stored documents anew when a word list or the model has changed: only those that come out otherwise are written.

use std::path::Path;

use corpus::{EnrichedBatch, column};
use rayon::prelude::*;

use crate::index::Index;
use crate::parquet_file::{self, Syncer};
use crate::table::{ActiveFile, NewFile, Version, file_name};
use crate::write::write_file;
use crate::{Error, Recovery, Store};

/// What a recut is about to commit.
#[derive(Default)]
struct Rewritten {
    added: Vec<NewFile>,
    removed: Vec<ActiveFile>,
    documents: u64,
}

impl Store {
    /// [`Self::open`] whatever segmenter the index was cut by, for [`Self::recut`].
    ///
    /// # Errors
    /// As [`Self::open`], except [`Error::Segmentation`].
    pub async fn open_to_recut(root: &Path, segmentation: &str) -> Result<(Self, Recovery), Error> {
        let held = Index::segmentation_of(&root.join("index"));
        Self::open(root, held.as_deref().unwrap_or(segmentation)).await
    }

    /// Gives every batch of the table to `recut`, writes the files again in which a document came out with other tokens, by another model or judged
    /// otherwise, as one version, and indexes those documents anew. From then on the index is one of `segmentation`.
    ///
    /// Can be repeated: what was cut anew before a crash is left as it is. Gives how many documents changed. Must not be called with
    /// uncommitted rows.
    ///
    /// # Errors
    /// What the file system, Delta or tantivy report; nothing is committed then.
    ///
    /// # Panics
    /// When `recut` gives other documents than it was given: text comes into a store by [`Self::push`] only, after redaction.
    pub async fn recut(
        &mut self,
        segmentation: &str,
        fingerprints: &str,
        at_ms: i64,
        recut: impl Fn(&EnrichedBatch) -> EnrichedBatch + Sync,
    ) -> Result<u64, Error> {
        match self.commit_recut(fingerprints, at_ms, &recut).await {
            Ok(documents) => {
                self.index.cut_by(segmentation);
                self.index.commit(self.table.version())?;
                Ok(documents)
            }
            Err(error) => {
                self.index.rollback()?;
                Err(error)
            }
        }
    }

    async fn commit_recut(
        &mut self,
        fingerprints: &str,
        at_ms: i64,
        recut: &(impl Fn(&EnrichedBatch) -> EnrichedBatch + Sync),
    ) -> Result<u64, Error> {
        let Rewritten { added, removed, documents } = Syncer::run(|syncer| {
            let mut rewritten = Rewritten::default();
            for file in self.table.active_files()? {
                self.recut_file(file, recut, syncer, &mut rewritten)?;
            }
            Ok(rewritten)
        })?;
        if !removed.is_empty() {
            let fingerprints = serde_json::Value::String(fingerprints.to_owned());
            let metadata = vec![("huisheng".to_owned(), fingerprints)];
            self.table.commit(Version { sequence: None, added, removed, metadata, at_ms }).await?;
        }
        Ok(documents)
    }

    fn recut_file(
        &mut self,
        file: ActiveFile,
        recut: &(impl Fn(&EnrichedBatch) -> EnrichedBatch + Sync),
        syncer: &Syncer,
        rewritten: &mut Rewritten,
    ) -> Result<(), Error> {
        let batches = parquet_file::read(&file.path, file.month)?.collect::<Result<Vec<_>, _>>()?;
        let anew: Vec<EnrichedBatch> = batches.par_iter().map(recut).collect();
        let mut changed_here = 0;
        for (before, after) in batches.iter().zip(&anew) {
            assert!(
                before.documents().record_batch() == after.documents().record_batch(),
                "a recut gives the documents that it was given"
            );
            let (model_before, model_after) =
                (before.strings(column::MODEL), after.strings(column::MODEL));
            let [judged_before, judged_after] = [before, after].map(|rows| {
                [column::POLARITY, column::POLARITY_SCORE]
                    .map(|name| rows.record_batch()[name].slice(0, rows.len()))
            });
            let is_judged_alike = |row: usize| {
                judged_before
                    .iter()
                    .zip(&judged_after)
                    .all(|(a, b)| a.slice(row, 1) == b.slice(row, 1))
            };
            let changed: Vec<bool> = (0..before.len())
                .map(|row| {
                    before.encoded_tokens().value(row) != after.encoded_tokens().value(row)
                        || model_before.value(row) != model_after.value(row)
                        || !is_judged_alike(row)
                })
                .collect();
            let changed = after.filter(&changed);
            for row in 0..changed.len() {
                self.index.remove(changed.id(row));
            }
            self.index.add(&changed)?;
            changed_here += changed.len() as u64;
        }
        if changed_here > 0 {
            let name = file_name(file.month, &file.name, self.table.version() + 1);
            let rows = anew
                .iter()
                .map(|batch| parquet_file::without_partition(batch.record_batch()))
                .collect::<Result<Vec<_>, _>>()?;
            rewritten.added.push(write_file(&self.table, syncer, name, file.month, &rows)?);
            rewritten.removed.push(file);
            rewritten.documents += changed_here;
        }
        Ok(())
    }
}
