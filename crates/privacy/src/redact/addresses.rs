//! Postal addresses: the name of a road, community or village, then house numbers.
//!
//! A place alone (西三路修路, 胜利小区门口, 5号楼电梯) is the matter that people write about and stays. What is taken out is a named place with a number:
//! a road with a house number, a community with a building and more, or whatever number follows 住 and 地址.

use super::context::{Announced, announced_at};
use super::fold::{Flags, Folded};
use super::{Found, IdentifierKind, Strength};

/// Longest name of a road or community before its suffix.
const NAME_UNITS_MAX: usize = 6;
/// Suffixes of what has house numbers, longest first.
#[rustfmt::skip]
pub(super) const PLACES: &[&str] = &[
    "平房区", "棚户区", "家属楼", "宿舍楼", "公寓楼", "养老公寓", "湖畔", "河畔", "名邸", "华府", "御园", "雅居", "美墅", "上城", "新天地", "金座", "银座",
    "半岛", "绿洲", "尚品", "观澜", "名门", "丽景", "世家", "壹品", "印象", "明珠", "云庭", "悦府", "排房", "工房", "家属院", "家属区", "生活区", "居民区", "住宅区", "开发区", "工业园", "职工公寓", "单身公寓", "集体宿舍", "宿舍区", "安置区", "安置房", "人才公寓",
    "小区", "新村", "花园", "家园", "公寓", "社区", "新城", "名城", "龙苑", "嘉苑", "佳苑", "雅苑", "丽苑", "锦苑", "华庭", "名苑", "公馆", "豪庭",
    "庄园", "大院", "大厦", "广场", "大道", "胡同", "中路", "东路", "西路", "南路", "北路", "小镇", "宿舍", "别墅", "山庄", "国际", "府邸", "水岸",
    "花苑", "新区", "北区", "南区", "东区", "西区", "一区", "二区", "三区", "四区", "基地", "路", "街", "巷", "里", "苑", "村", "庄", "屯", "园",
    "校区", "教学区", "嘎查", "苏木", "行政村", "自然村", "村东头", "村西头", "村南头", "村北头", "村东", "村西", "村南", "村北", "城", "湾", "府", "居", "庭", "院", "楼", "镇", "乡",
];
/// Suffixes whose next number is a house number in itself.
const ROADS: &[&str] =
    &["大道", "中路", "东路", "西路", "南路", "北路", "胡同", "路", "街", "巷", "里"];
/// Words after which a home is told.
#[rustfmt::skip]
pub(super) const HOME_WORDS: &[&str] = &[
    "家庭住址", "家住", "我住在", "住在", "我住", "住址", "地址", "住址是", "地址是", "地址:", "住址:", "地址：", "送到", "寄到", "寄往", "寄给",
    "快递到", "搬到", "居住在", "居住地", "现住", "户籍", "户口在", "家在", "邮寄", "收货", "租住", "租房在", "上门", "住", "常住", "家里是", "老家",
    "快递送", "快递放", "放到", "外卖送", "外卖放", "送货到", "配送到", "派送到", "收件地址", "通讯地址", "联系地址", "门牌", "家址", "居住于", "现居", "籍贯", "户籍地", "租的", "租在", "租了",
    "我租", "合租", "宿舍在", "宿舍是", "我家", "家是", "婆家", "娘家", "父母家", "房子在", "落户", "搬去", "搬进", "学校寄", "寄回", "寄去", "送去", "收货到",
];
/// What ends a walk to the left through administrative names.
#[rustfmt::skip]
pub(super) const LINKS: &[&str] = &[
    "因为", "现在", "而且", "请问", "关于", "针对", "对于", "通过", "由于", "以及", "还有", "包括", "无意将", "解决", "购买", "预售", "租赁", "提到",
    "听说", "看到", "知道", "已经", "如果", "但是", "所以", "住址是", "地址是", "住址", "地址", "家住", "我住在", "我住", "住在", "位于", "送到",
    "寄到", "寄往", "寄给", "搬到", "来自", "就在", "家在", "前往", "到达", "现住", "租住", "居住", "常住", "户籍", "收货", "邮寄", "请到", "去了",
    "快递送", "快递放", "放到", "外卖送", "外卖放", "送货到", "配送到", "派送到", "门牌", "居住于", "现居", "籍贯", "户籍地", "租的", "租在", "租了", "我租", "合租", "宿舍在", "宿舍是", "我家",
    "家是", "婆家", "娘家", "父母家", "房子在", "落户", "搬去", "搬进", "学校寄", "寄回", "寄去", "送去",
    "我在", "他在", "她在", "都在", "是在", "上门", "老家", "路过", "家里", "说是",
];
#[rustfmt::skip]
pub(super) const ADMIN: &[&str] = &[
    "特别行政区", "自治区", "自治州", "自治县", "开发区", "街道办", "街道", "社区", "油田", "矿区", "大学", "学院", "省", "市", "区", "县", "旗", "镇", "乡", "州",
    "盟",
];

