//! The table of causes.

use super::cause::{
    Row,
    Severity::{Blocks, Context, MayBlock},
};

const USER: &str = "clerk_get_user";
const SESSIONS: &str = "clerk_list_sessions";
const LOGS: &str = "clerk_list_logs";
const EVENTS: &str = "clerk_list_events";
const USERS: &str = "clerk_list_users";
const INVITATIONS: &str = "clerk_list_invitations";
const WAITLIST: &str = "clerk_list_waitlist_entries";
const CONNECTIONS: &str = "clerk_list_enterprise_connections";

// The account.

pub(super) static BANNED: Row =
    Row::new("user_banned", Blocks, (USER, "banned"), "The user is banned.")
        .changed_by("clerk_unban_user", "userId: {user}");
pub(super) static LOCKED: Row =
    Row::new("user_locked", Blocks, (USER, "locked"), "The user is locked{until}{after}.")
        .changed_by("clerk_unlock_user", "userId: {user}");
pub(super) static DEPROVISIONED: Row = Row::new(
    "user_deprovisioned",
    Blocks,
    (USER, "deprovisioned"),
    "A directory has taken the user's access away; only the directory can give it back.",
)
.changed_by("clerk_list_directories", "");
pub(super) static UNVERIFIED: Row = Row::new(
    "identifier_unverified",
    MayBlock,
    (USER, "emailAddresses, phoneNumbers"),
    "{address} is not verified (status {status}).",
)
.changed_by("clerk_update_email_address", "emailAddressId: {id}, verified: true");
pub(super) static RESERVED: Row = Row::new(
    "identifier_reserved",
    MayBlock,
    (USER, "emailAddresses, phoneNumbers"),
    "{address} is reserved: it belongs to the user only once it is verified.",
)
.changed_by("clerk_update_email_address", "emailAddressId: {id}, verified: true");
/// What verifies a phone number, in place of the change of the two rows above.
pub(super) const VERIFY_PHONE: (&str, &str) =
    ("clerk_update_phone_number", "phoneNumberId: {id}, verified: true");
pub(super) static SECOND_FACTOR_ONLY: Row = Row::new(
    "identifier_second_factor_only",
    MayBlock,
    (USER, "phoneNumbers.reservedForSecondFactor"),
    "{address} is reserved for the second factor, so it isn't an identifier to sign in with.",
)
.changed_by("clerk_update_phone_number", "phoneNumberId: {id}, reservedForSecondFactor: false");
pub(super) static NO_PRIMARY: Row = Row::new(
    "no_primary_email_address",
    MayBlock,
    (USER, "primaryEmailAddressId"),
    "None of the user's {count} email addresses is the primary one.",
)
.changed_by("clerk_update_user", "userId: {user}, primaryEmailAddressId: {id}");
pub(super) static NO_IDENTIFIER: Row = Row::new(
    "no_identifier",
    Blocks,
    (USER, "emailAddresses, phoneNumbers, username"),
    "The user has no email address, phone number, username, wallet or linked account.",
)
.changed_by("clerk_create_email_address", "userId: {user}, emailAddress, verified: true");

// Factors.

pub(super) static NO_METHOD: Row = Row::new(
    "no_sign_in_method",
    Blocks,
    (USER, "passwordEnabled"),
    "The user has no password, and no verified address, passkey, wallet or linked account to sign in with.",
)
.changed_by("clerk_create_sign_in_token", "userId: {user}");
pub(super) static NO_PASSWORD: Row = Row::new(
    "no_password",
    MayBlock,
    (USER, "passwordEnabled"),
    "The user has no password, so every password is wrong. They have: {methods}.",
)
.changed_by("clerk_update_user", "userId: {user}, password");
pub(super) static SECOND_FACTOR_MISSING: Row = Row::new(
    "second_factor_missing",
    Blocks,
    (USER, "twoFactorEnabled"),
    "A second factor is on, and the user has no authenticator app, backup codes or verified phone number for it.",
)
.changed_by("clerk_disable_user_mfa", "userId: {user}");
pub(super) static SECOND_FACTOR_UNVERIFIED: Row = Row::new(
    "second_factor_unverified",
    MayBlock,
    (USER, "phoneNumbers"),
    "{address}, the phone number for the second factor, is not verified.",
)
.changed_by("clerk_update_phone_number", "phoneNumberId: {id}, verified: true");
pub(super) static SECOND_FACTOR_ALONE: Row = Row::new(
    "second_factor_alone",
    MayBlock,
    (USER, "totpEnabled, backupCodeEnabled, phoneNumbers"),
    "The only second factor is {factor}: a user who lost it can't sign in.",
)
.changed_by("clerk_disable_user_mfa", "userId: {user}");
pub(super) static SECOND_FACTOR_ON: Row = Row::new(
    "second_factor_on",
    Context,
    (USER, "twoFactorEnabled"),
    "A second factor is asked for: {factor}.",
)
.changed_by("clerk_disable_user_mfa", "userId: {user}");

