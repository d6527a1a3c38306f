//! Fields of the results of the tools for oauth applications.

use crate::tool::field::{Field, Fields, boolean, code, codes, json, object, text, time};

const OAUTH_APPLICATION_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("instance_id"),
    text("name").concise(),
    code("client_id"),
    code("client_uri"),
    code("client_image_url"),
    boolean("dynamically_registered"),
    boolean("consent_screen_enabled").standard(),
    boolean("pkce_required"),
    boolean("public"),
    code("scopes"),
    codes("redirect_uris"),
    code("callback_url"),
    code("authorize_url"),
    code("token_fetch_url"),
    code("user_info_url"),
    code("discovery_url"),
    code("token_introspection_url"),
    time("created_at"),
    time("updated_at").standard(),
];

/// An OAuth application.
pub(in crate::catalog) static OAUTH_APPLICATION: Fields = Fields::open(&[OAUTH_APPLICATION_FIELDS]);

/// An OAuth application with its secret.
pub(super) static NEW_OAUTH_APPLICATION: Fields =
    Fields::open(&[OAUTH_APPLICATION_FIELDS, &[code("client_secret").secret()]]);

/// An OAuth access token. Its times are in seconds at Clerk, and in milliseconds here.
pub(super) static ACCESS_TOKEN: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("client_id"),
    code("subject"),
    codes("scopes"),
    codes("aud").about("The resources that it is for; empty if it is bound to none."),
    object("act", &ACTOR).about("Who acts as the subject, if the token was exchanged for them."),
    boolean("revoked"),
    text("revocation_reason").about("Why it was revoked."),
    boolean("expired"),
    time("expiration").about("When it ceases to be valid; null if never."),
    time("created_at"),
    time("updated_at").standard(),
    boolean("active"),
]]);

/// Who acts as another one, by RFC 8693.
static ACTOR: Fields = Fields::open(&[&[
    code("iss"),
    code("sub"),
    json("act").about("Who acted as this actor, before."),
]]);
