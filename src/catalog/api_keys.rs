//! API keys of your users and organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/api-keys>

mod fields;

use clerk_api::Route;

use self::fields::{API_KEY, API_KEY_SECRET, NEW_API_KEY};
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{
        Format, OFFSET, Param, Relation, Role, Rule, TEXT, choice, id, integer, json, list, text,
    },
    rest,
    undo::{Look, Source, Undo},
};

const API_KEY_ID: Param = id("api_key_id", &[Kind::ApiKey], Relation::Target)
    .path()
    .exact()
    .about("The ID of the API key, such as ak_0123456789abcdef0123456789abcdef; not its secret.");

static TOOLS: [Tool; 8] = [
    rest(
        "clerk_list_api_keys",
        "List API keys",
        Route::get("/api_keys"),
        "List the API keys that a user or an organization has, without the keys themselves.",
    )
    .takes(&[&[
        text("type").at_least(3).filter().about("Only keys of this type; default `api_key`."),
        id(
            "subject",
            &[Kind::User, Kind::Organization, Kind::Machine, Kind::ScimDirectory],
            Relation::Target,
        )
        .exact()
        .query()
        .required()
        .about(
            "The user, organization, machine (mch_…) or directory (scim_…) whose keys to list: its \
             whole ID such as user_2abcdefghijklmnopqrstuvwxyz, an email address, or an organization's slug or name.",
        ),
        choice("include_invalid", &["true", "false"])
            .query()
            .about("Whether to include keys that are no longer valid; default false."),
        integer("limit")
            .between(1, 100)
            .query()
            .role(Role::Limit)
            .about("How many keys to return; default 10."),
        OFFSET,
        text("query").filter().about("Words to search the keys by. Clerk doesn't say in which fields it looks, so an exact name or ID is safest."),
    ]])
    .lists("apiKeys", &API_KEY),
    rest(
        "clerk_get_api_key",
        "Get API key",
        Route::get("/api_keys/{api_key_id}"),
        "Get one API key's name, scopes and expiry by ID, without the key itself.",
    )
    .takes(&[&[API_KEY_ID]])
    .returns(&API_KEY),
    rest(
        "clerk_create_api_key",
        "Create API key",
        Route::post("/api_keys"),
        "Create an API key for a user or an organization; the result has the secret, once.",
    )
    .takes(&[&[
        text("type").between(3, 25).about("Which type of key it is; default `api_key`."),
        text("name")
            .at_least(3)
            .format(Format::Trimmed)
            .required()
            .about("What the key is called, with no space at either end."),
        text("description").at_most(255).about("What the key is for, in your own words."),
        id(
            "subject",
            &[Kind::User, Kind::Organization, Kind::Machine, Kind::ScimDirectory],
            Relation::Grantee,
        )
        .exact()
        .required()
        .about(
            "The user, organization, machine (mch_…) or directory (scim_…) that gets the key: its \
             whole ID such as user_2abcdefghijklmnopqrstuvwxyz, an email address, or an organization's slug or name.",
        ),
        json("claims").about("Your own data to keep with the key, as a JSON object such as {\"plan\": \"pro\"}; who verifies the key is shown it."),
        list("scopes", &TEXT)
            .about("The key's scopes, such as read,write; comma-separated. Default none."),
        id("created_by", &[Kind::User], Relation::Grantee)
            .exact()
            .about("The user to record as the key's creator: the whole ID, such as \
                    user_2abcdefghijklmnopqrstuvwxyz, or an email address."),
        integer("seconds_until_expiration")
            .at_least(1)
            .about("Seconds until the key expires, more than 0."),
    ]])
    .returns(&NEW_API_KEY)
    .undo(Undo::created("clerk_delete_api_key", &[("api_key_id", Source::Result("id"))]))
    .verify_with("clerk_list_api_keys")
    .returns_secret(),
    rest(
        "clerk_update_api_key",
        "Update API key",
        Route::patch("/api_keys/{api_key_id}"),
        "Change an API key's claims, scopes, description or expiry. The key itself stays.",
    )
    .takes(&[&[
        API_KEY_ID,
        json("claims").clearable().about("Your own data to keep with the key, as a JSON object such as {\"plan\": \"pro\"}; who verifies the key is shown it."),
        list("scopes", &TEXT)
            .clearable()
            .about("The key's scopes, such as read,write; comma-separated."),
        text("description")
            .at_most(255)
            .clearable()
            .about("What the key is for, in your own words."),
        id(
            "subject",
            &[Kind::User, Kind::Organization, Kind::Machine, Kind::ScimDirectory],
            Relation::Grantee,
        )
        .exact()
        .about(
            "The new owner of the key, a user, organization, machine (mch_…) or directory \
             (scim_…): its whole ID such as user_2abcdefghijklmnopqrstuvwxyz, an email address, \
             or an \
             organization's slug or name.",
        ),
        integer("seconds_until_expiration")
            .at_least(1)
            .clearable()
            .about("Seconds until the key expires, more than 0."),
    ]])
    .rules(&[Rule::Change])
    .returns(&API_KEY)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_api_key"),
            &["claims", "scopes", "description", "subject"],
        )
        .but("The old expiry doesn't come back."),
    )
    .verify_with("clerk_get_api_key"),
    rest(
        "clerk_delete_api_key",
        "Delete API key",
        Route::delete("/api_keys/{api_key_id}"),
        "Delete an API key and what is known of it. clerk_revoke_api_key only ends it.",
    )
    .takes(&[&[API_KEY_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
&["clerk_get_api_key"],
"The key's secret is gone. Create another key with clerk_create_api_key.",
))
    .verify_with("clerk_list_api_keys"),
    rest(
        "clerk_get_api_key_secret",
        "Get API key secret",
        Route::get("/api_keys/{api_key_id}/secret"),
        "Reveal the secret of an API key of a user or an organization. clerk_get_api_key shows \
         all else.",
    )
    .takes(&[&[API_KEY_ID]])
    .returns(&API_KEY_SECRET)
    .returns_secret(),
    rest(
        "clerk_revoke_api_key",
        "Revoke API key",
        Route::post("/api_keys/{api_key_id}/revoke"),
        "Revoke an API key, which stops working and stays in the list.",
    )
    .takes(&[&[
        API_KEY_ID,
        text("revocation_reason").about("Why you revoke the key; kept with it."),
    ]])
    .returns(&API_KEY)
    .effect(Effect::Destroy)
    .undo(Undo::Never("A revoked key stays revoked. Create another with clerk_create_api_key."))
    .verify_with("clerk_get_api_key"),
    rest(
        "clerk_verify_api_key",
        "Verify API key",
        Route::post("/api_keys/verify"),
        "Verify an API key that someone presents, and find out whose it is. It counts as a \
         write, because each call can be a guess.",
    )
    .takes(&[&[text("secret")
        .required()
        .secret()
        .about("The API key's secret, as it was presented.")]])
    .returns(&API_KEY)
    .effect(Effect::Update)
    .verify_with("clerk_list_api_keys")
    .flags(&[Flag::ChecksSecret]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "api_keys",
    about: "API keys that belong to your users and organizations",
    find: "clerk_list_api_keys",
    on: On::Chosen,
    tools: &TOOLS,
};
