//! The charset of a feed: what HTTP says, else what its XML declaration says, else what its bytes say.

use encoding_rs::Encoding;

use super::FeedError;
use super::fetch::Answer;

/// The answer as text, without the XML declaration, which would have the parser decode it a second time.
///
/// Bytes that do not fit the charset become U+FFFD: one entry is refused for them, not the feed.
pub(crate) fn decoded(answer: &Answer) -> Result<String, FeedError> {
    let declared = declared_charset(&answer.body);
    let label = answer.charset.as_deref().or(declared.as_deref());
    let text = match text::decode_stream(&answer.body, label) {
        Ok(decoded) => decoded.text,
        Err(_) => {
            // XML without any label is UTF-8 by its own standard.
            let encoding = label
                .map_or(Some(encoding_rs::UTF_8), crate::charset::for_label)
                .ok_or(FeedError::Charset)?;
            lossily(encoding, &answer.body)?
        }
    };
    Ok(match text.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest.to_owned(),
        None => text,
    })
}

/// Fails when more than one character in a hundred is lost: then the label is wrong.
fn lossily(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, FeedError> {
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    let lost_count = text.chars().filter(|c| *c == '\u{fffd}').count();
    let is_readable = lost_count * 100 <= text.chars().count();
    if is_readable { Ok(text.into_owned()) } else { Err(FeedError::Charset) }
}

/// The label in `<?xml … encoding="…"?>`.
fn declared_charset(body: &[u8]) -> Option<String> {
    const DECLARATION_BYTES_MAX: usize = 200;
    let head = body.get(..DECLARATION_BYTES_MAX).unwrap_or(body);
    let head = String::from_utf8_lossy(head);
    let (declaration, _) = head.split_once("?>")?;
    let (_, after) = declaration.split_once("encoding")?;
    let label = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = label.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    label.split(quote).nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(charset: Option<&str>, body: &[u8], expected: &str) {
        let answer = Answer {
            body: body.to_vec(),
            charset: charset.map(str::to_owned),
            etag: None,
            last_modified: None,
        };
        assert_eq!(decoded(&answer).unwrap(), expected);
    }

    #[test]
    fn header_then_declaration_then_bytes_decide() {
        let words = "<rss>食堂的饭菜很好吃，大家都喜欢</rss>";
        let gb = encoding_rs::GB18030.encode(words).0.into_owned();
        let declared = |label: &str, body: &[u8]| {
            [format!("<?xml version=\"1.0\" encoding=\"{label}\"?>").into_bytes(), body.to_vec()]
                .concat()
        };
        check(None, words.as_bytes(), words);
        check(Some("gb2312"), &gb, words);
        check(None, &declared("gb2312", &gb), words);
        check(None, &declared("GBK", &gb), words);
        // A server that calls everything UTF-8 is overruled by the bytes.
        check(Some("utf-8"), &gb, words);
        check(None, &declared("utf-8", words.as_bytes()), words);
    }

    #[test]
    fn a_broken_character_costs_itself() {
        let body = ["<rss>食堂的饭菜很好吃，大家都喜欢".repeat(20).as_bytes(), b"\xff", b"</rss>"]
            .concat();
        let answer = Answer { body, charset: None, etag: None, last_modified: None };
        assert_eq!(decoded(&answer).unwrap().matches('\u{fffd}').count(), 1);
    }
}
