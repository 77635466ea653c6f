//! Codes that are known by nothing but themselves: a contributor finds the reply to a text again by one, an administrator agrees by one.

use std::fmt;

/// Digits and letters that are not taken for each other: no 0 O, no 1 I L. Thirty-one, a prime, so that the check character finds every slip.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Characters drawn at random: 31^17 is more than 2^84.
const DRAWN: usize = 17;
/// Characters between two dashes, as people read them out.
const GROUP: usize = 3;

/// A code, e.g. `7KM-2PX-…`: seventeen random characters and one that checks them.
///
/// Whoever holds it may do what it is for, so it is treated like a key: it shows itself only through [`Self::expose`], and is
/// deliberately neither `Clone` nor `Serialize`, nor can two be compared.
pub struct BearerCode([u8; DRAWN + 1]);

/// Not a code. Says nothing of what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerCodeError {
    /// Too few or too many characters, or some that no code has.
    #[error("a code has {} letters and digits out of {}", DRAWN + 1, "23456789ABCDEFGHJKMNPQRSTUVWXYZ")]
    Form,
    /// The check character does not fit: one character is wrong, or two are exchanged.
    #[error("the code has a slip of the pen: its check character does not fit")]
    Check,
}

impl BearerCode {
    /// Makes a code of random bytes, of which it uses as many as it needs; `None` when they do not suffice (of 64 bytes one in 10^20 times).
    pub fn from_random(bytes: &[u8]) -> Option<Self> {
        // A byte from 248 on would make the first characters likelier than the others.
        let fair = 256 / ALPHABET.len() * ALPHABET.len();
        let mut values = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        let mut code = [0; DRAWN + 1];
        for character in &mut code[..DRAWN] {
            *character = ALPHABET[values.next()? % ALPHABET.len()];
        }
        code[DRAWN] = check(&code[..DRAWN]);
        Some(Self(code))
    }

    /// Reads a code as people write it: in either case, full width, with spaces and dashes anywhere.
    ///
    /// # Errors
    /// [`BearerCodeError`].
    pub fn parse(text: &str) -> Result<Self, BearerCodeError> {
        let mut code = [0; DRAWN + 1];
        let mut length = 0;
        for character in text.chars().filter(|c| !is_decoration(*c)) {
            let byte = half_width(character).ok_or(BearerCodeError::Form)?.to_ascii_uppercase();
            let is_known = ALPHABET.contains(&byte);
            *code.get_mut(length).filter(|_| is_known).ok_or(BearerCodeError::Form)? = byte;
            length += 1;
        }
        if length != code.len() {
            return Err(BearerCodeError::Form);
        }
        if check(&code[..DRAWN]) == code[DRAWN] {
            Ok(Self(code))
        } else {
            Err(BearerCodeError::Check)
        }
    }

    /// The code to be shown once to whoever is to hold it: groups of three.
    pub fn expose(&self) -> String {
        let groups: Vec<String> = self
            .0
            .chunks(GROUP)
            .map(|group| group.iter().map(|b| char::from(*b)).collect())
            .collect();
        groups.join("-")
    }

    /// The characters alone, for the HMAC. Nothing else may call this.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for BearerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerCode(***)")
    }
}

/// Each character times its place, modulo a prime above both: one wrong character or two exchanged ones change the sum.
fn check(drawn: &[u8]) -> u8 {
    let value = |byte: &u8| ALPHABET.iter().position(|c| c == byte).unwrap_or_default();
    let sum: usize = (1..).zip(drawn).map(|(place, byte)| place * value(byte)).sum();
    ALPHABET[sum % ALPHABET.len()]
}

fn is_decoration(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '.' | '·')
}

fn half_width(c: char) -> Option<u8> {
    let plain = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
        other => other,
    };
    u8::try_from(plain).ok().filter(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> impl Iterator<Item = BearerCode> {
        (0..40_u8).map(|seed| {
            let random: Vec<u8> = (0..64_u8).map(|n| (seed ^ n).wrapping_mul(29) ^ seed).collect();
            BearerCode::from_random(&random).unwrap()
        })
    }

    fn check_slip(code: [u8; DRAWN + 1]) {
        let written = String::from_utf8(code.to_vec()).unwrap();
        assert_eq!(BearerCode::parse(&written).unwrap_err(), BearerCodeError::Check);
    }

    #[test]
    fn what_is_shown_reads_back_however_it_is_written() {
        for code in codes() {
            let shown = code.expose();
            assert_eq!(shown.len(), 23, "{shown}");
            let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap();
            let written = [
                shown.clone(),
                shown.to_lowercase().replace('-', " "),
                shown.chars().map(wide).collect(),
            ];
            for written in written {
                assert_eq!(BearerCode::parse(&written).unwrap().as_bytes(), code.as_bytes());
            }
        }
    }

    #[test]
    fn one_wrong_character_is_found() {
        for code in codes() {
            for place in 0..=DRAWN {
                let mut wrong = code.0;
                let next = ALPHABET.iter().position(|c| *c == wrong[place]).unwrap() + 1 + place;
                wrong[place] = ALPHABET[next % ALPHABET.len()];
                if wrong != code.0 {
                    check_slip(wrong);
                }
            }
        }
    }

    #[test]
    fn two_exchanged_characters_are_found() {
        for code in codes() {
            for (one, other) in (0..DRAWN).flat_map(|one| (one + 1..DRAWN).map(move |o| (one, o))) {
                let mut wrong = code.0;
                wrong.swap(one, other);
                if wrong != code.0 {
                    check_slip(wrong);
                }
            }
        }
    }

    #[test]
    fn an_error_does_not_say_what_was_typed() {
        for typed in ["", "张三的码", "0O1-IL0", "7KM2PX", "'; DROP TABLE receipt; --"] {
            let error = BearerCode::parse(typed).unwrap_err();
            assert_eq!(error, BearerCodeError::Form);
            assert!(typed.is_empty() || !error.to_string().contains(typed));
        }
        assert_eq!(format!("{:?}", codes().next().unwrap()), "BearerCode(***)");
    }

    #[test]
    fn too_few_random_bytes_make_no_code() {
        assert!(BearerCode::from_random(&[7; 16]).is_none());
        assert!(BearerCode::from_random(&[255; 64]).is_none());
    }
}
