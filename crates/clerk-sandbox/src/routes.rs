//! Clerk's paths that the sandbox has, by resource.

use axum::Router;
use axum::http::{Method, Uri};
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use crate::model::{EmailAddress, PhoneNumber};
use crate::refusal::{METHOD_NOT_ALLOWED, RESOURCE_NOT_FOUND, Refusal, SANDBOX_NOT_SUPPORTED};
use crate::state::State;
use crate::{
    Sandbox, actor_tokens, clients, frontend, identifiers, instance, invitations, jwt_templates,
    memberships, oauth_tokens, organization_domains, organization_invitations, organizations,
    permissions, restrictions, roles, sessions, sign_in_tokens, sign_ups, testing_tokens, users,
};

type Routes = Router;

/// A layer that counts what changes one resource.
pub(crate) trait Limit: FnOnce(MethodRouter) -> MethodRouter + Clone {}

impl<T: FnOnce(MethodRouter) -> MethodRouter + Clone> Limit for T {}

/// Users, and what belongs to one; `limited` applies to the operations that change a user.
pub(crate) fn of_users(limited: impl Limit) -> Routes {
    let user = "/v1/users/{user_id}";
    let change = limited.clone()(patch(users::update));
    let metadata = patch(users::merge_metadata).put(users::replace_metadata);
    Router::new()
        .route("/v1/users", get(users::list).post(users::create))
        .route("/v1/users/count", get(users::count))
        .route(user, change.get(users::show).delete(users::delete))
        .route(&format!("{user}/metadata"), limited(metadata))
        .route(&format!("{user}/ban"), post(users::ban))
        .route(&format!("{user}/unban"), post(users::unban))
        .route(&format!("{user}/lock"), post(users::lock))
        .route(&format!("{user}/unlock"), post(users::unlock))
        .merge(of_credentials(user))
        .route("/v1/users/ban", post(users::ban_all))
        .route("/v1/users/unban", post(users::unban_all))
        .route(&format!("{user}/organization_memberships"), get(memberships::of_user))
        .route(&format!("{user}/organization_invitations"), get(organization_invitations::of_user))
        .route(&format!("{user}/oauth_access_tokens/{{provider}}"), get(oauth_tokens::list))
        .route(&format!("{user}/email_address"), put(identifiers::replace::<EmailAddress>))
        .route(&format!("{user}/phone_number"), put(identifiers::replace::<PhoneNumber>))
        .merge(of_identifiers::<EmailAddress>("/v1/email_addresses"))
        .merge(of_identifiers::<PhoneNumber>("/v1/phone_numbers"))
}

/// What users prove their identity with, and their picture.
fn of_credentials(user: &str) -> Routes {
    let device = delete(users::revoke_trusted_device);
    Router::new()
        .route(&format!("{user}/verify_password"), post(users::verify_password))
        .route(&format!("{user}/remove_password"), post(users::remove_password))
        .route(&format!("{user}/password/set_compromised"), post(users::set_compromised))
        .route(&format!("{user}/password/unset_compromised"), post(users::unset_compromised))
        .route(&format!("{user}/verify_totp"), post(users::verify_totp))
        .route(&format!("{user}/mfa"), delete(users::disable_mfa))
        .route(&format!("{user}/totp"), delete(users::delete_totp))
        .route(&format!("{user}/backup_code"), delete(users::delete_backup_codes))
        .route(&format!("{user}/passkeys/{{passkey_id}}"), delete(users::delete_passkey))
        .route(&format!("{user}/web3_wallets/{{wallet_id}}"), delete(users::delete_web3_wallet))
        .route(
            &format!("{user}/external_accounts/{{account_id}}"),
            delete(users::delete_external_account),
        )
        .route(&format!("{user}/trusted_devices"), get(users::list_trusted_devices))
        .route(&format!("{user}/trusted_devices/{{device_id}}"), device.clone())
        .route(&format!("{user}/biometric_credentials"), get(users::list_trusted_devices))
        .route(&format!("{user}/biometric_credentials/{{device_id}}"), device)
        .route(&format!("{user}/profile_image"), post(users::set_image).delete(users::delete_image))
}

fn of_identifiers<T: identifiers::Owned>(path: &str) -> Routes {
    let one = get(identifiers::show::<T>)
        .patch(identifiers::update::<T>)
        .delete(identifiers::delete::<T>);
    Router::new()
        .route(path, post(identifiers::create::<T>))
        .route(&format!("{path}/{{identifier_id}}"), one)
        .route(
            &format!("{path}/{{identifier_id}}/prepare_verification"),
            post(identifiers::prepare::<T>),
        )
        .route(
            &format!("{path}/{{identifier_id}}/attempt_verification"),
            post(identifiers::attempt::<T>),
        )
}

