//! The clause bank: what people of an oil field say about their matters, written by hand for this project.
//!
//! One file a matter, in sections `## scene`, `## negative`, `## positive`, `## neutral`, `## wish` and `## tiny_…`; `bank/common.txt` holds what fits any matter, `bank/boilerplate.txt` what fits any course.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};

use crate::clause::{Clause, SlotLists};

/// A matter that documents speak about: a topic of the taxonomy, or the one that emerges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matter {
    Canteen,
    Dormitory,
    Safety,
    ShiftWork,
    Training,
    Wages,
    Commuting,
    Equipment,
    Systems,
    Medical,
    /// The pilot of a helmet with sensors: nobody has words for it before August.
    SmartHelmet,
}

impl Matter {
    /// All matters that are spoken of all year.
    pub const EVERYDAY: [Self; 10] = [
        Self::Canteen,
        Self::Dormitory,
        Self::Safety,
        Self::ShiftWork,
        Self::Training,
        Self::Wages,
        Self::Commuting,
        Self::Equipment,
        Self::Systems,
        Self::Medical,
    ];

    /// The topic's id in `dictionaries/topics.toml`; of the emerging one, its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Canteen => "食堂",
            Self::Dormitory => "宿舍",
            Self::Safety => "安全生产",
            Self::ShiftWork => "倒班",
            Self::Training => "培训学习",
            Self::Wages => "薪酬",
            Self::Commuting => "通勤",
            Self::Equipment => "设备",
            Self::Systems => "办公信息化",
            Self::Medical => "医疗",
            Self::SmartHelmet => "智能安全帽",
        }
    }

    /// Topics of the taxonomy that hold this one or are parts of it.
    pub fn related_topics(self) -> &'static [&'static str] {
        match self {
            Self::Canteen | Self::Dormitory | Self::Commuting | Self::Medical => &["生活服务"],
            Self::Training => &["课程内容", "授课教师", "培训组织"],
            _ => &[],
        }
    }

    /// Words by which people call the matter.
    pub fn spoken_names(self) -> &'static [&'static str] {
        match self {
            Self::Canteen => &["食堂", "伙食", "饭菜"],
            Self::Dormitory => &["宿舍", "公寓", "寝室"],
            Self::Safety => &["安全", "隐患", "安全生产"],
            Self::ShiftWork => &["倒班", "夜班", "排班"],
            Self::Training => &["培训", "培训班", "这次培训"],
            Self::Wages => &["工资", "奖金", "待遇"],
            Self::Commuting => &["班车", "通勤", "通勤车"],
            Self::Equipment => &["设备", "检修", "备件"],
            Self::Systems => &["系统", "电脑", "网络"],
            Self::Medical => &["体检", "看病", "医保"],
            Self::SmartHelmet => &["智能安全帽"],
        }
    }

    /// Words of which a text about this matter should hold one, so that a reader, and the rules of the taxonomy, can tell the matter from the text alone.
    pub fn anchors(self) -> &'static [&'static str] {
        match self {
            Self::Canteen => &[
                "食堂",
                "餐厅",
                "伙食",
                "饭菜",
                "早饭",
                "午饭",
                "晚饭",
                "夜宵",
                "打饭",
                "打菜",
                "就餐",
                "用餐",
                "吃饭",
                "米饭",
                "馒头",
                "食材",
                "餐盘",
                "餐具",
                "菜谱",
                "饭卡",
                "饭补",
                "餐补",
                "盒饭",
                "班中餐",
                "早餐",
                "厨师",
                "菜品",
            ],
            Self::Dormitory => &[
                "宿舍",
                "公寓",
                "寝室",
                "室友",
                "宿管",
                "床位",
                "床垫",
                "被褥",
                "洗衣机",
                "楼道",
                "空调",
                "暖气",
            ],
            Self::Safety => &[
                "安全",
                "隐患",
                "护栏",
                "动火",
                "作业票",
                "应急",
                "消防",
                "灭火器",
                "事故",
                "吊装",
            ],
            Self::ShiftWork => {
                &["倒班", "夜班", "排班", "轮休", "值班", "换班", "接班", "交班", "替班", "白班"]
            }
            Self::Training => {
                &["培训", "课程", "上课", "听课", "授课", "讲师", "教材", "实操", "学员"]
            }
            Self::Wages => {
                &["工资", "奖金", "津贴", "补贴", "绩效", "薪", "待遇", "罚款", "年终奖"]
            }
            Self::Commuting => &["班车", "通勤", "发车", "站点", "候车", "大巴", "末班车"],
            Self::Equipment => &[
                "设备",
                "泵",
                "抽油机",
                "仪表",
                "备件",
                "检修",
                "维修",
                "阀门",
                "管线",
                "保养",
                "机器",
            ],
            Self::Systems => &["系统", "网络", "电脑", "软件", "网速", "账号", "平台", "邮箱"],
            Self::Medical => &["医院", "体检", "看病", "卫生所", "医保", "挂号", "急救", "药箱"],
            Self::SmartHelmet => &["智能安全帽"],
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Canteen => include_str!("../bank/canteen.txt"),
            Self::Dormitory => include_str!("../bank/dormitory.txt"),
            Self::Safety => include_str!("../bank/safety.txt"),
            Self::ShiftWork => include_str!("../bank/shift_work.txt"),
            Self::Training => include_str!("../bank/training.txt"),
            Self::Wages => include_str!("../bank/wages.txt"),
            Self::Commuting => include_str!("../bank/commuting.txt"),
            Self::Equipment => include_str!("../bank/equipment.txt"),
            Self::Systems => include_str!("../bank/systems.txt"),
            Self::Medical => include_str!("../bank/medical.txt"),
            Self::SmartHelmet => include_str!("../bank/smart_helmet.txt"),
        }
    }
}

