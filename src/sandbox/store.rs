//! The state of the sandbox and the rules that hold between its parts.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use indexmap::IndexMap;

use super::model::{Identifier, Membership, Organization, Role, Session, User};
use super::refusal::{RESOURCE_NOT_FOUND, Refusal};
use super::time;

/// Everything there is. The order of the maps means nothing: each list is sorted when it is
/// asked for.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) users: IndexMap<String, User>,
    pub(super) organizations: IndexMap<String, Organization>,
    pub(super) memberships: Vec<Membership>,
    pub(super) sessions: IndexMap<String, Session>,
    /// The id of the instance all this belongs to.
    pub(super) instance_id: String,
    rng: Rng,
    last_write: i64,
}

impl Store {
    /// An empty store. New ids come from `rng`, and no write is dated before `epoch`.
    pub(super) fn new(instance_id: String, rng: Rng, epoch: i64) -> Self {
        Self {
            users: IndexMap::new(),
            organizations: IndexMap::new(),
            memberships: Vec::new(),
            sessions: IndexMap::new(),
            instance_id,
            rng,
            last_write: epoch,
        }
    }

    /// The time of a write: the clock's, but later than every write before, so that `updated_at`
    /// always moves and what is created later is always newer.
    pub(super) fn now(&mut self) -> i64 {
        self.last_write = time::clock().max(self.last_write + 1);
        self.last_write
    }

    /// A new id such as `user_2…`.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        id(&mut self.rng, prefix)
    }

    pub(super) fn user(&self, id: &str) -> Result<&User, Refusal> {
        self.users.get(id).ok_or_else(|| no_user(id))
    }

    pub(super) fn user_mut(&mut self, id: &str) -> Result<&mut User, Refusal> {
        self.users.get_mut(id).ok_or_else(|| no_user(id))
    }

    /// Removes a user with its memberships and sessions; organizations stay.
    pub(super) fn remove_user(&mut self, id: &str) -> Result<User, Refusal> {
        let user = self.users.swap_remove(id).ok_or_else(|| no_user(id))?;
        self.memberships.retain(|membership| membership.user_id != id);
        self.sessions.retain(|_, session| session.user_id != id);
        Ok(user)
    }

    /// Revokes the sessions of a user.
    pub(super) fn sign_out(&mut self, user_id: &str, now: i64) {
        self.sessions
            .values_mut()
            .filter(|session| session.user_id == user_id)
            .for_each(|session| session.revoke(now));
    }

    /// Whether a user other than `except` has this identifier.
    pub(super) fn is_taken(&self, kind: Identifier, value: &str, except: Option<&str>) -> bool {
        self.users
            .values()
            .any(|user| Some(user.id.as_str()) != except && kind.held_by(user, value))
    }

    pub(super) fn organization(&self, id_or_slug: &str) -> Result<&Organization, Refusal> {
        self.organizations
            .get(id_or_slug)
            .or_else(|| self.organization_with_slug(id_or_slug))
            .ok_or_else(no_organization)
    }

    pub(super) fn organization_with_id(&self, id: &str) -> Result<&Organization, Refusal> {
        self.organizations.get(id).ok_or_else(no_organization)
    }

    pub(super) fn organization_with_slug(&self, slug: &str) -> Option<&Organization> {
        self.organizations.values().find(|organization| organization.slug == slug)
    }

    pub(super) fn session(&self, id: &str) -> Result<&Session, Refusal> {
        self.sessions.get(id).ok_or_else(no_session)
    }

    pub(super) fn session_mut(&mut self, id: &str) -> Result<&mut Session, Refusal> {
        self.sessions.get_mut(id).ok_or_else(no_session)
    }

    /// How many members each organization has; one without members is not in it.
    pub(super) fn members_counts(&self) -> HashMap<&str, usize> {
        let mut counts = HashMap::new();
        for membership in &self.memberships {
            *counts.entry(membership.organization_id.as_str()).or_default() += 1;
        }
        counts
    }

    /// The ids of the organizations that have an administrator.
    pub(super) fn administered(&self) -> HashSet<&str> {
        self.memberships
            .iter()
            .filter(|membership| membership.role == Role::Admin)
            .map(|membership| membership.organization_id.as_str())
            .collect()
    }
}

/// A new id in Clerk's form: the prefix and a `2`, then 26 base62 characters.
pub(super) fn id(rng: &mut Rng, prefix: &str) -> String {
    let mut id = String::with_capacity(prefix.len() + 28);
    id.push_str(prefix);
    id.push_str("_2");
    id.extend(std::iter::repeat_with(|| rng.alphanumeric()).take(26));
    id
}

fn no_user(id: &str) -> Refusal {
    RESOURCE_NOT_FOUND.because(format!("No user was found with id {id}")).into()
}

fn no_organization() -> Refusal {
    RESOURCE_NOT_FOUND.because("Given organization not found.").into()
}

fn no_session() -> Refusal {
    RESOURCE_NOT_FOUND.because("Session not found").into()
}
