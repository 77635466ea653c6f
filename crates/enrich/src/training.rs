//! Labelled texts, and the two things that are learned from them.

use std::sync::OnceLock;

use corpus::{Polarity, TokenBatch};
use rustc_hash::FxHashMap;

use crate::Error;
use crate::features::{FeatureBatch, FeatureScratch};
use crate::lexicon::{Lexicon, LexiconFiles};
use crate::model::{CLASSES_MAX, Model, Task};

/// A normalized text with its label.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct LabelledText {
    /// Normalized and redacted.
    pub text: String,
    /// As written in its file.
    pub label: String,
    /// The domain it comes from (酒店, 食堂), if the file says: training then looks for what holds across domains.
    #[serde(default, alias = "topic")]
    pub group: Option<String>,
}

/// Labelled texts with their tokens.
#[derive(Debug, Default)]
pub struct LabelledBatch {
    pub(crate) texts: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) groups: Vec<u32>,
    pub(crate) tokens: TokenBatch,
}

impl LabelledText {
    /// Reads lines of `data/labels`: label, group and text between tabs, or label and text; blank lines and `#` comments are skipped.
    ///
    /// # Errors
    /// [`Error::LabelledLine`] for a line of another form.
    pub fn read_tsv(content: &str) -> impl Iterator<Item = Result<Self, Error>> + '_ {
        let is_row = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
        (1..).zip(content.lines()).filter(move |(_, row)| is_row(row)).map(|(line, row)| {
            let mut columns = row.splitn(3, '\t').map(str::to_owned);
            let columns = (columns.next(), columns.next(), columns.next());
            let (label, group, text) = match columns {
                (Some(label), Some(group), Some(text)) => (label, Some(group), text),
                (Some(label), Some(text), None) => (label, None, text),
                _ => (String::new(), None, String::new()),
            };
            if label.trim().is_empty() || text.trim().is_empty() {
                return Err(Error::LabelledLine { line });
            }
            Ok(Self { text, label, group })
        })
    }
}

impl LabelledBatch {
    /// Takes texts and cuts them; `cut` is the segmenter that prediction will use, for instance `Segmenter::tokenize_batch`.
    pub fn new(
        labelled: impl IntoIterator<Item = LabelledText>,
        cut: impl FnOnce(&[String], &mut TokenBatch),
    ) -> Self {
        let mut batch = Self::default();
        let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
        for text in labelled {
            if let Some(group) = text.group {
                let next = numbers.len() as u32;
                batch.groups.push(*numbers.entry(group).or_insert(next));
            }
            batch.texts.push(text.text);
            batch.labels.push(text.label);
        }
        if batch.groups.len() < batch.texts.len() {
            batch.groups.clear();
        }
        cut(&batch.texts, &mut batch.tokens);
        assert_eq!(
            batch.tokens.document_count(),
            batch.texts.len(),
            "`cut` gives one document a text"
        );
        batch
    }

    /// Texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub(crate) fn features(&self) -> FeatureBatch {
        let mut features = FeatureBatch::default();
        features.build(
            builtin_lexicon(),
            &self.tokens,
            |row| &self.texts[row],
            &mut FeatureScratch::default(),
        );
        features
    }

    /// Whether the labels are meant as polarities: most of them are (a set of moods may hold `neutral` as one of many).
    fn has_polarities(&self) -> bool {
        let found = self.labels.iter().filter(|label| label.trim().parse::<Polarity>().is_ok());
        2 * found.count() >= self.labels.len()
    }

    /// Labels as polarities. A file whose only labels are 0 and 1 means negative and positive by them, as most two-class files do.
    pub(crate) fn polarities(&self) -> Result<Vec<Polarity>, Error> {
        let is_binary = self.labels.iter().all(|label| label == "0" || label == "1");
        (1..)
            .zip(&self.labels)
            .map(|(row, label)| match label.as_str() {
                "0" if is_binary => Ok(Polarity::Negative),
                label => label.trim().parse().map_err(|source| Error::Label { row, source }),
            })
            .collect()
    }
}

/// The lexicon this program was built with, read once.
///
/// # Panics
/// Never for the lists in the repository: a test reads them.
pub(crate) fn builtin_lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        Lexicon::new(LexiconFiles::BUILTIN).expect("the lists in the repository are valid")
    })
}

/// Learns polarity: two classes or three, as the labels have them. Labels that are other moods (happy, angry) are learned as they are.
/// Texts whose groups are known teach a linear model for all groups; without groups, 1,000 texts or more also teach a network (see `network`).
///
/// # Errors
/// [`Error::Label`] for a label that is no polarity among labels that are, [`Error::TooFew`] when there is too little to learn from.
pub fn train_polarity(labelled: &LabelledBatch) -> Result<Model, Error> {
    if !labelled.has_polarities() {
        return train(labelled, Task::Polarity);
    }
    let polarities = labelled.polarities()?;
    let present: Vec<Polarity> =
        Polarity::ALL.into_iter().filter(|polarity| polarities.contains(polarity)).collect();
    let targets: Vec<u32> = polarities
        .iter()
        .map(|found| present.iter().take_while(|other| *other != found).count() as u32)
        .collect();
    let classes = present.iter().map(|polarity| polarity.as_str().to_owned()).collect();
    Model::fit(Task::Polarity, classes, &labelled.features(), &targets, &labelled.groups)
}

/// Learns any set of classes, one a text; 1,000 texts or more also teach a network (see `network`).
///
/// # Errors
/// [`Error::TooFew`] when there is too little to learn from, [`Error::Parameter`] for more than 128 classes.
pub fn train_topic(labelled: &LabelledBatch) -> Result<Model, Error> {
    train(labelled, Task::Topic)
}

/// Learns the labels as they are written.
fn train(labelled: &LabelledBatch, task: Task) -> Result<Model, Error> {
    let mut classes = labelled.labels.clone();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() > CLASSES_MAX {
        return Err(Error::Parameter {
            parameter: "classes",
            found: classes.len() as f64,
            expected: "at most 128",
        });
    }
    let targets: Vec<u32> = labelled
        .labels
        .iter()
        .map(|label| classes.partition_point(|class| class < label) as u32)
        .collect();
    Model::fit(task, classes, &labelled.features(), &targets, &[])
}
