//! Users. <https://clerk.com/docs/reference/backend-api/tag/users>

mod list;

use clerk_api::Route;
use futures::FutureExt;
use serde_json::{Map, Value};

use super::{
    On, Toolset,
    objects::{CHANGED_USER, DELETED, LISTED_USER, USER},
    params::USER_ID,
};
use crate::{
    Ctx, Error,
    tool::{
        ALL_SESSIONS_REVOKED, Content, Explain, Output, Tool,
        kind::Kind,
        param::{
            LIMIT, Literal, OFFSET, Param, Relation, Role, Rule, TEXT, Type, boolean, id, list,
            metadata, order, text,
        },
        rest::{Rest, object, rest},
        undo::{Look, Source, Undo},
    },
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "users",
    about: "Find, create, change and delete users",
    find: "clerk_list_users",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 5] = [LIST, GET, CREATE, UPDATE, DELETE];

const EMAILS: Type = Type::Email { relation: Relation::Filter };
const USER_IDS: Type = Type::Id { kinds: &[Kind::User], relation: Relation::Filter };
const ORDERS: &[&str] = &[
    "created_at",
    "updated_at",
    "last_active_at",
    "last_sign_in_at",
    "email_address",
    "phone_number",
    "username",
    "first_name",
    "last_name",
    "web3wallet",
];

const EMAIL_FILTER: Param = list("email_address", &EMAILS)
    .filter()
    .matches(&["email_addresses", "email_address"])
    .about("Exact addresses such as ada@example.com, comma-separated; up to 100 in each filter.");
const PHONE_FILTER: Param = list("phone_number", &Type::Phone { relation: Relation::Filter })
    .filter()
    .matches(&["phone_numbers", "phone_number"])
    .about("Exact numbers such as +15550100, comma-separated.");
const EXTERNAL_ID_FILTER: Param = list("external_id", &TEXT)
    .filter()
    .matches(&["external_id"])
    .about("IDs in your own system, comma-separated; prefix - excludes.");
const USERNAME_FILTER: Param = list("username", &TEXT)
    .filter()
    .matches(&["username"])
    .about("Exact usernames, comma-separated.");
const USER_ID_FILTER: Param = list("user_id", &USER_IDS)
    .filter()
    .matches(&["id"])
    .about("User IDs or email addresses; prefix - excludes.");
/// Clerk's own search.
pub(super) const QUERY: Param =
    text("query").filter().about("Part of an email, phone, username, ID or name.");

const LIST: Tool = rest(
    "clerk_list_users",
    "List users",
    Route::get("/users"),
    "List users with filters and pages; newest first. Shows less of a user than clerk_get_user.",
)
.takes(&[&[
    LIMIT.about("Default 10, or as many as a filter has values."),
    OFFSET,
    order("order_by", ORDERS)
        .about(
            "A field such as -created_at: created_at, updated_at, last_active_at, last_sign_in_at, \
             email_address, phone_number, username, first_name, last_name or web3wallet; prefix + \
             ascending, - descending.",
        )
        .default(Literal::Text("-created_at")),
    EMAIL_FILTER,
    PHONE_FILTER,
    EXTERNAL_ID_FILTER,
    USERNAME_FILTER,
    USER_ID_FILTER,
    QUERY,
    id("starting_after", &[Kind::User], Relation::Filter).query().role(Role::Cursor),
]])
.lists("users", &LISTED_USER)
.wider("clerk_find_users")
.composite(|arguments, ctx| list::list_users(&TOOLS[0], arguments, ctx).boxed());

const GET: Tool = rest(
    "clerk_get_user",
    "Get user",
    Route::get("/users/{user_id}"),
    "Get one user by ID with all fields, private metadata too. Without the ID, find the user with \
     clerk_list_users.",
)
.takes(&[&[USER_ID]])
.returns(&USER);

const PASSWORD: Param = text("password").at_least(8).secret();

const CREATE: Tool = rest(
    "clerk_create_user",
    "Create user",
    Route::post("/users"),
    "Create a user. Emails and phones count as verified and no message is sent. What is required \
     depends on the instance's settings.",
)
.takes(&[&[
    list("email_address", &Type::Email { relation: Relation::Brought })
        .about("Email addresses such as ada@example.com, comma-separated; the first is primary."),
    list("phone_number", &Type::Phone { relation: Relation::Brought })
        .about("Phone numbers such as +15550100, comma-separated; the first is primary."),
    text("username").about("Unique in the instance, such as ada."),
    PASSWORD.about("At least 8 characters, in no list of leaked ones."),
    text("first_name").about("The given name."),
    text("last_name").about("The family name."),
    text("external_id").about("Its unique ID in your own system."),
    metadata("public_metadata").about("Readable from the frontend."),
    metadata("private_metadata").about("Readable from backends only."),
    metadata("unsafe_metadata").about("Writable from the frontend."),
    boolean("skip_password_checks").about("Whether to take a weak or leaked password."),
    boolean("skip_password_requirement").about("Whether the user may have none."),
]])
.returns(&CHANGED_USER)
.explain(Explain::User)
.undo(Undo::created("clerk_delete_user", &[("user_id", Source::Result("id"))]))
.verify_with("clerk_list_users");

