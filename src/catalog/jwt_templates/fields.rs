//! Fields of the results of the tools for jwt templates.

use crate::tool::field::{Fields, boolean, code, integer, json, text, time};

/// A JWT template.
pub(super) static JWT_TEMPLATE: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    json("claims").about("Your own data in it."),
    integer("lifetime"),
    integer("allowed_clock_skew").about("Seconds that clocks may differ."),
    boolean("custom_signing_key").about("Whether a key of your own signs."),
    code("signing_algorithm").about("Such as RS256."),
    time("created_at"),
    time("updated_at").standard(),
]]);
