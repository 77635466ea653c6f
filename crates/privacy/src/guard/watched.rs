//! What is told beside the alarms: what could not have been seen, and what lies behind an alarm.
//!
//! Both come from daily voices, which no released table has, so they are told of released series only and coarsely: a change that would have been seen in steps of 0.05, the part of a change
//! that a changed mix explains in tenths, and the parts of a series by their names in order, without figures. What a part that is not released did cannot be had by subtraction then.

use corpus::{Day, Period, SeriesKey, Shift};
use serde::{Deserialize, Serialize};

use super::{Guard, cells};
use crate::Disclosed;
use crate::release::{Figures, ReleasedTable};

/// Steps in one of the effects that are told.
const STEPS: f64 = 20.0;
/// Of a multiple of a step, rounding must not make the next one.
const ROUNDING: f64 = 1e-9;
/// Parts that are named behind one alarm.
const PARTS_MAX: usize = 3;

/// The smallest change for the worse that the detector in force would have seen in a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectableEffect {
    /// The series.
    pub key: SeriesKey,
    /// Its last day, after which the change would have begun.
    pub day: Day,
    /// Change of the mean polarity, in (0, 1]; `None`: not even a change of 1 would have been seen.
    pub effect: Option<f64>,
}

/// What lies behind an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmContext {
    /// The series of the alarm.
    pub key: SeriesKey,
    /// Its day.
    pub alarm: Day,
    /// The part of the change that only a changed mix explains, who was heard more or less, in [0, 1]; `None` for a series without parts.
    pub mix_share: Option<f64>,
    /// Parts of the series that moved it to the side that it went, strongest first.
    pub moved_by: Vec<SeriesKey>,
    /// Other series with some of its documents that raised an alarm for the same change.
    pub also_visible_in: Vec<SeriesKey>,
}

impl Guard {
    /// Keeps the series that were told of exactly in every period of the last `days` days, and rounds up what would have been seen in them.
    pub fn release_detectable(
        &self,
        effects: Vec<DetectableEffect>,
        days: u32,
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<DetectableEffect>> {
        let table = table.get();
        let is_told = |effect: &DetectableEffect| {
            let first = effect.day.plus(1 - days.cast_signed());
            let is_in =
                |period: Period| period.first_day() <= effect.day && first <= period.last_day();
            let mut cells = table.series(&effect.key).iter().filter(|cell| is_in(cell.period));
            cells::is_fixed_grain(&effect.key)
                && table.tells_throughout(&effect.key, first, effect.day)
                && cells.all(|cell| matches!(cell.figures, Figures::Shown { .. }))
        };
        let rounded = |effect: DetectableEffect| DetectableEffect {
            effect: effect.effect.map(|size| (size * STEPS - ROUNDING).ceil() / STEPS),
            ..effect
        };
        Disclosed::new(effects.into_iter().filter(is_told).map(rounded).collect())
    }

    /// Lets out what lies behind alarms that were let out themselves, `told` of them by series and day: of the series named in it the strongest parts as far as all of them are told of from the month before the change
    /// began to the alarm, and the others that are told of since it began. The caller has seen to it that no other series is named as alarmed for whose alarm [`Guard::carried_by_many`] does not hold.
    pub fn release_contexts(
        &self,
        contexts: Vec<AlarmContext>,
        told: &[&Disclosed<Vec<Shift>>],
        table: &Disclosed<ReleasedTable>,
    ) -> Disclosed<Vec<AlarmContext>> {
        let table = table.get();
        let of_context = |context: &AlarmContext| -> Option<&Shift> {
            let is_its =
                |shift: &&Shift| (&shift.key, shift.alarm) == (&context.key, context.alarm);
            told.iter().flat_map(|told| told.get()).find(is_its)
        };
        let is_released = |key: &SeriesKey, began: Day, alarm: Day| {
            cells::is_fixed_grain(key) && table.tells_throughout(key, began, alarm)
        };
        let coarse = |context: AlarmContext| {
            let Shift { began_likely: began, alarm, .. } = *of_context(&context)?;
            let before = began.month().first_day().plus(-1);
            // Behind a part that is not told of, the next would pass for the strongest.
            let told = context.moved_by.iter().take_while(|key| is_released(key, before, alarm));
            let moved_by = told.take(PARTS_MAX).cloned().collect();
            let tenths = |share: f64| (share.clamp(0.0, 1.0) * 10.0).round() / 10.0;
            Some(AlarmContext {
                mix_share: context.mix_share.map(tenths),
                moved_by,
                also_visible_in: context
                    .also_visible_in
                    .into_iter()
                    .filter(|key| is_released(key, began, alarm))
                    .collect(),
                key: context.key,
                alarm: context.alarm,
            })
        };
        Disclosed::new(contexts.into_iter().filter_map(coarse).collect())
    }
}

#[cfg(test)]
mod tests {
    use corpus::Direction;

