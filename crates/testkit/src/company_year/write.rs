//! The year as files: each source in the format, encoding and habits of the program that would have exported it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int32Array, StringArray};
use arrow::record_batch::RecordBatch;
use corpus::Day;
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression as ParquetCompression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use serde::Serialize;

use super::dirt::Break;
use super::{CompanyYear, PlantedBreak, SampleDocument, Source, Truth, units};

/// A sample that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("write {path}")]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A record could not be turned into bytes.
    #[error("encode {path}")]
    Encode {
        path: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// One finished file and its broken rows.
struct File {
    name: String,
    bytes: Vec<u8>,
    broken: Vec<PlantedBreak>,
}

type Encoded = Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>;

/// Writes the sources, `huisheng.toml`, `truth.json` and `truth_documents.tsv.gz` into `dir`; gives the truth with the lines of the broken rows.
///
/// # Errors
/// When `dir` cannot be written.
pub fn write(year: &CompanyYear, dir: &Path) -> Result<Truth, Error> {
    std::fs::create_dir_all(dir).map_err(|source| Error::Write { path: dir.to_owned(), source })?;
    let mut truth = year.truth.clone();
    for (name, documents, encode) in files(year) {
        let file = encode_file(name, &documents, encode)
            .map_err(|source| Error::Encode { path: dir.join(name), source })?;
        truth.broken.extend(file.broken);
        save(dir, &file.name, &file.bytes)?;
    }
    let labels = labels(year)
        .map_err(|source| Error::Encode { path: dir.join("truth_documents.tsv.gz"), source })?;
    save(dir, "truth_documents.tsv.gz", &labels)?;
    save(dir, "huisheng.toml", configuration().as_bytes())?;
    let mut json = serde_json::to_string_pretty(&truth)
        .expect("the truth holds strings and finite numbers only");
    json.push('\n');
    save(dir, "truth.json", json.as_bytes())?;
    Ok(truth)
}

type Encoder = fn(&[&SampleDocument]) -> Encoded;

/// Every file with its rows and its encoder.
fn files(year: &CompanyYear) -> Vec<(&'static str, Vec<&SampleDocument>, Encoder)> {
    let of =
        |source: Source| year.documents.iter().filter(move |document| document.source == source);
    let mut files: Vec<(&'static str, Vec<&SampleDocument>, Encoder)> = vec![
        ("suggestion_box.jsonl.gz", of(Source::SuggestionBox).collect(), suggestion_box),
        ("canteen_survey.parquet", of(Source::Canteen).collect(), canteen_survey),
        ("forum.csv.gz", of(Source::Forum).collect(), forum),
        ("wechat_comments.jsonl.gz", of(Source::Comments).collect(), comments),
        ("notice_board.tsv", of(Source::NoticeBoard).collect(), notice_board),
        ("overseas.csv", of(Source::Overseas).collect(), overseas),
    ];
    let quarters = [
        "training_2025q1.xlsx",
        "training_2025q2.xlsx",
        "training_2025q3.xlsx",
        "training_2025q4.xlsx",
    ];
    for (quarter, name) in quarters.into_iter().enumerate() {
        let months = quarter * 3 + 1..quarter * 3 + 4;
        files.push((
            name,
            of(Source::Training).filter(|document| months.contains(&ymd(document.day).1)).collect(),
            training,
        ));
    }
    files
}

fn encode_file(
    name: &'static str,
    documents: &[&SampleDocument],
    encode: Encoder,
) -> Result<File, Box<dyn std::error::Error + Send + Sync>> {
    let bytes = encode(documents)?;
    let first_line = if name.contains(".jsonl") || name.ends_with(".parquet") { 1 } else { 2 };
    let broken = documents
        .iter()
        .zip(first_line..)
        .filter_map(|(document, line)| {
            let broken = document.broken?;
            Some(PlantedBreak {
                source: document.source.name(),
                file: name.to_owned(),
                line,
                reason: broken.reason(),
            })
        })
        .collect();
    let bytes = if name.ends_with(".gz") { gzip(&bytes)? } else { bytes };
    Ok(File { name: name.to_owned(), bytes, broken })
}

#[derive(Serialize)]
struct Suggestion<'a> {
    #[serde(rename = "编号")]
    id: &'a str,
    #[serde(rename = "时间")]
    posted_at: String,
    #[serde(rename = "单位")]
    unit: &'a str,
    #[serde(rename = "工号")]
    author: Option<&'a str>,
    #[serde(rename = "内容")]
    text: &'a str,
}

