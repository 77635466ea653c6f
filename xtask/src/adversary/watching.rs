//! Attacks by somebody who comes back: dates as a filter, a report watched while documents arrive, an alarm made by one person, an erased text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use corpus::Day;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use testkit::bank::{Bank, Matter};
use testkit::compose::{Register, Request, Stance, compose};

use super::answers::Answers;
use super::basket::{WORDS, is_neutral};
use super::organization::{Organization, SOURCES, Written};
use super::report::{Exposed, Findings};
use super::surface::{Installation, Server, address};
use super::truth::{self, Counted};

/// Documents that one person writes in three weeks to raise an alarm.
const INJECTED: usize = 60;
/// Erased texts that are searched for in every file.
const ERASED: usize = 3;

/// A4 and A20: days, sliding windows, weeks and fiscal months, on tables and searches.
pub(super) fn dates(
    server: &Server,
    organization: &Organization,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let everybody = || organization.authors();
    let days: BTreeSet<Day> = organization.documents.iter().map(|document| document.day).collect();
    let first = *days.first().context("no documents")?;
    let mut windows: Vec<(String, String)> = Vec::new();
    for day in days.iter().step_by(if organization.is_small { 9 } else { 1 }) {
        windows.push((String::new(), day.to_string()));
        windows.push((day.to_string(), day.plus(6).to_string()));
        windows.push((first.to_string(), day.to_string()));
    }
    for month in 4..=6 {
        windows.push((format!("2026-{:02}-26", month - 1), format!("2026-{month:02}-25")));
    }
    let is_month = |from: &str, to: &str| {
        let day = |text: &str| text.parse::<Day>().ok();
        day(from).is_none_or(|day| day == day.month().first_day())
            && day(to).is_none_or(|day| day == day.month().last_day())
    };
    for (index, (from, to)) in windows.iter().filter(|(from, to)| !is_month(from, to)).enumerate() {
        let word = WORDS[index % WORDS.len()];
        for word in ["", word] {
            let answer = server.search(&[("q", word), ("from", from), ("to", to)])?;
            if answer.is_some_and(|answer| !is_neutral(&answer)) {
                everybody().into_iter().for_each(|person| exposed.add_one(person));
            }
        }
        let table = server.get(&address("/api/v1/trend", &[("from", from), ("to", to)]))?;
        if table.status == 200 {
            everybody().into_iter().for_each(|person| exposed.add_one(person));
        }
    }
    let figure = format!("{} windows", windows.len());
    findings.add_with_figure(
        "A4",
        "days, sliding windows, weeks and fiscal months as filters (A20)",
        exposed,
        figure,
    );
    Ok(())
}

/// A5: documents arrive one by one; after each the report is made again and everything that it shows is compared.
pub(super) fn live_report(
    installation: &Installation,
    organization: &Organization,
    documents: &[Counted],
    today: Day,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let mut before = everything(installation, organization, documents)?;
    let first =
        organization.documents.iter().map(|document| document.day).min().context("no documents")?;
    let late = first.plus(20);
    let team = |size: usize| {
        organization.people.iter().position(|p| organization.teams[p.team].size >= size)
    };
    let writers = [team(2), team(9), team(22)].map(|person| person.unwrap_or(0));
    let texts = [
        "食堂的饭菜太差了，夜班吃不上热饭",
        "宿舍空调坏了没人修，真是窝火得很",
        "安全帽发得很及时，领导重视",
    ];
    let arrivals: Vec<(usize, Day, usize)> = vec![
        // Late in a closed month, today, and long before anything else; confidential sources first, then the open one.
        (writers[0], late, 0),
        (writers[1], late, 1),
        (writers[0], today, 0),
        (writers[2], today, 1),
        (writers[0], first.plus(-200), 0),
        (writers[1], first.plus(-31), 1),
    ];
    let mut changes = BTreeMap::new();
    let step = if organization.is_small { 2 } else { 1 };
    for (index, (person, day, source)) in arrivals.iter().enumerate().step_by(step) {
        let text = texts[index % texts.len()].to_owned();
        let arrived = Written { person: *person, source: *source, day: *day, text, secret: None };
        let name = format!("arrival{index}.jsonl");
        installation.write(&name, &organization.line(&format!("X{index}"), &arrived, ""))?;
        installation.json(&["import", &name, "--source", SOURCES[*source].0])?;
        let after = everything(installation, organization, documents)?;
        for (place, shown) in &after {
            if before.get(place) != Some(shown) {
                exposed.add_one(*person);
                *changes.entry(place.clone()).or_insert(0) += 1;
            }
        }
        before = after;
    }
    let figure = format!(
        "{} arrivals, {} places compared, changed: {:?}",
        arrivals.len(),
        before.len(),
        changes.keys().collect::<Vec<_>>()
    );
    findings.add_with_figure("A5", "a report made again after every document", exposed, figure);
    Ok(())
}

