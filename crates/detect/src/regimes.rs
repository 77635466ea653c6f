//! A long trend line divided into regimes: stretches of time with one level each, for looking back.
//!
//! Optimal partitioning (Jackson and others 2005; its pruned form is PELT, Killick and others 2012): among all divisions, the one with the least weighted squares around the means
//! of its regimes plus a penalty for each regime. A point of `d` days weighs as one over the variance of its mean, `1/n + ρ/d`, so that a busy one counts more, but not as much more as its voices. The noise is taken
//! from the differences of successive points, by their median, so that neither steps nor odd days inflate it. It looks at all points at once and one to come may move a border:
//! this explains a past, and raises no alarms. Three years of days are half a million steps, so nothing is pruned.
//!
//! Written here because the kept crates (`changepoint`, `augurs-changepoint`) do Bayesian online detection of unweighted values and bring a stack of distributions with them.

use corpus::{DailySeries, Day, DayVoices};

use crate::describe::USUAL_CORRELATION;

/// A regime has points of so many days or more, and two of them: what is shorter is an event.
const DAYS_MIN: i32 = 14;
const POINTS_MIN: usize = 2;
/// Penalty of a border, in logarithms of the number of points: one for the level and two for the place, as the modified BIC has it (Zhang and Siegmund 2007) for regimes of like length.
const PENALTY_LOGS: f64 = 3.0;
/// Median of a squared normal deviate.
const MEDIAN_SQUARE: f64 = 0.4549;
/// The median of so many differences tells the noise; of fewer it may be far too small by chance, and that of a voice of mixed polarity is the least.
const DIFFERENCES_MIN: usize = 28;

/// What was said in a day, a week or a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendPoint {
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// Mean polarity, in [-1, 1].
    pub mean: f64,
    /// Voices, at least one.
    pub voices: u32,
}

impl TrendPoint {
    /// The days of a series on which somebody spoke.
    pub fn days_of(series: &DailySeries) -> Vec<Self> {
        let point = |(day, voices): (i32, &Option<DayVoices>)| {
            let voices = voices.as_ref().filter(|voices| voices.total() > 0)?;
            let (total, day) = (voices.total(), Day(day));
            let mean = voices.score_sum / f64::from(total);
            Some(Self { first: day, last: day, mean, voices: total })
        };
        (series.start.0..).zip(&series.days).filter_map(point).collect()
    }

    fn days(&self) -> i32 {
        self.last.0 - self.first.0 + 1
    }

    fn weight(&self) -> f64 {
        1.0 / (1.0 / f64::from(self.voices) + USUAL_CORRELATION / f64::from(self.days()))
    }
}

/// A stretch of time with one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regime {
    /// Its first day: that of its first point.
    pub first: Day,
    /// Its last day: the one before the next regime, or that of the last point.
    pub last: Day,
    /// Mean polarity in it, in [-1, 1].
    pub mean: f64,
    /// Voices in it.
    pub voices: u32,
}

/// Sums over the points before one.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    days: i32,
    weight: f64,
    mean: f64,
    square: f64,
}

/// The regimes of points in the order of their days, without gaps: none without a point, and one when nothing changed.
pub fn regimes(points: &[TrendPoint]) -> Vec<Regime> {
    let borders = best_borders(points);
    let ends = borders.iter().skip(1).copied().chain([points.len()]);
    let regimes = borders.iter().zip(ends).filter(|(start, end)| *start < end);
    regimes.map(|(start, end)| Regime::of(points, *start, end)).collect()
}

impl Regime {
    fn of(points: &[TrendPoint], start: usize, end: usize) -> Self {
        let (inside, next) = (&points[start..end], points.get(end));
        let weight: f64 = inside.iter().map(TrendPoint::weight).sum();
        let sum: f64 = inside.iter().map(|point| point.weight() * point.mean).sum();
        Self {
            first: inside[0].first,
            last: next.map_or(inside[inside.len() - 1].last, |next| next.first.plus(-1)),
            mean: sum / weight,
            voices: inside.iter().map(|point| point.voices).sum(),
        }
    }
}

/// The first point of each regime in the division that costs least.
fn best_borders(points: &[TrendPoint]) -> Vec<usize> {
    let noise = noise(points);
    let penalty = PENALTY_LOGS * (points.len().max(2) as f64).ln();
    let mut sums = vec![Sums::default()];
    for (index, point) in points.iter().enumerate() {
        sums.push(sums[index].plus(point));
    }
    // By number of points: the least cost of dividing them, and where the last regime of that division starts.
    let mut best = vec![(0.0, 0)];
    for end in 1..=points.len() {
        let is_long = |from: usize, until: usize| {
            until - from >= POINTS_MIN && sums[until].days - sums[from].days >= DAYS_MIN
        };
        let starts = (1..end).filter(|start| is_long(0, *start) && is_long(*start, end)).chain([0]);
        let costs = starts.map(|start| {
            let border = if start == 0 { 0.0 } else { best[start].0 + penalty };
            (border + sums[end].squares_since(&sums[start]) / noise, start)
        });
        best.push(
            costs
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .expect("a regime can start at the first point"),
        );
    }
    let mut borders = Vec::new();
    let mut end = points.len();
    while end > 0 {
        end = best[end].1;
        borders.push(end);
    }
    borders.reverse();
    borders
}

