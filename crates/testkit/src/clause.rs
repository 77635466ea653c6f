//! Hand-written clauses with choices and slots, and how one clause becomes words.
//!
//! `[早上|中午|][去|到]{canteen}排队{10-40}分钟` holds two choices (the first may be empty), a slot that the slot list fills, and a number.
//! Choices nest. Choices inside a clause, not only between clauses, are what keeps twenty thousand documents from repeating each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// A clause as written in the bank, parsed.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Spoken only while one of the document's tags has this name (`@winter` before the clause); `None` is always.
    pub tag: Option<String>,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Words(String),
    Slot(String),
    Number { low: u32, high: u32 },
    Choice(Vec<Vec<Part>>),
}

/// The bank's fillings by slot.
pub type SlotLists = BTreeMap<String, Vec<Clause>>;

/// What fills the slots: lists from the bank, and what one document says of itself (`unit`, `weekday`).
///
/// A slot keeps its first filling for the whole document where that reads better: nobody complains about three canteens in one breath.
#[derive(Debug)]
pub struct Filling {
    lists: Arc<SlotLists>,
    said: BTreeMap<String, String>,
}

/// Slots of which a document names one only.
const ONE_A_DOCUMENT: [&str; 9] =
    ["canteen", "dorm", "route", "course", "teacher", "system", "machine", "workplace", "hospital"];

impl Clause {
    /// Parses one line of the bank.
    ///
    /// # Panics
    /// On an unclosed bracket or a malformed number, naming the line: the bank is part of the source.
    pub fn parse(line: &str) -> Self {
        let (tag, body) = match line.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            Some((tag, body)) => (Some(tag.to_owned()), body),
            None => (None, line),
        };
        let mut rest = body.chars().peekable();
        let parts = parse_parts(&mut rest, line);
        assert!(rest.next().is_none(), "a bracket closes too early in {line:?}");
        Self { tag, parts }
    }

    /// The words of one telling of this clause.
    pub fn tell(&self, filling: &mut Filling, rng: &mut StdRng) -> String {
        let mut told = String::new();
        tell_parts(&self.parts, filling, rng, &mut told);
        // 两 counts, 二 names: building two, the second of the month.
        told.replace("两号", "二号").replace("第两", "第二")
    }

    /// The slots that it names, for the check that all of them exist.
    pub fn slots(&self) -> Vec<&str> {
        fn collect<'a>(parts: &'a [Part], slots: &mut Vec<&'a str>) {
            for part in parts {
                match part {
                    Part::Slot(name) => slots.push(name),
                    Part::Choice(branches) => {
                        branches.iter().for_each(|branch| collect(branch, slots))
                    }
                    Part::Words(_) | Part::Number { .. } => {}
                }
            }
        }
        let mut slots = Vec::new();
        collect(&self.parts, &mut slots);
        slots
    }
}

impl Filling {
    /// Fills from `lists`.
    pub fn new(lists: Arc<SlotLists>) -> Self {
        Self { lists, said: BTreeMap::new() }
    }

    /// Fixes a slot for this document.
    #[must_use]
    pub fn with(mut self, slot: &str, words: &str) -> Self {
        self.said.insert(slot.to_owned(), words.to_owned());
        self
    }

    fn fill(&mut self, slot: &str, rng: &mut StdRng) -> String {
        if let Some(said) = self.said.get(slot) {
            return said.clone();
        }
        let lists = Arc::clone(&self.lists);
        let clause = lists
            .get(slot)
            .and_then(|list| list.choose(rng))
            .unwrap_or_else(|| panic!("slot {slot:?} has no list"));
        let words = clause.tell(self, rng);
        if ONE_A_DOCUMENT.contains(&slot) {
            self.said.insert(slot.to_owned(), words.clone());
        }
        words
    }
}

fn parse_parts(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, line: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut words = String::new();
    while let Some(&next) = rest.peek() {
        if matches!(next, '|' | ']') {
            break;
        }
        rest.next();
        if !matches!(next, '[' | '{') {
            words.push(next);
            continue;
        }
        if !words.is_empty() {
            parts.push(Part::Words(std::mem::take(&mut words)));
        }
        parts.push(if next == '[' { parse_choice(rest, line) } else { parse_slot(rest, line) });
    }
    if !words.is_empty() {
        parts.push(Part::Words(words));
    }
    parts
}

fn parse_choice(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, line: &str) -> Part {
    let mut branches = Vec::new();
    loop {
        branches.push(parse_parts(rest, line));
        match rest.next() {
            Some('|') => {}
            Some(']') => return Part::Choice(branches),
            _ => panic!("a [ is not closed in {line:?}"),
        }
    }
}

fn parse_slot(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, line: &str) -> Part {
    let name: String = rest.by_ref().take_while(|c| *c != '}').collect();
    match name.split_once('-') {
        Some((low, high)) => {
            let number = |digits: &str| {
                digits.parse().unwrap_or_else(|_| panic!("{digits:?} is not a number in {line:?}"))
            };
            Part::Number { low: number(low), high: number(high) }
        }
        None => Part::Slot(name),
    }
}

fn tell_parts(parts: &[Part], filling: &mut Filling, rng: &mut StdRng, told: &mut String) {
    for part in parts {
        match part {
            Part::Words(words) => told.push_str(words),
            Part::Slot(name) => told.push_str(&filling.fill(name, rng)),
            Part::Number { low, high } => {
                told.push_str(&number_words(rng.random_range(*low..=*high), rng))
            }
            Part::Choice(branches) => {
                let branch = branches.choose(rng).expect("a choice has at least one branch");
                tell_parts(branch, filling, rng, told);
            }
        }
    }
}

/// Digits mostly, Chinese numerals now and then, as people write.
fn number_words(number: u32, rng: &mut StdRng) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    if number == 0 || number > 99 || rng.random_bool(0.6) {
        return number.to_string();
    }
    match (number / 10, number % 10) {
        (0, 2) => "两".to_owned(),
        (0, one) => DIGITS[one as usize].to_owned(),
        (1, one) => format!("十{}", DIGITS[one as usize]),
        (ten, one) => format!("{}十{}", DIGITS[ten as usize], DIGITS[one as usize]),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn choices_slots_and_numbers_become_words() {
        let lists =
            Arc::new(BTreeMap::from([("dish".to_owned(), vec![Clause::parse("[红烧|清蒸]鱼")])]));
        let clause = Clause::parse("@price_rise [今天|]的{dish}要{18-19}块");
        assert_eq!((clause.tag.as_deref(), clause.slots()), (Some("price_rise"), vec!["dish"]));
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..50 {
            let told = clause.tell(&mut Filling::new(Arc::clone(&lists)), &mut rng);
            assert!(
                told.contains("鱼要") && told.ends_with('块') && !told.contains(['[', '{', '|']),
                "{told}"
            );
        }
    }

    #[test]
    fn a_document_names_one_canteen() {
        let lists = Arc::new(BTreeMap::from([(
            "canteen".to_owned(),
            (1..9).map(|n| Clause::parse(&format!("{n}食堂"))).collect(),
        )]));
        let told = Clause::parse("{canteen}/{canteen}")
            .tell(&mut Filling::new(lists), &mut StdRng::seed_from_u64(2));
        let (first, second) = told.split_once('/').unwrap();
        assert_eq!(first, second);
    }

    #[test]
    #[should_panic(expected = "not closed")]
    fn an_open_bracket_names_its_line() {
        Clause::parse("[早上|中午");
    }
}
