//! Points in time as Clerk has them: Unix milliseconds in answers, RFC 3339 in bodies.

use std::time::{SystemTime, UNIX_EPOCH};

/// One second in milliseconds.
pub(super) const SECOND: i64 = 1_000;
/// One day in milliseconds.
pub(super) const DAY: i64 = 86_400 * SECOND;

/// The clock's time in Unix milliseconds.
pub(super) fn clock() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
        .unwrap_or(0)
}

/// The start of the day, in UTC, that holds this point in time.
pub(super) fn day_of(milliseconds: i64) -> i64 {
    milliseconds - milliseconds.rem_euclid(DAY)
}

/// Reads an RFC 3339 date and time such as `2012-10-20T07:15:20.902Z` as Unix milliseconds.
/// Digits after the milliseconds are dropped.
pub(super) fn parse_rfc3339(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't'])?;
    let zone_start = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at_checked(zone_start)?;
    Some(days(date)? * DAY + time_of_day(clock)? - offset(zone)?)
}

/// Days from 1970-01-01 to a date `YYYY-MM-DD` of the Gregorian calendar.
fn days(date: &str) -> Option<i64> {
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // The year is counted from March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(365 * year + leap_days + day_of_year - 719_468)
}

/// Milliseconds since midnight of `HH:MM:SS` with or without a fraction.
fn time_of_day(clock: &str) -> Option<i64> {
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(whole, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 || fraction.is_empty() || !is_digits(fraction) {
        return None;
    }
    let milliseconds: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(((hour * 60 + minute) * 60 + second) * SECOND + milliseconds)
}

/// What a zone such as `Z` or `+02:00` is ahead of UTC, in milliseconds.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let [hours, minutes] = numbers(zone.get(1..)?, ':', [2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60 * SECOND)
}

/// Splits `text` into exactly these many numbers of exactly these many digits.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !is_digits(part) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
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
}
