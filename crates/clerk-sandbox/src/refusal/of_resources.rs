//! The codes of particular resources.

use axum::http::StatusCode;

use super::{Code, code, form};

const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;
const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
const CONFLICT: StatusCode = StatusCode::CONFLICT;

/// Declares codes: name, status, code, short message.
macro_rules! codes {
    ($($name:ident = $status:expr, $code:literal, $message:literal;)*) => {
        $(pub(crate) const $name: Code = code($status, $code, $message);)*
    };
}

codes! {
    ORGANIZATION_DOMAIN_QUOTA_EXCEEDED = FORBIDDEN, "organization_domain_quota_exceeded",
        "organization domains quota exceeded";
    ORGANIZATION_INSTANCE_PERMISSIONS_QUOTA_EXCEEDED = FORBIDDEN,
        "organization_instance_permissions_quota_exceeded",
        "organization permissions for instance quota exceeded";
    ORGANIZATION_INSTANCE_ROLES_QUOTA_EXCEEDED = FORBIDDEN,
        "organization_instance_roles_quota_exceeded",
        "organization roles for instance quota exceeded";
    ACTOR_TOKEN_ALREADY_USED = BAD_REQUEST, "actor_token_already_used_code",
        "actor token has already been used";
    ACTOR_TOKEN_REVOKED = BAD_REQUEST, "actor_token_revoked_code", "actor token has been revoked";
    SIGN_IN_TOKEN_ALREADY_USED = BAD_REQUEST, "sign_in_token_already_used_code",
        "sign in token has already been used";
    SIGN_IN_TOKEN_REVOKED = BAD_REQUEST, "sign_in_token_revoked_code",
        "sign in token has been revoked";
    TICKET_EXPIRED = BAD_REQUEST, "ticket_expired_code", "ticket has expired";
    TICKET_INVALID = BAD_REQUEST, "ticket_invalid_code", "ticket is invalid";
    AGENT_TASK_CANNOT_BE_REVOKED = BAD_REQUEST, "agent_task_cannot_be_revoked",
        "cannot revoke agent task";
    AGENT_TASK_NOT_FOUND = NOT_FOUND, "agent_task_not_found", "agent task not found";
    API_KEY_EXISTS = CONFLICT, "duplicate_record", "duplicate API key";
    DOMAIN_UPDATE_FORBIDDEN = BAD_REQUEST, "domain_update_forbidden", "Domain update was forbidden";
    ENTERPRISE_CONNECTION_DOMAIN_EXISTS = CONFLICT, "form_already_exists",
        "domain already in use";
    FEATURE_NOT_ENABLED = BAD_REQUEST, "feature_not_enabled", "role mapping disabled";
    IDEMPOTENCY_CONFLICT = CONFLICT, "conflict", "idempotency key already used";
    IMAGE_MISSING = BAD_REQUEST, "form_param_missing", "Image file missing";
    IMAGE_TOO_LARGE = StatusCode::PAYLOAD_TOO_LARGE, "image_too_large", "Image too large";
    MACHINE_KEY_NEEDED = UNAUTHORIZED, "authentication_invalid", "Invalid authentication";
    MACHINE_SCOPE_EXISTS = CONFLICT, "duplicate_record", "duplicate machine scope";
    MACHINE_TOKEN_TTL_INVALID = BAD_REQUEST, "bad_request", "Bad Request";
    MACHINE_TOKEN_RESERVED_CLAIM = BAD_REQUEST, "machine_token_reserved_claim",
        "reserved claim used";
    OPERATION_NOT_ALLOWED_ON_PRIMARY_DOMAIN = FORBIDDEN, "operation_not_allowed_on_primary_domain",
        "operation not allowed";
    ORGANIZATION_DOMAINS_NOT_ENABLED = FORBIDDEN, "organization_domains_not_enabled",
        "organization domains not enabled";
    ORGANIZATION_DOMAIN_ENROLLMENT_MODE_NOT_ENABLED = FORBIDDEN,
        "organization_domain_enrollment_mode_not_enabled",
        "organization enrollment mode not enabled";
    ORGANIZATION_NOT_ENABLED_IN_INSTANCE = FORBIDDEN, "organization_not_enabled_in_instance",
        "access denied";
    ORGANIZATION_SLUGS_DISABLED = FORBIDDEN, "organization_slugs_disabled",
        "organization slugs not enabled";
    CANNOT_DELETE_INITIAL_ROLE_SET = FORBIDDEN, "cannot_delete_initial_role_set",
        "cannot delete initial role set";
    SVIX_APP_EXISTS = BAD_REQUEST, "svix_app_exists",
        "Only one Svix app is allowed per instance.";
    SVIX_APP_MISSING = BAD_REQUEST, "svix_app_missing",
        "No Svix apps are associated with the current instance.";
    TEMPLATE_REVERT_ERROR = BAD_REQUEST, "template_revert_error", "Template revert restricted";
    TEMPLATE_TYPE_UNSUPPORTED = BAD_REQUEST, "template_type_unsupported",
        "Template type not supported";
    WAITLIST_ENTRY_ALREADY_COMPLETED = CONFLICT, "waitlist_entry_already_completed",
        "Waitlist entry already completed";
    WAITLIST_ENTRY_ALREADY_INVITED = CONFLICT, "waitlist_entry_already_invited",
        "Waitlist entry already invited";
    WAITLIST_ENTRY_ALREADY_REJECTED = CONFLICT, "waitlist_entry_already_rejected",
        "Waitlist entry already rejected";

    COMMERCE_SUBSCRIPTION_ITEM_ALREADY_CANCELED = BAD_REQUEST,
        "commerce_subscription_item_already_canceled", "Subscription item already canceled";
    DISCOUNT_ALREADY_APPLIED = CONFLICT, "discount_already_applied", "Discount already applied";
    DISCOUNT_NOT_FOUND = NOT_FOUND, "discount_not_found", "Discount not found";
    OUT_OF_DATE_PRICE = CONFLICT, "out_of_date_price", "Out of date price";
    PLAN_NOT_FOUND = NOT_FOUND, "plan_not_found", "Plan not found";
    SUBSCRIPTION_ITEM_NOT_FOUND = NOT_FOUND, "subscription_item_not_found",
        "Subscription item not found";
    SUBSCRIPTION_ITEM_NO_LONGER_ACTIVE = CONFLICT, "subscription_item_no_longer_active",
        "Subscription item is no longer active";
    SUBSCRIPTION_ITEM_NOT_IN_FREE_TRIAL = FORBIDDEN, "subscription_item_not_in_free_trial",
        "Subscription item is not in free trial";
}

