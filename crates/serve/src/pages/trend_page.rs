//! 走势: the released periods of one series, as a chart and as a table.

use std::collections::BTreeMap;

use corpus::{Period, SeriesKey};
use digest::chart::{LineChart, PointValue, Size, Sparkline, TimePoint, value_range};
use digest::figures::{self, count, interval, percent, signed};
use maud::{Markup, html};
use privacy::{Figures, ReleasedCell, ReleasedTable, TOO_FEW};

use super::choices::{Choices, select};
use super::layout::{Tab, page, push_encoded};

/// Months shown: two years, so that the same season can be compared.
const MONTHS_MAX: usize = 24;

/// Weeks shown: about a year.
const WEEKS_MAX: usize = 52;

/// The page of one series; of everything when nothing is chosen.
pub(super) fn render(key: &SeriesKey, table: &ReleasedTable) -> Markup {
    let choices = Choices::of(table);
    let periods = last_of(table.periods_of(key));
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
        (series(key, table, &periods))
        (overview(key, table))
    };
    page(Tab::Trend, &format!("{key} · 走势"), &content)
}

/// The last of them: two years of months, or a year of weeks.
fn last_of(mut periods: Vec<Period>) -> Vec<Period> {
    let is_monthly = periods.first().is_none_or(|period| period.is_month());
    let count_max = if is_monthly { MONTHS_MAX } else { WEEKS_MAX };
    periods.drain(..periods.len().saturating_sub(count_max));
    periods
}

fn series(key: &SeriesKey, table: &ReleasedTable, periods: &[Period]) -> Markup {
    let released: BTreeMap<Period, &Figures> =
        table.series(key).iter().map(|cell| (cell.period, &cell.figures)).collect();
    let figures_of =
        |period: &Period| released.get(period).copied().unwrap_or(&Figures::Suppressed);
    let points: Vec<TimePoint> =
        periods.iter().map(|period| point(figures_of(period), *period)).collect();
    let is_released = points.iter().any(|point| point.value != PointValue::Hidden);
    if !is_released {
        return html! { section { h2 { (key) } p.neutral { (TOO_FEW) } } };
    }
    let title = format!("{key}的平均倾向");
    let description = "每期平均倾向与 95% 区间，数值见下表";
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
            div.scroll tabindex="0" role="region" aria-label="各期数值" { table {
                thead { tr {
                    th scope="col" { "时期" }
                    @for name in ["声音", "平均倾向", "95% 区间", "负面", "中性", "正面"] { th.amount scope="col" { (name) } }
                } }
                tbody { @for period in periods.iter().rev() { tr { th scope="row" { (figures::period(*period)) } (cells_of(figures_of(period))) } } }
            } }
        }
    }
}

fn point(figures: &Figures, period: Period) -> TimePoint {
    let value = match *figures {
        Figures::Shown { mean, mean_interval, .. } => {
            PointValue::Mean { mean, interval: mean_interval }
        }
        Figures::Range { mean: (low, high), .. } => PointValue::Range(low, high),
        Figures::Suppressed => PointValue::Hidden,
    };
    TimePoint { period, value, cell: None }
}

fn cells_of(figures: &Figures) -> Markup {
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

/// Series next to the one shown, each in its own last period: units under everything; sources and topics under a unit.
fn overview(key: &SeriesKey, table: &ReleasedTable) -> Markup {
    let is_near = |other: &SeriesKey| match &key.unit {
        None => other.unit.is_some() != other.topic.is_some() && other.source.is_none(),
        Some(unit) => {
            other.unit.as_ref() == Some(unit) && (other.source.is_some() || other.topic.is_some())
        }
    };
    let (months, weeks): (Vec<Period>, Vec<Period>) =
        table.periods.iter().partition(|period| period.is_month());
    let (months, weeks) = (last_of(months), last_of(weeks));
    // One pass: a table of many units and topics is long, and a page is asked for often.
    let cells: Vec<&ReleasedCell> = table.cells.iter().filter(|cell| is_near(&cell.key)).collect();
    let near: Vec<Line<'_>> = cells
        .chunk_by(|one, other| one.key == other.key)
        .filter_map(|cells| Line::new(cells, &months, &weeks))
        .collect();
    if near.is_empty() {
        return html! {};
    }
    let means = near.iter().flat_map(|line| &line.means).flatten();
    let (low, high) =
        means.fold((-0.2_f64, 0.2_f64), |(low, high), mean| (low.min(*mean), high.max(*mean)));
    html! {
        section {
            h2 { (if key.unit.is_some() { "本单位的来源与主题" } else { "各单位与主题" }) }
            div.scroll tabindex="0" role="region" aria-label="相邻序列" { table {
                thead { tr {
                    th scope="col" { "序列" }
                    th scope="col" { "走势" }
                    th scope="col" { "时期" }
                    @for name in ["声音", "平均倾向", "95% 区间", "负面", "中性", "正面"] { th.amount scope="col" { (name) } }
                } }
                tbody { @for line in &near { tr {
                    th scope="row" { a href=(address(line.key)) { (line.key) } }
                    td { (Sparkline { title: &format!("{}走势", line.key), values: &line.means, range: (low, high) }.render()) }
                    td.day { (figures::period(line.last)) }
                    (cells_of(line.figures))
                } } }
            } }
        }
    }
}

/// One series of the overview.
struct Line<'a> {
    key: &'a SeriesKey,
    means: Vec<Option<f64>>,
    last: Period,
    /// What is told of the last period.
    figures: &'a Figures,
}

impl<'a> Line<'a> {
    /// From the cells of one series, ascending by period.
    fn new(cells: &[&'a ReleasedCell], months: &[Period], weeks: &[Period]) -> Option<Self> {
        let newest = cells.last()?;
        let periods = if newest.period.is_month() { months } else { weeks };
        let last = *periods.last()?;
        let of_period: BTreeMap<Period, &Figures> =
            cells.iter().map(|cell| (cell.period, &cell.figures)).collect();
        let mean = |period| of_period.get(period).and_then(|figures| exact_mean(figures));
        Some(Self {
            key: &newest.key,
            means: periods.iter().map(mean).collect(),
            last,
            figures: of_period.get(&last).copied().unwrap_or(&Figures::Suppressed),
        })
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
