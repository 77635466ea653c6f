//! Attacks with words: rare ones as questions, a colleague's sentence, what quotations let slip, what their order tells.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use anyhow::Context as _;

use super::K;
use super::basket::{WORDS, is_neutral};
use super::organization::{Organization, SOURCES};
use super::report::{Exposed, Findings};
use super::surface::{Server, address};
use super::truth::Counted;

/// A question of this many characters is accepted at most.
const QUESTION_CHARS_MAX: usize = 500;

/// So many documents are asked for by their exact words.
const SENTENCES_MAX: usize = 200;

/// Runs all of them.
pub(super) fn attack(
    server: &Server,
    organization: &Organization,
    documents: &[Counted],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    rare_words(server, organization, documents, findings)?;
    known_sentences(server, organization, documents, findings)?;
    let answers = quotations(server, organization)?;
    small_sets(&answers, documents, findings);
    let report = server.get("/digest/latest.html")?.body;
    slips(&answers, organization, documents, reported(&report), findings);
    order(&answers, documents, findings);
    Ok(())
}

/// A6: every word of one's own, as a question alone and with each filter, in the lists that forms offer, and on every page.
fn rare_words(
    server: &Server,
    organization: &Organization,
    documents: &[Counted],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let pages = ["/", "/trend", "/digest", "/digest/latest.csv", "/about", "/api/v1/digest.json"];
    let pages: String = pages
        .iter()
        .map(|page| server.get(page).map(|reply| reply.body))
        .collect::<Result<_, _>>()?;
    for (person, word) in own_words(organization) {
        // Where they used it under a public account, everybody can read it.
        let is_public = documents.iter().any(|d| !d.is_confidential() && d.display.contains(word));
        let team = &organization.teams[organization.people[person].team].name;
        let filters: [&[(&str, &str)]; 4] =
            [&[], &[("unit", team)], &[("polarity", "negative")], &[("source", SOURCES[0].0)]];
        for filter in filters {
            let with = |word: &str| -> anyhow::Result<Value> {
                let fields: Vec<(&str, &str)> =
                    std::iter::once(("q", word)).chain(filter.iter().copied()).collect();
                Ok(server.search(&fields)?.unwrap_or_default())
            };
            if with(word)? != with("鬱龘麤")? {
                exposed.add_one(person);
            }
        }
        if pages.contains(word) && !is_public {
            exposed.add_one(person);
        }
    }
    findings.add(
        "A6",
        "every word that one person uses, as question, filter, on pages and in lists",
        exposed,
    );
    Ok(())
}

fn own_words(organization: &Organization) -> impl Iterator<Item = (usize, &str)> {
    let people = organization.people.iter().enumerate();
    people.filter_map(|(index, person)| Some((index, person.own_word.as_deref()?)))
}

/// A13: sentences as they were written against the same with two characters exchanged: does the answer tell which one exists?
fn known_sentences(
    server: &Server,
    organization: &Organization,
    documents: &[Counted],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let (mut asked, mut hits, mut false_hits) = (0_u32, 0_u32, 0_u32);
    let sentences = if organization.is_small { SENTENCES_MAX / 10 } else { SENTENCES_MAX };
    for document in documents.iter().filter(|document| document.is_confidential()).take(sentences) {
        let whole: String = document.display.chars().take(QUESTION_CHARS_MAX).collect();
        let clause: String =
            document.display.split(['，', '。', '！', '？']).next().unwrap_or_default().to_owned();
        let quoted = format!("\"{clause}\"");
        for sentence in [whole, clause, quoted] {
            let ask = |sentence: &str| -> anyhow::Result<bool> {
                let answer = server.search(&[("q", sentence)])?;
                Ok(answer.is_some_and(|answer| !is_neutral(&answer)))
            };
            let (written, unwritten) = (ask(&sentence)?, ask(&exchanged(&sentence))?);
            asked += 1;
            hits += u32::from(written);
            false_hits += u32::from(unwritten);
            let writers: BTreeSet<usize> = documents
                .iter()
                .filter(|d| d.display.contains(sentence.trim_matches('"')))
                .map(|d| d.person)
                .collect();
            if written && !unwritten && writers.len() < K {
                exposed.add_set(writers);
            }
        }
    }
    let advantage = f64::from(hits.abs_diff(false_hits)) / f64::from(asked.max(1));
    let figure = format!("advantage over guessing {advantage:.3} over {asked} sentences");
    if advantage > 0.02 {
        organization.authors().into_iter().for_each(|person| exposed.add_one(person));
    }
    findings.add_with_figure("A13", "a colleague's exact sentence: is it there?", exposed, figure);
    Ok(())
}

/// The same characters in another order.
fn exchanged(sentence: &str) -> String {
    let mut characters: Vec<char> = sentence.chars().collect();
    let inner = 1..characters.len().saturating_sub(1);
    if inner.len() > 1 {
        characters[inner].reverse();
    }
    characters.into_iter().collect()
}

/// One answer of confidential sources to a word with at most one filter.
struct Quoted {
    word: String,
    unit: Option<String>,
    source: Option<String>,
    quotations: Vec<Value>,
}

