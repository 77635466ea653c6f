//! 主题: what moved since the period before, and what came up for the first time.

use corpus::{Period, SeriesKey};
use maud::{Markup, html};
use privacy::Figures;

use super::parts::{amount, heading, mean_text, negative_text, row_link, voices_text};
use crate::DigestInput;
use crate::change::{Change, changes};
use crate::chart::Sparkline;
use crate::evidence::Evidence;
use crate::figures::{self, count, interval, signed};
use crate::findings::{continued_row, emerging_topics, kind_name, matters_of_period};

/// Movers in each direction.
const MOVERS_MAX: usize = 5;
const EMERGING_MAX: usize = 10;

pub(super) fn movers(evidence: &mut Evidence<'_>) -> Markup {
    let changes = changes(evidence, |key| key.topic.is_some());
    let falls: Vec<&Change<'_>> =
        changes.iter().filter(|change| change.difference < 0.0).take(MOVERS_MAX).collect();
    let rises: Vec<&Change<'_>> =
        changes.iter().filter(|change| change.difference > 0.0).take(MOVERS_MAX).collect();
    html! {
        section aria-label="主题变化" {
            (heading("五", "主题"))
            @if changes.is_empty() {
                p { "没有两期都公布了数值的主题，无法比较。" }
            } @else {
                (table(evidence, "下降最多", &falls))
                (table(evidence, "上升最多", &rises))
                p.note {
                    "可比较的主题序列 " (changes.len()) " 个。按变化大小排列，不作显著性判断：比较的序列多，靠前的变化可能只是波动；达到门槛的变化见第七节。"
                }
            }
        }
    }
}

fn table(evidence: &mut Evidence<'_>, title: &str, changes: &[&Change<'_>]) -> Markup {
    if changes.is_empty() {
        return html! { p.note { (title) "：没有。" } };
    }
    let lines: Vec<Vec<Option<f64>>> =
        changes.iter().map(|change| means(evidence, change.key)).collect();
    let range = means_range(lines.iter().flatten().flatten());
    html! {
        div.scroll { table {
            caption { (title) "（与上期比）" }
            thead { tr {
                th scope="col" { "主题" }
                th.amount scope="col" { "上期" }
                th.amount scope="col" { "本期" }
                th.amount scope="col" { "变化" }
                th.amount scope="col" { "95% 区间" }
                th.amount scope="col" { "本期声音" }
                th scope="col" { "走势" }
                th.row scope="col" { "数据行" }
            } }
            tbody {
                @for (change, line) in changes.iter().zip(&lines) {
                    @let before = evidence.cite(change.key, change.before);
                    @let now = evidence.cite(change.key, change.now);
                    tr {
                        th scope="row" { (change.key) }
                        (amount(&signed(change.means.0), &before))
                        (amount(&signed(change.means.1), &now))
                        td.amount { (signed(change.difference)) }
                        td.amount { (interval(change.interval)) }
                        (amount(&voices_text(now.figures), &now))
                        td { (Sparkline { title: &format!("{}走势", change.key), values: line, range }.render()) }
                        (row_link(now.row.as_deref()))
                    }
                }
            }
        } }
    }
}

/// The means of the periods shown. A line without numbers cites nothing.
fn means(evidence: &Evidence<'_>, key: &SeriesKey) -> Vec<Option<f64>> {
    let mean = |period: &Period| match evidence.look(key, *period) {
        Figures::Shown { mean, .. } => Some(*mean),
        Figures::Range { .. } | Figures::Suppressed => None,
    };
    evidence.periods_of(key).iter().map(mean).collect()
}

/// One axis for all lines of a table, at least 0.4 wide, so that noise is not blown up.
fn means_range<'a>(means: impl Iterator<Item = &'a f64>) -> (f64, f64) {
    let (low, high) =
        means.fold((-0.2_f64, 0.2_f64), |(low, high), mean| (low.min(*mean), high.max(*mean)));
    (low, high)
}

pub(super) fn emerging(input: &DigestInput, evidence: &mut Evidence<'_>) -> Markup {
    let topics = emerging_topics(evidence);
    let first = evidence.first();
    let matters = matters_of_period(input.emerging.get(), evidence.period());
    html! {
        section aria-label="新出现主题" {
            (heading("六", "新出现主题"))
            @if matters.is_empty() {
                p { "本期的文字中没有新出现、增多或再次出现的话题。" }
            } @else {
                div.scroll { table {
                    caption { "文字中出现、增多和再次出现的话题" }
                    thead { tr {
                        th scope="col" { "词语" }
                        th scope="col" { "与以往相比" }
                        th.amount scope="col" { "至少人数" }
                        th.row scope="col" { "数据行" }
                    } }
                    tbody { @for (row, topic) in matters.iter().take(EMERGING_MAX) {
                        tr {
                            th scope="row" { (topic.terms.join("、")) }
                            td {
                                (kind_name(topic.kind))
                                @if let Some(earlier) = continued_row(input.emerging.get(), topic) { "，接续 " a href={ "#" (earlier) } { (earlier) } }
                            }
                            td.amount { (count(u64::from(topic.people))) }
                            (row_link(Some(row)))
                        }
                    } }
                } }
                p.note { "由逐日监测词语得出：以前没有人这样写过，或比以往写得多，或沉寂四周后又有人写；人数按五人取整。" }
            }
            @if topics.is_empty() {
                p { "本期没有首次达到公布人数的主题。" }
            } @else {
                div.scroll { table {
                    thead { tr {
                        th scope="col" { "主题" }
                        th.amount scope="col" { "声音" }
                        th.amount scope="col" { "平均倾向" }
                        th.amount scope="col" { "负面占比" }
                        th.row scope="col" { "数据行" }
                    } }
                    tbody { @for topic in topics.iter().take(EMERGING_MAX) { (emerging_row(evidence, topic.key)) } }
                } }
                @if topics.len() > EMERGING_MAX { p.note { "共 " (topics.len()) " 个，列出声音最多的 " (EMERGING_MAX) " 个。" } }
            }
            @if let Some(first) = first { p.note { "“首次”指自" (figures::period(first)) "以来第一次达到公布人数，此前可能已有人谈及。" } }
        }
    }
}

fn emerging_row(evidence: &mut Evidence<'_>, key: &SeriesKey) -> Markup {
    let cited = evidence.cite_reported(key);
    html! {
        tr {
            th scope="row" { (key) }
            (amount(&voices_text(cited.figures), &cited))
            (amount(&mean_text(cited.figures), &cited))
            (amount(&negative_text(cited.figures), &cited))
            (row_link(cited.row.as_deref()))
        }
    }
}
