//! Whom the instance's settings let in, and what organizations may have.

use super::{Refusal, Store};
use crate::model::tables;
use crate::refusal::{
    FORM_RESOURCE_NOT_FOUND, NOT_ALLOWED_ACCESS, ORGANIZATION_DOMAIN_ENROLLMENT_MODE_NOT_ENABLED,
    ORGANIZATION_DOMAINS_NOT_ENABLED, ORGANIZATION_NOT_ENABLED_IN_INSTANCE,
    ORGANIZATION_SLUGS_DISABLED,
};

/// Domains of addresses that anyone gets for a while.
const DISPOSABLE: [&str; 5] =
    ["mailinator.com", "guerrillamail.com", "10minutemail.com", "yopmail.com", "trashmail.com"];

impl Store {
    /// Refuses identifiers that the blocklist or a restriction of addresses keeps out, in lower
    /// case. Requests with the instance's key are not held to the allowlist.
    pub(crate) fn check_access<'a>(
        &self,
        mut identifiers: impl Iterator<Item = &'a str>,
    ) -> Result<(), Refusal> {
        identifiers.try_for_each(|identifier| {
            let sentence = if self.is_blocked(identifier) {
                format!("{identifier} is not allowed to access this application.")
            } else if self.is_taken_with_another_subaddress(identifier) {
                "This email address is already in use. Creating multiple accounts with the same \
                 email address is not allowed."
                    .to_owned()
            } else {
                return Ok(());
            };
            Err(NOT_ALLOWED_ACCESS.because(sentence).into())
        })
    }

    /// Refuses what nobody may sign up with: as above, and what is not on the allowlist.
    pub(crate) fn check_sign_up(&self, identifiers: &[&str]) -> Result<(), Refusal> {
        self.check_access(identifiers.iter().copied())?;
        let is_listed = |identifier: &&str| self.is_listed("allowlist_identifier", identifier);
        if self.settings.restrictions.allowlist && !identifiers.iter().any(is_listed) {
            let sentence =
                format!("{} is not allowed to access this application.", identifiers.join(", "));
            return Err(NOT_ALLOWED_ACCESS.because(sentence).into());
        }
        Ok(())
    }

    fn is_blocked(&self, identifier: &str) -> bool {
        let restrictions = &self.settings.restrictions;
        let domain = identifier.rsplit_once('@').map(|(_, domain)| domain);
        restrictions.blocklist && self.is_listed("blocklist_identifier", identifier)
            || restrictions.block_disposable_email_domains
                && domain.is_some_and(|domain| DISPOSABLE.contains(&domain))
    }

    /// Whether a list has an identifier: itself, or the domain of the address, written `*@` or not.
    fn is_listed(&self, object: &str, identifier: &str) -> bool {
        let domain = identifier.rsplit_once('@').map(|(_, domain)| domain);
        let mut listed = self.restricted.values().filter(|one| one.object == object);
        listed.any(|one| {
            one.identifier == identifier
                || domain.is_some_and(|domain| one.identifier.trim_start_matches("*@") == domain)
        })
    }

    fn is_taken_with_another_subaddress(&self, identifier: &str) -> bool {
        let Some(base) = without_subaddress(identifier) else { return false };
        self.settings.restrictions.block_email_subaddresses
            && self.users().values().flat_map(|user| &user.email_addresses).any(|other| {
                without_subaddress(&other.address).as_ref().unwrap_or(&other.address) == &base
            })
    }

    /// Refuses all of organizations if the instance has none.
    pub(crate) fn check_organizations(&self) -> Result<(), Refusal> {
        if self.settings.organizations.enabled {
            return Ok(());
        }
        let sentence = "The organizations feature is not enabled for this instance. You can enable \
                        it at https://dashboard.clerk.com.";
        Err(ORGANIZATION_NOT_ENABLED_IN_INSTANCE.because(sentence).into())
    }

    /// Refuses a slug if organizations have none.
    pub(crate) fn check_slugs(&self) -> Result<(), Refusal> {
        if !self.settings.organizations.slug_disabled {
            return Ok(());
        }
        let sentence = "This instance does not have slugs enabled for organizations.";
        Err(ORGANIZATION_SLUGS_DISABLED.at("slug", sentence).into())
    }

    /// Refuses domains of organizations, or this mode of them, if the instance doesn't have that.
    pub(crate) fn check_domains(&self, mode: Option<&str>) -> Result<(), Refusal> {
        let settings = &self.settings.organizations;
        if !settings.domains_enabled {
            let sentence = "This instance does not have domains enabled for organizations.";
            return Err(ORGANIZATION_DOMAINS_NOT_ENABLED.because(sentence).into());
        }
        let modes = &settings.domains_enrollment_modes;
        match mode {
            Some(mode) if mode != "enterprise_sso" && !modes.iter().any(|known| known == mode) => {
                let sentence = format!(
                    "Enrollment mode {mode} is not enabled for this instances's organizations."
                );
                Err(ORGANIZATION_DOMAIN_ENROLLMENT_MODE_NOT_ENABLED
                    .at("enrollment_mode", sentence)
                    .into())
            }
            _ => Ok(()),
        }
    }

    /// Refuses a key of a role set that is not there.
    pub(crate) fn check_role_set(&self, key: Option<&String>) -> Result<(), Refusal> {
        let is_there =
            |key| self.records.find(tables::ROLE_SET, |set| set.text("key") == key).is_some();
        match key.filter(|key| !is_there(key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let sentence = format!("No role set exists with key: {key}");
                Err(FORM_RESOURCE_NOT_FOUND.at("role_set_key", sentence).into())
            }
        }
    }
}

/// The address without what follows `+`; `None` if nothing does.
fn without_subaddress(address: &str) -> Option<String> {
    let (name, domain) = address.rsplit_once('@')?;
    let (name, _) = name.split_once('+')?;
    Some(format!("{name}@{domain}"))
}
