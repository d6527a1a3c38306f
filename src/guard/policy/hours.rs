//! Times of the week, as `mon-fri 09:00-17:00`.

use std::fmt;

use jiff::civil::DateTime;

use super::names::UnknownName;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: u8 = 0b111_1111;
const MIDNIGHT: u16 = 24 * 60;

/// A time of day on some days of the week, by the clock on the wall: if the clock is put forward
/// or back, what it shows counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hours {
    /// One bit a day, Monday's the lowest.
    days: u8,
    begin: u16,
    /// The first minute that is out. If it isn't after `begin`, it is one of the next day.
    end: u16,
    /// As it was written, but for case and spaces.
    text: String,
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text isn't a time of the week.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidHours {
    /// It isn't days, a space and hours.
    #[error(
        "`{0}` isn't a valid time: write days and hours, such as `mon-fri 09:00-17:00` or \
         `daily 22:00-06:00`"
    )]
    Malformed(String),
    /// The hours are one time of day.
    #[error("`{0}` has no end: write it as `09:00-17:00`")]
    NoEnd(String),
    /// They begin at 24:00.
    #[error("24:00 can only be an end: a day begins at 00:00")]
    BeginsAtMidnight,
    /// They end when they begin.
    #[error("`{0}` has no length; the whole day is 00:00-24:00")]
    Empty(String),
    /// The days are from a day to the same day.
    #[error("`{0}` is one day or all: write it as one day or as `daily`")]
    Ambiguous(String),
    /// A day doesn't exist.
    #[error(transparent)]
    Day(#[from] UnknownName),
    /// A time of day isn't one.
    #[error("`{0}` isn't a valid time of day: write it as 09:00, up to 24:00")]
    Minute(String),
}

impl Hours {
    /// Reads `mon-fri 09:00-17:00`.
    ///
    /// # Errors
    /// It isn't a time of the week.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidHours> {
        let text = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = text.split_once(' ').filter(|(_, times)| !times.contains(' '));
        let Some((days, times)) = parts else {
            return Err(InvalidHours::Malformed(text));
        };
        let days = read_days(days)?;
        let Some((begin, end)) = times.split_once('-') else {
            return Err(InvalidHours::NoEnd(times.to_owned()));
        };
        let (begin, end) = (minute(begin)?, minute(end)?);
        if begin == MIDNIGHT {
            return Err(InvalidHours::BeginsAtMidnight);
        }
        if begin == end {
            return Err(InvalidHours::Empty(times.to_owned()));
        }
        Ok(Self { days, begin, end, text })
    }

    /// Whether `time` is in it. What passes midnight belongs to the day on which it begins.
    pub(super) fn contains(&self, time: DateTime) -> bool {
        let day = time.weekday().to_monday_zero_offset().unsigned_abs();
        let minute =
            u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        let on = |day: u8| self.days & (1 << (day % 7)) != 0;
        if self.begin < self.end {
            return on(day) && (self.begin..self.end).contains(&minute);
        }
        let yesterday = day + 6;
        (on(day) && minute >= self.begin) || (on(yesterday) && minute < self.end)
    }
}

fn read_days(text: &str) -> Result<u8, InvalidHours> {
    if text == "daily" {
        return Ok(EVERY_DAY);
    }
    let Some((first, last)) = text.split_once('-') else { return Ok(1 << day(text)?) };
    let (first, last) = (day(first)?, day(last)?);
    if first == last {
        return Err(InvalidHours::Ambiguous(text.to_owned()));
    }
    let length = (last + 7 - first) % 7;
    Ok((0..=length).fold(0, |days, step| days | 1 << ((first + step) % 7)))
}

fn day(name: &str) -> Result<u8, UnknownName> {
    let known = (0..).zip(DAYS).find(|(_, known)| *known == name);
    known.map(|(day, _)| day).ok_or_else(|| {
        let names: Vec<&str> = DAYS.into_iter().chain(["daily"]).collect();
        let hint = format!("there are {}", names.join(", "));
        UnknownName::new("day", name, names.into_iter(), &hint)
    })
}

