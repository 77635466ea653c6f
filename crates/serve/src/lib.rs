//! Search, trend and digest in the browser, and the same for programs as JSON.
//!
//! Pages are rendered here on the server, work without JavaScript and load nothing from elsewhere. What comes from documents arrives
//! through [`ReadModel`] as `Disclosed` values; this crate cannot see anything that the guard has not let out.
//!
//! | Path | What |
//! |---|---|
//! | `/` | search |
//! | `/trend` | released months or weeks of one series |
//! | `/digest`, `/digest/latest.html`, `/digest/latest.csv` | the latest digest |
//! | `/about` | method, limits and versions |
//! | `/api/v1/search`, `/api/v1/trend`, `/api/v1/digest.json` | the same as JSON |
//! | `/api/v1/export.csv` | released cells of all periods behind which enough people stand for a file |
//! | `/receipt`, `/api/v1/receipt/show`, `/api/v1/receipt/withdraw` | POST a receipt code: read the reply, withdraw the text |
//! | `/healthz` | 200 when answers can be given |

mod api;
mod error;
mod pages;
mod query;
mod read_model;
mod receipt;
mod security;
mod state;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tokio::net::TcpListener;

pub use error::{ApiError, Code};
pub use read_model::{About, DigestFiles, ReadError, ReadModel, Reader};
pub use security::Settings;
use state::Reads;

/// All pages and the API over `model`, behind the host check and with security headers on every answer.
pub fn router(model: Arc<dyn ReadModel>, settings: &Settings) -> Router {
    Router::new()
        .route("/", get(pages::search))
        .route("/trend", get(pages::trend))
        .route("/digest", get(pages::digest))
        .route("/digest/latest.html", get(pages::digest_html))
        .route("/digest/latest.csv", get(pages::digest_csv))
        .route("/about", get(pages::about))
        .route("/assets/style.css", get(pages::style))
        .route("/api/v1/search", get(api::search))
        .route("/api/v1/trend", get(api::trend))
        .route("/api/v1/digest.json", get(api::digest))
        .route("/api/v1/export.csv", get(api::export))
        .route("/healthz", get(api::health))
        .merge(receipts())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Reads::new(model))
        .layer(from_fn_with_state(settings.allowed_hosts(), security::check_host))
        .layer(from_fn(security::headers))
}

/// What the holder of a code may do.
fn receipts() -> Router<Reads> {
    Router::new()
        .route("/receipt", get(receipt::page).post(receipt::page_answer))
        .route("/api/v1/receipt/show", post(receipt::show))
        .route("/api/v1/receipt/withdraw", post(receipt::withdraw))
        .layer(DefaultBodyLimit::max(receipt::BODY_BYTES_MAX))
}

/// Serves on `listener`, and nowhere else, until `shutdown` completes; open requests are answered first.
///
/// # Errors
/// When the listener fails.
pub async fn run(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving");
    }
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

async fn not_found(uri: Uri) -> axum::response::Response {
    error::respond(
        uri.path(),
        Code::NotFound
            .with_hint("见首页的导航，或 /api/v1/search、/api/v1/trend、/api/v1/digest.json"),
    )
}

async fn method_not_allowed(uri: Uri) -> axum::response::Response {
    error::respond(uri.path(), Code::MethodNotAllowed.with_hint("请用 GET；凭证码用 POST"))
}
