//! What it costs to watch ten thousand series: three years of them, and one new day. `cargo bench -p detect`.
//!
//! The aims are 10 s and 100 ms on two cores. Every detector is kept, as a service would keep it: about 5 KB each.

use std::time::Instant;

use corpus::{Day, DayVoices};
use detect::{Detector, Mode, Settings};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use rayon::prelude::*;

const SERIES: usize = 10_000;
const DAYS: usize = 3 * 365;
/// Different series; each stands for many, so that memory holds detectors rather than input.
const KINDS: usize = 200;

#[expect(clippy::print_stdout, reason = "a bench prints")]
fn main() {
    let mut rng = SmallRng::seed_from_u64(1);
    let kinds: Vec<Vec<DayVoices>> = (0..KINDS)
        .map(|kind| {
            (0..DAYS).map(|_| voices(&mut rng, [5.0, 15.0, 60.0, 250.0][kind % 4])).collect()
        })
        .collect();
    let modes = [
        ("calibrated", Mode::Calibrated),
        ("guaranteed", Mode::Guaranteed { false_alarms_per_year: 0.5 }),
    ];
    for (name, mode) in modes {
        let settings = Settings { mode, ..Settings::default() };
        let started = Instant::now();
        let mut watched: Vec<(Detector, usize)> = (0..SERIES)
            .into_par_iter()
            .map(|series| {
                let mut detector = Detector::new(&settings);
                let days = kinds[series % KINDS].iter().zip(19_000..);
                let alarms =
                    days.filter_map(|(voices, day)| detector.observe(Day(day), Some(*voices)));
                let alarms = alarms.count();
                (detector, alarms)
            })
            .collect();
        let past = started.elapsed();
        let started = Instant::now();
        let new: usize = watched
            .par_iter_mut()
            .enumerate()
            .map(|(series, (detector, _))| {
                let today = Day(19_000 + DAYS as i32);
                usize::from(
                    detector.observe(today, Some(kinds[series % KINDS][series % DAYS])).is_some(),
                )
            })
            .sum();
        let day = started.elapsed();
        let alarms: usize = watched.iter().map(|(_, alarms)| alarms).sum();
        // Series without a shift: what the promise allows, with room for chance.
        assert!((alarms + new) as f64 <= 1.0 * (SERIES * 3) as f64, "{alarms} alarms");
        println!(
            "{name}: {SERIES} series of {DAYS} days {past:.2?}, one day more {day:.2?}, {alarms} alarms"
        );
    }
}

/// A day of about `mean` voices of constant polarity.
fn voices(rng: &mut SmallRng, mean: f64) -> DayVoices {
    let total = (mean * (0.5 + rng.random::<f64>())).round() as u32;
    let mut counts = [0u32; 3];
    for _ in 0..total {
        let at: f64 = rng.random();
        counts[if at < 0.4 { 0 } else { 1 + usize::from(at >= 0.65) }] += 1;
    }
    let [positive, negative, neutral] = counts;
    DayVoices { positive, negative, neutral, score_sum: f64::from(positive) - f64::from(negative) }
}
