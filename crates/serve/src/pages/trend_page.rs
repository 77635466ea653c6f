//! 走势: the released months of one series, as a chart and as a table.

use std::collections::BTreeMap;

use corpus::{Month, SeriesKey};
use digest::chart::{LineChart, PointValue, Size, Sparkline, TimePoint, value_range};
use digest::figures::{self, count, interval, percent, signed};
use maud::{Markup, html};
use privacy::{Figures, ReleasedTable, TOO_FEW};

use super::choices::{Choices, select};
use super::layout::{Tab, page, push_encoded};

/// Months shown: two years, so that the same season can be compared.
const MONTHS_MAX: usize = 24;

/// The page of one series; of everything when nothing is chosen.
pub(super) fn render(key: &SeriesKey, table: &ReleasedTable) -> Markup {
    let choices = Choices::of(table);
    let months =
        table.months.get(table.months.len().saturating_sub(MONTHS_MAX)..).unwrap_or_default();
    let content = html! {
        h1.visually-hidden { "走势" }
        form.search action="/trend" method="get" {
            div.filters {
                (select("单位", "unit", key.unit.as_ref().map(|n| n.as_str()), &choices.units))
                (select("来源", "source", key.source.as_ref().map(|n| n.as_str()), &choices.sources))
                (select("主题", "topic", key.topic.as_ref().map(|n| n.as_str()), &choices.topics))
                button type="submit" { "查看" }
            }
            p.note { "公布的序列：全部，或一个单位，或一个单位再加一个来源或主题。" }
        }
        (series(key, table, months))
        (overview(key, table, months))
    };
    page(Tab::Trend, &format!("{key} · 走势"), &content)
}

fn series(key: &SeriesKey, table: &ReleasedTable, months: &[Month]) -> Markup {
    let released: BTreeMap<Month, &Figures> =
        table.series(key).map(|cell| (cell.month, &cell.figures)).collect();
    let figures_of = |month: &Month| released.get(month).copied().unwrap_or(&Figures::Suppressed);
    let points: Vec<TimePoint> =
        months.iter().map(|month| point(figures_of(month), *month)).collect();
    let is_released = points.iter().any(|point| point.value != PointValue::Hidden);
    if !is_released {
        return html! { section { h2 { (key) } p.neutral { (TOO_FEW) } } };
    }
    let title = format!("{key}的平均倾向");
    let description = "每月平均倾向与 95% 区间，数值见下表";
    let chart = LineChart {
        id: "trend",
        title: &title,
        description,
        points: &points,
        range: value_range(&points),
        size: Size::Full,
        onset: None,
    };
    html! {
        section {
            h2 { (key) small { "平均倾向，−1 最负面，+1 最正面" } }
            figure { (chart.render()) }
            p.note { "色带是 95% 区间；虚线框只知范围；短横表示未公布。" }
            div.scroll tabindex="0" role="region" aria-label="各月数值" { table {
                thead { tr {
                    th scope="col" { "月份" }
                    @for name in ["声音", "平均倾向", "95% 区间", "负面", "中性", "正面"] { th.amount scope="col" { (name) } }
                } }
                tbody { @for month in months.iter().rev() { tr { th scope="row" { (figures::month(*month)) } (cells(figures_of(month))) } } }
            } }
        }
    }
}

fn point(figures: &Figures, month: Month) -> TimePoint {
    let value = match *figures {
        Figures::Shown { mean, mean_interval, .. } => {
            PointValue::Mean { mean, interval: mean_interval }
        }
        Figures::Range { mean: (low, high), .. } => PointValue::Range(low, high),
        Figures::Suppressed => PointValue::Hidden,
    };
    TimePoint { month, value, cell: None }
}

fn cells(figures: &Figures) -> Markup {
    html! {
        @match figures {
            Figures::Shown { voices, positive_share, negative_share, neutral_share, mean, mean_interval } => {
                td.amount { (count(u64::from(*voices))) " 人" }
                td.amount { (signed(*mean)) }
                td.amount { (interval(*mean_interval)) }
                @for share in [negative_share, neutral_share, positive_share] { td.amount { (percent(*share)) } }
            }
            Figures::Range { voices, positive_share, negative_share, neutral_share, mean } => {
                td.amount { (count(u64::from(*voices))) " 人" }
                td.amount { (interval(*mean)) }
                td.amount { "只公布范围" }
                @for (low, high) in [negative_share, neutral_share, positive_share] { td.amount { (percent(*low)) "–" (percent(*high)) } }
            }
            Figures::Suppressed => td.neutral colspan="6" { (TOO_FEW) }
        }
    }
}

/// Series next to the one shown: units under everything; sources and topics under a unit.
fn overview(key: &SeriesKey, table: &ReleasedTable, months: &[Month]) -> Markup {
    let is_near = |other: &SeriesKey| match &key.unit {
        None => other.unit.is_some() != other.topic.is_some() && other.source.is_none(),
        Some(unit) => {
            other.unit.as_ref() == Some(unit) && (other.source.is_some() || other.topic.is_some())
        }
    };
    // One pass: a table of many units and topics is long, and a page is asked for often.
    let mut near: BTreeMap<&SeriesKey, BTreeMap<Month, &Figures>> = BTreeMap::new();
    for cell in table.cells.iter().filter(|cell| is_near(&cell.key)) {
        near.entry(&cell.key).or_default().insert(cell.month, &cell.figures);
    }
    let Some(last) = months.last() else { return html! {} };
    if near.is_empty() {
        return html! {};
    }
    let line = |figures: &BTreeMap<Month, &Figures>| -> Vec<Option<f64>> {
        months
            .iter()
            .map(|month| figures.get(month).and_then(|figures| exact_mean(figures)))
            .collect()
    };
    let lines: Vec<Vec<Option<f64>>> = near.values().map(line).collect();
    let (low, high) = lines
        .iter()
        .flatten()
        .flatten()
        .fold((-0.2_f64, 0.2_f64), |(low, high), mean| (low.min(*mean), high.max(*mean)));
    html! {
        section {
            h2 { (if key.unit.is_some() { "本单位的来源与主题" } else { "各单位与主题" }) small { (figures::month(*last)) } }
            div.scroll tabindex="0" role="region" aria-label="相邻序列" { table {
                thead { tr {
                    th scope="col" { "序列" }
                    th scope="col" { "走势" }
                    @for name in ["声音", "平均倾向", "95% 区间", "负面", "中性", "正面"] { th.amount scope="col" { (name) } }
                } }
                tbody { @for ((other, released), line) in near.iter().zip(&lines) { tr {
                    th scope="row" { a href=(address(other)) { (other) } }
                    td { (Sparkline { title: &format!("{other}走势"), values: line, range: (low, high) }.render()) }
                    (cells(released.get(last).copied().unwrap_or(&Figures::Suppressed)))
                } } }
            } }
        }
    }
}

fn exact_mean(figures: &Figures) -> Option<f64> {
    match figures {
        Figures::Shown { mean, .. } => Some(*mean),
        Figures::Range { .. } | Figures::Suppressed => None,
    }
}

fn address(key: &SeriesKey) -> String {
    let mut address = "/trend?".to_owned();
    let names = [
        ("unit", key.unit.as_ref().map(|n| n.as_str())),
        ("source", key.source.as_ref().map(|n| n.as_str())),
        ("topic", key.topic.as_ref().map(|n| n.as_str())),
    ];
    for (name, value) in
        names.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)))
    {
        if !address.ends_with('?') {
            address.push('&');
        }
        address.push_str(name);
        address.push('=');
        push_encoded(&mut address, value);
    }
    address
}
