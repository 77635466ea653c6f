//! What the detectors promise, on series with fixed seeds.

use corpus::{DailySeries, DayVoices, Direction};
use detect::{Mode, Settings, detect};
use proptest::prelude::*;

use crate::simulate::{PLAIN, World, series};

const CALIBRATED: Settings = Settings { mode: Mode::Calibrated };

fn false_alarms_per_year(world: &World, settings: &Settings, runs: u64) -> f64 {
    let alarms: usize = (0..runs).map(|seed| detect(&series(world, seed), settings).len()).sum();
    alarms as f64 * 365.0 / (runs as f64 * world.days as f64)
}

#[test]
fn without_a_shift_the_calibrated_detector_is_quiet_at_every_volume() {
    for voices_mean in [5.0, 60.0, 300.0] {
        for correlation in [0.0, 0.025] {
            let rate = false_alarms_per_year(
                &World { voices_mean, correlation, ..PLAIN },
                &CALIBRATED,
                60,
            );
            assert!(
                rate <= 1.0,
                "{rate} a year at {voices_mean} voices, correlation {correlation}"
            );
        }
    }
}

#[test]
fn bursts_of_volume_and_of_copies_raise_no_more_alarms() {
    for burst in [(10.0, 0.01), (6.0, 0.05)] {
        let rate = false_alarms_per_year(&World { burst, ..PLAIN }, &CALIBRATED, 60);
        assert!(rate <= 1.0, "{rate} a year with bursts {burst:?}");
    }
}

#[test]
fn a_shift_is_found_soon_with_its_direction_size_and_day() {
    let (mut found, runs) = (0, 40);
    for seed in 0..runs {
        let shifts =
            detect(&series(&World { step: Some((200, 0.12)), ..PLAIN }, seed), &CALIBRATED);
        let Some(shift) =
            shifts.iter().find(|shift| (200..214).contains(&(shift.alarm.0 - 19_000)))
        else {
            continue;
        };
        found += 1;
        assert_eq!(shift.direction, Direction::Worse);
        assert!(
            shift.began.0 <= shift.began_likely
                && shift.began_likely <= shift.began.1
                && shift.began.1 <= shift.alarm
        );
        assert!(shift.effect_interval.0 < shift.effect && shift.effect < shift.effect_interval.1);
        assert!(shift.mean.0 > shift.mean.1 && shift.voices.0 > shift.voices.1);
    }
    assert!(found >= 36, "{found} of {runs}");
}

fn any_days() -> impl Strategy<Value = Vec<Option<DayVoices>>> {
    let voices =
        (0u32..400, 0u32..400, 0u32..400).prop_map(|(positive, negative, neutral)| DayVoices {
            positive,
            negative,
            neutral,
            score_sum: f64::from(positive) - f64::from(negative),
        });
    let absurd = Just(DayVoices { positive: 1_000_000, negative: 0, neutral: 0, score_sum: 1e6 });
    let day = prop_oneof![1 => Just(None), 1 => Just(Some(DayVoices::default())), 8 => voices.prop_map(Some), 1 => absurd.prop_map(Some)];
    prop::collection::vec(day, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn alarms_on_a_truncated_series_are_the_first_of_the_whole(days in any_days(), cut in 0usize..150, guaranteed: bool) {
        let settings = if guaranteed { Settings { mode: Mode::Guaranteed { false_alarms_per_year: 10.0 } } } else { CALIBRATED };
        let whole = DailySeries { key: Default::default(), start: corpus::Day(19_000), days };
        let mut truncated = whole.clone();
        truncated.days.truncate(cut);
        let (of_whole, of_truncated) = (detect(&whole, &settings), detect(&truncated, &settings));
        prop_assert!(of_truncated.len() <= of_whole.len());
        prop_assert_eq!(&of_whole[..of_truncated.len()], &of_truncated[..]);
        prop_assert!(of_whole.iter().skip(of_truncated.len()).all(|shift| shift.alarm.0 - 19_000 >= cut as i32));
        for shift in &of_whole {
            prop_assert!(shift.effect.is_finite() && shift.effect_interval.0.is_finite() && shift.effect_interval.1.is_finite());
        }
    }
}
