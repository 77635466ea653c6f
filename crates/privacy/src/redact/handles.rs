//! Names that people give themselves: of WeChat, of QQ, and of a mailbox whose provider is known.

use super::codes::word_end;
use super::context::{Announced, announced_after, announced_before};
use super::fold::{Flags, Folded, Unit};
use super::{Found, IdentifierKind, Strength};

/// WeChat's own limits: 6 to 20, beginning with a letter; people also name older, shorter ones.
const WECHAT_UNITS: std::ops::RangeInclusive<usize> = 5..=WECHAT_UNITS_MAX;
/// The longest that is looked at.
pub(super) const WECHAT_UNITS_MAX: usize = 24;

/// The name that begins at `start`, announced by `before` or by what follows.
pub(super) fn wechat_name(
    folded: &Folded,
    start: usize,
    before: Option<Announced>,
) -> Option<Found> {
    let glued = glued_announcement(folded, start).filter(|_| before != Some(Announced::Thing));
    let (start, before) = match glued {
        Some(units) => (start + units, Some(Announced::Wechat)),
        None => (start, before),
    };
    let end = name_end(folded, start, before == Some(Announced::Wechat));
    let is_open_form = folded.starts_with(start, "wxid_");
    let announced = before.or_else(|| announced_after(folded, end));
    let is_wechat = is_open_form || matches!(announced, Some(Announced::Wechat));
    let is_qq = matches!(announced, Some(Announced::Qq));
    if !is_wechat && !is_qq || !WECHAT_UNITS.contains(&(end - start)) {
        return None;
    }
    let units = &folded.units[start..end];
    let letters = units.iter().filter(|unit| unit.is(Flags::LETTER)).count();
    let digits = units.iter().filter(|unit| unit.is(Flags::DIGIT)).count();
    let word: String = units.iter().map(|unit| unit.ch).collect();
    let is_name = letters > 0 && !is_common_word(&word) && (digits > 0 || units.len() >= 5);
    let kind = if is_qq { IdentifierKind::Qq } else { IdentifierKind::Wechat };
    is_name.then_some(Found { start, end, kind, strength: Strength::Announced })
}

/// Units of the announcing letters that begin the name itself: ➕vlucky99, 加wxlucky99.
fn glued_announcement(folded: &Folded, start: usize) -> Option<usize> {
    const ADD: &str = "+➕加✚";
    const WORDS: &[&str] = &["wechat", "weixin", "vx", "wx", "v"];
    // A single v begins many words: only behind 加 and +.
    let is_added = start > 0 && ADD.contains(folded.ch(start - 1));
    let word = WORDS.iter().find(|word| folded.starts_with(start, word))?;
    let may_be = is_added || word.len() > 1;
    if !may_be || folded.starts_with(start, "wxid_") {
        return None;
    }
    let rest_start = start + word.len();
    let rest = &folded.units[rest_start..name_end(folded, rest_start, false)];
    let digits = rest.iter().filter(|unit| unit.is(Flags::DIGIT)).count();
    let letters_min = if is_added { 2 } else { 4 };
    let is_name = rest.len() - digits >= letters_min && digits >= 2 && rest[0].is(Flags::LETTER);
    is_name.then_some(word.len())
}

