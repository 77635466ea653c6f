//! The tantivy index: what is indexed how, and how it follows the table.
//!
//! Two fields hold each text. `words` holds the words and sub-words of the one cut that have two characters or more, for ranking. `chars` holds
//! the single characters with their positions, so that a phrase query over it is a substring search of the text, whatever the cut was: 处理 finds
//! 待处理 by construction. It also ranks words of one character, which would only double it in `words`.

mod tokenizer;

use std::fmt::Write as _;
use std::path::Path;

use corpus::{
    ContentHash, Day, DocumentId, EnrichedBatch, Polarity, TokenBatch, TokenKind, column,
};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tantivy::collector::TopDocs;
use tantivy::indexer::PreparedCommit;
use tantivy::query::TermQuery;
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError, Term};

use crate::error::index as index_error;
use crate::table::Table;
use crate::{Error, Recovery, parquet_file};

pub(crate) use tokenizer::characters;

const WRITER_THREADS: usize = 2;
/// Two arenas of 64 MB: large enough that a commit of 64k short documents is a few segments, small enough for the memory bound.
const WRITER_BYTES: usize = 2 * 64_000_000;
/// Merges that commits before a deletion can have under way: there are no more segments than this of one size.
const MERGES_UNDER_WAY_MAX: usize = 32;
/// Between two words of one document in the string handed to tantivy. Normalization removes control characters, so no text holds it.
const WORD_SEPARATOR: char = '\u{1f}';

/// Fields of the index schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) key: Field,
    pub(crate) content: Field,
    pub(crate) words: Field,
    pub(crate) chars: Field,
    pub(crate) source: Field,
    pub(crate) visibility: Field,
    pub(crate) unit: Field,
    pub(crate) topic: Field,
    pub(crate) polarity: Field,
    pub(crate) day: Field,
    pub(crate) voice: Field,
    pub(crate) contributor: Field,
    pub(crate) display: Field,
    pub(crate) text: Field,
    pub(crate) map: Field,
}

/// What a commit of the index says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    version: u64,
    segmentation: String,
}

pub(crate) struct Index {
    writer: IndexWriter,
    reader: IndexReader,
    pub(crate) fields: Fields,
    segmentation: String,
    scratch: Scratch,
}

/// Buffers kept between documents.
#[derive(Default)]
struct Scratch {
    tokens: TokenBatch,
    words: String,
}

impl Index {
    /// Opens the index and brings it up to `table`; an index that cannot be opened is thrown away, since the table holds everything.
    pub(crate) async fn open(
        root: &Path,
        table: &Table,
        segmentation: &str,
    ) -> Result<(Self, Recovery), Error> {
        let (mut index, payload) = match Self::open_existing(root, segmentation) {
            Ok(opened) => opened,
            Err(error) => {
                if root.exists() {
                    tracing::warn!(%error, "search index unreadable, making it again from the table");
                    let failed =
                        |source| Error::File { action: "delete", path: root.to_owned(), source };
                    std::fs::remove_dir_all(root).map_err(failed)?;
                }
                Self::open_existing(root, segmentation)?
            }
        };
        if let Some(payload) = &payload
            && payload.segmentation != segmentation
        {
            return Err(Error::Segmentation {
                found: payload.segmentation.clone(),
                expected: segmentation.to_owned(),
            });
        }
        let held = payload.map_or(0, |payload| payload.version);
        if held == table.version() {
            return Ok((index, Recovery::None));
        }
        let changes = if held < table.version() { table.changes_since(held).await? } else { None };
        match changes {
            // A removal may already have taken the old file from disk, so which rows it held is unknown.
            Some(changes) if !changes.iter().any(|change| change.removes) => {
                let mut rows = 0;
                for file in changes.into_iter().flat_map(|change| change.added) {
                    for batch in parquet_file::read(&file.path, file.month)? {
                        let batch = batch?;
                        rows += batch.len() as u64;
                        index.add(&batch)?;
                    }
                }
                index.commit(table.version())?;
                Ok((index, Recovery::CaughtUp { rows }))
            }
            _ => {
                let rows = index.rebuild(table, segmentation).await?;
                Ok((index, Recovery::Rebuilt { rows }))
            }
        }
    }

    /// The segmentation by which the index under `root` was cut, `None` when there is none that can be read.
    pub(crate) fn segmentation_of(root: &Path) -> Option<String> {
        let metas = tantivy::Index::open_in_dir(root).ok()?.load_metas().ok()?;
        let payload: Payload = serde_json::from_str(&metas.payload?).ok()?;
        Some(payload.segmentation)
    }

