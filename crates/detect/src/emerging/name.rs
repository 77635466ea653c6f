//! The name of a topic, and whether the past knew it.

use std::collections::HashMap;

use corpus::EmergingKind;

use super::VOICES_MIN;
use super::past::{Past, SignId};
use super::window::{Topic, Window, log_likelihood_ratio};

/// Terms in a name.
const TERMS_MAX: usize = 8;
/// A term of a name is in at least this share of the topic's documents, and in two of them if any term is.
const SHARE_MIN: f64 = 0.12;
/// It is so many times as frequent in them as elsewhere.
const LIFT_MIN: f64 = 3.0;
/// The words themselves have become denser, one of them by this log likelihood ratio and each by [`TERM_EVIDENCE_MIN`]: 没有 and 一个 stand beside everything, and a pair of
/// characters that only they share is a manner of speaking.
const NAME_EVIDENCE_MIN: f64 = 2.0;
const TERM_EVIDENCE_MIN: f64 = 0.5;
/// A phrase says more than a word of it that is as frequent.
const PHRASE_BONUS: f64 = 1.5;
/// A topic is new when the past rate of documents with two of its terms would have given at most this share of the recent ones.
const NEW_SHARE_MAX: f64 = 0.05;
/// The same for the documents that the topic itself consists of: what grew from it is wider than its name.
const NEW_SHARE_MAX_OF_TOPIC: f64 = 0.2;
/// What has become so many times as frequent grows. When an old label doubles, some of its rarer signs happen to occur for the first time: the evidence that a topic is new
/// is therefore taken against a past in which it was half as frequent as now, not against one in which nothing changed.
const GROWTH: f64 = 2.0;
/// Log likelihood ratio against such growth from which a topic is new. Topics of injected labels reach 6.6 and more.
const BEYOND_GROWTH_MIN: f64 = 6.5;
/// A topic returns that was hardly there for so many days,
const RETURN_DAYS: i32 = 28;
/// with at most this part of the documents that it would have had at its present rate: a few strays always say something alike.
const SILENT_SHARE_MAX: f64 = 0.2;
/// Before that, it once had at least this part of its present documents in as short a time. What always was rare and is frequent now grows.
const DENSE_SHARE_MIN: f64 = 0.5;

impl Window<'_> {
    /// Names the topic of some documents of the window by what they share: most telling first, none part of another. `None` when no word stands out among them.
    pub(super) fn name(&self, recent: &[u32]) -> Option<Vec<SignId>> {
        let past = self.past();
        let mut counts: HashMap<SignId, u32> = HashMap::new();
        for document in recent {
            for sign in past.signs_of(*document).iter().filter(|sign| past.is_term(**sign)) {
                *counts.entry(*sign).or_default() += 1;
            }
        }
        let shared = (SHARE_MIN * recent.len() as f64).max(2.0);
        let mut ranked: Vec<(f64, SignId)> = counts
            .into_iter()
            .filter(|(_, count)| f64::from(*count) >= shared)
            .filter(|(term, _)| self.evidence(*term) >= TERM_EVIDENCE_MIN)
            .filter_map(|(term, count)| {
                let usual = past.holders(term).len() as f64 / past.len() as f64;
                let lift = f64::from(count) / recent.len() as f64 / usual;
                let bonus = if past.is_phrase(term) { PHRASE_BONUS } else { 1.0 };
                (lift > LIFT_MIN).then_some((f64::from(count) * lift.ln() * bonus, term))
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut terms: Vec<SignId> = Vec::new();
        for (_, term) in ranked {
            let text = past.text(term);
            let overlaps = |other: &SignId| {
                past.text(*other).contains(text) || text.contains(past.text(*other))
            };
            if !terms.iter().any(overlaps) {
                terms.push(term);
            }
            if terms.len() == TERMS_MAX {
                break;
            }
        }
        terms.iter().any(|term| self.evidence(*term) >= NAME_EVIDENCE_MIN).then_some(terms)
    }
}

impl Past {
    /// More than three characters are two words or a long one.
    fn is_phrase(&self, term: SignId) -> bool {
        self.text(term).chars().nth(3).is_some()
    }

    /// Whether documents before `window_start` were about a topic with these terms.
    pub(super) fn kind(&self, topic: &Topic, terms: &[SignId], window_start: u32) -> EmergingKind {
        let recent = f64::from(topic.recent.len() as u32);
        let total = recent + f64::from(topic.earlier.len() as u32);
        let of_window = f64::from(self.end() - window_start) / self.len() as f64;
        let of_grown = GROWTH * of_window / (1.0 + (GROWTH - 1.0) * of_window);
        let beyond_growth = log_likelihood_ratio(recent, total, of_grown);
        let mut hits: HashMap<u32, u32> = HashMap::new();
        for term in terms {
            for document in self.holders(*term) {
                *hits.entry(*document).or_default() += 1;
            }
        }
        let of_topic: Vec<u32> = hits
            .into_iter()
            .filter(|(_, held)| *held >= terms.len().min(2) as u32)
            .map(|(document, _)| document)
            .collect();
        let of_name = of_topic.iter().filter(|document| **document >= window_start).count() as f64;
        let before_of_name = of_topic.len() as f64 - of_name;
        let per_document = of_window / (1.0 - of_window);
        let was_there = (total - recent) * per_document > NEW_SHARE_MAX_OF_TOPIC * recent
            || of_name >= 2.0 && before_of_name * per_document > NEW_SHARE_MAX * of_name;
        let mut by_name = of_topic;
        by_name.retain(|document| *document < window_start);
        by_name.sort_unstable();
        let returns = |earlier: &[u32]| self.returns(earlier, recent, window_start);
        if returns(&topic.earlier) || returns(&by_name) {
            EmergingKind::Returning
        } else if beyond_growth >= BEYOND_GROWTH_MIN && !was_there {
            EmergingKind::New
        } else {
            EmergingKind::Growing
        }
    }

    /// Whether a topic with these documents before the window was dense once and then silent.
    fn returns(&self, earlier: &[u32], recent: f64, window_start: u32) -> bool {
        let window = self.end() - window_start;
        let quiet_day = self.day(window_start).plus(-RETURN_DAYS);
        let quiet_start = self.first_since(quiet_day);
        let (before, quiet) =
            earlier.split_at(earlier.partition_point(|document| *document < quiet_start));
        let expected_quiet = recent * f64::from(window_start - quiet_start) / f64::from(window);
        if quiet.len() as f64 > SILENT_SHARE_MAX * expected_quiet {
            return false;
        }
        let in_a_window = before.iter().enumerate().map(|(index, first)| {
            before[index..].partition_point(|document| document - first < window)
        });
        let most = in_a_window.max().unwrap_or(0);
        most >= VOICES_MIN as usize && most as f64 >= DENSE_SHARE_MIN * recent
    }
}
