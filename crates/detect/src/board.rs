//! All series at once: one budget of false alarms, each shift reported once, and what could not have been seen.

use std::sync::Arc;

use corpus::{DailySeries, Day, DayVoices, SeriesKey, Shift};
use rayon::prelude::*;

use crate::calendar::WorkCalendar;
use crate::contributions::{Contribution, Parts, UnitNesting};
use crate::describe::{USUAL_CORRELATION, describe, level_start};
use crate::reports::{Candidate, Reports, is_near};
use crate::sensitivity::minimum_detectable_effect;
use crate::shift::{Alarm, Detector, Settings, detect_with};

/// A series is looked at from the day after it has had so many voices: before, it could not have shown any shift, and would only take from the budget.
const VOICES_MIN: u32 = 60;

/// What is known of an organization beside its series.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surroundings {
    /// Days of rest.
    pub calendar: Arc<WorkCalendar>,
    /// Units in units.
    pub nesting: UnitNesting,
}

/// What was found on all series together.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// In the order of their alarms.
    pub shifts: Vec<BoardShift>,
    /// Alarms behind which the parts of a series did not change, only how much each of them was heard. They count as found, since the series did change, and are no shifts.
    pub changed_mixes: Vec<BoardShift>,
    /// For each series looked at, the change for the worse of the mean polarity, in [0, 1], that would more often than not have been seen within 14 days at its present volume. `None`:
    /// not even a change of 1 would.
    pub minimum_detectable_effects: Vec<(SeriesKey, Option<f64>)>,
    /// Series that share the budget on the last day. The others had too few voices.
    pub series_looked_at: usize,
    /// Expected false alarms a year of all of them together, as promised.
    pub false_alarms_per_year: f64,
}

/// A shift at the grain that explains it best.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardShift {
    /// The shift.
    pub shift: Shift,
    /// Log likelihood ratio of the shift on the day of its alarm.
    pub evidence: f64,
    /// Other series with some of its documents that raised an alarm for the same shift. Those that raise theirs later are added when they do; nothing else of a shift changes
    /// after its day.
    pub also_visible_in: Vec<SeriesKey>,
    /// What the parts of the series did, strongest first, with the effect of a changed mix apart. Empty for a series without parts.
    pub contributions: Vec<Contribution>,
}

/// Looks at all series with one budget: on each day, every series that has had enough voices by then gets an equal part of `settings.board_false_alarms_per_year`, and since
/// expectations add up, the promise holds for the whole board however the series depend on each other. Parts only become smaller as series join, so what a series saved up when its part
/// was larger is worth less later, never more.
///
/// Series that share documents (all, source, unit, topic, unit and topic) see the same shift. It is reported once, where it is explained best on that day: a shift of one topic in
/// one unit is diluted above and beside, a shift of everything has the most voices at the top. What only a changed mix of parts explains is kept apart.
/// Whatever is said of a day depends on that day and earlier ones: the alarms on a truncated board are the first of those on the whole one. Series are looked at side by side; the result
/// does not depend on how. `surroundings` tell which days people rest and which units hold others.
pub fn detect_board(
    series: &[DailySeries],
    settings: &Settings,
    surroundings: &Surroundings,
) -> Board {
    let calendar = &surroundings.calendar;
    let budget = Budget::new(series, settings.board_false_alarms_per_year);
    let (watched, minimum_detectable_effects): (Vec<Watched<'_>>, Vec<_>) = series
        .par_iter()
        .filter_map(|series| Watched::new(series, settings, calendar, &budget))
        .map(|(watched, detector)| {
            let seen = minimum_detectable_effect(&detector, watched.series);
            let key = watched.series.key.clone();
            (watched, (key, seen))
        })
        .unzip();
    let parts = Parts::new(series, &surroundings.nesting);
    let mut reports = Reports::new(&watched, &parts);
    let mut alarms: Vec<Candidate> = watched.iter().flat_map(Watched::alarms).collect();
    alarms.sort_by(|a, b| a.shift.alarm.cmp(&b.shift.alarm).then_with(|| a.strongest_first(b)));
    for alarm in alarms {
        reports.add(alarm);
    }
    let (shifts, changed_mixes) = reports.into_parts();
    Board {
        shifts,
        changed_mixes,
        minimum_detectable_effects,
        series_looked_at: watched.len(),
        false_alarms_per_year: settings.board_false_alarms_per_year,
    }
}

/// The false alarms of a year, divided between the series that are looked at on a day.
pub(crate) struct Budget {
    per_year: f64,
    /// Days from which the series are looked at, in order.
    joined: Vec<Day>,
}

impl Budget {
    fn new(series: &[DailySeries], per_year: f64) -> Self {
        let mut joined: Vec<Day> = series.iter().filter_map(looked_at_from).collect();
        joined.sort_unstable();
        Self { per_year, joined }
    }

    /// What one series may spend on a day, by year.
    fn of_one(&self, day: Day) -> f64 {
        self.per_year / self.joined.partition_point(|joined| *joined <= day).max(1) as f64
    }
}

/// A series that is looked at, and all its alarms.
pub(crate) struct Watched<'a> {
    pub(crate) series: &'a DailySeries,
    /// The first day on which it can raise an alarm.
    from: Day,
    shifts: Vec<Shift>,
    settings: &'a Settings,
    calendar: &'a Arc<WorkCalendar>,
    budget: &'a Budget,
}

