//! Series with known truth: day volumes spread like a gamma mixture of Poisson counts, shares of the day drawn from a Dirichlet distribution.

use corpus::{DailySeries, Day, DayVoices, SeriesKey};
use detect::{DayKind, WorkCalendar};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// One kind of series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    pub(crate) days: usize,
    pub(crate) voices_mean: f64,
    /// Positive, negative, neutral.
    pub(crate) shares: [f64; 3],
    /// Correlation inside a day.
    pub(crate) correlation: f64,
    /// Factor of the volume in bursts of four days, about four a year, and the correlation in them.
    pub(crate) burst: (f64, f64),
    /// Day and size of a step of the negative share, two thirds of it from the positive.
    pub(crate) step: Option<(usize, f64)>,
}

pub(crate) const PLAIN: World = World {
    days: 365,
    voices_mean: 60.0,
    shares: [0.4, 0.25, 0.35],
    correlation: 0.01,
    burst: (1.0, 0.01),
    step: None,
};

pub(crate) fn series(world: &World, seed: u64) -> DailySeries {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut burst_days = 0;
    let days = (0..world.days)
        .map(|day| {
            burst_days = if rng.random::<f64>() < 4.0 / 365.0 {
                4
            } else {
                burst_days - i32::from(burst_days > 0)
            };
            let (factor, correlation) =
                if burst_days > 0 { world.burst } else { (1.0, world.correlation) };
            let weekend = if day % 7 >= 5 { 0.6 } else { 1.0 };
            let spread = gamma(&mut rng, 10.0) / 10.0;
            let voices = poisson(&mut rng, world.voices_mean * factor * weekend * spread);
            let moved = world.step.filter(|(from, _)| day >= *from).map_or(0.0, |(_, size)| size);
            let [positive, negative, neutral] = world.shares;
            let shares = [positive - moved * 2.0 / 3.0, negative + moved, neutral - moved / 3.0];
            Some(voices_of(&mut rng, voices, shares, correlation))
        })
        .collect();
    DailySeries { key: SeriesKey::default(), start: Day(19_000), days }
}

/// A series that steps on day 200 and is back after so many days.
pub(crate) fn dip(world: &World, seed: u64, days: usize) -> DailySeries {
    let mut dipped = series(world, seed);
    let plain = series(&World { step: None, ..*world }, seed + 10_000);
    for day in 200 + days..world.days {
        dipped.days[day] = plain.days[day];
    }
    dipped
}

/// A series whose negative share is higher by `more` on days of rest.
pub(crate) fn unlike_at_rest(world: &World, seed: u64, more: f64) -> DailySeries {
    let mut mixed = series(world, seed);
    let [positive, negative, neutral] = world.shares;
    let shares = [positive - more * 2.0 / 3.0, negative + more, neutral - more / 3.0];
    let at_rest = series(&World { shares, ..*world }, seed + 20_000);
    let calendar = WorkCalendar::default();
    for (index, day) in mixed.days.iter_mut().enumerate() {
        if calendar.kind(mixed.start.plus(index as i32)) == DayKind::RestDay {
            *day = at_rest.days[index];
        }
    }
    mixed
}

fn voices_of(rng: &mut SmallRng, voices: u32, shares: [f64; 3], correlation: f64) -> DayVoices {
    let drawn = if correlation > 0.0 {
        let weights = shares.map(|share| gamma(rng, share * (1.0 - correlation) / correlation));
        let total: f64 = weights.iter().sum();
        weights.map(|weight| weight / total)
    } else {
        shares
    };
    let mut counts = [0u32; 3];
    for _ in 0..voices {
        let at: f64 = rng.random();
        counts[if at < drawn[0] { 0 } else { 1 + usize::from(at >= drawn[0] + drawn[1]) }] += 1;
    }
    let [positive, negative, neutral] = counts;
    DayVoices { positive, negative, neutral, score_sum: f64::from(positive) - f64::from(negative) }
}

fn normal(rng: &mut SmallRng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

/// Marsaglia and Tsang 2000.
fn gamma(rng: &mut SmallRng, shape: f64) -> f64 {
    if shape < 1.0 {
        return gamma(rng, shape + 1.0) * rng.random::<f64>().powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let x = normal(rng);
        let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
        if v > 0.0 && (1.0 - rng.random::<f64>()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

fn poisson(rng: &mut SmallRng, mean: f64) -> u32 {
    if mean > 50.0 {
        return (mean + mean.sqrt() * normal(rng)).round().max(0.0) as u32;
    }
    let limit = (-mean).exp();
    let (mut count, mut product) = (0, rng.random::<f64>());
    while product > limit {
        count += 1;
        product *= rng.random::<f64>();
    }
    count
}
