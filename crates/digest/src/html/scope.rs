//! 数据范围: what was read, so that nobody takes silence of a source for calm.

use std::collections::BTreeMap;

use corpus::{Period, SeriesKey};
use maud::{Markup, html};
use privacy::{SourceFacts, TOO_FEW};

use super::parts::heading;
use crate::DigestInput;
use crate::evidence::{Evidence, voices};
use crate::figures::{count, day, period};

pub(super) fn render(input: &DigestInput, evidence: &Evidence<'_>) -> Markup {
    let sources = &input.facts.sources;
    let silent = silent_sources(evidence);
    html! {
        section aria-label="数据范围" {
            (heading("二", "数据范围"))
            p {
                "报告期 " (day(input.period.first_day())) "至" (day(input.period.last_day()))
                @if let (Some(first), Some(last)) = (evidence.periods().first(), evidence.periods().last()) {
                    "；图表含已关闭时期 " (period(*first)) "至" (period(*last))
                }
                "。"
            }
            div.scroll { table {
                caption { "各来源文档数。读取 = 入库 + 已有 + 修订 + 撤回 + 隔离；折叠是入库中与他文近乎相同的部分，迟到见表下" }
                thead { tr {
                    th scope="col" { "来源" }
                    @for name in ["读取", "入库", "其中折叠", "其中迟到", "已有", "修订", "撤回", "隔离"] { th.amount scope="col" { (name) } }
                    th.amount scope="col" { "核对" }
                } }
                tbody {
                    @for (position, source) in sources.iter().enumerate() {
                        tr id={ "d" (position + 1) } data-cell={ "d" (position + 1) } {
                            th scope="row" { (source.source) }
                            @for amount in [source.read, source.stored, source.folded, source.late, source.known, source.revised, source.withdrawn, source.quarantined] {
                                td.amount { (count(amount)) }
                            }
                            td.amount { (if adds_up(source) { "相符" } else { "不符" }) }
                        }
                    }
                }
            } }
            @if !silent.is_empty() {
                p { "以往公布、本期" (TOO_FEW) "的来源：" (silent.join("、")) "。停止送数和没有人写都会这样；合计的变化可能只因为少了这些声音。" }
            }
            @if sources.is_empty() { p.note { "没有来源的读取记录。" } }
            p.note {
                "迟到是入库中到达时所属时期已关闭的部分，合计 " (count(sources.iter().map(|source| source.late).sum())) " 篇：已公布的数值不改；保密来源的计入下一个开放时期的数值，不进入逐日的变化检测，因为那一天不是它们写成的日子。"
            }
        }
    }
}

/// Sources that were told of in the period before and are not in this one. Whether a few wrote or nobody is not said.
fn silent_sources(evidence: &Evidence<'_>) -> Vec<String> {
    let is_source = |key: &SeriesKey| key.source.is_some() && key.topic.is_none();
    let told = |key: &SeriesKey, period: Option<Period>| {
        period.and_then(|period| voices(evidence.look(key, period))).is_some()
    };
    let mut names: BTreeMap<&str, bool> = BTreeMap::new();
    for key in evidence.keys(is_source) {
        let Some(source) = &key.source else { continue };
        if told(key, evidence.before(key)) {
            names.entry(source.as_str()).or_default();
        }
        if told(key, evidence.reported(key)) {
            *names.entry(source.as_str()).or_default() = true;
        }
    }
    names.into_iter().filter(|(_, is_told)| !is_told).map(|(name, _)| name.to_owned()).collect()
}

/// The identity printed above the table; a source that breaks it is shown as such.
fn adds_up(source: &SourceFacts) -> bool {
    source.read
        == source.stored + source.known + source.revised + source.withdrawn + source.quarantined
        && source.folded <= source.stored
        && source.late <= source.stored
}
