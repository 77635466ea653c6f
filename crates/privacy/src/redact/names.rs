//! Names of people: a surname, one or two characters of a given name, and something around it that says "this is a person".
//!
//! Chinese names have no shape of their own, so the evidence adds up: characters that given names are made of, a word before (联系人, 同事, 我叫),
//! a word after (同志, 可以作证), clause borders, against a list of everyday words that begin with a surname. A surname with a title
//! (王主任, 李师傅) is a role that readers need in order to act, and stays.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::fold::{Flags, Folded, Unit};
use super::surnames::{COMPOUND, SURE};
use super::{Found, IdentifierKind, Strength};

/// After these a name is expected, whatever its characters.
const LABELS: &str = include_str!("words/labels.txt");
/// After these a name is likely, when its characters agree.
const ROLES: &str = include_str!("words/roles.txt");
/// After these a name may stand.
const LINKS: &str = include_str!("words/links.txt");
/// Before these stands a person.
const FOLLOWERS: &str = include_str!("words/followers.txt");
/// Everyday words that begin with a surname.
const LOOK_ALIKES: &str = include_str!("words/look_alikes.txt");
/// Everyday words that end in a surname.
const ENDS_OF_WORDS: &str = include_str!("words/ends_of_words.txt");

/// Titles: after a surname alone they make a role, not a name.
const TITLES: &str = "总工姐哥叔婶爷奶导师队班科主书经站厂处部局院校组段某老小大妈姨头处";

/// Adds every name that the evidence carries.
pub(super) fn find(folded: &Folded, found: &mut Vec<Found>) {
    if !folded.seen(Flags::SURNAME) {
        return;
    }
    let tables = tables();
    let (mut at, mut last_end) = (0, None);
    while at < folded.units.len() {
        if !folded.units[at].is(Flags::SURNAME.with(Flags::COMPOUND)) {
            at += 1;
            continue;
        }
        match name_at(folded, at, last_end, tables) {
            Some(end) => {
                found.push(Found {
                    start: at,
                    end,
                    kind: IdentifierKind::Name,
                    strength: Strength::Announced,
                });
                last_end = Some(end);
                at = end;
            }
            None => at += 1,
        }
    }
}

/// Last characters of all words after which a name may stand.
pub(super) fn before_names() -> String {
    let words = [LABELS, ROLES, LINKS].into_iter().flat_map(words_of);
    words.filter_map(|word| word.chars().next_back()).collect()
}

struct Tables {
    sure: FxHashSet<char>,
    compound: FxHashSet<(char, char)>,
    look_alikes: WordsByChar,
    followers: WordsByChar,
    ends_of_words: WordsByChar,
    labels: WordsByChar,
    roles: WordsByChar,
    links: WordsByChar,
}

/// Words looked up by their first or last character: what else they have, going away from it.
type WordsByChar = FxHashMap<char, Vec<Box<[char]>>>;

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    let pair = |name: &str| Some((name.chars().next()?, name.chars().nth(1)?));
    TABLES.get_or_init(|| Tables {
        sure: SURE.chars().collect(),
        compound: COMPOUND.split_whitespace().filter_map(pair).collect(),
        look_alikes: by_char(LOOK_ALIKES, str::chars),
        followers: by_char(FOLLOWERS, str::chars),
        ends_of_words: by_char(ENDS_OF_WORDS, |word| word.chars().rev()),
        labels: by_char(LABELS, |word| word.chars().rev()),
        roles: by_char(ROLES, |word| word.chars().rev()),
        links: by_char(LINKS, |word| word.chars().rev()),
    })
}

