//! 摘要: up to three findings, or that there are none.

use corpus::SeriesKey;
use maud::{Markup, html};
use privacy::Figures;

use super::parts::{heading, mean_interval_text, mean_text, negative_text, voices_text, with_row};
use crate::DigestInput;
use crate::evidence::Evidence;
use crate::findings::{QUIET, findings, shifts_of_period};

pub(super) fn render(input: &DigestInput, evidence: &mut Evidence<'_>) -> Markup {
    let findings = findings(evidence, input.shifts.get(), input.emerging.get());
    let shift_count = shifts_of_period(evidence, input.shifts.get()).len();
    let whole = evidence.cite_reported(&SeriesKey::default());
    let row = whole.row.as_deref();
    html! {
        section aria-label="摘要" {
            (heading("一", "摘要"))
            @if findings.is_empty() {
                p.quiet { (QUIET) "。" }
            } @else {
                ol.findings { @for finding in &findings { li { (with_row(&finding.text, Some(&finding.row))) "。" } } }
            }
            @if shift_count > findings.len() { p.note { "本期预警共 " (shift_count) " 条，见第七节。" } }
            dl.figures {
                div { dt { "声音" } dd { (with_row(&voices_text(whole.figures), row)) small { "一人一期计一次" } } }
                div {
                    dt { "平均倾向（−1 至 +1）" }
                    dd { (with_row(&mean_text(whole.figures), row)) small { @if matches!(whole.figures, Figures::Shown { .. }) { "95% 区间 " } (mean_interval_text(whole.figures)) } }
                }
                div { dt { "负面占比" } dd { (with_row(&negative_text(whole.figures), row)) small { "按人计" } } }
                div { dt { "本期预警" } dd { (shift_count) " 条" small { "监测序列 " (input.method.series_watched) " 个" } } }
            }
        }
    }
}
