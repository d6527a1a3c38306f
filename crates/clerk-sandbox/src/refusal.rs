//! Why requests are refused: Clerk's error codes with their statuses and messages.

mod of_resources;

use std::fmt;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use of_resources::*;

/// Why a request was refused: at least one error. The response has the first one's status.
#[derive(Debug)]
pub(crate) struct Refusal(Vec<Error>);

/// One entry of Clerk's `errors`.
#[derive(Debug, Serialize)]
pub(crate) struct Error {
    message: &'static str,
    long_message: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Value>,
    #[serde(skip)]
    status: StatusCode,
}

/// One of Clerk's error codes, with the status and the short message that belong to it.
#[derive(Debug)]
pub(crate) struct Code {
    status: StatusCode,
    name: &'static str,
    message: &'static str,
}

const fn code(status: StatusCode, name: &'static str, message: &'static str) -> Code {
    Code { status, name, message }
}

const fn form(name: &'static str, message: &'static str) -> Code {
    code(StatusCode::UNPROCESSABLE_ENTITY, name, message)
}

const fn bad(name: &'static str, message: &'static str) -> Code {
    code(StatusCode::BAD_REQUEST, name, message)
}

/// Why a session token is not renewed, which SDKs take as the reason for a handshake.
const fn refresh(name: &'static str, message: &'static str) -> Code {
    code(StatusCode::UNAUTHORIZED, name, message)
}

pub(crate) const API_VERSION_INVALID: Code =
    code(StatusCode::BAD_REQUEST, "api_version_invalid", "Invalid API version");
pub(crate) const ALREADY_A_MEMBER_IN_ORGANIZATION: Code =
    code(StatusCode::BAD_REQUEST, "already_a_member_in_organization", "already a member");
pub(crate) const DUPLICATE_RECORD: Code =
    code(StatusCode::BAD_REQUEST, "duplicate_record", "duplicate record");
pub(crate) const ORGANIZATION_INVITATION_NOT_PENDING: Code =
    code(StatusCode::NOT_FOUND, "organization_invitation_not_pending", "not pending");
pub(crate) const ORGANIZATION_INVITATION_NOT_UNIQUE: Code = code(
    StatusCode::BAD_REQUEST,
    "organization_invitation_not_unique",
    "organization invitation not unique",
);
pub(crate) const LAST_REQUIRED_IDENTIFICATION_DELETION_FAILED: Code = code(
    StatusCode::BAD_REQUEST,
    "last_required_identification_deletion_failed",
    "Deletion failed",
);
pub(crate) const INVITATION_ALREADY_ACCEPTED: Code =
    code(StatusCode::BAD_REQUEST, "invitation_already_accepted", "Invitation is already accepted.");
pub(crate) const INVITATION_ALREADY_REVOKED: Code =
    code(StatusCode::BAD_REQUEST, "invitation_already_revoked", "Invitation is already revoked.");
pub(crate) const ACTOR_TOKEN_CANNOT_BE_REVOKED: Code =
    code(StatusCode::BAD_REQUEST, "actor_token_cannot_be_revoked_code", "cannot revoke");
pub(crate) const JWT_TEMPLATE_RESERVED_CLAIM: Code =
    code(StatusCode::BAD_REQUEST, "jwt_template_reserved_claim", "reserved claim used");
pub(crate) const ORGANIZATION_SYSTEM_PERMISSION_NOT_MODIFIABLE: Code = code(
    StatusCode::FORBIDDEN,
    "organization_system_permission_not_modifiable",
    "organization system permission cannot be modified",
);
pub(crate) const ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_EXISTS: Code = code(
    StatusCode::CONFLICT,
    "organization_role_permission_association_exists",
    "permission already assigned to role",
);
pub(crate) const ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_NOT_FOUND: Code = code(
    StatusCode::NOT_FOUND,
    "organization_role_permission_association_not_found",
    "permission not assigned to role",
);
pub(crate) const MALFORMED_REQUEST_PARAMETERS: Code =
    code(StatusCode::BAD_REQUEST, "malformed_request_parameters", "Malformed request parameters");
