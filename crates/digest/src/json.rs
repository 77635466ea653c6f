//! Everything a digest tells, for machines.

use corpus::{Day, Period, Shift};
use privacy::{
    AlarmContext, DetectableEffect, Disclosed, Facts, FormShare, Quotation, ReleasedTable,
    ReleasedTopic,
};
use serde::Serialize;

use crate::csv::file_cells;
use crate::evidence::Evidence;
use crate::findings::{Finding, findings};
use crate::{AlarmQuotations, DigestInput, Method, Regime};

/// Changes when a reader of the JSON would have to change.
const SCHEMA: &str = "huisheng-digest/3";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    organization: &'a str,
    period: Period,
    prepared: Day,
    findings: Vec<Finding>,
    shifts: &'a Disclosed<Vec<Shift>>,
    emerging: &'a Disclosed<Vec<ReleasedTopic>>,
    form_shares: &'a Disclosed<Vec<FormShare>>,
    table: ReleasedTable,
    changed_mixes: &'a Disclosed<Vec<Shift>>,
    contexts: &'a Disclosed<Vec<AlarmContext>>,
    detectable: Seen<'a>,
    regimes: &'a [Regime],
    quotations: &'a Disclosed<Vec<Quotation>>,
    alarm_quotations: Vec<AlarmTexts<'a>>,
    facts: &'a Facts,
    method: &'a Method,
}

/// What would have been seen, and on which terms.
#[derive(Serialize)]
struct Seen<'a> {
    days: u32,
    false_alarms_per_series_year: f64,
    effects: &'a Disclosed<Vec<DetectableEffect>>,
}

/// Texts behind an alarm.
#[derive(Serialize)]
struct AlarmTexts<'a> {
    row: String,
    quotations: &'a Disclosed<Vec<Quotation>>,
}

/// A table that names the periods and has no cells yet.
fn periods_of(input: &DigestInput) -> ReleasedTable {
    let ReleasedTable { months, periods, .. } = input.table.get();
    let (months, periods) = (months.clone(), periods.clone());
    ReleasedTable { months, periods, ..ReleasedTable::default() }
}

fn texts_of(set: &AlarmQuotations) -> AlarmTexts<'_> {
    AlarmTexts { row: format!("s{}", set.shift + 1), quotations: &set.quotations.exported }
}

/// The digest as JSON, indented, ending with a line feed. Row `c3` of a finding is the third cell of `table`, `s1` the first of `shifts`,
/// `m1` the first of `changed_mixes`, `v1` the first of `detectable.effects`, `r1` the first of `regimes`, `e1` the first of `emerging`. Cells and quotations are those that may leave as a file; a cell that may not is there without figures.
pub fn render_json(input: &DigestInput) -> String {
    let evidence = Evidence::new(input.table.get(), input.period);
    let document = Document {
        schema: SCHEMA,
        organization: &input.organization,
        period: input.period,
        prepared: input.prepared,
        findings: findings(&evidence, input.shifts.get(), input.emerging.get()),
        shifts: &input.shifts,
        emerging: &input.emerging,
        form_shares: &input.form_shares,
        table: ReleasedTable { cells: file_cells(input), ..periods_of(input) },
        changed_mixes: &input.changed_mixes,
        contexts: &input.contexts,
        detectable: Seen {
            days: input.detectable.days,
            false_alarms_per_series_year: input.detectable.false_alarms_per_series_year,
            effects: &input.detectable.effects,
        },
        regimes: &input.regimes,
        quotations: &input.quotations.exported,
        alarm_quotations: input.alarm_quotations.iter().map(texts_of).collect(),
        facts: &input.facts,
        method: &input.method,
    };
    let mut json = serde_json::to_string_pretty(&document)
        .expect("the document has string keys and no failing serializer");
    json.push('\n');
    json
}
