//! What moved a series from one period to another: its parts, or only how much each of them was heard.
//!
//! The mean of a whole is the sum over its parts of share times mean. Its change divides without a rest into what the parts did themselves (change of
//! mean at the average share) and what a changed mix did (change of share at the average mean), as Kitagawa 1955 does for rates. Only released cells
//! with exact figures take part, so nothing is told that the tables do not tell; what the others did is the rest.

use std::collections::BTreeMap;

use corpus::{Period, SeriesKey, UnitId};
use privacy::Figures;

use crate::evidence::Evidence;

/// What one part did to the whole.
#[derive(Debug, PartialEq)]
pub(crate) struct Contribution<'a> {
    pub(crate) key: &'a SeriesKey,
    /// Change of the whole because the part's own mean changed.
    pub(crate) own: f64,
    /// Change of the whole because the part was heard more or less.
    pub(crate) mix: f64,
}

/// The change of a whole from `before` to `now` under one division.
#[derive(Debug, PartialEq)]
pub(crate) struct Contributions<'a> {
    pub(crate) before: Period,
    pub(crate) now: Period,
    /// Means of the whole.
    pub(crate) means: (f64, f64),
    /// Those who moved it most to the side that it went come first.
    pub(crate) parts: Vec<Contribution<'a>>,
    /// What the parts do not add up to: those not released, and people who are in two parts.
    pub(crate) rest: f64,
}

/// Voices and mean of a cell with exact figures.
type Side = (f64, f64);

impl<'a> Contributions<'a> {
    /// Of the divisions by source and by unit that have two parts or more, the one that leaves the least rest. Topics overlap and do not add up.
    ///
    /// A unit divides into those right below it, all of them together into those that stand below none; `parents` says which unit holds a unit.
    pub(crate) fn new(
        evidence: &Evidence<'a>,
        parents: &BTreeMap<UnitId, UnitId>,
        whole: &SeriesKey,
        (before, now): (Period, Period),
    ) -> Option<Self> {
        let sides = (side(evidence, whole, before)?, side(evidence, whole, now)?);
        let by_source = |part: &SeriesKey| {
            part.source.is_some() && SeriesKey { source: None, ..part.clone() } == *whole
        };
        let by_unit = |part: &SeriesKey| {
            let Some(unit) = &part.unit else { return false };
            parents.get(unit) == whole.unit.as_ref()
                && SeriesKey { unit: whole.unit.clone(), ..part.clone() } == *whole
        };
        let divisions = [evidence.keys(by_source), evidence.keys(by_unit)];
        divisions
            .into_iter()
            .map(|keys| Self::divided(evidence, sides, keys, (before, now)))
            .filter(|contributions| contributions.parts.len() > 1)
            .min_by(|a, b| a.rest.abs().total_cmp(&b.rest.abs()))
    }

    fn divided(
        evidence: &Evidence<'a>,
        whole: (Side, Side),
        keys: Vec<&'a SeriesKey>,
        (before, now): (Period, Period),
    ) -> Self {
        let (voices, means) = ((whole.0.0, whole.1.0), (whole.0.1, whole.1.1));
        let (change, usual) = (means.1 - means.0, f64::midpoint(means.0, means.1));
        let contribution = |key: &'a SeriesKey| {
            let was = side(evidence, key, before)?;
            let is = side(evidence, key, now)?;
            let share = (was.0 / voices.0, is.0 / voices.1);
            Some(Contribution {
                key,
                own: f64::midpoint(share.0, share.1) * (is.1 - was.1),
                mix: (share.1 - share.0) * (f64::midpoint(was.1, is.1) - usual),
            })
        };
        let mut parts: Vec<Contribution<'a>> = keys.into_iter().filter_map(contribution).collect();
        let to_side = |part: &Contribution<'_>| (part.own + part.mix) * change.signum();
        parts.sort_by(|a, b| to_side(b).total_cmp(&to_side(a)).then_with(|| a.key.cmp(b.key)));
        let told: f64 = parts.iter().map(|part| part.own + part.mix).sum();
        Self { before, now, means, parts, rest: change - told }
    }

    /// Whether the mix explains more of the change than the parts themselves do: then people were heard more or less, and did not change their minds.
    pub(crate) fn is_changed_mix(&self) -> bool {
        let side = (self.means.1 - self.means.0).signum();
        let own: f64 = self.parts.iter().map(|part| part.own * side).sum();
        let mix: f64 = self.parts.iter().map(|part| part.mix * side).sum();
        mix > 0.0 && mix > own
    }
}

fn side(evidence: &Evidence<'_>, key: &SeriesKey, period: Period) -> Option<Side> {
    match evidence.look(key, period) {
        Figures::Shown { voices, mean, .. } => Some((f64::from(*voices), *mean)),
        Figures::Range { .. } | Figures::Suppressed => None,
    }
}

#[cfg(test)]
mod tests {
    use privacy::{ReleasedCell, ReleasedTable};

    use super::*;

    fn month(name: &str) -> Period {
        name.parse().unwrap()
    }

