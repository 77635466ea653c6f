//! The rule model: what the lexicon says of a text, clause by clause, under negation, degree and contrast.
//!
//! Works without any training, says why, and gives the trained model its densest features.

use corpus::{Token, TokenKind};

use crate::construction::{Cue, Feigned, Frame, Irony, Turn, part};
use crate::lexicon::{Found, Lexicon, Mark};

/// Numbers that the rules read off one text, in this order.
pub(crate) const READING_WIDTH: usize = 12;

/// A negation or degree word reaches this far: 4 characters of 3 bytes between it and the polar word, as in 不 + 让人觉得 + 好.
const REACH_BYTES: u32 = 15;

/// What a turned word keeps of its strength: 不好 says nearly what 差 says, 不差 says less than 好.
const TURNED_PRAISE: f32 = 0.9;
const TURNED_COMPLAINT: f32 = 0.6;

/// Weight of a clause after a contrast, of all clauses before one, of a concession, and of praise that is only wished for.
const AFTER_CONTRAST: f32 = 1.4;
const BEFORE_CONTRAST: f32 = 0.6;
const CONCESSION: f32 = 0.5;
const WISHED: f32 = 0.25;

/// A text is an explicit construction when the rules have read this share of it: a pronoun and a particle may stand beside (他不是不好 has 4 of 5).
const EXPLICIT_SHARE: f32 = 0.75;

/// Constructions decide texts of up to 60 characters: a longer one has more to say.
const CONSTRUCTED_BYTES_MAX: u32 = 180;

/// What the rules read in one text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Reading {
    /// Sum of praise, clause weights applied.
    pub(crate) praise: f32,
    /// Sum of complaint, as a positive number.
    pub(crate) complaint: f32,
    /// Value of the first clause that has one.
    pub(crate) first: f32,
    /// Value of the last clause that has one.
    pub(crate) last: f32,
    /// Polar words after the last contrast.
    pub(crate) after_contrast: f32,
    /// Polar words that were turned.
    pub(crate) turned: f32,
    /// Sum over wishes.
    pub(crate) wished: f32,
    /// Question marks.
    pub(crate) questions: f32,
    /// Exclamation marks.
    pub(crate) exclamations: f32,
    /// Sum over the polar words that were turned, once or twice.
    pub(crate) turned_value: f32,
    /// Sum over constructions and idioms, see `construction.rs`; 0 in a long text.
    pub(crate) constructed: f32,
    /// Share of the text, marks aside, that the rules have read: 1 for 不是不好.
    pub(crate) read_share: f32,
}

impl Reading {
    /// Direction and strength in [-1, 1]; 0 when no polar word was found.
    pub(crate) fn score(&self) -> f32 {
        let (praise, complaint) = (self.praise, self.complaint);
        // One clear word (2) gives 0.57, three give 0.8; a balanced text gives 0.
        (praise - complaint) / (praise + complaint + 1.5)
    }

    /// Bounded features for the linear model, roughly in [-1, 1].
    pub(crate) fn features(&self) -> [f32; READING_WIDTH] {
        let squash = |value: f32| value / (value.abs() + 2.0);
        let total = self.praise + self.complaint;
        [
            self.score(),
            if total > 0.0 { (self.praise - self.complaint) / total } else { 0.0 },
            squash(self.praise),
            squash(self.complaint),
            squash(self.first),
            squash(self.last),
            squash(self.after_contrast),
            squash(self.wished),
            squash(self.questions),
            squash(self.exclamations),
            squash(self.turned_value),
            self.score() * self.read_share,
        ]
    }

    /// Direction of a text that is nothing but an explicit construction (不是不好, 一点也不差, 好个屁), or says most of what it says by one that leaves
    /// no doubt (想给差评都难), else 0.
    ///
    /// Such a text holds two or three n-grams, each of which mostly stands in texts of the other direction: here the rules know and statistics do not.
    pub(crate) fn explicit_sign(&self) -> f32 {
        let score = self.score();
        let is_explicit = self.turned > 0.0
            && self.read_share >= EXPLICIT_SHARE
            && self.turned_value * score > 0.0;
        let is_constructed = self.constructed * score > 0.0
            && 2.0 * self.constructed.abs() >= self.praise + self.complaint;
        if is_explicit || is_constructed { score.signum() } else { 0.0 }
    }
}

