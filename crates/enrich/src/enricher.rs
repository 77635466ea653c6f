//! Judges batches: polarity and topics of each document, from the tokens that everyone shares.

use std::path::Path;

use corpus::{Enrichment, Judgement, Polarity, TokenizedBatch};

use crate::features::{FeatureBatch, FeatureScratch};
use crate::lexicon::{Lexicon, LexiconFiles};
use crate::model::{Model, Task};
use crate::taxonomy::Taxonomy;
use crate::{Error, fingerprint};

/// Below this probability of the best class a judgement is "unsure". With three classes even odds against the rest is where being wrong
/// becomes as likely as being right.
const SURE_FROM: f32 = 0.5;

/// Memory reused between batches; one a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    features: FeatureBatch,
    building: FeatureScratch,
}

/// Polarity model and taxonomy, ready to judge.
#[derive(Debug)]
pub struct Enricher {
    lexicon: Lexicon,
    model: Model,
    /// The polarity of each class of the model.
    polarities: Vec<Polarity>,
    taxonomy: Taxonomy,
    fingerprint: String,
}

impl Enricher {
    /// Lexicon, taxonomy and model this program was built with.
    ///
    /// # Errors
    /// None for the files in the repository: a test opens them.
    pub fn builtin() -> Result<Self, Error> {
        Self::new(
            Model::shipped_polarity()?,
            Taxonomy::parse("dictionaries/topics.toml", Taxonomy::BUILTIN)?,
        )
    }

    /// The polarity model in `folder` (as `huisheng train polarity` writes it) instead of the shipped one.
    ///
    /// # Errors
    /// As [`Model::load`]; [`Error::Incompatible`] for a topic model.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let model = Model::load(folder)?;
        if model.task() != Task::Polarity {
            let (found, expected) =
                (model.task().as_str().to_owned(), Task::Polarity.as_str().to_owned());
            return Err(Error::Incompatible {
                path: folder.to_owned(),
                what: "task",
                found,
                expected,
            });
        }
        Self::new(model, Taxonomy::parse("dictionaries/topics.toml", Taxonomy::BUILTIN)?)
    }

    /// A model with a user's own taxonomy.
    ///
    /// # Errors
    /// [`Error::Incompatible`] for classes that are no polarities.
    pub fn new(model: Model, taxonomy: Taxonomy) -> Result<Self, Error> {
        let files = LexiconFiles::BUILTIN;
        let lists = [files.polarity, files.negation, files.degree, files.contrast].concat();
        let fingerprint = format!(
            "{}+rules-{:016x}+{}",
            model.fingerprint(),
            fingerprint::of(lists.as_bytes()),
            taxonomy.fingerprint()
        );
        let polarities =
            model.classes().iter().map(|class| class.parse()).collect::<Result<_, _>>().map_err(
                |_| Error::Incompatible {
                    path: "polarity model".into(),
                    what: "classes",
                    found: model.classes().join(", "),
                    expected: "negative, neutral, positive".to_owned(),
                },
            )?;
        Ok(Self { lexicon: Lexicon::new(files)?, model, polarities, taxonomy, fingerprint })
    }

    /// The same taxonomy with another polarity model.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_model(self, model: Model) -> Result<Self, Error> {
        Self::new(model, self.taxonomy)
    }

    /// Version and content of everything that judges: equal fingerprints give equal judgements.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The topics that judgements may name.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    pub(crate) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The polarity of each class of the model.
    pub(crate) fn polarities(&self) -> &[Polarity] {
        &self.polarities
    }

    /// The polarity model, for evaluation.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Judges every document of `batch`. A judgement depends on its own text only, so batches may be cut anywhere.
    pub fn enrich(&self, batch: &TokenizedBatch, scratch: &mut Scratch) -> Enrichment {
        let texts = batch.documents.texts();
        scratch.features.build_known(
            &self.lexicon,
            &batch.tokens,
            |document| texts.value(document),
            &self.model.known,
            &mut scratch.building,
        );
        let mut probabilities = [0.0f32; 3];
        let probabilities = &mut probabilities[..self.polarities.len()];
        let judgements = (0..batch.documents.len())
            .map(|document| {
                self.model.probabilities(&scratch.features, document, probabilities);
                let (polarity, score) = self.judge(probabilities);
                Judgement {
                    polarity,
                    score,
                    topics: self.taxonomy.label_text(
                        texts.value(document),
                        &batch.tokens,
                        document,
                    ),
                }
            })
            .collect();
        Enrichment { judgements, model: self.fingerprint.clone() }
    }

    /// The class, unless no class is likelier than the rest together, and the expected polarity.
    pub(crate) fn judge(&self, probabilities: &[f32]) -> (Option<Polarity>, f32) {
        let (mut best, mut score) = ((Polarity::Neutral, 0.0), 0.0);
        for (polarity, probability) in self.polarities.iter().zip(probabilities) {
            score += f32::from(polarity.sign()) * probability;
            if *probability > best.1 {
                best = (*polarity, *probability);
            }
        }
        ((best.1 >= SURE_FROM).then_some(best.0), score.clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn judgements_say_polarity_and_topics() {
        let enricher = Enricher::builtin().unwrap();
        let batch = fixture::batch(&["食堂饭菜很好吃", "班车又晚点了,不高兴"]);
        let enrichment = enricher.enrich(&batch, &mut Scratch::default());
        let found: Vec<_> = enrichment
            .judgements
            .iter()
            .map(|j| (j.polarity, j.topics.iter().map(|t| t.as_str()).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            found,
            [(Some(Polarity::Positive), vec!["食堂"]), (Some(Polarity::Negative), vec!["通勤"])]
        );
        assert_eq!(enrichment.model, enricher.fingerprint());
    }

    #[test]
    fn one_batch_judges_as_many() {
        let enricher = Enricher::builtin().unwrap();
        let texts = ["不是不好", "排队太久", "", "中午开会", "一点也不差"];
        let mut scratch = Scratch::default();
        let together = enricher.enrich(&fixture::batch(&texts), &mut scratch).judgements;
        let apart: Vec<Judgement> = texts
            .iter()
            .flat_map(|text| enricher.enrich(&fixture::batch(&[text]), &mut scratch).judgements)
            .collect();
        assert_eq!(together, apart);
    }

    #[test]
    fn scores_lie_between_minus_one_and_one() {
        let enricher = Enricher::builtin().unwrap();
        let batch = fixture::batch(&["太好了太好了太好了", "差差差差差差", "?!", "a"]);
        let enrichment = enricher.enrich(&batch, &mut Scratch::default());
        assert!(
            enrichment
                .judgements
                .iter()
                .all(|judgement| judgement.score.abs() <= 1.0 && judgement.score.is_finite())
        );
    }
}
