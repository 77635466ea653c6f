//! A long trend line divided into regimes: stretches of days with one level each, for looking back.
//!
//! Optimal partitioning (Jackson and others 2005; its pruned form is PELT, Killick and others 2012): among all divisions, the one with the least weighted squares around the means
//! of its regimes plus a penalty for each regime. A day weighs as one over the variance of its mean, `1/n + ρ`, so that a busy day counts more, but not as much more as its voices. The noise is taken
//! from the differences of successive days, by their median, so that neither steps nor odd days inflate it. It looks at all days at once and a day to come may move a border:
//! this explains a past, and raises no alarms. Three years are half a million steps, so nothing is pruned.
//!
//! Written here because the kept crates (`changepoint`, `augurs-changepoint`) do Bayesian online detection of unweighted values and bring a stack of distributions with them.

use corpus::{DailySeries, Day, DayVoices};

use crate::describe::USUAL_CORRELATION;

/// A regime has at least so many days with voices: what is shorter is an event.
const DAYS_MIN: usize = 14;
/// Penalty of a border, in logarithms of the number of days: one for the level and two for the place, as the modified BIC has it (Zhang and Siegmund 2007) for regimes of like length.
const PENALTY_LOGS: f64 = 3.0;
/// Median of a squared normal deviate.
const MEDIAN_SQUARE: f64 = 0.4549;

/// A stretch of days with one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regime {
    /// Its first day: the first with voices, or the day after the regime before it.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// Mean polarity in it, in [-1, 1].
    pub mean: f64,
    /// Voices in it.
    pub voices: u32,
}

/// A day with voices.
#[derive(Debug, Clone, Copy)]
struct Point {
    day: Day,
    weight: f64,
    mean: f64,
    voices: u32,
}

/// Sums over the points before one.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    weight: f64,
    mean: f64,
    square: f64,
}

/// The regimes of a series in the order of their days, without gaps: none when nobody spoke, and one when nothing changed.
pub fn regimes(series: &DailySeries) -> Vec<Regime> {
    let points: Vec<Point> = (series.start.0..)
        .zip(&series.days)
        .filter_map(|(day, voices)| Point::of(Day(day), voices.as_ref()?))
        .collect();
    let borders = best_borders(&points);
    let ends = borders.iter().skip(1).copied().chain([points.len()]);
    let regimes = borders.iter().zip(ends).filter(|(start, end)| *start < end);
    regimes.map(|(start, end)| Regime::of(&points, *start, end)).collect()
}

impl Point {
    fn of(day: Day, voices: &DayVoices) -> Option<Self> {
        let total = f64::from(voices.total());
        (total > 0.0).then(|| Self {
            day,
            weight: 1.0 / (1.0 / total + USUAL_CORRELATION),
            mean: voices.score_sum / total,
            voices: voices.total(),
        })
    }
}

impl Regime {
    fn of(points: &[Point], start: usize, end: usize) -> Self {
        let (inside, next) = (&points[start..end], points.get(end));
        let weight: f64 = inside.iter().map(|point| point.weight).sum();
        let sum: f64 = inside.iter().map(|point| point.weight * point.mean).sum();
        Self {
            first: inside[0].day,
            last: next.map_or(inside[inside.len() - 1].day, |next| next.day.plus(-1)),
            mean: sum / weight,
            voices: inside.iter().map(|point| point.voices).sum(),
        }
    }
}

