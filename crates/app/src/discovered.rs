//! What a store's texts are about when nobody has said so, from its rows to what readers may see.

use anyhow::Context as _;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use corpus::{Day, DocumentId, Month, TokenBatch, Visibility, WordClass};
use enrich::{DiscoveredTopic, Discovery, DiscoverySettings, discover_topics};
use ledger::RegisterRow;
use privacy::{
    Disclosed, Guard, MatterCandidate, OpenTopic, OpenTopics, ReleasedMatter, TopicAssignment,
};

use crate::emerging::{Writer, people};
use crate::engine::{Engine, TABLE};
use crate::released;

/// Texts of a kind that are looked at; ids are keyed hashes, so the first by id are a fair sample.
const TEXTS_MAX: usize = 100_000;
/// What the register holds of confidential matters, by the last month that was looked at.
const MATTERS: &str = "matters/";

/// The texts that are looked at, with their tokens and whom they count for.
#[derive(Default)]
struct Texts {
    ids: Vec<DocumentId>,
    visibilities: Vec<Visibility>,
    texts: Vec<String>,
    tokens: TokenBatch,
    sources: Vec<String>,
    days: Vec<Day>,
    voices: Vec<(u64, bool)>,
}

/// The topics of open texts. `placed` tells where an earlier run put the texts with these ids, as places in `previous`.
pub(crate) fn open(
    engine: &Engine,
    topics_max: Option<usize>,
    previous: &[DiscoveredTopic],
    placed: &dyn Fn(&[DocumentId]) -> Vec<Option<usize>>,
) -> anyhow::Result<Disclosed<OpenTopics>> {
    let texts = Texts::read(engine, Visibility::Open, "")?;
    let placed = placed(&texts.ids);
    let found =
        texts.discover(engine, &DiscoverySettings { topics_max, previous, placed: &placed });
    let unassigned_share = found.unassigned_share();
    let Discovery { topics, assignments, .. } = found;
    let assignments = assignments.iter().enumerate().map(|(text, topic)| TopicAssignment {
        id: texts.ids[text],
        topic: topic.map(|topic| topics[topic].id.clone()),
        visibility: texts.visibilities[text],
    });
    let assignments = assignments.collect();
    let topics = topics.into_iter().map(|topic| {
        let DiscoveredTopic { id, name, terms, size } = topic;
        OpenTopic { id, name, terms, size }
    });
    let found = OpenTopics { topics: topics.collect(), assignments, unassigned_share };
    Ok(Guard::new(engine.config.limits).open_topics(found))
}

/// The matters of confidential texts of released months, and the last of these months: as recorded, or looked for and recorded now.
pub(crate) fn confidential(
    engine: &Engine,
) -> anyhow::Result<(Option<Month>, Disclosed<Vec<ReleasedMatter>>)> {
    let guard = Guard::new(engine.config.limits);
    let table = released::released_table(engine)?;
    let months = &table.get().months;
    let Some(through) = months.last().copied() else {
        let nothing = guard.recorded_matters(engine.today().month(), Vec::new(), &table);
        return Ok((None, nothing));
    };
    let key = format!("{MATTERS}{through}");
    let register = engine.ledger.register()?;
    let matters = |row: &RegisterRow| {
        serde_json::from_str(&row.entry).context("read recorded matters of confidential sources")
    };
    if let Some(row) = register.iter().find(|row| row.key == key) {
        return Ok((Some(through), guard.recorded_matters(through, matters(row)?, &table)));
    }
    let latest = register.iter().filter(|row| row.key.starts_with(MATTERS));
    let earlier: Vec<ReleasedMatter> =
        latest.max_by_key(|row| &row.key).map(matters).transpose()?.unwrap_or_default();

    let named: Vec<String> = months.iter().map(|month| format!("'{month}'")).collect();
    let of_months = format!("AND month IN ({})", named.join(", "));
    let texts = Texts::read(engine, Visibility::Confidential, &of_months)?;
    let found = texts.discover(engine, &DiscoverySettings::default());
    let candidates: Vec<MatterCandidate> =
        (0..found.topics.len()).map(|topic| texts.candidate(&found, topic)).collect();
    let released = guard.release_matters(through, &candidates, &earlier, &table);
    let entry = serde_json::to_string(released.get()).context("write released matters")?;
    engine.ledger.record_release(&[RegisterRow { key, entry }]).context("record matters")?;
    Ok((Some(through), released))
}

impl Texts {
    /// Reads the texts of one visibility that `condition` (SQL, beginning with AND) lets in.
    fn read(engine: &Engine, visibility: Visibility, condition: &str) -> anyhow::Result<Self> {
        let sql = format!(
            "SELECT id, source, text, coalesce(group_id, id), tokens, posted_day, voice, visibility FROM {TABLE}
             WHERE visibility = '{}' {condition} ORDER BY id LIMIT {TEXTS_MAX}",
            visibility.as_str()
        );
        let session = engine.session()?;
        let batches = engine.rows(&session, &sql).context("read stored texts")?;
        let mut read = Self::default();
        for batch in &batches {
            let text = |index: usize| {
                arrow::compute::cast(batch.column(index), &DataType::Utf8)
                    .context("read a text column")
            };
            let (ids, sources, texts, groups) = (text(0)?, text(1)?, text(2)?, text(3)?);
            let visibilities = text(7)?;
            let [ids, sources, texts, groups, visibilities] =
                [&ids, &sources, &texts, &groups, &visibilities]
                    .map(|column| column.as_string::<i32>());
            let encoded = arrow::compute::cast(batch.column(4), &DataType::Binary)
                .context("read the tokens")?;
            let days = batch.column(5).as_primitive::<Date32Type>();
            let voices = batch.column(6).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let content = texts.value(row);
                read.tokens
                    .decode_document(content, encoded.as_binary::<i32>().value(row))
                    .context("read the tokens of a document")?;
                read.ids.push(ids.value(row).parse().context("read an id")?);
                let visibility = visibilities.value(row).parse();
                read.visibilities
                    .push(visibility.map_err(anyhow::Error::msg).context("read a visibility")?);
                read.texts.push(content.to_owned());
                read.sources.push(sources.value(row).to_owned());
                read.days.push(Day(days.value(row)));
                let is_contributor = voices.is_valid(row);
                let voice = if is_contributor {
                    voices.value(row).cast_unsigned()
                } else {
                    released::group_voice(groups.value(row))
                };
                read.voices.push((voice, is_contributor));
            }
        }
        Ok(read)
    }

    fn discover(&self, engine: &Engine, settings: &DiscoverySettings<'_>) -> Discovery {
        let names_nothing = |word: &str| engine.stages.segmenter.class(word) == WordClass::Grammar;
        discover_topics(&self.texts, &self.tokens, names_nothing, settings)
    }

    /// Counts the people behind a topic, and those behind each of its terms in it.
    fn candidate(&self, found: &Discovery, topic: usize) -> MatterCandidate {
        let of_topic =
            || (0..self.texts.len()).filter(|text| found.assignments[*text] == Some(topic));
        let terms = found.topics[topic].terms.iter().map(|term| {
            let users = of_topic().filter(|text| self.texts[*text].contains(term.as_str()));
            (term.clone(), people(users.map(|text| self.writer(text))))
        });
        let terms = terms.collect();
        MatterCandidate { terms, people: people(of_topic().map(|text| self.writer(text))) }
    }

    fn writer(&self, text: usize) -> Writer<'_> {
        let (voice, is_contributor) = self.voices[text];
        let (source, month) = (self.sources[text].as_str(), self.days[text].month());
        Writer { source, month, voice, is_contributor }
    }
}
