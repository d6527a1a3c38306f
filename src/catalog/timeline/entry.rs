//! What happened once, from whichever source it is known.

use crate::{Ctx, text::clean_text};

/// How many characters of a type, an ID or an address are shown.
const NAME: usize = 100;
/// How many characters of what is said beside them.
const ABOUT: usize = 240;

/// Whom the timeline is of, as who did something.
pub(super) const OWN: &str = "the user";

/// Who knows of an entry. The first of several gives the entry its ID and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    /// Clerk's application logs.
    Logs,
    /// The events that this server received.
    Events,
    /// Sessions that Clerk still has.
    Sessions,
    /// The dates that the user object has.
    User,
    /// The dates that the organization object has.
    Organization,
    /// Invitations to the application and to organizations.
    Invitations,
    /// The audit log of this server.
    Audit,
}

impl Source {
    /// The word in results.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Events => "events",
            Self::Sessions => "sessions",
            Self::User => "user",
            Self::Organization => "organization",
            Self::Invitations => "invitations",
            Self::Audit => "audit",
        }
    }

    /// The subject of a sentence.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Logs => "Logs",
            Self::Events => "Events",
            Self::Sessions => "Sessions",
            Self::User => "User",
            Self::Organization => "Organization",
            Self::Invitations => "Invitations",
            Self::Audit => "Audit log",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// When, in Unix ms.
    pub(super) at: i64,
    /// What: Clerk's type, a field with a date, or a tool of this server.
    pub(super) kind: String,
    /// Other types under which another source may know the same.
    pub(super) also: &'static [&'static str],
    /// Who did it, if the source says so.
    pub(super) who: Option<String>,
    /// What it was done to.
    pub(super) on: Option<String>,
    /// From where.
    pub(super) from: Option<String>,
    /// The IP address in it, if the source has it apart.
    pub(super) ip: Option<String>,
    /// What else should be known.
    pub(super) about: Option<String>,
    /// The sources that know of it, each with its ID for it; never empty, in their order.
    pub(super) found: Vec<(Source, String)>,
    /// The object that it is about.
    pub(super) object: Option<String>,
    /// The other objects that it names.
    pub(super) related: Vec<String>,
    /// The session in which it happened, or which it is about.
    pub(super) session: Option<String>,
    /// Clerk's name for the request.
    pub(super) trace: Option<String>,
}

impl Entry {
    /// An entry of which no more is known.
    pub(super) fn new(source: Source, id: &str, at: i64, kind: &str) -> Self {
        Self {
            at,
            kind: kind.to_owned(),
            also: &[],
            who: None,
            on: None,
            from: None,
            ip: None,
            about: None,
            found: vec![(source, id.to_owned())],
            object: None,
            related: Vec::new(),
            session: None,
            trace: None,
        }
    }

    /// The source that gives it its ID, and the ID.
    pub(super) fn first(&self) -> Option<(Source, &str)> {
        self.found.first().map(|(source, id)| (*source, &**id))
    }

    /// Whether a source knows of it.
    pub(super) fn is_of(&self, source: Source) -> bool {
        self.found.iter().any(|(known, _)| *known == source)
    }

    /// The same without secrets, and with what end users wrote made safe and short: only so is
    /// known what it costs.
    pub(super) fn cleaned(self, ctx: &Ctx) -> Self {
        let clean = |text: String, limit| clean_text(&ctx.redact(&text), limit).into_owned();
        let name = |text: Option<String>| text.map(|text| clean(text, NAME));
        Self {
            kind: clean(self.kind, NAME),
            who: name(self.who),
            on: name(self.on),
            from: self.from.map(|text| clean(text, ABOUT)),
            ip: name(self.ip),
            about: self.about.map(|text| clean(text, ABOUT)),
            found: self.found.into_iter().map(|(source, id)| (source, clean(id, NAME))).collect(),
            ..self
        }
    }
}

/// Parts of a sentence that are there, with commas between them; `None` if none is.
pub(super) fn joined<'p>(parts: impl IntoIterator<Item = Option<&'p str>>) -> Option<String> {
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
