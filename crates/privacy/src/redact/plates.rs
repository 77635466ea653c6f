//! Vehicle plates: a province, a letter, five or six letters and digits, of which some may be a tail word (学, 挂, 警).

use super::context::{Announced, announced_before};
use super::fold::{Flags, Folded};
use super::{Found, IdentifierKind, Strength};

const TAILS: &str = "挂学警港澳领使电试超";
/// Separators in one plate: 鲁 E · 12345 and 鲁-E-123-45, not a whole sentence.
const GAP_UNITS_MAX: usize = 3;

/// Adds every plate.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    if !folded.seen(Flags::PROVINCE) || !folded.seen(Flags::LETTER) {
        return;
    }
    for start in 0..folded.units.len() {
        if folded.units[start].is(Flags::PROVINCE)
            && let Some(end) = plate_end(folded, start)
        {
            found.push(Found { start, end, kind: IdentifierKind::Plate, strength: Strength::Rule });
        }
    }
}

fn plate_end(folded: &Folded, start: usize) -> Option<usize> {
    let letter = skip_gap(folded, start + 1);
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
        let is_serial = unit.is_alphanumeric() || unit.is(Flags::HAN_DIGIT);
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

fn skip_gap(folded: &Folded, from: usize) -> usize {
    let mut at = from;
    while at - from < GAP_UNITS_MAX && (folded.is(at, Flags::SPACE) || is_gap(folded.ch(at))) {
        at += 1;
    }
    at
}

fn is_gap(c: char) -> bool {
    matches!(
        c,
        '·' | '.'
            | '-'
            | '•'
            | '‧'
            | '・'
            | '∙'
            | '⋅'
            | '●'
            | '_'
            | '—'
            | '–'
            | ':'
            | '~'
            | '*'
            | '/'
            | '|'
            | '点'
            | '杠'
            | '('
            | ')'
            | '牌'
            | '【'
            | '】'
            | '['
            | ']'
    )
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
