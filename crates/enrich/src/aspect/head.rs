//! The matters that a text names, and which of them an opinion is about.
//!
//! A matter is a word of the taxonomy, a noun, or the action right before an opinion (排队很慢). Names of people and places are none, nor is any word
//! that sorts people (`conviction.rs`): texts are judged, not people.

use std::ops::Range;

use corpus::{Token, TokenKind, TopicId, WordClass};

use super::{Aspect, Marks, Span};
use crate::conviction::sorts_by;
use crate::taxonomy::Term;

/// Nouns that stand for anything.
const EMPTY_NOUNS: [&str; 33] = [
    "时候",
    "东西",
    "事情",
    "事",
    "感觉",
    "情况",
    "方面",
    "人",
    "问题",
    "地方",
    "原因",
    "程度",
    "心情",
    "样子",
    "时",
    "年",
    "月",
    "日",
    "天",
    "点",
    "部分",
    "有点",
    "个人",
    "个人感觉",
    "总体",
    "整体",
    "话",
    "意思",
    "全体",
    "同志",
    "大家",
    "缺点",
    "优点",
];
/// Actions of the writer or of grammar.
const EMPTY_VERBS: [&str; 24] = [
    "觉得", "认为", "希望", "建议", "可以", "应该", "没有", "需要", "知道", "开始", "进行", "感到",
    "变得", "显得", "值得", "能够", "来说", "看到", "想要", "以为", "发现", "成为", "起来", "出来",
];
/// Between two matters that share an opinion.
const JOINTS: [&str; 9] = ["和", "跟", "与", "及", "以及", "、", "还有", "或", "/"];

/// What kind of matter a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A word of the taxonomy: the index of its term.
    Term(usize),
    Noun,
    Action,
}

#[derive(Debug, Clone, Copy)]
struct Matter {
    span: Span,
    kind: Kind,
}

/// All matters of a text, in order.
#[derive(Debug)]
pub(super) struct Heads<'t> {
    text: &'t str,
    terms: Vec<Term>,
    matters: Vec<Matter>,
}

/// What one clause is about.
#[derive(Debug, Default)]
pub(super) struct ClauseHeads {
    pub(super) aspects: Vec<Aspect>,
    pub(super) has_opinion: bool,
}

impl<'t> Heads<'t> {
    pub(super) fn find(
        text: &'t str,
        (words, sub_words): (&[Token], &[Token]),
        mut terms: Vec<Term>,
        marks: &Marks,
        class_of: &dyn Fn(&str) -> WordClass,
    ) -> Self {
        // 讲得 is a word of its topic, but no name of anything.
        terms.retain(|term| !Span::of_term(term).text(text).ends_with('得'));
        let term_spans: Vec<Span> = terms.iter().map(Span::of_term).collect();
        let of_term = |index: usize| Matter { span: term_spans[index], kind: Kind::Term(index) };
        let mut matters: Vec<Matter> = (0..terms.len()).map(of_term).collect();
        let taken = [&term_spans, &marks.contrasts, &marks.modifiers];
        for (index, word) in words.iter().enumerate() {
            let whole = Span { start: word.byte_start, end: word.byte_end };
            let is_taken = taken.iter().any(|spans| whole.overlapping(spans).is_some());
            if word.kind != TokenKind::Word || is_taken {
                continue;
            }
            // An entry of the lexicon may begin with its matter, in one token or two: 价格便宜, 排队太久.
            let opinion = whole.overlapping(&marks.opinions);
            let span = match opinion {
                None => whole,
                Some(opinion) if whole.start > opinion.start => continue,
                Some(opinion) if whole.end < opinion.end => whole,
                Some(_) => match sub_word_at(sub_words, whole) {
                    Some(span) => span,
                    None => continue,
                },
            };
            let name = span.text(text);
            let leads = || opinion.is_some() || leads_to_opinion(text, &words[index + 1..], marks);
            let kind = match class_of(name) {
                WordClass::Noun if !EMPTY_NOUNS.contains(&name) => Kind::Noun,
                WordClass::Verb
                    if span == whole
                        && is_long(name)
                        && !EMPTY_VERBS.contains(&name)
                        && !is_event(name)
                        && leads() =>
                {
                    Kind::Action
                }
                _ => continue,
            };
            if sorts_by(name).is_none() {
                matters.push(Matter { span, kind });
            }
        }
        matters.sort_by_key(|matter| matter.span.start);
        Self { text, terms, matters }
    }

