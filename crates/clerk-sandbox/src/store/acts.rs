//! What end users do: sign up, sign in, join organizations, sign out.

use serde_json::{Value, json};

use super::{Refusal, Store};
use crate::act;
use crate::body::Change;
use crate::model::{
    ATTEMPTS, Activity, EmailAddress, InvitationStatus, MEMBER, Membership, NewSession,
    OrganizationInvitation, PhoneNumber, Session, SignUp, Status, Task, Verification,
};
use crate::refusal::{
    INVITATION_NOT_PENDING, ORGANIZATION_INVITATION_NOT_PENDING, RESOURCE_NOT_FOUND,
};
use crate::time::{DAY, SECOND, day_of};

/// How long a session lasts at most, and after which time without activity it is abandoned.
const LIFETIME: i64 = 7 * DAY;
const ABANDONED_AFTER: i64 = 30 * DAY;

/// How long a user is locked.
pub(crate) const LOCKOUT: i64 = 3_600 * SECOND;

impl Store {
    /// Signs a user in and returns the id of the new session.
    pub(crate) fn start_session(
        &mut self,
        user_id: &str,
        new: NewSession,
    ) -> Result<String, Refusal> {
        self.user(user_id)?;
        let now = self.now();
        let session = Session {
            id: self.id("sess"),
            user_id: user_id.to_owned(),
            client_id: new.client_id.unwrap_or_else(|| self.id("client")),
            status: if new.is_pending { Status::Pending } else { Status::Active },
            last_active_organization_id: new.organization_id,
            last_active_at: now,
            latest_activity: self.activity(),
            expire_at: now + new.lifetime.unwrap_or(LIFETIME),
            abandon_at: now + ABANDONED_AFTER,
            created_at: now,
            updated_at: now,
            tasks: new.is_pending.then(|| vec![Task { key: "choose-organization" }]),
            actor: new.actor,
            origin: new.origin.map(String::into_boxed_str),
        };
        self.expires(session.expire_at);
        let user = self.user_mut(user_id)?;
        user.last_sign_in_at = Some(now);
        user.last_active_at = Some(day_of(now));
        user.failed_attempts = 0;
        let id = session.id.clone();
        self.sessions.add(session.clone());
        self.session_happened(&session);
        Ok(id)
    }

    /// Where the user of the act under way is, if that is known.
    fn activity(&mut self) -> Option<Activity> {
        let act = act::current();
        let device = &act.device;
        let (city, country) = device.location.clone()?;
        let (browser_name, version) = device.browser().unwrap_or_default();
        let (device_type, is_mobile) = device.kind().unwrap_or_default();
        Some(Activity {
            object: "session_activity",
            id: self.minor_id("sess_activity"),
            device_type,
            is_mobile,
            browser_name,
            browser_version: version.to_owned().into(),
            ip_address: device.ip_address.clone(),
            city: city.into(),
            country: country.into(),
        })
    }

    /// Ends a session in this manner, unless it is over already, and returns it.
    pub(crate) fn end_session(&mut self, id: &str, status: Status) -> Result<&Session, Refusal> {
        let now = self.now();
        let session = self.sessions.get_mut(id)?;
        if session.status.is_alive() {
            session.end(status, now);
            let session = session.clone();
            self.session_happened(&session);
        }
        self.sessions.get(id)
    }

    /// Revokes all sessions of a user.
    pub(crate) fn revoke_sessions_of(&mut self, user_id: &str, now: i64) {
        for session in self.sessions.revoke_of_user(user_id, now) {
            self.session_happened(&session);
        }
    }

    /// Marks a session as used, which an organization may become active in. A pending session whose
    /// user chooses one is complete.
    pub(crate) fn touch_session(
        &mut self,
        id: &str,
        organization: Change<String>,
    ) -> Result<&Session, Refusal> {
        let now = self.now();
        let session = self.sessions.get(id)?;
        if let Change::Set(organization_id) = &organization {
            self.memberships.get(organization_id, &session.user_id)?;
        }
        let user_id = session.user_id.clone();
        let session = self.sessions.get_mut(id)?;
        if session.status.is_alive() {
            session.last_active_at = now;
            session.updated_at = now;
            session.abandon_at = now + ABANDONED_AFTER;
            let is_chosen = matches!(organization, Change::Set(_));
            organization.apply(&mut session.last_active_organization_id);
            if session.status == Status::Pending && is_chosen {
                (session.status, session.tasks) = (Status::Active, None);
                let session = session.clone();
                self.session_event(&session);
            }
            self.user_mut(&user_id)?.last_active_at = Some(day_of(now));
        }
        self.sessions.get(id)
    }

