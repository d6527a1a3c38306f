//! The kinds of ids that Clerk's API has, and what is known of their form.

/// What an id identifies. Whom an object belongs to is decided by its kind
/// (`guard/subjects/owner.rs`), so an operation with an id of a new kind needs a new variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    User,
    Organization,
    Session,
    Client,
    Membership,
    Invitation,
    OrganizationInvitation,
    EmailAddress,
    PhoneNumber,
    Web3Wallet,
    Passkey,
    ExternalAccount,
    /// The key of a device that its owner unlocks by fingerprint or face.
    BiometricCredential,
    SignUp,
    SignInToken,
    ActorToken,
    AgentTask,
    AdminPortalLink,
    /// A template of an email or SMS: its type or its slug.
    MessageTemplate,
    JwtTemplate,
    Role,
    Permission,
    RoleSet,
    OAuthApplication,
    /// A provider of OAuth sign-in, such as `oauth_google`.
    OAuthProvider,
    SamlConnection,
    EnterpriseConnection,
    Directory,
    ScimDirectory,
    DirectoryMapping,
    /// The same of a SCIM directory, by the older endpoint.
    ScimMapping,
    /// A domain of the application itself.
    Domain,
    OrganizationDomain,
    RedirectUrl,
    Machine,
    M2mToken,
    ApiKey,
    AllowlistIdentifier,
    BlocklistIdentifier,
    WaitlistEntry,
    BillingPlan,
    BillingPrice,
    SubscriptionItem,
    Statement,
    Discount,
    Verification,
    /// A contact in a company's IT department, for the setup of single sign-on.
    ItContact,
    /// An event that this server received.
    Event,
    /// An event in Clerk's application logs.
    Log,
    /// An id of another system, such as an identity provider's.
    Foreign,
}

/// The prefixes that are certain, each with its kind.
const PREFIXES: [(&str, Kind); 7] = [
    ("user_", Kind::User),
    ("org_", Kind::Organization),
    ("orginv_", Kind::OrganizationInvitation),
    ("orgmem_", Kind::Membership),
    ("sess_", Kind::Session),
    ("mch_", Kind::Machine),
    ("ak_", Kind::ApiKey),
];

/// The whole form of the ids of a kind: a prefix, then so many characters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// What it begins with; Clerk's own first.
    prefixes: &'static [&'static str],
    length: usize,
    /// Whether the characters are hexadecimal digits; else they are letters, digits and `_`.
    is_hex: bool,
}

impl Form {
    const fn ksuid(prefixes: &'static [&'static str]) -> Self {
        Self { prefixes, length: 27, is_hex: false }
    }

    const fn hex(prefixes: &'static [&'static str]) -> Self {
        Self { prefixes, length: 32, is_hex: true }
    }

    /// Whether an id has it.
    pub(crate) fn holds(self, id: &str) -> bool {
        let is_part = |byte: u8| {
            if self.is_hex {
                byte.is_ascii_hexdigit()
            } else {
                byte.is_ascii_alphanumeric() || byte == b'_'
            }
        };
        let rest = self.prefixes.iter().find_map(|prefix| id.strip_prefix(prefix));
        rest.is_some_and(|rest| rest.len() == self.length && rest.bytes().all(is_part))
    }

    /// It in words: `mch_ and 27 letters or digits`.
    pub(crate) fn words(self) -> String {
        let what = if self.is_hex { "hexadecimal digits" } else { "letters or digits" };
        let prefix = self.prefixes.first().copied().unwrap_or_default();
        format!("{prefix} and {} {what}", self.length)
    }
}

impl Kind {
    /// The whole form of its ids, as Clerk's OpenAPI file has it. Only where Clerk checks it
    /// (`Param::exact`) must an id have it.
    pub(crate) const fn form(self) -> Option<Form> {
        match self {
            Self::User => Some(Form::ksuid(&["user_"])),
            Self::Organization => Some(Form::ksuid(&["org_"])),
            Self::Machine => Some(Form::ksuid(&["mch_"])),
            Self::ScimDirectory => Some(Form::ksuid(&["scim_"])),
            Self::ApiKey => Some(Form::hex(&["ak_", "api_key_"])),
            Self::M2mToken => Some(Form::hex(&["mt_"])),
            Self::AdminPortalLink => Some(Form::hex(&["aplt_"])),
            _ => None,
        }
    }

    /// The kind that an id's prefix belongs to, if the prefix is a known one.
    pub(crate) fn of_prefix(id: &str) -> Option<Self> {
        PREFIXES.iter().find(|(prefix, _)| id.starts_with(prefix)).map(|(_, kind)| *kind)
    }

    /// Whether ids of this kind have a prefix that is known.
    pub(crate) fn has_prefix(self) -> bool {
        PREFIXES.iter().any(|(_, kind)| *kind == self)
    }

    /// An id that could be one of this kind, for examples.
    pub(crate) fn example(self) -> String {
        let prefix = PREFIXES.iter().find(|(_, kind)| *kind == self).map(|(prefix, _)| *prefix);
        if self == Self::Foreign {
            return "external_1".to_owned();
        }
        prefix.map_or_else(
            || {
                let noun = self.noun().split_once(' ').map_or("", |(_article, noun)| noun);
                format!("{}_1", noun.to_lowercase().replace([' ', '-'], "_"))
            },
            |prefix| format!("{prefix}1"),
        )
    }

    /// The kind in words, for error messages: `an organization`.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::User => "a user",
            Self::Organization => "an organization",
            Self::Session => "a session",
            Self::Client => "a client",
            Self::Membership => "a membership",
            Self::Invitation => "an invitation",
            Self::OrganizationInvitation => "an organization invitation",
            Self::EmailAddress => "an email address",
            Self::PhoneNumber => "a phone number",
            Self::Web3Wallet => "a Web3 wallet",
            Self::Passkey => "a passkey",
            Self::ExternalAccount => "an external account",
            Self::BiometricCredential => "a biometric credential",
            Self::SignUp => "a sign-up",
            Self::SignInToken => "a sign-in token",
            Self::ActorToken => "an actor token",
            Self::AgentTask => "an agent task",
            Self::AdminPortalLink => "an admin portal link",
            Self::MessageTemplate => "a message template",
            Self::JwtTemplate => "a JWT template",
            Self::Role => "a role",
            Self::Permission => "a permission",
            Self::RoleSet => "a role set",
            Self::OAuthApplication => "an OAuth application",
            Self::OAuthProvider => "an OAuth provider",
            Self::SamlConnection => "a SAML connection",
            Self::EnterpriseConnection => "an enterprise connection",
            Self::Directory => "a directory",
            Self::ScimDirectory => "a SCIM directory",
            Self::DirectoryMapping => "a directory mapping",
            Self::ScimMapping => "a SCIM mapping",
            Self::Domain => "a domain",
            Self::OrganizationDomain => "an organization domain",
            Self::RedirectUrl => "a redirect URL",
            Self::Machine => "a machine",
            Self::M2mToken => "an M2M token",
            Self::ApiKey => "an API key",
            Self::AllowlistIdentifier => "an allowlist identifier",
            Self::BlocklistIdentifier => "a blocklist identifier",
            Self::WaitlistEntry => "a waitlist entry",
            Self::BillingPlan => "a billing plan",
            Self::BillingPrice => "a billing price",
            Self::SubscriptionItem => "a subscription item",
            Self::Statement => "a statement",
            Self::Discount => "a discount",
            Self::Verification => "a verification",
            Self::ItContact => "an IT contact",
            Self::Event => "an event",
            Self::Log => "a log",
            Self::Foreign => "an object of another system",
        }
    }
}
