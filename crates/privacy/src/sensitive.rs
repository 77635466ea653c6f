//! Mentions of health, accounts and whereabouts: what a text tells of somebody's life without any identifier.
//!
//! The Personal Information Protection Law (art. 28) calls these sensitive, because they tell of a person and harm where they leak. They stay in the
//! text, since the matter may hang on them (怀孕还排夜班), but such a text is never quoted. A word alone is often about a thing: 体检 is a
//! service, 账号 one of a system. So some words count by themselves and others only beside somebody, in one clause.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Serialize;

/// What is told of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SensitiveKind {
    /// Illness, pregnancy, treatment, state of mind.
    Health,
    /// Money of a person: balances, debts, passwords, codes.
    Account,
    /// Where somebody lives, is or goes.
    Whereabouts,
}

impl SensitiveKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Health, Self::Account, Self::Whereabouts];

    /// The word used in JSON: `HEALTH`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Health => "HEALTH",
            Self::Account => "ACCOUNT",
            Self::Whereabouts => "WHEREABOUTS",
        }
    }
}

/// A mention in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SensitiveMention {
    /// Bytes of the text, on character boundaries.
    pub range: Range<usize>,
    /// What it is about.
    pub kind: SensitiveKind,
}

/// Words that tell of a person by themselves.
const PERSONAL: [(SensitiveKind, &str); 3] = [
    (
        SensitiveKind::Health,
        "怀孕 孕期 孕吐 流产 保胎 备孕 哺乳期 糖尿病 抑郁症 焦虑症 精神病 癌症 肿瘤 化疗 艾滋 \
         乙肝 肺结核 尘肺 癫痫 心脏病 心梗 脑梗 中风 透析 截肢 残疾证 确诊 病历 做完手术 \
         做了手术 吃安眠药 吃抗抑郁药 想自杀 轻生 不想活",
    ),
    (
        SensitiveKind::Account,
        "验证码 银行卡密码 支付密码 工资卡 欠了钱 欠债 还不起 网贷 借高利贷 卡里只剩 存款只 征信 \
         被起诉 房贷逾期",
    ),
    (
        SensitiveKind::Whereabouts,
        "家住 租住在 我住在 住我家 行踪 跟踪我 跟踪他 跟踪她 家门口 家庭住址 老家在 娘家在",
    ),
];

/// Words that tell of a person only where somebody is named in the clause.
const BESIDE_A_PERSON: [(SensitiveKind, &str); 3] = [
    (
        SensitiveKind::Health,
        "高血压 住院 手术 腰椎间盘 颈椎病 骨折 失眠 抑郁 焦虑 吃药 发烧 晕倒 贫血 胃出血 过敏 \
         听力下降 职业病 体检查出 复查 产检 产假 看心理医生 崩溃",
    ),
    (SensitiveKind::Account, "密码 账户 账号 余额 存款 贷款 欠款 借钱 还债 房贷 信用卡 公积金账"),
    (
        SensitiveKind::Whereabouts,
        "小区 酒店 宾馆 航班 车次 定位 轨迹 路过 出现在 今晚在 昨晚在 回老家 搬到",
    ),
];

/// Somebody: the writer, kin, colleagues.
const PEOPLE: &str = "我 俺 咱家 本人 自己 他 她 老婆 爱人 媳妇 丈夫 老公 对象 孩子 儿子 女儿 闺女 父亲 \
         母亲 爸 妈 老人 家里 家人 岳父 岳母 公公 婆婆 同事 室友 舍友 师傅 徒弟 女工 有个人 \
         某某";

/// Places where a clause ends.
const CLAUSE_ENDS: [char; 14] =
    ['，', '。', '！', '？', '；', ',', '!', '?', ';', '\n', '…', '：', ':', '、'];

/// One automaton over all words, and what each of its patterns is.
struct Words {
    automaton: AhoCorasick,
    meanings: Vec<Meaning>,
}

#[derive(Clone, Copy)]
enum Meaning {
    Personal(SensitiveKind),
    BesideAPerson(SensitiveKind),
    Person,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of = |lists: [(SensitiveKind, &'static str); 3], meaning: fn(SensitiveKind) -> Meaning| {
        lists.into_iter().flat_map(move |(kind, words)| {
            words.split_whitespace().map(move |word| (word, meaning(kind)))
        })
    };
    let (patterns, meanings): (Vec<&str>, Vec<Meaning>) = of(PERSONAL, Meaning::Personal)
        .chain(of(BESIDE_A_PERSON, Meaning::BesideAPerson))
        .chain(PEOPLE.split_whitespace().map(|word| (word, Meaning::Person)))
        .unzip();
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(patterns)
        .expect("a few hundred short words make an automaton");
    Words { automaton, meanings }
});

/// The mentions in `text`, ascending.
pub fn sensitive_mentions(text: &str) -> Vec<SensitiveMention> {
    let mut mentions = Vec::new();
    let mut start = 0;
    for clause in text.split_inclusive(CLAUSE_ENDS) {
        mentions_in(clause, start, &mut mentions);
        start += clause.len();
    }
    mentions
}

fn mentions_in(clause: &str, start: usize, mentions: &mut Vec<SensitiveMention>) {
    let found: Vec<_> = WORDS
        .automaton
        .find_iter(clause)
        .map(|found| (WORDS.meanings[found.pattern().as_usize()], found.range()))
        .collect();
    let names_somebody = found.iter().any(|(meaning, _)| matches!(meaning, Meaning::Person));
    mentions.extend(found.into_iter().filter_map(|(meaning, range)| {
        let kind = match meaning {
            Meaning::Personal(kind) => kind,
            Meaning::BesideAPerson(kind) if names_somebody => kind,
            Meaning::BesideAPerson(_) | Meaning::Person => return None,
        };
        Some(SensitiveMention { range: start + range.start..start + range.end, kind })
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, SensitiveKind)]) {
        let found = sensitive_mentions(text);
        let found: Vec<_> = found
            .iter()
            .map(|mention| (text.get(mention.range.clone()).unwrap(), mention.kind))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_tells_of_somebody_is_flagged() {
        use SensitiveKind::{Account, Health, Whereabouts};
        check("怀孕五个月还排夜班", &[("怀孕", Health)]);
        check("班上有人查出尘肺，单位不管", &[("尘肺", Health)]);
        check("我腰椎间盘突出，重活干不了", &[("腰椎间盘", Health)]);
        check("她产假没休完就被叫回来", &[("产假", Health)]);
        check("干到崩溃，我天天失眠", &[("失眠", Health)]);
        check("工资卡里只剩两百块", &[("工资卡", Account)]);
        check("我的密码被班长要走了", &[("密码", Account)]);
        check("老公房贷还靠这点奖金", &[("房贷", Account)]);
        check("家住河口的每天来回四小时", &[("家住", Whereabouts)]);
        check("他昨晚在宾馆被看见", &[("昨晚在", Whereabouts), ("宾馆", Whereabouts)]);
        check("领导叫人跟踪我", &[("跟踪我", Whereabouts)]);
    }

    #[test]
    fn what_tells_of_a_thing_is_not() {
        for text in [
            "建议体检增加高血压项目",
            "系统账号三天两头登不上，密码规则太复杂",
            "食堂离小区太远，班车不进小区",
            "职业病防护讲座讲得好",
            "公积金账单看不懂",
            "住院报销流程太长",
            "出差订酒店标准太低",
            "车辆定位系统老掉线",
            "焦虑情绪疏导课很实用",
            "产假政策宣传不到位",
        ] {
            check(text, &[]);
        }
    }
}
