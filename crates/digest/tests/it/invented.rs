//! An invented company's released figures, brought out through the guard's own functions: its register, its shifts, its quotations.

use std::collections::BTreeMap;

use corpus::{Day, Direction, EmergingKind, Period, Polarity, SeriesKey, Shift, SourceId};
use digest::{AlarmQuotations, Detectable, DigestInput, Limits, Method, Promise, Regime};
use privacy::{
    AlarmContext, DetectableEffect, Disclosed, Facts, Figures, FormCounts, Guard,
    QuotationCandidate, QuotationSet, RegisterEntry, ReleaseRegister, ReleasedCell, ReleasedTable,
    SourceFacts, TopicCandidate,
};

const UNITS: [&str; 6] = [
    "采油一厂",
    "采油二厂",
    "井下作业公司",
    "职工培训中心",
    "机关后勤服务中心（含物业与车队）",
    "<script>alert(1)",
];
const SOURCES: [&str; 2] = ["意见箱", "内部论坛"];
const TOPICS: [&str; 4] = ["食堂", "倒班", "培训", "劳保用品"];
const MONTHS: usize = 10;

/// The digest of October 2026, with two shifts in it and one from before.
pub(crate) fn input() -> DigestInput {
    let table = table();
    DigestInput {
        shifts: Guard::default().release_shifts(shifts(), &table),
        emerging: Guard::default().release_topics(&matters(), &table),
        form_shares: Guard::default()
            .disclose_form_shares(Guard::default().form_shares(&form_counts()), &table),
        alarm_quotations: alarm_quotations(&table),
        changed_mixes: Guard::default().release_shifts(vec![mix()], &table),
        contexts: contexts(&table),
        regimes: regimes(),
        ..quiet_input()
    }
}

/// The same month without any shift and without texts.
pub(crate) fn quiet_input() -> DigestInput {
    let table = table();
    DigestInput {
        organization: "样例油田".to_owned(),
        period: month("2026-10"),
        prepared: day("2026-11-09"),
        shifts: Guard::default().release_shifts(Vec::new(), &table),
        emerging: Guard::default().release_topics(&[], &table),
        form_shares: Guard::default().disclose_form_shares(Vec::new(), &table),
        quotations: QuotationSet::empty(),
        alarm_quotations: Vec::new(),
        regimes: Vec::new(),
        changed_mixes: Guard::default().release_shifts(Vec::new(), &table),
        contexts: Guard::default().release_contexts(Vec::new(), &[], &table),
        detectable: Detectable {
            effects: Guard::default().release_detectable(detectable(), 28, &table),
            days: 14,
            false_alarms_per_series_year: 0.027,
        },
        table,
        exported: exported(),
        parents: BTreeMap::new(),
        facts: facts(),
        method: Method {
            detector: "按日序贯检验（校准模式）".to_owned(),
            promise: Promise::Calibrated { false_alarms_per_year: 2.0 },
            effect_min: 0.15,
            series_watched: 74,
            limits: Limits { k_score: 5, k_verbatim: 10, lowered: Vec::new(), agreed: Vec::new() },
        },
    }
}

/// A topic that fell twice, and the whole, which fell less.
fn regimes() -> Vec<Regime> {
    let of = |key: &SeriesKey, first: &str, last: &str, mean| Regime {
        key: key.clone(),
        first: month(first).first_day(),
        last: month(last).last_day(),
        mean,
        voices: 900,
    };
    let (whole, canteen) = (SeriesKey::default(), key(None, None, Some(TOPICS[0])));
    vec![
        of(&whole, "2026-01", "2026-08", 0.2),
        of(&whole, "2026-09", "2026-10", 0.1),
        of(&canteen, "2026-01", "2026-04", 0.3),
        of(&canteen, "2026-05", "2026-08", 0.1),
        of(&canteen, "2026-09", "2026-10", -0.2),
    ]
}

/// Forms of one source in the reported month and in the month before.
fn form_counts() -> Vec<FormCounts> {
    let of_month = |month_name: &str, form: &str| FormCounts {
        source: SourceId::new(SOURCES[0]).expect("a name"),
        month: month(month_name).month(),
        share: 0.11,
        forms: vec![(form.to_owned(), 24)],
    };
    vec![of_month("2026-09", "学以致用"), of_month("2026-10", "受益匪浅")]
}

/// Texts behind the first alarm of the month, whose series is a topic of a unit.
fn alarm_quotations(table: &Disclosed<ReleasedTable>) -> Vec<AlarmQuotations> {
    let sets = [(key(None, None, None), quotation_candidates())];
    let found = Guard::default().quotation_sets(&sets, table, 4);
    found.into_iter().map(|quotations| AlarmQuotations { shift: 1, quotations }).collect()
}

/// The training centre's mean fell because its contributors of one source fell silent.
fn mix() -> Shift {
    Shift {
        key: key(Some("职工培训中心"), None, None),
        alarm: day("2026-10-20"),
        effect: -0.18,
        effect_interval: (-0.3, -0.06),
        mean: (0.12, -0.06),
        ..shifts()[0].clone()
    }
}

