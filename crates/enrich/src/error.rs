//! What can go wrong with lexicons, taxonomies, training sets and model files.

use std::path::PathBuf;

/// The one error of this crate. Paths of embedded files are their paths in the repository.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line of a word list is not what its head says.
    #[error("read {file}, line {line}: {problem}")]
    Lexicon {
        /// The list.
        file: String,
        /// 1-based.
        line: usize,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// The taxonomy is not TOML of the expected form.
    #[error("read taxonomy {file}")]
    TaxonomySyntax {
        /// The taxonomy.
        file: String,
        /// Line, column and key.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A topic of the taxonomy is refused.
    #[error("taxonomy {file}, topic {topic:?}: {problem} (hint: {hint})")]
    Topic {
        /// The taxonomy.
        file: String,
        /// The topic as written.
        topic: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        hint: &'static str,
    },
    /// Training parameters out of their range.
    #[error("training parameter {parameter} is {found} (expected {expected})")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// Its value.
        found: f64,
        /// Its range.
        expected: &'static str,
    },
    /// A line of labelled TSV is not what it should be.
    #[error(
        "line {line}: expected label, group and text between tabs, or label and text (hint: {{\"text\",\"label\"}} on every line is read too)"
    )]
    LabelledLine {
        /// 1-based.
        line: usize,
    },
    /// A label that is no polarity.
    #[error("text {row} carries no polarity label")]
    Label {
        /// 1-based row of the training set.
        row: usize,
        /// What was found.
        #[source]
        source: corpus::PolarityError,
    },
    /// A label that is no topic of the taxonomy.
    #[error(
        "text {row} is labelled {label:?}, which the taxonomy does not have (hint: use the ids of its topics)"
    )]
    TopicLabel {
        /// 1-based row of the training set.
        row: usize,
        /// As written.
        label: String,
    },
    /// Too little to learn from.
    #[error(
        "the training set has {texts} texts in {classes} classes (at least {texts_min} texts in 2 classes are needed)"
    )]
    TooFew {
        /// Texts found.
        texts: usize,
        /// Classes found.
        classes: usize,
        /// Limit.
        texts_min: usize,
    },
    /// Too few clear ratings to decide by.
    #[error(
        "among the held-out rated texts {negative} are clearly negative and {positive} clearly positive (at least {least} of each are needed)"
    )]
    TooFewRated {
        /// Held-out texts rated clearly negative.
        negative: usize,
        /// Held-out texts rated clearly positive.
        positive: usize,
        /// Limit on each.
        least: usize,
    },
    /// Too few labels by hand to decide by, and too few clear ratings.
    #[error(
        "{found} texts are labelled by hand, and the held-out ratings are too few (at least {least} labels are needed, or {least} held-out ratings of each direction)"
    )]
    TooFewCorrected {
        /// Texts labelled by hand.
        found: usize,
        /// Limit.
        least: usize,
    },
    /// The model was made by another version or for another task.
    #[error(
        "model {path} has {what} {found:?} and this program reads {expected:?} (hint: train it again with `huisheng train`)"
    )]
    Incompatible {
        /// Folder or embedded name.
        path: PathBuf,
        /// The property that differs.
        what: &'static str,
        /// What the file says.
        found: String,
        /// What is read here.
        expected: String,
    },
    /// The model file is damaged.
    #[error("model {path} is damaged: {problem} (hint: restore it or train it again)")]
    Damaged {
        /// Folder or embedded name.
        path: PathBuf,
        /// What does not hold.
        problem: String,
    },
    /// An error of linfa's own checks.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}
