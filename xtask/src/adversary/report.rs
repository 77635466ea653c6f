//! What the attacks found, as lines for people and as JSON for the record.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

/// Whom an attack exposed.
#[derive(Debug, Clone, Default)]
pub(super) struct Exposed {
    pub(super) singly: BTreeSet<usize>,
    /// In a group of fewer than five.
    pub(super) in_small_groups: BTreeSet<usize>,
}

/// One attack and what it found, as shares of all authors.
#[derive(Debug, Clone, Serialize)]
pub struct AttackResult {
    /// Its number in the catalogue.
    pub attack: String,
    /// What it does.
    pub what: String,
    /// Share of authors of whom something is told alone.
    pub exposed: f64,
    /// Share of authors of whom something is told as one of fewer than five.
    pub small: f64,
    /// A measured figure, where the attack has one.
    pub figure: Option<String>,
}

/// Questions of one kind and how many of them were answered.
#[derive(Debug, Clone, Serialize)]
pub struct AnsweredKind {
    /// The kind.
    pub kind: String,
    /// Asked.
    pub asked: usize,
    /// Answered with exact figures.
    pub exact: usize,
    /// Answered with narrow ranges.
    pub narrow: usize,
}

/// The verdict on one organization.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// People who wrote.
    pub authors: usize,
    /// Their documents.
    pub documents: usize,
    /// Every attack.
    pub attacks: Vec<AttackResult>,
    /// The basket.
    pub basket: Vec<AnsweredKind>,
    /// Share of authors exposed by any attack.
    pub exposed: f64,
    /// Share of authors in a small group by any attack.
    pub small: f64,
    /// Share of the basket that was answered.
    pub answered: f64,
}

impl Exposed {
    pub(super) fn add_one(&mut self, person: usize) {
        self.singly.insert(person);
    }

    /// A set whose figure is told: one of one is told alone.
    pub(super) fn add_set(&mut self, people: impl IntoIterator<Item = usize>) {
        let people: BTreeSet<usize> = people.into_iter().collect();
        if people.len() == 1 {
            self.singly.extend(people);
        } else {
            self.in_small_groups.extend(people);
        }
    }
}

/// Collects results while the attacks run.
#[derive(Debug, Default)]
pub(super) struct Findings {
    results: Vec<(String, String, Exposed, Option<String>)>,
}

impl Findings {
    pub(super) fn add(&mut self, attack: &str, what: &str, exposed: Exposed) {
        self.results.push((attack.to_owned(), what.to_owned(), exposed, None));
    }

    pub(super) fn add_with_figure(
        &mut self,
        attack: &str,
        what: &str,
        exposed: Exposed,
        figure: String,
    ) {
        self.results.push((attack.to_owned(), what.to_owned(), exposed, Some(figure)));
    }

    pub(super) fn report(
        self,
        seed: u64,
        authors: &BTreeSet<usize>,
        documents: usize,
        basket: Vec<AnsweredKind>,
    ) -> Report {
        let share = |people: &BTreeSet<usize>| people.len() as f64 / authors.len().max(1) as f64;
        let mut any = Exposed::default();
        for (_, _, exposed, _) in &self.results {
            any.singly.extend(&exposed.singly);
            any.in_small_groups.extend(&exposed.in_small_groups);
        }
        let asked: usize = basket.iter().map(|kind| kind.asked).sum();
        let answered: usize = basket.iter().map(|kind| kind.exact + kind.narrow).sum();
        let result =
            |(attack, what, exposed, figure): (String, String, Exposed, Option<String>)| {
                AttackResult {
                    attack,
                    what,
                    exposed: share(&exposed.singly),
                    small: share(&exposed.in_small_groups),
                    figure,
                }
            };
        Report {
            seed,
            authors: authors.len(),
            documents,
            exposed: share(&any.singly),
            small: share(&any.in_small_groups),
            answered: answered as f64 / asked.max(1) as f64,
            attacks: self.results.into_iter().map(result).collect(),
            basket,
        }
    }
}

impl Report {
    /// Whether the gate opens: nobody exposed, nobody in a small group, enough answered.
    pub fn passes(&self, answered_min: f64) -> bool {
        self.exposed == 0.0 && self.small == 0.0 && self.answered >= answered_min
    }

    /// For people.
    pub fn lines(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "seed {}: {} authors, {} documents",
            self.seed, self.authors, self.documents
        );
        let _ = writeln!(out, "{:>8} {:>8}  attack", "exposed", "small");
        for attack in &self.attacks {
            let figure =
                attack.figure.as_ref().map_or(String::new(), |figure| format!(" ({figure})"));
            let _ = writeln!(
                out,
                "{:>8.3} {:>8.3}  {:<4} {}{figure}",
                attack.exposed, attack.small, attack.attack, attack.what
            );
        }
        let _ = writeln!(out, "{:>8.3} {:>8.3}  any", self.exposed, self.small);
        for kind in &self.basket {
            let _ = writeln!(
                out,
                "{:>4} of {:>3} answered, {:>3} of them in narrow ranges: {}",
                kind.exact + kind.narrow,
                kind.asked,
                kind.narrow,
                kind.kind
            );
        }
        let _ = writeln!(out, "answered: {:.3} of the basket", self.answered);
        out
    }
}
