//! Polls RSS and Atom feeds.
//!
//! A poll asks only for what changed (`ETag`, `Last-Modified`), waits when it is told to wait, and gives up in a way that leaves the cursor where it
//! was. All entries that a feed shows are given each time; the store knows which of them it has.

mod charset;
mod entry;
mod fetch;
mod retry;

use corpus::{Day, EventTime};
use serde::{Deserialize, Serialize};

use crate::batch::ReadBatch;
use crate::{Cursor, Input, SourceDeclaration};

pub use fetch::FeedError;
pub use retry::{Clockwork, RetryPolicy, Waiter};

/// How far one feed has been read: what the server wants to hear to answer "nothing new".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedCursor {
    /// The `ETag` of the last answer.
    pub etag: Option<String>,
    /// The `Last-Modified` of the last answer.
    pub last_modified: Option<String>,
    /// The body of the last answer, hashed: many servers send no validators and the same bytes every time.
    pub body: Option<String>,
}

/// Polls the feeds of sources. One serves for all of them, since it holds the connections.
pub struct FeedPoller<W> {
    client: reqwest::Client,
    policy: RetryPolicy,
    waiter: W,
}

/// What one poll of a source gave.
#[derive(Debug)]
pub struct Polled {
    /// Entries of all feeds that answered. Its cursor has moved for those only.
    pub batch: ReadBatch,
    /// Each feed and how it went.
    pub feeds: Vec<(String, FeedOutcome)>,
}

/// How the poll of one feed went.
#[derive(Debug)]
pub enum FeedOutcome {
    /// The feed was read; it shows this many entries.
    Read {
        /// Documents and rejections.
        entry_count: u64,
    },
    /// Nothing has changed since the last poll.
    Unchanged,
    /// The feed could not be read. Its cursor did not move.
    Failed(FeedError),
}

/// The state of a feed over several polls, for pages, digest and metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedHealth {
    /// Polls since the last one that went well.
    pub failure_count: u32,
    /// Why the last poll failed, while it is failing.
    pub last_failure: Option<String>,
    /// The last day on which a poll went well.
    pub last_success: Option<Day>,
}

impl FeedHealth {
    /// Takes note of a poll.
    pub fn record(&mut self, outcome: &FeedOutcome, today: Day) {
        match outcome {
            FeedOutcome::Read { .. } | FeedOutcome::Unchanged => {
                *self = Self { failure_count: 0, last_failure: None, last_success: Some(today) };
            }
            FeedOutcome::Failed(error) => {
                self.failure_count += 1;
                self.last_failure = Some(error.to_string());
            }
        }
    }
}

impl<W: Waiter> FeedPoller<W> {
    /// Sets up the client.
    ///
    /// # Errors
    /// [`FeedError::Client`] when TLS cannot be set up on this machine.
    pub fn new(policy: RetryPolicy, waiter: W) -> Result<Self, FeedError> {
        Ok(Self { client: fetch::client()?, policy, waiter })
    }

    /// Polls the feeds of `source` one after the other. A feed that fails does not keep the others from being read.
    pub async fn poll(
        &self,
        source: &SourceDeclaration,
        cursor: &Cursor,
        now: EventTime,
    ) -> Polled {
        let urls: &[String] = match &source.input {
            Input::Feeds { urls } => urls,
            Input::Files { .. } => &[],
        };
        let mut batch = ReadBatch { cursor: cursor.clone(), ..ReadBatch::default() };
        let mut feeds = Vec::with_capacity(urls.len());
        for url in urls {
            let outcome = self.poll_feed(url, source, now, &mut batch).await;
            if let FeedOutcome::Failed(error) = &outcome {
                tracing::warn!(source = %source.name, url, error = %error, "feed was not read");
            }
            feeds.push((url.clone(), outcome));
        }
        Polled { batch, feeds }
    }

    async fn poll_feed(
        &self,
        url: &str,
        source: &SourceDeclaration,
        now: EventTime,
        batch: &mut ReadBatch,
    ) -> FeedOutcome {
        let before = batch.cursor.feeds.get(url).cloned().unwrap_or_default();
        let answer = match self.fetch(url, &before).await {
            Ok(Some(answer)) => answer,
            Ok(None) => return FeedOutcome::Unchanged,
            Err(error) => return FeedOutcome::Failed(error),
        };
        let body = blake3::hash(&answer.body).to_hex().to_string();
        if before.body.as_ref() == Some(&body) {
            return FeedOutcome::Unchanged;
        }
        let read_before = batch.read;
        if let Err(error) = entry::read_entries(&answer, url, source, now, batch) {
            return FeedOutcome::Failed(error);
        }
        batch.bytes += answer.body.len() as u64;
        batch.cursor.feeds.insert(
            url.to_owned(),
            FeedCursor { etag: answer.etag, last_modified: answer.last_modified, body: Some(body) },
        );
        FeedOutcome::Read { entry_count: batch.read - read_before }
    }
}
