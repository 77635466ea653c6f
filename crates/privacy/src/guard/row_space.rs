//! The row space of all released cells, in reduced row echelon form, kept up to date cell by cell.
//!
//! Whoever holds the released tables can form any linear combination of them. A combination that isolates a few people is a disclosure. The reduced
//! form answers the main question exactly: a unit vector lies in the row space if and only if it is one of the reduced rows. Arithmetic is modulo the
//! prime 2^61 − 1: a unit vector of the rational row space is one modulo p too unless p divides a minor of the matrix, which does not happen by
//! accident, and the reverse error only withholds a cell.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

const PRIME: u64 = (1 << 61) - 1;

/// A sparse row: column → coefficient, none of them zero.
type Row = FxHashMap<u32, u64>;

/// Reduced rows, each with its pivot column, and rows that must not follow from them.
#[derive(Debug, Default)]
pub(super) struct RowSpace {
    rows: Sparse,
    pivot_row: FxHashMap<u32, u32>,
    /// What is left of each watched row when the reduced rows are taken out; empty means that it follows.
    watched: Sparse,
}

/// Sparse rows with an index by column.
#[derive(Debug, Default)]
struct Sparse {
    rows: Vec<Row>,
    /// Rows that have or had an entry in a column.
    of_column: FxHashMap<u32, Vec<u32>>,
}

/// What an insertion did, for taking it back.
#[derive(Debug)]
pub(super) struct Insertion {
    row: u32,
    pivot: u32,
    eliminated: Vec<(u32, u64)>,
    eliminated_watched: Vec<(u32, u64)>,
    /// A watched row follows from the rows since.
    pub(super) completes_watched: bool,
}

impl RowSpace {
    /// Watches the indicator row of `columns`: [`Insertion::completes_watched`] tells when it follows. To be called before the first insertion.
    pub(super) fn watch(&mut self, columns: &[u32]) {
        debug_assert!(self.rows.rows.is_empty(), "watched rows are reduced by insertions only");
        self.watched.push(columns.iter().map(|column| (*column, 1)).collect());
    }

    /// Adds the indicator row of `columns`. `None` when it follows from the rows already here: then it tells nothing new.
    ///
    /// Of the columns that could be the pivot, the one with the smallest `rank` is taken: columns that few rows use keep the rows sparse.
    pub(super) fn insert(
        &mut self,
        columns: &[u32],
        rank: impl Fn(u32) -> u64,
    ) -> Option<Insertion> {
        let mut row: Row = columns.iter().map(|column| (*column, 1)).collect();
        for column in columns {
            if let Some(pivot_row) = self.pivot_row.get(column) {
                // Reduced rows have no entries in other pivot columns, so one pass over the original columns is enough.
                let factor = row
                    .get(column)
                    .copied()
                    .expect("reduced rows have no entry in another's pivot column");
                subtract(&mut row, &self.rows.rows[*pivot_row as usize], factor, |_| {});
            }
        }
        let pivot = row.keys().copied().min_by_key(|column| (rank(*column), *column))?;
        let leading = inverse(row[&pivot]);
        scale(&mut row, leading);
        let eliminated = self.rows.eliminate(pivot, &row);
        let eliminated_watched = self.watched.eliminate(pivot, &row);
        let completes_watched = eliminated_watched
            .iter()
            .any(|(watched, _)| self.watched.rows[*watched as usize].is_empty());
        self.pivot_row.insert(pivot, self.rows.rows.len() as u32);
        let row = self.rows.push(row);
        Some(Insertion { row, pivot, eliminated, eliminated_watched, completes_watched })
    }

    /// The supports of all rows that `insertion` made or changed.
    pub(super) fn supports<'a>(
        &'a self,
        insertion: &'a Insertion,
    ) -> impl Iterator<Item = impl ExactSizeIterator<Item = u32> + 'a> + 'a {
        let changed = insertion.eliminated.iter().map(|(row, _)| *row).chain([insertion.row]);
        changed.map(|row| self.rows.rows[row as usize].keys().copied())
    }

    /// The supports of all reduced rows.
    pub(super) fn all_supports(
        &self,
    ) -> impl Iterator<Item = impl ExactSizeIterator<Item = u32> + '_> {
        self.rows.rows.iter().map(|row| row.keys().copied())
    }

    /// The value in `column` of one row that is orthogonal to every row of the space, chosen at random but the same each time.
    ///
    /// Columns without a pivot are drawn, and each pivot is what makes its reduced row add up to nothing. A row that follows has the product 0 with it;
    /// one that does not has it with a chance of one in 2^61.
    pub(super) fn orthogonal(&self, column: u32) -> u64 {
        let Some(row) = self.pivot_row.get(&column) else { return drawn(column) };
        let others = self.rows.rows[*row as usize].iter().filter(|(other, _)| **other != column);
        let sum = others.fold(0, |sum, (other, value)| added(sum, multiply(*value, drawn(*other))));
        negated(sum)
    }

    /// Undoes the last insertion.
    pub(super) fn take_back(&mut self, insertion: Insertion) {
        self.pivot_row.remove(&insertion.pivot);
        debug_assert_eq!(
            self.rows.rows.len() as u32,
            insertion.row + 1,
            "only the last insertion can be taken back"
        );
        let row = self.rows.pop();
        self.rows.add_back(&row, &insertion.eliminated);
        self.watched.add_back(&row, &insertion.eliminated_watched);
    }
}

