//! Fields of sessions.

use crate::tool::field::{Fields, boolean, code, json, object, objects, text, time};

/// The last activity of a session.
static SESSION_ACTIVITY: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("device_type"),
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
    code("client_id"),
    json("actor"),
    code("status").concise(),
    code("last_active_organization_id"),
    time("last_active_at"),
    object("latest_activity", &SESSION_ACTIVITY),
    time("expire_at"),
    time("abandon_at").standard(),
    time("updated_at").standard(),
    time("created_at"),
    objects("tasks", &SESSION_TASK),
]]);
