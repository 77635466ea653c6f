//! Traces of a bad conversion in archived pages: romanization put behind characters that the target encoding lacked (`發(fā)展`),
//! characters torn apart by one lost byte (`?!包h建` for `。“黨建`), lines split in the middle of a sentence.
//!
//! Each of the three also occurs in honest text (a primer gives readings, people write `?!`), so nothing is touched
//! unless the text shows at least [`ROMANIZED_MIN`] romanizations behind *traditional* characters: a primer of simplified Chinese has none.

use encoding_rs::GB18030;

use crate::Repairs;
use crate::offset_map::MapBuilder;

const ROMANIZED_MIN: usize = 2;

/// Characters that a torn run may hold before both readings must meet again. Real ones meet within three.
const TORN_CHARS_MAX: usize = 6;

/// A line this long that ends without punctuation was split by a converter, a shorter one is a heading or a name.
const SPLIT_LINE_CHARS_MIN: usize = 20;

/// Mends `from` into `to`, adds what was mended to `repairs` and returns the edits.
#[expect(clippy::string_slice, reason = "every cut is the length of characters just read")]
pub(super) fn mend(
    from: &str,
    is_traditional: &dyn Fn(char) -> bool,
    to: &mut String,
    repairs: &mut Repairs,
) -> MapBuilder {
    let mut map = MapBuilder::default();
    let romanized = romanized_characters(from, is_traditional);
    if romanized.len() < ROMANIZED_MIN {
        to.push_str(from);
        map.same(from.len());
        return map;
    }
    let (mut rest, mut last, mut line_chars) = (from, '\0', 0);
    while let Some(c) = rest.chars().next() {
        if let Some(bytes) = romanization(rest).filter(|_| is_han(last)) {
            map.edit(0, bytes);
            rest = &rest[bytes..];
            *repairs |= Repairs::ROMANIZATION;
            continue;
        }
        if let Some((whole, bytes)) = torn_characters(rest, &romanized) {
            to.push_str(&whole);
            map.edit(whole.len(), bytes);
            (last, rest) = ('\0', &rest[bytes..]);
            *repairs |= Repairs::TORN_CHARACTERS;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        line_chars = if c == '\n' { 0 } else { line_chars + 1 };
        let next = rest.chars().next().unwrap_or('\0');
        if next == '\n'
            && is_han(c)
            && line_chars >= SPLIT_LINE_CHARS_MIN
            && rest[1..].chars().next().is_some_and(is_han)
        {
            to.push(c);
            map.same(c.len_utf8());
            map.edit(0, 1);
            (last, line_chars, rest) = (c, 0, &rest[1..]);
            *repairs |= Repairs::SPLIT_LINES;
            continue;
        }
        to.push(c);
        map.same(c.len_utf8());
        last = c;
    }
    map
}

/// The traditional characters that stand before a romanization, each with it.
#[expect(clippy::string_slice, reason = "every cut is the length of characters just read")]
fn romanized_characters<'t>(
    text: &'t str,
    is_traditional: &dyn Fn(char) -> bool,
) -> Vec<(char, &'t str)> {
    let mut found = Vec::new();
    let mut last = '\0';
    for (at, c) in text.char_indices() {
        if is_traditional(last)
            && let Some(bytes) = romanization(&text[at..])
        {
            let syllable = text[at..at + bytes].trim_matches(['(', ')', '（', '）']);
            found.push((last, syllable));
        }
        last = c;
    }
    found
}

/// The bytes of a bracketed syllable such as `(fā)` at the start of `text`.
fn romanization(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    chars.next().filter(|(_, open)| matches!(open, '(' | '（'))?;
    let (mut letters, mut has_vowel) = (0, false);
    for (at, c) in chars {
        match c {
            ')' | '）' if has_vowel => return Some(at + c.len_utf8()),
            'a'..='z' | 'ü' => has_vowel |= matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'ü'),
            c if "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ".contains(c) => has_vowel = true,
            _ => return None,
        }
        letters += 1;
        if letters > 6 {
            return None;
        }
    }
    None
}