const METADATA: [Param; 3] = [
    metadata("public_metadata").clearable().about("The whole of it: the old is replaced."),
    metadata("private_metadata").clearable().about("The whole of it, readable from backends only."),
    metadata("unsafe_metadata").clearable().about("The whole of it; users can write it."),
];

const UPDATE: Tool = rest(
    "clerk_update_user",
    "Update user",
    Route::patch("/users/{user_id}"),
    "Update a user. What is left out or null stays. Given metadata REPLACES the old object whole: \
     read it with clerk_get_user and send the keys to keep too. A new password ends no sessions.",
)
.takes(&[
    &[
        USER_ID,
        text("first_name").clearable().about("The new given name."),
        text("last_name").clearable().about("The new family name."),
        text("username").clearable().about("Unique in the instance, such as ada."),
        PASSWORD.sensitive().about("At least 8 characters, in no list of leaked ones."),
        text("external_id").clearable().about("Its unique ID in your own system."),
        id("primary_email_address_id", &[Kind::EmailAddress], Relation::Nobody)
            .about("The ID of one of its verified email addresses."),
        id("primary_phone_number_id", &[Kind::PhoneNumber], Relation::Nobody)
            .about("The ID of one of its verified phone numbers."),
    ],
    &METADATA,
    &[boolean("skip_password_checks").about("Whether to take a weak or leaked password.")],
])
.rules(&[Rule::Change, Rule::With("skip_password_checks", "password")])
.returns(&CHANGED_USER)
.explain(Explain::User)
.undo(
    Undo::set_back(
        Look::Object("clerk_get_user"),
        &[
            "first_name",
            "last_name",
            "username",
            "external_id",
            "primary_email_address_id",
            "primary_phone_number_id",
            "public_metadata",
            "private_metadata",
            "unsafe_metadata",
        ],
    )
    .but("The old password doesn't come back."),
)
.verify_with("clerk_get_user")
.composite(|arguments, ctx| update_user(arguments, ctx).boxed());

const PROFILE: Rest = Rest::of(Route::patch("/users/{user_id}"));
const REPLACE_METADATA: Rest = Rest::of(Route::put("/users/{user_id}/metadata"));

/// Since API version 2026-05-12 the PATCH refuses metadata, which has a request of its own.
/// <https://clerk.com/docs/guides/development/upgrading/upgrade-guides/2026-05-12>
async fn update_user(mut arguments: Map<String, Value>, ctx: Ctx) -> Result<Output, Error> {
    let tool = &TOOLS[3];
    if ctx.metadata_in_update() {
        return PROFILE.run(tool, &arguments, &ctx).await;
    }
    let mut metadata = Map::new();
    for name in METADATA.iter().map(Param::name) {
        metadata.extend(arguments.shift_remove_entry(&name));
    }
    let has_metadata = !metadata.is_empty();
    // Beside the user's ID, which both requests have.
    let has_profile = arguments.len() > 1;
    metadata.extend(arguments.get_key_value(&USER_ID.name()).map(|(k, v)| (k.clone(), v.clone())));
    let metadata = REPLACE_METADATA.request(tool, &metadata)?;
    let profile = PROFILE.request(tool, &arguments)?;
    if has_profile {
        let response = ctx.send(profile).await?;
        if !has_metadata {
            return object(tool, &response).await;
        }
    }
    let replaced = async { object(tool, &ctx.send(metadata).await?).await }.await;
    replaced.map_err(|error| {
        if !has_profile {
            return error;
        }
        Error::HalfDone {
            done: "All fields but the metadata were updated",
            undone: "the metadata was not replaced",
            error: Box::new(error),
        }
    })
}

const DELETE: Tool = rest(
    "clerk_delete_user",
    "Delete user",
    Route::delete("/users/{user_id}"),
    "Delete a user with their sessions and memberships. Can't be undone. To only sign them out use \
     clerk_revoke_session.",
)
.takes(&[&[USER_ID]])
.returns(&DELETED)
.beside(&ALL_SESSIONS_REVOKED)
.undo(Undo::gone(
    &["clerk_get_user", "clerk_list_user_organization_memberships"],
    "A user who is created again gets a new ID, without the password, second factors, memberships \
     and sessions.",
))
.verify_with("clerk_get_user")
.composite(|arguments, ctx| delete_user(arguments, ctx).boxed());

async fn delete_user(arguments: Map<String, Value>, ctx: Ctx) -> Result<Output, Error> {
    let rest = Rest::of(Route::delete("/users/{user_id}"));
    let mut output = rest.run(&TOOLS[4], &arguments, &ctx).await?;
    // Clerk may leave the id out; it is the one that was asked for.
    if let (Content::Object(user), Some(id)) =
        (&mut output.content, arguments.get(&USER_ID.name()).and_then(Value::as_str))
    {
        user.fill("id", id);
    }
    Ok(output)
}
