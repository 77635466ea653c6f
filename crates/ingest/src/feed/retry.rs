//! When to ask again, and how long to wait before.

use std::future::Future;
use std::time::Duration;

/// How often a feed is asked before it counts as failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Requests in one poll.
    pub attempts_max: u32,
    /// The wait before the second request; it doubles each time.
    pub first_wait: Duration,
    /// No wait is longer. A server that asks for more is left alone until the next poll.
    pub wait_max: Duration,
}

/// Four requests over some fifteen seconds: a restart of the server is bridged, an outage waits for the next poll.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts_max: 4,
            first_wait: Duration::from_secs(2),
            wait_max: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// The wait after `attempt` requests (1, 2, …), or `None` to give up.
    ///
    /// Half of it is random (`chance` in [0, 1)), so that many installations do not come back at the same moment.
    pub(crate) fn wait(
        &self,
        attempt: u32,
        retry_after: Option<Duration>,
        chance: f64,
    ) -> Option<Duration> {
        if attempt >= self.attempts_max {
            return None;
        }
        if let Some(asked) = retry_after {
            return (asked <= self.wait_max).then_some(asked);
        }
        let doubled = self
            .first_wait
            .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)))
            .min(self.wait_max);
        Some(doubled.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0)))
    }
}

/// Time and chance, which tests hand in.
pub trait Waiter: Send + Sync {
    /// Lets `wait` pass.
    fn wait(&self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// A random number in [0, 1).
    fn chance(&self) -> f64;
}

/// The real clock and the system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clockwork;

impl Waiter for Clockwork {
    async fn wait(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn chance(&self) -> f64 {
        // Without randomness every wait is of middle length, which is no reason to fail.
        getrandom::u32().map_or(0.5, |bits| f64::from(bits) / (f64::from(u32::MAX) + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_up_to_the_limit_and_end() {
        let policy = RetryPolicy { attempts_max: 6, first_wait: 2 * SECOND, wait_max: 10 * SECOND };
        let longest: Vec<_> = (1..=6).map(|attempt| policy.wait(attempt, None, 1.0)).collect();
        assert_eq!(
            longest,
            [
                Some(2 * SECOND),
                Some(4 * SECOND),
                Some(8 * SECOND),
                Some(10 * SECOND),
                Some(10 * SECOND),
                None
            ]
        );
        assert_eq!(policy.wait(1, None, 0.0), Some(SECOND));
    }

    #[test]
    fn a_server_that_names_a_wait_gets_it_or_is_left_alone() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.wait(1, Some(7 * SECOND), 0.9), Some(7 * SECOND));
        assert_eq!(policy.wait(1, Some(3600 * SECOND), 0.9), None);
        assert_eq!(policy.wait(4, Some(SECOND), 0.9), None);
    }
}