/// A text being read.
struct Pass<'t> {
    text: &'t str,
    reading: Reading,
    irony: Irony,
}

/// One clause being read.
#[derive(Debug, Clone, Copy)]
struct Clause {
    byte_start: u32,
    value: f32,
    /// Value and place of the last polar word, for marks that stand after it.
    latest: f32,
    latest_start: u32,
    latest_end: u32,
    words: u32,
    negations: u32,
    negation_factor: f32,
    negation_end: u32,
    degree: f32,
    degree_end: u32,
    contrast: bool,
    concession: bool,
    wish: bool,
    frame: Frame,
}

const OPEN: Clause = Clause {
    byte_start: 0,
    value: 0.0,
    latest: 0.0,
    latest_start: 0,
    latest_end: 0,
    words: 0,
    negations: 0,
    negation_factor: 1.0,
    negation_end: 0,
    degree: 1.0,
    degree_end: 0,
    contrast: false,
    concession: false,
    wish: false,
    frame: Frame::NONE,
};

/// Reads one text with its tokens and appends the byte where each negation ends to `negation_ends`.
/// Cost: one pass of the automaton and one of the tokens, no allocation.
pub(crate) fn read(
    lexicon: &Lexicon,
    text: &str,
    words: &[Token],
    negation_ends: &mut Vec<u32>,
) -> Reading {
    let mut pass = Pass { text, reading: Reading::default(), irony: Irony::default() };
    let mut clause = OPEN;
    let mut next_word = 0;
    let mut found_end = 0;
    let mut read_bytes = 0;
    let mut marks = lexicon.find(text).peekable();
    while let Some(found) = marks.next() {
        // Close the clauses that end before this word.
        while let Some(word) = words.get(next_word).filter(|word| word.byte_end <= found.byte_start)
        {
            if word.kind == TokenKind::Punctuation || word.kind == TokenKind::Space {
                pass.punctuate(&mut clause, word);
            }
            next_word += 1;
        }
        // 好|个屁, though it be cut 好个|屁.
        let is_turned = marks
            .peek()
            .is_some_and(|next| next.byte_start == found.byte_end && next.mark == Mark::Reversal);
        if is_turned || stands_alone(&found, &words[next_word..], found_end) {
            if matches!(found.mark, Mark::Negation(_) | Mark::Cue(Cue::Comparison | Cue::Plea)) {
                negation_ends.push(found.byte_end);
            }
            clause.take(&mut pass, &found);
            found_end = found.byte_end;
            read_bytes += found.byte_end - found.byte_start;
        }
    }
    for word in words.get(next_word..).unwrap_or_default() {
        if word.kind == TokenKind::Punctuation || word.kind == TokenKind::Space {
            pass.punctuate(&mut clause, word);
        }
    }
    clause.close(&mut pass, text.len() as u32);
    let Pass { mut reading, .. } = pass;
    // Without a branch: one word in three is a mark, and none foretells the next.
    let mark_bytes = |word: &Token| {
        let is_mark = matches!(word.kind, TokenKind::Punctuation | TokenKind::Space);
        u32::from(is_mark) * (word.byte_end - word.byte_start)
    };
    let mark_bytes: u32 = words.iter().map(mark_bytes).sum();
    let letter_bytes = (text.len() as u32 - mark_bytes).max(1);
    reading.read_share = (read_bytes as f32 / letter_bytes as f32).min(1.0);
    if letter_bytes > CONSTRUCTED_BYTES_MAX {
        reading.constructed = 0.0;
    }
    reading
}

/// Whether a match is a word here and not the seam of two others (学生|气质 holds 生气).
///
/// A single character must be a token, or stand beside another match inside one (太差 cut as one token). Longer words need one end on a token's end.
pub(crate) fn stands_alone(found: &Found, words: &[Token], found_end: u32) -> bool {
    let starts = words.first().is_some_and(|word| word.byte_start == found.byte_start)
        || found_end == found.byte_start;
    let ends = words
        .iter()
        .take_while(|word| word.byte_start < found.byte_end)
        .any(|word| word.byte_end == found.byte_end);
    let is_character = found.byte_end - found.byte_start <= 3;
    if is_character && matches!(found.mark, Mark::Polar(_)) {
        starts && ends
    } else {
        starts || ends
    }
}

