//! What happens by itself when time passes: invitations, sessions and lockouts expire.

use super::Store;
use crate::model::{InvitationStatus, Status};

impl Store {
    /// Says that something expires at this time. Whatever makes such a thing has to say so.
    pub(crate) fn expires(&mut self, at: i64) {
        self.due = self.due.min(at);
    }

    /// Whether something has expired and [`expire`](Self::expire) has yet to notice.
    pub(crate) fn is_due(&self) -> bool {
        self.due <= self.time()
    }

    /// Lets expire whatever has, and finds when the next thing will.
    pub(crate) fn expire(&mut self) {
        let now = self.time();
        let mut next = i64::MAX;
        let mut is_over = |at: i64| {
            if at > now {
                next = next.min(at);
            }
            at <= now
        };
        for session in self.sessions.all_mut().filter(|session| session.status.is_alive()) {
            if is_over(session.expire_at) {
                session.end(Status::Expired, session.expire_at);
            } else if is_over(session.abandon_at) {
                session.end(Status::Abandoned, session.abandon_at);
            }
        }
        for user in self.users.values_mut() {
            if user.locked_until.is_some_and(&mut is_over) {
                (user.locked, user.locked_until, user.failed_attempts) = (false, None, 0);
            }
        }
        let pending = InvitationStatus::Pending;
        for invitation in self.invitations.values_mut() {
            if invitation.status == pending && is_over(invitation.expires_at) {
                invitation.status = InvitationStatus::Expired;
                invitation.updated_at = invitation.expires_at;
            }
        }
        for invitation in self.organization_invitations.values_mut() {
            if invitation.status == pending && is_over(invitation.expires_at) {
                invitation.status = InvitationStatus::Expired;
                invitation.updated_at = invitation.expires_at;
            }
        }
        self.due = next;
    }
}
