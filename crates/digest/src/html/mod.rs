//! The digest as one HTML file.
//!
//! It carries its own content policy (no script, no request, only the style below), so that it is as safe from a mail attachment as from
//! the server. Section by section it follows what committees are used to: 概况, 来源与走势, 情感, 主题, 预警, 观点, 方法.

mod alerts;
mod annex;
mod method;
mod parts;
mod polarity;
mod quotations;
mod scope;
mod summary;
mod topics;
mod volume;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::DigestInput;
use crate::evidence::Evidence;
use crate::figures;

const STYLE: &str = include_str!("style.css");

/// One self-contained file in Simplified Chinese, for screen and A4 paper.
///
/// Same input, same bytes. Text from documents is escaped; nothing is loaded from anywhere.
pub fn render_html(input: &DigestInput) -> String {
    let mut evidence = Evidence::new(input.table.get(), input.period);
    let title = format!("{}反馈简报", input.organization);
    // Sections are rendered in reading order, and the annex last, because it lists the rows that they cited.
    let sections = [
        summary::render(input, &mut evidence),
        scope::render(input, &evidence),
        volume::render(&mut evidence),
        polarity::render(input, &mut evidence),
        topics::movers(&mut evidence),
        topics::emerging(input, &mut evidence),
        alerts::render(input, &mut evidence),
        quotations::render(input),
        method::render(input, &mut evidence),
    ];
    let annex = annex::render(input, &evidence);
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) " · " (figures::period(input.period)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (masthead(input, &title))
                main { @for section in &sections { (section) } }
                (annex)
            }
        }
    }
    .into_string()
}

fn masthead(input: &DigestInput, title: &str) -> Markup {
    html! {
        header.masthead {
            p.kind { "回声 · 反馈监测" }
            h1 { (title) "　" (figures::period(input.period)) }
            p.made {
                "编制日期 " (figures::day(input.prepared))
                @if let Some(version) = input.facts.table_version { " · 数据版本 " (version) }
                " · 每个数字后的编号指向附表中的数据行"
            }
        }
    }
}

/// Allows the one style element by its hash, and nothing else.
fn content_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}
