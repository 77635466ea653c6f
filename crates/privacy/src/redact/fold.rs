//! One view of a text in which every way to write a digit or letter looks the same.
//!
//! People write 138, １３８, 一三八, 幺三八, ①③⑧ and 1️⃣3️⃣8️⃣ for the same number. Recognizers read [`Unit`]s: one a character that means something,
//! with its folded form and the bytes it came from, so that a span found in the folded view is a span of the text.

use super::chars::CharTable;
use super::placeholder;

/// What a character may be, as a bit set; the low four bits hold the value of a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u32);

impl Flags {
    const VALUE: u32 = 0x0f;
    /// 0-9 in any script that is not Han.
    pub(super) const DIGIT: Self = Self(1 << 4);
    /// 零一二三, 幺, 壹贰叁.
    pub(super) const HAN_DIGIT: Self = Self(1 << 5);
    /// 洞 两 拐 勾: spoken digits, but only between others.
    pub(super) const SPOKEN_DIGIT: Self = Self(1 << 6);
    /// a-z after folding.
    pub(super) const LETTER: Self = Self(1 << 7);
    pub(super) const SPACE: Self = Self(1 << 8);
    /// Stands between the groups of one number: - . · / ( ) and the like.
    pub(super) const SEPARATOR: Self = Self(1 << 9);
    /// Ends a clause.
    pub(super) const STOP: Self = Self(1 << 10);
    pub(super) const HAN: Self = Self(1 << 11);
    /// May begin a name.
    pub(super) const SURNAME: Self = Self(1 << 12);
    /// 京 津 鲁: begins a plate.
    pub(super) const PROVINCE: Self = Self(1 << 13);
    /// 号 栋 楼 室: follows a number in an address.
    pub(super) const HOUSE: Self = Self(1 << 14);
    /// @, or a placeholder that stands for something already taken out.
    pub(super) const MARK: Self = Self(1 << 15);
    /// In many given names.
    pub(super) const GIVEN: Self = Self(1 << 16);
    /// In given names, and in few everyday words.
    pub(super) const GIVEN_ONLY: Self = Self(1 << 17);
    /// Ends a word after which a name may stand.
    pub(super) const BEFORE_NAME: Self = Self(1 << 18);
    /// May begin a way to write @.
    pub(super) const AT: Self = Self(1 << 19);
    /// A digit, or 十, 百.
    pub(super) const NUMERAL: Self = Self(1 << 20);
    /// Begins a surname of two characters.
    pub(super) const COMPOUND: Self = Self(1 << 21);
    /// Between a house number and the next: 号 栋, a dash, a space, a letter.
    pub(super) const AFTER_HOUSE: Self = Self(1 << 22);
    /// Means nothing and is skipped.
    pub(super) const INVISIBLE: Self = Self(1 << 23);
    /// Ends the name of a road, community or village.
    pub(super) const PLACE_END: Self = Self(1 << 24);
    /// Ends the name of a province, city or the like.
    pub(super) const ADMIN_END: Self = Self(1 << 25);
    /// Ends a word at which the name of a place begins.
    pub(super) const LINK_END: Self = Self(1 << 26);
    /// Ends a word that announces a number.
    pub(super) const ANNOUNCES: Self = Self(1 << 27);
    /// Spells a sound in foreign names.
    pub(super) const SPELLS: Self = Self(1 << 28);
    /// Begins a plate of another issuer than a province.
    pub(super) const ISSUER: Self = Self(1 << 29);
    /// Ends a word after which a home is told.
    pub(super) const HOME_END: Self = Self(1 << 30);
    /// Begins a unit of measure.
    pub(super) const MEASURE: Self = Self(1 << 31);
    pub(super) const NONE: Self = Self(0);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 & !Self::VALUE != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn digit(self, value: u32) -> Self {
        Self(self.0 & !Self::VALUE | value)
    }
}

/// One meaningful character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// Folded: half-width, lower case; Han digits stay Han.
    pub(super) ch: char,
    pub(super) flags: Flags,
    pub(super) byte_start: u32,
    pub(super) byte_end: u32,
}

/// The folded form of a placeholder: no recognizer reads over it.
pub(super) const BARRIER: char = '\u{fffc}';

impl Unit {
    /// Value of a digit, Han ones included.
    pub(super) fn digit(&self) -> Option<u8> {
        let is_digit =
            self.flags.has(Flags::DIGIT.with(Flags::HAN_DIGIT).with(Flags::SPOKEN_DIGIT));
        is_digit.then_some((self.flags.0 & Flags::VALUE) as u8)
    }

