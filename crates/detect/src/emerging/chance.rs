//! What the best sign of a window that can be named, and the best topic grown from signs, reach by chance, measured on windows drawn at random from the past.

use std::collections::VecDeque;
use std::f64::consts::PI;

use rayon::prelude::*;

use super::past::Past;
use super::window::{Tally, Window};

/// Windows drawn each day, until enough are remembered.
const DRAWN_A_DAY: usize = 8;
/// Documents in all windows drawn on a later day, one window at least: the more is written, the less a day changes what chance does.
const DOCUMENTS_DRAWN_A_DAY: usize = 1_000;
/// Windows remembered: few enough that the past has not grown much since the first of them.
const WINDOWS_KEPT: usize = 96;
/// Where no sign reaches this much, it is taken for what the best one reached.
pub(super) const EVIDENCE_MIN: f64 = 3.0;
/// Windows before a threshold can be told.
const WINDOWS_MIN: usize = 32;

/// The chance of both searches in windows of one length.
#[derive(Debug, Clone, Default)]
pub(super) struct Chances {
    pub(super) signs: Chance,
    pub(super) grown: Chance,
}

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

/// Draws windows of `size` documents and notes what their best signs and topics reach.
pub(super) fn draw(past: &Past, size: usize, chances: &mut Chances) {
    if size == 0 || !past.is_compared_with(size) {
        return;
    }
    let windows = if chances.signs.0.len() < WINDOWS_KEPT {
        DRAWN_A_DAY
    } else {
        (DOCUMENTS_DRAWN_A_DAY / size).clamp(1, DRAWN_A_DAY)
    };
    // Each window has numbers of its own, so the order in which they are drawn does not matter.
    let reached: Vec<(f64, f64)> = (0..windows as u64)
        .into_par_iter()
        .map_init(Tally::default, |tally, window| {
            let mut state = (u64::from(past.end()) << 8) | window;
            let next = |below: usize| (split_mix(&mut state) % below as u64) as usize;
            reached(&Window::drawn(past, size, next, tally))
        })
        .collect();
    for (sign, grown) in reached {
        chances.signs.note(sign);
        chances.grown.note(grown);
    }
}

/// The evidence of the best sign and of the best topic that can be named.
fn reached(window: &Window<'_>) -> (f64, f64) {
    let signs = window.signs_from(EVIDENCE_MIN);
    let grown = window.grown(&signs);
    let sign = signs.iter().find(|(_, sign)| window.name(&window.holders(*sign)).is_some());
    let topic = grown.iter().find(|topic| window.name(&topic.recent).is_some());
    (
        sign.map_or(EVIDENCE_MIN, |(evidence, _)| *evidence),
        topic.map_or(EVIDENCE_MIN, |topic| topic.evidence),
    )
}

/// The next number of Steele, Lea and Flood's generator: fixed, so that the same stream gives the same alarms.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
