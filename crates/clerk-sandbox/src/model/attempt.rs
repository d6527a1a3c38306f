//! Sign-ups and sign-ins under way.

use serde_json::{Value, json};

use super::{Identifier, Metadata, User};
use crate::time::DAY;

/// A code that was sent, and what it verifies.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) kind: Identifier,
    pub(crate) code: String,
    pub(crate) expires_at: i64,
}

/// A sign-up. The user is kept apart until all that needs to be verified is.
#[derive(Debug, Clone)]
pub(crate) struct SignUp {
    pub(crate) id: String,
    pub(crate) user: User,
    /// What has yet to be verified.
    pub(crate) unverified: Vec<Sent>,
    pub(crate) created_user_id: Option<String>,
    pub(crate) created_session_id: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) abandon_at: i64,
    pub(crate) custom_action: bool,
}

impl SignUp {
    /// The id of the user whom the sign-up with this id has made, if nothing else is known of it:
    /// the same with another prefix.
    pub(crate) fn user_id_of(id: &str) -> Option<String> {
        id.strip_prefix("sua_").map(|rest| format!("user_{rest}"))
    }

    /// The sign-up that made this user.
    pub(crate) fn of_user(id: String, user: &User) -> Self {
        Self {
            id,
            user: user.clone(),
            unverified: Vec::new(),
            created_user_id: Some(user.id.clone()),
            created_session_id: None,
            client_id: None,
            abandon_at: user.created_at + DAY,
            custom_action: false,
        }
    }

    /// As Clerk shows it.
    pub(crate) fn reply(&self) -> Value {
        let user = &self.user;
        let is_complete = self.created_user_id.is_some();
        let verification = |kind: Identifier, strategy: &str| {
            let is_unverified = self.unverified.iter().any(|sent| sent.kind == kind);
            let action = if is_unverified { "needs_attempt" } else { "" };
            json!({ "next_action": action, "supported_strategies": [strategy] })
        };
        let unverified: Vec<_> = self.unverified.iter().map(|sent| sent.kind.field()).collect();
        json!({
            "object": "sign_up_attempt",
            "id": self.id,
            "status": if is_complete { "complete" } else { "missing_requirements" },
            "required_fields": [],
            "optional_fields": ["email_address", "phone_number", "username", "password"],
            "missing_fields": [],
            "unverified_fields": unverified,
            "verifications": {
                "email_address": user.email_addresses.first()
                    .map(|_| verification(Identifier::EmailAddress, "email_code")),
                "phone_number": user.phone_numbers.first()
                    .map(|_| verification(Identifier::PhoneNumber, "phone_code")),
                "web3_wallet": null,
                "external_account": null,
            },
            "username": user.username,
            "email_address": user.email_addresses.first().map(|email| &email.address),
            "phone_number": user.phone_numbers.first().map(|phone| &phone.number),
            "web3_wallet": null,
            "password_enabled": user.password_enabled,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "unsafe_metadata": user.unsafe_metadata,
            "public_metadata": user.public_metadata,
            "custom_action": self.custom_action,
            "external_id": user.external_id,
            "created_session_id": self.created_session_id,
            "created_user_id": self.created_user_id,
            "abandon_at": self.abandon_at,
            "legal_accepted_at": user.legal_accepted_at,
            "locale": user.locale,
        })
    }
}

/// What a sign-in still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Needs {
    /// The code that was sent.
    FirstFactor {
        code: String,
        expires_at: i64,
    },
    SecondFactor,
    Nothing,
}

/// A sign-in of a user.
#[derive(Debug, Clone)]
pub(crate) struct SignIn {
    pub(crate) id: String,
    pub(crate) user_id: String,
    /// What the user was found by.
    pub(crate) identifier: Option<String>,
    pub(crate) strategy: String,
    pub(crate) needs: Needs,
    pub(crate) session: NewSession,
    pub(crate) created_session_id: Option<String>,
}

/// What the session of a sign-in shall be like.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewSession {
    /// The client to sign in on; without one it is a new one.
    pub(crate) client_id: Option<String>,
    /// The organization that is active at first.
    pub(crate) organization_id: Option<String>,
    /// Whether the user has yet to choose an organization.
    pub(crate) is_pending: bool,
    /// The page that the user signs in on, which tokens name as the authorized party.
    pub(crate) origin: Option<String>,
    /// Who acts as the user.
    pub(crate) actor: Option<Box<Metadata>>,
    /// How long the session lasts at most, in milliseconds, if it isn't as long as others.
    pub(crate) lifetime: Option<i64>,
}

impl SignIn {
    pub(crate) fn reply(&self) -> Value {
        json!({
            "object": "sign_in_attempt",
            "id": self.id,
            "status": match self.needs {
                Needs::FirstFactor { .. } => "needs_first_factor",
                Needs::SecondFactor => "needs_second_factor",
                Needs::Nothing => "complete",
            },
            "identifier": self.identifier,
            "user_id": self.user_id,
            "created_session_id": self.created_session_id,
        })
    }
}
