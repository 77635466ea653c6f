//! Double encoding: text that was written in one encoding, read in another and saved again. Undone where nothing was lost.

use std::borrow::Cow;

use encoding_rs::{GB18030, WINDOWS_1252};

use super::plausible::{is_common, plausibility};
use crate::Repairs;

/// Characters looked at to decide whether a text is worth a closer look.
const GLANCE_CHARS: usize = 48;

/// How much more plausible the restored text must be.
const GAIN_MIN: f32 = 1.0;

/// Undoes double encoding where the whole text was read wrongly and no byte of it was lost; else gives the text back.
///
/// A clean text costs a glance at its first characters.
pub fn restore(text: &str) -> (Cow<'_, str>, Repairs) {
    let restored = match glance(text) {
        Suspicion::None => None,
        Suspicion::Latin => from_latin(text),
        Suspicion::Gbk => from_gbk(text),
    };
    match restored {
        Some((restored, repair)) if plausibility(&restored) - plausibility(text) >= GAIN_MIN => {
            (Cow::Owned(restored), repair)
        }
        _ => (Cow::Borrowed(text), Repairs::NONE),
    }
}

enum Suspicion {
    None,
    Latin,
    Gbk,
}

/// Real Chinese has next to no accented letters and at most one rare character in twenty; a wrong reading has little else.
fn glance(text: &str) -> Suspicion {
    let (mut latin, mut common, mut rare) = (0, 0, 0);
    for c in text.chars().filter(|c| !c.is_ascii()).take(GLANCE_CHARS) {
        match c {
            '\u{80}'..='\u{ff}' => latin += 1,
            // Latin-1 as browsers read it has quotes, dashes and a few letters up here.
            '\u{100}'..='\u{2bff}' => {}
            c if is_common(c) => common += 1,
            _ => rare += 1,
        }
    }
    if latin >= 3 && common + rare == 0 {
        Suspicion::Latin
    } else if rare >= 1 && rare * 2 >= common && latin == 0 {
        Suspicion::Gbk
    } else {
        Suspicion::None
    }
}

fn from_latin(text: &str) -> Option<(String, Repairs)> {
    let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
    if unmappable {
        return None;
    }
    if let Ok(utf8) = std::str::from_utf8(&bytes) {
        return Some((utf8.to_owned(), Repairs::UTF8_READ_AS_LATIN));
    }
    let gbk = GB18030.decode_without_bom_handling_and_without_replacement(&bytes)?;
    Some((gbk.into_owned(), Repairs::GBK_READ_AS_LATIN))
}

fn from_gbk(text: &str) -> Option<(String, Repairs)> {
    let (bytes, _, unmappable) = GB18030.encode(text);
    if unmappable {
        return None;
    }
    let utf8 = std::str::from_utf8(&bytes).ok()?;
    // Four-byte GB18030 can stand for anything: only a text of Han characters was worth restoring.
    utf8.chars().any(is_common).then(|| (utf8.to_owned(), Repairs::UTF8_READ_AS_GBK))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str, repair: Repairs) {
        assert_eq!(restore(text), (Cow::Borrowed(expected), repair), "{text}");
    }

    #[test]
    fn double_encoding_is_undone() {
        check("æ±‰å\u{ad}—", "汉字", Repairs::UTF8_READ_AS_LATIN);
        check("娴嬭瘯", "测试", Repairs::UTF8_READ_AS_GBK);
        check("²âÊÔ", "测试", Repairs::GBK_READ_AS_LATIN);
        check("é£Ÿå\u{a0}‚çš„é¥\u{ad}å¾ˆå¥½", "食堂的饭很好", Repairs::UTF8_READ_AS_LATIN);
    }

    #[test]
    fn honest_texts_stay() {
        for text in
            ["食堂的饭很好", "café naïve Ærøskøbing", "饕餮", "Ünïcödé", "", "謝謝龘靐", "😀😀"]
        {
            check(text, text, Repairs::NONE);
        }
    }
}
