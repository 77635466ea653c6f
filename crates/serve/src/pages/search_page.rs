//! 检索: the box, the filters, and what people wrote.

use std::collections::BTreeSet;

use corpus::{ClauseSpan, Polarity, SearchQuery};
use digest::figures;
use maud::{Markup, html};
use privacy::{ConfidentialAnswer, OpenHit, Quotation, ReleasedTable, SearchAnswer, TOO_FEW};

use super::choices::{Choices, select};
use super::layout::{Tab, page};
use crate::query::LIMIT_MAX;

/// The page, with results when something was asked.
pub(super) fn render(
    query: &SearchQuery,
    released: &ReleasedTable,
    answer: Option<&SearchAnswer>,
) -> Markup {
    let title = if query.text.is_empty() {
        "检索".to_owned()
    } else {
        format!("{} · 检索", query.text)
    };
    let content = html! {
        h1.visually-hidden { "检索" }
        (form(query, &Choices::of(released)))
        @match answer {
            Some(answer) => (results(query, answer)),
            None => (how_to_ask()),
        }
    };
    page(Tab::Search, &title, &content)
}

fn form(query: &SearchQuery, choices: &Choices<'_>) -> Markup {
    html! {
        form.search role="search" action="/" method="get" {
            div.box {
                input type="search" name="q" value=(query.text) maxlength="512" placeholder="食堂 晚班" aria-label="检索词" autocomplete="off" autofocus[query.text.is_empty()];
                button type="submit" { "检索" }
            }
            div.filters {
                (select("来源", "source", query.source.as_ref().map(|n| n.as_str()), &choices.sources))
                (select("单位", "unit", query.unit.as_ref().map(|n| n.as_str()), &choices.units))
                (select("主题", "topic", query.topic.as_ref().map(|n| n.as_str()), &choices.topics))
                label { span { "倾向" }
                    select name="polarity" {
                        option value="" { "全部" }
                        @for polarity in Polarity::ALL {
                            option value=(polarity) selected[query.polarity == Some(polarity)] { (polarity_name(Some(polarity))) }
                        }
                    }
                }
                label { span { "起" } input type="date" name="from" value=[query.from]; }
                label { span { "止" } input type="date" name="to" value=[query.to]; }
            }
        }
    }
}

fn how_to_ask() -> Markup {
    html! {
        section.empty {
            p { "输入词语，找出大家实际写了什么。" }
            dl {
                dt { code { "食堂 晚班" } } dd { "两个词都要有" }
                dt { code { "\"排队太久\"" } } dd { "引号里的连着出现" }
                dt { code { "培训 -线上" } } dd { "减号后的不要" }
            }
        }
    }
}

fn results(query: &SearchQuery, answer: &SearchAnswer) -> Markup {
    let hits = &answer.open.hits;
    let next_limit = [50, LIMIT_MAX].into_iter().find(|limit| *limit > query.limit);
    let has_more = answer.open.total > hits.len() as u64;
    html! {
        section.results aria-label="公开来源" {
            h2 { "公开来源" small { @if hits.is_empty() { "没有符合的文字" } @else { (figures::count(answer.open.total)) " 篇，列出 " (hits.len()) " 篇" } } }
            @if !hits.is_empty() { ol { @for hit in hits { li { (open_hit(hit)) } } } }
            @if let Some(limit) = next_limit.filter(|_| has_more) {
                p { a.more href=(address(query, limit)) { "列出 " (limit) " 篇" } }
            } @else if has_more {
                p.note { "只列最相关的 " (LIMIT_MAX) " 篇；请把条件收窄。" }
            }
        }
        @match &answer.confidential {
            ConfidentialAnswer::NotAsked => {}
            ConfidentialAnswer::TooFew => section.results aria-label="不公开来源" {
                h2 { "不公开来源" }
                p.neutral { (TOO_FEW) }
                p.note { "不公开来源只按整月回答一个词加至多一个条件的问题，而且背后要有足够多的人。" }
            }
            ConfidentialAnswer::Quotations { quotations } => section.results aria-label="不公开来源" {
                h2 { "不公开来源" small { "摘录，不计篇数，次序不代表先后" } }
                ol { @for quotation in quotations { li { (quoted(quotation)) } } }
            }
        }
    }
}

fn open_hit(hit: &OpenHit) -> Markup {
    html! {
        article {
            p.text { (by_clause(&hit.snippet, &hit.highlights, &hit.clauses)) }
            p.origin {
                (polarity_chip(hit.polarity)) span { (hit.source) }
                @if let Some(unit) = &hit.unit { span { (unit) } }
                time datetime=(hit.day) { (hit.day) }
                @for topic in &hit.topics { span.topic { (topic) } }
            }
        }
    }
}

fn quoted(quotation: &Quotation) -> Markup {
    html! {
        article {
            p.text { (quotation.text) }
            p.origin {
                (polarity_chip(quotation.polarity)) span { (quotation.source) }
                @if let Some(unit) = &quotation.unit { span { (unit) } }
                time datetime=(quotation.month) { (figures::month(quotation.month)) }
            }
        }
    }
}