/// The minute of the day.
fn minute(text: &str) -> Result<u16, InvalidHours> {
    let number = |digits: &str| {
        let is_whole = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| is_whole)
    };
    text.split_once(':')
        .and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)))
        .filter(|(_, minute)| *minute < 60)
        .map(|(hour, minute)| hour * 60 + minute)
        .filter(|minute| *minute <= MIDNIGHT)
        .ok_or_else(|| InvalidHours::Minute(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-06-01 is a Monday.
    fn is_in(text: &str, day: i8, hour: i8, minute: i8) -> bool {
        let time = jiff::civil::date(2026, 6, day).at(hour, minute, 0, 0);
        Hours::parse(text).unwrap().contains(time)
    }

    #[test]
    fn days_and_hours_are_kept_to_the_minute() {
        let cases = [
            ("mon-fri 09:00-17:00", (1, 8, 59), false),
            ("mon-fri 09:00-17:00", (1, 9, 0), true),
            ("mon-fri 09:00-17:00", (5, 16, 59), true),
            ("mon-fri 09:00-17:00", (5, 17, 0), false),
            ("mon-fri 09:00-17:00", (6, 12, 0), false),
            ("wed 00:00-24:00", (3, 0, 0), true),
            ("wed 00:00-24:00", (3, 23, 59), true),
            ("wed 00:00-24:00", (4, 0, 0), false),
            ("daily 00:00-24:00", (7, 23, 59), true),
            ("Mon-Fri  09:00-17:00", (2, 12, 0), true),
        ];
        for (text, (day, hour, minute), expected) in cases {
            assert_eq!(is_in(text, day, hour, minute), expected, "{text}: {day} {hour}:{minute}");
        }
    }

    #[test]
    fn days_wrap_and_nights_belong_to_the_day_they_begin_on() {
        let on: Vec<i8> = (1..=7).filter(|day| is_in("fri-mon 09:00-10:00", *day, 9, 0)).collect();
        assert_eq!(on, [1, 5, 6, 7]);
        let on: Vec<i8> = (1..=7).filter(|day| is_in("sun-tue 09:00-10:00", *day, 9, 0)).collect();
        assert_eq!(on, [1, 2, 7]);
        let cases = [
            ("mon-fri 22:00-06:00", (1, 5, 59), false),
            ("mon-fri 22:00-06:00", (1, 22, 0), true),
            ("mon-fri 22:00-06:00", (2, 5, 59), true),
            ("mon-fri 22:00-06:00", (2, 6, 0), false),
            ("mon-fri 22:00-06:00", (6, 5, 59), true),
            ("mon-fri 22:00-06:00", (6, 22, 0), false),
            ("sun 22:00-06:00", (1, 5, 0), true),
            ("sun 22:00-06:00", (7, 5, 0), false),
            ("sun 22:00-00:00", (7, 23, 59), true),
            ("sun 22:00-00:00", (8, 0, 0), false),
        ];
        for (text, (day, hour, minute), expected) in cases {
            assert_eq!(is_in(text, day, hour, minute), expected, "{text}: {day} {hour}:{minute}");
        }
    }

    #[test]
    fn an_invalid_time_is_refused_with_the_reason() {
        let cases = [
            ("", "`` isn't a valid time: "),
            ("mon-fri", "isn't a valid time: "),
            ("mon 09:00 - 17:00", "isn't a valid time: "),
            ("mon 09:00", "`09:00` has no end"),
            ("mon 9:00-17:00", "`9:00` isn't a valid time of day"),
            ("mon 09:60-17:00", "`09:60` isn't a valid time of day"),
            ("mon 09:00-24:01", "`24:01` isn't a valid time of day"),
            ("mon +9:00-17:00", "`+9:00` isn't a valid time of day"),
            ("mon 24:00-06:00", "24:00 can only be an end"),
            ("mon 09:00-09:00", "has no length"),
            ("mon-mon 09:00-17:00", "one day or all"),
            ("monday 09:00-17:00", "there is no day `monday`; did you mean `mon`?"),
            ("tues 09:00-17:00", "there is no day `tues`; did you mean `tue`?"),
            ("xyz 09:00-17:00", "there are mon, tue"),
            ("mon-xyz 09:00-17:00", "there is no day `xyz`"),
        ];
        for (text, part) in cases {
            let message = Hours::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
