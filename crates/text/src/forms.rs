//! 套话: what a group writes by form, so that it can be left out of what is taken for an opinion.
//!
//! Whether one person means what they wrote nobody can say and nobody shall judge. Of a group it can be seen: the same promise or thanks from many
//! people, or the same clause word for word. So a form belongs to a source, is found in what many people wrote in one month, and never says
//! anything of one text before.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use aho_corasick::AhoCorasick;

use crate::boilerplate::{Boilerplate, clauses};

/// A clause of fewer characters is found by many people by themselves (`老师讲得很清楚`).
const FORM_CHARS_MIN: usize = 8;

const FORMULAS: &str = include_str!("../../../dictionaries/formulas.txt");

/// How many people make a form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FormLimits {
    /// People who use a shipped formula, or a clause word for word.
    pub people_min: usize,
    /// For a clause word for word also this share of the people: in a large group short praise and short complaints agree by chance.
    pub clause_share_min: f64,
}

/// A normalized text of a group.
#[derive(Debug, Clone, Copy)]
pub struct Written<'t> {
    /// What was written.
    pub text: &'t str,
    /// A number for who wrote it.
    pub person: u64,
    /// A number for the texts that it is a copy of.
    pub group: u64,
    /// Whether `person` is somebody: who writes without a name may write as many texts as they like.
    pub is_named: bool,
}

/// A form and how many people used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Its words.
    pub text: String,
    /// Whether it is a formula that may stand in any clause, or a clause as a whole.
    pub is_formula: bool,
    /// Distinct people.
    pub people: usize,
}

/// The forms of one source, ready to be found in texts.
#[derive(Debug, Clone, Default)]
pub struct Forms {
    formulas: BTreeSet<String>,
    clauses: HashSet<String>,
    matcher: Option<AhoCorasick>,
}

/// Finds the forms of a group, those of most people first.
///
/// A clause word for word is looked for in what named people wrote, in one of each group of copies: a text that many pass on is not a form that many write.
pub fn recognize_forms(documents: &[Written<'_>], limits: &FormLimits) -> Vec<Form> {
    let named = || documents.iter().filter(|written| written.is_named);
    let everybody: HashSet<u64> = named().map(|written| written.person).collect();
    let shipped: Vec<&str> = shipped_formulas().collect();
    let matcher = matcher(&shipped).expect("a test builds the shipped formulas");
    let mut people_by_formula: HashMap<usize, HashSet<u64>> = HashMap::new();
    for written in documents {
        for found in matcher.find_overlapping_iter(written.text) {
            people_by_formula.entry(found.pattern().as_usize()).or_default().insert(written.person);
        }
    }
    let formulas = people_by_formula.into_iter().filter_map(|(formula, people)| {
        let (text, people) = (shipped[formula].to_owned(), people.len());
        (people >= limits.people_min).then_some(Form { text, is_formula: true, people })
    });
    let share_min = (everybody.len() as f64 * limits.clause_share_min).ceil() as usize;
    let mut groups_seen = HashSet::new();
    let one_of_each = named().filter(|written| groups_seen.insert(written.group));
    let one_of_each = one_of_each.map(|written| (written.text, written.person));
    let copied = Boilerplate::find(one_of_each, limits.people_min.max(share_min));
    let mut forms: Vec<Form> = formulas.collect();
    let holds_formula =
        |clause: &str| forms.iter().any(|formula| clause.contains(formula.text.as_str()));
    let clauses = copied.clauses.into_iter().filter(|clause| {
        clause.text.chars().count() >= FORM_CHARS_MIN && !holds_formula(clause.text)
    });
    let clauses: Vec<Form> = clauses
        .map(|clause| Form {
            text: clause.text.to_owned(),
            is_formula: false,
            people: clause.contributors,
        })
        .collect();
    forms.extend(clauses);
    forms.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.text.cmp(&b.text)));
    forms
}

impl Forms {
    /// Forms of these words.
    pub fn new(forms: impl IntoIterator<Item = (String, bool)>) -> Self {
        let (formulas, clauses): (Vec<_>, Vec<_>) =
            forms.into_iter().partition(|(_, is_formula)| *is_formula);
        let formulas: BTreeSet<String> = formulas.into_iter().map(|(text, _)| text).collect();
        let patterns: Vec<&str> = formulas.iter().map(String::as_str).collect();
        // What a file of a store names may be too much for the machine; then its clauses still count.
        let matcher = matcher(&patterns);
        Self { matcher, formulas, clauses: clauses.into_iter().map(|(text, _)| text).collect() }
    }

