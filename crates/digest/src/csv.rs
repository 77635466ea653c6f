//! The released cells as a table for spreadsheets.

use corpus::SeriesKey;
use privacy::{Disclosed, Figures, ReleasedCell, ReleasedTable};

use crate::DigestInput;
use crate::evidence::row_id;

/// UTF-8's byte order mark, without which Excel reads Chinese as GBK.
const MARK: char = '\u{feff}';
const HEAD: &str = "单位,来源,主题,时期,状态,声音,平均倾向,平均倾向下限,平均倾向上限,负面占比,负面占比上限,中性占比,中性占比上限,正面占比,正面占比上限";

/// Every released cell, one a line, with the row ids that the HTML cites. Of those behind which too few people stand for a file it says only that.
///
/// Lines end with CRLF (RFC 4180). Where only a range was released, a share has a lower and an upper column; exact shares leave the upper one
/// empty. Names that a spreadsheet would take for a formula are written with an apostrophe before them.
pub fn render_csv(input: &DigestInput) -> String {
    let mut csv = format!("{MARK}编号,{HEAD}\r\n");
    for (number, cell) in file_cells(input).iter().enumerate() {
        push_line(&mut csv, std::iter::once(row_id(number)).chain(columns(cell)));
    }
    csv
}

/// The cells of an export, one a line, in the form of [`render_csv`] without its row ids.
pub fn render_table(table: &Disclosed<ReleasedTable>) -> String {
    let mut csv = format!("{MARK}{HEAD}\r\n");
    table.get().cells.iter().for_each(|cell| push_line(&mut csv, columns(cell)));
    csv
}

/// The released cells as a file tells them, in their order, so that row ids hold: without figures where those are not exported.
pub(crate) fn file_cells(input: &DigestInput) -> Vec<ReleasedCell> {
    // Both tables ascend by key and period, and the exported one is a part of the other.
    let mut exported = input.exported.get().cells.iter().peekable();
    let told = |cell: &ReleasedCell| match exported
        .next_if(|next| next.key == cell.key && next.period == cell.period)
    {
        Some(exported) => exported.clone(),
        None => ReleasedCell { figures: Figures::Suppressed, ..cell.clone() },
    };
    input.table.get().cells.iter().map(told).collect()
}

fn columns(cell: &ReleasedCell) -> impl Iterator<Item = String> + use<> {
    let SeriesKey { source, unit, topic } = &cell.key;
    let names = [
        unit.as_ref().map(|n| n.as_str()),
        source.as_ref().map(|n| n.as_str()),
        topic.as_ref().map(|n| n.as_str()),
    ];
    let names = names.map(|name| field(name.unwrap_or_default()));
    let period = std::iter::once(cell.period.to_string());
    names.into_iter().chain(period).chain(figures(&cell.figures))
}

fn push_line(csv: &mut String, columns: impl Iterator<Item = String>) {
    csv.push_str(&columns.collect::<Vec<_>>().join(","));
    csv.push_str("\r\n");
}

fn figures(figures: &Figures) -> [String; 11] {
    let none = String::new;
    match figures {
        Figures::Shown {
            voices,
            positive_share,
            negative_share,
            neutral_share,
            mean,
            mean_interval: (low, high),
        } => [
            "公布".into(),
            voices.to_string(),
            number(*mean),
            number(*low),
            number(*high),
            number(*negative_share),
            none(),
            number(*neutral_share),
            none(),
            number(*positive_share),
            none(),
        ],
        Figures::Range { voices, positive_share, negative_share, neutral_share, mean } => [
            "范围".into(),
            voices.to_string(),
            none(),
            number(mean.0),
            number(mean.1),
            number(negative_share.0),
            number(negative_share.1),
            number(neutral_share.0),
            number(neutral_share.1),
            number(positive_share.0),
            number(positive_share.1),
        ],
        Figures::Suppressed => [
            privacy::TOO_FEW.into(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
        ],
    }
}

fn number(value: f64) -> String {
    format!("{:.4}", value + 0.0)
}

/// Quoted when needed, and never a formula: a unit may be called `=HYPERLINK(…)` (OWASP, CSV injection).
fn field(name: &str) -> String {
    let guarded = if name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{name}")
    } else {
        name.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_formula() {
        assert_eq!(field("采油一厂"), "采油一厂");
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("@cmd,\"x\""), "\"'@cmd,\"\"x\"\"\"");
    }

    #[test]
    fn every_line_has_the_columns_of_the_head() {
        let columns = HEAD.split(',').count();
        let shown = Figures::Shown {
            voices: 9,
            positive_share: 0.5,
            negative_share: 0.25,
            neutral_share: 0.25,
            mean: -0.0,
            mean_interval: (-0.1, 0.1),
        };
        assert_eq!(figures(&shown).len() + 4, columns);
        assert_eq!(figures(&shown)[2], "0.0000");
    }
}