fn contexts(table: &Disclosed<ReleasedTable>) -> Disclosed<Vec<AlarmContext>> {
    let (alarm, mix) = (shifts()[0].clone(), mix());
    let context = |shift: &Shift, mix_share, moved_by, also_visible_in| AlarmContext {
        key: shift.key.clone(),
        alarm: shift.alarm,
        mix_share: Some(mix_share),
        moved_by,
        also_visible_in,
    };
    let unreleased = key(Some("小队"), None, None);
    let all = vec![
        context(&alarm, 0.12, vec![], vec![key(Some("采油一厂"), None, None), unreleased.clone()]),
        context(
            &mix,
            0.83,
            vec![key(Some("职工培训中心"), Some("意见箱"), None), unreleased],
            vec![],
        ),
    ];
    let guard = Guard::default();
    let told = [guard.release_shifts(vec![alarm], table), guard.release_shifts(vec![mix], table)];
    guard.release_contexts(all, &[&told[0], &told[1]], table)
}

/// What would have been seen at the end of the month, in released series and in one that is not.
fn detectable() -> Vec<DetectableEffect> {
    let seen = |unit: &str, effect| DetectableEffect {
        key: key(Some(unit), None, None),
        day: day("2026-10-31"),
        effect,
    };
    vec![seen("采油一厂", Some(0.212)), seen("采油二厂", None), seen("小队", Some(0.4))]
}

/// A matter of the reported month and one of the month before.
fn matters() -> Vec<TopicCandidate> {
    let matter = |month_name: &str, term: &str, people| TopicCandidate {
        period: month(month_name),
        terms: vec![(term.to_owned(), people)],
        people,
        kind: EmergingKind::New,
        continues: None,
    };
    let again = TopicCandidate {
        kind: EmergingKind::Returning,
        continues: Some(0),
        ..matter("2026-10", "叉车充电", 12)
    };
    vec![matter("2026-09", "电动叉车", 30), matter("2026-10", "智能安全帽", 17), again]
}

/// Ten released months of everything, each unit, source and topic, and each unit with one more.
pub(crate) fn table() -> Disclosed<ReleasedTable> {
    Guard::default().table(&register())
}

/// Those of them that may leave as a file.
pub(crate) fn exported() -> Disclosed<ReleasedTable> {
    Guard::default().export(&register())
}

/// What was released, as the ledger has it.
pub(crate) fn register() -> ReleaseRegister {
    let cells = |month, number| -> Vec<ReleasedCell> {
        keys().into_iter().filter_map(|key| cell(key, month, number)).collect()
    };
    let months =
        std::iter::successors(Some(month("2026-01")), |month| Some(month.next())).take(MONTHS);
    let entries = months.enumerate().map(|(number, month)| RegisterEntry {
        period: month,
        limits: Guard::default().limits().values(),
        candidates: 60,
        cells: cells(month, number),
        people: cells(month, number).iter().map(people).collect(),
        text_conditions: None,
    });
    ReleaseRegister::new(entries)
}

/// Enough for a page everywhere, and enough for a file but in the topics of one unit.
fn people(cell: &ReleasedCell) -> u32 {
    let SeriesKey { unit, topic, .. } = &cell.key;
    let is_small = unit.as_ref().is_some_and(|unit| unit.as_str() == "采油二厂");
    if is_small && topic.is_some() { 12 } else { 34 }
}

/// What was read, with a source that lost a document on the way.
pub(crate) fn facts() -> Facts {
    let source = |name: &str, read, quarantined| SourceFacts {
        source: name.parse().expect("a name"),
        read,
        stored: 8010,
        folded: 412,
        known: 120,
        revised: 14,
        withdrawn: 2,
        quarantined,
        late: 31,
    };
    Facts {
        sources: vec![source("意见箱", 8214, 68), source("内部论坛", 8215, 68)],
        table_version: Some(42),
        versions: vec![
            ("config".to_owned(), "9f2c61d0a7be".to_owned()),
            ("lexicon".to_owned(), "b7741c02ef99".to_owned()),
        ],
    }
}

pub(crate) fn key(unit: Option<&str>, source: Option<&str>, topic: Option<&str>) -> SeriesKey {
    SeriesKey {
        unit: unit.map(|name| name.parse().expect("a unit name")),
        source: source.map(|name| name.parse().expect("a source name")),
        topic: topic.map(|name| name.parse().expect("a topic name")),
    }
}

pub(crate) fn month(name: &str) -> Period {
    name.parse().expect("a month")
}

pub(crate) fn day(name: &str) -> Day {
    name.parse().expect("a day")
}

