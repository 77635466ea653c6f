//! What detection reads and gives.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Day, SourceId, TopicId, UnitId};

/// Which documents a series counts; `None` is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesKey {
    /// One source.
    pub source: Option<SourceId>,
    /// One unit.
    pub unit: Option<UnitId>,
    /// One topic.
    pub topic: Option<TopicId>,
}

impl SeriesKey {
    /// How many of source, unit and topic are named: 0 for all documents, 3 at most.
    pub fn named(&self) -> usize {
        let Self { source, unit, topic } = self;
        usize::from(source.is_some()) + usize::from(unit.is_some()) + usize::from(topic.is_some())
    }
}

/// `采油一厂 · 食堂`, or `全部` for all documents.
impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.unit.as_ref().map(UnitId::as_str),
            self.source.as_ref().map(SourceId::as_str),
            self.topic.as_ref().map(TopicId::as_str),
        ];
        let named: Vec<&str> = parts.into_iter().flatten().collect();
        if named.is_empty() { f.write_str("全部") } else { f.write_str(&named.join(" · ")) }
    }
}

/// Voices of one day by the direction of their mean polarity, one contributor one voice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct DayVoices {
    /// Voices with a positive mean.
    pub positive: u32,
    /// Voices with a negative mean.
    pub negative: u32,
    /// Voices in between.
    pub neutral: u32,
    /// Sum over voices of their mean polarity score in [-1, 1].
    pub score_sum: f64,
}

impl DayVoices {
    /// All voices of the day.
    pub fn total(&self) -> u32 {
        self.positive + self.negative + self.neutral
    }
}

/// One series by day, without gaps: `None` is a day without data from any source of the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DailySeries {
    /// What is counted.
    pub key: SeriesKey,
    /// Day of the first entry.
    pub start: Day,
    /// One entry a day.
    pub days: Vec<Option<DayVoices>>,
}

/// The side to which polarity moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Worse: more negative voices, or fewer positive.
    #[serde(rename = "neg")]
    Worse,
    /// Better.
    #[serde(rename = "pos")]
    Better,
}

/// An accepted change of polarity in one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// The series that changed.
    pub key: SeriesKey,
    /// To which side.
    pub direction: Direction,
    /// Day on which the evidence reached the threshold.
    pub alarm: Day,
    /// First and last day on which it may have begun, most likely day between them.
    pub began: (Day, Day),
    /// Most likely day on which it began.
    pub began_likely: Day,
    /// Change of the mean polarity, in [-2, 2].
    pub effect: f64,
    /// Interval for the effect.
    pub effect_interval: (f64, f64),
    /// Voices counted before and since it began.
    pub voices: (u32, u32),
    /// Mean polarity before and since, in [-1, 1].
    pub mean: (f64, f64),
}

/// How a topic that comes up relates to the past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmergingKind {
    /// Hardly there before.
    #[default]
    New,
    /// There before, and denser now.
    Growing,
    /// There before, silent for four weeks, there again.
    Returning,
}
