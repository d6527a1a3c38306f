//! Arguments that the tools of several resources take.

use crate::tool::{
    kind::Kind,
    param::{Param, Relation, id},
};

/// The user that a call reads or changes.
pub(crate) const USER_ID: Param =
    id("user_id", &[Kind::User], Relation::Target).path().about("The user's ID or email address.");
/// The organization that a call reads or changes.
pub(crate) const ORGANIZATION_ID: Param =
    id("organization_id", &[Kind::Organization], Relation::Target)
        .path()
        .about("The organization's ID, slug or name.");
