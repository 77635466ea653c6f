//! 数据范围: what was read, so that nobody takes silence of a source for calm.

use maud::{Markup, html};
use privacy::SourceFacts;

use super::parts::heading;
use crate::DigestInput;
use crate::evidence::Evidence;
use crate::figures::{count, day, period};

pub(super) fn render(input: &DigestInput, evidence: &Evidence<'_>) -> Markup {
    let sources = &input.facts.sources;
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
                caption { "各来源文档数。读取 = 入库 + 已有 + 修订 + 撤回 + 隔离；折叠是入库中与他文近乎相同的部分" }
                thead { tr {
                    th scope="col" { "来源" }
                    @for name in ["读取", "入库", "其中折叠", "已有", "修订", "撤回", "隔离"] { th.amount scope="col" { (name) } }
                    th.amount scope="col" { "核对" }
                } }
                tbody {
                    @for (position, source) in sources.iter().enumerate() {
                        tr id={ "d" (position + 1) } data-cell={ "d" (position + 1) } {
                            th scope="row" { (source.source) }
                            @for amount in [source.read, source.stored, source.folded, source.known, source.revised, source.withdrawn, source.quarantined] {
                                td.amount { (count(amount)) }
                            }
                            td.amount { (if adds_up(source) { "相符" } else { "不符" }) }
                        }
                    }
                }
            } }
            @if sources.is_empty() { p.note { "没有来源的读取记录。" } }
            p.note {
                @match input.late_documents {
                    Some(late) => { "迟到文档 " (count(late)) " 篇：所属时期已关闭，计入下一个开放时期。" }
                    None => { "迟到文档没有统计。" }
                }
            }
        }
    }
}

/// The identity printed above the table; a source that breaks it is shown as such.
fn adds_up(source: &SourceFacts) -> bool {
    source.read
        == source.stored + source.known + source.revised + source.withdrawn + source.quarantined
        && source.folded <= source.stored
}
