//! The memberships, found by organization or by user.

use std::collections::HashMap;

use super::{RESOURCE_NOT_FOUND, Refusal};
use crate::model::{ADMIN, Membership};

#[derive(Debug, Clone, Default)]
pub(crate) struct Memberships {
    by_organization: HashMap<String, Vec<Membership>>,
    /// The ids of the organizations of each user who is in any.
    organizations: HashMap<String, Vec<String>>,
}

impl Memberships {
    /// The user must not be a member yet.
    pub(crate) fn add(&mut self, membership: Membership) {
        let (user, organization) = (&membership.user_id, &membership.organization_id);
        self.organizations.entry(user.clone()).or_default().push(organization.clone());
        self.by_organization.entry(organization.clone()).or_default().push(membership);
    }

    pub(crate) fn of_organization(&self, id: &str) -> &[Membership] {
        self.by_organization.get(id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn of_user(&self, user_id: &str) -> impl Iterator<Item = &Membership> {
        let organizations = self.organizations_of(user_id).iter();
        organizations.filter_map(move |organization_id| self.find(organization_id, user_id))
    }

    /// The ids of the organizations that a user belongs to.
    pub(crate) fn organizations_of(&self, user_id: &str) -> &[String] {
        self.organizations.get(user_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn find(&self, organization_id: &str, user_id: &str) -> Option<&Membership> {
        self.of_organization(organization_id)
            .iter()
            .find(|membership| membership.user_id == user_id)
    }

    pub(crate) fn get(&self, organization_id: &str, user_id: &str) -> Result<&Membership, Refusal> {
        self.find(organization_id, user_id).ok_or_else(missing)
    }

    pub(crate) fn get_mut(
        &mut self,
        organization_id: &str,
        user_id: &str,
    ) -> Result<&mut Membership, Refusal> {
        let members = self.by_organization.get_mut(organization_id).into_iter().flatten();
        members.into_iter().find(|membership| membership.user_id == user_id).ok_or_else(missing)
    }

    pub(crate) fn remove(
        &mut self,
        organization_id: &str,
        user_id: &str,
    ) -> Result<Membership, Refusal> {
        let members = self.by_organization.get_mut(organization_id).ok_or_else(missing)?;
        let index = members.iter().position(|membership| membership.user_id == user_id);
        let index = index.ok_or_else(missing)?;
        let membership = members.swap_remove(index);
        if let Some(organizations) = self.organizations.get_mut(user_id) {
            organizations.retain(|id| id != organization_id);
        }
        Ok(membership)
    }

    /// All memberships, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Membership> {
        self.by_organization.values().flatten()
    }

    /// The same, to change them.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Membership> {
        self.by_organization.values_mut().flatten()
    }

    /// Whether a member of any organization has the role with this key.
    pub(crate) fn have_role(&self, key: &str) -> bool {
        self.by_organization.values().flatten().any(|membership| membership.role == key)
    }

    pub(super) fn remove_user(&mut self, user_id: &str) {
        for organization_id in self.organizations.remove(user_id).into_iter().flatten() {
            if let Some(members) = self.by_organization.get_mut(&organization_id) {
                members.retain(|membership| membership.user_id != user_id);
            }
        }
    }

    pub(super) fn remove_organization(&mut self, organization_id: &str) {
        for membership in self.by_organization.remove(organization_id).into_iter().flatten() {
            if let Some(organizations) = self.organizations.get_mut(&membership.user_id) {
                organizations.retain(|id| id != organization_id);
            }
        }
    }

    /// The memberships of those who administer an organization.
    pub(crate) fn administrators(
        &self,
        organization_id: &str,
    ) -> impl Iterator<Item = &Membership> {
        self.of_organization(organization_id).iter().filter(|membership| membership.role == ADMIN)
    }
}

fn missing() -> Refusal {
    RESOURCE_NOT_FOUND.because("Organization membership not found").into()
}
