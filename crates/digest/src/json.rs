//! Everything a digest tells, for machines.

use corpus::{Day, Period, Shift};
use privacy::{Disclosed, Facts, FormShare, Quotation, ReleasedTable, ReleasedTopic};
use serde::Serialize;

use crate::csv::file_cells;
use crate::evidence::Evidence;
use crate::findings::{Finding, findings};
use crate::{DigestInput, Method};

/// Changes when a reader of the JSON would have to change.
const SCHEMA: &str = "huisheng-digest/2";

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
    quotations: &'a Disclosed<Vec<Quotation>>,
    facts: &'a Facts,
    late_documents: Option<u64>,
    method: &'a Method,
}

/// A table that names the periods and has no cells yet.
fn periods_of(input: &DigestInput) -> ReleasedTable {
    let ReleasedTable { months, periods, .. } = input.table.get();
    let (months, periods) = (months.clone(), periods.clone());
    ReleasedTable { months, periods, ..ReleasedTable::default() }
}

/// The digest as JSON, indented, ending with a line feed. Row `c3` of a finding is the third cell of `table`, `s1` the first of `shifts`,
/// `e1` the first of `emerging`. Cells and quotations are those that may leave as a file; a cell that may not is there without figures.
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
        quotations: &input.exported_quotations,
        facts: &input.facts,
        late_documents: input.late_documents,
        method: &input.method,
    };
    let mut json = serde_json::to_string_pretty(&document)
        .expect("the document has string keys and no failing serializer");
    json.push('\n');
    json
}
