//! What a text says of which matter, clause by clause: 食堂饭菜好,但排队太久 praises 饭菜 and complains of 排队.
//!
//! One polarity for a whole text hides what a reader needs most, since feedback likes to praise before it complains. So a text is cut into clauses
//! (`clause.rs`), each is judged by the model and the lexicon that judge texts, and the matter that an opinion is about is the word before it
//! (`head.rs`; the nearest-noun rule of Hu and Liu 2004, with Chinese word order). A clause without a matter of its own speaks about the one before.
//!
//! Computed from stored text and tokens when a text is shown, so that a better rule needs no second judgement of the past.

mod clause;
mod head;

use corpus::{Judgement, Polarity, Token, TokenBatch, TopicId, WordClass};
use serde::Serialize;

use crate::construction::Cue;
use crate::enricher::Enricher;
use crate::features::{FeatureBatch, FeatureScratch};
use crate::lexicon::{Lexicon, Mark};
use crate::rule;
use crate::taxonomy::Term;
use head::Heads;

/// From this strength of the rules' reading a clause has their direction. One word of praise or complaint gives 0.4 at least, a balance of both less.
const READ_FROM: f32 = 0.25;
/// Probability that the model must give to another direction before it outvotes the rules on a clause: it has learned irony, they have not.
const OUTVOTE_FROM: f32 = 0.9;

/// One clause with its direction and what it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClauseJudgement {
    /// First byte in the normalized text.
    pub byte_start: u32,
    /// One past the last byte, marks included: clauses tile the text.
    pub byte_end: u32,
    /// Class, `None` when unsure.
    pub polarity: Option<Polarity>,
    /// Expected polarity in [-1, 1].
    pub score: f32,
    /// What the clause is about, in order. A matter may be named in an earlier clause; then its span lies there.
    pub aspects: Vec<Aspect>,
}

/// A matter as the text names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Aspect {
    /// First byte in the normalized text.
    pub byte_start: u32,
    /// One past the last byte.
    pub byte_end: u32,
    /// The topic of the taxonomy whose word it is, or that its clause names.
    pub topic: Option<TopicId>,
}

/// Memory reused between texts.
#[derive(Debug, Default)]
pub struct ClauseScratch {
    tokens: TokenBatch,
    features: FeatureBatch,
    building: FeatureScratch,
}

/// Part of a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

/// What the lexicon finds in a text, by kind.
#[derive(Debug, Default)]
struct Marks {
    /// Words of praise and complaint.
    opinions: Vec<Span>,
    contrasts: Vec<Span>,
    /// Negations, degree words and what opens a construction: they stand beside an opinion and name nothing.
    modifiers: Vec<Span>,
}

