use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{Date32Type, Int64Type};
use corpus::{
    Author, Day, EventTime, Locator, Month, Origin, Period, SourceId, Visibility, column,
};
use text::{NormalizedDocument, NormalizedText, OffsetMap};

use super::*;
use crate::{Key, KeyRing};

/// Keys for all months but the closed ones; weeks may be closed too.
struct Ring(BTreeSet<Period>);

impl KeyRing for Ring {
    fn is_open(&self, _: &SourceId, day: Day) -> bool {
        !self.0.iter().any(|period| period.holds(day))
    }

    fn month_key(&self, source: &SourceId, month: Month) -> Option<Arc<Key>> {
        let mut bytes = [source.as_str().len() as u8; 32];
        bytes[..7].copy_from_slice(month.to_string().as_bytes());
        (!self.0.contains(&month.into())).then(|| Arc::new(Key::from_bytes(bytes)))
    }
}

fn document(author: &str, time: &str, text: &str) -> NormalizedDocument {
    let origin = Origin {
        locator: Locator { origin: "a.csv".into(), position: 1 },
        external_id: None,
        posted_at: time.parse::<EventTime>().unwrap(),
        unit: None,
        rating: None,
        author: Author::new(author.to_owned()),
        receipt: None,
    };
    let body = NormalizedText {
        display: text.to_owned(),
        text: text.to_owned(),
        map: OffsetMap::identity(),
        ..NormalizedText::default()
    };
    NormalizedDocument { origin, question: None, body }
}

fn redacted(
    closed: &[&str],
    documents: Vec<NormalizedDocument>,
) -> (DocumentBatch, RedactionCounts) {
    let ring = Ring(closed.iter().map(|period| period.parse().unwrap()).collect());
    let pseudonymizer = Pseudonymizer::new(Key::from_bytes([3; 32]), Arc::new(ring));
    let source = "意见箱".parse().unwrap();
    let (batch, counts, _, _) = redact_batch(
        &Redactor::new(),
        &pseudonymizer,
        &source,
        Visibility::Confidential,
        documents,
    );
    (batch.get().clone(), counts)
}

fn voices(batch: &DocumentBatch) -> Vec<Option<i64>> {
    let column = batch
        .record_batch()
        .column_by_name(column::VOICE)
        .unwrap()
        .as_primitive::<Int64Type>()
        .clone();
    (0..column.len()).map(|row| column.is_valid(row).then(|| column.value(row))).collect()
}

#[test]
fn identifiers_leave_both_strings() {
    let (batch, counts) =
        redacted(&[], vec![document("", "2026-03-09 14:05", "电话13812345678，[手机号]是我写的")]);
    let display = batch
        .record_batch()
        .column_by_name(column::TEXT)
        .unwrap()
        .as_string::<i32>()
        .value(0)
        .to_owned();
    assert_eq!(display, "电话[手机号]，〔手机号〕是我写的");
    assert_eq!((counts.of(IdentifierKind::Phone), counts.total()), (1, 1));
    assert_eq!(voices(&batch), [None]);
}

#[test]
fn one_contributor_has_one_voice_a_month() {
    let (batch, _) = redacted(
        &[],
        vec![
            document("a", "2026-03-09", "好"),
            document("a", "2026-03-30", "差"),
            document("b", "2026-03-09", "中"),
            document("a", "2026-04-01", "好"),
        ],
    );
    let voices = voices(&batch);
    assert_eq!(voices[0], voices[1]);
    assert_ne!(voices[0], voices[2]);
    assert_ne!(voices[0], voices[3], "nobody can be followed over months");
}

/// The day of the first row.
fn first_day(batch: &DocumentBatch) -> String {
    let column = batch.record_batch().column_by_name(column::POSTED_DAY).unwrap();
    Day(column.as_primitive::<Date32Type>().value(0)).to_string()
}

#[test]
fn a_late_document_joins_the_next_open_month() {
    let closed = ["2026-03", "2026-04"];
    let (batch, _) = redacted(
        &closed,
        vec![document("a", "2026-03-09", "迟到"), document("a", "2026-05-20", "准时")],
    );
    assert_eq!(first_day(&batch), "2026-05-01");
    assert_eq!(voices(&batch)[0], voices(&batch)[1]);
}

#[test]
fn a_document_of_a_closed_week_counts_in_the_next_one_under_the_same_key() {
    let (batch, _) = redacted(
        &["2026-03-01/2026-03-08"],
        vec![document("a", "2026-03-04", "迟到"), document("a", "2026-03-12", "准时")],
    );
    assert_eq!(first_day(&batch), "2026-03-09");
    assert_eq!(voices(&batch)[0], voices(&batch)[1]);
}

#[test]
fn the_same_row_has_the_same_id_on_every_import() {
    let ids = |closed: &[&str]| {
        redacted(closed, vec![document("a", "2026-03-09", "好"), document("a", "2026-03-10", "好")])
            .0
    };
    let (first, second) = (ids(&[]), ids(&["2026-03"]));
    let id = |batch: &DocumentBatch, row| {
        batch
            .record_batch()
            .column_by_name(column::ID)
            .unwrap()
            .as_string::<i32>()
            .value(row)
            .to_owned()
    };
    assert_eq!(id(&first, 0), id(&second, 0));
    assert_ne!(id(&first, 0), id(&first, 1));
}

#[test]
fn a_receipt_belongs_to_its_document_and_stands_in_no_column() {
    let code = crate::draw_code().unwrap();
    let mut with_receipt = document("A17", "2026-03-09 14:05", "食堂太贵");
    with_receipt.origin.receipt = Some(corpus::BearerCode::parse(&code.expose()).unwrap());
    let pseudonymizer =
        Pseudonymizer::new(Key::from_bytes([3; 32]), Arc::new(Ring(BTreeSet::new())));
    let (batch, _, receipts, _) = redact_batch(
        &Redactor::new(),
        &pseudonymizer,
        &"意见箱".parse().unwrap(),
        Visibility::Confidential,
        vec![document("A17", "2026-03-09 14:06", "班车晚点"), with_receipt],
    );
    assert_eq!(receipts.len(), 1);
    let id = batch.get().record_batch().column_by_name(column::ID).unwrap().clone();
    assert_eq!(id.as_string::<i32>().value(1), receipts[0].document.to_string());
    let held = Receipt::held_by(&Key::from_bytes([3; 32]), &code, &receipts);
    assert_eq!(held, [receipts[0].document]);
    let columns = format!("{:?}", batch.get().record_batch());
    assert!(!columns.contains(&code.expose()));
    assert!(!columns.contains(std::str::from_utf8(code.as_bytes()).unwrap()));
}

#[test]
fn what_comes_after_the_close_of_its_period_is_told_by_id() {
    let ring = Ring(["2026-03"].iter().map(|period| period.parse().unwrap()).collect());
    let pseudonymizer = Pseudonymizer::new(Key::from_bytes([3; 32]), Arc::new(ring));
    let (batch, _, _, late) = redact_batch(
        &Redactor::new(),
        &pseudonymizer,
        &"意见箱".parse().unwrap(),
        Visibility::Confidential,
        vec![document("a", "2026-03-09", "好"), document("b", "2026-04-09", "好")],
    );
    let id = batch.get().record_batch().column_by_name(column::ID).unwrap().clone();
    let ids: Vec<String> = late.iter().map(ToString::to_string).collect();
    assert_eq!(ids, [id.as_string::<i32>().value(0)]);
}
