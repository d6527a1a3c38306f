//! Tokens of machines.
//! <https://clerk.com/docs/reference/backend-api/tag/m2m-tokens>

mod fields;

use clerk_api::Route;

use self::fields::{M2M_TOKEN, NEW_M2M_TOKEN};
use super::{On, Toolset};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{OFFSET, Relation, Role, boolean, choice, id, integer, json, text},
    rest,
    undo::{Source, Undo},
};

static TOOLS: [Tool; 4] = [
    rest(
        "clerk_create_m2m_token",
        "Create M2M token",
        Route::post("/m2m_tokens"),
        "Create a token for a machine to talk to others: a secret. Clerk takes a machine's own key \
         for it, not the instance's.",
    )
    .takes(&[&[
        choice("token_format", &["opaque", "jwt"])
            .about("Which form the token has; default opaque. A JWT can't be revoked."),
        integer("seconds_until_expiration").at_least(1).about(
            "Seconds until the token expires, more than 0; default: the machine's \
             defaultTokenTtl.",
        ),
        json("claims").about(
            "Your own data to put into the token, as a JSON object such as {\"role\": \"worker\"}.",
        ),
        integer("min_remaining_ttl_seconds").at_least(0).about(
            "Reuse an opaque token with the same claims that is valid for at least this many \
             seconds; less than a new one's lifetime.",
        ),
    ]])
    .returns(&NEW_M2M_TOKEN)
    .undo(
        Undo::created("clerk_revoke_m2m_token", &[("m2m_token_id", Source::Result("id"))]).but(
            "A JWT can't be revoked. A token that Clerk reused ends for everybody who has it.",
        ),
    )
    .verify_with("clerk_list_m2m_tokens")
    .returns_secret(),
    rest(
        "clerk_list_m2m_tokens",
        "List M2M tokens",
        Route::get("/m2m_tokens"),
        "List a machine's opaque tokens, without the tokens themselves. JWTs are not kept.",
    )
    .takes(&[&[
        id("subject", &[Kind::Machine], Relation::Target).exact().query().required().about(
            "The whole ID of the machine whose tokens to list, such as \
                    mch_2abcdefghijklmnopqrstuvwxyz.",
        ),
        boolean("revoked").filter().about("Whether to list revoked tokens; default false."),
        boolean("expired").filter().about("Whether to list expired tokens; default false."),
        integer("limit")
            .between(1, 100)
            .query()
            .role(Role::Limit)
            .about("How many tokens to return; default 10."),
        OFFSET,
    ]])
    .lists("m2mTokens", &M2M_TOKEN)
    .rows_in("m2m_tokens"),
    rest(
        "clerk_revoke_m2m_token",
        "Revoke M2M token",
        Route::post("/m2m_tokens/{m2m_token_id}/revoke"),
        "Revoke an opaque token of a machine; others refuse it from then on.",
    )
    .takes(&[&[
        id("m2m_token_id", &[Kind::M2mToken], Relation::Target).path().exact().about(
            "The ID of the token, such as mt_0123456789abcdef0123456789abcdef; not the \
                    token itself.",
        ),
        text("revocation_reason").about("Why you revoke the token; kept with it."),
    ]])
    .returns(&M2M_TOKEN)
    .effect(Effect::Destroy)
    .undo(Undo::Never("Create another token with clerk_create_m2m_token."))
    .verify_with("clerk_list_m2m_tokens"),
    rest(
        "clerk_verify_m2m_token",
        "Verify M2M token",
        Route::post("/m2m_tokens/verify"),
        "Check a token that a machine sent, and find out whose it is. It counts as a write, \
         because each call can be a guess.",
    )
    .takes(&[&[text("token").required().secret().about("The token that the machine sent.")]])
    .returns(&M2M_TOKEN)
    .effect(Effect::Update)
    .verify_with("clerk_list_m2m_tokens")
    .flags(&[Flag::ChecksSecret]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "m2m_tokens",
    about: "Machine-to-machine (M2M) tokens",
    find: "clerk_list_m2m_tokens",
    on: On::Chosen,
    tools: &TOOLS,
};