// Sessions that wait for something.

pub(super) static ORGANIZATION_REQUIRED: Row = Row::new(
    "organization_required",
    MayBlock,
    (SESSIONS, "tasks"),
    "A session of the user waits until they choose an organization; they are a member of {count}.",
)
.changed_by("clerk_add_organization_member", "userId: {user}, organizationId, role");
pub(super) static PASSWORD_RESET: Row = Row::new(
    "password_reset_required",
    Blocks,
    (SESSIONS, "tasks"),
    "A session of the user waits until they set a new password: theirs counts as compromised.",
)
.changed_by("clerk_unset_user_password_compromised", "userId: {user}");
pub(super) static SECOND_FACTOR_SETUP: Row = Row::new(
    "second_factor_setup_required",
    Blocks,
    (SESSIONS, "tasks"),
    "A session of the user waits until they set up a second factor.",
);
pub(super) static OTHER_TASK: Row = Row::new(
    "session_task_pending",
    MayBlock,
    (SESSIONS, "tasks"),
    "A session of the user waits for its task {task}.",
);

// Without a user.

pub(super) static NO_USER: Row =
    Row::new("no_user", Blocks, (USERS, ""), "No user has the {kind} {identifier}.")
        .changed_by("clerk_create_user", "{argument}: {identifier}");
/// How a person with an email address gets an account, in place of the row's change.
pub(super) const INVITE: (&str, &str) = ("clerk_create_invitation", "emailAddress: {identifier}");
pub(super) static NO_USER_WITH_ID: Row =
    Row::new("no_user", Blocks, (USER, ""), "There is no user with the ID {user}.");
pub(super) static SEVERAL_USERS: Row = Row::new(
    "several_users",
    MayBlock,
    (USERS, ""),
    "Several users have {identifier}: {users}. What follows is not about one of them.",
)
.changed_by("clerk_explain_sign_in", "userId: {user}");
pub(super) static DELETED: Row = Row::new(
    "user_deleted",
    Blocks,
    (LOGS, "user.deleted"),
    "The user {user} was deleted. That can't be undone.",
)
.changed_by("clerk_create_user", "emailAddress");
pub(super) static NO_COUNTRY_CODE: Row = Row::new(
    "phone_number_without_country_code",
    Context,
    (USERS, ""),
    "{identifier} was looked for as a username: a phone number begins with + and its country code, such as +12015550123.",
)
.changed_by("clerk_explain_sign_in", "identifier");
pub(super) static TRUNK_ZERO: Row = Row::new(
    "phone_number_with_trunk_zero",
    MayBlock,
    (USERS, "phoneNumber"),
    "No user has {given}: after the country code, the 0 before the area code is left out. {identifier} was looked for.",
);
pub(super) static INVITATION_PENDING: Row = Row::new(
    "invitation_pending",
    MayBlock,
    (INVITATIONS, "status"),
    "An invitation to {identifier} is pending: they have yet to sign up by its link.",
)
.changed_by(
    "clerk_revoke_invitation",
    "invitationId: {id}, then clerk_create_invitation for a new link",
);
pub(super) static INVITATION_ENDED: Row = Row::new(
    "invitation_ended",
    MayBlock,
    (INVITATIONS, "status"),
    "The newest invitation to {identifier} is {status}.",
)
.changed_by("clerk_create_invitation", "emailAddress: {identifier}");
pub(super) static ORGANIZATION_INVITATION: Row = Row::new(
    "organization_invitation_pending",
    MayBlock,
    ("clerk_list_all_organization_invitations", "status"),
    "An invitation of {identifier} to the organization {organization} is pending: they have yet to accept it.",
)
.changed_by(
    "clerk_revoke_organization_invitation",
    "organizationId: {organization}, invitationId: {id}, then clerk_create_organization_invitation for a new link",
);
pub(super) static WAITLIST_PENDING: Row = Row::new(
    "waitlist_pending",
    Blocks,
    (WAITLIST, "status"),
    "{identifier} is on the waitlist and has not been invited yet.",
)
.changed_by("clerk_invite_waitlist_entry", "waitlistEntryId: {id}");
pub(super) static WAITLIST_REJECTED: Row = Row::new(
    "waitlist_rejected",
    Blocks,
    (WAITLIST, "status"),
    "{identifier} was rejected from the waitlist.",
)
.changed_by("clerk_invite_waitlist_entry", "waitlistEntryId: {id}");
pub(super) static WAITLIST_INVITED: Row = Row::new(
    "waitlist_invited",
    MayBlock,
    (WAITLIST, "status"),
    "{identifier} was invited from the waitlist: they have yet to sign up by the link.",
)
.changed_by("clerk_create_invitation", "emailAddress: {identifier}");
pub(super) static SUBADDRESS: Row = Row::new(
    "email_subaddress",
    MayBlock,
    (USERS, ""),
    "{identifier} is a subaddress: nobody can sign up with it while blockEmailSubaddresses is on.",
)
.changed_by("clerk_update_instance_restrictions", "blockEmailSubaddresses: false");

