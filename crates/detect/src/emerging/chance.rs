//! What the best sign of a window that can be named reaches by chance, measured on windows drawn at random from the past.

use std::collections::VecDeque;
use std::f64::consts::PI;

use super::past::{Past, Window};

/// Windows drawn each day.
const DRAWN_A_DAY: usize = 8;
/// Windows remembered: few enough that the past has not grown much since the first of them.
const WINDOWS_KEPT: usize = 96;
/// Where no sign reaches this much, it is taken for what the best one reached.
const EVIDENCE_MIN: f64 = 3.0;
/// Windows before a threshold can be told.
const WINDOWS_MIN: usize = 32;

/// The best evidence in each of the windows drawn last.
#[derive(Debug, Clone, Default)]
pub(super) struct Chance(VecDeque<f64>);

impl Chance {
    fn note(&mut self, best: f64) {
        self.0.push_back(best);
        if self.0.len() > WINDOWS_KEPT {
            self.0.pop_front();
        }
    }

    /// The value that the best sign exceeds by chance with probability `exceedance`: the tail of a Gumbel distribution with the moments of the drawings.
    pub(super) fn threshold(&self, exceedance: f64) -> Option<f64> {
        const EULER: f64 = 0.577_215_664_9;
        if self.0.len() < WINDOWS_MIN {
            return None;
        }
        let count = self.0.len() as f64;
        let mean = self.0.iter().sum::<f64>() / count;
        let variance = self.0.iter().map(|best| (best - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let scale = (variance * 6.0).sqrt() / PI;
        Some(mean - scale * (EULER + (-(1.0 - exceedance.min(0.5)).ln()).ln()))
    }
}

/// Draws windows of `size` documents and notes what their best signs reach.
pub(super) fn draw(past: &Past, size: usize, chance: &mut Chance) {
    let total = past.len();
    if !past.is_compared_with(size) {
        return;
    }
    let mut state = total as u64;
    let mut shuffled: Vec<u32> = (0..total as u32).collect();
    for _ in 0..DRAWN_A_DAY {
        // A few steps of Fisher and Yates: any order before them will do.
        for place in 0..size {
            let other = place + (split_mix(&mut state) % (total - place) as u64) as usize;
            shuffled.swap(place, other);
        }
        let window = Window::new(past, shuffled.iter().take(size).copied());
        let signs = window.signs_from(EVIDENCE_MIN);
        let best = signs.into_iter().find(|(_, sign)| window.name(*sign).is_some());
        chance.note(best.map_or(EVIDENCE_MIN, |(evidence, _)| evidence));
    }
}

/// The next number of Steele, Lea and Flood's generator: fixed, so that the same stream gives the same alarms.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
