//! Which users a list or a count is about.

use std::collections::HashSet;

use super::traits::{Traits, Window};
use crate::sandbox::model::User;
use crate::sandbox::query::{Query, Signed};
use crate::sandbox::refusal::FORM_PARAM_MISSING;
use crate::sandbox::store::Store;

/// The filters of `GET /users` and `GET /users/count`. A user must pass all that are given.
#[derive(Debug)]
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

    /// The users that pass.
    pub(super) fn select<'a>(&'a self, store: &'a Store) -> impl Iterator<Item = &'a User> {
        let members = self.organization_ids.included.as_ref();
        let members = members.map(|ids| members_of(store, ids));
        let outsiders = members_of(store, &self.organization_ids.excluded);
        store.users.values().filter(move |user| {
            let id = user.id.as_str();
            members.as_ref().is_none_or(|members| members.contains(id))
                && !outsiders.contains(id)
                && self.passes(user)
        })
    }

    fn passes(&self, user: &User) -> bool {
        let is_active_since = |since| user.last_active_at.is_some_and(|time| time >= since);
        self.external_ids.allows(user.external_id.as_deref())
            && self.banned.is_none_or(|banned| banned == user.banned)
            && self.last_active_at_since.is_none_or(is_active_since)
            && self.last_sign_in_at.holds(user.last_sign_in_at)
            && self.external_accounts.as_ref().is_none_or(|accounts| accounts.hold_one_of(user))
            && self.traits.are_of(user)
    }
}

fn members_of<'a>(store: &'a Store, organization_ids: &HashSet<String>) -> HashSet<&'a str> {
    store
        .memberships
        .iter()
        .filter(|membership| organization_ids.contains(&membership.organization_id))
        .map(|membership| membership.user_id.as_str())
        .collect()
}

/// Accounts at one OAuth provider.
#[derive(Debug)]
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
