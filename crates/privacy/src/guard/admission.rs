//! Which cells of one month are released.
//!
//! Cells are admitted one by one, the widest first, the larger before the smaller. Each must pass, against everything admitted before it:
//! 1. at least k people;
//! 2. no difference between it and an admitted cell that stands for 1 to k−1 people;
//! 3. no remainder of 1 to k−1 people when all admitted parts are taken from a whole (units from everything, topics from a unit, …);
//! 4. no reduced row of the row space of all admitted cells ([`RowSpace`]) that stands for 1 to k−1 people; with one person,
//!    that is exact. Nor may a cell that was asked for and is small follow from the admitted ones.
//!
//! An admitted cell is shown as ranges when it is one-sided, when what it leaves of a wider cell is, or when its exact figures together with those
//! before it would give those of a one-sided cell, shown or not: a second row space holds the cells with exact figures.
//!
//! Greedy order is the complementary suppression: when a small unit must not follow from the others, it is the smallest other unit that stays back.

use corpus::SeriesKey;
use rustc_hash::FxHashMap;

use super::atoms::Atoms;
use super::cells::{CandidateCell, Tally, is_fixed_grain};
use super::row_space::RowSpace;

/// How a cell may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// With exact figures.
    Exact,
    /// As ranges: it, or what it differs by from another cell, is one-sided.
    Range,
    /// Not at all.
    Withheld,
}

/// One verdict a cell, in the order of `cells`, which are all of one month.
pub(super) fn admit(cells: &[&CandidateCell], k: u32) -> Vec<Verdict> {
    let atoms = Atoms::new(cells);
    let mut audit = Audit::new(cells, &atoms, k);
    let mut verdicts = vec![Verdict::Withheld; cells.len()];
    for cell in by_usefulness(cells, &atoms) {
        verdicts[cell] = audit.judge(cell);
    }
    verdicts
}

/// Everything, then sources, units, topics, then pairs; within a grain the larger first, ties by key.
fn by_usefulness(cells: &[&CandidateCell], atoms: &Atoms) -> Vec<usize> {
    let mut order: Vec<usize> =
        (0..cells.len()).filter(|cell| is_fixed_grain(&cells[*cell].key)).collect();
    order.sort_by_cached_key(|cell| {
        let voices = atoms.tally(atoms.cells[*cell].iter().copied()).voices();
        (grain(&cells[*cell].key), std::cmp::Reverse(voices), cells[*cell].key.clone())
    });
    order
}

/// Wide grains first: a reader needs the whole before its parts.
fn grain(key: &SeriesKey) -> u32 {
    match (key.unit.is_some(), key.source.is_some(), key.topic.is_some()) {
        (false, false, false) => 0,
        (false, true, false) => 1,
        (true, false, false) => 2,
        (false, false, true) => 3,
        (true, true, false) => 4,
        _ => 5,
    }
}

/// What has been admitted, in the forms that the checks need.
struct Audit<'a> {
    cells: &'a [&'a CandidateCell],
    atoms: &'a Atoms,
    k: u32,
    /// Admitted cells that count an atom.
    admitted_with: Vec<Vec<u32>>,
    verdicts: Vec<Verdict>,
    index: FxHashMap<&'a SeriesKey, usize>,
    /// Per whole and kind of part: how often the admitted parts count each atom of the whole.
    covered: FxHashMap<(usize, Part), FxHashMap<u32, i32>>,
    /// Cells with enough people that count an atom.
    degrees: Vec<u32>,
    space: RowSpace,
    /// Of the admitted cells, those with exact figures.
    exact_space: RowSpace,
}

/// How a whole is cut into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Unit,
    Source,
    Topic,
}

