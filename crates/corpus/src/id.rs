//! Names of things: sources, units, topics, documents, voices.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

const NAME_CHARS_MAX: usize = 64;

/// A name that is empty, too long or holds control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing but white space.
    #[error("a {kind} name is empty")]
    Empty {
        /// What was to be named.
        kind: &'static str,
    },
    /// More than 64 characters.
    #[error("the {kind} name {found:?} has {chars} characters (at most {NAME_CHARS_MAX})")]
    TooLong {
        /// What was to be named.
        kind: &'static str,
        /// Its first characters.
        found: String,
        /// Its length.
        chars: usize,
    },
    /// A control character, slash or backslash, which would not survive paths and facets.
    #[error("the {kind} name {found:?} holds {character:?}")]
    Character {
        /// What was to be named.
        kind: &'static str,
        /// The name.
        found: String,
        /// The first refused character.
        character: char,
    },
    /// Not the hexadecimal form of an id.
    #[error("{found:?} is not a document id (32 hexadecimal digits)")]
    Hex {
        /// What was found.
        found: String,
    },
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Trims `name` and checks it: 1 to 64 characters, no control character, no slash.
            ///
            /// # Errors
            /// [`IdError`] names the kind and what was found.
            pub fn new(name: &str) -> Result<Self, IdError> {
                checked_name($kind, name).map(|name| Self(name.into()))
            }

            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(name: &str) -> Result<Self, IdError> {
                Self::new(name)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

name_type!(
    /// A feed, file drop or form that documents come from.
    SourceId, "source"
);
name_type!(
    /// A part of the organization, as the source names it.
    UnitId, "unit"
);
name_type!(
    /// A matter that documents speak about (食堂, 培训, 倒班), never a kind of writer.
    TopicId, "topic"
);

/// Who may read a source's texts where they came from, which decides what its readers here may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Surveys, evaluations, suggestion boxes: texts are shown only in released quotation sets.
    #[default]
    Confidential,
    /// Texts that their readers can see at the source anyway: single texts may be searched.
    Open,
}

impl Visibility {
    /// The word used in config and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Open => "open",
        }
    }
}

impl FromStr for Visibility {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "confidential" => Ok(Self::Confidential),
            "open" => Ok(Self::Open),
            other => Err(format!("{other:?} is not a visibility (expected confidential or open)")),
        }
    }
}

/// 128 bits that name one document for good: the same source and external id give the same id on every import.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub u128);

/// The first document of a duplicate group names the group.
pub type GroupId = DocumentId;

/// A hash of the content, to tell a revised document from one already known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub u64);

/// A contributor's pseudonym within one source and one calendar month. Its only use is to be counted.
///
/// `Debug` and `Display` do not show it, so that it cannot reach a log by accident.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Voice(pub u64);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DocumentId {
    type Err = IdError;

    fn from_str(found: &str) -> Result<Self, IdError> {
        let refused = || IdError::Hex { found: found.chars().take(NAME_CHARS_MAX).collect() };
        if found.len() != 32 || !found.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(refused());
        }
        u128::from_str_radix(found, 16).map(Self).map_err(|_| refused())
    }
}

impl Serialize for DocumentId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DocumentId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Voice(***)")
    }
}

fn checked_name<'a>(kind: &'static str, name: &'a str) -> Result<&'a str, IdError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(IdError::Empty { kind });
    }
    let chars = name.chars().count();
    if chars > NAME_CHARS_MAX {
        return Err(IdError::TooLong { kind, found: name.chars().take(16).collect(), chars });
    }
    match name.chars().find(|c| c.is_control() || matches!(c, '/' | '\\')) {
        Some(character) => Err(IdError::Character { kind, found: name.to_owned(), character }),
        None => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_break_a_path_is_refused() {
        assert_eq!(SourceId::new(" 意见箱 ").unwrap().as_str(), "意见箱");
        assert!(matches!(SourceId::new("a/b"), Err(IdError::Character { character: '/', .. })));
        assert!(matches!(UnitId::new("  "), Err(IdError::Empty { kind: "unit" })));
        assert!(matches!(TopicId::new(&"长".repeat(65)), Err(IdError::TooLong { chars: 65, .. })));
    }

    #[test]
    fn a_document_id_reads_back() {
        let id = DocumentId(0x00ff_0000_0000_0000_0000_0000_0000_0001);
        assert_eq!(id.to_string().parse::<DocumentId>().unwrap(), id);
        assert!("+0000000000000000000000000000001".parse::<DocumentId>().is_err());
    }

    #[test]
    fn a_voice_never_prints() {
        assert_eq!(format!("{:?}", Voice(42)), "Voice(***)");
    }
}
