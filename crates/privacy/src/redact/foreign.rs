//! Names that begin with no Chinese surname: 阿依古丽·买买提, 伊万·彼得罗夫, 扎西顿珠 after a label, John Smith, Kevin张, Zhang Weimin.
//!
//! A dot between two runs of characters that are used to spell foreign sounds is a name by itself. Without the dot a label must announce it.
//! Latin names are known by lists: given names that people at work take, Chinese surnames in pinyin, and syllables of pinyin.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use super::fold::{Flags, Folded, Unit};
use super::{Found, IdentifierKind, Strength};

/// Characters by which foreign sounds are spelled, those of Uyghur, Tibetan and Mongolian names included.
pub(super) const SPELLING: &str = "\
    阿埃艾爱安奥巴拜班邦鲍贝本比彼别宾波伯博布查茨慈达大戴丹道得德登迪蒂丁东多顿恩尔法凡范菲费芬佛弗夫福盖甘冈戈格根古哈海汉豪赫亨胡霍基吉加贾简江杰金卡凯坎康\
    考科柯克肯库拉莱赖兰朗劳勒雷里利力立丽莉连列林琳刘龙隆卢鲁路露伦罗洛马玛迈麦曼梅门蒙米密明莫默姆穆木纳娜奈南内尼妮涅宁纽努诺欧帕潘庞培佩彭皮平珀普奇齐\
    乔切钦琼让热日荣茹儒瑞若萨塞赛桑瑟森沙珊尚舍申圣施什史士舒斯丝思司松苏索塔泰坦汤陶特提廷图托瓦万旺威韦维温翁沃乌武西希夏香肖谢辛欣雄休许雅亚延扬耶叶\
    伊依易因英尤约泽扎詹张治兹宗祖佐吾买孜买江肉孜吐逊帕提都热合衣卓措仁央丹增旦巴次旺堆顿珠格桑洛其苏日图雅娜仁高娃巴特尔根花敖敏苏布道尔吉朝鲁斯琴云哈斯";

/// After these a name is expected that may begin with anything.
const LABELS: &[&str] = &[
    "姓名",
    "我叫",
    "名叫",
    "联系人",
    "反映人",
    "投诉人",
    "举报人",
    "经办人",
    "申请人",
    "签名",
    "署名",
    "收件人",
    "户名",
    "名字叫",
    "同事",
    "工程师",
    "专家",
    "翻译",
    "技师",
    "师傅",
    "司机",
    "队长",
    "班长",
    "职工",
    "员工",
    "同学",
    "老师",
    "医生",
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
    if folded.seen(Flags::LETTER) {
        latin_names(folded, found);
    }
}