    fn cell(unit: Option<&str>, at: &str, voices: u32, mean: f64) -> ReleasedCell {
        let unit = unit.map(|unit| unit.parse().unwrap());
        let figures = Figures::Shown {
            voices,
            positive_share: 0.4,
            negative_share: 0.3,
            neutral_share: 0.3,
            mean,
            mean_interval: (mean - 0.1, mean + 0.1),
        };
        ReleasedCell { key: SeriesKey { unit, ..SeriesKey::default() }, period: month(at), figures }
    }

    fn table(cells: Vec<ReleasedCell>) -> ReleasedTable {
        let periods = vec![month("2026-02"), month("2026-03")];
        ReleasedTable { periods, cells, ..ReleasedTable::default() }
    }

    /// A quiet, content unit and a loud, discontent one; `is`: voices and mean of both in March.
    fn told(is: [(u32, f64); 2]) -> (Vec<(String, f64, f64)>, f64, bool) {
        let was = [(60, 0.5), (40, -0.25)];
        let of = |parts: [(u32, f64); 2]| {
            let voices: u32 = parts.iter().map(|part| part.0).sum();
            let sum: f64 = parts.iter().map(|part| f64::from(part.0) * part.1).sum();
            (voices, sum / f64::from(voices))
        };
        let mut cells = Vec::new();
        for (at, parts) in [("2026-02", was), ("2026-03", is)] {
            cells.push(cell(None, at, of(parts).0, of(parts).1));
            for (unit, part) in ["一厂", "二厂"].into_iter().zip(parts) {
                cells.push(cell(Some(unit), at, part.0, part.1));
            }
        }
        let table = table(cells);
        let evidence = Evidence::new(&table, month("2026-03"));
        let whole = SeriesKey::default();
        let periods = (month("2026-02"), month("2026-03"));
        let found = Contributions::new(&evidence, &BTreeMap::new(), &whole, periods).unwrap();
        let parts = found
            .parts
            .iter()
            .map(|part| (part.key.unit.as_ref().unwrap().to_string(), part.own, part.mix));
        (parts.collect(), found.rest, found.is_changed_mix())
    }

    #[test]
    fn parts_add_up_and_the_one_that_changed_comes_first() {
        let (parts, rest, is_changed_mix) = told([(60, 0.5), (40, -0.75)]);
        assert!(rest.abs() < 1e-12, "{rest}");
        assert_eq!(parts[0].0, "二厂");
        assert!((parts[0].1 + 0.2).abs() < 1e-12 && parts[1].1 == 0.0, "{parts:?}");
        assert!(!is_changed_mix);
    }

    #[test]
    fn a_content_unit_that_falls_silent_is_a_changed_mix() {
        let (parts, rest, is_changed_mix) = told([(10, 0.5), (40, -0.25)]);
        assert!(rest.abs() < 1e-12 && is_changed_mix, "{parts:?}, rest {rest}");
        assert!(parts.iter().all(|(_, own, mix)| *own == 0.0 && *mix < 0.0), "{parts:?}");
    }

    #[test]
    fn without_exact_parts_nothing_is_told() {
        let table = table(vec![
            cell(None, "2026-02", 50, 0.2),
            cell(None, "2026-03", 50, 0.1),
            cell(Some("一厂"), "2026-03", 20, 0.1),
        ]);
        let evidence = Evidence::new(&table, month("2026-03"));
        let periods = (month("2026-02"), month("2026-03"));
        let whole = SeriesKey::default();
        assert_eq!(Contributions::new(&evidence, &BTreeMap::new(), &whole, periods), None);
    }

    #[test]
    fn a_topic_of_a_unit_divides_into_the_units_below_it() {
        let topic: corpus::TopicId = "食堂".parse().unwrap();
        let mut cells = Vec::new();
        for (at, mean) in [("2026-02", 0.4), ("2026-03", 0.0)] {
            for (unit, voices, mean) in
                [("一厂", 40, mean), ("一队", 20, 2.0 * mean), ("二队", 20, 0.0), ("二厂", 20, 0.1)]
            {
                let mut cell = cell(Some(unit), at, voices, mean);
                cell.key.topic = Some(topic.clone());
                cells.push(cell);
            }
        }
        let table = table(cells);
        let unit = |name: &str| name.parse::<UnitId>().unwrap();
        let parents = BTreeMap::from([(unit("一队"), unit("一厂")), (unit("二队"), unit("一厂"))]);
        let whole =
            SeriesKey { unit: Some(unit("一厂")), topic: Some(topic), ..SeriesKey::default() };
        let evidence = Evidence::new(&table, month("2026-03"));
        let periods = (month("2026-02"), month("2026-03"));
        let found = Contributions::new(&evidence, &parents, &whole, periods).unwrap();
        let named: Vec<&str> =
            found.parts.iter().map(|part| part.key.unit.as_ref().unwrap().as_str()).collect();
        assert_eq!(named, ["一队", "二队"]);
        assert!((found.parts[0].own + 0.4).abs() < 1e-12 && found.rest.abs() < 1e-12);
        // The whole of the topic is not counted twice.
        let all = SeriesKey { unit: None, ..whole };
        assert_eq!(Contributions::new(&evidence, &parents, &all, periods), None, "none released");
    }
}
