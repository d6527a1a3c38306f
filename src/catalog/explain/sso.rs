//! Causes in single sign-on: the enterprise connections for the domains of the person's addresses.

use std::collections::BTreeSet;

use super::{
    cause::{Cause, Severity},
    factors,
    identifier::domain,
    lists,
    read::Known,
    rows,
    wire::{Connection, EnterpriseAccount, User},
};
use crate::tool::date::UnixTime;

pub(super) fn causes(known: &Known) -> Vec<Cause> {
    let of_domains = connections(known).flat_map(|(domain, connection)| {
        let name = connection.name.as_deref().unwrap_or(&connection.id);
        of_connection(known, connection).into_iter().map(move |cause| {
            let cause = cause.with("id", &connection.id).with("connection", name);
            cause.with("domain", &domain).with("identifier", given(known))
        })
    });
    of_domains.chain(inactive_accounts(known)).collect()
}

/// The connections for the domains of the person's addresses, each with one of its domains.
pub(super) fn connections(known: &Known) -> impl Iterator<Item = (String, &Connection)> {
    let addresses = if known.several.is_empty() { lists::addresses(known) } else { Vec::new() };
    let domains: BTreeSet<String> = addresses.into_iter().filter_map(domain).collect();
    let all = known.connections.iter().flatten();
    // One that nobody can sign in with only provisions.
    let all = all.filter(|connection| connection.authenticatable != Some(false));
    all.filter_map(move |connection| {
        let domain = domains.iter().find(|domain| connection.serves(domain))?;
        Some((domain.clone(), connection))
    })
}

fn given(known: &Known) -> &str {
    known.identifier.as_ref().map(super::identifier::Identifier::text).unwrap_or_default()
}

/// What keeps somebody from signing in through a connection. A certificate that has expired is a cause
/// beside one that is inactive too: whoever makes the connection active again needs to know.
fn of_connection(known: &Known, connection: &Connection) -> Vec<Cause> {
    let Some(is_active) = connection.active else { return Vec::new() };
    let user = known.user.as_ref();
    let bypass = user.filter(|_| is_active).and_then(|user| bypass(known, user));
    let expired = expiry(known, connection).filter(|expires_at| *expires_at <= known.now);
    let certificate = expired.map(|_| {
        let severity = match (is_active, &bypass) {
            (true, None) => Severity::Blocks,
            (true, Some(_)) => Severity::MayBlock,
            (false, _) => inactive(user, connection),
        };
        Cause::of(&rows::SSO_CERTIFICATE).since(expired).severity(severity)
    });
    let is_unlinked = user.is_some_and(|user| account(user, connection).is_none());
    let state = match user {
        _ if !is_active => {
            Some(Cause::of(&rows::SSO_INACTIVE).severity(inactive(user, connection)))
        }
        _ if bypass.is_some() => bypass,
        _ if certificate.is_some() => None,
        None if connection.disable_jit_provisioning == Some(true) => {
            Some(Cause::of(&rows::SSO_NO_USERS))
        }
        Some(_) if is_unlinked => Some(Cause::of(&rows::SSO_UNLINKED)),
        _ => Some(Cause::of(&rows::SSO_REQUIRED)),
    };
    state.into_iter().chain(certificate).collect()
}

/// That the user needs no connection, if the SSO bypass allowlist could be read and names them.
fn bypass(known: &Known, user: &User) -> Option<Cause> {
    let listed = known.bypass.as_ref()?.iter();
    let entry = listed.into_iter().find(|entry| entry.user_id.as_deref() == Some(&user.id))?;
    let since = entry.created_at.map(UnixTime::milliseconds);
    Some(Cause::of(&rows::SSO_BYPASS).with("user", &user.id).since(since))
}

/// An inactive connection blocks whoever has nothing else to sign in with; for others it is
/// background, unless they sign in through it.
fn inactive(user: Option<&User>, connection: &Connection) -> Severity {
    let Some(user) = user else { return Severity::MayBlock };
    let is_linked = account(user, connection).is_some();
    let accounts = user.enterprise_accounts.as_ref().map_or(0, Vec::len);
    let has_other = user.password_enabled == Some(true) || factors::methods(user).len() > accounts;
    match (is_linked, has_other) {
        (true, false) => Severity::Blocks,
        _ => Severity::MayBlock,
    }
}

fn account<'a>(user: &'a User, connection: &Connection) -> Option<&'a EnterpriseAccount> {
    let mut accounts = user.enterprise_accounts.iter().flatten();
    accounts.find(|account| account.connection() == Some(&connection.id))
}

/// The user's inactive accounts, but those of connections that are said to be inactive.
fn inactive_accounts(known: &Known) -> impl Iterator<Item = Cause> {
    let said: BTreeSet<&str> =
        connections(known).map(|(_, connection)| connection.id.as_str()).collect();
    let accounts = known.user.iter().flat_map(|user| user.enterprise_accounts.iter().flatten());
    let inactive = accounts.filter(|account| account.active == Some(false));
    inactive.filter(move |account| account.connection().is_none_or(|id| !said.contains(id))).map(
        |account| {
            Cause::of(&rows::SSO_ACCOUNT_INACTIVE)
                .with("provider", account.provider.as_deref().unwrap_or("an identity provider"))
                .with("id", account.connection().unwrap_or_default())
        },
    )
}

/// When the certificates of the connection have all expired, in Unix milliseconds.
fn expiry(known: &Known, connection: &Connection) -> Option<i64> {
    connection.certificate().or_else(|| known.certificates.get(&connection.id).copied())
}

impl Connection {
    /// Whether addresses of a domain, in lower case, sign in through it.
    fn serves(&self, domain: &str) -> bool {
        let subdomains = self.saml_connection.as_ref().and_then(|saml| saml.allow_subdomains);
        self.domains.iter().flatten().any(|own| {
            let own = own.to_lowercase();
            let below = domain.strip_suffix(&own).is_some_and(|rest| rest.ends_with('.'));
            own == domain || subdomains == Some(true) && below
        })
    }

    /// When the last of its certificates expires, if the connection says it itself.
    pub(super) fn certificate(&self) -> Option<i64> {
        let certificates = self.saml_connection.as_ref()?.idp_certificates.as_ref()?;
        let expiries = certificates.iter().map(|one| one.expires_at.map(UnixTime::milliseconds));
        // One without a date may be valid.
        expiries.collect::<Option<Vec<i64>>>()?.into_iter().max()
    }
}
