//! 情感: the mean period by period with its interval, and the shares by unit.

use corpus::SeriesKey;
use maud::{Markup, html};
use privacy::{Figures, FormShare, TOO_FEW};

use super::parts::{heading, mean_interval_text, mean_text, voices_text, with_row};
use super::volume::is_unit;
use crate::chart::{
    LineChart, PointValue, ShareChart, ShareRow, Shares, Size, TimePoint, value_range,
};
use crate::evidence::Evidence;
use crate::figures::{day, percent, period, signed};
use crate::{DigestInput, Regime};

/// Units whose trend is drawn: four small charts fill the width twice.
const UNIT_CHARTS_MAX: usize = 4;
const UNIT_BARS_MAX: usize = 16;
/// Lines whose stretches are told.
const REGIME_LINES_MAX: usize = 8;

pub(super) fn render(input: &DigestInput, evidence: &mut Evidence<'_>) -> Markup {
    let whole = evidence.points(&SeriesKey::default());
    let units = evidence.keys(is_unit);
    let drawn: Vec<(&SeriesKey, Vec<TimePoint>)> =
        units.iter().take(UNIT_CHARTS_MAX).map(|key| (*key, evidence.points(key))).collect();
    let unit_range = value_range(drawn.iter().flat_map(|(_, points)| points));
    html! {
        section aria-label="情感" {
            (heading("四", "情感"))
            (trend("trend-all", "全部来源", &whole, value_range(&whole), Size::Full))
            @if !drawn.is_empty() {
                div.pair {
                    @for (position, (key, points)) in drawn.iter().enumerate() {
                        (trend(&format!("trend-{}", position + 1), &key.to_string(), points, unit_range, Size::Half))
                    }
                }
            }
            p.note { "点是当期平均倾向（每人一票，−1 最负面，+1 最正面），色带是 95% 区间；虚线框只知范围；短横表示未公布，折线在该处断开。" }
            (regimes(input))
            (shares(evidence, &units))
            (forms(input))
        }
    }
}

/// Where the level of a long line changed for good, of the series that changed most between their last two stretches.
fn regimes(input: &DigestInput) -> Markup {
    let lines = input.regimes.chunk_by(|a, b| a.key == b.key);
    let mut lines: Vec<(usize, &[Regime])> = lines
        .scan(0, |rows, line| {
            let first = *rows + 1;
            *rows += line.len();
            Some((first, line))
        })
        .collect();
    let change = |line: &[Regime]| match line {
        [.., before, now] => (now.mean - before.mean).abs(),
        _ => 0.0,
    };
    // The whole first, whatever its change.
    lines.sort_by(|(_, a), (_, b)| {
        let is_part = |line: &[Regime]| line[0].key != SeriesKey::default();
        is_part(a)
            .cmp(&is_part(b))
            .then_with(|| change(b).total_cmp(&change(a)))
            .then_with(|| a[0].key.cmp(&b[0].key))
    });
    html! {
        @if !lines.is_empty() {
            div.scroll { table {
                caption { "长期走势的分段：平均倾向在哪里换了水平" }
                thead { tr {
                    th scope="col" { "序列" }
                    th scope="col" { "各段的平均倾向" }
                } }
                tbody { @for (first, line) in lines.iter().take(REGIME_LINES_MAX) { tr {
                    th scope="row" { (line[0].key) }
                    td { @for (place, regime) in line.iter().enumerate() {
                        @if place > 0 { " → " }
                        (day(regime.first)) "起 "
                        (with_row(&signed(regime.mean), Some(&format!("r{}", first + place))))
                    } }
                } } }
            } }
            p.note { "由公布的各期数值回头划分，新的一期可能移动分界；不作预警。" @if lines.len() > REGIME_LINES_MAX { "共 " (lines.len()) " 个序列有分段，列出 " (REGIME_LINES_MAX) " 个，其余见附表。" } }
        }
    }
}

