//! Bytes to text: one decision for a whole file or stream, never for one cell, since two characters of GBK are also two of Big5.
//!
//! A wrong guess poisons everything after it and nobody notices, a refused file only waits: so a guess needs a margin, and else the file is quarantined.

mod mojibake;
mod plausible;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

pub use mojibake::restore;
use plausible::plausibility;

use crate::Repairs;

/// Text with how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The characters, without a byte order mark.
    pub text: String,
    /// The encoding's name, such as `GB18030`.
    pub encoding: &'static str,
    /// Double encoding undone, wrong label corrected.
    pub repairs: Repairs,
}

/// Bytes that are not decoded, because no reading of them is sure enough.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not valid in any encoding that we read.
    #[error("the bytes are in none of UTF-8, UTF-16, GB18030 and Big5 (byte {at} breaks UTF-8)")]
    Unknown {
        /// The first byte that is no UTF-8.
        at: usize,
    },
    /// Two readings are about as likely.
    #[error("the encoding is not certain ({first} or {second}, {bytes} bytes): give it as a label")]
    Ambiguous {
        /// The likelier reading.
        first: &'static str,
        /// The next.
        second: &'static str,
        /// How much there was to judge by.
        bytes: usize,
    },
}

/// Bytes that are looked at to tell the encoding; the rest is decoded by the decision.
const SAMPLE_BYTES_MAX: usize = 64 * 1024;

/// Valid UTF-8 with more multi-byte characters than this is nothing else: one GBK character in seven could be a UTF-8 sequence, eight in a row are not.
const UTF8_CERTAIN_CHARS: usize = 8;

/// Above this, sixteen bits at a time that are all ASCII and all frequent characters do not happen.
const WIDE_BYTES_MAX: usize = 8;

/// Decodes a whole file or stream. `label` is what its header or the user says; `gb2312` and `gbk` mean GB18030, as on the web.
///
/// A byte order mark outranks the label. A label under which the bytes are invalid is overruled when another reading is certain.
///
/// # Errors
/// [`DecodeError`] when no reading is certain; the bytes then belong in the quarantine.
pub fn decode_stream(bytes: &[u8], label: Option<&str>) -> Result<Decoded, DecodeError> {
    if let Some((encoding, bom_bytes)) = Encoding::for_bom(bytes) {
        let (text, _) =
            encoding.decode_without_bom_handling(bytes.get(bom_bytes..).unwrap_or_default());
        return Ok(finish(text.into_owned(), encoding, Repairs::NONE));
    }
    let labelled =
        label.and_then(|label| Encoding::for_label(label.trim().as_bytes())).map(widened);
    if let Some(encoding) = labelled
        && let Some(text) = strictly(encoding, bytes)
        && is_text(&text)
    {
        return Ok(finish(text, encoding, Repairs::NONE));
    }
    let encoding = detect(bytes)?;
    let corrected = if labelled.is_some() { Repairs::ENCODING_CORRECTED } else { Repairs::NONE };
    match strictly(encoding, bytes) {
        Some(text) => Ok(finish(text, encoding, corrected)),
        None => Err(DecodeError::Unknown { at: utf8_error_at(bytes) }),
    }
}

fn finish(text: String, encoding: &'static Encoding, repairs: Repairs) -> Decoded {
    let (restored, restored_by) = restore(&text);
    let encoding = encoding.name();
    match restored_by.is_empty() {
        true => Decoded { text, encoding, repairs },
        false => Decoded { text: restored.into_owned(), encoding, repairs: repairs | restored_by },
    }
}

/// GB2312 and GBK labels are put on GB18030 bytes everywhere (chardet#168); Latin-1 labels are defaults nobody chose.
fn widened(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == encoding_rs::GBK { GB18030 } else { encoding }
}

fn strictly(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| text.into_owned())
}

/// A few bytes of UTF-16 can all be ASCII: `bKg:` is also 手机. Taken as possible when the characters of that reading are frequent.
fn may_be_wide(bytes: &[u8]) -> bool {
    let is_short = bytes.len() <= WIDE_BYTES_MAX && bytes.is_ascii() && !bytes.is_empty();
    let is_frequent = |encoding| read(encoding, bytes).is_some_and(|wide| wide.plausibility >= 1.0);
    let has_controls =
        bytes.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    is_short && (has_controls || is_frequent(UTF_16LE) || is_frequent(UTF_16BE))
}

/// No reading of text holds NUL: a UTF-16 file labelled as a single-byte encoding does.
fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

fn utf8_error_at(bytes: &[u8]) -> usize {
    std::str::from_utf8(bytes).err().map_or(bytes.len(), |error| error.valid_up_to())
}

/// One way to read the bytes, with how much it looks like Chinese.
struct Reading {
    encoding: &'static Encoding,
    plausibility: f32,
    chars: usize,
}

/// Finds the encoding, or refuses.
fn detect(bytes: &[u8]) -> Result<&'static Encoding, DecodeError> {
    let sample = bytes.get(..SAMPLE_BYTES_MAX).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && is_text(text)
        && !may_be_wide(bytes)
        && (text.is_ascii()
            || text.chars().filter(|c| !c.is_ascii()).nth(UTF8_CERTAIN_CHARS).is_some())
    {
        return Ok(UTF_8);
    }
    let mut readings: Vec<Reading> = [UTF_8, GB18030, BIG5, UTF_16LE, UTF_16BE]
        .into_iter()
        .filter_map(|encoding| read(encoding, sample))
        .collect();
    readings.sort_by(|a, b| b.plausibility.total_cmp(&a.plausibility));
    let Some(best) = readings.first() else {
        return Err(DecodeError::Unknown { at: utf8_error_at(bytes) });
    };
    let second = readings.get(1);
    let margin = second.map_or(f32::INFINITY, |second| best.plausibility - second.plausibility);
    if best.plausibility >= plausible::floor(best.chars)
        && margin >= plausible::margin(best.chars)
        && guess_agrees(best.encoding, sample)
    {
        return Ok(best.encoding);
    }
    let second = second.map_or("none", |second| second.encoding.name());
    Err(DecodeError::Ambiguous { first: best.encoding.name(), second, bytes: bytes.len() })
}

/// Reads the sample strictly; a character that the end of the sample cuts is left out.
fn read(encoding: &'static Encoding, sample: &[u8]) -> Option<Reading> {
    let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
    if is_wide && !sample.len().is_multiple_of(2) {
        return None;
    }
    let text = (0..4).find_map(|cut| {
        strictly(encoding, sample.get(..sample.len().checked_sub(cut)?)?)
            .filter(|_| cut == 0 || sample.len() == SAMPLE_BYTES_MAX)
    })?;
    let chars = text.chars().count();
    is_text(&text).then(|| Reading { encoding, plausibility: plausibility(&text), chars })
}

/// A second opinion between the multi-byte encodings: chardetng, which knows which character pairs occur.
fn guess_agrees(encoding: &'static Encoding, sample: &[u8]) -> bool {
    if encoding != GB18030 && encoding != BIG5 {
        return true;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = widened(detector.guess(None, chardetng::Utf8Detection::Deny));
    guess == encoding
}

#[cfg(test)]
mod tests;
