//! An alarm may not hang on a few people: one who writes every day is a voice a day in a daily series, but one person.

use std::collections::BTreeMap;

use corpus::{Direction, Month, Shift, SourceId};

use super::Guard;

/// Of the change that people show, so much must remain when those who carry it most are left out.
const REMAINING_SHARE_MIN: f64 = 0.5;

/// A person's part of one side of a shift: the mean of what they wrote in one month and source.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceMean {
    /// Where they wrote.
    pub source: SourceId,
    /// When.
    pub month: Month,
    /// Whether the source names contributors: duplicate groups count half.
    pub is_contributor: bool,
    /// Their mean polarity score in [-1, 1].
    pub score: f64,
}

/// A shift that asks to be released, with the people behind its two sides, one entry each a source and month.
#[derive(Debug, Clone, PartialEq)]
pub struct ShiftCandidate {
    /// The shift.
    pub shift: Shift,
    /// Who spoke before it began.
    pub before: Vec<VoiceMean>,
    /// Who spoke since.
    pub after: Vec<VoiceMean>,
}

impl Guard {
    /// Keeps the shifts that would still be there without any k−1 people.
    ///
    /// On both sides the k−1 people of each source and month are left out who carry the change most. A pseudonym is of one source and month, so the
    /// same people may be behind all of them; leaving out as many in each is the careful reading.
    pub fn carried_by_many(&self, candidates: Vec<ShiftCandidate>) -> Vec<Shift> {
        let k = self.limits.values().k_score as usize;
        let carried = candidates.into_iter().filter(|candidate| is_carried_by_many(candidate, k));
        carried.map(|candidate| candidate.shift).collect()
    }
}

fn is_carried_by_many(candidate: &ShiftCandidate, k: usize) -> bool {
    let falls = candidate.shift.direction == Direction::Worse;
    let all = mean(&candidate.after, 0, falls).zip(mean(&candidate.before, 0, !falls));
    let rest = mean(&candidate.after, k - 1, falls).zip(mean(&candidate.before, k - 1, !falls));
    let (Some((after, before)), Some((after_rest, before_rest))) = (all, rest) else {
        return false;
    };
    let side = if falls { -1.0 } else { 1.0 };
    let (change, remaining) = ((after - before) * side, (after_rest - before_rest) * side);
    change > 0.0 && remaining >= REMAINING_SHARE_MIN * change
}

/// The mean over voices without the `left_out` lowest (or highest) of each source and month; `None` when fewer than that remain in all.
fn mean(voices: &[VoiceMean], left_out: usize, lowest: bool) -> Option<f64> {
    let mut groups: BTreeMap<(&SourceId, Month), Vec<&VoiceMean>> = BTreeMap::new();
    for voice in voices {
        groups.entry((&voice.source, voice.month)).or_default().push(voice);
    }
    let (mut sum, mut count) = (0.0, 0_usize);
    for mut group in groups.into_values() {
        group.sort_by(|a, b| a.score.total_cmp(&b.score));
        if !lowest {
            group.reverse();
        }
        let are_contributors = group.iter().all(|voice| voice.is_contributor);
        let left_out = if are_contributors { left_out } else { 2 * left_out };
        for voice in group.iter().skip(left_out) {
            sum += voice.score;
            count += 1;
        }
    }
    (count > left_out).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use corpus::SeriesKey;

    use super::*;

    fn voices(scores: impl IntoIterator<Item = f64>) -> Vec<VoiceMean> {
        let voice = |score| VoiceMean {
            source: "意见箱".parse().unwrap(),
            month: "2026-03".parse().unwrap(),
            is_contributor: true,
            score,
        };
        scores.into_iter().map(voice).collect()
    }

    fn is_kept(before: Vec<VoiceMean>, after: Vec<VoiceMean>) -> bool {
        let shift = Shift {
            key: SeriesKey::default(),
            direction: Direction::Worse,
            alarm: "2026-03-20".parse().unwrap(),
            began: ("2026-03-01".parse().unwrap(), "2026-03-10".parse().unwrap()),
            began_likely: "2026-03-05".parse().unwrap(),
            effect: -0.4,
            effect_interval: (-0.6, -0.2),
            voices: (40, 40),
            mean: (0.1, -0.3),
        };
        !Guard::default().carried_by_many(vec![ShiftCandidate { shift, before, after }]).is_empty()
    }

    #[test]
    fn four_people_make_no_alarm() {
        let content = || (0..20).map(|_| 0.6);
        assert!(!is_kept(voices(content()), voices(content().chain([-1.0; 4]))));
        assert!(is_kept(voices(content()), voices((0..20).map(|_| -0.4))));
        assert!(!is_kept(voices([0.6; 4]), voices([-0.4; 4])), "nobody is left without the four");
    }
}
