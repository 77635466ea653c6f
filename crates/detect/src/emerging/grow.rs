//! Topics grown from a sign: what else its documents say leads to further documents that say it.
//!
//! A sign occurs in a part of a topic's documents only. The documents of the window that hold it give each other sign a weight, the log of how much more frequent it is among them (a
//! Rocchio query expansion with the weights of naive Bayes); all documents are ranked by the weights of their signs, and the part of the ranking that is densest in the window is the
//! topic. A document that gave weights is ranked without its own part in them, or each would lead to itself. What this finds by chance is measured as for single signs, by the same
//! search on windows drawn at random, so the null stays exact however freely the search chooses.

use std::collections::HashSet;

use rayon::prelude::*;

use super::VOICES_MIN;
use super::past::SignId;
use super::window::{Topic, Window, log_likelihood_ratio};

/// Strongest signs that are grown.
const SEEDS: usize = 10;
/// A topic is grown from a sign, and once more from what that gave.
const ROUNDS: usize = 2;
/// A sign in more than this share of all documents leads to nothing in particular.
const TELLING_SHARE: f64 = 0.02;
/// Documents of the ranking that may belong to a topic.
const RANKED_MAX: usize = 60;
/// Documents that vote for a sign's frequency elsewhere.
const PRIOR_DOCUMENTS: f64 = 2.0;
/// Signs added to each document's own, so that one of a single character is not the nearest to everything.
const LENGTH_PRIOR: f32 = 4.0;
/// What is left to a document that has its score from itself alone, by rounding.
const SCORE_MIN: f32 = 1e-3;

/// Ranks of all documents, kept from one search to the next.
#[derive(Debug, Default)]
struct Ranking {
    /// By document kept.
    scores: Vec<f32>,
    /// Documents with a score.
    touched: Vec<u32>,
    /// Signs of the documents that give weights, with the place of the document among them.
    said: Vec<(SignId, u32)>,
    ranked: Vec<(f32, u32)>,
}

impl Window<'_> {
    /// Topics grown from the strongest of these signs, strongest first. A sign with more documents than a topic may have grows to none.
    pub(super) fn grown(&self, signs: &[(f64, SignId)]) -> Vec<Topic> {
        let seeds = &signs[..signs.len().min(SEEDS)];
        let mut topics: Vec<Topic> = seeds
            .par_iter()
            .map_init(Ranking::default, |ranking, (_, sign)| {
                let holders = self.holders(*sign);
                (holders.len() <= RANKED_MAX).then(|| self.grow(holders, ranking)).flatten()
            })
            .flatten()
            .collect();
        topics.sort_by(Topic::strongest_first);
        topics
    }

    /// The strongest topic that these documents lead to.
    fn grow(&self, mut documents: Vec<u32>, ranking: &mut Ranking) -> Option<Topic> {
        let mut best: Option<Topic> = None;
        for _ in 0..ROUNDS {
            if documents.len() < VOICES_MIN as usize {
                break;
            }
            self.rank(&documents, ranking);
            let Some(topic) = self.densest(&ranking.ranked) else { break };
            documents.clone_from(&topic.recent);
            if best.as_ref().is_none_or(|best| topic.evidence > best.evidence) {
                best = Some(topic);
            }
        }
        best
    }

    /// Ranks the documents that say what these say, nearest first.
    fn rank(&self, documents: &[u32], ranking: &mut Ranking) {
        let past = self.past();
        let Ranking { scores, touched, said, ranked } = ranking;
        scores.resize(past.len(), 0.0);
        let place = |document: u32| (document - past.first()) as usize;
        said.clear();
        for (giver, document) in documents.iter().enumerate() {
            said.extend(past.signs_of(*document).iter().map(|sign| (*sign, giver as u32)));
        }
        said.sort_unstable();
        // What each document has from its own part in the weights.
        let mut own = vec![0.0; documents.len()];
        let of = documents.len() as f64;
        for sayings in said.chunk_by(|one, other| one.0 == other.0) {
            let holders = past.holders(sayings[0].0);
            let usual = holders.len() as f64 / past.len() as f64;
            if holders.len() < 2 || usual > TELLING_SHARE {
                continue;
            }
            let weight = |count: f64, of: f64| {
                let share = (count + PRIOR_DOCUMENTS * usual) / (of + PRIOR_DOCUMENTS);
                (share / usual).ln().max(0.0) as f32
            };
            let count = sayings.len() as f64;
            let (of_all, of_others) = (weight(count, of), weight(count - 1.0, of - 1.0));
            sayings.iter().for_each(|(_, giver)| own[*giver as usize] += of_all - of_others);
            if of_all > 0.0 {
                for holder in holders {
                    let score = &mut scores[place(*holder)];
                    if *score == 0.0 {
                        touched.push(*holder);
                    }
                    *score += of_all;
                }
            }
        }
        for (document, own) in documents.iter().zip(own) {
            scores[place(*document)] -= own;
        }
        ranked.clear();
        ranked.extend(touched.drain(..).filter_map(|document| {
            let score = std::mem::take(&mut scores[place(document)]);
            let length = past.signs_of(document).len() as f32 + LENGTH_PRIOR;
            (score > SCORE_MIN).then_some((score / length.sqrt(), document))
        }));
        let by_rank =
            |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1));
        if ranked.len() > RANKED_MAX {
            ranked.select_nth_unstable_by(RANKED_MAX, by_rank);
            ranked.truncate(RANKED_MAX);
        }
        ranked.sort_unstable_by(by_rank);
    }

    /// The first documents of a ranking, as many as make the evidence largest. A voice counts once.
    fn densest(&self, ranked: &[(f32, u32)]) -> Option<Topic> {
        let past = self.past();
        let mut voices: HashSet<u64> = HashSet::new();
        let (mut recent, mut earlier) = (Vec::new(), Vec::new());
        let mut best: Option<(f64, usize, usize)> = None;
        for (place, (score, document)) in ranked.iter().enumerate() {
            if past.voice(*document).is_none_or(|voice| voices.insert(voice)) {
                if self.has(*document) { &mut recent } else { &mut earlier }.push(*document);
            }
            let is_tied = ranked.get(place + 1).is_some_and(|next| next.0 == *score);
            if is_tied || recent.len() < VOICES_MIN as usize {
                continue;
            }
            let total = (recent.len() + earlier.len()) as f64;
            let evidence = log_likelihood_ratio(recent.len() as f64, total, self.chance());
            if best.is_none_or(|best| evidence > best.0) {
                best = Some((evidence, recent.len(), earlier.len()));
            }
        }
        let (evidence, of_window, before) = best?;
        recent.truncate(of_window);
        recent.sort_unstable();
        earlier.truncate(before);
        earlier.sort_unstable();
        Some(Topic { evidence, recent, earlier })
    }
}
