//! XLSX and Parquet: formats whose cells have types.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use ingest::{Cursor, Error};
use parquet::arrow::ArrowWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::support::{Folder, read, read_from, refused, texts};

/// Two sheets; the first has a title above its header, numbers, dates of three kinds, and bad rows.
fn write_workbook(path: &Path) {
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let day = |text: &str| ExcelDateTime::parse_from_str(text).unwrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "2026年意见汇总").unwrap();
    for (column, name) in ["编号", "留言内容", "留言时间", "部门", "评分"].iter().enumerate()
    {
        sheet.write(2, column as u16, *name).unwrap();
    }
    sheet.write(3, 0, 1001.0).unwrap().write(3, 1, "食堂\n涨价").unwrap();
    sheet
        .write_with_format(3, 2, day("2026-03-09T23:30:00"), &date)
        .unwrap()
        .write(3, 3, "一厂")
        .unwrap()
        .write(3, 4, 2)
        .unwrap();
    sheet.write(4, 0, "A-2").unwrap().write(4, 1, 12.5).unwrap().write(4, 2, "2026/3/10").unwrap();
    sheet.write(5, 1, "没有时间").unwrap();
    sheet.write(7, 1, "班车").unwrap().write(7, 2, 46_092.25).unwrap();
    sheet.write(8, 1, true).unwrap().write(8, 2, "2026-03-10").unwrap();
    sheet.write(9, 0, "  ").unwrap();
    let second = workbook.add_worksheet();
    second.set_name("其他").unwrap().write(0, 0, "正文").unwrap().write(0, 1, "日期").unwrap();
    second.write(1, 0, "第二张").unwrap().write(1, 1, "2026-03-09").unwrap();
    workbook.save(path).unwrap();
}

#[test]
fn a_workbook_is_read_with_its_types() {
    let folder = Folder::new();
    write_workbook(&folder.path("a.xlsx"));
    let mut source = folder.source("a.xlsx", "");
    let batch = read(&source);
    assert_eq!(texts(&batch), ["食堂\n涨价", "12.5", "班车"], "{:?}", batch.rejections);
    assert_eq!(refused(&batch), [(6, "time"), (9, "field")]);
    let days: Vec<String> = batch
        .documents
        .iter()
        .map(|document| document.origin.posted_at.day().to_string())
        .collect();
    assert_eq!(days, ["2026-03-09", "2026-03-10", "2026-03-11"]);
    let first = &batch.documents[0].origin;
    assert_eq!(
        (first.external_id.as_deref(), first.rating, first.locator.position),
        (Some("1001"), Some(-0.5), 4)
    );
    assert_eq!(
        String::from_utf8(batch.rejections[0].bytes.clone()).unwrap(),
        "{\"留言内容\":\"没有时间\"}"
    );
    source.sheet = Some("其他".to_owned());
    assert_eq!(texts(&read(&source)), ["第二张"]);
    source.sheet = Some("没有".to_owned());
    let error = read_from(&source, Cursor::default(), 10).unwrap_err();
    assert!(error.to_string().contains("no sheet 没有 (it has Sheet1, 其他)"), "{error}");
}

#[test]
fn a_workbook_without_the_columns_names_those_of_its_widest_row() {
    let folder = Folder::new();
    write_workbook(&folder.path("a.xlsx"));
    let error =
        read_from(&folder.source("a.xlsx", "unit=单位"), Cursor::default(), 10).unwrap_err();
    assert!(error.to_string().contains("(it has 编号, 留言内容, 留言时间, 部门, 评分)"), "{error}");
}

/// A Parquet file with a text, a number, a day, a time with zone, and a list that nobody maps.
fn write_parquet(path: &Path, row_count: i64) {
    let ids = (0..row_count).map(|n| n as f64);
    let texts = (0..row_count).map(|n| (n % 10 != 7).then(|| format!("第{n}条")));
    let us = (0..row_count).map(|n| 1_773_000_000_000_000 + n * 60_000_000);
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "other",
            Arc::new(ListArray::from_iter_primitive::<arrow::datatypes::Int32Type, _, _>(
                (0..row_count).map(|_| Some(vec![Some(1)])),
            )),
        ),
        ("id", Arc::new(Float64Array::from_iter_values(ids))),
        ("content", Arc::new(StringArray::from_iter(texts))),
        (
            "created_at",
            Arc::new(TimestampMicrosecondArray::from_iter_values(us).with_timezone("UTC")),
        ),
        ("day", Arc::new(Date32Array::from_iter_values((0..row_count).map(|_| 20_521)))),
        ("stars", Arc::new(Int64Array::from_iter_values((0..row_count).map(|n| n % 5 + 1)))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn parquet_is_read_by_its_mapped_columns() {
    let folder = Folder::new();
    write_parquet(&folder.path("a.parquet"), 30);
    let batch = read(&folder.source("a.parquet", ""));
    assert_eq!((batch.read, batch.documents.len()), (30, 27));
    assert_eq!(refused(&batch), [(8, "empty"), (18, "empty"), (28, "empty")]);
    let last = &batch.documents[26].origin;
    assert_eq!(
        (last.external_id.as_deref(), last.rating, last.posted_at.day().to_string()),
        (Some("29"), Some(1.0), "2026-03-09".into())
    );
    let by_day = read(&folder.source("a.parquet", "posted_at=day"));
    assert_eq!(by_day.documents[0].origin.posted_at.day().to_string(), "2026-03-09");
}

#[test]
fn a_parquet_column_that_no_field_can_hold_is_told() {
    let folder = Folder::new();
    write_parquet(&folder.path("a.parquet"), 3);
    folder.write("b.parquet", "not parquet");
    let opened = |file: &str, map: &str| {
        read_from(&folder.source(file, map), Cursor::default(), 10).unwrap_err()
    };
    let error = opened("a.parquet", "unit=other");
    assert!(
        matches!(&error, Error::Content { problem, .. } if problem.contains("column other for `unit`")),
        "{error}"
    );
    assert!(
        opened("a.parquet", "unit=部门")
            .to_string()
            .contains("(it has other, id, content, created_at, day, stars)")
    );
    assert!(matches!(opened("b.parquet", ""), Error::Content { .. }));
}

#[test]
fn both_go_on_where_they_stopped() {
    let folder = Folder::new();
    write_workbook(&folder.path("a.xlsx"));
    write_parquet(&folder.path("b.parquet"), 40);
    for file in ["a.xlsx", "b.parquet"] {
        crate::resume::check(&folder, file);
    }
}
