//! What could not have been seen: the smallest change that a detector would notice in the next two weeks.

use corpus::{DailySeries, DayVoices};

use crate::shift::Detector;

/// Days in which a shift of the minimum detectable effect raises its alarm.
pub const DETECTION_DAYS: usize = 14;
/// Largest change of the mean polarity that is tried.
const EFFECT_MAX: f64 = 1.0;

/// The smallest change for the worse that raises an alarm when the next days have the voices of the last ones and exactly the shares that are to be expected.
pub(crate) fn minimum_detectable_effect(detector: &Detector, series: &DailySeries) -> Option<f64> {
    let past = &series.days[series.days.len().saturating_sub(2 * DETECTION_DAYS)..];
    let next = series.start.plus(series.days.len() as i32);
    let usual = mean_shares(past)?;
    let seen = |effect: f64| {
        let mut detector = detector.clone();
        (0..DETECTION_DAYS).any(|day| {
            let total = past
                .get(past.len().wrapping_sub(DETECTION_DAYS) + day)
                .copied()
                .flatten()
                .map_or(0.0, |voices| f64::from(voices.total()));
            detector.observe_shares(next.plus(day as i32), total, worse_by(usual, effect)).is_some()
        })
    };
    if !seen(EFFECT_MAX) {
        return None;
    }
    let (mut low, mut high) = (0.0, EFFECT_MAX);
    while high - low > 0.01 {
        let middle = f64::midpoint(low, high);
        if seen(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// Positive, negative and neutral share of some days.
fn mean_shares(days: &[Option<DayVoices>]) -> Option<[f64; 3]> {
    let mut counts = [0.0; 3];
    for voices in days.iter().flatten() {
        for (sum, count) in
            counts.iter_mut().zip([voices.positive, voices.negative, voices.neutral])
        {
            *sum += f64::from(count);
        }
    }
    let total: f64 = counts.iter().sum();
    (total > 0.0).then(|| counts.map(|count| count / total))
}

/// Shares whose mean polarity is lower by `effect`: positive voices become negative, then neutral ones do.
fn worse_by([positive, negative, neutral]: [f64; 3], effect: f64) -> [f64; 3] {
    let turned = (effect / 2.0).min(positive);
    let soured = (effect - 2.0 * turned).min(neutral);
    [positive - turned, negative + turned + soured, neutral - soured]
}
