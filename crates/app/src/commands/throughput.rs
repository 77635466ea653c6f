//! `huisheng bench`: how fast each stage and the whole pipeline are on a corpus of the user's, beside two yardsticks in the same run.
//!
//! Speeds of a machine swing, so pipeline and yardsticks take turns and the median of each is reported: compare their ratio, not the figures
//! of two runs. Stages are measured on one thread; pipeline and plain index use what the machine has.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use benches::Yardstick;
use corpus::{EnrichedBatch, SourceId, TokenBatch, TokenizedBatch, Visibility};
use ingest::{Cursor, DocumentReader as _, FieldMap, FilesReader, SourceDeclaration};
use serde::Serialize;
use store::SourceSequence;
use text::Scratch;

use super::print;
use crate::Outcome;
use crate::cli::Bench;
use crate::config::Config;
use crate::engine::Engine;
use crate::pipeline::{self, Progress};

const BATCH_ROWS: usize = 1024;
/// Stages and yardsticks work on this much of the corpus at most, since they hold it in memory; the pipeline reads all of it.
const SAMPLE_BYTES_MAX: usize = 128 << 20;

/// Documents and megabytes (10^6 bytes of UTF-8 text) a second.
#[derive(Debug, Clone, Copy, Serialize)]
struct Rate {
    docs_per_s: f64,
    mb_per_s: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    documents: u64,
    bytes: u64,
    threads: usize,
    repeat: u32,
    pipeline: Rate,
    naive_index: Rate,
    jieba_cut: Rate,
    /// Pipeline over plain index, documents a second: the median over rounds of the ratio within a round.
    pipeline_to_naive_index: f64,
    /// Normalize and segment, on the texts of `jieba_cut`, in turn with it, one thread.
    normalize_and_segment: Rate,
    /// The latter over `jieba_cut`: the median over rounds of the ratio within a round.
    text_to_jieba_cut: f64,
    stages: Stages,
    peak_rss_bytes: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Stages {
    parse: Rate,
    normalize: Rate,
    redact: Rate,
    segment: Rate,
    enrich: Rate,
    index: Rate,
    store: Rate,
}

/// Times of one pass over all stages.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    parse: Duration,
    normalize: Duration,
    redact: Duration,
    segment: Duration,
    enrich: Duration,
    index: Duration,
    store: Duration,
    documents: u64,
    bytes: u64,
}

/// Documents and text bytes that a measurement covered.
#[derive(Debug, Clone, Copy)]
struct Work {
    documents: u64,
    bytes: u64,
}

struct Silent;

impl Progress for Silent {
    fn advanced(&self, _documents: u64, _bytes: u64) {}
}

