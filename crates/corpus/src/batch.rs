//! Batches as Arrow, with typed column access: redacted, cut, judged.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, Date32Array, Date32Builder, Float32Array,
    Float32Builder, Int8Array, Int32Builder, Int64Array, Int64Builder, ListArray, ListBuilder,
    StringArray, StringBuilder,
};
use arrow::datatypes::{Date32Type, Float32Type, Int8Type, Int64Type, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::schema::{column, document_schema, table_schema, topic_item};
use crate::{
    ContentHash, Day, DocumentId, GroupId, Polarity, SourceId, TokenBatch, TopicId, UnitId,
    Visibility, Voice,
};

/// A record batch that does not have the table's columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column} is missing or has another type (expected {expected})")]
pub struct SchemaError {
    column: String,
    expected: String,
}

/// One row on its way into a [`DocumentBatch`].
#[derive(Debug)]
pub struct DocumentRow<'a> {
    /// Stable id.
    pub id: DocumentId,
    /// Hash of the normalized text.
    pub content: ContentHash,
    /// Part of the organization.
    pub unit: Option<&'a UnitId>,
    /// Day of posting.
    pub day: Day,
    /// Pseudonym.
    pub voice: Option<Voice>,
    /// Question of a form.
    pub question: Option<&'a str>,
    /// Rating in [-1, 1].
    pub rating: Option<f32>,
    /// Redacted, as written.
    pub display: &'a str,
    /// Redacted, normalized.
    pub text: &'a str,
    /// Encoded offsets from `text` to `display`.
    pub map: &'a [u8],
    /// Bit set of repairs.
    pub repairs: u32,
}

/// Builds one [`DocumentBatch`] of one source.
#[derive(Debug)]
pub struct DocumentBatchBuilder {
    source: SourceId,
    visibility: Visibility,
    id: StringBuilder,
    content: Int64Builder,
    unit: StringBuilder,
    day: Date32Builder,
    voice: Int64Builder,
    question: StringBuilder,
    rating: Float32Builder,
    display: StringBuilder,
    text: StringBuilder,
    map: BinaryBuilder,
    repairs: Int32Builder,
}

/// Redacted documents: a record batch under [`document_schema`].
#[derive(Debug, Clone)]
pub struct DocumentBatch(RecordBatch);

/// Redacted documents with their tokens and duplicate fingerprints, all in the same order.
#[derive(Debug, Clone)]
pub struct TokenizedBatch {
    /// The documents.
    pub documents: DocumentBatch,
    /// Their one cut.
    pub tokens: TokenBatch,
    /// Similarity hash of each document's words.
    pub fingerprints: Vec<u64>,
}

/// What the models say of one document.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The class, `None` when unsure.
    pub polarity: Option<Polarity>,
    /// Expected polarity in [-1, 1].
    pub score: f32,
    /// Matters it speaks about.
    pub topics: Vec<TopicId>,
}

/// What the models say of a batch, one [`Judgement`] a document, and who said it.
#[derive(Debug, Clone)]
pub struct Enrichment {
    /// One a document.
    pub judgements: Vec<Judgement>,
    /// Fingerprint of models and taxonomy.
    pub model: String,
}

/// Judged documents: a record batch under [`table_schema`], ready for the table.
#[derive(Debug, Clone)]
pub struct EnrichedBatch(RecordBatch);

impl DocumentBatchBuilder {
    /// An empty builder for documents of `source`.
    pub fn new(source: SourceId, visibility: Visibility, row_count: usize) -> Self {
        Self {
            source,
            visibility,
            id: StringBuilder::with_capacity(row_count, row_count * 32),
            content: Int64Builder::with_capacity(row_count),
            unit: StringBuilder::new(),
            day: Date32Builder::with_capacity(row_count),
            voice: Int64Builder::with_capacity(row_count),
            question: StringBuilder::new(),
            rating: Float32Builder::with_capacity(row_count),
            display: StringBuilder::new(),
            text: StringBuilder::new(),
            map: BinaryBuilder::new(),
            repairs: Int32Builder::with_capacity(row_count),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, row: &DocumentRow<'_>) {
        use std::fmt::Write as _;
        write!(self.id, "{}", row.id).expect("writing to a builder does not fail");
        self.id.append_value("");
        self.content.append_value(row.content.0.cast_signed());
        self.unit.append_option(row.unit.map(UnitId::as_str));
        self.day.append_value(row.day.0);
        self.voice.append_option(row.voice.map(|voice| voice.0.cast_signed()));
        self.question.append_option(row.question);
        self.rating.append_option(row.rating);
        self.display.append_value(row.display);
        self.text.append_value(row.text);
        self.map.append_value(row.map);
        self.repairs.append_value(row.repairs.cast_signed());
    }

    /// The batch of all rows pushed.
    pub fn finish(mut self) -> DocumentBatch {
        let id = self.id.finish();
        let rows = id.len();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(id),
            Arc::new(self.content.finish()),
            Arc::new(repeated(self.source.as_str(), rows)),
            Arc::new(repeated(self.visibility.as_str(), rows)),
            Arc::new(self.unit.finish()),
            Arc::new(self.day.finish()),
            Arc::new(self.voice.finish()),
            Arc::new(self.question.finish()),
            Arc::new(self.rating.finish()),
            Arc::new(self.display.finish()),
            Arc::new(self.text.finish()),
            Arc::new(self.map.finish()),
            Arc::new(self.repairs.finish()),
        ];
        DocumentBatch(
            RecordBatch::try_new(document_schema(), columns)
                .expect("the builder fills every column of the schema"),
        )
    }
}

