//! Words that carry, turn, strengthen or weigh polarity, found in one pass over a text.
//!
//! All lists become one automaton under leftmost-longest matching. So the longer entry decides (`不得不` is no negation, `一点也不` is one),
//! and a phrase may be worth something else than its words.

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};
use rustc_hash::FxHashMap;

use crate::Error;
use crate::construction::Cue;

/// What a matched word does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// Praise (> 0) or complaint (< 0), from -3 to 3.
    Polar(f32),
    /// Hides the shorter words inside it.
    Hidden,
    /// Turns what follows in its clause; the factor weakens it (不太好).
    Negation(f32),
    /// Turns the polar word before it (好个屁).
    Reversal,
    /// Multiplies the polar word after it.
    DegreeBefore(f32),
    /// Multiplies the polar word before it (慢得要死).
    DegreeAfter(f32),
    /// What follows weighs more than what came before.
    Contrast,
    /// This clause weighs less.
    Concession,
    /// What follows is wanted, not there.
    Wish,
    /// Opens a construction whose direction is not that of its words.
    Cue(Cue),
}

/// What an idiom is worth: it outweighs one word of the other direction beside it.
const IDIOM: f32 = 3.0;

/// One word found in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) byte_start: u32,
    pub(crate) byte_end: u32,
    pub(crate) mark: Mark,
}

/// The word lists of `dictionaries/`, as text.
#[derive(Debug, Clone, Copy)]
pub struct LexiconFiles<'a> {
    /// `polarity.tsv`
    pub polarity: &'a str,
    /// `negation.tsv`
    pub negation: &'a str,
    /// `degree.tsv`
    pub degree: &'a str,
    /// `contrast.tsv`
    pub contrast: &'a str,
    /// `constructions.tsv`
    pub constructions: &'a str,
}

/// All lists in one automaton.
pub struct Lexicon {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    marks: Vec<Mark>,
}

impl std::fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lexicon").field("words", &self.marks.len()).finish_non_exhaustive()
    }
}

impl LexiconFiles<'static> {
    /// The lists this program was built with.
    pub const BUILTIN: Self = Self {
        polarity: include_str!("../../../dictionaries/polarity.tsv"),
        negation: include_str!("../../../dictionaries/negation.tsv"),
        degree: include_str!("../../../dictionaries/degree.tsv"),
        contrast: include_str!("../../../dictionaries/contrast.tsv"),
        constructions: include_str!("../../../dictionaries/constructions.tsv"),
    };
}

impl Lexicon {
    /// Reads the lists: tab-separated columns as their heads say, `#` comments. A word stands in one list only.
    ///
    /// # Errors
    /// [`Error::Lexicon`] with file and line.
    pub fn new(files: LexiconFiles<'_>) -> Result<Self, Error> {
        let mut words: FxHashMap<String, Mark> = FxHashMap::default();
        read("dictionaries/polarity.tsv", files.polarity, &mut words, polar)?;
        read("dictionaries/negation.tsv", files.negation, &mut words, negation)?;
        read("dictionaries/degree.tsv", files.degree, &mut words, degree)?;
        read("dictionaries/contrast.tsv", files.contrast, &mut words, contrast)?;
        read("dictionaries/constructions.tsv", files.constructions, &mut words, construction)?;

        // Latin entries (yyds, low) are written small and met in any case: the three usual forms are listed.
        let mut patterns: Vec<(String, Mark)> = Vec::with_capacity(words.len());
        for (word, mark) in words {
            if word.bytes().any(|byte| byte.is_ascii_lowercase()) {
                patterns.push((word.to_ascii_uppercase(), mark));
                let mut letters = word.chars();
                let capital: String = letters
                    .next()
                    .map(|first| first.to_ascii_uppercase())
                    .into_iter()
                    .chain(letters)
                    .collect();
                patterns.push((capital, mark));
            }
            patterns.push((word, mark));
        }
        patterns.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        patterns.dedup_by(|left, right| left.0 == right.0);
        let marks = patterns.iter().map(|(_, mark)| *mark).collect();
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(
                patterns.iter().zip(0u32..).map(|((word, _), index)| (word.as_str(), index)),
            )
            .map_err(|error| Error::Lexicon {
                file: "dictionaries/polarity.tsv".to_owned(),
                line: 0,
                problem: error.to_string(),
            })?;
        Ok(Self { automaton, marks })
    }

