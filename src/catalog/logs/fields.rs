//! Fields of the results of the tools for logs.

use crate::tool::field::{
    Field, Fields, boolean, code, codes, inline, json, object, objects, text, time,
};

/// A log in a list. Its device and where it is are shown as fields of the log.
pub(super) static LOG: Fields = Fields::open(&[
    EVENT,
    &[json("payload").about("The fields that payloadFields names, as far as the log has them.")],
]);
/// One log.
pub(super) static LOG_WHOLE: Fields =
    Fields::open(&[EVENT, &[json("payload").about("What the type of the event has beside.")]]);

const EVENT: &[Field] = &[
    code("object").full(),
    code("id").identity().required(),
    time("event_time").concise().about("When it happened. Give it to clerk_get_log with the id."),
    code("type").concise(),
    code("actor").concise().about("Who did it: the ID of a user or a key."),
    code("actor_type").about("What did it, such as user or instance_key."),
    object("impersonator", &IMPERSONATOR).about("Who acted as the user, if someone did."),
    code("subject").concise().about("The ID of what it was done to."),
    code("source").about("Where it came from, such as bapi."),
    code("client_id"),
    code("session_id"),
    code("trace_id"),
    code("span_id").full(),
    code("parent_span_id").full(),
    inline("event_context", &CONTEXT),
];

static IMPERSONATOR: Fields = Fields::open(&[&[code("user_id")]]);
static CONTEXT: Fields = Fields::closed(&[&[
    inline("device", &DEVICE),
    object("environment", &ENVIRONMENT).full().about("The instance and its domains."),
]]);
static DEVICE: Fields = Fields::closed(&[&[
    code("ip_address").concise(),
    inline("location", &LOCATION),
    inline("browser", &BROWSER),
    text("device_type"),
    boolean("is_mobile"),
    boolean("is_native").about("Whether it is an app and not a browser."),
    text("user_agent").full(),
    text("clerk_js_version").full(),
]]);
static LOCATION: Fields = Fields::closed(&[&[text("city").concise(), text("country").concise()]]);
static BROWSER: Fields = Fields::closed(&[&[
    text("name").shown_as("browser_name"),
    text("version").shown_as("browser_version"),
]]);
static ENVIRONMENT: Fields = Fields::open(&[&[
    code("type").about("Such as production."),
    object("application", &NAMED),
    object("domain", &NAMED),
    object("primary_domain", &NAMED),
]]);
static NAMED: Fields = Fields::open(&[&[code("id"), text("name")]]);

/// What the payloads of a type of events have. Clerk's client libraries name the parts, its
/// reference doesn't; whatever else comes is shown, too.
pub(super) static LOG_SCHEMA: Fields = Fields::open(&[&[
    code("event_type").about("The type that was asked for."),
    codes("event_types").about("The types that it stands for."),
    objects("fields", &PAYLOAD_FIELD).about("The fields of their payloads."),
]]);
static PAYLOAD_FIELD: Fields = Fields::open(&[&[
    code("path").about("For payloadFilter and payloadFields."),
    code("type").about("What it holds, in the words of JSON Schema."),
    boolean("optional").standard().about("Whether it can be missing."),
    codes("enum").about("The values that it can have."),
]]);
