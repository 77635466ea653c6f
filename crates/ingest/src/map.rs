//! Which column of a file is which field of a document.

use serde::Deserialize;

use crate::Error;

/// What a document has, seen from a file's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The source's own id.
    Id,
    /// A headline, put before the text with a line break.
    Title,
    /// The words.
    Text,
    /// An address that is the document's own. It names the document where there is no id, so map it only then.
    Url,
    /// The question that the text answers.
    Question,
    /// When it was posted.
    PostedAt,
    /// The part of the organization.
    Unit,
    /// Stars or points.
    Rating,
    /// The contributor.
    Author,
    /// The code by which the contributor finds the reply again; see `huisheng receipt`.
    Receipt,
}

impl Field {
    pub(crate) const COUNT: usize = 10;

    /// All fields, in the order of their discriminants.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Id,
        Self::Title,
        Self::Text,
        Self::Url,
        Self::Question,
        Self::PostedAt,
        Self::Unit,
        Self::Rating,
        Self::Author,
        Self::Receipt,
    ];

    /// The key used in `--map` and `[source.map]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Text => "text",
            Self::Url => "url",
            Self::Question => "question",
            Self::PostedAt => "posted_at",
            Self::Unit => "unit",
            Self::Rating => "rating",
            Self::Author => "author",
            Self::Receipt => "receipt",
        }
    }

    /// Without these a row is no document.
    fn is_needed(self) -> bool {
        matches!(self, Self::Text | Self::PostedAt)
    }

    /// Column names tried when the map does not name one, most telling first.
    ///
    /// 序号 is no id: it counts the rows of one file. `url` has no names, since feeds and forums often give one address to many rows.
    fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id", "编号", "留言编号", "信息编号", "doc_id"],
            Self::Title => &["title", "subject", "标题", "主题", "留言主题"],
            Self::Text => &[
                "text",
                "content",
                "body",
                "comment",
                "message",
                "review",
                "内容",
                "正文",
                "留言",
                "留言内容",
                "留言详情",
                "评论",
                "评论内容",
                "反馈",
                "反馈内容",
                "意见",
                "意见建议",
                "建议",
                "文本",
            ],
            Self::Url => &[],
            Self::Question => &["question", "问题", "题目"],
            Self::PostedAt => &[
                "posted_at",
                "created_at",
                "published_at",
                "timestamp",
                "datetime",
                "time",
                "date",
                "时间",
                "日期",
                "发布时间",
                "发布日期",
                "提交时间",
                "留言时间",
                "评论时间",
                "填写时间",
                "创建时间",
            ],
            Self::Unit => &["unit", "department", "dept", "单位", "部门", "所在单位", "所属单位"],
            Self::Rating => &["rating", "score", "stars", "评分", "星级", "打分"],
            Self::Author => &[
                "author",
                "user_id",
                "user",
                "工号",
                "学号",
                "作者",
                "用户",
                "留言用户",
                "姓名",
                "昵称",
            ],
            // A column of this name may hold anything: only the one that is mapped is taken for codes.
            Self::Receipt => &[],
        }
    }
}

/// The columns that the user named. A field left out is looked for under its usual names; an empty name switches it off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldMap {
    named: [Option<String>; Field::COUNT],
}

/// `[source.map]` as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFieldMap {
    id: Option<String>,
    title: Option<String>,
    text: Option<String>,
    url: Option<String>,
    question: Option<String>,
    posted_at: Option<String>,
    unit: Option<String>,
    rating: Option<String>,
    author: Option<String>,
    receipt: Option<String>,
}

impl From<RawFieldMap> for FieldMap {
    fn from(raw: RawFieldMap) -> Self {
        Self {
            named: [
                raw.id,
                raw.title,
                raw.text,
                raw.url,
                raw.question,
                raw.posted_at,
                raw.unit,
                raw.rating,
                raw.author,
                raw.receipt,
            ],
        }
    }
}

impl FieldMap {
    /// Reads `text=内容,posted_at=时间`.
    ///
    /// ```
    /// let map = ingest::FieldMap::parse("text=内容,posted_at=时间").unwrap();
    /// assert_eq!(map.column(ingest::Field::Text), Some("内容"));
    /// assert!(ingest::FieldMap::parse("words=内容").is_err());
    /// ```
    ///
    /// # Errors
    /// [`Error::Map`] names the pair that has no `=`, no known field, or a field for the second time.
    pub fn parse(pairs: &str) -> Result<Self, Error> {
        let mut map = Self::default();
        for pair in pairs.split([',', '，']).map(str::trim).filter(|pair| !pair.is_empty()) {
            let refused =
                |problem: &str| Error::Map { found: pair.to_owned(), problem: problem.to_owned() };
            let (key, column) = pair.split_once('=').ok_or_else(|| refused("no `=`"))?;
            let key = key.trim();
            let field = Field::ALL
                .into_iter()
                .find(|field| field.key() == key)
                .ok_or_else(|| refused("no such field"))?;
            if map.named[field as usize].replace(column.trim().to_owned()).is_some() {
                return Err(refused("the field is named twice"));
            }
        }
        Ok(map)
    }

