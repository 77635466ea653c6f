//! Judges batches: polarity and topics of each document, from the tokens that everyone shares.

use corpus::{Enrichment, Judgement, Polarity, Token, TokenBatch, TokenizedBatch, TopicId};

use crate::features::{FeatureBatch, FeatureScratch, KnownKeys};
use crate::lexicon::{Lexicon, LexiconFiles};
use crate::model::{Model, Task};
use crate::question::{self, Asked, Questions};
use crate::taxonomy::Taxonomy;
use crate::topics::TopicClassifier;
use crate::{Error, fingerprint};

/// Below this probability of the best class a judgement is "unsure". With three classes even odds against the rest is where being wrong
/// becomes as likely as being right.
const SURE_FROM: f32 = 0.5;
/// The same for two classes, one of which always has half: three to two.
const SURE_OF_TWO_FROM: f32 = 0.6;

/// Where a judgement among so many classes is sure enough to be named.
pub(crate) fn sure_from(classes: usize) -> f32 {
    if classes == 2 { SURE_OF_TWO_FROM } else { SURE_FROM }
}

/// Memory reused between batches; one a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    features: FeatureBatch,
    building: FeatureScratch,
}

/// Polarity model, taxonomy and the classifier of its topics, ready to judge.
#[derive(Debug)]
pub struct Enricher {
    lexicon: Lexicon,
    questions: Questions,
    model: Model,
    /// The polarity of each class of the model.
    polarities: Vec<Polarity>,
    taxonomy: Taxonomy,
    classifier: Option<TopicClassifier>,
    /// Keys that model or classifier know.
    known: KnownKeys,
    fingerprint: String,
}

impl Enricher {
    /// Lexicon, taxonomy and models this program was built with.
    ///
    /// # Errors
    /// None for the files in the repository: a test opens them.
    pub fn builtin() -> Result<Self, Error> {
        Self::new(Model::shipped_polarity()?, Taxonomy::builtin()?, Some(Model::shipped_topics()?))
    }

    /// A polarity model with a taxonomy, and with a model of the taxonomy's topics unless words alone shall decide.
    ///
    /// # Errors
    /// [`Error::Incompatible`] for models of another task, and for classes that are no polarities.
    pub fn new(model: Model, taxonomy: Taxonomy, topics: Option<Model>) -> Result<Self, Error> {
        let incompatible = |what, found, expected: &str| Error::Incompatible {
            path: "polarity model".into(),
            what,
            found,
            expected: expected.to_owned(),
        };
        if model.task() != Task::Polarity {
            let (found, expected) = (model.task().as_str(), Task::Polarity.as_str());
            return Err(incompatible("task", found.to_owned(), expected));
        }
        let polarities =
            model.classes().iter().map(|class| class.parse()).collect::<Result<_, _>>();
        let polarities = polarities.map_err(|_| {
            incompatible("classes", model.classes().join(", "), "negative, neutral, positive")
        })?;
        let classifier = match topics.filter(|_| taxonomy.uses_classifier()) {
            Some(topics) => Some(TopicClassifier::new(topics, &taxonomy)?),
            None => None,
        };
        let topics = classifier.as_ref().map(TopicClassifier::model);
        let files = LexiconFiles::BUILTIN;
        let lists = [
            files.polarity,
            files.negation,
            files.degree,
            files.contrast,
            files.constructions,
            question::FILE,
        ]
        .concat();
        let fingerprint = format!(
            "{}+rules-{:016x}+{}+{}",
            model.fingerprint(),
            fingerprint::of(lists.as_bytes()),
            taxonomy.fingerprint(),
            topics.map_or_else(|| "words".to_owned(), Model::fingerprint)
        );
        let keys = topics.map_or(&[][..], |topics| &topics.vocabulary.keys);
        let known = KnownKeys::of(&[&model.vocabulary.keys, keys], model.network.is_some());
        let (lexicon, questions) = (Lexicon::new(files)?, Questions::new(question::FILE)?);
        Ok(Self { lexicon, questions, model, polarities, taxonomy, classifier, known, fingerprint })
    }