impl DocumentBatch {
    /// Rows.
    pub fn len(&self) -> usize {
        self.0.num_rows()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Normalized redacted texts: what is cut, indexed and judged.
    pub fn texts(&self) -> &StringArray {
        strings(&self.0, column::TEXT)
    }

    /// Questions of forms, null where there is none.
    pub fn questions(&self) -> &StringArray {
        strings(&self.0, column::QUESTION)
    }

    /// The underlying Arrow batch.
    pub fn record_batch(&self) -> &RecordBatch {
        &self.0
    }
}

impl EnrichedBatch {
    /// Joins documents, tokens and judgements into rows of the table. Groups are empty until [`Self::with_groups`].
    ///
    /// # Panics
    /// When the parts differ in length: they come from one flow, so that is a bug of ours.
    pub fn new(tokenized: &TokenizedBatch, enrichment: &Enrichment, segmentation: &str) -> Self {
        let documents = &tokenized.documents;
        let rows = documents.len();
        assert!(
            tokenized.tokens.document_count() == rows
                && tokenized.fingerprints.len() == rows
                && enrichment.judgements.len() == rows,
            "documents, tokens, fingerprints and judgements have one entry a row"
        );
        let mut columns: Vec<ArrayRef> = documents.0.columns().to_vec();
        columns.push(Arc::new(encoded_tokens(&tokenized.tokens)));
        columns.push(Arc::new(
            tokenized.fingerprints.iter().map(|f| Some(f.cast_signed())).collect::<Int64Array>(),
        ));
        columns.push(Arc::new(StringArray::new_null(rows)));
        columns.push(Arc::new(
            enrichment
                .judgements
                .iter()
                .map(|j| j.polarity.map(Polarity::sign))
                .collect::<Int8Array>(),
        ));
        columns.push(Arc::new(
            enrichment.judgements.iter().map(|j| Some(j.score)).collect::<Float32Array>(),
        ));
        columns.push(Arc::new(topic_lists(&enrichment.judgements)));
        columns.push(Arc::new(repeated(segmentation, rows)));
        columns.push(Arc::new(repeated(&enrichment.model, rows)));
        let days = documents.0.column(5).as_primitive::<Date32Type>();
        columns.push(Arc::new(
            days.values()
                .iter()
                .map(|day| Some(Day(*day).month().to_string()))
                .collect::<StringArray>(),
        ));
        Self(
            RecordBatch::try_new(table_schema(), columns)
                .expect("every column of the schema was made above"),
        )
    }

    /// Takes a batch read from the table.
    ///
    /// # Errors
    /// [`SchemaError`] names the first column that is missing or of another type.
    pub fn try_from_table(batch: &RecordBatch) -> Result<Self, SchemaError> {
        let schema: SchemaRef = table_schema();
        let columns = schema
            .fields()
            .iter()
            .map(|field| {
                let refused = || SchemaError {
                    column: field.name().clone(),
                    expected: field.data_type().to_string(),
                };
                let found = batch.column_by_name(field.name()).ok_or_else(refused)?;
                arrow::compute::cast(found, field.data_type()).map_err(|_| refused())
            })
            .collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(schema, columns).map(Self).map_err(|error| SchemaError {
            column: "of the table".to_owned(),
            expected: error.to_string(),
        })
    }

    /// Sets the duplicate group of each row.
    ///
    /// # Panics
    /// When there is not one entry a row.
    #[must_use]
    pub fn with_groups(self, groups: &[Option<GroupId>]) -> Self {
        assert_eq!(groups.len(), self.len(), "one group entry a row");
        let index =
            self.0.schema().index_of(column::GROUP_ID).expect("the schema has a group column");
        let mut columns = self.0.columns().to_vec();
        columns[index] = Arc::new(
            groups.iter().map(|group| group.map(|id| id.to_string())).collect::<StringArray>(),
        );
        Self(
            RecordBatch::try_new(self.0.schema(), columns)
                .expect("a column of the same type and length replaced another"),
        )
    }

