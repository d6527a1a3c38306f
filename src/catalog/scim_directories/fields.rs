//! Fields of the results of the tools for SCIM directories.

use crate::catalog::fields::ROLE;
use crate::tool::field::{Fields, code, integer, object, text, time};

/// A SCIM group role mapping.
pub(super) static SCIM_GROUP_ROLE_MAPPING: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("scim_directory_id"),
    code("directory_id"),
    code("scim_group_id"),
    code("directory_group_id"),
    text("scim_group_display_name"),
    text("directory_group_display_name"),
    object("role", &ROLE),
    integer("precedence"),
    time("created_at"),
    time("updated_at").standard(),
]]);
