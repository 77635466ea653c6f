//! Topics that come up: groups of terms whose documents are denser in the last days than chance allows.
//!
//! *The null.* Without a new topic, the documents that hold a term lie in any order among all documents seen so far. Given that K of them exist, the number k
//! in the last days is hypergeometric, whatever the term's rate, so nothing about the term need be estimated. Counting contributors instead of documents and folding
//! copies makes one person or one copied text one draw.
//!
//! *The evidence.* The log likelihood ratio of a term is that of the share of the last days drawn evenly from what chance gives up to one, against chance. A term that stands out
//! is a seed: the other terms of its recent documents form its group, and the documents that hold two of them *but not the seed* are a second look, because the
//! seed's documents chose the group and these did not. Both add up.
//!
//! *The budget.* What the best of thousands of dependent terms reaches by chance is measured, not bounded: once a week, documents drawn at random from the whole past play the part
//! of the last days, which is exactly the null. Their best groups follow a Gumbel distribution, whose tail gives the threshold for the false alarms promised. A real topic of the past
//! does not disturb this, since the drawing tears it from its days. Documents are read once, in time order; an alarm of a day uses documents up to that day only.

use std::collections::{HashMap, HashSet, VecDeque};
use std::f64::consts::PI;

use corpus::{Day, DocumentId};
use serde::Serialize;

/// Lengths of the last days that are compared with all days before.
const WINDOWS_DAYS: [i32; 2] = [7, 14];
/// Days before the first alarm: without a past everything is new.
const PAST_DAYS_MIN: i32 = 28;
/// A seed needs as many recent voices: fewer are a conversation.
const SEED_VOICES_MIN: u32 = 4;
/// Log e-value from which a term is a seed worth a look at its documents.
const SEED_LOG_MIN: f64 = 3.0;
/// Days from one drawing of random windows to the next, windows drawn each time for each length, and drawings remembered.
const DRAW_EVERY_DAYS: i32 = 7;
const DRAWN_WINDOWS: usize = 24;
const DRAWINGS_KEPT: usize = 4;
/// Terms in a group, the seed included.
const GROUP_TERMS_MAX: usize = 10;
/// A term of the group occurs in at least this share of the seed's recent documents, and in at least two.
const GROUP_SHARE_MIN: f64 = 0.12;
/// A term in more than this share of all documents says nothing about a topic.
const COMMON_SHARE: f64 = 0.02;
/// A seed without so many other terms is a manner of speaking, not a topic.
const GROUP_TERMS_MIN: usize = 2;
/// One contributor or one copied text counts once in so many days.
const FOLD_DAYS: i32 = 14;
/// An alarm that shares this part of its documents with an earlier one is the same topic.
const SAME_TOPIC_SHARE: f64 = 0.3;
/// So many days after its last growth a topic may be reported again.
const SAME_TOPIC_DAYS: i32 = 28;
/// A topic is new when its past rate would have given at most this share of its recent documents: chance matches are not a past.
const NEW_SHARE_MAX: f64 = 0.1;
/// A topic that was silent for so many days before returns.
const RETURN_DAYS: i32 = 28;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmergingSettings {
    /// False alarms in 100 days of the stream, under the null above.
    pub false_alarms_per_100_days: f64,
}

/// A document of the stream. Documents come in order of their days.
#[derive(Debug, Clone)]
pub struct EmergingInput<'a> {
    /// Its id.
    pub id: DocumentId,
    /// Its day.
    pub day: Day,
    /// Its contributor, or its duplicate group where the source names none.
    pub voice: Option<u64>,
    /// Its words in the order of the text, without stop words. Pairs of neighbours are counted as phrases.
    pub terms: Vec<&'a str>,
}

/// How a topic relates to the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EmergingKind {
    /// Hardly there before.
    New,
    /// There before, and denser now.
    Growing,
    /// There before, silent for four weeks, there again.
    Returning,
}

