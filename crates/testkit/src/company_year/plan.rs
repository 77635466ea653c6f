//! What happens in the year: who writes where, how much, and what changes when.

use corpus::{Day, Direction};

use crate::bank::Matter;
use crate::compose::Register;

/// A source of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    SuggestionBox,
    Training,
    Canteen,
    Forum,
    Comments,
    /// Notes that an old machine exports as UTF-16, without contributor ids.
    NoticeBoard,
    /// A project abroad whose machines write Big5.
    Overseas,
}

/// Shares of positive, negative, neutral and mixed texts.
pub type Shares = [f64; 4];

/// A change of polarity, planted.
#[derive(Debug, Clone, Copy)]
pub struct PlannedShift {
    pub matter: Matter,
    pub unit: Option<&'static str>,
    /// Whether the series is the source that asks about the matter, rather than the topic.
    pub by_source: Option<Source>,
    pub begins: (u32, u32),
    pub direction: Direction,
    pub shares: Shares,
    /// Tag of the clauses that tell of it.
    pub tag: &'static str,
    pub why: &'static str,
}

/// A time in which one matter is written about more, so that a day has enough voices.
#[derive(Debug, Clone, Copy)]
pub struct Campaign {
    pub matter: Matter,
    pub unit: Option<&'static str>,
    pub from: (u32, u32),
    pub to: (u32, u32),
    /// Documents on a working day, at least and at most.
    pub workday: (u32, u32),
    /// The same on a weekend.
    pub weekend: (u32, u32),
    pub sources: &'static [(Source, u32)],
}

/// Shares that hold wherever nothing is planted. One set for all matters, so that a changed mix of matters is no shift.
pub const EVERYDAY_SHARES: Shares = [0.43, 0.34, 0.13, 0.10];

/// Documents on an ordinary working day, beside the campaigns.
pub(super) const EVERYDAY_DOCUMENTS: f64 = 37.0;

pub const SHIFTS: [PlannedShift; 3] = [
    PlannedShift {
        matter: Matter::Canteen,
        unit: Some("采油一厂"),
        by_source: None,
        begins: (5, 12),
        direction: Direction::Worse,
        shares: [0.14, 0.67, 0.10, 0.09],
        tag: "price_rise",
        why: "采油一厂的食堂涨价",
    },
    PlannedShift {
        matter: Matter::Training,
        unit: None,
        by_source: Some(Source::Training),
        begins: (9, 1),
        direction: Direction::Better,
        shares: [0.74, 0.10, 0.09, 0.07],
        tag: "hands_on",
        why: "新实训楼启用，课程按工种重编",
    },
    PlannedShift {
        matter: Matter::Commuting,
        unit: None,
        by_source: None,
        begins: (11, 10),
        direction: Direction::Worse,
        shares: [0.15, 0.65, 0.11, 0.09],
        tag: "rerouted",
        why: "班车调线合并",
    },
];

pub const CAMPAIGNS: [Campaign; 4] = [
    Campaign {
        matter: Matter::Canteen,
        unit: Some("采油一厂"),
        from: (3, 24),
        to: (6, 15),
        workday: (38, 46),
        weekend: (34, 38),
        sources: &[(Source::Canteen, 8), (Source::SuggestionBox, 1), (Source::Forum, 1)],
    },
    Campaign {
        matter: Matter::Training,
        unit: None,
        from: (7, 14),
        to: (10, 5),
        workday: (38, 46),
        weekend: (35, 38),
        sources: &[(Source::Training, 1)],
    },
    Campaign {
        matter: Matter::Commuting,
        unit: None,
        from: (9, 22),
        to: (12, 14),
        workday: (38, 46),
        weekend: (35, 39),
        sources: &[(Source::Forum, 4), (Source::Comments, 4), (Source::SuggestionBox, 2)],
    },
    DORMITORY_BURST,
];

/// Moving-in weeks: many more words, no change of polarity.
pub(super) const DORMITORY_BURST: Campaign = Campaign {
    matter: Matter::Dormitory,
    unit: None,
    from: (7, 7),
    to: (7, 20),
    workday: (22, 30),
    weekend: (18, 24),
    sources: &[(Source::Forum, 4), (Source::Comments, 3), (Source::SuggestionBox, 3)],
};

