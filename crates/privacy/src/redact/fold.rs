//! One view of a text in which every way to write a digit or letter looks the same.
//!
//! People write 138, １３８, 一三八, 幺三八, ①③⑧ and 1️⃣3️⃣8️⃣ for the same number. Recognizers read [`Unit`]s: one a character that means something,
//! with its folded form and the bytes it came from, so that a span found in the folded view is a span of the text.

use super::placeholder;
use super::surnames;

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
    const NONE: Self = Self(0);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 & !Self::VALUE != 0
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn digit(self, value: u32) -> Self {
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
            self.flags.has(Flags(Flags::DIGIT.0 | Flags::HAN_DIGIT.0 | Flags::SPOKEN_DIGIT.0));
        is_digit.then_some((self.flags.0 & Flags::VALUE) as u8)
    }

    pub(super) fn is(&self, flags: Flags) -> bool {
        self.flags.has(flags)
    }

    /// A digit that is not Han, or a letter.
    pub(super) fn is_alphanumeric(&self) -> bool {
        self.flags.has(Flags(Flags::DIGIT.0 | Flags::LETTER.0))
    }
}

/// What every character of the basic plane may be, looked up once a character.
#[derive(Debug)]
pub(super) struct CharTable(Box<[Flags]>);

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
        self.units.clear();
        self.digit_count = 0;
        self.seen = 0;
        let mut skip_until = 0;
        for (byte, raw) in text.char_indices() {
            if byte < skip_until || is_invisible(raw) {
                continue;
            }
            if raw == '['
                && let Some(length) = placeholder::at_start(text.get(byte..).unwrap_or_default())
            {
                skip_until = byte + length;
                self.push(Unit {
                    ch: BARRIER,
                    flags: Flags::MARK,
                    byte_start: byte as u32,
                    byte_end: skip_until as u32,
                });
                continue;
            }
            let (ch, flags) = table.look_up(raw);
            self.push(Unit {
                ch,
                flags,
                byte_start: byte as u32,
                byte_end: (byte + raw.len_utf8()) as u32,
            });
        }
    }

    fn push(&mut self, unit: Unit) {
        self.seen |= unit.flags.0;
        self.digit_count += usize::from(unit.flags.has(Flags(Flags::DIGIT.0 | Flags::HAN_DIGIT.0)));
        self.units.push(unit);
    }
}

impl CharTable {
    pub(super) fn new() -> Self {
        let mut table = vec![Flags::NONE; 0x1_0000].into_boxed_slice();
        for code in 0..0x1_0000_u32 {
            if let Some(c) = char::from_u32(code) {
                table[code as usize] = classify(fold_char(c));
            }
        }
        for (characters, flag) in [
            (surnames::SINGLE, Flags::SURNAME),
            (surnames::GIVEN, Flags::GIVEN),
            (surnames::GIVEN_ONLY, Flags::GIVEN.with(Flags::GIVEN_ONLY)),
            (&super::names::before_names(), Flags::BEFORE_NAME),
            (surnames::COMPOUND_INITIALS, Flags::COMPOUND),
            (AT_INITIALS, Flags::AT),
            (NUMERALS, Flags::NUMERAL),
            (HOUSE_WORDS, Flags::AFTER_HOUSE),
            (AFTER_HOUSE, Flags::AFTER_HOUSE),
            (PROVINCES, Flags::PROVINCE),
            (HOUSE_WORDS, Flags::HOUSE),
        ] {
            for c in characters.chars() {
                if let Some(flags) = table.get_mut(c as usize) {
                    *flags = flags.with(flag);
                }
            }
        }
        Self(table)
    }

    fn look_up(&self, raw: char) -> (char, Flags) {
        // Han characters fold to themselves, and most characters are Han.
        if ('\u{4e00}'..='\u{9fff}').contains(&raw) {
            return (raw, self.0[raw as usize]);
        }
        let folded = fold_char(raw);
        (folded, self.0.get(folded as usize).copied().unwrap_or_else(|| classify(folded)))
    }

    /// Whether `text` has nothing that any recognizer starts from. Looks at each character once and keeps nothing.
    pub(super) fn is_plain(&self, text: &str) -> bool {
        let starts = Flags(Flags::DIGIT.0 | Flags::LETTER.0 | Flags::SURNAME.0 | Flags::MARK.0);
        let mut han_digits = 0;
        for c in text.chars() {
            let flags = self.0.get(c as usize).copied().unwrap_or(starts);
            if flags.has(starts) {
                return false;
            }
            han_digits += u32::from(flags.has(Flags::HAN_DIGIT));
        }
        // Shorter Han numbers than this (三单元五零二) are identifiers only beside something else that starts one.
        han_digits < 3
    }
}

/// Every province, city or region that begins a plate.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// First characters of `(at)`, `艾特`, `圈a` and the like.
const AT_INITIALS: &str = "@([{<【「 #_-*+艾爱圈a小";

/// What numbers of houses and floors are made of.
const NUMERALS: &str = "0123456789零〇○一二三四五六七八九十百幺壹贰叁肆伍陆柒捌玖拾";

/// What may follow a bare number inside an address, beside the words for houses.
const AFTER_HOUSE: &str = "-—–#/.之层排门期院队区\u{20}abcdefghijklmnopqrstuvwxyz";

