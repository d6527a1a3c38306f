//! The types of logs that the sandbox writes, by family.

use super::{Family, LogField, LogType};

const USER: Family = Family {
    user: &["id"],
    shows_user: true,
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("external_id").optional(),
        LogField::text("username").optional(),
        LogField::text("first_name").optional(),
        LogField::text("last_name").optional(),
        LogField::text("primary_email_address_id").optional(),
        LogField::text("primary_phone_number_id").optional(),
        LogField::flag("password_enabled"),
        LogField::flag("two_factor_enabled"),
        LogField::flag("banned"),
        LogField::flag("locked"),
        LogField::integer("last_sign_in_at").optional(),
        LogField::integer("created_at"),
        LogField::integer("updated_at"),
    ])
};

const DELETED_USER: Family =
    Family { user: &["id"], ..Family::new(&[LogField::text("id"), LogField::flag("deleted")]) };

const VERIFICATION: &[&str] = &["unverified", "verified", "failed", "expired", "transferable"];

const EMAIL_ADDRESS: Family = Family {
    subject: &["user_id"],
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("user_id"),
        LogField::text("email_address").optional(),
        LogField::of("verification.status", VERIFICATION).optional(),
        LogField::flag("deleted").optional(),
    ])
};

const PHONE_NUMBER: Family = Family {
    subject: &["user_id"],
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("user_id"),
        LogField::text("phone_number").optional(),
        LogField::of("verification.status", VERIFICATION).optional(),
        LogField::flag("reserved_for_second_factor").optional(),
        LogField::flag("deleted").optional(),
    ])
};

/// Something of a user that was deleted or revoked.
const PART: Family = Family {
    subject: &["user_id"],
    ..Family::new(&[LogField::text("id"), LogField::text("user_id")])
};

const SESSION: Family = Family {
    subject: &["user_id"],
    session: &["id"],
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("user_id"),
        LogField::text("client_id"),
        LogField::of(
            "status",
            &["active", "pending", "revoked", "ended", "expired", "removed", "abandoned"],
        ),
        LogField::text("last_active_organization_id").optional(),
        LogField::integer("created_at"),
        LogField::integer("expire_at"),
    ])
};

/// One family for all, so that filters and fields work with `sign_in.*` too.
const SIGN_IN: Family = Family {
    subject: &["user_id"],
    session: &["session_id"],
    ..Family::new(&[
        LogField::text("id").optional(),
        LogField::text("user_id").optional(),
        LogField::text("identifier").optional(),
        LogField::text("strategy"),
        LogField::text("client_id").optional(),
        LogField::text("session_id").optional(),
        LogField::text("error_code").optional(),
        LogField::text("error_message").optional(),
    ])
};

const SIGN_UP: Family = Family {
    subject: &["user_id", "id"],
    session: &["session_id"],
    ..Family::new(&[
        LogField::text("id").optional(),
        LogField::text("user_id").optional(),
        LogField::text("email_address").optional(),
        LogField::text("phone_number").optional(),
        LogField::text("username").optional(),
        LogField::text("client_id").optional(),
        LogField::text("session_id").optional(),
    ])
};

const CHANNELS: &[&str] = &["sms", "whatsapp"];

const SMS: Family = Family {
    subject: &["user_id"],
    ..Family::new(&[
        LogField::text("phone_number"),
        LogField::text("user_id").optional(),
        LogField::text("phone_number_id").optional(),
        LogField::text("slug"),
        LogField::text("verification_id").optional(),
        LogField::text("source_type"),
        LogField::text("purpose"),
        LogField::of("channel", CHANNELS),
    ])
};

/// Why a text message didn't arrive.
/// <https://clerk.com/docs/guides/dashboard/logs/sms-delivery-events>
pub(crate) const SMS_REASONS: &[&str] = &[
    "country_not_supported",
    "delivery_expired",
    "delivery_rejected",
    "destination_unreachable",
    "invalid_phone_number",
    "monthly_limit_reached",
    "rate_limited",
    "restricted_destination",
    "sending_limit_reached",
    "service_error",
    "unknown",
];

const FAILED_SMS: Family = Family {
    subject: &["user_id"],
    ..Family::new(&[
        LogField::text("phone_number"),
        LogField::text("user_id").optional(),
        LogField::text("phone_number_id").optional(),
        LogField::text("slug"),
        LogField::text("verification_id").optional(),
        LogField::text("source_type"),
        LogField::text("purpose"),
        LogField::of("channel", CHANNELS),
        LogField::of("reason", SMS_REASONS),
        LogField::text("raw_error").optional(),
        LogField::flag("rejected_before_send").optional(),
    ])
};

const ORGANIZATION: Family = Family {
    user: &["created_by"],
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("name"),
        LogField::text("slug").optional(),
        LogField::text("created_by").optional(),
        LogField::integer("max_allowed_memberships"),
        LogField::integer("created_at"),
        LogField::integer("updated_at"),
    ])
};

const DELETED: Family = Family::new(&[LogField::text("id"), LogField::flag("deleted")]);

const MEMBERSHIP: Family = Family {
    subject: &["public_user_data.user_id"],
    user: &["public_user_data.user_id"],
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("role"),
        LogField::text("organization.id"),
        LogField::text("organization.name"),
        LogField::text("public_user_data.user_id"),
        LogField::text("public_user_data.identifier").optional(),
        LogField::integer("created_at"),
    ])
};

const ORGANIZATION_INVITATION: Family = Family {
    subject: &["organization_id"],
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("organization_id"),
        LogField::text("email_address"),
        LogField::text("role"),
        LogField::text("user_id").optional(),
        LogField::text("inviter_id").optional(),
        LogField::of("status", &["pending", "accepted", "revoked", "expired"]),
    ])
};

