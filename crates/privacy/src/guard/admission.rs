//! Which cells of one month, and of the weeks in it, are released.
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
//! Where open and confidential sources meet in one table, all this holds twice: for everybody, and for the confidential voices alone, which are what
//! is left to somebody who has read the open sources. Whatever the verdict, the counts as shown may not fix a difference or a remainder at nobody or everybody.
//!
//! What remains after that is looked through for groups of a few atoms whose sum or difference follows from all admitted cells together ([`super::groups`]),
//! and for sums of cells that tell of everybody in them ([`super::trackers`]).
//!
//! Greedy order is the complementary suppression: when a small unit must not follow from the others, it is the smallest other unit that stays back.

use corpus::{Period, SeriesKey, Visibility};
use rustc_hash::{FxHashMap, FxHashSet};

use super::atoms::Atoms;
use super::cells::{CandidateCell, SourceVoices, Tally, is_fixed_grain};
pub(super) use super::figures::Counts;
use super::figures::counts;
use super::groups::Search;
use super::row_space::{Insertion, RowSpace};
use super::trackers::Trackers;

/// How a cell may be shown, the freest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// With exact figures.
    Exact,
    /// As ranges: it, or what it differs by from another cell, is one-sided.
    Range,
    /// Not at all.
    Withheld,
}

/// One verdict a cell, in the order of `cells`, which are all of one month and its weeks. `told` are the verdicts of those that were released before: they
/// stand, and what is told now is told to people who know them.
pub(super) fn admit(cells: &[&CandidateCell], told: &[Option<Verdict>], k: u32) -> Vec<Verdict> {
    let of_everybody = Atoms::new(cells, |_| true);
    let of_confidential = Atoms::new(cells, is_confidential);
    // Whoever has read the open sources takes their voices off each table that mixes both kinds: what is left must stand on its own.
    let is_mixed = of_confidential.len() > 0 && of_confidential.len() < of_everybody.len();
    let (told_before, mut order): (Vec<usize>, Vec<usize>) =
        by_usefulness(cells, &of_everybody).into_iter().partition(|cell| told[*cell].is_some());
    // Cells that may be shown as ranges only.
    let mut coarse: FxHashSet<usize> = FxHashSet::default();
    loop {
        let mut audits = vec![Audit::new(cells, &of_everybody, |_| true, k)];
        if is_mixed {
            audits.push(Audit::new(cells, &of_confidential, is_confidential, k));
        }
        let mut verdicts: Vec<Verdict> =
            told.iter().map(|verdict| verdict.unwrap_or(Verdict::Withheld)).collect();
        for cell in &told_before {
            audits.iter_mut().for_each(|audit| audit.take_over(*cell, verdicts[*cell]));
        }
        for cell in &order {
            let freest = if coarse.contains(cell) { Verdict::Range } else { Verdict::Exact };
            verdicts[*cell] = judge(&mut audits, *cell, freest);
        }
        let is_admitted = |cell: &usize| verdicts[*cell] != Verdict::Withheld;
        let admitted: Vec<usize> =
            told_before.iter().chain(&order).copied().filter(is_admitted).collect();
        let telling = audits.iter().filter_map(|audit| first_telling(audit, &admitted)).min();
        let is_group = telling.is_some();
        let tracked = || audits.iter().find_map(|audit| audit.tracked(&admitted));
        let Some(telling) = telling.or_else(tracked) else { return verdicts };
        if told[admitted[telling]].is_some() {
            // Since they were released somebody's texts were erased. What is out stays out, and nothing is added to it.
            order.iter().for_each(|cell| verdicts[*cell] = Verdict::Withheld);
            return verdicts;
        }
        // The least useful cell that completes such a group goes, and what depended on it is judged anew.
        if !is_group && verdicts[admitted[telling]] == Verdict::Exact {
            coarse.insert(admitted[telling]);
        } else {
            order.retain(|cell| *cell != admitted[telling]);
        }
    }
}

