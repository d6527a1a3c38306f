//! How Clerk says no: its error codes, and the body that carries them.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::reply;

/// Why a request was refused: at least one error. The first one's status is the answer's.
#[derive(Debug)]
pub(super) struct Refusal(Vec<Error>);

/// One entry of Clerk's `errors`.
#[derive(Debug, Serialize)]
pub(super) struct Error {
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
pub(super) struct Code {
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

pub(super) const API_VERSION_INVALID: Code =
    code(StatusCode::BAD_REQUEST, "api_version_invalid", "Invalid API version");
pub(super) const ALREADY_A_MEMBER_IN_ORGANIZATION: Code =
    code(StatusCode::BAD_REQUEST, "already_a_member_in_organization", "already a member");
pub(super) const DUPLICATE_RECORD: Code =
    code(StatusCode::BAD_REQUEST, "duplicate_record", "duplicate record");
pub(super) const ORGANIZATION_INVITATION_NOT_PENDING: Code =
    code(StatusCode::NOT_FOUND, "organization_invitation_not_pending", "not pending");
pub(super) const ORGANIZATION_INVITATION_NOT_UNIQUE: Code = code(
    StatusCode::BAD_REQUEST,
    "organization_invitation_not_unique",
    "organization invitation not unique",
);
pub(super) const LAST_REQUIRED_IDENTIFICATION_DELETION_FAILED: Code = code(
    StatusCode::BAD_REQUEST,
    "last_required_identification_deletion_failed",
    "Deletion failed",
);
pub(super) const INVITATION_ALREADY_REVOKED: Code =
    code(StatusCode::BAD_REQUEST, "invitation_already_revoked", "Invitation is already revoked.");
pub(super) const ACTOR_TOKEN_CANNOT_BE_REVOKED: Code =
    code(StatusCode::BAD_REQUEST, "actor_token_cannot_be_revoked_code", "cannot revoke");
pub(super) const JWT_TEMPLATE_RESERVED_CLAIM: Code =
    code(StatusCode::BAD_REQUEST, "jwt_template_reserved_claim", "reserved claim used");
pub(super) const ORGANIZATION_SYSTEM_PERMISSION_NOT_MODIFIABLE: Code = code(
    StatusCode::FORBIDDEN,
    "organization_system_permission_not_modifiable",
    "organization system permission cannot be modified",
);
pub(super) const ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_EXISTS: Code = code(
    StatusCode::CONFLICT,
    "organization_role_permission_association_exists",
    "permission already assigned to role",
);
pub(super) const ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_NOT_FOUND: Code = code(
    StatusCode::NOT_FOUND,
    "organization_role_permission_association_not_found",
    "permission not assigned to role",
);
const NOT_IN_THE_SANDBOX: Code =
    code(StatusCode::NOT_IMPLEMENTED, "not_in_the_sandbox", "not in the sandbox");
pub(super) const MALFORMED_REQUEST_PARAMETERS: Code =
    code(StatusCode::BAD_REQUEST, "malformed_request_parameters", "Malformed request parameters");
pub(super) const MISSING_QUERY_PARAMETER: Code =
    code(StatusCode::BAD_REQUEST, "missing_query_parameter", "missing query parameter");
pub(super) const ORGANIZATION_CREATOR_NOT_FOUND: Code = code(
    StatusCode::BAD_REQUEST,
    "organization_creator_not_found",
    "organization creator not found",
);
pub(super) const ORGANIZATION_MINIMUM_PERMISSIONS_NEEDED: Code = code(
    StatusCode::BAD_REQUEST,
    "organization_minimum_permissions_needed",
    "minimum organization permissions needed",
);
pub(super) const REQUEST_BODY_INVALID: Code =
    code(StatusCode::BAD_REQUEST, "request_body_invalid", "Request body invalid");
pub(super) const AUTHENTICATION_INVALID: Code =
    code(StatusCode::UNAUTHORIZED, "authentication_invalid", "Invalid authentication");
pub(super) const AUTHORIZATION_HEADER_FORMAT_INVALID: Code = code(
    StatusCode::UNAUTHORIZED,
    "authorization_header_format_invalid",
    "Invalid Authorization header format",
);
pub(super) const CLERK_KEY_INVALID: Code =
    code(StatusCode::UNAUTHORIZED, "clerk_key_invalid", "The provided Clerk Secret Key is invalid");
pub(super) const ORGANIZATION_MEMBERSHIP_QUOTA_EXCEEDED: Code = code(
    StatusCode::FORBIDDEN,
    "organization_membership_quota_exceeded",
    "organization membership quota exceeded",
);
pub(super) const RESOURCE_NOT_FOUND: Code =
    code(StatusCode::NOT_FOUND, "resource_not_found", "not found");
pub(super) const METHOD_NOT_ALLOWED: Code =
    code(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "method not allowed");
pub(super) const REQUEST_BODY_TOO_LARGE: Code =
    code(StatusCode::PAYLOAD_TOO_LARGE, "request_body_too_large", "Request body too large");
pub(super) const UNSUPPORTED_CONTENT_TYPE: Code = code(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_content_type",
    "Content-Type is unsupported",
);
const TOO_MANY_REQUESTS: Code =
    code(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests");
pub(super) const INTERNAL_CLERK_ERROR: Code = code(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal_clerk_error",
    "Oops, an unexpected error occurred",
);

pub(super) const FORM_DATA_MISSING: Code = form("form_data_missing", "missing data");
pub(super) const FORM_IDENTIFIER_EXISTS: Code = form("form_identifier_exists", "already exists");
pub(super) const FORM_PARAM_ARRAY_LENGTH_MISMATCH: Code =
    form("form_param_array_length_mismatch", "has the wrong length");
pub(super) const FORM_PARAM_ARRAY_SIZE_EXCEEDED: Code =
    form("form_param_array_size_exceeded", "has too many values");
pub(super) const FORM_PARAM_FORMAT_INVALID: Code = form("form_param_format_invalid", "is invalid");
pub(super) const FORM_PARAM_INVALID_DATE: Code = form("form_param_invalid_date", "is invalid");
pub(super) const FORM_PARAM_MISSING: Code = form("form_param_missing", "is missing");
pub(super) const FORM_PARAM_UNKNOWN: Code = form("form_param_unknown", "is unknown");
pub(super) const FORM_PARAM_VALUE_INVALID: Code = form("form_param_value_invalid", "is invalid");
pub(super) const FORM_PASSWORD_LENGTH_TOO_LONG: Code =
    form("form_password_length_too_long", "Password is too long");
pub(super) const FORM_PASSWORD_LENGTH_TOO_SHORT: Code =
    form("form_password_length_too_short", "Password is too short");
pub(super) const FORM_RESOURCE_NOT_FOUND: Code = form("form_resource_not_found", "not found");
pub(super) const FORM_USERNAME_INVALID_CHARACTER: Code =
    form("form_username_invalid_character", "is invalid");
pub(super) const FORM_USERNAME_INVALID_LENGTH: Code =
    form("form_username_invalid_length", "is invalid");
pub(super) const FORM_VERIFICATION_NEEDED: Code =
    form("form_verification_needed", "needs to be verified");

pub(super) const ORGANIZATION_ROLE_DEFAULT_CREATOR_ROLE: Code =
    form("organization_role_default_creator_role", "role is used as the creator role");
pub(super) const ORGANIZATION_ROLE_ASSIGNED_MEMBERS: Code =
    form("organization_role_assigned_members", "role is assigned to organization members");
pub(super) const ORGANIZATION_ROLE_EXISTS_IN_INVITATIONS: Code = form(
    "organization_role_exists_in_invitations",
    "role exists in pending organization invitations",
);
pub(super) const ORGANIZATION_DOMAIN_ALREADY_EXISTS: Code =
    form("organization_domain_already_exists", "organizaton domain already exists");
pub(super) const ORGANIZATION_DOMAIN_ALREADY_EXISTS_SAME_ORGANIZATION: Code = form(
    "organization_domain_already_exists_same_organization",
    "organization domain already exists",
);

impl Code {
    /// An error of this code; the long message says what is wrong, as a sentence.
    pub(super) fn because(&self, long_message: impl Into<String>) -> Error {
        Error {
            message: self.message,
            long_message: long_message.into(),
            code: self.name,
            meta: None,
            status: self.status,
        }
    }

    /// An error of this code about one parameter or field.
    pub(super) fn at(&self, name: &str, long_message: impl Into<String>) -> Error {
        self.because(long_message).with_meta(json!({ "param_name": name }))
    }
}

impl Error {
    pub(super) fn with_meta(self, meta: Value) -> Self {
        Self { meta: Some(meta), ..self }
    }
}

impl Refusal {
    /// `Ok` when there is nothing to complain about.
    pub(super) fn unless_empty(errors: Vec<Error>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.first().map_or(StatusCode::INTERNAL_SERVER_ERROR, |error| error.status);
        let trace = format!("{:032x}", fastrand::u128(..));
        let body = json!({ "errors": self.0, "clerk_trace_id": trace });
        reply::json_with(status, &body)
    }
}

/// The answer to one request too many, with or without the seconds to wait.
pub(super) fn too_many_requests(retry_after: Option<u64>) -> Response {
    let error = TOO_MANY_REQUESTS.because("Too many requests. Please try again in a bit.");
    let Some(seconds) = retry_after else {
        return Refusal::from(error).into_response();
    };
    let refusal = Refusal::from(error.with_meta(json!({ "resets_in": seconds })));
    ([(header::RETRY_AFTER, seconds.to_string())], refusal).into_response()
}

/// The answer to a path the sandbox does not know: it has a part of Clerk's API only.
pub(super) async fn unknown_route(method: Method, uri: Uri) -> Refusal {
    let path = uri.path().strip_prefix("/v1").unwrap_or_default();
    let has =
        |route: clerk_api::Route| route.method.as_str() == method.as_str() && route.fits(path);
    if crate::catalog::all().filter_map(|(_, tool)| tool.route()).any(has) {
        let sentence = format!("The sandbox does not have {method} {path}; Clerk does.");
        return NOT_IN_THE_SANDBOX.because(sentence).into();
    }
    RESOURCE_NOT_FOUND.because(format!("The sandbox has no route {}.", uri.path())).into()
}

/// The answer to a known path with another method.
pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Refusal {
    METHOD_NOT_ALLOWED.because(format!("{method} is not allowed on {}.", uri.path())).into()
}
