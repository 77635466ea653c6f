//! The organization under attack: who works where, what an insider knows of everybody, and what was written in half a year.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use corpus::{BearerCode, Day, Period};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};
use testkit::bank::{Bank, Matter};
use testkit::compose::{Register, Request, Stance, compose};
use testkit::identifier;

use super::Settings;

/// Where people write: name, whether everybody can read the texts there, and the share of all documents.
pub(super) const SOURCES: [(&str, bool, f64); 3] =
    [("职工意见箱", false, 0.5), ("季度问卷", false, 0.3), ("内网论坛", true, 0.2)];

const DEPARTMENTS: [&str; 5] = ["采油一厂", "采油二厂", "作业大队", "集输总站", "后勤公司"];
/// Seven teams are so small that nothing of theirs may ever be shown.
const TEAM_SIZES: [usize; 25] =
    [2, 3, 3, 4, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 27, 30, 40, 45];
const DOCUMENTS: usize = 1191;
/// Teams and documents of the small organization, for the test.
const SMALL_TEAMS: [usize; 9] = [2, 3, 4, 5, 9, 14, 22, 30, 45];
const SMALL_DOCUMENTS: usize = 320;
/// The first day, a Monday, and how long people write: all of it lies in months that are long closed.
const START: (i32, u32, u32) = (2026, 3, 2);
const DAYS: i32 = 26 * 7;
const SMALL_DAYS: i32 = 60;
/// People of a department from whom on it may be told of by week.
const WEEKLY_PEOPLE_MIN: usize = 50;
/// Every so manieth document came with a receipt.
const RECEIPT_EVERY: usize = 3;
/// Of the people, who writes at all and who has a word that nobody else uses.
const WRITERS: f64 = 0.73;
const OWN_WORDS: f64 = 0.12;

/// Somebody, as a colleague knows them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) number: String,
    pub(super) team: usize,
    /// A word that only they use.
    pub(super) own_word: Option<String>,
}

/// A team of a department.
#[derive(Debug, Clone)]
pub(super) struct Team {
    pub(super) name: String,
    pub(super) department: &'static str,
    pub(super) size: usize,
}

/// One document as it was handed in.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) person: usize,
    /// Index into [`SOURCES`].
    pub(super) source: usize,
    pub(super) day: Day,
    pub(super) text: String,
    /// An identifier that its writer let slip.
    pub(super) secret: Option<String>,
}

/// Everything that is true.
#[derive(Debug, Clone)]
pub(super) struct Organization {
    pub(super) teams: Vec<Team>,
    pub(super) people: Vec<Person>,
    pub(super) documents: Vec<Written>,
    /// Whether it is the small one: then attacks ask fewer questions.
    pub(super) is_small: bool,
    is_weekly: bool,
}

impl Organization {
    /// Invents one from a seed.
    pub(super) fn new(settings: &Settings) -> Self {
        let Settings { seed, is_small, is_weekly, .. } = *settings;
        let mut rng = StdRng::seed_from_u64(seed);
        let sizes: &[usize] = if is_small { &SMALL_TEAMS } else { &TEAM_SIZES };
        let teams = teams(sizes, &mut rng);
        let people = people(&teams, &mut rng);
        let mut organization = Self { teams, people, documents: Vec::new(), is_small, is_weekly };
        let (count, days) =
            if is_small { (SMALL_DOCUMENTS, SMALL_DAYS) } else { (DOCUMENTS, DAYS) };
        organization.write(count, days, &mut rng);
        organization
    }