// Lists.

pub(super) static BLOCKLISTED: Row = Row::new(
    "on_blocklist",
    MayBlock,
    ("clerk_list_blocklist_identifiers", "identifier"),
    "{address} is on the blocklist, as {entry}. It is kept out while the blocklist is on{sign_in}.",
)
.changed_by("clerk_delete_blocklist_identifier", "identifierId: {id}");
pub(super) static NOT_ALLOWLISTED: Row = Row::new(
    "not_on_allowlist",
    MayBlock,
    ("clerk_list_allowlist_identifiers", "identifier"),
    "None of the {count} entries of the allowlist covers {address}. It is kept out while the allowlist is on{sign_in}.",
)
.changed_by("clerk_create_allowlist_identifier", "identifier: {address}");
pub(super) static COUNTRIES_BLOCKED: Row = Row::new(
    "sms_countries_blocked",
    Context,
    ("clerk_get_instance_communication", "blockedCountryCodes"),
    "No text message goes to numbers of {countries}.",
)
.changed_by("clerk_update_instance_communication", "blockedCountryCodes");

// Single sign-on.

pub(super) static SSO_INACTIVE: Row = Row::new(
    "sso_connection_inactive",
    MayBlock,
    (CONNECTIONS, "active"),
    "The enterprise connection {connection} for {domain} is inactive: nobody can sign in through it.",
)
.changed_by(
    "clerk_update_enterprise_connection",
    "enterpriseConnectionId: {id}, active: true",
);
pub(super) static SSO_CERTIFICATE: Row = Row::new(
    "sso_certificate_expired",
    Blocks,
    ("clerk_get_saml_connection", "idpCertificateExpiresAt"),
    "The identity provider's certificate of the enterprise connection {connection} for {domain} has expired.",
)
.changed_by("clerk_update_enterprise_connection", "enterpriseConnectionId: {id}, saml");
pub(super) static SSO_UNLINKED: Row = Row::new(
    "sso_user_unlinked",
    MayBlock,
    (USER, "enterpriseAccounts"),
    "Addresses of {domain} sign in through the enterprise connection {connection}, and the user isn't linked to it.",
)
.changed_by(
    "clerk_update_enterprise_connection",
    "enterpriseConnectionId: {id}, active: false",
);
pub(super) static SSO_REQUIRED: Row = Row::new(
    "sso_required",
    Context,
    (CONNECTIONS, "domains"),
    "Addresses of {domain} sign in through the enterprise connection {connection}.",
)
.changed_by("clerk_update_enterprise_connection", "enterpriseConnectionId: {id}, active: false");
pub(super) static SSO_BYPASS: Row = Row::new(
    "sso_bypassed",
    Context,
    ("clerk_list_sso_bypass_allowlist_users", "userId"),
    "The user is on the SSO bypass allowlist: they may sign in by an emailed code in place of the enterprise connection {connection} for {domain}.",
)
.changed_by("clerk_remove_sso_bypass_allowlist_user", "userId: {user}");
pub(super) static SSO_NO_USERS: Row = Row::new(
    "sso_without_provisioning",
    Blocks,
    (CONNECTIONS, "disableJitProvisioning"),
    "The enterprise connection {connection} for {domain} lets nobody in who isn't a user yet.",
)
.changed_by("clerk_create_user", "emailAddress: {identifier}");
pub(super) static SSO_ACCOUNT_INACTIVE: Row = Row::new(
    "sso_account_inactive",
    MayBlock,
    (USER, "enterpriseAccounts.active"),
    "The user's enterprise account of {provider} is inactive.",
)
.changed_by("clerk_update_enterprise_connection", "enterpriseConnectionId: {id}, active: true");

