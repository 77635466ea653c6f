//! The numbers of an admitted cell.

use crate::release::Figures;

use super::admission::Verdict;
use super::cells::Tally;

/// Decimals of released shares and means: more would tell score sums that the eye does not see.
const SCALE: f64 = 1000.0;
/// Smallest width of a range, in voices: three values are possible, so that two insiders who know their own do not know the third.
const RANGE_VOICES_MIN: u32 = 3;
/// A range is a tenth of the voices when that is wider.
const RANGE_PARTS: u32 = 10;

/// What is told of a cell under `verdict`.
pub(super) fn figures(tally: &Tally, verdict: Verdict) -> Figures {
    match verdict {
        Verdict::Exact => exact(tally),
        Verdict::Range => ranges(tally),
        Verdict::Withheld => Figures::Suppressed,
    }
}

/// Least and most voices in each direction: positive, negative, neutral.
pub(super) type Counts = [(i64, i64); 3];

/// What a reader can tell of the counts behind [`figures()`].
pub(super) fn counts(tally: &Tally, verdict: Verdict) -> Counts {
    let voices = tally.voices();
    let told = |count: u32| match verdict {
        Verdict::Exact => (i64::from(count), i64::from(count)),
        Verdict::Range => {
            let (low, high) = range(count, voices);
            (i64::from(low), i64::from(high))
        }
        Verdict::Withheld => (0, i64::from(voices)),
    };
    let mut counts = [tally.positive, tally.negative, tally.neutral].map(told);
    // The three add up: each is cut to what the other two leave.
    for _ in 0..3 {
        for at in 0..3 {
            let (a, b) = (counts[(at + 1) % 3], counts[(at + 2) % 3]);
            let all = i64::from(voices);
            counts[at] = (counts[at].0.max(all - a.1 - b.1), counts[at].1.min(all - a.0 - b.0));
        }
    }
    counts
}

fn exact(tally: &Tally) -> Figures {
    let voices = f64::from(tally.voices());
    let [positive, negative, neutral] =
        [tally.positive, tally.negative, tally.neutral].map(|count| f64::from(count) / voices);
    let mean = tally.score_sum / voices;
    // The interval comes from the released shares alone, so that it tells nothing more. Scores lie inside their classes (±1, 0), which makes it wide.
    let variance = positive + negative - (positive - negative).powi(2);
    let margin = 1.96 * (variance.max(0.0) / voices).sqrt();
    Figures::Shown {
        voices: tally.voices(),
        positive_share: rounded(positive),
        negative_share: rounded(negative),
        neutral_share: rounded(neutral),
        mean: rounded(mean),
        mean_interval: (rounded((mean - margin).max(-1.0)), rounded((mean + margin).min(1.0))),
    }
}

fn ranges(tally: &Tally) -> Figures {
    let voices = tally.voices();
    let [positive, negative, neutral] =
        [tally.positive, tally.negative, tally.neutral].map(|count| shares(count, voices));
    Figures::Range {
        voices,
        positive_share: positive,
        negative_share: negative,
        neutral_share: neutral,
        mean: (
            rounded((positive.0 - negative.1).max(-1.0)),
            rounded((positive.1 - negative.0).min(1.0)),
        ),
    }
}

/// [`range`] as shares of the voices.
fn shares(count: u32, voices: u32) -> (f64, f64) {
    let (low, high) = range(count, voices);
    let share = |count: u32| rounded(f64::from(count) / f64::from(voices.max(1)));
    (share(low), share(high))
}

/// The cell of a fixed grid over 0..=voices that `count` lies in. The grid depends on `voices` only; its last cell takes what is left over.
fn range(count: u32, voices: u32) -> (u32, u32) {
    let width = RANGE_VOICES_MIN.max(voices.div_ceil(RANGE_PARTS));
    let cells = ((voices + 1) / width).max(1);
    let cell = (count / width).min(cells - 1);
    let last = if cell + 1 == cells { voices } else { (cell + 1) * width - 1 };
    (cell * width, last)
}

fn rounded(value: f64) -> f64 {
    // Adding zero turns −0.0 into 0.0, which prints without a sign.
    (value * SCALE).round() / SCALE + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_always_leaves_three_counts_open() {
        for voices in 2..200 {
            for count in 0..=voices {
                let (low, high) = range(count, voices);
                assert!((low..=high).contains(&count), "{count} of {voices} lies in its range");
                let possible =
                    (0..=voices).filter(|other| range(*other, voices) == (low, high)).count();
                assert!(
                    possible >= RANGE_VOICES_MIN as usize,
                    "{count} of {voices} could be {possible} counts"
                );
            }
        }
    }

    #[test]
    fn shares_add_up() {
        let tally = Tally { positive: 3, negative: 5, neutral: 2, score_sum: -2.4 };
        let Figures::Shown {
            voices,
            positive_share,
            negative_share,
            neutral_share,
            mean,
            mean_interval,
        } = figures(&tally, Verdict::Exact)
        else {
            panic!("an exact verdict shows figures");
        };
        assert_eq!(
            (voices, positive_share, negative_share, neutral_share, mean),
            (10, 0.3, 0.5, 0.2, -0.24)
        );
        assert!(mean_interval.0 < mean && mean < mean_interval.1);
    }
}
