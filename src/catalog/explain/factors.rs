//! Causes in what the user proves their identity with.

use super::{
    cause::{Cause, Severity},
    identifier::Held,
    rows,
    wire::User,
};
use crate::tool::date::UnixTime;

pub(super) fn causes(user: &User) -> Vec<Cause> {
    let second = if user.two_factor_enabled == Some(true) { second_factor(user) } else { None };
    let all = [password(user), second];
    all.into_iter().flatten().map(|cause| cause.with("user", &user.id)).collect()
}

/// How the user can sign in without a password, as far as the account goes.
pub(super) fn methods(user: &User) -> Vec<String> {
    let verified = |one: &Held<'_>| one.is_verified();
    let emails = user.emails().filter(verified).map(|one| format!("a code to {}", one.text));
    let phones = user.phones().filter(verified).filter(|one| !one.is_second_factor);
    let phones = phones.map(|one| format!("a code to {}", one.text));
    let is_verified = |verification: Option<&super::wire::Verification>| {
        verification.and_then(|one| one.status.as_deref()) == Some("verified")
    };
    let accounts = user.external_accounts.iter().flatten();
    let accounts = accounts.filter(|one| is_verified(one.verification.as_ref()));
    let accounts = accounts.filter_map(|one| one.provider.clone());
    let enterprise = user.enterprise_accounts.iter().flatten();
    let enterprise = enterprise.filter_map(|one| one.provider.clone());
    let count = |list: &Option<Vec<_>>| list.as_ref().map_or(0, Vec::len);
    let keys = [(count(&user.passkeys), "passkey"), (count(&user.web3_wallets), "wallet")];
    let keys = keys.into_iter().filter(|(count, _)| *count > 0).map(|(_, name)| name.to_owned());
    emails.chain(phones).chain(accounts).chain(enterprise).chain(keys).collect()
}

/// Without a password something else must do. Whether the instance accepts it isn't known. Who signs in
/// through their company needs none.
fn password(user: &User) -> Option<Cause> {
    let is_of_company = user.enterprise_accounts.iter().flatten().next().is_some();
    if user.password_enabled != Some(false) || is_of_company {
        return None;
    }
    let methods = methods(user);
    if methods.is_empty() {
        return Some(Cause::of(&rows::NO_METHOD));
    }
    Some(Cause::of(&rows::NO_PASSWORD).with("methods", &methods.join(", ")))
}

fn second_factor(user: &User) -> Option<Cause> {
    let numbers: Vec<Held<'_>> = user.phones().filter(|one| one.is_second_factor).collect();
    let number = numbers.iter().find(|one| one.is_verified());
    let (has_app, has_codes) = (user.totp_enabled?, user.backup_code_enabled?);
    let all = [
        has_app.then(|| "an authenticator app".to_owned()),
        number.map(|number| format!("SMS to {}", number.text)),
        has_codes.then(|| "backup codes".to_owned()),
    ];
    let factors: Vec<String> = all.into_iter().flatten().collect();
    let since = user.mfa_enabled_at.map(UnixTime::milliseconds);
    let cause = match factors.as_slice() {
        [] => match numbers.first() {
            Some(number) => Cause::of(&rows::SECOND_FACTOR_UNVERIFIED)
                .severity(Severity::Blocks)
                .with("address", number.text)
                .with("id", number.id),
            None => Cause::of(&rows::SECOND_FACTOR_MISSING),
        },
        [only] => Cause::of(&rows::SECOND_FACTOR_ALONE).with("factor", only),
        _ => Cause::of(&rows::SECOND_FACTOR_ON).with("factor", &factors.join(", ")),
    };
    Some(cause.since(since))
}