    /// The words of `text`, first to last, not overlapping.
    pub(crate) fn find<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Found> + 't {
        self.automaton.leftmost_find_iter(text).map(|found| Found {
            byte_start: found.start() as u32,
            byte_end: found.end() as u32,
            mark: self.marks[found.value() as usize],
        })
    }
}

fn read(
    file: &str,
    content: &str,
    words: &mut FxHashMap<String, Mark>,
    mark: impl Fn(&[&str]) -> Result<Mark, String>,
) -> Result<(), Error> {
    for (line, row) in (1..).zip(content.lines()) {
        if row.trim().is_empty() || row.starts_with('#') {
            continue;
        }
        let refused = |problem: String| Error::Lexicon { file: file.to_owned(), line, problem };
        let columns: Vec<&str> = row.split('\t').collect();
        let word = columns[0].trim();
        if word.is_empty() {
            return Err(refused("the word is empty".to_owned()));
        }
        let mark = mark(&columns[1..]).map_err(refused)?;
        if words.insert(word.to_lowercase(), mark).is_some() {
            return Err(Error::Lexicon {
                file: file.to_owned(),
                line,
                problem: format!("{word:?} stands twice in the lists"),
            });
        }
    }
    Ok(())
}

fn polar(columns: &[&str]) -> Result<Mark, String> {
    let [score] = columns else { return Err("expected two columns: word, score".to_owned()) };
    match score.trim().parse::<f32>() {
        Ok(0.0) => Ok(Mark::Hidden),
        Ok(score) if (-3.0..=3.0).contains(&score) => Ok(Mark::Polar(score)),
        _ => Err(format!("score {score:?} is not a number from -3 to 3")),
    }
}

fn negation(columns: &[&str]) -> Result<Mark, String> {
    match columns {
        ["before"] => Ok(Mark::Negation(1.0)),
        ["weak"] => Ok(Mark::Negation(0.6)),
        ["after"] => Ok(Mark::Reversal),
        _ => Err(format!("place {columns:?} is none of before, weak, after")),
    }
}

fn degree(columns: &[&str]) -> Result<Mark, String> {
    let [factor, place] = columns else {
        return Err("expected three columns: word, factor, place".to_owned());
    };
    let factor: f32 = factor.parse().map_err(|_| format!("factor {factor:?} is not a number"))?;
    match *place {
        "before" => Ok(Mark::DegreeBefore(factor)),
        "after" => Ok(Mark::DegreeAfter(factor)),
        _ => Err(format!("place {place:?} is neither before nor after")),
    }
}

fn contrast(columns: &[&str]) -> Result<Mark, String> {
    match columns {
        ["contrast"] => Ok(Mark::Contrast),
        ["concession"] => Ok(Mark::Concession),
        ["wish"] => Ok(Mark::Wish),
        _ => Err(format!("kind {columns:?} is none of contrast, concession, wish")),
    }
}

fn construction(columns: &[&str]) -> Result<Mark, String> {
    let cue = match columns {
        ["rhetorical"] => Cue::Rhetorical,
        ["rhetorical_not"] => Cue::RhetoricalNot,
        ["wanted"] => Cue::Wanted,
        ["comparison"] => Cue::Comparison,
        ["plea"] => Cue::Plea,
        ["praise"] => Cue::Idiom(IDIOM),
        ["complaint"] => Cue::Idiom(-IDIOM),
        _ => {
            return Err(format!(
                "kind {columns:?} is none of rhetorical, rhetorical_not, wanted, comparison, plea, praise, complaint"
            ));
        }
    };
    Ok(Mark::Cue(cue))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(polarity: &str, expected: &str) {
        let files =
            LexiconFiles { polarity, negation: "", degree: "", contrast: "", constructions: "" };
        assert_eq!(Lexicon::new(files).unwrap_err().to_string(), expected);
    }

    #[test]
    fn the_longest_entry_decides() {
        let lexicon = Lexicon::new(LexiconFiles::BUILTIN).unwrap();
        let marks: Vec<Mark> =
            lexicon.find("一点也不差,不得不去,YYDS").map(|found| found.mark).collect();
        assert_eq!(marks, [Mark::Negation(1.0), Mark::Polar(-2.0), Mark::Hidden, Mark::Polar(3.0)]);
    }

    #[test]
    fn errors_name_file_and_line() {
        check_refused(
            "好\t2\n坏\t9\n",
            "read dictionaries/polarity.tsv, line 2: score \"9\" is not a number from -3 to 3",
        );
        check_refused(
            "# head\n好\t2\n好\t1\n",
            "read dictionaries/polarity.tsv, line 3: \"好\" stands twice in the lists",
        );
    }
}
