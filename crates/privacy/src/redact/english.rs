//! Postal addresses written in English: Room 602, Building 8, No. 125 Jinan Road, Dongying.
//!
//! A run of latin words, numbers and commas is an address when it has a number and two different words for parts of an address.

use super::fold::{Flags, Folded};
use super::{Found, IdentifierKind, Strength};

/// Words for parts of an address.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "room", "rm", "flat", "unit", "suite", "building", "bldg", "block", "no", "floor", "road", "rd", "street", "st", "avenue", "ave", "lane",
    "district", "village", "community", "city", "county", "province", "dorm", "dormitory", "apartment", "apt", "house", "lu", "jie", "xiaoqu", "hao",
];
/// Of those, the ones without which the others mean something else: No. 3 unit is a machine.
#[rustfmt::skip]
const NEEDED: &[&str] = &[
    "room", "rm", "flat", "building", "bldg", "road", "rd", "street", "st", "avenue", "ave", "lane", "dorm", "dormitory", "apartment", "apt", "lu",
    "xiaoqu",
];
/// The shortest run that is looked at: Rm 2, No 3 Rd.
const UNITS_MIN: usize = 12;

/// Adds every address.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    if !folded.seen(Flags::LETTER) {
        return;
    }
    let mut at = 0;
    while at < folded.units.len() {
        let units = folded.units[at..].iter().take_while(|unit| {
            unit.is_alphanumeric()
                || unit.ch != '\n' && unit.is(Flags::SPACE)
                || matches!(unit.ch, ',' | '.' | '#' | '-' | '\'' | '(' | ')')
        });
        let end = at + units.count();
        if end - at >= UNITS_MIN {
            found.extend(address_in(folded, at, end));
        }
        at = end + 1;
    }
}

fn address_in(folded: &Folded, start: usize, end: usize) -> Option<Found> {
    let (mut first, mut last) = (None, start);
    let (mut has_needed, mut has_number) = (false, false);
    let mut parts: Vec<&str> = Vec::new();
    let mut at = start;
    while at < end {
        let word =
            at + folded.units[at..end].iter().take_while(|unit| unit.is_alphanumeric()).count();
        if word == at {
            at += 1;
            continue;
        }
        let is_number = folded.units[at..word].iter().any(|unit| unit.is(Flags::DIGIT));
        let part = PARTS
            .iter()
            .copied()
            .find(|part| word - at == part.len() && folded.starts_with(at, part));
        has_number |= is_number;
        has_needed |= part.is_some_and(|part| NEEDED.contains(&part));
        if let Some(part) = part.filter(|part| !parts.contains(part)) {
            parts.push(part);
        }
        if first.is_none() && (is_number || part.is_some()) {
            first = Some(at);
        }
        last = word;
        at = word;
    }
    let is_address = has_needed && has_number && parts.len() >= 2;
    is_address.then_some(Found {
        start: first?,
        end: last,
        kind: IdentifierKind::Address,
        strength: Strength::Announced,
    })
}
