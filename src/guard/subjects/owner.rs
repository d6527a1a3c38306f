//! Whose an object is, by the kind of its id.

use crate::tool::kind::Kind;

/// How it is found out whom an object belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    /// The object is a user.
    User,
    /// The object is an organization.
    Organization,
    /// The object names its owner.
    Object {
        /// Where it is read.
        path: &'static str,
        /// The names of the path's ids, and of which kinds they are. Those of other kinds than the
        /// object's stand in the call's arguments.
        ids: &'static [(&'static str, Kind)],
        /// What in it names the owner.
        fields: &'static [Field],
    },
    /// Clerk can't be asked for the object alone: it is a row of a list.
    Row {
        /// Where the list is read.
        path: &'static str,
        /// How many rows a page has; `None` where the list isn't paged.
        page: Option<usize>,
        /// Arguments that are true, so that the list is whole.
        flags: &'static [&'static str],
        /// What in the row names the owner.
        fields: &'static [Field],
    },
    /// It is part of the application, or another id in the call's path says whose it is.
    Nobody,
    /// It belongs to somebody, and Clerk does not tell to whom.
    Untold,
}

/// A field that names an owner, by its path in the object: `payer.user_id`. Of an array on the way,
/// all items count.
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
    ids: &'static [(&'static str, Kind)],
    fields: &'static [Field],
) -> Owner {
    Owner::Object { path, ids, fields }
}

/// A row of a list with pages.
const fn row(path: &'static str, fields: &'static [Field]) -> Owner {
    Owner::Row { path, page: Some(100), flags: &[], fields }
}

impl Kind {
    /// Whose an object of this kind is. The fields are those of Clerk's Backend API of 2026-05-12.
    #[expect(clippy::too_many_lines, reason = "one table, a line for each kind")]
    pub(super) const fn owner(self) -> Owner {
        match self {
            Self::User => Owner::User,
            Self::Organization => Owner::Organization,
            Self::Session => object(
                "/sessions/{session_id}",
                &[("session_id", Self::Session)],
                &[Field("user_id", USER)],
            ),
            Self::Client => object(
                "/clients/{client_id}",
                &[("client_id", Self::Client)],
                &[Field("sessions.user_id", USER)],
            ),
            Self::ApiKey => object(
                "/api_keys/{api_key_id}",
                &[("api_key_id", Self::ApiKey)],
                &[Field(
                    "subject",
                    Names::Id(&[Self::User, Self::Organization, Self::Machine, Self::Directory]),
                )],
            ),
            Self::SignUp => object(
                "/sign_ups/{id}",
                &[("id", Self::SignUp)],
                &[
                    Field("created_user_id", USER),
                    Field("email_address", Names::Address),
                    Field("phone_number", Names::Address),
                ],
            ),
            Self::EmailAddress => object(
                "/email_addresses/{email_address_id}",
                &[("email_address_id", Self::EmailAddress)],
                &[Field("email_address", Names::Address)],
            ),
            Self::PhoneNumber => object(
                "/phone_numbers/{phone_number_id}",
                &[("phone_number_id", Self::PhoneNumber)],
                &[Field("phone_number", Names::Address)],
            ),
            Self::Statement => object(
                "/billing/statements/{statement_id}",
                &[("statement_id", Self::Statement)],
                PAYER,
            ),
            Self::OrganizationInvitation => object(
                "/organizations/{organization_id}/invitations/{invitation_id}",
                &[
                    ("organization_id", Self::Organization),
                    ("invitation_id", Self::OrganizationInvitation),
                ],
                &[Field("email_address", Names::Address)],
            ),
            Self::EnterpriseConnection => object(
                "/enterprise_connections/{enterprise_connection_id}",
                &[("enterprise_connection_id", Self::EnterpriseConnection)],
                &[Field("organization_id", ORGANIZATION)],
            ),
            Self::SamlConnection => object(
                "/saml_connections/{saml_connection_id}",
                &[("saml_connection_id", Self::SamlConnection)],
                &[Field("organization_id", ORGANIZATION)],
            ),
            Self::Directory => object(
                "/directories/{directory_id}",
                &[("directory_id", Self::Directory)],
                &[Field("enterprise_connection_id", Names::Id(&[Self::EnterpriseConnection]))],
            ),
            Self::ScimDirectory => object(
                "/scim_directories/{scim_directory_id}",
                &[("scim_directory_id", Self::ScimDirectory)],
                &[Field("enterprise_connection_id", Names::Id(&[Self::EnterpriseConnection]))],
            ),
            Self::Invitation => row("/invitations", &[Field("email_address", Names::Address)]),
            Self::WaitlistEntry => {
                row("/waitlist_entries", &[Field("email_address", Names::Address)])
            }
            Self::AllowlistIdentifier => {
                row("/allowlist_identifiers", &[Field("identifier", Names::Address)])
            }
            Self::BlocklistIdentifier => Owner::Row {
                path: "/blocklist_identifiers",
                page: None,
                flags: &[],
                fields: &[Field("identifier", Names::Address)],
            },
            Self::SubscriptionItem => Owner::Row {
                path: "/billing/subscription_items",
                page: Some(100),
                flags: &["include_free"],
                fields: PAYER,
            },
            Self::SignInToken
            | Self::ActorToken
            | Self::AgentTask
            | Self::AdminPortalLink
            | Self::ItContact => Owner::Untold,
            // The user, the organization, the directory or the subscription item is in the path too.
            Self::Web3Wallet
            | Self::Passkey
            | Self::ExternalAccount
            | Self::TrustedDevice
            | Self::Membership
            | Self::OrganizationDomain
            | Self::DirectoryMapping
            | Self::Discount
            // Parts of the application.
            | Self::MessageTemplate
            | Self::JwtTemplate
            | Self::Role
            | Self::Permission
            | Self::RoleSet
            | Self::OAuthApplication
            | Self::OAuthProvider
            | Self::Domain
            | Self::RedirectUrl
            | Self::Machine
            | Self::M2mToken
            | Self::BillingPlan
            | Self::BillingPrice
            // Never what a call is about.
            | Self::Verification
            | Self::Event
            | Self::Foreign => Owner::Nobody,
        }
    }
}

const PAYER: &[Field] =
    &[Field("payer.user_id", USER), Field("payer.organization_id", ORGANIZATION)];
