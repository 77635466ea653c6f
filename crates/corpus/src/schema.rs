//! The document table, as other tools see it.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// Column names, in table order. What each holds stands at [`document_schema`] and [`table_schema`].
pub mod column {
    #![expect(missing_docs, reason = "the names say it; units and meaning stand at the schemas")]
    pub const ID: &str = "id";
    pub const CONTENT: &str = "content";
    pub const SOURCE: &str = "source";
    pub const VISIBILITY: &str = "visibility";
    pub const UNIT: &str = "unit";
    pub const POSTED_DAY: &str = "posted_day";
    pub const VOICE: &str = "voice";
    pub const QUESTION: &str = "question";
    pub const RATING: &str = "rating";
    pub const DISPLAY: &str = "display";
    pub const TEXT: &str = "text";
    pub const MAP: &str = "map";
    pub const REPAIRS: &str = "repairs";
    pub const TOKENS: &str = "tokens";
    pub const FINGERPRINT: &str = "fingerprint";
    pub const GROUP_ID: &str = "group_id";
    pub const POLARITY: &str = "polarity";
    pub const POLARITY_SCORE: &str = "polarity_score";
    pub const TOPICS: &str = "topics";
    pub const SEGMENTATION: &str = "segmentation";
    pub const MODEL: &str = "model";
    pub const MONTH: &str = "month";
}

/// What redaction gives.
///
/// | column | holds |
/// |---|---|
/// | `id` | 32 hexadecimal digits, stable over imports |
/// | `content` | hash of the normalized text, to tell a revision from a repeat |
/// | `source`, `unit` | names; a unit may be missing |
/// | `visibility` | `open` or `confidential`, as the source was declared at import |
/// | `posted_day` | day in Asia/Shanghai; finer times are not kept |
/// | `voice` | pseudonym within source and month, null when the source names no contributor |
/// | `question`, `rating` | of forms; a rating is scaled to [-1, 1] |
/// | `display` | the redacted text as written, for readers |
/// | `text` | the redacted normalized text, for machines |
/// | `map` | byte offsets from `text` to `display` |
/// | `repairs` | bit set of what decoding and normalization mended |
pub fn document_schema() -> SchemaRef {
    Arc::new(Schema::new(document_fields()))
}

/// The whole table: [`document_schema`] and
///
/// | column | holds |
/// |---|---|
/// | `tokens` | the one cut, encoded by [`crate::TokenBatch::encode_document`] |
/// | `fingerprint` | similarity hash of the words |
/// | `group_id` | first document of the duplicate group, null for a document of its own |
/// | `polarity` | -1, 0, 1; null is unsure |
/// | `polarity_score` | expected polarity in [-1, 1] |
/// | `topics` | topic names |
/// | `segmentation`, `model` | fingerprints of what cut and judged the row |
/// | `month` | `2026-03`, the partition |
pub fn table_schema() -> SchemaRef {
    let mut fields = document_fields();
    fields.extend([
        Field::new(column::TOKENS, DataType::Binary, false),
        Field::new(column::FINGERPRINT, DataType::Int64, false),
        Field::new(column::GROUP_ID, DataType::Utf8, true),
        Field::new(column::POLARITY, DataType::Int8, true),
        Field::new(column::POLARITY_SCORE, DataType::Float32, false),
        Field::new(column::TOPICS, DataType::List(topic_item()), false),
        Field::new(column::SEGMENTATION, DataType::Utf8, false),
        Field::new(column::MODEL, DataType::Utf8, false),
        Field::new(column::MONTH, DataType::Utf8, false),
    ]);
    Arc::new(Schema::new(fields))
}

pub(crate) fn topic_item() -> Arc<Field> {
    Arc::new(Field::new("element", DataType::Utf8, false))
}

fn document_fields() -> Vec<Field> {
    vec![
        Field::new(column::ID, DataType::Utf8, false),
        Field::new(column::CONTENT, DataType::Int64, false),
        Field::new(column::SOURCE, DataType::Utf8, false),
        Field::new(column::VISIBILITY, DataType::Utf8, false),
        Field::new(column::UNIT, DataType::Utf8, true),
        Field::new(column::POSTED_DAY, DataType::Date32, false),
        Field::new(column::VOICE, DataType::Int64, true),
        Field::new(column::QUESTION, DataType::Utf8, true),
        Field::new(column::RATING, DataType::Float32, true),
        Field::new(column::DISPLAY, DataType::Utf8, false),
        Field::new(column::TEXT, DataType::Utf8, false),
        Field::new(column::MAP, DataType::Binary, false),
        Field::new(column::REPAIRS, DataType::Int32, false),
    ]
}
