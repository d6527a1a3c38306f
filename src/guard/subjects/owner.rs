//! How the owner of an object is found, by the kind of its id.

use crate::tool::kind::Kind;

/// How the owner of an object is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    /// The object is a user.
    User,
    /// The object is an organization.
    Organization,
    /// The object is read at Clerk.
    Object {
        /// How it is read.
        read: Read,
        /// The fields that tell a person which object it is. An approval is bound to their values.
        shown: &'static [&'static str],
        /// The fields that name the owner; empty for a part of the application.
        owners: &'static [Field],
    },
    /// Clerk can't be asked for it. It is part of the application, or another id in the call's path
    /// says whose it is.
    Unread,
    /// It belongs to someone, and Clerk can't be asked to whom.
    Unknown,
}

/// How an object is read. The other ids in its path are those in the path of the call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Read {
    /// At a path of its own.
    Object {
        path: &'static str,
        /// The name of its id in the path.
        id: &'static str,
    },
    /// As a row of a list.
    Row {
        path: &'static str,
        /// How many rows a page has; `None` if the list has no pages.
        page: Option<usize>,
        /// Arguments that are true, so that the list is whole.
        flags: &'static [&'static str],
    },
}

/// A field that names an owner, by its path in the object, such as `payer.user_id`. All items of an
/// array on the path count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field(pub(super) &'static str, pub(super) Names);

/// What a field names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Names {
    /// An object of one of these kinds.
    Id(&'static [Kind]),
    /// Who has this email address or phone number; of another text, nobody.
    Address,
}

const USER: Names = Names::Id(&[Kind::User]);
const ORGANIZATION: Names = Names::Id(&[Kind::Organization]);

/// An object with a path of its own.
const fn object(
    path: &'static str,
    id: &'static str,
    shown: &'static [&'static str],
    owners: &'static [Field],
) -> Owner {
    Owner::Object { read: Read::Object { path, id }, shown, owners }
}

/// A row of a list with pages of 100.
const fn row(
    path: &'static str,
    shown: &'static [&'static str],
    owners: &'static [Field],
) -> Owner {
    Owner::Object { read: Read::Row { path, page: Some(100), flags: &[] }, shown, owners }
}

/// A row of a list without pages.
const fn unpaged(
    path: &'static str,
    shown: &'static [&'static str],
    owners: &'static [Field],
) -> Owner {
    Owner::Object { read: Read::Row { path, page: None, flags: &[] }, shown, owners }
}

