//! Everything that one store needs, opened together: stages, store, ledger, keys, quarantine.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use arrow::record_batch::RecordBatch;
use corpus::{Day, EventTime, Month, Rejection, SourceId, TopicId, Visibility};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use enrich::{Enricher, Model, Taxonomy};
use ingest::Quarantine;
use ledger::{AuditEntry, Checkpoint, Ledger};
use privacy::{Pseudonymizer, Redactor};
use store::{QueryAnalyzer, Recovery, Store};
use text::{Lexicon, Normalizer, Segmenter};
use tokio::runtime::Runtime;

use crate::config::{Config, hinted};
use crate::forms::SourceForms;
use crate::keys::Keys;
use crate::limits;
use crate::pipeline::{SourceContext, Stages};

/// Name under which the document table is known to SQL.
pub(crate) const TABLE: &str = "documents";
/// The same without the partition column.
const FILES: &str = "document_files";
/// The words that a store knows beside the shipped ones; see `huisheng lexicon apply`.
pub(crate) const OWN_WORDS: &str = "words.tsv";
/// The folder of a store's own polarity model; see `huisheng train polarity --from-store --install`.
pub(crate) const OWN_MODEL: &str = "model";
/// A store's own taxonomy; see `huisheng enrich --rerun --taxonomy`.
pub(crate) const OWN_TAXONOMY: &str = "topics.toml";
/// The folder of a store's own model of the taxonomy's topics; see `huisheng train topic --from-store --install`.
pub(crate) const OWN_TOPICS: &str = "topic_model";

/// Which models judge the texts of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judges {
    /// Its own where it has some, which must be readable: a series of two judges is none.
    Own,
    /// Its own where they can be read, else the shipped ones: for training, which puts a readable one in their place.
    Readable,
    /// The shipped ones.
    Shipped,
}

/// One opened store with all that belongs to it.
pub(crate) struct Engine {
    pub(crate) config: Config,
    pub(crate) stages: Arc<Stages>,
    /// What is mere form in which source.
    pub(crate) forms: Arc<SourceForms>,
    pub(crate) store: Store,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Keys,
    pub(crate) runtime: Runtime,
    pub(crate) recovery: Recovery,
    /// Who sits at the terminal, for the audit log.
    pub(crate) reader: String,
}

impl Stages {
    /// The stages as shipped: built-in dictionaries and models.
    pub(crate) fn builtin() -> anyhow::Result<Self> {
        let enricher = Enricher::builtin().context("load the shipped models")?;
        Ok(Self::new(&Lexicon::builtin(), Redactor::new(), enricher))
    }

    /// The stages of the store that `config` names: the shipped ones, with the store's own words, taxonomy and models and what the organization adds to
    /// redaction.
    pub(crate) fn of_store(config: &Config) -> anyhow::Result<Self> {
        Self::judged_by(config, Judges::Own)
    }

    /// The same with other models than the store's own.
    pub(crate) fn judged_by(config: &Config, judges: Judges) -> anyhow::Result<Self> {
        let mut lexicon = Lexicon::builtin();
        let own = config.dir.join(OWN_WORDS);
        if own.is_file() {
            let words =
                std::fs::read(&own).with_context(|| format!("read word list {}", own.display()))?;
            lexicon.add_words(&own.display().to_string(), &words)?;
        }
        Self::of_words(config, &lexicon, judges)
    }

    /// The stages of the store that `config` names with the words of `lexicon` instead of its own.
    pub(crate) fn with_words(config: &Config, lexicon: &Lexicon) -> anyhow::Result<Self> {
        Self::of_words(config, lexicon, Judges::Own)
    }

    fn of_words(config: &Config, lexicon: &Lexicon, judges: Judges) -> anyhow::Result<Self> {
        let mut enricher = Enricher::builtin().context("load the shipped models")?;
        let own = |name: &str| Some(config.dir.join(name)).filter(|path| path.exists());
        if let Some(file) = own(OWN_TAXONOMY) {
            enricher = enricher.with_taxonomy(read_taxonomy(&file)?)?;
        }
        if let Some(model) = own(OWN_MODEL).and_then(|folder| own_model(&folder, judges)) {
            enricher = enricher.with_model(model?)?;
        }
        if let Some(topics) = own(OWN_TOPICS).and_then(|folder| own_model(&folder, judges)) {
            enricher = enricher.with_topics(topics?)?;
        }
        Ok(Self::new(lexicon, config.redaction.redactor()?, enricher))
    }

    fn new(lexicon: &Lexicon, redactor: Redactor, enricher: Enricher) -> Self {
        Self {
            normalizer: Normalizer::new(lexicon.exceptions()),
            redactor,
            segmenter: Segmenter::new(lexicon, privacy::placeholders()),
            enricher,
        }
    }

    /// The same with another enricher, made of the one that it has.
    pub(crate) fn with_enricher(
        self,
        change: impl FnOnce(Enricher) -> Result<Enricher, enrich::Error>,
    ) -> anyhow::Result<Self> {
        let enricher = change(self.enricher).context("use a new model")?;
        Ok(Self { enricher, ..self })
    }
}

