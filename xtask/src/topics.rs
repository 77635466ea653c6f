//! The benchmark of emerging topics: labels that appear in a stream of others, and what `huisheng detect --stream` says of them.
//!
//! Background: documents of all labels but one in random order, so that every alarm on them is false; Poisson volume of 30 a day with weekday factors, 110 days.
//! From a day between 60 and 85 on, documents of the last label come at a given rate for 14 days. Other streams have none, or an old label that doubles.
//! An alarm is a hit when at least half of its documents are injected and it comes within 21 days.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anyhow::Context as _;
use flate2::read::GzDecoder;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde::Deserialize;

use crate::eval::{huisheng, show};

const DAYS: i32 = 110;
const BACKGROUND_A_DAY: f64 = 30.0;
const INJECTED_DAYS: i32 = 14;
const HIT_DAYS: i32 = 21;
/// Labels that are injected, one a stream.
const STREAMS: usize = 14;
/// Labels of the streams in which one doubles: few enough that it is heard.
const DOUBLING_LABELS: usize = 14;

#[derive(Debug, Deserialize)]
struct Document {
    text: String,
    label: String,
}

/// What happens to one label.
#[derive(Debug, Clone, Copy)]
enum Case {
    /// It appears with so many documents a day.
    Appears(f64),
    /// It was there and comes twice as often.
    Doubles,
    Nothing,
}

#[derive(Debug, Deserialize)]
struct Alarm {
    day: String,
    ids: Vec<usize>,
    kind: String,
}

/// Alarms of all streams of a case.
#[derive(Debug, Default)]
struct Tally {
    delays: Vec<i32>,
    wrong: usize,
    kinds: BTreeMap<String, usize>,
}

