//! The last days against all days, or as many documents drawn at random against all.

use std::cmp::Ordering;

use super::past::{Past, SignId};
use super::{COMMON_SHARE, VOICES_MIN};

/// Counts of a window, kept from one to the next: clearing what was touched costs less than new memory for every sign there is.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: Vec<u32>,
    /// Signs with a count.
    touched: Vec<SignId>,
    /// By document kept.
    is_member: Vec<bool>,
    /// Documents of the window.
    members: Vec<u32>,
}

impl Tally {
    fn clear(&mut self, past: &Past) {
        for sign in self.touched.drain(..) {
            self.counts[sign as usize] = 0;
        }
        for member in self.members.drain(..) {
            self.is_member[(member - past.first()) as usize] = false;
        }
        self.counts.resize(past.signs(), 0);
        self.is_member.resize(past.len(), false);
    }

    /// Takes a document in; false when it is in already.
    fn add(&mut self, past: &Past, document: u32) -> bool {
        let is_member = &mut self.is_member[(document - past.first()) as usize];
        if std::mem::replace(is_member, true) {
            return false;
        }
        self.members.push(document);
        for sign in past.signs_of(document) {
            let count = &mut self.counts[*sign as usize];
            if *count == 0 {
                self.touched.push(*sign);
            }
            *count += 1;
        }
        true
    }
}

/// Some documents against all: the last days, or as many drawn at random.
pub(super) struct Window<'p> {
    past: &'p Past,
    tally: &'p Tally,
    /// Chance of a document to lie in it.
    chance: f64,
}

impl<'p> Window<'p> {
    /// The documents from `start` on.
    pub(super) fn since(past: &'p Past, start: u32, tally: &'p mut Tally) -> Self {
        tally.clear(past);
        for document in start..past.end() {
            tally.add(past, document);
        }
        Self::of(past, tally)
    }

    /// `size` documents, each drawn by `next` from as many as its argument says. They are at most half of all, so a repeated one is soon replaced.
    pub(super) fn drawn(
        past: &'p Past,
        size: usize,
        mut next: impl FnMut(usize) -> usize,
        tally: &'p mut Tally,
    ) -> Self {
        tally.clear(past);
        while tally.members.len() < size {
            tally.add(past, past.first() + next(past.len()) as u32);
        }
        Self::of(past, tally)
    }

    fn of(past: &'p Past, tally: &'p Tally) -> Self {
        Self { past, tally, chance: tally.members.len() as f64 / past.len() as f64 }
    }

    pub(super) fn past(&self) -> &'p Past {
        self.past
    }

    /// Chance of a document to lie in it.
    pub(super) fn chance(&self) -> f64 {
        self.chance
    }

    /// Whether a document lies in it.
    pub(super) fn has(&self, document: u32) -> bool {
        self.tally.is_member[(document - self.past.first()) as usize]
    }

    /// How much denser a sign is here than chance allows.
    pub(super) fn evidence(&self, sign: SignId) -> f64 {
        let holders = self.past.holders(sign).len() as f64;
        log_likelihood_ratio(f64::from(self.tally.counts[sign as usize]), holders, self.chance)
    }

    /// Signs with enough voices and at least so much evidence, strongest first.
    pub(super) fn signs_from(&self, evidence_min: f64) -> Vec<(f64, SignId)> {
        let common = COMMON_SHARE * self.past.len() as f64;
        let mut signs: Vec<(f64, SignId)> = self
            .tally
            .touched
            .iter()
            .filter(|sign| {
                self.tally.counts[**sign as usize] >= VOICES_MIN
                    && self.past.holders(**sign).len() as f64 <= common
            })
            .map(|sign| (self.evidence(*sign), *sign))
            .filter(|(evidence, _)| *evidence >= evidence_min)
            .collect();
        signs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        signs
    }

    /// Documents of the window that hold a sign, ascending.
    pub(super) fn holders(&self, sign: SignId) -> Vec<u32> {
        self.past.holders(sign).iter().copied().filter(|document| self.has(*document)).collect()
    }

    /// What is written about a sign, as a topic.
    pub(super) fn topic_of(&self, (evidence, sign): (f64, SignId)) -> Topic {
        let holders = self.past.holders(sign).iter().copied();
        let (recent, earlier) = holders.partition(|document| self.has(*document));
        Topic { evidence, recent, earlier }
    }
}

/// Documents that have something in common.
#[derive(Debug, Clone)]
pub(super) struct Topic {
    /// Log likelihood ratio of its density in the window.
    pub(super) evidence: f64,
    /// Its documents of the window, ascending.
    pub(super) recent: Vec<u32>,
    /// Those before, ascending.
    pub(super) earlier: Vec<u32>,
}

impl Topic {
    pub(super) fn strongest_first(&self, other: &Self) -> Ordering {
        other.evidence.total_cmp(&self.evidence).then_with(|| self.recent.cmp(&other.recent))
    }
}

/// Log likelihood ratio of `count` among `total` falling into a part of size `chance`, the share seen against chance; zero when it is not above.
pub(super) fn log_likelihood_ratio(count: f64, total: f64, chance: f64) -> f64 {
    if count <= total * chance {
        return 0.0;
    }
    let rest = total - count;
    let of_rest = if rest > 0.0 { rest * (rest / (total * (1.0 - chance))).ln() } else { 0.0 };
    count * (count / (total * chance)).ln() + of_rest
}