    /// Where matters stand.
    pub(super) fn matters(&self) -> impl Iterator<Item = Span> + '_ {
        self.matters.iter().map(|matter| matter.span)
    }

    /// Whether a clause has an opinion and names no matter.
    pub(super) fn is_bare(&self, clause: Span, marks: &Marks) -> bool {
        marks.opinions_in(clause).next().is_some() && self.inside(clause).is_empty()
    }

    /// What a clause is about: the matters of its opinions; without one, what it names.
    pub(super) fn of_clause(&self, clause: Span, marks: &Marks) -> ClauseHeads {
        let mut found = ClauseHeads::default();
        let mut taken: Vec<usize> = Vec::new();
        let mut opinions = marks.opinions_in(clause).peekable();
        while let Some(opinion) = opinions.next() {
            found.has_opinion = true;
            // 噪音太大: a matter that is no good thing in itself, with an opinion behind it.
            if opinions.peek().is_some() && self.names(opinion) {
                continue;
            }
            if let Some(head) = self.after(opinion, clause).or_else(|| self.before(opinion, clause))
            {
                taken.push(head);
                taken.extend(self.joined(head));
            }
        }
        if taken.is_empty() {
            let is_thing = |index: &usize| self.matters[*index].kind != Kind::Action;
            let things: Vec<usize> = self.inside(clause).filter(is_thing).collect();
            taken = match things.as_slice() {
                [] => self.inside(clause).take(1).collect(),
                // 喜欢食堂的饭菜: nothing before the opinion, so what comes after it.
                [.., last] if found.has_opinion => vec![*last],
                // 羽毛球馆地板太滑: the model hears a complaint where the lexicon knows no word for it.
                things => self.chain_ends(things).first().copied().into_iter().collect(),
            };
        }
        taken.sort_unstable();
        taken.dedup();
        found.aspects = taken.into_iter().map(|index| self.aspect(index, clause)).collect();
        found
    }

    /// The matter in `clause` that stands nearest before `opinion`, or begins it.
    pub(super) fn before(&self, opinion: Span, clause: Span) -> Option<usize> {
        let reaches = |index: &usize| {
            let span = self.matters[*index].span;
            span.start <= opinion.start && span != opinion
        };
        let is_thing = |index: &usize| self.matters[*index].kind != Kind::Action;
        let mut reached = self.inside(clause).rev().filter(reaches).filter(is_thing);
        let Some(nearest) = reached.next() else {
            return self.inside(clause).rev().find(reaches);
        };
        // 食堂比外面的饭馆好吃 is about 食堂.
        let head = Span { start: clause.start, end: self.matters[nearest].span.start };
        let Some(compared) = head.text(self.text).rfind('比') else { return Some(nearest) };
        let compared = clause.start + compared as u32;
        reached.find(|index| self.matters[*index].span.end <= compared).or(Some(nearest))
    }

    /// Whether the first opinion behind `matter` in `clause` is about it, or about what it leads to (食堂的饭菜难吃).
    pub(super) fn says_of(&self, matter: Span, clause: Span, marks: &Marks) -> bool {
        let behind = Span { start: matter.start, end: clause.end };
        let opinion = marks.opinions_in(behind).next();
        opinion.is_some_and(|opinion| self.before(opinion, behind).is_some())
    }

    /// 很好的老师: a matter that the opinion is an attribute of.
    fn after(&self, opinion: Span, clause: Span) -> Option<usize> {
        let behind: Vec<usize> =
            self.inside(Span { start: opinion.end, end: clause.end }).collect();
        let first = self.matters[*behind.first()?].span;
        let gap = Span { start: opinion.end, end: first.start }.text(self.text);
        if gap == "的" { self.chain_ends(&behind).first().copied() } else { None }
    }

    /// The matters inside a clause.
    fn inside(&self, clause: Span) -> Range<usize> {
        let first = self.matters.partition_point(|matter| matter.span.start < clause.start);
        let inside = |matter: &&Matter| matter.span.end <= clause.end;
        first..first + self.matters[first..].iter().take_while(inside).count()
    }

    /// Whether a span is that of a matter.
    fn names(&self, span: Span) -> bool {
        self.inside(span).any(|index| self.matters[index].span == span)
    }

    /// Of matters that follow each other with at most 的 between, the last: 食堂的饭菜 is about 饭菜.
    fn chain_ends(&self, matters: &[usize]) -> Vec<usize> {
        let goes_on = |pair: &[usize]| matches!(self.gap(pair[0], pair[1]), "" | "的");
        let mut ends: Vec<usize> =
            matters.windows(2).filter(|pair| !goes_on(pair)).map(|pair| pair[0]).collect();
        ends.extend(matters.last());
        ends
    }

    /// The matters joined to `head` by 和 or 、, which share its opinion.
    fn joined(&self, head: usize) -> impl Iterator<Item = usize> + '_ {
        (0..head).rev().take_while(|before| JOINTS.contains(&self.gap(*before, before + 1).trim()))
    }

    /// What stands between two matters.
    fn gap(&self, before: usize, after: usize) -> &'t str {
        let (start, end) = (self.matters[before].span.end, self.matters[after].span.start);
        Span { start: start.min(end), end }.text(self.text)
    }

    /// The matter as it is shown. A bare noun takes the one right before it (阿姨态度) and, when it belongs to no topic, the topic named before it.
    fn aspect(&self, index: usize, clause: Span) -> Aspect {
        let matter = self.matters[index];
        let before = self.inside(clause).start..index;
        let (mut byte_start, mut topic) = (matter.span.start, self.topic(matter));
        if topic.is_none() {
            if let Some(last) =
                before.clone().next_back().filter(|last| self.gap(*last, index).is_empty())
            {
                byte_start = self.matters[last].span.start;
            }
            topic = before.rev().find_map(|before| self.topic(self.matters[before]));
        }
        Aspect { byte_start, byte_end: matter.span.end, topic }
    }

    fn topic(&self, matter: Matter) -> Option<TopicId> {
        match matter.kind {
            Kind::Term(term) => Some(self.terms[term].topic.clone()),
            Kind::Noun | Kind::Action => None,
        }
    }
}

