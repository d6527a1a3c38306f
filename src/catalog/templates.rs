//! Texts of emails and SMS (deprecated).
//! <https://clerk.com/docs/reference/backend-api/tag/email-sms-templates>

mod fields;

use clerk_api::Route;

use self::fields::TEMPLATE;
use super::{On, Toolset};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{PAGE, Param, Relation, Rule, boolean, choice, id, text},
    rest,
    undo::{Look, Source, Undo},
};

const TEMPLATE_TYPE: Param = choice("template_type", &["email", "sms"])
    .path()
    .about("Whether the template is of an email or an SMS.");
const SLUG: Param = id("slug", &[Kind::MessageTemplate], Relation::Target)
    .path()
    .about("The slug of the template, such as invitation.");

static TOOLS: [Tool; 6] = [
    rest(
        "clerk_list_templates",
        "List templates",
        Route::get("/templates/{template_type}"),
        "List the templates of emails or SMS. Deprecated by Clerk, without a successor; people \
         edit them in the Dashboard.",
    )
    .takes(&[&[TEMPLATE_TYPE], PAGE])
    .lists("templates", &TEMPLATE)
    .paginated()
    .flags(&[Flag::Deprecated]),
    rest(
        "clerk_get_template",
        "Get template",
        Route::get("/templates/{template_type}/{slug}"),
        "Get one email or SMS template by its type and slug. Deprecated by Clerk.",
    )
    .takes(&[&[TEMPLATE_TYPE, SLUG]])
    .returns(&TEMPLATE)
    .flags(&[Flag::Deprecated]),
    rest(
        "clerk_update_template",
        "Update template",
        Route::put("/templates/{template_type}/{slug}"),
        "Update the text of an email or SMS template, or create one. Deprecated by Clerk; \
         clerk_preview_template shows it first.",
    )
    .takes(&[&[
        TEMPLATE_TYPE,
        SLUG,
        text("name").about("What people see the template called."),
        text("subject").clearable().about("The subject of the email; not for SMS."),
        text("markup").clearable().about("The editor's markup that the body is generated from."),
        text("body").about("The text of the message, with its variables unfilled."),
        boolean("delivered_by_clerk")
            .about("Whether Clerk sends these messages; if false, your own system must."),
        text("from_email_name")
            .about("The sender's address before the @, such as hello; not for SMS."),
        text("reply_to_email_name")
            .about("The reply-to address before the @, such as support; not for SMS."),
    ]])
    .rules(&[Rule::Change])
    .returns(&TEMPLATE)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_template"),
            &[
                "name",
                "subject",
                "markup",
                "body",
                "delivered_by_clerk",
                "from_email_name",
                "reply_to_email_name",
            ],
        )
        .but(
            "If it was Clerk's own text, it counts as changed; clerk_revert_template returns to \
             Clerk's.",
        ),
    )
    .verify_with("clerk_get_template")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    rest(
        "clerk_revert_template",
        "Revert template",
        Route::post("/templates/{template_type}/{slug}/revert"),
        "Discard the changes to a template and return to Clerk's text. Deprecated by \
         Clerk.",
    )
    .takes(&[&[TEMPLATE_TYPE, SLUG]])
    .returns(&TEMPLATE)
    .effect(Effect::Destroy)
    .undo(
        Undo::by(
            "clerk_update_template",
            &[
                ("template_type", Source::Argument("template_type")),
                ("slug", Source::Argument("slug")),
                ("name", Source::Before("name")),
                ("subject", Source::Before("subject")),
                ("markup", Source::Before("markup")),
                ("body", Source::Before("body")),
                ("delivered_by_clerk", Source::Before("delivered_by_clerk")),
                ("from_email_name", Source::Before("from_email_name")),
                ("reply_to_email_name", Source::Before("reply_to_email_name")),
            ],
        )
        .changes(
            Look::Object("clerk_get_template"),
            &[
                "name",
                "subject",
                "markup",
                "body",
                "delivered_by_clerk",
                "from_email_name",
                "reply_to_email_name",
            ],
        ),
    )
    .verify_with("clerk_get_template")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    rest(
        "clerk_preview_template",
        "Preview template",
        Route::post("/templates/{template_type}/{slug}/preview"),
        "Preview a template's text without saving it. Deprecated by Clerk.",
    )
    .takes(&[&[
        TEMPLATE_TYPE,
        SLUG,
        text("subject").about("The subject of the email; not for SMS."),
        text("body").about("The text of the message, with its variables unfilled."),
        text("from_email_name")
            .about("The sender's address before the @, such as hello; not for SMS."),
        text("reply_to_email_name")
            .about("The reply-to address before the @, such as support; not for SMS."),
    ]])
    .effect(Effect::Read)
    .flags(&[Flag::Deprecated]),
    rest(
        "clerk_toggle_template_delivery",
        "Toggle template delivery",
        Route::post("/templates/{template_type}/{slug}/toggle_delivery"),
        "Turn Clerk's delivery of the messages of a template on or off. Off, nobody gets them \
         unless your own system sends them. Deprecated by Clerk.",
    )
    .takes(&[&[
        TEMPLATE_TYPE,
        SLUG,
        boolean("delivered_by_clerk")
            .about("Whether Clerk sends these messages; if false, your own system must."),
    ]])
    .returns(&TEMPLATE)
    .effect(Effect::Update)
    .undo(Undo::set_back(Look::Object("clerk_get_template"), &["delivered_by_clerk"]))
    .verify_with("clerk_list_templates")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "templates",
    about: "Email and SMS templates (deprecated)",
    find: "clerk_list_templates",
    on: On::Chosen,
    tools: &TOOLS,
};
