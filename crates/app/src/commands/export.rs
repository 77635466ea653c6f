//! `huisheng export`: the released cells that enough people stand behind for a file, as CSV, JSON Lines or Parquet.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use arrow::array::{ArrayRef, Float64Array, StringArray, UInt32Array};
use arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use privacy::{Disclosed, Figures, ReleasedCell, ReleasedTable};

use super::print;
use crate::Outcome;
use crate::cli::Export;
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::released;

/// Writes the file that was named. Periods that are not released yet stay out: `huisheng digest` releases them.
pub(crate) fn run(config: Config, options: &Export, json: bool) -> anyhow::Result<Outcome> {
    let write = writer(&options.out)?;
    let engine = Engine::open(config)?;
    engine.audit("export", &options.out)?;
    let table = released::exported_table(&engine)?;
    let file = write(&table)?;
    fs::write(&options.out, file).with_context(|| format!("write {}", options.out.display()))?;
    let cells = table.get().cells.len();
    print(&serde_json::json!({ "out": options.out, "cells": cells }), json, |_| {
        let people_min = engine.config.limits.values().k_export;
        let out = options.out.display();
        format!("{cells} cells with at least {people_min} people each written to {out}")
    })?;
    Ok(Outcome::Done)
}

type Writer = fn(&Disclosed<ReleasedTable>) -> anyhow::Result<Vec<u8>>;

fn writer(out: &Path) -> anyhow::Result<Writer> {
    match out.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => Ok(|table| Ok(digest::render_table(table).into_bytes())),
        Some("jsonl") => Ok(json_lines),
        Some("parquet") => Ok(parquet),
        _ => Err(hinted(
            anyhow::anyhow!("--out {} has no known ending", out.display()),
            "name a .csv, .jsonl or .parquet file",
        )),
    }
}

fn json_lines(table: &Disclosed<ReleasedTable>) -> anyhow::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for cell in &table.get().cells {
        serde_json::to_writer(&mut lines, cell).context("write a cell")?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn parquet(table: &Disclosed<ReleasedTable>) -> anyhow::Result<Vec<u8>> {
    let batch = columns(&table.get().cells)?;
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), None).context("begin a Parquet file")?;
    writer.write(&batch).context("write a Parquet file")?;
    writer.into_inner().context("end a Parquet file")
}

/// One row a cell. What is exact has its lower and upper column equal; only the mean then has a column of its own, and an interval.
fn columns(cells: &[ReleasedCell]) -> anyhow::Result<RecordBatch> {
    let texts = |text: fn(&ReleasedCell) -> Option<String>| {
        Arc::new(cells.iter().map(text).collect::<StringArray>()) as ArrayRef
    };
    let numbers = |number: fn(&Figures) -> Option<f64>| {
        let values = cells.iter().map(|cell| number(&cell.figures));
        Arc::new(values.collect::<Float64Array>()) as ArrayRef
    };
    let voices: UInt32Array = cells
        .iter()
        .map(|cell| match cell.figures {
            Figures::Shown { voices, .. } | Figures::Range { voices, .. } => Some(voices),
            Figures::Suppressed => None,
        })
        .collect();
    RecordBatch::try_from_iter_with_nullable([
        ("period", texts(|cell| Some(cell.period.to_string())), false),
        ("unit", texts(|cell| cell.key.unit.as_ref().map(ToString::to_string)), true),
        ("source", texts(|cell| cell.key.source.as_ref().map(ToString::to_string)), true),
        ("topic", texts(|cell| cell.key.topic.as_ref().map(ToString::to_string)), true),
        ("voices", Arc::new(voices), true),
        ("mean", numbers(|figures| bounds(figures).mean), true),
        ("mean_low", numbers(|figures| bounds(figures).mean_between.map(|b| b.0)), true),
        ("mean_high", numbers(|figures| bounds(figures).mean_between.map(|b| b.1)), true),
        ("positive_low", numbers(|figures| bounds(figures).positive.map(|b| b.0)), true),
        ("positive_high", numbers(|figures| bounds(figures).positive.map(|b| b.1)), true),
        ("negative_low", numbers(|figures| bounds(figures).negative.map(|b| b.0)), true),
        ("negative_high", numbers(|figures| bounds(figures).negative.map(|b| b.1)), true),
        ("neutral_low", numbers(|figures| bounds(figures).neutral.map(|b| b.0)), true),
        ("neutral_high", numbers(|figures| bounds(figures).neutral.map(|b| b.1)), true),
    ])
    .context("lay out the exported cells")
}

/// The figures of a cell between a least and a largest value.
#[derive(Default)]
struct Bounds {
    mean: Option<f64>,
    mean_between: Option<(f64, f64)>,
    positive: Option<(f64, f64)>,
    negative: Option<(f64, f64)>,
    neutral: Option<(f64, f64)>,
}

fn bounds(figures: &Figures) -> Bounds {
    match *figures {
        Figures::Shown {
            voices: _,
            positive_share,
            negative_share,
            neutral_share,
            mean,
            mean_interval,
        } => {
            let exact = |share: f64| Some((share, share));
            Bounds {
                mean: Some(mean),
                mean_between: Some(mean_interval),
                positive: exact(positive_share),
                negative: exact(negative_share),
                neutral: exact(neutral_share),
            }
        }
        Figures::Range { voices: _, positive_share, negative_share, neutral_share, mean } => {
            Bounds {
                mean: None,
                mean_between: Some(mean),
                positive: Some(positive_share),
                negative: Some(negative_share),
                neutral: Some(neutral_share),
            }
        }
        Figures::Suppressed => Bounds::default(),
    }
}
