//! Fields of the results of the tools for templates.

use crate::tool::field::{Fields, boolean, code, codes, integer, text, time};

/// A template.
pub(super) static TEMPLATE: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("instance_id"),
    code("resource_type"),
    code("template_type"),
    text("name").concise(),
    code("slug").concise(),
    integer("position"),
    boolean("can_revert"),
    boolean("can_delete"),
    boolean("can_edit_body"),
    boolean("can_toggle"),
    text("subject"),
    text("markup"),
    text("body"),
    codes("available_variables").about("What can be put into its text."),
    codes("required_variables").about("What its text must have."),
    text("from_email_name"),
    text("reply_to_email_name"),
    boolean("delivered_by_clerk")
        .about("Whether Clerk sends it; else your own backend does, from a webhook."),
    boolean("enabled"),
    boolean("flagged_as_suspicious"),
    time("updated_at").standard(),
    time("created_at"),
]]);
