//! What a source is: where it comes from, who may see it, and how to read it.
//!
//! [`RawSource`] is a `[[source]]` table as written; it becomes a [`SourceDeclaration`] once, and everything behind relies on that.

use std::path::{Path, PathBuf};

use corpus::{SourceId, Visibility};
use serde::Deserialize;

use crate::map::{FieldMap, RawFieldMap};
use crate::{Error, charset};

/// Two years: long enough to compare a season with the one before. A source may ask for less or more.
const RETENTION_DAYS_DEFAULT: u32 = 730;
/// Ten years: longer than any ground for keeping feedback that we know of.
const RETENTION_DAYS_MAX: u32 = 3650;

/// A source that can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceDeclaration {
    /// Its name, for good: document ids depend on it.
    pub name: SourceId,
    /// Who may read the texts where they came from.
    pub visibility: Visibility,
    /// Why the organization may process the texts. An import by hand has none.
    pub ground: Option<String>,
    /// How long documents are kept.
    pub retention_days: u32,
    /// Where it comes from.
    pub input: Input,
    /// Which column is which field.
    pub map: FieldMap,
    /// What the rating column holds.
    pub rating_range: RatingRange,
    /// The charset of text files, when declared; else it is told from the bytes.
    pub encoding: Option<String>,
    /// The sheet of a workbook, when declared; else the first.
    pub sheet: Option<String>,
}

/// Where a source comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Files, read in this order. The last part of a path may hold `*`.
    Files {
        /// Paths or patterns.
        paths: Vec<PathBuf>,
        /// One format for all, or each told by its name.
        format: Option<FileFormat>,
    },
    /// RSS or Atom addresses.
    Feeds {
        /// `http` or `https` addresses.
        urls: Vec<String>,
    },
}

/// How a file is written. Text formats may be gzip-packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// One JSON object a line.
    JsonLines,
    /// Separated by `,`, `;`, tab or `|`, which is told from the header.
    Csv,
    /// Separated by tabs.
    Tsv,
    /// An Excel workbook.
    Xlsx,
    /// Apache Parquet.
    Parquet,
}

/// The two ends of a rating scale, worst first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatingRange {
    worst: f64,
    best: f64,
}

/// A `[[source]]` table as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    name: String,
    visibility: Option<String>,
    ground: Option<String>,
    retention_days: Option<i64>,
    format: Option<String>,
    #[serde(default)]
    files: Vec<PathBuf>,
    #[serde(default)]
    urls: Vec<String>,
    url: Option<String>,
    #[serde(default)]
    map: RawFieldMap,
    rating_range: Option<[f64; 2]>,
    encoding: Option<String>,
    sheet: Option<String>,
}

