//! One series, one detector: days in, shifts out.

use corpus::{DailySeries, Day, DayVoices, Direction, Shift};

use crate::baseline::{Baseline, Noise};
use crate::calibrated::{Calibrated, Tuning};
use crate::describe::describe;
use crate::dispersion::Dispersion;
use crate::guaranteed::Guaranteed;

/// What a detector promises.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Mode {
    /// Calibrated by simulation to about 0.4 false alarms per series and year, over volumes of 3 to 500 voices a day, correlation inside a day up to 0.03, bursts, copies,
    /// outages, weekday patterns and slow wander. The faster of the two; its rate is measured, not proven.
    #[default]
    Calibrated,
    /// The mean time between false alarms is proven, whatever the voices of a day have to do with each other, as long as the expected polarity stays within a
    /// small margin of a constant.
    Guaranteed {
        /// At most so many, on average, per series and 365 days with voices.
        false_alarms_per_year: f64,
    },
}

/// What a detector is told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Settings {
    /// Which promise.
    pub mode: Mode,
}

/// The day on which the evidence for a shift reached the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarm {
    /// The last day looked at.
    pub day: Day,
    /// The side to which polarity moved.
    pub direction: Direction,
    /// Correlation of voices inside a day, as estimated from the days before: what intervals need.
    pub correlation: f64,
}

/// Watches one series, a day at a time. Clone it to try a day without committing to it.
#[derive(Debug, Clone)]
pub struct Detector(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Calibrated(Box<Calibrated>),
    Guaranteed { bets: Box<Guaranteed>, baseline: Box<Baseline>, dispersion: Dispersion },
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new(settings: &Settings) -> Self {
        Self(match settings.mode {
            Mode::Calibrated => Kind::Calibrated(Box::new(Calibrated::new(Tuning::default()))),
            Mode::Guaranteed { false_alarms_per_year } => Kind::Guaranteed {
                bets: Box::new(Guaranteed::new(false_alarms_per_year)),
                baseline: Box::new(Baseline::new(Noise::default())),
                dispersion: Dispersion::new(),
            },
        })
    }

    /// Takes the next day. Days come in order and none is left out: a day without data is `None`, and neither it nor a day without voices is evidence.
    /// After an alarm the detector goes on from the new level.
    pub fn observe(&mut self, day: Day, voices: Option<DayVoices>) -> Option<Alarm> {
        let voices = voices.unwrap_or_default();
        let counts = [voices.positive, voices.negative, voices.neutral].map(f64::from);
        let total = f64::from(voices.total());
        let weekday = day.weekday() as usize;
        match &mut self.0 {
            Kind::Calibrated(detector) => {
                let direction = detector.observe(weekday, counts)?;
                Some(Alarm { day, direction, correlation: detector.correlation(total) })
            }
            Kind::Guaranteed { bets, baseline, dispersion } => {
                baseline.pass_day();
                if total == 0.0 {
                    return None;
                }
                let surprise = baseline.compare(weekday, counts, dispersion);
                let direction = bets.observe(total, voices.score_sum / total, dispersion);
                dispersion.learn(&surprise, total);
                baseline.learn(&surprise);
                Some(Alarm {
                    day,
                    direction: direction?,
                    correlation: dispersion.correlation(total),
                })
            }
        }
    }
}

/// All shifts of a series, in the order of their alarms. The shifts of a truncated series are the first of those of the whole one.
pub fn detect(series: &DailySeries, settings: &Settings) -> Vec<Shift> {
    let mut detector = Detector::new(settings);
    let mut shifts: Vec<Shift> = Vec::new();
    for (index, voices) in series.days.iter().enumerate() {
        let day = series.start.plus(index as i32);
        if let Some(alarm) = detector.observe(day, *voices) {
            let since = shifts.last().map_or(series.start, |shift| shift.began_likely);
            shifts.push(describe(series, since, &alarm));
        }
    }
    shifts
}
