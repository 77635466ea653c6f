//! Real rows for a store: through normalization, redaction and the cut, with judgements written by hand.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use corpus::{
    EnrichedBatch, Enrichment, EventTime, Judgement, Locator, Month, Origin, Polarity, RawDocument,
    SourceId, TokenBatch, TokenizedBatch, TopicId, Visibility,
};
use privacy::{Key, KeyRing, Pseudonymizer, Redacted, Redactor};
use store::{Committed, Error, QueryAnalyzer, Recovery, SourceSequence, Store};
use text::{Lexicon, Normalizer, Scratch, Segmenter};

/// One document of a test.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) text: &'static str,
    pub(crate) day: &'static str,
    pub(crate) polarity: Option<Polarity>,
}

pub(crate) fn row(id: &'static str, day: &'static str, text: &'static str) -> Row {
    Row { id, text, day, polarity: Some(Polarity::Negative) }
}

/// Normalizer and segmenter, built once: the dictionary takes a moment.
pub(crate) struct Analysis {
    pub(crate) normalizer: Normalizer,
    pub(crate) segmenter: Segmenter,
}

pub(crate) static ANALYSIS: LazyLock<Analysis> = LazyLock::new(|| {
    let lexicon = Lexicon::builtin();
    Analysis {
        normalizer: Normalizer::new(lexicon.exceptions()),
        segmenter: Segmenter::new(&lexicon, privacy::placeholders()),
    }
});

impl QueryAnalyzer for Analysis {
    fn normalize(&self, text: &str) -> String {
        self.normalizer.normalize(text, &mut Scratch::default()).text
    }

    fn words(&self, normalized: &str) -> Vec<String> {
        let mut tokens = TokenBatch::default();
        self.segmenter.tokenize(normalized, &mut Scratch::default(), &mut tokens);
        tokens
            .words(0)
            .iter()
            .filter(|token| token.kind.is_searchable())
            .map(|token| token.text(normalized).to_owned())
            .collect()
    }

    fn narrower_topics(&self, topic: &TopicId) -> Vec<TopicId> {
        Vec::from_iter((topic.as_str() == "生活服务").then(|| "食堂".parse().unwrap()))
    }
}

struct OneKey;

impl KeyRing for OneKey {
    fn is_open(&self, _: &SourceId, _: corpus::Day) -> bool {
        true
    }

    fn month_key(&self, _: &SourceId, _: Month) -> Option<Arc<Key>> {
        Some(Arc::new(Key::from_bytes([7; 32])))
    }
}

pub(crate) fn source() -> SourceId {
    "论坛".parse().unwrap()
}

/// Rows of an open source.
pub(crate) fn batch(rows: &[Row]) -> Redacted<EnrichedBatch> {
    batch_of(Visibility::Open, rows)
}

pub(crate) fn batch_of(visibility: Visibility, rows: &[Row]) -> Redacted<EnrichedBatch> {
    let documents = rows
        .iter()
        .enumerate()
        .map(|(position, row)| RawDocument {
            origin: Origin {
                locator: Locator { origin: "test".into(), position: position as u64 + 1 },
                external_id: Some(row.id.to_owned()),
                posted_at: row.day.parse::<EventTime>().unwrap(),
                unit: Some("采油一厂".parse().unwrap()),
                rating: None,
                author: None,
                receipt: None,
            },
            question: None,
            text: row.text.to_owned(),
        })
        .collect();
    let mut scratch = Scratch::default();
    let (normalized, rejections) =
        text::normalize_batch(&ANALYSIS.normalizer, documents, &mut scratch);
    assert!(rejections.is_empty(), "{rejections:?}");
    let pseudonymizer = Pseudonymizer::new(Key::from_bytes([1; 32]), Arc::new(OneKey));
    let (redacted, _, _, _) =
        privacy::redact_batch(&Redactor::new(), &pseudonymizer, &source(), visibility, normalized);
    redacted.map(|documents| {
        let mut tokens = TokenBatch::default();
        ANALYSIS.segmenter.tokenize_batch(
            documents.texts().iter().flatten(),
            &mut scratch,
            &mut tokens,
        );
        let fingerprints = vec![0; documents.len()];
        let judgements = rows
            .iter()
            .map(|row| Judgement {
                polarity: row.polarity,
                score: -0.5,
                topics: vec!["食堂".parse().unwrap()],
            })
            .collect();
        let tokenized = TokenizedBatch { documents, tokens, fingerprints };
        EnrichedBatch::new(
            &tokenized,
            &Enrichment { judgements, model: "test".into() },
            ANALYSIS.segmenter.fingerprint(),
        )
    })
}

pub(crate) async fn open(root: &Path) -> (Store, Recovery) {
    Store::open(root, ANALYSIS.segmenter.fingerprint()).await.unwrap()
}

pub(crate) async fn commit(store: &mut Store, sequence: i64) -> Result<Committed, Error> {
    store.commit(SourceSequence { source: &source(), sequence }, "{}", 1_700_000_000_000).await
}

/// Ids are keyed, so tests find documents by their words.
pub(crate) fn found(store: &Store, text: &str) -> Vec<String> {
    let query = corpus::SearchQuery { text: text.to_owned(), ..Default::default() };
    let mut snippets: Vec<String> = store
        .search(&query, &*ANALYSIS)
        .unwrap()
        .hits
        .hits
        .into_iter()
        .map(|hit| hit.snippet)
        .collect();
    snippets.sort();
    snippets
}