    /// Counts a wrong password or code. The last attempt locks the user for a while.
    pub(crate) fn count_failed_attempt(&mut self, user_id: &str) -> Result<(), Refusal> {
        let now = self.now();
        let user = self.user_mut(user_id)?;
        user.failed_attempts += 1;
        if user.failed_attempts >= ATTEMPTS && !user.locked {
            user.locked = true;
            user.updated_at = now;
            self.lock_user(user_id, now)?;
            self.log_user("user.locked", user_id);
            self.user_happened("user.updated", user_id);
        }
        Ok(())
    }

    /// Lets the lock of a user end after a while.
    pub(crate) fn lock_user(&mut self, user_id: &str, now: i64) -> Result<(), Refusal> {
        self.user_mut(user_id)?.locked_until = Some(now + LOCKOUT);
        self.expires(now + LOCKOUT);
        Ok(())
    }

    /// Makes the user of a sign-up of which all is verified, and signs them in.
    pub(crate) fn complete_sign_up(&mut self, sign_up: &mut SignUp) -> Result<(), Refusal> {
        let now = self.now();
        let mut user = sign_up.user.clone();
        (user.created_at, user.updated_at) = (now, now);
        let user_id = user.id.clone();
        self.add_user(user);
        self.user_happened("user.created", &user_id);
        let new = NewSession { client_id: sign_up.client_id.clone(), ..NewSession::default() };
        sign_up.created_session_id = Some(self.start_session(&user_id, new)?);
        sign_up.created_user_id = Some(user_id);
        Ok(())
    }

    /// Accepts an invitation to the application for a new user, who is not added yet: the address
    /// is verified, and the metadata is the user's.
    pub(crate) fn accept_invitation(
        &mut self,
        id: &str,
        sign_up: &mut SignUp,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let missing =
            || RESOURCE_NOT_FOUND.because(format!("No invitation was found with id {id}."));
        let invitation = self.invitations.get_mut(id).ok_or_else(missing)?;
        if !invitation.is_pending() {
            let sentence = format!("The invitation is {}.", invitation.status.name());
            return Err(INVITATION_NOT_PENDING.because(sentence).into());
        }
        invitation.status = InvitationStatus::Accepted;
        invitation.updated_at = now;
        sign_up.user.public_metadata.extend(invitation.public_metadata.clone());
        Ok(())
    }

    /// Accepts an invitation to an organization for a user.
    pub(crate) fn accept_organization_invitation(
        &mut self,
        id: &str,
        user_id: &str,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let invitation = self.organization_invitation(id)?.clone();
        if !invitation.is_pending() {
            let sentence = format!("The invitation is {}.", invitation.status.name());
            return Err(ORGANIZATION_INVITATION_NOT_PENDING.because(sentence).into());
        }
        let id_of_membership = self.id("orgmem");
        let organization = self.organization_with_id(&invitation.organization_id)?;
        let mut membership =
            Membership::new(id_of_membership, organization, user_id.to_owned(), MEMBER, now);
        membership.role = invitation.role.clone().into();
        membership.public_metadata.clone_from(&invitation.public_metadata);
        membership.private_metadata.clone_from(&invitation.private_metadata);
        if self.memberships.find(&invitation.organization_id, user_id).is_none() {
            self.memberships.add(membership);
            self.membership_happened(
                "organizationMembership.created",
                &invitation.organization_id,
                user_id,
            );
        }
        if let Some(kept) = self.organization_invitations.get_mut(id) {
            kept.status = InvitationStatus::Accepted;
            kept.updated_at = now;
        }
        self.invitation_accepted(id, user_id);
        Ok(())
    }

    pub(crate) fn organization_invitation(
        &self,
        id: &str,
    ) -> Result<&OrganizationInvitation, Refusal> {
        let missing = || RESOURCE_NOT_FOUND.because("Organization invitation not found.").into();
        self.organization_invitations.get(id).ok_or_else(missing)
    }

    fn invitation_accepted(&mut self, id: &str, user_id: &str) {
        let Some(invitation) = self.organization_invitations.get(id) else { return };
        let organization = self.organizations.get(&invitation.organization_id);
        let organization = organization.map(|organization| {
            json!({
                "id": organization.id,
                "name": organization.name,
                "slug": organization.slug,
                "image_url": organization.image_url,
                "has_image": organization.has_image,
            })
        });
        if let Ok(Value::Object(mut data)) = serde_json::to_value(invitation) {
            data.insert("user_id".to_owned(), user_id.into());
            let more = json!({ "public_organization_data": organization });
            data.insert("data".to_owned(), more);
            self.happened("organizationInvitation.accepted", &data);
        }
    }
}

/// Marks a user's address as verified by the code that was sent.
pub(crate) fn verify_email(email: &mut EmailAddress, at: i64) {
    email.verification = Some(Verification::by_code("email_code", at));
}

/// Marks a user's number as verified by the code that was sent.
pub(crate) fn verify_phone(phone: &mut PhoneNumber, at: i64) {
    phone.verification = Some(Verification::by_code("phone_code", at));
}
