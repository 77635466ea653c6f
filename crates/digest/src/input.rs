//! What a digest is made of.

use std::collections::BTreeMap;

use corpus::{Day, Period, SeriesKey, Shift, UnitId};
use privacy::{
    AlarmContext, DetectableEffect, Disclosed, Facts, FormShare, LoweredLimit, QuotationSet,
    ReleasedTable, ReleasedTopic,
};
use serde::Serialize;

/// Everything one digest tells. What comes from documents has passed the guard; the rest is about the run.
#[derive(Debug, Clone)]
pub struct DigestInput {
    /// Whose feedback this is, for the title.
    pub organization: String,
    /// The closed period that is reported. Where it ends with its month, what is told of by month is reported with it.
    pub period: Period,
    /// Day of making; rendering has no clock.
    pub prepared: Day,
    /// Released cells of this period and of those before, which the charts show.
    pub table: Disclosed<ReleasedTable>,
    /// Those of them that may leave as a file: what CSV and JSON tell figures of.
    pub exported: Disclosed<ReleasedTable>,
    /// Accepted shifts, at the grains that the release admitted.
    pub shifts: Disclosed<Vec<Shift>>,
    /// Matters that came up in the texts themselves, of all released periods.
    pub emerging: Disclosed<Vec<ReleasedTopic>>,
    /// How much of what each source holds is mere form (套话), of all released months.
    pub form_shares: Disclosed<Vec<FormShare>>,
    /// The unit right above each unit that has one.
    pub parents: BTreeMap<UnitId, UnitId>,
    /// Alarms behind which only who was heard changed; they are told of beside the shifts.
    pub changed_mixes: Disclosed<Vec<Shift>>,
    /// What lies behind shifts and changed mixes, as far as it may be told.
    pub contexts: Disclosed<Vec<AlarmContext>>,
    /// What the detector in force would have seen.
    pub detectable: Detectable,
    /// Texts of the period as a whole, in the order in which they shall stand; of a period with alarms their own are told instead.
    pub quotations: QuotationSet,
    /// Texts behind the alarms of [`crate::alarms_of`].
    pub alarm_quotations: Vec<AlarmQuotations>,
    /// Long trend lines divided into stretches of one level each, of series with more than one.
    pub regimes: Vec<Regime>,
    /// What was read and what it ran on.
    pub facts: Facts,
    /// How shifts were looked for.
    pub method: Method,
}

/// Texts behind one alarm.
#[derive(Debug, Clone)]
pub struct AlarmQuotations {
    /// Its place in [`DigestInput::shifts`].
    pub shift: usize,
    /// Texts of the side to which it moved.
    pub quotations: QuotationSet,
}

/// A stretch of one level in the released figures of a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Regime {
    /// The series; its stretches stand together, oldest first.
    pub key: SeriesKey,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Mean polarity of its periods, each weighted by how precisely it is known.
    pub mean: f64,
    /// Voices of its periods.
    pub voices: u32,
}

/// What the detector in force would have seen when the last period was released.
#[derive(Debug, Clone)]
pub struct Detectable {
    /// By series, of those that are told of.
    pub effects: Disclosed<Vec<DetectableEffect>>,
    /// Days within which a change of that size would have raised its alarm.
    pub days: u32,
    /// The threshold: each series' part of the budget of false alarms.
    pub false_alarms_per_series_year: f64,
}

/// How shifts were looked for, and what the guard let through.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Method {
    /// Name and parameters of the detector.
    pub detector: String,
    /// What is promised about its false alarms.
    pub promise: Promise,
    /// Smallest change of the mean polarity that is reported.
    pub effect_min: f64,
    /// Series looked at.
    pub series_watched: u32,
    /// The disclosure limits in force.
    pub limits: Limits,
}

/// What is promised about false alarms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Promise {
    /// Without any change, at most so many false alarms a year over all series together.
    Guaranteed {
        /// Expected number a year.
        false_alarms_per_year: f64,
    },
    /// Set to so many a year over all series together; the rate is measured on simulated series, not proven.
    Calibrated {
        /// Expected number a year.
        false_alarms_per_year: f64,
    },
}

/// Distinct contributors that must stand behind what is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Behind any number.
    pub k_score: u32,
    /// Behind any set whose texts are quoted.
    pub k_verbatim: u32,
    /// Those that are below their defaults.
    pub lowered: Vec<LoweredLimit>,
    /// Administrators who agreed to that.
    pub agreed: Vec<String>,
}
