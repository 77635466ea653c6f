//! From clauses to documents: who speaks where, how long, with which turn, and the small dirt of real typing.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::bank::{Bank, Matter};
use crate::clause::Filling;

/// What a document says of its matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// Satisfied.
    Positive,
    /// Dissatisfied.
    Negative,
    /// Asks, states or proposes.
    Neutral,
    /// Good and bad in one breath.
    Mixed,
}

/// How a source's writers write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    /// Suggestion box: whole sentences, openers, wishes.
    Formal,
    /// Answers in a form: short.
    Form,
    /// Forum: long, loose.
    Forum,
    /// Comments under an article: short, loose, emoji.
    Comment,
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub matter: Matter,
    pub stance: Stance,
    pub register: Register,
    /// The writer's unit.
    pub unit: &'a str,
    /// 1 to 12.
    pub month: u32,
    /// Tags of clauses that are true now, beside the season's.
    pub tags: &'a [&'a str],
}

impl Stance {
    /// The polarity that a reader would give: mixed texts are neutral.
    pub fn polarity(self) -> corpus::Polarity {
        match self {
            Self::Positive => corpus::Polarity::Positive,
            Self::Negative => corpus::Polarity::Negative,
            Self::Neutral | Self::Mixed => corpus::Polarity::Neutral,
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
            Self::Neutral | Self::Mixed => "neutral",
        }
    }
}

/// Writes one document's text.
pub fn compose(bank: &mut Bank, request: &Request<'_>, rng: &mut StdRng) -> String {
    let clause_count = clause_count(request.register, rng);
    if clause_count == 0 && request.stance != Stance::Mixed {
        let section = format!("tiny_{}", request.stance.section());
        return speak(bank, request, rng, |speaker| {
            speaker.say(None, &section);
        });
    }
    let clause_count = clause_count.max(1);
    let mut text = speak(bank, request, rng, |speaker| speaker.document(clause_count));
    text = bank.with_synonyms(text, rng);
    if !request.matter.anchors().iter().any(|anchor| text.contains(anchor)) && rng.random_bool(0.9)
    {
        text = with_matter_named(request.matter, &text, rng);
    }
    with_typing_dirt(text, request.register, request.stance, rng)
}

/// A forum title: the first stretch of what is said, or the bare matter.
pub fn title(bank: &mut Bank, request: &Request<'_>, rng: &mut StdRng) -> String {
    let name = request.matter.spoken_names().choose(rng).expect("every matter has names");
    match rng.random_range(0..5) {
        0 => format!(
            "{}{}",
            ["关于", "说说", "聊聊", "问问", "再提"].choose(rng).expect("not empty"),
            name
        ),
        1 => format!(
            "{name}{}",
            ["的事", "问题", "那点事", "见闻", "随想", "求助"].choose(rng).expect("not empty")
        ),
        _ => {
            let section = if request.stance == Stance::Neutral { "neutral" } else { "scene" };
            let told = speak(bank, request, rng, |speaker| {
                speaker.say(Some(request.matter), section);
            });
            told.chars().take_while(|c| !"，。？！".contains(*c)).take(22).collect()
        }
    }
}

/// How many clauses carry the document; 0 is a word or two.
fn clause_count(register: Register, rng: &mut StdRng) -> usize {
    // Shares of 0, 1, 2, 3, 4, 5, 6, 8 clauses.
    let shares: [u32; 8] = match register {
        Register::Formal => [1, 22, 34, 23, 11, 5, 3, 1],
        Register::Form => [6, 50, 31, 9, 3, 1, 0, 0],
        Register::Forum => [2, 18, 30, 24, 13, 7, 4, 2],
        Register::Comment => [5, 52, 31, 9, 2, 1, 0, 0],
    };
    let mut draw = rng.random_range(0..shares.iter().sum());
    for (count, share) in [0, 1, 2, 3, 4, 5, 6, 8].into_iter().zip(shares) {
        if draw < share {
            return count;
        }
        draw -= share;
    }
    1
}

