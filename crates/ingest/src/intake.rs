//! The one place where a row of any format becomes a document or is refused.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use corpus::{
    Author, BearerCode, Day, EventTime, Locator, Origin, RawDocument, RejectionReason, UnitId,
    Withheld,
};

use crate::batch::Refusal;
use crate::clock::parse_time;
use crate::map::Columns;
use crate::{Field, RatingRange, SourceDeclaration};

/// The longest text that is a document. A novel is about this long; feedback is a thousandth.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// Clocks of forms run ahead by hours, not by days.
const DAYS_AHEAD_MAX: i32 = 2;

/// What one row has in one column.
#[derive(Clone, Default, PartialEq)]
pub(crate) enum Value<'a> {
    /// The row has no such column.
    #[default]
    Missing,
    /// The column is there and says nothing.
    Null,
    Text(Cow<'a, str>),
    Time(EventTime),
    /// Something that no field can hold, as a noun.
    Other(&'static str),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Null => f.write_str("Null"),
            Self::Text(text) => f.debug_tuple("Text").field(&Withheld::text(text)).finish(),
            Self::Time(time) => f.debug_tuple("Time").field(&time.day()).finish(),
            Self::Other(kind) => f.debug_tuple("Other").field(kind).finish(),
        }
    }
}

impl Value<'_> {
    /// A number as text, whole numbers without a fraction.
    ///
    /// From 2^53 on a float is no longer the number that was written, and two ids could become one.
    pub(crate) fn of_number(number: f64) -> Self {
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        if number.abs() < EXACT_MAX {
            Self::Text(Cow::Owned(number.to_string()))
        } else {
            Self::Other("a number with too many digits")
        }
    }
}

/// The mapped columns of one row.
#[derive(Debug, Default)]
pub(crate) struct Row<'a>([Value<'a>; Field::COUNT]);

impl<'a> Row<'a> {
    pub(crate) fn set(&mut self, field: Field, value: Value<'a>) {
        self.0[field as usize] = value;
    }

    fn take(&mut self, field: Field) -> Value<'a> {
        std::mem::take(&mut self.0[field as usize])
    }

    /// A name or text, without white space around it; `None` when there is none.
    fn take_text(&mut self, field: Field) -> Result<Option<Cow<'a, str>>, Refusal> {
        match self.take(field) {
            Value::Missing | Value::Null => Ok(None),
            Value::Text(text) => Ok(trimmed(text)),
            Value::Time(_) => {
                Err(Refusal::new(RejectionReason::Field, format!("`{}` holds a time", field.key())))
            }
            Value::Other(kind) => {
                Err(Refusal::new(RejectionReason::Field, format!("`{}` holds {kind}", field.key())))
            }
        }
    }
}

/// What all rows of a file have in common.
#[derive(Debug, Clone)]
pub(crate) struct Intake {
    /// The file, for locators.
    pub(crate) origin: Arc<str>,
    earliest: Day,
    latest: Day,
    rating_range: RatingRange,
}

impl Intake {
    pub(crate) fn new(declaration: &SourceDeclaration, path: &Path, now: EventTime) -> Self {
        Self {
            origin: path.to_string_lossy().into(),
            // Before this nobody wrote feedback into a computer: the zero dates of spreadsheets (1899, 1900), databases (1970) and FAT (1980).
            earliest: Day::from_ymd(1990, 1, 1).expect("a day of the calendar"),
            latest: now.day().plus(DAYS_AHEAD_MAX),
            rating_range: declaration.rating_range,
        }
    }

    /// Makes a document of a row, or says why it is none.
    pub(crate) fn document(
        &self,
        mut row: Row<'_>,
        columns: &Columns,
        position: u64,
    ) -> Result<RawDocument, Refusal> {
        let text = Self::words(&mut row, columns)?;
        let posted_at = self.time(row.take(Field::PostedAt))?;
        let unit = self.unit(&mut row, columns)?;
        let rating = self.rating(&mut row, columns)?;
        let id = row.take_text(Field::Id)?;
        let external_id = if id.is_some() { id } else { row.take_text(Field::Url)? };
        let author =
            row.take_text(Field::Author)?.and_then(|author| Author::new(author.into_owned()));
        let receipt = row.take_text(Field::Receipt)?.map(|code| BearerCode::parse(&code));
        // Without its receipt the contributor would wait for a reply that never comes.
        let receipt = receipt.transpose().map_err(|problem| {
            Refusal::new(RejectionReason::Field, format!("`receipt` holds no code: {problem}"))
        })?;
        let question = row.take_text(Field::Question)?.map(Cow::into_owned);
        let locator = Locator { origin: Arc::clone(&self.origin), position };
        let external_id = external_id.map(Cow::into_owned);
        Ok(RawDocument {
            origin: Origin { locator, external_id, posted_at, unit, rating, author, receipt },
            question,
            text,
        })
    }

