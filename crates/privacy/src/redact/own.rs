//! What an organization adds: names that are on its roster, and patterns of numbers that only it has.

use std::fmt;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::{Regex, RegexBuilder};

use super::{IdentifierKind, Span, placeholder};

/// A compiled pattern is at most so large: a slip of the pen may not eat the memory.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// A name of one character would take out half of every text.
const NAME_CHARS_MIN: usize = 2;

/// Names and patterns of one organization.
pub struct OwnIdentifiers {
    names: AhoCorasick,
    patterns: Vec<(IdentifierKind, Regex)>,
}

/// How many, not who.
impl fmt::Debug for OwnIdentifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnIdentifiers")
            .field("names", &self.names.patterns_len())
            .field("patterns", &self.patterns.len())
            .finish()
    }
}

/// A name or pattern that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// Too short to tell a person.
    #[error("line {line} of the roster has fewer than {NAME_CHARS_MIN} characters")]
    Name {
        /// Counted from 1.
        line: usize,
    },
    /// Too many names, or too long.
    #[error("build the roster")]
    Roster(#[source] aho_corasick::BuildError),
    /// Not a regular expression, or too large a one.
    #[error("pattern {pattern:?}")]
    Pattern {
        /// As it was written.
        pattern: String,
        /// What is wrong.
        #[source]
        source: regex::Error,
    },
    /// It matches nothing at all, which is everywhere.
    #[error("pattern {pattern:?} matches the empty text")]
    Empty {
        /// As it was written.
        pattern: String,
    },
}

impl OwnIdentifiers {
    /// Names as they stand in `roster`, one a line, blank lines aside; patterns as regular expressions over the normalized text.
    ///
    /// # Errors
    /// [`OwnError`] names the first that cannot be used.
    pub fn new<'p>(
        roster: &str,
        patterns: impl IntoIterator<Item = (IdentifierKind, &'p str)>,
    ) -> Result<Self, OwnError> {
        let mut names = Vec::new();
        for (index, line) in roster.lines().enumerate() {
            let name = line.trim();
            if !name.is_empty() && name.chars().nth(NAME_CHARS_MIN - 1).is_none() {
                return Err(OwnError::Name { line: index + 1 });
            }
            names.extend(Some(name).filter(|name| !name.is_empty()));
        }
        let names = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(names)
            .map_err(OwnError::Roster)?;
        let compiled = |(kind, pattern): (IdentifierKind, &str)| {
            let regex = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
            let regex = regex
                .map_err(|source| OwnError::Pattern { pattern: pattern.to_owned(), source })?;
            if regex.is_match("") {
                return Err(OwnError::Empty { pattern: pattern.to_owned() });
            }
            Ok((kind, regex))
        };
        let patterns = patterns.into_iter().map(compiled).collect::<Result<_, _>>()?;
        Ok(Self { names, patterns })
    }

    /// Adds what is found to `spans`; of two that overlap the longer stays. Placeholders are not read, so that a second pass changes nothing.
    pub(super) fn add_to(&self, text: &str, spans: &mut Vec<Span>) {
        let recognized = spans.len();
        spans.extend(
            self.names
                .find_iter(text)
                .map(|found| Span { range: found.range(), kind: IdentifierKind::Name }),
        );
        for (kind, regex) in &self.patterns {
            let found = regex.find_iter(text).filter(|found| !found.is_empty());
            spans.extend(found.map(|found| Span { range: found.range(), kind: *kind }));
        }
        if spans.len() == recognized {
            return;
        }
        let in_placeholder = |span: &Span| {
            text.match_indices('[').take_while(|(at, _)| *at < span.range.end).any(|(at, _)| {
                let length = placeholder::at_start(text.get(at..).unwrap_or_default());
                length.is_some_and(|length| span.range.start < at + length)
            })
        };
        spans.retain(|span| !in_placeholder(span));
        spans.sort_by_key(|span| (std::cmp::Reverse(span.range.len()), span.range.start));
        let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans.drain(..) {
            let is_free = |other: &Span| {
                span.range.end <= other.range.start || other.range.end <= span.range.start
            };
            if kept.iter().all(is_free) {
                kept.push(span);
            }
        }
        kept.sort_by_key(|span| span.range.start);
        spans.append(&mut kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Redactor;

    fn check(text: &str, redacted: &str) {
        let patterns =
            [(IdentifierKind::EmployeeId, r"[Qq]H-?\d{4}"), (IdentifierKind::Name, "手机号")];
        let own = OwnIdentifiers::new("耶律大石\n\n古力娜扎\n", patterns).unwrap();
        let redactor = Redactor::new().with_own(own);
        assert_eq!(redactor.redact(text), redacted);
        assert_eq!(redactor.redact(redacted), redacted, "again");
    }

    #[test]
    fn what_the_organization_adds_is_taken_out() {
        check("昨天耶律大石说食堂太贵", "昨天[姓名]说食堂太贵");
        check("qH-1234在食堂", "[工号]在食堂");
        check("打13812345678找古力娜扎", "打[手机号]找[姓名]");
        check("食堂太贵", "食堂太贵");
    }

    #[test]
    fn debug_shows_neither_the_roster_nor_the_last_text() {
        let own = OwnIdentifiers::new("耶律大石", [(IdentifierKind::Qq, r"QH\d")]).unwrap();
        let redactor = Redactor::new().with_own(own);
        let (mut scratch, mut spans) = (crate::Scratch::default(), Vec::new());
        redactor.find_with(&mut scratch, "打13812345678找耶律大石", &mut spans);
        let shown = format!("{:?} {scratch:?}", redactor.own);
        assert!(shown.contains("names: 1") && !shown.contains(['耶', '石', '打', 'Q']), "{shown}");
    }

    #[test]
    fn what_would_take_out_everything_is_refused() {
        let error = |roster: &str, pattern: &str| {
            OwnIdentifiers::new(roster, [(IdentifierKind::Qq, pattern)]).unwrap_err().to_string()
        };
        assert!(error("张三\n李", "a").contains("line 2"));
        assert!(error("", "x*").contains("empty text"));
        assert!(error("", "(").contains('('));
    }
}