/// Letters, digits, `-` and `_`; one space or dot between parts when digits follow (`lin yumei 5202`), a dot between letters (`zhang.wei`) and
/// blanks between single characters (`l i h u a 8 8`) when it is announced.
fn name_end(folded: &Folded, start: usize, is_announced: bool) -> usize {
    if is_announced && let Some(end) = spelled_end(folded, start) {
        return end;
    }
    let mut end = start;
    loop {
        while folded
            .at(end)
            .is_some_and(|unit| unit.is_alphanumeric() || matches!(unit.ch, '_' | '-'))
        {
            end += 1;
        }
        let gap_is_one = folded.is(end, Flags::SPACE) || matches!(folded.ch(end), '.' | '·');
        let part: usize = folded
            .units
            .get(end + 1..)
            .unwrap_or_default()
            .iter()
            .take_while(|unit| unit.is_alphanumeric() || matches!(unit.ch, '_' | '-'))
            .count();
        let part_units = folded.units.get(end + 1..end + 1 + part).unwrap_or_default();
        let has_digit = part_units.iter().any(|unit| unit.is(Flags::DIGIT));
        let is_dotted = is_announced && folded.ch(end) == '.' && part >= 2 && {
            let part: String = part_units.iter().map(|unit| unit.ch).collect();
            !END_OF_FILE_NAMES.contains(&part.as_str())
        };
        let continues = gap_is_one
            && part > 0
            && (has_digit || is_dotted)
            && end + 1 + part - start <= 20
            && part_units[0].is_alphanumeric();
        if !continues || part_units.iter().all(|unit| unit.is(Flags::DIGIT)) && part > 8 {
            break;
        }
        end += 1 + part;
    }
    // zhao五九八七: digits in Han at the end of a name.
    end + folded
        .units
        .get(end..)
        .unwrap_or_default()
        .iter()
        .take_while(|unit| unit.is(Flags::HAN_DIGIT))
        .count()
}

/// What stands after the dot of a file or a site.
const END_OF_FILE_NAMES: &[&str] =
    &["com", "cn", "net", "org", "exe", "apk", "doc", "docx", "xls", "xlsx", "pdf", "jpg", "mp4"];

/// The end of a name written with a blank after each character.
fn spelled_end(folded: &Folded, start: usize) -> Option<usize> {
    let is_single = |at: usize| {
        folded.at(at).is_some_and(Unit::is_alphanumeric)
            && !folded.at(at + 1).is_some_and(Unit::is_alphanumeric)
    };
    let mut at = start;
    while is_single(at) && folded.is(at + 1, Flags::SPACE) && is_single(at + 2) {
        at += 2;
    }
    (at - start >= 2 * (WECHAT_UNITS.start() - 1)).then_some(at + 1)
}

/// Words that follow 微信 in complaints without being anybody's name.
fn is_common_word(word: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "wechat", "weixin", "android", "iphone", "windows", "office", "login", "email", "phone", "excel", "https", "error", "token", "emoji",
        "harmonyos", "huawei", "xiaomi", "qq", "online", "group", "admin",
    ];
    WORDS.contains(&word) || word.starts_with("http") || word.starts_with("www")
}

/// Q829374610: the letter and a number too long for a steel or a quarter.
pub(super) fn bare_qq(folded: &Folded, start: usize) -> Option<Found> {
    let end = word_end(folded, start);
    let digits = folded.units.get(start + 1..end)?;
    let is_number = folded.ch(start) == 'q'
        && (7..=11).contains(&digits.len())
        && digits.iter().all(|unit| unit.is(Flags::DIGIT));
    let is_thing = matches!(announced_before(folded, start), Some(Announced::Thing));
    (is_number && !is_thing).then_some(Found {
        start: start + 1,
        end,
        kind: IdentifierKind::Qq,
        strength: Strength::Announced,
    })
}

/// 我的163邮箱是sunxiao1988: the provider is known, so the name is the address.
pub(super) fn mail_name(folded: &Folded, start: usize, before: Option<Announced>) -> Option<Found> {
    const NAME_UNITS: std::ops::RangeInclusive<usize> = 6..=24;
    let end = word_end(folded, start);
    let units = &folded.units[start..end];
    let digits = units.iter().filter(|unit| unit.is(Flags::DIGIT)).count();
    let letters = units.iter().filter(|unit| unit.is(Flags::LETTER)).count();
    let is_name = before == Some(Announced::Email)
        && NAME_UNITS.contains(&units.len())
        && letters >= 2
        && digits >= 2
        && !matches!(folded.ch(end), '.' | '@' | '(');
    is_name.then_some(Found {
        start,
        end,
        kind: IdentifierKind::Email,
        strength: Strength::Announced,
    })
}
