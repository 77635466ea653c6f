//! Receipts: whoever holds a code reads the reply and may withdraw the text.
//!
//! A code comes in the body of a POST and in no address, which logs and histories keep. A code that is not known gets the same answer as one
//! without a reply; attempts are counted for everybody together, since there are no accounts and a proxy hides addresses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::{BytesRejection, FormRejection};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use corpus::BearerCode;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Code};
use crate::pages::{self, PageError};
use crate::state::Reads;

/// More than any code takes, in JSON or in a form.
pub(crate) const BODY_BYTES_MAX: usize = 1024;
/// Attempts at once, and the seconds until another is allowed. At this pace 2^84 codes are not guessed, and looking them up costs little.
const ATTEMPTS_MAX: f64 = 20.0;
const SECONDS_AN_ATTEMPT: f64 = 3.0;

/// A code as it was handed in. Neither printed nor logged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presented {
    code: String,
}

/// The form of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresentedForm {
    code: String,
    act: Act,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Show,
    Withdraw,
}

#[derive(Serialize)]
struct Replies {
    replies: Vec<String>,
}

#[derive(Serialize)]
struct Withdrawn {
    withdrawn: bool,
}

pub(crate) async fn show(
    State(reads): State<Reads>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let code = presented(&reads, body)?;
    let replies = reads.run(move |model| model.replies(&code)).await?;
    Ok(Json(Replies { replies }).into_response())
}

pub(crate) async fn withdraw(
    State(reads): State<Reads>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let code = presented(&reads, body)?;
    reads.run(move |model| model.withdraw(&code)).await?;
    Ok(Json(Withdrawn { withdrawn: true }).into_response())
}

pub(crate) async fn page() -> Response {
    pages::receipt_page(None)
}

pub(crate) async fn page_answer(
    State(reads): State<Reads>,
    form: Result<Form<PresentedForm>, FormRejection>,
) -> Result<Response, PageError> {
    reads.attempts.take()?;
    let Form(PresentedForm { code, act }) = form.map_err(|_| bad_code())?;
    let code = BearerCode::parse(&code).map_err(|_| bad_code())?;
    let answer = match act {
        Act::Show => pages::Receipt::Replies(reads.run(move |model| model.replies(&code)).await?),
        Act::Withdraw => {
            reads.run(move |model| model.withdraw(&code)).await?;
            pages::Receipt::Withdrawn
        }
    };
    Ok(pages::receipt_page(Some(answer)))
}

fn presented(reads: &Reads, body: Result<Bytes, BytesRejection>) -> Result<BearerCode, ApiError> {
    reads.attempts.take()?;
    let body = body.map_err(|_| bad_code())?;
    // The parser's words may repeat what was typed, so they are not passed on.
    let Presented { code } = serde_json::from_slice(&body).map_err(|_| bad_code())?;
    BearerCode::parse(&code).map_err(|_| bad_code())
}

fn bad_code() -> ApiError {
    Code::BadReceipt.with_hint("凭证码是十八个字母和数字，三个一组；请逐个核对")
}

/// How many attempts are left; clones share them.
#[derive(Clone)]
pub(crate) struct Attempts(Arc<Mutex<(f64, Instant)>>);

impl Attempts {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new((ATTEMPTS_MAX, Instant::now()))))
    }

    /// Uses one up.
    fn take(&self) -> Result<(), ApiError> {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, since) = *bucket;
        let now = Instant::now();
        let regained = now.duration_since(since).as_secs_f64() / SECONDS_AN_ATTEMPT;
        let left = (left + regained).min(ATTEMPTS_MAX);
        let is_allowed = left >= 1.0;
        *bucket = (if is_allowed { left - 1.0 } else { left }, now);
        if is_allowed { Ok(()) } else { Err(Code::TooManyAttempts.with_hint("请几秒后再试")) }
    }
}
