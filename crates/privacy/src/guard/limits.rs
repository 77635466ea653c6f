//! How many people must stand behind what is shown.

use serde::{Deserialize, Serialize};

/// Limits as somebody wrote them, not yet checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitValues {
    /// Behind any number.
    pub k_score: u32,
    /// Behind any set whose texts are quoted.
    pub k_verbatim: u32,
    /// Behind any set that a search of confidential sources answers from.
    pub k_search: u32,
    /// Behind any row of an export.
    pub k_export: u32,
}

/// Distinct contributors behind what is shown. Never below the floors: those are part of the product, not a setting.
///
/// In sources without contributor ids voices are duplicate groups, and twice as many are needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Limits(LimitValues);

/// A limit below its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LoweredLimit {
    /// The limit's name.
    pub name: &'static str,
    /// What it is lowered to.
    pub value: u32,
    /// What it is when nobody sets it.
    pub default: u32,
}

/// A limit below its floor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {found}, below the floor of {floor}")]
pub struct LimitError {
    /// The limit's name.
    pub name: &'static str,
    /// What was asked for.
    pub found: u32,
    /// The least that the code accepts.
    pub floor: u32,
}

/// The least that anybody may set. Below five, groups of four to two colleagues can be told apart by what they know of themselves.
const FLOORS: LimitValues = LimitValues { k_score: 5, k_verbatim: 5, k_search: 5, k_export: 10 };

impl Default for LimitValues {
    fn default() -> Self {
        Self { k_score: 5, k_verbatim: 10, k_search: 10, k_export: 20 }
    }
}

impl LimitValues {
    fn named(self) -> [(&'static str, u32); 4] {
        [
            ("k_score", self.k_score),
            ("k_verbatim", self.k_verbatim),
            ("k_search", self.k_search),
            ("k_export", self.k_export),
        ]
    }
}

impl Limits {
    /// Checks `values` against the floors.
    ///
    /// # Errors
    /// [`LimitError`] names the first limit below its floor.
    pub fn new(values: LimitValues) -> Result<Self, LimitError> {
        let mut checks = values.named().into_iter().zip(FLOORS.named());
        match checks.find(|((_, found), (_, floor))| found < floor) {
            Some(((name, found), (_, floor))) => Err(LimitError { name, found, floor }),
            None => Ok(Self(values)),
        }
    }

    /// The limits below their defaults. It takes two administrators to agree to them.
    pub fn lowered(&self) -> Vec<LoweredLimit> {
        let limits = self.0.named().into_iter().zip(LimitValues::default().named());
        limits
            .filter(|((_, value), (_, default))| value < default)
            .map(|((name, value), (_, default))| LoweredLimit { name, value, default })
            .collect()
    }

    /// What is in force as long as nobody has agreed to a lower limit: the defaults where these limits are below them.
    #[must_use]
    pub fn not_lowered(self) -> Self {
        let default = LimitValues::default();
        Self(LimitValues {
            k_score: self.0.k_score.max(default.k_score),
            k_verbatim: self.0.k_verbatim.max(default.k_verbatim),
            k_search: self.0.k_search.max(default.k_search),
            k_export: self.0.k_export.max(default.k_export),
        })
    }

    /// The values in force.
    pub fn values(&self) -> LimitValues {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lowered_limit_is_named_and_the_others_stay_raised() {
        let values = LimitValues { k_score: 8, k_search: 7, ..LimitValues::default() };
        let limits = Limits::new(values).unwrap();
        assert_eq!(limits.lowered(), [LoweredLimit { name: "k_search", value: 7, default: 10 }]);
        assert_eq!(limits.not_lowered().values(), LimitValues { k_search: 10, ..values });
        assert_eq!(Limits::default().lowered(), []);
    }

    #[test]
    fn no_limit_goes_below_its_floor() {
        let error = Limits::new(LimitValues { k_export: 9, ..LimitValues::default() }).unwrap_err();
        assert_eq!(error.to_string(), "k_export is 9, below the floor of 10");
        assert_eq!(
            Limits::new(LimitValues { k_score: 12, ..LimitValues::default() })
                .unwrap()
                .values()
                .k_score,
            12
        );
    }
}