impl Sparse {
    fn push(&mut self, row: Row) -> u32 {
        let index = self.rows.len() as u32;
        for column in row.keys() {
            self.of_column.entry(*column).or_default().push(index);
        }
        self.rows.push(row);
        index
    }

    fn pop(&mut self) -> Row {
        let row = self.rows.pop().expect("an insertion pushed this row");
        let index = self.rows.len() as u32;
        for column in row.keys() {
            if let Some(rows) = self.of_column.get_mut(column) {
                rows.retain(|other| *other != index);
            }
        }
        row
    }

    /// Takes multiples of `row` out of all rows with an entry in `pivot`, where `row` has a one; gives the rows and factors.
    fn eliminate(&mut self, pivot: u32, row: &Row) -> Vec<(u32, u64)> {
        let mut eliminated = Vec::new();
        // A row stands here twice when it lost the column and got it again: the second time it has no entry.
        for other in self.of_column.get(&pivot).cloned().unwrap_or_default() {
            if let Some(factor) = self.rows[other as usize].get(&pivot).copied() {
                self.subtract(other, row, factor);
                eliminated.push((other, factor));
            }
        }
        eliminated
    }

    fn add_back(&mut self, row: &Row, eliminated: &[(u32, u64)]) {
        for (other, factor) in eliminated {
            self.subtract(*other, row, PRIME - factor);
        }
    }

    fn subtract(&mut self, index: u32, row: &Row, factor: u64) {
        let of_column = &mut self.of_column;
        subtract(&mut self.rows[index as usize], row, factor, |column| {
            of_column.entry(column).or_default().push(index)
        });
    }
}

/// Takes `factor` times `other` out of `row`, telling each column that `row` did not have before.
fn subtract(row: &mut Row, other: &Row, factor: u64, mut added: impl FnMut(u32)) {
    for (column, value) in other {
        let product = multiply(*value, factor);
        match row.entry(*column) {
            Entry::Vacant(entry) => {
                entry.insert(PRIME - product);
                added(*column);
            }
            Entry::Occupied(mut entry) => {
                let difference = reduced(*entry.get() + PRIME - product);
                if difference == 0 {
                    entry.remove();
                } else {
                    entry.insert(difference);
                }
            }
        }
    }
}

/// A number below the prime for a column (SplitMix64, Steele et al. 2014).
pub(super) fn drawn(column: u32) -> u64 {
    let mut mixed = u64::from(column).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % PRIME
}

/// What adds up to nothing with `value`.
pub(super) fn negated(value: u64) -> u64 {
    reduced(PRIME - value)
}

/// The sum of two values.
pub(super) fn added(one: u64, other: u64) -> u64 {
    reduced(one + other)
}

fn scale(row: &mut Row, factor: u64) {
    row.values_mut().for_each(|value| *value = multiply(*value, factor));
}

/// The product of two values. 2^61 is one modulo the prime, so what lies above the lowest 61 bits is added to them: no division.
fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    reduced((product as u64 & PRIME) + (product >> 61) as u64)
}

/// A sum of two values, brought below the prime.
fn reduced(sum: u64) -> u64 {
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// Fermat: a^(p−2) is the inverse of a.
fn inverse(value: u64) -> u64 {
    let (mut power, mut base, mut exponent) = (1, value, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = multiply(power, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smallest_support(rows: &[&[u32]]) -> usize {
        let mut space = RowSpace::default();
        for row in rows {
            space.insert(row, u64::from);
        }
        space.rows.rows.iter().map(FxHashMap::len).min().unwrap()
    }

    #[test]
    fn three_pairs_of_three_people_tell_each_of_them() {
        // a+b, b+c, a+c: no difference of two cells is one person, but the system is solved.
        assert_eq!(smallest_support(&[&[0, 1], &[1, 2], &[0, 2]]), 1);
        assert_eq!(smallest_support(&[&[0, 1], &[1, 2], &[2, 3], &[3, 0]]), 2);
    }

    #[test]
    fn a_row_that_follows_is_nothing_new() {
        let mut space = RowSpace::default();
        assert!(space.insert(&[0, 1], u64::from).is_some());
        assert!(space.insert(&[2, 3], u64::from).is_some());
        assert!(space.insert(&[0, 1, 2, 3], u64::from).is_none());
    }

    #[test]
    fn taking_back_restores_every_row() {
        let mut space = RowSpace::default();
        space.insert(&[0, 1, 2, 3], u64::from);
        space.insert(&[1, 2], u64::from);
        let before = space.rows.rows.clone();
        let insertion = space.insert(&[0, 2], u64::from).unwrap();
        space.take_back(insertion);
        assert_eq!(space.rows.rows, before);
        assert!(
            space.insert(&[0, 3], u64::from).is_none(),
            "the difference of the first two is still known"
        );
    }

    #[test]
    fn a_watched_row_is_told_when_it_follows() {
        let mut space = RowSpace::default();
        space.watch(&[2, 3]);
        assert!(!space.insert(&[0, 1, 2, 3], u64::from).unwrap().completes_watched);
        let completing = space.insert(&[0, 1], u64::from).unwrap();
        assert!(completing.completes_watched, "the whole minus the other part");
        space.take_back(completing);
        assert!(!space.insert(&[0, 2], u64::from).unwrap().completes_watched);
        assert!(!space.insert(&[1, 4], u64::from).unwrap().completes_watched);
    }

    #[test]
    fn inverses_invert() {
        for value in [1, 2, 3, 12_345, PRIME - 1] {
            assert_eq!(multiply(value, inverse(value)), 1);
        }
    }
}
