//! The roles and their permissions.

use super::{RESOURCE_NOT_FOUND, Refusal, Store};
use crate::model::{OrganizationRole, Permission};

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

    /// Gives a role another key. Members and invitations keep the role.
    pub(crate) fn rename_role(&mut self, old: &str, new: &str) {
        if let Some(role) = self.roles.iter_mut().find(|role| role.key == old) {
            new.clone_into(&mut role.key);
        }
        for membership in self.memberships.all_mut().filter(|membership| membership.role == old) {
            membership.role = new.to_owned().into();
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
