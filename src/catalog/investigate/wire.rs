//! What is read of Clerk's answers.

use serde::Deserialize;
use serde_json::Value;

pub(super) use crate::catalog::account::{Email, ExternalAccount, Phone, User, Verification};
use crate::tool::date::UnixTime;

/// `GET /users/{user_id}/organization_memberships`
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    pub(super) role: Option<String>,
    pub(super) organization: Option<Organization>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Organization {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// `GET /sessions`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) actor: Option<Value>,
    pub(super) created_at: Option<UnixTime>,
    pub(super) last_active_at: Option<UnixTime>,
    pub(super) latest_activity: Option<Activity>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Activity {
    pub(super) device_type: Option<String>,
    pub(super) browser_name: Option<String>,
    pub(super) browser_version: Option<String>,
    pub(super) ip_address: Option<String>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
}

impl Session {
    pub(super) fn is(&self, status: &str) -> bool {
        self.status.as_deref() == Some(status)
    }

    pub(super) fn country(&self) -> Option<&str> {
        self.latest_activity.as_ref()?.country.as_deref()
    }

    /// Who acts as the user, where someone does; "" where Clerk does not say who.
    pub(super) fn actor(&self) -> Option<&str> {
        let actor = self.actor.as_ref().filter(|actor| !actor.is_null())?;
        Some(actor.get("sub").and_then(Value::as_str).unwrap_or_default())
    }
}
