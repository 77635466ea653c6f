//! Pages: one layout, one stylesheet, no script.

mod about;
mod choices;
mod digest_page;
mod layout;
mod receipt_page;
mod search_page;
mod trend_page;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;

use crate::error::{ApiError, Code};
use crate::query::{Asked, SearchParameters, TrendParameters};
use crate::read_model::Reader;
use crate::security::POLICY_DIGEST;
use crate::state::Reads;

pub(crate) use receipt_page::Receipt;

const STYLE: &str = include_str!("style.css");

pub(crate) async fn search(
    State(reads): State<Reads>,
    Asked(parameters): Asked<SearchParameters>,
) -> Result<Response, PageError> {
    let is_asked = !parameters.is_empty();
    let query = parameters.into_query()?;
    let asked = query.clone();
    let (released, answer) = reads
        .search(move |model| {
            let answer =
                if is_asked { Some(model.search(&asked, &Reader::local())?) } else { None };
            Ok((model.released()?, answer))
        })
        .await?;
    Ok(page(search_page::render(
        &query,
        released.get(),
        answer.as_ref().map(|answer| answer.get()),
    )))
}

pub(crate) async fn trend(
    State(reads): State<Reads>,
    Asked(parameters): Asked<TrendParameters>,
) -> Result<Response, PageError> {
    let key = parameters.into_key()?;
    let asked = key.clone();
    let table = reads.run(move |model| model.trend(&asked, &Reader::local())).await?;
    Ok(page(trend_page::render(&key, table.get())))
}

pub(crate) async fn digest(State(reads): State<Reads>) -> Result<Response, PageError> {
    let digest = reads.run(|model| model.digest(&Reader::local())).await?;
    Ok(page(digest_page::render(digest.as_ref().map(|digest| digest.period))))
}

pub(crate) async fn digest_html(State(reads): State<Reads>) -> Result<Response, PageError> {
    let digest = reads.run(|model| model.digest(&Reader::local())).await?.ok_or_else(no_digest)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_DIGEST)),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    ];
    Ok((headers, digest.html.clone()).into_response())
}

pub(crate) async fn digest_csv(State(reads): State<Reads>) -> Result<Response, PageError> {
    let digest = reads.run(|model| model.digest(&Reader::local())).await?.ok_or_else(no_digest)?;
    let disposition = format!("attachment; filename=\"huisheng-{}.csv\"", digest.period);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, digest.csv.clone()).into_response())
}

pub(crate) async fn about(State(reads): State<Reads>) -> Result<Response, PageError> {
    let about = reads.run(|model| model.about()).await?;
    Ok(page(about::render(&about)))
}

pub(crate) fn receipt_page(answer: Option<Receipt>) -> Response {
    page(receipt_page::render(answer.as_ref()))
}

pub(crate) async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=600"),
    ];
    (headers, STYLE).into_response()
}

/// An error as a page of its own.
pub(crate) fn error_page(error: &ApiError) -> Response {
    let mut response = page(layout::error(error));
    *response.status_mut() = error.code.row().0;
    response
}

/// Turns an error into a page, so that handlers can use `?`.
pub(crate) struct PageError(ApiError);

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        error_page(&self.0)
    }
}

fn no_digest() -> ApiError {
    Code::NoDigest.with_hint("先运行 huisheng digest")
}

fn page(markup: Markup) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}