impl Pass<'_> {
    fn punctuate(&mut self, clause: &mut Clause, word: &Token) {
        let mark = word.text(self.text);
        match mark.chars().next() {
            Some('?' | '？') => self.reading.questions += 1.0,
            Some('!' | '！') => self.reading.exclamations += 1.0,
            _ => {}
        }
        if ends_clause(mark) {
            clause.close(self, word.byte_start);
            clause.byte_start = word.byte_end;
        }
    }

    /// Notes a polar word under negation, with its value after it.
    fn turn(&mut self, value: f32) {
        self.reading.turned += 1.0;
        self.reading.turned_value += value;
    }
}

/// Whether a mark ends a clause. Quotation marks, brackets and hyphens stand inside clauses.
pub(crate) fn ends_clause(mark: &str) -> bool {
    !matches!(
        mark.chars().next(),
        Some(
            '"' | '“'
                | '”'
                | '\''
                | '‘'
                | '’'
                | '「'
                | '」'
                | '『'
                | '』'
                | '('
                | ')'
                | '《'
                | '》'
                | '['
                | ']'
                | '-'
                | '/'
                | '·'
                | '、',
        ) | None
    )
}

impl Clause {
    fn take(&mut self, pass: &mut Pass<'_>, found: &Found) {
        match found.mark {
            Mark::Polar(value) => self.take_polar(pass, value, found),
            Mark::Hidden => {}
            Mark::Negation(factor) => {
                let continues =
                    self.negations > 0 && found.byte_start <= self.negation_end + REACH_BYTES;
                self.negations = if continues { self.negations + 1 } else { 1 };
                self.negation_factor = factor;
                self.negation_end = found.byte_end;
            }
            Mark::Reversal => {
                if self.words > 0 && found.byte_start <= self.latest_end + REACH_BYTES {
                    self.value -= self.latest + self.latest.abs();
                    self.latest = -self.latest.abs();
                    pass.turn(self.latest);
                }
            }
            Mark::DegreeBefore(factor) => {
                self.degree = factor;
                self.degree_end = found.byte_end;
            }
            Mark::DegreeAfter(factor) => {
                if self.words > 0 && found.byte_start == self.latest_end {
                    self.value += self.latest * (factor - 1.0);
                    self.latest *= factor;
                }
            }
            Mark::Contrast => {
                self.close(pass, found.byte_start);
                self.byte_start = found.byte_end;
                self.contrast = true;
            }
            Mark::Concession => self.concession = true,
            Mark::Wish => self.wish = true,
            Mark::Cue(cue) => {
                let said = self.frame.open(cue, pass.text, found);
                if said != 0.0 {
                    pass.reading.constructed += said;
                    self.count(said, found);
                }
            }
        }
    }

    fn take_polar(&mut self, pass: &mut Pass<'_>, value: f32, found: &Found) {
        let is_near = |end: u32| found.byte_start <= end + REACH_BYTES;
        let mut value = value;
        if self.degree_end > 0 && is_near(self.degree_end) {
            value *= self.degree;
        }
        let is_reached = self.negations > 0 && is_near(self.negation_end);
        let is_negated = is_reached && self.negations % 2 == 1;
        match self.frame.turn(value, is_negated, pass.text, found) {
            Turn::Nothing => return,
            Turn::To(turned) => {
                value = turned;
                pass.reading.constructed += turned;
            }
            Turn::Free if is_negated => {
                value *= -self.negation_factor
                    * if value > 0.0 { TURNED_PRAISE } else { TURNED_COMPLAINT };
                pass.turn(value);
            }
            Turn::Free if is_reached => {
                // 不是不好: back to where it was, but weaker.
                value *= TURNED_COMPLAINT;
                pass.turn(value);
            }
            Turn::Free => {}
        }
        self.negations = 0;
        self.degree_end = 0;
        self.count(value, found);
    }

    /// Counts what a word is worth here.
    fn count(&mut self, value: f32, found: &Found) {
        self.value += value;
        self.latest = value;
        (self.latest_start, self.latest_end) = (found.byte_start, found.byte_end);
        self.words += 1;
    }

