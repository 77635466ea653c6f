//! Brings a text to the one form that search, models and redaction read, and remembers where everything came from.
//!
//! Normalization comes *before* cutting: cutting first gives 軟件 and 软件 different words. It runs in rounds of three passes
//! (characters, debris, script) until nothing changes, which makes it idempotent by construction. Most texts are found clean
//! by one scan and are copied as they are.

mod batch;
mod class;
mod debris;
mod fold;
mod script;

use std::fmt;
use std::ops::Range;

pub use batch::{NormalizedDocument, TEXT_BYTES_MAX, normalize_batch};
use class::{CharClass, ClassTable};
use corpus::Withheld;
pub(crate) use fold::{Address, is_emoji};
use script::Simplifier;
pub use script::{PhraseTable, PhraseTableError};

use crate::offset_map::{MapBuilder, OffsetMap};
use crate::{Repairs, Scratch};

/// Rounds after which a text is taken as it is. Two suffice for all texts seen; three have been needed by random ones.
const ROUNDS_MAX: usize = 6;

/// Brings texts to normal form. Built once (about 10 ms), shared by all threads.
#[derive(Debug)]
pub struct Normalizer {
    classes: ClassTable,
    simplifier: Simplifier,
}

/// A text in its two forms with the map between them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NormalizedText {
    /// As written, in its own script and forms, without control characters: what people are shown.
    pub display: String,
    /// Normalized: what is searched, judged and redacted.
    pub text: String,
    /// From `text` to `display`.
    pub map: OffsetMap,
    /// What was mended.
    pub repairs: Repairs,
}

/// Lengths instead of words, which may still hold identifiers.
impl fmt::Debug for NormalizedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NormalizedText")
            .field("display", &Withheld::text(&self.display))
            .field("text", &Withheld::text(&self.text))
            .field("repairs", &self.repairs)
            .finish_non_exhaustive()
    }
}

impl NormalizedText {
    /// Replaces each span of `text`, and all that it stands for in `display`, by its replacement.
    ///
    /// What is replaced is gone from both strings: a span that ends inside an edit takes the whole edit out of `display`.
    ///
    /// # Panics
    /// When spans are not sorted, overlap, or do not lie on character boundaries.
    #[must_use]
    pub fn replace(&self, spans: &[(Range<usize>, &str)]) -> Self {
        let (text, display, map) = self.map.replace(&self.text, &self.display, spans);
        Self { display, text, map, repairs: self.repairs }
    }
}

impl Normalizer {
    /// A normalizer that keeps the phrases of `exceptions` as they say.
    pub fn new(exceptions: &PhraseTable) -> Self {
        let simplifier = Simplifier::new(exceptions);
        Self { classes: ClassTable::new(&simplifier), simplifier }
    }

    /// Brings one decoded text to normal form. Never fails; normalizing the result again gives the same text.
    pub fn normalize(&self, raw: &str, scratch: &mut Scratch) -> NormalizedText {
        let found = self.classes.scan(raw);
        let display =
            if found.has(CharClass::CONTROL) { without_controls(raw) } else { raw.to_owned() };
        if !found.needs_work() {
            return NormalizedText {
                text: display.clone(),
                display,
                map: OffsetMap::identity(),
                repairs: Repairs::NONE,
            };
        }
        if found.needs_squeezing_only() {
            let mut text = String::with_capacity(display.len());
            let map = fold::squeeze(&self.classes, &display, &mut text).finish();
            return NormalizedText { text, display, map, repairs: Repairs::NONE };
        }
        let (mut map, mut repairs) = (OffsetMap::identity(), Repairs::NONE);
        let text = &mut scratch.text;
        text.clear();
        text.push_str(&display);
        // What stood beside a control character now stands beside another one.
        let mut found = if found.has(CharClass::CONTROL) { self.classes.scan(text) } else { found };
        for _ in 0..ROUNDS_MAX {
            let mut changed = false;
            if found.has(CharClass::DEBRIS) {
                changed |= step(text, &mut scratch.next, &mut map, |from, to| {
                    self.mend(from, to, &mut repairs)
                });
            }
            if found.has(CharClass::REWRITE | CharClass::REPEATED) {
                changed |= step(text, &mut scratch.next, &mut map, |from, to| {
                    fold::fold(&self.classes, from, to)
                });
            }
            if found.has(CharClass::TRADITIONAL) {
                changed |= step(text, &mut scratch.next, &mut map, |from, to| {
                    self.simplifier.simplify(from, to)
                });
            }
            if !changed {
                break;
            }
            found = self.classes.scan(text);
        }
        NormalizedText { text: text.clone(), display, map, repairs }
    }

    fn mend(&self, from: &str, to: &mut String, repairs: &mut Repairs) -> MapBuilder {
        debris::mend(from, &|c| self.simplifier.is_traditional(c), to, repairs)
    }
}

/// Runs one pass from `text` into `next`, swaps them and extends the map. Returns whether anything changed.
fn step(
    text: &mut String,
    next: &mut String,
    map: &mut OffsetMap,
    pass: impl FnOnce(&str, &mut String) -> MapBuilder,
) -> bool {
    next.clear();
    let edits = pass(text, next).finish();
    if text == next {
        return false;
    }
    *map = map.then(&edits);
    std::mem::swap(text, next);
    true
}

/// Drops what neither shows nor joins: control characters except line breaks and tabs, direction overrides (they can make a text
/// show as another one), byte order marks. `\r\n` and `\r` become `\n`.
fn without_controls(raw: &str) -> String {
    let mut display = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => display.push('\n'),
            c if class::is_control(c) => {}
            c => display.push(c),
        }
    }
    display
}

#[cfg(test)]
mod tests;
