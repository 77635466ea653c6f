//! Topics that nobody defined against labels that somebody did: NMI and ARI of `huisheng topics discover`, and what stays from one day to the next.
//!
//! `compare_topics.py` beside this crate measures k-means, LDA and a pipeline like BERTopic on the same texts.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use anyhow::Context as _;
use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::eval::{huisheng, present};

/// Sets, with the topics to look for: as many as there are labels.
const SETS: [(&str, &str); 5] = [
    ("corpora/topic/hotline7.train.jsonl", "7"),
    ("corpora/topic/tnews15.dev.jsonl", "15"),
    ("corpora/topic/thucnews10.dev.jsonl.gz", "10"),
    ("corpora/dated/toutiao_titles_2018.jsonl.gz", "15"),
    ("corpora/dated/weibo_event_comments.jsonl.gz", "60"),
];
/// One text in so many is new on the next day.
const NEW_SHARE: usize = 30;

#[derive(Deserialize)]
struct Labelled {
    label: String,
}

#[derive(Deserialize)]
struct Found {
    assignments: Vec<Assignment>,
}

#[derive(Deserialize)]
struct Assignment {
    topic: Option<String>,
}

/// What was found in a set.
pub(crate) struct Measured {
    /// Its name, and how many texts it has.
    pub(crate) set: String,
    /// With the labels.
    pub(crate) mutual_information: f64,
    pub(crate) adjusted_rand: f64,
    /// Adjusted Rand index with a run on the texts in another order, and with the run on the texts of the day before.
    pub(crate) other_order: f64,
    pub(crate) day_before: f64,
}

/// Measures every set that is there.
pub(crate) fn run_all(sets: &Path, out: &Path) -> anyhow::Result<Vec<Measured>> {
    let mut all = Vec::new();
    for (name, topics) in SETS {
        if let Some(file) = present(sets.join(name)) {
            let short = name.rsplit('/').next().unwrap_or(name);
            let short = short.split(".json").next().unwrap_or(short);
            all.push(
                measure(short, &file, topics, out).with_context(|| format!("measure {name}"))?,
            );
        }
    }
    Ok(all)
}

fn measure(set: &str, file: &Path, topics: &str, out: &Path) -> anyhow::Result<Measured> {
    let lines = read_lines(file)?;
    let labels: Vec<String> = lines
        .iter()
        .map(|line| Ok(serde_json::from_str::<Labelled>(line)?.label))
        .collect::<anyhow::Result<_>>()?;
    let (all, backwards, day, last) =
        (out.join("all"), out.join("backwards"), out.join("day"), out.join("last.json"));
    let write = |path: &Path, lines: &mut dyn Iterator<Item = &String>| {
        let mut content = String::new();
        for line in lines {
            _ = writeln!(content, "{line}");
        }
        std::fs::write(path, content).with_context(|| format!("write {}", path.display()))
    };
    let known = lines.len() - lines.len() / NEW_SHARE;
    write(&all, &mut lines.iter())?;
    write(&backwards, &mut lines.iter().rev())?;
    write(&day, &mut lines.iter().take(known))?;

    let found = discover(&all, topics, None)?;
    let mut other_order = discover(&backwards, topics, None)?;
    other_order.reverse();
    let first_day = discover(&day, topics, Some((&last, false)))?;
    let next_day = discover(&all, topics, Some((&last, true)))?;
    Ok(Measured {
        set: format!("{set} ({} texts)", lines.len()),
        mutual_information: mutual_information(&labels, &found),
        adjusted_rand: adjusted_rand(&labels, &found),
        other_order: adjusted_rand(&found, &other_order),
        day_before: adjusted_rand(&first_day, &next_day[..known]),
    })
}

