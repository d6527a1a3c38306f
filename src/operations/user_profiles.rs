//! More on users: bulk bans, images, whole metadata, memberships.
//! <https://clerk.com/docs/reference/backend-api/tag/users>

use clerk_api::Route;

use super::fields::{ORGANIZATION_INVITATION_OF_USER, ORGANIZATION_MEMBERSHIP, USER};
use crate::operation::{
    Effect, Entry, Flag, Rule,
    param::{LIMIT, OFFSET, choice, json, list},
    plain,
};

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_ban_users",
        "Ban users",
        Route::post("/users/ban"),
        "Ban many users in one request: their sessions end and they can't sign in. \
         clerk_bulk_update shows first whom it is about, and tells what became of each.",
    )
    .takes(&[list("user_ids").between(1, 50).required()])
    .rows("users")
    .answers(USER)
    .effect(Effect::Destroy)
    .look("clerk_get_user")
    .undo("The bans can be lifted; the sessions don't come back.")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_unban_users",
        "Unban users",
        Route::post("/users/unban"),
        "Lift the bans of many users in one request. clerk_bulk_update tells what became of \
         each.",
    )
    .takes(&[list("user_ids").between(1, 50).required()])
    .rows("users")
    .answers(USER)
    .effect(Effect::Update)
    .look("clerk_get_user"),
    plain(
        "clerk_delete_user_profile_image",
        "Delete user profile image",
        Route::delete("/users/{user_id}/profile_image"),
        "Delete a user's profile image; a generated one takes its place.",
    )
    .answers(USER)
    .look("clerk_get_user"),
    plain(
        "clerk_replace_user_metadata",
        "Replace user metadata",
        Route::put("/users/{user_id}/metadata"),
        "Replace a user's metadata whole, each kind that is given; keys left out are lost. \
         clerk_update_user_metadata merges.",
    )
    .takes(&[json("public_metadata"), json("private_metadata"), json("unsafe_metadata")])
    .answers(USER)
    .effect(Effect::Destroy)
    .look("clerk_get_user")
    .rules(&[Rule::Change]),
    plain(
        "clerk_list_user_organization_memberships",
        "List user organization memberships",
        Route::get("/users/{user_id}/organization_memberships"),
        "List the organizations that a user is in, with roles. Who is in an organization, \
         clerk_list_organization_memberships tells.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("organizationMemberships")
    .answers(ORGANIZATION_MEMBERSHIP),
    plain(
        "clerk_list_user_organization_invitations",
        "List user organization invitations",
        Route::get("/users/{user_id}/organization_invitations"),
        "List the invitations to organizations that a user has got. Those that an organization \
         has sent, clerk_list_organization_invitations lists.",
    )
    .takes(&[LIMIT, OFFSET, choice("status", &["pending", "accepted", "revoked", "expired"])])
    .rows("organizationInvitations")
    .answers(ORGANIZATION_INVITATION_OF_USER),
    plain(
        "clerk_get_user_oauth_token",
        "Get user OAuth token",
        Route::get("/users/{user_id}/oauth_access_tokens/{provider}"),
        "Get a user's access token at a social provider, such as Google: a secret that acts as \
         the user there.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("tokens")
    .paginated()
    .answers(&[
        "external_account_id",
        "provider_user_id",
        "token",
        "expires_at",
        "provider",
        "public_metadata",
        "label",
        "scopes",
        "id_token",
        "token_secret",
    ])
    .secret(),
];
