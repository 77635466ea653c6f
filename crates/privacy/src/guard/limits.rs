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

impl Limits {
    /// Checks `values` against the floors.
    ///
    /// # Errors
    /// [`LimitError`] names the first limit below its floor.
    pub fn new(values: LimitValues) -> Result<Self, LimitError> {
        let checks = [
            ("k_score", values.k_score, FLOORS.k_score),
            ("k_verbatim", values.k_verbatim, FLOORS.k_verbatim),
            ("k_search", values.k_search, FLOORS.k_search),
            ("k_export", values.k_export, FLOORS.k_export),
        ];
        match checks.into_iter().find(|(_, found, floor)| found < floor) {
            Some((name, found, floor)) => Err(LimitError { name, found, floor }),
            None => Ok(Self(values)),
        }
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
