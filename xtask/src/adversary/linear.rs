//! A9: all answers of a month as one system of equations and inequalities.
//!
//! First equations: whoever's number of negative texts is a combination of exact answers stands alone in a reduced row. Then inequalities: every
//! count lies in its bounds and every voice counts 0 or 1, so each answer bounds the groups that the tables do not divide, and these the cells that were refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::K;
use super::answers::{Answer, Answers, Bounds};
use super::report::Exposed;
use super::tables::{READERS, Reader};

/// Arithmetic of the elimination is modulo this prime: the Mersenne prime 2^31 − 1, so that products fit 64 bits.
const PRIME: u64 = (1 << 31) - 1;

pub(super) fn solved(answers: &Answers) -> [(&'static str, &'static str, Exposed); 2] {
    let [mut equations, mut inequalities] = [(); 2].map(|()| Exposed::default());
    let months: BTreeSet<&str> =
        answers.answered.iter().map(|answer| answer.month.as_str()).collect();
    for month in months {
        for reader in READERS {
            let of = |list: &'_ [Answer]| -> Vec<Unknowns> {
                list.iter()
                    .filter(|answer| answer.month == month)
                    .map(|answer| Unknowns::of(answers, answer, reader))
                    .filter(|unknowns| !unknowns.variables.is_empty())
                    .collect()
            };
            let (answered, refused) = (of(&answers.answered), of(&answers.refused));
            eliminate(answers, &answered, &mut equations);
            bound(answers, &answered, &refused, &mut inequalities);
        }
    }
    [
        ("A9", "exact answers as equations", equations),
        ("A9", "all answers as inequalities over whole numbers", inequalities),
    ]
}

/// A voice together with the set of its documents that a cell counts.
type Part = (usize, usize);

/// What an answer says of voices that the reader does not know.
struct Unknowns {
    variables: BTreeSet<Part>,
    low: i64,
    high: i64,
}

impl Unknowns {
    fn of(answers: &Answers, answer: &Answer, reader: Reader) -> Self {
        let is_known =
            |voice: usize| reader == Reader::OfOpenTexts && answers.voices[voice].is_open;
        let known =
            answer.members.iter().filter(|m| is_known(m.voice) && m.is_negative).count() as i64;
        let members = answer.members.iter().filter(|m| !is_known(m.voice));
        Self {
            variables: members.map(|member| (member.voice, member.documents)).collect(),
            low: answer.negative.0 - known,
            high: answer.negative.1 - known,
        }
    }

    fn voices(&self) -> BTreeSet<usize> {
        self.variables.iter().map(|(voice, _)| *voice).collect()
    }
}

fn people(answers: &Answers, voices: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    voices.into_iter().map(|voice| answers.voices[voice].person).collect()
}

/// Gauss and Jordan over the exact answers. Here a voice is taken to have one direction in all cells, which gives the attacker more equations.
fn eliminate(answers: &Answers, answered: &[Unknowns], exposed: &mut Exposed) {
    let mut reduced: Vec<(usize, HashMap<usize, u64>)> = Vec::new();
    for unknowns in answered.iter().filter(|unknowns| unknowns.low == unknowns.high) {
        let mut row: HashMap<usize, u64> =
            unknowns.voices().into_iter().map(|voice| (voice, 1)).collect();
        for (pivot, other) in &reduced {
            if let Some(factor) = row.get(pivot).copied() {
                subtract(&mut row, other, factor);
            }
        }
        let Some(pivot) = row.keys().copied().min() else { continue };
        let inverse = power(row[&pivot], PRIME - 2);
        row.values_mut().for_each(|value| *value = *value * inverse % PRIME);
        for (_, other) in &mut reduced {
            if let Some(factor) = other.get(&pivot).copied() {
                subtract(other, &row, factor);
            }
        }
        reduced.push((pivot, row));
    }
    for (_, row) in reduced {
        let people = people(answers, row.keys().copied());
        // Equal factors are a plain sum over the group; other mixtures of several people tell the number of none.
        let is_sum = row.values().all(|value| *value == 1);
        if people.len() < K && (is_sum || people.len() == 1) {
            exposed.add_set(people);
        }
    }
}

fn subtract(row: &mut HashMap<usize, u64>, other: &HashMap<usize, u64>, factor: u64) {
    for (column, value) in other {
        let entry = row.entry(*column).or_default();
        *entry = (*entry + PRIME - value * factor % PRIME) % PRIME;
        if *entry == 0 {
            row.remove(column);
        }
    }
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    result
}