/// What follows a number in an address.
const HOUSE_WORDS: &str = "号號栋棟幢楼樓弄巷单單室户戶房组組座";

/// Zero-width characters, variation selectors and the keycap frame carry no meaning and are used to hide numbers.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}' | '\u{ad}')
}

/// Half-width, lower case, plain digits. Compatibility forms that fonts and keyboards offer fold to what they stand for.
fn fold_char(c: char) -> char {
    let code = c as u32;
    match c {
        '\u{0}'..='\u{7f}' => c.to_ascii_lowercase(),
        '\u{ff01}'..='\u{ff5e}' => ascii(code - 0xfee0).to_ascii_lowercase(),
        '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => ' ',
        '\u{fe52}' | '\u{2024}' => '.',
        '\u{fe6b}' => '@',
        '⁰' | '₀' | '⓪' | '⓿' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '\u{2074}'..='\u{2079}' => ascii('4' as u32 + code - 0x2074),
        '\u{2081}'..='\u{2089}' => ascii('1' as u32 + code - 0x2081),
        '\u{2460}'..='\u{2468}' => ascii('1' as u32 + code - 0x2460),
        '\u{2474}'..='\u{247c}' => ascii('1' as u32 + code - 0x2474),
        '\u{2488}'..='\u{2490}' => ascii('1' as u32 + code - 0x2488),
        '\u{24b6}'..='\u{24cf}' => ascii('a' as u32 + code - 0x24b6),
        '\u{24d0}'..='\u{24e9}' => ascii('a' as u32 + code - 0x24d0),
        '\u{2776}'..='\u{277e}' => ascii('1' as u32 + code - 0x2776),
        '\u{2780}'..='\u{2788}' => ascii('1' as u32 + code - 0x2780),
        '\u{278a}'..='\u{2792}' => ascii('1' as u32 + code - 0x278a),
        '\u{660}'..='\u{669}' => ascii('0' as u32 + code - 0x660),
        '\u{6f0}'..='\u{6f9}' => ascii('0' as u32 + code - 0x6f0),
        // Mathematical letters come in alphabets of 52, digits in tens.
        '\u{1d400}'..='\u{1d6a3}' => ascii('a' as u32 + (code - 0x1d400) % 26),
        '\u{1d7ce}'..='\u{1d7ff}' => ascii('0' as u32 + (code - 0x1d7ce) % 10),
        '\u{1f130}'..='\u{1f149}' => ascii('a' as u32 + code - 0x1f130),
        '\u{1f170}'..='\u{1f189}' => ascii('a' as u32 + code - 0x1f170),
        // Letters of other scripts that look like the X of an ID and the letters of a plate.
        '×' | 'Х' | 'х' | 'Χ' | 'χ' | 'Ⅹ' | 'ⅹ' | '✕' | '✖' => 'x',
        'А' | 'а' | 'Α' => 'a',
        'В' | 'Β' => 'b',
        'С' | 'с' => 'c',
        'Е' | 'е' | 'Ε' => 'e',
        'О' | 'о' | 'Ο' | 'ο' => 'o',
        'Р' | 'р' | 'Ρ' => 'p',
        _ => c,
    }
}

fn ascii(code: u32) -> char {
    char::from_u32(code).expect("offsets above stay inside ASCII")
}

fn classify(c: char) -> Flags {
    if let Some(value) = c.to_digit(10) {
        return Flags::DIGIT.digit(value);
    }
    if let Some(value) = han_digit(c) {
        return Flags::HAN_DIGIT.with(Flags::HAN).digit(value);
    }
    match c {
        'a'..='z' => Flags::LETTER,
        '洞' => Flags::SPOKEN_DIGIT.with(Flags::HAN).digit(0),
        '两' | '兩' => Flags::SPOKEN_DIGIT.with(Flags::HAN).digit(2),
        '拐' => Flags::SPOKEN_DIGIT.with(Flags::HAN).digit(7),
        '勾' => Flags::SPOKEN_DIGIT.with(Flags::HAN).digit(9),
        '@' => Flags::MARK,
        ' ' | '\t' | '\n' | '\r' => Flags::SPACE,
        ',' | ';' | '!' | '?' | '。' | '、' | '…' | '，' | '；' | '！' | '？' => {
            Flags::STOP
        }
        '-' | '.' | '·' | '/' | '\\' | '_' | '*' | '+' | '(' | ')' | '[' | ']' | ':' | '|'
        | '~' | '=' | '#' | '\'' | '"' | '<' | '>' | '^' => Flags::SEPARATOR,
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '•'
        | '‧'
        | '・'
        | '∙'
        | '⋅'
        | '●'
        | '～'
        | '【'
        | '】'
        | '「'
        | '」'
        | '『'
        | '』' => Flags::SEPARATOR,
        '“' | '”' | '‘' | '’' | '《' | '》' | '〈' | '〉' | '〔' | '〕' | '─' | '━' | '﹣'
        | '＿' | '→' | '﹒' => Flags::SEPARATOR,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => Flags::HAN,
        _ if ('\u{20000}'..='\u{323af}').contains(&c) => Flags::HAN,
        _ => Flags::NONE,
    }
}

fn han_digit(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' | '○' => 0,
        '一' | '壹' | '幺' | '弌' => 1,
        '二' | '贰' | '貳' => 2,
        '三' | '叁' | '參' | '叄' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
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
