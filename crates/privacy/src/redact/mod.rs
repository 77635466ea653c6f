//! Finds and takes out identifiers of people, before anything is stored, indexed or logged.
//!
//! Recognizers read one folded view of the text ([`fold`]) in which all ways to write a digit look the same. What decides is, in this order:
//! check digits (MOD 11-2 of resident IDs, Luhn of bank cards), the shape that the issuing rule gives (mobile prefixes, area codes, plates),
//! and the nearest word that announces a number ([`context`]): 工号 and 流水号 before the same six digits mean different things.
//! When in doubt about a person we take out; when in doubt about a thing (wells, drawings, standards, orders) we leave it.

mod addresses;
mod chars;
mod codes;
mod context;
mod english;
mod fold;
mod foreign;
mod handles;
mod latin;
mod mail;
mod names;
mod numbers;
mod own;
mod placeholder;
mod plates;
mod runs;
mod standards;
mod surnames;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use own::{OwnError, OwnIdentifiers};
pub use placeholder::placeholders;
pub(crate) use placeholder::typed_placeholders;

use chars::CharTable;
use fold::{Flags, Folded};

/// A kind of identifier that is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentifierKind {
    /// Mobile number.
    Phone,
    /// Fixed line, with area code, or announced.
    Landline,
    /// Resident ID, 18 or 15 digits.
    IdCard,
    /// Bank card or account.
    BankCard,
    /// E-mail address.
    Email,
    /// Vehicle plate.
    Plate,
    /// Passport.
    Passport,
    /// Travel permits: Hong Kong, Macao, Taiwan, home return.
    Permit,
    /// WeChat name.
    Wechat,
    /// QQ number.
    Qq,
    /// Postal address down to a house or room.
    Address,
    /// Name of a person.
    Name,
    /// Employee number.
    EmployeeId,
}

impl IdentifierKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Phone,
        Self::Landline,
        Self::IdCard,
        Self::BankCard,
        Self::Email,
        Self::Plate,
        Self::Passport,
        Self::Permit,
        Self::Wechat,
        Self::Qq,
        Self::Address,
        Self::Name,
        Self::EmployeeId,
    ];

    /// What stands in its place.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Phone => "[手机号]",
            Self::Landline => "[座机]",
            Self::IdCard => "[身份证号]",
            Self::BankCard => "[银行卡号]",
            Self::Email => "[邮箱]",
            Self::Plate => "[车牌号]",
            Self::Passport => "[护照号]",
            Self::Permit => "[通行证号]",
            Self::Wechat => "[微信号]",
            Self::Qq => "[QQ号]",
            Self::Address => "[地址]",
            Self::Name => "[姓名]",
            Self::EmployeeId => "[工号]",
        }
    }

    /// The kind of a word as [`Self::as_str`] gives it.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The word used in JSON: `PHONE`, `ID_CARD`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "PHONE",
            Self::Landline => "LANDLINE",
            Self::IdCard => "ID_CARD",
            Self::BankCard => "BANK_CARD",
            Self::Email => "EMAIL",
            Self::Plate => "PLATE",
            Self::Passport => "PASSPORT",
            Self::Permit => "PERMIT",
            Self::Wechat => "WECHAT",
            Self::Qq => "QQ",
            Self::Address => "ADDRESS",
            Self::Name => "NAME",
            Self::EmployeeId => "EMPLOYEE_ID",
        }
    }
}

/// An identifier in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Bytes of the text, on character boundaries.
    pub range: Range<usize>,
    /// What it is.
    pub kind: IdentifierKind,
}

/// Finds identifiers. Cheap to share, costly to make (a table over all characters).
#[derive(Debug)]
pub struct Redactor {
    table: CharTable,
    own: Option<OwnIdentifiers>,
}

/// Working memory of [`Redactor::find_with`], reused from text to text.
#[derive(Default)]
pub struct Scratch {
    folded: Folded,
    found: Vec<Found>,
    runs: runs::Runs,
}

/// Not the text that was read last.
impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

/// A candidate, in units of the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    start: usize,
    end: usize,
    kind: IdentifierKind,
    /// Of two that overlap the stronger stays.
    strength: Strength,
}

/// How sure a recognizer is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// A word announces it.
    Announced,
    /// Shape given by an issuing rule.
    Rule,
    /// A check digit agrees.
    Checked,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl Redactor {
    /// A redactor for all kinds.
    pub fn new() -> Self {
        Self { table: CharTable::new(), own: None }
    }

    /// The same with what an organization adds.
    #[must_use]
    pub fn with_own(self, own: OwnIdentifiers) -> Self {
        Self { own: Some(own), ..self }
    }

    /// Writes the identifiers of `text` to `out`, which is cleared first: ascending, disjoint.
    ///
    /// Any string will do, normalized or not; the same identifiers are found in its NFKC form.
    pub fn find(&self, text: &str, out: &mut Vec<Span>) {
        self.find_with(&mut Scratch::default(), text, out);
    }

    /// [`Self::find`] without its allocations.
    pub fn find_with(&self, scratch: &mut Scratch, text: &str, out: &mut Vec<Span>) {
        out.clear();
        if !self.table.is_plain(text) {
            self.recognize(scratch, text, out);
        }
        if let Some(own) = &self.own {
            own.add_to(text, out);
        }
    }

    fn recognize(&self, scratch: &mut Scratch, text: &str, out: &mut Vec<Span>) {
        let Scratch { folded, found, runs } = scratch;
        folded.fold(text, &self.table);
        found.clear();
        mail::find(folded, found);
        if folded.digit_count >= 3 {
            runs.collect(folded);
            numbers::find(folded, runs, found);
        }
        if folded.seen(Flags::HOUSE) || folded.digit_count >= 3 {
            addresses::find(folded, found);
        }
        english::find(folded, found);
        codes::find(folded, found);
        plates::find(folded, found);
        names::find(folded, found);
        foreign::find(folded, found);
        latin::find(folded, found);
        keep_strongest(found);
        out.extend(found.iter().map(|found| span(folded, found)));
    }

    /// `text` with placeholders where the identifiers were. Applying it again changes nothing.
    pub fn redact(&self, text: &str) -> String {
        let mut spans = Vec::new();
        self.find(text, &mut spans);
        with_placeholders(text, &spans)
    }
}

/// `text` with each span replaced by its placeholder.
pub(crate) fn with_placeholders(text: &str, spans: &[Span]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        redacted.push_str(
            text.get(from..span.range.start)
                .expect("spans are ascending and on character boundaries"),
        );
        redacted.push_str(span.kind.placeholder());
        from = span.range.end;
    }
    redacted.push_str(text.get(from..).expect("spans end on character boundaries"));
    redacted
}

/// Resolves overlaps for the stronger, then the longer candidate, and sorts what stays.
fn keep_strongest(found: &mut Vec<Found>) {
    found.sort_unstable_by_key(|f| {
        (std::cmp::Reverse(f.strength), std::cmp::Reverse(f.end - f.start), f.start)
    });
    let mut kept = 0;
    for index in 0..found.len() {
        let candidate = found[index];
        let is_free =
            found[..kept].iter().all(|f| candidate.end <= f.start || f.end <= candidate.start);
        if is_free {
            found[kept] = candidate;
            kept += 1;
        }
    }
    found.truncate(kept);
    found.sort_unstable_by_key(|f| f.start);
}

fn span(folded: &Folded, found: &Found) -> Span {
    let range = folded.units[found.start].byte_start as usize
        ..folded.units[found.end - 1].byte_end as usize;
    Span { range, kind: found.kind }
}

#[cfg(test)]
mod tests;