impl<'a> Audit<'a> {
    fn new(cells: &'a [&'a CandidateCell], atoms: &'a Atoms, k: u32) -> Self {
        let mut degrees = vec![0; atoms.len()];
        let (mut space, mut exact_space) = (RowSpace::default(), RowSpace::default());
        for (index, cell) in cells.iter().enumerate() {
            let members = &atoms.cells[index];
            if atoms.is_small(members.iter().copied(), k) {
                space.watch(members);
                continue;
            }
            members.iter().for_each(|atom| degrees[*atom as usize] += 1);
            if Tally::of(cell).is_one_sided() {
                exact_space.watch(members);
            }
        }
        Self {
            cells,
            atoms,
            k,
            admitted_with: vec![Vec::new(); atoms.len()],
            verdicts: vec![Verdict::Withheld; cells.len()],
            index: cells.iter().enumerate().map(|(index, cell)| (&cell.key, index)).collect(),
            covered: FxHashMap::default(),
            degrees,
            space,
            exact_space,
        }
    }

    fn judge(&mut self, cell: usize) -> Verdict {
        let members = &self.atoms.cells[cell];
        if members.is_empty() || self.atoms.is_small(members.iter().copied(), self.k) {
            return Verdict::Withheld;
        }
        let mut verdict = if Tally::of(self.cells[cell]).is_one_sided() {
            Verdict::Range
        } else {
            Verdict::Exact
        };
        for other in [self.differences(cell), self.remainders(cell)] {
            match other {
                Verdict::Withheld => return Verdict::Withheld,
                Verdict::Range => verdict = Verdict::Range,
                Verdict::Exact => {}
            }
        }
        if !self.extend_row_space(cell) {
            return Verdict::Withheld;
        }
        if verdict == Verdict::Exact && !self.extend_exact_space(cell) {
            verdict = Verdict::Range;
        }
        self.remember(cell, verdict);
        verdict
    }

    /// Rule 2: against every admitted cell that shares somebody with this one.
    fn differences(&self, cell: usize) -> Verdict {
        let members = &self.atoms.cells[cell];
        let mut shared: FxHashMap<u32, u32> = FxHashMap::default();
        for atom in members {
            for other in &self.admitted_with[*atom as usize] {
                *shared.entry(*other).or_default() += self.atoms.voices(*atom);
            }
        }
        let size = self.atoms.tally(members.iter().copied()).voices();
        let mut verdict = Verdict::Exact;
        for (other, common) in shared {
            let other_members = &self.atoms.cells[other as usize];
            let other_size = self.atoms.tally(other_members.iter().copied()).voices();
            let apart = size + other_size - 2 * common;
            let is_nested = common == size || common == other_size;
            if apart == 0 {
                // The same people: what is a range there must not be exact here.
                verdict = if self.verdicts[other as usize] == Verdict::Range {
                    Verdict::Range
                } else {
                    verdict
                };
                continue;
            }
            if apart < self.atoms.large_voices(self.k)
                && self.atoms.is_small(symmetric_difference(members, other_members), self.k)
            {
                return Verdict::Withheld;
            }
            let both_exact = self.verdicts[other as usize] == Verdict::Exact;
            if is_nested
                && both_exact
                && self.atoms.tally(symmetric_difference(members, other_members)).is_one_sided()
            {
                verdict = Verdict::Range;
            }
        }
        verdict
    }

    /// Rule 3: as one more part of each whole that it belongs to, and as a whole of parts admitted before it (none, by the order of admission).
    fn remainders(&self, cell: usize) -> Verdict {
        let mut verdict = Verdict::Exact;
        for (whole, part) in self.wholes(cell) {
            let nothing = FxHashMap::default();
            let covered = self.covered.get(&(whole, part)).unwrap_or(&nothing);
            let members: rustc_hash::FxHashSet<u32> =
                self.atoms.cells[cell].iter().copied().collect();
            let remainder = || {
                let count = |atom: &u32| {
                    1 - covered.get(atom).copied().unwrap_or(0) - i32::from(members.contains(atom))
                };
                self.atoms.cells[whole].iter().copied().filter(move |atom| count(atom) != 0)
            };
            if self.atoms.is_small(remainder(), self.k) {
                return Verdict::Withheld;
            }
            let mut left = remainder().peekable();
            if left.peek().is_some()
                && self.verdicts[whole] == Verdict::Exact
                && self.atoms.tally(left).is_one_sided()
            {
                verdict = Verdict::Range;
            }
        }
        verdict
    }

    /// The admitted cells of which `cell` is a part.
    fn wholes(&self, cell: usize) -> Vec<(usize, Part)> {
        let key = &self.cells[cell].key;
        let mut wholes = Vec::new();
        let mut add = |whole: SeriesKey, part: Part| {
            if let Some(index) =
                self.index.get(&whole).filter(|index| self.verdicts[**index] != Verdict::Withheld)
            {
                wholes.push((*index, part));
            }
        };
        if key.unit.is_some() {
            add(SeriesKey { unit: None, ..key.clone() }, Part::Unit);
        }
        if key.source.is_some() {
            add(SeriesKey { source: None, ..key.clone() }, Part::Source);
        }
        if key.topic.is_some() {
            add(SeriesKey { topic: None, ..key.clone() }, Part::Topic);
        }
        wholes
    }

    /// Rule 4. Leaves the space as it was when the cell fails.
    fn extend_row_space(&mut self, cell: usize) -> bool {
        let atoms = self.atoms;
        // Pivots where few tables count: such columns meet few other rows.
        let rank = |atom: u32| u64::from(self.degrees[atom as usize]);
        let Some(insertion) = self.space.insert(&atoms.cells[cell], rank) else { return true };
        let large = atoms.large_voices(self.k) as usize;
        let discloses = insertion.completes_watched
            || self
                .space
                .supports(&insertion)
                .any(|support| support.len() < large && atoms.is_small(support, self.k));
        if discloses {
            self.space.take_back(insertion);
        }
        !discloses
    }

    /// Exact figures of a cell may not complete those of a one-sided one: what is left of a whole with exact parts is exact too.
    fn extend_exact_space(&mut self, cell: usize) -> bool {
        let atoms = self.atoms;
        let rank = |atom: u32| u64::from(self.degrees[atom as usize]);
        let Some(insertion) = self.exact_space.insert(&atoms.cells[cell], rank) else {
            return true;
        };
        let completes = insertion.completes_watched;
        if completes {
            self.exact_space.take_back(insertion);
        }
        !completes
    }

    fn remember(&mut self, cell: usize, verdict: Verdict) {
        self.verdicts[cell] = verdict;
        for atom in &self.atoms.cells[cell] {
            self.admitted_with[*atom as usize].push(cell as u32);
        }
        for whole in self.wholes(cell) {
            let covered = self.covered.entry(whole).or_default();
            for atom in &self.atoms.cells[cell] {
                *covered.entry(*atom).or_default() += 1;
            }
        }
    }
}

/// What two ascending lists do not share.
fn symmetric_difference<'a>(left: &'a [u32], right: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let (mut left, mut right) = (left.iter().copied().peekable(), right.iter().copied().peekable());
    std::iter::from_fn(move || {
        loop {
            match (left.peek().copied(), right.peek().copied()) {
                (Some(a), Some(b)) if a == b => {
                    left.next();
                    right.next();
                }
                (Some(a), Some(b)) => return if a < b { left.next() } else { right.next() },
                (Some(_), None) => return left.next(),
                (None, _) => return right.next(),
            }
        }
    })
}

#[cfg(test)]
mod tests;
