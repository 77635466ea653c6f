//! Shifts of polarity and emerging topics, with a promise about false alarms.
//!
//! Two halves that meet in [`corpus::DailySeries`]:
//! - *SQL* ([`daily_series`], [`monthly_cells`]) turns the document table into voices by day and month. It is written against table names, so it does not
//!   know whether the files are local or on a cluster.
//! - *Statistics* ([`Detector`], [`detect`], [`detect_board`], [`emerging_topics`]) read series only. They do no I/O, own no clock and no randomness; the same
//!   series gives the same alarms, and an alarm of a day depends on that day and earlier ones only. [`Surroundings`] is what they are told of the organization:
//!   days of rest, units in units. [`regimes`] looks back on a whole line and raises no alarm.
//!
//! What is found here has not passed the disclosure guard: publishing it is `privacy`'s decision.

mod backtest;
mod baseline;
mod benchmark;
mod board;
mod calendar;
mod calibrated;
mod cells;
mod contributions;
mod describe;
mod dispersion;
mod emerging;
mod error;
mod guaranteed;
mod normal;
mod regimes;
mod related;
mod reports;
mod sensitivity;
mod series;
mod shift;
mod steps;
mod voices;
mod watch;

pub use backtest::{Backtest, EventOutcome, MarkedEvent, Rule, RuleError};
pub use benchmark::{NamedSeries, read_series, write_predictions};
pub use board::{Board, BoardShift, Surroundings, detect_board};
pub use calendar::{DayKind, WorkCalendar};
pub use cells::{CellCounts, monthly_cells};
pub use contributions::{Contribution, UnitNesting};
pub use emerging::{EmergingInput, EmergingSettings, EmergingTopic, TopicWatch, emerging_topics};
pub use error::Error;
pub use regimes::{Regime, TrendPoint, regimes};
pub use sensitivity::DETECTION_DAYS;
pub use series::daily_series;
pub use shift::{Alarm, Detector, Mode, Settings, detect};
pub use voices::Grain;
