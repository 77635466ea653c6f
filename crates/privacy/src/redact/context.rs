//! Words that announce a number, and what they announce.
//!
//! The nearest word before a number decides; when two end at the same place the longer does (员工编号 is a person's, 编号 a thing's).

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::fold::{Flags, Folded, Unit};
use super::runs::is_picture;

/// What a number is announced as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    Phone,
    Landline,
    IdCard,
    BankCard,
    Account,
    Email,
    Plate,
    Passport,
    Permit,
    Wechat,
    Qq,
    EmployeeId,
    /// A number of a thing: order, meter, drawing, version, price.
    Thing,
    /// A hotline or another number that everybody may call.
    Public,
}

/// Units between the announcing word and the number.
const GAP_UNITS_MAX: usize = 9;

/// One line a meaning: `phone: 手机 电话 …`.
const WORDS: &str = include_str!("words/announcements.txt");

/// An announcing word.
#[derive(Debug)]
struct Word {
    text: String,
    units: usize,
    means: Announced,
}

impl Word {
    fn is_latin(&self) -> bool {
        self.text.ends_with(|c: char| c.is_ascii_alphabetic())
    }
}

/// Announcing words by their last and first character, the longest first.
#[derive(Debug)]
struct Words {
    by_last: FxHashMap<char, Vec<Word>>,
    by_first: FxHashMap<char, Vec<Word>>,
}

fn words() -> &'static Words {
    static WORDS_BY_CHAR: OnceLock<Words> = OnceLock::new();
    WORDS_BY_CHAR.get_or_init(|| Words {
        by_last: index(|word| word.chars().next_back()),
        by_first: index(|word| word.chars().next()),
    })
}

fn index(key: impl Fn(&str) -> Option<char>) -> FxHashMap<char, Vec<Word>> {
    let mut index: FxHashMap<char, Vec<Word>> = FxHashMap::default();
    for line in WORDS.lines().filter(|line| !line.starts_with('#')) {
        let (kind, list) =
            line.split_once(": ").expect("each line of announcements.txt has a meaning and words");
        let means = meaning(kind).expect("announcements.txt uses the meanings of `meaning`");
        for word in list.split_whitespace() {
            let text = word.replace('_', " ");
            let key = key(&text).expect("split_whitespace gives no empty word");
            index.entry(key).or_default().push(Word { units: text.chars().count(), text, means });
        }
    }
    index.values_mut().for_each(|words| words.sort_by_key(|word| std::cmp::Reverse(word.units)));
    index
}

fn meaning(kind: &str) -> Option<Announced> {
    Some(match kind {
        "phone" => Announced::Phone,
        "landline" => Announced::Landline,
        "id_card" => Announced::IdCard,
        "bank_card" => Announced::BankCard,
        "account" => Announced::Account,
        "email" => Announced::Email,
        "plate" => Announced::Plate,
        "passport" => Announced::Passport,
        "permit" => Announced::Permit,
        "wechat" => Announced::Wechat,
        "qq" => Announced::Qq,
        "employee_id" => Announced::EmployeeId,
        "thing" => Announced::Thing,
        "public" => Announced::Public,
        _ => return None,
    })
}

/// What the nearest word before `index` announces, `None` when a clause ends or another number stands in between.
///
/// A comma right before the number is forgiven where a person's number is announced (工号，20213959), not where a thing's is (补贴，138…).
pub(super) fn announced_before(folded: &Folded, index: usize) -> Option<Announced> {
    let mut after_stop = false;
    for gap in 0..=GAP_UNITS_MAX {
        let end = index.checked_sub(gap)?;
        if let Some(means) = announced_at(folded, end) {
            let is_thing = matches!(means, Announced::Thing | Announced::Public);
            return if after_stop && is_thing { None } else { Some(means) };
        }
        let between = folded.at(end.checked_sub(1)?)?;
        let is_other_number = between.is(Flags::DIGIT) || between.is(Flags::MARK);
        let ends_clause = between.is(Flags::STOP) && (after_stop || gap > 1);
        if is_other_number || ends_clause {
            return None;
        }
        after_stop |= between.is(Flags::STOP);
    }
    None
}

/// What the word that ends right at `index` announces.
pub(super) fn announced_at(folded: &Folded, index: usize) -> Option<Announced> {
    let Some(word) = word_ending_at(folded, index) else {
        return pictured_wechat(folded, index);
    };
    // 护照编号, 通行证编码, passport no., QQ 号码: the word before says whose number it is.
    let is_vague = VAGUE.contains(&word.text.as_str());
    // 工单编号WX2023…: letters that belong to the number.
    let is_glued = word.is_latin() && folded.at(index).is_some_and(Unit::is_alphanumeric);
    if !is_vague && !is_glued {
        return Some(word.means);
    }
    // GH4169 is an alloy.
    if is_glued && word.means == Announced::EmployeeId {
        return None;
    }
    let mut end = index - word.units;
    end -= usize::from(end > 0 && folded.is(end - 1, Flags::SPACE));
    // 职工代码, 本人编号
    let is_persons = || PEOPLE.iter().any(|word| folded.ends_with(end, word));
    let whose = word_ending_at(folded, end).map(|word| word.means);
    let whose = whose.or_else(|| (is_vague && is_persons()).then_some(Announced::EmployeeId));
    let speaks = whose.filter(|means| is_vague || *means == Announced::Thing);
    speaks.or(Some(word.means))
}

