//! Vehicle plates (GA 36): a province, a letter, five or six letters and digits, of which some may be a tail word (学, 挂, 警); and those of other
//! issuers: embassies, armed police, armed forces, civil aviation.

use super::context::{Announced, announced_before};
use super::fold::{Flags, Folded};
use super::{Found, IdentifierKind, Strength};

const TAILS: &str = "挂学警港澳领使电试超临应";
/// Separators in one plate: 鲁 E · 12345 and 鲁-E-123-45, not a whole sentence.
const GAP_UNITS_MAX: usize = 3;
/// Provinces by their names, for who writes 山东E12345.
#[rustfmt::skip]
const PROVINCE_NAMES: &[&str] = &[
    "北京", "天津", "上海", "重庆", "河北", "河南", "云南", "辽宁", "黑龙江", "湖南", "安徽", "山东", "新疆", "江苏", "浙江", "江西", "湖北", "广西",
    "甘肃", "山西", "内蒙古", "内蒙", "陕西", "吉林", "福建", "贵州", "广东", "青海", "西藏", "四川", "宁夏", "海南",
];
/// First characters of plates of the armed forces: general ones since 2013, and the services and former regions before.
const FORCES: &str = "军空海北南沈兰济成广";

/// First characters of plates of embassies and consulates.
pub(super) const EMBASSIES: &str = "使领";

/// Adds every plate.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    let begins = Flags::PROVINCE.with(Flags::ISSUER).with(Flags::LETTER);
    let may_be =
        folded.seen(Flags::LETTER) || folded.seen(Flags::ISSUER) && folded.digit_count >= 6;
    if !may_be {
        return;
    }
    let mut from = 0;
    for (at, unit) in folded.units.iter().enumerate() {
        if !unit.is(begins) {
            continue;
        }
        let plate = if unit.is(Flags::PROVINCE) {
            plate_end(folded, at, at + 1).map(|end| (at, end))
        } else if unit.is(Flags::LETTER) {
            named_province(folded, at)
                .and_then(|start| plate_end(folded, start, at).map(|end| (start, end)))
                .or_else(|| special_plate(folded, at))
        } else {
            embassy_plate_end(folded, at).map(|end| (at, end))
        };
        if let Some((start, end)) = plate.filter(|(start, _)| *start >= from) {
            found.push(Found { start, end, kind: IdentifierKind::Plate, strength: Strength::Rule });
            from = end;
        }
    }
}

/// Where the name of a province begins that ends right before the letter at `letter`, 省 and a gap aside.
fn named_province(folded: &Folded, letter: usize) -> Option<usize> {
    let mut end = letter;
    while end > 0 && letter - end < 2 && matches!(folded.ch(end - 1), ' ' | '·' | '省' | '牌') {
        end -= 1;
    }
    let name = PROVINCE_NAMES.iter().find(|name| folded.ends_with(end, name))?;
    Some(end - name.chars().count())
}

fn plate_end(folded: &Folded, start: usize, after: usize) -> Option<usize> {
    let letter = skip_gap(folded, after);
    if !folded.is(letter, Flags::LETTER) {
        return None;
    }
    let (mut serial, mut digits, mut gaps, mut wide_gaps, mut has_tail) = (0, 0, 0, 0, false);
    let mut at = letter + 1;
    let mut end = at;
    while serial < 6 {
        let next = skip_gap(folded, at);
        let Some(unit) = folded.at(next) else { break };
        let is_tail = serial >= 4 && TAILS.contains(unit.ch);
        let is_serial = unit.is_alphanumeric() || unit.digit().is_some();
        if !(is_serial || is_tail) {
            break;
        }
        if next > at && serial > 0 {
            gaps += 1;
            wide_gaps += usize::from(next - at > 1 || !folded.is(at, Flags::SPACE));
        }
        serial += 1;
        digits += usize::from(unit.digit().is_some());
        at = next + 1;
        end = at;
        if is_tail {
            // 鲁X·F082应急
            end += usize::from(unit.ch == '应' && folded.ch(at) == '急');
            has_tail = true;
            break;
        }
    }
    let is_announced = matches!(announced_before(folded, start), Some(Announced::Plate));
    let is_cut_off = folded.at(end).is_some_and(|unit| unit.is_alphanumeric());
    let is_shape =
        matches!(serial, 5 | 6) && (digits >= 1 || is_announced || has_tail) && !is_cut_off;
    // 最新V10.0.163 and 更新 V2.8.91 are versions: inner gaps only where the plate is announced or they part it once.
    let is_word = is_end_of_word(folded, start);
    // 豫 D F 9 5 J 9: one by one.
    let is_one_by_one = gaps + 1 >= serial && wide_gaps == 0;
    let is_plate = is_shape
        && (is_announced
            || (!is_word
                && (gaps <= 1 || is_one_by_one)
                && !has_inner_dots(folded, letter + 1, end)));
    is_plate.then_some(end)
}

