//! 附表: the rows that the digest cites, as they were released.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use corpus::{Direction, Shift};
use maud::{Markup, html};
use privacy::{Figures, ReleasedCell, ReleasedTopic};

use super::method::{effect_text, numbered};
use crate::evidence::Evidence;
use crate::figures::{count, interval, percent, signed};
use crate::findings::kind_name;
use crate::{DigestInput, Regime, render_csv};

pub(super) fn render(input: &DigestInput, evidence: &Evidence<'_>) -> Markup {
    let csv = format!("data:text/csv;charset=utf-8;base64,{}", STANDARD.encode(render_csv(input)));
    let file = format!("huisheng-{}.csv", input.period);
    html! {
        aside.annex aria-label="附表" {
            h2.annex-start { "附表" }
            p.screen { a href=(csv) download=(file) { "下载公布数据（CSV）" } }
            @if !input.shifts.get().is_empty() {
                div.scroll { table {
                    caption { "甲　预警" }
                    thead { tr {
                        @for name in ["编号", "序列", "方向", "报出日", "起始日（区间）"] { th scope="col" { (name) } }
                        @for name in ["声音前 / 后", "倾向前 / 后", "变化（95% 区间）"] { th.amount scope="col" { (name) } }
                    } }
                    tbody { @for (position, shift) in input.shifts.get().iter().enumerate() { (shift_row(&format!("s{}", position + 1), shift)) } }
                } }
            }
            @if !input.emerging.get().is_empty() {
                div.scroll { table {
                    caption { "乙　文字中出现、增多和再次出现的话题" }
                    thead { tr {
                        @for name in ["编号", "词语", "时期", "与以往相比", "名称"] { th scope="col" { (name) } }
                        th.amount scope="col" { "至少人数" }
                    } }
                    tbody { @for (position, topic) in input.emerging.get().iter().enumerate() { (matter_row(position + 1, topic)) } }
                } }
            }
            @if !input.changed_mixes.get().is_empty() {
                div.scroll { table {
                    caption { "发声构成的变化" }
                    thead { tr {
                        @for name in ["编号", "序列", "方向", "报出日", "起始日（区间）"] { th scope="col" { (name) } }
                        @for name in ["声音前 / 后", "倾向前 / 后", "变化（95% 区间）"] { th.amount scope="col" { (name) } }
                    } }
                    tbody { @for (position, shift) in input.changed_mixes.get().iter().enumerate() { (shift_row(&format!("m{}", position + 1), shift)) } }
                } }
            }
            @if !input.detectable.effects.get().is_empty() {
                div.scroll { table {
                    caption { "可看出的最小变化（" (input.detectable.days) " 天内）" }
                    thead { tr {
                        @for name in ["编号", "序列", "声音到此日"] { th scope="col" { (name) } }
                        th.amount scope="col" { "平均倾向转差" }
                    } }
                    tbody { @for (row, effect) in numbered(input.detectable.effects.get()) { tr id=(row) {
                        td { (row) }
                        th scope="row" { (effect.key) }
                        td.day { (effect.day) }
                        td.amount { (effect_text(effect)) }
                    } } }
                } }
            }
            @if !input.regimes.is_empty() {
                div.scroll { table {
                    caption { "长期走势的分段" }
                    thead { tr {
                        @for name in ["编号", "序列", "首日", "末日"] { th scope="col" { (name) } }
                        @for name in ["声音", "平均倾向"] { th.amount scope="col" { (name) } }
                    } }
                    tbody { @for (position, regime) in input.regimes.iter().enumerate() { (regime_row(position + 1, regime)) } }
                } }
            }
            div.scroll { table {
                caption { "丙　本简报引用的公布数值" }
                thead { tr {
                    @for name in ["编号", "序列", "时期"] { th scope="col" { (name) } }
                    @for name in ["声音", "平均倾向", "95% 区间", "负面", "中性", "正面"] { th.amount scope="col" { (name) } }
                } }
                tbody { @for (row, cell) in evidence.cited() { (cell_row(&row, cell)) } }
            } }
        }
    }
}

fn shift_row(row: &str, shift: &Shift) -> Markup {
    let direction = match shift.direction {
        Direction::Worse => "转差",
        Direction::Better => "转好",
    };
    html! {
        tr id=(row) {
            td { (row) }
            th scope="row" { (shift.key) }
            td { (direction) }
            td.day { (shift.alarm) }
            td.day { (shift.began_likely) br; "（" (shift.began.0) " 至 " (shift.began.1) "）" }
            td.amount { (count(u64::from(shift.voices.0))) " / " (count(u64::from(shift.voices.1))) }
            td.amount { (signed(shift.mean.0)) " / " (signed(shift.mean.1)) }
            td.amount { (signed(shift.effect)) "（" (interval(shift.effect_interval)) "）" }
        }
    }
}

fn matter_row(number: usize, topic: &ReleasedTopic) -> Markup {
    html! {
        tr id={ "e" (number) } {
            td { "e" (number) }
            th scope="row" { (topic.terms.join("、")) }
            td.day { (topic.period) }
            td { (kind_name(topic.kind)) @if let Some(continues) = &topic.continues { "，接续 " (continues) } }
            td { (topic.id) }
            td.amount { (count(u64::from(topic.people))) }
        }
    }
}

fn regime_row(number: usize, regime: &Regime) -> Markup {
    html! {
        tr id={ "r" (number) } {
            td { "r" (number) }
            th scope="row" { (regime.key) }
            td.day { (regime.first) }
            td.day { (regime.last) }
            td.amount { (count(u64::from(regime.voices))) }
            td.amount { (signed(regime.mean)) }
        }
    }
}

fn cell_row(row: &str, cell: &ReleasedCell) -> Markup {
    html! {
        tr id=(row) {
            td { (row) }
            th scope="row" { (cell.key) }
            td.day { (cell.period) }
            @match &cell.figures {
                Figures::Shown { voices, positive_share, negative_share, neutral_share, mean, mean_interval } => {
                    td.amount { (count(u64::from(*voices))) }
                    td.amount { (signed(*mean)) }
                    td.amount { (interval(*mean_interval)) }
                    @for share in [negative_share, neutral_share, positive_share] { td.amount { (percent(*share)) } }
                }
                Figures::Range { voices, positive_share, negative_share, neutral_share, mean } => {
                    td.amount { (count(u64::from(*voices))) }
                    td.amount { (interval(*mean)) }
                    td.amount { "只公布范围" }
                    @for (low, high) in [negative_share, neutral_share, positive_share] { td.amount { (percent(*low)) "–" (percent(*high)) } }
                }
                // Evidence never cites one.
                Figures::Suppressed => td.amount colspan="6" { "–" }
            }
        }
    }
}
