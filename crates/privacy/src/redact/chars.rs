//! What every character may be, and what it folds to.

use super::fold::Flags;
use super::{addresses, context, foreign, mail, names, plates, surnames};

/// What every character of the basic plane folds to and may be, looked up once a character.
#[derive(Debug)]
pub(super) struct CharTable(Box<[(char, Flags)]>);

impl CharTable {
    pub(super) fn new() -> Self {
        let mut flags: Vec<Flags> = (0..0x1_0000_u32)
            .map(|code| char::from_u32(code).map_or(Flags::NONE, |c| classify(fold_char(c))))
            .collect();
        for (characters, flag) in [
            (surnames::SINGLE, Flags::SURNAME),
            (surnames::GIVEN, Flags::GIVEN),
            (surnames::GIVEN_ONLY, Flags::GIVEN.with(Flags::GIVEN_ONLY)),
            (&names::before_names(), Flags::BEFORE_NAME),
            (&foreign::ends_of_labels(), Flags::BEFORE_NAME),
            (surnames::COMPOUND_INITIALS, Flags::COMPOUND),
            (&mail::at_initials(), Flags::AT),
            (foreign::SPELLING, Flags::SPELLS),
            (NUMERALS, Flags::NUMERAL),
            (HOUSE_WORDS, Flags::AFTER_HOUSE),
            (AFTER_HOUSE, Flags::AFTER_HOUSE),
            (PROVINCES, Flags::PROVINCE),
            (plates::EMBASSIES, Flags::ISSUER),
            (HOUSE_WORDS, Flags::HOUSE),
            (&addresses::ends_of(addresses::PLACES), Flags::PLACE_END),
            (&addresses::ends_of(addresses::ADMIN), Flags::ADMIN_END),
            (&addresses::ends_of(addresses::LINKS), Flags::LINK_END),
            (&addresses::ends_of(addresses::HOME_WORDS), Flags::HOME_END),
            (&context::starts_of_measures(), Flags::MEASURE),
            (&context::ends_of_words(), Flags::ANNOUNCES),
        ] {
            for c in characters.chars() {
                if let Some(flags) = flags.get_mut(c as usize) {
                    *flags = flags.with(flag);
                }
            }
        }
        let entry = |code: u32| {
            let Some(raw) = char::from_u32(code) else { return ('\0', Flags::NONE) };
            let folded = fold_char(raw);
            let may_be = flags.get(folded as usize).copied();
            let may_be = may_be.unwrap_or_else(|| classify(folded));
            (folded, if is_invisible(raw) { may_be.with(Flags::INVISIBLE) } else { may_be })
        };
        Self((0..0x1_0000).map(entry).collect())
    }

    /// The folded form of `raw` and what it may be.
    pub(super) fn look_up(&self, raw: char) -> (char, Flags) {
        self.0.get(raw as usize).copied().unwrap_or_else(|| {
            // What lies outside folds into the basic plane, or to itself.
            let folded = fold_char(raw);
            (folded, self.0.get(folded as usize).map_or_else(|| classify(folded), |entry| entry.1))
        })
    }

    /// Whether `text` has nothing that any recognizer starts from. Looks at each character once and keeps nothing.
    pub(super) fn is_plain(&self, text: &str) -> bool {
        let starts = Flags::DIGIT
            .with(Flags::LETTER)
            .with(Flags::SURNAME)
            .with(Flags::COMPOUND)
            .with(Flags::MARK);
        let may_label = Flags::BEFORE_NAME.with(Flags::SPACE).with(Flags::SEPARATOR);
        let (mut han_digits, mut before) = (0, Flags::NONE);
        for c in text.chars() {
            let flags = self.0.get(c as usize).map_or(starts, |entry| entry.1);
            // 姓名：扎西顿珠, 买买提·吐尔逊
            let begins_foreign = flags.has(Flags::SPELLS) && before.has(may_label);
            if flags.has(starts) || begins_foreign {
                return false;
            }
            han_digits += u32::from(flags.has(Flags::HAN_DIGIT));
            before = flags;
        }
        // Shorter Han numbers than this (三单元五零二) are identifiers only beside something else that starts one.
        han_digits < 3
    }
}

/// Every province, city or region that begins a plate.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// What numbers of houses and floors are made of.
const NUMERALS: &str = "0123456789零〇○一二三四五六七八九十百幺壹贰叁肆伍陆柒捌玖拾";

/// What may follow a bare number inside an address, beside the words for houses.
const AFTER_HOUSE: &str = "-—–#/.之层排门期院队区\u{20}abcdefghijklmnopqrstuvwxyz";

/// What follows a number in an address.
const HOUSE_WORDS: &str = "号號栋棟幢楼樓弄巷单單室户戶房组組座床铺社";

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
        | '＿' | '→' | '﹒' | '丨' | '│' | '┃' => Flags::SEPARATOR,
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
