//! A19: what the wire tells of questions that are refused: bytes, size, and time.

use std::collections::BTreeSet;
use std::time::Duration;

use super::organization::Organization;
use super::report::{Exposed, Findings};
use super::surface::{Server, address};
use super::truth::Counted;

/// Largest distance of the two distributions of times (Kolmogorov and Smirnov).
const DISTANCE_MAX: f64 = 0.1;

/// Asks for words that a few people used and for as many that nobody used, of the same length, in turn.
pub(super) fn attack(
    server: &Server,
    organization: &Organization,
    documents: &[Counted],
    questions: usize,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut words = Vec::new();
    for (word, people) in suppressed_words(documents) {
        if is_refused(server, &word)? {
            words.push((word, people));
        }
    }
    anyhow::ensure!(!words.is_empty(), "no question about confidential texts was refused");
    let mut exposed = Exposed::default();
    let everybody = organization.authors();
    for (word, _) in words.iter().take(if organization.is_small { 10 } else { 40 }) {
        let empty = nobodys(word);
        for page in ["/api/v1/search", "/"] {
            let [suppressed, empty_answer] = [word.as_str(), &empty].map(|asked| {
                let fields = [("q", asked), ("visibility", "confidential")];
                // Both words go from both pages: one of them may stand in what every page says.
                let told = |body: &str| body.replace(word.as_str(), "").replace(&empty, "");
                server.get(&address(page, &fields)).map(|reply| (reply.head, told(&reply.body)))
            });
            if without_echo(suppressed?, word) != without_echo(empty_answer?, &empty) {
                everybody.iter().for_each(|person| exposed.add_one(*person));
            }
        }
    }
    if questions == 0 {
        findings.add("A19", "bytes and size of refused answers", exposed);
        return Ok(());
    }
    let (mut suppressed, mut empty) = (Vec::new(), Vec::new());
    for index in 0..questions {
        let (word, _) = &words[index % words.len()];
        let time = |asked: &str| {
            let fields = [("q", asked), ("visibility", "confidential")];
            server.timed(&address("/api/v1/search", &fields)).map(|(_, took)| took)
        };
        // Which of the two comes first takes turns, or the second would always find warm caches.
        if index % 2 == 0 {
            suppressed.push(time(word)?);
            empty.push(time(&nobodys(word))?);
        } else {
            empty.push(time(&nobodys(word))?);
            suppressed.push(time(word)?);
        }
    }
    let distance = distance(&mut suppressed, &mut empty);
    if distance > DISTANCE_MAX {
        everybody.iter().for_each(|person| exposed.add_one(*person));
    }
    let figure =
        format!("distance of {questions} times each {distance:.3}, allowed {DISTANCE_MAX}");
    findings.add_with_figure("A19", "bytes, size and time of refused answers", exposed, figure);
    Ok(())
}

/// Whether nothing of confidential texts is told: two characters that few wrote side by side may stand apart in the texts of many, who are quoted.
fn is_refused(server: &Server, word: &str) -> anyhow::Result<bool> {
    let fields = [("q", word), ("visibility", "confidential")];
    let answer = server.json(&address("/api/v1/search", &fields))?.unwrap_or_default();
    Ok(answer["confidential"]["kind"] == "too_few")
}

/// Pairs of characters that one to nine people wrote in confidential sources.
fn suppressed_words(documents: &[Counted]) -> Vec<(String, usize)> {
    let mut writers: std::collections::BTreeMap<String, BTreeSet<usize>> =
        std::collections::BTreeMap::new();
    let open: String =
        documents.iter().filter(|d| !d.is_confidential()).map(|d| d.display.as_str()).collect();
    for document in documents.iter().filter(|document| document.is_confidential()) {
        let characters: Vec<char> = document.display.chars().collect();
        for pair in characters
            .windows(2)
            .filter(|pair| pair.iter().all(|c| c.is_alphabetic() && !c.is_ascii()))
        {
            writers.entry(pair.iter().collect()).or_default().insert(document.person);
        }
    }
    // What stands in an open source is told of it: the answer to such a word differs for everybody to see.
    let few = writers
        .into_iter()
        .filter(|(word, people)| (2..10).contains(&people.len()) && !open.contains(word.as_str()));
    let mut words: Vec<(String, usize)> = few.map(|(word, people)| (word, people.len())).collect();
    // Those of most people first: they are the most work.
    words.sort_by_key(|(word, people)| (std::cmp::Reverse(*people), word.clone()));
    words.truncate(200);
    words
}

/// A word of the same length that nobody wrote: its characters are rare ones.
fn nobodys(word: &str) -> String {
    word.chars().zip("鬱龘麤爨".chars().cycle()).map(|(_, rare)| rare).collect()
}

/// The answer without the question that it repeats.
fn without_echo((head, body): (String, String), asked: &str) -> (String, String) {
    let encoded = address("", &[("q", asked)]);
    let encoded = encoded.trim_start_matches("?q=").to_owned();
    (head, body.replace(&encoded, ""))
}

/// The largest difference of the two distribution functions.
fn distance(one: &mut [Duration], other: &mut [Duration]) -> f64 {
    one.sort_unstable();
    other.sort_unstable();
    let below = |times: &[Duration], limit: Duration| {
        times.partition_point(|time| *time <= limit) as f64 / times.len() as f64
    };
    let at = one.iter().chain(other.iter());
    at.map(|time| (below(one, *time) - below(other, *time)).abs()).fold(0.0, f64::max)
}