/// Measures and prints.
pub(crate) fn run(options: &Bench, json: bool) -> anyhow::Result<Outcome> {
    let declaration = declaration(&options.corpus);
    let (whole, first) = run_pipeline(&declaration)?;
    // Read now: what follows holds a sample in memory and is not the pipeline.
    let peak_rss_bytes = peak_rss_bytes().context("read the peak memory of this process")?;
    let texts = sample(&declaration)?;
    let sampled = Work {
        documents: texts.len() as u64,
        bytes: texts.iter().map(|text| text.len() as u64).sum(),
    };
    let yardstick = Yardstick::default();
    let text_stages = pipeline::Stages::builtin()?;
    let (mut pipelines, mut naive, mut jieba, mut cuts, mut stages) =
        (vec![first], Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..options.repeat {
        if round > 0 {
            pipelines.push(run_pipeline(&declaration)?.1);
        }
        let (indexed, time) = timed(|| yardstick.naive_index(texts.iter().map(String::as_str)));
        anyhow::ensure!(
            indexed == sampled.documents,
            "the plain index holds {indexed} of {} documents",
            sampled.documents
        );
        naive.push(time);
        let (theirs, ours) = yardstick.cut_in_turn(
            &text_stages.normalizer,
            &text_stages.segmenter,
            &texts,
            BATCH_ROWS,
        );
        jieba.push(theirs);
        cuts.push(ours);
        stages.push(one_thread(|| run_stages(&declaration))??);
    }
    let ratios = pipelines
        .iter()
        .zip(&naive)
        .map(|(ours, theirs)| rate(whole, *ours).docs_per_s / rate(sampled, *theirs).docs_per_s);
    let cut_ratios =
        cuts.iter().zip(&jieba).map(|(ours, theirs)| theirs.as_secs_f64() / ours.as_secs_f64());
    let report = Report {
        documents: whole.documents,
        bytes: whole.bytes,
        threads: rayon::current_num_threads(),
        repeat: options.repeat,
        pipeline: rate(whole, median_time(&pipelines)),
        naive_index: rate(sampled, median_time(&naive)),
        jieba_cut: rate(sampled, median_time(&jieba)),
        pipeline_to_naive_index: median(ratios.collect()),
        normalize_and_segment: rate(sampled, median_time(&cuts)),
        text_to_jieba_cut: median(cut_ratios.collect()),
        stages: stage_rates(&stages),
        peak_rss_bytes,
    };
    print(&report, json, plain)?;
    Ok(Outcome::Done)
}

fn declaration(corpus: &Path) -> SourceDeclaration {
    let source = SourceId::new("bench").expect("a valid name");
    SourceDeclaration::for_import(
        source,
        Visibility::Open,
        vec![corpus.to_owned()],
        None,
        FieldMap::default(),
    )
}

/// The whole corpus into a new store, as `huisheng import` does it.
fn run_pipeline(declaration: &SourceDeclaration) -> anyhow::Result<(Work, Duration)> {
    let (folder, mut engine) = scratch_engine()?;
    let context = engine.source_context(&declaration.name, declaration.visibility)?;
    let mut reader = FilesReader::open(declaration, Cursor::default(), engine.now())?;
    let started = Instant::now();
    let report = pipeline::run(&mut engine, context, &mut reader, &Silent)?;
    let time = started.elapsed();
    drop(folder);
    anyhow::ensure!(
        report.counts.stored > 0,
        "no document of {:?} could be stored: {:?}",
        declaration.input,
        report.rejected
    );
    Ok((Work { documents: report.counts.read, bytes: report.bytes }, time))
}

fn scratch_engine() -> anyhow::Result<(tempfile::TempDir, Engine)> {
    let folder = tempfile::tempdir().context("make a temporary folder")?;
    let config =
        Config { dir: folder.path().join("store"), ..Config::parse("", "", Path::new(""))? };
    Ok((folder, Engine::open(config)?))
}

fn sample(declaration: &SourceDeclaration) -> anyhow::Result<Vec<String>> {
    let (_folder, engine) = scratch_engine()?;
    let mut reader = FilesReader::open(declaration, Cursor::default(), engine.now())?;
    let (mut texts, mut bytes) = (Vec::new(), 0);
    while let Some(batch) = reader.next_batch(BATCH_ROWS)? {
        for document in batch.documents {
            bytes += document.text.len();
            texts.push(document.text);
        }
        if bytes >= SAMPLE_BYTES_MAX {
            break;
        }
    }
    Ok(texts)
}

/// Every stage by itself on the calling thread, batch after batch, so that each sees warm scratch and cold data as in the pipeline.
fn run_stages(declaration: &SourceDeclaration) -> anyhow::Result<Times> {
    let (_folder, mut engine) = scratch_engine()?;
    let stages = std::sync::Arc::clone(&engine.stages);
    let context = engine.source_context(&declaration.name, declaration.visibility)?;
    let mut reader = FilesReader::open(declaration, Cursor::default(), engine.now())?;
    let (mut times, mut scratch, mut judging) =
        (Times::default(), Scratch::default(), enrich::Scratch::default());
    loop {
        let (batch, time) = timed(|| reader.next_batch(BATCH_ROWS));
        times.parse += time;
        let Some(batch) = batch? else { break };
        times.documents += batch.documents.len() as u64;
        times.bytes +=
            batch.documents.iter().map(|document| document.text.len() as u64).sum::<u64>();
        let ((normalized, _), time) =
            timed(|| text::normalize_batch(&stages.normalizer, batch.documents, &mut scratch));
        times.normalize += time;
        let ((redacted, _, _, _), time) = timed(|| {
            privacy::redact_batch(
                &stages.redactor,
                &context.pseudonymizer,
                &context.source,
                context.visibility,
                normalized,
            )
        });
        times.redact += time;
        let rows = redacted.map(|documents| {
            let mut tokens = TokenBatch::default();
            let (fingerprints, time) = timed(|| {
                let texts = documents.texts();
                stages.segmenter.tokenize_batch(texts.iter().flatten(), &mut scratch, &mut tokens);
                (0..documents.len())
                    .map(|row| text::fingerprint(texts.value(row), tokens.words(row)))
                    .collect()
            });
            times.segment += time;
            let tokenized = TokenizedBatch { documents, tokens, fingerprints };
            let (enrichment, time) = timed(|| stages.enricher.enrich(&tokenized, &mut judging));
            times.enrich += time;
            EnrichedBatch::new(&tokenized, &enrichment, stages.segmenter.fingerprint())
        });
        let (pushed, time) = timed(|| engine.store.push(rows));
        pushed?;
        times.index += time;
        if times.bytes as usize >= SAMPLE_BYTES_MAX {
            break;
        }
    }
    let sequence = SourceSequence { source: &declaration.name, sequence: 1 };
    let committed = engine.runtime.block_on(engine.store.commit(sequence, "", 0))?;
    times.index += committed.index_time;
    times.store += committed.table_time;
    Ok(times)
}

fn stage_rates(passes: &[Times]) -> Stages {
    let of = |stage: fn(&Times) -> Duration| {
        let work = Work { documents: passes[0].documents, bytes: passes[0].bytes };
        rate(work, median_time(&passes.iter().map(stage).collect::<Vec<_>>()))
    };
    Stages {
        parse: of(|times| times.parse),
        normalize: of(|times| times.normalize),
        redact: of(|times| times.redact),
        segment: of(|times| times.segment),
        enrich: of(|times| times.enrich),
        index: of(|times| times.index),
        store: of(|times| times.store),
    }
}

fn one_thread<T: Send>(act: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().context("start a thread")?;
    Ok(pool.install(act))
}

fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let result = act();
    (result, started.elapsed())
}