impl Enricher {
    /// The clauses of document `document` of `tokens`, whose text is `text`, first to last. `class_of` tells nouns from verbs.
    ///
    /// Costs a few microseconds a clause, and a dictionary look-up a word: for texts that are shown, not for a whole store.
    pub fn clauses(
        &self,
        text: &str,
        tokens: &TokenBatch,
        document: usize,
        class_of: &dyn Fn(&str) -> WordClass,
        scratch: &mut ClauseScratch,
    ) -> Vec<ClauseJudgement> {
        let words = tokens.words(document);
        let marks = Marks::find(self.lexicon(), text, words);
        let terms = self.taxonomy().terms(text, tokens, document);
        let heads = Heads::find(text, (words, tokens.sub_words(document)), terms, &marks, class_of);
        let spans = clause::split(text, words, &marks, &heads);
        self.read_spans(text, words, &spans, scratch);
        let mut clauses: Vec<ClauseJudgement> = Vec::with_capacity(spans.len());
        let mut named: Vec<Aspect> = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            // A text of one clause is judged as the text that it is, so that the reason shown never contradicts what is stored.
            let whole = self.judge_span(scratch, (text, *span), index);
            let is_whole = spans.len() == 1 && whole.0.is_some();
            let (polarity, score) =
                if is_whole { whole } else { self.judge_clause(scratch, (text, *span), index) };
            let found = heads.of_clause(*span, &marks);
            let says_something = polarity.is_some_and(|polarity| polarity != Polarity::Neutral);
            // 食堂的饭菜,真的很好吃: a matter of which nothing is said yet waits for the next clause.
            let waits = !says_something
                && !found.has_opinion
                && spans.get(index + 1).is_some_and(|next| heads.is_bare(*next, &marks))
                && !clause::ends_sentence(text, *span);
            let inherits = found.aspects.is_empty() && says_something;
            let aspects = if waits {
                Vec::new()
            } else if inherits {
                named.clone()
            } else {
                found.aspects.clone()
            };
            if !found.aspects.is_empty() {
                named = found.aspects;
            }
            let Span { start: byte_start, end: byte_end } = *span;
            clauses.push(ClauseJudgement { byte_start, byte_end, polarity, score, aspects });
        }
        clauses
    }

    /// The judgement of one text that [`Self::enrich`] would give it, without its document.
    pub fn judge_text(
        &self,
        text: &str,
        tokens: &TokenBatch,
        document: usize,
        scratch: &mut ClauseScratch,
    ) -> Judgement {
        let whole = Span { start: 0, end: text.len() as u32 };
        self.read_spans(text, tokens.words(document), &[whole], scratch);
        let (polarity, score) = self.judge_span(scratch, (text, whole), 0);
        let topics = self.topics(text, (tokens, document), (&scratch.features, 0));
        Judgement { polarity, score, topics }
    }

    /// What the model says of a clause, unless the rules clearly read otherwise: most of what it learned from is longer than a clause.
    fn judge_clause(
        &self,
        scratch: &ClauseScratch,
        part: (&str, Span),
        clause: usize,
    ) -> (Option<Polarity>, f32) {
        let (polarity, score) = self.judge_span(scratch, part, clause);
        let read = scratch.features.reading(clause).score();
        let agrees = polarity.is_some_and(|found| f32::from(found.sign()) * read > 0.0);
        let outvoted = score * read < 0.0 && score.abs() >= OUTVOTE_FROM;
        if read.abs() < READ_FROM || agrees || outvoted {
            (polarity, score)
        } else {
            (Polarity::from_sign(read.signum() as i8), read)
        }
    }

    fn judge_span(
        &self,
        scratch: &ClauseScratch,
        (text, bytes): (&str, Span),
        span: usize,
    ) -> (Option<Polarity>, f32) {
        let mut probabilities = [0.0; 3];
        let probabilities = &mut probabilities[..self.model().classes().len()];
        let answer = (bytes.text(text), scratch.tokens.words(span));
        self.probabilities(answer, None, (&scratch.features, span), probabilities);
        self.judge(probabilities)
    }

    /// Makes each span a text of its own and builds its features.
    fn read_spans(&self, text: &str, words: &[Token], spans: &[Span], scratch: &mut ClauseScratch) {
        scratch.tokens.clear();
        let mut rest = words;
        for span in spans {
            let inside = rest.iter().take_while(|word| word.byte_end <= span.end).count();
            let (clause, after) = rest.split_at(inside);
            let char_start = clause.first().map_or(0, |word| word.char_start);
            for word in clause {
                scratch.tokens.push_word(Token {
                    byte_start: word.byte_start - span.start,
                    byte_end: word.byte_end - span.start,
                    char_start: word.char_start - char_start,
                    kind: word.kind,
                });
            }
            scratch.tokens.end_document();
            rest = after;
        }
        let texts = |span: usize| spans[span].text(text);
        let known = self.known();
        scratch.features.build_known(
            self.lexicon(),
            &scratch.tokens,
            texts,
            known,
            &mut scratch.building,
        );
    }
}

impl Span {
    fn of_term(term: &Term) -> Self {
        Self { start: term.byte_start, end: term.byte_end }
    }

    #[expect(clippy::string_slice, reason = "spans begin and end where tokens do")]
    fn text(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }

    /// The first of `spans`, which are in order and disjoint, that shares a byte with this one.
    fn overlapping(self, spans: &[Self]) -> Option<Self> {
        let first = spans.partition_point(|span| span.end <= self.start);
        spans.get(first).copied().filter(|span| span.start < self.end)
    }
}

impl Marks {
    fn find(lexicon: &Lexicon, text: &str, words: &[Token]) -> Self {
        let mut marks = Self::default();
        let (mut next_word, mut found_end) = (0, 0);
        for found in lexicon.find(text) {
            while words.get(next_word).is_some_and(|word| word.byte_end <= found.byte_start) {
                next_word += 1;
            }
            if !rule::stands_alone(&found, &words[next_word..], found_end) {
                continue;
            }
            found_end = found.byte_end;
            let span = Span { start: found.byte_start, end: found.byte_end };
            match found.mark {
                Mark::Polar(_) | Mark::Cue(Cue::Idiom(_)) => marks.opinions.push(span),
                Mark::Contrast => marks.contrasts.push(span),
                Mark::Negation(_)
                | Mark::Reversal
                | Mark::DegreeBefore(_)
                | Mark::DegreeAfter(_)
                | Mark::Cue(_) => marks.modifiers.push(span),
                _ => {}
            }
        }
        marks
    }

    /// The opinions inside a clause.
    fn opinions_in(&self, clause: Span) -> impl Iterator<Item = Span> + '_ {
        let first = self.opinions.partition_point(|opinion| opinion.start < clause.start);
        self.opinions[first..].iter().copied().take_while(move |opinion| opinion.end <= clause.end)
    }
}
