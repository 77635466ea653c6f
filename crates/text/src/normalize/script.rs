//! Traditional to simplified script, by phrase, with exceptions of our own.
//!
//! Conversion is lossy (乾 is 干 in 乾燥 and 乾 in 乾隆), so the display text keeps the original and the exception list has the last word.
//! The data is OpenCC's, from the crate `ferrous-opencc`. That crate allocates a string for each character it changes; of its 4,100
//! characters only 23 depend on the phrase, so we ask it once for each single character and later only for clauses that hold one of the 23.

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::offset_map::MapBuilder;

/// The characters that OpenCC's phrases (TSPhrases, 2026) change otherwise than its character table does.
const DEPENDS_ON_PHRASE: &str = "瞭鍊么麼麽乾噁藉覆俱濛鍾吒徵彷於鉅沈牴昇畫薹衹";

/// Of those, the ones that every simplified text holds and that matter only beside a character that is surely traditional.
const COMMON_IN_SIMPLIFIED: &str = "么俱";

/// Phrases with the form that they must take: names and words that character tables get wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhraseTable {
    phrases: Vec<(String, String)>,
}

/// A line of an exception list that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}")]
pub struct PhraseTableError {
    file: String,
    line: usize,
    problem: &'static str,
}

impl PhraseTable {
    /// Reads a commented TSV of phrase and form.
    ///
    /// # Errors
    /// [`PhraseTableError`] with file and line when a line has not two columns of the same number of characters.
    pub fn parse(file: &str, content: &str) -> Result<Self, PhraseTableError> {
        let mut phrases = Vec::new();
        for (index, line) in content.trim_start_matches('\u{feff}').lines().enumerate() {
            let refused =
                |problem| PhraseTableError { file: file.to_owned(), line: index + 1, problem };
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let (phrase, form) = line
                .trim()
                .split_once('\t')
                .ok_or_else(|| refused("expected phrase and form with a tab between them"))?;
            if phrase.chars().count() != form.chars().count() {
                return Err(refused("phrase and form must have the same number of characters"));
            }
            phrases.push((phrase.to_owned(), form.to_owned()));
        }
        Ok(Self { phrases })
    }

    /// The phrases with their forms, in file order.
    pub fn phrases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.phrases.iter().map(|(phrase, form)| (phrase.as_str(), form.as_str()))
    }
}

/// Converts; built once.
pub(super) struct Simplifier {
    opencc: OpenCC,
    characters: FxHashMap<char, char>,
    depends_on_phrase: FxHashSet<char>,
    /// By first character, longest first.
    exceptions: FxHashMap<char, Vec<(String, String)>>,
}

impl std::fmt::Debug for Simplifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simplifier")
            .field("characters", &self.characters.len())
            .field("exceptions", &self.exceptions.len())
            .finish_non_exhaustive()
    }
}

impl Simplifier {
    pub(super) fn new(table: &PhraseTable) -> Self {
        let opencc = OpenCC::from_config(BuiltinConfig::T2s).expect("the data is compiled in");
        let mut characters = FxHashMap::default();
        let mut probe = String::new();
        for c in ('\u{3400}'..='\u{9fff}').chain('\u{20000}'..='\u{323af}') {
            probe.clear();
            probe.push(c);
            let mut simplified = opencc.convert(&probe).chars().collect::<Vec<_>>().into_iter();
            if let (Some(other), None) = (simplified.next(), simplified.next())
                && other != c
            {
                characters.insert(c, other);
            }
        }
        let mut exceptions: FxHashMap<char, Vec<(String, String)>> = FxHashMap::default();
        for (phrase, form) in table.phrases() {
            if let Some(first) = phrase.chars().next() {
                exceptions.entry(first).or_default().push((phrase.to_owned(), form.to_owned()));
            }
        }
        for list in exceptions.values_mut() {
            list.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        Self {
            opencc,
            characters,
            depends_on_phrase: DEPENDS_ON_PHRASE.chars().collect(),
            exceptions,
        }
    }

    /// Whether the character belongs to traditional script alone.
    pub(super) fn is_traditional(&self, c: char) -> bool {
        self.characters.contains_key(&c)
    }

    /// All characters whose presence makes conversion necessary.
    pub(super) fn triggers(&self) -> impl Iterator<Item = char> {
        let changed = |(phrase, form): &(String, String)| {
            phrase
                .chars()
                .zip(form.chars())
                .filter(|(a, b)| a != b)
                .map(|(a, _)| a)
                .collect::<Vec<_>>()
        };
        let by_exception = self.exceptions.values().flatten().flat_map(changed);
        let by_phrase = DEPENDS_ON_PHRASE.chars().filter(|&c| !COMMON_IN_SIMPLIFIED.contains(c));
        self.characters.keys().copied().chain(by_phrase).chain(by_exception)
    }

    /// Converts `from` into `to`, character for character, and returns the edits.
    #[expect(
        clippy::string_slice,
        reason = "clauses and exceptions start and end on character boundaries"
    )]
    pub(super) fn simplify(&self, from: &str, to: &mut String) -> MapBuilder {
        let mut map = MapBuilder::default();
        // Phrases do not reach over punctuation, so a clause is enough context.
        for clause in from.split_inclusive(ends_clause) {
            let (mut done, mut at) = (0, 0);
            while let Some(c) = clause[at..].chars().next() {
                if let Some((phrase, form)) = self.exception_at(c, &clause[at..]) {
                    self.convert(&clause[done..at], to, &mut map);
                    replace_each(phrase, form, to, &mut map);
                    at += phrase.len();
                    done = at;
                } else {
                    at += c.len_utf8();
                }
            }
            self.convert(&clause[done..], to, &mut map);
        }
        map
    }

    fn exception_at(&self, first: char, rest: &str) -> Option<&(String, String)> {
        self.exceptions.get(&first)?.iter().find(|(phrase, _)| rest.starts_with(phrase.as_str()))
    }

    fn convert(&self, piece: &str, to: &mut String, map: &mut MapBuilder) {
        if piece.chars().any(|c| self.depends_on_phrase.contains(&c)) {
            let converted = self.opencc.convert(piece);
            if converted.chars().count() == piece.chars().count() {
                return replace_each(piece, &converted, to, map);
            }
        }
        for c in piece.chars() {
            let simplified = self.characters.get(&c).copied().unwrap_or(c);
            to.push(simplified);
            map.character(simplified.len_utf8(), c.len_utf8());
        }
    }
}

/// Punctuation, blanks and the like; asks the tables of Unicode only for what is not Han.
fn ends_clause(c: char) -> bool {
    !matches!(c, '\u{3400}'..='\u{9fff}') && !c.is_alphanumeric()
}

fn replace_each(piece: &str, converted: &str, to: &mut String, map: &mut MapBuilder) {
    for (before, after) in piece.chars().zip(converted.chars()) {
        to.push(after);
        map.character(after.len_utf8(), before.len_utf8());
    }
}
