//! What the question of a form asks for, and what that says of an answer that holds no opinion of its own.
//!
//! 食堂 is a complaint below 还有哪些不足? and praise below 您最满意的是什么?; 没有 is neither below both. So a question is read once, by the phrases of
//! `dictionaries/questions.tsv`, and shifts the judgement of bare answers. An answer that praises or complains in words of its own is left alone:
//! people write what they want to say below whatever is asked. A question that asks for faults and merits at once says nothing.

use corpus::{Polarity, Token, TokenKind};
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};

use crate::Error;
use crate::rule::Reading;

/// The phrases, as text.
pub(crate) const FILE: &str = include_str!("../../../dictionaries/questions.tsv");
const FILE_NAME: &str = "dictionaries/questions.tsv";

/// Probability given to the class that the question asks for before the model is asked: far above what a bare answer gets of the
/// model (食堂: 0.5 neutral), so that the question decides; `tests/it/questions.rs` says how often that is right.
const TRUST: f32 = 0.8;
/// From this probability of praise or complaint the model has read an opinion where the word lists have none.
const OPINION_FROM: f32 = 0.9;
/// An answer of more characters says something itself.
const BARE_CHARACTERS_MAX: usize = 20;

/// An answer that names nothing is no longer than this: 20 characters.
const NOTHING_BYTES_MAX: usize = 3 * BARE_CHARACTERS_MAX;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// What is named is complained of.
    Faults,
    /// What is named is praised.
    Merits,
    /// Anything: only an answer that names nothing is read by it.
    Open,
}

/// What a phrase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phrase {
    Asks(Asked),
    Nothing,
    Filler,
    Request,
}

/// The phrases of questions and of answers, each kind in an automaton of its own: 希望 asks in both.
pub(crate) struct Questions {
    asking: Phrases,
    answering: Phrases,
}

struct Phrases {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    phrases: Vec<Phrase>,
}

impl std::fmt::Debug for Questions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (asking, answering) = (self.asking.phrases.len(), self.answering.phrases.len());
        f.debug_struct("Questions")
            .field("asking", &asking)
            .field("answering", &answering)
            .finish_non_exhaustive()
    }
}

impl Questions {
    /// Reads the phrases: two columns, `#` comments.
    ///
    /// # Errors
    /// [`Error::Lexicon`] with file and line.
    pub(crate) fn new(content: &str) -> Result<Self, Error> {
        let (mut asking, mut answering) = (Vec::new(), Vec::new());
        for (line, row) in (1..).zip(content.lines()) {
            if row.trim().is_empty() || row.starts_with('#') {
                continue;
            }
            let refused =
                |problem: String| Error::Lexicon { file: FILE_NAME.to_owned(), line, problem };
            let Some((word, kind)) = row.split_once('\t') else {
                return Err(refused("expected two columns: phrase, kind".to_owned()));
            };
            let phrase = match kind {
                "faults" => Phrase::Asks(Asked::Faults),
                "merits" => Phrase::Asks(Asked::Merits),
                "open" => Phrase::Asks(Asked::Open),
                "nothing" => Phrase::Nothing,
                "filler" => Phrase::Filler,
                "request" => Phrase::Request,
                _ => {
                    let kinds = "faults, merits, open, nothing, filler, request";
                    return Err(refused(format!("kind {kind:?} is none of {kinds}")));
                }
            };
            let list = if matches!(phrase, Phrase::Asks(_)) { &mut asking } else { &mut answering };
            if list.iter().any(|(known, _)| *known == word) {
                return Err(refused(format!("{word:?} stands twice")));
            }
            list.push((word, phrase));
        }
        Ok(Self { asking: Phrases::new(&asking)?, answering: Phrases::new(&answering)? })
    }

    /// What a normalized question asks for; nothing when it is plain, or asks for faults and merits at once.
    pub(crate) fn asked(&self, question: &str) -> Option<Asked> {
        let (mut faults, mut merits, mut open) = (false, false, false);
        for (_, phrase) in self.asking.find(question) {
            match phrase {
                Phrase::Asks(Asked::Faults) => faults = true,
                Phrase::Asks(Asked::Merits) => merits = true,
                _ => open = true,
            }
        }
        match (faults, merits) {
            (true, true) => None,
            (true, false) => Some(Asked::Faults),
            (false, true) => Some(Asked::Merits),
            (false, false) => open.then_some(Asked::Open),
        }
    }

    /// Where the answer moves the probabilities of `polarities`, one each in `out`. `reading` is what the word lists read in it.
    pub(crate) fn shift(
        &self,
        asked: Asked,
        (answer, words): (&str, &[Token]),
        reading: &Reading,
        polarities: &[Polarity],
        out: &mut [f32],
    ) {
        let Some(said) = self.said(asked, (answer, words), reading, polarities, out) else {
            return;
        };
        let Some(class) = polarities.iter().position(|polarity| *polarity == said) else {
            // Judges of two classes know no neutral: an answer that names nothing is as much the one as the other.
            out.fill(1.0 / out.len() as f32);
            return;
        };
        for probability in out.iter_mut() {
            *probability *= 1.0 - TRUST;
        }
        out[class] += TRUST;
    }

