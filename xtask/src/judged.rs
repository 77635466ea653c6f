//! What polarity and topics are worth, as the one table that model cards and readers quote: each set with what is shipped, what is trained on it, and
//! what others reach on the same split.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use serde::Deserialize;

use crate::discovery;
use crate::eval::{huisheng, present, show};

/// A set with labels, and macro-F1 in percent that others reach on its dev part.
struct Set {
    task: &'static str,
    folder: &'static str,
    name: &'static str,
    /// SnowNLP as people install it. Hotel and shopping reviews are in what it was trained on.
    untrained: Option<f64>,
    /// The best of nine models in Python trained on the same part: TF-IDF, NB-SVM, fastText (`corpora.md` beside the sets).
    trained: f64,
}

const SETS: [Set; 10] = [
    set("polarity", "sentiment", "hotel", Some(69.9), 87.2),
    set("polarity", "sentiment", "waimai", Some(74.8), 87.3),
    set("polarity", "sentiment", "shopping10", Some(82.7), 93.5),
    set("polarity", "sentiment", "weibo_senti_noemo", Some(56.5), 77.3),
    set("polarity", "sentiment", "chnsenticorp", None, 88.5),
    set("topic", "emotion", "smp2020_virus", None, 57.3),
    set("topic", "emotion", "smp2020_usual", None, 64.9),
    set("topic", "topic", "tnews15", None, 51.7),
    set("topic", "topic", "thucnews10", None, 91.6),
    set("topic", "topic", "hotline7", None, 75.6),
];

const fn set(
    task: &'static str,
    folder: &'static str,
    name: &'static str,
    untrained: Option<f64>,
    trained: f64,
) -> Set {
    Set { task, folder, name, untrained, trained }
}

/// What a model of a size that ships and a speed that keeps up must hold: texts a second on one core given tokens, megabytes.
const SPEED_MIN: f64 = 300_000.0;
const SIZE_MAX_MB: f64 = 64.0;

/// What `huisheng eval` prints, as far as it is shown here.
#[derive(Deserialize)]
struct Measured {
    accuracy: f64,
    macro_f1: f64,
    calibration_error: f64,
    unsure_share: f64,
    docs_per_s: f64,
    docs_per_s_with_segmentation: f64,
}

/// The same of topics, several a text.
#[derive(Deserialize)]
struct MeasuredTopics {
    rules: Share,
    both: Share,
}

#[derive(Deserialize)]
struct Share {
    micro_f1: f64,
}

/// Lines of the table: what is measured, of us, of others, by how much we are better.
#[derive(Default)]
struct Table {
    lines: Vec<[String; 4]>,
}

impl Table {
    fn add(&mut self, what: &str, ours: f64, others: Option<f64>, digits: usize) {
        let shown = |value: f64| format!("{value:.digits$}");
        let better =
            others.map_or_else(String::new, |others| format!("{:+.digits$}", ours - others));
        let others = others.map_or_else(String::new, shown);
        self.lines.push([what.to_owned(), shown(ours), others, better]);
    }

    /// Adds the mean of lines of `(ours, others)`.
    fn add_mean(&mut self, what: &str, lines: &[(f64, f64)]) {
        if !lines.is_empty() {
            let mean = |value: fn(&(f64, f64)) -> f64| {
                lines.iter().map(value).sum::<f64>() / lines.len() as f64
            };
            let what = format!("{what}, mean of {}", lines.len());
            self.add(&what, mean(|line| line.0), Some(mean(|line| line.1)), 2);
        }
    }

    fn markdown(&self) -> String {
        let mut out = "| | ours | others | difference |\n|---|---:|---:|---:|\n".to_owned();
        for line in &self.lines {
            _ = writeln!(out, "| {} |", line.join(" | "));
        }
        out
    }
}

/// Measures every set that is there and prints the table.
pub(crate) fn run_all(sets: &Path, out: &Path) -> anyhow::Result<()> {
    let mut table = Table::default();
    shipped(sets, &mut table)?;
    trained(sets, out, &mut table)?;
    for found in discovery::run_all(sets, out)? {
        let what = |measure: &str| format!("topics discovered in {}: {measure}", found.set);
        table.add(&what("NMI"), found.mutual_information, None, 3);
        table.add(&what("ARI"), found.adjusted_rand, None, 3);
        table.add(&what("ARI with another order of texts"), found.other_order, None, 3);
        table.add(&what("ARI with the day before"), found.day_before, None, 3);
    }
    show(
        "\nmacro-F1 in %, others on the same split; where nobody else is named the column is empty:\n",
    );
    show(&table.markdown());
    Ok(())
}

