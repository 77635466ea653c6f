//! Judges batches: polarity and topics of each document, from the tokens that everyone shares.

use corpus::{Enrichment, Judgement, Polarity, TokenizedBatch};

use crate::lexicon::{Lexicon, LexiconFiles};
use crate::rule;
use crate::taxonomy::Taxonomy;
use crate::{Error, fingerprint};

/// Below this distance from 0 the rules alone are unsure.
const RULE_MARGIN: f32 = 0.12;

/// Memory reused between batches.
#[derive(Debug, Default)]
pub struct Scratch {
    negation_ends: Vec<u32>,
}

/// Polarity model and taxonomy, ready to judge.
#[derive(Debug)]
pub struct Enricher {
    lexicon: Lexicon,
    taxonomy: Taxonomy,
    fingerprint: String,
}

impl Enricher {
    /// The lexicon and taxonomy this program was built with.
    ///
    /// # Errors
    /// None for the files in the repository: a test opens them.
    pub fn builtin() -> Result<Self, Error> {
        Self::new(
            LexiconFiles::BUILTIN,
            Taxonomy::parse("dictionaries/topics.toml", Taxonomy::BUILTIN)?,
        )
    }

    fn new(files: LexiconFiles<'_>, taxonomy: Taxonomy) -> Result<Self, Error> {
        let lists = [files.polarity, files.negation, files.degree, files.contrast].concat();
        let fingerprint =
            format!("rules-{:016x}+{}", fingerprint::of(lists.as_bytes()), taxonomy.fingerprint());
        Ok(Self { lexicon: Lexicon::new(files)?, taxonomy, fingerprint })
    }

    /// Version and content of everything that judges: equal fingerprints give equal judgements.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The topics that judgements may name.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// Judges every document of `batch`. A judgement depends on its own text only, so batches may be cut anywhere.
    pub fn enrich(&self, batch: &TokenizedBatch, scratch: &mut Scratch) -> Enrichment {
        let texts = batch.documents.texts();
        let judgements = (0..batch.documents.len())
            .map(|document| {
                let text = texts.value(document);
                scratch.negation_ends.clear();
                let score = rule::read(
                    &self.lexicon,
                    text,
                    batch.tokens.words(document),
                    &mut scratch.negation_ends,
                )
                .score();
                let polarity = (score.abs() >= RULE_MARGIN).then_some(if score > 0.0 {
                    Polarity::Positive
                } else {
                    Polarity::Negative
                });
                Judgement {
                    polarity,
                    score,
                    topics: self.taxonomy.label_text(text, &batch.tokens, document),
                }
            })
            .collect();
        Enrichment { judgements, model: self.fingerprint.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn judgements_say_polarity_and_topics() {
        let enricher = Enricher::builtin().unwrap();
        let batch = fixture::batch(&["食堂饭菜很好吃", "班车又晚点了,不高兴", "今天开会"]);
        let enrichment = enricher.enrich(&batch, &mut Scratch::default());
        let found: Vec<_> = enrichment
            .judgements
            .iter()
            .map(|j| (j.polarity, j.topics.iter().map(|t| t.as_str()).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            found,
            [
                (Some(Polarity::Positive), vec!["食堂"]),
                (Some(Polarity::Negative), vec!["通勤"]),
                (None, vec!["办事流程"])
            ]
        );
        assert_eq!(enrichment.model, enricher.fingerprint());
    }
}
