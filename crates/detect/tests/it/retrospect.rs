//! A past divided into regimes.

use detect::regimes;

use crate::simulate::{PLAIN, World, dip, series};

#[test]
fn a_dip_of_three_months_is_a_regime_and_its_borders_are_near() {
    for seed in 0..8 {
        let world = World { step: Some((200, 0.15)), days: 500, ..PLAIN };
        let found = regimes(&dip(&world, seed, 90));
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
        regimes(&series(&world, 700 + seed)).len() > 1
    });
    assert!(divided.count() <= 2);
}
