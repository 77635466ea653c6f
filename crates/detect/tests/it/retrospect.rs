//! A past divided into regimes.

use corpus::{DailySeries, Day};
use detect::{TrendPoint, regimes};

use crate::simulate::{PLAIN, World, dip, series};

#[test]
fn a_dip_of_three_months_is_a_regime_and_its_borders_are_near() {
    for seed in 0..8 {
        let world = World { step: Some((200, 0.15)), days: 500, ..PLAIN };
        let found = regimes(&TrendPoint::days_of(&dip(&world, seed, 90)));
        assert_eq!(found.len(), 3, "seed {seed}: {found:?}");
        for (regime, begins) in found.iter().zip([0, 200, 290]) {
            assert!((regime.first.0 - 19_000 - begins).abs() <= 6, "seed {seed}: {found:?}");
        }
        assert!(found[1].mean < found[0].mean - 0.15 && found[1].mean < found[2].mean - 0.15);
    }
}

#[test]
fn three_years_in_which_nothing_changes_are_one_regime() {
    let divided = (0..40).filter(|seed| {
        let (voices_mean, correlation) =
            [(8.0, 0.0), (60.0, 0.01), (250.0, 0.025)][*seed as usize % 3];
        let world = World { days: 1095, voices_mean, correlation, burst: (6.0, 0.05), ..PLAIN };
        regimes(&TrendPoint::days_of(&series(&world, 700 + seed))).len() > 1
    });
    assert!(divided.count() <= 2);
}

/// Points of thirty days, as a table by month has them.
fn months(series: &DailySeries) -> Vec<TrendPoint> {
    let days = TrendPoint::days_of(series);
    let month = |days: &[TrendPoint]| {
        let voices: u32 = days.iter().map(|day| day.voices).sum();
        let sum: f64 = days.iter().map(|day| day.mean * f64::from(day.voices)).sum();
        let first = days[0].first;
        TrendPoint { first, last: Day(first.0 + 29), mean: sum / f64::from(voices), voices }
    };
    days.chunk_by(|a, b| (a.first.0 - 19_000) / 30 == (b.first.0 - 19_000) / 30)
        .map(month)
        .collect()
}

#[test]
fn a_table_by_month_is_divided_where_its_days_are() {
    let found: Vec<Vec<i32>> = (0..16)
        .map(|seed| {
            let world = World { step: Some((240, 0.15)), days: 540, ..PLAIN };
            let found = regimes(&months(&dip(&world, seed, 120)));
            found.iter().map(|regime| regime.first.0 - 19_000).collect()
        })
        .collect();
    let is_near = |begins: &&Vec<i32>| {
        begins.len() == 3 && begins.iter().zip([0, 240, 360]).all(|(a, b)| (a - b).abs() <= 30)
    };
    assert!(found.iter().filter(is_near).count() >= 14, "{found:?}");
    let divided = (0..40).filter(|seed| {
        let (voices_mean, correlation) =
            [(8.0, 0.0), (60.0, 0.01), (250.0, 0.025)][*seed as usize % 3];
        let world = World { days: 720, voices_mean, correlation, burst: (6.0, 0.05), ..PLAIN };
        regimes(&months(&series(&world, 900 + seed))).len() > 1
    });
    assert!(divided.count() <= 2);
}
