//! The Delta table: create, commit, list, follow.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use corpus::{Month, SourceId, column, table_schema};
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake::kernel::{Action, Add, Remove, StructType, Transaction};
use deltalake::logstore::get_actions;
use deltalake::operations::create::CreateBuilder;
use deltalake::operations::vacuum::VacuumMode;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableBuilder};

use crate::Error;
use crate::error::delta;

/// The table and its place on disk.
pub(crate) struct Table {
    root: PathBuf,
    delta: DeltaTable,
}

/// A file that the current version names.
#[derive(Debug, Clone)]
pub(crate) struct ActiveFile {
    /// Path as the log names it, relative to the table.
    pub(crate) name: String,
    /// Path on disk.
    pub(crate) path: PathBuf,
    pub(crate) month: Month,
    pub(crate) rows: u64,
    pub(crate) size: i64,
}

/// What one version added, and whether it took something away.
pub(crate) struct Change {
    pub(crate) added: Vec<ActiveFile>,
    pub(crate) removes: bool,
}

/// A file written and not yet named by a version.
pub(crate) struct NewFile {
    pub(crate) name: String,
    pub(crate) month: Month,
    pub(crate) rows: u64,
    pub(crate) size: u64,
    pub(crate) days: (corpus::Day, corpus::Day),
}

/// One version in the making.
pub(crate) struct Version<'a> {
    pub(crate) sequence: Option<(&'a SourceId, i64)>,
    pub(crate) added: Vec<NewFile>,
    pub(crate) removed: Vec<ActiveFile>,
    pub(crate) metadata: Vec<(String, serde_json::Value)>,
    pub(crate) at_ms: i64,
}

impl Table {
    pub(crate) async fn open(root: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(root).map_err(|source| Error::File {
            action: "make folder",
            path: root.to_owned(),
            source,
        })?;
        let root = root.canonicalize().map_err(|source| Error::File {
            action: "find",
            path: root.to_owned(),
            source,
        })?;
        let url =
            deltalake::ensure_table_uri(root.to_string_lossy()).map_err(delta("name the table"))?;
        let exists = root.join("_delta_log").is_dir();
        let table = if exists {
            DeltaTableBuilder::from_url(url)
                .map_err(delta("open the table"))?
                .load()
                .await
                .map_err(delta("load the table"))?
        } else {
            let schema: StructType =
                table_schema().as_ref().try_into_kernel().map_err(|source| Error::Arrow {
                    action: "describe the table to Delta Lake",
                    source,
                })?;
            CreateBuilder::new()
                .with_location(url.as_str())
                .with_columns(schema.fields().cloned())
                .with_partition_columns([column::MONTH])
                .with_comment("redacted documents of Huisheng; see ARCHITECTURE.md")
                .await
                .map_err(delta("create the table"))?
        };
        Ok(Self { root, delta: table })
    }

    pub(crate) fn version(&self) -> u64 {
        self.delta.version().unwrap_or(0)
    }

    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The checkpoint sequence of `source` that the table holds, 0 before its first commit.
    pub(crate) async fn sequence(&self, source: &SourceId) -> Result<i64, Error> {
        let snapshot = self.delta.snapshot().map_err(delta("read the table's state"))?;
        let held =
            snapshot.transaction_version(self.delta.log_store().as_ref(), source.as_str()).await;
        Ok(held.map_err(delta("read a checkpoint sequence"))?.unwrap_or(0))
    }

    pub(crate) fn active_files(&self) -> Result<Vec<ActiveFile>, Error> {
        let snapshot = self.delta.snapshot().map_err(delta("read the table's state"))?;
        let mut files: Vec<ActiveFile> = snapshot
            .log_data()
            .iter()
            .map(|view| {
                self.active_file(
                    view.object_store_path().as_ref(),
                    view.num_records().unwrap_or(0) as u64,
                    view.size(),
                )
            })
            .collect();
        // The log gives no order; a fixed one makes every scan of a version the same.
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    /// Commits one version, all of it or nothing.
    pub(crate) async fn commit(&mut self, version: Version<'_>) -> Result<u64, Error> {
        let added = version.added.iter().map(|file| Action::Add(add_action(file, version.at_ms)));
        let removed =
            version.removed.iter().map(|file| Action::Remove(remove_action(file, version.at_ms)));
        let operation = if version.removed.is_empty() {
            DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: Some(vec![column::MONTH.to_owned()]),
                predicate: None,
            }
        } else {
            DeltaOperation::Delete { predicate: None }
        };
        let mut properties =
            CommitProperties::default().with_metadata(version.metadata).with_max_retries(0);
        if let Some((source, sequence)) = version.sequence {
            properties = properties
                .with_application_transaction(Transaction::new(source.as_str(), sequence));
        }
        let snapshot = self.delta.snapshot().map_err(delta("read the table's state"))?;
        let committed = CommitBuilder::from(properties)
            .with_actions(added.chain(removed).collect())
            .build(Some(snapshot as &dyn TableReference), self.delta.log_store(), operation)
            .await
            .map_err(delta("commit to the table"))?;
        let number = committed.version();
        self.delta.update_state().await.map_err(delta("follow the table's log"))?;
        Ok(number)
    }