/// The snippet with its matches marked, its clauses of praise and complaint underlined where it holds more than one direction, and what is mere form told as such.
fn by_clause(snippet: &str, ranges: &[(u32, u32)], clauses: &[ClauseSpan]) -> Markup {
    let directions: BTreeSet<Polarity> = clauses
        .iter()
        .filter_map(|clause| clause.polarity)
        .filter(|polarity| *polarity != Polarity::Neutral)
        .collect();
    if directions.len() < 2 && !clauses.iter().any(|clause| clause.is_form) {
        return highlighted(snippet, ranges);
    }
    let mut rest = snippet;
    let parts: Vec<(&ClauseSpan, Markup)> = clauses
        .iter()
        .map(|clause| {
            let (text, after) = split_at_char(rest, clause.to.saturating_sub(clause.from));
            rest = after;
            let inside: Vec<(u32, u32)> = ranges
                .iter()
                .map(|(start, end)| {
                    (
                        start.saturating_sub(clause.from),
                        end.min(&clause.to).saturating_sub(clause.from),
                    )
                })
                .filter(|(start, end)| start < end)
                .collect();
            (clause, highlighted(text, &inside))
        })
        .collect();
    html! {
        @for (clause, text) in parts {
            @match clause.polarity {
                _ if clause.is_form => span.clause.form title="套话：许多人写的同样的话，不计入倾向" { (text) },
                Some(polarity @ (Polarity::Negative | Polarity::Positive)) => {
                    span class={ "clause " (polarity) } title=(polarity_name(Some(polarity))) { (text) }
                }
                _ => (text),
            }
        }
        (rest)
    }
}

/// The snippet with its matches marked. Ranges are characters, ascending and disjoint; what lies outside the text marks nothing.
fn highlighted(snippet: &str, ranges: &[(u32, u32)]) -> Markup {
    let mut rest = snippet;
    let mut position = 0;
    let mut parts: Vec<(&str, &str)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        let (before, from_start) = split_at_char(rest, start.saturating_sub(position));
        let (marked, after) = split_at_char(from_start, end.saturating_sub((*start).max(position)));
        parts.push((before, marked));
        rest = after;
        position = (*end).max(position);
    }
    html! {
        @for (before, marked) in parts { (before) @if !marked.is_empty() { mark { (marked) } } }
        (rest)
    }
}

fn split_at_char(text: &str, chars: u32) -> (&str, &str) {
    let byte = text.char_indices().nth(chars as usize).map_or(text.len(), |(byte, _)| byte);
    text.split_at(byte)
}

pub(super) fn polarity_name(polarity: Option<Polarity>) -> &'static str {
    match polarity {
        Some(Polarity::Negative) => "负面",
        Some(Polarity::Neutral) => "中性",
        Some(Polarity::Positive) => "正面",
        None => "倾向不定",
    }
}

fn polarity_chip(polarity: Option<Polarity>) -> Markup {
    let class = polarity.map_or("unsure", Polarity::as_str);
    html! { span class={ "polarity " (class) } { (polarity_name(polarity)) } }
}

/// The same search with another limit.
fn address(query: &SearchQuery, limit: usize) -> String {
    let mut address = format!("/?limit={limit}");
    let fields = [
        ("q", Some(query.text.clone()).filter(|text| !text.is_empty())),
        ("from", query.from.map(|day| day.to_string())),
        ("to", query.to.map(|day| day.to_string())),
        ("source", query.source.as_ref().map(|name| name.to_string())),
        ("unit", query.unit.as_ref().map(|name| name.to_string())),
        ("topic", query.topic.as_ref().map(|name| name.to_string())),
        ("polarity", query.polarity.map(|polarity| polarity.to_string())),
        ("visibility", query.visibility.map(|visibility| visibility.as_str().to_owned())),
    ];
    for (name, value) in
        fields.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)))
    {
        address.push('&');
        address.push_str(name);
        address.push('=');
        super::layout::push_encoded(&mut address, &value);
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(snippet: &str, ranges: &[(u32, u32)], expected: &str) {
        assert_eq!(highlighted(snippet, ranges).into_string(), expected);
    }

    #[test]
    fn matches_are_marked_and_the_rest_is_escaped() {
        check(
            "食堂的<b>菜</b>",
            &[(0, 2), (6, 7)],
            "<mark>食堂</mark>的&lt;b&gt;<mark>菜</mark>&lt;/b&gt;",
        );
        check("没有", &[], "没有");
    }

    #[test]
    fn clauses_of_both_directions_are_told_apart() {
        let clause = |from, to, polarity| ClauseSpan { from, to, polarity, is_form: false };
        let (good, bad) = (Some(Polarity::Positive), Some(Polarity::Negative));
        let clauses = [clause(0, 4, good), clause(4, 7, None), clause(7, 10, bad)];
        assert_eq!(
            by_clause("饭菜好,今天但排队", &[(0, 2), (6, 9)], &clauses).into_string(),
            "<span class=\"clause positive\" title=\"正面\"><mark>饭菜</mark>好,</span>今天<mark>但</mark>\
             <span class=\"clause negative\" title=\"负面\"><mark>排队</mark></span>"
        );
        let praise = [clause(0, 3, good)];
        assert_eq!(by_clause("饭菜好", &[], &praise).into_string(), "饭菜好");
    }

    #[test]
    fn ranges_beyond_the_text_lose_nothing() {
        check("短文", &[(1, 9)], "短<mark>文</mark>");
        check("短文", &[(5, 9)], "短文");
        check("甲乙丙丁", &[(0, 3), (1, 4)], "<mark>甲乙丙</mark><mark>丁</mark>");
    }

    #[test]
    fn the_next_page_asks_the_same() {
        let query = SearchQuery {
            text: "食堂 &x=1".into(),
            unit: Some("一厂".parse().unwrap()),
            ..SearchQuery::default()
        };
        assert_eq!(
            address(&query, 50),
            "/?limit=50&q=%E9%A3%9F%E5%A0%82%20%26x%3D1&unit=%E4%B8%80%E5%8E%82"
        );
    }
}
