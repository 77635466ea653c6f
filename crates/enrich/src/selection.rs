//! Which texts to label next: those that the model is least sure of, no two of them alike.
//!
//! Uncertainty alone asks for the same kind of text again and again (Settles 2009, section 7.1); so each choice is weighed by how unlike it is to the ones
//! before: probability margin times distance, greedily.

use corpus::{Polarity, TokenBatch};

use crate::enricher::Enricher;
use crate::features::{FeatureBatch, FeatureScratch};

/// Texts that are weighed against each other at most: the least sure ones. Choosing is quadratic in what is chosen only.
const POOL_MAX: usize = 5_000;

/// A text worth a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suggestion {
    /// Its number in the batch.
    pub text: usize,
    /// How unsure the model is: 1 minus the distance between the two likeliest classes.
    pub uncertainty: f32,
    /// The likeliest class.
    pub guess: Polarity,
}

impl Enricher {
    /// At most `count` texts of `tokens` worth labelling, best first; `text` gives each by its number.
    ///
    /// Deterministic. Costs a judgement a text, and for each choice a comparison with at most 5,000 others.
    pub fn suggest_labels<'t>(
        &self,
        tokens: &TokenBatch,
        text: impl Fn(usize) -> &'t str,
        count: usize,
    ) -> Vec<Suggestion> {
        let mut features = FeatureBatch::default();
        features.build(self.lexicon(), tokens, text, &mut FeatureScratch::default());
        let mut pool: Vec<Suggestion> =
            (0..features.len()).map(|text| self.suggestion(&features, text)).collect();
        pool.sort_by(|a, b| b.uncertainty.total_cmp(&a.uncertainty).then(a.text.cmp(&b.text)));
        pool.truncate(POOL_MAX);
        let keys: Vec<Vec<u32>> = pool
            .iter()
            .map(|suggestion| {
                let mut keys = features.keys(suggestion.text).to_vec();
                keys.sort_unstable();
                keys
            })
            .collect();
        let mut distance = vec![1.0f32; pool.len()];
        let mut chosen = Vec::new();
        while chosen.len() < count.min(pool.len()) {
            let value = |index: &usize| pool[*index].uncertainty * distance[*index];
            let best = (0..pool.len())
                .max_by(|a, b| value(a).total_cmp(&value(b)).then(b.cmp(a)))
                .expect("the pool is not empty");
            // Nothing but copies of what was chosen is left.
            if value(&best) <= 0.0 {
                break;
            }
            chosen.push(pool[best]);
            for (other, distance) in distance.iter_mut().enumerate() {
                *distance = distance.min(1.0 - likeness(&keys[best], &keys[other]));
            }
        }
        chosen
    }

    fn suggestion(&self, features: &FeatureBatch, text: usize) -> Suggestion {
        let mut probabilities = [0.0f32; 3];
        let probabilities = &mut probabilities[..self.polarities().len()];
        self.model().probabilities(features, text, probabilities);
        let (mut first, mut second, mut guess) = (0.0, 0.0, Polarity::Neutral);
        for (polarity, probability) in self.polarities().iter().zip(&*probabilities) {
            if *probability > first {
                (first, second, guess) = (*probability, first, *polarity);
            } else {
                second = probability.max(second);
            }
        }
        Suggestion { text, uncertainty: 1.0 - (first - second), guess }
    }
}

/// Share of features in common (Jaccard); both ascending.
fn likeness(left: &[u32], right: &[u32]) -> f32 {
    let (mut at, mut common) = (0, 0usize);
    for key in left {
        at += right[at..].iter().take_while(|other| *other < key).count();
        if right.get(at) == Some(key) {
            common += 1;
        }
    }
    let all = left.len() + right.len() - common;
    if all == 0 { 1.0 } else { common as f32 / all as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn suggest(texts: &[&str], count: usize) -> Vec<Suggestion> {
        let mut tokens = TokenBatch::default();
        fixture::cut(texts, &mut tokens);
        Enricher::builtin().unwrap().suggest_labels(&tokens, |text| texts[text], count)
    }

    #[test]
    fn the_unsure_come_before_the_sure() {
        let texts = ["食堂饭菜很好吃,非常满意", "窗口换了一边", "太差了,难吃得要死"];
        let found = suggest(&texts, 3);
        assert_eq!(found[0].text, 1, "{found:?}");
    }

    #[test]
    fn copies_are_asked_for_once() {
        let found = suggest(&["窗口换了一边"; 5], 5);
        assert_eq!(found.len(), 1);
        assert!(suggest(&[], 5).is_empty());
    }

    #[test]
    fn likeness_is_the_share_in_common() {
        assert_eq!(likeness(&[1, 2, 3], &[2, 3, 4]), 0.5);
        assert_eq!(likeness(&[1], &[1]), 1.0);
        assert_eq!(likeness(&[1], &[2]), 0.0);
        assert_eq!(likeness(&[], &[]), 1.0);
    }
}