    use super::*;
    use crate::release::ReleasedCell;

    fn unit(name: &str) -> SeriesKey {
        SeriesKey { unit: Some(name.parse().unwrap()), ..SeriesKey::default() }
    }

    /// 甲 is told of in February and March, 乙 in March only, 丙 in both and in March as a range.
    fn table() -> Disclosed<ReleasedTable> {
        let shown = || Figures::Shown {
            voices: 40,
            positive_share: 0.4,
            negative_share: 0.3,
            neutral_share: 0.3,
            mean: 0.1,
            mean_interval: (0.0, 0.2),
        };
        let range = Figures::Range {
            voices: 40,
            positive_share: (0.0, 0.2),
            negative_share: (0.8, 1.0),
            neutral_share: (0.0, 0.2),
            mean: (-1.0, -0.6),
        };
        let cell = |name: &str, period: &str, figures| ReleasedCell {
            key: unit(name),
            period: period.parse().unwrap(),
            figures,
        };
        let mut cells = vec![
            cell("甲", "2026-02", shown()),
            cell("甲", "2026-03", shown()),
            cell("乙", "2026-03", shown()),
            cell("丙", "2026-02", shown()),
            cell("丙", "2026-03", range),
        ];
        cells.sort_by(|a, b| (&a.key, a.period).cmp(&(&b.key, b.period)));
        Disclosed::new(ReleasedTable { cells, ..ReleasedTable::default() })
    }

    #[test]
    fn what_could_be_seen_is_told_of_released_series_in_steps() {
        let effect = |name: &str, effect| DetectableEffect {
            key: unit(name),
            day: "2026-03-31".parse().unwrap(),
            effect,
        };
        let all = ["甲", "乙", "丙", "丁"].map(|name| effect(name, Some(0.2301)));
        let guard = Guard::default();
        let shown = guard.release_detectable(all.to_vec(), 40, &table());
        assert_eq!(shown.get(), &[effect("甲", Some(0.25))], "乙 is not told of in February");
        let month = guard.release_detectable(
            vec![effect("乙", Some(0.25)), effect("甲", None)],
            28,
            &table(),
        );
        assert_eq!(month.get(), &[effect("乙", Some(0.25)), effect("甲", None)], "a step stays");
    }

    #[test]
    fn behind_an_alarm_only_released_series_are_named() {
        let shift = Shift {
            key: unit("甲"),
            direction: Direction::Worse,
            alarm: "2026-03-20".parse().unwrap(),
            began: ("2026-03-01".parse().unwrap(), "2026-03-10".parse().unwrap()),
            began_likely: "2026-03-05".parse().unwrap(),
            effect: -0.4,
            effect_interval: (-0.6, -0.2),
            voices: (40, 40),
            mean: (0.1, -0.3),
        };
        let context = |name: &str| AlarmContext {
            key: unit(name),
            alarm: shift.alarm,
            mix_share: Some(0.338),
            moved_by: ["丙", "乙", "甲"].map(unit).to_vec(),
            also_visible_in: ["乙", "丁"].map(unit).to_vec(),
        };
        let told = Disclosed::new(vec![shift.clone()]);
        let contexts = vec![context("甲"), context("乙")];
        let shown = Guard::default().release_contexts(contexts, &[&told], &table());
        let expected = AlarmContext {
            mix_share: Some(0.3),
            moved_by: vec![unit("丙")],
            also_visible_in: vec![unit("乙")],
            ..context("甲")
        };
        assert_eq!(shown.get(), &[expected]);
    }
}