    /// Adds the clause to the reading and opens the next one. A contrast is closed by the clause it opened.
    fn close(&mut self, pass: &mut Pass<'_>, byte_end: u32) {
        let unfulfilled = self.frame.close(pass.text);
        if unfulfilled != 0.0 {
            self.value += unfulfilled;
            self.words += 1;
            pass.reading.constructed += unfulfilled;
        }
        if self.words > 0 {
            let mut value = self.value;
            let Pass { text, reading, irony } = pass;
            let only_word =
                (self.words == 1).then(|| part(text, self.latest_start, self.latest_end));
            match irony.take(part(text, self.byte_start, byte_end), value, only_word) {
                Feigned::Nothing => {}
                Feigned::Latest(praise) => {
                    reading.praise -= praise;
                    reading.complaint += praise;
                    reading.constructed -= praise;
                }
                Feigned::This => {
                    value = -value;
                    reading.constructed += value;
                }
            }
            if self.wish {
                reading.wished += value;
                value *= if value > 0.0 { WISHED } else { 1.0 };
            }
            if self.concession {
                value *= CONCESSION;
            }
            if self.contrast {
                reading.praise *= BEFORE_CONTRAST;
                reading.complaint *= BEFORE_CONTRAST;
                value *= AFTER_CONTRAST;
                reading.after_contrast = value;
            }
            if value > 0.0 {
                reading.praise += value;
            } else {
                reading.complaint -= value;
            }
            if reading.first == 0.0 {
                reading.first = value;
            }
            reading.last = value;
            *self = OPEN;
        } else {
            if !part(pass.text, self.byte_start, byte_end).trim().is_empty() {
                // What it says stands between a cry and what the cry might be about.
                pass.irony = Irony::default();
            }
            // A contrast word before a comma (但是,…) opens the next clause.
            let (contrast, concession) = (self.contrast, self.concession);
            *self = OPEN;
            self.contrast = contrast;
            self.concession = concession;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::lexicon::LexiconFiles;
    use crate::training::LabelledText;

    fn check(text: &str, expected: i8) {
        let lexicon = Lexicon::new(LexiconFiles::BUILTIN).unwrap();
        let batch = fixture::batch(&[text]);
        let reading = read(&lexicon, text, batch.tokens.words(0), &mut Vec::new());
        let sign = if reading.score().abs() < 0.1 { 0 } else { reading.score().signum() as i8 };
        assert_eq!(sign, expected, "{text}: {reading:?}");
    }

    #[test]
    fn negation_turns_what_it_reaches() {
        check("不高兴", -1);
        check("没有不满意", 1);
        check("不是不好", 1);
        check("一点也不差", 1);
        check("一点也不高兴", -1);
        check("不太满意", -1);
        check("没什么不好的", 1);
        check("没有让我失望", 1);
        check("并没有觉得好吃", -1);
    }

    #[test]
    fn marks_after_the_word_turn_it() {
        check("好个屁", -1);
        check("开心个鬼", -1);
        check("高兴不起来", -1);
        check("慢得要死", -1);
    }

    fn explicit_sign(text: &str) -> f32 {
        let lexicon = Lexicon::new(LexiconFiles::BUILTIN).unwrap();
        let batch = fixture::batch(&[text]);
        read(&lexicon, text, batch.tokens.words(0), &mut Vec::new()).explicit_sign()
    }

    /// Reads `text` and compares the direction of its construction.
    fn check_construction(text: &str, expected: f32) {
        assert_eq!(explicit_sign(text), expected, "{text}");
    }

    #[test]
    fn a_question_may_deny() {
        check_construction("怎么会不好呢", 1.0);
        check_construction("这种服务怎么可能不满意", 1.0);
        check_construction("怎么会好呢", -1.0);
        check_construction("哪能好吃", -1.0);
        check_construction("怎么能不生气", -1.0);
        // Who wonders does not deny, and who asks why something is bad complains.
        for text in ["怎么会这么好吃", "怎么会这么差", "怎么能做得更好"] {
            check_construction(text, 0.0);
        }
        // What is missing is asked for, and that is no praise.
        for text in [
            "怎么能不讲卫生",
            "怎么能不负责任",
            "怎么能不公平",
            "怎么能没有保障",
            "怎么会没有好结果",
            "怎么会不及时",
            "难道就没有更好的办法吗",
            "难道不能公开透明一点吗",
            "难道没有解决问题的诚意吗",
        ] {
            assert!(explicit_sign(text) <= 0.0, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_wanted() {
        check_construction("想给差评都难", 1.0);
        check_construction("想不喜欢都难啊", 1.0);
        check_construction("想夸几句都难", -1.0);
        check_construction("想睡着也难", -1.0);
        check_construction("我想去,排队都难", 0.0);
        check_construction("想吃点好的,菜都难吃", 0.0);
    }

    #[test]
    fn comparisons_deny_what_they_name() {
        check_construction("不比外面的差", 1.0);
        check_construction("质量不比大牌的逊色", 1.0);
        check_construction("不比以前的好用", -1.0);
    }

    #[test]
    fn who_pleads_for_an_end_complains() {
        check_construction("能不能别再加班了", -1.0);
        check_construction("可不可以不要总改时间", -1.0);
        check_construction("能不能别光说好听的", -1.0);
        for text in [
            "能不能便宜点",
            "能不能便宜点吧",
            "拜托别人代办很顺利",
            "麻烦别的同事帮我处理",
            "麻烦别忘了提醒大家",
        ] {
            check_construction(text, 0.0);
        }
    }

    #[test]
    fn words_said_back_are_denied() {
        check_construction("好什么好", -1.0);
        check_construction("方便什么方便,根本找不到", -1.0);
        check_construction("有什么好吃什么", 0.0);
    }

    #[test]
    fn cries_of_praise_beside_trouble_are_ironic() {
        check_construction("绝了,又停水", -1.0);
        check_construction("太好了,又要加班", -1.0);
        check_construction("又断网了,真棒", -1.0);
        check_construction("笑死,这也叫培训", -1.0);
        for text in [
            "太好了,又便宜又好吃",
            "味道不错,又送得晚",
            "太好了,中午开会,路上又堵车",
            "真棒,又没有事故",
            "太好了,又少了一个隐患",
            "真好,又减少了等待",
            "真好,又没排队",
            "太棒了,又涨工资了",
        ] {
            check_construction(text, 0.0);
        }
    }

    #[test]
    fn idioms_and_signs_say_what_they_mean() {
        check_construction("冇鬼用", -1.0);
        check_construction("好好食啊", 1.0);
        check_construction("这把椅子有屁用", -1.0);
        check_construction("😡", -1.0);
        for text in ["没有👎的理由", "这也叫人感动", "有毛用具可领"] {
            check_construction(text, 0.0);
        }
        let praised =
            "课讲得很好,老师很耐心,例子也清楚,食堂的饭菜好吃,住得也舒服,就是发的手册没用上,有屁用";
        check_construction(praised, 0.0);
    }

    #[test]
    fn what_follows_a_contrast_weighs_more() {
        check("食堂饭菜好,但排队太久", -1);
        check("虽然有点远,但是环境很好", 1);
        check("味道不错,但是,送餐太慢了", -1);
    }

    #[test]
    fn bare_constructions_are_explicit() {
        let sign = |text: &str| {
            let lexicon = Lexicon::new(LexiconFiles::BUILTIN).unwrap();
            let batch = fixture::batch(&[text]);
            read(&lexicon, text, batch.tokens.words(0), &mut Vec::new()).explicit_sign()
        };
        assert_eq!(["不是不好", "一点也不差!", "好个屁"].map(sign), [1.0, 1.0, -1.0]);
        assert_eq!(["好", "差", "中午开会", "食堂的饭菜我觉得不差"].map(sign), [0.0; 4]);
    }

    /// Evidence for the trust that `Model` puts in them.
    #[test]
    fn explicit_readings_are_right_six_times_in_seven() {
        let lexicon = Lexicon::new(LexiconFiles::BUILTIN).unwrap();
        let (mut right, mut all) = (0, 0);
        for content in [
            include_str!("../../../data/labels/hard_cases_test.tsv"),
            include_str!("../../../data/labels/hard_negation.tsv"),
            include_str!("../../../data/labels/hard_negation_2.tsv"),
            include_str!("../../../data/labels/short_words.tsv"),
        ] {
            for row in LabelledText::read_tsv(content).map(Result::unwrap) {
                let batch = fixture::batch(&[&row.text]);
                let words = batch.tokens.words(0);
                let sign = read(&lexicon, &row.text, words, &mut Vec::new()).explicit_sign();
                if sign != 0.0 {
                    all += 1;
                    right += usize::from((sign > 0.0) == (row.label == "positive"));
                }
            }
        }
        assert!(all >= 30 && right * 7 >= all * 6, "{right} of {all}");
    }

    #[test]
    fn seams_and_hidden_words_say_nothing() {
        check("中午十二点在食堂开会", 0);
        check("好几个人爱好摄影", 0);
        check("", 0);
    }
}