pub(crate) const COMMERCE_SUBSCRIPTION_ITEM_CANNOT_BE_CANCELED: Code =
    form("commerce_subscription_item_cannot_be_canceled", "Subscription item cannot be canceled");
pub(crate) const DEFAULT_PLAN_PRICE_CREATION_FORBIDDEN: Code =
    form("default_plan_price_creation_forbidden", "Default plan price creation forbidden");
pub(crate) const INSUFFICIENT_CREDIT_BALANCE: Code =
    form("insufficient_credit_balance", "Insufficient credit balance");
pub(crate) const INVALID_CREDIT_AMOUNT: Code =
    form("invalid_credit_amount", "Invalid credit amount");
pub(crate) const ORGANIZATION_DOMAIN_COMMON: Code =
    form("organization_domain_common", "common email domain");
pub(crate) const ORGANIZATION_MISSING_CREATOR_ROLE_PERMISSIONS: Code =
    form("organization_missing_creator_role_permissions", "missing permissions for creator role");
pub(crate) const ORGANIZATION_ROLE_SET_REASSIGNMENT_MAPPINGS_INVALID: Code =
    form("organization_role_set_reassignment_mappings_invalid", "reassignment mappings invalid");
pub(crate) const ORGANIZATION_ROLE_SET_REASSIGNMENT_MAPPINGS_MISSING: Code =
    form("organization_role_set_reassignment_mappings_missing", "reassignment mappings missing");
pub(crate) const PRICE_TRANSITION_NOT_ALLOWED: Code =
    form("price_transition_not_allowed", "Price transition not allowed");
pub(crate) const PRIMARY_DOMAIN_ALREADY_EXISTS: Code =
    form("primary_domain_already_exists", "primary domain already exists");
/// The sandbox's own, for sign-ins by the control API.
pub(crate) const ENTERPRISE_CONNECTION_NOT_FOUND: Code =
    form("enterprise_connection_not_found", "enterprise connection not found");
pub(crate) const ENTERPRISE_CONNECTION_NOT_ACTIVE: Code =
    form("enterprise_connection_not_active", "enterprise connection not active");
pub(crate) const ENTERPRISE_CERTIFICATE_EXPIRED: Code =
    form("enterprise_connection_certificate_expired", "certificate expired");

pub(crate) const SAML_CONNECTION_CANT_BE_ACTIVATED: Code =
    form("saml_connection_cant_be_activated", "SAML Connection can't be activated");
pub(crate) const SCIM_DIRECTORY_ENTERPRISE_CONNECTION_ALREADY_USED: Code = form(
    "scim_directory_enterprise_connection_already_used",
    "enterprise connection already in use",
);
pub(crate) const SUPPORTED_BILLING_PERIOD_MISMATCH: Code =
    form("supported_billing_period_mismatch", "Supported billing period mismatch");