/// All pages, the digest and a set of answers, by where they stand.
fn everything(
    installation: &Installation,
    organization: &Organization,
    documents: &[Counted],
) -> anyhow::Result<BTreeMap<String, String>> {
    installation.json(&["digest"])?;
    let shifts = installation.json(&["detect"])?;
    let server = installation.serve()?;
    let mut shown = BTreeMap::from([("shifts".to_owned(), shifts.to_string())]);
    let pages = [
        "/",
        "/trend",
        "/digest/latest.html",
        "/digest/latest.csv",
        "/about",
        "/api/v1/digest.json",
    ];
    let mut addresses: Vec<String> = pages.iter().map(|page| (*page).to_owned()).collect();
    addresses.extend(
        organization.units().iter().map(|unit| address("/api/v1/trend", &[("unit", unit)])),
    );
    let topics: BTreeSet<&String> =
        documents.iter().flat_map(|document| &document.topics).collect();
    addresses.extend(topics.into_iter().map(|topic| address("/api/v1/trend", &[("topic", topic)])));
    for word in &WORDS[..if organization.is_small { 2 } else { WORDS.len() }] {
        addresses.push(address("/api/v1/search", &[("q", word), ("visibility", "confidential")]));
        addresses.push(address("/", &[("q", word)]));
    }
    for address in addresses {
        let body = server.get(&address)?.body;
        shown.insert(address, body);
    }
    Ok(shown)
}

/// A14: one person, and four together, write sixty times in the last weeks before a month is closed; a new alarm or topic is theirs.
pub(super) fn alarms(
    program: &Path,
    organization: &Organization,
    seed: u64,
    trials: &[(usize, usize)],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let before = detected(program, organization)?;
    let last =
        organization.documents.iter().map(|document| document.day).max().context("no documents")?;
    for (writers, team_size) in trials {
        let mut rng = StdRng::seed_from_u64(seed ^ (*team_size as u64) << 8);
        let mut injected = organization.clone();
        let members: Vec<usize> = (0..organization.people.len())
            .filter(|person| {
                organization.teams[organization.people[*person].team].size >= *team_size
            })
            .take(*writers)
            .collect();
        let mut bank = Bank::new();
        for index in 0..INJECTED {
            let person = members[index % members.len()];
            let unit = &organization.teams[organization.people[person].team].name;
            let request = Request {
                matter: Matter::Canteen,
                stance: Stance::Negative,
                register: Register::Formal,
                unit,
                month: 8,
                tags: &[],
            };
            let text = format!("{}，光伏帽扣钱", compose(&mut bank, &request, &mut rng));
            let day = last.plus(-rng.random_range(0..21));
            injected.documents.push(Written { person, source: 0, day, text, secret: None });
        }
        let after = detected(program, &injected)?;
        if after.difference(&before).next().is_some() {
            exposed.add_set(members);
        }
    }
    let figure = format!(
        "{} alarms and topics without, {} trials of {INJECTED} documents",
        before.len(),
        trials.len()
    );
    findings.add_with_figure(
        "A14",
        "alarms and topics made by one to four people",
        exposed,
        figure,
    );
    Ok(())
}

/// The series with an alarm or a changed mix, those that are named behind one, and the terms of topics that came up.
fn detected(program: &Path, organization: &Organization) -> anyhow::Result<BTreeSet<String>> {
    let installation = super::install(program, organization)?;
    let mut found = BTreeSet::new();
    for shift in installation.json(&["detect"])?["shifts"].as_array().into_iter().flatten() {
        found.insert(format!("{} {}", shift["key"], shift["direction"]));
    }
    installation.json(&["digest"])?;
    let digest = std::fs::read_to_string(installation.store().join("digests/digest.json"))
        .context("read the digest")?;
    let digest: Value = serde_json::from_str(&digest).context("read the digest")?;
    for mix in digest["changed_mixes"].as_array().into_iter().flatten() {
        found.insert(format!("mix {} {}", mix["key"], mix["direction"]));
    }
    for context in digest["contexts"].as_array().into_iter().flatten() {
        for series in ["moved_by", "also_visible_in"] {
            for key in context[series].as_array().into_iter().flatten() {
                found.insert(format!("{series} {key} of {}", context["key"]));
            }
        }
    }
    for topic in digest["emerging"].as_array().into_iter().flatten() {
        found.insert(topic["terms"].to_string());
    }
    Ok(found)
}

