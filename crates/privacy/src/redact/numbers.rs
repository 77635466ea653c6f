//! Numbers: mobile, landline, resident ID, bank card, and what a word announces (QQ, employee number).

use super::context::{Announced, announced_after, announced_at, announced_before, is_amount};
use super::fold::{Flags, Folded};
use super::runs::{Group, Joint, Runs};
use super::standards::{
    area_code_len, is_birth_day, is_birth_day_short, is_issuer, is_luhn, is_mobile_prefix,
    is_mod_11_2, is_region,
};
use super::{Found, IdentifierKind, Strength};

/// More groups than this are a table of numbers, not one number written apart (18 digits, one by one).
const GROUPS_MAX: usize = 19;
/// The longest number that anybody has: a card of 19 digits, with 0086 before.
const DIGITS_MAX: usize = 23;

/// Adds every number of a person that a window of neighboring groups makes.
pub(super) fn find(folded: &Folded, runs: &Runs, found: &mut Vec<Found>) {
    let mut first = 0;
    while first < runs.groups.len() {
        let after = runs.groups[first + 1..]
            .iter()
            .position(|group| group.joint == Joint::First)
            .map_or(runs.groups.len(), |n| first + 1 + n);
        find_in_run(folded, runs, first, after, found);
        first = after;
    }
}

fn find_in_run(folded: &Folded, runs: &Runs, first: usize, after: usize, found: &mut Vec<Found>) {
    // Below three digits in a row of groups nothing is a number of a person.
    for start in first..after {
        let mut digits = 0;
        for end in start..after.min(start + GROUPS_MAX) {
            digits += runs.groups[end].len;
            if digits > DIGITS_MAX {
                break;
            }
            if digits >= 4 {
                let window = Window::new(folded, runs, start, end);
                if let Some(candidate) = window.recognize() {
                    found.push(candidate);
                }
            }
        }
        glued_phones(folded, runs, start, found);
        found.extend(numbered_by_word(folded, runs, start));
    }
}

/// Neighboring groups read as one number.
struct Window<'a> {
    folded: &'a Folded,
    groups: &'a [Group],
    digits: &'a [u8],
    start: usize,
    end: usize,
    /// A digit or letter touches it on the left or right, so it is a part of something longer.
    is_part: bool,
}

impl<'a> Window<'a> {
    fn new(folded: &'a Folded, runs: &'a Runs, first: usize, last: usize) -> Self {
        let groups = &runs.groups[first..=last];
        let (start, end) = (groups[0].start, groups[groups.len() - 1].end);
        // "QQ12345678" is announced, "SF12345678" is a part of a longer code.
        let is_after_word =
            announced_at(folded, start).is_some_and(|means| means != Announced::Thing);
        let touches_left = start > 0
            && (folded.units[start - 1].is_alphanumeric() && !is_after_word
                || matches!(folded.ch(start - 1), '￥' | '¥' | '$'));
        let is_extension = ["ext", "x"].iter().any(|word| folded.starts_with(end, word));
        let touches_right = !is_extension
            && folded.at(end).is_some_and(|unit| unit.is(Flags::LETTER) && unit.ch != 'x');
        let is_part = touches_left || touches_right;
        Self { folded, groups, digits: runs.digits_of(first, last), start, end, is_part }
    }

    fn recognize(&self) -> Option<Found> {
        self.id_card()
            .or_else(|| self.bank_card())
            .or_else(|| self.phone())
            .or_else(|| self.landline())
            .or_else(|| self.announced())
    }

    fn found(&self, kind: IdentifierKind, strength: Strength) -> Option<Found> {
        Some(Found { start: self.start, end: self.end, kind, strength })
    }

    fn announced_as(&self) -> Option<Announced> {
        announced_before(self.folded, self.start).or_else(|| announced_after(self.folded, self.end))
    }