/// The model of a store in `folder`, if it is to judge.
fn own_model(folder: &Path, judges: Judges) -> Option<anyhow::Result<Model>> {
    match (judges, Model::load(folder)) {
        (Judges::Shipped, _) => None,
        (_, Ok(model)) => Some(Ok(model)),
        (Judges::Readable, Err(error)) => {
            tracing::warn!(%error, "the store's own model cannot be read: the shipped one takes its place");
            None
        }
        (Judges::Own, Err(error)) => {
            let advice = "`huisheng enrich --rerun --shipped-models` judges the store by the shipped models again; `huisheng train … --from-store --install` puts a new one of its own in their place";
            let error = anyhow::Error::from(error).context("load the store's own model");
            Some(Err(hinted(error, advice)))
        }
    }
}

/// Reads and checks a taxonomy.
pub(crate) fn read_taxonomy(file: &Path) -> anyhow::Result<Taxonomy> {
    let name = file.display().to_string();
    let content = std::fs::read_to_string(file).with_context(|| format!("read taxonomy {name}"))?;
    Ok(Taxonomy::parse(&name, &content)?)
}

impl Engine {
    /// Opens the store that `config` names, making it on first use, and mends what a crash left.
    pub(crate) fn open(config: Config) -> anyhow::Result<Self> {
        Self::open_judged_by(config, Judges::Own)
    }

    /// The same with other models than the store's own: the cure for one that this program cannot read.
    pub(crate) fn open_judged_by(config: Config, judges: Judges) -> anyhow::Result<Self> {
        Self::open_by(config, judges, async |root, segmentation| {
            Store::open(root, segmentation).await
        })
    }

    /// The same for `huisheng lexicon apply`, which is the cure for an index of another segmentation.
    pub(crate) fn open_to_recut(config: Config) -> anyhow::Result<Self> {
        Self::open_by(config, Judges::Own, async |root, segmentation| {
            Store::open_to_recut(root, segmentation).await
        })
    }

