//! 声量: how many people spoke, by source and by unit.

use corpus::SeriesKey;
use maud::{Markup, html};
use privacy::TOO_FEW;

use super::parts::{heading, voices_text};
use crate::chart::{BarChart, BarRow};
use crate::evidence::{Evidence, voices};
use crate::figures::period;

/// Bars of one chart: what half a page of paper holds. The others stand in the CSV annex.
const ROWS_MAX: usize = 16;

pub(super) fn render(evidence: &mut Evidence<'_>) -> Markup {
    let sources =
        evidence.keys(|key| key.source.is_some() && key.topic.is_none() && key.unit.is_none());
    // Where the release has no cells for sources as a whole, those of source and unit stand in.
    let sources = if sources.is_empty() {
        evidence.keys(|key| key.source.is_some() && key.topic.is_none())
    } else {
        sources
    };
    let units = evidence.keys(is_unit);
    html! {
        section aria-label="声量" {
            (heading("三", "声量"))
            (bars(evidence, "volume-source", "按来源", &sources))
            (bars(evidence, "volume-unit", "按单位", &units))
            p.note { "声音按人计，一人一期计一次；同一人可在几个单位或来源留言，各行之和可以大于合计。" }
        }
    }
}

/// The cells of units as a whole.
pub(super) fn is_unit(key: &SeriesKey) -> bool {
    key.unit.is_some() && key.source.is_none() && key.topic.is_none()
}

fn bars(evidence: &mut Evidence<'_>, id: &str, title: &str, keys: &[&SeriesKey]) -> Markup {
    let rows: Vec<BarRow> = keys
        .iter()
        .take(ROWS_MAX)
        .map(|key| {
            let cited = evidence.cite_reported(key);
            let value = voices(cited.figures).map(f64::from);
            BarRow {
                label: evidence.label(key),
                value,
                text: voices_text(cited.figures),
                cell: cited.row,
            }
        })
        .collect();
    let shown = rows.iter().filter(|row| row.value.is_some()).count();
    let description = format!(
        "{}{title}的声音数，{} 行，其中公布 {shown} 行",
        period(evidence.period()),
        rows.len()
    );
    html! {
        figure {
            figcaption { b { (title) } @if keys.len() > ROWS_MAX { "（前 " (ROWS_MAX) " 行，其余 " (keys.len() - ROWS_MAX) " 行见附表文件）" } }
            @if rows.is_empty() { p.note { (TOO_FEW) } } @else { (BarChart { id, title, description: &description, rows: &rows }.render()) }
        }
    }
}
