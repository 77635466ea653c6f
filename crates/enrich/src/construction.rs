//! Constructions that say the opposite of their words, or more than they do: 怎么会不好, 想给差评都难, 好什么好, 太好了，又停水.
//!
//! Statistics over words and pairs of characters cannot read them: each is rare, and its parts mostly stand in texts of the other direction. The rules
//! can, so what they read here decides a short text (see [`crate::rule::Reading::explicit_sign`]). The phrases that open one are in
//! `dictionaries/constructions.tsv`; where it reaches is told here.

use crate::lexicon::Found;

/// What a phrase of `dictionaries/constructions.tsv` opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cue {
    /// 怎么会: a question that denies. 怎么会好 is a complaint; of what is denied already only feelings are affirmed (怎么会不满意, [`FELT`]).
    Rhetorical,
    /// 怎么能, which denies before a negation only (怎么能不生气) and asks how otherwise (怎么能更好).
    RhetoricalNot,
    /// 想, when 都难 ends the clause: what is wanted cannot be. 想给差评都难 is praise, 想夸都难 a complaint.
    Wanted,
    /// 不比: not worse is praise, not better a complaint.
    Comparison,
    /// 能不能别再: whoever asks for an end to what goes on complains, whatever it is called. 麻烦别人 and 能不能别这么客气 open none.
    Plea,
    /// An idiom that means this by itself (冇鬼用), from -3 to 3.
    Idiom(f32),
}

/// 怎么会 reaches this far: 5 characters, as a negation does.
const RHETORICAL_REACH_BYTES: u32 = 15;
/// 不比 reaches over the name of what is compared: 9 characters.
const COMPARISON_REACH_BYTES: u32 = 27;
/// 都难 stands at most 12 characters behind 想.
const WANTED_REACH_BYTES: usize = 36;
/// What people feel or find and cannot help: 怎么会不满意, 怎么能不生气.
const FELT: [&str; 25] = [
    "好", "满意", "喜欢", "高兴", "开心", "爱", "感动", "感谢", "感激", "快乐", "幸福", "舒服",
    "心动", "香", "好吃", "好喝", "好看", "生气", "难过", "失望", "气愤", "着急", "担心", "心疼",
    "烦",
];
/// What may stand between 又 and the trouble.
const AGAIN: [&str; 8] = ["", "要", "来", "是", "被", "得", "开始", "他妈"];
/// What the lexicon takes for trouble behind 又 and may be anything.
const OPEN_ENDED: [&str; 8] = ["没", "涨", "来", "是", "被", "得", "开始", "胖"];
/// Troubles of one character.
const TROUBLES: [&str; 7] = ["坏", "停", "断", "漏", "堵", "罚", "扣"];
/// What a word keeps of its strength when a construction turns it.
const TURNED: f32 = 0.8;
/// What a plea to stop complains of, and a wish that cannot be fulfilled.
pub(crate) const PLEA: f32 = -2.0;
const UNFULFILLED: f32 = -1.5;

/// The constructions that are open in a clause, by the byte where each begins to reach; 0 where there is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    rhetorical: u32,
    /// Whether the question denies only what is negated.
    asks_how: bool,
    comparison: u32,
    wanted: u32,
    /// Where 都难 stands.
    hard: u32,
    /// Whether a polar word stood between 想 and 都难.
    wants_something: bool,
    is_plea: bool,
    /// End of the second 好 of 好什么好.
    echo_end: u32,
}

/// What a construction makes of a polar word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Turn {
    /// None holds it.
    Free,
    /// It is worth this.
    To(f32),
    /// It says nothing: the second 好 of 好什么好, the 难 of 都难, praise inside a plea to stop.
    Nothing,
}

impl Frame {
    /// None is open.
    pub(crate) const NONE: Self = Self {
        rhetorical: 0,
        asks_how: false,
        comparison: 0,
        wanted: 0,
        hard: 0,
        wants_something: false,
        is_plea: false,
        echo_end: 0,
    };

    /// Opens the construction of a phrase of `text`; gives what the phrase says by itself.
    pub(crate) fn open(&mut self, cue: Cue, text: &str, found: &Found) -> f32 {
        match cue {
            Cue::Rhetorical | Cue::RhetoricalNot => {
                self.rhetorical = found.byte_end;
                self.asks_how = cue == Cue::RhetoricalNot;
            }
            Cue::Comparison => self.comparison = found.byte_end,
            Cue::Wanted => {
                if let Some(hard) = hard_after(text, found.byte_end as usize) {
                    (self.wanted, self.hard) = (found.byte_end, hard as u32);
                }
            }
            Cue::Plea => {
                self.is_plea = true;
                return PLEA;
            }
            Cue::Idiom(value) => return if is_cut_off(text, found) { 0.0 } else { value },
        }
        0.0
    }

