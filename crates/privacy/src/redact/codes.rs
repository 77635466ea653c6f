//! Codes of letters and digits: passports, permits, employee numbers with a prefix, and the names of [`super::handles`].

use super::context::{Announced, announced_after, announced_before, is_amount};
use super::fold::{Flags, Folded, Unit};
use super::handles::{WECHAT_UNITS_MAX, bare_qq, mail_name, wechat_name};
use super::{Found, IdentifierKind, Strength};

/// Letters before the digits of a document number.
const PREFIX_UNITS_MAX: usize = 4;

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

/// Past the letters, digits and `_` from `at`.
pub(super) fn word_end(folded: &Folded, at: usize) -> usize {
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
    // R482073(6), mistyped
    let is_framed = kind == IdentifierKind::Permit
        && folded.ch(code.end) == '('
        && folded.is(code.end + 1, Flags::DIGIT.with(Flags::LETTER))
        && folded.ch(code.end + 2) == ')';
    let end = code.end + if is_framed { 3 } else { 0 };
    Some(Found { start, end, kind, strength: Strength::Rule })
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