/// A topic that came up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EmergingTopic {
    /// Day of the alarm.
    pub day: Day,
    /// Its own words and phrases, most telling first.
    pub terms: Vec<String>,
    /// Recent documents of it.
    pub ids: Vec<DocumentId>,
    /// Relation to the past.
    pub kind: EmergingKind,
}

/// All topics that come up in a stream.
pub fn emerging_topics<'a>(
    docs: impl IntoIterator<Item = EmergingInput<'a>>,
    settings: &EmergingSettings,
) -> Vec<EmergingTopic> {
    let mut watch = TopicWatch::new(settings);
    let mut found = Vec::new();
    for doc in docs {
        found.extend(watch.push(&doc));
    }
    found.extend(watch.close_day());
    found
}

/// Watches a stream, a document at a time. Memory grows with the stream: eight bytes a term of a document.
#[derive(Debug, Clone)]
pub struct TopicWatch {
    false_alarms_per_day: f64,
    terms: Vec<Term>,
    term_ids: HashMap<String, u32>,
    documents: Vec<Document>,
    /// First document of each of the last days.
    day_starts: VecDeque<(Day, usize)>,
    first_day: Option<Day>,
    texts: HashMap<Vec<u32>, Day>,
    reported: Vec<Reported>,
    chance: [Chance; WINDOWS_DAYS.len()],
    drawn_on: Option<Day>,
}

/// What the best group of a window reaches by chance: the last drawings.
#[derive(Debug, Clone, Default)]
struct Chance(VecDeque<f64>);

/// Documents taken together: the last days, or as many drawn at random.
struct Window {
    documents: Vec<u32>,
    member: Vec<bool>,
}