    /// What an answer says only by what it answers.
    fn said(
        &self,
        asked: Asked,
        (answer, words): (&str, &[Token]),
        reading: &Reading,
        polarities: &[Polarity],
        probabilities: &[f32],
    ) -> Option<Polarity> {
        let has_polar_words = reading.praise > 0.0 || reading.complaint > 0.0;
        if !has_polar_words && self.names_nothing(answer, words) {
            return Some(Polarity::Neutral);
        }
        if asked == Asked::Open || answer.chars().count() > BARE_CHARACTERS_MAX {
            return None;
        }
        let requests = asked == Asked::Faults && reading.complaint == 0.0 && self.requests(answer);
        if requests {
            return Some(Polarity::Negative);
        }
        let holds_opinion = has_polar_words
            || polarities.iter().zip(probabilities).any(|(polarity, probability)| {
                *polarity != Polarity::Neutral && *probability >= OPINION_FROM
            });
        match asked {
            _ if holds_opinion || words.iter().all(|word| !is_said(word)) => None,
            Asked::Faults => Some(Polarity::Negative),
            Asked::Merits => Some(Polarity::Positive),
            Asked::Open => None,
        }
    }

    /// Whether an answer consists of words that name nothing: 暂时没有了。
    fn names_nothing(&self, answer: &str, words: &[Token]) -> bool {
        // Nearly every text is longer: nothing is looked up in it.
        if answer.len() > NOTHING_BYTES_MAX {
            return false;
        }
        let said: u32 = words
            .iter()
            .filter(|word| is_said(word))
            .map(|word| word.byte_end - word.byte_start)
            .sum();
        let (mut read, mut has_nothing) = (0, false);
        for (bytes, phrase) in self.answering.find(answer) {
            has_nothing |= phrase == Phrase::Nothing;
            read += if matches!(phrase, Phrase::Nothing | Phrase::Filler) { bytes } else { 0 };
        }
        has_nothing && read >= said
    }

    /// Whether an answer begins by asking for a change.
    fn requests(&self, answer: &str) -> bool {
        self.answering.find(answer).next().is_some_and(|(_, first)| first == Phrase::Request)
            && self.answering.starts_with_phrase(answer)
    }
}

/// Whether a token is a word and not a mark.
fn is_said(word: &Token) -> bool {
    !matches!(word.kind, TokenKind::Punctuation | TokenKind::Space)
}

impl Phrases {
    fn new(words: &[(&str, Phrase)]) -> Result<Self, Error> {
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(words.iter().zip(0u32..).map(|((word, _), index)| (*word, index)))
            .map_err(|error| Error::Lexicon {
                file: FILE_NAME.to_owned(),
                line: 0,
                problem: error.to_string(),
            })?;
        Ok(Self { automaton, phrases: words.iter().map(|(_, phrase)| *phrase).collect() })
    }

    /// Bytes and kind of each phrase of `text`, first to last, not overlapping.
    fn find<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (u32, Phrase)> + 't {
        self.automaton.leftmost_find_iter(text).map(|found| {
            ((found.end() - found.start()) as u32, self.phrases[found.value() as usize])
        })
    }

    fn starts_with_phrase(&self, text: &str) -> bool {
        self.automaton.leftmost_find_iter(text).next().is_some_and(|found| found.start() == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_asked(question: &str, expected: Option<Asked>) {
        assert_eq!(Questions::new(FILE).unwrap().asked(question), expected, "{question}");
    }

    #[test]
    fn questions_ask_for_faults_or_merits_or_neither() {
        check_asked("还有什么不足?", Some(Asked::Faults));
        check_asked("您认为哪些地方需要改进", Some(Asked::Faults));
        check_asked("您最不满意的是什么?", Some(Asked::Faults));
        check_asked("您最满意的是什么?", Some(Asked::Merits));
        check_asked("本次学习有哪些收获", Some(Asked::Merits));
        check_asked("您有什么建议?", Some(Asked::Open));
        check_asked("您最满意和最不满意的是什么?", None);
        check_asked("您对食堂满意吗?", None);
        check_asked("您在哪个班组?", None);
    }

    #[test]
    fn errors_name_file_and_line() {
        let refused = |content: &str| Questions::new(content).unwrap_err().to_string();
        assert_eq!(
            refused("# head\n不足\tbad\n"),
            "read dictionaries/questions.tsv, line 2: kind \"bad\" is none of faults, merits, open, nothing, filler, request"
        );
        assert!(refused("不足\tfaults\n不足\tfaults\n").contains("line 2: \"不足\" stands twice"));
    }
}
