//! Codes of letters and digits: passports, permits, employee numbers with a prefix, WeChat names.

use super::context::{Announced, announced_after, announced_before, is_amount};
use super::fold::{Flags, Folded, Unit};
use super::{Found, IdentifierKind, Strength};

/// Letters before the digits of a document number.
const PREFIX_UNITS_MAX: usize = 4;
/// WeChat's own limits: 6 to 20, beginning with a letter; people also name older, shorter ones.
const WECHAT_UNITS: std::ops::RangeInclusive<usize> = 5..=WECHAT_UNITS_MAX;
const WECHAT_UNITS_MAX: usize = 24;

/// Adds every code that a word announces, and the few whose shape says enough.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    if !folded.seen(Flags::LETTER) {
        return;
    }
    let mut at = 0;
    while at < folded.units.len() {
        if !begins_code(folded, at) {
            at += 1;
            continue;
        }
        if !has_letter(folded, at) {
            at = word_end(folded, at).max(at + 1);
            continue;
        }
        if let Some(candidate) = bare_qq(folded, at) {
            at = candidate.end;
            found.push(candidate);
            continue;
        }
        let before = announced_before(folded, at);
        let candidate = hong_kong_id(folded, at)
            .or_else(|| document_code(folded, at, before))
            .or_else(|| employee_number(folded, at, before))
            .or_else(|| mail_name(folded, at, before))
            .or_else(|| wechat_name(folded, at, before));
        let next = word_end(folded, at).max(at + 1);
        if let Some(candidate) = candidate {
            at = candidate.end.max(next);
            found.push(candidate);
        } else {
            at = next;
        }
    }
}

fn begins_code(folded: &Folded, at: usize) -> bool {
    let touches = at > 0
        && (folded.units[at - 1].is_alphanumeric() || matches!(folded.ch(at - 1), '_' | '@'));
    folded.units[at].is_alphanumeric() && !touches
}

/// Whether a letter stands where the longest code that begins at `start` would still hold it: most numbers are no codes.
fn has_letter(folded: &Folded, start: usize) -> bool {
    folded.units[start..].iter().take(WECHAT_UNITS_MAX).any(|unit| unit.is(Flags::LETTER))
}

fn word_end(folded: &Folded, at: usize) -> usize {
    at + folded.units[at..]
        .iter()
        .take_while(|unit| unit.is_alphanumeric() || unit.ch == '_')
        .count()
}

/// One to four letters, then digits, perhaps in groups: E12345678, E1234 5678, ZJ-88468.
#[derive(Clone, Copy)]
struct Code {
    letters: usize,
    digits: usize,
    start: usize,
    end: usize,
    first: char,
    is_whole: bool,
}

/// The code at `start` with as many groups as `fits` accepts: behind `G65409940 61块` stands an amount.
fn code_at(folded: &Folded, start: usize, fits: impl Fn(usize, usize) -> bool) -> Option<Code> {
    let mut fitting = None;
    for groups in 1..=8 {
        let Some(code) = code_of_groups(folded, start, groups) else { break };
        if fits(code.letters, code.digits) {
            fitting = Some(code);
        }
    }
    fitting
}

fn code_of_groups(folded: &Folded, start: usize, groups_max: usize) -> Option<Code> {
    let letters = folded.units[start..].iter().take_while(|unit| unit.is(Flags::LETTER)).count();
    if letters == 0 || letters > PREFIX_UNITS_MAX {
        return None;
    }
    let mut at = start + letters;
    let (mut digits, mut end, mut gap, mut groups) = (0, at, 0, 0);
    while let Some(unit) = folded.at(at) {
        let is_look_alike =
            digits > 0 && matches!(unit.ch, 'o' | 'l' | 'i') && folded.is(at + 1, Flags::DIGIT);
        if unit.digit().is_some() || is_look_alike {
            groups += usize::from(digits == 0 || gap > 0);
            if groups > groups_max {
                break;
            }
            digits += 1;
            gap = 0;
            end = at + 1;
        } else if gap < 2
            && (unit.is(Flags::SPACE)
                || matches!(unit.ch, '-' | '.' | '·' | '—' | '–' | '_' | '/' | ':' | '#'))
        {
            gap += 1;
        } else {
            break;
        }
        at += 1;
    }
    if groups < groups_max {
        return None;
    }
    let is_whole = !folded.at(end).is_some_and(|unit| {
        unit.is_alphanumeric()
            || (unit.ch == '-' && folded.at(end + 1).is_some_and(Unit::is_alphanumeric))
    });
    Some(Code { letters, digits, start, end, first: folded.ch(start), is_whole })
}