/// What was left out of the polarity: shares of sources in the month of the report, never of a unit or of anybody's texts.
fn forms(input: &DigestInput) -> Markup {
    let month = input.period.month();
    let is_reported =
        |share: &&FormShare| share.month == month && month.last_day() <= input.period.last_day();
    let shares: Vec<&FormShare> = input.form_shares.get().iter().filter(is_reported).collect();
    html! {
        @if !shares.is_empty() {
            div.scroll { table {
                caption { "套话：一个来源里许多人写的同样的话（抱怨除外），不计入倾向，只看其余文字；全文都是套话的记作中性" }
                thead { tr {
                    th scope="col" { "来源" }
                    th.amount scope="col" { "约占文字" }
                    th scope="col" { "最常见的" }
                } }
                tbody { @for share in shares { tr {
                    th scope="row" { (share.source) }
                    td.amount { @if share.percent == 0 { "不到 3%" } @else { (share.percent) "%" } }
                    td { (share.forms.join("、")) }
                } } }
            } }
        }
    }
}

fn trend(id: &str, label: &str, points: &[TimePoint], range: (f64, f64), size: Size) -> Markup {
    let title = format!("{label}的平均倾向");
    let description = described(points);
    html! {
        figure {
            figcaption { b { (label) } " · 平均倾向" }
            (LineChart { id, title: &title, description: &description, points, range, size, onset: None }.render())
        }
    }
}

/// The first and the last mean in words, for those who don't see the line.
pub(super) fn described(points: &[TimePoint]) -> String {
    let mut means = points.iter().filter_map(|point| match point.value {
        PointValue::Mean { mean, .. } => Some((point.period, mean)),
        PointValue::Range(..) | PointValue::Hidden => None,
    });
    let Some((first_period, first)) = means.next() else {
        return "没有公布的时期".to_owned();
    };
    match means.next_back() {
        Some((last_period, last)) => {
            format!(
                "{} {}，{} {}；共 {} 期",
                period(first_period),
                signed(first),
                period(last_period),
                signed(last),
                points.len()
            )
        }
        None => format!("{} {}；共 {} 期", period(first_period), signed(first), points.len()),
    }
}

fn shares(evidence: &mut Evidence<'_>, units: &[&SeriesKey]) -> Markup {
    let whole = SeriesKey::default();
    let rows: Vec<ShareRow> = std::iter::once(&whole)
        .chain(units.iter().copied().take(UNIT_BARS_MAX))
        .map(|key| {
            let cited = evidence.cite_reported(key);
            let shares = shares_of(cited.figures);
            let text = match cited.figures {
                Figures::Range { negative_share: (low, high), voices, .. } => {
                    format!("负面 {}–{}，{voices} 人", percent(*low), percent(*high))
                }
                figures => voices_text(figures),
            };
            ShareRow { label: evidence.label(key), shares, text, cell: cited.row }
        })
        .collect();
    let description = format!("{}各单位负面、中性、正面声音占比", period(evidence.period()));
    let cited = evidence.cite_reported(&whole);
    html! {
        figure {
            figcaption {
                b { "正负占比" } " · " (period(evidence.period()))
                (key_mark("#a8471d")) "负面" (key_mark("#dfe4e8")) "中性" (key_mark("#2f7f86")) "正面"
            }
            (ShareChart { id: "shares", title: "负面、中性、正面占比", description: &description, rows: &rows }.render())
        }
        @if matches!(cited.figures, Figures::Suppressed) { p.note { "全部来源：" (TOO_FEW) } }
        @else { p.note { "全部来源 " (voices_text(cited.figures)) "，平均倾向 " (mean_text(cited.figures)) "（" (mean_interval_text(cited.figures)) "）。" } }
    }
}

/// The shares of a cell that has exact ones.
fn shares_of(figures: &Figures) -> Option<Shares> {
    match figures {
        Figures::Shown { negative_share, neutral_share, positive_share, .. } => Some(Shares {
            negative: *negative_share,
            neutral: *neutral_share,
            positive: *positive_share,
        }),
        Figures::Range { .. } | Figures::Suppressed => None,
    }
}

fn key_mark(fill: &str) -> Markup {
    html! { span.key { svg viewBox="0 0 11 11" width="11" height="11" aria-hidden="true" { rect width="11" height="11" fill=(fill) {} } } }
}