impl<'a> Watched<'a> {
    /// Watches a series to its end, and gives the detector as it is then. `None` when it has too few voices.
    fn new(
        series: &'a DailySeries,
        settings: &'a Settings,
        calendar: &'a Arc<WorkCalendar>,
        budget: &'a Budget,
    ) -> Option<(Self, Detector)> {
        let from = looked_at_from(series)?;
        let mut watched = Self { series, from, shifts: Vec::new(), settings, calendar, budget };
        let (detector, shifts) = watched.until(series.start.plus(series.days.len() as i32));
        watched.shifts = shifts;
        Some((watched, detector))
    }

    /// What a detector is and has found before the day `end`.
    fn until(&self, end: Day) -> (Detector, Vec<Shift>) {
        let mut detector = Detector::in_calendar(self.settings, Arc::clone(self.calendar));
        let rate = |day| if self.from <= day { self.budget.of_one(day) } else { 0.0 };
        let shifts = detect_with(&mut detector, self.series, end, Some(&rate));
        (detector, shifts)
    }

    fn alarms(&self) -> impl Iterator<Item = Candidate> {
        let earlier = std::iter::once(None).chain(self.shifts.iter().map(Some));
        self.shifts.iter().zip(earlier).map(|(shift, earlier)| {
            let since = level_start(self.series, earlier);
            Candidate::new(self.series, since, shift.clone())
        })
    }

    /// How a shift for which another series raised an alarm looks in this one on that day; `None` when nobody looks at it yet.
    pub(crate) fn shift_seen(&self, alarm: &Shift) -> Option<Candidate> {
        (self.from <= alarm.alarm).then(|| self.seen_with(alarm, USUAL_CORRELATION))
    }

    /// The same with the correlation that this series has, which only a detector tells that has watched it until then.
    pub(crate) fn shift_described(&self, alarm: &Shift) -> Candidate {
        let (detector, _) = self.until(alarm.alarm);
        self.seen_with(alarm, detector.correlation())
    }

    fn seen_with(&self, alarm: &Shift, correlation: f64) -> Candidate {
        let mut earlier = self.shifts.iter().rev().filter(|earlier| earlier.alarm < alarm.alarm);
        // An alarm that this series has already raised for it does not begin a level that it could leave.
        let since = level_start(self.series, earlier.find(|earlier| !is_near(earlier, alarm)));
        let alarm = Alarm { day: alarm.alarm, direction: alarm.direction, correlation };
        Candidate::new(self.series, since, describe(self.series, since, &alarm))
    }
}

/// The first day before which a series has had enough voices to share the budget. Only the past counts, so a day to come never changes an alarm.
pub(crate) fn looked_at_from(series: &DailySeries) -> Option<Day> {
    let mut voices = 0;
    let days = series.days.iter().position(|day| {
        voices += day.as_ref().map_or(0, DayVoices::total);
        voices >= VOICES_MIN
    })?;
    Some(series.start.plus(days as i32 + 1))
}
