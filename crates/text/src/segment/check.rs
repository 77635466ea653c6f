//! What only a segmenter can say of a word list: which words would never be cut, and what frequency they need.

use super::Segmenter;
use crate::Normalizer;
use crate::lexicon::{Notice, Problem, Word, read_words};

impl Segmenter {
    /// Everything worth knowing about a word list before it is used: its defects, words that normalization makes impossible,
    /// words whose parts win against them. Notices are in the order of the lines.
    ///
    /// Works on a copy of the dictionary (60 MB): for a command, not for a loop.
    pub fn check_words(&self, normalizer: &Normalizer, file: &str, bytes: &[u8]) -> Vec<Notice> {
        let (words, mut notices) = match read_words(file, bytes) {
            Ok(read) => read,
            Err(error) => return error.notices,
        };
        let mut trial = self.jieba.clone();
        for (_, word) in &words {
            trial.add_word(&word.text, Some(word.frequency as usize), None);
        }
        let mut scratch = crate::Scratch::default();
        for (line, word) in &words {
            let normal = normalizer.normalize(&word.text, &mut scratch).text;
            let problem = if normal == word.text {
                self.too_weak(&trial, word)
            } else {
                Some(Problem::NotNormal { word: word.text.clone(), normal })
            };
            notices.extend(problem.map(|problem| Notice {
                file: file.to_owned(),
                line: *line,
                problem,
            }));
        }
        notices.sort_by_key(|notice| notice.line);
        notices
    }

    /// The lowest frequency at which `word` is kept whole against its parts.
    pub fn suggest_frequency(&self, word: &str) -> u32 {
        enough(&self.jieba, word)
    }

    /// `trial` is our dictionary with the list added.
    fn too_weak(&self, trial: &jieba_rs::Jieba, word: &Word) -> Option<Problem> {
        let (text, frequency) = (word.text.clone(), word.frequency);
        let parts = trial.cut(&word.text, false);
        if parts.len() > 1 {
            let cut = parts.iter().map(|part| part.word).collect::<Vec<_>>().join(" ");
            return Some(Problem::TooRare {
                word: text,
                frequency,
                cut,
                enough: enough(&self.jieba, &word.text),
            });
        }
        // For a word that it keeps whole already, jieba suggests its frequency, or one more by rounding.
        let known = self.jieba.suggest_freq(&word.text) as u32;
        let is_weakened = self.jieba.has_word(&word.text) && frequency + 1 < known;
        is_weakened.then_some(Problem::Weakened { word: text, frequency, known })
    }
}

/// jieba's own suggestion is the frequency at which word and parts weigh the same up to rounding; sometimes one more is needed.
fn enough(jieba: &jieba_rs::Jieba, word: &str) -> u32 {
    let mut trial = jieba.clone();
    let mut frequency = jieba.suggest_freq(word).max(1);
    for _ in 0..8 {
        trial.add_word(word, Some(frequency), None);
        if trial.cut(word, false).len() == 1 {
            break;
        }
        frequency += frequency / 8 + 1;
    }
    frequency as u32
}