/// All clauses, dealt like cards: a section repeats a clause only after it has used every other.
#[derive(Debug)]
pub struct Bank {
    sections: BTreeMap<(Option<Matter>, String), Deck>,
    slots: Arc<SlotLists>,
    synonyms: Vec<Vec<&'static str>>,
}

#[derive(Debug)]
struct Deck {
    clauses: Vec<Clause>,
    left: Vec<usize>,
}

impl Bank {
    /// Reads the bank that is built into this crate.
    pub fn new() -> Self {
        let mut sections = BTreeMap::new();
        for matter in Matter::EVERYDAY.into_iter().chain([Matter::SmartHelmet]) {
            for (section, clauses) in read_sections(matter.file()) {
                sections.insert((Some(matter), section), Deck { clauses, left: Vec::new() });
            }
        }
        for file in [include_str!("../bank/common.txt"), include_str!("../bank/boilerplate.txt")] {
            for (section, clauses) in read_sections(file) {
                sections.insert((None, section), Deck { clauses, left: Vec::new() });
            }
        }
        let synonyms = include_str!("../bank/synonyms.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('|').collect());
        Self {
            sections,
            slots: Arc::new(read_sections(include_str!("../bank/slots.txt"))),
            synonyms: synonyms.collect(),
        }
    }

    /// The lists that fill slots.
    pub fn slots(&self) -> Arc<SlotLists> {
        Arc::clone(&self.slots)
    }

    /// Lets another word of its set stand for about half of the words that have one, the same throughout the text.
    pub fn with_synonyms(&self, mut text: String, rng: &mut StdRng) -> String {
        for set in &self.synonyms {
            let found =
                set.iter().filter(|word| text.contains(**word)).max_by_key(|word| word.len());
            // 干干净净 holds 干净, but is no place for another word.
            let doubled = |word: &str| {
                word.chars().next().is_some_and(|first| text.contains(&format!("{first}{word}")))
            };
            if let Some(found) = found
                && !doubled(found)
                && rng.random_bool(0.5)
            {
                text = text.replace(*found, set.choose(rng).expect("a set has members"));
            }
        }
        text
    }

    /// The next clause of a section whose tag is in `tags`; `None` when the section is missing or has none that fits.
    pub fn deal(
        &mut self,
        matter: Option<Matter>,
        section: &str,
        tags: &[&str],
        rng: &mut StdRng,
    ) -> Option<Clause> {
        let deck = self.sections.get_mut(&(matter, section.to_owned()))?;
        let fits = |clause: &Clause| clause.tag.as_deref().is_none_or(|tag| tags.contains(&tag));
        for _ in 0..2 {
            if let Some(at) = deck.left.iter().rposition(|index| fits(&deck.clauses[*index])) {
                let index = deck.left.remove(at);
                return Some(deck.clauses[index].clone());
            }
            deck.left = (0..deck.clauses.len()).collect();
            deck.left.shuffle(rng);
        }
        None
    }

    /// Clauses of one matter or, with `None`, of the common file, by section.
    pub fn clause_counts(&self, matter: Option<Matter>) -> BTreeMap<&str, usize> {
        self.sections
            .iter()
            .filter(|((of, _), _)| *of == matter)
            .map(|((_, section), deck)| (section.as_str(), deck.clauses.len()))
            .collect()
    }
}

impl Default for Bank {
    fn default() -> Self {
        Self::new()
    }
}

fn read_sections(file: &str) -> BTreeMap<String, Vec<Clause>> {
    let mut sections: BTreeMap<String, Vec<Clause>> = BTreeMap::new();
    let mut section = String::new();
    for line in file.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut section);
        } else if !line.starts_with('#') {
            sections.entry(section.clone()).or_default().push(Clause::parse(line));
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_a_list_and_every_matter_its_sections() {
        let bank = Bank::new();
        let from_documents = ["unit", "weekday", "month"];
        let all = bank
            .sections
            .values()
            .flat_map(|deck| &deck.clauses)
            .chain(bank.slots.values().flatten());
        for slot in all.flat_map(Clause::slots) {
            assert!(
                bank.slots.contains_key(slot) || from_documents.contains(&slot),
                "slot {slot} has no list"
            );
        }
        for matter in Matter::EVERYDAY {
            let counts = bank.clause_counts(Some(matter));
            for section in ["scene", "negative", "positive", "neutral", "wish"] {
                assert!(
                    counts.get(section).is_some_and(|count| *count >= 10),
                    "{}: {section} {counts:?}",
                    matter.name()
                );
            }
        }
    }

    #[test]
    fn no_clause_of_the_bank_stands_there_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for matter in Matter::EVERYDAY {
            for line in
                matter.file().lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
            {
                assert!(seen.insert(line), "twice: {line}");
            }
        }
    }
}
