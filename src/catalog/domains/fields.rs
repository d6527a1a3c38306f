//! Fields of the results of the tools for domains.

use crate::tool::field::{Fields, boolean, code, objects, text, time};

/// A DNS record that a domain needs.
pub(super) static CNAME_TARGET: Fields =
    Fields::open(&[&[code("host"), code("value"), boolean("required")]]);

/// A domain.
pub(super) static DOMAIN: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    boolean("is_satellite").about("Whether it is a second domain beside the primary one."),
    code("frontend_api_url"),
    code("accounts_portal_url"),
    code("proxy_url").about("Where your own proxy to the Frontend API is."),
    code("development_origin"),
    objects("cname_targets", &CNAME_TARGET).about("DNS records that must be set."),
]]);

/// A proxy check.
pub(super) static PROXY_CHECK: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("domain_id"),
    time("last_run_at"),
    code("proxy_url").about("Where your own proxy to the Frontend API is."),
    boolean("successful"),
    time("created_at"),
    time("updated_at").standard(),
]]);
