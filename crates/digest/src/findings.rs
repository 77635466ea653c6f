//! The sentences of the summary. Each is figures and names joined by fixed words.

use std::collections::BTreeSet;

use corpus::{Direction, EmergingKind, Period, SeriesKey, Shift, TopicId};
use privacy::{ReleasedTable, ReleasedTopic};
use serde::Serialize;

use crate::evidence::{Evidence, voices};
use crate::figures::{self, count, interval, signed};

/// Findings on the first page: a committee remembers three.
const FINDINGS_MAX: usize = 3;

/// What a quiet period says.
pub(crate) const QUIET: &str = "本期没有达到门槛的变化";

/// One sentence and the row that it stands on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Finding {
    pub(crate) text: String,
    pub(crate) row: String,
}

/// Shifts that are news in this report, largest effect first, with their row ids: the alarm fell into the reported period of its series.
pub(crate) fn shifts_of_period<'s>(
    evidence: &Evidence<'_>,
    shifts: &'s [Shift],
) -> Vec<(String, &'s Shift)> {
    let is_news = |shift: &Shift| {
        evidence.reported(&shift.key).is_some_and(|period| period.holds(shift.alarm))
    };
    let numbered =
        shifts.iter().enumerate().map(|(position, shift)| (format!("s{}", position + 1), shift));
    let mut news: Vec<(String, &Shift)> = numbered.filter(|(_, shift)| is_news(shift)).collect();
    news.sort_by(|(_, a), (_, b)| {
        b.effect.abs().total_cmp(&a.effect.abs()).then_with(|| a.key.cmp(&b.key))
    });
    news
}

/// Places of the alarms that the report of `period` tells as news, largest effect first.
pub fn alarms_of(table: &ReleasedTable, shifts: &[Shift], period: Period) -> Vec<usize> {
    let evidence = Evidence::new(table, period);
    let news = shifts_of_period(&evidence, shifts);
    let place = |shift: &Shift| shifts.iter().position(|other| std::ptr::eq(other, shift));
    news.into_iter().filter_map(|(_, shift)| place(shift)).collect()
}

/// Matters that came up in this period or in the month that ends with it, most people first, with their row ids.
pub(crate) fn matters_of_period(
    emerging: &[ReleasedTopic],
    period: Period,
) -> Vec<(String, &ReleasedTopic)> {
    let numbered =
        emerging.iter().enumerate().map(|(position, topic)| (format!("e{}", position + 1), topic));
    let ends_with_it = |topic: &ReleasedTopic| topic.period.last_day() == period.last_day();
    let mut news: Vec<(String, &ReleasedTopic)> =
        numbered.filter(|(_, topic)| ends_with_it(topic)).collect();
    news.sort_by_key(|(_, topic)| std::cmp::Reverse(topic.people));
    news
}

/// The most important sentences: shifts first, then matters that came up in the texts, then topics never released before. Empty in a quiet period.
pub(crate) fn findings(
    evidence: &Evidence<'_>,
    shifts: &[Shift],
    emerging: &[ReleasedTopic],
) -> Vec<Finding> {
    let period = evidence.period();
    let shifted = shifts_of_period(evidence, shifts)
        .into_iter()
        .map(|(row, shift)| Finding { text: shift_sentence(shift), row });
    let came_up = matters_of_period(emerging, period)
        .into_iter()
        .map(|(row, topic)| Finding { text: matter_sentence(topic), row });
    let emerged = emerging_topics(evidence).into_iter().map(|emerging| Finding {
        text: format!(
            "{}本期首次达到公布人数，{} 人谈及",
            named(&emerging.key.to_string()),
            count(u64::from(emerging.voices))
        ),
        row: emerging.row,
    });
    shifted.chain(came_up).chain(emerged).take(FINDINGS_MAX).collect()
}

/// `「采油一厂 · 食堂」平均倾向由 +0.21 降至 −0.15，变化 −0.36（95% 区间 −0.47 至 −0.25），最可能始于 2026年3月9日`
pub(crate) fn shift_sentence(shift: &Shift) -> String {
    let moved = match shift.direction {
        Direction::Worse => "降至",
        Direction::Better => "升至",
    };
    format!(
        "{}平均倾向由 {} {moved} {}，变化 {}（95% 区间 {}），最可能始于 {}",
        named(&shift.key.to_string()),
        signed(shift.mean.0),
        signed(shift.mean.1),
        signed(shift.effect),
        interval(shift.effect_interval),
        figures::day(shift.began_likely),
    )
}

