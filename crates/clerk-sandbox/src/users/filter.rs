//! Which users a list or a count is about.

use std::collections::HashSet;

use super::traits::{Traits, Window};
use crate::model::User;
use crate::query::{Query, Signed};
use crate::refusal::FORM_PARAM_MISSING;
use crate::store::Store;

/// The filters of `GET /users` and `GET /users/count`. A user must pass all that are given.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Filter {
    traits: Traits,
    external_ids: Signed,
    organization_ids: Signed,
    external_accounts: Option<ExternalAccounts>,
    banned: Option<bool>,
    last_sign_in_at: Window,
    last_active_at_since: Option<i64>,
}

impl Filter {
    pub(super) fn read(query: &mut Query) -> Self {
        Self {
            traits: Traits::read(query),
            external_ids: query.signed_set("external_id"),
            organization_ids: query.signed_set("organization_id"),
            external_accounts: ExternalAccounts::read(query),
            banned: query.flag("banned"),
            last_sign_in_at: Window::read(query, "last_sign_in_at"),
            last_active_at_since: query.milliseconds("last_active_at_since"),
        }
    }

    /// Whether every user passes.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// If the filters name users, identifiers or organizations, the only users who can pass, in no
    /// order. Whether each does is still to be checked.
    pub(super) fn narrow<'a>(&self, store: &'a Store) -> Option<Vec<&'a User>> {
        let named = self.traits.identifiers().or(self.external_ids.included.as_ref());
        let ids: HashSet<&str> = if let Some(ids) = self.traits.user_ids() {
            ids.iter().map(String::as_str).collect()
        } else if let Some(values) = named {
            let users = store.perhaps_with(values.iter().map(String::as_str));
            users.map(|user| user.id.as_str()).collect()
        } else if let Some(organization_ids) = &self.organization_ids.included {
            organization_ids
                .iter()
                .flat_map(|id| store.memberships.of_organization(id))
                .map(|membership| membership.user_id.as_str())
                .collect()
        } else {
            return None;
        };
        Some(ids.into_iter().filter_map(|id| store.users().get(id)).collect())
    }

    pub(super) fn passes(&self, user: &User, store: &Store) -> bool {
        let is_active_since = |since| user.last_active_at.is_some_and(|time| time >= since);
        self.external_ids.allows(user.external_id.as_deref())
            && self.banned.is_none_or(|banned| banned == user.banned)
            && self.last_active_at_since.is_none_or(is_active_since)
            && self.last_sign_in_at.holds(user.last_sign_in_at)
            && self.external_accounts.as_ref().is_none_or(|accounts| accounts.hold_one_of(user))
            && self.traits.are_of(user)
            && self.allows_organizations_of(user, store)
    }

    /// A user's organizations are looked up only if there is a filter for them.
    fn allows_organizations_of(&self, user: &User, store: &Store) -> bool {
        self.organization_ids == Signed::default()
            || self.organization_ids.allows_any(store.memberships.organizations_of(&user.id))
    }
}

/// Accounts at one OAuth provider.
#[derive(Debug, PartialEq)]
struct ExternalAccounts {
    provider: String,
    provider_user_ids: HashSet<String>,
}

impl ExternalAccounts {
    fn read(query: &mut Query) -> Option<Self> {
        let provider = query.text("provider");
        let ids = query.set("provider_user_id");
        let missing = match (provider, ids) {
            (Some(provider), Some(provider_user_ids)) => {
                return Some(Self { provider, provider_user_ids });
            }
            (None, None) => return None,
            (Some(_), None) => "provider_user_id",
            (None, Some(_)) => "provider",
        };
        let sentence = "provider and provider_user_id must be given together.";
        query.refuse(FORM_PARAM_MISSING.at(missing, sentence));
        None
    }

    fn hold_one_of(&self, user: &User) -> bool {
        user.external_accounts.iter().any(|account| {
            account.provider == self.provider
                && self.provider_user_ids.contains(&account.provider_user_id)
        })
    }
}
