//! What a digest is made of.

use corpus::{Day, Period, Shift};
use privacy::{Disclosed, Facts, FormShare, LoweredLimit, Quotation, ReleasedTable, ReleasedTopic};
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
    /// Texts to quote, in the order in which they shall stand.
    pub quotations: Disclosed<Vec<Quotation>>,
    /// Texts to quote in files.
    pub exported_quotations: Disclosed<Vec<Quotation>>,
    /// What was read and what it ran on.
    pub facts: Facts,
    /// Documents that came after their period had closed; they count in the next open one. `None` when nobody counted them.
    pub late_documents: Option<u64>,
    /// How shifts were looked for.
    pub method: Method,
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
    /// Tuned on streams with known changes; no run length is claimed.
    Calibrated,
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
