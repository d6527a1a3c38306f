//! Shows the log to people and to other programs.

pub(super) mod join;
mod row;

use std::{
    collections::VecDeque,
    io::{self, BufRead, Write},
};

use jiff::Timestamp;

use self::join::{Join, Story};
use super::line::{Lines, Raw, Record};

/// Which writes are shown: those that fit all that is given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that name this: as their target, as a value in their arguments, or as what they
    /// created. An organization's identifier does as well as a user's.
    pub user: Option<String>,
    /// Those of this tool.
    pub tool: Option<String>,
    /// Those that were made for this person: their ID, or their email address.
    pub who: Option<String>,
    /// Those of this client, named with its version or without.
    pub client: Option<String>,
    /// Those with this outcome. A write that is not ended is `unknown`.
    pub outcome: Option<String>,
    /// Those that were begun then or later.
    pub since: Option<Timestamp>,
}

/// How the log is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line a write.
    Text,
    /// The lines of the file, those of a write one after the other.
    Json,
}

/// How much was shown, and what could not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many writes were shown.
    pub shown: u64,
    /// How many lines aren't audit lines.
    pub unreadable: u64,
    /// Whether there is an unfinished line at the end.
    pub torn: bool,
}

/// Shows the writes that `filter` lets through in the order in which they began.
///
/// It doesn't check the chain, as [`verify`](super::verify()) does.
///
/// # Errors
/// The log can't be read, or `out` not written.
pub fn show(
    reader: impl BufRead,
    filter: &Filter,
    form: Form,
    out: &mut impl Write,
) -> io::Result<Tally> {
    let mut shown = 0;
    let tally = each(reader, filter, form, |text| {
        shown += 1;
        out.write_all(text.as_bytes())
    })?;
    out.flush()?;
    Ok(Tally { shown, ..tally })
}

/// Shows the last `count` of the writes that `filter` lets through, the oldest first.
///
/// # Errors
/// The log can't be read, or `out` not written.
pub fn tail(
    reader: impl BufRead,
    filter: &Filter,
    count: usize,
    form: Form,
    out: &mut impl Write,
) -> io::Result<Tally> {
    let mut last = VecDeque::new();
    let tally = each(reader, filter, form, |text| {
        last.push_back(text);
        if last.len() > count {
            last.pop_front();
        }
        Ok(())
    })?;
    for text in &last {
        out.write_all(text.as_bytes())?;
    }
    out.flush()?;
    Ok(Tally { shown: last.len() as u64, ..tally })
}

/// Gives `emit` what is to be shown of each write.
fn each(
    reader: impl BufRead,
    filter: &Filter,
    form: Form,
    mut emit: impl FnMut(String) -> io::Result<()>,
) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut lines = Lines::new(reader);
    let mut join = Join::new(form == Form::Json, filter.user.as_slice());
    let mut emit = |story: Story| match form {
        _ if !filter.lets(&story) => Ok(()),
        Form::Text => emit(row::row(&story)),
        Form::Json => emit(story.raw),
    };
    while let Some(raw) = lines.next()? {
        let read = match raw {
            Raw::Line(line) => str::from_utf8(line).ok().zip(Record::read(line)),
            Raw::TooLong => None,
            Raw::Torn(_) => {
                tally.torn = true;
                continue;
            }
        };
        match read {
            Some((line, record)) => join.add(line, record),
            None => tally.unreadable += 1,
        }
        while let Some(story) = join.next() {
            emit(story)?;
        }
    }
    for story in join.rest() {
        emit(story)?;
    }
    Ok(tally)
}

impl Filter {
    fn lets(&self, story: &Story) -> bool {
        let fits = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
        };
        let time = || story.first.time.parse::<Timestamp>().ok();
        (self.user.is_none() || story.is_named)
            && self.who.as_ref().is_none_or(|wanted| {
                let person = story.first.principal.as_ref();
                person.is_some_and(|it| [&it.subject, &it.email].contains(&&Some(wanted.clone())))
            })
            && fits(&self.tool, story.first.tool.as_deref())
            && fits(&self.outcome, story.outcome())
            && self.client.as_deref().is_none_or(|wanted| {
                let is = story.first.client.as_deref().unwrap_or_default();
                is.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
            && self.since.is_none_or(|since| time().is_none_or(|time| time >= since))
    }
}

#[cfg(test)]
mod tests;
