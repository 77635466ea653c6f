//! Texts as the network reads them: the characters of each in a row, and its words in a row.
//!
//! A bag of keys forgets which of them stand near each other. A sequence keeps that, and costs two numbers a symbol.

use std::ops::Range;

use linfa::dataset::Records;
use rustc_hash::FxHashMap;

/// How a text can be read.
pub(crate) const VIEWS: usize = 2;
/// Symbols of one text and view that are read: as many from its beginning as from its end, where long texts say what they think.
pub(crate) const SYMBOLS_MAX: usize = 400;
/// Symbols of each view that a model knows at most, the most frequent ones: characters, words.
const KNOWN_MAX: [usize; VIEWS] = [8_000, 20_000];
/// A symbol of a single text tells nothing about others.
const DOCUMENT_FREQUENCY_MIN: u32 = 2;

/// The place that every unknown symbol shares; it never says anything.
pub(crate) const UNKNOWN: u32 = 0;
/// Stand before the first symbol and after the last one.
const BEGIN: u32 = 1;
const END: u32 = 2;
/// Places before that of the first known symbol.
const PLACES_RESERVED: u32 = 3;

/// Symbols of a batch of texts in one view.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sequences {
    symbols: Vec<u32>,
    ends: Vec<u32>,
}

impl Sequences {
    pub(crate) fn clear(&mut self) {
        self.symbols.clear();
        self.ends.clear();
    }

    /// Adds a symbol to the text that is being read.
    pub(crate) fn push(&mut self, symbol: u32) {
        self.symbols.push(symbol);
    }

    /// Ends the text that is being read.
    pub(crate) fn end_text(&mut self) {
        self.ends.push(self.symbols.len() as u32);
    }

    /// Symbols of a text; none when the batch was read without sequences.
    pub(crate) fn text(&self, text: usize) -> &[u32] {
        let Some(end) = self.ends.get(text) else { return &[] };
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        &self.symbols[start as usize..*end as usize]
    }
}

/// The symbols that a model knows in one view: where the weights of each stand.
#[derive(Debug, Clone)]
pub(crate) struct Alphabet {
    /// Sorted.
    symbols: Vec<u32>,
    /// `symbol << 32 | place`, open addressing, at most half full; 0 is free.
    slots: Vec<u64>,
}

impl Alphabet {
    /// The most frequent symbols of `texts`, at most `known_max`.
    fn of<'a>(texts: impl Iterator<Item = &'a [u32]>, known_max: usize) -> Self {
        // Number of the latest text that holds a symbol, and of texts that do.
        let mut seen: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
        for (number, symbols) in (1u32..).zip(texts) {
            for symbol in symbols {
                let entry = seen.entry(*symbol).or_default();
                if entry.0 != number {
                    *entry = (number, entry.1 + 1);
                }
            }
        }
        let mut kept: Vec<(u32, u32)> = seen
            .into_iter()
            .map(|(symbol, (_, frequency))| (symbol, frequency))
            .filter(|(_, frequency)| *frequency >= DOCUMENT_FREQUENCY_MIN)
            .collect();
        kept.sort_unstable_by_key(|(symbol, frequency)| (std::cmp::Reverse(*frequency), *symbol));
        kept.truncate(known_max);
        let mut symbols: Vec<u32> = kept.into_iter().map(|(symbol, _)| symbol).collect();
        symbols.sort_unstable();
        Self::new(symbols)
    }

    /// One a view, of the rows `rows`.
    pub(crate) fn of_views(views: [&Sequences; VIEWS], rows: &[u32]) -> [Self; VIEWS] {
        [0, 1].map(|view| {
            Self::of(rows.iter().map(|row| views[view].text(*row as usize)), KNOWN_MAX[view])
        })
    }

    /// `symbols` are sorted and distinct.
    pub(crate) fn new(symbols: Vec<u32>) -> Self {
        let slot_count = (2 * symbols.len()).next_power_of_two().max(2);
        let mut slots = vec![0u64; slot_count];
        for (place, symbol) in (u64::from(PLACES_RESERVED)..).zip(&symbols) {
            let mut slot = home(*symbol, slot_count);
            while slots[slot] != 0 {
                slot = (slot + 1) & (slot_count - 1);
            }
            slots[slot] = u64::from(*symbol) << 32 | place;
        }
        Self { symbols, slots }
    }

    /// Sorted symbols, as a file holds them.
    pub(crate) fn symbols(&self) -> &[u32] {
        &self.symbols
    }

    /// Places, the reserved ones among them.
    pub(crate) fn places(&self) -> usize {
        self.symbols.len() + PLACES_RESERVED as usize
    }

    /// Places of a text's symbols between those of its two ends, written to `out`; gives how many.
    pub(crate) fn read(&self, symbols: &[u32], out: &mut [u32; SYMBOLS_MAX + 2]) -> usize {
        let (first, last) = if symbols.len() > SYMBOLS_MAX {
            let half = SYMBOLS_MAX / 2;
            (&symbols[..half], &symbols[symbols.len() - half..])
        } else {
            (symbols, &[][..])
        };
        out[0] = BEGIN;
        let mut count = 1;
        for symbol in first.iter().chain(last) {
            out[count] = self.place(*symbol);
            count += 1;
        }
        out[count] = END;
        count + 1
    }

    fn place(&self, symbol: u32) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = home(symbol, self.slots.len());
        // Ends: at least half of the slots are free.
        while self.slots[slot] != 0 {
            if (self.slots[slot] >> 32) as u32 == symbol {
                return self.slots[slot] as u32;
            }
            slot = (slot + 1) & mask;
        }
        UNKNOWN
    }
}

