//! Points in time, as agents write them and as Clerk sends them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Fewer milliseconds are not taken for such, but for seconds: those would be times before March
/// 1973, and as seconds they are times until the year 5138.
const LEAST_MILLISECONDS: i64 = 100_000_000_000;

/// What is said of an answer with times in seconds.
pub(crate) const IN_SECONDS: &str =
    "Clerk's answer has times in seconds: they are Unix milliseconds here.";

/// A time in Unix milliseconds as people read it: to the second, in UTC, such as
/// 2026-05-30T09:00:00Z. A number that is beyond every calendar stays a number.
pub(crate) fn iso(milliseconds: i64) -> String {
    match Timestamp::from_millisecond(milliseconds) {
        Ok(time) => format!("{time:.0}"),
        Err(_) => milliseconds.to_string(),
    }
}

/// A point in time as it came, for code that computes with it: in Unix milliseconds, or in seconds
/// from something that stands in for Clerk. Zero and less stay as they are.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct UnixTime(f64);

impl UnixTime {
    /// The time that a whole number or a fraction stands for.
    pub(crate) const fn new(time: f64) -> Self {
        Self(time)
    }

    /// Whether it is in seconds.
    pub(crate) fn is_in_seconds(self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "it is exact")]
        let least = LEAST_MILLISECONDS as f64;
        self.0 > 0.0 && self.0 < least
    }

    /// In Unix milliseconds.
    pub(crate) fn milliseconds(self) -> i64 {
        let time = if self.is_in_seconds() { self.0 * 1000.0 } else { self.0 };
        #[expect(clippy::cast_possible_truncation, reason = "beyond, it is the nearest there is")]
        {
            time.round() as i64
        }
    }

    /// As people read it: see [`iso`].
    pub(crate) fn iso(self) -> String {
        iso(self.milliseconds())
    }
}

/// A point in time: a date such as 2026-01-31, which is its first moment in UTC, an RFC 3339
/// timestamp, or Unix milliseconds. Clerk is sent milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(pub(crate) i64);

impl Date {
    /// Reads any of the three forms.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().filter(|time| *time >= LEAST_MILLISECONDS).map(Self);
        }
        // A date alone has ten characters; a timestamp has more.
        let midnight = if text.len() == 10 { "T00:00:00Z" } else { "" };
        let time = format!("{text}{midnight}").parse::<Timestamp>();
        time.ok().map(|time| Self(time.as_millisecond()))
    }

    /// It as an RFC 3339 timestamp in UTC; `None` if it is later than the year 9999.
    pub(crate) fn rfc3339(self) -> Option<String> {
        jiff::Timestamp::from_millisecond(self.0).ok().map(|time| time.to_string())
    }

    /// Whether it is still to come.
    pub(crate) fn is_future(self) -> bool {
        self.0 > jiff::Timestamp::now().as_millisecond()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_seconds_is_told_from_one_in_milliseconds() {
        let cases = [
            ("1769817600000", 1_769_817_600_000, false),
            ("1769817600", 1_769_817_600_000, true),
            ("1769817600.25", 1_769_817_600_250, true),
            ("100000000000", 100_000_000_000, false),
            ("99999999999", 99_999_999_999_000, true),
            ("1", 1_000, true),
            ("0", 0, false),
            ("-1769817600", -1_769_817_600, false),
        ];
        for (text, expected, in_seconds) in cases {
            let time: UnixTime = serde_json::from_str(text).unwrap();
            assert_eq!(
                (time.milliseconds(), time.is_in_seconds()),
                (expected, in_seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_is_written_to_the_second_in_utc() {
        let cases = [
            (1_780_131_600_000, "2026-05-30T09:00:00Z"),
            (1_780_131_600_999, "2026-05-30T09:00:00Z"),
            (0, "1970-01-01T00:00:00Z"),
            (i64::MAX, "9223372036854775807"),
        ];
        for (time, text) in cases {
            assert_eq!(iso(time), text);
        }
    }

    #[test]
    fn a_date_is_read_in_each_form_and_nothing_else_is_one() {
        let day = 1_769_817_600_000;
        let cases = [
            ("2026-01-31", Some(day)),
            (" 2026-01-31 ", Some(day)),
            ("2026-01-31T01:00:00Z", Some(day + 3_600_000)),
            ("2026-01-31T01:00:00.5+01:00", Some(day + 500)),
            ("1769817600000", Some(day)),
            ("1769817600", None),
            ("2026-02-31", None),
            ("2026-01-31T01:00:00", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, time) in cases {
            assert_eq!(Date::parse(text).map(|date| date.0), time, "{text}");
        }
    }
}
