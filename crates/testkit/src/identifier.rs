//! Invented identifiers to plant in texts, each in a form that redaction has to find and in ranges that belong to nobody.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde::Serialize;

/// What kind of identifier a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    Phone,
    IdCard,
    Email,
    Plate,
    Name,
    EmployeeId,
    BankCard,
}

/// An identifier and the words around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    pub kind: IdentifierKind,
    /// As it stands in the text.
    pub value: String,
    /// A clause that holds it.
    pub clause: String,
}

/// Invents one identifier.
pub fn invent(rng: &mut StdRng) -> Identifier {
    match rng.random_range(0..20) {
        0..=6 => identifier(
            IdentifierKind::Phone,
            phone(rng),
            &["联系电话", "有事打我手机", "电话", "回电请拨", "可以打", "手机号："],
            rng,
        ),
        7..=9 => identifier(
            IdentifierKind::IdCard,
            id_card(rng),
            &["身份证号", "证件号：", "我的身份证是", "报名身份证"],
            rng,
        ),
        10..=11 => identifier(
            IdentifierKind::Email,
            email(rng),
            &["邮箱", "回复请发", "资料发我邮箱：", "e-mail "],
            rng,
        ),
        12..=13 => identifier(
            IdentifierKind::Plate,
            plate(rng),
            &["车牌", "那台车是", "车牌号：", "占道的车是"],
            rng,
        ),
        14..=16 => identifier(
            IdentifierKind::Name,
            name(rng),
            &["联系人：", "我叫", "反映人：", "签名："],
            rng,
        ),
        17..=18 => identifier(
            IdentifierKind::EmployeeId,
            employee_id(rng.random_range(10_000..99_999)),
            &["工号", "我的工号是", "工号："],
            rng,
        ),
        _ => identifier(
            IdentifierKind::BankCard,
            bank_card(rng),
            &["工资卡号", "卡号：", "补发请打到"],
            rng,
        ),
    }
}

/// An employee number as the sample's organization writes them.
pub fn employee_id(number: u32) -> String {
    format!("QH{number:05}")
}

fn identifier(
    kind: IdentifierKind,
    value: String,
    announcements: &[&str],
    rng: &mut StdRng,
) -> Identifier {
    let clause = format!("{}{value}", announcements.choose(rng).expect("not empty"));
    Identifier { kind, value, clause }
}

/// Operators' prefixes, so that redaction must know them, with the area digits 0000 that writers use for numbers of nobody.
fn phone(rng: &mut StdRng) -> String {
    let prefix = ["130", "133", "136", "139", "150", "158", "177", "186", "189"]
        .choose(rng)
        .expect("not empty");
    let last = rng.random_range(0..10_000);
    match rng.random_range(0..4) {
        0 => format!("{prefix}-0000-{last:04}"),
        1 => format!("{prefix} 0000 {last:04}"),
        _ => format!("{prefix}0000{last:04}"),
    }
}

/// Region 230000 is a whole province, which no card carries; the check digit is right (ISO 7064 MOD 11-2, GB 11643).
fn id_card(rng: &mut StdRng) -> String {
    let body = format!(
        "230000{}{:02}{:02}{:03}",
        rng.random_range(1965..2003),
        rng.random_range(1..13),
        rng.random_range(1..29),
        rng.random_range(1..1000)
    );
    format!("{body}{}", id_card_check_digit(&body))
}

fn id_card_check_digit(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const DIGITS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let sum: u32 = body
        .chars()
        .zip(WEIGHTS)
        .map(|(c, weight)| c.to_digit(10).expect("the body is digits") * weight)
        .sum();
    DIGITS[(sum % 11) as usize]
}

/// The domain is reserved for examples (RFC 2606).
fn email(rng: &mut StdRng) -> String {
    let user = ["liangye", "xiaomo", "jing.w", "oilman", "banzu3", "zhou_y", "lanhua"]
        .choose(rng)
        .expect("not empty");
    format!("{user}{}@example.com", rng.random_range(1..999))
}

/// No city writes the letter Z after 黑.
fn plate(rng: &mut StdRng) -> String {
    let letter = ["A", "B", "C", "D", "E", "F", "G", "H"].choose(rng).expect("not empty");
    format!(
        "黑Z{}{letter}{:04}",
        ["", "·"].choose(rng).expect("not empty"),
        rng.random_range(0..10_000)
    )
}

/// Syllables joined by chance.
fn name(rng: &mut StdRng) -> String {
    let surname = ["郗", "乜", "逯", "佴", "亓", "仝", "郏", "宓", "麴", "缑"]
        .choose(rng)
        .expect("not empty");
    let given = ["守", "砚", "沐", "岫", "澄", "予", "槐", "舟"].choose(rng).expect("not empty");
    let second = ["青", "禾", "川", "宁", "安", "石", "溪"].choose(rng).expect("not empty");
    format!("{surname}{given}{second}")
}

/// Issuer 620000 is not assigned; the last digit is right (Luhn, ISO/IEC 7812).
fn bank_card(rng: &mut StdRng) -> String {
    let body = format!("620000{:012}", rng.random_range(0..1_000_000_000_000u64));
    let sum: u32 = body
        .chars()
        .rev()
        .enumerate()
        .map(|(at, c)| {
            let digit =
                c.to_digit(10).expect("the body is digits") * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_follows_the_standard() {
        // The example of GB 11643-1999.
        assert_eq!(id_card_check_digit("11010519491231002"), 'X');
    }
}