/// First day of the helmet pilot, and the units that take part.
pub(super) const HELMET_BEGINS: (u32, u32) = (8, 4);
pub(super) const HELMET_UNITS: [&str; 3] = ["采油一厂", "作业大队", "集输总站"];

/// Copies of one text in three days: a duplicate storm that is no shift.
pub(super) const STORM: (Matter, (u32, u32), usize) = (Matter::Wages, (4, 16), 30);

/// Share of extra rows that are broken.
pub(super) const BROKEN_SHARE: f64 = 0.01;

impl Source {
    pub const ALL: [Self; 7] = [
        Self::SuggestionBox,
        Self::Training,
        Self::Canteen,
        Self::Forum,
        Self::Comments,
        Self::NoticeBoard,
        Self::Overseas,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::SuggestionBox => "职工意见箱",
            Self::Training => "培训评估",
            Self::Canteen => "食堂满意度调查",
            Self::Forum => "内部论坛",
            Self::Comments => "公众号留言",
            Self::NoticeBoard => "班组留言板",
            Self::Overseas => "海外项目留言",
        }
    }

    /// Two letters in front of the source's ids.
    pub(super) fn id_prefix(self) -> &'static str {
        match self {
            Self::SuggestionBox => "YJ",
            Self::Training => "PX",
            Self::Canteen => "ST",
            Self::Forum => "LT",
            Self::Comments => "GZ",
            Self::NoticeBoard => "BZ",
            Self::Overseas => "HW",
        }
    }

    pub(super) fn register(self) -> Register {
        match self {
            Self::SuggestionBox => Register::Formal,
            Self::Training | Self::Canteen => Register::Form,
            Self::Forum => Register::Forum,
            Self::Comments | Self::NoticeBoard | Self::Overseas => Register::Comment,
        }
    }

    /// Out of 100 everyday documents.
    pub(super) fn everyday_weight(self) -> u32 {
        match self {
            Self::SuggestionBox => 23,
            Self::Training => 16,
            Self::Canteen => 15,
            Self::Forum => 23,
            Self::Comments => 20,
            Self::NoticeBoard => 2,
            Self::Overseas => 1,
        }
    }

    /// The one matter that a form asks about.
    pub(super) fn asks_about(self) -> Option<Matter> {
        match self {
            Self::Training => Some(Matter::Training),
            Self::Canteen => Some(Matter::Canteen),
            _ => None,
        }
    }

    pub(super) fn is_rated(self) -> bool {
        matches!(self, Self::Training | Self::Canteen)
    }

    pub(super) fn questions(self) -> &'static [&'static str] {
        match self {
            Self::Training => &[
                "您对本课程的总体评价是什么？",
                "讲师的授课怎么样？",
                "教材和课件是否合用？",
                "实操环节您有什么感受？",
                "培训的组织和服务如何？",
                "学到的内容能用在岗位上吗？",
                "您最想说的一句话",
                "对今后的培训有什么建议？",
            ],
            Self::Canteen => &[
                "您对最近一次就餐有什么感受？",
                "饭菜的味道和价格怎么样？",
                "食堂的服务和卫生如何？",
                "您希望食堂改进什么？",
                "其他想说的",
            ],
            _ => &[],
        }
    }
}

impl PlannedShift {
    /// First day of the shift.
    pub fn first_day(&self) -> Day {
        day(self.begins)
    }

    pub(super) fn concerns(&self, matter: Matter, unit: &str) -> bool {
        self.matter == matter && self.unit.is_none_or(|own| own == unit)
    }
}

impl Campaign {
    pub(super) fn runs_on(&self, today: Day) -> bool {
        (day(self.from)..=day(self.to)).contains(&today)
    }
}

/// A day of the sample's year.
pub(super) fn day((month, day): (u32, u32)) -> Day {
    Day::from_ymd(2025, month, day).expect("the plan names days that exist")
}
