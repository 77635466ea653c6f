//! Reads a commented TSV of words, strictly.

use rustc_hash::FxHashMap;

use super::notice::{FREQUENCY_MAX, WORD_CHARS_MAX};
use super::{LexiconError, Notice, Problem, Word};

/// Words with their lines, and notices.
pub(crate) type ReadWords = (Vec<(usize, Word)>, Vec<Notice>);

/// The words of a file with their lines, and notices about odd lines; or all its defects.
pub(crate) fn read_words(file: &str, bytes: &[u8]) -> Result<ReadWords, LexiconError> {
    let (mut words, mut notices) = (Vec::new(), Vec::new());
    let mut notice =
        |line: usize, problem| notices.push(Notice { file: file.to_owned(), line, problem });
    let (content, broken_line) = valid_part(bytes);
    let mut lines_of: FxHashMap<String, (usize, u32)> = FxHashMap::default();
    for (line, content) in lines(content) {
        match parse_line(content) {
            Err(problem) => notice(line, problem),
            Ok(word) => match lines_of.get(&word.text) {
                Some(&(first_line, frequency)) if frequency == word.frequency => {
                    notice(line, Problem::Duplicate { word: word.text, first_line })
                }
                Some(&(first_line, _)) => {
                    notice(line, Problem::Contradiction { word: word.text, first_line })
                }
                None => {
                    lines_of.insert(word.text.clone(), (line, word.frequency));
                    words.push((line, word));
                }
            },
        }
    }
    if let Some(line) = broken_line {
        notice(line, Problem::NotUtf8);
    }
    if notices.iter().any(|notice| notice.problem.is_error()) {
        Err(LexiconError { notices })
    } else {
        Ok((words, notices))
    }
}

/// The lines that say something, with their numbers: without comments, empty lines, a byte order mark and line ends of any kind.
pub(super) fn lines(content: &str) -> impl Iterator<Item = (usize, &str)> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    content
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim_end()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// The content up to the first byte that is not UTF-8, and that byte's line.
fn valid_part(bytes: &[u8]) -> (&str, Option<usize>) {
    match std::str::from_utf8(bytes) {
        Ok(content) => (content, None),
        Err(error) => {
            let valid = bytes
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default();
            let line = valid.matches('\n').count() + 1;
            (valid.rsplit_once('\n').map_or("", |(whole_lines, _)| whole_lines), Some(line))
        }
    }
}

fn parse_line(line: &str) -> Result<Word, Problem> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [text, frequency, tag] = columns[..] else {
        let blanks = columns.len() == 1 && line.contains(' ');
        return Err(if blanks {
            Problem::Blanks
        } else {
            Problem::Columns { found: columns.len() }
        });
    };
    let refused = || Problem::Frequency { found: frequency.to_owned() };
    let frequency: u32 = frequency
        .parse()
        .ok()
        .filter(|frequency| (1..=FREQUENCY_MAX).contains(frequency))
        .ok_or_else(refused)?;
    if let Some(character) = text.chars().find(|&c| !can_be_in_word(c)) {
        return Err(Problem::Character { word: text.to_owned(), character });
    }
    let chars = text.chars().count();
    if !(2..=WORD_CHARS_MAX).contains(&chars) {
        return Err(Problem::Length { word: text.to_owned(), chars });
    }
    Ok(Word { text: text.to_owned(), frequency, tag: tag.to_owned() })
}

/// jieba looks words up in runs of Han characters, ASCII letters and digits, and `+#&._%-`.
pub(crate) fn can_be_in_word(c: char) -> bool {
    let is_han = matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ebef}');
    is_han || c.is_ascii_alphanumeric() || "+#&._%-".contains(c)
}