pub(crate) const MISSING_QUERY_PARAMETER: Code =
    code(StatusCode::BAD_REQUEST, "missing_query_parameter", "missing query parameter");
pub(crate) const ORGANIZATION_CREATOR_NOT_FOUND: Code = code(
    StatusCode::BAD_REQUEST,
    "organization_creator_not_found",
    "organization creator not found",
);
pub(crate) const ORGANIZATION_MINIMUM_PERMISSIONS_NEEDED: Code = code(
    StatusCode::BAD_REQUEST,
    "organization_minimum_permissions_needed",
    "minimum organization permissions needed",
);
pub(crate) const REQUEST_BODY_INVALID: Code =
    code(StatusCode::BAD_REQUEST, "request_body_invalid", "Request body invalid");
pub(crate) const AUTHENTICATION_INVALID: Code =
    code(StatusCode::UNAUTHORIZED, "authentication_invalid", "Invalid authentication");
pub(crate) const AUTHORIZATION_HEADER_FORMAT_INVALID: Code = code(
    StatusCode::UNAUTHORIZED,
    "authorization_header_format_invalid",
    "Invalid Authorization header format",
);
pub(crate) const CLERK_KEY_INVALID: Code =
    code(StatusCode::UNAUTHORIZED, "clerk_key_invalid", "The provided Clerk Secret Key is invalid");
pub(crate) const ORGANIZATION_MEMBERSHIP_QUOTA_EXCEEDED: Code = code(
    StatusCode::FORBIDDEN,
    "organization_membership_quota_exceeded",
    "organization membership quota exceeded",
);
pub(crate) const NOT_ALLOWED_ACCESS: Code =
    code(StatusCode::FORBIDDEN, "not_allowed_access", "Access not allowed.");
pub(crate) const USER_BANNED: Code = code(StatusCode::FORBIDDEN, "user_banned", "User is banned");
pub(crate) const USER_LOCKED: Code = code(StatusCode::FORBIDDEN, "user_locked", "Account locked");
pub(crate) const VERIFICATION_EXPIRED: Code =
    code(StatusCode::BAD_REQUEST, "verification_expired", "has expired");
pub(crate) const INVITATION_NOT_PENDING: Code =
    code(StatusCode::BAD_REQUEST, "invitation_not_pending", "not pending");
pub(crate) const AUTHORIZATION_INVALID: Code =
    code(StatusCode::FORBIDDEN, "authorization_invalid", "Unauthorized request");
pub(crate) const RESOURCE_NOT_FOUND: Code =
    code(StatusCode::NOT_FOUND, "resource_not_found", "not found");
pub(crate) const METHOD_NOT_ALLOWED: Code =
    code(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "method not allowed");
pub(crate) const REQUEST_BODY_TOO_LARGE: Code =
    code(StatusCode::PAYLOAD_TOO_LARGE, "request_body_too_large", "Request body too large");
