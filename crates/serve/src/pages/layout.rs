//! What every page has: head, navigation, foot.

use maud::{DOCTYPE, Markup, html};

use crate::error::ApiError;

/// Pages of the navigation, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Search,
    Trend,
    Digest,
    About,
    /// A page outside the navigation.
    None,
}

const TABS: [(Tab, &str, &str); 4] = [
    (Tab::Search, "/", "检索"),
    (Tab::Trend, "/trend", "走势"),
    (Tab::Digest, "/digest", "简报"),
    (Tab::About, "/about", "方法与限度"),
];

/// A whole page around `content`.
pub(super) fn page(tab: Tab, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · 回声" }
                link rel="stylesheet" href="/assets/style.css";
            }
            body {
                a.skip href="#content" { "跳到正文" }
                header.site {
                    div.inner {
                        a.brand href="/" { "回声" }
                        nav aria-label="主导航" {
                            @for (target, path, name) in TABS { a href=(path) aria-current=[(target == tab).then_some("page")] { (name) } }
                        }
                    }
                }
                main #content { (content) }
                footer.site { div.inner { p { "任何数字背后都有足够多的人；达不到人数的，一律只说“" (privacy::TOO_FEW) "”。每次检索都记入审计日志。" a href="/receipt" { "凭证码" } } } }
            }
        }
    }
}

/// A page that says what went wrong and what to do.
pub(super) fn error(error: &ApiError) -> Markup {
    let content = html! {
        section.message role="alert" {
            h1 { (error.message) }
            @if !error.hint.is_empty() { p { (error.hint) } }
            p { a href="/" { "回到检索" } }
        }
    };
    page(Tab::None, error.message, &content)
}

/// Appends `value` to an address, percent-encoded but for letters, digits and `-_.~` (RFC 3986).
pub(super) fn push_encoded(address: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
}
