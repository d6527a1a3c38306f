//! More on users: bulk bans, images, whole metadata, memberships.
//! <https://clerk.com/docs/reference/backend-api/tag/users>

mod fields;

use clerk_api::Route;

use self::fields::OAUTH_ACCESS_TOKEN;
use super::{
    On, Toolset,
    fields::{ORGANIZATION_INVITATION_OF_USER, ORGANIZATION_MEMBERSHIP, USER},
    params::USER_ID,
};
use crate::tool::{
    ALL_SESSIONS_REVOKED, Effect, REMOVED, Tool,
    kind::Kind,
    param::{LIMIT, OFFSET, PAGE, Relation, Rule, Type, choice, id, list, metadata},
    rest,
    undo::{Look, Source, Undo},
};

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_ban_users",
        "Ban users",
        Route::post("/users/ban"),
        "Ban many users in one request: their sessions end and they can't sign in. \
         clerk_bulk_update shows the users first, and returns a result for each.",
    )
    .takes(&[&[list("user_ids", &Type::Id { kinds: &[Kind::User], relation: Relation::Target })
        .at_most(50)
        .required()
        .about("IDs or email addresses of the 1 to 50 users to ban, comma-separated.")]])
    .lists("users", &USER)
    .effect(Effect::Destroy)
    .beside(&ALL_SESSIONS_REVOKED)
    .undo(
        Undo::by("clerk_unban_users", &[("user_ids", Source::Argument("user_ids"))]).but(
            "The sessions don't come back, and users who were banned before are unbanned too.",
        ),
    )
    .verify_with("clerk_get_user")
    .many_of("clerk_ban_user"),
    rest(
        "clerk_unban_users",
        "Unban users",
        Route::post("/users/unban"),
        "Lift the bans of many users in one request. clerk_bulk_update returns a result for each.",
    )
    .takes(&[&[list("user_ids", &Type::Id { kinds: &[Kind::User], relation: Relation::Target })
        .at_most(50)
        .required()
        .about("IDs or email addresses of the 1 to 50 users to unban, comma-separated.")]])
    .lists("users", &USER)
    .effect(Effect::Update)
    .undo(Undo::Never("Ban those again, with clerk_ban_users, who were banned before."))
    .verify_with("clerk_get_user")
    .many_of("clerk_unban_user"),
    rest(
        "clerk_delete_user_profile_image",
        "Delete user profile image",
        Route::delete("/users/{user_id}/profile_image"),
        "Delete a user's profile image; a generated one takes its place.",
    )
    .takes(&[&[USER_ID]])
    .returns(&USER)
    .beside(&REMOVED)
    .undo(Undo::Never("The image is gone. Upload it again with clerk_set_user_profile_image."))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_replace_user_metadata",
        "Replace user metadata",
        Route::put("/users/{user_id}/metadata"),
        "Replace a user's metadata whole, each kind that is given; keys left out are lost. \
         clerk_update_user_metadata merges.",
    )
    .takes(&[&[
        USER_ID,
        metadata("public_metadata").clearable().about(
            "Replaces all public metadata, which the frontend can read; without it, they stay.",
        ),
        metadata("private_metadata").clearable().about(
            "Replaces all private metadata, which only the backend sees; without it, they stay.",
        ),
        metadata("unsafe_metadata").clearable().about(
            "Replaces all unsafe metadata, which the frontend can change; without it, they stay.",
        ),
    ]])
    .rules(&[Rule::Change])
    .returns(&USER)
    .effect(Effect::Destroy)
    .undo(Undo::set_back(
        Look::Object("clerk_get_user"),
        &["public_metadata", "private_metadata", "unsafe_metadata"],
    ))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_list_user_organization_memberships",
        "List user organization memberships",
        Route::get("/users/{user_id}/organization_memberships"),
        "List the organizations that a user is in, with roles. For the members of an \
         organization, use clerk_list_organization_memberships.",
    )
    .takes(&[&[USER_ID], PAGE])
    .lists("organizationMemberships", &ORGANIZATION_MEMBERSHIP),
    rest(
        "clerk_list_user_organization_invitations",
        "List user organization invitations",
        Route::get("/users/{user_id}/organization_invitations"),
        "List the invitations to organizations that a user has got. For those that an \
         organization has sent, use clerk_list_organization_invitations.",
    )
    .takes(&[&[
        USER_ID,
        LIMIT,
        OFFSET,
        choice("status", &["pending", "accepted", "revoked", "expired"])
            .filter()
            .about("Only invitations with this status; without it, all."),
    ]])
    .lists("organizationInvitations", &ORGANIZATION_INVITATION_OF_USER),
    rest(
        "clerk_get_user_oauth_token",
        "Get user OAuth token",
        Route::get("/users/{user_id}/oauth_access_tokens/{provider}"),
        "Get a user's access token at a social provider, such as Google: a secret that acts as \
         the user there.",
    )
    .takes(&[
        &[
            USER_ID,
            id("provider", &[Kind::OAuthProvider], Relation::Nobody)
                .path()
                .about("The OAuth provider, such as oauth_google."),
        ],
        PAGE,
    ])
    .lists("tokens", &OAUTH_ACCESS_TOKEN)
    .paginated()
    .returns_secret(),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "user_profiles",
    about: "More about users: bulk bans, images, whole metadata, memberships",
    find: "clerk_list_user_organization_invitations",
    on: On::Chosen,
    tools: &TOOLS,
};
