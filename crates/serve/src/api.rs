//! The pages' answers as JSON.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use corpus::{Period, SeriesKey};
use privacy::{Disclosed, Figures, ReleasedTable, SearchAnswer};
use serde::Serialize;

use crate::error::{ApiError, Code};
use crate::query::{Asked, SearchParameters, TrendParameters};
use crate::read_model::Reader;
use crate::state::Reads;

pub(crate) async fn search(
    State(reads): State<Reads>,
    Asked(parameters): Asked<SearchParameters>,
) -> Result<Json<Disclosed<SearchAnswer>>, ApiError> {
    let query = parameters.into_query()?;
    reads.search(move |model| model.search(&query, &Reader::local())).await.map(Json)
}

pub(crate) async fn trend(
    State(reads): State<Reads>,
    Asked(parameters): Asked<TrendParameters>,
) -> Result<Response, ApiError> {
    let key = parameters.into_key()?;
    let asked = key.clone();
    let table = reads.run(move |model| model.trend(&asked, &Reader::local())).await?;
    Ok(Json(Trend::of(table.get(), &key)).into_response())
}

pub(crate) async fn export(State(reads): State<Reads>) -> Result<Response, ApiError> {
    let table = reads.run(|model| model.export(&Reader::local())).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"huisheng.csv\""),
    ];
    Ok((headers, digest::render_table(&table)).into_response())
}

pub(crate) async fn digest(State(reads): State<Reads>) -> Result<Response, ApiError> {
    let digest = reads.run(|model| model.digest(&Reader::local())).await?;
    let digest = digest.ok_or_else(|| Code::NoDigest.with_hint("先运行 huisheng digest"))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], digest.json.clone()).into_response())
}

pub(crate) async fn health(State(reads): State<Reads>) -> Result<Response, ApiError> {
    reads.run(|model| model.about().map(|_| ())).await?;
    Ok(Json(Health { status: "ok" }).into_response())
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// One series over all closed periods; one that was not released says so.
#[derive(Serialize)]
struct Trend<'a> {
    key: &'a SeriesKey,
    points: Vec<TrendPoint<'a>>,
}

#[derive(Serialize)]
struct TrendPoint<'a> {
    period: Period,
    figures: &'a Figures,
}

impl<'a> Trend<'a> {
    fn of(table: &'a ReleasedTable, key: &'a SeriesKey) -> Self {
        let released: BTreeMap<Period, &Figures> =
            table.series(key).iter().map(|cell| (cell.period, &cell.figures)).collect();
        let figures =
            |period: &Period| released.get(period).copied().unwrap_or(&Figures::Suppressed);
        Self {
            key,
            points: table
                .periods_of(key)
                .iter()
                .map(|period| TrendPoint { period: *period, figures: figures(period) })
                .collect(),
        }
    }
}