    /// Digits per stretch that separators leave; groups glued by a change of script count as one stretch.
    fn stretches(&self) -> Vec<usize> {
        let mut lens: Vec<usize> = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            match lens.last_mut() {
                Some(len) if index > 0 && group.joint == Joint::Glued => *len += group.len,
                _ => lens.push(group.len),
            }
        }
        lens
    }

    /// Written by one rule: the same separator throughout, in stretches that people use for numbers.
    fn is_tidy(&self) -> bool {
        let stretches = self.stretches();
        if stretches.len() == 1 {
            return true;
        }
        let mut joints =
            self.groups[1..].iter().map(|group| group.joint).filter(|joint| *joint != Joint::Glued);
        let same = match joints.next() {
            Some(Joint::Tight(separator)) => {
                joints.all(|joint| matches!(joint, Joint::Tight(s) if s == separator || s == ' '))
            }
            Some(Joint::Loose) => {
                (is_usual_for_lists(&stretches) || is_chunked(&stretches))
                    && joints.all(|joint| joint == Joint::Loose || matches!(joint, Joint::Tight(_)))
            }
            _ => false,
        };
        let one_by_one = stretches.iter().all(|len| *len <= 2);
        same && (one_by_one
            || is_chunked(&stretches)
            || (stretches.len() <= 6 && stretches.iter().all(|len| *len >= 2)))
    }

    fn holds_date(&self) -> bool {
        self.groups.windows(2).any(|pair| {
            let year = &self.digits_of(&pair[0]);
            pair[0].len == 4 && matches!(year[..2], [1, 9] | [2, 0]) && pair[1].len <= 2
        })
    }

    fn digits_of(&self, group: &Group) -> &[u8] {
        let from = group.digits_start - self.groups[0].digits_start;
        &self.digits[from..from + group.len]
    }

    fn phone(&self) -> Option<Found> {
        let number = without_country_code(self.digits);
        let [1, 3..=9, ..] = number else { return None };
        if number.len() != 11 {
            return None;
        }
        let announced = self.announced_as();
        let is_called = matches!(
            announced,
            Some(Announced::Phone | Announced::Landline | Announced::Wechat | Announced::Qq)
        );
        if !is_called {
            let is_thing = matches!(announced, Some(Announced::Thing | Announced::Public))
                || is_amount(self.folded, self.end);
            let is_usual = is_mobile_prefix(number) && self.is_tidy() && self.is_usual_grouping();
            if is_thing || !is_usual || self.holds_date() || self.is_part {
                return None;
            }
        }
        let mut found = self.found(IdentifierKind::Phone, Strength::Rule)?;
        found.start = self.with_plus(found.start);
        Some(found)
    }

    /// Groups as people part a mobile number, the country code aside: not 18-22-285-1234, which is a well.
    fn is_usual_grouping(&self) -> bool {
        let mut stretches = self.stretches();
        if self.groups.len() > 1 && matches!(self.digits_of(&self.groups[0]), [8, 6] | [0, 0, 8, 6])
        {
            stretches.remove(0);
        }
        stretches.first().is_some_and(|len| *len >= 3)
            || stretches.len() > 4
            || stretches == [2, 3, 3, 3]
    }

    /// Takes a `+` before a country code into the span, and the bracket that closes inside: (0546)8791234.
    fn with_plus(&self, start: usize) -> usize {
        let Some(before) = start.checked_sub(1) else { return start };
        let close = match self.folded.ch(before) {
            '+' => return before,
            '(' => ')',
            '[' => ']',
            '【' => '】',
            '「' => '」',
            _ => return start,
        };
        let closes = self.folded.units[start..self.end].iter().any(|unit| unit.ch == close);
        if closes { before } else { start }
    }

    fn landline(&self) -> Option<Found> {
        let announced = self.announced_as();
        let is_called = matches!(announced, Some(Announced::Phone | Announced::Landline));
        let is_other = matches!(
            announced,
            Some(Announced::Thing | Announced::Public | Announced::Permit | Announced::EmployeeId)
        );
        if is_other || self.is_part {
            return None;
        }
        let stripped = without_country_code(self.digits);
        let had_country = stripped.len() < self.digits.len();
        let area = area_code_len(stripped, had_country);
        let local = area.map_or(stripped.len(), |area| stripped.len().saturating_sub(area));
        let fits = match area {
            Some(_) => matches!(local, 7 | 8) && matches!(stripped[stripped.len() - local], 2..=9),
            None => {
                is_called
                    && matches!(local, 7 | 8)
                    && matches!(stripped[0], 2..=9)
                    && !self.is_hotline()
            }
        };
        let is_plain_amount = self.groups.len() == 1 && is_amount(self.folded, self.end);
        if !fits || is_plain_amount || self.holds_date() || !(is_called || self.is_tidy()) {
            return None;
        }
        let is_certain = area.is_some() && (is_called || self.groups.len() > 1);
        let mut found = self.found(
            IdentifierKind::Landline,
            if is_certain { Strength::Rule } else { Strength::Announced },
        )?;
        found.start = self.with_plus(found.start);
        found.end = extension_end(self.folded, found.end);
        Some(found)
    }

    fn is_hotline(&self) -> bool {
        matches!(self.digits, [4 | 8, 0, 0, ..] | [9, 5, ..]) && self.digits.len() != 8
    }

    fn id_card(&self) -> Option<Found> {
        let is_called = || matches!(self.announced_as(), Some(Announced::IdCard));
        let (has_x, end) = self.check_letter();
        let digits = self.digits;
        let length = digits.len() + usize::from(has_x);
        let strength = match length {
            18 if digits.len() <= 18
                && is_region(digits)
                && is_mod_11_2(digits, has_x)
                && is_birth_day(&digits[6..14]) =>
            {
                Strength::Checked
            }
            15 if !has_x && is_region(digits) && is_birth_day_short(&digits[6..12]) => {
                let is_thing = matches!(self.announced_as(), Some(Announced::Thing))
                    || is_amount(self.folded, end);
                if is_thing || self.is_part || !self.is_tidy() {
                    return None;
                }
                Strength::Rule
            }
            // A mistyped one still tells nearly everything, and so does its end.
            14..=20 if is_called() => Strength::Rule,
            4..=8 if self.is_end_of_id() && is_called() && !is_amount(self.folded, end) => {
                Strength::Announced
            }
            _ => return None,
        };
        Some(Found { start: self.start, end, kind: IdentifierKind::IdCard, strength })
    }

    /// 身份证后六位123456, 身份证号：0231; not 临时身份证，11点50.
    fn is_end_of_id(&self) -> bool {
        let at = self.folded.before(self.start).find(|unit| !unit.is(Flags::SPACE));
        self.groups.len() == 1
            && at.is_some_and(|unit| {
                matches!(unit.ch, '号' | '位' | '尾' | ':' | '是' | '为' | '码' | '后')
            })
    }

    /// Whether the check letter X follows, and where the number then ends.
    fn check_letter(&self) -> (bool, usize) {
        let mut at = self.end;
        while self.folded.is(at, Flags::SPACE) || self.folded.is(at, Flags::SEPARATOR) {
            at += 1;
        }
        if self.digits.len() != 17 || at - self.end > 2 {
            return (false, self.end);
        }
        match self.folded.ch(at) {
            // Whose system takes no letter writes 叉 or *.
            'x' | '叉' => (true, at + 1),
            _ if self.folded.ch(self.end) == '*' => (true, self.end + 1),
            _ => (false, self.end),
        }
    }

    fn bank_card(&self) -> Option<Found> {
        if !(12..=19).contains(&self.digits.len()) || self.is_part {
            return None;
        }
        let announced = self.announced_as();
        let is_called = matches!(announced, Some(Announced::BankCard | Announced::Account));
        if is_called && self.phone_shaped() {
            return None;
        }
        let is_checked = self.digits.len() >= 15 && is_luhn(self.digits);
        if is_called {
            return self.found(
                IdentifierKind::BankCard,
                if is_checked { Strength::Checked } else { Strength::Rule },
            );
        }
        let is_thing =
            matches!(announced, Some(Announced::Thing | Announced::Public | Announced::IdCard))
                || is_amount(self.folded, self.end);
        let is_card = self.digits.len() >= 16
            && !self.is_glued_to_more()
            && is_checked
            && is_issuer(self.digits)
            && self.is_tidy()
            && !is_thing;
        if is_card { self.found(IdentifierKind::BankCard, Strength::Checked) } else { None }
    }

    /// Another script goes on where this window ends or begins: one part of 370五23199九….
    fn is_glued_to_more(&self) -> bool {
        let is_digit = |at: usize| self.folded.at(at).is_some_and(|unit| unit.digit().is_some());
        is_digit(self.end) || self.start.checked_sub(1).is_some_and(is_digit)
    }

    fn phone_shaped(&self) -> bool {
        matches!(without_country_code(self.digits), [1, 3..=9, rest @ ..] if rest.len() == 9)
    }

    /// Two groups with nothing but a line break in between, and nothing after them: an evader's, or a narrow form's.
    fn is_broken_over_lines(&self) -> bool {
        let [first, second] = self.groups else { return false };
        let between = self.folded.units.get(first.end..second.start).unwrap_or_default();
        first.len <= 6
            && between.iter().any(|unit| unit.ch == '\n')
            && between.iter().all(|unit| unit.is(Flags::SPACE) || matches!(unit.ch, '\n' | '\r'))
            && self.folded.at(self.end).is_none_or(|unit| unit.is(Flags::STOP))
    }

    /// Nothing but marks and 号, 是, 为 between the announcing word and the number.
    fn is_right_after_word(&self) -> bool {
        let is_link = |unit: &&super::fold::Unit| {
            unit.is(Flags::SPACE)
                || unit.is(Flags::SEPARATOR)
                || matches!(unit.ch, '号' | '是' | '为' | '码')
        };
        let links = self.folded.before(self.start).take_while(is_link).count();
        (0..=links).any(|gap| announced_at(self.folded, self.start - gap).is_some())
    }

    fn announced(&self) -> Option<Found> {
        let digits = self.digits.len();
        let kind = match self.announced_as()? {
            Announced::Qq if (5..=12).contains(&digits) => IdentifierKind::Qq,
            Announced::EmployeeId if (4..=12).contains(&digits) => IdentifierKind::EmployeeId,
            Announced::Wechat if (6..=12).contains(&digits) && self.is_right_after_word() => {
                IdentifierKind::Wechat
            }
            Announced::Account if (5..=11).contains(&digits) => IdentifierKind::BankCard,
            Announced::Passport if (7..=9).contains(&digits) => IdentifierKind::Passport,
            Announced::Permit if (7..=11).contains(&digits) => IdentifierKind::Permit,
            Announced::Permit if matches!(digits, 12..=15 | 18) => IdentifierKind::Permit,
            // Announced as a phone and long enough to be one somewhere: mistyped, foreign, or a short number inside the company.
            Announced::Phone | Announced::Landline
                if (9..=13).contains(&digits) && !self.is_hotline() =>
            {
                IdentifierKind::Phone
            }
            Announced::Landline if (4..=6).contains(&digits) && !self.is_hotline() => {
                IdentifierKind::Landline
            }
            _ => return None,
        };
        let is_single = self.groups.len() == 1;
        // 职工编号2019/04/0738 begins with the year of hiring.
        let is_dated_number = kind == IdentifierKind::EmployeeId && digits >= 9;
        if self.holds_date() && !is_dated_number
            || (is_single && is_amount(self.folded, self.end))
            || self.is_part
        {
            return None;
        }
        let is_joined = self.groups[1..].iter().all(|group| group.joint != Joint::Loose)
            || is_chunked(&self.stretches()) && !is_amount(self.folded, self.end)
            || self.is_broken_over_lines();
        if is_joined { self.found(kind, Strength::Announced) } else { None }
    }
}

