//! What moved from the period before.

use corpus::{Period, SeriesKey};
use privacy::Figures;

use crate::evidence::Evidence;

/// 97.5 % point of the normal distribution, behind the 95 % intervals of released cells.
const Z_INTERVAL: f64 = 1.96;

/// The change of one series from the period before the reported one.
pub(crate) struct Change<'a> {
    pub(crate) key: &'a SeriesKey,
    pub(crate) before: Period,
    pub(crate) now: Period,
    pub(crate) means: (f64, f64),
    pub(crate) difference: f64,
    pub(crate) interval: (f64, f64),
}

/// Changes of all keys of a kind that have exact figures in both periods, largest first.
///
/// The interval treats the two periods as independent. Contributors who write in both make it too wide, not too narrow.
pub(crate) fn changes<'a>(
    evidence: &Evidence<'a>,
    is_of_kind: impl Fn(&SeriesKey) -> bool,
) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = evidence
        .keys(is_of_kind)
        .into_iter()
        .filter_map(|key| {
            let (before, now) = (evidence.before(key)?, evidence.reported(key)?);
            let (mean_before, error_before) = mean_and_error(evidence.look(key, before))?;
            let (mean_now, error_now) = mean_and_error(evidence.look(key, now))?;
            let error = error_before.hypot(error_now);
            let difference = mean_now - mean_before;
            let half_width = Z_INTERVAL * error;
            let interval = (difference - half_width, difference + half_width);
            Some(Change { key, before, now, means: (mean_before, mean_now), difference, interval })
        })
        .collect();
    changes.sort_by(|a, b| {
        b.difference.abs().total_cmp(&a.difference.abs()).then_with(|| a.key.cmp(b.key))
    });
    changes
}

fn mean_and_error(figures: &Figures) -> Option<(f64, f64)> {
    match figures {
        Figures::Shown { mean, mean_interval: (low, high), .. } => {
            Some((*mean, (high - low) / (2.0 * Z_INTERVAL)))
        }
        Figures::Range { .. } | Figures::Suppressed => None,
    }
}

#[cfg(test)]
mod tests {
    use privacy::{ReleasedCell, ReleasedTable};

    use super::*;

    #[test]
    fn a_change_carries_the_error_of_both_periods() {
        let (before, now): (Period, Period) =
            ("2026-02".parse().unwrap(), "2026-03".parse().unwrap());
        let cell = |period, mean: f64, half: f64| ReleasedCell {
            key: SeriesKey::default(),
            period,
            figures: Figures::Shown {
                voices: 40,
                positive_share: 0.4,
                negative_share: 0.3,
                neutral_share: 0.3,
                mean,
                mean_interval: (mean - half, mean + half),
            },
        };
        let table = ReleasedTable {
            months: vec![before.month(), now.month()],
            periods: vec![before, now],
            cells: vec![cell(before, 0.3, 0.03), cell(now, 0.1, 0.04)],
            ..ReleasedTable::default()
        };
        let evidence = Evidence::new(&table, now);
        let changes = changes(&evidence, |_| true);
        let [change] = &changes[..] else { panic!("one series, one change") };
        assert!((change.difference + 0.2).abs() < 1e-12);
        assert!(
            (change.interval.0 + 0.25).abs() < 1e-9 && (change.interval.1 + 0.15).abs() < 1e-9,
            "{:?}",
            change.interval
        );
    }
}