    /// The words of each form, and whether it is a formula, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        let clauses: BTreeMap<&str, bool> =
            self.clauses.iter().map(|clause| (clause.as_str(), false)).collect();
        self.formulas.iter().map(|formula| (formula.as_str(), true)).chain(clauses)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.formulas.is_empty() && self.clauses.is_empty()
    }

    /// Whether a form is one of these.
    pub fn contains(&self, form: &Form) -> bool {
        if form.is_formula {
            self.formulas.contains(&form.text)
        } else {
            self.clauses.contains(&form.text)
        }
    }

    /// Where the clauses of a normalized text stand that are forms or hold one, in bytes, first to last.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let formulas: Vec<Range<usize>> = self.matcher.as_ref().map_or_else(Vec::new, |matcher| {
            matcher.find_iter(text).map(|found| found.range()).collect()
        });
        if formulas.is_empty() && self.clauses.is_empty() {
            return formulas;
        }
        let holds = |clause: &Range<usize>| {
            formulas.iter().any(|found| clause.start <= found.start && found.end <= clause.end)
        };
        clauses(text)
            .map(|(start, clause)| (start..start + clause.len(), clause))
            .filter(|(bytes, clause)| holds(bytes) || self.clauses.contains(*clause))
            .map(|(bytes, _)| bytes)
            .collect()
    }
}

fn shipped_formulas() -> impl Iterator<Item = &'static str> {
    FORMULAS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn matcher(patterns: &[&str]) -> Option<AhoCorasick> {
    if patterns.is_empty() { None } else { AhoCorasick::new(patterns).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Normalizer, Scratch};

    const LIMITS: FormLimits = FormLimits { people_min: 3, clause_share_min: 0.5 };

    fn forms(documents: &[(&str, u64)]) -> Vec<(String, bool)> {
        let written: Vec<Written<'_>> = (0..)
            .zip(documents)
            .map(|(group, (text, person))| Written { text, person: *person, group, is_named: true })
            .collect();
        let found = recognize_forms(&written, &LIMITS);
        found.into_iter().map(|form| (form.text, form.is_formula)).collect()
    }

    #[test]
    fn shipped_formulas_are_normal_and_said_once() {
        let shipped: Vec<&str> = shipped_formulas().collect();
        let distinct: BTreeSet<&str> = shipped.iter().copied().collect();
        assert_eq!(shipped.len(), distinct.len());
        let normalizer = Normalizer::new(crate::Lexicon::builtin().exceptions());
        for formula in shipped {
            assert_eq!(normalizer.normalize(formula, &mut Scratch::default()).text, formula);
        }
    }

    #[test]
    fn a_formula_is_one_of_many_people() {
        let said = ["学完受益匪浅", "真是受益匪浅,谢谢", "受益匪浅"];
        let by = |people: [u64; 3]| said.into_iter().zip(people).collect::<Vec<_>>();
        assert_eq!(forms(&by([1, 2, 3])), [("受益匪浅".to_owned(), true)]);
        assert_eq!(forms(&by([1, 2, 2])), []);
    }

    #[test]
    fn a_clause_is_one_of_a_large_part_of_the_people() {
        let clause = "培训室的空调很凉快";
        let mut documents = vec![(clause, 1), (clause, 2), (clause, 3), ("饭菜不错", 4)];
        assert_eq!(forms(&documents), [(clause.to_owned(), false)]);
        documents.extend([("灯太暗", 5), ("椅子硬", 6), ("讲得快", 7)]);
        assert_eq!(forms(&documents), []);
    }

    #[test]
    fn a_text_that_is_passed_on_is_no_form() {
        let text = "培训室的空调很凉快";
        let passed_on = |person| Written { text, person, group: 1, is_named: true };
        assert_eq!(recognize_forms(&[1, 2, 3, 4].map(passed_on), &LIMITS), []);
    }

    #[test]
    fn nobody_without_a_name_makes_a_clause_a_form() {
        let written = |is_named| {
            [1, 2, 3, 4].map(|n| Written {
                text: "培训室的空调很凉快",
                person: n,
                group: n,
                is_named,
            })
        };
        assert_eq!(recognize_forms(&written(true), &LIMITS).len(), 1);
        assert_eq!(recognize_forms(&written(false), &LIMITS), []);
    }

    #[test]
    fn forms_are_found_as_whole_clauses() {
        let forms =
            Forms::new([("受益匪浅".to_owned(), true), ("今后努力做好工作".to_owned(), false)]);
        let found = |text: &str| {
            let places = forms.find(text).into_iter();
            places.map(|bytes| text.get(bytes).unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(
            found("通过学习受益匪浅,食堂太远。今后努力做好工作!"),
            ["通过学习受益匪浅", "今后努力做好工作"]
        );
        assert_eq!(found("今后努力做好工作的计划"), Vec::<String>::new());
        assert_eq!(found(""), Vec::<String>::new());
        assert!(Forms::default().find("受益匪浅").is_empty());
    }
}
