//! 简报: the latest digest in a frame, so that the page around it has a navigation and the digest prints as it is.

use corpus::Period;
use digest::figures;
use maud::{Markup, html};

use super::layout::{Tab, page};

/// The page around the digest of `period`, or what to do when there is none.
pub(super) fn render(period: Option<Period>) -> Markup {
    let content = match period {
        None => html! {
            section.message { h1 { "还没有简报" } p { "先运行 " code { "huisheng digest" } "。" } }
        },
        Some(period) => html! {
            div.toolbar {
                h1 { (figures::period(period)) "简报" }
                p {
                    a href="/digest/latest.html" target="_blank" rel="noopener" { "单独打开（可打印）" }
                    a href="/digest/latest.csv" { "下载 CSV" }
                    a href="/api/v1/digest.json" { "JSON" }
                }
            }
            iframe.digest src="/digest/latest.html" title={ (figures::period(period)) "简报" } {}
        },
    };
    page(Tab::Digest, "简报", &content)
}