/// Characters torn apart at the start of `text`: what they were, and how many bytes they take now.
///
/// A GBK reader lost the byte `A1`, showed it as `?` and read on one byte too late: `A1|A3 A1|B0 FC|68` is `?！包h` where `A1A3|A1B0|FC68` was `。“黨`.
/// So the lost byte is put back and the bytes are read in step, until both readings meet again at an ASCII character,
/// or at a second `?` for a pair that was lost with the bracket of a romanization; that one is found by its reading elsewhere in the text.
fn torn_characters(text: &str, romanized: &[(char, &str)]) -> Option<(String, usize)> {
    let tail = text.strip_prefix('?')?;
    tail.starts_with(['!', '！']).then_some(())?;
    let mut bytes = vec![0xa1];
    for (at, c) in tail.char_indices().take(TORN_CHARS_MAX) {
        let end = 1 + at + c.len_utf8();
        if c == '?' {
            let lead = *bytes.last()?;
            let (after, syllable_end) = (text.get(end..)?, text.get(end..)?.find(')')?);
            let syllable = after.get(..syllable_end)?;
            let (whole, _) = romanized.iter().find(|(whole, reading)| {
                *reading == syllable && gbk_pair(*whole).is_some_and(|pair| pair[0] == lead)
            })?;
            bytes.pop();
            let mut mended = plausible(&bytes)?;
            mended.push(*whole);
            return Some((mended, end + syllable_end + 1));
        }
        if c.is_ascii() && c != '!' {
            bytes.push(c as u8);
            return plausible(&bytes).map(|mended| (mended, end));
        }
        bytes.extend(gbk_pair(if c == '!' { '！' } else { c })?);
    }
    None
}

/// The characters of `bytes`, if they are what a sentence end followed by an opening quotation would be.
fn plausible(bytes: &[u8]) -> Option<String> {
    let mended = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut chars = mended.chars();
    let opens = chars.next() == Some('。') && matches!(chars.next(), Some('“' | '‘' | '《' | '（'));
    (opens && chars.all(is_han)).then(|| mended.into_owned())
}

fn gbk_pair(c: char) -> Option<[u8; 2]> {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = GB18030.encode(c.encode_utf8(&mut buffer));
    if unmappable { None } else { bytes.as_ref().try_into().ok() }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, expected: &str) -> Repairs {
        let (mut to, mut repairs) = (String::new(), Repairs::NONE);
        mend(from, &|c| "發聯網統創黨業".contains(c), &mut to, &mut repairs);
        assert_eq!(to, expected);
        repairs
    }

    #[test]
    fn romanization_behind_traditional_characters_goes() {
        let repairs = check("科技發(fā)展,互聯(lián)網", "科技發展,互聯網");
        assert_eq!(repairs, Repairs::ROMANIZATION);
    }

    #[test]
    fn a_primer_and_a_single_case_stay() {
        check("仡(gē)佬族,薛(xuē)先生,尉(yù)迟", "仡(gē)佬族,薛(xuē)先生,尉(yù)迟");
        check("發(fā)展很好?!包h", "發(fā)展很好?!包h");
    }

    #[test]
    fn torn_characters_are_put_together() {
        let repairs =
            check("統(tǒng)一聯(lián)網?!包h建很好?!盎ヂ?lián)網", "統一聯網。“黨建很好。“互聯網");
        assert!(repairs.contains(Repairs::TORN_CHARACTERS));
    }

    #[test]
    fn a_line_split_in_a_sentence_is_joined_and_a_heading_stays() {
        let line = "推动了信息化发展也为我们提供了有效的信息和創(chuàng)新業(yè)";
        check(
            &format!("标题\n{line}\n务的模式"),
            "标题\n推动了信息化发展也为我们提供了有效的信息和創新業\n务的模式",
        );
        let long = format!("{line}务全新的互联网模式\n继续");
        assert!(
            check(&long, &long.replace("(chuàng)", "").replace("(yè)", "").replace('\n', ""))
                .contains(Repairs::SPLIT_LINES)
        );
    }
}
