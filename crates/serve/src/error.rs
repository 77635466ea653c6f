//! One table for everything that can go wrong: code → status → what the reader is told.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::ReadError;
use crate::pages;

/// An error as a program sees it. It holds neither document text nor the query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiError {
    /// Stable name.
    pub code: Code,
    /// What happened.
    pub message: &'static str,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

/// The stable names of errors. [`Code::row`] is the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A parameter that does not exist, is repeated or is not text.
    BadParameter,
    /// The query text cannot be parsed.
    BadQuery,
    /// The query text is too long.
    QueryTooLong,
    /// Not a day.
    BadDate,
    /// Not a count of hits, or too many.
    BadLimit,
    /// Not the name of a source, unit, topic, polarity or visibility.
    BadName,
    /// Not a receipt code.
    BadReceipt,
    /// Receipt codes were tried too often.
    TooManyAttempts,
    /// No such page.
    NotFound,
    /// There is no digest yet.
    NoDigest,
    /// Only GET and HEAD.
    MethodNotAllowed,
    /// A host name that this server was not told to answer to.
    HostRefused,
    /// Too many reads wait.
    Busy,
    /// The store is not ready.
    Unavailable,
    /// A bug or a broken file.
    Internal,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 15] = [
        Self::BadParameter,
        Self::BadQuery,
        Self::QueryTooLong,
        Self::BadDate,
        Self::BadLimit,
        Self::BadName,
        Self::BadReceipt,
        Self::TooManyAttempts,
        Self::NotFound,
        Self::NoDigest,
        Self::MethodNotAllowed,
        Self::HostRefused,
        Self::Busy,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Status and message of this code.
    pub fn row(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadParameter => (StatusCode::BAD_REQUEST, "参数不认识或格式不对"),
            Self::BadQuery => (StatusCode::BAD_REQUEST, "查询写法无法理解"),
            Self::QueryTooLong => (StatusCode::BAD_REQUEST, "查询太长"),
            Self::BadDate => (StatusCode::BAD_REQUEST, "日期无法理解"),
            Self::BadLimit => (StatusCode::BAD_REQUEST, "条数不在范围内"),
            Self::BadName => (StatusCode::BAD_REQUEST, "名称不对"),
            Self::BadReceipt => (StatusCode::BAD_REQUEST, "这不是凭证码"),
            Self::TooManyAttempts => (StatusCode::TOO_MANY_REQUESTS, "试得太多"),
            Self::NotFound => (StatusCode::NOT_FOUND, "没有这个页面"),
            Self::NoDigest => (StatusCode::NOT_FOUND, "还没有简报"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "不支持这种请求方法"),
            Self::HostRefused => (StatusCode::MISDIRECTED_REQUEST, "不接受这个主机名"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "正忙，请稍后再试"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "数据还没有就绪"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "内部错误"),
        }
    }

    /// The error with advice.
    pub fn with_hint(self, hint: impl Into<String>) -> ApiError {
        ApiError { code: self, message: self.row().1, hint: hint.into() }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Query(reason) => Code::BadQuery.with_hint(reason),
            ReadError::Unavailable => {
                Code::Unavailable.with_hint("索引正在追赶或数据被占用，稍后再试")
            }
            ReadError::Internal(source) => internal(source.as_ref()),
        }
    }
}

/// Logs the cause under a number, which is all that the reader sees of it.
pub(crate) fn internal(cause: &(dyn std::error::Error + 'static)) -> ApiError {
    static INCIDENTS: AtomicU64 = AtomicU64::new(1);
    let incident = INCIDENTS.fetch_add(1, Ordering::Relaxed);
    tracing::error!(incident, cause, "read failed");
    Code::Internal.with_hint(format!("请把编号 {incident} 告诉管理员，日志里有原因"))
}

/// The error as JSON for the API, as a page for everything else.
pub(crate) fn respond(path: &str, error: ApiError) -> Response {
    let is_api = path.starts_with("/api/") || path == "/healthz";
    if is_api { error.into_response() } else { pages::error_page(&error) }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.code.row().0;
        let mut response = (status, Json(self)).into_response();
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_an_error_with_its_own_name_and_words() {
        let names: BTreeSet<String> =
            Code::ALL.iter().map(|code| serde_json::to_string(code).unwrap()).collect();
        let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.row().1).collect();
        assert_eq!((names.len(), words.len()), (Code::ALL.len(), Code::ALL.len()));
        assert!(Code::ALL.iter().all(|code| code.row().0.as_u16() >= 400));
    }

    #[test]
    fn the_cause_of_an_internal_error_stays_in_the_log() {
        let error = ApiError::from(ReadError::Internal(
            "/home/someone/store/part-1.parquet is torn".into(),
        ));
        assert!(!serde_json::to_string(&error).unwrap().contains("parquet"), "{error:?}");
    }
}
