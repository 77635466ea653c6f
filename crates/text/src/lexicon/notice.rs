//! What is wrong with a line of a dictionary, and what to do about it.

use std::fmt;

/// A line that cannot be used, or can but will surprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The file as the user named it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is not UTF-8 from here on.
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// Not three columns.
    #[error("{found} columns instead of word, frequency and tag")]
    Columns {
        /// How many there are.
        found: usize,
    },
    /// Blanks where tabs belong, as in jieba's own files.
    #[error("columns are separated by blanks")]
    Blanks,
    /// The second column.
    #[error("frequency {found:?} is not a whole number from 1 to {FREQUENCY_MAX}")]
    Frequency {
        /// What stands there.
        found: String,
    },
    /// The first column.
    #[error("word {word:?} holds {character:?}, at which texts are always cut")]
    Character {
        /// The word.
        word: String,
        /// The first such character.
        character: char,
    },
    /// One character, or more than jieba matches in sensible time.
    #[error("word {word:?} has {chars} characters (expected 2 to {WORD_CHARS_MAX})")]
    Length {
        /// The word.
        word: String,
        /// How long it is.
        chars: usize,
    },
    /// The word stands further up with another frequency.
    #[error("word {word:?} stands in line {first_line} with another frequency")]
    Contradiction {
        /// The word.
        word: String,
        /// Where.
        first_line: usize,
    },
    /// The same line stands further up.
    #[error("word {word:?} stands in line {first_line} already")]
    Duplicate {
        /// The word.
        word: String,
        /// Where.
        first_line: usize,
    },
    /// Texts are normalized before they are cut, so this form never occurs in them.
    #[error("word {word:?} never occurs, since texts are normalized to {normal:?} first")]
    NotNormal {
        /// The word.
        word: String,
        /// Its normal form.
        normal: String,
    },
    /// The frequency is too low: the parts of the word win.
    #[error("word {word:?} with frequency {frequency} is still cut as {cut}")]
    TooRare {
        /// The word.
        word: String,
        /// Its frequency.
        frequency: u32,
        /// How it is cut.
        cut: String,
        /// The lowest frequency that keeps it whole.
        enough: u32,
    },
    /// The dictionary has the word with a higher frequency.
    #[error("word {word:?} has frequency {known} already, and {frequency} makes it weaker")]
    Weakened {
        /// The word.
        word: String,
        /// Its frequency in this file.
        frequency: u32,
        /// Its frequency without this file.
        known: u32,
    },
}

pub(super) const FREQUENCY_MAX: u32 = 10_000_000;
pub(crate) const WORD_CHARS_MAX: usize = 16;

impl Problem {
    /// Whether the file is refused for it.
    pub fn is_error(&self) -> bool {
        !matches!(
            self,
            Self::Duplicate { .. }
                | Self::NotNormal { .. }
                | Self::TooRare { .. }
                | Self::Weakened { .. }
        )
    }

    /// What to do, in the imperative.
    pub fn advice(&self) -> String {
        match self {
            Self::NotUtf8 => "save the file as UTF-8".to_owned(),
            Self::Columns { .. } => {
                "write word, tab, frequency, tab, tag; use frequency 3 and tag n when in doubt"
                    .to_owned()
            }
            Self::Blanks => "put tabs between the columns".to_owned(),
            Self::Frequency { .. } => "let `huisheng lexicon suggest` give a frequency".to_owned(),
            Self::Character { .. } => {
                "take the character out, or add the parts as words".to_owned()
            }
            Self::Length { .. } => "add the parts as words".to_owned(),
            Self::Contradiction { .. } | Self::Duplicate { .. } => {
                "delete one of the two lines".to_owned()
            }
            Self::NotNormal { normal, .. } => format!("write {normal}"),
            Self::TooRare { enough, .. } => format!("raise the frequency to {enough}"),
            Self::Weakened { known, .. } => {
                format!("delete the line, or raise the frequency to {known}")
            }
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}; {}", self.file, self.line, self.problem, self.problem.advice())
    }
}

/// A dictionary that is refused, with all its defects: never only the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconError {
    /// At least one of them is an error.
    pub notices: Vec<Notice>,
}

impl std::error::Error for LexiconError {}

impl fmt::Display for LexiconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.notices.iter().filter(|notice| notice.problem.is_error());
        for (index, notice) in errors.enumerate() {
            write!(f, "{}{notice}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}
