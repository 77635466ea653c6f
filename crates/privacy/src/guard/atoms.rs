//! People who stand in exactly the same candidate cells cannot be told apart by any table of them: one atom, one variable.
//!
//! The audit reasons about atoms, not people: a month of a large organization has twenty thousand voices, but far fewer ways to be counted.

use corpus::Period;
use rustc_hash::FxHashMap;

use super::cells::{CandidateCell, SourceVoices, Stance, Tally};

/// The atoms of one month.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    atoms: Vec<Atom>,
    /// Atoms of each cell, ascending, in the order of the candidates.
    pub(super) cells: Vec<Vec<u32>>,
    /// The month and the weeks that its cells are of.
    periods: Vec<Period>,
    /// Directions in each atom, one entry a period: the same people may speak otherwise the week after.
    tallies: Vec<Tally>,
    sources: usize,
}

#[derive(Debug, Clone, Copy)]
struct Atom {
    source: u32,
    are_contributors: bool,
    voices: u32,
}

impl Atoms {
    /// Groups the voices of `cells`, all of one month, by the set of cells that count them. Sources that `counts` refuses are left out.
    ///
    /// A voice that speaks differently about two topics has one direction in a period, that of the widest cell (the first): admission must not depend on
    /// more.
    pub(super) fn new(cells: &[&CandidateCell], counts: impl Fn(&SourceVoices) -> bool) -> Self {
        let mut sources: FxHashMap<&str, u32> = FxHashMap::default();
        let mut members: FxHashMap<(u32, u64), Member> = FxHashMap::default();
        let mut periods: Vec<Period> = cells.iter().map(|cell| cell.period).collect();
        periods.sort_unstable();
        periods.dedup();
        for (index, cell) in cells.iter().enumerate() {
            for source in cell.sources.iter().filter(|source| counts(source)) {
                let next = sources.len() as u32;
                let source_id = *sources.entry(source.source.as_str()).or_insert(next);
                for stance in &source.voices {
                    let member = members
                        .entry((source_id, stance.voice))
                        .or_insert_with(|| Member::new(source.are_contributors));
                    member.add(index as u32, cell.period, *stance);
                    member.are_contributors &= source.are_contributors;
                }
            }
        }
        let mut all = Self {
            atoms: Vec::new(),
            cells: vec![Vec::new(); cells.len()],
            periods,
            tallies: Vec::new(),
            sources: sources.len(),
        };
        let slots = all.periods.len();
        let mut known: FxHashMap<(u32, Vec<u32>), u32> = FxHashMap::default();
        let mut ordered: Vec<((u32, u64), Member)> = members.into_iter().collect();
        ordered.sort_unstable_by_key(|(id, _)| *id);
        for ((source, _), member) in ordered {
            let atom =
                *known.entry((source, member.cells)).or_insert_with_key(|(source, cells)| {
                    let atom = all.atoms.len() as u32;
                    cells.iter().for_each(|cell| all.cells[*cell as usize].push(atom));
                    all.atoms.push(Atom { source: *source, are_contributors: true, voices: 0 });
                    all.tallies.resize(all.atoms.len() * slots, Tally::default());
                    atom
                });
            for (period, stance) in &member.stances {
                let place = all.place(atom, *period);
                all.tallies[place].add(stance);
            }
            let atom = &mut all.atoms[atom as usize];
            atom.are_contributors &= member.are_contributors;
            atom.voices += 1;
        }
        all
    }

    /// The month and the weeks of the cells, ascending.
    pub(super) fn periods(&self) -> &[Period] {
        &self.periods
    }

    pub(super) fn len(&self) -> usize {
        self.atoms.len()
    }

    /// Voices of one atom.
    pub(super) fn voices(&self, atom: u32) -> u32 {
        self.atoms[atom as usize].voices
    }

    /// Voices of a set of atoms.
    pub(super) fn size(&self, set: impl IntoIterator<Item = u32>) -> u32 {
        set.into_iter().map(|atom| self.voices(atom)).sum()
    }

    /// Directions in a set of atoms, of what they said in `period`.
    pub(super) fn tally(&self, set: impl IntoIterator<Item = u32>, period: Period) -> Tally {
        let mut sum = Tally::default();
        for atom in set {
            let tally = &self.tallies[self.place(atom, period)];
            sum.positive += tally.positive;
            sum.negative += tally.negative;
            sum.neutral += tally.neutral;
            sum.score_sum += tally.score_sum;
        }
        sum
    }

    fn place(&self, atom: u32, period: Period) -> usize {
        let slot = self.periods.binary_search(&period).expect("every cell's period is listed");
        atom as usize * self.periods.len() + slot
    }

    /// Whether a set holds somebody, but certainly fewer than `k` people can be vouched for.
    ///
    /// One person may speak in several sources under several voices, so people are the maximum over sources; duplicate groups count half.
    pub(super) fn is_small(&self, set: impl IntoIterator<Item = u32>, k: u32) -> bool {
        let mut halves = vec![0_u32; self.sources];
        let mut is_empty = true;
        for atom in set {
            is_empty = false;
            let atom = &self.atoms[atom as usize];
            let sum = &mut halves[atom.source as usize];
            *sum += atom.half_people();
            if *sum >= 2 * k {
                return false;
            }
        }
        !is_empty
    }

    /// The same for two atoms that are each small alone.
    pub(super) fn are_small_together(&self, one: u32, other: u32, k: u32) -> bool {
        let [one, other] = [one, other].map(|atom| &self.atoms[atom as usize]);
        one.source != other.source || one.half_people() + other.half_people() < 2 * k
    }

    /// No set of at least this many voices is small, whatever sources they speak in.
    pub(super) fn large_voices(&self, k: u32) -> u32 {
        2 * k * self.sources.max(1) as u32
    }
}

impl Atom {
    /// Twice the people whom its voices stand for: a duplicate group counts half.
    fn half_people(&self) -> u32 {
        let weight = if self.are_contributors { 2 } else { 1 };
        weight * self.voices
    }
}

struct Member {
    /// One entry a period in which they spoke.
    stances: Vec<(Period, Stance)>,
    are_contributors: bool,
    cells: Vec<u32>,
}

impl Member {
    fn new(are_contributors: bool) -> Self {
        Self { stances: Vec::with_capacity(1), are_contributors, cells: Vec::new() }
    }

    fn add(&mut self, cell: u32, period: Period, stance: Stance) {
        self.cells.push(cell);
        if self.stances.iter().all(|(spoken, _)| *spoken != period) {
            self.stances.push((period, stance));
        }
    }
}
