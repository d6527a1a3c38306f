//! The SSO bypass allowlist: users who may sign in by an emailed code while enterprise single sign-on
//! is down. <https://clerk.com/docs>

mod fields;

use clerk_api::Route;

use self::fields::ALLOWED;
use super::{On, Toolset, fields::DELETED, params::USER_ID};
use crate::tool::{
    Tool,
    kind::Kind,
    param::{Relation, id},
    rest,
    undo::{Look, Source, Undo},
};

/// How the entry of a user is read.
const ENTRY: Look = Look::Row {
    tool: "clerk_list_sso_bypass_allowlist_users",
    field: &["user_id"],
    argument: "user_id",
};

static TOOLS: [Tool; 3] = [
    rest(
        "clerk_list_sso_bypass_allowlist_users",
        "List SSO bypass allowlist users",
        Route::get("/sso_bypass_allowlist_users"),
        "List the users who may sign in by an emailed code in place of enterprise single sign-on, \
         should it be down.",
    )
    .takes(&[&[id("enterprise_connection_id", &[Kind::EnterpriseConnection], Relation::Filter)
        .filter()
        .about("Only users whom the enterprise connection with this ID serves.")]])
    .lists("users", &ALLOWED),
    rest(
        "clerk_add_sso_bypass_allowlist_user",
        "Add SSO bypass allowlist user",
        Route::post("/sso_bypass_allowlist_users"),
        "Let a user sign in by an emailed code in place of enterprise single sign-on. It is a way \
         round SSO that stays open until they are removed. An active connection must serve a \
         verified email address of theirs, and the instance must have email codes on.",
    )
    .takes(&[&[id("user_id", &[Kind::User], Relation::Grantee)
        .required()
        .sensitive()
        .about("The ID or email address of the user who may bypass SSO.")]])
    .returns(&ALLOWED)
    .undo(
        Undo::by(
            "clerk_remove_sso_bypass_allowlist_user",
            &[("user_id", Source::Argument("user_id"))],
        )
        .changes(ENTRY, &[]),
    )
    .verify_with("clerk_list_sso_bypass_allowlist_users"),
    rest(
        "clerk_remove_sso_bypass_allowlist_user",
        "Remove SSO bypass allowlist user",
        Route::delete("/sso_bypass_allowlist_users/{user_id}"),
        "Remove a user from the SSO bypass allowlist, for all enterprise connections: they can't \
         sign in any more while single sign-on is down.",
    )
    .takes(&[&[USER_ID]])
    .returns(&DELETED)
    .undo(
        Undo::by(
            "clerk_add_sso_bypass_allowlist_user",
            &[("user_id", Source::Argument("user_id"))],
        )
        .changes(ENTRY, &[]),
    )
    .verify_with("clerk_list_sso_bypass_allowlist_users")
    .refusals(&[(
        404,
        &[
            "The user isn't on the allowlist, or nobody has this ID.",
            "{clerk_list_sso_bypass_allowlist_users} shows who is on it.",
            "{find}",
        ],
    )]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "sso_bypass",
    about: "Users who may sign in by email while enterprise single sign-on is down",
    find: "clerk_list_sso_bypass_allowlist_users",
    on: On::Chosen,
    tools: &TOOLS,
};
