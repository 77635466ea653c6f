//! Names in Han characters that begin with no Chinese surname: 阿依古丽·买买提, 伊万·彼得罗夫, 扎西顿珠.
//!
//! A dot between two runs of characters that are used to spell foreign sounds is a name by itself. Without the dot a label must announce it, or a part
//! of it that only names have.

use super::fold::{Flags, Folded};
use super::{Found, IdentifierKind, Strength};

/// Characters by which foreign sounds are spelled, those of Uyghur, Tibetan and Mongolian names included.
pub(super) const SPELLING: &str = "\
    阿埃艾爱安奥巴拜班邦鲍贝本比彼别宾波伯博布查茨慈达大戴丹道得德登迪蒂丁东多顿恩尔法凡范菲费芬佛弗夫福盖甘冈戈格根古哈海汉豪赫亨胡霍基吉加贾简江杰金卡凯坎康\
    考科柯克肯库拉莱赖兰朗劳勒雷里利力立丽莉连列林琳刘龙隆卢鲁路露伦罗洛马玛迈麦曼梅门蒙米密明莫默姆穆木纳娜奈南内尼妮涅宁纽努诺欧帕潘庞培佩彭皮平珀普奇齐\
    乔切钦琼让热日荣茹儒瑞若萨塞赛桑瑟森沙珊尚舍申圣施什史士舒斯丝思司松苏索塔泰坦汤陶特提廷图托瓦万旺威韦维温翁沃乌武西希夏香肖谢辛欣雄休许雅亚延扬耶叶\
    伊依易因英尤约泽扎詹张治兹宗祖佐吾买孜买江肉孜吐逊帕提都热合衣卓措仁央丹增旦巴次旺堆顿珠格桑洛其苏日图雅娜仁高娃巴特尔根花敖敏苏布道尔吉朝鲁斯琴云哈斯";

/// After these a name is expected that may begin with anything.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "姓名", "我叫", "名叫", "联系人", "反映人", "投诉人", "举报人", "经办人", "申请人", "签名", "署名", "收件人", "户名", "名字叫", "同事", "工程师",
    "专家", "翻译", "技师", "师傅", "司机", "队长", "班长", "职工", "员工", "同学", "老师", "医生",
];

/// Last characters of [`LABELS`].
pub(super) fn ends_of_labels() -> String {
    LABELS.iter().filter_map(|label| label.chars().next_back()).chain(['是', '为']).collect()
}

/// Adds every name.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    if folded.seen(Flags::SEPARATOR) {
        for (at, unit) in folded.units.iter().enumerate() {
            let is_dot = unit.is(Flags::SEPARATOR)
                && matches!(unit.ch, '·' | '•' | '‧' | '・' | '∙' | '⋅' | '.' | '-');
            if is_dot {
                found.extend(dotted_name(folded, at));
            }
        }
    }
    labelled_names(folded, found);
    names_by_stem(folded, found);
}

pub(super) fn name(start: usize, end: usize) -> Found {
    Found { start, end, kind: IdentifierKind::Name, strength: Strength::Announced }
}

/// 阿依古丽·买买提 around the dot at `dot`.
fn dotted_name(folded: &Folded, dot: usize) -> Option<Found> {
    const PART_UNITS: std::ops::RangeInclusive<usize> = 2..=7;
    let before = folded.before(dot).take_while(|unit| unit.is(Flags::SPELLS)).count();
    let after = spelled(folded, dot + 1);
    let is_middle_dot = !matches!(folded.ch(dot), '.' | '-');
    let parts_fit = PART_UNITS.contains(&before) && PART_UNITS.contains(&after);
    let is_long = before + after >= 5;
    // 哈利·波特 and 乔治·阿玛尼 are in everybody's mouth.
    let (start, end) = (dot.checked_sub(before)?, dot + 1 + after);
    let is_public = PUBLIC.iter().any(|name| folded.starts_with(start, name));
    let fits = parts_fit && is_long && (is_middle_dot || is_labelled(folded, start)) && !is_public;
    fits.then(|| name(start, end))
}

const PUBLIC: &[&str] = &["哈利·波特", "乔治·阿玛尼", "卡尔·马克思", "马克·吐温", "安徒生"];