    /// What becomes of a polar word worth `value` before any negation, of which one may reach it.
    pub(crate) fn turn(&mut self, value: f32, is_negated: bool, text: &str, found: &Found) -> Turn {
        let is_hard = self.hard > 0 && found.byte_start >= self.hard;
        if found.byte_start < self.echo_end || is_hard || self.is_plea && value > 0.0 {
            return Turn::Nothing;
        }
        let (word, behind) = (part(text, found.byte_start, found.byte_end), behind(text, found));
        if value > 0.0
            && let Some(echo) = behind.strip_prefix("什么")
            && echo.starts_with(word)
        {
            self.echo_end = found.byte_end + ("什么".len() + word.len()) as u32;
            return Turn::To(-value);
        }
        // 不好 is a word of its own for the lexicon.
        let is_denied = is_negated || value < 0.0 && word.starts_with(['不', '没']);
        let reaches = |from: u32, reach: u32| from > 0 && found.byte_start <= from + reach;
        if reaches(self.comparison, COMPARISON_REACH_BYTES) {
            return Turn::To(-value * TURNED);
        }
        // 怎么能不讲卫生 and 难道就没有更好的办法 ask for what is missing; only what somebody cannot help feeling is affirmed by its denial.
        if reaches(self.rhetorical, RHETORICAL_REACH_BYTES)
            && if is_denied { is_feeling_denied(text, found) } else { !self.asks_how }
            && !is_surprise(part(text, self.rhetorical, found.byte_start))
        {
            return match (value > 0.0, is_denied) {
                (true, true) => Turn::To(value),
                (true, false) => Turn::To(-value * TURNED),
                // 怎么能不生气, and 怎么会不好.
                (false, true) if is_negated => Turn::To(value),
                (false, true) => Turn::To(-value),
                (false, false) => Turn::Free,
            };
        }
        if self.hard > 0 && found.byte_end <= self.hard {
            self.wants_something = true;
            return Turn::To(if is_negated { value } else { -value });
        }
        Turn::Free
    }

    /// What the clause says by its construction alone when it ends: 想睡着都难.
    pub(crate) fn close(&self, text: &str) -> f32 {
        let is_unfulfilled = self.hard > 0
            && !self.wants_something
            && !part(text, self.wanted, self.hard).contains('不');
        if is_unfulfilled { UNFULFILLED } else { 0.0 }
    }
}

/// Where 都难 or 也难 ends the clause that goes on at byte `from`.
fn hard_after(text: &str, from: usize) -> Option<usize> {
    let clause = text
        .get(from..)?
        .split(|c: char| c.is_ascii_punctuation() || "，。！？；～…".contains(c))
        .next()?;
    let rest = clause.trim_end().trim_end_matches(['了', '啊', '呀', '呢', '哦', '呐']);
    let wanted = rest.strip_suffix("都难").or_else(|| rest.strip_suffix("也难"))?;
    (1..=WANTED_REACH_BYTES).contains(&wanted.len()).then(|| from + wanted.len())
}

/// Whether 不 stands right before what people feel or find: 不满意, 不好.
fn is_feeling_denied(text: &str, found: &Found) -> bool {
    let word = part(text, found.byte_start, found.byte_end);
    match word.strip_prefix('不') {
        Some(felt) => FELT.contains(&felt),
        None => FELT.contains(&word) && part(text, 0, found.byte_start).ends_with('不'),
    }
}

/// Whether an idiom is denied, or only the beginning of other words: 没有👎的理由, 这也叫人感动.
fn is_cut_off(text: &str, found: &Found) -> bool {
    let (before, word) =
        (part(text, 0, found.byte_start), part(text, found.byte_start, found.byte_end));
    ["没有", "没", "不", "别"].iter().any(|denial| before.ends_with(denial))
        || word.ends_with('叫') && behind(text, found).starts_with(['人', '上', '来', '到'])
}

/// 怎么会这么好 wonders and does not deny.
fn is_surprise(between: &str) -> bool {
    between.contains(['这', '那']) || between.contains("如此")
}

pub(crate) fn part(text: &str, from: u32, to: u32) -> &str {
    text.get(from as usize..to as usize).unwrap_or_default()
}

fn behind<'t>(text: &'t str, found: &Found) -> &'t str {
    text.get(found.byte_end as usize..).unwrap_or_default()
}

/// Two clauses side by side, one of which is nothing but a cry of praise and the other tells of trouble come again: 太好了，又停水.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Irony {
    latest: Side,
}

/// What one clause would be in irony.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Side {
    #[default]
    Neither,
    /// A cry of praise, and what it was counted as.
    Cry(f32),
    Again,
}

/// Praise that is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Feigned {
    Nothing,
    /// That of the clause before, counted as so much.
    Latest(f32),
    /// That of this clause.
    This,
}

impl Irony {
    /// Takes the next clause, its value, and its polar word when it has one only.
    pub(crate) fn take(&mut self, clause: &str, value: f32, only_word: Option<&str>) -> Feigned {
        let side = match only_word {
            Some(word) if value > 0.0 && is_cry(clause, word) => Side::Cry(value),
            Some(word) if value < 0.0 && is_again(clause, word) => Side::Again,
            _ => Side::Neither,
        };
        let latest = std::mem::replace(&mut self.latest, side);
        match (latest, side) {
            (Side::Cry(praise), Side::Again) => Feigned::Latest(praise),
            (Side::Again, Side::Cry(_)) => Feigned::This,
            _ => Feigned::Nothing,
        }
    }
}

/// Whether the trouble of a clause has come again: 又停水, 又要加班. 又没有事故 and 又少了隐患 are no trouble.
fn is_again(clause: &str, word: &str) -> bool {
    let Some((_, after)) = clause.split_once('又') else { return false };
    // The lexicon has 又停 and 又加班 as words; 又没排队 and 又涨工资 begin with one too.
    if let Some(again) = word.strip_prefix('又') {
        return !OPEN_ENDED.contains(&again);
    }
    let is_plain = word.chars().nth(1).is_some() || TROUBLES.contains(&word);
    let begins = |with: &&str| after.strip_prefix(*with).is_some_and(|rest| rest.starts_with(word));
    is_plain && !word.starts_with(['没', '少', '减', '不']) && AGAIN.iter().any(begins)
}

/// Whether a clause is one word of praise with what makes it a cry: 真棒, 可真行啊.
fn is_cry(clause: &str, word: &str) -> bool {
    let Some((before, after)) = clause.trim().split_once(word) else { return false };
    matches!(before, "" | "真" | "可" | "可真" | "真是" | "也真") && after.len() <= "啊".len()
}
