//! API keys of your users and organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/api-keys>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Rule,
    param::{OFFSET, choice, integer, json, list, text},
    plain,
};

/// The fields of an API key.
const API_KEY: &[&str] = &[
    "id",
    "type",
    "subject",
    "name",
    "description",
    "claims",
    "scopes",
    "revoked",
    "revocation_reason",
    "expired",
    "expiration",
    "created_by",
    "last_used_at",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 8] = [
    plain(
        "clerk_list_api_keys",
        "List API keys",
        Route::get("/api_keys"),
        "List the API keys that a user or an organization has, without the keys themselves.",
    )
    .takes(&[
        text("type").at_least(3),
        text("subject").required().about("The user or organization that has it."),
        choice("include_invalid", &["true", "false"]),
        integer("limit").between(1, 100),
        OFFSET,
        text("query"),
    ])
    .rows("apiKeys")
    .answers(API_KEY),
    plain(
        "clerk_get_api_key",
        "Get API key",
        Route::get("/api_keys/{api_key_id}"),
        "Get one API key's name, scopes and expiry by ID, without the key itself.",
    )
    .answers(API_KEY),
    plain(
        "clerk_create_api_key",
        "Create API key",
        Route::post("/api_keys"),
        "Make an API key for a user or an organization; the answer has the secret, once.",
    )
    .takes(&[
        text("type").between(3, 25),
        text("name").at_least(3).required(),
        text("description").at_most(255),
        text("subject").required().about("The user or organization that has it."),
        json("claims").about("The claims of the token."),
        list("scopes"),
        text("created_by"),
        integer("seconds_until_expiration").at_least(0),
    ])
    .answers(&[
        "id",
        "type",
        "subject",
        "name",
        "description",
        "claims",
        "scopes",
        "secret",
        "revoked",
        "revocation_reason",
        "expired",
        "expiration",
        "created_by",
        "last_used_at",
        "created_at",
        "updated_at",
    ])
    .look("clerk_list_api_keys")
    .secret(),
    plain(
        "clerk_update_api_key",
        "Update API key",
        Route::patch("/api_keys/{api_key_id}"),
        "Change an API key's claims, scopes, description or expiry. The key itself stays.",
    )
    .takes(&[
        json("claims").nullable().about("The claims of the token."),
        list("scopes"),
        text("description").at_most(255).nullable(),
        text("subject").about("The user or organization that has it."),
        integer("seconds_until_expiration").at_least(0).nullable(),
    ])
    .answers(API_KEY)
    .look("clerk_get_api_key")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_api_key",
        "Delete API key",
        Route::delete("/api_keys/{api_key_id}"),
        "Delete an API key and what is known of it. clerk_revoke_api_key only ends it.",
    )
    .answers(&["id", "deleted"])
    .look("clerk_list_api_keys"),
    plain(
        "clerk_get_api_key_secret",
        "Get API key secret",
        Route::get("/api_keys/{api_key_id}/secret"),
        "Reveal the secret of an API key of a user or an organization. clerk_get_api_key shows all else.",
    )
    .answers(&["secret"])
    .secret(),
    plain(
        "clerk_revoke_api_key",
        "Revoke API key",
        Route::post("/api_keys/{api_key_id}/revoke"),
        "Revoke an API key, which stops working and stays in the list.",
    )
    .takes(&[text("revocation_reason")])
    .answers(API_KEY)
    .effect(Effect::Destroy)
    .look("clerk_get_api_key"),
    plain(
        "clerk_verify_api_key",
        "Verify API key",
        Route::post("/api_keys/verify"),
        "Check an API key that somebody presents, and tell whose it is. It changes nothing.",
    )
    .takes(&[text("secret").required().secret()])
    .answers(API_KEY)
    .effect(Effect::Read),
];