/// A16: erases documents and looks for what is left of them, in answers and in every file.
pub(super) fn erasure(
    installation: &Installation,
    organization: &Organization,
    documents: &[Counted],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let store = installation.store();
    let before = everything(installation, organization, documents)?;
    let asked = asked(&store)?;
    let was_asked = |text: &str| asked.windows(text.len()).any(|part| part == text.as_bytes());
    let chosen: Vec<&Counted> = documents
        .iter()
        .filter(|d| d.is_confidential() && d.display.chars().count() > 20)
        .filter(|d| !was_asked(&d.display))
        .take(ERASED)
        .collect();
    anyhow::ensure!(chosen.len() == ERASED, "too few documents to erase");
    let written_before: BTreeSet<_> = truth::all_files(&store.join("index"))?.into_iter().collect();
    for document in &chosen {
        let erased = installation.json(&["erase", &document.id])?;
        anyhow::ensure!(erased["erased"] == 1, "document {} was not erased: {erased}", document.id);
    }
    for document in &chosen {
        if is_left(&store, document, &written_before)? {
            exposed.add_one(document.person);
        }
    }
    let after = everything(installation, organization, documents)?;
    for (place, shown) in &after {
        let was = &before[place];
        // Quotations of an erased text go, and those of a set that is too small without it. Nothing comes instead.
        let quoted = place.starts_with("/?")
            || place.contains("digest")
            || place.contains("search") && only_quotations_went(was, shown);
        if was != shown && !quoted {
            chosen.iter().for_each(|document| exposed.add_one(document.person));
        }
        for document in chosen.iter().filter(|document| shown.contains(&document.display)) {
            exposed.add_one(document.person);
        }
    }
    findings.add(
        "A16",
        "erased texts in answers, table files, index files, ledger and everything else",
        exposed,
    );
    Ok(())
}

/// Whether the quotations of one answer are some of those of the other, and all else is the same.
fn only_quotations_went(was: &str, shown: &str) -> bool {
    let parsed = |answer: &str| serde_json::from_str::<Value>(answer).ok();
    let Some((mut was, mut shown)) = parsed(was).zip(parsed(shown)) else { return false };
    let [before, after] = [&mut was, &mut shown].map(|answer| {
        let quotations = answer["confidential"]["quotations"].take();
        answer["confidential"] = Value::Null;
        quotations.as_array().cloned().unwrap_or_default()
    });
    was == shown && after.iter().all(|quotation| before.contains(quotation))
}

/// The ledger's files. Their audit log keeps what was asked: a sentence that an attacker typed stands in it whether anybody wrote it or not.
pub(super) fn asked(store: &Path) -> anyhow::Result<Vec<u8>> {
    let mut asked = Vec::new();
    for path in truth::all_files(store)?.into_iter().filter(|path| is_ledger(path)) {
        asked.extend(std::fs::read(&path).with_context(|| format!("read {}", path.display()))?);
    }
    Ok(asked)
}

/// Whether a file is of the ledger, which holds the audit log.
fn is_ledger(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ledger"))
}

/// Whether any file of the store still holds the text, packed or plain, or is an index file from before.
pub(super) fn is_left(
    store: &Path,
    document: &Counted,
    index_before: &BTreeSet<std::path::PathBuf>,
) -> anyhow::Result<bool> {
    for path in truth::all_files(store)? {
        let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        let text = document.display.as_bytes();
        let id = document.id.as_bytes();
        let is_audit = is_ledger(&path);
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        // The audit log names the id: whoever erases is accountable, and the id is of nothing any more.
        if holds(text) || (holds(id) && !is_audit) {
            return Ok(true);
        }
    }
    for path in truth::parquet_files(store)? {
        for batch in truth::rows(&path)? {
            for column in batch.columns() {
                let Ok(texts) = arrow::compute::cast(column, &arrow::datatypes::DataType::Utf8)
                else {
                    continue;
                };
                let texts = arrow::array::AsArray::as_string::<i32>(&texts);
                if texts.iter().flatten().any(|text| text == document.display) {
                    return Ok(true);
                }
            }
        }
    }
    // Index files are packed: all that hold documents must have been written anew.
    let is_segment = |path: &&std::path::PathBuf| {
        path.extension().is_some_and(|end| {
            ["store", "term", "idx", "pos", "fast"].iter().any(|kind| end == *kind)
        })
    };
    let after = truth::all_files(&store.join("index"))?;
    Ok(after.iter().filter(is_segment).any(|path| index_before.contains(path)))
}

/// Compares the answers of two accounts: the union of what both see is what each sees (A17).
pub(super) fn accounts(
    installation: &Installation,
    answers: &Answers,
    organization: &Organization,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut exposed = Exposed::default();
    let units: BTreeSet<&str> =
        answers.answered.iter().filter_map(|answer| answer.cell.unit.as_deref()).take(3).collect();
    for word in &WORDS[..3] {
        for unit in &units {
            let ask = |account: &str| {
                installation.run_as(account, &["--json", "search", word, "--unit", unit])
            };
            if ask("甲")? != ask("乙")? {
                exposed.add_set(organization.authors());
            }
        }
    }
    findings.add("A17", "two accounts compare their answers", exposed);
    Ok(())
}