    /// From the next commit on the index is one of `segmentation`.
    pub(crate) fn cut_by(&mut self, segmentation: &str) {
        self.segmentation = segmentation.to_owned();
    }

    fn open_existing(root: &Path, segmentation: &str) -> Result<(Self, Option<Payload>), Error> {
        std::fs::create_dir_all(root).map_err(|source| Error::File {
            action: "make folder",
            path: root.to_owned(),
            source,
        })?;
        let (schema, fields) = schema();
        let directory = tantivy::directory::MmapDirectory::open(root)
            .map_err(|error| index_error("open the index folder")(error.into()))?;
        let index = tantivy::Index::open_or_create(directory, schema)
            .map_err(index_error("open the index"))?;
        tokenizer::register(&index);
        let payload = index.load_metas().map_err(index_error("read the index"))?.payload;
        let payload = payload.and_then(|json| serde_json::from_str(&json).ok());
        let writer = index
            .writer_with_num_threads(WRITER_THREADS, WRITER_BYTES)
            .map_err(index_error("open the index for writing"))?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(index_error("read the index"))?;
        let segmentation = segmentation.to_owned();
        Ok((Self { writer, reader, fields, segmentation, scratch: Scratch::default() }, payload))
    }

    /// Empties the index and fills it from every active file.
    pub(crate) async fn rebuild(
        &mut self,
        table: &Table,
        segmentation: &str,
    ) -> Result<u64, Error> {
        self.segmentation = segmentation.to_owned();
        self.writer.delete_all_documents().map_err(index_error("empty the index"))?;
        let mut rows = 0;
        for file in table.active_files()? {
            for batch in parquet_file::read(&file.path, file.month)? {
                let batch = batch?;
                rows += batch.len() as u64;
                self.add(&batch)?;
            }
        }
        self.commit(table.version())?;
        Ok(rows)
    }

    /// Queues documents. They are found after the next [`Self::commit`].
    pub(crate) fn add(&mut self, batch: &EnrichedBatch) -> Result<(), Error> {
        let Scratch { tokens, words } = &mut self.scratch;
        let fields = self.fields;
        let sources = batch.strings(column::SOURCE);
        let (visibilities, units) =
            (batch.strings(column::VISIBILITY), batch.strings(column::UNIT));
        let (displays, texts) = (batch.strings(column::DISPLAY), batch.strings(column::TEXT));
        let encoded = batch.encoded_tokens();
        for row in 0..batch.len() {
            let text = texts.value(row);
            tokens.clear();
            tokens
                .decode_document(text, encoded.value(row))
                .map_err(|source| Error::Tokens { id: batch.id(row), source })?;
            join_words(text, tokens, words);
            let mut document = TantivyDocument::default();
            let id = batch.id(row);
            document.add_bytes(fields.id, &id.0.to_be_bytes());
            document.add_bytes(fields.key, &key_of(id));
            document.add_u64(fields.content, batch.content(row).0);
            document.add_text(fields.words, &*words);
            document.add_text(fields.chars, text);
            document.add_text(fields.source, sources.value(row));
            document.add_text(fields.visibility, visibilities.value(row));
            if arrow::array::Array::is_valid(units, row) {
                document.add_text(fields.unit, units.value(row));
            }
            for topic in batch.topics(row) {
                document.add_text(fields.topic, topic);
            }
            if let Some(polarity) = batch.polarity(row) {
                document.add_text(fields.polarity, polarity.as_str());
            }
            document.add_i64(fields.day, i64::from(batch.day(row).0));
            document.add_u64(fields.voice, voice_of(batch, row));
            document.add_bool(fields.contributor, batch.voice(row).is_some());
            let display = displays.value(row);
            document.add_text(fields.display, display);
            if display != text {
                document.add_text(fields.text, text);
                document.add_bytes(
                    fields.map,
                    batch.record_batch().column_by_name(column::MAP).map_or(&[][..], |maps| {
                        arrow::array::AsArray::as_binary::<i32>(maps).value(row)
                    }),
                );
            }
            self.writer
                .add_document(document)
                .map_err(index_error("add a document to the index"))?;
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: DocumentId) {
        self.writer.delete_term(self.id_term(id));
    }

    /// Writes the segments of everything queued, which is the long part of a commit and asks for no version yet.
    pub(crate) fn prepare(&mut self) -> Result<PreparedIndex<'_>, Error> {
        let Self { writer, reader, segmentation, .. } = self;
        let commit = writer.prepare_commit().map_err(index_error("prepare an index commit"))?;
        Ok(PreparedIndex { commit, reader, segmentation })
    }