    /// Title and body. A title alone is a text only where there is no column for a body, as in lists of headlines.
    fn words(row: &mut Row<'_>, columns: &Columns) -> Result<String, Refusal> {
        let body_field = if columns.of(Field::Text).is_some() { Field::Text } else { Field::Title };
        let is_missing = row.0[body_field as usize] == Value::Missing;
        let text = match (row.take_text(Field::Title)?, row.take_text(Field::Text)?) {
            (Some(title), Some(body)) if title != body => format!("{title}\n{body}"),
            (_, Some(body)) => body.into_owned(),
            (Some(title), None) if body_field == Field::Title => title.into_owned(),
            _ if is_missing => {
                return Err(Refusal::new(RejectionReason::MissingField, "the row has no `text`"));
            }
            _ => return Err(Refusal::new(RejectionReason::Empty, "the text is empty")),
        };
        if text.len() > TEXT_BYTES_MAX {
            return Err(Refusal::new(
                RejectionReason::TooLong,
                format!("the text has {} bytes, over {TEXT_BYTES_MAX}", text.len()),
            ));
        }
        Ok(text)
    }

    fn time(&self, value: Value<'_>) -> Result<EventTime, Refusal> {
        let refused = |detail: String| Refusal::new(RejectionReason::Time, detail);
        let posted_at = match value {
            Value::Time(time) => time,
            Value::Text(text) if text.trim().is_empty() => {
                return Err(refused("`posted_at` is empty".to_owned()));
            }
            Value::Text(text) => parse_time(text.trim()).ok_or_else(|| {
                refused("`posted_at` is no date or time that we can read".to_owned())
            })?,
            Value::Missing | Value::Null => {
                return Err(refused("the row has no `posted_at`".to_owned()));
            }
            Value::Other(kind) => return Err(refused(format!("`posted_at` holds {kind}"))),
        };
        let day = posted_at.day();
        if day < self.earliest {
            return Err(refused(format!("`posted_at` is {day}, before {}", self.earliest)));
        }
        if day > self.latest {
            return Err(refused(format!("`posted_at` is {day}, in the future")));
        }
        Ok(posted_at)
    }

    fn unit(&self, row: &mut Row<'_>, columns: &Columns) -> Result<Option<UnitId>, Refusal> {
        let Some(name) = row.take_text(Field::Unit)? else { return Ok(None) };
        // 党委/工会 is an ordinary name, but facets are paths; the full-width slash reads the same.
        let name = if name.contains(['/', '\\']) {
            Cow::Owned(name.replace('/', "／").replace('\\', "＼"))
        } else {
            name
        };
        match UnitId::new(&name) {
            Ok(unit) => Ok(Some(unit)),
            Err(_) if !columns.is_named(Field::Unit) => Ok(None),
            Err(_) => Err(Refusal::new(
                RejectionReason::Field,
                "`unit` is no name (1 to 64 characters in one line)",
            )),
        }
    }

    fn rating(&self, row: &mut Row<'_>, columns: &Columns) -> Result<Option<f32>, Refusal> {
        let Some(found) = row.take_text(Field::Rating)? else { return Ok(None) };
        let points = found.trim_end_matches(['分', '星', '颗']).trim_end().parse::<f64>().ok();
        match points.and_then(|points| self.rating_range.scale(points)) {
            Some(rating) => Ok(Some(rating)),
            // A column that only looks like a rating by its name may hold anything.
            None if !columns.is_named(Field::Rating) => Ok(None),
            None => Err(Refusal::new(
                RejectionReason::Field,
                format!("`rating` is no number from {}", self.rating_range),
            )),
        }
    }
}

