//! Questions that a works council or a manager may ask: none about personal attributes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::{Answers, Bounds, Cell};
use super::organization::{Organization, SOURCES, is_department};
use super::report::AnsweredKind;

/// A range counts as an answer when its share of negative voices is at most so wide.
pub(super) const NARROW: f64 = 0.30;

/// Topics in the basket: those that people write about most.
const TOPICS: usize = 10;
/// Of them, those that are asked for by department.
const TOPICS_BY_DEPARTMENT: usize = 2;

/// How the questions fare: by month, or by week where that is released, the whole, sources, departments, teams, topics, and the leading topics by department.
pub(super) fn ask(organization: &Organization, answers: &Answers) -> Vec<AnsweredKind> {
    let topics = leading_topics(answers);
    let cell = |unit: Option<&str>, source: Option<&str>, topic: Option<&str>| Cell {
        unit: unit.map(str::to_owned),
        source: source.map(str::to_owned),
        topic: topic.map(str::to_owned),
    };
    let (departments, teams): (Vec<&str>, Vec<&str>) =
        organization.units().into_iter().partition(|unit| is_department(unit));
    let sources: Vec<&str> = SOURCES.iter().map(|(name, ..)| *name).collect();
    let by_department = topics
        .iter()
        .take(TOPICS_BY_DEPARTMENT)
        .flat_map(|topic| departments.iter().map(|unit| cell(Some(unit), None, Some(topic))));
    let kinds: Vec<(&str, Vec<Cell>)> = vec![
        ("everything by period", vec![Cell::default()]),
        ("source by period", sources.iter().map(|name| cell(None, Some(name), None)).collect()),
        (
            "department by period",
            departments.iter().map(|name| cell(Some(name), None, None)).collect(),
        ),
        ("team by period", teams.iter().map(|name| cell(Some(name), None, None)).collect()),
        ("topic by period", topics.iter().map(|name| cell(None, None, Some(name))).collect()),
        ("department and leading topic by period", by_department.collect()),
    ];
    let periods = |unit: Option<&str>| {
        let is_weekly = organization.is_weekly(unit);
        let all = answers.answered.iter().chain(&answers.refused);
        let of_kind =
            all.filter(|answer| organization.is_weekly(answer.cell.unit.as_deref()) == is_weekly);
        of_kind.map(|answer| answer.period.as_str()).collect::<BTreeSet<_>>().len()
    };
    kinds
        .into_iter()
        .map(|(kind, cells)| {
            let asked = cells.iter().map(|cell| periods(cell.unit.as_deref())).sum();
            let told = answers.answered.iter().filter(|answer| cells.contains(&answer.cell));
            let widths: Vec<f64> =
                told.map(|answer| width(answer.negative, answer.voices)).collect();
            AnsweredKind {
                kind: kind.to_owned(),
                asked,
                exact: widths.iter().filter(|width| **width == 0.0).count(),
                narrow: widths.iter().filter(|width| **width > 0.0 && **width <= NARROW).count(),
            }
        })
        .collect()
}

fn width((low, high): Bounds, voices: i64) -> f64 {
    (high - low) as f64 / voices.max(1) as f64
}

fn leading_topics(answers: &Answers) -> Vec<String> {
    let mut voices: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for answer in answers.answered.iter().chain(&answers.refused) {
        if let Cell { unit: None, source: None, topic: Some(topic) } = &answer.cell {
            *voices.entry(topic).or_default() += answer.members.len();
        }
    }
    let mut topics: Vec<(&str, usize)> = voices.into_iter().collect();
    topics.sort_by_key(|(topic, voices)| (std::cmp::Reverse(*voices), *topic));
    topics.into_iter().take(TOPICS).map(|(topic, _)| topic.to_owned()).collect()
}

/// Words that everybody uses, as a reader would type them.
pub(super) const WORDS: [&str; 16] = [
    "食堂", "宿舍", "安全", "夜班", "培训", "工资", "班车", "设备", "系统", "体检", "领导", "希望",
    "建议", "太", "好", "不",
];

/// Whether a search answer of confidential sources is the neutral one.
pub(super) fn is_neutral(answer: &Value) -> bool {
    answer["kind"] == "too_few"
}