fn document_code(folded: &Folded, start: usize, before: Option<Announced>) -> Option<Found> {
    let whole = code_of_groups(folded, start, 1)?;
    let announced = before.or_else(|| announced_after(folded, whole.end));
    let (kind, code) = match announced {
        Some(Announced::Passport) => (
            IdentifierKind::Passport,
            code_at(folded, start, |letters, digits| {
                letters <= 3 && (7..=9).contains(&(letters + digits)) && digits >= 5
            })?,
        ),
        Some(Announced::Permit) => (
            IdentifierKind::Permit,
            code_at(folded, start, |letters, digits| {
                letters <= 3
                    && ((7..=12).contains(&(letters + digits)) || (letters, digits) == (3, 12))
                    && digits >= 6
            })?,
        ),
        Some(Announced::IdCard) => {
            let kind = if matches!(whole.first, 'h' | 'm' | 'c' | 'l' | 't') {
                IdentifierKind::Permit
            } else {
                IdentifierKind::Passport
            };
            (
                kind,
                code_at(folded, start, |letters, digits| {
                    letters <= 3 && (6..=11).contains(&digits)
                })?,
            )
        }
        Some(Announced::EmployeeId) => {
            let code = code_at(folded, start, |_, digits| (2..=10).contains(&digits))?;
            return (!is_amount(folded, code.end)).then_some(Found {
                start,
                end: code.end,
                kind: IdentifierKind::EmployeeId,
                strength: Strength::Rule,
            });
        }
        Some(Announced::Thing | Announced::Public) => return None,
        _ if is_permit_shape(folded, &whole) => (IdentifierKind::Permit, whole),
        _ if is_passport_shape(folded, &whole) => (IdentifierKind::Passport, whole),
        _ => return None,
    };
    Some(Found { start, end: code.end, kind, strength: Strength::Rule })
}

/// Hong Kong identity cards, R482073(6): the weights 9 to 2 over letters and digits and the check digit add up to a multiple of 11.
fn hong_kong_id(folded: &Folded, start: usize) -> Option<Found> {
    let letters = folded.units[start..].iter().take_while(|unit| unit.is(Flags::LETTER)).count();
    let end = start + letters + 9;
    let tail = folded.units.get(start + letters..end)?;
    let (digits, check) = tail.split_at_checked(6)?;
    let [open, check, close] = check else { return None };
    let value = |unit: &Unit| match unit.ch {
        'a'..='z' => Some(unit.ch as u32 - 'a' as u32 + 10),
        _ => unit.digit().map(u32::from),
    };
    let is_framed = open.ch == '(' && close.ch == ')' && matches!(letters, 1 | 2);
    if !is_framed || digits.iter().any(|unit| unit.digit().is_none()) {
        return None;
    }
    // A single letter has a blank before it, which counts 36.
    let blank = if letters == 1 { 36 * 9 } else { 0 };
    let body = folded.units[start..start + letters].iter().chain(digits).rev().zip(2..);
    let sum: u32 = body.filter_map(|(unit, weight)| Some(value(unit)? * weight)).sum();
    let is_checked = (blank + sum + value(check)?).is_multiple_of(11);
    is_checked.then_some(Found {
        start,
        end,
        kind: IdentifierKind::Permit,
        strength: Strength::Checked,
    })
}

