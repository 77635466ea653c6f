//! What moved a series: its parts, or only how much each part was heard.
//!
//! The mean polarity of a whole is the sum over parts of share times mean. Its change divides without a rest into what the parts did themselves (mean change at the
//! average share) and what a changed mix did (share change at the average mean), as Kitagawa 1955 does for rates. When a quiet, satisfied source
//! falls silent, the whole looks worse and nobody has changed their mind: such a change is no shift.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use corpus::{DailySeries, Day, SeriesKey, Shift, UnitId};

/// Days before the onset that are compared with the days since.
const BEFORE_DAYS: i32 = 60;

/// What one part of a series did to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The part.
    pub key: SeriesKey,
    /// Change of the whole because the part's own mean polarity changed.
    pub own: f64,
    /// Change of the whole because the part was heard more or less.
    pub mix: f64,
}

/// Which units hold others, whose voices are in their series too.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnitNesting {
    held: BTreeMap<UnitId, BTreeSet<UnitId>>,
}

impl UnitNesting {
    /// From pairs of a unit and one that holds it, at any distance.
    pub fn new(pairs: impl IntoIterator<Item = (UnitId, UnitId)>) -> Self {
        let mut held: BTreeMap<UnitId, BTreeSet<UnitId>> = BTreeMap::new();
        for (unit, wider) in pairs {
            held.entry(wider).or_default().insert(unit);
        }
        Self { held }
    }

    /// Whether `part` is one of the units, holding no other, into which `whole` is divided; `None` is all of them.
    ///
    /// A unit that holds others would count them twice, and hide in its own change that they were heard more or less.
    fn divides(&self, whole: Option<&UnitId>, part: &UnitId) -> bool {
        let is_inside = |whole| self.held.get(whole).is_some_and(|held| held.contains(part));
        !self.held.contains_key(part) && whole.is_none_or(is_inside)
    }
}

/// All series by key, to look up parts.
pub(crate) struct Parts<'a> {
    by_key: HashMap<&'a SeriesKey, &'a DailySeries>,
    nesting: &'a UnitNesting,
}

/// A dimension by which a series can be divided further.
#[derive(Debug, Clone, Copy)]
enum Division {
    Source,
    Unit,
    Topic,
}

/// Voices and score of a part before and since an onset.
#[derive(Debug, Clone, Copy, Default)]
struct Sides {
    voices: [f64; 2],
    score: [f64; 2],
}

impl<'a> Parts<'a> {
    pub(crate) fn new(series: &'a [DailySeries], nesting: &'a UnitNesting) -> Self {
        Self { by_key: series.iter().map(|series| (&series.key, series)).collect(), nesting }
    }

    pub(crate) fn get(&self, key: &SeriesKey) -> Option<&'a DailySeries> {
        self.by_key.get(key).copied()
    }

    /// Contributions to a shift, strongest first, under the division of its series in which the mix explains most. Empty when the series has no parts.
    ///
    /// The days before the onset are those of the level before, from `since` on; those after it end with the alarm, so that days to come change nothing.
    /// A document can have several topics, so parts by topic overlap and their sum only estimates the whole.
    pub(crate) fn contributions(&self, since: Day, shift: &Shift) -> Vec<Contribution> {
        let divided = [Division::Source, Division::Unit, Division::Topic]
            .into_iter()
            .map(|division| self.divided(since, shift, division))
            .filter(|contributions| contributions.len() > 1);
        let mix = |contributions: &[Contribution]| {
            contributions.iter().map(|part| part.mix).sum::<f64>() * shift.effect.signum()
        };
        let mut most = divided.max_by(|a, b| mix(a).total_cmp(&mix(b))).unwrap_or_default();
        most.sort_by(|a, b| {
            let size = |part: &Contribution| (part.own + part.mix) * shift.effect.signum();
            size(b).total_cmp(&size(a)).then_with(|| a.key.cmp(&b.key))
        });
        most
    }

    fn divided(&self, since: Day, shift: &Shift, division: Division) -> Vec<Contribution> {
        let parts: Vec<(&SeriesKey, Sides)> = self
            .by_key
            .values()
            .filter(|part| division.divides(&shift.key, &part.key, self.nesting))
            .map(|part| (&part.key, Sides::of(part, since, shift)))
            .collect();
        let total = parts.iter().fold(Sides::default(), |sum, (_, part)| sum.plus(part));
        if total.voices.contains(&0.0) {
            return Vec::new();
        }
        let usual = f64::midpoint(total.mean(0), total.mean(1));
        let contribution = |(key, part): (&SeriesKey, Sides)| {
            let share = [0, 1].map(|side| part.voices[side] / total.voices[side]);
            // A part heard on one side only has no change of its own.
            let mean =
                [0, 1].map(|side| part.mean(if part.voices[side] > 0.0 { side } else { 1 - side }));
            Contribution {
                key: key.clone(),
                own: f64::midpoint(share[0], share[1]) * (mean[1] - mean[0]),
                mix: (share[1] - share[0]) * (f64::midpoint(mean[0], mean[1]) - usual),
            }
        };
        parts.into_iter().filter(|(_, part)| part.voices != [0.0; 2]).map(contribution).collect()
    }
}

impl Division {
    /// Whether `part` is the part of `whole` with one value of this dimension.
    fn divides(self, whole: &SeriesKey, part: &SeriesKey, nesting: &UnitNesting) -> bool {
        let mut without = part.clone();
        let is_part = match self {
            Self::Source => without.source.take().is_some(),
            Self::Unit => {
                without.unit.clone_from(&whole.unit);
                part.unit.as_ref().is_some_and(|part| nesting.divides(whole.unit.as_ref(), part))
            }
            Self::Topic => without.topic.take().is_some(),
        };
        is_part && without == *whole
    }
}

impl Sides {
    fn of(part: &DailySeries, since: Day, shift: &Shift) -> Self {
        let Day(onset) = shift.began_likely;
        let first = (onset - BEFORE_DAYS).max(since.0);
        let mut sides = Self::default();
        for (day, voices) in (part.start.0..).zip(&part.days) {
            let Some(voices) = voices else { continue };
            let side = match day {
                day if (first..onset).contains(&day) => 0,
                day if (onset..=shift.alarm.0).contains(&day) => 1,
                _ => continue,
            };
            sides.voices[side] += f64::from(voices.total());
            sides.score[side] += voices.score_sum;
        }
        sides
    }

    fn plus(self, other: &Self) -> Self {
        let sum = |a: [f64; 2], b: [f64; 2]| [a[0] + b[0], a[1] + b[1]];
        Self { voices: sum(self.voices, other.voices), score: sum(self.score, other.score) }
    }

    fn mean(&self, side: usize) -> f64 {
        if self.voices[side] > 0.0 { self.score[side] / self.voices[side] } else { 0.0 }
    }
}

/// Whether the mix of parts explains more of a change to one side than the parts do themselves.
pub(crate) fn is_changed_mix(contributions: &[Contribution], effect: f64) -> bool {
    let to_side =
        |of: fn(&Contribution) -> f64| contributions.iter().map(of).sum::<f64>() * effect.signum();
    let (own, mix) = (to_side(|part| part.own), to_side(|part| part.mix));
    mix > 0.0 && mix > own
}
