//! What the pages read, over one opened store.

use std::sync::{Arc, Mutex, PoisonError};

use corpus::{SearchQuery, SeriesKey};
use digest::Limits;
use privacy::{Disclosed, Guard, ReleasedTable, SearchAnswer};
use serve::{About, DigestFiles, ReadError, ReadModel, Reader};

use crate::commands::{digest_files, facts};
use crate::engine::Engine;
use crate::released;

/// The reading side of an engine. What does not change while serving is read once.
pub(crate) struct StoreReader {
    engine: Mutex<Engine>,
    table: Arc<Disclosed<ReleasedTable>>,
    digest: Option<Arc<DigestFiles>>,
    about: Arc<About>,
}

impl StoreReader {
    pub(crate) fn new(engine: Engine) -> anyhow::Result<Self> {
        let guard = Guard::new(engine.config.limits);
        let table = Arc::new(guard.table(&released::register(&engine)?));
        let digest = digest_files(&engine.digest_dir())?.map(Arc::new);
        let values = engine.config.limits.values();
        let limits = Limits { k_score: values.k_score, k_verbatim: values.k_verbatim };
        let about = About {
            organization: engine.config.organization.clone(),
            limits,
            facts: facts(&engine)?,
        };
        Ok(Self { engine: Mutex::new(engine), table, digest, about: Arc::new(about) })
    }

    fn with_engine<T>(
        &self,
        reader: &Reader,
        act: impl FnOnce(&mut Engine) -> anyhow::Result<T>,
    ) -> Result<T, ReadError> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        engine.reader.clone_from(&reader.name);
        act(&mut engine).map_err(|error| ReadError::Internal(error.into()))
    }
}

impl ReadModel for StoreReader {
    fn search(
        &self,
        query: &SearchQuery,
        reader: &Reader,
    ) -> Result<Disclosed<SearchAnswer>, ReadError> {
        self.with_engine(reader, |engine| released::search(engine, query))
    }

    fn trend(
        &self,
        key: &SeriesKey,
        reader: &Reader,
    ) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        self.with_engine(reader, |engine| engine.audit("trend", key))?;
        Ok(Arc::clone(&self.table))
    }

    fn released(&self) -> Result<Arc<Disclosed<ReleasedTable>>, ReadError> {
        Ok(Arc::clone(&self.table))
    }

    fn digest(&self, reader: &Reader) -> Result<Option<Arc<DigestFiles>>, ReadError> {
        let period = self.digest.as_ref().map(|digest| digest.period);
        self.with_engine(reader, |engine| engine.audit("read digest", &period))?;
        Ok(self.digest.clone())
    }

    fn about(&self) -> Result<Arc<About>, ReadError> {
        Ok(Arc::clone(&self.about))
    }
}