/// Twelve people about the canteen, enough for the guard to let some of them be quoted.
pub(crate) fn quotation_candidates() -> Vec<QuotationCandidate> {
    let texts = [
        "<img src=x onerror=alert(1)> 菜偏咸，打饭的窗口又少开一个。",
        "食堂晚班的菜到九点就只剩两样，热的没有，盼着能像早班那样留一份。",
        "换了承包单位以后米饭夹生，反映过一次，说要研究。",
        "价钱涨了两块，份量没见多。",
        "面食窗口排到门外，午休去掉一半。",
        "汤桶见底没人添，问了说下班了。",
        "炒青菜里吃出过沙子，洗得不仔细。",
        "夜里送到井场的盒饭是凉的，保温箱该换了。",
        "早点种类比上个月少，豆浆常常没有。",
        "刷卡机一坏就只收现金，身上没带只好饿着。",
        "餐盘油腻，消毒柜的灯从来不亮。",
        "菜单贴的和卖的不是一回事。",
    ];
    let candidate = |(voice, text): (u64, &str)| QuotationCandidate {
        text: text.to_owned(),
        source: "意见箱".parse().expect("a source name"),
        unit: Some("采油一厂".parse().expect("a unit name")),
        month: month("2026-10").month(),
        polarity: Some(Polarity::Negative),
        voice,
        is_contributor: true,
        style_risk: voice as f32 / 100.0,
    };
    (0..).zip(texts).map(candidate).collect()
}

fn keys() -> Vec<SeriesKey> {
    let mut keys = vec![SeriesKey::default()];
    keys.extend(SOURCES.map(|source| key(None, Some(source), None)));
    keys.extend(TOPICS.map(|topic| key(None, None, Some(topic))));
    for unit in UNITS {
        keys.push(key(Some(unit), None, None));
        keys.extend(SOURCES.map(|source| key(Some(unit), Some(source), None)));
        keys.extend(TOPICS.map(|topic| key(Some(unit), None, Some(topic))));
    }
    keys
}

/// Figures that vary a little from month to month; `None` where too few wrote.
fn cell(key: SeriesKey, period: Period, number: usize) -> Option<ReleasedCell> {
    let is_new_topic = key.topic.as_ref().is_some_and(|topic| topic.as_str() == "劳保用品");
    if is_new_topic && number + 1 < MONTHS {
        return None;
    }
    let seed = key
        .to_string()
        .bytes()
        .fold(number as u32 + 7, |seed, byte| seed.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let noise = f64::from(seed % 97) / 97.0 - 0.5;
    let attributes = [
        &key.unit.as_ref().map(|n| n.as_str()),
        &key.topic.as_ref().map(|n| n.as_str()),
        &key.source.as_ref().map(|n| n.as_str()),
    ];
    let voices =
        [640, 130, 34][attributes.iter().filter(|name| name.is_some()).count()] + seed % 40;
    let is_one_sided = key.unit.as_ref().is_some_and(|unit| unit.as_str() == "井下作业公司")
        && key.topic.is_some();
    if is_one_sided && number % 3 == 2 {
        return None;
    }
    if is_one_sided {
        let figures = Figures::Range {
            voices,
            positive_share: (0.0, 0.25),
            negative_share: (0.5, 1.0),
            neutral_share: (0.0, 0.25),
            mean: (-1.0, -0.3),
        };
        return Some(ReleasedCell { key, period, figures });
    }
    let is_shifted = key.unit.as_ref().is_some_and(|unit| unit.as_str() == "采油一厂")
        && key.topic.as_ref().is_none_or(|topic| topic.as_str() == "食堂");
    let mean = 0.08 + 0.12 * noise - if is_shifted && number >= 8 { 0.34 } else { 0.0 };
    let half = 1.47 / f64::from(voices).sqrt();
    let (negative_share, positive_share) = (0.34 - mean / 2.0, 0.34 + mean / 2.0);
    let figures = Figures::Shown {
        voices,
        positive_share,
        negative_share,
        neutral_share: 0.32,
        mean,
        mean_interval: (mean - half, mean + half),
    };
    Some(ReleasedCell { key, period, figures })
}

/// All shifts, before the guard.
pub(crate) fn shifts() -> Vec<Shift> {
    let canteen = Shift {
        key: key(Some("采油一厂"), None, Some("食堂")),
        direction: Direction::Worse,
        alarm: day("2026-10-04"),
        began: (day("2026-09-02"), day("2026-09-16")),
        began_likely: day("2026-09-08"),
        effect: -0.36,
        effect_interval: (-0.47, -0.25),
        voices: (1320, 496),
        mean: (0.21, -0.15),
    };
    let unit = Shift {
        key: key(Some("采油一厂"), None, None),
        alarm: day("2026-10-14"),
        effect: -0.21,
        effect_interval: (-0.30, -0.12),
        voices: (3120, 1204),
        mean: (0.12, -0.09),
        ..canteen.clone()
    };
    let training = Shift {
        key: key(Some("职工培训中心"), None, Some("培训")),
        direction: Direction::Better,
        alarm: day("2026-05-12"),
        began: (day("2026-04-28"), day("2026-05-06")),
        began_likely: day("2026-05-02"),
        effect: 0.28,
        effect_interval: (0.12, 0.41),
        voices: (420, 130),
        mean: (-0.05, 0.23),
    };
    vec![canteen, unit, training]
}
