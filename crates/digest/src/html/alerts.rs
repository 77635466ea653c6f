//! 预警: each shift with its size, its day, its people and its line.

use corpus::{Direction, SeriesKey, Shift};
use maud::{Markup, html};
use privacy::AlarmContext;

use super::parts::{heading, row_link, with_row};
use super::polarity::described;
use super::quotations::blockquote;
use crate::DigestInput;
use crate::chart::{LineChart, Onset, PointValue, Size, value_range};
use crate::contributions::{Contribution, Contributions};
use crate::evidence::Evidence;
use crate::figures::{count, day, interval, percent, period, signed};
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
            @for (row, shift) in &news { (article(input, evidence, row, shift)) }
            (changed_mixes(input, evidence))
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

fn article(input: &DigestInput, evidence: &mut Evidence<'_>, row: &str, shift: &Shift) -> Markup {
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
            (context(input, shift))
            (contributions(input, evidence, shift))
            (chart(evidence, row, shift))
            (texts(input, row, shift))
        }
    }
}

/// What lies behind an alarm: where else it shows, which parts moved it, and how much of it only a changed mix explains.
fn context(input: &DigestInput, shift: &Shift) -> Markup {
    let of_shift =
        |context: &&AlarmContext| (&context.key, context.alarm) == (&shift.key, shift.alarm);
    let Some(context) = input.contexts.get().iter().find(of_shift) else { return html! {} };
    let names = |keys: &[SeriesKey]| {
        keys.iter().map(|key| format!("「{key}」")).collect::<Vec<_>>().join("、")
    };
    html! {
        @if let Some(share) = context.mix_share {
            p { "按日计，变化中约 " (percent(share)) " 只是各部分发声多少的变化，其余是各部分自身的变化。" }
        }
        @if !context.moved_by.is_empty() { p { "按日计推动最多的部分（已公布的）：" (names(&context.moved_by)) "。" } }
        @if !context.also_visible_in.is_empty() { p { "同一变化也见于：" (names(&context.also_visible_in)) "，不另计预警。" } }
    }
}

/// Texts behind an alarm.
fn texts(input: &DigestInput, row: &str, shift: &Shift) -> Markup {
    let shifts = input.shifts.get();
    let set = input.alarm_quotations.iter().find(|set| shifts.get(set.shift) == Some(shift));
    let texts = set.map(|set| set.quotations.shown.get().as_slice()).unwrap_or_default();
    html! {
        @if texts.is_empty() { p.note { "这条预警没有可公布的摘录。" } }
        @for (position, quotation) in texts.iter().enumerate() { (blockquote(&format!("{row}q{}", position + 1), quotation)) }
    }
}

/// Changes of the period that only a changed mix explains, and sources that nothing is told of any more: nobody need have changed their mind.
fn changed_mixes(input: &DigestInput, evidence: &Evidence<'_>) -> Markup {
    let mixes = input.changed_mixes.get();
    let news = shifts_of_period(evidence, mixes);
    html! {
        @if !news.is_empty() {
            h3 { "发声构成的变化" }
            p.note { "以下变化主要因为各部分发声多少变了，不计为预警。" }
            @for (row, shift) in &news {
                @let row = row.replace('s', "m");
                p { (with_row(&shift_sentence(shift), Some(&row))) "。" }
                (context(input, shift))
            }
        }
    }
}

/// What moved the series, from the last whole period before the change to that of the alarm, as far as the released cells tell.
fn contributions(input: &DigestInput, evidence: &mut Evidence<'_>, shift: &Shift) -> Markup {
    let mut periods = evidence.periods_of(&shift.key).iter().copied();
    let before = periods.clone().rfind(|period| period.last_day() < shift.began_likely);
    let sides = before.zip(periods.find(|period| period.holds(shift.alarm)));
    let found =
        sides.and_then(|sides| Contributions::new(evidence, &input.parents, &shift.key, sides));
    let Some(found) = found else { return html! {} };
    let (named, others) = found.parts.split_at(found.parts.len().min(PARTS_MAX));
    let sum = |of: fn(&Contribution<'_>) -> f64| others.iter().map(of).sum::<f64>();
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
                @if !others.is_empty() { tr {
                    th scope="row" { "另有已公布的 " (others.len()) " 个部分" }
                    td.amount { (signed(sum(|part| part.own))) }
                    td.amount { (signed(sum(|part| part.mix))) }
                    (row_link(None))
                    (row_link(None))
                } }
                tr {
                    th scope="row" { "其余（未公布的部分和取整）" }
                    td.amount { (signed(found.rest)) }
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
        return html! { p.note { "该序列公布了平均倾向的时期不足两个，不画图。" } };
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
