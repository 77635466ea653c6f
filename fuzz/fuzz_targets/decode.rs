//! Any bytes under any label are decoded or refused; what is certain is never refused.

use text::{decode_stream, restore, unescape};

const LABELS: [Option<&str>; 8] = [
    None,
    Some("utf-8"),
    Some("gb2312"),
    Some("GBK"),
    Some("big5"),
    Some("utf-16"),
    Some("iso-8859-1"),
    Some("no such encoding"),
];

fn main() {
    fuzz::drive("decode", |bytes| {
        let label = LABELS[bytes.first().map_or(0, |byte| usize::from(*byte) % LABELS.len())];
        if let Ok(decoded) = decode_stream(bytes, label) {
            assert!(!decoded.text.starts_with('\u{feff}') || decoded.text.chars().nth(1).is_some());
            let (restored, _) = restore(&decoded.text);
            let (plain, _) = unescape(&restored);
            assert!(plain.len() <= restored.len() * 4 + 64, "markup does not grow a text");
        }
        if let Ok(text) = std::str::from_utf8(bytes)
            && !text.contains('\0')
            && restore(text).1.is_empty()
        {
            let decoded = decode_stream(bytes, Some("utf-8")).expect("valid under its label");
            let is_byte_order_mark = bytes.starts_with(b"\xef\xbb\xbf");
            assert!(is_byte_order_mark || decoded.text == text);
        }
    });
}
