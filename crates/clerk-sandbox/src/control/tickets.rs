//! Signing in by a ticket: the token of a sign-in token or of an actor token
//! (<https://clerk.com/docs/guides/development/errors/frontend-api> has the errors).

use serde_json::Value;

use crate::jwt;
use crate::model::{Metadata, NewSession};
use crate::refusal::{
    ACTOR_TOKEN_ALREADY_USED, ACTOR_TOKEN_REVOKED, Code, Refusal, SIGN_IN_TOKEN_ALREADY_USED,
    SIGN_IN_TOKEN_REVOKED, TICKET_EXPIRED, TICKET_INVALID,
};
use crate::store::Store;
use crate::time::SECOND;

/// What a ticket stands for.
pub(super) struct Ticket {
    /// The id of the token.
    id: String,
    kind: Kind,
    pub(super) user_id: String,
    organization_id: Option<String>,
    /// Who acts as the user, and for how long at most in milliseconds.
    actor: Option<(Metadata, i64)>,
}

#[derive(Clone, Copy)]
enum Kind {
    SignIn,
    Actor,
}

impl Kind {
    /// Why a token with this status can't be used.
    fn check(self, status: &str) -> Result<(), Refusal> {
        let (code, why): (&Code, &str) = match (self, status) {
            (Self::SignIn, "revoked") => (&SIGN_IN_TOKEN_REVOKED, "sign-in token was revoked"),
            (Self::Actor, "revoked") => (&ACTOR_TOKEN_REVOKED, "actor token was revoked"),
            (Self::SignIn, "accepted") => {
                (&SIGN_IN_TOKEN_ALREADY_USED, "sign-in token was used already")
            }
            (Self::Actor, "accepted") => {
                (&ACTOR_TOKEN_ALREADY_USED, "actor token was used already")
            }
            _ => return Ok(()),
        };
        Err(code.at("ticket", format!("The {why}.")).into())
    }
}

impl Ticket {
    /// The token that a ticket stands for, if it can still be used.
    pub(super) fn find(store: &Store, ticket: &str) -> Result<Self, Refusal> {
        let claims = jwt::verify(ticket).unwrap_or_default();
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let found = match text("st") {
            "sign_in_token" => store.sign_in_tokens.get(text("rid")).map(|token| {
                let ticket = Self {
                    id: token.id.clone(),
                    kind: Kind::SignIn,
                    user_id: token.user_id.clone(),
                    organization_id: token.organization_id.clone(),
                    actor: None,
                };
                (ticket, token.status)
            }),
            "actor_token" => store.actor_tokens.get(text("rid")).map(|token| {
                let ticket = Self {
                    id: token.id.clone(),
                    kind: Kind::Actor,
                    user_id: token.user_id.clone(),
                    organization_id: None,
                    actor: Some((token.actor.clone(), token.session_lifetime)),
                };
                (ticket, token.status)
            }),
            _ => None,
        };
        let Some((found, status)) = found else {
            let sentence = "The ticket isn't the token of a sign-in token or of an actor token.";
            return Err(TICKET_INVALID.at("ticket", sentence).into());
        };
        found.kind.check(status)?;
        let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
        if expires.saturating_mul(SECOND) <= store.time() {
            return Err(TICKET_EXPIRED.at("ticket", "The ticket has expired.").into());
        }
        Ok(found)
    }

    /// Whether no second factor is asked for: who acts as a user couldn't enter it.
    pub(super) fn is_enough(&self) -> bool {
        self.actor.is_some()
    }

    /// Marks the token as used, and says what the session is like. What the request asks for goes
    /// before what the token says.
    pub(super) fn accept(self, store: &mut Store, asked: &NewSession) -> NewSession {
        let now = store.now();
        match self.kind {
            Kind::SignIn => {
                if let Some(token) = store.sign_in_tokens.get_mut(&self.id) {
                    (token.status, token.updated_at) = ("accepted", now);
                }
            }
            Kind::Actor => {
                if let Some(token) = store.actor_tokens.get_mut(&self.id) {
                    (token.status, token.updated_at) = ("accepted", now);
                }
            }
        }
        let (actor, lifetime) = self.actor.unzip();
        NewSession {
            organization_id: asked.organization_id.clone().or(self.organization_id),
            actor: actor.map(Box::new),
            lifetime,
            ..asked.clone()
        }
    }
}