    pub(super) fn is(&self, flags: Flags) -> bool {
        self.flags.has(flags)
    }

    /// A digit that is not Han, or a letter.
    pub(super) fn is_alphanumeric(&self) -> bool {
        self.flags.has(Flags::DIGIT.with(Flags::LETTER))
    }
}

/// Scratch: the units of one text. Reused between texts.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) units: Vec<Unit>,
    /// Digits of any kind, counted: most texts have too few for any number.
    pub(super) digit_count: usize,
    seen: u32,
}

impl Folded {
    /// Whether any unit has one of `flags`.
    pub(super) fn seen(&self, flags: Flags) -> bool {
        self.seen & flags.0 & !Flags::VALUE != 0
    }

    /// The folded characters before `index`, nearest first.
    pub(super) fn before(&self, index: usize) -> impl Iterator<Item = &Unit> {
        self.units.get(..index).unwrap_or_default().iter().rev()
    }

    pub(super) fn at(&self, index: usize) -> Option<&Unit> {
        self.units.get(index)
    }

    pub(super) fn is(&self, index: usize, flags: Flags) -> bool {
        self.units.get(index).is_some_and(|unit| unit.flags.has(flags))
    }

    pub(super) fn ch(&self, index: usize) -> char {
        self.units.get(index).map_or('\0', |unit| unit.ch)
    }

    /// Whether the folded text has `word` at `index`.
    pub(super) fn starts_with(&self, index: usize, word: &str) -> bool {
        let mut at = index;
        word.chars().all(|c| {
            at += 1;
            self.ch(at - 1) == c
        })
    }

    /// Whether the folded text has `word` right before `index`.
    pub(super) fn ends_with(&self, index: usize, word: &str) -> bool {
        let mut before = self.before(index);
        word.chars().rev().all(|c| before.next().is_some_and(|unit| unit.ch == c))
    }

    /// Folds `text`, replacing what was held before.
    pub(super) fn fold(&mut self, text: &str, table: &CharTable) {
        let Self { units, .. } = self;
        units.clear();
        let (mut seen, mut digit_count) = (0, 0);
        let mut skip_until = 0;
        for (byte, raw) in text.char_indices() {
            let (mut ch, mut flags) = table.look_up(raw);
            if flags.has(Flags::INVISIBLE) || byte < skip_until {
                // The frame of 1️⃣ goes with its digit.
                if matches!(raw, '\u{fe0f}' | '\u{20e3}')
                    && let Some(unit) = units.last_mut().filter(|unit| {
                        unit.byte_end as usize == byte && unit.flags.has(Flags::DIGIT)
                    })
                {
                    unit.byte_end += raw.len_utf8() as u32;
                }
                continue;
            }
            let mut byte_end = byte + raw.len_utf8();
            if raw == '['
                && let Some(length) = placeholder::at_start(text.get(byte..).unwrap_or_default())
            {
                (ch, flags) = (BARRIER, Flags::MARK);
                byte_end = byte + length;
                skip_until = byte_end;
            }
            seen |= flags.0;
            digit_count += usize::from(flags.has(Flags::DIGIT.with(Flags::HAN_DIGIT)));
            units.push(Unit { ch, flags, byte_start: byte as u32, byte_end: byte_end as u32 });
        }
        (self.seen, self.digit_count) = (seen, digit_count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, folded: &str) {
        let mut scratch = Folded::default();
        scratch.fold(text, &CharTable::new());
        assert_eq!(scratch.units.iter().map(|unit| unit.ch).collect::<String>(), folded, "{text}");
    }

    #[test]
    fn every_way_to_write_a_digit_or_letter_folds() {
        check("ＡｂＣ１２３", "abc123");
        check("①③⑧ 1\u{fe0f}\u{20e3}3\u{fe0f}\u{20e3}", "138 13");
        check("𝟏𝟑𝟖 𝐀𝒃", "138 ab");
        check("1\u{200b}3\u{200d}8", "138");
    }

    #[test]
    fn a_placeholder_is_one_barrier() {
        check("电话[手机号]转", "电话\u{fffc}转");
        check("[手机]", "[手机]");
    }

    #[test]
    fn han_digits_have_values() {
        let mut scratch = Folded::default();
        scratch.fold("幺三〇柒拐", &CharTable::new());
        assert_eq!(
            scratch.units.iter().filter_map(Unit::digit).collect::<Vec<_>>(),
            [1, 3, 0, 7, 7]
        );
    }
}
