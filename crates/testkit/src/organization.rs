//! The fictitious oil field 青禾油田: its units and people, and small sets of documents and series for other crates' tests.

use std::collections::BTreeSet;

use corpus::{
    Author, DailySeries, Day, DayVoices, EventTime, Locator, Origin, RawDocument, SeriesKey, UnitId,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::bank::{Bank, Matter};
use crate::compose::{Register, Request, Stance, compose};
use crate::identifier::employee_id;

/// Name and roster size of each unit; three are so small that nothing of theirs may be shown alone.
pub const UNITS: [(&str, u32); 13] = [
    ("采油一厂", 318),
    ("采油二厂", 236),
    ("采气厂", 164),
    ("钻井公司", 172),
    ("作业大队", 148),
    ("集输总站", 121),
    ("供电公司", 92),
    ("后勤服务公司", 88),
    ("职工医院", 61),
    ("通勤车队", 47),
    ("信息中心", 29),
    ("质检所", 17),
    ("档案馆", 8),
];

/// Somebody who writes. The numbers and names are invented.
#[derive(Debug, Clone)]
pub struct Person {
    pub unit: &'static str,
    /// Employee number, as forms ask for it.
    pub employee_id: String,
    /// Forum name.
    pub nickname: String,
    /// Account id under a public account.
    pub open_id: String,
}

/// The people of all units.
#[derive(Debug, Clone)]
pub struct Organization {
    pub people: Vec<Person>,
}

impl Organization {
    /// Invents a person for each place of the roster.
    pub fn new(rng: &mut StdRng) -> Self {
        let mut people = Vec::new();
        let mut nicknames = BTreeSet::new();
        for (unit, roster) in UNITS {
            for _ in 0..roster {
                let nickname = loop {
                    let nickname = nickname(rng);
                    if nicknames.insert(nickname.clone()) {
                        break nickname;
                    }
                };
                let employee_id = employee_id(20_000 + people.len() as u32 * 7);
                let open_id = format!("o{:015x}", rng.random_range(0..1u64 << 60));
                people.push(Person { unit, employee_id, nickname, open_id });
            }
        }
        Self { people }
    }

    /// Somebody of `unit`, or of any unit, whose index is not in `not`; a few people write much more than others.
    pub fn somebody(&self, unit: Option<&str>, not: &BTreeSet<usize>, rng: &mut StdRng) -> usize {
        for _ in 0..400 {
            // The square of a uniform draw: the first tenth of a roster writes a third of the documents.
            let (start, len) = self.range(unit);
            let place = rng.random_range(0.0..1.0f64);
            let index = start + self.scattered((place * place * len as f64) as usize, len);
            if !not.contains(&index) {
                return index;
            }
        }
        let (start, len) = self.range(unit);
        (start..start + len).find(|index| !not.contains(index)).unwrap_or(start)
    }

    fn range(&self, unit: Option<&str>) -> (usize, usize) {
        match unit {
            None => (0, self.people.len()),
            Some(unit) => {
                let start = self
                    .people
                    .iter()
                    .position(|person| person.unit == unit)
                    .expect("units come from UNITS");
                (start, self.people.iter().filter(|person| person.unit == unit).count())
            }
        }
    }

    /// Spreads the frequent writers over the whole list: 7919 is prime and larger than any roster, so this is a permutation.
    fn scattered(&self, place: usize, len: usize) -> usize {
        place * 7919 % len
    }
}

/// `n` documents over everyday matters, one a person and hour of 2025, for tests that need some realistic input.
pub fn documents(seed: u64, n: usize) -> Vec<RawDocument> {
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut bank, organization) = (Bank::new(), Organization::new(&mut rng));
    let start = Day::from_ymd(2025, 1, 1).expect("a date");
    (0..n)
        .map(|at| {
            let person = &organization.people[rng.random_range(0..organization.people.len())];
            let stances = [
                Stance::Positive,
                Stance::Negative,
                Stance::Positive,
                Stance::Negative,
                Stance::Neutral,
                Stance::Mixed,
            ];
            let request = Request {
                matter: *Matter::EVERYDAY.choose(&mut rng).expect("not empty"),
                stance: *stances.choose(&mut rng).expect("not empty"),
                register: Register::Formal,
                unit: person.unit,
                month: 5,
                tags: &[],
            };
            RawDocument {
                origin: Origin {
                    locator: Locator { origin: "testkit".into(), position: at as u64 + 1 },
                    external_id: Some(format!("T{at:06}")),
                    posted_at: EventTime::start_of(start.plus((at % 365) as i32)),
                    unit: Some(UnitId::new(person.unit).expect("unit names are valid")),
                    rating: None,
                    author: Author::new(person.employee_id.clone()),
                    receipt: None,
                },
                question: None,
                text: compose(&mut bank, &request, &mut rng),
            }
        })
        .collect()
}

