//! Sessions.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct Session {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) user_id: String,
    pub(in crate::sandbox) client_id: String,
    pub(in crate::sandbox) status: Status,
    pub(in crate::sandbox) last_active_organization_id: Option<String>,
    pub(in crate::sandbox) last_active_at: i64,
    pub(in crate::sandbox) latest_activity: Option<Activity>,
    pub(in crate::sandbox) expire_at: i64,
    pub(in crate::sandbox) abandon_at: i64,
    pub(in crate::sandbox) created_at: i64,
    pub(in crate::sandbox) updated_at: i64,
    /// What the user has yet to do; only a pending session has any.
    pub(in crate::sandbox) tasks: Option<Vec<Task>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::sandbox) enum Status {
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
    /// Whether someone may be signed in, or on the way to it, in a session of this status.
    pub(in crate::sandbox) fn is_alive(self) -> bool {
        matches!(self, Self::Active | Self::Pending)
    }
}

impl Session {
    /// Ends the session. One that is over keeps its status: nothing says that Clerk rewrites
    /// how it ended, or that it refuses.
    pub(in crate::sandbox) fn revoke(&mut self, now: i64) {
        if self.status.is_alive() {
            self.status = Status::Revoked;
            self.tasks = None;
            self.updated_at = now;
        }
    }
}

/// Where and with what a session was last used.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct Activity {
    pub(in crate::sandbox) object: &'static str,
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) device_type: &'static str,
    pub(in crate::sandbox) is_mobile: bool,
    pub(in crate::sandbox) browser_name: &'static str,
    pub(in crate::sandbox) browser_version: &'static str,
    pub(in crate::sandbox) ip_address: String,
    pub(in crate::sandbox) city: &'static str,
    pub(in crate::sandbox) country: &'static str,
}

#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct Task {
    pub(in crate::sandbox) key: &'static str,
}

/// A session as it is answered.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct SessionReply<'a> {
    object: &'static str,
    /// Nobody impersonates anybody in the sandbox.
    actor: Option<()>,
    #[serde(flatten)]
    session: &'a Session,
}

impl<'a> From<&'a Session> for SessionReply<'a> {
    fn from(session: &'a Session) -> Self {
        Self { object: "session", actor: None, session }
    }
}