/// Parts that make a name of the run of [`SPELLING`] they stand in, whatever is around it.
#[rustfmt::skip]
const STEMS: &[&str] = &[
    "古丽", "买买提", "买提", "吐尔逊", "阿不都", "阿卜杜", "努尔", "别克", "卓玛", "次仁", "才让", "其其格", "巴特尔", "娜仁", "斯琴", "图雅", "旺堆",
    "央金", "玉素甫", "卡德尔", "艾合", "热合曼", "沙依", "阿依", "扎西", "肉孜", "帕提", "艾尼", "热依", "木格", "格日", "那日苏", "萨仁",
];

/// 古丽娜尔 and 扎西顿珠 wherever they stand. 克拉玛依 and 乌鲁木齐 have none of these parts.
fn names_by_stem(folded: &Folded, found: &mut Vec<Found>) {
    const UNITS: std::ops::RangeInclusive<usize> = 3..=9;
    let mut from = 0;
    for (at, unit) in folded.units.iter().enumerate() {
        let is_spelled = at >= from && unit.is(Flags::SPELLS) && folded.is(at + 1, Flags::SPELLS);
        let may_begin = is_spelled && begins_stem(unit.ch);
        if !may_begin || !STEMS.iter().any(|stem| folded.starts_with(at, stem)) {
            continue;
        }
        let before = folded.before(at).take_while(|unit| unit.is(Flags::SPELLS)).count();
        let (start, end) = (at - before, at + spelled(folded, at));
        if UNITS.contains(&(end - start)) {
            found.push(name(start, end));
        }
        from = end;
    }
}

/// First characters of [`STEMS`].
#[rustfmt::skip]
fn begins_stem(c: char) -> bool {
    matches!(
        c,
        '古' | '买' | '吐' | '阿' | '努' | '别' | '卓' | '次' | '才' | '其' | '巴' | '娜' | '斯' | '图' | '旺' | '央' | '玉' | '卡' | '艾' | '热'
            | '沙' | '扎' | '肉' | '帕' | '木' | '格' | '那' | '萨'
    )
}

/// 扎西顿珠, 乌云其木格 right behind a label.
fn labelled_names(folded: &Folded, found: &mut Vec<Found>) {
    const UNITS: std::ops::RangeInclusive<usize> = 3..=8;
    let may_label = Flags::BEFORE_NAME.with(Flags::SPACE).with(Flags::SEPARATOR);
    for (before, units) in folded.units.windows(1 + UNITS.start()).enumerate() {
        let [label, first, second, third] = units else { continue };
        let begins = first.is(Flags::SPELLS)
            && second.is(Flags::SPELLS)
            && third.is(Flags::SPELLS)
            && label.is(may_label)
            && !first.is(Flags::SURNAME);
        let at = before + 1;
        if !begins || !is_labelled(folded, at) {
            continue;
        }
        let end = at + spelled(folded, at);
        let is_whole = folded.at(end).is_none_or(|unit| {
            !unit.is(Flags::HAN) || "的在是和跟与及说讲不没也都".contains(unit.ch)
        });
        if UNITS.contains(&(end - at)) && is_whole {
            found.push(name(at, end));
        }
    }
}

/// Units from `at` by which foreign sounds are spelled; 不 only in 阿不都.
fn spelled(folded: &Folded, at: usize) -> usize {
    let units = folded.units.get(at..).unwrap_or_default();
    let count = units.iter().take_while(|unit| unit.is(Flags::SPELLS)).count();
    let is_abdul = count > 0 && folded.starts_with(at + count - 1, "阿不都");
    if is_abdul { count + 1 + spelled(folded, at + count + 1) } else { count }
}

/// Whether a label that expects a name ends before `start`.
pub(super) fn is_labelled(folded: &Folded, start: usize) -> bool {
    let mut at = start;
    while at > 0
        && start - at < 2
        && (folded.is(at - 1, Flags::SPACE) || matches!(folded.ch(at - 1), ':' | '是' | '为'))
    {
        at -= 1;
    }
    [start, at].iter().any(|end| LABELS.iter().any(|label| folded.ends_with(*end, label)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stem_begins_with_one_of_the_characters_looked_for() {
        assert!(STEMS.iter().all(|stem| stem.chars().next().is_some_and(begins_stem)));
    }
}