    /// Judges some rows otherwise: their numbers, classes and expected polarities.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn with_polarities(self, judged: &[(usize, Option<Polarity>, f32)]) -> Self {
        if judged.is_empty() {
            return self;
        }
        let place = |name| self.0.schema().index_of(name).expect("the schema has both columns");
        let (class, score) = (place(column::POLARITY), place(column::POLARITY_SCORE));
        let mut columns = self.0.columns().to_vec();
        let mut classes: Vec<Option<i8>> =
            columns[class].as_primitive::<Int8Type>().iter().collect();
        let mut scores = columns[score].as_primitive::<Float32Type>().values().to_vec();
        for (row, polarity, expected) in judged {
            classes[*row] = polarity.map(Polarity::sign);
            scores[*row] = *expected;
        }
        columns[class] = Arc::new(Int8Array::from(classes));
        columns[score] = Arc::new(Float32Array::from(scores));
        Self(
            RecordBatch::try_new(self.0.schema(), columns)
                .expect("columns of the same type and length replaced others"),
        )
    }

    /// The rows that `keep` marks.
    ///
    /// # Panics
    /// When there is not one mark a row.
    #[must_use]
    pub fn filter(&self, keep: &[bool]) -> Self {
        let marks = arrow::array::BooleanArray::from(keep.to_vec());
        Self(arrow::compute::filter_record_batch(&self.0, &marks).expect("one mark a row"))
    }

    /// The documents without cut and judgement, to be cut and judged anew.
    pub fn documents(&self) -> DocumentBatch {
        let columns: Vec<usize> = (0..document_schema().fields().len()).collect();
        let documents =
            self.0.project(&columns).expect("the table begins with the columns of a document");
        DocumentBatch(documents)
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.0.num_rows()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The underlying Arrow batch.
    pub fn record_batch(&self) -> &RecordBatch {
        &self.0
    }

    /// A text column by name.
    ///
    /// # Panics
    /// When the table has no text column of that name.
    pub fn strings(&self, name: &str) -> &StringArray {
        strings(&self.0, name)
    }

    /// Document id of a row.
    pub fn id(&self, row: usize) -> DocumentId {
        self.at(PLACES.id)
            .as_string::<i32>()
            .value(row)
            .parse()
            .expect("ids are written by DocumentBatchBuilder")
    }

    /// Content hash of a row.
    pub fn content(&self, row: usize) -> ContentHash {
        ContentHash(self.at(PLACES.content).as_primitive::<Int64Type>().value(row).cast_unsigned())
    }

    /// Day of a row.
    pub fn day(&self, row: usize) -> Day {
        Day(self.days().value(row))
    }

    /// Days of posting.
    pub fn days(&self) -> &Date32Array {
        self.at(PLACES.posted_day).as_primitive::<Date32Type>()
    }

    /// Similarity hash of a row.
    pub fn fingerprint(&self, row: usize) -> u64 {
        self.at(PLACES.fingerprint).as_primitive::<Int64Type>().value(row).cast_unsigned()
    }

    /// Pseudonym of a row.
    pub fn voice(&self, row: usize) -> Option<Voice> {
        let voices = self.at(PLACES.voice).as_primitive::<Int64Type>();
        voices.is_valid(row).then(|| Voice(voices.value(row).cast_unsigned()))
    }

    /// Duplicate group of a row.
    pub fn group(&self, row: usize) -> Option<GroupId> {
        let groups = self.at(PLACES.group_id).as_string::<i32>();
        groups
            .is_valid(row)
            .then(|| groups.value(row).parse().expect("groups are written by with_groups"))
    }

    /// Class of a row, `None` when unsure.
    pub fn polarity(&self, row: usize) -> Option<Polarity> {
        let polarity = self.at(PLACES.polarity).as_primitive::<Int8Type>();
        if polarity.is_valid(row) { Polarity::from_sign(polarity.value(row)) } else { None }
    }

    /// Expected polarity of a row, in [-1, 1].
    pub fn score(&self, row: usize) -> f32 {
        self.at(PLACES.polarity_score).as_primitive::<Float32Type>().value(row)
    }

    /// Topic names of a row.
    pub fn topics(&self, row: usize) -> Vec<String> {
        let lists: &ListArray = self.at(PLACES.topics).as_list();
        if lists.value_length(row) == 0 {
            return Vec::new();
        }
        lists.value(row).as_string::<i32>().iter().flatten().map(str::to_owned).collect()
    }

    /// Encoded tokens of all rows, for [`TokenBatch::decode_document`].
    pub fn encoded_tokens(&self) -> &BinaryArray {
        self.at(PLACES.tokens).as_binary()
    }

    fn at(&self, place: usize) -> &ArrayRef {
        self.0.column(place)
    }
}

/// Where the columns that are read row by row stand in [`table_schema`], which every [`EnrichedBatch`] has: looking a name up costs more than the value.
struct Places {
    id: usize,
    content: usize,
    posted_day: usize,
    voice: usize,
    group_id: usize,
    fingerprint: usize,
    tokens: usize,
    polarity: usize,
    polarity_score: usize,
    topics: usize,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let schema = table_schema();
    let place = |name| schema.index_of(name).expect("the schema has its columns");
    Places {
        id: place(column::ID),
        content: place(column::CONTENT),
        posted_day: place(column::POSTED_DAY),
        voice: place(column::VOICE),
        group_id: place(column::GROUP_ID),
        fingerprint: place(column::FINGERPRINT),
        tokens: place(column::TOKENS),
        polarity: place(column::POLARITY),
        polarity_score: place(column::POLARITY_SCORE),
        topics: place(column::TOPICS),
    }
});

