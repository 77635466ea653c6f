//! The signs that stand in a text as it is written, whatever its words are.

/// Characters of a text that are read: memory is bounded, and a matter is named early.
const CHARS_MAX: usize = 200;
/// Characters of an emoticon with its brackets.
const EMOTICON_CHARS_MAX: usize = 8;

/// What a run of characters is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Han,
    Letters,
    Digits,
    Marks,
    /// Spaces and the marks that stand everywhere.
    Nothing,
}

/// Chinese characters and pairs of them, emoticons in brackets, and whole runs of letters, of digits and of unusual marks (`23333`, `ww`, `(￣▽￣)`): how people write about a matter
/// tells it too. Repeated as often as they stand there.
pub(super) fn signs(text: &str) -> Vec<&str> {
    let end = text.char_indices().nth(CHARS_MAX).map_or(text.len(), |(end, _)| end);
    let mut rest = text.get(..end).unwrap_or_default();
    let mut signs = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = match emoticon(rest) {
            Some(length) => {
                signs.push(rest.get(..length).unwrap_or_default());
                length
            }
            None => {
                let run = run_of(first);
                let ends = |(at, c): (usize, char)| {
                    (at > 0 && (run_of(c) != run || c == '[')).then_some(at)
                };
                let length = rest.char_indices().find_map(ends).unwrap_or(rest.len());
                let run_text = rest.get(..length).unwrap_or_default();
                match run {
                    Run::Han => characters_and_pairs(run_text, &mut signs),
                    Run::Nothing => {}
                    Run::Letters | Run::Digits | Run::Marks => signs.push(run_text),
                }
                length
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    signs
}

fn characters_and_pairs<'a>(run: &'a str, signs: &mut Vec<&'a str>) {
    let mut before: Option<usize> = None;
    for (start, c) in run.char_indices() {
        let end = start + c.len_utf8();
        for from in [Some(start), before].into_iter().flatten() {
            signs.push(run.get(from..end).unwrap_or_default());
        }
        before = Some(start);
    }
}

/// Length of the emoticon such as `[哈哈]` that a text begins with.
fn emoticon(text: &str) -> Option<usize> {
    if !text.starts_with('[') {
        return None;
    }
    let close = text.char_indices().take(EMOTICON_CHARS_MAX).find(|(_, c)| *c == ']');
    close.map(|(at, _)| at + 1)
}

fn run_of(c: char) -> Run {
    match c {
        // The unified ideographs that texts use: the basic block and extension A.
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Run::Han,
        '0'..='9' => Run::Digits,
        '，' | '。' | '！' | '？' | '、' | '：' | '…' | '～' | ',' | '.' | '!' | '?' | ':'
        | '~' => Run::Nothing,
        c if c.is_whitespace() => Run::Nothing,
        c if c.is_alphabetic() => Run::Letters,
        _ => Run::Marks,
    }
}

#[cfg(test)]
mod tests {
    use super::signs;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(signs(text), expected, "{text}");
    }

    #[test]
    fn a_text_is_read_in_runs_of_one_kind() {
        check("", &[]);
        check("吃烤肉", &["吃", "烤", "吃烤", "肉", "烤肉"]);
        check("好[哈哈]ww 2333!!", &["好", "[哈哈]", "ww", "2333"]);
        check("(￣▽￣)", &["(￣▽￣)"]);
        check(
            "[太长了不是一个表情]",
            &[
                "[", "太", "长", "太长", "了", "长了", "不", "了不", "是", "不是", "一", "是一",
                "个", "一个", "表", "个表", "情", "表情", "]",
            ],
        );
        check("甲。乙[", &["甲", "乙", "["]);
    }

    #[test]
    fn the_end_of_a_long_text_is_not_read() {
        assert_eq!(signs(&"一".repeat(300)).len(), 399);
    }
}