fn name(start: usize, end: usize) -> Found {
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
fn begins_stem(c: char) -> bool {
    matches!(
        c,
        '古' | '买'
            | '吐'
            | '阿'
            | '努'
            | '别'
            | '卓'
            | '次'
            | '才'
            | '其'
            | '巴'
            | '娜'
            | '斯'
            | '图'
            | '旺'
            | '央'
            | '玉'
            | '卡'
            | '艾'
            | '热'
            | '沙'
            | '扎'
            | '肉'
            | '帕'
            | '木'
            | '格'
            | '那'
            | '萨'
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

/// Units from `at` by which foreign sounds are spelled.
fn spelled(folded: &Folded, at: usize) -> usize {
    let units = folded.units.get(at..).unwrap_or_default();
    units.iter().take_while(|unit| unit.is(Flags::SPELLS)).count()
}

fn is_labelled(folded: &Folded, start: usize) -> bool {
    let mut at = start;
    while at > 0
        && start - at < 2
        && (folded.is(at - 1, Flags::SPACE) || matches!(folded.ch(at - 1), ':' | '是' | '为'))
    {
        at -= 1;
    }
    [start, at].iter().any(|end| LABELS.iter().any(|label| folded.ends_with(*end, label)))
}

/// Given names that people take at work, and that are few other words.
#[rustfmt::skip]
const GIVEN: &str = "
    aaron adam adrian alan albert alex alexander alice allen amanda amy andrea andrew angela anna anne annie anthony arthur barbara ben benjamin betty bill
    bob brian bruce carl carol catherine charles charlie chris christina christine christopher cindy coco crystal daisy daniel dave david dennis derek diana
    donald doris dorothy douglas edward elaine elena elizabeth ella emily emma eric erica eva evan fiona frank fred gary george gina gloria grace greg hannah
    harry helen henry howard ian irene isabel ivan ivy jack jackie jacob james jane janet jason jay jeff jenny jeremy jerry jessica jessie jim jimmy joan joe
    john johnny jonathan joseph joyce judy julia julie justin karen kate katherine kathy keith kelly ken kenneth kevin kitty larry laura lauren leo lily linda
    lisa louis lucas lucy luke maggie marcus margaret maria mark martin mary matt matthew max megan melissa michael michelle mike mona monica nancy natalie
    nathan nicholas nick nicole nina nora oliver olivia oscar pamela patricia patrick paul peggy peter phil philip rachel ralph ray rebecca richard rick rita
    robert robin roger ronald rose roy russell ruby ryan sally sam samuel sandra sandy sarah scott sean sharon shirley simon sophia sophie stella stephanie
    stephen steve steven sue susan sylvia tara ted terry thomas tiffany tim timothy tina tom tommy tony tracy tyler vicky victor victoria vincent vivian
    walter wendy william winnie yolanda yvonne zoe";
/// Surnames that follow them.
#[rustfmt::skip]
const SURNAMES: &str = "
    smith johnson williams brown jones miller davis wilson anderson thomas taylor moore jackson martin lee thompson white harris clark lewis robinson walker
    young allen king wright scott hill green adams baker nelson carter mitchell roberts turner phillips campbell parker evans edwards collins stewart morris
    murphy cook rogers morgan cooper peterson reed bailey kelly howard cox ward watson brooks bennett gray hughes price myers foster sanders ross
    petrov ivanov smirnov kuznetsov popov garcia martinez rodriguez lopez hernandez singh kumar khan ahmed ali muller schmidt schneider fischer weber";
/// Chinese surnames in pinyin and in the spellings of Hong Kong and Taiwan.
#[rustfmt::skip]
const PINYIN_SURNAMES: &str = "
    zhang wang li liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng yu dong xiao cheng cao yuan deng
    fu shen zeng peng lv lu su jiang cai jia ding wei xue ye yan pan du dai xia zhong tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang
    mao qiu qin gu hou shao meng long wan duan qian yin hong gong lai qiao he wen pang fei cen lei ni teng luan chai miao zhan ouyang sima shangguan zhuge
    chan wong cheung lau leung ng kwok chow hsu tsai chang huang";
/// Syllables of pinyin by initials and finals would allow more; these are the ones that given names use.
#[rustfmt::skip]
const SYLLABLES: &str = "
    ai an ao ba bai ban bao bei ben bi bin bing bo cai can cang chang chao chen cheng chi chong chu chuan chun ci cong cui da dan dao de deng di dian ding dong
    du duan duo en er fa fan fang fei fen feng fu gang gao ge gen geng gong gu guan guang gui guo hai han hang hao he heng hong hou hu hua huai huan huang hui
    huo ji jia jian jiang jiao jie jin jing jiu ju juan jun kai kan kang ke kong kuan kui kun lai lan lang lei li lian liang liao lin ling liu long lu lun luo
    lv mai man mao mei men meng mi mian miao min ming mo mu na nan neng ni nian ning niu nuan nuo ou pan pei peng pin ping pu qi qia qian qiang qiao qin qing
    qiong qiu qu quan que qun ran rang ren rong ru rui run ruo san sen sha shan shang shao she shen sheng shi shou shu shuai shuang shui shun shuo si song su
    sui sun suo tai tan tang tao teng ti tian tie ting tong tu tuo wan wang wei wen wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan
    yang yao ye yi yin ying yong you yu yuan yue yun zai ze zeng zha zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhuang zhuo zi zong zu zuo";

struct Latin {
    given: FxHashSet<&'static str>,
    surnames: FxHashSet<&'static str>,
    pinyin_surnames: FxHashSet<&'static str>,
    syllables: FxHashSet<&'static str>,
}

fn latin() -> &'static Latin {
    static LATIN: OnceLock<Latin> = OnceLock::new();
    let words = |list: &'static str| list.split_whitespace().collect();
    LATIN.get_or_init(|| Latin {
        given: words(GIVEN),
        surnames: words(SURNAMES),
        pinyin_surnames: words(PINYIN_SURNAMES),
        syllables: words(SYLLABLES),
    })
}

/// The longest word of a name (christopher).
const WORD_UNITS_MAX: usize = 12;

fn latin_names(folded: &Folded, found: &mut Vec<Found>) {
    let mut word = String::with_capacity(WORD_UNITS_MAX);
    let mut at = 0;
    while at < folded.units.len() {
        if !folded.is(at, Flags::LETTER) {
            at += 1;
            continue;
        }
        let end = latin_end(folded, at);
        if !is_code(folded, at, end) && read(folded, at, end, &mut word) {
            let name_end = latin_name_end(folded, at, end, &word);
            if let Some(name_end) = name_end {
                found.push(name(at, name_end));
                at = name_end;
                continue;
            }
        }
        at = end;
    }
}

/// Where the name that begins with `word` ends.
fn latin_name_end(folded: &Folded, start: usize, end: usize, word: &str) -> Option<usize> {
    let latin = latin();
    let is_given = latin.given.contains(word);
    let is_surname = latin.pinyin_surnames.contains(word);
    if !is_given && !is_surname {
        return None;
    }
    // Lily Wang, John Smith, Zhang Weimin, zhang_wei is a WeChat name.
    let next = end + usize::from(matches!(folded.ch(end), ' ' | '.' | '·'));
    let next_end = latin_end(folded, next);
    let mut second = String::with_capacity(WORD_UNITS_MAX);
    if next > end && !is_code(folded, next, next_end) && read(folded, next, next_end, &mut second) {
        let second = second.as_str();
        let syllables = syllables_of(second, latin);
        let follows = is_given
            && (latin.surnames.contains(second) || latin.pinyin_surnames.contains(second))
            || is_surname && syllables == 2
            || is_surname && syllables == 1 && is_labelled(folded, start);
        if follows {
            return Some(next_end);
        }
    }
    // Kevin张: the surname behind, and no longer word.
    let han = folded.at(end).filter(|unit| is_given && unit.is(Flags::SURNAME));
    let is_closed = folded.at(end + 1).is_none_or(|unit| {
        !unit.is(Flags::HAN) || "的在是和跟与说讲不没也都开总老".contains(unit.ch)
    });
    if han.is_some() && is_closed {
        return Some(end + 1);
    }
    (is_given && is_labelled(folded, start)).then_some(end)
}

/// Whether `word` is one or two syllables of pinyin: their number, 0 when it is not.
fn syllables_of(word: &str, latin: &Latin) -> usize {
    if latin.syllables.contains(word) {
        return 1;
    }
    let is_two = (1..word.len()).filter_map(|at| word.split_at_checked(at)).any(|(first, rest)| {
        latin.syllables.contains(first)
            && latin.syllables.contains(rest.trim_start_matches(['-', '\'']))
    });
    if is_two { 2 } else { 0 }
}

fn latin_end(folded: &Folded, start: usize) -> usize {
    let units = folded.units.get(start..).unwrap_or_default();
    start + units.iter().take_while(|unit| unit.is(Flags::LETTER)).count()
}

/// Letters that are a part of a number, an address or an identifier.
fn is_code(folded: &Folded, start: usize, end: usize) -> bool {
    let touches = |unit: Option<&Unit>| {
        unit.is_some_and(|unit| unit.is(Flags::DIGIT) || matches!(unit.ch, '@' | '_' | '/' | '='))
    };
    touches(start.checked_sub(1).and_then(|at| folded.at(at))) || touches(folded.at(end))
}

/// Writes the letters to `word` when they may be a word of a name.
fn read(folded: &Folded, start: usize, end: usize, word: &mut String) -> bool {
    word.clear();
    let fits = (2..=WORD_UNITS_MAX).contains(&(end - start));
    if fits {
        word.extend(folded.units[start..end].iter().map(|unit| unit.ch));
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stem_begins_with_one_of_the_characters_looked_for() {
        assert!(STEMS.iter().all(|stem| stem.chars().next().is_some_and(begins_stem)));
    }
}