/// Bounds of every group of voices that no answer divides: each answer leaves to one group what the others cannot take, until nothing moves.
///
/// Rows are the answers and the differences of every two of them of which one holds the other. Then every refused cell is asked for.
fn bound(answers: &Answers, answered: &[Unknowns], refused: &[Unknowns], exposed: &mut Exposed) {
    let mut rows_of: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
    for (row, unknowns) in answered.iter().enumerate() {
        unknowns.variables.iter().for_each(|part| rows_of.entry(*part).or_default().push(row));
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<Part>> = BTreeMap::new();
    for (part, rows) in rows_of {
        groups.entry(rows).or_default().push(part);
    }
    let groups: Vec<(Vec<usize>, Vec<Part>)> = groups.into_iter().collect();
    let mut bounds: Vec<Bounds> = groups.iter().map(|(_, parts)| (0, parts.len() as i64)).collect();
    let rows = rows(answered, &groups);
    while rows.iter().filter(|row| tighten(row, &mut bounds)).count() > 0 {}
    for ((_, parts), bounds) in groups.iter().zip(&bounds) {
        conclude(answers, parts.iter().map(|(voice, _)| *voice), *bounds, exposed);
    }
    let group_of: HashMap<Part, usize> = groups
        .iter()
        .enumerate()
        .flat_map(|(at, (_, parts))| parts.iter().map(move |part| (*part, at)))
        .collect();
    for cell in refused {
        // A refused cell can be asked for only if answers do not cut through its groups.
        let at: BTreeSet<usize> =
            cell.variables.iter().filter_map(|part| group_of.get(part).copied()).collect();
        let voices: usize = at.iter().map(|at| groups[*at].1.len()).sum();
        if voices == cell.variables.len() {
            let sum =
                at.iter().fold((0, 0), |sum, at| (sum.0 + bounds[*at].0, sum.1 + bounds[*at].1));
            conclude(answers, cell.voices(), sum, exposed);
        }
    }
}

/// Groups whose sum is told, and what is told.
struct Row {
    groups: Vec<usize>,
    told: Bounds,
}

fn rows(answered: &[Unknowns], groups: &[(Vec<usize>, Vec<Part>)]) -> Vec<Row> {
    let of = |row: usize| -> BTreeSet<usize> {
        groups
            .iter()
            .enumerate()
            .filter(|(_, (rows, _))| rows.contains(&row))
            .map(|(at, _)| at)
            .collect()
    };
    let sets: Vec<BTreeSet<usize>> = (0..answered.len()).map(of).collect();
    let mut rows = Vec::new();
    for (whole, unknowns) in sets.iter().zip(answered) {
        rows.push(Row {
            groups: whole.iter().copied().collect(),
            told: (unknowns.low, unknowns.high),
        });
        for (part, inner) in sets.iter().zip(answered).filter(|(part, _)| part.is_subset(whole)) {
            let left: Vec<usize> = whole.difference(part).copied().collect();
            if !left.is_empty() {
                let told = (unknowns.low - inner.high, unknowns.high - inner.low);
                rows.push(Row { groups: left, told });
            }
        }
    }
    rows
}

/// Cuts the bounds of each group of a row to what the others leave. Gives whether anything moved.
fn tighten(row: &Row, bounds: &mut [Bounds]) -> bool {
    let sum =
        row.groups.iter().fold((0, 0), |sum, at| (sum.0 + bounds[*at].0, sum.1 + bounds[*at].1));
    let mut moved = false;
    for at in &row.groups {
        let (low, high) = bounds[*at];
        let others = (sum.0 - low, sum.1 - high);
        let cut = (low.max(row.told.0 - others.1), high.min(row.told.1 - others.0));
        moved |= cut != (low, high);
        bounds[*at] = cut;
        if moved {
            // The sum is stale now; the next round takes the others.
            return true;
        }
    }
    moved
}

fn conclude(
    answers: &Answers,
    voices: impl IntoIterator<Item = usize>,
    (low, high): Bounds,
    exposed: &mut Exposed,
) {
    let voices: BTreeSet<usize> = voices.into_iter().collect();
    let people = people(answers, voices.iter().copied());
    if low == high && (low == 0 || low == voices.len() as i64) {
        people.iter().for_each(|person| exposed.add_one(*person));
    } else if low == high && people.len() < K {
        exposed.add_set(people);
    }
}
