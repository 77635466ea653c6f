//! One conditional GET with retries.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{
    CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode};

use super::{FeedCursor, FeedPoller, Waiter};

/// A feed that is not read after this is not worth waiting for.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Unpacked. The largest feeds seen hold a few hundred entries with full texts, 2 to 4 MB.
const BODY_BYTES_MAX: usize = 16 << 20;

/// Why a feed could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// TLS or the resolver could not be set up.
    #[error("set up the HTTP client")]
    Client(#[source] reqwest::Error),
    /// The request broke off or timed out, also after the retries.
    #[error("no answer after {attempts} requests")]
    Network {
        /// Requests made.
        attempts: u32,
        /// Why the last one failed.
        #[source]
        source: reqwest::Error,
    },
    /// The server is busy or broken, also after the retries.
    #[error("the server answered {status} to {attempts} requests")]
    Busy {
        /// 429 or 5xx.
        status: u16,
        /// Requests made.
        attempts: u32,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The server refuses. Asking again would not help.
    #[error("the server answered {status}")]
    Refused {
        /// The status, mostly 4xx.
        status: u16,
    },
    /// The answer is over the limit.
    #[error("the answer has over {BODY_BYTES_MAX} bytes")]
    TooLarge,
    /// The answer is in no charset that we can tell.
    #[error("the answer is in no charset that we can tell")]
    Charset,
    /// The answer is neither RSS nor Atom nor JSON Feed.
    #[error("the answer is no feed")]
    NotAFeed,
}

impl FeedError {
    /// What the operator can do about it, when we know.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused { status: 401 | 403 } => {
                Some("the feed wants a login or blocks programs: ask its owner for access")
            }
            Self::Refused { status: 404 | 410 } => {
                Some("the feed has moved: look for its new address")
            }
            Self::NotAFeed => {
                Some("open the address in a browser: is it a page in place of a feed?")
            }
            _ => None,
        }
    }
}

/// A feed as it came.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// The charset of the HTTP header.
    pub(crate) charset: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// What one request gave.
enum Attempt {
    Answer(Answer),
    Unchanged,
    Again(FeedError),
    Stop(FeedError),
}

pub(crate) fn client() -> Result<Client, FeedError> {
    let agent = concat!("huisheng/", env!("CARGO_PKG_VERSION"), " (feed reader)");
    Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(TIMEOUT / 3)
        .user_agent(agent)
        .build()
        .map_err(FeedError::Client)
}

impl<W: Waiter> FeedPoller<W> {
    /// Asks until there is an answer or no use in asking; `None` when nothing changed since `before`.
    pub(crate) async fn fetch(
        &self,
        url: &str,
        before: &FeedCursor,
    ) -> Result<Option<Answer>, FeedError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let error = match self.attempt(url, before, attempts).await {
                Attempt::Answer(answer) => return Ok(Some(answer)),
                Attempt::Unchanged => return Ok(None),
                Attempt::Stop(error) => return Err(error),
                Attempt::Again(error) => error,
            };
            let retry_after =
                if let FeedError::Busy { retry_after, .. } = &error { *retry_after } else { None };
            match self.policy.wait(attempts, retry_after, self.waiter.chance()) {
                Some(wait) => self.waiter.wait(wait).await,
                None => return Err(error),
            }
        }
    }

    async fn attempt(&self, url: &str, before: &FeedCursor, attempts: u32) -> Attempt {
        let mut request = self.client.get(url);
        if let Some(etag) = &before.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = &before.last_modified {
            request = request.header(IF_MODIFIED_SINCE, last_modified);
        }
        // An address that cannot be asked will not become one by asking again.
        let failed = |source: reqwest::Error| {
            let is_final = source.is_builder() || source.is_redirect();
            let error = FeedError::Network { attempts, source: source.without_url() };
            if is_final { Attempt::Stop(error) } else { Attempt::Again(error) }
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return failed(error),
        };
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Attempt::Unchanged;
        }
        let is_busy = status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT
            || status.is_server_error();
        if is_busy {
            let retry_after = retry_after(response.headers());
            return Attempt::Again(FeedError::Busy {
                status: status.as_u16(),
                attempts,
                retry_after,
            });
        }
        if !status.is_success() {
            return Attempt::Stop(FeedError::Refused { status: status.as_u16() });
        }
        match read_body(response).await {
            Ok(Some(answer)) => Attempt::Answer(answer),
            Ok(None) => Attempt::Stop(FeedError::TooLarge),
            Err(error) => failed(error),
        }
    }
}

/// `None` when the body is over the limit, which is noticed before it is held.
async fn read_body(mut response: Response) -> Result<Option<Answer>, reqwest::Error> {
    let headers = response.headers();
    let charset = text_of(headers, CONTENT_TYPE).and_then(|kind| charset_of(&kind));
    let (etag, last_modified) = (text_of(headers, ETAG), text_of(headers, LAST_MODIFIED));
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        if body.len() + bytes.len() > BODY_BYTES_MAX {
            return Ok(None);
        }
        body.extend_from_slice(&bytes);
    }
    Ok(Some(Answer { body, charset, etag, last_modified }))
}

/// Seconds, or a date, which is compared with the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text_of(headers, RETRY_AFTER)?;
    if let Ok(seconds) = asked.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(asked.trim()).ok()?;
    let server_now = DateTime::parse_from_rfc2822(&text_of(headers, DATE)?).ok()?;
    Some((until - server_now).to_std().unwrap_or_default())
}

fn charset_of(content_type: &str) -> Option<String> {
    let (_, after) = content_type.split_once("charset=")?;
    let label = after.split(';').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    (!label.is_empty()).then(|| label.to_owned())
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
