//! What is read of Clerk's responses.

use clerk_api::{Page, Request};
use serde::{Deserialize, de::DeserializeOwned};

use super::entry::{Entry, OWN, Source, joined};
use crate::{Ctx, Error, tool::date::UnixTime};

/// Reads one object.
pub(super) async fn read<T: DeserializeOwned + Send + 'static>(
    ctx: &Ctx,
    request: Request,
) -> Result<T, Error> {
    Ok(ctx.redacted(ctx.send(request).await?).await?.read().await?.value)
}

/// Reads a page of a list.
pub(super) async fn page<T: DeserializeOwned + Send + 'static>(
    ctx: &Ctx,
    request: Request,
) -> Result<Page<T>, Error> {
    Ok(ctx.redacted(ctx.send(request).await?).await?.page().await?.value)
}

/// `GET /sessions` and `GET /sessions/{session_id}`
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) user_id: Option<String>,
    pub(super) client_id: Option<String>,
    status: Option<String>,
    pub(super) created_at: Option<UnixTime>,
    last_active_at: Option<UnixTime>,
    latest_activity: Option<Activity>,
}

#[derive(Debug, Deserialize)]
struct Activity {
    browser_name: Option<String>,
    ip_address: Option<String>,
    city: Option<String>,
    country: Option<String>,
}

impl Session {
    /// Its creation and its last activity. How it ended has no date here, and the place is that of
    /// the last activity.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let entry = |kind: &str, at: UnixTime| Entry {
            on: Some(self.id.clone()),
            object: Some(self.id.clone()),
            session: Some(self.id.clone()),
            related: self.user_id.iter().cloned().collect(),
            ..Entry::new(Source::Sessions, &self.id, at.milliseconds(), kind)
        };
        let created = self.created_at.map(|at| Entry {
            about: self.status.as_ref().map(|status| format!("now {status}")),
            ..entry("session.created", at)
        });
        let place = self.latest_activity.as_ref().and_then(|activity| {
            let Activity { ip_address, city, country, browser_name } = activity;
            joined([ip_address, city, country, browser_name].map(Option::as_deref))
        });
        let ip = self.latest_activity.as_ref().and_then(|activity| activity.ip_address.clone());
        let active = self.last_active_at.map(|at| Entry {
            from: place,
            ip,
            ..entry("session.last_active_at", at)
        });
        created.into_iter().chain(active).collect()
    }
}

/// `GET /organizations/{organization_id}`
#[derive(Debug, Deserialize)]
pub(super) struct Organization {
    id: String,
    created_by: Option<String>,
    created_at: Option<UnixTime>,
}

impl Organization {
    /// Its creation.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let created = self.created_at.map(|at| Entry {
            who: self.created_by.as_ref().map(|user| format!("user {user}")),
            object: Some(self.id.clone()),
            ..Entry::new(Source::Organization, &self.id, at.milliseconds(), "organization.created")
        });
        created.into_iter().collect()
    }
}

/// An invitation to the application or to an organization.
#[derive(Debug, Deserialize)]
pub(super) struct Invitation {
    id: String,
    pub(super) email_address: Option<String>,
    /// The user who sent it, if it is to an organization.
    pub(super) inviter_id: Option<String>,
    role: Option<String>,
    status: Option<String>,
    organization_id: Option<String>,
    created_at: Option<UnixTime>,
    updated_at: Option<UnixTime>,
}

/// States in which the last change of an invitation is what brought it there.
const ENDS: [&str; 2] = ["accepted", "revoked"];
/// What the last change is elsewhere.
const ENDED: &[&str] = &[
    "invitation.accepted",
    "invitation.revoked",
    "organization_invitation.accepted",
    "organization_invitation.revoked",
];

/// `GET /users/{user_id}/organization_memberships`
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    organization: Option<OrganizationId>,
}

#[derive(Debug, Deserialize)]
struct OrganizationId {
    id: Option<String>,
}

impl Membership {
    pub(super) fn organization_id(&self) -> Option<&str> {
        self.organization.as_ref()?.id.as_deref()
    }
}

impl Invitation {
    /// The same of the timeline of who sent it: that they did, and what came of it.
    pub(super) fn entries_of_sender(&self) -> Vec<Entry> {
        let mut entries = self.entries();
        if let Some(first) = entries.first_mut() {
            first.who = Some(OWN.to_owned());
        }
        entries
    }

    /// Its creation, and its last change if it was accepted or revoked.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let family =
            if self.organization_id.is_some() { "organization_invitation" } else { "invitation" };
        let entry = |what: &str, at: UnixTime, state: Option<String>| {
            let to = self.email_address.as_ref().map(|address| format!("to {address}"));
            let parts = [&to, &self.organization_id, &self.role, &state];
            let kind = format!("{family}.{what}");
            Entry {
                about: joined(parts.map(Option::as_deref)),
                on: Some(self.id.clone()),
                object: Some(self.id.clone()),
                related: self.organization_id.iter().cloned().collect(),
                ..Entry::new(Source::Invitations, &self.id, at.milliseconds(), &kind)
            }
        };
        let status = self.status.as_deref();
        let state = status.map(|status| format!("now {status}"));
        let created = self.created_at.map(|at| entry("created", at, state.clone()));
        let is_over = status.is_some_and(|status| ENDS.contains(&status));
        let updated = self.updated_at.filter(|_| is_over);
        let updated = updated.map(|at| Entry { also: ENDED, ..entry("updated", at, state) });
        created.into_iter().chain(updated).collect()
    }
}