    /// What happened after `version`, oldest first; `None` when the log no longer reaches back that far.
    pub(crate) async fn changes_since(&self, version: u64) -> Result<Option<Vec<Change>>, Error> {
        let log = self.delta.log_store();
        let mut changes = Vec::new();
        for number in version + 1..=self.version() {
            let Some(bytes) =
                log.read_commit_entry(number).await.map_err(delta("read the table's log"))?
            else {
                return Ok(None);
            };
            let mut change = Change { added: Vec::new(), removes: false };
            for action in get_actions(number, &bytes).map_err(delta("read the table's log"))? {
                match action {
                    Action::Add(add) => {
                        let rows = add
                            .get_stats()
                            .ok()
                            .flatten()
                            .map_or(0, |stats| stats.num_records as u64);
                        change.added.push(self.active_file(&add.path, rows, add.size));
                    }
                    Action::Remove(_) => change.removes = true,
                    _ => {}
                }
            }
            changes.push(change);
        }
        Ok(Some(changes))
    }

    /// Deletes every file that the current version does not name, at once. Only after an erasure: older versions can no longer be read.
    pub(crate) async fn vacuum(&mut self) -> Result<(), Error> {
        let (table, _) = self
            .delta
            .clone()
            .vacuum()
            .with_mode(VacuumMode::Full)
            .with_retention_period(chrono::Duration::zero())
            .with_enforce_retention_duration(false)
            .await
            .map_err(delta("vacuum the table"))?;
        self.delta = table;
        self.delta.update_state().await.map_err(delta("follow the table's log"))
    }

    fn active_file(&self, name: &str, rows: u64, size: i64) -> ActiveFile {
        let month = name
            .strip_prefix("month=")
            .and_then(|rest| rest.split_once('/'))
            .and_then(|(month, _)| month.parse().ok())
            .expect("only files under month=… are ever committed");
        ActiveFile { name: name.to_owned(), path: self.path_of(name), month, rows, size }
    }
}

/// Name of the file that holds the rows of `month` in one commit. The same crashed and repeated commit writes the same name, so no file is orphaned.
pub(crate) fn file_name(month: Month, origin: &str, number: u64) -> String {
    let hash = blake3::hash(origin.as_bytes()).to_hex();
    format!(
        "month={month}/part-{}-{number:010}.zstd.parquet",
        hash.get(..16).expect("a hash has 64 digits")
    )
}

fn add_action(file: &NewFile, at_ms: i64) -> Add {
    // Only days: no statistic of a text may stand in the log, where it would survive an erasure.
    let stats = serde_json::json!({
        "numRecords": file.rows,
        "minValues": { column::POSTED_DAY: file.days.0.to_string() },
        "maxValues": { column::POSTED_DAY: file.days.1.to_string() },
        "nullCount": { column::POSTED_DAY: 0 },
    });
    Add {
        path: file.name.clone(),
        partition_values: HashMap::from([(column::MONTH.to_owned(), Some(file.month.to_string()))]),
        size: file.size as i64,
        modification_time: at_ms,
        data_change: true,
        stats: Some(stats.to_string()),
        ..Add::default()
    }
}

fn remove_action(file: &ActiveFile, at_ms: i64) -> Remove {
    Remove {
        path: file.name.clone(),
        data_change: true,
        deletion_timestamp: Some(at_ms),
        extended_file_metadata: Some(true),
        partition_values: Some(HashMap::from([(
            column::MONTH.to_owned(),
            Some(file.month.to_string()),
        )])),
        size: Some(file.size),
        ..Remove::default()
    }
}