#[derive(Debug, Clone)]
struct Term {
    text: String,
    /// Documents that hold it, folded by contributor, ascending.
    documents: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Document {
    id: DocumentId,
    day: Day,
    voice: Option<u64>,
    /// Those that its contributor has not used in the days before, ascending.
    terms: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Reported {
    documents: HashSet<u32>,
    terms: Vec<u32>,
    last_day: Day,
}

/// A term that stands out, with the group around it.
struct Candidate {
    log_evidence: f64,
    terms: Vec<u32>,
    /// Documents of the group in all the past, ascending.
    documents: Vec<u32>,
    window_start: usize,
}

impl TopicWatch {
    /// A watch that has seen nothing.
    pub fn new(settings: &EmergingSettings) -> Self {
        Self {
            false_alarms_per_day: settings.false_alarms_per_100_days / 100.0,
            terms: Vec::new(),
            term_ids: HashMap::new(),
            documents: Vec::new(),
            day_starts: VecDeque::new(),
            first_day: None,
            texts: HashMap::new(),
            reported: Vec::new(),
            chance: Default::default(),
            drawn_on: None,
        }
    }

    /// Takes a document. When it opens a new day, gives the topics of the day before.
    ///
    /// # Panics
    /// When the document is older than one taken before: an alarm could then depend on the future.
    pub fn push(&mut self, doc: &EmergingInput<'_>) -> Vec<EmergingTopic> {
        let open = self.day_starts.back().map(|(day, _)| *day);
        assert!(
            open.is_none_or(|open| open <= doc.day),
            "documents come in the order of their days"
        );
        let mut found = Vec::new();
        if open.is_some_and(|open| open < doc.day) {
            found = self.close_day();
        }
        if open != Some(doc.day) {
            self.first_day.get_or_insert(doc.day);
            self.day_starts.push_back((doc.day, self.documents.len()));
            while self
                .day_starts
                .front()
                .is_some_and(|(day, _)| day.0 <= doc.day.0 - WINDOWS_DAYS[1])
            {
                self.day_starts.pop_front();
            }
        }
        self.add(doc);
        found
    }

    fn add(&mut self, doc: &EmergingInput<'_>) {
        let mut ids: Vec<u32> = doc.terms.iter().map(|term| self.term_id(term)).collect();
        for pair in doc.terms.windows(2) {
            let phrase = self.term_id(&pair.concat());
            ids.push(phrase);
        }
        ids.sort_unstable();
        ids.dedup();
        // A copy of a recent text is not another document.
        if !ids.is_empty()
            && self
                .texts
                .insert(ids.clone(), doc.day)
                .is_some_and(|seen| doc.day.0 - seen.0 < FOLD_DAYS)
        {
            return;
        }
        let index = self.documents.len() as u32;
        ids.retain(|id| {
            let holders = &mut self.terms[*id as usize].documents;
            let mut recent = holders
                .iter()
                .rev()
                .map(|holder| &self.documents[*holder as usize])
                .take_while(|holder| doc.day.0 - holder.day.0 < FOLD_DAYS);
            let counted_before =
                doc.voice.is_some() && recent.any(|holder| holder.voice == doc.voice);
            if !counted_before {
                holders.push(index);
            }
            !counted_before
        });
        self.documents.push(Document { id: doc.id, day: doc.day, voice: doc.voice, terms: ids });
    }

    fn term_id(&mut self, term: &str) -> u32 {
        if let Some(id) = self.term_ids.get(term) {
            return *id;
        }
        let id = self.terms.len() as u32;
        self.terms.push(Term { text: term.to_owned(), documents: Vec::new() });
        self.term_ids.insert(term.to_owned(), id);
        id
    }

    /// Ends the open day and gives its topics. [`Self::push`] does so when the next day opens.
    pub fn close_day(&mut self) -> Vec<EmergingTopic> {
        let (Some((day, _)), Some(first)) = (self.day_starts.back().copied(), self.first_day)
        else {
            return Vec::new();
        };
        if day.0 - first.0 < PAST_DAYS_MIN {
            return Vec::new();
        }
        if self.drawn_on.is_none_or(|drawn| day.0 - drawn.0 >= DRAW_EVERY_DAYS) {
            self.draw(day);
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for (index, start) in self.window_starts(day).into_iter().enumerate() {
            let Some(threshold) = self.chance[index].threshold(self.false_alarms_per_day) else {
                continue;
            };
            let window = Window::new(
                (start as u32..self.documents.len() as u32).collect(),
                self.documents.len(),
            );
            candidates.extend(
                self.candidates(&window, start)
                    .into_iter()
                    .filter(|candidate| candidate.log_evidence >= threshold),
            );
        }
        candidates.sort_by(|a, b| {
            b.log_evidence.total_cmp(&a.log_evidence).then_with(|| a.terms.cmp(&b.terms))
        });
        candidates.into_iter().filter_map(|candidate| self.report(day, candidate)).collect()
    }

    /// First document of each window that ends with `day`.
    fn window_starts(&self, day: Day) -> [usize; WINDOWS_DAYS.len()] {
        WINDOWS_DAYS.map(|days| {
            let first = self.day_starts.iter().find(|(start, _)| start.0 > day.0 - days);
            first.map_or(self.documents.len(), |(_, index)| *index)
        })
    }

    /// Draws windows at random from all documents and notes what their best groups reach.
    fn draw(&mut self, day: Day) {
        self.drawn_on = Some(day);
        let total = self.documents.len();
        let mut state = total as u64;
        for (index, start) in self.window_starts(day).into_iter().enumerate() {
            for _ in 0..DRAWN_WINDOWS {
                let mut drawn: Vec<u32> = (0..total as u32).collect();
                let size = total - start;
                for place in 0..size {
                    let other = place + (split_mix(&mut state) % (total - place) as u64) as usize;
                    drawn.swap(place, other);
                }
                drawn.truncate(size);
                let window = Window::new(drawn, total);
                let best = self
                    .candidates(&window, start)
                    .into_iter()
                    .map(|candidate| candidate.log_evidence)
                    .fold(SEED_LOG_MIN, f64::max);
                self.chance[index].note(best);
            }
        }
    }

    /// Groups around the terms that stand out in a window. None when the past is no longer than the window.
    fn candidates(&self, window: &Window, window_start: usize) -> Vec<Candidate> {
        if window.documents.len() * 2 > self.documents.len() {
            return Vec::new();
        }
        let mut counts = vec![0u32; self.terms.len()];
        for document in &window.documents {
            for term in &self.documents[*document as usize].terms {
                counts[*term as usize] += 1;
            }
        }
        (0u32..)
            .zip(counts)
            .filter(|(_, count)| *count >= SEED_VOICES_MIN)
            .filter_map(|(seed, count)| {
                let holders = self.terms[seed as usize].documents.len() as f64;
                // Cheap first: no likelihood ratio is above that of the share seen.
                let most =
                    f64::from(count) * (f64::from(count) / holders / self.chance_of(window)).ln();
                if most < SEED_LOG_MIN {
                    return None;
                }
                let log_seed = log_likelihood_ratio(
                    count as usize,
                    self.terms[seed as usize].documents.len(),
                    self.chance_of(window),
                );
                if log_seed >= SEED_LOG_MIN {
                    self.grow(seed, window, window_start, log_seed)
                } else {
                    None
                }
            })
            .collect()
    }

    /// Chance of a document to lie in a window.
    fn chance_of(&self, window: &Window) -> f64 {
        window.documents.len() as f64 / self.documents.len() as f64
    }

    /// The group around a seed, and the evidence of both looks.
    fn grow(
        &self,
        seed: u32,
        window: &Window,
        window_start: usize,
        log_seed: f64,
    ) -> Option<Candidate> {
        let holders = &self.terms[seed as usize].documents;
        let recent: Vec<u32> =
            holders.iter().copied().filter(|document| window.holds(*document)).collect();
        let group = self.group(seed, &recent);
        if group.len() < GROUP_TERMS_MIN {
            return None;
        }
        let mut hits: HashMap<u32, u32> = HashMap::new();
        for term in &group {
            for document in &self.terms[*term as usize].documents {
                *hits.entry(*document).or_default() += 1;
            }
        }
        let of_seed: HashSet<u32> = holders.iter().copied().collect();
        let mut others: Vec<u32> = hits
            .into_iter()
            .filter(|(document, count)| *count >= 2 && !of_seed.contains(document))
            .map(|(document, _)| document)
            .collect();
        others.sort_unstable();
        let recent_others = others.iter().filter(|document| window.holds(**document)).count();
        let second = if recent_others == 0 {
            0.0
        } else {
            log_likelihood_ratio(recent_others, others.len(), self.chance_of(window))
        };
        let mut documents: Vec<u32> = holders.iter().copied().chain(others).collect();
        documents.sort_unstable();
        let mut terms = vec![seed];
        terms.extend(group);
        Some(Candidate { log_evidence: log_seed + second.max(0.0), terms, documents, window_start })
    }

    /// Terms that the seed's recent documents share and other documents do not, most telling first.
    fn group(&self, seed: u32, recent: &[u32]) -> Vec<u32> {
        let total = self.documents.len() as f64;
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for document in recent {
            for term in &self.documents[*document as usize].terms {
                *counts.entry(*term).or_default() += 1;
            }
        }
        let least = (GROUP_SHARE_MIN * recent.len() as f64).max(2.0);
        let mut ranked: Vec<(f64, u32)> = counts
            .into_iter()
            .filter(|(term, count)| *term != seed && f64::from(*count) >= least)
            .filter_map(|(term, count)| {
                let share = self.terms[term as usize].documents.len() as f64 / total;
                let lift = f64::from(count) / recent.len() as f64 / share.max(1.0 / total);
                (share <= COMMON_SHARE && lift > 3.0)
                    .then_some((f64::from(count) * lift.ln(), term))
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut group: Vec<u32> = Vec::new();
        for (_, term) in ranked {
            // A phrase and its own words are one observation.
            let text = &self.terms[term as usize].text;
            let overlaps = |other: &u32| {
                let other = &self.terms[*other as usize].text;
                other.contains(text.as_str()) || text.contains(other.as_str())
            };
            if !overlaps(&seed) && !group.iter().any(overlaps) {
                group.push(term);
            }
            if group.len() + 1 == GROUP_TERMS_MAX {
                break;
            }
        }
        group
    }

    /// The topic of a candidate, unless it was reported before.
    fn report(&mut self, day: Day, candidate: Candidate) -> Option<EmergingTopic> {
        let recent_from = candidate
            .documents
            .partition_point(|document| (*document as usize) < candidate.window_start);
        let (past, recent) = candidate.documents.split_at(recent_from);
        let known = self.reported.iter_mut().find(|reported| {
            let shared =
                recent.iter().filter(|document| reported.documents.contains(document)).count();
            let same_name =
                candidate.terms.iter().filter(|term| reported.terms.contains(term)).count() >= 2
                    || reported.terms.contains(&candidate.terms[0]);
            day.0 - reported.last_day.0 <= SAME_TOPIC_DAYS
                && (shared as f64 >= SAME_TOPIC_SHARE * recent.len() as f64 || same_name)
        });
        if let Some(known) = known {
            known.documents.extend(recent);
            known.last_day = day;
            return None;
        }
        self.reported.push(Reported {
            documents: recent.iter().copied().collect(),
            terms: candidate.terms.clone(),
            last_day: day,
        });
        let window = self.documents.len() - candidate.window_start;
        let usual = past.len() as f64 / candidate.window_start.max(1) as f64 * window as f64;
        let last_before = past.last().map(|document| self.documents[*document as usize].day);
        let window_day = self.documents[candidate.window_start].day;
        let kind = if usual < NEW_SHARE_MAX * recent.len() as f64 {
            EmergingKind::New
        } else if last_before.is_some_and(|last| window_day.0 - last.0 >= RETURN_DAYS) {
            EmergingKind::Returning
        } else {
            EmergingKind::Growing
        };
        Some(EmergingTopic {
            day,
            terms: candidate
                .terms
                .iter()
                .map(|term| self.terms[*term as usize].text.clone())
                .collect(),
            ids: recent.iter().map(|document| self.documents[*document as usize].id).collect(),
            kind,
        })
    }
}

impl Window {
    fn new(documents: Vec<u32>, total: usize) -> Self {
        let mut member = vec![false; total];
        for document in &documents {
            member[*document as usize] = true;
        }
        Self { documents, member }
    }

    fn holds(&self, document: u32) -> bool {
        self.member[document as usize]
    }
}

impl Chance {
    fn note(&mut self, best: f64) {
        self.0.push_back(best);
        if self.0.len() > DRAWN_WINDOWS * DRAWINGS_KEPT {
            self.0.pop_front();
        }
    }

    /// The value that the best group exceeds by chance so rarely that all windows together keep the budget: the tail of a Gumbel distribution with the
    /// moments of the drawings, and no less than the most that a drawing reached.
    fn threshold(&self, false_alarms_per_day: f64) -> Option<f64> {
        let count = self.0.len() as f64;
        let mean = self.0.iter().sum::<f64>() / count;
        let variance = self.0.iter().map(|best| (best - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let scale = (variance * 6.0).sqrt() / PI;
        let chance = false_alarms_per_day / WINDOWS_DAYS.len() as f64;
        let euler = 0.577_215_664_9;
        let most = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (count > 1.0)
            .then(|| most.max(mean - scale * (euler + (-(1.0 - chance.min(0.5)).ln()).ln())))
    }
}

/// The next number of Steele, Lea and Flood's generator: fixed, so that the same stream gives the same alarms.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Log of the likelihood ratio of k among K falling into a part of size `chance`, against a share drawn evenly from `chance` to one. Negative infinity never comes out:
/// the integral is over a range that holds the likelihood's peak or its flank.
fn log_likelihood_ratio(k: usize, total: usize, chance: f64) -> f64 {
    const POINTS: usize = 24;
    let (k, rest) = (k as f64, (total - k) as f64);
    let logs: Vec<f64> = (0..POINTS)
        .map(|i| {
            let share = chance + (1.0 - chance) * (i as f64 + 0.5) / POINTS as f64;
            k * (share / chance).ln() + rest * ((1.0 - share) / (1.0 - chance)).ln()
        })
        .collect();
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    best + (logs.iter().map(|log| (log - best).exp()).sum::<f64>() / POINTS as f64).ln()
}
