//! What the pages read, over one opened store.

use std::sync::Arc;

use corpus::{SearchQuery, SeriesKey};
use privacy::{Disclosed, ReleasedTable, SearchAnswer};
use serve::{About, DigestFiles, ReadError, ReadModel, Reader};

use crate::commands::{digest_files, facts};
use crate::engine::Engine;
use crate::released;

/// The reading side of an engine. What does not change while serving is read once; searches run side by side.
pub(crate) struct StoreReader {
    engine: Engine,
    table: Arc<Disclosed<ReleasedTable>>,
    digest: Option<Arc<DigestFiles>>,
    about: Arc<About>,
}

impl StoreReader {
    pub(crate) fn new(engine: Engine) -> anyhow::Result<Self> {
        let table = Arc::new(released::released_table(&engine)?);
        let digest = digest_files(&engine.digest_dir())?.map(Arc::new);
        let about = About {
            organization: engine.config.organization.clone(),
            limits: engine.config.limits.values(),
            facts: facts(&engine)?,
        };
        Ok(Self { engine, table, digest, about: Arc::new(about) })
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
        released::search(&self.engine, query, &self.table).map_err(internal)
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

    fn digest(&self, reader: &Reader) -> Result<Option<Arc<DigestFiles>>, ReadError> {
        let period = self.digest.as_ref().map(|digest| digest.period);
        self.audit(reader, "read digest", &period)?;
        Ok(self.digest.clone())
    }

    fn about(&self) -> Result<Arc<About>, ReadError> {
        Ok(Arc::clone(&self.about))
    }
}

fn internal(error: anyhow::Error) -> ReadError {
    ReadError::Internal(error.into())
}