fn suggestion_box(documents: &[&SampleDocument]) -> Encoded {
    json_lines(documents, |document| {
        serde_json::to_string(&Suggestion {
            id: &document.id,
            posted_at: day_or_absurd(
                document,
                |day| format!("{day} {}:00", clock(document.minute)),
                "2025-02-31 08:00:00",
            ),
            unit: document.unit,
            author: document.author.as_deref(),
            text: text_or_empty(document),
        })
    })
}

#[derive(Serialize)]
struct Comment<'a> {
    id: &'a str,
    created_at: String,
    dept: &'a str,
    openid: Option<&'a str>,
    content: &'a str,
}

fn comments(documents: &[&SampleDocument]) -> Encoded {
    json_lines(documents, |document| {
        serde_json::to_string(&Comment {
            id: &document.id,
            created_at: day_or_absurd(
                document,
                |day| format!("{day}T{}:00+08:00", clock(document.minute)),
                "1899-12-30T00:00:00+08:00",
            ),
            dept: document.unit,
            openid: document.author.as_deref(),
            content: text_or_empty(document),
        })
    })
}

fn json_lines(
    documents: &[&SampleDocument],
    line: impl Fn(&SampleDocument) -> serde_json::Result<String>,
) -> Encoded {
    let mut out = String::new();
    for document in documents {
        let mut json = line(document)?;
        if document.broken == Some(Break::TornLine) {
            let half: usize =
                json.char_indices().nth(json.chars().count() / 2).map_or(0, |(at, _)| at);
            json.truncate(half);
        }
        out.push_str(&json);
        out.push('\n');
    }
    Ok(out.into_bytes())
}

/// CSV in GB18030, as the forum's old database exports it.
fn forum(documents: &[&SampleDocument]) -> Encoded {
    let mut rows = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    rows.write_record(["帖子编号", "发帖时间", "单位", "昵称", "标题", "正文"])?;
    for document in documents {
        let posted_at = day_or_absurd(
            document,
            |day| {
                let (year, month, day) = ymd(day);
                format!("{year}/{month}/{day} {}", clock(document.minute))
            },
            "0000/0/0 00:00",
        );
        let cells = [
            document.id.as_str(),
            &posted_at,
            document.unit,
            document.author.as_deref().unwrap_or_default(),
            // A title alone would be a document.
            document
                .title
                .as_deref()
                .filter(|_| document.broken != Some(Break::EmptyText))
                .unwrap_or_default(),
            text_or_empty(document),
        ];
        let kept = if document.broken == Some(Break::TornLine) { 3 } else { cells.len() };
        rows.write_record(&cells[..kept])?;
    }
    let text = String::from_utf8(rows.into_inner()?)?;
    Ok(encoding_rs::GB18030.encode(&text).0.into_owned())
}

/// One workbook a quarter, with real date and number cells.
fn training(documents: &[&SampleDocument]) -> Encoded {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2026, 1, 5)?;
    workbook.set_properties(&DocProperties::new().set_author("").set_creation_datetime(&created));
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let sheet = workbook.add_worksheet();
    sheet.set_name("评估明细")?;
    for (column, name) in
        ["编号", "提交时间", "单位", "工号", "题目", "评价内容", "星级"].into_iter().enumerate()
    {
        sheet.write(0, column as u16, name)?;
    }
    for (document, row) in documents.iter().zip(1u32..) {
        sheet.write(row, 0, &document.id)?;
        if document.broken == Some(Break::AbsurdDay) {
            sheet.write(row, 1, "待定")?;
        } else {
            let (year, month, day) = ymd(document.day);
            let (hour, minute) = ((document.minute / 60) as u16, (document.minute % 60) as u8);
            let time = ExcelDateTime::from_ymd(year as u16, month as u8, day as u8)?
                .and_hms(hour, minute, 0)?;
            sheet.write_with_format(row, 1, &time, &date)?;
        }
        sheet.write(row, 2, document.unit)?;
        sheet.write(row, 3, document.author.as_deref().unwrap_or_default())?;
        sheet.write(row, 4, document.question.unwrap_or_default())?;
        if document.broken != Some(Break::EmptyText) {
            sheet.write(row, 5, &document.text)?;
        }
        match (document.broken, document.rating) {
            (Some(Break::WrongCell), _) => sheet.write(row, 6, "很好")?,
            (_, Some(stars)) => sheet.write(row, 6, stars)?,
            _ => sheet,
        };
    }
    Ok(workbook.save_to_buffer()?)
}

