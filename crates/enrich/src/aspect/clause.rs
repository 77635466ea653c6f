//! Where a text turns to something else: at marks, at words of contrast, and where a second matter gets its own opinion.

use corpus::{Token, TokenKind};

use super::head::Heads;
use super::{Marks, Span};
use crate::rule;

/// Words that join two clauses and nothing else, so that they split wherever they stand. Others (结果, 最后, 整体) may be plain words: they split only
/// after an opinion.
const JOINING: [&str; 7] = ["但", "但是", "可是", "然而", "不过", "却", "只不过"];

/// Marks that end a sentence: what follows is not about the same matter any more unless it says so.
const SENTENCE_ENDS: [char; 8] = ['。', '!', '！', '?', '？', ';', '；', '\n'];

/// The clauses of a text, which they tile.
pub(super) fn split(text: &str, words: &[Token], marks: &Marks, heads: &Heads) -> Vec<Span> {
    let Some(last) = words.last() else { return Vec::new() };
    let is_word = |at: u32| words.binary_search_by_key(&at, |word| word.byte_start).is_ok();
    let mut starts = vec![0];
    starts.extend(ends_of_marks(text, words));
    // A word of contrast splits once its clause has said something.
    for contrast in &marks.contrasts {
        let clause_start = open_clause(&starts, contrast.start);
        let before = Span { start: clause_start, end: contrast.start };
        let joins = JOINING.contains(&contrast.text(text));
        if is_word(contrast.start)
            && before.start < before.end
            && (joins || marks.opinions_in(before).next().is_some())
        {
            insert(&mut starts, contrast.start);
        }
    }
    // 饭菜好吃排队太慢: a matter after an opinion, with an opinion of its own.
    for matter in heads.matters() {
        let start = open_clause(&starts, matter.start);
        let next = starts.partition_point(|begin| *begin <= start);
        let end = starts.get(next).copied().unwrap_or(last.byte_end);
        let before = Span { start, end: matter.start };
        let after = Span { start: matter.start, end };
        let Some(opinion) = marks.opinions_in(before).last() else { continue };
        let between = Span { start: opinion.end, end: matter.start }.text(text);
        let is_attribute = between.contains('的') || between.contains('得');
        if is_word(matter.start)
            && !is_attribute
            && heads.before(opinion, before).is_some()
            && heads.says_of(matter, after, marks)
        {
            insert(&mut starts, matter.start);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([last.byte_end]);
    starts.iter().zip(ends).map(|(start, end)| Span { start: *start, end }).collect()
}

/// Whether a clause is the last of its sentence.
pub(super) fn ends_sentence(text: &str, clause: Span) -> bool {
    clause.text(text).trim_end_matches(' ').ends_with(SENTENCE_ENDS)
}

/// Where clauses begin after marks. Several marks in a row, and emoticons after them, belong to the clause before.
fn ends_of_marks<'a>(text: &'a str, words: &'a [Token]) -> impl Iterator<Item = u32> + 'a {
    let is_letters = |word: Option<&Token>| {
        word.is_some_and(|word| matches!(word.kind, TokenKind::Latin | TokenKind::Number))
    };
    let mut ended = false;
    words.iter().enumerate().filter_map(move |(index, word)| {
        let is_mark = match word.kind {
            TokenKind::Punctuation => rule::ends_clause(word.text(text)),
            // White space between Latin words or figures is part of them.
            TokenKind::Space => {
                !is_letters(words.get(index.wrapping_sub(1))) && !is_letters(words.get(index + 1))
            }
            TokenKind::Emoticon => ended,
            _ => false,
        };
        let begins = ended && !is_mark;
        ended = if begins { false } else { ended || (is_mark && index > 0) };
        begins.then_some(word.byte_start)
    })
}

fn open_clause(starts: &[u32], at: u32) -> u32 {
    let open = starts.partition_point(|start| *start <= at);
    starts[open - 1]
}

fn insert(starts: &mut Vec<u32>, at: u32) {
    if let Err(place) = starts.binary_search(&at) {
        starts.insert(place, at);
    }
}
