//! Fields of the results of the tools for jwt templates.

use crate::tool::field::{Fields, boolean, code, integer, json, text, time};

/// A JWT template.
pub(super) static JWT_TEMPLATE: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    json("claims"),
    integer("lifetime"),
    integer("allowed_clock_skew"),
    boolean("custom_signing_key"),
    code("signing_algorithm"),
    time("created_at"),
    time("updated_at").standard(),
]]);
