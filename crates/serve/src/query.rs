//! From the address of a page to what is asked. Everything is bounded and checked here, once for pages and API.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use corpus::{Day, SearchQuery, SeriesKey};
use serde::Deserialize;

use crate::error::{self, ApiError, Code};

const TEXT_CHARS_MAX: usize = 512;
const LIMIT_DEFAULT: usize = 20;
/// More hits than anybody reads on a page; larger sets are for `huisheng search --json` on the server.
pub(crate) const LIMIT_MAX: usize = 100;

/// Parameters as a form sends them: an empty field is one that was not filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchParameters {
    q: Option<String>,
    from: Option<String>,
    to: Option<String>,
    source: Option<String>,
    unit: Option<String>,
    topic: Option<String>,
    polarity: Option<String>,
    visibility: Option<String>,
    limit: Option<String>,
}

/// Parameters of the trend page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendParameters {
    source: Option<String>,
    unit: Option<String>,
    topic: Option<String>,
}

/// The parameters of a request, with our own errors.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = axum::response::Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            // The reason may repeat what was typed, so it is not passed on.
            Err(_) => Err(error::respond(
                parts.uri.path(),
                Code::BadParameter.with_hint("可用的参数：q, from, to, source, unit, topic, polarity, visibility, limit，各写一次"),
            )),
        }
    }
}

impl SearchParameters {
    /// Whether the form came empty: the page then shows no results.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { q, from, to, source, unit, topic, polarity, visibility, limit: _ } = self;
        [q, from, to, source, unit, topic, polarity, visibility]
            .into_iter()
            .all(|field| filled(field).is_none())
    }

    /// # Errors
    /// Names the parameter and says what is expected.
    pub(crate) fn into_query(self) -> Result<SearchQuery, ApiError> {
        let text = filled(&self.q).unwrap_or_default().to_owned();
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Code::QueryTooLong.with_hint(format!("最多 {TEXT_CHARS_MAX} 个字")));
        }
        let limit = match filled(&self.limit) {
            None => LIMIT_DEFAULT,
            Some(limit) => {
                limit.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(
                    || Code::BadLimit.with_hint(format!("limit 是 1 到 {LIMIT_MAX} 的整数")),
                )?
            }
        };
        let (from, to) = (day("from", &self.from)?, day("to", &self.to)?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Code::BadDate.with_hint("from 在 to 之后"));
        }
        Ok(SearchQuery {
            text,
            from,
            to,
            source: name("source", &self.source)?,
            unit: name("unit", &self.unit)?,
            topic: name("topic", &self.topic)?,
            polarity: word("polarity", &self.polarity, "negative, neutral, positive")?,
            visibility: word("visibility", &self.visibility, "open, confidential")?,
            limit,
        })
    }
}

impl TrendParameters {
    /// # Errors
    /// Names the parameter that is not a name.
    pub(crate) fn into_key(self) -> Result<SeriesKey, ApiError> {
        Ok(SeriesKey {
            source: name("source", &self.source)?,
            unit: name("unit", &self.unit)?,
            topic: name("topic", &self.topic)?,
        })
    }
}

fn day(parameter: &str, field: &Option<String>) -> Result<Option<Day>, ApiError> {
    let read = |found: &str| {
        found.parse().map_err(|_| Code::BadDate.with_hint(format!("{parameter} 写成 2026-03-09")))
    };
    filled(field).map(read).transpose()
}

fn name<T: FromStr>(parameter: &str, field: &Option<String>) -> Result<Option<T>, ApiError> {
    let read = |found: &str| {
        found.parse().map_err(|_| {
            Code::BadName.with_hint(format!("{parameter} 最多 64 个字，不含斜线和控制字符"))
        })
    };
    filled(field).map(read).transpose()
}

fn word<T: FromStr>(
    parameter: &str,
    field: &Option<String>,
    expected: &str,
) -> Result<Option<T>, ApiError> {
    let read = |found: &str| {
        found
            .parse()
            .map_err(|_| Code::BadName.with_hint(format!("{parameter} 是 {expected} 之一")))
    };
    filled(field).map(read).transpose()
}

fn filled(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(parameters: &[(&str, &str)]) -> Result<SearchQuery, ApiError> {
        let object = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), serde_json::Value::from(*value)))
            .collect();
        serde_json::from_value::<SearchParameters>(serde_json::Value::Object(object))
            .unwrap()
            .into_query()
    }

    fn check_refused(parameter: &str, value: &str, code: Code) {
        let error = asked(&[(parameter, value)]).unwrap_err();
        assert_eq!(error.code, code, "{parameter}={value}");
        assert!(!error.hint.is_empty());
        assert!(!error.hint.contains(value), "a hint never repeats what was typed: {}", error.hint);
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_with_advice() {
        check_refused("q", &"长".repeat(TEXT_CHARS_MAX + 1), Code::QueryTooLong);
        check_refused("from", "2026-02-30", Code::BadDate);
        check_refused("to", "昨天", Code::BadDate);
        assert_eq!(asked(&[("limit", "0")]).unwrap_err().code, Code::BadLimit);
        check_refused("limit", "101", Code::BadLimit);
        check_refused("limit", "-3", Code::BadLimit);
        check_refused("unit", "a/b", Code::BadName);
        check_refused("polarity", "angry", Code::BadName);
        check_refused("visibility", "secret", Code::BadName);
        assert_eq!(
            asked(&[("from", "2026-03-02"), ("to", "2026-03-01")]).unwrap_err().code,
            Code::BadDate
        );
    }

    #[test]
    fn empty_fields_are_not_asked_for() {
        let query = asked(&[("q", " 食堂 "), ("unit", ""), ("from", " "), ("limit", "")]).unwrap();
        assert_eq!(
            query,
            SearchQuery { text: "食堂".into(), limit: LIMIT_DEFAULT, ..SearchQuery::default() }
        );
        assert!(asked(&[("q", &"长".repeat(TEXT_CHARS_MAX))]).is_ok());
    }
}