/// Everything that can be quoted: common words alone, by unit, by source and by polarity.
fn quotations(server: &Server, organization: &Organization) -> anyhow::Result<Vec<Quoted>> {
    let units = organization.units();
    let mut answers = Vec::new();
    let words = if organization.is_small { &WORDS[..3] } else { &WORDS[..] };
    for word in words.iter().copied().chain([""]) {
        let mut filters: Vec<Option<(&str, &str)>> = vec![None];
        filters.extend(units.iter().map(|unit| Some(("unit", *unit))));
        filters.extend(SOURCES.iter().map(|(name, ..)| Some(("source", *name))));
        filters.extend(
            ["negative", "neutral", "positive"].map(|polarity| Some(("polarity", polarity))),
        );
        for filter in filters {
            let fields: Vec<(&str, &str)> =
                [("q", word), ("limit", "100")].into_iter().chain(filter).collect();
            let Some(mut answer) = server.search(&fields)? else { continue };
            let Value::Array(quotations) = answer["quotations"].take() else { continue };
            let of = |name: &str| {
                filter.filter(|(field, _)| *field == name).map(|(_, value)| value.to_owned())
            };
            answers.push(Quoted {
                word: word.to_owned(),
                unit: of("unit"),
                source: of("source"),
                quotations,
            });
        }
    }
    Ok(answers)
}

/// A1 on searches: the people behind every answered question, month by month.
fn small_sets(answers: &[Quoted], documents: &[Counted], findings: &mut Findings) {
    let mut exposed = Exposed::default();
    for answer in answers {
        let months: BTreeSet<&str> =
            answer.quotations.iter().filter_map(|q| q["month"].as_str()).collect();
        for month in months {
            let matching = documents.iter().filter(|d| {
                d.is_confidential()
                    && d.month == month
                    && d.display.contains(&answer.word)
                    && answer.unit.as_ref().is_none_or(|unit| d.units.contains(unit))
                    && answer.source.as_ref().is_none_or(|source| *source == SOURCES[d.source].0)
            });
            let people: BTreeSet<usize> = matching.map(|document| document.person).collect();
            if people.len() < K {
                exposed.add_set(people);
            }
        }
    }
    findings.add("A1", "people behind every answered search", exposed);
}

/// All that one report quotes, beside the alarms and of the month: `text`, `source` and `month` as they stand on the page.
fn reported(page: &str) -> Vec<Value> {
    let between = |part: &str, open: &str, close: &str| {
        let (_, rest) = part.split_once(open)?;
        Some(rest.split_once(close)?.0.to_owned())
    };
    let quotation = |part: &str| {
        let (text, footer) =
            (between(part, "<p>", "</p>")?, between(part, "<footer>—— ", "</footer>")?);
        let places: Vec<&str> = footer.split(" · ").collect();
        let month = places.iter().rev().nth(1)?;
        Some(json!({ "text": text, "source": places[0], "month": month }))
    };
    page.split("<blockquote").skip(1).filter_map(quotation).collect()
}

/// A15: identifiers, words of one's own, and two quotations of one author in one answer or report.
fn slips(
    answers: &[Quoted],
    organization: &Organization,
    documents: &[Counted],
    reported: Vec<Value>,
    findings: &mut Findings,
) {
    let mut exposed = Exposed::default();
    let own: Vec<(usize, &str)> = own_words(organization).collect();
    let in_report = reported.len();
    let sets = answers.iter().map(|answer| &answer.quotations).chain([&reported]);
    let mut texts = BTreeSet::new();
    for quotations in sets {
        let mut of_one: BTreeMap<(&str, &str, usize), usize> = BTreeMap::new();
        for quotation in quotations {
            let text = quotation["text"].as_str().unwrap_or_default();
            texts.insert(text.to_owned());
            for (person, _) in own.iter().filter(|(_, word)| text.contains(word)) {
                exposed.add_one(*person);
            }
            let secret = organization.documents.iter().find(|document| {
                document.secret.as_ref().is_some_and(|secret| text.contains(secret.as_str()))
            });
            if let Some(document) = secret {
                exposed.add_one(document.person);
            }
            if let Some(writer) = only_writer(text, documents) {
                let [month, source] =
                    ["month", "source"].map(|name| quotation[name].as_str().unwrap_or_default());
                let count = of_one.entry((month, source, writer)).or_default();
                *count += 1;
                if *count > 1 {
                    exposed.add_one(writer);
                }
            }
        }
    }
    let figure = format!("{} texts quoted, {in_report} of them in the report", texts.len());
    findings.add_with_figure(
        "A15",
        "quotations: identifiers, words of one's own, several of one author",
        exposed,
        figure,
    );
}

