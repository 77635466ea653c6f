//! Trackers (Denning, Denning and Schwartz 1979): cells added and taken off until what is left goes one way.
//!
//! Sums of several cells may stand for enough people and still tell of each of them, when their counts leave only one possibility and that one is that
//! everybody who is left is negative, or nobody. Which sums do is not known but by trying: all sums and differences of three or four cells where there are
//! few cells, and sums of three to five that share people, drawn at random, as far as the work allows.

use super::admission::{Counts, difference, fixes_ends};
use super::row_space::drawn;

/// Up to so many cells all sums of four are tried, and of three.
const CELLS_MAX: [(usize, usize); 2] = [(80, 4), (200, 3)];
/// Larger sums that are drawn.
const DRAWN: u32 = 300_000;
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

/// A sum of cells, each with its sign, and what it takes to look at it.
struct Sum {
    cells: Vec<(usize, i32)>,
    /// Coefficients of the atoms.
    coefficients: Vec<i32>,
    touched: Vec<u32>,
    /// Voices of each cell there is.
    sizes: Vec<i64>,
}

/// What the cells of a sum tell together.
#[derive(Default)]
struct Told {
    counts: Counts,
    /// Voices counted, less those taken off.
    size: i64,
}

impl Trackers<'_> {
    /// The least useful cell of a sum that tells of everybody in it, if one was found.
    pub(super) fn telling(&self) -> Option<usize> {
        if self.cells.len() < 3 {
            return None;
        }
        let sizes = self
            .cells
            .iter()
            .map(|atoms| atoms.iter().map(|atom| i64::from(self.voices[*atom as usize])).sum());
        let mut sum = Sum {
            coefficients: vec![0; self.voices.len()],
            touched: Vec::new(),
            sizes: sizes.collect(),
            cells: Vec::new(),
        };
        let cells_most = CELLS_MAX.iter().find(|(cells, _)| self.cells.len() <= *cells);
        let is_found = cells_most
            .is_some_and(|(_, most)| self.any_of(*most, 0, &Told::default(), &mut sum))
            || self.any_drawn(&mut sum);
        is_found.then(|| sum.cells.iter().map(|(cell, _)| *cell).max()).flatten()
    }

    /// Whether some sum of up to `most` cells tells that begins with those of `sum` and goes on with cells from `from` on.
    fn any_of(&self, most: usize, from: usize, told: &Told, sum: &mut Sum) -> bool {
        if sum.cells.len() >= 3 && self.tells(told, sum) {
            return true;
        }
        if sum.cells.len() == most {
            return false;
        }
        // The sign of the whole sum does not matter.
        let signs: &[i32] = if sum.cells.is_empty() { &[1] } else { &[1, -1] };
        for cell in from..self.cells.len() {
            for sign in signs {
                sum.cells.push((cell, *sign));
                let told = told.with(self.shown[cell], sum.sizes[cell], *sign);
                if self.any_of(most, cell + 1, &told, sum) {
                    return true;
                }
                sum.cells.pop();
            }
        }
        false
    }

    fn any_drawn(&self, sum: &mut Sum) -> bool {
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
        for _ in 0..DRAWN {
            if visits > VISITS_MAX {
                break;
            }
            sum.cells.clear();
            sum.cells.push((next(self.cells.len()), 1));
            let wanted = CELLS_DRAWN[next(CELLS_DRAWN.len())];
            for _ in 1..wanted {
                // A cell that counts somebody whom one of those drawn counts: others cancel nothing.
                let near = self.cells[sum.cells[next(sum.cells.len())].0];
                let Some(atom) = near.get(next(near.len())) else { continue };
                let cells = &counting[*atom as usize];
                let cell = cells[next(cells.len())] as usize;
                if sum.cells.iter().all(|(other, _)| *other != cell) {
                    sum.cells.push((cell, if next(5) < 2 { 1 } else { -1 }));
                }
            }
            let told = sum.cells.iter().fold(Told::default(), |told, (cell, sign)| {
                told.with(self.shown[*cell], sum.sizes[*cell], *sign)
            });
            if !told.may_fix() {
                continue;
            }
            visits += sum.cells.iter().map(|(cell, _)| self.cells[*cell].len()).sum::<usize>();
            if self.tells(&told, sum) {
                return true;
            }
        }
        false
    }

    fn tells(&self, told: &Told, sum: &mut Sum) -> bool {
        if !told.may_fix() {
            return false;
        }
        let Sum { coefficients, touched, cells, .. } = sum;
        for (cell, sign) in cells {
            for atom in self.cells[*cell] {
                let coefficient = &mut coefficients[*atom as usize];
                if *coefficient == 0 {
                    touched.push(*atom);
                }
                *coefficient += *sign;
            }
        }
        let (mut more, mut less) = (0, 0);
        for atom in touched.drain(..) {
            let coefficient = std::mem::take(&mut coefficients[atom as usize]);
            let voices = i64::from(self.voices[atom as usize]) * i64::from(coefficient);
            if voices > 0 { more += voices } else { less -= voices }
        }
        more + less > 0 && fixes_ends(told.counts, more, less)
    }
}

impl Told {
    fn with(&self, shown: Counts, size: i64, sign: i32) -> Self {
        let counts = if sign > 0 {
            [0, 1, 2].map(|at| (self.counts[at].0 + shown[at].0, self.counts[at].1 + shown[at].1))
        } else {
            difference(self.counts, shown)
        };
        Self { counts, size: self.size + i64::from(sign) * size }
    }

    /// Whether the counts can fix anything: whoever is counted more often than not is at least [`Self::size`], and whoever is counted less often at least
    /// its opposite. That is no for nearly every sum, and costs nothing.
    fn may_fix(&self) -> bool {
        let (more_min, less_min) = (self.size.max(0), (-self.size).max(0));
        self.counts.iter().any(|(low, high)| *low >= more_min || -*high >= less_min)
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