    /// The column that the user named for `field`; empty when switched off.
    pub fn column(&self, field: Field) -> Option<&str> {
        self.named[field as usize].as_deref()
    }

    /// Finds each field among the columns of a file.
    pub(crate) fn resolve<S: AsRef<str>>(&self, columns: &[S]) -> Result<Columns, Unresolved> {
        let position =
            |wanted: &str| columns.iter().position(|found| found.as_ref().trim() == wanted);
        let usual = |name: &&str| {
            columns.iter().position(|found| found.as_ref().trim().eq_ignore_ascii_case(name))
        };
        let mut resolved = Columns { of: [None; Field::COUNT], is_named: [false; Field::COUNT] };
        for field in Field::ALL {
            let index = match self.column(field) {
                Some("") => None,
                Some(name) => Some(
                    position(name).ok_or_else(|| Unresolved { field, wanted: name.to_owned() })?,
                ),
                None => field.usual_names().iter().find_map(usual),
            };
            resolved.of[field as usize] = index;
            resolved.is_named[field as usize] = self.column(field).is_some();
        }
        // A headline alone is a text, so a title column will do where no text column is found.
        let has_words = resolved.of(Field::Text).is_some() || resolved.of(Field::Title).is_some();
        for field in Field::ALL.into_iter().filter(|field| field.is_needed()) {
            if resolved.of(field).is_none() && !(field == Field::Text && has_words) {
                return Err(Unresolved { field, wanted: field.usual_names().join("/") });
            }
        }
        Ok(resolved)
    }
}

/// For each field its column of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    of: [Option<usize>; Field::COUNT],
    is_named: [bool; Field::COUNT],
}

impl Columns {
    pub(crate) fn of(&self, field: Field) -> Option<usize> {
        self.of[field as usize]
    }

    /// Whether the user named the column, so that what it holds must fit.
    pub(crate) fn is_named(&self, field: Field) -> bool {
        self.is_named[field as usize]
    }

    /// The columns that are needed, in order, and where each field is when only those are there.
    pub(crate) fn projected(&self) -> (Self, Vec<usize>) {
        let mut selected: Vec<usize> = self.found().map(|(_, column)| column).collect();
        selected.sort_unstable();
        selected.dedup();
        let of =
            self.of.map(|column| column.and_then(|column| selected.binary_search(&column).ok()));
        (Self { of, is_named: self.is_named }, selected)
    }

    /// Field and column, for the fields that were found.
    pub(crate) fn found(&self) -> impl Iterator<Item = (Field, usize)> + '_ {
        Field::ALL.into_iter().filter_map(|field| self.of(field).map(|column| (field, column)))
    }
}

/// A field whose column is not in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unresolved {
    pub(crate) field: Field,
    pub(crate) wanted: String,
}

impl Unresolved {
    pub(crate) fn in_file<S: AsRef<str>>(self, path: &std::path::Path, columns: &[S]) -> Error {
        // Enough to see what the file is; a wide table would bury the message.
        const COLUMNS_SHOWN_MAX: usize = 30;
        let found = columns
            .iter()
            .take(COLUMNS_SHOWN_MAX)
            .map(|name| name.as_ref().trim().chars().take(40).collect())
            .collect();
        Error::Column { path: path.to_owned(), field: self.field.key(), wanted: self.wanted, found }
    }
}

pub(crate) fn field_names() -> String {
    Field::ALL.map(Field::key).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_reads_both_commas_and_refuses_what_it_cannot_mean() {
        let map = FieldMap::parse("text=内容， posted_at = 时间,unit=").unwrap();
        assert_eq!(
            (map.column(Field::Text), map.column(Field::PostedAt), map.column(Field::Unit)),
            (Some("内容"), Some("时间"), Some(""))
        );
        for (pairs, problem) in
            [("text", "no `=`"), ("words=内容", "no such field"), ("text=a,text=b", "named twice")]
        {
            let error = FieldMap::parse(pairs).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
            assert!(error.hint().unwrap().contains("posted_at"));
        }
    }

    #[test]
    fn usual_names_are_found_and_named_columns_must_be_there() {
        let columns = ["序号", "留言内容", "Created_At", "部门", "工号"];
        let found = FieldMap::default().resolve(&columns).unwrap();
        assert_eq!(
            (found.of(Field::Text), found.of(Field::PostedAt), found.of(Field::Unit)),
            (Some(1), Some(2), Some(3))
        );
        assert_eq!((found.of(Field::Id), found.of(Field::Author)), (None, Some(4)));
        let off = FieldMap::parse("author=").unwrap().resolve(&columns).unwrap();
        assert_eq!(off.of(Field::Author), None);
        let missing = FieldMap::parse("unit=单位").unwrap().resolve(&columns).unwrap_err();
        assert_eq!(missing, Unresolved { field: Field::Unit, wanted: "单位".into() });
        assert_eq!(
            FieldMap::default().resolve(&["内容", "单位"]).unwrap_err().field,
            Field::PostedAt
        );
    }
}
