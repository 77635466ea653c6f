//! 方法与版本: how it was found, on what, and what could not have been seen.

use std::cmp::Ordering;

use maud::{Markup, html};
use privacy::{DetectableEffect, LoweredLimit, TOO_FEW};

use super::parts::{heading, row_link, with_row};
use crate::evidence::{Evidence, voices};
use crate::figures::day;
use crate::{Detectable, DigestInput, Limits, Promise};

/// Rows of the table of what could not have been seen, and series that are named because nothing would have been.
const DETECTABLE_MAX: usize = 12;
const BLIND_MAX: usize = 6;

pub(super) fn render(input: &DigestInput, evidence: &mut Evidence<'_>) -> Markup {
    let method = &input.method;
    let withheld = evidence
        .keys(|_| true)
        .into_iter()
        .filter(|key| voices(evidence.look_reported(key)).is_none())
        .count();
    html! {
        section aria-label="方法与版本" {
            (heading("九", "方法与版本"))
            p { b { "怎样发现变化：" } (method.detector) "；监测序列 " (method.series_watched) " 个；变化小于 " (format!("{:.2}", method.effect_min)) " 的不报。" (promise(method.promise)) }
            p { b { "怎样计数：" } "一人一票：数值先求每人当期平均，再求各人平均；变化检测按每人每日一次。近乎相同的文字折叠后计数，反复张贴不增加声音。" }
            p {
                b { "怎样保护写的人：" }
                "任何数字背后至少 " (method.limits.k_score) " 人，任何摘录范围至少 " (method.limits.k_verbatim) " 人；只公布已关闭的时期（月；五十人以上的单位可按周），公布后不再改动；达不到的一律写“"
                (TOO_FEW) "”，不说明有没有。以往公布过、本期未公布的序列 " (withheld) " 个。"
            }
            @if !method.limits.lowered.is_empty() { (lowered(&method.limits)) }
            (detectable(input))
            h3 { "版本" }
            div.scroll { table {
                thead { tr { th scope="col" { "名称" } th scope="col" { "指纹" } } }
                tbody {
                    @if let Some(version) = input.facts.table_version { tr { th scope="row" { "数据表版本" } td { code { (version) } } } }
                    @for (name, fingerprint) in &input.facts.versions { tr { th scope="row" { (name) } td { code { (fingerprint) } } } }
                }
            } }
            div.signatures { @for role in ["编制", "复核", "批准"] { div { (role) } } }
        }
    }
}

/// Whoever reads the figures is told that fewer people than usual may stand behind them, and who answers for it.
fn lowered(limits: &Limits) -> Markup {
    let kind = |limit: &LoweredLimit| match limit.name {
        "k_score" => "数字",
        "k_verbatim" => "摘录",
        "k_search" => "检索",
        "k_export" => "导出",
        other => other,
    };
    let told: Vec<String> = limits
        .lowered
        .iter()
        .map(|limit| format!("{}至少 {} 人（默认 {} 人）", kind(limit), limit.value, limit.default))
        .collect();
    html! {
        p { b { "低于默认的限值：" } (told.join("，")) "；经管理员 " (limits.agreed.join("、")) " 同意。" }
    }
}

fn promise(promise: Promise) -> String {
    match promise {
        Promise::Guaranteed { false_alarms_per_year } => {
            format!(
                "若一切没有变化，全部序列合计每年误报的期望不超过 {false_alarms_per_year} 次；前提是每日期望的倾向比例始终接近某个常数。"
            )
        }
        Promise::Calibrated { false_alarms_per_year } => {
            format!(
                "误报预算：若一切没有变化，全部序列合计每年约 {false_alarms_per_year} 次；这是在仿真数据上测得的，不是证明的；平均倾向若长年缓慢漂移，或同一天的声音彼此牵连很深，预警会多于此数。"
            )
        }
    }
}

/// The smallest change that the detector in force would have seen in each released series: a quiet series with few voices is not a calm one.
fn detectable(input: &DigestInput) -> Markup {
    let Detectable { effects, days, false_alarms_per_series_year } = &input.detectable;
    let (mut seen, mut blind) = (numbered(effects.get()), Vec::new());
    seen.retain(|(row, effect)| {
        if effect.effect.is_none() {
            blind.push((row.clone(), &effect.key));
        }
        effect.effect.is_some()
    });
    // The widest series first, and of each width the least sensitive.
    seen.sort_by(|(_, a), (_, b)| {
        let by_size = || b.effect.partial_cmp(&a.effect).unwrap_or(Ordering::Equal);
        a.key.named().cmp(&b.key.named()).then_with(by_size).then_with(|| a.key.cmp(&b.key))
    });
    html! {
        h3 { "看不出来的变化" }
        @if seen.is_empty() && blind.is_empty() {
            p { "没有近期各期都公布了数值的序列，无法估计。" }
        }
        @if !blind.is_empty() {
            p {
                "声音太少、" (days) " 天内任何变化都看不出的序列 " (blind.len()) " 个："
                @for (place, (row, key)) in blind.iter().take(BLIND_MAX).enumerate() {
                    @if place > 0 { "、" }
                    (with_row(&format!("「{key}」"), Some(row)))
                }
                @if blind.len() > BLIND_MAX { "等，见附表" }
                "。"
            }
        }
        @if !seen.is_empty() {
            div.scroll { table {
                caption {
                    "平均倾向转差小于下值时，上述检测在 " (days) " 天内多半不会报出；门槛：每个序列每年误报约 " (format!("{false_alarms_per_series_year:.3}")) " 次"
                }
                thead { tr {
                    th scope="col" { "序列" }
                    th.amount scope="col" { "可看出的最小变化" }
                    th scope="col" { "按此日为止的声音" }
                    th.row scope="col" { "数据行" }
                } }
                tbody { @for (row, effect) in seen.iter().take(DETECTABLE_MAX) { tr data-cell=(row) {
                    th scope="row" { (effect.key) }
                    td.amount { (effect_text(effect)) }
                    td.day { (day(effect.day)) }
                    (row_link(Some(row)))
                } } }
            } }
            @if seen.len() > DETECTABLE_MAX { p.note { "列出范围最大的 " (DETECTABLE_MAX) " 个序列，其余 " (seen.len() - DETECTABLE_MAX) " 个见附表。" } }
        }
    }
}

/// `v1` is the first of the effects.
pub(super) fn numbered(effects: &[DetectableEffect]) -> Vec<(String, &DetectableEffect)> {
    let row = |(place, effect)| (format!("v{}", place + 1), effect);
    effects.iter().enumerate().map(row).collect()
}

/// `0.25`, or that nothing would have been seen.
pub(super) fn effect_text(effect: &DetectableEffect) -> String {
    effect.effect.map_or("任何变化都看不出".to_owned(), |size| format!("{size:.2}"))
}
