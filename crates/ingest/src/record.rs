//! Cuts one record out of separated text, without decoding it.
//!
//! The rules are those of RFC 4180, read as leniently as the `csv` crate does: a quote counts only at the start of a field, and what stands between
//! the closing quote and the separator belongs to the field. We cut ourselves because a refused row must be kept with its bytes, and because a quote
//! that never closes must cost one line and not the rest of the file. The `csv` crate is the oracle of the tests.

use std::ops::Range;

/// The fields of one record. Reused from record to record.
#[derive(Default)]
pub(crate) struct Record {
    fields: Vec<Span>,
    /// Fields that are not a piece of the input, because quotes were taken out of them.
    unquoted: Vec<u8>,
    has_stray_quote: bool,
}

#[derive(Debug)]
enum Span {
    Input(Range<usize>),
    Unquoted(Range<usize>),
}

/// What stands at the start of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A record with its line break, if it has one.
    Whole { byte_len: usize, is_terminated: bool },
    /// The bytes end inside the record.
    Unfinished { in_quotes: bool },
}

impl Record {
    /// Cuts the first record of `bytes`. With `is_last`, the end of `bytes` ends the record too, unless a quote is open.
    pub(crate) fn cut(&mut self, bytes: &[u8], separator: u8, is_last: bool) -> Cut {
        self.fields.clear();
        self.unquoted.clear();
        self.has_stray_quote = false;
        let mut at = 0;
        // Invariant: `at` is the start of a field; each turn moves it past one separator, so the loop ends.
        loop {
            let field = match bytes.get(at) {
                Some(b'"') => self.quoted(bytes, at + 1, separator),
                _ => Ok((
                    Span::Input(at..field_end(bytes, at, separator)),
                    field_end(bytes, at, separator),
                )),
            };
            let Ok((span, end)) = field else { return Cut::Unfinished { in_quotes: true } };
            match bytes.get(end) {
                Some(byte) if *byte == separator => {
                    self.fields.push(span);
                    at = end + 1;
                }
                Some(_) => {
                    self.push_last(bytes, span);
                    return Cut::Whole { byte_len: end + 1, is_terminated: true };
                }
                None if is_last => {
                    self.push_last(bytes, span);
                    return Cut::Whole { byte_len: end, is_terminated: false };
                }
                None => return Cut::Unfinished { in_quotes: false },
            }
        }
    }

    /// Fields of the record.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field of the record that was cut from `bytes`.
    pub(crate) fn field<'a>(&'a self, index: usize, bytes: &'a [u8]) -> Option<&'a [u8]> {
        Some(match self.fields.get(index)? {
            Span::Input(range) => &bytes[range.clone()],
            Span::Unquoted(range) => &self.unquoted[range.clone()],
        })
    }

    /// Whether no field holds anything: blank lines, and the rows of commas that spreadsheets leave.
    pub(crate) fn is_blank(&self, bytes: &[u8]) -> bool {
        (0..self.len())
            .all(|index| self.field(index, bytes).is_none_or(|field| field.trim_ascii().is_empty()))
    }

    /// Whether something stood between a closing quote and the separator, as it does when a quote was closed by the next one that happened to come.
    pub(crate) fn has_stray_quote(&self) -> bool {
        self.has_stray_quote
    }

    /// Reads on after an opening quote: the field and where it ends, or `Err` when the quote does not close.
    fn quoted(&mut self, bytes: &[u8], start: usize, separator: u8) -> Result<(Span, usize), ()> {
        let mut from = start;
        let unquoted_start = self.unquoted.len();
        loop {
            let close = from + memchr::memchr(b'"', &bytes[from..]).ok_or(())?;
            if bytes.get(close + 1) == Some(&b'"') {
                self.unquoted.extend_from_slice(&bytes[from..=close]);
                from = close + 2;
                continue;
            }
            let end = field_end(bytes, close + 1, separator);
            let stray = without_return(bytes, close + 1..end);
            self.has_stray_quote |= !stray.is_empty();
            if unquoted_start == self.unquoted.len() && stray.is_empty() {
                return Ok((Span::Input(start..close), end));
            }
            self.unquoted.extend_from_slice(&bytes[from..close]);
            self.unquoted.extend_from_slice(&bytes[stray]);
            return Ok((Span::Unquoted(unquoted_start..self.unquoted.len()), end));
        }
    }

    /// The last field of a line may end with the return of a CRLF.
    fn push_last(&mut self, bytes: &[u8], span: Span) {
        self.fields.push(match span {
            Span::Input(range) if bytes.get(range.end) != Some(&b'"') => {
                Span::Input(without_return(bytes, range))
            }
            other => other,
        });
    }
}

/// Where a field that is not in quotes ends: at a separator, a line break or the end.
fn field_end(bytes: &[u8], start: usize, separator: u8) -> usize {
    memchr::memchr2(separator, b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at)
}

fn without_return(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let is_crlf = bytes[range.clone()].ends_with(b"\r")
        && bytes.get(range.end).is_none_or(|byte| *byte == b'\n');
    if is_crlf { range.start..range.end - 1 } else { range }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut_all(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let (mut record, mut rest, mut all) = (Record::default(), bytes, Vec::new());
        while !rest.is_empty() {
            let Cut::Whole { byte_len, .. } = record.cut(rest, b',', true) else {
                panic!("open quote")
            };
            // The oracle skips empty lines.
            if !rest[..byte_len].trim_ascii_end().is_empty() {
                all.push(
                    (0..record.len())
                        .map(|index| record.field(index, rest).unwrap().to_vec())
                        .collect(),
                );
            }
            rest = &rest[byte_len..];
        }
        all
    }

    fn check(text: &str, expected: &[&[&str]]) {
        let found = cut_all(text.as_bytes());
        let expected: Vec<Vec<Vec<u8>>> = expected
            .iter()
            .map(|record| record.iter().map(|field| field.as_bytes().to_vec()).collect())
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn records_are_cut_as_spreadsheets_write_them() {
        check("a,b\r\nc,d", &[&["a", "b"], &["c", "d"]]);
        check("\"好,\n坏\",2\n", &[&["好,\n坏", "2"]]);
        check("\"说\"\"好\"\"\",\"\"\n", &[&["说\"好\"", ""]]);
        check("\"x\"y,5\" 管\r\n", &[&["xy", "5\" 管"]]);
        check("a,\"b\"\r\n\r\n,\n", &[&["a", "b"], &["", ""]]);
    }

    #[test]
    fn a_quote_that_does_not_close_is_told() {
        let mut record = Record::default();
        assert_eq!(record.cut(b"a,\"b\nc\n", b',', true), Cut::Unfinished { in_quotes: true });
        assert_eq!(record.cut(b"a,b", b',', false), Cut::Unfinished { in_quotes: false });
    }

    proptest! {
        #[test]
        fn the_csv_crate_cuts_the_same(text in r#"([a好,"\n]|\r\n|""){0,40}"#) {
            let mut record = Record::default();
            let (mut rest, mut is_closed) = (text.as_bytes(), true);
            while !rest.is_empty() && is_closed {
                match record.cut(rest, b',', true) {
                    Cut::Whole { byte_len, .. } => rest = &rest[byte_len..],
                    Cut::Unfinished { .. } => is_closed = false,
                }
            }
            prop_assume!(is_closed);
            let mut oracle = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<Vec<u8>>> =
                oracle.byte_records().map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect()).collect();
            prop_assert_eq!(cut_all(text.as_bytes()), expected);
        }
    }
}
