//! The sample company year, read as it is declared: what the demo begins with.

use std::collections::BTreeSet;
use std::path::Path;

use ingest::{Cursor, RawSource};
use serde::Deserialize;

use crate::support::read_from;

/// The part of the sample's config that is ours.
#[derive(Deserialize)]
struct Config {
    source: Vec<RawSource>,
}

/// The part of the planted truth that is ours.
#[derive(Deserialize)]
struct Truth {
    sources: Vec<PlantedSource>,
    broken: Vec<BrokenRow>,
}

#[derive(Deserialize)]
struct PlantedSource {
    name: String,
    rows: u64,
}

#[derive(Deserialize)]
struct BrokenRow {
    source: String,
    file: String,
    line: u64,
    reason: String,
}

#[test]
fn the_sample_is_read_to_its_last_row_and_the_planted_bad_rows_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let config: Config = toml::from_str(&text("huisheng.toml")).unwrap();
    let truth: Truth = serde_json::from_str(&text("truth.json")).unwrap();
    assert_eq!(config.source.len(), truth.sources.len());
    for (raw, planted) in config.source.into_iter().zip(&truth.sources) {
        let source = raw.declare(&folder).unwrap();
        assert_eq!(source.name.as_str(), planted.name);
        let batch = read_from(&source, Cursor::default(), 500).unwrap();
        assert_eq!(batch.read, planted.rows, "{}", planted.name);
        let refused: BTreeSet<(String, u64, &str)> = batch
            .rejections
            .iter()
            .map(|rejection| {
                let file = Path::new(&*rejection.locator.origin).file_name().unwrap();
                (
                    file.to_string_lossy().into_owned(),
                    rejection.locator.position,
                    rejection.reason.as_str(),
                )
            })
            .collect();
        let broken = truth.broken.iter().filter(|row| row.source == planted.name);
        let broken: BTreeSet<(String, u64, &str)> =
            broken.map(|row| (row.file.clone(), row.line, row.reason.as_str())).collect();
        assert_eq!(refused, broken, "{}", planted.name);
    }
}
