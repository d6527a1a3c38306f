//! What happened, for webhooks.

use serde::Serialize;
use serde_json::Value;

use super::Store;
use crate::model::{MembershipReply, Session, SessionReply, Status, UserReply};

/// An event to deliver: its type, and the data as Clerk sends it.
pub(crate) type Event = (&'static str, Value);

/// The logs of events that are recorded here: what they tell of is never a request's response.
const LOGGED: [(&str, &str); 6] = [
    ("organizationDomain.deleted", "organization_domain.deleted"),
    ("organizationInvitation.accepted", "organization_invitation.accepted"),
    ("organizationMembership.created", "organization_membership.created"),
    ("organizationMembership.deleted", "organization_membership.deleted"),
    ("waitlistEntry.created", "waitlist_entry.created"),
    ("user.created", "user.created"),
];

impl Store {
    /// Records an event. It is delivered with the response to the request that led to it.
    pub(crate) fn happened(&mut self, kind: &'static str, data: &impl Serialize) {
        match serde_json::to_value(data) {
            Ok(data) => self.record(kind, data),
            Err(error) => tracing::error!(%error, kind, "an event could not be written as JSON"),
        }
    }

    /// Records an event, and logs it if there is a log for it.
    fn record(&mut self, kind: &'static str, data: Value) {
        if let Some((_, log)) = LOGGED.iter().find(|(event, _)| *event == kind) {
            self.log(log, &data);
        }
        self.events.push((kind, data));
    }

    pub(crate) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// The events since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn user_happened(&mut self, kind: &'static str, user_id: &str) {
        let now = self.time();
        if let Some(user) = self.users.get(user_id)
            && let Ok(user) = serde_json::to_value(UserReply::at(user, now))
        {
            self.record(kind, user);
        }
    }

    /// Records and logs that a session began or ended; what Clerk has no event for passes silently.
    pub(crate) fn session_happened(&mut self, session: &Session) {
        let log = match session.status {
            Status::Active | Status::Pending => "session.created",
            Status::Revoked => "session.revoked",
            Status::Ended => "session.ended",
            Status::Removed => "session.removed",
            Status::Expired | Status::Abandoned | Status::Replaced => return,
        };
        self.log_session(log, session);
        self.session_event(session);
    }

    /// Records the event of a session in this status.
    pub(super) fn session_event(&mut self, session: &Session) {
        let kind = match session.status {
            Status::Active => "session.created",
            Status::Pending => "session.pending",
            Status::Revoked => "session.revoked",
            Status::Ended => "session.ended",
            Status::Removed => "session.removed",
            Status::Expired | Status::Abandoned | Status::Replaced => return,
        };
        let user = self.users.get(&session.user_id);
        let now = self.time();
        let user = user.and_then(|user| serde_json::to_value(UserReply::at(user, now)).ok());
        if let Ok(Value::Object(mut data)) = serde_json::to_value(SessionReply::from(session)) {
            // Webhooks know tasks only of a session that has some.
            data.retain(|name, value| name != "tasks" || !value.is_null());
            data.insert("user".to_owned(), user.unwrap_or_default());
            self.events.push((kind, Value::Object(data)));
        }
    }

    pub(crate) fn membership_happened(
        &mut self,
        kind: &'static str,
        organization_id: &str,
        user_id: &str,
    ) {
        if let Some(member) = self.membership_reply(organization_id, user_id) {
            self.record(kind, member);
        }
    }

    /// A membership in the form of a response.
    pub(crate) fn membership_reply(&self, organization_id: &str, user_id: &str) -> Option<Value> {
        let membership = self.memberships.find(organization_id, user_id)?;
        let organization = self.organizations.get(organization_id)?;
        let user = self.users.get(user_id)?;
        let role = self.role_with_key(&membership.role).ok()?;
        let reply = MembershipReply::new(membership, organization, user, role);
        serde_json::to_value(reply).ok()
    }
}