/// A6 on topics that the program finds by itself: the words by which it names those of confidential texts.
pub(super) fn discovered(
    found: &Value,
    documents: &[Counted],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let topics = found["confidential"]["topics"].as_array().context("read discovered topics")?;
    let terms: BTreeSet<&str> = topics
        .iter()
        .flat_map(|topic| topic["terms"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    for term in &terms {
        let using = documents.iter().filter(|d| d.is_confidential() && d.display.contains(term));
        let people: BTreeSet<usize> = using.map(|document| document.person).collect();
        if people.len() < K {
            exposed.add_set(people);
        }
    }
    let assigned = found["assignments"].as_array().into_iter().flatten();
    for id in assigned.filter_map(|assignment| assignment["id"].as_str()) {
        let named = documents.iter().find(|d| d.is_confidential() && d.id == id);
        named.into_iter().for_each(|document| exposed.add_one(document.person));
    }
    let figure = format!("{} topics, {} words", topics.len(), terms.len());
    findings.add_with_figure(
        "A6",
        "topics found in confidential texts, and their words",
        exposed,
        figure,
    );
    Ok(())
}

/// Who wrote a passage, when only one person did.
fn only_writer(text: &str, documents: &[Counted]) -> Option<usize> {
    let passage = text.trim_matches('…');
    let writers: BTreeSet<usize> = documents
        .iter()
        .filter(|d| d.is_confidential() && d.display.contains(passage))
        .map(|d| d.person)
        .collect();
    writers.iter().next().copied().filter(|_| writers.len() == 1)
}

/// A12: does the order of quotations follow the order of arrival? Spearman's correlation within month, over all answers.
fn order(answers: &[Quoted], documents: &[Counted], findings: &mut Findings) {
    let arrival: BTreeMap<&str, usize> = documents
        .iter()
        .enumerate()
        .map(|(index, document)| (document.display.as_str(), index))
        .collect();
    let (mut weighted, mut weight, mut fields) = (0.0, 0.0, BTreeSet::new());
    let mut seen = BTreeSet::new();
    for answer in answers {
        fields.extend(
            answer.quotations.iter().filter_map(Value::as_object).flat_map(|q| q.keys().cloned()),
        );
        let mut months: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for quotation in &answer.quotations {
            let text = quotation["text"].as_str().unwrap_or_default().trim_matches('…');
            let found =
                arrival.iter().find(|(display, _)| display.contains(text)).map(|(_, index)| *index);
            if let (Some(index), Some(month)) = (found, quotation["month"].as_str()) {
                months.entry(month).or_default().push(index);
            }
        }
        for ranks in months.into_values().filter(|ranks| ranks.len() >= 4) {
            // The same list under another filter is no second observation.
            if seen.insert(ranks.clone()) {
                let n = ranks.len() as f64;
                weighted += spearman(&ranks) * (n - 1.0);
                weight += n - 1.0;
            }
        }
    }
    let rho = if weight > 0.0 { weighted / weight } else { 0.0 };
    // Under no relation the pooled correlation has variance 1 / weight.
    let limit = 3.0 / f64::max(weight, 1.0).sqrt();
    let mut exposed = Exposed::default();
    let tells_more = fields
        .iter()
        .any(|field| !["text", "source", "unit", "month", "polarity"].contains(&field.as_str()));
    if rho.abs() > limit || tells_more {
        documents.iter().for_each(|document| exposed.add_one(document.person));
    }
    let figure = format!("rank correlation with arrival {rho:.3}, chance reaches {limit:.3}");
    findings.add_with_figure("A12", "order, ids and timestamps of quotations", exposed, figure);
}

fn spearman(values: &[usize]) -> f64 {
    let n = values.len() as f64;
    let rank = |value: usize| values.iter().filter(|other| **other < value).count() as f64;
    let squares: f64 =
        values.iter().enumerate().map(|(place, value)| (place as f64 - rank(*value)).powi(2)).sum();
    1.0 - 6.0 * squares / (n * (n * n - 1.0))
}

/// A18: one question in a hundred wordings.
pub(super) fn wordings(
    server: &Server,
    organization: &Organization,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let same = ["食堂", " 食堂", "食堂 ", "食堂　"];
    let units = organization.units();
    let mut asked = 0;
    for unit in units.iter().take(8) {
        let [plain, other] = [
            address("/api/v1/trend", &[("unit", unit), ("topic", "食堂")]),
            address("/api/v1/trend", &[("topic", "食堂"), ("unit", unit)]),
        ];
        let padded = address(
            "/api/v1/trend",
            &[("unit", &format!(" {unit} ")), ("source", ""), ("topic", "食堂 ")],
        );
        let first = server.json(&plain)?;
        for wording in [&plain, &other, &padded] {
            asked += 1;
            if server.json(wording)? != first {
                exposed.add_set(0..organization.people.len());
            }
        }
        let first = server.search(&[("q", same[0]), ("unit", unit)])?;
        for spelling in same {
            for polarity in ["", " "] {
                asked += 1;
                if server.search(&[("polarity", polarity), ("unit", unit), ("q", spelling)])?
                    != first
                {
                    exposed.add_set(0..organization.people.len());
                }
            }
        }
    }
    let figure = format!("{asked} wordings");
    findings.add_with_figure("A18", "the same question in many wordings", exposed, figure);
    Ok(())
}