/// The first point of each regime in the division that costs least.
fn best_borders(points: &[Point]) -> Vec<usize> {
    let noise = noise(points);
    let penalty = PENALTY_LOGS * (points.len().max(2) as f64).ln();
    let mut sums = vec![Sums::default()];
    for (index, point) in points.iter().enumerate() {
        sums.push(sums[index].plus(point));
    }
    // By number of points: the least cost of dividing them, and where the last regime of that division starts.
    let mut best = vec![(0.0, 0)];
    for end in 1..=points.len() {
        let starts = (DAYS_MIN..=end.saturating_sub(DAYS_MIN)).chain([0]);
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

/// Variance of one voice as successive days show it; that of a voice of mixed polarity when there are too few of them.
fn noise(points: &[Point]) -> f64 {
    let mut squares: Vec<f64> = points
        .windows(2)
        .map(|pair| {
            let variance = 1.0 / pair[0].weight + 1.0 / pair[1].weight;
            (pair[1].mean - pair[0].mean).powi(2) / variance
        })
        .collect();
    if squares.len() < DAYS_MIN {
        return 1.0;
    }
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    (*median / MEDIAN_SQUARE).max(0.01)
}

impl Sums {
    fn plus(&self, point: &Point) -> Self {
        Self {
            weight: self.weight + point.weight,
            mean: self.mean + point.weight * point.mean,
            square: self.square + point.weight * point.mean * point.mean,
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

    fn series(days: &[Option<(u32, f64)>]) -> DailySeries {
        let of = |(voices, mean): (u32, f64)| DayVoices {
            neutral: voices,
            score_sum: mean * f64::from(voices),
            ..DayVoices::default()
        };
        let days = days.iter().map(|day| day.map(of)).collect();
        DailySeries { key: SeriesKey::default(), start: Day(19_000), days }
    }

    #[test]
    fn levels_of_a_line_without_noise_are_found_to_the_day() {
        let level = |day: usize| if (40..70).contains(&day) { -0.2 } else { 0.3 };
        let line = |day: usize| (!(20..25).contains(&day)).then(|| (50, level(day)));
        let found = regimes(&series(&(0..120).map(line).collect::<Vec<_>>()));
        let shown: Vec<(i32, i32, u32)> = found
            .iter()
            .map(|regime| (regime.first.0 - 19_000, regime.last.0 - 19_000, regime.voices))
            .collect();
        assert_eq!(shown, [(0, 39, 1750), (40, 69, 1500), (70, 119, 2500)]);
        assert!((found[1].mean + 0.2).abs() < 1e-9);
    }

    #[test]
    fn silence_has_no_regime_and_none_is_shorter_than_two_weeks() {
        assert_eq!(regimes(&series(&[None, Some((0, 0.0))])), []);
        let event = |day: usize| Some((50, if (50..55).contains(&day) { -0.5 } else { 0.3 }));
        let found = regimes(&series(&(0..100).map(event).collect::<Vec<_>>()));
        let days: Vec<i32> =
            found.iter().map(|regime| regime.last.0 - regime.first.0 + 1).collect();
        assert!(days.iter().all(|days| *days >= DAYS_MIN as i32), "{days:?}");
    }

    proptest! {
        #[test]
        fn regimes_follow_each_other_without_a_gap_and_hold_all_voices(
            days in prop::collection::vec(prop::option::of((0u32..80, -1.0f64..=1.0)), 0..120),
        ) {
            let line = series(&days);
            let found = regimes(&line);
            for pair in found.windows(2) {
                prop_assert_eq!(pair[0].last.plus(1), pair[1].first);
            }
            let voices: u32 = line.days.iter().flatten().map(DayVoices::total).sum();
            prop_assert_eq!(found.iter().map(|regime| regime.voices).sum::<u32>(), voices);
        }

        #[test]
        fn no_other_division_costs_less(
            days in prop::collection::vec((1u32..80, -1.0f64..=1.0), 30..90), cuts in prop::collection::btree_set(1usize..90, 0..3),
        ) {
            let points: Vec<Point> = series(&days.into_iter().map(Some).collect::<Vec<_>>())
                .days
                .iter()
                .zip(19_000..)
                .filter_map(|(voices, day)| Point::of(Day(day), voices.as_ref()?))
                .collect();
            let cost = |borders: &[usize]| {
                let ends = borders.iter().skip(1).copied().chain([points.len()]);
                let of_regimes: f64 = borders
                    .iter()
                    .zip(ends)
                    .map(|(start, end)| {
                        let mean = Regime::of(&points, *start, end).mean;
                        points[*start..end].iter().map(|point| point.weight * (point.mean - mean).powi(2)).sum::<f64>()
                    })
                    .sum();
                of_regimes / noise(&points) + (borders.len() - 1) as f64 * PENALTY_LOGS * (points.len() as f64).ln()
            };
            let other: Vec<usize> = [0].into_iter().chain(cuts).collect();
            let ends = other.iter().skip(1).copied().chain([points.len()]);
            prop_assume!(other.iter().zip(ends).all(|(start, end)| end >= start + DAYS_MIN));
            prop_assert!(cost(&best_borders(&points)) <= cost(&other) + 1e-6);
        }
    }
}
