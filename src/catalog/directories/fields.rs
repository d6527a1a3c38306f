//! Fields of the results of the tools for directories.

use crate::catalog::fields::{CUSTOM_ATTRIBUTE, ROLE};
use crate::tool::field::{Fields, boolean, code, integer, json, object, objects, text, time};

/// A directory; by the older name, a SCIM directory.
pub(in crate::catalog) static DIRECTORY: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("enterprise_connection_id").about("The connection that it came by."),
    code("endpoint_url").about("Where the provider's SCIM client connects."),
    code("provider").about("Who provides the directory, such as okta."),
    boolean("enabled"),
    boolean("group_role_mapping_enabled").standard().about("Whether groups give roles."),
    json("attribute_mapping").about("Clerk's attribute, and the provider's that fills it."),
    objects("custom_attributes", &CUSTOM_ATTRIBUTE)
        .about("Your own attributes that are filled from the provider."),
    code("api_key").secret(),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A directory group role mapping.
pub(super) static DIRECTORY_GROUP_ROLE_MAPPING: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("directory_id"),
    code("scim_directory_id"),
    code("directory_group_id"),
    code("scim_group_id"),
    text("directory_group_display_name"),
    text("scim_group_display_name"),
    object("role", &ROLE),
    integer("precedence"),
    time("created_at"),
    time("updated_at").standard(),
]]);
