//! Trackers (Denning, Denning and Schwartz 1979): cells added and taken off until what is left goes one way.
//!
//! Sums of several cells may stand for enough people and still tell of each of them, when their counts leave only one possibility and that one is that
//! everybody who is left is negative, or nobody. Which sums do is not known but by trying: all sums and differences of three cells where there are few
//! cells, and sums of three to five that share people, drawn at random, as far as the work allows.

use super::admission::{Counts, difference, fixes_ends};
use super::row_space::drawn;

/// With more cells than this, sums of three are drawn too.
const CELLS_MAX: usize = 100;
/// Sums that are drawn.
const DRAWN: u32 = 60_000;
/// Entries of cells that are looked at in drawn sums.
const VISITS_MAX: usize = 20_000_000;
/// Cells in a drawn sum.
const CELLS_DRAWN: [usize; 3] = [3, 4, 5];

/// The admitted cells of one audit.
pub(super) struct Trackers<'a> {
    /// Atoms of each cell, ascending, the most useful cell first.
    pub(super) cells: &'a [&'a [u32]],
    /// Their counts as shown.
    pub(super) shown: &'a [Counts],
    /// By atom.
    pub(super) voices: &'a [u32],
}

/// Coefficients of the atoms in a sum.
struct Sum {
    coefficients: Vec<i32>,
    touched: Vec<u32>,
}

impl Trackers<'_> {
    /// The least useful cell of a sum that tells of everybody in it, if one was found.
    pub(super) fn telling(&self) -> Option<usize> {
        if self.cells.len() < 3 {
            return None;
        }
        let mut sum = Sum { coefficients: vec![0; self.voices.len()], touched: Vec::new() };
        let of_three = if self.cells.len() <= CELLS_MAX { self.of_three(&mut sum) } else { None };
        of_three.or_else(|| self.drawn(&mut sum))
    }

    fn of_three(&self, sum: &mut Sum) -> Option<usize> {
        let count = self.cells.len();
        for third in 2..count {
            for second in 1..third {
                for first in 0..second {
                    // The sign of the whole sum does not matter.
                    for signs in [[1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]] {
                        if self
                            .tells([(first, signs[0]), (second, signs[1]), (third, signs[2])], sum)
                        {
                            return Some(third);
                        }
                    }
                }
            }
        }
        None
    }

    fn drawn(&self, sum: &mut Sum) -> Option<usize> {
        let mut counting: Vec<Vec<u32>> = vec![Vec::new(); self.voices.len()];
        for (cell, atoms) in self.cells.iter().enumerate() {
            atoms.iter().for_each(|atom| counting[*atom as usize].push(cell as u32));
        }
        let mut state = 0_u32;
        let mut next = |below: usize| {
            state += 1;
            (drawn(state) % below.max(1) as u64) as usize
        };
        let mut visits = 0;
        let mut combination: Vec<(usize, i32)> = Vec::new();
        for _ in 0..DRAWN {
            if visits > VISITS_MAX {
                break;
            }
            combination.clear();
            combination.push((next(self.cells.len()), 1));
            let wanted = CELLS_DRAWN[next(CELLS_DRAWN.len())];
            for _ in 1..wanted {
                // A cell that counts somebody whom one of those drawn counts: others cancel nothing.
                let near = self.cells[combination[next(combination.len())].0];
                let Some(atom) = near.get(next(near.len())) else { continue };
                let cells = &counting[*atom as usize];
                let cell = cells[next(cells.len())] as usize;
                if combination.iter().all(|(other, _)| *other != cell) {
                    combination.push((cell, if next(5) < 2 { 1 } else { -1 }));
                }
            }
            visits += combination.iter().map(|(cell, _)| self.cells[*cell].len()).sum::<usize>();
            if self.tells(combination.iter().copied(), sum) {
                return combination.iter().map(|(cell, _)| *cell).max();
            }
        }
        None
    }

    fn tells(&self, combination: impl IntoIterator<Item = (usize, i32)>, sum: &mut Sum) -> bool {
        let mut told: Counts = [(0, 0); 3];
        for (cell, sign) in combination {
            let shown = self.shown[cell];
            told = if sign > 0 {
                [0, 1, 2].map(|at| (told[at].0 + shown[at].0, told[at].1 + shown[at].1))
            } else {
                difference(told, shown)
            };
            for atom in self.cells[cell] {
                let coefficient = &mut sum.coefficients[*atom as usize];
                if *coefficient == 0 {
                    sum.touched.push(*atom);
                }
                *coefficient += sign;
            }
        }
        let (mut more, mut less) = (0, 0);
        for atom in sum.touched.drain(..) {
            let coefficient = std::mem::take(&mut sum.coefficients[atom as usize]);
            let voices = i64::from(self.voices[atom as usize]) * i64::from(coefficient);
            if voices > 0 { more += voices } else { less -= voices }
        }
        more + less > 0 && fixes_ends(told, more, less)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_three_cells_that_leaves_one_side_is_found() {
        // Nine people by threes: the two parts of six less the whole are the three in the middle.
        let cells: [&[u32]; 3] = [&[0, 1, 2], &[0, 1], &[1, 2]];
        let telling = |negative: [i64; 3]| {
            let shown = [9, 6, 6].into_iter().zip(negative).map(|(of, negative)| {
                [(of - negative, of - negative), (negative, negative), (0, 0)]
            });
            let shown: Vec<Counts> = shown.collect();
            Trackers { cells: &cells, shown: &shown, voices: &[3, 3, 3] }.telling()
        };
        assert_eq!(telling([6, 4, 4]), None, "two of them are negative");
        assert_eq!(telling([5, 4, 4]), Some(2), "all of them are negative");
    }
}
