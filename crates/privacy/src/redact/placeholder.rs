//! What stands where an identifier was.
//!
//! A placeholder is ASCII brackets around the kind in simplified Han, which NFKC, case folding and traditional → simplified all leave as it is.
//! Writers type `[手机号]` too; theirs become `〔手机号〕` before redaction (U+3014/5 have no compatibility form), so that every `[手机号]` in the
//! store stands for a number that was there.

use std::ops::Range;

use super::IdentifierKind;

const COUNT: usize = IdentifierKind::ALL.len();

const PLACEHOLDERS: [&str; COUNT] = {
    let mut all = [""; COUNT];
    let mut index = 0;
    while index < COUNT {
        all[index] = IdentifierKind::ALL[index].placeholder();
        index += 1;
    }
    all
};

/// Every placeholder, in the order of [`IdentifierKind::ALL`]. Segmentation keeps each as one token.
pub fn placeholders() -> &'static [&'static str] {
    &PLACEHOLDERS
}

/// Byte length of the placeholder that `text` begins with.
pub(super) fn at_start(text: &str) -> Option<usize> {
    PLACEHOLDERS
        .iter()
        .find(|placeholder| text.starts_with(**placeholder))
        .map(|placeholder| placeholder.len())
}

/// Placeholders that somebody typed, with what to write instead.
pub(crate) fn typed_placeholders(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices('[') {
        if let Some(length) = text.get(start..).and_then(at_start) {
            let kind = text
                .get(start + 1..start + length - 1)
                .expect("a placeholder begins and ends with an ASCII bracket");
            found.push((start..start + length, format!("〔{kind}〕")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_writer_types_is_not_a_placeholder() {
        let typed = typed_placeholders("我的[手机号]写[哪里]，[姓名]呢");
        assert_eq!(
            typed.iter().map(|(_, to)| to.as_str()).collect::<Vec<_>>(),
            ["〔手机号〕", "〔姓名〕"]
        );
        assert_eq!(typed_placeholders("[手机号"), []);
    }
}
