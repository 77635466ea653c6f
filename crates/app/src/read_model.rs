//! What the pages read, over one opened store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use corpus::{BearerCode, SearchQuery, SeriesKey};
use privacy::{CommonWords, Disclosed, ReleasedTable, SearchAnswer};
use serve::{About, DigestFiles, ReadError, ReadModel, Reader};

use crate::commands::digest_files;
use crate::engine::Engine;
use crate::{receipts, released};

/// The reading side of an engine. What does not change while serving is read once; searches run side by side.
pub(crate) struct StoreReader {
    engine: Engine,
    table: Arc<Disclosed<ReleasedTable>>,
    exported: Arc<Disclosed<ReleasedTable>>,
    digest: Option<Arc<DigestFiles>>,
    about: Arc<About>,
    common: CommonWords,
}

/// What a receipt code is answered takes a multiple of this time, so that how long it took does not tell whether there is such a code: a withdrawal waits
/// for the disk, which takes longer the more there is to write.
const RECEIPT_STEP: Duration = Duration::from_millis(100);

impl StoreReader {
    pub(crate) fn new(engine: Engine) -> anyhow::Result<Self> {
        let table = Arc::new(released::released_table(&engine)?);
        let exported = Arc::new(released::exported_table(&engine)?);
        let digest = digest_files(&engine.digest_dir())?.map(Arc::new);
        let about = About {
            organization: engine.config.organization.clone(),
            limits: engine.config.limits.values(),
            facts: released::released_facts(&engine)?,
        };
        let common = released::common_words(&engine)?;
        Ok(Self { engine, table, exported, digest, about: Arc::new(about), common })
    }

    /// What cannot be logged is not answered.
    fn audit(
        &self,
        reader: &Reader,
        action: &str,
        detail: &impl serde::Serialize,
    ) -> Result<(), ReadError> {
        self.engine.audit_of(&reader.name, action, detail).map_err(internal)
    }
}

impl ReadModel for StoreReader {
    fn search(
        &self,
        query: &SearchQuery,
        reader: &Reader,
    ) -> Result<Disclosed<SearchAnswer>, ReadError> {
        self.audit(reader, "search", query)?;
        released::search(&self.engine, query, &self.table, &self.common).map_err(internal)
    }

    fn trend(
        &self,
        key: &SeriesKey,
        reader: &Reader,
    ) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        self.audit(reader, "trend", key)?;
        Ok(Arc::clone(&self.table))
    }

    fn released(&self) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        Ok(Arc::clone(&self.table))
    }

    fn export(&self, reader: &Reader) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        self.audit(reader, "export", &"released cells")?;
        Ok(Arc::clone(&self.exported))
    }

    fn digest(&self, reader: &Reader) -> Result<Option<Arc<DigestFiles>>, ReadError> {
        let period = self.digest.as_ref().map(|digest| digest.period);
        self.audit(reader, "read digest", &period)?;
        Ok(self.digest.clone())
    }

    fn replies(&self, code: &BearerCode) -> Result<Vec<String>, ReadError> {
        let started = Instant::now();
        let replies = receipts::replies(&self.engine, code).map_err(internal);
        wait_for_step(started, RECEIPT_STEP);
        replies
    }

    fn withdraw(&self, code: &BearerCode) -> Result<(), ReadError> {
        let started = Instant::now();
        let done = receipts::withdraw(&self.engine, code).map_err(internal);
        wait_for_step(started, RECEIPT_STEP);
        done
    }

    fn about(&self) -> Result<Arc<About>, ReadError> {
        Ok(Arc::clone(&self.about))
    }
}

/// Waits until a whole number of steps has passed.
fn wait_for_step(started: Instant, step: Duration) {
    let elapsed = started.elapsed();
    let steps = elapsed.as_nanos() / step.as_nanos() + 1;
    let due = step * u32::try_from(steps).unwrap_or(u32::MAX);
    std::thread::sleep(due.saturating_sub(elapsed));
}

fn internal(error: anyhow::Error) -> ReadError {
    ReadError::Internal(error.into())
}
