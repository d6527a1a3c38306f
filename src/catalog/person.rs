//! What code reads of a user's record.

use crate::tool::record::Record;

/// The id. A user without one isn't read as a user.
pub(super) fn id(user: &Record) -> &str {
    user.text("id").unwrap_or_default()
}

fn primary_email(user: &Record) -> Option<&Record> {
    let id = user.text("primary_email_address_id")?;
    user.objects("email_addresses").find(|email| email.text("id") == Some(id))
}

/// Whether the primary email address is verified; without one it isn't.
pub(super) fn is_email_verified(user: &Record) -> bool {
    primary_email(user).is_some_and(|email| email.bool("verification") == Some(true))
}

/// The domains of all email addresses.
pub(super) fn email_domains(user: &Record) -> impl Iterator<Item = &str> {
    let addresses = user.objects("email_addresses");
    addresses
        .filter_map(|email| email.text("email_address")?.rsplit_once('@').map(|(_, domain)| domain))
}

/// What people know the user by: the name and the primary email address, else the username.
pub(super) fn known_as(user: &Record) -> Option<String> {
    let names: Vec<&str> =
        ["first_name", "last_name"].into_iter().filter_map(|wire| user.text(wire)).collect();
    let email = primary_email(user).or(user.objects("email_addresses").next());
    let email = email.and_then(|email| email.text("email_address")).or(user.text("username"));
    let name = (!names.is_empty()).then(|| names.join(" "));
    let parts: Vec<String> = name.into_iter().chain(email.map(str::to_owned)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