/// 我的163邮箱是sunxiao1988: the provider is known, so the name is the address.
fn mail_name(folded: &Folded, start: usize, before: Option<Announced>) -> Option<Found> {
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

/// An employee number with letters anywhere: 631296A, A_473437, SL-2019-3344.
fn employee_number(folded: &Folded, start: usize, before: Option<Announced>) -> Option<Found> {
    let is_part = |unit: &&Unit| unit.is_alphanumeric() || matches!(unit.ch, '-' | '_' | '/');
    let mut units = folded.units.get(start..)?.iter().take_while(is_part).count();
    while units > 0 && !folded.units[start + units - 1].is_alphanumeric() {
        units -= 1;
    }
    let number = &folded.units[start..start + units];
    let digits = number.iter().filter(|unit| unit.is(Flags::DIGIT)).count();
    let has_letter = number.iter().any(|unit| unit.is(Flags::LETTER));
    let fits = has_letter && digits >= 3 && (4..=16).contains(&units);
    let is_announced = fits && before == Some(Announced::EmployeeId);
    let end = start + units;
    is_announced.then_some(Found {
        start,
        end,
        kind: IdentifierKind::EmployeeId,
        strength: Strength::Rule,
    })
}

/// The letters and lengths of travel permits, behind any word for a document: 大通证T02938471.
fn is_permit_shape(folded: &Folded, code: &Code) -> bool {
    let is_number = matches!(code.first, 'c' | 'h' | 'm' | 't' | 'l' | 'w')
        && code.letters <= 2
        && matches!(code.letters + code.digits, 9 | 11)
        && code.is_whole;
    let is_link =
        |unit: &&Unit| unit.is(Flags::SPACE) || matches!(unit.ch, ':' | '号' | '码' | '是' | '为');
    let word = folded.before(code.start).find(|unit| !is_link(unit));
    is_number && word.is_some_and(|unit| unit.ch == '证')
}

/// E and eight digits, or E, a letter and seven, written together and not behind the name of a machine.
fn is_passport_shape(folded: &Folded, code: &Code) -> bool {
    const MACHINES: &str = "机泵表阀仪罐炉井塔车管柜器站号型图码";
    let is_together = code.end - code.start == code.letters + code.digits;
    let is_number =
        code.letters + code.digits == 9 && code.letters <= 2 && matches!(code.first, 'e' | 'g');
    let is_machine = folded
        .before(code.start)
        .find(|unit| !unit.is(Flags::SPACE))
        .is_some_and(|unit| MACHINES.contains(unit.ch) || unit.ch == '-' || unit.ch == '/');
    is_together && is_number && code.is_whole && !is_machine
}

fn wechat_name(folded: &Folded, start: usize, before: Option<Announced>) -> Option<Found> {
    let glued = glued_announcement(folded, start);
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

/// Q829374610: the letter and a number too long for a steel or a quarter.
fn bare_qq(folded: &Folded, start: usize) -> Option<Found> {
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

/// Units of the announcing letters that begin the name itself: ➕vlucky99, 加wxlucky99.
fn glued_announcement(folded: &Folded, start: usize) -> Option<usize> {
    const ADD: &str = "+➕加✚";
    const WORDS: &[&str] = &["wechat", "weixin", "vx", "wx", "v"];
    // A single v begins many words: only behind 加 and +.
    let is_added = start > 0 && ADD.contains(folded.ch(start - 1));
    let is_border = start == 0 || !folded.is(start - 1, Flags::HAN);
    let word = WORDS.iter().find(|word| folded.starts_with(start, word))?;
    let may_be = is_added || is_border && word.len() > 1;
    if !may_be || folded.starts_with(start, "wxid_") {
        return None;
    }
    let rest = &folded.units[start + word.len()..word_end(folded, start)];
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
