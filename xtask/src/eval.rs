//! Quality figures, all from the program that users run, on labelled sets that a path names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{judged, run, topics};

/// Prints every figure that the sets under `sets` allow. A set that is not there is named and passed over.
pub(crate) fn run_all(sets: &Path) -> anyhow::Result<()> {
    if !sets.is_dir() {
        bail!("{} is no folder; name the folder with the labelled sets", sets.display());
    }
    run("cargo", ["build", "--release"].map(OsString::from))?;
    let out = std::env::temp_dir().join("huisheng-eval");
    std::fs::create_dir_all(&out).with_context(|| format!("make folder {}", out.display()))?;
    decoding()?;
    segmentation(sets, &out)?;
    redaction(sets, &out)?;
    shifts(sets, &out)?;
    promise()?;
    if let Some(comments) = present(sets.join("corpora/dated/weibo_event_comments.jsonl.gz")) {
        topics::emerging(&comments, &out)?;
    }
    judged::run_all(sets, &out)
}

/// Over the sentences that we label ourselves: encodings × lengths. Built with the workspace, so that no dependency is compiled twice.
fn decoding() -> anyhow::Result<()> {
    let build = ["build", "--release", "--workspace", "--example", "decode_table"];
    run("cargo", build.map(OsString::from))?;
    show("decoding:");
    run("target/release/examples/decode_table", ["data/labels".into()])
}

fn segmentation(sets: &Path, out: &Path) -> anyhow::Result<()> {
    for name in ["msr", "pku"] {
        let Some(gold) = present(sets.join(format!("corpora/segmentation/{name}.dev.jsonl")))
        else {
            continue;
        };
        let cut = huisheng(&["segment".as_ref(), gold.as_os_str()])?;
        let path = out.join(format!("{name}.sighan"));
        std::fs::write(&path, cut).with_context(|| format!("write {}", path.display()))?;
        show(&format!("segmentation {name}: word F1 {:.2} %", 100.0 * word_f1(&gold, &path)?));
    }
    Ok(())
}

fn redaction(sets: &Path, out: &Path) -> anyhow::Result<()> {
    let (Some(gold), Some(score)) =
        (present(sets.join("pii/pii_dev.jsonl")), present(sets.join("pii/score.py")))
    else {
        return Ok(());
    };
    let predicted = out.join("pii.jsonl");
    huisheng(&["redact".as_ref(), gold.as_os_str(), "--out".as_ref(), predicted.as_os_str()])?;
    show("redaction:");
    run("python3", [score.into(), gold.into(), predicted.into()])
}

fn shifts(sets: &Path, out: &Path) -> anyhow::Result<()> {
    let (Some(series), Some(score)) = (
        present(sets.join("shift_streams/series.jsonl")),
        present(sets.join("shift_streams/score.py")),
    ) else {
        return Ok(());
    };
    for mode in ["calibrated", "guaranteed"] {
        let predicted = out.join(format!("shifts-{mode}.json"));
        huisheng(&[
            "detect".as_ref(),
            "--mode".as_ref(),
            mode.as_ref(),
            "--series".as_ref(),
            series.as_os_str(),
            "--out".as_ref(),
            predicted.as_os_str(),
        ])?;
        show(&format!("shifts, {mode}:"));
        run("python3", [score.clone().into(), predicted.into()])?;
    }
    Ok(())
}

/// Mean run lengths to a false alarm against the promised ones, under every null that the promise names.
fn promise() -> anyhow::Result<()> {
    show("promised run lengths:");
    let test = [
        "test",
        "--release",
        "--workspace",
        "--test",
        "it",
        "--",
        "--ignored",
        "--nocapture",
        "long_run_lengths",
    ];
    run("cargo", test.map(OsString::from))
}

/// Word F1 as in the SIGHAN bake-offs: a word is right when both its ends are.
fn word_f1(gold: &Path, cut: &Path) -> anyhow::Result<f64> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
    };
    let (gold_text, cut_text) = (read(gold)?, read(cut)?);
    let (mut right, mut in_gold, mut in_cut) = (0usize, 0usize, 0usize);
    for (line, cut) in gold_text.lines().zip(cut_text.lines()) {
        let Some(label) = line.split("\"label\":").nth(1).and_then(|rest| rest.split('"').nth(1))
        else {
            bail!("a line of {} has no label", gold.display());
        };
        let (gold_spans, cut_spans) = (spans(label), spans(cut));
        right += gold_spans.iter().filter(|span| cut_spans.binary_search(span).is_ok()).count();
        in_gold += gold_spans.len();
        in_cut += cut_spans.len();
    }
    let (precision, recall) =
        (right as f64 / in_cut.max(1) as f64, right as f64 / in_gold.max(1) as f64);
    Ok(2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE))
}

fn spans(words: &str) -> Vec<(usize, usize)> {
    let mut start = 0;
    words
        .split_whitespace()
        .map(|word| {
            let end = start + word.chars().count();
            let span = (start, end);
            start = end;
            span
        })
        .collect()
}

pub(crate) fn huisheng(arguments: &[&std::ffi::OsStr]) -> anyhow::Result<Vec<u8>> {
    let program = PathBuf::from("target/release/huisheng");
    let output =
        Command::new(&program).args(arguments).stderr(std::process::Stdio::inherit()).output();
    let output = output.with_context(|| format!("start {}", program.display()))?;
    if output.status.code().is_none_or(|code| code > 1) {
        bail!("{} {arguments:?} ended with {}", program.display(), output.status);
    }
    Ok(output.stdout)
}

pub(crate) fn present(path: PathBuf) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    show(&format!("{}: not there, passed over", path.display()));
    None
}

#[expect(clippy::print_stdout, reason = "this is what the task is for")]
pub(crate) fn show(line: &str) {
    println!("{line}");
}