/// 3号线, 2号井, 146号文件: things that have numbers, not houses.
#[rustfmt::skip]
const THINGS_BY_NUMBER: &[&str] = &[
    "口", "窗", "馆", "厅", "线", "站", "井", "炉", "泵", "车", "文件", "令", "台", "岗", "柜", "罐", "坑", "矿", "机组", "机器", "联合", "计量",
];

/// Last characters of `words`.
pub(super) fn ends_of(words: &[&str]) -> String {
    words.iter().filter_map(|word| word.chars().next_back()).collect()
}

/// Adds every address.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    if !folded.seen(Flags::HAN) {
        return;
    }
    let (mut at, mut from) = (0, 0);
    while at < folded.units.len() {
        let after = if folded.units[at].is(Flags::NUMERAL) {
            number_end(folded, at).max(at + 1)
        } else if let Some(word) = lettered_house(folded, at) {
            word
        } else {
            at += 1;
            continue;
        };
        if !folded.is(after, Flags::AFTER_HOUSE) {
            at = after;
            continue;
        }
        match address_at(folded, at) {
            Some(mut address) => {
                address.start = address.start.max(from);
                from = address.end;
                at = address.end;
                found.push(address);
            }
            None => at = after,
        }
    }
}

/// Where the word for a house stands behind the letter at `at`: A座, C12号. Not behind the last letter of a code.
fn lettered_house(folded: &Folded, at: usize) -> Option<usize> {
    if !folded.is(at, Flags::LETTER) || at == 0 || !folded.is(at - 1, Flags::HAN) {
        return None;
    }
    let word = number_end(folded, at + 1);
    (folded.is(word, Flags::HOUSE) && word - at <= 4).then_some(word)
}

/// An address whose first house number begins at `number`.
fn address_at(folded: &Folded, number: usize) -> Option<Found> {
    let houses = house_numbers(folded, number);
    let before = skip_space_back(folded, number);
    let is_hotline = announced_at(folded, before) == Some(Announced::Public);
    // 中一区28-506井
    let is_well = folded.ch(houses.end) == '井'
        || houses.worded == 0 && matches!(folded.ch(houses.end), '站' | '台' | '块');
    if houses.parts == 0 || is_hotline || is_well {
        return None;
    }
    // 村东头第三排
    let before = before - usize::from(before > 0 && matches!(folded.ch(before - 1), '第' | '#'));
    let place = place_ending_at(folded, before);
    let start = match place {
        Some(place) => name_start(folded, before - place.chars().count(), before),
        // 今天5号楼三单元 tells no home yet.
        None if (houses.worded >= 2 && !houses.ends_in_unit)
            || (houses.worded == 1 && houses.parts >= 2 && houses.has_room) =>
        {
            short_name_start(folded, before)
        }
        None => before,
    };
    let start = admin_start(folded, start);
    // 192.168.1.20 is the address of a machine.
    let is_machine = houses.worded == 0 && folded.ch(number_end(folded, number)) == '.';
    let is_home = !is_machine && follows_home_word(folded, start);
    let is_road = place.is_some_and(|place| ROADS.contains(&place));
    // 单身公寓 and the like name a place by themselves.
    let is_named_by_kind = place.is_some_and(|place| place.chars().count() >= 4);
    let has_name = is_named_by_kind
        || place.is_some_and(|place| before - start > place.chars().count())
        || (place.is_none() && start < before);
    let is_address = match houses {
        _ if houses.parts >= 2
            && ((has_name && (place.is_some() || houses.has_room)) || is_home) =>
        {
            true
        }
        _ if is_road && has_name && houses.has_house => true,
        _ if is_home && (has_name || houses.has_house) => true,
        _ if has_name && houses.has_room => true,
        // 李家村45号, 幸福里小区12号: a house in a named place; a building (5号楼) alone is not yet a home.
        _ if has_name && houses.has_house && !houses.ends_in_building => place.is_some(),
        _ => false,
    };
    let from = if start < before { start } else { number };
    is_address.then_some(Found {
        start: from,
        end: houses.end,
        kind: IdentifierKind::Address,
        strength: Strength::Rule,
    })
}

