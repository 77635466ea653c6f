//! Days with far more voices than usual. Not a shift: polarity may be as ever, and the shift detectors are built not to notice.

use corpus::{DailySeries, Day, SeriesKey};

/// A burst day has at least so many times the usual voices,
const RATIO_MIN: f64 = 2.5;
/// and so many standard deviations of a count whose own rate varies by [`RATE_SPREAD`].
const DEVIATION_MIN: f64 = 4.0;
/// Usual standard deviation of a day's rate, relative to it.
const RATE_SPREAD: f64 = 0.35;
/// Observed days before a burst can be told.
const WARM_UP_DAYS: u32 = 14;
/// Share of the way that the usual level follows a day, and that a weekday's factor does.
const LEVEL_RATE: f64 = 0.08;
const WEEKDAY_RATE: f64 = 0.15;

/// Consecutive days with far more voices than usual.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeBurst {
    /// The series.
    pub key: SeriesKey,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Voices in it.
    pub voices: u32,
    /// Voices that were to be expected.
    pub expected: f64,
}

/// All bursts of a series, in order. Each day is compared with the days before it, by weekday.
pub fn volume_bursts(series: &DailySeries) -> Vec<VolumeBurst> {
    let mut bursts: Vec<VolumeBurst> = Vec::new();
    let (mut level, mut weekdays, mut observed) = (None::<f64>, [0.0f64; 7], 0);
    for (index, voices) in series.days.iter().enumerate() {
        let Some(voices) = voices else { continue };
        let day = series.start.plus(index as i32);
        let weekday = &mut weekdays[day.weekday() as usize];
        let seen = f64::from(voices.total());
        let log_seen = seen.ln_1p();
        let Some(usual) = level else {
            level = Some(log_seen);
            continue;
        };
        let expected = (usual + *weekday).exp_m1().max(0.5);
        let spread = (expected + (RATE_SPREAD * expected).powi(2)).sqrt();
        if observed >= WARM_UP_DAYS
            && seen >= RATIO_MIN * expected
            && seen - expected >= DEVIATION_MIN * spread
        {
            match bursts.last_mut().filter(|burst| burst.last.plus(1) == day) {
                Some(burst) => {
                    burst.last = day;
                    burst.voices += voices.total();
                    burst.expected += expected;
                }
                None => bursts.push(VolumeBurst {
                    key: series.key.clone(),
                    first: day,
                    last: day,
                    voices: voices.total(),
                    expected,
                }),
            }
        }
        // A burst teaches little: its step is cut to what an ordinary day could be off.
        let residual = (log_seen - usual - *weekday).clamp(-0.7, 0.7);
        level = Some(usual + LEVEL_RATE * residual);
        *weekday += WEEKDAY_RATE * residual;
        observed += 1;
    }
    bursts
}

#[cfg(test)]
mod tests {
    use super::*;
    use corpus::DayVoices;

    #[test]
    fn a_burst_is_told_from_weekends_and_chance() {
        let volumes = (0..200).map(|day: u32| match day {
            120..=122 => 160,
            _ if day % 7 >= 5 => 20 + day % 3,
            _ => 40 + (day * 7) % 11,
        });
        let days =
            volumes.map(|neutral| Some(DayVoices { neutral, ..DayVoices::default() })).collect();
        let bursts =
            volume_bursts(&DailySeries { key: SeriesKey::default(), start: Day(19_000), days });
        assert_eq!(bursts.len(), 1, "{bursts:?}");
        assert_eq!(
            (bursts[0].first, bursts[0].last, bursts[0].voices),
            (Day(19_120), Day(19_122), 480)
        );
    }
}