const ORGANIZATION_DOMAIN: Family = Family {
    subject: &["organization_id", "id"],
    ..Family::new(&[
        LogField::text("id"),
        LogField::text("organization_id").optional(),
        LogField::text("name").optional(),
        LogField::text("enrollment_mode").optional(),
        LogField::flag("deleted").optional(),
    ])
};

const INVITATION: Family = Family::new(&[
    LogField::text("id"),
    LogField::text("email_address"),
    LogField::of("status", &["pending", "accepted", "revoked", "expired"]),
]);

const TOKEN: Family = Family {
    subject: &["user_id"],
    faces_end_users: false,
    ..Family::new(&[LogField::text("id"), LogField::text("user_id"), LogField::text("status")])
};

const TASK: Family = Family {
    subject: &["user_id", "agent_task_id"],
    faces_end_users: false,
    ..Family::new(&[LogField::text("agent_task_id"), LogField::text("user_id").optional()])
};

const WAITLIST_ENTRY: Family = Family::new(&[
    LogField::text("id"),
    LogField::text("email_address").optional(),
    LogField::text("status").optional(),
    LogField::flag("deleted").optional(),
]);

const fn of(name: &'static str, family: &'static Family) -> LogType {
    LogType { name, family }
}

/// The types that the sandbox writes; Clerk has more.
pub(crate) const LOG_TYPES: &[LogType] = &[
    of("actor_token.created", &TOKEN),
    of("actor_token.revoked", &TOKEN),
    of("agent_task.created", &TASK),
    of("agent_task.revoked", &TASK),
    of("email_address.created", &EMAIL_ADDRESS),
    of("email_address.deleted", &EMAIL_ADDRESS),
    of("email_address.updated", &EMAIL_ADDRESS),
    of("email_address.verified", &EMAIL_ADDRESS),
    of("invitation.created", &INVITATION),
    of("invitation.revoked", &INVITATION),
    of("organization.created", &ORGANIZATION),
    of("organization.deleted", &DELETED),
    of("organization.logo.deleted", &ORGANIZATION),
    of("organization.logo.updated", &ORGANIZATION),
    of("organization.metadata.updated", &ORGANIZATION),
    of("organization.updated", &ORGANIZATION),
    of("organization_domain.created", &ORGANIZATION_DOMAIN),
    of("organization_domain.deleted", &ORGANIZATION_DOMAIN),
    of("organization_domain.ownership_verified", &ORGANIZATION_DOMAIN),
    of("organization_domain.updated", &ORGANIZATION_DOMAIN),
    of("organization_invitation.accepted", &ORGANIZATION_INVITATION),
    of("organization_invitation.created", &ORGANIZATION_INVITATION),
    of("organization_invitation.revoked", &ORGANIZATION_INVITATION),
    of("organization_membership.created", &MEMBERSHIP),
    of("organization_membership.deleted", &MEMBERSHIP),
    of("organization_membership.metadata.updated", &MEMBERSHIP),
    of("organization_membership.updated", &MEMBERSHIP),
    of("phone_number.created", &PHONE_NUMBER),
    of("phone_number.deleted", &PHONE_NUMBER),
    of("phone_number.updated", &PHONE_NUMBER),
    of("phone_number.verified", &PHONE_NUMBER),
    of("session.created", &SESSION),
    of("session.ended", &SESSION),
    of("session.removed", &SESSION),
    of("session.revoked", &SESSION),
    of("session.token.created", &SESSION),
    of("sign_in.attempt_first_factor.failed", &SIGN_IN),
    of("sign_in.attempt_second_factor.failed", &SIGN_IN),
    of("sign_in.completed", &SIGN_IN),
    of("sign_in.email_address.verification.code_sent", &SIGN_IN),
    of("sign_in.failed", &SIGN_IN),
    of("sign_in.password.failed", &SIGN_IN),
    of("sign_in.phone_number.verification.code_sent", &SIGN_IN),
    of("sign_in_token.created", &TOKEN),
    of("sign_in_token.revoked", &TOKEN),
    of("sign_up.completed", &SIGN_UP),
    of("sign_up.created", &SIGN_UP),
    of("sign_up.email_address.verification.code_attempt_invalid", &SIGN_UP),
    of("sign_up.invitation.accepted", &SIGN_UP),
    of("sms.accepted", &SMS),
    of("sms.delivered", &SMS),
    of("sms.failed", &FAILED_SMS),
    of("sms.unconfirmed", &SMS),
    of("sms.undeliverable", &FAILED_SMS),
    of("user.all_totps.deleted", &USER),
    of("user.backup_codes.deleted", &USER),
    of("user.banned", &USER),
    of("user.created", &USER),
    of("user.deleted", &DELETED_USER),
    of("user.external_account.disconnected", &PART),
    of("user.locked", &USER),
    of("user.metadata.updated", &USER),
    of("user.mfa.disabled", &USER),
    of("user.passkey.deleted", &PART),
    of("user.password.changed", &USER),
    of("user.password.deleted", &USER),
    of("user.password_compromised.set", &USER),
    of("user.password_compromised.unset", &USER),
    of("user.profile_image.deleted", &USER),
    of("user.profile_image.updated", &USER),
    of("user.trusted_device.revoked", &PART),
    of("user.unbanned", &USER),
    of("user.unlocked", &USER),
    of("user.updated", &USER),
    of("waitlist_entry.created", &WAITLIST_ENTRY),
    of("waitlist_entry.deleted", &WAITLIST_ENTRY),
    of("waitlist_entry.invited", &WAITLIST_ENTRY),
    of("web3_wallet.deleted", &PART),
];
