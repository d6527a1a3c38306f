//! Fields of sessions.

use crate::tool::field::{Fields, boolean, code, json, object, objects, text, time};

/// The last activity of a session.
static SESSION_ACTIVITY: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("device_type").about("Such as iPhone or Windows."),
    boolean("is_mobile"),
    text("browser_name"),
    text("browser_version"),
    code("ip_address"),
    text("city"),
    text("country"),
]]);

/// What a session is pending on.
static SESSION_TASK: Fields = Fields::open(&[&[code("key")]]);

/// A session.
pub(crate) static SESSION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("user_id").concise(),
    code("client_id").about("The client: a browser or an app on one device."),
    json("actor").about("Who acts as the user, if somebody does."),
    code("status").concise(),
    code("last_active_organization_id")
        .about("The organization that was last chosen in the session."),
    time("last_active_at")
        .about("When it was last active, to about a day for users; null if never."),
    object("latest_activity", &SESSION_ACTIVITY)
        .about("Where it was last used, as far as Clerk can tell."),
    time("expire_at").about("When it ceases to be valid."),
    time("abandon_at").standard().about("When the session ends for want of use."),
    time("updated_at").standard(),
    time("created_at"),
    objects("tasks", &SESSION_TASK)
        .about("What the user must still do before the session is active."),
]]);
