//! The direction of one text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Three classes; "unsure" is the absence of one (`Option<Polarity>`), because abstaining is not a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Polarity {
    /// −1
    Negative,
    /// 0
    Neutral,
    /// +1
    Positive,
}

/// A word that names no polarity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a polarity (expected negative, neutral or positive)")]
pub struct PolarityError {
    found: String,
}

impl Polarity {
    /// All three, from negative to positive.
    pub const ALL: [Self; 3] = [Self::Negative, Self::Neutral, Self::Positive];

    /// −1, 0 or 1, as stored.
    pub fn sign(self) -> i8 {
        self as i8 - 1
    }

    /// The class of a stored sign.
    pub fn from_sign(sign: i8) -> Option<Self> {
        match sign {
            -1 => Some(Self::Negative),
            0 => Some(Self::Neutral),
            1 => Some(Self::Positive),
            _ => None,
        }
    }

    /// The English word used in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

impl fmt::Display for Polarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Full words and the short forms found in labelled files (`neg`, `neu`, `pos`, `-1`, `0`, `1`).
impl FromStr for Polarity {
    type Err = PolarityError;

    fn from_str(found: &str) -> Result<Self, PolarityError> {
        match found {
            "negative" | "neg" | "-1" => Ok(Self::Negative),
            "neutral" | "neu" | "0" => Ok(Self::Neutral),
            "positive" | "pos" | "1" => Ok(Self::Positive),
            _ => Err(PolarityError { found: found.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_and_word_read_back() {
        for polarity in Polarity::ALL {
            assert_eq!(Polarity::from_sign(polarity.sign()), Some(polarity));
            assert_eq!(polarity.as_str().parse::<Polarity>().unwrap(), polarity);
        }
        assert_eq!(Polarity::from_sign(2), None);
    }
}
