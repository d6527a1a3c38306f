//! Points in time as Clerk has them: Unix milliseconds in responses, RFC 3339 in requests.

/// One second in milliseconds.
pub(crate) const SECOND: i64 = 1_000;
/// One day in milliseconds.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// 0001-01-01T00:00:00Z in seconds.
const FIRST: i64 = -62_135_596_800;

/// The machine's time in Unix milliseconds. What the sandbox shows is by its own [`Clock`].
pub(crate) fn clock() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The clock of an instance: the machine's, but moved by as much as was asked, or standing still.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    /// How far it is ahead of the machine's while it runs.
    ahead: i64,
    frozen_at: Option<i64>,
}

impl Clock {
    pub(crate) fn now(self) -> i64 {
        self.frozen_at.unwrap_or_else(|| clock().saturating_add(self.ahead))
    }

    pub(crate) fn is_frozen(self) -> bool {
        self.frozen_at.is_some()
    }

    /// Moves it to this time; it runs on, or stands still there as before.
    pub(crate) fn set(&mut self, time: i64) {
        match &mut self.frozen_at {
            Some(frozen_at) => *frozen_at = time,
            None => self.ahead = time.saturating_sub(clock()),
        }
    }

    pub(crate) fn freeze(&mut self) {
        self.frozen_at = Some(self.now());
    }

    /// Lets it run on from where it stands.
    pub(crate) fn resume(&mut self) {
        if let Some(time) = self.frozen_at.take() {
            self.set(time);
        }
    }
}

/// Whether a point in time has a date in the years 1 to 9999.
pub(crate) fn is_writable(milliseconds: i64) -> bool {
    jiff::Timestamp::from_millisecond(milliseconds).is_ok_and(|time| time.as_second() > FIRST)
}

/// A point in time such as `2012-10-20T07:15:20.902Z`; empty if it has no date.
pub(crate) fn rfc3339(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).map(|time| time.to_string()).unwrap_or_default()
}

/// The start of the day, in UTC, that holds this point in time.
pub(crate) fn day_of(milliseconds: i64) -> i64 {
    milliseconds - milliseconds.rem_euclid(DAY)
}

/// The point in time this many days later.
pub(crate) fn days_after(milliseconds: i64, days: u64) -> i64 {
    let span = i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY);
    milliseconds.saturating_add(span)
}

/// The point in time this many days earlier.
pub(crate) fn days_before(milliseconds: i64, days: u64) -> i64 {
    let span = i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY);
    milliseconds.saturating_sub(span)
}

/// Reads an RFC 3339 date and time such as `2012-10-20T07:15:20.902Z` as Unix milliseconds.
/// Digits after the milliseconds are dropped.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    let nanoseconds = time.as_nanosecond();
    i64::try_from(nanoseconds.div_euclid(1_000_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rfc3339() {
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2012-10-20T07:15:20.902Z", Some(1_350_717_320_902)),
            ("2012-10-20T09:15:20.902+02:00", Some(1_350_717_320_902)),
            ("2024-02-29T12:00:00.5Z", Some(1_709_208_000_500)),
            ("1969-12-31T23:59:59.9991234z", Some(-1)),
            ("2023-02-29T12:00:00Z", None),
            ("2012-10-20", None),
            ("2012-10-20T07:15:20", None),
            ("2012-13-20T07:15:20Z", None),
            ("2012-10-20T24:15:20Z", None),
            ("2012-10-20T07:15:20.Z", None),
            ("2012-10-20T07:15:20+2:00", None),
            ("tomorrow", None),
        ] {
            assert_eq!(parse_rfc3339(text), milliseconds, "{text}");
        }
    }

    #[test]
    fn a_day_starts_at_midnight() {
        assert_eq!(day_of(DAY + 5), DAY);
        assert_eq!(day_of(-5), -DAY);
    }

    #[test]
    fn days_that_are_too_many_end_at_the_last_point_in_time() {
        assert_eq!(days_after(5, 2), 2 * DAY + 5);
        assert_eq!(days_after(5, 1 << 62), i64::MAX);
        assert_eq!(days_after(5, u64::MAX), i64::MAX);
    }
}