    /// The settings under which the organization runs the product.
    pub(super) fn settings(&self) -> String {
        let period = |unit: Option<&str>| if self.is_weekly(unit) { "week" } else { "month" };
        let mut toml = String::from("[organization]\nname = \"青禾油田\"\n");
        let _ = writeln!(toml, "period = \"{}\"", period(None));
        for department in DEPARTMENTS {
            let roster = self.roster(department);
            if roster > 0 {
                let _ = writeln!(
                    toml,
                    "[[organization.unit]]\nname = \"{department}\"\nroster = {roster}\nperiod = \"{}\"",
                    period(Some(department))
                );
            }
        }
        for team in &self.teams {
            let _ = writeln!(
                toml,
                "[[organization.unit]]\nname = \"{}\"\nroster = {}\nparent = \"{}\"",
                team.name, team.size, team.department
            );
        }
        for (index, (name, is_open, _)) in SOURCES.iter().enumerate() {
            let visibility = if *is_open { "open" } else { "confidential" };
            let _ = writeln!(
                toml,
                "[[source]]\nname = \"{name}\"\nvisibility = \"{visibility}\"\nground = \"仿真\"\nfiles = [\"source{index}.jsonl\"]\nmap = {{ receipt = \"receipt\" }}"
            );
        }
        toml
    }

    /// Whether a unit, or the organization as a whole, is told of by week.
    pub(super) fn is_weekly(&self, unit: Option<&str>) -> bool {
        self.is_weekly && unit.is_none_or(|unit| self.roster(unit) >= WEEKLY_PEOPLE_MIN)
    }

    /// The period in which a document of `day` counts.
    pub(super) fn period(&self, unit: Option<&str>, day: Day) -> Period {
        if self.is_weekly(unit) { Period::week_of(day) } else { day.month().into() }
    }

    /// People of a department; a team has too few for weeks.
    fn roster(&self, department: &str) -> usize {
        self.teams.iter().filter(|t| t.department == department).map(|t| t.size).sum()
    }

    /// The documents of one source as a file, in the order in which they came.
    pub(super) fn file(&self, source: usize) -> String {
        let of_source = self.documents.iter().enumerate().filter(|(_, d)| d.source == source);
        let receipt = |index: usize| {
            if index.is_multiple_of(RECEIPT_EVERY) { self.code(index) } else { String::new() }
        };
        of_source
            .map(|(index, document)| self.line(&format!("D{index}"), document, &receipt(index)))
            .collect()
    }

    /// The receipt code of a document, as its writer holds it.
    pub(super) fn code(&self, index: usize) -> String {
        let mut random = [0; 64];
        StdRng::seed_from_u64(index as u64).fill(&mut random);
        BearerCode::from_random(&random).expect("64 bytes are enough").expose()
    }

    /// The code by which a text was handed in.
    pub(super) fn code_of(&self, text: &str) -> Option<String> {
        let index = self.documents.iter().position(|document| document.text == text)?;
        index.is_multiple_of(RECEIPT_EVERY).then(|| self.code(index))
    }

    /// A document as a line of a file.
    pub(super) fn line(&self, id: &str, document: &Written, receipt: &str) -> String {
        let person = &self.people[document.person];
        let row = serde_json::json!({
            "id": id,
            "text": document.text,
            "created_at": document.day.to_string(),
            "author": person.number,
            "unit": self.teams[person.team].name,
            "receipt": receipt,
        });
        format!("{row}\n")
    }

    /// Names that the organization chart holds, wide to narrow.
    pub(super) fn units(&self) -> Vec<&str> {
        let departments: BTreeSet<&str> = self.teams.iter().map(|team| team.department).collect();
        departments.into_iter().chain(self.teams.iter().map(|team| team.name.as_str())).collect()
    }

    /// People who wrote anything.
    pub(super) fn authors(&self) -> BTreeSet<usize> {
        self.documents.iter().map(|document| document.person).collect()
    }

