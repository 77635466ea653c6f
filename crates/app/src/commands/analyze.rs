//! `huisheng analyze`: what a text says of which matter, clause by clause, and over a file which matters are praised and which complained of.
//!
//! What many texts of a file say word for word, or by the same formula, is form (套话) and says nothing about anybody's mind: it is marked, its share is
//! told, and neither the texts' polarity nor the sums count it. Complaints count in whatever form they are made.
//!
//! Reads files of the user's own, never a store's texts: what a store holds leaves it through the guard only. They are judged as the store judges, by its
//! words, models and taxonomy where it has its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use corpus::{Polarity, TokenBatch, TopicId};
use enrich::ClauseScratch;
use serde::Serialize;
use text::{Forms, Written};

use super::print;
use super::text::{Line, for_each_line};
use crate::Outcome;
use crate::cli::Analyze;
use crate::config::Config;
use crate::forms::{self, FormScratch, FormalShare};
use crate::pipeline::Stages;

/// So many texts of a file make a form: nobody says who wrote which line, so each counts as somebody's.
const PEOPLE_MIN: u32 = 10;
/// Copied clauses that are printed; `--json` has all.
const COPIED_SHOWN: usize = 5;
/// Matters that are printed; `--json` has all.
const MATTERS_SHOWN: usize = 30;

#[derive(Serialize)]
struct Analysis {
    documents: Vec<Document>,
    /// Share of letters and digits that stand in forms.
    boilerplate_share: f64,
    /// Those of most texts first.
    boilerplate: Vec<Copied>,
    /// Most named first.
    matters: Vec<Matter>,
}

#[derive(Serialize)]
struct Copied {
    text: String,
    documents: usize,
}

#[derive(Serialize)]
struct Document {
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    id: serde_json::Value,
    /// Normalized: spans count its bytes.
    text: String,
    /// Of what is not form; `null` when unsure, or when nothing else is left.
    polarity: Option<Polarity>,
    score: f32,
    topics: Vec<TopicId>,
    /// Those of `topics` that none of their words gives: the classifier finds them likely.
    likely_topics: Vec<TopicId>,
    clauses: Vec<Clause>,
}

#[derive(Serialize)]
struct Clause {
    text: String,
    byte_start: u32,
    byte_end: u32,
    polarity: Option<Polarity>,
    score: f32,
    is_boilerplate: bool,
    aspects: Vec<Aspect>,
}

#[derive(Serialize)]
struct Aspect {
    name: String,
    #[serde(flatten)]
    span: enrich::Aspect,
}

/// How often a matter was praised and complained of, over all documents; once a document and direction.
#[derive(Serialize)]
struct Matter {
    name: String,
    topic: Option<TopicId>,
    positive: u64,
    negative: u64,
    neutral: u64,
}

/// Judges the text that was typed, or each line of a file.
pub(crate) fn run(config: &Config, options: &Analyze, json: bool) -> anyhow::Result<Outcome> {
    let mut analyzer = Analyzer {
        stages: Stages::of_store(config)?,
        text: text::Scratch::default(),
        clauses: ClauseScratch::default(),
        forms: FormScratch::default(),
    };
    let mut documents = Vec::new();
    if let Some(text) = &options.text {
        documents.push(analyzer.document(serde_json::Value::Null, text));
    }
    if let Some(file) = &options.file {
        for_each_line(file, |line| {
            let Line { id, text } = Line::read(line)?;
            documents.push(analyzer.document(id, &text));
            Ok(())
        })?;
    }
    let (boilerplate_share, boilerplate) = analyzer.take_out_boilerplate(&mut documents);
    let matters = matters(&documents);
    let analysis = Analysis { documents, boilerplate_share, boilerplate, matters };
    print(&analysis, json, |analysis| match (&options.text, analysis.documents.first()) {
        (Some(_), Some(document)) => clauses_of(document),
        _ => sums_of(analysis),
    })?;
    Ok(Outcome::Done)
}

struct Analyzer {
    stages: Stages,
    text: text::Scratch,
    clauses: ClauseScratch,
    forms: FormScratch,
}

impl Analyzer {
    fn document(&mut self, id: serde_json::Value, text: &str) -> Document {
        let Stages { normalizer, segmenter, enricher, .. } = &self.stages;
        let text = normalizer.normalize(text, &mut self.text).text;
        let mut tokens = TokenBatch::default();
        segmenter.tokenize_batch([text.as_str()], &mut self.text, &mut tokens);
        let judgement = enricher.judge_text(&text, &tokens, 0, &mut self.clauses);
        let by_words = enricher.taxonomy().label_text(&text, &tokens, 0);
        let likely = judgement.topics.iter().filter(|topic| !by_words.contains(topic));
        let class_of = |word: &str| segmenter.class(word);
        let found = enricher.clauses(&text, &tokens, 0, &class_of, &mut self.clauses);
        let part = |start: u32, end: u32| {
            text.get(start as usize..end as usize).unwrap_or_default().to_owned()
        };
        let clauses = found.into_iter().map(|clause| Clause {
            text: part(clause.byte_start, clause.byte_end),
            byte_start: clause.byte_start,
            byte_end: clause.byte_end,
            polarity: clause.polarity,
            score: clause.score,
            is_boilerplate: false,
            aspects: clause
                .aspects
                .into_iter()
                .map(|span| Aspect { name: part(span.byte_start, span.byte_end), span })
                .collect(),
        });
        let clauses = clauses.collect();
        Document {
            id,
            polarity: judgement.polarity,
            score: judgement.score,
            likely_topics: likely.cloned().collect(),
            topics: judgement.topics,
            clauses,
            text,
        }
    }
}