    /// The same with another polarity model.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_model(self, model: Model) -> Result<Self, Error> {
        let topics = self.topic_model().cloned();
        Self::new(model, self.taxonomy, topics)
    }

    /// The same with another model of the taxonomy's topics.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_topics(self, topics: Model) -> Result<Self, Error> {
        Self::new(self.model, self.taxonomy, Some(topics))
    }

    /// The same with another taxonomy. A classifier that was taught by another one goes on naming the topics that both have.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_taxonomy(self, taxonomy: Taxonomy) -> Result<Self, Error> {
        let topics = self.topic_model().cloned();
        Self::new(self.model, taxonomy, topics)
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

    /// The model of the taxonomy's topics, if one is in use.
    pub fn topic_model(&self) -> Option<&Model> {
        self.classifier.as_ref().map(TopicClassifier::model)
    }

    /// Keys that the models know.
    pub(crate) fn known(&self) -> &KnownKeys {
        &self.known
    }

    /// The polarity model, for evaluation.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Judges every document of `batch`. A judgement depends on its own text and the question that it answers only, so batches may be cut anywhere.
    pub fn enrich(&self, batch: &TokenizedBatch, scratch: &mut Scratch) -> Enrichment {
        let texts = batch.documents.texts();
        scratch.features.build_known(
            &self.lexicon,
            &batch.tokens,
            |document| texts.value(document),
            &self.known,
            &mut scratch.building,
        );
        let mut probabilities = [0.0f32; 3];
        let probabilities = &mut probabilities[..self.polarities.len()];
        // Answers to one question stand together: it is read once.
        let mut latest: (Option<&str>, Option<Asked>) = (None, None);
        let judgements = (batch.documents.questions().iter().enumerate())
            .map(|(document, question)| {
                if question != latest.0 {
                    latest = (question, question.and_then(|asked| self.questions.asked(asked)));
                }
                let answer = (texts.value(document), batch.tokens.words(document));
                let row = (&scratch.features, document);
                self.probabilities(answer, latest.1, row, probabilities);
                let (polarity, score) = self.judge(probabilities);
                Judgement {
                    polarity,
                    score,
                    topics: self.topics(
                        texts.value(document),
                        (&batch.tokens, document),
                        (&scratch.features, document),
                    ),
                }
            })
            .collect();
        Enrichment { judgements, model: self.fingerprint.clone() }
    }

    /// The topics of a text: those whose words it holds, and those that the classifier finds likely. The text is one of `tokens` and one of `features`.
    pub(crate) fn topics(
        &self,
        text: &str,
        (tokens, document): (&TokenBatch, usize),
        (features, row): (&FeatureBatch, usize),
    ) -> Vec<TopicId> {
        let rules = self.taxonomy.label_bits(text, tokens, document);
        let both = self
            .classifier
            .as_ref()
            .map_or(rules, |classifier| classifier.joined(rules, classifier.named(features, row)));
        self.taxonomy.topics_of(both)
    }

    /// Probabilities of the polarities for a text, which is one of `features` and answers what was `asked`.
    pub(crate) fn probabilities(
        &self,
        answer: (&str, &[Token]),
        asked: Option<Asked>,
        (features, row): (&FeatureBatch, usize),
        out: &mut [f32],
    ) {
        self.model.probabilities(features, row, out);
        // Who writes 无 was asked something, whether or not the file tells what.
        let asked = asked.unwrap_or(Asked::Open);
        self.questions.shift(asked, answer, features.reading(row), &self.polarities, out);
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
        ((best.1 >= sure_from(self.polarities.len())).then_some(best.0), score.clamp(-1.0, 1.0))
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
    fn topics_are_named_without_their_words_unless_the_taxonomy_says_so() {
        let content = |more: &str| {
            let names = ["食堂", "通勤"]
                .map(|id| format!("[[topic]]\nid = \"{id}\"\nwords = [\"{id}\"]\n"));
            format!("version = 1\n{more}\n{}", names.concat())
        };
        let topics = |more: &str, text: &str| {
            let taxonomy = Taxonomy::parse("topics.toml", &content(more)).unwrap();
            let enricher = Enricher::builtin().unwrap().with_taxonomy(taxonomy).unwrap();
            let found = enricher.enrich(&fixture::batch(&[text]), &mut Scratch::default());
            found.judgements[0].topics.iter().map(|id| id.to_string()).collect::<Vec<_>>()
        };
        let said = "饭菜太咸,米饭没熟,鱼也不新鲜";
        assert_eq!(topics("", said), ["食堂"]);
        assert_eq!(topics("classifier = false", said), Vec::<String>::new());
        assert_eq!(topics("", "今天天气不错"), Vec::<String>::new());
    }

    #[test]
    fn everything_that_judges_is_in_the_fingerprint() {
        let builtin = || Enricher::builtin().unwrap();
        let taxonomy = |content: &str| Taxonomy::parse("topics.toml", content).unwrap();
        let edited = Taxonomy::BUILTIN.replacen("version = 1", "version = 2", 1);
        let words_only = format!("classifier = false\n{}", Taxonomy::BUILTIN);
        let prints = [
            builtin(),
            builtin().with_taxonomy(taxonomy(&edited)).unwrap(),
            builtin().with_taxonomy(taxonomy(&words_only)).unwrap(),
            Enricher::new(Model::shipped_polarity().unwrap(), Taxonomy::builtin().unwrap(), None)
                .unwrap(),
        ]
        .map(|enricher| enricher.fingerprint().to_owned());
        assert!(prints[0].contains("topics-v1-") && prints[1].contains("topics-v2-"));
        assert!((1..4).all(|other| !prints[..other].contains(&prints[other])), "{prints:?}");
    }

    #[test]
    fn a_judge_of_two_classes_may_be_unsure() {
        let rows = (0..40).map(|row| crate::LabelledText {
            text: if row % 2 == 0 { format!("难吃{row}") } else { format!("好吃{row}") },
            label: if row % 2 == 0 { "negative" } else { "positive" }.to_owned(),
            group: None,
        });
        let labelled = crate::LabelledBatch::new(rows, |texts, tokens| {
            fixture::cut(&texts.iter().map(String::as_str).collect::<Vec<_>>(), tokens)
        });
        let model = crate::train_polarity(&labelled).unwrap();
        let enricher = Enricher::builtin().unwrap().with_model(model).unwrap();
        let judged = enricher.enrich(&fixture::batch(&["窗口", "难吃"]), &mut Scratch::default());
        let found: Vec<_> = judged.judgements.iter().map(|judgement| judgement.polarity).collect();
        assert_eq!(found, [None, Some(Polarity::Negative)]);
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
