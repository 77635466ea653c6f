//! Every number that an outsider can get, and for each the voices that an insider knows to be behind it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use corpus::Period;
use serde_json::Value;

use super::organization::{Organization, SOURCES};
use super::surface::{Server, address};
use super::truth::Counted;

/// A cell that somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cell {
    pub(super) unit: Option<String>,
    pub(super) source: Option<String>,
    pub(super) topic: Option<String>,
}

/// One person's part in one source and month, as far as a cell counts it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) voice: usize,
    /// Whether it counts as negative in this cell.
    pub(super) is_negative: bool,
    /// Which of its documents the cell counts: another set may have another direction.
    pub(super) documents: usize,
}

/// Smallest and largest possible count.
pub(super) type Bounds = (i64, i64);

/// An answered cell of one period.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) cell: Cell,
    pub(super) month: String,
    /// The month, or a week of it.
    pub(super) period: String,
    pub(super) voices: i64,
    pub(super) negative: Bounds,
    pub(super) positive: Bounds,
    pub(super) neutral: Bounds,
    /// Ascending by voice.
    pub(super) members: Vec<Member>,
}

/// A voice: who, in which source; its number is its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice {
    pub(super) person: usize,
    pub(super) is_open: bool,
}

/// All answers with everything that an insider knows about them.
pub(super) struct Answers {
    pub(super) answered: Vec<Answer>,
    pub(super) voices: Vec<Voice>,
    /// What could be asked and was not answered, with its members.
    pub(super) refused: Vec<Answer>,
}

impl Cell {
    fn address(&self) -> String {
        let fields = [("unit", &self.unit), ("source", &self.source), ("topic", &self.topic)];
        let fields: Vec<(&str, &str)> =
            fields.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        address("/api/v1/trend", &fields)
    }

    fn counts(&self, document: &Counted) -> bool {
        self.unit.as_ref().is_none_or(|unit| document.units.contains(unit))
            && self.source.as_ref().is_none_or(|source| *source == SOURCES[document.source].0)
            && self.topic.as_ref().is_none_or(|topic| document.topics.contains(topic))
    }
}

impl Answers {
    /// Asks for every cell that the organization chart, the sources and the topics allow to name, all three at once included.
    pub(super) fn ask(
        server: &Server,
        organization: &Organization,
        documents: &[Counted],
    ) -> anyhow::Result<Self> {
        let topics: BTreeSet<&String> = documents.iter().flat_map(|d| &d.topics).collect();
        let names = |names: Vec<&str>| -> Vec<Option<String>> {
            std::iter::once(None)
                .chain(names.into_iter().map(|name| Some(name.to_owned())))
                .collect()
        };
        let units = names(organization.units());
        let sources = names(SOURCES.iter().map(|(name, ..)| *name).collect());
        let topics = names(topics.into_iter().map(String::as_str).collect());
        let mut this = Self { answered: Vec::new(), voices: Vec::new(), refused: Vec::new() };
        let mut numbers = BTreeMap::new();
        for unit in &units {
            for source in &sources {
                for topic in &topics {
                    // Triples are asked for a few units only: they are refused by their form, whoever stands in them.
                    let is_triple = unit.is_some() && source.is_some() && topic.is_some();
                    if is_triple && unit != &units[1] {
                        continue;
                    }
                    let cell =
                        Cell { unit: unit.clone(), source: source.clone(), topic: topic.clone() };
                    let told = server.json(&cell.address())?.unwrap_or_default();
                    this.take(&cell, &told, organization, documents, &mut numbers)?;
                }
            }
        }
        Ok(this)
    }

    fn take(
        &mut self,
        cell: &Cell,
        told: &Value,
        organization: &Organization,
        documents: &[Counted],
        numbers: &mut BTreeMap<(String, usize, usize), usize>,
    ) -> anyhow::Result<()> {
        let mut by_period: BTreeMap<Period, Vec<(usize, &Counted)>> = BTreeMap::new();
        for (index, document) in documents.iter().enumerate().filter(|(_, d)| cell.counts(d)) {
            let period = organization.period(cell.unit.as_deref(), document.day);
            by_period.entry(period).or_default().push((index, document));
        }
        let points: BTreeMap<&str, &Value> = told["points"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|point| Some((point["period"].as_str()?, &point["figures"])))
            .collect();
        for (period, counted) in by_period {
            let members = self.members(&period.month().to_string(), &counted, numbers);
            let figures = points.get(period.to_string().as_str()).copied();
            let figures = figures.unwrap_or(&Value::Null);
            let answer = answer(cell, period, figures, members)?;
            match figures["kind"].as_str() {
                Some("shown" | "range") => self.answered.push(answer),
                _ => self.refused.push(answer),
            }
        }
        Ok(())
    }

    fn members(
        &mut self,
        month: &str,
        counted: &[(usize, &Counted)],
        numbers: &mut BTreeMap<(String, usize, usize), usize>,
    ) -> Vec<Member> {
        let mut of_voice: BTreeMap<usize, (i64, usize)> = BTreeMap::new();
        for (index, document) in counted {
            let next = self.voices.len();
            let key = (month.to_owned(), document.source, document.person);
            let voice = *numbers.entry(key).or_insert_with(|| {
                self.voices
                    .push(Voice { person: document.person, is_open: !document.is_confidential() });
                next
            });
            let (signs, documents) = of_voice.entry(voice).or_default();
            *signs += i64::from(document.sign);
            *documents = documents.wrapping_mul(1_000_003).wrapping_add(*index + 1);
        }
        let member = |(voice, (signs, documents)): (usize, (i64, usize))| Member {
            voice,
            is_negative: signs < 0,
            documents,
        };
        of_voice.into_iter().map(member).collect()
    }
}

fn answer(
    cell: &Cell,
    period: Period,
    figures: &Value,
    members: Vec<Member>,
) -> anyhow::Result<Answer> {
    let told = figures["voices"].as_i64().unwrap_or(0);
    let voices = members.len() as i64;
    // The judge must count as the product does, or its verdicts mean nothing.
    anyhow::ensure!(
        figures["voices"].is_null() || told == voices,
        "{cell:?} in {period} counts {told} voices, the judge {voices}"
    );
    let bounds = |name: &str| -> anyhow::Result<Bounds> {
        let share = &figures[name];
        let count = |share: &Value| -> anyhow::Result<f64> {
            Ok(share.as_f64().context("read a share")? * voices as f64)
        };
        if share.is_null() {
            return Ok((0, voices));
        }
        // A share of three decimals gives the count back, exactly up to 500 voices.
        match share.as_array() {
            Some(ends) => Ok((count(&ends[0])?.round() as i64, count(&ends[1])?.round() as i64)),
            None => Ok((count(share)?.round() as i64, count(share)?.round() as i64)),
        }
    };
    let told = [bounds("negative_share")?, bounds("positive_share")?, bounds("neutral_share")?];
    let [negative, positive, neutral] = tightened(voices, told);
    Ok(Answer {
        cell: cell.clone(),
        month: period.month().to_string(),
        period: period.to_string(),
        voices,
        negative,
        positive,
        neutral,
        members,
    })
}

/// The three counts add up to the voices: each range is cut to what the other two leave (A11).
fn tightened(voices: i64, mut told: [Bounds; 3]) -> [Bounds; 3] {
    for _ in 0..3 {
        for at in 0..3 {
            let (a, b) = (told[(at + 1) % 3], told[(at + 2) % 3]);
            told[at].0 = told[at].0.max(voices - a.1 - b.1);
            told[at].1 = told[at].1.min(voices - a.0 - b.0);
        }
    }
    told
}
