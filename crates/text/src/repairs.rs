//! What was mended in a text before anybody read it.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of repairs, kept with each document as a bit set so that a reader can tell a mended text from an untouched one.
///
/// The bits are part of the stored table: never renumber them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Repairs(u32);

impl Repairs {
    /// Nothing was mended.
    pub const NONE: Self = Self(0);
    /// UTF-8 that had been read as Latin-1 (`æ±‰å­—` for 汉字).
    pub const UTF8_READ_AS_LATIN: Self = Self(1);
    /// UTF-8 that had been read as GBK (`娴嬭瘯` for 测试).
    pub const UTF8_READ_AS_GBK: Self = Self(1 << 1);
    /// GBK that had been read as Latin-1 (`²âÊÔ` for 测试).
    pub const GBK_READ_AS_LATIN: Self = Self(1 << 2);
    /// The declared encoding was wrong and another one was used.
    pub const ENCODING_CORRECTED: Self = Self(1 << 3);
    /// HTML entities became characters.
    pub const ENTITIES: Self = Self(1 << 4);
    /// HTML tags were taken out.
    pub const MARKUP: Self = Self(1 << 5);
    /// Romanization that a converter had put behind characters was taken out (`發(fā)展`).
    pub const ROMANIZATION: Self = Self(1 << 6);
    /// Characters torn apart by one lost byte were put together (`?!包h建` for `。“黨建`).
    pub const TORN_CHARACTERS: Self = Self(1 << 7);
    /// Lines split in the middle of a sentence were joined.
    pub const SPLIT_LINES: Self = Self(1 << 8);

    const NAMES: [(Self, &'static str); 9] = [
        (Self::UTF8_READ_AS_LATIN, "utf8_read_as_latin"),
        (Self::UTF8_READ_AS_GBK, "utf8_read_as_gbk"),
        (Self::GBK_READ_AS_LATIN, "gbk_read_as_latin"),
        (Self::ENCODING_CORRECTED, "encoding_corrected"),
        (Self::ENTITIES, "entities"),
        (Self::MARKUP, "markup"),
        (Self::ROMANIZATION, "romanization"),
        (Self::TORN_CHARACTERS, "torn_characters"),
        (Self::SPLIT_LINES, "split_lines"),
    ];

    /// The set as it is stored.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The set from its stored bits; bits of later versions are kept.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether all of `other` is in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing was mended.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The words used in tables and JSON.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(repair, _)| self.contains(*repair))
            .map(|(_, name)| name)
    }
}

impl BitOr for Repairs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Repairs {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Repairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
