//! A passage of the displayed text around what was asked for.

use text::OffsetMap;

/// Characters shown before the first match, and in all.
const LEAD_CHARS: usize = 16;
const SNIPPET_CHARS: usize = 100;
const ELLIPSIS: char = '…';

/// Cuts a passage of `display` and marks where `needles` (normalized) stand in it. Ranges are in characters of the passage, ascending, disjoint.
///
/// Matching is done on `text`, the normalized form, and projected through `map`, so that 食堂 is marked in 食 堂 or in the traditional spelling.
pub(crate) fn snippet(
    display: &str,
    text: &str,
    map: &OffsetMap,
    needles: &[&str],
) -> (String, Vec<(u32, u32)>) {
    let matches = merge(
        needles
            .iter()
            .flat_map(|needle| occurrences(text, needle))
            .map(|range| map.to_display(range))
            .collect(),
    );
    let first = matches.first().map_or(0, |range| range.start);
    let start = back(display, first, LEAD_CHARS);
    let end = forward(display, start, SNIPPET_CHARS);
    let mut passage = String::new();
    if start > 0 {
        passage.push(ELLIPSIS);
    }
    let lead_chars = passage.chars().count();
    let shown = display.get(start..end).unwrap_or_default();
    passage.push_str(&shown.replace(['\n', '\r'], " "));
    if end < display.len() {
        passage.push(ELLIPSIS);
    }
    let chars_before =
        |byte: usize| lead_chars + display.get(start..byte).unwrap_or_default().chars().count();
    let highlights = matches
        .into_iter()
        .filter(|range| range.start >= start && range.end <= end && range.start < range.end)
        .map(|range| (chars_before(range.start) as u32, chars_before(range.end) as u32))
        .collect();
    (passage, highlights)
}

/// Byte ranges of `needle` in `text`, ASCII case ignored. Both are normalized, so equal characters are equal bytes otherwise.
fn occurrences(text: &str, needle: &str) -> Vec<std::ops::Range<usize>> {
    let (haystack, needle) = (text.to_ascii_lowercase(), needle.to_ascii_lowercase());
    haystack.match_indices(&needle).map(|(start, found)| start..start + found.len()).collect()
}

fn merge(mut ranges: Vec<std::ops::Range<usize>>) -> Vec<std::ops::Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<std::ops::Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn back(text: &str, byte: usize, chars: usize) -> usize {
    let head = text.get(..byte).unwrap_or_default();
    head.char_indices().rev().take(chars).last().map_or(byte.min(head.len()), |(index, _)| index)
}

fn forward(text: &str, byte: usize, chars: usize) -> usize {
    let tail = text.get(byte..).unwrap_or_default();
    tail.char_indices().nth(chars).map_or(text.len(), |(index, _)| byte + index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(display: &str, needles: &[&str], marked: &[&str]) {
        let (passage, highlights) = snippet(display, display, &OffsetMap::identity(), needles);
        let chars: Vec<char> = passage.chars().collect();
        let found: Vec<String> = highlights
            .iter()
            .map(|(from, to)| chars[*from as usize..*to as usize].iter().collect())
            .collect();
        assert_eq!(found, marked, "{passage}");
    }

    #[test]
    fn what_was_asked_for_is_marked() {
        check("食堂的饭菜,食堂的价格", &["食堂"], &["食堂", "食堂"]);
        check("用VPN很慢", &["vpn"], &["VPN"]);
        check("安装简单", &["简单", "装简"], &["装简单"]);
        check("没有", &["食堂"], &[]);
        check("", &["食堂"], &[]);
    }

    #[test]
    fn a_match_far_inside_is_shown_with_its_surroundings() {
        let display = format!("{}食堂涨价了{}", "长".repeat(500), "尾".repeat(500));
        let (passage, highlights) = snippet(&display, &display, &OffsetMap::identity(), &["食堂"]);
        assert!(
            passage.starts_with('…') && passage.ends_with('…') && passage.contains("食堂涨价了")
        );
        assert_eq!(highlights, [(17, 19)]);
    }
}