impl Analyzer {
    /// Marks what is form and judges its documents by what remains. Gives the share of letters in forms and the forms.
    fn take_out_boilerplate(&mut self, documents: &mut [Document]) -> (f64, Vec<Copied>) {
        let texts: Vec<String> = documents.iter().map(|document| document.text.clone()).collect();
        let lines = (0..).zip(&texts).map(|(line, text)| Written {
            text,
            person: line,
            group: line,
            is_named: true,
        });
        let lines: Vec<Written<'_>> = lines.collect();
        let found = self.stages.forms_in(&lines, &forms::limits(PEOPLE_MIN), &mut self.forms);
        let forms = Forms::new(found.iter().map(|form| (form.text.clone(), form.is_formula)));
        let mut share = FormalShare::default();
        for document in documents {
            let remains = self.stages.without_forms(&forms, &document.text, &mut self.forms);
            share.add(&document.text, remains.as_ref());
            let Some(remains) = remains else { continue };
            (document.polarity, document.score) = (remains.polarity, remains.score);
            for clause in &mut document.clauses {
                let bytes = clause.byte_start as usize..clause.byte_end as usize;
                clause.is_boilerplate = remains.holds(&bytes);
            }
        }
        let told = found.into_iter().map(|form| Copied { text: form.text, documents: form.people });
        (share.value(), told.collect())
    }
}

/// Sums up the documents. A matter counts once a document and direction, so that one long complaint is one complaint.
fn matters(documents: &[Document]) -> Vec<Matter> {
    type Counts = BTreeMap<(String, Option<TopicId>), [u64; 3]>;
    let mut counts = Counts::new();
    for document in documents {
        let mut said: Vec<(&str, Option<&TopicId>, usize)> = document
            .clauses
            .iter()
            .filter(|clause| !clause.is_boilerplate)
            .filter_map(|clause| Some((clause, (clause.polarity?.sign() + 1) as usize)))
            .flat_map(|(clause, direction)| {
                clause.aspects.iter().map(move |aspect| {
                    (aspect.name.as_str(), aspect.span.topic.as_ref(), direction)
                })
            })
            .collect();
        said.sort_unstable();
        said.dedup();
        for (name, topic, direction) in said {
            counts.entry((name.to_owned(), topic.cloned())).or_default()[direction] += 1;
        }
    }
    let mut matters: Vec<Matter> = counts
        .into_iter()
        .map(|((name, topic), [negative, neutral, positive])| Matter {
            name,
            topic,
            positive,
            negative,
            neutral,
        })
        .collect();
    matters.sort_by_key(|matter| {
        std::cmp::Reverse(matter.positive + matter.negative + matter.neutral)
    });
    matters
}

fn clauses_of(document: &Document) -> String {
    let topics = document.topics.iter().map(|topic| {
        let how = if document.likely_topics.contains(topic) { "likely " } else { "" };
        format!("{how}{topic}")
    });
    let topics = topics.collect::<Vec<_>>().join(", ");
    let topics = if topics.is_empty() { "none" } else { &topics };
    let mut out = format!("{} {:+.2}  topics: {topics}\n", word(document.polarity), document.score);
    for clause in &document.clauses {
        let aspects: Vec<String> = clause
            .aspects
            .iter()
            .map(|aspect| match &aspect.span.topic {
                Some(topic) => format!("{} [{topic}]", aspect.name),
                None => aspect.name.clone(),
            })
            .collect();
        let _ = writeln!(
            out,
            "  {:>3}..{:<3} {:<8} {:+.2}  {}  {}",
            clause.byte_start,
            clause.byte_end,
            word(clause.polarity),
            clause.score,
            clause.text.trim(),
            aspects.join(", ")
        );
    }
    out
}

fn sums_of(analysis: &Analysis) -> String {
    let mut out = String::new();
    if !analysis.boilerplate.is_empty() {
        let _ = writeln!(
            out,
            "{:.1} % of the letters are form and not counted:",
            100.0 * analysis.boilerplate_share
        );
        for copied in analysis.boilerplate.iter().take(COPIED_SHOWN) {
            let _ = writeln!(out, "  {:>5} texts  {}", copied.documents, copied.text);
        }
    }
    let _ = writeln!(
        out,
        "{} documents; positive, negative, neutral by matter:",
        analysis.documents.len()
    );
    for matter in analysis.matters.iter().take(MATTERS_SHOWN) {
        let topic = matter.topic.as_ref().map_or(String::new(), |topic| format!(" [{topic}]"));
        let _ = writeln!(
            out,
            "  +{:<5} -{:<5} ={:<5} {}{topic}",
            matter.positive, matter.negative, matter.neutral, matter.name
        );
    }
    out
}

fn word(polarity: Option<Polarity>) -> &'static str {
    polarity.map_or("unsure", Polarity::as_str)
}
