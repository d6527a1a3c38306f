//! Tokens of machines.
//! <https://clerk.com/docs/reference/backend-api/tag/m2m-tokens>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry,
    param::{OFFSET, choice, flag, integer, json, text},
    plain,
};

/// The fields of an M2M token.
const M2M_TOKEN: &[&str] = &[
    "id",
    "subject",
    "claims",
    "scopes",
    "revoked",
    "revocation_reason",
    "expired",
    "expiration",
    "last_used_at",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 4] = [
    plain(
        "clerk_create_m2m_token",
        "Create M2M token",
        Route::post("/m2m_tokens"),
        "Make a token for a machine to talk to others: a secret. Clerk takes a machine's own key \
         for it, not the instance's.",
    )
    .takes(&[
        choice("token_format", &["opaque", "jwt"]),
        integer("seconds_until_expiration").at_least(0),
        json("claims").about("The claims of the token."),
        integer("min_remaining_ttl_seconds").at_least(0).about("Reuses a token this good."),
    ])
    .answers(&[
        "id",
        "subject",
        "claims",
        "scopes",
        "token",
        "revoked",
        "revocation_reason",
        "expired",
        "expiration",
        "last_used_at",
        "created_at",
        "updated_at",
    ])
    .look("clerk_list_m2m_tokens")
    .secret(),
    plain(
        "clerk_list_m2m_tokens",
        "List M2M tokens",
        Route::get("/m2m_tokens"),
        "List a machine's opaque tokens, without the tokens themselves. JWTs are not kept.",
    )
    .takes(&[
        text("subject").required().about("The id of the machine, mch_…."),
        flag("revoked"),
        flag("expired"),
        integer("limit").between(1, 100),
        OFFSET,
    ])
    .rows("m2mTokens")
    .answers(M2M_TOKEN),
    plain(
        "clerk_revoke_m2m_token",
        "Revoke M2M token",
        Route::post("/m2m_tokens/{m2m_token_id}/revoke"),
        "Revoke an opaque token of a machine; others refuse it from then on.",
    )
    .takes(&[text("revocation_reason")])
    .answers(M2M_TOKEN)
    .effect(Effect::Destroy)
    .look("clerk_list_m2m_tokens"),
    plain(
        "clerk_verify_m2m_token",
        "Verify M2M token",
        Route::post("/m2m_tokens/verify"),
        "Check a token that a machine sent, and tell whose it is. It changes nothing.",
    )
    .takes(&[text("token").required().secret()])
    .answers(M2M_TOKEN)
    .effect(Effect::Read),
];
