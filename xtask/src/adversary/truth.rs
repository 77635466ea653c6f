//! What the pipeline made of each document, read from the table itself.
//!
//! No attacker can read the table. The judge of the attacks needs it, and it is the strongest knowledge that an attacker could have: who wrote in
//! which month, source and unit about which topics. What they do not know, and are after, is who was negative.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Int8Type};
use corpus::{Day, column};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::organization::{Organization, SOURCES};

/// A document as it is counted.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// Its id in the store.
    pub(super) id: String,
    /// Index of its writer.
    pub(super) person: usize,
    /// Index of its source.
    pub(super) source: usize,
    /// The day that it counts on, and its month, e.g. `2026-03`.
    pub(super) day: Day,
    pub(super) month: String,
    /// Its team and its department.
    pub(super) units: [String; 2],
    pub(super) topics: Vec<String>,
    /// −1, 0 or 1; unsure is 0.
    pub(super) sign: i8,
    /// As readers could see it.
    pub(super) display: String,
}

impl Counted {
    /// Whether its source is confidential.
    pub(super) fn is_confidential(&self) -> bool {
        !SOURCES[self.source].1
    }
}

/// Reads every document of the table and finds its writer.
pub(super) fn read(store: &Path, organization: &Organization) -> anyhow::Result<Vec<Counted>> {
    let mut written: BTreeMap<(usize, &str, Day), Vec<usize>> = BTreeMap::new();
    for (index, document) in organization.documents.iter().enumerate() {
        let team = &organization.teams[organization.people[document.person].team];
        written.entry((document.source, &team.name, document.day)).or_default().push(index);
    }
    let mut counted = Vec::new();
    let mut used = BTreeSet::new();
    for file in parquet_files(&store.join("table"))? {
        for batch in rows(&file)? {
            read_batch(&batch, organization, &written, &mut used, &mut counted)?;
        }
    }
    ensure!(
        counted.len() == organization.documents.len(),
        "{} of {} documents were found in the table",
        counted.len(),
        organization.documents.len()
    );
    Ok(counted)
}

fn read_batch(
    batch: &RecordBatch,
    organization: &Organization,
    written: &BTreeMap<(usize, &str, Day), Vec<usize>>,
    used: &mut BTreeSet<usize>,
    counted: &mut Vec<Counted>,
) -> anyhow::Result<()> {
    let text = |name: &str| -> anyhow::Result<_> {
        let found = batch.column_by_name(name).with_context(|| format!("no column {name}"))?;
        arrow::compute::cast(found, &DataType::Utf8).with_context(|| format!("read {name}"))
    };
    let (ids, sources) = (text(column::ID)?, text(column::SOURCE)?);
    let (units, displays) = (text(column::UNIT)?, text(column::DISPLAY)?);
    let found =
        |name: &str| batch.column_by_name(name).with_context(|| format!("no column {name}"));
    let days = found(column::POSTED_DAY)?.as_primitive::<Date32Type>();
    let signs = found(column::POLARITY)?.as_primitive::<Int8Type>();
    let topics = found(column::TOPICS)?.as_list::<i32>();
    for row in 0..batch.num_rows() {
        let (source, unit) =
            (sources.as_string::<i32>().value(row), units.as_string::<i32>().value(row));
        let source =
            SOURCES.iter().position(|(name, ..)| *name == source).context("an unknown source")?;
        let day = Day(days.value(row));
        let display = displays.as_string::<i32>().value(row);
        let same = written.get(&(source, unit, day)).map(Vec::as_slice).unwrap_or_default();
        // Of the documents of one team, source and day, the one whose beginning it shares: an identifier at its end was replaced.
        let like = |index: &usize| common_start(&organization.documents[*index].text, display);
        let index = same.iter().copied().filter(|index| !used.contains(index)).max_by_key(like);
        let index =
            index.with_context(|| format!("nobody wrote the document of {unit} on {day}"))?;
        used.insert(index);
        let named =
            arrow::compute::cast(&topics.value(row), &DataType::Utf8).context("read topics")?;
        let person = organization.documents[index].person;
        let department = organization.teams[organization.people[person].team].department;
        counted.push(Counted {
            id: ids.as_string::<i32>().value(row).to_owned(),
            person,
            source,
            day,
            month: day.month().to_string(),
            units: [unit.to_owned(), department.to_owned()],
            topics: named.as_string::<i32>().iter().flatten().map(str::to_owned).collect(),
            sign: if signs.is_valid(row) { signs.value(row) } else { 0 },
            display: display.to_owned(),
        });
    }
    Ok(())
}

fn common_start(left: &str, right: &str) -> usize {
    left.chars().zip(right.chars()).take_while(|(a, b)| a == b).count()
}

/// Every Parquet file under a folder.
pub(super) fn parquet_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = all_files(folder)?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "parquet"))
        .collect();
    files.retain(|path| !path.to_string_lossy().contains("_delta_log"));
    Ok(files)
}

/// Every file under a folder.
pub(super) fn all_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("list {}", folder.display()))?.path();
        if path.is_dir() {
            files.extend(all_files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The rows of a Parquet file.
pub(super) fn rows(path: &Path) -> anyhow::Result<Vec<RecordBatch>> {
    let failed = || format!("read {}", path.display());
    let file = File::open(path).with_context(failed)?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).with_context(failed)?;
    let batches = reader.build().with_context(failed)?.collect::<Result<Vec<_>, _>>();
    batches.with_context(failed)
}
