//! Long trend lines looked back on: where the level of released figures changed.
//!
//! Only what was released by period is read, so that nothing is told of that the tables do not tell.

use std::collections::BTreeMap;

use corpus::{Period, SeriesKey};
use detect::TrendPoint;
use digest::Regime;
use privacy::{Figures, ReleasedCell, ReleasedTable};

/// The stretches of the whole and of each unit, source and topic that has more than one, from exact figures until the end of `period`.
pub(crate) fn regimes(table: &ReleasedTable, period: Period) -> Vec<Regime> {
    let mut lines: BTreeMap<&SeriesKey, Vec<TrendPoint>> = BTreeMap::new();
    for ReleasedCell { key, period: of_cell, figures } in &table.cells {
        let is_told = of_cell.last_day() <= period.last_day() && key.named() <= 1;
        if let Figures::Shown { voices, mean, .. } = *figures
            && is_told
        {
            let (first, last) = (of_cell.first_day(), of_cell.last_day());
            lines.entry(key).or_default().push(TrendPoint { first, last, mean, voices });
        }
    }
    let mut told = Vec::new();
    for (key, points) in lines {
        let found = detect::regimes(&points);
        if found.len() > 1 {
            // As exact as the figures that it comes from.
            let mean_of = |mean: f64| (mean * 100.0).round() / 100.0;
            told.extend(found.into_iter().map(|detect::Regime { first, last, mean, voices }| {
                Regime { key: key.clone(), first, last, mean: mean_of(mean), voices }
            }));
        }
    }
    told
}