/// Cut into at least three pieces of one length, the last of which may be shorter: 138 001 380 00, or digit by digit.
fn is_chunked(stretches: &[usize]) -> bool {
    let Some(((last, rest), first)) = stretches.split_last().zip(stretches.first()) else {
        return false;
    };
    rest.len() >= 2 && rest.iter().all(|len| len == first) && last <= first && *first <= 4
}

/// Commas and line breaks also part different numbers of a list: only the most usual groups of one number pass.
fn is_usual_for_lists(stretches: &[usize]) -> bool {
    matches!(
        stretches,
        [3, 4, 4]
            | [3, 8]
            | [7, 4]
            | [4, 4, 3]
            | [4, 3, 4]
            | [5, 6]
            | [6, 5]
            | [6, 8, 4]
            | [6, 12]
            | [14, 4]
            | [4, 4, 4, 4]
            | [4, 4, 4, 4, _]
            | [8, 8..=11]
            | [3 | 4, 7 | 8]
    )
}

/// Two mobiles typed without anything between them.
fn glued_phones(folded: &Folded, runs: &Runs, index: usize, found: &mut Vec<Found>) {
    let group = &runs.groups[index];
    let digits = runs.digits_of(index, index);
    let is_pair = group.len == 22
        && digits.chunks(11).all(|half| half[0] == 1 && half[1] >= 3 && is_mobile_prefix(half));
    if is_pair && !matches!(announced_before(folded, group.start), Some(Announced::Thing)) {
        found.push(Found {
            start: group.start,
            end: group.end,
            kind: IdentifierKind::Phone,
            strength: Strength::Rule,
        });
    }
}

