//! Completion of the arguments of prompts and resource templates.

/// What an argument's values can be completed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    UserId,
    /// Users' email addresses; of those who have none, the ID.
    UserEmail,
    OrganizationId,
    /// Organizations' slugs; of those that have none, the ID.
    OrganizationSlug,
    Role,
}
