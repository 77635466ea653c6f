//! The row space of all released cells, in reduced row echelon form, kept up to date cell by cell.
//!
//! Whoever holds the released tables can form any linear combination of them. A combination that isolates a few people is a disclosure. The reduced
//! form answers the main question exactly: a unit vector lies in the row space if and only if it is one of the reduced rows. Arithmetic is modulo the
//! prime 2^61 − 1: a unit vector of the rational row space is one modulo p too unless p divides a minor of the matrix, which does not happen by
//! accident, and the reverse error only withholds a cell.

use rustc_hash::FxHashMap;

const PRIME: u64 = (1 << 61) - 1;

/// A sparse row: column → coefficient, none of them zero.
type Row = FxHashMap<u32, u64>;

/// Reduced rows, each with its pivot column.
#[derive(Debug, Default)]
pub(super) struct RowSpace {
    rows: Vec<Row>,
    pivot_row: FxHashMap<u32, u32>,
    /// Rows that have or had an entry in a column.
    rows_of_column: FxHashMap<u32, Vec<u32>>,
}

/// What an insertion did, for taking it back.
#[derive(Debug)]
pub(super) struct Insertion {
    row: u32,
    pivot: u32,
    eliminated: Vec<(u32, u64)>,
}

impl RowSpace {
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
                let factor = row.get(column).copied().unwrap_or(0);
                subtract(&mut row, &self.rows[*pivot_row as usize], factor);
            }
        }
        let pivot = row.keys().copied().min_by_key(|column| (rank(*column), *column))?;
        let leading = inverse(row[&pivot]);
        scale(&mut row, leading);
        let index = self.rows.len() as u32;
        let mut eliminated = Vec::new();
        for other in self.rows_of_column.get(&pivot).cloned().unwrap_or_default() {
            let Some(factor) = self.rows[other as usize].get(&pivot).copied() else { continue };
            subtract(&mut self.rows[other as usize], &row, factor);
            self.note_columns(other, row.keys().copied());
            eliminated.push((other, factor));
        }
        self.note_columns(index, row.keys().copied());
        self.pivot_row.insert(pivot, index);
        self.rows.push(row);
        Some(Insertion { row: index, pivot, eliminated })
    }

    /// The supports of all rows that `insertion` made or changed.
    pub(super) fn supports<'a>(
        &'a self,
        insertion: &'a Insertion,
    ) -> impl Iterator<Item = impl ExactSizeIterator<Item = u32> + 'a> + 'a {
        let changed = insertion.eliminated.iter().map(|(row, _)| *row).chain([insertion.row]);
        changed.map(|row| self.rows[row as usize].keys().copied())
    }

    /// Undoes the last insertion.
    pub(super) fn take_back(&mut self, insertion: Insertion) {
        let row = self.rows.pop().expect("an insertion pushed this row");
        debug_assert_eq!(
            self.rows.len() as u32,
            insertion.row,
            "only the last insertion can be taken back"
        );
        self.pivot_row.remove(&insertion.pivot);
        for column in row.keys() {
            if let Some(rows) = self.rows_of_column.get_mut(column) {
                rows.retain(|index| *index != insertion.row);
            }
        }
        for (other, factor) in insertion.eliminated {
            subtract(&mut self.rows[other as usize], &row, PRIME - factor);
            self.note_columns(other, row.keys().copied());
        }
    }

    fn note_columns(&mut self, row: u32, columns: impl Iterator<Item = u32>) {
        for column in columns {
            let rows = self.rows_of_column.entry(column).or_default();
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
}

fn subtract(row: &mut Row, other: &Row, factor: u64) {
    if factor == 0 {
        return;
    }
    for (column, value) in other {
        let product = multiply(*value, factor);
        let entry = row.entry(*column).or_insert(0);
        *entry = (*entry + PRIME - product) % PRIME;
        if *entry == 0 {
            row.remove(column);
        }
    }
}

fn scale(row: &mut Row, factor: u64) {
    row.values_mut().for_each(|value| *value = multiply(*value, factor));
}

fn multiply(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
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
        space.rows.iter().map(FxHashMap::len).min().unwrap()
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
        let before = space.rows.clone();
        let insertion = space.insert(&[0, 2], u64::from).unwrap();
        space.take_back(insertion);
        assert_eq!(space.rows, before);
        assert!(
            space.insert(&[0, 3], u64::from).is_none(),
            "the difference of the first two is still known"
        );
    }

    #[test]
    fn inverses_invert() {
        for value in [1, 2, 3, 12_345, PRIME - 1] {
            assert_eq!(multiply(value, inverse(value)), 1);
        }
    }
}
