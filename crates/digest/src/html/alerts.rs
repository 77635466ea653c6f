//! 预警: each shift with its size, its day, its people and its line.

use corpus::{Direction, Shift};
use maud::{Markup, html};

use super::parts::{heading, row_link, with_row};
use super::polarity::described;
use crate::DigestInput;
use crate::chart::{LineChart, Onset, PointValue, Size, value_range};
use crate::contributions::Contributions;
use crate::evidence::Evidence;
use crate::figures::{count, day, interval, period, signed};
use crate::findings::{QUIET, shift_sentence, shifts_of_period};

/// Parts of a series that are named as what moved it.
const PARTS_MAX: usize = 4;

pub(super) fn render(input: &DigestInput, evidence: &mut Evidence<'_>) -> Markup {
    let shifts = input.shifts.get();
    let news = shifts_of_period(evidence, shifts);
    let is_earlier = |shift: &Shift| {
        evidence.reported(&shift.key).map_or(shift.alarm < input.period.first_day(), |period| {
            shift.alarm < period.first_day()
        })
    };
    let earlier: Vec<(usize, &Shift)> =
        shifts.iter().enumerate().filter(|(_, shift)| is_earlier(shift)).collect();
    html! {
        section aria-label="预警" {
            (heading("七", "预警"))
            @if news.is_empty() { p { (QUIET) "。" } }
            @for (row, shift) in &news { (article(evidence, row, shift)) }
            @if !earlier.is_empty() {
                h3 { "以往的预警" }
                ul { @for (position, shift) in &earlier {
                    @let row = format!("s{}", position + 1);
                    li { (with_row(&shift_sentence(shift), Some(&row))) "；" (day(shift.alarm)) "报出。" }
                } }
            }
        }
    }
}

fn article(evidence: &mut Evidence<'_>, row: &str, shift: &Shift) -> Markup {
    let (class, direction) = match shift.direction {
        Direction::Worse => ("shift", "转差"),
        Direction::Better => ("shift better", "转好"),
    };
    html! {
        article class=(class) data-cell=(row) {
            h3 { span.direction { (direction) } (shift.key) }
            p { (with_row(&shift_sentence(shift), Some(row))) "。" }
            table {
                thead { tr {
                    th scope="col" {}
                    th.amount scope="col" { "变化前" }
                    th.amount scope="col" { "变化后" }
                    th.amount scope="col" { "变化（95% 区间）" }
                } }
                tbody {
                    tr data-cell=(row) {
                        th scope="row" { "平均倾向" }
                        td.amount { (signed(shift.mean.0)) }
                        td.amount { (signed(shift.mean.1)) }
                        td.amount { (signed(shift.effect)) "（" (interval(shift.effect_interval)) "）" }
                    }
                    tr data-cell=(row) {
                        th scope="row" { "声音（人次，每人每日一次）" }
                        td.amount { (count(u64::from(shift.voices.0))) }
                        td.amount { (count(u64::from(shift.voices.1))) }
                        td.amount {}
                    }
                }
            }
            p { "起始日在 " (day(shift.began.0)) "至" (day(shift.began.1)) "之间，" (day(shift.alarm)) "证据达到门槛。" }
            (contributions(evidence, shift))
            (chart(evidence, row, shift))
        }
    }
}

/// What moved the series, from the last whole period before the change to that of the alarm, as far as the released cells tell.
fn contributions(evidence: &mut Evidence<'_>, shift: &Shift) -> Markup {
    let mut periods = evidence.periods_of(&shift.key).iter().copied();
    let before = periods.clone().rfind(|period| period.last_day() < shift.began_likely);
    let sides = before.zip(periods.find(|period| period.holds(shift.alarm)));
    let found =
        sides.and_then(|(before, now)| Contributions::new(evidence, &shift.key, before, now));
    let Some(found) = found else { return html! {} };
    let named = found.parts.iter().take(PARTS_MAX);
    let others = found.parts.iter().skip(PARTS_MAX).map(|part| part.own + part.mix);
    let rest = found.rest + others.sum::<f64>();
    html! {
        div.scroll { table {
            caption {
                "什么推动了变化：" (period(found.before)) "到" (period(found.now)) "，平均倾向由 " (signed(found.means.0)) " 到 " (signed(found.means.1))
            }
            thead { tr {
                th scope="col" { "部分" }
                th.amount scope="col" { "自身变化" }
                th.amount scope="col" { "占比变化" }
                th.row scope="col" { "数据行（前）" }
                th.row scope="col" { "数据行（后）" }
            } }
            tbody {
                @for part in named {
                    @let was = evidence.cite(part.key, found.before);
                    @let is = evidence.cite(part.key, found.now);
                    tr {
                        th scope="row" { (part.key) }
                        td.amount { (signed(part.own)) }
                        td.amount { (signed(part.mix)) }
                        (row_link(was.row.as_deref()))
                        (row_link(is.row.as_deref()))
                    }
                }
                tr {
                    th scope="row" { "其余（未公布的部分和取整）" }
                    td.amount { (signed(rest)) }
                    td.amount {}
                    (row_link(None))
                    (row_link(None))
                }
            }
        } }
        @if found.is_changed_mix() {
            p.note { "大部分变化来自各部分发声多少的变化，而不是各部分自身的看法：可能只是说话的人不同了。" }
        }
    }
}

/// The released periods of the series with the day of change; nothing when fewer than two have a mean.
fn chart(evidence: &mut Evidence<'_>, row: &str, shift: &Shift) -> Markup {
    let points = evidence.points(&shift.key);
    let mean_count =
        points.iter().filter(|point| matches!(point.value, PointValue::Mean { .. })).count();
    if mean_count < 2 {
        return html! { p.note { "该序列公布的时期不足两个，不画图。" } };
    }
    let title = format!("{}的平均倾向与起始日", shift.key);
    let description = format!("{}；最可能始于 {}", described(&points), day(shift.began_likely));
    let id = format!("chart-{row}");
    let onset = Onset { first: shift.began.0, likely: shift.began_likely, last: shift.began.1 };
    let chart = LineChart {
        id: &id,
        title: &title,
        description: &description,
        points: &points,
        range: value_range(&points),
        size: Size::Full,
        onset: Some(onset),
    };
    html! { figure { (chart.render()) figcaption.note { "虚线是最可能的起始日，浅色带是起始日的区间。" } } }
}