    /// Makes everything queued durable, as what `version` of the table holds.
    pub(crate) fn commit(&mut self, version: u64) -> Result<(), Error> {
        self.prepare()?.commit(version)
    }

    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        self.writer.rollback().map_err(index_error("roll the index back")).map(|_| ())
    }

    /// Merges all segments into one and deletes the old files, so that no deleted document is left in any of them.
    pub(crate) fn merge_all(&mut self) -> Result<(), Error> {
        let mut attempts = 0;
        loop {
            let segments = self
                .writer
                .index()
                .searchable_segment_ids()
                .map_err(index_error("list index segments"))?;
            if segments.is_empty() {
                break;
            }
            attempts += 1;
            // A commit before this one may have begun merges of its own in the background, and one that ends first takes our segments away.
            // None begin without a commit, so each refusal is one fewer of them.
            match self.writer.merge(&segments).wait() {
                Ok(_) => break,
                Err(TantivyError::InvalidArgument(_)) if attempts <= MERGES_UNDER_WAY_MAX => {}
                Err(error) => return Err(index_error("merge the index")(error)),
            }
        }
        self.writer
            .garbage_collect_files()
            .wait()
            .map_err(index_error("delete old index files"))?;
        self.reader.reload().map_err(index_error("reload the index"))
    }

    pub(crate) fn searcher(&self) -> tantivy::Searcher {
        self.reader.searcher()
    }

    pub(crate) fn document_count(&self) -> u64 {
        self.searcher().num_docs()
    }

    fn id_term(&self, id: DocumentId) -> Term {
        Term::from_field_bytes(self.fields.key, &key_of(id))
    }

    /// Content hash and day of a committed document.
    pub(crate) fn content(&self, id: DocumentId) -> Result<Option<(ContentHash, Day)>, Error> {
        let searcher = self.searcher();
        let query = TermQuery::new(self.id_term(id), IndexRecordOption::Basic);
        let found = searcher
            .search(&query, &TopDocs::with_limit(1).order_by_score())
            .map_err(index_error("look a document up"))?;
        let Some((_, address)) = found.first() else { return Ok(None) };
        let columns = searcher.segment_reader(address.segment_ord).fast_fields();
        let read = || -> tantivy::Result<(ContentHash, Day)> {
            let content = columns.u64("content")?.first(address.doc_id).unwrap_or_default();
            let day = columns.i64("day")?.first(address.doc_id).unwrap_or_default();
            Ok((ContentHash(content), Day(day as i32)))
        };
        read().map(Some).map_err(index_error("look a document up"))
    }

    /// [`Self::content`] of every row of a batch. Free while the index is empty, as it is on a first import.
    pub(crate) fn contents(
        &self,
        batch: &EnrichedBatch,
    ) -> Result<Vec<Option<(ContentHash, Day)>>, Error> {
        if self.document_count() == 0 {
            return Ok(vec![None; batch.len()]);
        }
        let mut known: FxHashMap<usize, (ContentHash, Day)> = FxHashMap::default();
        for segment in self.searcher().segment_readers() {
            let inverted = segment
                .inverted_index(self.fields.key)
                .map_err(index_error("look documents up"))?;
            let columns = segment.fast_fields();
            let read =
                || -> tantivy::Result<_> { Ok((columns.u64("content")?, columns.i64("day")?)) };
            let (contents, days) = read().map_err(index_error("look documents up"))?;
            for row in 0..batch.len() {
                let postings = inverted
                    .read_postings(&self.id_term(batch.id(row)), IndexRecordOption::Basic)
                    .map_err(|source| index_error("look documents up")(source.into()))?;
                let Some(mut postings) = postings else { continue };
                use tantivy::DocSet as _;
                let mut document = postings.doc();
                while document != tantivy::TERMINATED {
                    if segment.alive_bitset().is_none_or(|alive| alive.is_alive(document)) {
                        let content = ContentHash(contents.first(document).unwrap_or_default());
                        known.insert(
                            row,
                            (content, Day(days.first(document).unwrap_or_default() as i32)),
                        );
                    }
                    document = postings.advance();
                }
            }
        }
        Ok((0..batch.len()).map(|row| known.get(&row).copied()).collect())
    }
}

/// Segments that are on disk and wait for the version of the table that they belong to. Dropped without a commit, they are forgotten by the next
/// [`Index::rollback`].
pub(crate) struct PreparedIndex<'a> {
    commit: PreparedCommit<'a, TantivyDocument>,
    reader: &'a IndexReader,
    segmentation: &'a str,
}