// What was tried.

pub(super) static PASSWORD_CHANGED: Row = Row::new(
    "password_changed",
    MayBlock,
    (LOGS, "user.password.changed"),
    "The password was changed at {at}{by}, and a wrong one was entered since.",
)
.changed_by("clerk_update_user", "userId: {user}, password");
pub(super) static PASSWORD_CHANGED_ELSEWHERE: Row = Row::new(
    "password_changed_from_new_country",
    MayBlock,
    (LOGS, "user.password.changed"),
    "The password was changed at {at} from {place}. The sign-ins of the days before came from {known}, so somebody else may have the account.",
)
.changed_by("clerk_update_user", "userId: {user}, password, then clerk_revoke_user_sessions");
pub(super) static SIGN_IN_FAILED: Row = Row::new(
    "sign_in_failed",
    MayBlock,
    (LOGS, "sign_in.*"),
    "{count} failed for this reason: {reason}. The last was at {last}{after}.{from}",
);
pub(super) static SMS_FAILED: Row = Row::new(
    "sms_failed",
    MayBlock,
    (LOGS, "sms.failed, sms.undeliverable"),
    "{count} to {address} failed: {reason}. The last was at {last}.",
);
pub(super) static EMAIL_SUPPRESSED: Row = Row::new(
    "email_suppressed",
    MayBlock,
    (EVENTS, "email.created"),
    "{count} to {address} was not sent: {reason}. The last was at {last}.",
);
pub(super) static EMAIL_NOT_BY_CLERK: Row = Row::new(
    "email_not_delivered_by_clerk",
    MayBlock,
    (EVENTS, "email.created"),
    "{count} to {address} was left to your own server to send (template {template}). The last was at {last}.",
)
.changed_by(
    "clerk_toggle_template_delivery",
    "templateType: email, slug: {template}, deliveredByClerk: true",
);

/// All rows, in the order in which causes of the same severity are listed.
pub(super) static ALL: &[&Row] = &[
    &BANNED,
    &LOCKED,
    &DEPROVISIONED,
    &NO_USER,
    &NO_USER_WITH_ID,
    &SEVERAL_USERS,
    &DELETED,
    &NO_IDENTIFIER,
    &NO_METHOD,
    &PASSWORD_RESET,
    &SSO_INACTIVE,
    &SSO_CERTIFICATE,
    &SSO_NO_USERS,
    &SECOND_FACTOR_MISSING,
    &SECOND_FACTOR_SETUP,
    &WAITLIST_PENDING,
    &WAITLIST_REJECTED,
    &ORGANIZATION_REQUIRED,
    &OTHER_TASK,
    &UNVERIFIED,
    &RESERVED,
    &SECOND_FACTOR_ONLY,
    &NO_PRIMARY,
    &NO_PASSWORD,
    &SECOND_FACTOR_UNVERIFIED,
    &SECOND_FACTOR_ALONE,
    &SSO_UNLINKED,
    &SSO_ACCOUNT_INACTIVE,
    &INVITATION_PENDING,
    &INVITATION_ENDED,
    &ORGANIZATION_INVITATION,
    &WAITLIST_INVITED,
    &BLOCKLISTED,
    &NOT_ALLOWLISTED,
    &SUBADDRESS,
    &TRUNK_ZERO,
    &PASSWORD_CHANGED_ELSEWHERE,
    &PASSWORD_CHANGED,
    &SIGN_IN_FAILED,
    &SMS_FAILED,
    &EMAIL_SUPPRESSED,
    &EMAIL_NOT_BY_CLERK,
    &SECOND_FACTOR_ON,
    &SSO_REQUIRED,
    &SSO_BYPASS,
    &COUNTRIES_BLOCKED,
    &NO_COUNTRY_CODE,
];