/// Runs every case over streams made of the labelled documents in `file`.
pub(crate) fn emerging(file: &Path, out: &Path) -> anyhow::Result<()> {
    let documents = read(file)?;
    let labels: BTreeSet<&str> = documents.iter().map(|document| document.label.as_str()).collect();
    let mut labels: Vec<&str> = labels.into_iter().collect();
    labels.shuffle(&mut SmallRng::seed_from_u64(5));
    for case in
        [Case::Nothing, Case::Appears(2.0), Case::Appears(4.0), Case::Appears(8.0), Case::Doubles]
    {
        let mut tally = Tally::default();
        for (seed, label) in labels.iter().take(STREAMS).enumerate() {
            let among = match case {
                Case::Doubles => labels.get(..DOUBLING_LABELS).unwrap_or(&labels),
                _ => &labels,
            };
            let stream = Stream::new(&documents, among, label, case, seed as u64);
            tally.add(&stream, stream.alarms(out)?);
        }
        show(&format!("emerging topics, {case:?}: {}", tally.line()));
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<Document>> {
    let open = File::open(file).with_context(|| format!("open {}", file.display()))?;
    let lines = BufReader::new(GzDecoder::new(open)).lines().enumerate();
    lines
        .map(|(index, line)| {
            let at = || format!("{}, line {}", file.display(), index + 1);
            serde_json::from_str(&line.with_context(at)?).with_context(at)
        })
        .collect()
}

/// One stream with its truth.
struct Stream<'d> {
    /// Day, text, and whether it belongs to the label that appears or grows.
    documents: Vec<(i32, &'d str, bool)>,
    begins: i32,
}

impl<'d> Stream<'d> {
    fn new(documents: &'d [Document], among: &[&str], label: &str, case: Case, seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(100 + seed);
        let of_label = |document: &&Document| document.label == label;
        let mut background: Vec<&Document> =
            documents.iter().filter(|document| among.contains(&document.label.as_str())).collect();
        background.shuffle(&mut rng);
        let mut injected: Vec<&Document> = background.iter().copied().filter(of_label).collect();
        let share = injected.len() as f64 / background.len() as f64;
        let rate = match case {
            Case::Appears(rate) => rate,
            Case::Doubles => share * BACKGROUND_A_DAY,
            Case::Nothing => 0.0,
        };
        match case {
            Case::Appears(_) => background.retain(|document| !of_label(document)),
            // Half of the label's documents are its past, the others its growth.
            Case::Doubles => {
                let growth = injected.split_off(injected.len() / 2);
                let past = std::mem::replace(&mut injected, growth);
                background.retain(|document| {
                    !of_label(document) || past.iter().any(|kept| std::ptr::eq(*kept, *document))
                });
            }
            Case::Nothing => {}
        }
        let begins = rng.random_range(60..86);
        let mut stream = Vec::new();
        for day in 0..DAYS {
            let weekday = if day % 7 >= 5 { 0.5 } else { 1.2 };
            let usual = poisson(&mut rng, BACKGROUND_A_DAY * weekday);
            let extra = if (begins..begins + INJECTED_DAYS).contains(&day) {
                poisson(&mut rng, rate)
            } else {
                0
            };
            let mut today: Vec<(i32, &str, bool)> = take(&mut background, usual)
                .map(|document| {
                    (
                        day,
                        document.text.as_str(),
                        matches!(case, Case::Doubles) && of_label(&document),
                    )
                })
                .collect();
            today.extend(
                take(&mut injected, extra).map(|document| (day, document.text.as_str(), true)),
            );
            today.shuffle(&mut rng);
            stream.extend(today);
        }
        Self { documents: stream, begins }
    }

    /// What the program finds.
    fn alarms(&self, out: &Path) -> anyhow::Result<Vec<Alarm>> {
        let mut lines = String::new();
        for (id, (day, text, _)) in self.documents.iter().enumerate() {
            let line = serde_json::json!({ "id": id, "text": text, "created_at": date(*day) });
            let _ = writeln!(lines, "{line}");
        }
        let (docs, alarms) = (out.join("stream.jsonl"), out.join("stream.alarms.json"));
        std::fs::write(&docs, lines).with_context(|| format!("write {}", docs.display()))?;
        let flag = |name: &'static str| OsStr::new(name);
        huisheng(&[
            flag("detect"),
            flag("--stream"),
            docs.as_os_str(),
            flag("--out"),
            alarms.as_os_str(),
        ])?;
        let written = std::fs::read_to_string(&alarms)
            .with_context(|| format!("read {}", alarms.display()))?;
        serde_json::from_str(&written).with_context(|| format!("read {}", alarms.display()))
    }

    /// Days from the beginning to an alarm, counted from 1, if it is a hit.
    fn delay(&self, alarm: &Alarm) -> Option<i32> {
        let day = (0..DAYS).find(|day| date(*day) == alarm.day)?;
        let right = alarm.ids.iter().filter(|id| self.documents[**id].2).count();
        let is_hit =
            right * 2 >= alarm.ids.len() && (self.begins..self.begins + HIT_DAYS).contains(&day);
        is_hit.then_some(day - self.begins + 1)
    }
}

impl Tally {
    fn add(&mut self, stream: &Stream<'_>, alarms: Vec<Alarm>) {
        let mut first: Option<i32> = None;
        for alarm in alarms {
            match stream.delay(&alarm) {
                None => self.wrong += 1,
                Some(delay) => {
                    first = Some(first.map_or(delay, |first| first.min(delay)));
                    *self.kinds.entry(alarm.kind).or_default() += 1;
                }
            }
        }
        self.delays.extend(first);
    }

    fn line(&mut self) -> String {
        self.delays.sort_unstable();
        let within = |days: i32| {
            self.delays.iter().filter(|delay| **delay <= days).count() as f64 / STREAMS as f64
        };
        format!(
            "recall 7 d {:.2}, 14 d {:.2}, median delay {:?} d, {:.2} false alarms per 100 stream-days, hits by kind {:?}",
            within(7),
            within(14),
            self.delays.get(self.delays.len() / 2),
            self.wrong as f64 * 100.0 / (STREAMS as f64 * f64::from(DAYS)),
            self.kinds
        )
    }
}

/// A day of a stream as a date: days are counted from Monday 2024-01-01.
fn date(day: i32) -> String {
    // January to April of a leap year hold all of them.
    let starts = [0, 31, 60, 91, 121];
    let month = starts.iter().rposition(|start| *start <= day).unwrap_or_default();
    format!("2024-{:02}-{:02}", month + 1, day - starts[month] + 1)
}

/// The next documents, as far as there are any.
fn take<'d>(
    from: &mut Vec<&'d Document>,
    count: usize,
) -> impl Iterator<Item = &'d Document> + use<'d> {
    from.split_off(from.len().saturating_sub(count)).into_iter()
}

fn poisson(rng: &mut SmallRng, mean: f64) -> usize {
    let limit = (-mean).exp();
    let (mut count, mut product) = (0, rng.random::<f64>());
    while product > limit {
        count += 1;
        product *= rng.random::<f64>();
    }
    count
}