pub(crate) const UNSUPPORTED_CONTENT_TYPE: Code = code(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_content_type",
    "Content-Type is unsupported",
);
pub(crate) const TOO_MANY_REQUESTS: Code =
    code(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests");
pub(crate) const INTERNAL_CLERK_ERROR: Code = code(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal_clerk_error",
    "Oops, an unexpected error occurred",
);

pub(crate) const DELETE_LINKED_IDENTIFICATION_DISALLOWED: Code = bad(
    "delete_linked_identification_disallowed",
    "Deleting a linked email address is not allowed",
);
pub(crate) const EXTERNAL_ACCOUNT_NOT_FOUND: Code =
    code(StatusCode::NOT_FOUND, "external_account_not_found", "Invalid external account");
pub(crate) const IMAGE_NOT_FOUND: Code =
    code(StatusCode::NOT_FOUND, "image_not_found", "Image not found");
pub(crate) const INCORRECT_PASSWORD: Code = form("incorrect_password", "incorrect password");
pub(crate) const INVALID_SESSION_TOKEN: Code =
    bad("invalid_session_token", "Invalid session token");
pub(crate) const INVALID_TOTP_SECRET_CODE: Code =
    form("invalid_totp_secret_code", "invalid TOTP secret");
pub(crate) const NO_PASSWORD_SET: Code = bad("no_password_set", "no password set");
pub(crate) const SECOND_FACTOR_UNVERIFIED: Code =
    bad("identification_update_second_factor_unverified", "Update failed");
pub(crate) const SIGN_IN_TOKEN_CANNOT_BE_REVOKED: Code =
    bad("sign_in_token_cannot_be_revoked_code", "cannot revoke");
pub(crate) const SIGN_UP_CANNOT_BE_UPDATED: Code =
    code(StatusCode::FORBIDDEN, "sign_up_cannot_be_updated", "Sign up cannot be updated");
pub(crate) const TOTP_DISABLED: Code = bad("totp_disabled", "TOTP is disabled");
pub(crate) const TOTP_INCORRECT_CODE: Code = form("totp_incorrect_code", "incorrect TOTP");
pub(crate) const TOTP_INVALID_LENGTH: Code = form("totp_invalid_length", "invalid length");
pub(crate) const VERIFICATION_ALREADY_VERIFIED: Code =
    bad("verification_already_verified", "already verified");

pub(crate) const REFRESH_AZP_MISMATCH: Code =
    refresh("refresh_request_origin_azp_mismatch", "Request origin does not match azp claim");
pub(crate) const REFRESH_AZP_MISSING: Code =
    refresh("expired_session_token_missing_azp", "missing 'azp' claim");
pub(crate) const REFRESH_EXPIRED_TOKEN_INVALID: Code =
    refresh("expired_session_token_invalid", "Invalid expired_token param");
pub(crate) const REFRESH_ORIGIN_INVALID: Code =
    refresh("refresh_request_origin_invalid", "Request origin is invalid");
pub(crate) const REFRESH_SESSION_INACTIVE: Code =
    refresh("session_refresh_inactive_session", "session inactive");
pub(crate) const REFRESH_SESSION_NOT_FOUND: Code =
    refresh("session_refresh_session_not_found", "Session not found");
pub(crate) const REFRESH_SID_MISMATCH: Code =
    refresh("refresh_sid_mismatch", "Session ID does not match the 'sid' claim");
pub(crate) const REFRESH_SID_MISSING: Code =
    refresh("expired_session_token_missing_sid", "missing 'sid' claim");
pub(crate) const REFRESH_TOKEN_NOT_FOUND: Code =
    refresh("refresh_token_not_found", "Refresh token not found");

pub(crate) const FORM_CODE_INCORRECT: Code = form("form_code_incorrect", "is incorrect");
/// The sandbox's own: what Clerk has and it lacks. It is no 5xx, on which clients would retry.
pub(crate) const SANDBOX_NOT_SUPPORTED: Code =
    form("sandbox_not_supported", "not supported by the sandbox");

pub(crate) const FORM_DATA_MISSING: Code = form("form_data_missing", "missing data");
pub(crate) const FORM_IDENTIFIER_EXISTS: Code = form("form_identifier_exists", "already exists");
pub(crate) const FORM_IDENTIFIER_NOT_FOUND: Code =
    form("form_identifier_not_found", "Couldn't find your account.");
pub(crate) const FORM_PARAM_ARRAY_LENGTH_MISMATCH: Code =
    form("form_param_array_length_mismatch", "has the wrong length");
pub(crate) const FORM_PARAM_ARRAY_SIZE_EXCEEDED: Code =
    form("form_param_array_size_exceeded", "has too many values");
pub(crate) const FORM_PARAM_EXCEEDS_ALLOWED_SIZE: Code =
    form("form_param_exceeds_allowed_size", "exceeds allowed size");
pub(crate) const FORM_PARAM_MAX_LENGTH_EXCEEDED: Code =
    form("form_param_max_length_exceeded", "is too long");
pub(crate) const FORM_PARAM_DUPLICATE: Code = form("form_param_duplicate", "duplicate values");
pub(crate) const FORM_PARAM_FORMAT_INVALID: Code = form("form_param_format_invalid", "is invalid");
pub(crate) const FORM_PARAM_INVALID_DATE: Code = form("form_param_invalid_date", "is invalid");
pub(crate) const FORM_PARAM_MISSING: Code = form("form_param_missing", "is missing");
pub(crate) const FORM_PARAM_UNKNOWN: Code = form("form_param_unknown", "is unknown");
pub(crate) const FORM_PARAM_VALUE_INVALID: Code = form("form_param_value_invalid", "is invalid");
pub(crate) const FORM_PASSWORD_INCORRECT: Code =
    form("form_password_incorrect", "Password is incorrect. Try again, or use another method.");
pub(crate) const FORM_PASSWORD_LENGTH_TOO_LONG: Code =
    form("form_password_length_too_long", "Password is too long");
pub(crate) const FORM_PASSWORD_LENGTH_TOO_SHORT: Code =
    form("form_password_length_too_short", "Password is too short");
pub(crate) const FORM_PASSWORD_PWNED: Code =
    form("form_password_pwned", "Password has been found in an online data breach");
pub(crate) const FORM_RESOURCE_NOT_FOUND: Code = form("form_resource_not_found", "not found");
pub(crate) const FORM_USERNAME_INVALID_CHARACTER: Code =
    form("form_username_invalid_character", "is invalid");
pub(crate) const FORM_USERNAME_INVALID_LENGTH: Code =
    form("form_username_invalid_length", "is invalid");
pub(crate) const FORM_USERNAME_NEEDS_NON_NUMBER_CHAR: Code =
    form("form_username_needs_non_number_char", "is invalid");
pub(crate) const FORM_VERIFICATION_NEEDED: Code =
    form("form_verification_needed", "needs to be verified");

pub(crate) const ORGANIZATION_ROLE_DEFAULT_CREATOR_ROLE: Code =
    form("organization_role_default_creator_role", "role is used as the creator role");
pub(crate) const ORGANIZATION_ROLE_ASSIGNED_MEMBERS: Code =
    form("organization_role_assigned_members", "role is assigned to organization members");
pub(crate) const ORGANIZATION_ROLE_EXISTS_IN_INVITATIONS: Code = form(
    "organization_role_exists_in_invitations",
    "role exists in pending organization invitations",
);
pub(crate) const ORGANIZATION_DOMAIN_ALREADY_EXISTS: Code =
    form("organization_domain_already_exists", "organizaton domain already exists");
pub(crate) const ORGANIZATION_DOMAIN_ALREADY_EXISTS_SAME_ORGANIZATION: Code = form(
    "organization_domain_already_exists_same_organization",
    "organization domain already exists",
);

impl Code {
    /// An error of this code; the long message says what is wrong, as a sentence.
    pub(crate) fn because(&self, long_message: impl Into<String>) -> Error {
        Error {
            message: self.message,
            long_message: long_message.into(),
            code: self.name,
            meta: None,
            status: self.status,
        }
    }

    /// An error of this code about one parameter or field.
    pub(crate) fn at(&self, name: &str, long_message: impl Into<String>) -> Error {
        self.because(long_message).with_meta(json!({ "param_name": name }))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let joint = if index == 0 { "" } else { "; " };
            write!(formatter, "{joint}{}", error.long_message)?;
        }
        Ok(())
    }
}

impl Error {
    pub(crate) fn with_meta(self, meta: Value) -> Self {
        Self { meta: Some(meta), ..self }
    }
}

impl Refusal {
    /// `Ok` if there are no errors.
    pub(crate) fn unless_empty(errors: Vec<Error>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }

    /// The same errors about a part of what was given, such as `users[2]`.
    pub(crate) fn within(self, part: &str) -> Self {
        let within = |error: Error| {
            let name = error.meta.as_ref().and_then(|meta| meta.get("param_name"));
            let path = match name.and_then(Value::as_str) {
                Some(name) => format!("{part}.{name}"),
                None => part.to_owned(),
            };
            let long_message = format!("{path}: {}", error.long_message);
            Error { long_message, ..error }.with_meta(json!({ "param_name": path }))
        };
        Self(self.0.into_iter().map(within).collect())
    }

    pub(crate) fn errors(&self) -> &[Error] {
        &self.0
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.first().map_or(StatusCode::INTERNAL_SERVER_ERROR, |error| error.status)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}
