//! When a failed request is sent again: a pure decision, apart from the sending.

use std::time::Duration;

use backon::ExponentialBuilder;

use crate::{ConnectFailure, Error};

/// How often and after which time a failed request is sent again.
///
/// A read is sent again after 429, 5xx and a connection that failed or broke. A write is sent
/// again after 429 only: there Clerk says that it did nothing. A time limit that ran out is not
/// tried again, and a wait that the context has no time for is not begun. `Retry-After` is obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often at most, after the first try.
    pub max_retries: usize,
    /// The wait before the first of them, where Clerk names none; it doubles with each, with
    /// jitter.
    pub min_delay: Duration,
}

impl Default for RetryPolicy {
    /// Two more tries, after 0.3 s and 0.6 s.
    fn default() -> Self {
        Self { max_retries: 2, min_delay: Duration::from_millis(300) }
    }
}

impl RetryPolicy {
    /// Each request is sent once.
    pub const NEVER: Self = Self { max_retries: 0, min_delay: Duration::ZERO };

    /// The waits where Clerk names none.
    pub(crate) fn backoff(self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.min_delay)
            .with_max_times(self.max_retries)
            .with_jitter()
    }
}

/// How long to wait before the next try, or `None` if the failure is final.
pub(crate) fn wait(
    is_read: bool,
    error: &Error,
    backoff: Duration,
    time_left: Duration,
) -> Option<Duration> {
    let wait = match error {
        Error::Refused(refusal) if refusal.status == 429 => refusal.retry_after.unwrap_or(backoff),
        Error::Refused(refusal) if is_read && refusal.is_server_error() => {
            refusal.retry_after.unwrap_or(backoff)
        }
        // The next try would read the same certificates.
        Error::Unreachable(unreachable)
            if matches!(
                unreachable.cause,
                ConnectFailure::Certificate | ConnectFailure::Authorities
            ) =>
        {
            return None;
        }
        Error::Unreachable(_) | Error::Interrupted(_) if is_read => backoff,
        _ => return None,
    };
    (wait < time_left).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Refusal, Unreachable};

    const BACKOFF: Duration = Duration::from_millis(300);
    const LEFT: Duration = Duration::from_secs(30);

    fn refused(status: u16, retry_after: Option<u64>) -> Error {
        let retry_after = retry_after.map(Duration::from_secs);
        Error::Refused(Box::new(Refusal { status, retry_after, ..Refusal::default() }))
    }

    fn unreachable(cause: ConnectFailure) -> Error {
        Error::Unreachable(Unreachable { cause, host: String::new(), reason: String::new() })
    }

    #[test]
    fn only_what_clerk_did_not_do_is_sent_again() {
        let secs = |n| Some(Duration::from_secs(n));
        let cases = [
            (refused(429, Some(2)), secs(2), secs(2)),
            (refused(429, None), Some(BACKOFF), Some(BACKOFF)),
            (refused(429, Some(31)), None, None),
            (refused(500, None), Some(BACKOFF), None),
            (refused(503, Some(3)), secs(3), None),
            (refused(404, None), None, None),
            (refused(409, None), None, None),
            (unreachable(ConnectFailure::Refused), Some(BACKOFF), None),
            (unreachable(ConnectFailure::Certificate), None, None),
            (Error::Interrupted(String::new()), Some(BACKOFF), None),
            (Error::Timeout(LEFT), None, None),
            (Error::Unreadable { status: 200, reason: String::new() }, None, None),
        ];
        for (error, read, write) in cases {
            assert_eq!(wait(true, &error, BACKOFF, LEFT), read, "read after {error:?}");
            assert_eq!(wait(false, &error, BACKOFF, LEFT), write, "write after {error:?}");
        }
    }

    #[test]
    fn no_wait_is_begun_that_the_call_has_no_time_for() {
        assert_eq!(wait(true, &refused(500, None), BACKOFF, BACKOFF), None);
    }
}
