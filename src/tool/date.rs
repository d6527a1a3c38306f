//! Points in time as agents write them.

/// A point in time: a date such as 2026-01-31, which is its first moment in UTC, an RFC 3339
/// timestamp, or Unix milliseconds. Clerk is sent milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(pub(crate) i64);

impl Date {
    /// Reads any of the three forms.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            // Milliseconds of this century; seconds would be a date in 1970.
            return text.parse().ok().filter(|time| *time >= 100_000_000_000).map(Self);
        }
        // A date alone has ten characters; a timestamp has more.
        let midnight = if text.len() == 10 { "T00:00:00Z" } else { "" };
        let time = format!("{text}{midnight}").parse::<jiff::Timestamp>();
        time.ok().map(|time| Self(time.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