/// What is shipped, on sets it has never seen and on the sentences that are kept for it.
fn shipped(sets: &Path, table: &mut Table) -> anyhow::Result<()> {
    let mut means = Vec::new();
    let (mut texts_per_s, mut cut_per_s) = (Vec::new(), Vec::new());
    for set in SETS.iter().filter(|set| set.task == "polarity") {
        let Some(dev) = set.part(sets, "dev") else { continue };
        let found = measure(&["eval", "polarity"], &dev)?;
        let ours = 100.0 * found.macro_f1;
        table.add(&format!("polarity {}, out of the box", set.name), ours, set.untrained, 2);
        means.extend(set.untrained.map(|others| (ours, others)));
        texts_per_s.push(found.docs_per_s);
        cut_per_s.push(found.docs_per_s_with_segmentation);
    }
    table.add_mean("polarity out of the box", &means);
    let hard = measure(&["eval", "polarity"], Path::new("data/labels/hard_cases_test.tsv"))?;
    table.add("hard sentences of ours, right in %", 100.0 * hard.accuracy, None, 1);
    table.add("hard sentences of ours, unsure in %", 100.0 * hard.unsure_share, None, 1);
    let lines = Path::new("data/labels/topics/test.jsonl");
    let arguments = ["--json", "eval", "topic"].map(AsRef::as_ref);
    let json = huisheng(&[&arguments[..], &[lines.as_os_str()]].concat())?;
    let topics: MeasuredTopics = serde_json::from_slice(&json)?;
    let by_words = Some(100.0 * topics.rules.micro_f1);
    table.add(
        "topics of our test sentences, words and model (others: words alone), micro-F1",
        100.0 * topics.both.micro_f1,
        by_words,
        1,
    );
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    if let (Some(given), Some(cut)) = (median(texts_per_s), median(cut_per_s)) {
        table.add(
            "texts/s on one core given tokens (others: asked for)",
            given,
            Some(SPEED_MIN),
            0,
        );
        table.add("texts/s with segmentation", cut, None, 0);
    }
    for model in ["polarity", "topics"] {
        let what = format!("MB of the shipped {model} model, of {SIZE_MAX_MB} allowed");
        table.add(&what, megabytes(&Path::new("data/models").join(model))?, None, 1);
    }
    Ok(())
}

/// A model trained on the training part of each set and measured on its dev part, all with the one configuration there is.
fn trained(sets: &Path, out: &Path, table: &mut Table) -> anyhow::Result<()> {
    let mut means = Vec::new();
    for set in &SETS {
        let (Some(train), Some(dev)) = (set.part(sets, "train"), set.part(sets, "dev")) else {
            continue;
        };
        let model = out.join(set.name);
        let start = Instant::now();
        let files = [("--train", &train), ("--dev", &dev), ("--out", &model)];
        let mut arguments = vec!["train".as_ref(), set.task.as_ref()];
        for (option, file) in files {
            arguments.extend([option.as_ref(), file.as_os_str()]);
        }
        huisheng(&arguments)?;
        let seconds = start.elapsed().as_secs_f64();
        let folder = model.to_string_lossy();
        let found = measure(&["eval", set.task, "--model", &folder], &dev)?;
        let ours = 100.0 * found.macro_f1;
        show(&format!(
            "{} {}, trained in {seconds:.1} s: accuracy {:.1} %, calibration error {:.1} %, unsure {:.1} %, {:.1} MB",
            set.task,
            set.name,
            100.0 * found.accuracy,
            100.0 * found.calibration_error,
            100.0 * found.unsure_share,
            megabytes(&model)?,
        ));
        table.add(&format!("{} {}, trained", set.task, set.name), ours, Some(set.trained), 2);
        means.push((ours, set.trained));
    }
    table.add_mean("trained", &means);
    Ok(())
}

impl Set {
    /// The file of a part, packed or plain.
    fn part(&self, sets: &Path, part: &str) -> Option<PathBuf> {
        let plain = sets.join(format!("corpora/{}/{}.{part}.jsonl", self.folder, self.name));
        let packed = plain.with_extension("jsonl.gz");
        present(if packed.exists() { packed } else { plain })
    }
}

fn measure(arguments: &[&str], file: &Path) -> anyhow::Result<Measured> {
    let mut all = vec!["--json".as_ref()];
    all.extend(arguments.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    all.push(file.as_os_str());
    serde_json::from_slice(&huisheng(&all)?).with_context(|| format!("measure {}", file.display()))
}

/// Size of the files in the folder of a model.
fn megabytes(folder: &Path) -> anyhow::Result<f64> {
    let size = |name: &str| std::fs::metadata(folder.join(name)).map(|file| file.len());
    let bytes =
        size("model.safetensors").with_context(|| format!("measure {}", folder.display()))?;
    Ok(bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_compared_with_others_where_there_are_some() {
        let mut table = Table::default();
        table.add("waimai", 81.58, Some(74.8), 2);
        table.add("NMI", 0.5, None, 3);
        table.add_mean("both", &[(80.0, 70.0), (60.0, 65.0)]);
        let lines: Vec<String> = table.markdown().lines().skip(2).map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "| waimai | 81.58 | 74.80 | +6.78 |",
                "| NMI | 0.500 |  |  |",
                "| both, mean of 2 | 70.00 | 67.50 | +2.50 |",
            ]
        );
    }
}