fn trimmed(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let kept = text.trim();
    if kept.is_empty() {
        return None;
    }
    if kept.len() == text.len() {
        return Some(text);
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldMap;

    fn intake() -> Intake {
        let declaration = SourceDeclaration::for_import(
            "意见箱".parse().unwrap(),
            corpus::Visibility::Open,
            vec![],
            None,
            FieldMap::default(),
        );
        Intake::new(&declaration, Path::new("a.csv"), "2026-11-21T09:00:00+08:00".parse().unwrap())
    }

    fn row<'a>(values: &[(Field, &'a str)]) -> Row<'a> {
        let mut row = Row::default();
        for (field, value) in values {
            row.set(*field, Value::Text(Cow::Borrowed(value)));
        }
        row
    }

    fn admit(values: &[(Field, &str)]) -> Result<RawDocument, Refusal> {
        let map = FieldMap::parse("text=t,posted_at=p,unit=u,rating=r").unwrap();
        intake().document(row(values), &map.resolve(&["t", "p", "u", "r"]).unwrap(), 7)
    }

    fn check(values: &[(Field, &str)], reason: RejectionReason, detail: &str) {
        let refusal = admit(values).unwrap_err();
        assert_eq!(refusal.reason, reason, "{refusal:?}");
        assert!(refusal.detail.contains(detail), "{refusal:?}");
    }

    #[test]
    fn each_kind_of_bad_row_has_its_reason() {
        use Field::{PostedAt, Rating, Text, Unit};
        check(&[(PostedAt, "2026-03-09")], RejectionReason::MissingField, "no `text`");
        check(&[(Text, " \u{3000}\n"), (PostedAt, "2026-03-09")], RejectionReason::Empty, "empty");
        check(&[(Text, "好")], RejectionReason::Time, "no `posted_at`");
        check(&[(Text, "好"), (PostedAt, " ")], RejectionReason::Time, "is empty");
        check(&[(Text, "好"), (PostedAt, "昨天")], RejectionReason::Time, "no date");
        check(
            &[(Text, "好"), (PostedAt, "1899-12-30")],
            RejectionReason::Time,
            "before 1990-01-01",
        );
        check(&[(Text, "好"), (PostedAt, "2026-11-24")], RejectionReason::Time, "in the future");
        check(
            &[(Text, "好"), (PostedAt, "2026-03-09"), (Rating, "6")],
            RejectionReason::Field,
            "1 to 5",
        );
        check(
            &[(Text, "好"), (PostedAt, "2026-03-09"), (Rating, "满意")],
            RejectionReason::Field,
            "`rating`",
        );
        check(
            &[(Text, "好"), (PostedAt, "2026-03-09"), (Unit, "一\n二")],
            RejectionReason::Field,
            "`unit`",
        );
        let long: &'static str = "长".repeat(350_000).leak();
        check(&[(Text, long), (PostedAt, "2026-03-09")], RejectionReason::TooLong, "1050000 bytes");
    }

    #[test]
    fn details_hold_no_words_of_the_row() {
        for (field, words) in [
            (Field::PostedAt, "张三昨天说"),
            (Field::Rating, "张三给差评"),
            (Field::Unit, "张三\n"),
        ] {
            let mut values = vec![(Field::Text, "好"), (Field::PostedAt, "2026-03-09")];
            values.push((field, words));
            if let Err(refusal) = admit(&values) {
                assert!(!refusal.detail.contains("张三"), "{refusal:?}");
            }
        }
    }

    #[test]
    fn a_good_row_keeps_what_it_says() {
        use Field::{Author, Id, PostedAt, Rating, Text, Title, Unit, Url};
        let document = admit(&[
            (Id, "42"),
            (Url, "https://a/1"),
            (Title, "食堂"),
            (Text, " 涨价了 "),
            (PostedAt, "2026-11-23"),
            (Unit, "党委/工会"),
            (Rating, "4分"),
            (Author, "0817"),
        ])
        .unwrap();
        assert_eq!(
            (document.text.as_str(), document.origin.external_id.as_deref()),
            ("食堂\n涨价了", Some("42"))
        );
        assert_eq!(
            (document.origin.unit.unwrap().as_str(), document.origin.rating),
            ("党委／工会", Some(0.5))
        );
        assert_eq!(
            (document.origin.author.is_some(), document.origin.locator.to_string()),
            (true, "a.csv:7".to_owned())
        );
    }

    #[test]
    fn a_receipt_is_a_code_or_the_row_is_refused_without_saying_which() {
        use Field::{PostedAt, Receipt, Text};
        let code = BearerCode::from_random(&[5; 64]).unwrap().expose();
        let with =
            |receipt: &str| admit(&[(Text, "好"), (PostedAt, "2026-03-09"), (Receipt, receipt)]);
        assert!(with(&code).unwrap().origin.receipt.is_some());
        assert!(with(" ").unwrap().origin.receipt.is_none());
        let refusal = with("张三-0817").unwrap_err();
        assert!(refusal.detail.contains("receipt") && !refusal.detail.contains("0817"));
    }

    #[test]
    fn a_title_alone_is_a_text_where_there_is_no_body_column() {
        use Field::{PostedAt, Text, Title};
        check(
            &[(Title, "食堂"), (Text, ""), (PostedAt, "2026-03-09")],
            RejectionReason::Empty,
            "empty",
        );
        assert_eq!(
            admit(&[(Title, "食堂"), (Text, "食堂"), (PostedAt, "2026-03-09")]).unwrap().text,
            "食堂"
        );
        let headlines = FieldMap::parse("title=t").unwrap().resolve(&["t", "time"]).unwrap();
        let headline =
            intake().document(row(&[(Title, "食堂"), (PostedAt, "2026-03-09")]), &headlines, 1);
        assert_eq!(headline.unwrap().text, "食堂");
    }
}
