//! What people call the operations, as data for `clerk_search_operations`: `words.txt`, a line a
//! tool, and [`SYNONYMS`], which holds for all of them.

use std::{collections::HashMap, sync::LazyLock};

/// What one operation is called beside its name and its description.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Words {
    /// Clerk's `operationId`, such as `UpdateUser`; empty if Clerk has no such operation.
    pub(crate) operation_id: &'static str,
    /// Words that people ask with.
    pub(crate) said: &'static str,
}

static WORDS: LazyLock<HashMap<&'static str, Words>> = LazyLock::new(|| {
    let lines = include_str!("words.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(line).collect()
});

fn line(line: &'static str) -> Option<(&'static str, Words)> {
    let (tool, rest) = line.split_once(" | ")?;
    let (operation_id, said) = rest.split_once(" | ")?;
    let operation_id = if operation_id == "-" { "" } else { operation_id };
    Some((tool, Words { operation_id, said }))
}

/// What a tool's operation is called, by the name of the tool.
pub(crate) fn words(tool: &str) -> Words {
    WORDS.get(tool).copied().unwrap_or_default()
}

/// The letters and digits of a name: `clerk_update_user`, `updateUser` and `Update user` have the
/// same, so that it doesn't matter how a name is spelled.
pub(crate) fn letters(name: &str) -> String {
    let letters: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let letters = letters.to_lowercase();
    letters.strip_prefix("clerk").map(str::to_owned).unwrap_or(letters)
}

/// People's words, and the words that the catalog has for them. Where a question has all words on
/// the left, in any order, those on the right stand for them.
pub(crate) const SYNONYMS: &[(&str, &str)] = &[
    ("log out", "sign out revoke session"),
    ("logout", "sign out revoke session"),
    ("sign out", "sign out revoke session"),
    ("log in", "sign in session"),
    ("logged in", "sign in session"),
    ("login", "sign in session"),
    ("signup", "sign up"),
    ("registration", "sign up"),
    ("text message", "sms"),
    ("text", "sms text"),
    ("turn off", "off update"),
    ("turn on", "on update"),
    ("switch off", "off update"),
    ("switch on", "on update"),
    ("disable", "off disable"),
    ("enable", "on enable"),
    ("deactivate", "deactivate disable revoke"),
    ("two factor", "mfa"),
    ("second factor", "mfa"),
    ("multi factor", "mfa"),
    ("2fa", "mfa"),
    ("single sign on", "sso"),
    ("machine to machine", "m2m"),
    ("invite", "invitation"),
    ("somebody", "user"),
    ("someone", "user"),
    ("person", "user"),
    ("people", "user"),
    ("account", "user account"),
    ("customer", "user customer"),
    ("team", "organization team"),
    ("company", "organization company"),
    ("tenant", "organization"),
    ("workspace", "organization"),
    ("org", "organization"),
    ("picture", "image"),
    ("avatar", "image"),
    ("photo", "image"),
    ("whitelist", "allowlist"),
    ("blacklist", "blocklist"),
    ("denylist", "blocklist"),
    ("invoice", "statement invoice"),
    ("right", "permission"),
    ("waiting list", "waitlist"),
    ("kick out", "remove"),
    ("show", "get list"),
    ("see", "get list see"),
    ("view", "get list"),
    ("who", "list who"),
    ("which", "list which"),
    ("whose", "list whose"),
    ("change", "update change"),
    ("edit", "update"),
    ("modify", "update"),
    ("rename", "update rename"),
    ("new", "create"),
    ("add", "create add"),
    ("remove", "delete remove"),
    ("erase", "delete"),
    ("drop", "delete remove"),
    ("cancel", "revoke cancel"),
    ("withdraw", "revoke withdraw"),
    ("roll", "rotate"),
    ("renew", "rotate"),
    ("regenerate", "rotate"),
    ("can t", "cannot"),
];