/// Variance of one voice as successive points show it, and where they are few not below that of a voice of mixed polarity.
fn noise(points: &[TrendPoint]) -> f64 {
    let mut squares: Vec<f64> = points
        .windows(2)
        .map(|pair| {
            let variance = 1.0 / pair[0].weight() + 1.0 / pair[1].weight();
            (pair[1].mean - pair[0].mean).powi(2) / variance
        })
        .collect();
    let least = if squares.len() < DIFFERENCES_MIN { 1.0 } else { 0.01 };
    if squares.is_empty() {
        return least;
    }
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    (*median / MEDIAN_SQUARE).max(least)
}

impl Sums {
    fn plus(&self, point: &TrendPoint) -> Self {
        let weight = point.weight();
        Self {
            days: self.days + point.days(),
            weight: self.weight + weight,
            mean: self.mean + weight * point.mean,
            square: self.square + weight * point.mean * point.mean,
        }
    }

    /// Weighted squares around the mean of the points since `start`.
    fn squares_since(&self, start: &Self) -> f64 {
        let (weight, mean) = (self.weight - start.weight, self.mean - start.mean);
        (self.square - start.square - mean * mean / weight).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use corpus::SeriesKey;
    use proptest::prelude::*;

    use super::*;

    fn line(days: &[Option<(u32, f64)>]) -> Vec<TrendPoint> {
        let of = |(voices, mean): (u32, f64)| DayVoices {
            neutral: voices,
            score_sum: mean * f64::from(voices),
            ..DayVoices::default()
        };
        let days = days.iter().map(|day| day.map(of)).collect();
        TrendPoint::days_of(&DailySeries { key: SeriesKey::default(), start: Day(19_000), days })
    }

    #[test]
    fn levels_of_a_line_without_noise_are_found_to_the_day() {
        let level = |day: usize| if (40..70).contains(&day) { -0.2 } else { 0.3 };
        let of_day = |day: usize| (!(20..25).contains(&day)).then(|| (50, level(day)));
        let found = regimes(&line(&(0..120).map(of_day).collect::<Vec<_>>()));
        let shown: Vec<(i32, i32, u32)> = found
            .iter()
            .map(|regime| (regime.first.0 - 19_000, regime.last.0 - 19_000, regime.voices))
            .collect();
        assert_eq!(shown, [(0, 39, 1750), (40, 69, 1500), (70, 119, 2500)]);
        assert!((found[1].mean + 0.2).abs() < 1e-9);
    }

    #[test]
    fn silence_has_no_regime_and_none_is_shorter_than_two_weeks() {
        assert_eq!(regimes(&line(&[None, Some((0, 0.0))])), []);
        let event = |day: usize| Some((50, if (50..55).contains(&day) { -0.5 } else { 0.3 }));
        let found = regimes(&line(&(0..100).map(event).collect::<Vec<_>>()));
        let days: Vec<i32> =
            found.iter().map(|regime| regime.last.0 - regime.first.0 + 1).collect();
        assert!(days.iter().all(|days| *days >= DAYS_MIN), "{days:?}");
    }

    proptest! {
        #[test]
        fn regimes_follow_each_other_without_a_gap_and_hold_all_voices(
            days in prop::collection::vec(prop::option::of((0u32..80, -1.0f64..=1.0)), 0..120),
        ) {
            let points = line(&days);
            let found = regimes(&points);
            for pair in found.windows(2) {
                prop_assert_eq!(pair[0].last.plus(1), pair[1].first);
            }
            let voices: u32 = points.iter().map(|point| point.voices).sum();
            prop_assert_eq!(found.iter().map(|regime| regime.voices).sum::<u32>(), voices);
        }

        #[test]
        fn no_other_division_costs_less(
            days in prop::collection::vec((1u32..80, -1.0f64..=1.0), 30..90), cuts in prop::collection::btree_set(1usize..90, 0..3),
        ) {
            let points = line(&days.into_iter().map(Some).collect::<Vec<_>>());
            let cost = |borders: &[usize]| {
                let ends = borders.iter().skip(1).copied().chain([points.len()]);
                let of_regimes: f64 = borders
                    .iter()
                    .zip(ends)
                    .map(|(start, end)| {
                        let mean = Regime::of(&points, *start, end).mean;
                        points[*start..end].iter().map(|point| point.weight() * (point.mean - mean).powi(2)).sum::<f64>()
                    })
                    .sum();
                of_regimes / noise(&points) + (borders.len() - 1) as f64 * PENALTY_LOGS * (points.len() as f64).ln()
            };
            let other: Vec<usize> = [0].into_iter().chain(cuts).collect();
            let ends = other.iter().skip(1).copied().chain([points.len()]);
            prop_assume!(other.iter().zip(ends).all(|(start, end)| end >= start + DAYS_MIN as usize));
            prop_assert!(cost(&best_borders(&points)) <= cost(&other) + 1e-6);
        }
    }
}
