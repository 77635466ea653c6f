//! One series, one detector: days in, shifts out.

use std::sync::Arc;

use corpus::{DailySeries, Day, DayVoices, Direction, Shift};

use crate::calendar::WorkCalendar;
use crate::calibrated::Calibrated;
use crate::describe::{describe, level_start};
use crate::guaranteed::Guaranteed;

/// False alarms a year at which [`Mode::Calibrated`] runs on a single series.
const CALIBRATED_RATE: f64 = 0.45;

/// What a detector promises.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Mode {
    /// Calibrated by simulation to about 0.45 false alarms per series and year, over volumes of 3 to 500 voices a day, correlation inside a day up to 0.03, bursts, copies,
    /// outages, weekday patterns and slow wander. The faster of the two; its rate is measured, not proven.
    #[default]
    Calibrated,
    /// The mean time between false alarms is proven, whatever the voices of a day have to do with each other, as long as the expected share of negative voices stays
    /// within 0.01 of a constant on workdays and of another one on days of rest, and that of positive voices too. Patterns between workdays and slow drift beyond that are not covered.
    Guaranteed {
        /// At most so many, on average, per series and 365 days with voices.
        false_alarms_per_year: f64,
    },
}

impl Mode {
    /// False alarms a year that a detector of one series in this mode is set to.
    pub fn false_alarms_per_series_year(self) -> f64 {
        match self {
            Self::Calibrated => CALIBRATED_RATE,
            Self::Guaranteed { false_alarms_per_year } => false_alarms_per_year,
        }
    }
}

/// What a detector is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Which promise.
    pub mode: Mode,
    /// False alarms a year over all series together, for [`crate::detect_board`], which divides it. A detector of one series does not read it.
    pub board_false_alarms_per_year: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { mode: Mode::default(), board_false_alarms_per_year: 2.0 }
    }
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
pub struct Detector {
    kind: Kind,
    calendar: Arc<WorkCalendar>,
}

#[derive(Debug, Clone)]
enum Kind {
    Calibrated(Box<Calibrated>),
    Guaranteed(Box<Guaranteed>),
}

impl Detector {
    /// A detector that has seen nothing, with the calendar of China.
    pub fn new(settings: &Settings) -> Self {
        Self::in_calendar(settings, Arc::default())
    }

    /// A detector that has seen nothing, with days of rest of one's own.
    pub fn in_calendar(settings: &Settings, calendar: Arc<WorkCalendar>) -> Self {
        let kind = match settings.mode {
            Mode::Calibrated => Kind::Calibrated(Box::new(Calibrated::new(CALIBRATED_RATE))),
            Mode::Guaranteed { false_alarms_per_year } => {
                Kind::Guaranteed(Box::new(Guaranteed::new(false_alarms_per_year)))
            }
        };
        Self { kind, calendar }
    }

    /// All shifts that a fresh detector finds in a series, as [`detect`].
    pub fn run(mut self, series: &DailySeries) -> Vec<Shift> {
        let end = series.start.plus(series.days.len() as i32);
        detect_with(&mut self, series, end, None)
    }

    /// From the next day on, spends so many false alarms a year. At zero it learns and raises none. Successive rates above zero never rise, or more would be spent than was promised.
    pub(crate) fn set_rate(&mut self, false_alarms_per_year: f64) {
        match &mut self.kind {
            Kind::Calibrated(detector) => detector.set_rate(false_alarms_per_year),
            Kind::Guaranteed(detector) => detector.set_rate(false_alarms_per_year),
        }
    }

    /// Correlation of voices inside an ordinary day, as estimated from the days so far.
    pub(crate) fn correlation(&self) -> f64 {
        match &self.kind {
            Kind::Calibrated(detector) => detector.correlation(1.0),
            Kind::Guaranteed(detector) => detector.correlation(1.0),
        }
    }

    /// Takes the next day. Days come in order and none is left out: a day without data is `None`, and neither it nor a day without voices is evidence.
    /// After an alarm the detector goes on from the new level.
    pub fn observe(&mut self, day: Day, voices: Option<DayVoices>) -> Option<Alarm> {
        let voices = voices.unwrap_or_default();
        self.observe_counts(day, [voices.positive, voices.negative, voices.neutral].map(f64::from))
    }

    /// Takes a day of `total` voices with exactly these shares (positive, negative, neutral).
    pub(crate) fn observe_shares(
        &mut self,
        day: Day,
        total: f64,
        shares: [f64; 3],
    ) -> Option<Alarm> {
        self.observe_counts(day, shares.map(|share| share * total))
    }

    fn observe_counts(&mut self, day: Day, counts: [f64; 3]) -> Option<Alarm> {
        let weekday = self.calendar.weekday_like(day);
        let direction = match &mut self.kind {
            Kind::Calibrated(detector) => detector.observe(weekday, counts)?,
            Kind::Guaranteed(detector) => detector.observe(weekday, counts)?,
        };
        Some(Alarm { day, direction, correlation: self.correlation() })
    }
}

/// All shifts of a series, in the order of their alarms. The shifts of a truncated series are the first of those of the whole one.
pub fn detect(series: &DailySeries, settings: &Settings) -> Vec<Shift> {
    Detector::new(settings).run(series)
}

/// Runs a fresh detector over the days of a series before `end` and leaves it there. `rate` are the false alarms a year that it may raise on a day.
pub(crate) fn detect_with(
    detector: &mut Detector,
    series: &DailySeries,
    end: Day,
    rate: Option<&dyn Fn(Day) -> f64>,
) -> Vec<Shift> {
    let mut shifts: Vec<Shift> = Vec::new();
    for (day, voices) in (series.start.0..end.0).map(Day).zip(&series.days) {
        if let Some(rate) = rate {
            detector.set_rate(rate(day));
        }
        if let Some(alarm) = detector.observe(day, *voices) {
            shifts.push(describe(series, level_start(series, shifts.last()), &alarm));
        }
    }
    shifts
}