/// 微❤, v💗 and 薇🐭❤: who must not write 微信 draws the rest of it.
fn pictured_wechat(folded: &Folded, index: usize) -> Option<Announced> {
    const PICTURES_MAX: usize = 3;
    let pictures = folded.before(index).take_while(|unit| is_picture(unit)).count();
    let word = index.checked_sub(pictures + 1)?;
    let is_word =
        (1..=PICTURES_MAX).contains(&pictures) && "微威薇徽维唯卫v十加".contains(folded.ch(word));
    is_word.then_some(Announced::Wechat)
}

/// Words for the number of whatever the word before names.
const VAGUE: &[&str] =
    &["编号", "编码", "代码", "编号为", "号码", "no.", "no", "id", "小号", "大号"];

/// Before those, whose number is that of an employee or student.
#[rustfmt::skip]
const PEOPLE: &[&str] = &[
    "员工", "职工", "职员", "人员", "工人", "本人", "我的", "个人", "学生", "学员", "教工", "教职工", "实习生", "党员", "干部", "队员", "司机", "人力系统",
    "人事系统", "考勤系统", "工资系统", "hr系统", "薪酬系统", "staff", "employee",
];

/// What a word after `index` announces: "20213959是我的工号", "lin5202（微信）".
pub(super) fn announced_after(folded: &Folded, index: usize) -> Option<Announced> {
    #[rustfmt::skip]
    const LINKS: &[&str] = &[
        "号", "号的", "是我的", "这是我的", "这是我", "为我的", "是我", "是本人的", "是本人", "为本人", "这是", "为", "是", "的", "我的", "我", "(", " (", "（",
        "这个", "这",
    ];
    if !matches!(folded.ch(index), '号' | '是' | '这' | '为' | '的' | '我' | '(' | ' ') {
        return None;
    }
    let link = LINKS
        .iter()
        .filter(|link| folded.starts_with(index, link))
        .map(|link| link.chars().count())
        .max()?;
    let at = index + link;
    let words = words().by_first.get(&folded.ch(at))?;
    words
        .iter()
        .find(|word| word.units > 1 && folded.starts_with(at, &word.text))
        .map(|word| word.means)
}

/// Last characters of all announcing words.
pub(super) fn ends_of_words() -> String {
    words().by_last.keys().collect()
}

fn word_ending_at(folded: &Folded, end: usize) -> Option<&'static Word> {
    let last = folded.at(end.checked_sub(1)?)?;
    // Outside the basic plane (🐧) there are no flags.
    if !last.is(Flags::ANNOUNCES) && last.ch <= '\u{ffff}' {
        return None;
    }
    let words = words().by_last.get(&last.ch)?;
    words.iter().find(|word| {
        folded.ends_with(end, &word.text) && is_whole(folded, end - word.units, &word.text)
    })
}

/// A latin word announces only when it is not the end of a longer one ("casino" is not "no").
fn is_whole(folded: &Folded, start: usize, word: &str) -> bool {
    // 扣: and 微: announce where a clause begins, not in 折扣: and 稍微:.
    let is_short = matches!(word, "扣:" | "叩:" | "鹅:" | "微:");
    let is_inside = start.checked_sub(1).is_some_and(|before| folded.is(before, Flags::HAN));
    if is_short && is_inside {
        return false;
    }
    // …?id=15988
    if word == "id" && start.checked_sub(1).is_some_and(|at| matches!(folded.ch(at), '?' | '&')) {
        return false;
    }
    let begins_latin = word.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let is_continued = start
        .checked_sub(1)
        .is_some_and(|before| folded.at(before).is_some_and(|unit| unit.is(Flags::LETTER)));
    !(begins_latin && is_continued)
}

/// Units of measure and counting words.
#[rustfmt::skip]
const MEASURES: &[&str] = &[
    "元", "块", "方", "立方", "米", "吨", "公里", "千瓦", "度", "转", "℃", "%", "‰", "万", "亿", "桶", "兆", "个", "人", "次", "天", "小时",
    "分钟", "秒", "年", "月", "日", "多", "余", "名", "位", "份", "条", "号楼", "kg", "km", "mm", "cm", "mpa", "kw", "kwh", "m3", "m³", "rmb",
    "t/d", "bar", "hz", "rpm", "℉", "升", "公斤", "斤", "克", "平", "平米", "亩", "户", "辆", "台", "套", "件", "本", "张", "页", "字", "期",
    "届", "路", "版", "英镑", "美元", "港币", "人次", "步",
];

/// First characters of [`MEASURES`].
pub(super) fn starts_of_measures() -> String {
    MEASURES.iter().filter_map(|measure| measure.chars().next()).collect()
}

/// Whether a unit of measure or counting word follows: then the number is an amount.
pub(super) fn is_amount(folded: &Folded, end: usize) -> bool {
    folded.is(end, Flags::MEASURE)
        && MEASURES.iter().any(|measure| folded.starts_with(end, measure))
}
