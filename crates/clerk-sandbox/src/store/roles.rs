//! The roles and their permissions.

use super::{RESOURCE_NOT_FOUND, Refusal, Store};
use crate::model::{OrganizationRole, Permission, Record, tables};

impl Store {
    pub(crate) fn permission(&self, id: &str) -> Result<&Permission, Refusal> {
        let missing = || RESOURCE_NOT_FOUND.because("Organization permission not found").into();
        self.permissions.iter().find(|permission| permission.id == id).ok_or_else(missing)
    }

    pub(crate) fn role(&self, id: &str) -> Result<&OrganizationRole, Refusal> {
        self.roles.iter().find(|role| role.id == id).ok_or_else(missing_role)
    }

    pub(crate) fn role_mut(&mut self, id: &str) -> Result<&mut OrganizationRole, Refusal> {
        self.roles.iter_mut().find(|role| role.id == id).ok_or_else(missing_role)
    }

    pub(crate) fn role_with_key(&self, key: &str) -> Result<&OrganizationRole, Refusal> {
        let missing = || RESOURCE_NOT_FOUND.at("role", "Organization role not found").into();
        self.roles.iter().find(|role| role.key == key).ok_or_else(missing)
    }

    /// Adds a role to the set that new organizations have.
    pub(crate) fn add_to_initial_role_set(&mut self, key: &str) {
        let sets = self.records.all_mut(tables::ROLE_SET);
        for set in sets.filter(|set| set.text("type") == "initial") {
            let keys: Vec<_> = set.texts("roles").chain([key]).map(str::to_owned).collect();
            set.set("roles", keys);
        }
    }

    /// Whether a role is the default or the creator role of a role set.
    pub(crate) fn is_needed_in_role_set(&self, key: &str) -> bool {
        let names = ["default_role_key", "creator_role_key"];
        let is_needed = |set: &Record| names.iter().any(|name| set.text(name) == key);
        self.records.find(tables::ROLE_SET, is_needed).is_some()
    }

    pub(crate) fn remove_from_role_sets(&mut self, key: &str) {
        for set in self.records.all_mut(tables::ROLE_SET) {
            let keys = set.texts("roles").filter(|other| *other != key);
            let keys: Vec<_> = keys.map(str::to_owned).collect();
            set.set("roles", keys);
        }
    }

    /// Gives a role another key. Members and invitations keep the role.
    pub(crate) fn rename_role(&mut self, old: &str, new: &str) {
        if let Some(role) = self.roles.iter_mut().find(|role| role.key == old) {
            new.clone_into(&mut role.key);
        }
        for membership in self.memberships.all_mut().filter(|membership| membership.role == old) {
            membership.role = new.to_owned().into();
        }
        for set in self.records.all_mut(tables::ROLE_SET) {
            for name in ["default_role_key", "creator_role_key"] {
                if set.text(name) == old {
                    set.set(name, new);
                }
            }
            let keys = set.texts("roles").map(|key| if key == old { new } else { key });
            let keys: Vec<_> = keys.map(str::to_owned).collect();
            set.set("roles", keys);
        }
        for invitation in self.organization_invitations.values_mut() {
            if invitation.role == old {
                new.clone_into(&mut invitation.role);
            }
        }
    }
}

fn missing_role() -> Refusal {
    RESOURCE_NOT_FOUND.because("Organization role not found").into()
}