/// What [`planted_series`] makes.
#[derive(Debug, Clone, Copy)]
pub struct SeriesPlan {
    pub days: usize,
    pub voices_a_day: u32,
    /// Shares of positive and negative voices before the shift; the rest is neutral.
    pub shares: (f64, f64),
    /// Index of the shift's first day and the shares from then on.
    pub shift: Option<(usize, (f64, f64))>,
}

/// A daily series with known shares; weekends have half the voices.
pub fn planted_series(seed: u64, key: SeriesKey, start: Day, plan: &SeriesPlan) -> DailySeries {
    let mut rng = StdRng::seed_from_u64(seed);
    let days = (0..plan.days)
        .map(|index| {
            let (positive, negative) = match plan.shift {
                Some((first, shares)) if index >= first => shares,
                _ => plan.shares,
            };
            let weekend = start.plus(index as i32).weekday() >= 5;
            let count = if weekend { plan.voices_a_day / 2 } else { plan.voices_a_day };
            let mut voices = DayVoices::default();
            for _ in 0..count {
                let draw: f64 = rng.random();
                if draw < positive {
                    voices.positive += 1;
                } else if draw < positive + negative {
                    voices.negative += 1;
                } else {
                    voices.neutral += 1;
                }
            }
            voices.score_sum = f64::from(voices.positive) - f64::from(voices.negative);
            Some(voices)
        })
        .collect();
    DailySeries { key, start, days }
}

fn nickname(rng: &mut StdRng) -> String {
    const FIRST: [&str; 24] = [
        "井口",
        "戈壁",
        "泵房",
        "夜班",
        "稻田",
        "芦苇荡",
        "北坡",
        "抽油机下",
        "值班室",
        "晨光",
        "大雁",
        "盐碱滩",
        "老槐树",
        "半碗",
        "采油树",
        "沙枣",
        "河套",
        "风车",
        "渡口",
        "三月",
        "小站",
        "扳手",
        "盘根",
        "管线",
    ];
    const SECOND: [&str; 24] = [
        "的风",
        "小孙",
        "一枝花",
        "守望者",
        "不加糖",
        "老把式",
        "看月亮",
        "数星星",
        "旁听生",
        "追风",
        "听雨",
        "阿木",
        "小钢炮",
        "慢半拍",
        "石榴",
        "米线",
        "青苔",
        "不困",
        "又加班",
        "找扳手",
        "晒太阳",
        "大力",
        "摸鱼",
        "在路上",
    ];
    let number =
        if rng.random_bool(0.6) { String::new() } else { rng.random_range(1..9999).to_string() };
    format!(
        "{}{}{number}",
        FIRST.choose(rng).expect("not empty"),
        SECOND.choose(rng).expect("not empty")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_the_same_for_the_same_seed() {
        let texts = |seed| {
            documents(seed, 20).into_iter().map(|document| document.text).collect::<Vec<_>>()
        };
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
    }

    #[test]
    fn a_planted_shift_moves_the_shares_from_its_first_day() {
        let plan = SeriesPlan {
            days: 100,
            voices_a_day: 60,
            shares: (0.5, 0.3),
            shift: Some((50, (0.2, 0.7))),
        };
        let series =
            planted_series(4, SeriesKey::default(), Day::from_ymd(2025, 1, 6).unwrap(), &plan);
        let mean = |days: &[Option<DayVoices>]| {
            let (sum, count) = days
                .iter()
                .flatten()
                .fold((0.0, 0), |(sum, count), day| (sum + day.score_sum, count + day.total()));
            sum / f64::from(count)
        };
        assert!(mean(&series.days[..50]) > 0.1 && mean(&series.days[50..]) < -0.4);
    }
}
