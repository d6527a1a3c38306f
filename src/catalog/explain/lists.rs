//! Causes in the lists of the instance: allowlist, blocklist, countries without SMS. Whether the
//! lists are on, no operation of Clerk's says.

use super::{cause::Cause, identifier::covers, read::Known, rows, wire::Entry};
use crate::tool::date::UnixTime;

/// How many entries of the blocklist are named.
const NAMED: usize = 3;

/// What must hold too for who is a user already.
const ON_SIGN_IN: &str = " and allowlistBlocklistDisabledOnSignIn is off";

pub(super) fn causes(known: &Known) -> Vec<Cause> {
    if !known.several.is_empty() {
        return Vec::new();
    }
    let lists = blocklisted(known).into_iter().chain(not_allowlisted(known));
    let sign_in = known.user.as_ref().map_or("", |_| ON_SIGN_IN);
    let mut causes: Vec<Cause> = lists.map(|cause| cause.with("sign_in", sign_in)).collect();
    causes.extend(countries(known));
    causes
}

/// The addresses and numbers that a list can name: the one that was given; else the user's.
pub(super) fn addresses(known: &Known) -> Vec<&str> {
    let given = known.identifier.iter().filter(|one| one.is_email() || one.is_phone());
    let given: Vec<&str> = given.map(super::identifier::Identifier::text).collect();
    if !given.is_empty() {
        return given;
    }
    known.user.iter().flat_map(super::wire::User::addresses).map(|one| one.text).collect()
}

fn blocklisted(known: &Known) -> Vec<Cause> {
    let entries = || known.blocklist.iter().flatten();
    let pairs = addresses(known).into_iter().flat_map(|address| {
        entries().filter_map(move |entry| Some((entry, entry.identifier.as_deref()?, address)))
    });
    let named = pairs.filter(|(_, identifier, address)| covers(identifier, address)).take(NAMED);
    let cause = |(entry, identifier, address): (&Entry, &str, &str)| {
        Cause::of(&rows::BLOCKLISTED)
            .with("address", address)
            .with("entry", identifier)
            .with("id", entry.id.as_deref().unwrap_or_default())
            .since(entry.created_at.map(UnixTime::milliseconds))
    };
    named.map(cause).collect()
}

/// Nobody switches an empty allowlist on.
fn not_allowlisted(known: &Known) -> Option<Cause> {
    let entries = known.allowlist.as_ref().filter(|entries| !entries.is_empty())?;
    let addresses = addresses(known);
    let first = addresses.first()?;
    let named = entries.iter().filter_map(|entry| entry.identifier.as_deref());
    let is_listed =
        named.into_iter().any(|entry| addresses.iter().any(|address| covers(entry, address)));
    (!is_listed).then(|| {
        let count = entries.len().to_string();
        Cause::of(&rows::NOT_ALLOWLISTED).with("count", &count).with("address", first)
    })
}

fn countries(known: &Known) -> Option<Cause> {
    let countries = known.countries.as_ref().filter(|countries| !countries.is_empty())?;
    Some(Cause::of(&rows::COUNTRIES_BLOCKED).with("countries", &countries.join(", ")))
}