impl RawSource {
    /// Checks every key. Relative paths start at `base`, the folder of the config file.
    ///
    /// # Errors
    /// [`Error::Declaration`] names the source and the key, and hints at what to write.
    pub fn declare(self, base: &Path) -> Result<SourceDeclaration, Error> {
        let refused = |key: &'static str, problem: String, hint: &str| Error::Declaration {
            source_name: self.name.clone(),
            key,
            problem,
            hint: hint.to_owned(),
        };
        let name = SourceId::new(&self.name).map_err(|error| {
            refused("name", error.to_string(), "give a short name, e.g. name = \"意见箱\"")
        })?;
        let visibility = match self.visibility.as_deref() {
            None => Visibility::default(),
            Some(word) => word.parse().map_err(|problem| {
                refused("visibility", problem, "open is for texts that their readers can see at the source anyway; all else is confidential")
            })?,
        };
        let ground = self.ground.as_deref().map(str::trim).unwrap_or_default();
        if ground.is_empty() {
            let hint = "say why these texts may be processed, e.g. ground = \"职代会决议 2026-3\"";
            return Err(refused("ground", "missing".to_owned(), hint));
        }
        let retention_days = match self.retention_days {
            None => RETENTION_DAYS_DEFAULT,
            Some(days) => u32::try_from(days)
                .ok()
                .filter(|days| (1..=RETENTION_DAYS_MAX).contains(days))
                .ok_or_else(|| {
                    refused(
                        "retention_days",
                        format!("{days} is out of range"),
                        "write a number of days from 1 to 3650",
                    )
                })?,
        };
        let rating_range = match self.rating_range {
            None => RatingRange::default(),
            Some([worst, best]) => RatingRange::new(worst, best).ok_or_else(|| {
                refused(
                    "rating_range",
                    format!("[{worst}, {best}] is no range"),
                    "write the worst and the best value, e.g. rating_range = [1, 5]",
                )
            })?,
        };
        if let Some(label) = self.encoding.as_deref()
            && charset::for_label(label).is_none()
        {
            let hint = "write utf-8, gb18030, big5 or utf-16le, or leave the key out to have it told from the bytes";
            return Err(refused("encoding", format!("{label:?} is no known charset"), hint));
        }
        let input = self.input(base, &refused)?;
        let ground = Some(ground.to_owned());
        let map = FieldMap::from(self.map);
        Ok(SourceDeclaration {
            name,
            visibility,
            ground,
            retention_days,
            input,
            map,
            rating_range,
            encoding: self.encoding,
            sheet: self.sheet,
        })
    }

    fn input(
        &self,
        base: &Path,
        refused: &dyn Fn(&'static str, String, &str) -> Error,
    ) -> Result<Input, Error> {
        let urls: Vec<String> = self.url.iter().chain(&self.urls).cloned().collect();
        let is_feed = matches!(self.format.as_deref(), Some("feed" | "rss" | "atom"));
        match (self.files.is_empty(), urls.is_empty()) {
            (true, true) => Err(refused(
                "files",
                "missing".to_owned(),
                "name files = [\"…\"], or for a feed url = \"https://…\"",
            )),
            (false, false) => Err(refused(
                "url",
                "a source has either files or addresses".to_owned(),
                "make two sources of it",
            )),
            (false, true) if is_feed => Err(refused(
                "format",
                "a feed comes from an address".to_owned(),
                "write url = \"https://…\" in place of files",
            )),
            (false, true) => {
                let format = match self.format.as_deref() {
                    None => None,
                    Some(word) => Some(FileFormat::of_word(word).ok_or_else(|| {
                        refused(
                            "format",
                            format!("{word:?} is no format"),
                            "write jsonl, csv, tsv, xlsx, parquet or feed",
                        )
                    })?),
                };
                Ok(Input::Files {
                    paths: self.files.iter().map(|path| base.join(path)).collect(),
                    format,
                })
            }
            (true, false) if is_feed || self.format.is_none() => {
                match urls
                    .iter()
                    .find(|url| !url.starts_with("http://") && !url.starts_with("https://"))
                {
                    Some(other) => Err(refused(
                        "url",
                        format!("{other:?} is no web address"),
                        "begin with https:// or http://",
                    )),
                    None => Ok(Input::Feeds { urls }),
                }
            }
            (true, false) => Err(refused(
                "format",
                "only feeds are read from an address".to_owned(),
                "write format = \"feed\", or files = [\"…\"]",
            )),
        }
    }
}

impl SourceDeclaration {
    /// A declaration for files that somebody hands in once: `huisheng import FILE... --source NAME`.
    pub fn for_import(
        name: SourceId,
        visibility: Visibility,
        paths: Vec<PathBuf>,
        format: Option<FileFormat>,
        map: FieldMap,
    ) -> Self {
        Self {
            name,
            visibility,
            ground: None,
            retention_days: RETENTION_DAYS_DEFAULT,
            input: Input::Files { paths, format },
            map,
            rating_range: RatingRange::default(),
            encoding: None,
            sheet: None,
        }
    }
}

impl FileFormat {
    /// Reads `jsonl`, `csv`, `tsv`, `xlsx` or `parquet`.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Self::JsonLines,
            "csv" | "txt" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "xlsx" | "xlsm" => Self::Xlsx,
            "parquet" => Self::Parquet,
            _ => return None,
        })
    }

    /// Tells the format from a file name; `.gz` at the end does not count.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        if extension.eq_ignore_ascii_case("gz") {
            return Self::of_path(Path::new(path.file_stem()?));
        }
        Self::of_word(extension)
    }
}

