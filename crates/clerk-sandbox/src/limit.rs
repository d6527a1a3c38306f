//! Rate limits: so many requests in a span of time, and 429 beyond that.
//!
//! Why not `governor`, which clerk-api limits its own requests with: it is a token bucket, and a
//! bucket of 100 that refills within 10 seconds lets almost 200 requests through in some spans of
//! 10 seconds. Clerk documents 100 requests per 10 seconds, and the sandbox only tests a client if
//! it refuses the request after that. Besides, a bucket can't have a limit of 0.
//! <https://clerk.com/docs/guides/how-clerk-works/system-limits>

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::response::Response;
use tokio::time::Instant;

use crate::reply;

/// The span of time that requests are counted in.
const SPAN: Duration = Duration::from_secs(10);

/// How often one user, or one membership, may be changed in that time.
const CHANGES: u32 = 10;

/// Which part of a key's requests may be for logs. Clerk says that their limit is lower, not how much.
const PART_FOR_LOGS: u32 = 5;

/// The limits of a sandbox that has any.
#[derive(Debug)]
pub(crate) struct Limits {
    /// By key.
    pub(crate) requests: Limit,
    /// By the id of the user.
    pub(crate) changes_of_user: Limit,
    /// Of the application's logs, which have a lower limit of their own.
    pub(crate) logs: Limit,
    /// By the ids of organization and user.
    pub(crate) changes_of_membership: Limit,
}

impl Limits {
    /// With this many requests for each key.
    pub(crate) fn new(requests: u32) -> Self {
        Self {
            requests: Limit::new(requests),
            logs: Limit::new(requests.div_ceil(PART_FOR_LOGS)),
            changes_of_user: Limit::new(CHANGES),
            changes_of_membership: Limit::new(CHANGES),
        }
    }
}

/// At most so many requests of each name in any [`SPAN`].
#[derive(Debug)]
pub(crate) struct Limit {
    most: usize,
    log: Mutex<Log>,
}

impl Limit {
    fn new(most: u32) -> Self {
        let log = Log { times: HashMap::new(), swept: Instant::now() };
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), log: Mutex::new(log) }
    }

    /// Counts a request, and returns the refusal if it exceeds the limit.
    pub(crate) fn refuse(&self, name: &str) -> Option<Response> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        // The clock is read under the lock, so that the times of a name are in order.
        let wait = log.enter(name, self.most, Instant::now()).err()?;
        Some(reply::too_many_requests(Some(seconds(wait))))
    }
}

/// The times of recent requests, by name.
#[derive(Debug)]
struct Log {
    times: HashMap<String, VecDeque<Instant>>,
    /// When names without recent requests were last removed.
    swept: Instant,
}

impl Log {
    /// Counts one more request, or returns how long it is too early for it. A request that is too
    /// early does not count.
    fn enter(&mut self, name: &str, most: usize, now: Instant) -> Result<(), Duration> {
        self.sweep(now);
        let times = self.times.entry(name.to_owned()).or_default();
        while times.front().is_some_and(|time| is_over(*time, now)) {
            times.pop_front();
        }
        if times.len() < most {
            times.push_back(now);
            return Ok(());
        }
        // Without a first time the limit is 0, and no wait is long enough.
        let first = times.front().copied().unwrap_or(now);
        Err(SPAN.saturating_sub(now.duration_since(first)))
    }

    fn sweep(&mut self, now: Instant) {
        if is_over(self.swept, now) {
            self.times.retain(|_, times| times.back().is_some_and(|time| !is_over(*time, now)));
            self.swept = now;
        }
    }
}

fn is_over(time: Instant, now: Instant) -> bool {
    now.duration_since(time) >= SPAN
}

/// The wait in whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_slides() {
        let start = Instant::now();
        let mut log = Log { times: HashMap::new(), swept: start };
        let mut enter = |name: &str, at: u64| {
            let at = start + Duration::from_millis(at);
            log.enter(name, 2, at).map_err(|wait| wait.as_millis())
        };
        assert_eq!(enter("a", 0), Ok(()));
        assert_eq!(enter("a", 9_000), Ok(()));
        assert_eq!(enter("a", 9_500), Err(500));
        assert_eq!(enter("b", 9_500), Ok(()), "another name");
        assert_eq!(enter("a", 9_999), Err(1));
        assert_eq!(enter("a", 10_000), Ok(()), "a refused request does not count");
        assert_eq!(enter("a", 10_001), Err(8_999));
        assert_eq!(enter("a", 19_000), Ok(()));
        assert_eq!(enter("c", 29_500), Ok(()));
        assert_eq!(log.times.keys().collect::<Vec<_>>(), ["c"], "old names are dropped");
    }

    #[test]
    fn nothing_may_be_allowed() {
        let now = Instant::now();
        let mut log = Log { times: HashMap::new(), swept: now };
        assert_eq!(log.enter("a", 0, now), Err(SPAN));
    }

    #[test]
    fn waits_are_rounded_up() {
        for (milliseconds, whole) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (10_000, 10)] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), whole);
        }
    }
}
