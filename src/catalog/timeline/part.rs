//! What one source says, and what it can't.

use std::time::Duration;

use super::{
    case::Window,
    entry::{Entry, Source},
};
use crate::{Ctx, Error};

/// How long a source is waited for. Two of them, one after the other, leave time for a result.
const PATIENCE: Duration = Duration::from_secs(12);

/// What it means that Clerk refuses a source.
const REFUSED: [(Source, u16, &str); 5] = [
    (Source::Logs, 404, "application logs may be off for this instance"),
    (Source::Logs, 429, "Clerk limits how often logs are read, so try again in a minute"),
    (Source::User, 404, "there is no such user, or no longer; sessions went with them"),
    (Source::Sessions, 404, "Clerk doesn't have it, or no longer"),
    (Source::Organization, 404, "there is no such organization, or no longer"),
];

/// What one source says.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) source: Source,
    pub(super) entries: Vec<Entry>,
    /// What it can't say, as sentences that begin with the source.
    pub(super) gaps: Vec<String>,
    /// Up to this time, in Unix ms, it may have more than is here.
    pub(super) floor: Option<i64>,
    /// Why it could not be read.
    pub(super) error: Option<Error>,
}

impl Part {
    /// What a source says of a time.
    pub(super) fn new(source: Source, mut entries: Vec<Entry>, window: Window) -> Self {
        entries.retain(|entry| window.holds(entry.at));
        Self { source, entries, gaps: Vec::new(), floor: None, error: None }
    }

    /// A source that isn't there.
    pub(super) fn missing(source: Source, why: &str) -> Self {
        let part = Self::new(source, Vec::new(), Window::default()).gap(why);
        Self { error: Some(Error::Internal("a source isn't there")), ..part }
    }

    /// The same with what it can't say, as a clause.
    pub(super) fn gap(mut self, what: &str) -> Self {
        self.gaps.push(format!("{}: {what}", self.source.title()));
        self
    }

    /// The same, which is complete only after this time.
    pub(super) fn down_to(self, floor: Option<i64>) -> Self {
        Self { floor: self.floor.max(floor), ..self }
    }

    /// Whether it could be read.
    pub(super) fn is_read(&self) -> bool {
        self.error.is_none()
    }

    fn failed(ctx: &Ctx, source: Source, error: Error) -> Self {
        let status = error.refusal().map(|refusal| refusal.status);
        let known = REFUSED.iter().find(|(of, code, _)| *of == source && Some(*code) == status);
        let why = if let Some((_, status, means)) = known {
            format!("Clerk answered {status}: {means}.")
        } else {
            let reason = ctx.redact(&error.to_string());
            format!("can't be read: {}.", reason.trim_end_matches('.'))
        };
        Self { error: Some(error), ..Self::missing(source, &why) }
    }
}

/// Waits for a source, but not for ever. Whatever goes wrong is a gap.
pub(super) async fn of(
    ctx: &Ctx,
    source: Source,
    reading: impl Future<Output = Result<Part, Error>>,
) -> Part {
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(Ok(part)) => part,
        Ok(Err(error)) => Part::failed(ctx, source, error),
        Err(_) => Part::missing(
            source,
            &format!("can't be read: there was no answer within {} s.", PATIENCE.as_secs()),
        ),
    }
}
