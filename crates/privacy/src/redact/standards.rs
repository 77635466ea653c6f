//! What issuing rules say about numbers: prefixes, area codes, check digits.

/// Second and third digits that the numbering plan has given out (MIIT, 2017 plan with later additions).
pub(super) fn is_mobile_prefix(number: &[u8]) -> bool {
    matches!(
        number,
        [1, 3, ..] | [1, 4, 0 | 1 | 4..=9, ..] | [1, 5, 0..=3 | 5..=9, ..] | [1, 6, 2 | 5..=7, ..] | [1, 7, 0..=8, ..] | [1, 8, ..] | [1, 9, 0..=3 | 5..=9, ..]
    )
}

/// Length of the area code: 010, 02x, or four digits 03xx to 09xx. The leading zero is left out after a country code.
pub(super) fn area_code_len(digits: &[u8], after_country: bool) -> Option<usize> {
    match digits {
        [0, 1, 0, ..] | [0, 2, 0..=5 | 7..=9, ..] => Some(3),
        [0, 3..=9, b, c, ..] if is_area(digits[1], *b, *c) => Some(4),
        [1, 0, ..] | [2, 0..=5 | 7..=9, ..] if after_country => Some(2),
        [a @ 3..=9, b, c, ..] if after_country && is_area(*a, *b, *c) => Some(3),
        _ => None,
    }
}

/// Area codes in use, by their three digits after the zero: ranges of the national plan, not city by city.
fn is_area(a: u8, b: u8, c: u8) -> bool {
    match (a, b) {
        (3, 1 | 3 | 5 | 7 | 9) => true,
        (4, 1 | 2 | 3 | 5 | 6 | 7 | 8) => true,
        (5, 1..=9) => true,
        (6, 3) => true,
        (6, 6) => matches!(c, 0 | 2 | 3 | 8),
        (6, 9) => matches!(c, 1 | 2),
        (7, 1..=9) => true,
        (8, 1 | 2 | 3 | 5..=9) => true,
        (9, 0 | 1 | 3 | 4 | 5 | 7 | 9) => true,
        _ => false,
    }
}

/// Codes of provinces and the like (GB/T 2260), plus 81 to 83 for residents from Hong Kong, Macao and Taiwan.
pub(super) fn is_region(digits: &[u8]) -> bool {
    matches!(
        digits,
        [1, 1..=5, ..]
            | [2, 1..=3, ..]
            | [3, 1..=7, ..]
            | [4, 1..=6, ..]
            | [5, 0..=4, ..]
            | [6, 1..=5, ..]
            | [7, 1, ..]
            | [8, 1..=3, ..]
    )
}

/// GB 11643: the weighted sum of 17 digits and the check digit is 1 modulo 11.
pub(super) fn is_mod_11_2(digits: &[u8], has_x: bool) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        WEIGHTS.iter().zip(digits).map(|(weight, digit)| weight * u32::from(*digit)).sum();
    let check = if has_x { Some(10) } else { digits.get(17).map(|digit| u32::from(*digit)) };
    check.is_some_and(|check| (sum + check) % 11 == 1)
}

/// A day of birth written yyyymmdd.
pub(super) fn is_birth_day(yyyymmdd: &[u8]) -> bool {
    let [y1, y2, _, _, rest @ ..] = yyyymmdd else { return false };
    matches!((y1, y2), (1, 9) | (2, 0)) && is_month_day(rest)
}

/// A day of birth of the older form, yymmdd.
pub(super) fn is_birth_day_short(yymmdd: &[u8]) -> bool {
    is_month_day(&yymmdd[2..])
}

fn is_month_day(mmdd: &[u8]) -> bool {
    let [m1, m2, d1, d2] = *mmdd else { return false };
    (1..=12).contains(&(m1 * 10 + m2)) && (1..=31).contains(&(d1 * 10 + d2))
}

/// ISO/IEC 7812: every second digit from the right doubled, digit sum divisible by ten.
pub(super) fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let value = u32::from(*digit) << (index % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// First digits of cards issued in China: UnionPay 62 and 60, the older 9 series, and the international schemes.
pub(super) fn is_issuer(digits: &[u8]) -> bool {
    matches!(digits, [6, 0 | 2, ..] | [9, 0..=9, ..] | [4, ..] | [5, 1..=5, ..] | [3, 5..=7, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|b| b - b'0').collect()
    }

    #[test]
    fn check_digits_follow_their_standards() {
        // The example of GB 11643-1999, the example of the Luhn patent, a test number of card schemes.
        assert!(is_mod_11_2(&digits("34052419800101001"), true));
        assert!(!is_mod_11_2(&digits("340524198001010011"), false));
        assert!(is_luhn(&digits("79927398713")) && is_luhn(&digits("4111111111111111")));
        assert!((0..10).filter(|last| is_luhn(&digits(&format!("7992739871{last}")))).count() == 1);
    }

    #[test]
    fn area_codes_have_three_or_four_digits() {
        assert_eq!(area_code_len(&digits("05468771234"), false), Some(4));
        assert_eq!(area_code_len(&digits("01082478787"), false), Some(3));
        assert_eq!(area_code_len(&digits("0629395827"), false), None);
        assert_eq!(area_code_len(&digits("5468771234"), true), Some(3));
    }
}
