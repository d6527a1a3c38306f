//! Whose timeline it is, and in which time.

use clerk_api::{Request, Route};
use serde_json::json;

use super::{
    entry::Source,
    part::{self, Part},
    user::User,
    wire::{Session, read},
};
use crate::{Ctx, Error, catalog::only_user};

/// A time: from the first moment on, and before the second, in Unix ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) after: Option<i64>,
    pub(super) before: Option<i64>,
}

impl Window {
    /// Whether a moment is in it.
    pub(super) fn holds(self, at: i64) -> bool {
        self.after.is_none_or(|after| at >= after) && self.before.is_none_or(|before| at < before)
    }
}

/// What a timeline is asked of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    User(String),
    Organization(String),
    Session(String),
    Email(String),
    Ip(String),
    Trace(String),
}

impl Subject {
    /// The ID, the address or the trace ID.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::User(text)
            | Self::Organization(text)
            | Self::Session(text)
            | Self::Email(text)
            | Self::Ip(text)
            | Self::Trace(text) => text,
        }
    }

    /// What can't be asked for it, as a gap.
    pub(super) const fn lacks(&self) -> Option<&'static str> {
        match self {
            Self::Ip(_) => Some(
                "Sessions, invitations and audit log: can't be searched by IP address. Look at \
                 the users named here.",
            ),
            Self::Trace(_) => Some(
                "Events, sessions and invitations: have no trace ID. Look at the users named here.",
            ),
            Self::Organization(_) => Some(
                "Logs: what was done to a member may be filed under the user. Look at the \
                 member's own timeline.",
            ),
            Self::User(_) | Self::Session(_) | Self::Email(_) => None,
        }
    }
}

/// A subject with what Clerk says of it first, which the other sources are asked by.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) subject: Subject,
    /// The user whose case it is, if it is one's.
    pub(super) user: Option<String>,
    /// The email addresses of the user, or the one that was asked for.
    pub(super) addresses: Vec<String>,
    /// The device of the session.
    pub(super) client: Option<String>,
}

impl Case {
    /// Asks Clerk for the user or the session, and whether that could be read.
    pub(super) async fn open(ctx: &Ctx, subject: Subject, window: Window) -> (Self, Vec<Part>) {
        let mut case = Self { subject, user: None, addresses: Vec::new(), client: None };
        let subject = case.subject.clone();
        let parts = match &subject {
            Subject::User(id) => {
                case.user = Some(id.clone());
                vec![part::of(ctx, Source::User, case.user(ctx, id, window)).await]
            }
            Subject::Session(id) => {
                vec![part::of(ctx, Source::Sessions, case.session(ctx, id, window)).await]
            }
            Subject::Email(address) => {
                case.addresses.push(address.clone());
                vec![part::of(ctx, Source::User, case.email(ctx, address, window)).await]
            }
            Subject::Organization(_) | Subject::Ip(_) | Subject::Trace(_) => Vec::new(),
        };
        (case, parts)
    }

    async fn user(&mut self, ctx: &Ctx, id: &str, window: Window) -> Result<Part, Error> {
        let route = Route::get("/users/{user_id}");
        let user = read::<User>(ctx, Request::new(route, &json!({ "user_id": id }))?).await?;
        Ok(self.knows(&user, window))
    }

    async fn session(&mut self, ctx: &Ctx, id: &str, window: Window) -> Result<Part, Error> {
        let route = Route::get("/sessions/{session_id}");
        let request = Request::new(route, &json!({ "session_id": id }))?;
        let session = read::<Session>(ctx, request).await?;
        self.user.clone_from(&session.user_id);
        self.client.clone_from(&session.client_id);
        Ok(Part::new(Source::Sessions, session.entries(), window))
    }

    /// Nobody needs to have the address.
    async fn email(&mut self, ctx: &Ctx, address: &str, window: Window) -> Result<Part, Error> {
        match only_user::<User>(ctx, address).await {
            Ok(user) => {
                self.user = Some(user.value.id.clone());
                Ok(self.knows(&user.value, window))
            }
            Err(Error::NotOneUser { ids, .. }) if ids.is_empty() => {
                Ok(Part::new(Source::User, Vec::new(), window).gap("nobody has this address."))
            }
            Err(Error::NotOneUser { ids, .. }) => {
                let ids = ids.join(", ");
                let gap = format!("several have this address: ask for each by userId, {ids}.");
                Ok(Part::new(Source::User, Vec::new(), window).gap(&gap))
            }
            Err(error) => Err(error),
        }
    }

    fn knows(&mut self, user: &User, window: Window) -> Part {
        for address in user.addresses() {
            if !self.addresses.iter().any(|known| known.eq_ignore_ascii_case(address)) {
                self.addresses.push(address.to_owned());
            }
        }
        Part::new(Source::User, user.entries(), window)
    }

    /// An ID, if it isn't the one that the timeline is of.
    pub(super) fn other(&self, id: Option<String>) -> Option<String> {
        id.filter(|id| id != self.subject.text() && self.user.as_ref() != Some(id))
    }
}