impl PreparedIndex<'_> {
    pub(crate) fn commit(mut self, version: u64) -> Result<(), Error> {
        let payload = Payload { version, segmentation: self.segmentation.to_owned() };
        let payload = serde_json::to_string(&payload).expect("two plain fields serialize");
        self.commit.set_payload(&payload);
        self.commit.commit().map_err(index_error("commit the index"))?;
        self.reader.reload().map_err(index_error("reload the index"))
    }
}

/// By what a document is found again: the first ten bytes of its id. An id is a keyed hash, so two of a thousand million documents share these
/// with a chance of one in two million; a term dictionary pays for every byte of a random term.
fn key_of(id: DocumentId) -> [u8; 10] {
    let [key @ .., _, _, _, _, _, _] = id.0.to_be_bytes();
    key
}

/// Whom a document counts for: its contributor, or where the source names none, its duplicate group.
fn voice_of(batch: &EnrichedBatch, row: usize) -> u64 {
    match batch.voice(row) {
        Some(voice) => voice.0,
        None => {
            let own = batch.group(row).unwrap_or_else(|| batch.id(row));
            (own.0 >> 64) as u64 ^ own.0 as u64
        }
    }
}

/// Whether a searchable word stands in `words`: single Chinese characters are found and ranked by `chars`.
pub(crate) fn is_word(word: &str) -> bool {
    word.chars().nth(1).is_some()
}

/// Writes the searchable words and sub-words, lower-cased, with a separator after each.
fn join_words(text: &str, tokens: &TokenBatch, out: &mut String) {
    out.clear();
    for token in
        tokens.words(0).iter().chain(tokens.sub_words(0)).filter(|token| token.kind.is_searchable())
    {
        let word = token.text(text);
        if !is_word(word) {
            continue;
        }
        if token.kind == TokenKind::Latin {
            out.extend(word.chars().flat_map(char::to_lowercase));
        } else {
            out.push_str(word);
        }
        let _ = out.write_char(WORD_SEPARATOR);
    }
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer(tokenizer::WORDS)
        .set_index_option(IndexRecordOption::WithFreqs);
    let chars = TextFieldIndexing::default()
        .set_tokenizer(tokenizer::CHARS)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions)
        .set_fieldnorms(false);
    // Filters carry no score, so nothing is kept of how often or how long.
    let name = TextOptions::default().set_stored().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    );
    let fields = Fields {
        id: builder.add_bytes_field("id", STORED),
        key: builder.add_bytes_field("key", BytesOptions::default().set_indexed()),
        content: builder.add_u64_field("content", FAST),
        words: builder.add_text_field("words", TextOptions::default().set_indexing_options(words)),
        chars: builder.add_text_field("chars", TextOptions::default().set_indexing_options(chars)),
        source: builder.add_text_field("source", name.clone()),
        visibility: builder.add_text_field("visibility", name.clone()),
        unit: builder.add_text_field("unit", name.clone()),
        topic: builder.add_text_field("topic", name.clone()),
        polarity: builder.add_text_field("polarity", name),
        day: builder.add_i64_field("day", FAST | STORED),
        voice: builder.add_u64_field("voice", FAST),
        contributor: builder.add_bool_field("contributor", FAST),
        display: builder.add_text_field("display", STORED),
        text: builder.add_text_field("text", STORED),
        map: builder.add_bytes_field("map", STORED),
    };
    (builder.build(), fields)
}

/// The stored word of a polarity.
pub(crate) fn polarity_term(fields: Fields, polarity: Polarity) -> Term {
    Term::from_field_text(fields.polarity, polarity.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_segment_is_left_even_when_others_merge_at_the_same_time() {
        let dir = tempfile::tempdir().unwrap();
        let (mut index, _) = Index::open_existing(dir.path(), "test").unwrap();
        for version in 1..=6 {
            let mut document = TantivyDocument::default();
            document.add_text(index.fields.display, format!("宿舍很吵{version}"));
            index.writer.add_document(document).unwrap();
            index.commit(version).unwrap();
        }
        let segments = index.writer.index().searchable_segment_ids().unwrap();
        assert_eq!(segments.len(), 6);
        let under_way = index.writer.merge(&segments);
        index.merge_all().unwrap();
        drop(under_way);
        assert_eq!(index.writer.index().searchable_segment_ids().unwrap().len(), 1);
        assert_eq!(index.document_count(), 6);
    }
}
