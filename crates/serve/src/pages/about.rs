//! 方法与限度: what readers see, what nobody sees, and on what it rests.

use digest::figures::count;
use maud::{Markup, html};
use privacy::TOO_FEW;

use super::layout::{Tab, page};
use crate::About;

/// The page.
pub(super) fn render(about: &About) -> Markup {
    let limits = about.limits;
    let content = html! {
        article.prose {
            h1 { "方法与限度" }
            p { (about.organization) "的留言与反馈，去除身份信息后在这里检索、统计。这一页说明哪些看得到，哪些谁也看不到。" }
            h2 { "看得到的" }
            ul {
                li { "公开来源（论坛、公开评论）：去除身份信息后的文字、日期、单位，可以逐篇检索。" }
                li { "不公开来源（意见箱、课程评价、问卷）：满 " (limits.k_search) " 人才给摘录，只注明月份，次序打乱，一人至多一条。" }
                li { "数字：满 " (limits.k_score) " 人才公布，只公布已关闭的时期（月；五十人以上的单位可按周），公布后不再改动；几乎一边倒的，只给范围。" }
            }
            h2 { "谁也看不到的" }
            ul {
                li { "作者。作者字段只在读入时用来数人，随月销毁密钥；没有任何页面、接口或文件按人列出内容。" }
                li { "人少的单位、差值和组合。达不到人数的，一律回答“" (TOO_FEW) "”，不说明有没有。" }
                li { "对人的判断。系统只判断一段文字对一件事的感受，不判断写的人。" }
            }
            h2 { "怎样计数" }
            p { "一人一票：数值先求每人当期平均，再求各人平均。倾向从 −1（负面）到 +1（正面），由模型按篇判断，会有差错；拿不准的标作“倾向不定”。近乎相同的文字折叠，反复张贴不增加声音。" }
            h2 { "数据来源" }
            div.scroll tabindex="0" role="region" aria-label="数据来源" { table {
                thead { tr {
                    th scope="col" { "来源" }
                    @for name in ["读取", "入库", "其中折叠", "已有", "修订", "撤回", "隔离"] { th.amount scope="col" { (name) } }
                } }
                tbody { @for source in &about.facts.sources { tr {
                    th scope="row" { (source.source) }
                    @for amount in [source.read, source.stored, source.folded, source.known, source.revised, source.withdrawn, source.quarantined] {
                        td.amount { (count(amount)) }
                    }
                } } }
            } }
            p.note { "读取 = 入库 + 已有 + 修订 + 撤回 + 隔离。" }
            h2 { "版本" }
            dl.versions {
                @if let Some(version) = about.facts.table_version { dt { "数据表" } dd { code { (version) } } }
                @for (name, fingerprint) in &about.facts.versions { dt { (name) } dd { code { (fingerprint) } } }
            }
        }
    };
    page(Tab::About, "方法与限度", &content)
}