/// The topic of each text. Writes the outcome to a file, or goes on from what is there.
fn discover(
    file: &Path,
    topics: &str,
    last: Option<(&Path, bool)>,
) -> anyhow::Result<Vec<Option<String>>> {
    let text = OsStr::new;
    let mut arguments = vec![text("--json"), text("topics"), text("discover"), file.as_os_str()];
    arguments.extend([text("--topics"), text(topics)]);
    if let Some((last, true)) = last {
        arguments.extend([text("--previous"), last.as_os_str()]);
    }
    let json = huisheng(&arguments)?;
    if let Some((last, false)) = last {
        std::fs::write(last, &json).with_context(|| format!("write {}", last.display()))?;
    }
    let found: Found = serde_json::from_slice(&json)?;
    Ok(found.assignments.into_iter().map(|text| text.topic).collect())
}

fn read_lines(file: &Path) -> anyhow::Result<Vec<String>> {
    let opened = std::fs::File::open(file).with_context(|| format!("open {}", file.display()))?;
    let reader: Box<dyn Read> = if file.extension().is_some_and(|end| end == "gz") {
        Box::new(GzDecoder::new(opened))
    } else {
        Box::new(opened)
    };
    Ok(BufReader::new(reader).lines().collect::<Result<_, _>>()?)
}

/// How often each pair of classes meets, and how often each class comes.
struct Contingency {
    pairs: Vec<f64>,
    left: Vec<f64>,
    right: Vec<f64>,
    total: f64,
}

impl Contingency {
    fn of<L: Ord, R: Ord>(left: &[L], right: &[R]) -> Self {
        let (rows, row_count) = numbered(left);
        let (columns, column_count) = numbered(right);
        let mut table = Self {
            pairs: vec![0.0; row_count * column_count],
            left: vec![0.0; row_count],
            right: vec![0.0; column_count],
            total: left.len() as f64,
        };
        for (row, column) in rows.into_iter().zip(columns) {
            table.pairs[row * column_count + column] += 1.0;
            table.left[row] += 1.0;
            table.right[column] += 1.0;
        }
        table
    }
}

/// Each value as its place among the distinct ones, and how many those are.
fn numbered<T: Ord>(values: &[T]) -> (Vec<usize>, usize) {
    let mut distinct: Vec<&T> = values.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let place = |value| distinct.partition_point(|other| *other < value);
    (values.iter().map(place).collect(), distinct.len())
}

/// Mutual information over the mean of both entropies.
fn mutual_information<L: Ord, R: Ord>(left: &[L], right: &[R]) -> f64 {
    let table = Contingency::of(left, right);
    let entropy = |counts: &[f64]| -> f64 {
        let shares = counts.iter().filter(|count| **count > 0.0).map(|count| count / table.total);
        -shares.map(|share| share * share.ln()).sum::<f64>()
    };
    let (left, right) = (entropy(&table.left), entropy(&table.right));
    2.0 * (left + right - entropy(&table.pairs)) / (left + right).max(f64::MIN_POSITIVE)
}

/// Pairs that both put together, over what chance would: 1 for equal partitions, 0 for unrelated ones (Hubert and Arabie 1985).
fn adjusted_rand<L: Ord, R: Ord>(left: &[L], right: &[R]) -> f64 {
    let table = Contingency::of(left, right);
    let pairs =
        |counts: &[f64]| -> f64 { counts.iter().map(|count| count * (count - 1.0) / 2.0).sum() };
    let (both, left, right) = (pairs(&table.pairs), pairs(&table.left), pairs(&table.right));
    let chance = left * right / pairs(&[table.total]);
    (both - chance) / ((left + right) / 2.0 - chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &[u8], right: &[u8], mutual: f64, rand: f64) {
        let found = (mutual_information(left, right), adjusted_rand(left, right));
        assert!((found.0 - mutual).abs() < 1e-3 && (found.1 - rand).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn partitions_are_compared_whatever_their_names() {
        check(b"aabb", b"yyxx", 1.0, 1.0);
        check(b"aabb", b"xyxy", 0.0, -0.5);
        // As scikit-learn has them.
        check(b"aaabbb", b"xxyyzz", 0.516, 0.242);
    }
}
