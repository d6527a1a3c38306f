//! Sessions.

use std::borrow::Cow;

use serde::Serialize;

use super::Metadata;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) client_id: String,
    pub(crate) status: Status,
    pub(crate) last_active_organization_id: Option<String>,
    pub(crate) last_active_at: i64,
    pub(crate) latest_activity: Option<Activity>,
    pub(crate) expire_at: i64,
    pub(crate) abandon_at: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// What the user has yet to do; only a pending session has any.
    pub(crate) tasks: Option<Vec<Task>>,
    /// Who acts as the user, as the token says through which they signed in.
    pub(crate) actor: Option<Box<Metadata>>,
    /// The page that the user signed in on, which tokens name as the authorized party.
    #[serde(skip)]
    pub(crate) origin: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Active,
    Revoked,
    Ended,
    Expired,
    Removed,
    Abandoned,
    Replaced,
    Pending,
}

impl Status {
    /// Whether a user is signed in, or may still finish signing in, with this status.
    pub(crate) fn is_alive(self) -> bool {
        matches!(self, Self::Active | Self::Pending)
    }
}

impl Session {
    /// Ends the session in this manner. One that is over keeps its status: nothing says that Clerk
    /// rewrites how it ended, or that it refuses.
    pub(crate) fn end(&mut self, status: Status, now: i64) {
        if self.status.is_alive() {
            self.status = status;
            self.tasks = None;
            self.updated_at = now;
        }
    }
}

/// The place and the device that a session was last used from.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Activity {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) device_type: &'static str,
    pub(crate) is_mobile: bool,
    pub(crate) browser_name: &'static str,
    pub(crate) browser_version: Cow<'static, str>,
    pub(crate) ip_address: String,
    pub(crate) city: Cow<'static, str>,
    pub(crate) country: Cow<'static, str>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Task {
    pub(crate) key: &'static str,
}

/// A session in a response.
#[derive(Debug, Serialize)]
pub(crate) struct SessionReply<'a> {
    object: &'static str,
    #[serde(flatten)]
    session: &'a Session,
}

impl<'a> From<&'a Session> for SessionReply<'a> {
    fn from(session: &'a Session) -> Self {
        Self { object: "session", session }
    }
}
