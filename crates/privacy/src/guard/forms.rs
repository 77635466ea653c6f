//! 套话: how much of what a source holds is mere form, and which forms, told of the source only and where enough people write them.

use corpus::{Month, SeriesKey, SourceId};
use serde::{Deserialize, Serialize};

use super::Guard;
use crate::Disclosed;
use crate::release::{Figures, ReleasedTable};

/// Steps in which the share is told: one text moves none of them but by chance.
const PERCENT_STEP: f64 = 5.0;
/// Forms that are named.
const FORMS_MAX: usize = 5;

/// What was counted of a source in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct FormCounts {
    /// The source.
    pub source: SourceId,
    /// A closed month.
    pub month: Month,
    /// Share of letters and digits that stand in forms, from 0 to 1.
    pub share: f64,
    /// The forms of the month with the people who used them, those of most people first.
    pub forms: Vec<(String, usize)>,
}

/// What may be told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormShare {
    /// The source.
    pub source: SourceId,
    /// A closed month.
    pub month: Month,
    /// Percent of letters and digits that stand in forms, to the nearest five.
    pub percent: u8,
    /// Forms that as many people used as may be quoted, those of most people first.
    pub forms: Vec<String>,
}

impl Guard {
    /// What of the counts of a month may be recorded: rounded shares, and forms of `k_verbatim` people.
    pub fn form_shares(&self, counts: &[FormCounts]) -> Vec<FormShare> {
        let people_min = self.limits().values().k_verbatim as usize;
        let share = |counts: &FormCounts| FormShare {
            source: counts.source.clone(),
            month: counts.month,
            percent: ((counts.share.clamp(0.0, 1.0) * 100.0 / PERCENT_STEP).round() * PERCENT_STEP)
                as u8,
            forms: counts
                .forms
                .iter()
                .filter(|(_, people)| *people >= people_min)
                .map(|(form, _)| form.clone())
                .take(FORMS_MAX)
                .collect(),
        };
        counts.iter().map(share).filter(|share| !share.forms.is_empty()).collect()
    }

    /// Those of sources of which the month is told.
    pub fn disclose_form_shares(
        &self,
        recorded: Vec<FormShare>,
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<FormShare>> {
        let is_told = |share: &FormShare| {
            let key = SeriesKey { source: Some(share.source.clone()), ..SeriesKey::default() };
            !matches!(table.get().figures(&key, share.month.into()), Figures::Suppressed)
        };
        Disclosed::new(recorded.into_iter().filter(is_told).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReleaseRegister;

    #[test]
    fn shares_are_rounded_and_forms_are_those_of_many() {
        let source = SourceId::new("培训评估").unwrap();
        let month: Month = "2026-03".parse().unwrap();
        let counts = |share, people| FormCounts {
            source: source.clone(),
            month,
            share,
            forms: vec![("受益匪浅".to_owned(), people), ("学以致用".to_owned(), 3)],
        };
        let guard = Guard::default();
        let told = guard.form_shares(&[counts(0.172, 10), counts(0.172, 9)]);
        let [only] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((only.percent, only.forms.as_slice()), (15, &["受益匪浅".to_owned()][..]));
        // Nothing is told of a source of which nothing is released.
        let table = guard.table(&ReleaseRegister::default());
        assert!(guard.disclose_form_shares(told, &table).get().is_empty());
    }
}