fn strings<'a>(batch: &'a RecordBatch, name: &str) -> &'a StringArray {
    batch.column_by_name(name).expect("the schema was checked when the batch was made").as_string()
}

fn repeated(value: &str, rows: usize) -> StringArray {
    std::iter::repeat_n(Some(value), rows).collect()
}

fn encoded_tokens(tokens: &TokenBatch) -> BinaryArray {
    let mut builder =
        BinaryBuilder::with_capacity(tokens.document_count(), tokens.word_count() * 2);
    let mut encoded = Vec::new();
    for document in 0..tokens.document_count() {
        encoded.clear();
        tokens.encode_document(document, &mut encoded);
        builder.append_value(&encoded);
    }
    builder.finish()
}

fn topic_lists(judgements: &[Judgement]) -> ListArray {
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(topic_item());
    for judgement in judgements {
        for topic in &judgement.topics {
            builder.values().append_value(topic.as_str());
        }
        builder.append(true);
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Token, TokenKind};

    fn enriched() -> EnrichedBatch {
        let mut builder =
            DocumentBatchBuilder::new("意见箱".parse().unwrap(), Visibility::Confidential, 2);
        let unit = UnitId::new("采油一厂").unwrap();
        for (id, text) in [(1u128, "好"), (2, "差")] {
            builder.push(&DocumentRow {
                id: DocumentId(id),
                content: ContentHash(u64::MAX),
                unit: Some(&unit),
                day: Day::from_ymd(2026, 3, 9).unwrap(),
                voice: Some(Voice(u64::MAX)),
                question: None,
                rating: Some(0.5),
                display: text,
                text,
                map: &[],
                repairs: 1,
            });
        }
        let mut tokens = TokenBatch::default();
        for _ in 0..2 {
            tokens.push_word(Token {
                byte_start: 0,
                byte_end: 3,
                char_start: 0,
                kind: TokenKind::Word,
            });
            tokens.end_document();
        }
        let tokenized =
            TokenizedBatch { documents: builder.finish(), tokens, fingerprints: vec![7, u64::MAX] };
        let topics = vec!["食堂".parse().unwrap()];
        let judgements = vec![
            Judgement { polarity: Some(Polarity::Positive), score: 0.9, topics },
            Judgement { polarity: None, score: 0.0, topics: Vec::new() },
        ];
        EnrichedBatch::new(&tokenized, &Enrichment { judgements, model: "m".into() }, "s")
    }

    #[test]
    fn rows_read_back_as_pushed() {
        let batch = enriched().with_groups(&[None, Some(DocumentId(1))]);
        assert_eq!(
            (batch.id(1), batch.content(0), batch.voice(0)),
            (DocumentId(2), ContentHash(u64::MAX), Some(Voice(u64::MAX)))
        );
        assert_eq!(
            (batch.polarity(0), batch.polarity(1), batch.group(1)),
            (Some(Polarity::Positive), None, Some(DocumentId(1)))
        );
        assert_eq!(
            (batch.topics(0), batch.topics(1).len(), batch.fingerprint(1)),
            (vec!["食堂".to_owned()], 0, u64::MAX)
        );
        assert_eq!(batch.strings(column::MONTH).value(0), "2026-03");
        assert_eq!(batch.filter(&[false, true]).id(0), DocumentId(2));
    }

    #[test]
    fn a_batch_from_the_table_is_checked() {
        let batch = enriched();
        assert_eq!(
            EnrichedBatch::try_from_table(batch.record_batch()).unwrap().id(0),
            DocumentId(1)
        );
        let short = batch.record_batch().project(&[0, 1]).unwrap();
        assert!(
            EnrichedBatch::try_from_table(&short)
                .unwrap_err()
                .to_string()
                .starts_with("column source")
        );
    }
}
