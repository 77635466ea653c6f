//! Small groups whose sum, or whose difference, follows from all released cells together.
//!
//! A reduced row isolates a few people only when the pivots happen to lie well, and finding the sparsest row of a space is hard in general. For groups of
//! up to four atoms it is not: a row follows from the space if and only if it is orthogonal to what the space is orthogonal to. Take one such row at
//! random, and each atom has a number; a sum or difference of atoms follows exactly if their numbers, added with these signs, give zero. Four
//! numbers that give zero are two pairs with the same sum, and those are found by sorting.

use super::atoms::Atoms;
use super::row_space::{RowSpace, added, drawn, negated};

/// With more atoms than this that are small alone, pairs only are looked for: there are too many pairs of pairs.
const ATOMS_MAX: usize = 1_500;

/// Orders of elimination that are tried; one only when there are more cells than this.
const ORDERS: u32 = 8;
const CELLS_MAX: usize = 600;

/// One or two atoms and the value of their sum or difference, the same for both signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Half {
    value: u64,
    atoms: (u32, u32),
}

/// One of the ways in which small groups are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// The reduced rows under one order of elimination: larger groups too, but only those that happen to be a row.
    Rows(u32),
    /// Sums and differences of at most four atoms, all of them.
    Sums,
}

impl Search {
    /// The search by which some combination of `cells` tells of fewer than `k` people, if one does.
    pub(super) fn that_tells(cells: &[&[u32]], atoms: &Atoms, k: u32) -> Option<Self> {
        let orders = if cells.len() <= CELLS_MAX { ORDERS } else { 1 };
        (0..orders).find_map(|order| {
            let space = space(cells, atoms, order);
            if rows_tell_of_a_few(&space, atoms, k) {
                return Some(Self::Rows(order));
            }
            (order == 0 && sums_tell_of_a_few(&space, atoms, k)).then_some(Self::Sums)
        })
    }

    /// Whether some combination of `cells` tells by this search.
    pub(super) fn tells(self, cells: &[&[u32]], atoms: &Atoms, k: u32) -> bool {
        match self {
            Self::Rows(order) => rows_tell_of_a_few(&space(cells, atoms, order), atoms, k),
            Self::Sums => sums_tell_of_a_few(&space(cells, atoms, 0), atoms, k),
        }
    }
}

fn space(cells: &[&[u32]], atoms: &Atoms, order: u32) -> RowSpace {
    let mut degrees = vec![0_u64; atoms.len()];
    cells.iter().copied().flatten().for_each(|atom| degrees[*atom as usize] += 1);
    let mut space = RowSpace::default();
    for cell in cells {
        // Pivots where few tables count keep the rows sparse; the other orders are for what this one does not show.
        space.insert(cell, |atom| {
            if order == 0 { degrees[atom as usize] } else { drawn(atom ^ (order << 24)) }
        });
    }
    space
}

fn rows_tell_of_a_few(space: &RowSpace, atoms: &Atoms, k: u32) -> bool {
    let large = atoms.large_voices(k) as usize;
    space.all_supports().any(|support| support.len() < large && atoms.is_small(support, k))
}

fn sums_tell_of_a_few(space: &RowSpace, atoms: &Atoms, k: u32) -> bool {
    let single = |atom: u32| Half { value: unsigned(space.orthogonal(atom)), atoms: (atom, atom) };
    let small = (0..atoms.len() as u32).filter(|atom| atoms.is_small([*atom], k));
    let mut singles: Vec<Half> = small.map(single).collect();
    // Of two atoms with one value the smaller speaks for both: a group with the larger is a group with it.
    singles.sort_unstable_by_key(|half| (half.value, atoms.voices(half.atoms.0), half.atoms));
    let tells = |one: &Half, other: &Half| {
        let group = [one.atoms.0, one.atoms.1, other.atoms.0, other.atoms.1];
        is_group(group) && atoms.is_small(distinct(group), k)
    };
    if singles.first().is_some_and(|half| half.value == 0)
        || singles
            .windows(2)
            .any(|pair| pair[0].value == pair[1].value && tells(&pair[0], &pair[1]))
    {
        return true;
    }
    singles.dedup_by_key(|half| half.value);
    if singles.len() > ATOMS_MAX {
        return false;
    }
    let mut meetings = Meetings::default();
    for_each_half(&singles, atoms, k, |half| meetings.note(half.value));
    let mut halves = Vec::new();
    for_each_half(&singles, atoms, k, |half| {
        if meetings.has_met(half.value) {
            halves.push(half);
        }
    });
    halves.sort_unstable();
    halves.chunk_by(|one, other| one.value == other.value).any(|equal| {
        equal
            .iter()
            .enumerate()
            .any(|(index, one)| equal[index + 1..].iter().any(|other| tells(one, other)))
    })
}

/// The single atoms, and the sum and the difference of each two that are small together.
fn for_each_half(singles: &[Half], atoms: &Atoms, k: u32, mut act: impl FnMut(Half)) {
    for (index, one) in singles.iter().enumerate() {
        act(*one);
        for other in &singles[index + 1..] {
            if atoms.are_small_together(one.atoms.0, other.atoms.0, k) {
                for value in [other.value, negated(other.value)] {
                    let value = unsigned(added(one.value, value));
                    act(Half { value, atoms: (one.atoms.0, other.atoms.0) });
                }
            }
        }
    }
}

/// Which values may occur twice, in two bits for each of many places: of millions of halves a few are left to be sorted.
struct Meetings {
    once: Vec<u64>,
    twice: Vec<u64>,
}

impl Default for Meetings {
    fn default() -> Self {
        let words = 1 << (Self::PLACES_LOG2 - 6);
        Self { once: vec![0; words], twice: vec![0; words] }
    }
}

impl Meetings {
    const PLACES_LOG2: u32 = 24;

    fn note(&mut self, value: u64) {
        let (word, bit) = Self::place(value);
        self.twice[word] |= self.once[word] & bit;
        self.once[word] |= bit;
    }

    fn has_met(&self, value: u64) -> bool {
        let (word, bit) = Self::place(value);
        self.twice[word] & bit != 0
    }

    /// Values are sums of random numbers: their lowest bits are as good as a hash.
    fn place(value: u64) -> (usize, u64) {
        let place = value & ((1 << Self::PLACES_LOG2) - 1);
        ((place >> 6) as usize, 1 << (place & 63))
    }
}

/// The same for a value and what adds up to nothing with it.
fn unsigned(value: u64) -> u64 {
    value.min(negated(value))
}

/// Whether two halves share no atom.
fn is_group([a, b, c, d]: [u32; 4]) -> bool {
    a != c && a != d && b != c && b != d
}

fn distinct([a, b, c, d]: [u32; 4]) -> impl Iterator<Item = u32> {
    let second = (b != a).then_some(b);
    let fourth = (d != c).then_some(d);
    [Some(a), second, Some(c), fourth].into_iter().flatten()
}