#[derive(Default)]
struct Houses {
    /// Numbers with their words: 27号楼 2单元 702室 are three.
    parts: usize,
    /// Of them, those with a word of their own.
    worded: usize,
    has_house: bool,
    has_room: bool,
    ends_in_building: bool,
    ends_in_unit: bool,
    end: usize,
}

/// Reads `27号楼2单元702室`, `27-2-702`, `十二号楼三单元五零二`, and a second place in between (`114号胜利小区22号楼`).
fn house_numbers(folded: &Folded, number: usize) -> Houses {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "号楼", "號樓", "号宿舍楼", "号公寓楼", "号床位", "号床", "号铺", "号别墅", "#楼", "号院", "号家属院", "号宿舍", "号公寓", "号房间", "号房", "号室", "号门", "号", "號", "栋楼", "栋", "棟", "幢", "单元",
        "單元", "室", "户", "户室", "房间", "房", "弄", "巷", "组", "队", "座", "楼", "樓", "层", "排", "区", "门", "期", "床位", "床", "铺", "社", "村民组",
    ];
    let mut houses = Houses { end: number, ..Houses::default() };
    let mut at = number;
    for _ in 0..10 {
        let digits_end = number_end(folded, at);
        // 西单元, 东户: a side of the house in place of a number.
        if let Some(side) = side_end(folded, at).filter(|_| houses.parts > 0) {
            houses.parts += 1;
            houses.has_room = true;
            houses.end = side;
            at = next_part(folded, side);
            continue;
        }
        let after =
            if digits_end == at { lettered_house(folded, at).unwrap_or(at) } else { digits_end };
        if after == at {
            break;
        }
        let mut after = after;
        // 3A号, 12-1号
        if folded.is(after, Flags::LETTER)
            && WORDS.iter().any(|word| folded.starts_with(after + 1, word))
        {
            after += 1;
        }
        let word_at = |at: usize| {
            let may_be = folded.is(at, Flags::HOUSE)
                || folded.is(at, Flags::AFTER_HOUSE)
                    && (folded.is(at, Flags::HAN) || folded.ch(at) == '#');
            let mut words = WORDS.iter().filter(|_| may_be);
            words.find(|word| folded.starts_with(at, word)).map(|word| (at, *word))
        };
        let word = word_at(after).or_else(|| word_at(skip_space(folded, after)));
        match word {
            Some((word_at, word)) => {
                // 101号床单厂
                let is_bedding = word.ends_with('床')
                    && "单垫板头".contains(folded.ch(word_at + word.chars().count()));
                if is_bedding {
                    houses.parts += 1;
                    houses.worded += 1;
                    houses.has_house = true;
                    houses.end = word_at + usize::from(word.starts_with('号'));
                    break;
                }
                if word == "号"
                    && THINGS_BY_NUMBER.iter().any(|thing| folded.starts_with(word_at + 1, thing))
                {
                    break;
                }
                houses.parts += 1;
                houses.worded += 1;
                houses.has_house |= word.starts_with(['号', '號', '组', '弄', '排', '院']);
                houses.has_room |= matches!(
                    word,
                    "室" | "房"
                        | "房间"
                        | "号房"
                        | "号室"
                        | "号房间"
                        | "单元"
                        | "單元"
                        | "床"
                        | "号床"
                        | "床位"
                        | "号床位"
                );
                houses.ends_in_unit = matches!(word, "单元" | "單元");
                houses.ends_in_building = word
                    .ends_with(['楼', '樓', '栋', '幢', '座', '棟', '区', '期', '门', '层', '队']);
                at = word_at + word.chars().count();
                houses.end = at;
            }
            None => {
                // A bare number ends it: 43号楼802, 27-3-702.
                let digits = after - at;
                let is_bare_room = (houses.parts > 0 && (2..=5).contains(&digits))
                    && !is_unit_after(folded, after);
                let is_dash = |at| matches!(folded.ch(at), '-' | '—' | '－' | '–');
                // 12-3-402, 12#402 and 12#-3-402 alike.
                let links = if folded.ch(after) == '#' && is_dash(after + 1) { 2 } else { 1 };
                let is_chain = (is_dash(after)
                    || matches!(folded.ch(after), '#' | '/' | '.' | '之'))
                    && folded.at(after + links).is_some_and(|unit| unit.digit().is_some());
                if is_chain {
                    houses.parts += 1;
                    at = after + links;
                    houses.end = after;
                    houses.has_room |= houses.parts >= 2;
                    continue;
                }
                if is_bare_room || (houses.parts > 0 && folded.ch(at.saturating_sub(1)) == '-') {
                    houses.parts += 1;
                    houses.has_room = true;
                    (houses.ends_in_building, houses.ends_in_unit) = (false, false);
                    houses.end = after;
                }
                break;
            }
        }
        at = next_part(folded, at);
    }
    houses
}

