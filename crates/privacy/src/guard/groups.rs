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

/// Whether some combination of `cells` tells of fewer than `k` people, as far as is searched: sums and differences of at most four atoms, all of them,
/// and the reduced rows under several orders of elimination, for larger ones.
pub(super) fn tell_of_a_few(cells: &[&[u32]], atoms: &Atoms, k: u32) -> bool {
    let orders = if cells.len() <= CELLS_MAX { ORDERS } else { 1 };
    let mut degrees = vec![0_u64; atoms.len()];
    cells.iter().copied().flatten().for_each(|atom| degrees[*atom as usize] += 1);
    let spaces = (0..orders).map(|order| {
        let mut space = RowSpace::default();
        for cell in cells {
            // Pivots where few tables count keep the rows sparse; the other orders are for what this one does not show.
            let rank = |atom: u32| {
                if order == 0 { degrees[atom as usize] } else { drawn(atom ^ (order << 24)) }
            };
            space.insert(cell, rank);
        }
        space
    });
    let large = atoms.large_voices(k) as usize;
    spaces.enumerate().any(|(order, space)| {
        let is_told =
            space.all_supports().any(|support| support.len() < large && atoms.is_small(support, k));
        is_told || order == 0 && sums_tell_of_a_few(&space, atoms, k)
    })
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
    let mut halves = singles.clone();
    for (index, one) in singles.iter().enumerate() {
        for other in singles.get(index + 1..).unwrap_or_default() {
            if atoms.is_small([one.atoms.0, other.atoms.0], k) {
                let pair = (one.atoms.0, other.atoms.0);
                let values = [other.value, negated(other.value)];
                halves.extend(
                    values.map(|value| Half {
                        value: unsigned(added(one.value, value)),
                        atoms: pair,
                    }),
                );
            }
        }
    }
    halves.sort_unstable();
    halves.chunk_by(|one, other| one.value == other.value).any(|equal| {
        equal
            .iter()
            .enumerate()
            .any(|(index, one)| equal[index + 1..].iter().any(|other| tells(one, other)))
    })
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
