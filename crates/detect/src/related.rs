//! Which documents two series have in common.

use corpus::{DailySeries, SeriesKey, SourceId, TopicId, UnitId};

/// The key of the documents that two series share: `None` when there can be none, `Some(None)` when no one key names them (two topics).
pub(crate) fn common(a: &SeriesKey, b: &SeriesKey) -> Option<Option<SeriesKey>> {
    let differ = |a: Option<&str>, b: Option<&str>| a.zip(b).is_some_and(|(a, b)| a != b);
    let is_apart =
        differ(a.source.as_ref().map(SourceId::as_str), b.source.as_ref().map(SourceId::as_str))
            || differ(a.unit.as_ref().map(UnitId::as_str), b.unit.as_ref().map(UnitId::as_str));
    if is_apart {
        return None;
    }
    if differ(a.topic.as_ref().map(TopicId::as_str), b.topic.as_ref().map(TopicId::as_str)) {
        return Some(None);
    }
    let (a, b) = (a.clone(), b.clone());
    Some(Some(SeriesKey {
        source: a.source.or(b.source),
        unit: a.unit.or(b.unit),
        topic: a.topic.or(b.topic),
    }))
}

/// A series less some of its documents.
pub(crate) fn without(whole: &DailySeries, part: &DailySeries) -> DailySeries {
    let mut rest = whole.clone();
    for (day, voices) in (rest.start.0..).zip(&mut rest.days) {
        let index = usize::try_from(day - part.start.0).ok();
        let taken = index.and_then(|index| part.days.get(index)).copied().flatten();
        if let (Some(voices), Some(taken)) = (voices, taken) {
            // A contributor is one voice in each series, so the parts can hold more voices than the whole.
            voices.positive = voices.positive.saturating_sub(taken.positive);
            voices.negative = voices.negative.saturating_sub(taken.negative);
            voices.neutral = voices.neutral.saturating_sub(taken.neutral);
            let voices_left = f64::from(voices.total());
            voices.score_sum =
                (voices.score_sum - taken.score_sum).clamp(-voices_left, voices_left);
        }
    }
    rest
}

/// Whether every document of `part` is one of `whole`.
pub(crate) fn holds(whole: &SeriesKey, part: &SeriesKey) -> bool {
    fn covers<T: PartialEq>(whole: Option<&T>, part: Option<&T>) -> bool {
        whole.is_none() || whole == part
    }
    covers(whole.source.as_ref(), part.source.as_ref())
        && covers(whole.unit.as_ref(), part.unit.as_ref())
        && covers(whole.topic.as_ref(), part.topic.as_ref())
}
