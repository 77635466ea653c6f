//! Entries of a feed as documents.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use corpus::{EventTime, RejectionReason};
use feed_rs::model::{Entry, Text};

use super::FeedError;
use super::charset::decoded;
use super::fetch::Answer;
use crate::batch::{ReadBatch, Refusal};
use crate::intake::{Intake, Row, Value};
use crate::map::Columns;
use crate::{Field, SourceDeclaration};

/// Adds the entries of a feed to `batch`.
pub(crate) fn read_entries(
    answer: &Answer,
    url: &str,
    source: &SourceDeclaration,
    now: EventTime,
    batch: &mut ReadBatch,
) -> Result<(), FeedError> {
    let text = decoded(answer)?;
    // An entry without a guid gets an empty one, so that it can be told from one that has it.
    let parser = feed_rs::parser::Builder::new().id_generator(|_, _, _| String::new()).build();
    let feed = parser.parse(text.as_bytes()).map_err(|_| FeedError::NotAFeed)?;
    let intake = Intake::new(source, Path::new(url), now);
    let mut guid_counts: HashMap<String, u32> = HashMap::new();
    for entry in &feed.entries {
        *guid_counts.entry(entry.id.clone()).or_default() += 1;
    }
    for (position, entry) in (1..).zip(&feed.entries) {
        let is_own_guid = !entry.id.is_empty() && guid_counts.get(&entry.id) == Some(&1);
        let admitted = refuse_undecoded(entry)
            .and_then(|()| intake.document(row(entry, is_own_guid), &Columns::default(), position));
        match admitted {
            Ok(document) => batch.admit(document),
            Err(refusal) => batch.refuse(&intake.origin, position, refusal, &as_json(entry)),
        }
    }
    Ok(())
}

fn row(entry: &Entry, is_own_guid: bool) -> Row<'_> {
    let posted_at = entry
        .published
        .or(entry.updated)
        .and_then(|time| EventTime::from_unix_ms(time.timestamp_millis()));
    let mut row = Row::default();
    row.set(Field::Id, Value::Text(identity(entry, is_own_guid, posted_at)));
    row.set(
        Field::Title,
        title(entry).map_or(Value::Null, |title| Value::Text(Cow::Borrowed(title))),
    );
    row.set(Field::Text, body(entry).map_or(Value::Null, |body| Value::Text(Cow::Borrowed(body))));
    row.set(Field::PostedAt, posted_at.map_or(Value::Missing, Value::Time));
    if let Some(author) = entry.authors.first().and_then(|author| author.name.as_deref()) {
        row.set(Field::Author, Value::Text(Cow::Borrowed(author)));
    }
    row
}

/// The guid; where there is none, or one for several entries, the title and the day.
///
/// Never the link: some feeds give one address to all their entries, and a rule by address folded whole feeds into one document (MrRSS#400).
fn identity(entry: &Entry, is_own_guid: bool, posted_at: Option<EventTime>) -> Cow<'_, str> {
    if is_own_guid {
        return Cow::Borrowed(&entry.id);
    }
    let words = title(entry).or_else(|| body(entry)).unwrap_or_default();
    let day = posted_at.map(|time| time.day().to_string()).unwrap_or_default();
    let hash = blake3::hash(format!("{day}\n{words}").as_bytes());
    Cow::Owned(format!("title-day:{}", hash.to_hex()))
}

fn title(entry: &Entry) -> Option<&str> {
    entry.title.as_ref().and_then(|title| with_words(&title.content))
}

/// The full text where the feed has it, else the summary. Markup stays: normalization takes it out of all texts, once.
fn body(entry: &Entry) -> Option<&str> {
    let full =
        entry.content.as_ref().and_then(|content| content.body.as_deref()).and_then(with_words);
    full.or_else(|| entry.summary.as_ref().and_then(|Text { content, .. }| with_words(content)))
}

/// `None` when nothing but markup would be left, as of an entry that is one picture.
fn with_words(markup: &str) -> Option<&str> {
    let (words, _) = text::unescape(markup);
    (!words.trim().is_empty()).then_some(markup)
}

fn refuse_undecoded(entry: &Entry) -> Result<(), Refusal> {
    let is_broken =
        [title(entry), body(entry)].into_iter().flatten().any(|words| words.contains('\u{fffd}'));
    if is_broken {
        Err(Refusal::new(RejectionReason::Encoding, "the entry is not in the charset of its feed"))
    } else {
        Ok(())
    }
}

/// What the quarantine keeps of an entry: a row of JSON Lines.
fn as_json(entry: &Entry) -> Vec<u8> {
    let posted_at = entry.published.or(entry.updated).map(|time| time.to_rfc3339());
    serde_json::json!({ "id": entry.id, "title": title(entry), "text": body(entry), "posted_at": posted_at }).to_string().into_bytes()
}
