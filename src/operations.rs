//! The catalog: every operation, in toolsets by Clerk's resource, in the order that tools are
//! listed.

mod bulk;
mod find;
mod images;
mod investigate;
mod memberships;
mod metadata;
mod moderation;
mod organizations;
pub(crate) mod reach;
mod restrictions;
mod sessions;
mod users;
pub(crate) mod whoami;

pub(crate) use investigate::only_user;

use crate::{clerk::Answer, operation::Entry};

/// The operations on one of Clerk's resources.
#[derive(Debug)]
pub struct Toolset {
    /// Its name in `--toolsets`.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The tool that finds such a resource where its id is not known.
    pub find: &'static str,
    /// When its tools are on.
    pub on: On,
    /// Its operations, in reading order.
    pub operations: &'static [Entry],
}

/// When a toolset's tools are on, as far as the choice of toolsets goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Whichever toolsets are chosen.
    Always,
    /// Where none is chosen, or it is.
    Default,
    /// Where it is chosen.
    Chosen,
}

/// All toolsets.
pub static CATALOG: &[Toolset] = &[
    Toolset {
        name: "users",
        about: "Find, create, change and delete users",
        find: "clerk_list_users",
        on: On::Default,
        operations: &users::OPERATIONS,
    },
    Toolset {
        name: "search",
        about: "Find users by what Clerk can't filter by, and count them",
        find: "clerk_find_users",
        on: On::Default,
        operations: &find::OPERATIONS,
    },
    Toolset {
        name: "overview",
        about: "Answers that take several requests",
        find: "clerk_list_users",
        on: On::Default,
        operations: &investigate::OPERATIONS,
    },
    Toolset {
        name: "moderation",
        about: "Ban and lock users, and lift it",
        find: "clerk_list_users",
        on: On::Default,
        operations: &moderation::OPERATIONS,
    },
    Toolset {
        name: "metadata",
        about: "Merge into users' metadata",
        find: "clerk_list_users",
        on: On::Default,
        operations: &metadata::OPERATIONS,
    },
    Toolset {
        name: "organizations",
        about: "Find, read and create organizations",
        find: "clerk_list_organizations",
        on: On::Default,
        operations: &organizations::OPERATIONS,
    },
    Toolset {
        name: "memberships",
        about: "Who is in which organization, with which role",
        find: "clerk_list_organization_memberships",
        on: On::Default,
        operations: &memberships::OPERATIONS,
    },
    Toolset {
        name: "sessions",
        about: "Look into sessions and revoke them",
        find: "clerk_list_sessions",
        on: On::Default,
        operations: &sessions::OPERATIONS,
    },
    Toolset {
        name: "bulk",
        about: "Change many at once, each step of which passes the guard",
        find: "clerk_list_users",
        on: On::Default,
        operations: &bulk::OPERATIONS,
    },
    Toolset {
        name: "restrictions",
        about: "The allowlist and the blocklist: who may sign up",
        find: "clerk_list_allowlist_identifiers",
        on: On::Chosen,
        operations: &restrictions::OPERATIONS,
    },
    Toolset {
        name: "images",
        about: "Upload profile images and logos",
        find: "clerk_list_users",
        on: On::Chosen,
        operations: &images::OPERATIONS,
    },
    Toolset {
        name: "operations",
        about: "Every operation of Clerk's by its name, found by words",
        find: "clerk_search_operations",
        on: On::Default,
        operations: &reach::OPERATIONS,
    },
    Toolset {
        name: "server",
        about: "What this server may do",
        find: "clerk_whoami",
        on: On::Always,
        operations: &whoami::OPERATIONS,
    },
];

/// Every operation with its toolset, in the catalog's order.
pub fn all() -> impl Iterator<Item = (&'static Toolset, &'static Entry)> {
    CATALOG.iter().flat_map(|toolset| toolset.operations.iter().map(move |entry| (toolset, entry)))
}

/// About how many tokens a tool's definition costs each client that lists it.
#[must_use]
pub fn tokens(definition: &serde_json::Value) -> usize {
    crate::shape::tokens::of(definition)
}

/// How many rows a list has where no limit is given: Clerk's own default.
pub(crate) const DEFAULT_LIMIT: u64 = 10;

/// Says so where the total of a list could not be had.
fn note_unknown_total<T>(mut answer: Answer<T>, total: Option<u64>) -> Answer<T> {
    if total.is_none() {
        answer.notes.push("totalCount is not known: Clerk did not tell it.".to_owned());
    }
    answer
}

/// Says so where a role finds nobody because of how it is written.
fn note_bare_role(role: &str) -> Option<String> {
    (!role.contains(':')).then(|| {
        format!("Nobody has the role {role:?}; Clerk's roles have names such as org:admin.")
    })
}