/// WJ鲁0283X, 民航A1062, 北A·K3081: plates whose letter is at `letter` and which no province begins.
fn special_plate(folded: &Folded, letter: usize) -> Option<(usize, usize)> {
    let begins = letter == 0 || !folded.units[letter - 1].is_alphanumeric();
    if begins && folded.starts_with(letter, "wj") {
        let region = skip_gap(folded, letter + 2);
        // WJ鲁0283X since 2012, WJ21·0385警 before.
        let is_numbered = (0..2).all(|digit| folded.is(region + digit, Flags::DIGIT))
            && skip_gap(folded, region + 2) > region + 2;
        let serial = region
            + match (folded.is(region, Flags::PROVINCE), is_numbered) {
                (true, _) => 1,
                (_, true) => 2,
                _ => 0,
            };
        let end = serial_end(folded, skip_gap(folded, serial), 4..=7)?;
        let end = end + usize::from(matches!(folded.ch(end), '警' | '消' | '边' | '通' | '森'));
        return Some((letter, end));
    }
    if folded.ends_with(letter, "民航") {
        return serial_end(folded, skip_gap(folded, letter + 1), 4..=4)
            .map(|end| (letter - 2, end));
    }
    let start = letter.checked_sub(1).filter(|at| FORCES.contains(folded.ch(*at)))?;
    let serial = skip_gap(folded, letter + 1);
    let end = serial_end(folded, serial, 5..=5)?;
    // 北A12345 may be a gate or a shelf, 北A·12345 is not.
    let is_dotted = serial > letter + 1;
    let is_announced = matches!(announced_before(folded, start), Some(Announced::Plate));
    (is_dotted || is_announced).then_some((start, end))
}

/// 使014578, 领·104022: six digits behind the word alone.
fn embassy_plate_end(folded: &Folded, start: usize) -> Option<usize> {
    let end = serial_end(folded, skip_gap(folded, start + 1), 6..=6)?;
    let is_word = ["即使", "天使", "行使", "驱使", "促使", "致使", "假使", "迫使", "占领", "带领"]
        .iter()
        .any(|word| folded.ends_with(start + 1, word));
    let is_number = folded.units[start + 1..end].iter().all(|unit| !unit.is(Flags::LETTER));
    (is_number && !is_word && !super::context::is_amount(folded, end)).then_some(end)
}

/// The end of a run of letters and digits of one of `lengths`, with three digits at least and nothing of its kind behind.
fn serial_end(
    folded: &Folded,
    start: usize,
    lengths: std::ops::RangeInclusive<usize>,
) -> Option<usize> {
    let units = folded.units.get(start..)?.iter().take_while(|unit| unit.is_alphanumeric());
    let (mut length, mut digits) = (0, 0);
    for unit in units {
        length += 1;
        digits += usize::from(unit.is(Flags::DIGIT));
    }
    (lengths.contains(&length) && digits >= 3).then_some(start + length)
}

fn skip_gap(folded: &Folded, from: usize) -> usize {
    let mut at = from;
    while at - from < GAP_UNITS_MAX && (folded.is(at, Flags::SPACE) || is_gap(folded.ch(at))) {
        at += 1;
    }
    at
}

/// Dots, dashes and brackets of all kinds, and the words for them.
fn is_gap(c: char) -> bool {
    const GAPS: &str = "·.-•‧・∙⋅●_—–:~*/|点杠()牌【】[]";
    GAPS.contains(c)
}

/// Dots between digits, after the first separator: 1.0.5.
fn has_inner_dots(folded: &Folded, from: usize, end: usize) -> bool {
    (from + 1..end.saturating_sub(1)).any(|at| {
        folded.ch(at) == '.' && folded.is(at - 1, Flags::DIGIT) && folded.is(at + 1, Flags::DIGIT)
    })
}

/// 最新 更新 云 平台…: province characters that end another word.
fn is_end_of_word(folded: &Folded, start: usize) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "最新", "更新", "全新", "刷新", "创新", "重新", "阿里云", "腾讯云", "华为云", "南京", "北京", "安宁", "辽宁", "南宁", "四川", "珍贵", "昂贵",
        "年青", "西藏", "收藏",
    ];
    WORDS.iter().any(|word| folded.ends_with(start + 1, word))
}