fn canteen_survey(documents: &[&SampleDocument]) -> Encoded {
    let strings = |value: &dyn Fn(&SampleDocument) -> Option<String>| -> ArrayRef {
        Arc::new(documents.iter().map(|document| value(document)).collect::<StringArray>())
    };
    let century_ahead = Day::from_ymd(2125, 1, 1).expect("a date");
    let days: Date32Array = documents
        .iter()
        .map(|d| Some(if d.broken == Some(Break::AbsurdDay) { century_ahead.0 } else { d.day.0 }))
        .collect();
    let stars: Int32Array =
        documents.iter().map(|document| document.rating.map(i32::from)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("答卷编号", strings(&|document| Some(document.id.clone()))),
        ("答题日期", Arc::new(days)),
        ("所在单位", strings(&|document| Some(document.unit.to_owned()))),
        ("工号", strings(&|document| document.author.clone())),
        ("题目", strings(&|document| document.question.map(str::to_owned))),
        ("满意度", Arc::new(stars)),
        (
            "开放题",
            strings(&|document| {
                (document.broken != Some(Break::EmptyText)).then(|| document.text.clone())
            }),
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )?;
    let properties = WriterProperties::builder()
        .set_compression(ParquetCompression::ZSTD(ZstdLevel::try_new(9)?))
        .set_created_by("huisheng testkit".to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}

/// Tab-separated UTF-16 with a byte order mark: what spreadsheets call "Unicode text".
fn notice_board(documents: &[&SampleDocument]) -> Encoded {
    let mut text = String::from("\u{feff}序号\t日期\t单位\t留言\r\n");
    for document in documents {
        let (year, month, day) = ymd(document.day);
        text.push_str(&format!(
            "{}\t{year}年{month}月{day}日\t{}\t{}\r\n",
            document.id, document.unit, document.text
        ));
    }
    Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

fn overseas(documents: &[&SampleDocument]) -> Encoded {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(["編號", "日期", "暱稱", "留言"])?;
    for (document, number) in documents.iter().zip(1..) {
        rows.write_record([
            document.id.as_str(),
            &document.day.to_string(),
            &format!("同事{number}"),
            &document.text,
        ])?;
    }
    let text = String::from_utf8(rows.into_inner()?)?;
    Ok(encoding_rs::BIG5.encode(&text).0.into_owned())
}

/// Planted topic and polarity of each whole row.
fn labels(year: &CompanyYear) -> Encoded {
    let mut text = String::from("source\tid\ttopic\tpolarity\tstance\tkind\n");
    for document in year.documents.iter().filter(|document| document.broken.is_none()) {
        let kind = match (&document.copy_of, document.is_boilerplate) {
            (Some(_), _) => "copy",
            (None, true) => "boilerplate",
            (None, false) => "own",
        };
        let stance = format!("{:?}", document.stance).to_lowercase();
        let (source, id, topic, polarity) = (
            document.source.name(),
            &document.id,
            document.matter.name(),
            document.stance.polarity(),
        );
        text.push_str(&format!("{source}\t{id}\t{topic}\t{polarity}\t{stance}\t{kind}\n"));
    }
    Ok(gzip(text.as_bytes())?)
}

/// `huisheng.toml` of the sample: the fixed part from `sample.toml`, then the units.
fn configuration() -> String {
    let mut text = include_str!("sample.toml").to_owned();
    for (name, roster) in units() {
        text.push_str(&format!("\n[[organization.unit]]\nname = \"{name}\"\nroster = {roster}\n"));
    }
    text
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn save(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = dir.join(name);
    std::fs::write(&path, bytes).map_err(|source| Error::Write { path, source })
}

fn text_or_empty(document: &SampleDocument) -> &str {
    if document.broken == Some(Break::EmptyText) { "" } else { &document.text }
}

fn day_or_absurd(document: &SampleDocument, whole: impl Fn(Day) -> String, absurd: &str) -> String {
    if document.broken == Some(Break::AbsurdDay) { absurd.to_owned() } else { whole(document.day) }
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Year, month and day of the month.
fn ymd(day: Day) -> (usize, usize, usize) {
    let written = day.to_string();
    let mut parts =
        written.split('-').map(|part| part.parse().expect("a day prints as three numbers"));
    let mut next = || parts.next().expect("a day prints as three numbers");
    (next(), next(), next())
}