impl Kind {
    /// How the owner of an object of this kind is found. The paths and fields are those of Clerk's
    /// Backend API of 2026-05-12.
    #[expect(clippy::too_many_lines, reason = "one table, a line for each kind")]
    pub(super) const fn owner(self) -> Owner {
        match self {
            Self::User => Owner::User,
            Self::Organization => Owner::Organization,
            Self::Session => object(
                "/sessions/{session_id}",
                "session_id",
                &["status"],
                &[Field("user_id", USER)],
            ),
            Self::Client => object(
                "/clients/{client_id}",
                "client_id",
                &[],
                &[Field("sessions.user_id", USER)],
            ),
            Self::ApiKey => object(
                "/api_keys/{api_key_id}",
                "api_key_id",
                &["name", "subject"],
                &[Field(
                    "subject",
                    Names::Id(&[Self::User, Self::Organization, Self::Machine, Self::Directory]),
                )],
            ),
            // One person: a phone number beside the email address names nobody else.
            Self::SignUp => object(
                "/sign_ups/{id}",
                "id",
                &["status", "email_address"],
                &[Field("created_user_id", USER), Field("email_address", Names::Address)],
            ),
            Self::EmailAddress => object(
                "/email_addresses/{email_address_id}",
                "email_address_id",
                &["email_address"],
                EMAIL_ADDRESS,
            ),
            Self::PhoneNumber => object(
                "/phone_numbers/{phone_number_id}",
                "phone_number_id",
                &["phone_number"],
                &[Field("phone_number", Names::Address)],
            ),
            Self::Statement => {
                object("/billing/statements/{statement_id}", "statement_id", &[], PAYER)
            }
            Self::OrganizationInvitation => object(
                "/organizations/{organization_id}/invitations/{invitation_id}",
                "invitation_id",
                &["email_address", "role", "status"],
                EMAIL_ADDRESS,
            ),
            Self::EnterpriseConnection => object(
                "/enterprise_connections/{enterprise_connection_id}",
                "enterprise_connection_id",
                &["name", "domains"],
                &[Field("organization_id", ORGANIZATION)],
            ),
            Self::SamlConnection => object(
                "/saml_connections/{saml_connection_id}",
                "saml_connection_id",
                &["name", "domain", "domains"],
                &[Field("organization_id", ORGANIZATION)],
            ),
            Self::Directory => object(
                "/directories/{directory_id}",
                "directory_id",
                &["name"],
                &[Field("enterprise_connection_id", Names::Id(&[Self::EnterpriseConnection]))],
            ),
            Self::ScimDirectory => object(
                "/scim_directories/{scim_directory_id}",
                "scim_directory_id",
                &["name"],
                &[Field("enterprise_connection_id", Names::Id(&[Self::EnterpriseConnection]))],
            ),
            Self::Invitation => {
                row("/invitations", &["email_address", "status"], EMAIL_ADDRESS)
            }
            Self::WaitlistEntry => {
                row("/waitlist_entries", &["email_address", "status"], EMAIL_ADDRESS)
            }
            Self::AllowlistIdentifier => {
                row("/allowlist_identifiers", &["identifier"], IDENTIFIER)
            }
            Self::BlocklistIdentifier => {
                unpaged("/blocklist_identifiers", &["identifier"], IDENTIFIER)
            }
            Self::SubscriptionItem => Owner::Object {
                read: Read::Row {
                    path: "/billing/subscription_items",
                    page: Some(100),
                    flags: &["include_free"],
                },
                shown: &["plan.name", "status"],
                owners: PAYER,
            },
            Self::OrganizationDomain => {
                row("/organizations/{organization_id}/domains", &["name"], &[])
            }
            Self::MessageTemplate => object(
                "/templates/{template_type}/{slug}",
                "slug",
                &["template_type", "name"],
                &[],
            ),
            Self::JwtTemplate => {
                object("/jwt_templates/{template_id}", "template_id", &["name"], &[])
            }
            Self::Role => object(
                "/organization_roles/{organization_role_id}",
                "organization_role_id",
                &["key", "name"],
                &[],
            ),
            Self::Permission => object(
                "/organization_permissions/{permission_id}",
                "permission_id",
                &["key", "name"],
                &[],
            ),
            Self::RoleSet => object(
                "/role_sets/{role_set_key_or_id}",
                "role_set_key_or_id",
                &["key", "name"],
                &[],
            ),
            Self::OAuthApplication => object(
                "/oauth_applications/{oauth_application_id}",
                "oauth_application_id",
                &["name", "client_id"],
                &[],
            ),
            Self::Domain => unpaged("/domains", &["name"], &[]),
            Self::RedirectUrl => object("/redirect_urls/{id}", "id", &["url"], &[]),
            Self::Machine => object("/machines/{machine_id}", "machine_id", &["name"], &[]),
            Self::SignInToken
            | Self::ActorToken
            | Self::AgentTask
            | Self::AdminPortalLink
            | Self::ItContact => Owner::Unknown,
            // The user, the organization, the directory or the subscription item is in the path too.
            Self::Web3Wallet
            | Self::Passkey
            | Self::ExternalAccount
            | Self::BiometricCredential
            | Self::Membership
            | Self::DirectoryMapping
            | Self::ScimMapping
            | Self::Discount
            // Parts of the application that no operation reads by their id alone.
            | Self::OAuthProvider
            | Self::M2mToken
            | Self::BillingPlan
            | Self::BillingPrice
            // Never what a call is about.
            | Self::Verification
            | Self::Event
            | Self::Log
            | Self::Foreign => Owner::Unread,
        }
    }
}

const EMAIL_ADDRESS: &[Field] = &[Field("email_address", Names::Address)];
const IDENTIFIER: &[Field] = &[Field("identifier", Names::Address)];
const PAYER: &[Field] =
    &[Field("payer.user_id", USER), Field("payer.organization_id", ORGANIZATION)];
