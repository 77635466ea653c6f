//! Takes HTML out of a text, once: entities become characters, tags go, block tags become line breaks.
//!
//! Done twice it would eat what people wrote about markup (`&amp;lt;b&amp;gt;`), so it stands outside normalization.

use std::borrow::Cow;

use crate::Repairs;

/// Tags after which a new line starts.
const BLOCKS: [&str; 18] = [
    "address",
    "article",
    "blockquote",
    "br",
    "div",
    "dd",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "p",
    "section",
    "tr",
];

/// Other tags that are markup and not something like `<张三>` or `a<b`.
const INLINES: [&str; 50] = [
    "a", "abbr", "audio", "b", "big", "body", "button", "canvas", "center", "cite", "code", "dl",
    "del", "em", "figure", "font", "footer", "form", "head", "header", "html", "i", "iframe",
    "img", "input", "ins", "label", "link", "main", "mark", "meta", "nav", "ol", "option", "pre",
    "q", "s", "select", "small", "source", "span", "strong", "sub", "sup", "svg", "table", "tbody",
    "td", "th", "u",
];

/// Others that close a list or hold what is never read.
const MORE_INLINES: [&str; 4] = ["ul", "thead", "title", "video"];

/// Tags whose content is not text.
const OPAQUE: [&str; 3] = ["script", "style", "template"];

/// Removes markup and entities. Borrows when there are none.
pub fn unescape(text: &str) -> (Cow<'_, str>, Repairs) {
    let mut repairs = Repairs::NONE;
    let mut plain = Cow::Borrowed(text);
    if text.contains('<')
        && let Some(stripped) = without_tags(text)
    {
        plain = Cow::Owned(stripped);
        repairs |= Repairs::MARKUP;
    }
    if plain.contains('&') {
        let decoded = html_escape::decode_html_entities(plain.as_ref());
        if decoded != plain {
            plain = Cow::Owned(decoded.into_owned());
            repairs |= Repairs::ENTITIES;
        }
    }
    (plain, repairs)
}

/// The text without tags, `None` when it has none.
#[expect(clippy::string_slice, reason = "tags start and end at ASCII characters")]
fn without_tags(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let (mut rest, mut found) = (text, false);
    while let Some(open) = rest.find('<') {
        plain.push_str(&rest[..open]);
        rest = &rest[open..];
        match Tag::at_start(rest) {
            Some(tag) => {
                found = true;
                if tag.is_block && !plain.ends_with('\n') && !plain.is_empty() {
                    plain.push('\n');
                }
                rest = &rest[tag.bytes..];
            }
            None => {
                plain.push('<');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    found.then_some(plain)
}

struct Tag {
    bytes: usize,
    is_block: bool,
}

impl Tag {
    #[expect(clippy::string_slice, reason = "all cuts are at ASCII characters")]
    fn at_start(text: &str) -> Option<Self> {
        if text.starts_with("<!--") {
            let bytes = text.find("-->").map_or(text.len(), |end| end + 3);
            return Some(Self { bytes, is_block: false });
        }
        let is_closing = text.as_bytes().get(1) == Some(&b'/');
        let name_start = if is_closing { 2 } else { 1 };
        let name_bytes = text
            .as_bytes()
            .get(name_start..)?
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let name = text[name_start..name_start + name_bytes].to_ascii_lowercase();
        let after_name = &text[name_start + name_bytes..];
        let is_html = after_name.starts_with(['>', '/', ' ', '\t', '\n', '\r']);
        let end = name_start + name_bytes + after_name.find('>')? + 1;
        let is_doctype =
            text.as_bytes().get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"<!doctype"));
        if is_doctype {
            return text.find('>').map(|end| Self { bytes: end + 1, is_block: false });
        }
        // Attributes have values: `a<b 且 c>d` is a comparison.
        let attributes = text[name_start + name_bytes..end - 1].trim_end_matches('/').trim();
        if !is_html
            || attributes.contains('<')
            || !(attributes.is_empty() || attributes.contains('='))
        {
            return None;
        }
        let name = name.as_str();
        if OPAQUE.contains(&name) && !is_closing {
            let close = format!("</{name}");
            let content_end =
                find_ignoring_case(&text[end..], &close).map_or(text.len(), |at| end + at);
            let bytes = text[content_end..].find('>').map_or(text.len(), |at| content_end + at + 1);
            return Some(Self { bytes, is_block: false });
        }
        let is_block = BLOCKS.contains(&name);
        let is_known = is_block
            || INLINES.contains(&name)
            || MORE_INLINES.contains(&name)
            || OPAQUE.contains(&name);
        is_known.then_some(Self { bytes: end, is_block })
    }
}

fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes()
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(unescape(text).0, expected, "{text}");
    }

    #[test]
    fn tags_and_entities_become_text() {
        check(
            "<p>食堂的<b>菜</b>&nbsp;很好</p><p>价格&lt;10元</p>",
            "食堂的菜\u{a0}很好\n价格<10元\n",
        );
        check("第一行<br/>第二行<BR>第三行", "第一行\n第二行\n第三行");
        check("<!-- 模板 --><script>var a = '<p>';</SCRIPT>正文<style>p{}</style>", "正文");
        check("<img src=\"a>b\" alt='图'>x", "b\" alt='图'>x");
        check("&#20013;&#x6587;", "中文");
    }

    #[test]
    fn what_only_looks_like_markup_stays() {
        for text in ["a<b 且 c>d", "<张三>说", "1 < 2", "<<通知>>", "<", "<b", "</", "AT&T", "<bx>"]
        {
            check(text, text);
        }
        assert!(unescape("没有").1.is_empty());
    }

    #[test]
    fn one_level_only() {
        check("写 &amp;lt;b&amp;gt; 加粗", "写 &lt;b&gt; 加粗");
    }
}