    fn open_by(
        mut config: Config,
        judges: Judges,
        open: impl AsyncFnOnce(&Path, &str) -> Result<(Store, Recovery), store::Error>,
    ) -> anyhow::Result<Self> {
        let stages = Arc::new(Stages::judged_by(&config, judges)?);
        let forms = Arc::new(SourceForms::read(&config.dir)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("start the runtime")?;
        let root = config.dir.clone();
        let (store, recovery) = runtime
            .block_on(open(&root, stages.segmenter.fingerprint()))
            .with_context(|| format!("open store {}", root.display()))?;
        let ledger = Ledger::open(&root.join(limits::LEDGER))?;
        let in_force = limits::in_force(&ledger, config.limits)?;
        if in_force != config.limits {
            tracing::warn!(
                "limits below their defaults wait for two administrators: huisheng limits show"
            );
            config.limits = in_force;
        }
        let keys = Keys::open(&root.join("keys"), config.key_command.clone())?;
        let reader = account_name();
        let mut engine =
            Self { config, stages, forms, store, ledger, keys, runtime, recovery, reader };
        crate::receipts::erase_withdrawn(&mut engine).context("erase withdrawn texts")?;
        Ok(engine)
    }

    /// Throws the index away and makes it again from the table.
    pub(crate) fn rebuild_index(config: &Config) -> anyhow::Result<u64> {
        let stages = Stages::of_store(config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("start the runtime")?;
        let index = config.dir.join("index");
        if index.is_dir() {
            std::fs::remove_dir_all(&index)
                .with_context(|| format!("delete {}", index.display()))?;
        }
        let (store, _) =
            runtime.block_on(Store::open(&config.dir, stages.segmenter.fingerprint()))?;
        Ok(store.indexed_count())
    }

    /// The sequence that the table holds for `source`, and the checkpoint written with it.
    pub(crate) fn checkpoint(
        &self,
        source: &SourceId,
    ) -> anyhow::Result<(i64, Option<Checkpoint>)> {
        let sequence = self.runtime.block_on(self.store.sequence(source))?;
        let checkpoint = self.ledger.checkpoint(source, sequence)?;
        if sequence > 0 && checkpoint.is_none() {
            anyhow::bail!(
                "the table holds commit {sequence} of source {source}, but the ledger has no such checkpoint: restore ledger.sqlite from a backup"
            );
        }
        Ok((sequence, checkpoint))
    }

    /// What the stages need to know of a source.
    pub(crate) fn source_context(
        &self,
        source: &SourceId,
        visibility: Visibility,
    ) -> anyhow::Result<SourceContext> {
        let month_keys = Arc::new(self.keys.month_keys()?);
        let pseudonymizer = Pseudonymizer::new(
            self.keys.document_key()?,
            Arc::clone(&month_keys) as Arc<dyn privacy::KeyRing>,
        );
        let forms = Arc::clone(&self.forms);
        Ok(SourceContext { source: source.clone(), visibility, pseudonymizer, month_keys, forms })
    }

    /// Keeps refused documents, encrypted.
    pub(crate) fn quarantine(
        &self,
        source: &SourceId,
        rejections: &[Rejection],
    ) -> anyhow::Result<()> {
        if rejections.is_empty() {
            return Ok(());
        }
        let folder = self.config.dir.join("quarantine");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("make folder {}", folder.display()))?;
        let quarantine = Quarantine::new(&folder, source, &self.keys.quarantine_key()?);
        quarantine.append(rejections, self.today()).context("write the quarantine")
    }

    /// The rows of a query of the program's own.
    pub(crate) fn rows(
        &self,
        session: &SessionContext,
        sql: &str,
    ) -> datafusion::error::Result<Vec<RecordBatch>> {
        self.runtime.block_on(async { session.sql(sql).await?.collect().await })
    }

    /// A SQL session in which the table's current version is `documents`.
    pub(crate) fn session(&self) -> anyhow::Result<SessionContext> {
        let ctx = SessionContext::new();
        let files: Vec<String> =
            self.store.active_files()?.iter().map(|path| path.display().to_string()).collect();
        self.runtime.block_on(async {
            if files.is_empty() {
                let empty = RecordBatch::new_empty(corpus::table_schema());
                ctx.register_batch(TABLE, empty).context("register the empty table")?;
                return Ok(ctx);
            }
            let frame = ctx
                .read_parquet(files, ParquetReadOptions::default())
                .await
                .context("read the table's files")?;
            ctx.register_table(FILES, frame.into_view()).context("register the table's files")?;
            // The partition column stands in paths, not in files; it is a function of the day.
            let month = format!(
                "substr(CAST({} AS VARCHAR), 1, 7) AS {}",
                corpus::column::POSTED_DAY,
                corpus::column::MONTH
            );
            let view = format!("CREATE VIEW {TABLE} AS SELECT *, {month} FROM {FILES}");
            ctx.sql(&view).await.context("register the table")?;
            Ok(ctx)
        })
    }

    /// Writes to the audit log what the one at the terminal does. What cannot be logged must not be answered.
    pub(crate) fn audit(&self, action: &str, detail: &impl serde::Serialize) -> anyhow::Result<()> {
        self.audit_of(&self.reader, action, detail)
    }

    /// The same for a reader of the pages.
    pub(crate) fn audit_of(
        &self,
        reader: &str,
        action: &str,
        detail: &impl serde::Serialize,
    ) -> anyhow::Result<()> {
        let entry = self.audit_entry(reader, action, detail)?;
        self.ledger.audit(&entry).context("write the audit log")
    }

    /// What is to be logged together with something else.
    pub(crate) fn audit_entry(
        &self,
        reader: &str,
        action: &str,
        detail: &impl serde::Serialize,
    ) -> anyhow::Result<AuditEntry> {
        let detail = serde_json::to_string(detail).context("write an audit entry")?;
        let (reader, action) = (reader.to_owned(), action.to_owned());
        Ok(AuditEntry { at_ms: self.now_ms(), reader, action, detail })
    }

    /// Names of everything that shaped the rows, as JSON.
    pub(crate) fn fingerprints(&self) -> String {
        let prints = serde_json::json!({
            "config": self.config.fingerprint,
            "segmentation": self.stages.segmenter.fingerprint(),
            "model": self.stages.enricher.fingerprint(),
            "forms": self.forms.fingerprint(),
        });
        prints.to_string()
    }

    /// Months that have rows in the table, ascending.
    pub(crate) fn months_held(&self) -> anyhow::Result<Vec<Month>> {
        Ok(self.store.months()?)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        now_ms()
    }

    pub(crate) fn now(&self) -> EventTime {
        EventTime::from_unix_ms(now_ms()).expect("the clock is within the calendar")
    }

    pub(crate) fn today(&self) -> Day {
        today()
    }

    pub(crate) fn digest_dir(&self) -> PathBuf {
        self.config.dir.join("digests")
    }
}

/// The day it is.
pub(crate) fn today() -> Day {
    EventTime::from_unix_ms(now_ms()).expect("the clock is within the calendar").day()
}

#[expect(clippy::disallowed_methods, reason = "app owns the clock")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Queries are read as documents were.
impl QueryAnalyzer for Stages {
    fn normalize(&self, text: &str) -> String {
        self.normalizer.normalize(text, &mut text::Scratch::default()).text
    }

    fn words(&self, normalized: &str) -> Vec<String> {
        let mut tokens = corpus::TokenBatch::default();
        self.segmenter.tokenize(normalized, &mut text::Scratch::default(), &mut tokens);
        let searchable = tokens.words(0).iter().filter(|token| token.kind.is_searchable());
        searchable.map(|token| token.text(normalized).to_owned()).collect()
    }

    fn narrower_topics(&self, topic: &TopicId) -> Vec<TopicId> {
        self.enricher.taxonomy().descendants(topic).into_iter().cloned().collect()
    }
}

/// The account at the terminal: those who read are accountable.
#[expect(clippy::disallowed_methods, reason = "app reads the environment")]
fn account_name() -> String {
    std::env::var("USER")
        .or_else(|_| std::env::var("LOGNAME"))
        .unwrap_or_else(|_| "unknown".to_owned())
}