/// `8610…`, `0086…` without the country code, when what stays can be a number.
fn without_country_code(digits: &[u8]) -> &[u8] {
    match digits {
        [0, 0, 8, 6, rest @ ..] if rest.len() >= 9 => rest,
        [8, 6, rest @ ..] if rest.len() >= 9 => rest,
        _ => digits,
    }
}

/// `-991`, `转8001`, ` ext. 12`: up to six digits more.
fn extension_end(folded: &Folded, end: usize) -> usize {
    const MARKS: &[&str] =
        &["转分机", "转", "分机号", "分机", "ext.", "ext", "x", "#", "-", "－", "—", "*"];
    let mut at = end;
    let mut is_marked = false;
    for _ in 0..2 {
        while folded.is(at, Flags::SPACE) || matches!(folded.ch(at), '(' | ':' | ',') {
            at += 1;
        }
        if let Some(mark) = MARKS.iter().find(|mark| folded.starts_with(at, mark)) {
            at += mark.chars().count();
            is_marked = true;
        }
    }
    let digits = folded
        .units
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|unit| unit.digit().is_some())
        .count();
    let is_extension = is_marked && (1..=6).contains(&digits);
    if is_extension { at + digits } else { end }
}

/// 南字第0472936号: identity cards of soldiers and officers, told by their form. The word before must be a document.
fn numbered_by_word(folded: &Folded, runs: &Runs, index: usize) -> Option<Found> {
    let group = &runs.groups[index];
    let word = group.start.checked_sub(3)?;
    let end = group.end + usize::from(folded.ch(group.end) == '号');
    let is_form = (5..=9).contains(&group.len)
        && folded.ch(word + 1) == '字'
        && folded.ch(word + 2) == '第'
        && folded.is(word, Flags::HAN);
    let is_document = is_form && announced_before(folded, word) == Some(Announced::Permit);
    is_document.then_some(Found {
        start: word,
        end,
        kind: IdentifierKind::Permit,
        strength: Strength::Rule,
    })
}
