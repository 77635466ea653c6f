//! Feeds through the pipeline: one poll is one batch.

use ingest::{
    Cursor, DocumentReader, FeedOutcome, FeedPoller, ReadBatch, RetryPolicy, SourceDeclaration,
};

use crate::engine::Engine;
use crate::pipeline::{self, Progress, RunReport, SourceContext};

/// Polls the feeds of a source once and stores what is new.
pub(crate) fn run(
    engine: &mut Engine,
    declaration: &SourceDeclaration,
    context: SourceContext,
    cursor: Cursor,
    progress: &(dyn Progress + Sync),
) -> anyhow::Result<RunReport> {
    let poller = FeedPoller::new(RetryPolicy::default(), ingest::Clockwork)?;
    let now = engine.now();
    let polled = engine.runtime.block_on(poller.poll(declaration, &cursor, now));
    let failures = polled
        .feeds
        .iter()
        .filter(|(_, outcome)| matches!(outcome, FeedOutcome::Failed(_)))
        .count();
    // A source all of whose feeds failed was not read: say so instead of reporting nothing new.
    if failures > 0 && failures == polled.feeds.len() {
        let first = polled.feeds.into_iter().find_map(|(url, outcome)| match outcome {
            FeedOutcome::Failed(error) => {
                Some(anyhow::Error::new(error).context(format!("poll {url}")))
            }
            _ => None,
        });
        return Err(first.expect("a failed feed was counted"));
    }
    pipeline::run(engine, context, &mut Once(Some(polled.batch)), progress)
}

/// A reader that gives one batch.
struct Once(Option<ReadBatch>);

impl DocumentReader for Once {
    fn next_batch(&mut self, _limit: usize) -> Result<Option<ReadBatch>, ingest::Error> {
        Ok(self.0.take().filter(|batch| batch.read > 0))
    }
}