/// The end of 东户, 西单元 at `at`.
fn side_end(folded: &Folded, at: usize) -> Option<usize> {
    const SIDES: &str = "东西南北中左右";
    const WORDS: &[&str] = &["单元", "户", "门洞", "厢房", "屋"];
    let may_be = folded.is(at, Flags::HAN) && SIDES.contains(folded.ch(at));
    let word = WORDS.iter().find(|word| may_be && folded.starts_with(at + 1, word))?;
    Some(at + 1 + word.chars().count())
}

/// Where the next number of the same address may begin: after a space, a comma-free joint, or the name of a community in between.
fn next_part(folded: &Folded, end: usize) -> usize {
    let mut at = skip_space(folded, end);
    while matches!(folded.ch(at), '-' | '—' | '–' | '·' | '的' | '、')
        && folded.at(at + 1).is_some_and(|unit| unit.digit().is_some())
    {
        at += 1;
    }
    at += usize::from(folded.ch(at) == '第');
    for name in 2..=NAME_UNITS_MAX + 2 {
        let Some(between) = folded.units.get(at..at + name) else { break };
        if !between.iter().all(|unit| unit.is(Flags::HAN)) {
            break;
        }
        let is_place = place_ending_at(folded, at + name).is_some();
        let number = skip_space(folded, at + name);
        let is_number =
            number_end(folded, number) > number || lettered_house(folded, number).is_some();
        if is_place && is_number {
            return number;
        }
    }
    at
}

fn is_unit_after(folded: &Folded, at: usize) -> bool {
    super::context::is_amount(folded, at) || folded.is(at, Flags::LETTER)
}

/// End of the numeral that begins at `at`: digits of one script, 十 and 百 among Han ones.
fn number_end(folded: &Folded, at: usize) -> usize {
    let Some(first) = folded.at(at) else { return at };
    if !first.is(Flags::NUMERAL) {
        return at;
    }
    let is_han = first.is(Flags::HAN);
    at + folded.units[at..]
        .iter()
        .enumerate()
        .take_while(|(index, unit)| is_numeral(folded, at + index) && unit.is(Flags::HAN) == is_han)
        .count()
}

fn is_numeral(folded: &Folded, at: usize) -> bool {
    folded.is(at, Flags::NUMERAL)
}

fn place_ending_at(folded: &Folded, end: usize) -> Option<&'static str> {
    if !ends_in(folded, end, Flags::PLACE_END) {
        return None;
    }
    PLACES.iter().copied().find(|place| folded.ends_with(end, place))
}

/// Walks left over the name before a suffix, to a link word, a number, a clause end or the longest name.
fn name_start(folded: &Folded, suffix: usize, end: usize) -> usize {
    let mut start = suffix;
    while start > 0 && suffix - start < NAME_UNITS_MAX {
        let unit = &folded.units[start - 1];
        let is_name = unit.is(Flags::HAN) || unit.is(Flags::DIGIT) && suffix - start < 3;
        let is_other_place = start < suffix && matches!(unit.ch, '省' | '市' | '区' | '县' | '旗' | '镇' | '乡' | '村')
                // 5号楼 is no name, 壹号公馆 is.
                || unit.ch == '号' && start > 1 && folded.ch(start - 2) != '壹';
        if !is_name || is_other_place || ends_link(folded, start) || is_single_link(folded, start) {
            break;
        }
        start -= 1;
    }
    start.min(end)
}

/// A name without a known suffix (阳光100 43号楼) counts when it is all that stands before the number in its clause, or after a word for a home.
fn short_name_start(folded: &Folded, end: usize) -> usize {
    const SHORT_UNITS: std::ops::RangeInclusive<usize> = 2..=5;
    let mut start = end;
    let mut is_linked = false;
    while start > 0 && folded.units[start - 1].is(Flags::HAN) && !is_admin(folded, start) {
        is_linked = ends_in(folded, start, Flags::HOME_END)
            && HOME_WORDS.iter().any(|word| folded.ends_with(start, word));
        if is_linked || end - start > *SHORT_UNITS.end() {
            break;
        }
        start -= 1;
    }
    let is_whole = is_linked
        || is_admin(folded, start)
        || start == 0
        || !folded.units[start - 1].is(Flags::HAN);
    let is_named =
        is_whole && SHORT_UNITS.contains(&(end - start)) && !is_single_link(folded, start + 1);
    if is_named { start } else { end }
}