impl RatingRange {
    /// `None` when the ends are equal or not finite. A scale may run downwards: school grades have 1 as the best.
    pub fn new(worst: f64, best: f64) -> Option<Self> {
        let is_range = worst.is_finite() && best.is_finite() && worst != best;
        is_range.then_some(Self { worst, best })
    }

    /// Scales `value` to [-1, 1], or `None` when it lies outside.
    pub(crate) fn scale(self, value: f64) -> Option<f32> {
        let scaled = 2.0 * (value - self.worst) / (self.best - self.worst) - 1.0;
        (-1.0..=1.0).contains(&scaled).then_some(scaled as f32)
    }
}

/// One to five, as most forms have it.
impl Default for RatingRange {
    fn default() -> Self {
        Self { worst: 1.0, best: 5.0 }
    }
}

impl std::fmt::Display for RatingRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.worst, self.best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;

    fn declare(table: &str) -> Result<SourceDeclaration, Error> {
        toml::from_str::<RawSource>(table).unwrap().declare(Path::new("/etc/huisheng"))
    }

    #[test]
    fn a_full_table_is_read() {
        let declared = declare(
            r#"
            name = "课程评价"
            visibility = "confidential"
            ground = "培训管理办法"
            retention_days = 400
            files = ["评价/*.csv"]
            rating_range = [0, 100]
            encoding = "gb2312"
            map = { text = "内容", posted_at = "时间" }
            "#,
        )
        .unwrap();
        let paths = vec![PathBuf::from("/etc/huisheng/评价/*.csv")];
        assert_eq!(declared.input, Input::Files { paths, format: None });
        assert_eq!(
            (declared.retention_days, declared.map.column(Field::Text)),
            (400, Some("内容"))
        );
        assert_eq!(
            (declared.rating_range.scale(75.0), declared.rating_range.scale(101.0)),
            (Some(0.5), None)
        );
    }

    #[test]
    fn each_wrong_key_is_named_with_a_hint() {
        let good = "name = \"意见箱\"\nground = \"g\"\n";
        for (rest, key) in [
            ("files = [\"a.csv\"]\nvisibility = \"public\"", "visibility"),
            ("files = [\"a.csv\"]\nretention_days = 0", "retention_days"),
            ("files = [\"a.csv\"]\nrating_range = [5, 5]", "rating_range"),
            ("files = [\"a.csv\"]\nencoding = \"klingon\"", "encoding"),
            ("files = [\"a.csv\"]\nformat = \"pdf\"", "format"),
            ("files = [\"a.csv\"]\nformat = \"feed\"", "format"),
            ("url = \"https://a/feed\"\nformat = \"csv\"", "format"),
            ("url = \"ftp://a/feed\"", "url"),
            ("url = \"https://a/feed\"\nfiles = [\"a.csv\"]", "url"),
            ("", "files"),
        ] {
            let error = declare(&format!("{good}{rest}")).unwrap_err();
            assert!(
                error.to_string().starts_with(&format!("source \"意见箱\", key {key}: ")),
                "{error}"
            );
            assert!(error.hint().is_some());
        }
        assert!(
            declare("name = \"a\"\nfiles = [\"a.csv\"]")
                .unwrap_err()
                .to_string()
                .contains("key ground: missing")
        );
        assert!(
            toml::from_str::<RawSource>("name = \"a\"\nfile = \"a.csv\"")
                .unwrap_err()
                .to_string()
                .contains("unknown field `file`")
        );
    }

    #[test]
    fn formats_are_told_from_names() {
        for (name, format) in [
            ("a.jsonl.gz", Some(FileFormat::JsonLines)),
            ("b.CSV", Some(FileFormat::Csv)),
            ("c.tsv", Some(FileFormat::Tsv)),
            ("d.xlsx", Some(FileFormat::Xlsx)),
            ("e.parquet", Some(FileFormat::Parquet)),
            ("f.pdf", None),
            ("gz", None),
        ] {
            assert_eq!(FileFormat::of_path(Path::new(name)), format, "{name}");
        }
    }
}