/// The first of the admitted cells, in their order, with which some group of a few people follows from all up to it.
fn first_telling(audit: &Audit<'_>, admitted: &[usize]) -> Option<usize> {
    let members: Vec<&[u32]> =
        admitted.iter().map(|cell| audit.atoms.cells[*cell].as_slice()).collect();
    let search = Search::that_tells(&members, audit.atoms, audit.k)?;
    // What follows from some cells follows from more of them, so the first is found by halving.
    let (mut without, mut with) = (0, admitted.len());
    while without + 1 < with {
        let middle = usize::midpoint(without, with);
        let tells = search.tells(&members[..middle], audit.atoms, audit.k);
        if tells { with = middle } else { without = middle }
    }
    Some(with - 1)
}

fn is_confidential(source: &SourceVoices) -> bool {
    source.visibility == Visibility::Confidential
}

/// The verdict on which all audits agree: the strictest.
fn judge(audits: &mut [Audit<'_>], cell: usize, freest: Verdict) -> Verdict {
    let strictest = |of: &dyn Fn(&Audit<'_>) -> Verdict| {
        audits.iter().map(of).max().unwrap_or(Verdict::Withheld)
    };
    let mut verdict = strictest(&|audit| audit.examine(cell)).max(freest);
    while verdict != Verdict::Withheld
        && !audits.iter().all(|audit| audit.leaves_open(cell, verdict))
    {
        verdict = if verdict == Verdict::Exact { Verdict::Range } else { Verdict::Withheld };
    }
    if verdict == Verdict::Withheld
        || !extend(audits, cell, Audit::extend_row_space, Audit::take_back)
    {
        return Verdict::Withheld;
    }
    if verdict == Verdict::Exact
        && !extend(audits, cell, Audit::extend_exact_space, Audit::take_back_exact)
    {
        verdict = Verdict::Range;
        if !audits.iter().all(|audit| audit.leaves_open(cell, verdict)) {
            return Verdict::Withheld;
        }
    }
    audits.iter_mut().for_each(|audit| audit.remember(cell, verdict));
    verdict
}

/// Adds the cell to a row space of every audit, or to none when it would disclose in one.
fn extend<'a>(
    audits: &mut [Audit<'a>],
    cell: usize,
    add: fn(&mut Audit<'a>, usize) -> Result<Option<Insertion>, Discloses>,
    take_back: fn(&mut Audit<'a>, Insertion),
) -> bool {
    let mut added = Vec::with_capacity(audits.len());
    for audit in audits.iter_mut() {
        match add(audit, cell) {
            Ok(insertion) => added.push(insertion),
            Err(Discloses) => break,
        }
    }
    if added.len() == audits.len() {
        return true;
    }
    for (audit, insertion) in audits.iter_mut().zip(added) {
        if let Some(insertion) = insertion {
            take_back(audit, insertion);
        }
    }
    false
}

/// A row space with the cell would tell of a few people.
struct Discloses;

/// Everything, then sources, units, topics, then pairs; within a grain the larger first, ties by key.
fn by_usefulness(cells: &[&CandidateCell], atoms: &Atoms) -> Vec<usize> {
    let mut order: Vec<usize> =
        (0..cells.len()).filter(|cell| is_fixed_grain(&cells[*cell].key)).collect();
    order.sort_by_cached_key(|cell| {
        let voices = atoms.size(atoms.cells[*cell].iter().copied());
        let CandidateCell { key, period, .. } = cells[*cell];
        // Wide units before the narrow ones that they hold.
        let narrowness = cells[*cell].wider_units.len();
        (grain(key), narrowness, std::cmp::Reverse(voices), key.clone(), *period)
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
    /// Directions in each cell, of the voices that this audit is about.
    tallies: Vec<Tally>,
    /// Of each cell, what those add who are not unknown here: voices of open sources in the audit of confidential ones.
    known: Vec<Tally>,
    /// Counts of the admitted cells as they are shown, less what is known.
    shown: Vec<Counts>,
    k: u32,
    /// Admitted cells that count an atom.
    admitted_with: Vec<Vec<u32>>,
    verdicts: Vec<Verdict>,
    index: FxHashMap<(&'a SeriesKey, Period), usize>,
    /// Per whole and kind of part: how often the admitted parts count each atom of the whole.
    covered: FxHashMap<Division, FxHashMap<u32, i32>>,
    /// The admitted parts of a whole.
    parts: FxHashMap<Division, Vec<usize>>,
    /// Cells with enough people that count an atom.
    degrees: Vec<u32>,
    space: RowSpace,
    /// Of the admitted cells, those with exact figures.
    exact_space: RowSpace,
}

/// A whole, how it is cut into parts, and the period that the parts are of: that of the whole, or a month or week all of whose people it counts.
type Division = (usize, Part, Period);

/// How a whole is cut into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Unit,
    Source,
    Topic,
}

impl<'a> Audit<'a> {
    fn new(
        cells: &'a [&'a CandidateCell],
        atoms: &'a Atoms,
        is_unknown: fn(&SourceVoices) -> bool,
        k: u32,
    ) -> Self {
        let tally = |is_counted: &dyn Fn(&SourceVoices) -> bool| -> Vec<Tally> {
            cells.iter().map(|cell| Tally::of_sources(cell, is_counted)).collect()
        };
        let (tallies, known) = (tally(&is_unknown), tally(&|source| !is_unknown(source)));
        let mut degrees = vec![0; atoms.len()];
        let (mut space, mut exact_space) = (RowSpace::default(), RowSpace::default());
        for (index, tally) in tallies.iter().enumerate() {
            let members = &atoms.cells[index];
            if atoms.is_small(members.iter().copied(), k) {
                space.watch(members);
                continue;
            }
            members.iter().for_each(|atom| degrees[*atom as usize] += 1);
            if !members.is_empty() && tally.is_one_sided() {
                exact_space.watch(members);
            }
        }
        Self {
            cells,
            atoms,
            shown: vec![[(0, 0); 3]; cells.len()],
            tallies,
            known,
            k,
            admitted_with: vec![Vec::new(); atoms.len()],
            verdicts: vec![Verdict::Withheld; cells.len()],
            index: cells
                .iter()
                .enumerate()
                .map(|(index, cell)| ((&cell.key, cell.period), index))
                .collect(),
            covered: FxHashMap::default(),
            parts: FxHashMap::default(),
            degrees,
            space,
            exact_space,
        }
    }

    /// Rules 1 to 3, and whether the cell or what it leaves of another is one-sided.
    fn examine(&self, cell: usize) -> Verdict {
        let members = &self.atoms.cells[cell];
        if members.is_empty() {
            // Everybody in it is known, or there is nobody: the audit of everybody has the say.
            let is_nobody = self.known[cell].voices() == 0;
            return if is_nobody { Verdict::Withheld } else { Verdict::Exact };
        }
        if self.atoms.is_small(members.iter().copied(), self.k) {
            return Verdict::Withheld;
        }
        let alone = if self.tallies[cell].is_one_sided() { Verdict::Range } else { Verdict::Exact };
        alone.max(self.differences(cell)).max(self.remainders(cell))
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
        let size = self.atoms.size(members.iter().copied());
        let mut verdict = Verdict::Exact;
        for (other, common) in shared {
            let other_members = &self.atoms.cells[other as usize];
            let other_size = self.atoms.size(other_members.iter().copied());
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
            let larger = if size > other_size { cell } else { other as usize };
            let difference = || symmetric_difference(members, other_members);
            if is_nested
                && both_exact
                && self.atoms.tally(difference(), self.cells[larger].period).is_one_sided()
            {
                verdict = Verdict::Range;
            }
        }
        verdict
    }

    /// Rule 3: as one more part of each whole that it belongs to, and as a whole of parts admitted before it (none, by the order of admission).
    fn remainders(&self, cell: usize) -> Verdict {
        let mut verdict = Verdict::Exact;
        for division in self.wholes(cell) {
            let whole = division.0;
            let nothing = FxHashMap::default();
            let covered = self.covered.get(&division).unwrap_or(&nothing);
            let members: FxHashSet<u32> = self.atoms.cells[cell].iter().copied().collect();
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
                && self.atoms.tally(left, self.cells[whole].period).is_one_sided()
            {
                verdict = Verdict::Range;
            }
        }
        verdict
    }

    /// Whether the counts shown leave open what remains of each whole that the cell is a part of, when it and the parts admitted before are taken off.
    fn remainders_stay_open(&self, cell: usize, shown: Counts) -> bool {
        let members = &self.atoms.cells[cell];
        self.wholes(cell).into_iter().all(|division| {
            let whole = division.0;
            let mut left: FxHashMap<u32, i64> =
                self.atoms.cells[whole].iter().map(|atom| (*atom, 1)).collect();
            let covered = self.covered.get(&division).into_iter().flatten();
            for (atom, count) in covered {
                *left.entry(*atom).or_default() -= i64::from(*count);
            }
            for atom in members {
                *left.entry(*atom).or_default() -= 1;
            }
            let (mut more, mut less) = (0, 0);
            for (atom, count) in left {
                let voices = i64::from(self.atoms.voices(atom)) * count;
                if voices > 0 { more += voices } else { less -= voices }
            }
            let parts = self.parts.get(&division).into_iter().flatten();
            let told = parts
                .map(|part| self.shown[*part])
                .chain([shown])
                .fold(self.shown[whole], difference);
            more + less == 0 || !fixes_ends(told, more, less)
        })
    }

    /// The admitted cells of which `cell` is a part.
    fn wholes(&self, cell: usize) -> Vec<Division> {
        let CandidateCell { key, period, .. } = self.cells[cell];
        let mut wholes = Vec::new();
        let mut add = |whole: SeriesKey, part: Part| {
            let before = wholes.len();
            wholes.extend(
                self.counting(cell, &whole).into_iter().map(|whole| (whole, part, *period)),
            );
            wholes.len() > before
        };
        if key.unit.is_some() {
            // Of the units that hold it the narrowest that is shown: a wider one has that as its part.
            let wider = self.cells[cell].wider_units.iter().cloned().map(Some).chain([None]);
            for unit in wider {
                if add(SeriesKey { unit, ..key.clone() }, Part::Unit) {
                    break;
                }
            }
        }
        if key.source.is_some() {
            add(SeriesKey { source: None, ..key.clone() }, Part::Source);
        }
        if key.topic.is_some() {
            add(SeriesKey { topic: None, ..key.clone() }, Part::Topic);
        }
        wholes
    }

    /// The admitted cell of `key` in the cell's own period, or those in other periods that count all of its people.
    fn counting(&self, cell: usize, key: &SeriesKey) -> Vec<usize> {
        let own = self.cells[cell].period;
        let admitted = |period: Period| {
            let index = self.index.get(&(key, period)).copied();
            index.filter(|index| self.verdicts[*index] != Verdict::Withheld)
        };
        let same = admitted(own);
        let others = self.atoms.periods().iter().filter(|period| same.is_none() && **period != own);
        let members = &self.atoms.cells[cell];
        let counting_all = others.copied().filter_map(admitted).filter(|other| {
            let counted = &self.atoms.cells[*other];
            members.iter().all(|atom| counted.binary_search(atom).is_ok())
        });
        same.into_iter().chain(counting_all).collect()
    }

    /// Whether the counts of the cell, shown under `verdict`, leave open how many speak in either direction: in the cell, in what an admitted cell has
    /// more or less than it, and in what is left of a whole.
    fn leaves_open(&self, cell: usize, verdict: Verdict) -> bool {
        let members = &self.atoms.cells[cell];
        if members.is_empty() {
            return true;
        }
        let shown = self.counts_less_known(cell, verdict);
        let size = self.tallies[cell].voices();
        if fixes_ends(shown, i64::from(size), 0) || !self.remainders_stay_open(cell, shown) {
            return false;
        }
        let mut shared: FxHashMap<u32, u32> = FxHashMap::default();
        for atom in members {
            for other in &self.admitted_with[*atom as usize] {
                *shared.entry(*other).or_default() += self.atoms.voices(*atom);
            }
        }
        shared.into_iter().all(|(other, common)| {
            let other = other as usize;
            let other_size = self.tallies[other].voices();
            let (more, less) = (i64::from(size - common), i64::from(other_size - common));
            more + less == 0 || !fixes_ends(difference(shown, self.shown[other]), more, less)
        })
    }

    /// The counts that the cell shows under `verdict`, less the voices that are known.
    fn counts_less_known(&self, cell: usize, verdict: Verdict) -> Counts {
        let known = &self.known[cell];
        let known = [known.positive, known.negative, known.neutral].map(i64::from);
        let mut shown = counts(&Tally::of(self.cells[cell]), verdict);
        for (bounds, known) in shown.iter_mut().zip(known) {
            *bounds = (bounds.0 - known, bounds.1 - known);
        }
        shown
    }

    /// Rule 4. Leaves the space as it was when the cell fails.
    fn extend_row_space(&mut self, cell: usize) -> Result<Option<Insertion>, Discloses> {
        let atoms = self.atoms;
        // Pivots where few tables count: such columns meet few other rows.
        let rank = |atom: u32| u64::from(self.degrees[atom as usize]);
        let Some(insertion) = self.space.insert(&atoms.cells[cell], rank) else { return Ok(None) };
        let large = atoms.large_voices(self.k) as usize;
        let discloses = insertion.completes_watched
            || self
                .space
                .supports(&insertion)
                .any(|support| support.len() < large && atoms.is_small(support, self.k));
        if discloses {
            self.space.take_back(insertion);
            return Err(Discloses);
        }
        Ok(Some(insertion))
    }

    fn take_back(&mut self, insertion: Insertion) {
        self.space.take_back(insertion);
    }

    /// Exact figures of a cell may not complete those of a one-sided one: what is left of a whole with exact parts is exact too.
    fn extend_exact_space(&mut self, cell: usize) -> Result<Option<Insertion>, Discloses> {
        let atoms = self.atoms;
        let rank = |atom: u32| u64::from(self.degrees[atom as usize]);
        let Some(insertion) = self.exact_space.insert(&atoms.cells[cell], rank) else {
            return Ok(None);
        };
        if insertion.completes_watched {
            self.exact_space.take_back(insertion);
            return Err(Discloses);
        }
        Ok(Some(insertion))
    }

    fn take_back_exact(&mut self, insertion: Insertion) {
        self.exact_space.take_back(insertion);
    }

    /// The place among the admitted cells of one with which some sum of cells tells of everybody in it.
    fn tracked(&self, admitted: &[usize]) -> Option<usize> {
        let cells: Vec<&[u32]> =
            admitted.iter().map(|cell| self.atoms.cells[*cell].as_slice()).collect();
        let shown: Vec<Counts> = admitted.iter().map(|cell| self.shown[*cell]).collect();
        let voices: Vec<u32> =
            (0..self.atoms.len() as u32).map(|atom| self.atoms.voices(atom)).collect();
        Trackers { cells: &cells, shown: &shown, voices: &voices }.telling()
    }

    /// Takes a cell over as it was released, whatever the rules say now.
    fn take_over(&mut self, cell: usize, verdict: Verdict) {
        if verdict == Verdict::Withheld {
            return;
        }
        let atoms = self.atoms;
        let rank = |atom: u32| u64::from(self.degrees[atom as usize]);
        self.space.insert(&atoms.cells[cell], rank);
        if verdict == Verdict::Exact {
            self.exact_space.insert(&atoms.cells[cell], rank);
        }
        self.remember(cell, verdict);
    }

    fn remember(&mut self, cell: usize, verdict: Verdict) {
        self.verdicts[cell] = verdict;
        self.shown[cell] = self.counts_less_known(cell, verdict);
        for atom in &self.atoms.cells[cell] {
            self.admitted_with[*atom as usize].push(cell as u32);
        }
        for whole in self.wholes(cell) {
            self.parts.entry(whole).or_default().push(cell);
            let covered = self.covered.entry(whole).or_default();
            for atom in &self.atoms.cells[cell] {
                *covered.entry(*atom).or_default() += 1;
            }
        }
    }
}

/// Bounds of what one cell counts more than another.
pub(super) fn difference(one: Counts, other: Counts) -> Counts {
    [0, 1, 2].map(|at| (one[at].0 - other[at].1, one[at].1 - other[at].0))
}

/// Whether bounds leave only one possibility, and that one tells of everybody: `more` people are counted in one cell only, `less` in the other only,
/// and none of the first is negative and all of the second are, or the reverse, or all of one and none of the other go in some direction.
pub(super) fn fixes_ends(shown: Counts, more: i64, less: i64) -> bool {
    let [positive, negative, neutral] = shown.map(|(low, high)| (low.max(-less), high.min(more)));
    let (most, least) = ((more, more), (-less, -less));
    let all_go = |shown: (i64, i64)| more > 0 && shown == most || less > 0 && shown == least;
    negative == most || negative == least || all_go(positive) || all_go(neutral)
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