    fn write(&mut self, count: usize, days: i32, rng: &mut StdRng) {
        let (year, month, day) = START;
        let start = Day::from_ymd(year, month, day).expect("a date");
        let mut writers: Vec<usize> = (0..self.people.len()).collect();
        writers.shuffle(rng);
        writers.truncate((self.people.len() as f64 * WRITERS) as usize);
        let mut bank = Bank::new();
        let mut seen = BTreeSet::new();
        while self.documents.len() < count {
            // Everybody who writes at all writes once; then the square of a uniform draw makes a few write much.
            let place = rng.random_range(0.0..1.0_f64);
            let person = match writers.get(self.documents.len()) {
                Some(person) => *person,
                None => writers[(place * place * writers.len() as f64) as usize],
            };
            let source = source(rng);
            let day = start.plus(rng.random_range(0..days));
            let team = &self.teams[self.people[person].team];
            let mut text = sentence(&mut bank, &team.name, day, rng);
            if let Some(word) =
                self.people[person].own_word.as_ref().filter(|_| rng.random_bool(0.6))
            {
                text = format!("{text}，真是{word}");
            }
            let secret = rng.random_bool(0.05).then(|| identifier::invent(rng));
            if let Some(secret) = &secret {
                text = format!("{text}，{}", secret.clause);
            }
            if seen.insert(text.clone()) {
                let secret = secret.map(|secret| secret.value);
                self.documents.push(Written { person, source, day, text, secret });
            }
        }
    }
}

/// Something about an everyday matter.
pub(super) fn sentence(bank: &mut Bank, unit: &str, day: Day, rng: &mut StdRng) -> String {
    let stances =
        [(Stance::Positive, 8), (Stance::Negative, 9), (Stance::Neutral, 2), (Stance::Mixed, 1)];
    let stance =
        stances.choose_weighted(rng, |(_, weight)| *weight).expect("weights are positive").0;
    let request = Request {
        matter: *Matter::EVERYDAY.choose(rng).expect("not empty"),
        stance,
        register: Register::Formal,
        unit,
        month: month_number(day),
        tags: &[],
    };
    compose(bank, &request, rng)
}

fn source(rng: &mut StdRng) -> usize {
    let mut draw: f64 = rng.random();
    for (index, (_, _, share)) in SOURCES.iter().enumerate() {
        if draw < *share {
            return index;
        }
        draw -= share;
    }
    0
}

fn teams(sizes: &[usize], rng: &mut StdRng) -> Vec<Team> {
    let mut sizes = sizes.to_vec();
    sizes.shuffle(rng);
    let kinds = ["注采一班", "注采二班", "维修班", "化验室", "调度室", "机关", "巡检队"];
    let team = |(index, size)| {
        let department = DEPARTMENTS[index % DEPARTMENTS.len()];
        let kind = kinds[index / DEPARTMENTS.len()];
        Team { name: format!("{department}{kind}"), department, size }
    };
    sizes.into_iter().enumerate().map(team).collect()
}

fn people(teams: &[Team], rng: &mut StdRng) -> Vec<Person> {
    let mut words = own_words();
    words.shuffle(rng);
    let mut people = Vec::new();
    for (team, size) in teams.iter().map(|team| team.size).enumerate() {
        for _ in 0..size {
            let number = identifier::employee_id(30_000 + people.len() as u32 * 11);
            let own_word = if rng.random_bool(OWN_WORDS) { words.pop() } else { None };
            people.push(Person { number, team, own_word });
        }
    }
    people
}

/// Words of home: none stands in a dictionary, their characters are rare or everyday ones.
fn own_words() -> Vec<String> {
    let first = ["圪", "犄", "嘎", "咕", "老", "大", "小", "打"];
    let second = ["蹴", "旯", "嘣", "叽", "鬼", "板", "糟", "雷"];
    let third = ["子", "儿", "的慌", ""];
    let mut words = Vec::new();
    for first in first {
        for second in second {
            words.extend(third.map(|third| format!("{first}{second}{third}")));
        }
    }
    // One must not be a part of another, or a search for the shorter one would find the longer one's writer.
    words.retain(|word| word.chars().count() >= 3);
    words
}

fn month_number(day: Day) -> u32 {
    let date = day.to_string();
    date.get(5..7).and_then(|month| month.parse().ok()).expect("a day prints as 2026-03-09")
}

/// Whether a unit of the chart is a department.
pub(super) fn is_department(unit: &str) -> bool {
    DEPARTMENTS.contains(&unit)
}