/// Says clause after clause into one text.
struct Speaker<'a> {
    bank: &'a mut Bank,
    filling: Filling,
    request: &'a Request<'a>,
    tags: Vec<&'a str>,
    rng: &'a mut StdRng,
    text: String,
}

fn speak<'a>(
    bank: &'a mut Bank,
    request: &'a Request<'a>,
    rng: &'a mut StdRng,
    say: impl FnOnce(&mut Speaker<'a>),
) -> String {
    let season = match request.month {
        11 | 12 | 1..=3 => "winter",
        6..=8 => "summer",
        _ => "mild",
    };
    let tags = request.tags.iter().copied().chain([season]).collect();
    let filling = Filling::new(bank.slots()).with("unit", request.unit);
    let mut speaker = Speaker { bank, filling, request, tags, rng, text: String::new() };
    say(&mut speaker);
    speaker.text
}

impl Speaker<'_> {
    fn document(&mut self, clause_count: usize) {
        let register = self.request.register;
        let (opener, scene) = match register {
            Register::Formal => (0.22, 0.5),
            Register::Form => (0.03, 0.3),
            Register::Forum => (0.18, 0.6),
            Register::Comment => (0.06, 0.4),
        };
        if self.chance(opener) {
            self.say(
                None,
                if register == Register::Formal { "opener_formal" } else { "opener_casual" },
            );
        }
        if self.chance(scene) {
            self.say(Some(self.request.matter), "scene");
        }
        match self.request.stance {
            Stance::Positive => self.say_several("positive", clause_count),
            Stance::Negative => self.say_several("negative", clause_count),
            Stance::Neutral => {
                self.say_several("neutral", clause_count.div_ceil(2));
                self.say_several("wish", clause_count / 2);
            }
            Stance::Mixed => self.say_both_sides(clause_count),
        }
        if clause_count >= 2 && self.chance(0.14) {
            self.say(None, "because");
        }
        let (wish, closing) = match self.request.stance {
            Stance::Negative | Stance::Mixed => (0.28, 0.16),
            Stance::Positive => (0.05, 0.18),
            Stance::Neutral => (0.1, 0.12),
        };
        if self.chance(wish) {
            self.say(Some(self.request.matter), "wish");
        }
        if clause_count >= 2 && self.chance(closing) {
            self.say(None, &format!("closing_{}", self.request.stance.section()));
        }
        self.end_sentence();
    }

    fn say_several(&mut self, section: &str, clause_count: usize) {
        for at in 0..clause_count {
            if at > 0 && self.chance(0.2) {
                self.say_unpunctuated("connector");
            }
            self.say(Some(self.request.matter), section);
        }
    }

    /// As many good clauses as bad ones, a turn between them.
    fn say_both_sides(&mut self, clause_count: usize) {
        let each = clause_count.div_ceil(2);
        let (first, second) =
            if self.chance(0.5) { ("positive", "negative") } else { ("negative", "positive") };
        self.say_several(first, each);
        self.say_unpunctuated("turn");
        self.say_several(second, each);
    }

    /// Adds a clause with the mark that separates it from what stands before.
    fn say(&mut self, matter: Option<Matter>, section: &str) {
        let Some(clause) = self.bank.deal(matter, section, &self.tags, self.rng) else { return };
        self.separate();
        let told = clause.tell(&mut self.filling, self.rng);
        self.text.push_str(&told);
    }

    fn say_unpunctuated(&mut self, section: &str) {
        self.say(None, section);
        self.text.push('\u{200b}');
    }

    fn separate(&mut self) {
        if self.text.is_empty() {
            return;
        }
        // A connector was left open: the clause follows it without a mark.
        if self.text.ends_with('\u{200b}') {
            self.text.pop();
            if self.chance(0.4) {
                self.text.push('，');
            }
            return;
        }
        let mark = if asks(&self.text) {
            "？"
        } else {
            ["，", "，", "，", "。", "。", "；", "！"].choose(self.rng).expect("not empty")
        };
        self.text.push_str(mark);
    }

    fn end_sentence(&mut self) {
        let mark = match self.request.stance {
            _ if asks(&self.text) => ["？", "？", "", "？？", "?"].choose(self.rng),
            Stance::Negative => ["。", "。", "！", "", "！！", "……", "", "。。。"].choose(self.rng),
            Stance::Positive => ["。", "。", "！", "", "～", "！！", ""].choose(self.rng),
            Stance::Neutral | Stance::Mixed => ["。", "。", "", "", "~"].choose(self.rng),
        };
        self.text.push_str(mark.expect("not empty"));
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }
}