fn rate(work: Work, time: Duration) -> Rate {
    let seconds = time.as_secs_f64().max(1e-9);
    Rate {
        docs_per_s: work.documents as f64 / seconds,
        mb_per_s: work.bytes as f64 / 1e6 / seconds,
    }
}

fn median_time(times: &[Duration]) -> Duration {
    Duration::from_secs_f64(median(times.iter().map(Duration::as_secs_f64).collect()))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// The largest resident size that this process ever had, as Linux counts it.
fn peak_rss_bytes() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("no VmHWM in /proc/self/status")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().context("read VmHWM")?;
    Ok(kib * 1024)
}

fn plain(report: &Report) -> String {
    let mut out = String::new();
    let stages = report.stages;
    let _ = writeln!(
        out,
        "{} documents, {:.1} MB, {} threads, median of {}",
        report.documents,
        report.bytes as f64 / 1e6,
        report.threads,
        report.repeat
    );
    let rows = [
        ("parse", stages.parse),
        ("normalize", stages.normalize),
        ("redact", stages.redact),
        ("segment", stages.segment),
        ("enrich", stages.enrich),
        ("index", stages.index),
        ("store", stages.store),
        ("pipeline", report.pipeline),
        ("naive index", report.naive_index),
        ("jieba cut", report.jieba_cut),
        ("norm.+segm.", report.normalize_and_segment),
    ];
    for (name, rate) in rows {
        let _ = writeln!(
            out,
            "{name:<12} {:>12.0} documents/s {:>8.1} MB/s",
            rate.docs_per_s, rate.mb_per_s
        );
    }
    let _ = writeln!(
        out,
        "pipeline / naive index {:.2}, (normalize + segment) / jieba cut {:.2}",
        report.pipeline_to_naive_index, report.text_to_jieba_cut
    );
    let _ = writeln!(
        out,
        "peak memory of the pipeline {:.0} MiB",
        report.peak_rss_bytes as f64 / (1 << 20) as f64
    );
    out
}