fn is_admin(folded: &Folded, end: usize) -> bool {
    ends_in(folded, end, Flags::ADMIN_END)
        && ADMIN.iter().any(|suffix| folded.ends_with(end, suffix))
}

/// Whether the character before `end` may be one of `flags`: most are not, and no list is looked through.
fn ends_in(folded: &Folded, end: usize, flags: Flags) -> bool {
    end > 0 && folded.is(end - 1, flags)
}

/// Over the campus or branch in brackets that ends at `from`: 中国石油大学（华东）南教学区.
fn skip_brackets_back(folded: &Folded, from: usize) -> usize {
    const INSIDE_MAX: usize = 6;
    if from == 0 || folded.ch(from - 1) != ')' {
        return from;
    }
    let inside = folded.before(from - 1).take(INSIDE_MAX).position(|unit| unit.ch == '(');
    inside.map_or(from, |inside| from - 2 - inside)
}

/// Walks further left over 山东省东营市东营区, at most eight of them, never over a link word.
fn admin_start(folded: &Folded, from: usize) -> usize {
    let mut start = from;
    for _ in 0..8 {
        let mut before = skip_space_back(folded, start);
        before = skip_brackets_back(folded, before);
        // 东营区，府前大街12号
        if before > 0 && folded.is(before - 1, Flags::STOP) && is_admin(folded, before - 1) {
            before -= 1;
        }
        if !ends_in(folded, before, Flags::ADMIN_END.with(Flags::PLACE_END)) {
            break;
        }
        let Some(suffix) =
            ADMIN.iter().chain(PLACES).find(|suffix| folded.ends_with(before, suffix))
        else {
            break;
        };
        let suffix_start = before - suffix.chars().count();
        let name = name_start(folded, suffix_start, suffix_start);
        // 淄博市|市北区: a suffix that is also the first character of the next name.
        let is_shared = matches!(folded.ch(before), '北' | '南' | '中' | '东' | '西')
            && suffix_start + 1 == before;
        if name == suffix_start && !is_admin(folded, name) && !is_shared {
            break;
        }
        start = name;
    }
    start
}

fn ends_link(folded: &Folded, end: usize) -> bool {
    ends_in(folded, end, Flags::LINK_END) && LINKS.iter().any(|link| folded.ends_with(end, link))
}

/// 住 在 到 于 是: single words that stand before a place more often than inside one.
fn is_single_link(folded: &Folded, end: usize) -> bool {
    matches!(
        folded.ch(end - 1),
        '住' | '在'
            | '到'
            | '于'
            | '是'
            | '址'
            | '的'
            | '了'
            | '去'
            | '从'
            | '回'
            | '往'
            | '我'
            | '你'
            | '他'
            | '她'
            | '们'
            | '离'
            | '跟'
            | '被'
            | '把'
            | '来'
            | '就'
            | '将'
            | '因'
            | '向'
            | '对'
            | '与'
            | '请'
            | '送'
            | '为'
            | '寄'
            | '放'
    )
}

/// Whether a word for a home ends at `end`, or before the marks and links that end there.
fn follows_home_word(folded: &Folded, end: usize) -> bool {
    let mut at = end;
    while at > 0
        && end - at < 3
        && (folded.is(at - 1, Flags::SPACE)
            || matches!(folded.ch(at - 1), ':' | '是' | '为' | '在' | '(' | ',' | '，'))
    {
        at -= 1;
    }
    [end, at].into_iter().any(|end| {
        ends_in(folded, end, Flags::HOME_END)
            && HOME_WORDS.iter().any(|word| folded.ends_with(end, word))
    })
}

fn skip_space(folded: &Folded, from: usize) -> usize {
    let mut at = from;
    while folded.is(at, Flags::SPACE) && at - from < 2 {
        at += 1;
    }
    at
}

fn skip_space_back(folded: &Folded, from: usize) -> usize {
    let mut at = from;
    while at > 0 && from - at < 2 && folded.is(at - 1, Flags::SPACE) {
        at -= 1;
    }
    at
}