/// Whether the last clause is a question.
fn asks(text: &str) -> bool {
    let last = text.rsplit(['，', '。', '；', '！', '？', '：']).next().unwrap_or(text);
    [
        "吗",
        "请问",
        "几点开",
        "几点发",
        "几点锁",
        "什么时候",
        "怎么算",
        "找谁",
        "在哪",
        "能不能",
        "可不可以",
        "有没有",
        "想问",
        "问下",
    ]
    .iter()
    .any(|word| last.contains(word))
}

/// Puts the matter's name in front, where no word of the text tells it.
fn with_matter_named(matter: Matter, text: &str, rng: &mut StdRng) -> String {
    let name = matter.spoken_names().choose(rng).expect("every matter has names");
    match rng.random_range(0..6) {
        0 => format!("{name}：{text}"),
        1 => format!("{name}这块，{text}"),
        2 => format!("关于{name}，{text}"),
        3 => format!("说{name}，{text}"),
        4 => format!("{name}方面{text}"),
        _ => format!("【{name}】{text}"),
    }
}

/// Slips of the input method, emoji, missing marks, wide digits: as people type.
fn with_typing_dirt(
    mut text: String,
    register: Register,
    stance: Stance,
    rng: &mut StdRng,
) -> String {
    const SLIPS: [(&str, &str); 14] = [
        ("已经", "己经"),
        ("再", "在"),
        ("的", "得"),
        ("真的", "真滴"),
        ("没有", "木有"),
        ("非常", "灰常"),
        ("师傅", "师父"),
        ("座位", "坐位"),
        ("账", "帐"),
        ("特别", "特別"),
        ("什么", "啥么"),
        ("这么", "这莫"),
        ("地方", "地儿"),
        ("舒服", "舒福"),
    ];
    if rng.random_bool(0.05) {
        let (right, slip) = SLIPS.choose(rng).expect("not empty");
        text = text.replacen(right, slip, 1);
    }
    let loose = matches!(register, Register::Forum | Register::Comment);
    if loose && rng.random_bool(0.14) {
        let faces: &[&str] = match stance {
            Stance::Positive => &["👍", "😄", "[赞]", "[鲜花]", "💪", "😊😊", "[哈哈]", "🌹"],
            Stance::Negative => &["😡", "😤", "[怒]", "[捂脸]", "👎", "😭", "[流泪]", "[衰]"],
            Stance::Neutral | Stance::Mixed => &["🤔", "[疑问]", "🙂", "[抱拳]"],
        };
        text.push_str(faces.choose(rng).expect("not empty"));
    }
    if loose && rng.random_bool(0.07) {
        text = text.replace(['，', '。', '；'], " ");
    }
    if rng.random_bool(0.03) {
        text = text.chars().map(|c| if c.is_ascii_digit() { wide_digit(c) } else { c }).collect();
    }
    text
}

fn wide_digit(digit: char) -> char {
    char::from_u32(digit as u32 + 0xFEE0).expect("full-width digits lie at this distance")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn documents_speak_of_their_matter_and_hold_no_traces_of_the_bank() {
        let (mut bank, mut rng) = (Bank::new(), StdRng::seed_from_u64(3));
        for matter in Matter::EVERYDAY {
            for stance in [Stance::Positive, Stance::Negative, Stance::Neutral, Stance::Mixed] {
                for register in
                    [Register::Formal, Register::Form, Register::Forum, Register::Comment]
                {
                    let request =
                        Request {
                            matter, stance, register, unit: "采油一厂", month: 5, tags: &[]
                        };
                    let text = compose(&mut bank, &request, &mut rng);
                    assert!(
                        !text.is_empty() && !text.contains(['{', '}', '|', '@', '\u{200b}']),
                        "{text}"
                    );
                }
            }
        }
    }
}
