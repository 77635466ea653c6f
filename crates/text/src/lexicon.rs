//! Our own words, and those of a user: what is one word, what says nothing, what means the same, which names keep their form.
//!
//! The files are commented text in `dictionaries/`. They are read strictly: a word that is dropped in silence is found out
//! months later (jieba#236, analysis-ik#379), so every line that cannot be used is reported with file, line and advice.

mod notice;
mod reader;

use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) use notice::WORD_CHARS_MAX;
pub use notice::{LexiconError, Notice, Problem};
pub(crate) use reader::{can_be_in_word, read_words};

use crate::PhraseTable;

/// A word of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word, in normal form.
    pub text: String,
    /// How often it stands in jieba's corpus of 60 million words: its weight against cutting it apart.
    pub frequency: u32,
    /// Part of speech or field, such as `n` or `nz`.
    pub tag: String,
}

/// All that `dictionaries/` says about words.
#[derive(Debug, Clone)]
pub struct Lexicon {
    words: Vec<Word>,
    known: FxHashMap<String, usize>,
    stop_words: FxHashSet<String>,
    grammar_words: FxHashSet<String>,
    synonyms: Vec<Vec<String>>,
    synonym_group: FxHashMap<String, usize>,
    exceptions: PhraseTable,
}

const WORDS: &str = include_str!("../../../dictionaries/words.tsv");
const STOP_WORDS: &str = include_str!("../../../dictionaries/stop_words.txt");
const GRAMMAR_WORDS: &str = include_str!("../../../dictionaries/grammar_words.txt");
const SYNONYMS: &str = include_str!("../../../dictionaries/synonyms.tsv");
const EXCEPTIONS: &str = include_str!("../../../dictionaries/t2s_exceptions.tsv");

impl Lexicon {
    /// The lexicon that is shipped.
    pub fn builtin() -> Self {
        let exceptions = PhraseTable::parse("dictionaries/t2s_exceptions.tsv", EXCEPTIONS)
            .expect("a test reads the shipped files");
        let mut lexicon = Self { exceptions, ..Self::empty() };
        let notices = lexicon
            .add_words("dictionaries/words.tsv", WORDS.as_bytes())
            .expect("a test reads the shipped files");
        debug_assert_eq!(notices, [], "the shipped words have no defect");
        [lexicon.stop_words, lexicon.grammar_words] = [STOP_WORDS, GRAMMAR_WORDS]
            .map(|list| reader::lines(list).map(|(_, word)| word.to_owned()).collect());
        for (_, line) in reader::lines(SYNONYMS) {
            lexicon.add_synonyms(line.split('\t').map(str::trim).filter(|word| !word.is_empty()));
        }
        lexicon
    }

    /// A lexicon without words: cuts as jieba does.
    pub fn empty() -> Self {
        Self {
            words: Vec::new(),
            known: FxHashMap::default(),
            stop_words: FxHashSet::default(),
            grammar_words: FxHashSet::default(),
            synonyms: Vec::new(),
            synonym_group: FxHashMap::default(),
            exceptions: PhraseTable::default(),
        }
    }

    /// Adds the words of a file, given as its bytes: commented TSV of word, frequency, tag. A word already known takes the new frequency.
    ///
    /// A byte order mark and CRLF line ends are fine.
    ///
    /// # Errors
    /// [`LexiconError`] with every line that cannot be used; the lexicon is then as before. Lines that are only odd come back as notices.
    pub fn add_words(&mut self, file: &str, bytes: &[u8]) -> Result<Vec<Notice>, LexiconError> {
        let (words, notices) = read_words(file, bytes)?;
        for (_, word) in words {
            match self.known.get(&word.text) {
                Some(&index) => self.words[index] = word,
                None => {
                    self.known.insert(word.text.clone(), self.words.len());
                    self.words.push(word);
                }
            }
        }
        Ok(notices)
    }

    fn add_synonyms<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        let group: Vec<String> = words.map(str::to_owned).collect();
        for word in &group {
            self.synonym_group.insert(word.clone(), self.synonyms.len());
        }
        self.synonyms.push(group);
    }

    /// All words, in file order.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Whether a word says nothing about what a text is about (的, 我们, 进行).
    pub fn is_stop_word(&self, word: &str) -> bool {
        self.stop_words.contains(word)
    }

    /// Words that name no matter: stop words, and more of closed classes (没有, 到底, 小时).
    pub(crate) fn grammar_words(&self) -> impl Iterator<Item = &String> {
        self.stop_words.iter().chain(&self.grammar_words)
    }

    /// The words that mean the same, the given one among them; empty when it has none.
    pub fn synonyms(&self, word: &str) -> &[String] {
        self.synonym_group.get(word).map_or(&[], |&group| &self.synonyms[group])
    }

    /// Names and words that conversion to simplified script must leave in a given form.
    pub fn exceptions(&self) -> &PhraseTable {
        &self.exceptions
    }

    /// Sixteen hexadecimal digits over everything in the lexicon.
    pub fn fingerprint(&self) -> String {
        let mut stop_words: Vec<&str> = self.stop_words.iter().map(String::as_str).collect();
        stop_words.sort_unstable();
        let synonyms = self.synonyms.iter().map(|group| group.join("\t"));
        let exceptions =
            self.exceptions.phrases().map(|(phrase, form)| format!("{phrase}\t{form}"));
        let mut grammar_words: Vec<&str> = self.grammar_words.iter().map(String::as_str).collect();
        grammar_words.sort_unstable();
        let listed = stop_words.into_iter().chain(grammar_words).map(str::to_owned);
        let entries = listed.chain(synonyms).chain(exceptions);
        hashed(std::iter::once(self.words_fingerprint()).chain(entries))
    }

    /// The part of the fingerprint on which cutting depends. Independent of the order of the lines.
    pub(crate) fn words_fingerprint(&self) -> String {
        let mut words: Vec<String> =
            self.words.iter().map(|word| format!("{}\t{}", word.text, word.frequency)).collect();
        words.sort_unstable();
        hashed(words.into_iter())
    }
}

fn hashed(lines: impl Iterator<Item = String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for line in lines {
        hasher.update(line.as_bytes()).update(b"\n");
    }
    hasher.finalize().to_hex().as_str().get(..16).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
