//! Texts of emails and SMS (deprecated).
//! <https://clerk.com/docs/reference/backend-api/tag/email-sms-templates>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Flag, Rule,
    param::{LIMIT, OFFSET, choice, flag, text},
    plain,
};

/// The fields of a template.
const TEMPLATE: &[&str] = &[
    "id",
    "instance_id",
    "resource_type",
    "template_type",
    "name",
    "slug",
    "position",
    "can_revert",
    "can_delete",
    "can_edit_body",
    "can_toggle",
    "subject",
    "markup",
    "body",
    "available_variables",
    "required_variables",
    "from_email_name",
    "reply_to_email_name",
    "delivered_by_clerk",
    "enabled",
    "flagged_as_suspicious",
    "updated_at",
    "created_at",
];

pub(super) static OPERATIONS: [Entry; 6] = [
    plain(
        "clerk_list_templates",
        "List templates",
        Route::get("/templates/{template_type}"),
        "List the templates of emails or SMS. Deprecated by Clerk, without a successor; people \
         edit them in the Dashboard.",
    )
    .takes(&[choice("template_type", &["email", "sms"]).required(), LIMIT, OFFSET])
    .rows("templates")
    .paginated()
    .answers(TEMPLATE)
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_get_template",
        "Get template",
        Route::get("/templates/{template_type}/{slug}"),
        "Get one email or SMS template by its type and slug. Deprecated by Clerk.",
    )
    .takes(&[choice("template_type", &["email", "sms"]).required()])
    .answers(TEMPLATE)
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_update_template",
        "Update template",
        Route::put("/templates/{template_type}/{slug}"),
        "Write the text of an email or SMS template, or make a new one. Deprecated by Clerk; \
         clerk_preview_template shows it first.",
    )
    .takes(&[
        choice("template_type", &["email", "sms"]).required(),
        text("name"),
        text("subject").nullable().about("The user or organization that has it."),
        text("markup").nullable(),
        text("body"),
        flag("delivered_by_clerk").nullable(),
        text("from_email_name"),
        text("reply_to_email_name"),
    ])
    .answers(TEMPLATE)
    .look("clerk_get_template")
    .flags(&[Flag::Deprecated])
    .rules(&[Rule::Change]),
    plain(
        "clerk_revert_template",
        "Revert template",
        Route::post("/templates/{template_type}/{slug}/revert"),
        "Throw away what was changed in a template and go back to Clerk's text. Deprecated by \
         Clerk.",
    )
    .takes(&[choice("template_type", &["email", "sms"]).required()])
    .answers(TEMPLATE)
    .effect(Effect::Destroy)
    .look("clerk_get_template")
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_preview_template",
        "Preview template",
        Route::post("/templates/{template_type}/{slug}/preview"),
        "Show what a template's text would look like, without saving it. Deprecated by Clerk.",
    )
    .takes(&[
        text("subject").about("The user or organization that has it."),
        text("body"),
        text("from_email_name"),
        text("reply_to_email_name"),
    ])
    .effect(Effect::Read)
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_toggle_template_delivery",
        "Toggle template delivery",
        Route::post("/templates/{template_type}/{slug}/toggle_delivery"),
        "Turn Clerk's delivery of the messages of a template on or off. Off, nobody gets them \
         unless your own system sends them. Deprecated by Clerk.",
    )
    .takes(&[choice("template_type", &["email", "sms"]).required(), flag("delivered_by_clerk")])
    .answers(TEMPLATE)
    .effect(Effect::Update)
    .look("clerk_list_templates")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
];