/// Codes of characters stand close together and those of words are hashes: both spread well under a product's upper bits.
fn home(symbol: u32, slot_count: usize) -> usize {
    (symbol.wrapping_mul(0x9e37_79b9) >> 7) as usize & (slot_count - 1)
}

/// Training texts as places, under linfa's `Records`.
#[derive(Debug, Clone)]
pub(crate) struct SequenceRecords {
    places: [Vec<u32>; VIEWS],
    ends: [Vec<u32>; VIEWS],
    /// Places of each view, the reserved ones among them.
    pub(crate) alphabet_sizes: [usize; VIEWS],
}

impl SequenceRecords {
    /// The rows `rows` of two views in the places of `alphabets`.
    pub(crate) fn new(
        views: [&Sequences; VIEWS],
        rows: &[u32],
        alphabets: &[Alphabet; VIEWS],
    ) -> Self {
        let mut records = Self {
            places: Default::default(),
            ends: Default::default(),
            alphabet_sizes: [alphabets[0].places(), alphabets[1].places()],
        };
        let mut read = [0u32; SYMBOLS_MAX + 2];
        for view in 0..VIEWS {
            for &row in rows {
                let count = alphabets[view].read(views[view].text(row as usize), &mut read);
                records.places[view].extend_from_slice(&read[..count]);
                records.ends[view].push(records.places[view].len() as u32);
            }
        }
        records
    }

    /// Places of a row in a view.
    pub(crate) fn row(&self, view: usize, row: usize) -> &[u32] {
        &self.places[view][self.span(view, row)]
    }

    fn span(&self, view: usize, row: usize) -> Range<usize> {
        let start = if row == 0 { 0 } else { self.ends[view][row - 1] as usize };
        start..self.ends[view][row] as usize
    }
}

impl Records for SequenceRecords {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.ends[0].len()
    }

    fn nfeatures(&self) -> usize {
        self.alphabet_sizes.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_of_one_text_are_unknown() {
        let texts: [&[u32]; 3] = [&[7, 7, 9], &[9, 8], &[9, 8]];
        let alphabet = Alphabet::of(texts.into_iter(), 2);
        assert_eq!(alphabet.symbols(), [8, 9]);
        assert_eq!(Alphabet::of(texts.into_iter(), 1).symbols(), [9]);
        let mut out = [0; SYMBOLS_MAX + 2];
        let count = alphabet.read(&[9, 7, 8], &mut out);
        assert_eq!(out[..count], [BEGIN, 4, UNKNOWN, 3, END]);
    }

    #[test]
    fn a_long_text_is_read_at_both_ends() {
        let symbols: Vec<u32> = (1..=1000).collect();
        let alphabet = Alphabet::new(symbols.clone());
        let mut out = [0; SYMBOLS_MAX + 2];
        assert_eq!(alphabet.read(&symbols, &mut out), SYMBOLS_MAX + 2);
        assert_eq!((out[1], out[SYMBOLS_MAX]), (PLACES_RESERVED, PLACES_RESERVED + 999));
        assert_eq!(alphabet.read(&[], &mut out), 2);
    }
}