/// `「智能安全帽、充电」是文字中新出现的话题，至少 15 人谈及`
fn matter_sentence(topic: &ReleasedTopic) -> String {
    let told = match topic.kind {
        EmergingKind::New => "是文字中新出现的话题",
        EmergingKind::Growing => "在文字中明显增多",
        EmergingKind::Returning => "在文字中沉寂后再次出现",
    };
    let (terms, people) = (named(&topic.terms.join("、")), count(u64::from(topic.people)));
    format!("{terms}{told}，至少 {people} 人谈及")
}

/// `新出现`
pub(crate) fn kind_name(kind: EmergingKind) -> &'static str {
    match kind {
        EmergingKind::New => "新出现",
        EmergingKind::Growing => "增多",
        EmergingKind::Returning => "再次出现",
    }
}

/// The row of the topic that one takes up again, when it is released.
pub(crate) fn continued_row(emerging: &[ReleasedTopic], topic: &ReleasedTopic) -> Option<String> {
    let continues = topic.continues.as_ref()?;
    let place = emerging.iter().position(|other| other.id == *continues)?;
    Some(format!("e{}", place + 1))
}

/// A topic whose first released period is the reported one.
pub(crate) struct Emerging<'a> {
    /// Its cell with most voices.
    pub(crate) key: &'a SeriesKey,
    pub(crate) voices: u32,
    pub(crate) row: String,
}

/// Topics that no cell of any period before showed, most voices first. The first period of a table has no news of this kind.
pub(crate) fn emerging_topics<'a>(evidence: &Evidence<'a>) -> Vec<Emerging<'a>> {
    let Some(first) = evidence.first() else { return Vec::new() };
    let keys = evidence.keys(|key| key.topic.is_some());
    let mut known: BTreeSet<Option<&TopicId>> = BTreeSet::new();
    for period in keys.iter().filter_map(|key| evidence.reported(key)).collect::<BTreeSet<_>>() {
        known.extend(evidence.topics_before(period).into_iter().map(Some));
    }
    let mut emerging = Vec::new();
    // Most voices first, so that the first cell of a topic speaks for it.
    for key in keys {
        let Some(period) = evidence.reported(key) else { continue };
        if first.last_day() >= period.first_day() || !known.insert(key.topic.as_ref()) {
            continue;
        }
        let row = evidence.row_of(key, period);
        if let (Some(voices), Some(row)) = (voices(evidence.look_reported(key)), row) {
            emerging.push(Emerging { key, voices, row });
        }
    }
    emerging
}

fn named(label: &str) -> String {
    format!("「{label}」")
}

#[cfg(test)]
mod tests {
    use corpus::Day;

    use super::*;

    fn shift(alarm: &str, effect: f64) -> Shift {
        let alarm: Day = alarm.parse().unwrap();
        Shift {
            key: SeriesKey {
                unit: Some("采油一厂".parse().unwrap()),
                topic: Some("食堂".parse().unwrap()),
                source: None,
            },
            direction: if effect < 0.0 { Direction::Worse } else { Direction::Better },
            alarm,
            began: (alarm.plus(-9), alarm.plus(-3)),
            began_likely: alarm.plus(-6),
            effect,
            effect_interval: (effect - 0.1, effect + 0.1),
            voices: (320, 96),
            mean: (0.21, 0.21 + effect),
        }
    }

    #[test]
    fn a_shift_is_told_in_figures() {
        assert_eq!(
            shift_sentence(&shift("2026-03-15", -0.36)),
            "「采油一厂 · 食堂」平均倾向由 +0.21 降至 −0.15，变化 −0.36（95% 区间 −0.46 至 −0.26），最可能始于 2026年3月9日"
        );
    }

    #[test]
    fn only_alarms_of_the_month_are_news_and_the_largest_comes_first() {
        let shifts =
            [shift("2026-02-27", -0.9), shift("2026-03-15", 0.2), shift("2026-03-02", -0.4)];
        let table = ReleasedTable::default();
        let evidence = Evidence::new(&table, "2026-03".parse().unwrap());
        let news = shifts_of_period(&evidence, &shifts);
        assert_eq!(news.iter().map(|(row, _)| row.as_str()).collect::<Vec<_>>(), ["s3", "s2"]);
    }
}