/// Organizations, and what belongs to one; `limited` applies to the operations that change a
/// membership.
pub(crate) fn of_organizations(limited: impl Limit) -> Routes {
    let organization = "/v1/organizations/{organization_id}";
    let memberships = format!("{organization}/memberships");
    let invitations = format!("{organization}/invitations");
    let domains = format!("{organization}/domains");
    let one = get(organizations::show).patch(organizations::update).delete(organizations::delete);
    let metadata = patch(organizations::merge_metadata).put(organizations::replace_metadata);
    let member = limited.clone()(patch(memberships::update)).delete(memberships::delete);
    let members = get(memberships::of_organization).post(memberships::create);
    Router::new()
        .route("/v1/organizations", get(organizations::list).post(organizations::create))
        .route(organization, one)
        .route(&format!("{organization}/metadata"), metadata)
        .route(&memberships, members)
        .route(&format!("{memberships}/{{user_id}}"), member)
        .route(
            &format!("{memberships}/{{user_id}}/metadata"),
            limited(patch(memberships::merge_metadata)),
        )
        .route(
            &invitations,
            get(organization_invitations::list).post(organization_invitations::create),
        )
        .route(&format!("{invitations}/bulk"), post(organization_invitations::create_all))
        .route(&format!("{invitations}/pending"), get(organization_invitations::list_pending))
        .route(&format!("{invitations}/{{invitation_id}}"), get(organization_invitations::show))
        .route(
            &format!("{invitations}/{{invitation_id}}/revoke"),
            post(organization_invitations::revoke),
        )
        .route(&domains, get(organization_domains::list).post(organization_domains::create))
        .route(
            &format!("{domains}/{{domain_id}}"),
            patch(organization_domains::update).delete(organization_domains::delete),
        )
        .route(
            &format!("{domains}/{{domain_id}}/verify_ownership"),
            post(organization_domains::verify_ownership),
        )
        .route("/v1/organization_domains", get(organization_domains::list_all))
        .route("/v1/organization_invitations", get(organization_invitations::list_all))
        .route("/v1/organization_memberships", get(memberships::list_all))
}

/// Roles and permissions.
pub(crate) fn of_roles() -> Routes {
    let (role, permission) = (
        "/v1/organization_roles/{organization_role_id}",
        "/v1/organization_permissions/{permission_id}",
    );
    Router::new()
        .route("/v1/organization_roles", get(roles::list).post(roles::create))
        .route(role, get(roles::show).patch(roles::update).delete(roles::delete))
        .route(
            &format!("{role}/permissions/{{permission_id}}"),
            post(roles::grant).delete(roles::withdraw),
        )
        .route("/v1/organization_permissions", get(permissions::list).post(permissions::create))
        .route(
            permission,
            get(permissions::show).patch(permissions::update).delete(permissions::delete),
        )
}

/// Sessions, clients, and the tokens that prove who somebody is.
pub(crate) fn of_sessions() -> Routes {
    let session = "/v1/sessions/{session_id}";
    let template =
        get(jwt_templates::show).patch(jwt_templates::update).delete(jwt_templates::delete);
    Router::new()
        .route("/v1/sessions", get(sessions::list).post(sessions::create))
        .route(session, get(sessions::show))
        .route(&format!("{session}/revoke"), post(sessions::revoke))
        .route(&format!("{session}/refresh"), post(sessions::refresh))
        .route(&format!("{session}/verify"), post(sessions::verify))
        .route(&format!("{session}/tokens"), post(sessions::create_token))
        // Older SDKs leave the slash before the name that isn't there.
        .route(&format!("{session}/tokens/"), post(sessions::create_token))
        .route(
            &format!("{session}/tokens/{{template_name}}"),
            post(sessions::create_token_from_template),
        )
        .route("/v1/clients", get(clients::list))
        .route("/v1/clients/verify", post(clients::verify))
        .route("/v1/clients/handshake_payload", get(clients::handshake_payload))
        .route("/v1/clients/{client_id}", get(clients::show))
        .route("/v1/jwks", get(frontend::jwks))
        .route("/v1/jwt_templates", get(jwt_templates::list).post(jwt_templates::create))
        .route("/v1/jwt_templates/{template_id}", template)
        .route("/v1/actor_tokens", post(actor_tokens::create))
        .route("/v1/actor_tokens/{actor_token_id}/revoke", post(actor_tokens::revoke))
        .route("/v1/sign_in_tokens", post(sign_in_tokens::create))
        .route("/v1/sign_in_tokens/{sign_in_token_id}/revoke", post(sign_in_tokens::revoke))
        .route("/v1/testing_tokens", post(testing_tokens::create))
        .route("/v1/sign_ups/{sign_up_id}", get(sign_ups::show).patch(sign_ups::update))
}

/// What needs no secret key.
pub(crate) fn of_frontend() -> Routes {
    Router::new()
        .route("/.well-known/jwks.json", get(frontend::jwks))
        .route("/v1/public/interstitial", get(frontend::interstitial))
        .route("/v1/client/handshake", get(frontend::handshake))
}

/// What belongs to the instance.
pub(crate) fn of_the_rest() -> Routes {
    Router::new()
        .route("/v1/instance", get(instance::show))
        .route("/v1/invitations", get(invitations::list).post(invitations::create))
        .route("/v1/invitations/bulk", post(invitations::create_all))
        .route("/v1/invitations/{invitation_id}", delete(invitations::delete))
        .route("/v1/invitations/{invitation_id}/revoke", post(invitations::revoke))
        .route(
            "/v1/allowlist_identifiers",
            get(restrictions::list_allowed).post(restrictions::allow),
        )
        .route("/v1/allowlist_identifiers/{identifier_id}", delete(restrictions::disallow))
        .route(
            "/v1/blocklist_identifiers",
            get(restrictions::list_blocked).post(restrictions::block),
        )
        .route("/v1/blocklist_identifiers/{identifier_id}", delete(restrictions::unblock))
}

/// The response to a path that the sandbox lacks: it has a part of Clerk's API only.
pub(crate) async fn unknown(State(sandbox): State<Sandbox>, method: Method, uri: Uri) -> Refusal {
    let path = uri.path().strip_prefix("/v1").unwrap_or_default();
    if sandbox.clerk_has(method.as_str(), path) {
        let sentence = format!("The sandbox does not have {method} {path}; Clerk does.");
        return SANDBOX_NOT_SUPPORTED.because(sentence).into();
    }
    RESOURCE_NOT_FOUND.because(format!("The sandbox has no route {}.", uri.path())).into()
}

/// The response to a known path with another method.
pub(crate) async fn method_not_allowed(method: Method, uri: Uri) -> Refusal {
    METHOD_NOT_ALLOWED.because(format!("{method} is not allowed on {}.", uri.path())).into()
}