/// The dictionary word that a longer token begins with.
fn sub_word_at(sub_words: &[Token], token: Span) -> Option<Span> {
    let first = sub_words.partition_point(|sub| sub.byte_start < token.start);
    let starts = sub_words[first..].iter().take_while(|sub| sub.byte_start == token.start);
    starts
        .filter(|sub| sub.byte_end < token.end)
        .max_by_key(|sub| sub.byte_end)
        .map(|sub| Span { start: sub.byte_start, end: sub.byte_end })
}

/// Whether a verb tells what came of an action and not what was done: 送来, 吃完, 挑不出.
fn is_event(verb: &str) -> bool {
    verb.ends_with(['来', '去', '完', '掉']) || verb.contains(['不', '没'])
}

/// Single characters are too often grammar (得到, 做).
fn is_long(name: &str) -> bool {
    name.chars().nth(1).is_some()
}

/// Whether the next words lead to an opinion: degree words, negations and 得 may come first.
fn leads_to_opinion(text: &str, rest: &[Token], marks: &Marks) -> bool {
    for word in rest {
        let span = Span { start: word.byte_start, end: word.byte_end };
        if span.overlapping(&marks.opinions).is_some() {
            return true;
        }
        let passes = matches!(word.text(text), "得" | "的" | "也" | "都" | "还" | "又" | "就")
            || span.overlapping(&marks.modifiers).is_some();
        if !passes {
            return false;
        }
    }
    false
}