fn by_char<C: Iterator<Item = char>>(
    file: &'static str,
    chars: impl Fn(&'static str) -> C,
) -> WordsByChar {
    let mut map = WordsByChar::default();
    for word in words_of(file) {
        let mut chars = chars(word);
        let key = chars.next().expect("split_whitespace gives no empty word");
        map.entry(key).or_default().push(chars.collect());
    }
    map
}

/// Words of a file, without its comments.
fn words_of(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

/// The end of the name that begins at `start`. `last_end` is where the last name ended: names stand in lists.
fn name_at(
    folded: &Folded,
    start: usize,
    last_end: Option<usize>,
    tables: &Tables,
) -> Option<usize> {
    let first = folded.units[start];
    // Most characters that are surnames too are dropped here, without looking at any word.
    let next = folded.at(start + 1)?;
    let is_compound = first.is(Flags::COMPOUND) && tables.compound.contains(&(first.ch, next.ch));
    if !is_compound && !first.is(Flags::SURNAME) {
        return None;
    }
    let surname = if is_compound { 2 } else { 1 };
    let given = folded.at(start + surname)?;
    let second_is = |flags| folded.is(start + surname + 1, flags);
    let before_unit = start.checked_sub(1).map(|at| folded.units[at]);
    let is_inside =
        before_unit.is_some_and(|unit| unit.is(Flags::HAN) && !unit.is(Flags::BEFORE_NAME));
    let is_gap = is_name_gap(given);
    let could_be_given = if is_inside && !is_compound {
        given.is(Flags::GIVEN_ONLY) && second_is(Flags::GIVEN_ONLY)
    } else {
        given.is(Flags::GIVEN) || is_gap || second_is(Flags::GIVEN)
    };
    if !could_be_given {
        return None;
    }
    let is_inside_number = before_unit.is_some_and(|unit| unit.is(Flags::DIGIT));
    if is_inside_number
        || ends_with_any(folded, start + 1, &tables.ends_of_words)
        || is_look_alike(folded, start, tables)
    {
        return None;
    }
    let before = Before::of(folded, start, last_end, tables);
    if is_gap {
        return spaced_name_end(folded, start, before, tables);
    }
    // The longer reading first: two given characters are four times as common as one. 郝江|可以作证 is the shorter one.
    let short = start + surname + 1;
    let ends = if starts_with_any(folded, short, &tables.followers) {
        [short, short + 1]
    } else {
        [short + 1, short]
    };
    ends.into_iter().find(|end| is_name(folded, start, surname, *end, before, tables))
}

fn is_name_gap(unit: &Unit) -> bool {
    unit.is(Flags::SPACE) || matches!(unit.ch, '·' | '.' | '-' | '•' | '*')
}

/// 石 宏 振, 贺·远: one character at a time, after a word that expects a name.
fn spaced_name_end(
    folded: &Folded,
    start: usize,
    before: Before,
    tables: &Tables,
) -> Option<usize> {
    let gap = |at: usize| folded.at(at).is_some_and(is_name_gap);
    let is_given = |at| folded.is(at, Flags::GIVEN);
    // 王·建·国 needs no word before it, 高 大 上 would.
    let is_dotted = !folded.is(start + 1, Flags::SPACE)
        && folded.ch(start + 1) != '.'
        && folded.ch(start + 1) == folded.ch(start + 3)
        && is_given(start + 4)
        && ends_clause(folded, start + 5);
    if before < Before::Linked && !(is_dotted && before == Before::Border) || !is_given(start + 2) {
        return None;
    }
    let second = start + 3;
    let end = if gap(second) && is_given(second + 1) { second + 2 } else { second };
    let ends = ends_clause(folded, end)
        || starts_with_any(folded, end, &tables.followers)
        || before == Before::Labeled;
    ends.then_some(end)
}

/// What stands before a candidate, from nothing to a word that expects a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    Inside,
    /// A clause begins here.
    Border,
    /// 找, 和, 感谢.
    Linked,
    /// 同事, 班长, 患者; or another name and 、.
    Role,
    /// 我叫, 联系人, 署名.
    Labeled,
}

impl Before {
    fn of(folded: &Folded, start: usize, last_end: Option<usize>, tables: &Tables) -> Self {
        let Some(last) = start.checked_sub(1).map(|at| folded.units[at]) else {
            return Self::Border;
        };
        if last_end == Some(start - 1) && matches!(last.ch, '、' | ',' | ' ' | '和' | '与' | '/')
        {
            return Self::Role;
        }
        let mut at = start;
        while at > 0 && start - at < 3 && is_opening(&folded.units[at - 1]) {
            at -= 1;
        }
        let is_marked = at < start && folded.units[at..start].iter().any(|unit| unit.ch == ':');
        let tiers = [
            (&tables.labels, Self::Labeled),
            (&tables.roles, Self::Role),
            (&tables.links, Self::Linked),
        ];
        let ends = [start, at].map(|end| end > 0 && folded.is(end - 1, Flags::BEFORE_NAME));
        for (words, before) in tiers {
            if ends[0] && ends_with_any(folded, start, words)
                || (at < start && ends[1] && ends_with_any(folded, at, words))
            {
                // 班长：李… is as good as a label.
                return if is_marked && before == Self::Role { Self::Labeled } else { before };
            }
        }
        // 申诉人：窦金生, and every other word that ends so.
        const NOT_LABELS: &str = "没有别工的个本女男老大让众路家客病新外名军商派找请叫每无上响";
        let is_labelled = at > 1
            && folded.ch(at - 1) == '人'
            && folded.is(at - 2, Flags::HAN)
            && !NOT_LABELS.contains(folded.ch(at - 2));
        if is_labelled && (is_marked || tables.sure.contains(&folded.ch(start))) {
            return if is_marked { Self::Labeled } else { Self::Linked };
        }
        if last.is(Flags::HAN) { Self::Inside } else { Self::Border }
    }
}

/// 欧阳, 司马: nothing else. 东方, 西门 and 第五 are directions and numbers far more often.
fn is_sure_compound(folded: &Folded, start: usize, surname: usize) -> bool {
    surname == 2 && !matches!(folded.ch(start + 1), '方' | '门' | '五')
}

/// Marks and words between what expects a name and the name.
fn is_opening(unit: &Unit) -> bool {
    unit.is(Flags::SPACE)
        || matches!(
            unit.ch,
            ':' | '是' | '为' | '(' | '【' | '「' | '“' | '"' | '-' | '—' | '/' | '<' | '《'
        )
}

fn is_name(
    folded: &Folded,
    start: usize,
    surname: usize,
    end: usize,
    before: Before,
    tables: &Tables,
) -> bool {
    let Some(given) = folded.units.get(start + surname..end) else { return false };
    let typical = given.iter().filter(|unit| unit.is(Flags::GIVEN)).count();
    let telling = given.iter().filter(|unit| unit.is(Flags::GIVEN_ONLY)).count();
    let is_typical = typical == given.len();
    let is_telling = telling == given.len();
    let is_followed = typical > 0 || before == Before::Labeled;
    let is_followed = is_followed && starts_with_any(folded, end, &tables.followers);
    let is_closed = ends_clause(folded, end);
    let is_long = given.len() == 2 || surname == 2;
    let is_sure =
        || is_sure_compound(folded, start, surname) || tables.sure.contains(&folded.ch(start));
    let goes_on = || !continues_word(folded, end);
    let is_carried = match before {
        Before::Labeled => {
            is_typical && (is_long || is_closed || is_followed)
                || typical > 0 && is_long
                || is_closed && typical > 0
                || is_followed
        }
        Before::Role => {
            is_telling && is_long
                || is_typical && is_long && (goes_on() || telling > 0 && is_sure())
                || is_typical && (is_closed || is_followed)
                || telling > 0 && is_long && (is_closed || is_followed)
        }
        Before::Linked => {
            is_typical && is_followed
                || is_telling && is_long && goes_on()
                || telling > 0 && is_typical && is_long && (is_closed || is_sure() && goes_on())
                || is_typical && is_long && is_sure() && !is_closed && goes_on()
        }
        Before::Border => {
            is_typical && is_followed && (is_long || telling > 0)
                || is_telling && is_long && goes_on()
                || is_typical && is_long && is_sure() && (telling > 0 || !is_closed) && goes_on()
                || typical > 0 && given.len() == 2 && is_sure() && precedes_title(folded, end)
                || telling > 0
                    && is_typical
                    && is_closed
                    && is_sure()
                    && start > 0
                    && folded.ch(start - 1) == ':'
                || is_typical && is_long && signs(folded, start, end)
                || is_typical && is_long && is_framed(folded, start, end)
        }
        Before::Inside => {
            let is_ones = start > 0 && folded.ch(start - 1) == '的';
            // 表扬化验室牛丽霞
            let is_of_unit = start > 0 && "室站队班厂部科组矿所".contains(folded.ch(start - 1));
            is_telling && is_long && (is_followed || is_ones && is_sure() && goes_on())
                || is_telling && is_long && is_of_unit && is_closed
                || is_sure_compound(folded, start, surname)
                    && is_typical
                    && (is_followed || goes_on())
        }
    };
    // What speaks against a name costs more to look up, and few candidates come so far.
    is_carried
        && given.iter().all(|unit| unit.is(Flags::HAN))
        && (before == Before::Labeled
            || precedes_title(folded, end)
            || !is_place(folded, end, before >= Before::Linked && is_sure()))
        && !has_function_word(given)
        && !is_title(folded, start + surname, given, surname)
}

fn is_place(folded: &Folded, end: usize, is_linked: bool) -> bool {
    // 是柳青山修的: rivers and mountains are in names too.
    let may_be_name = is_linked && matches!(folded.ch(end - 1), '山' | '河' | '江');
    !may_be_name && PLACE_ENDS.contains(folded.ch(end - 1))
        || folded.at(end).is_some_and(|unit| PLACE_ENDS.contains(unit.ch))
}

/// Last characters of places, and what makes a place of the characters before.
const PLACE_ENDS: &str =
    "路街苑园城村庄楼院店山河湖县市区镇乡桥站港湾省州矿厂队井坨岛馆场巷府居屋房里坊";

/// ——裴俊杰 at the end of a text.
fn signs(folded: &Folded, start: usize, end: usize) -> bool {
    let is_last = folded.units[end..].iter().all(|unit| !unit.is(Flags::HAN));
    is_last && start > 0 && matches!(folded.ch(start - 1), '-' | '—' | '―' | '─')
}

/// (张建军) with nothing else in the brackets.
fn is_framed(folded: &Folded, start: usize, end: usize) -> bool {
    start > 0 && folded.ch(start - 1) == '(' && folded.ch(end) == ')'
}

fn ends_clause(folded: &Folded, end: usize) -> bool {
    folded.at(end).is_none_or(|unit| !unit.is(Flags::HAN))
}

fn precedes_title(folded: &Folded, end: usize) -> bool {
    TITLE_WORDS.iter().any(|word| folded.starts_with(end, word))
}

/// 王主任, 李师傅, 赵工: a role, not a name.
fn is_title(folded: &Folded, at: usize, given: &[Unit], surname: usize) -> bool {
    let is_short = given.len() == 1 && surname == 1 && TITLES.contains(given[0].ch);
    is_short || TITLE_WORDS.iter().any(|word| folded.starts_with(at, word))
}

#[rustfmt::skip]
const TITLE_WORDS: &[&str] = &[
    "主任", "师傅", "队长", "班长", "经理", "书记", "科长", "厂长", "站长", "处长", "部长", "组长", "局长", "院长", "校长", "老师", "先生", "女士",
    "小姐", "大夫", "医生", "护士", "教练", "总监", "主管", "主席", "同志", "同学", "阿姨", "大姐", "大哥", "工长", "段长", "矿长", "总工", "会计",
    "大师", "园长", "所长", "馆长", "干部", "村民", "总", "教授", "博士", "律师", "警官", "法官", "省长", "市长", "县长", "镇长", "村长", "区长", "乡长", "委员",
];

/// Characters that grammar uses, and names hardly ever.
fn has_function_word(given: &[Unit]) -> bool {
    const FUNCTION: &str = "的了是在不没有就都也很太们这那吗呢吧啊呀么个着过把被给让对跟从到要会能还再又最更每啥哪谁什怎我你他她它您咱自己什因所但而且与及或如虽以";
    given.iter().any(|unit| FUNCTION.contains(unit.ch))
}

/// What follows continues a word rather than a sentence about a person; few verbs and particles begin right after a name.
fn continues_word(folded: &Folded, end: usize) -> bool {
    const AFTER_NAMES: &str = "的在是和跟与及说讲做干去来到把被给让对有不没也都就才又再很太最真已正要会能可应该,、了吗吧呢上下住打骂带教管当办写发收拿从总天老每知负同修欠答解竟居请拍批签定换扣卡拖欺调排安改报交领发挺帮常按为这那一两三今昨前后因早晚还只先刚曾将连光净乱硬故私擅亲主自全嫌喜想觉认怀受升调离入出进退病伤累哭走跑睡吃喝";
    folded.at(end).is_some_and(|unit| unit.is(Flags::HAN) && !AFTER_NAMES.contains(unit.ch))
}

fn is_look_alike(folded: &Folded, start: usize, tables: &Tables) -> bool {
    starts_with_any(folded, start, &tables.look_alikes)
}

fn ends_with_any(folded: &Folded, end: usize, endings: &WordsByChar) -> bool {
    let Some((last, before)) = folded.units.get(..end).and_then(<[Unit]>::split_last) else {
        return false;
    };
    let Some(words) = endings.get(&last.ch) else { return false };
    words.iter().any(|word| {
        before.len() >= word.len() && before.iter().rev().zip(word).all(|(unit, ch)| unit.ch == *ch)
    })
}

fn starts_with_any(folded: &Folded, start: usize, words: &WordsByChar) -> bool {
    let Some((first, after)) = folded.units.get(start..).and_then(<[Unit]>::split_first) else {
        return false;
    };
    let Some(words) = words.get(&first.ch) else { return false };
    words.iter().any(|word| {
        after.len() >= word.len() && after.iter().zip(word).all(|(unit, ch)| unit.ch == *ch)
    })
}
