//! Confirmation of destructive calls. What is confirmed is one call: this tool with these
//! arguments on this target as it is now, for a short time and once.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use clerk_api::SecretKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    Denial,
    seal::{self, Unsealed},
};
use crate::{Error, principal::Principal, tool::Tool};

/// How long a confirmation holds.
pub(crate) const VALID: Duration = Duration::from_mins(5);

/// Which destructive calls a person must agree to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Confirm {
    /// None with a test key or the sandbox. With a live key the person is asked where the client
    /// can ask, else it takes a plan.
    #[default]
    Auto,
    /// The person is asked; a client that can't ask is refused.
    Ask,
    /// The first call changes nothing and answers with a plan, whose token the second call brings.
    Plan,
    /// None.
    Never,
}

/// What one call has to go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsentMode {
    NotNeeded,
    Ask,
    Plan,
    /// It would have to ask, and can't.
    Refused,
    /// A second person must approve it. No mode of `--confirm` leads here, only a rule of the policy.
    SecondPerson,
}

impl Confirm {
    /// How a call is approved: destructive or not, with a live key or not, from a client that
    /// can ask or not.
    pub(crate) fn of_call(self, is_destructive: bool, is_live: bool, can_ask: bool) -> ConsentMode {
        match self {
            _ if !is_destructive => ConsentMode::NotNeeded,
            Self::Never => ConsentMode::NotNeeded,
            Self::Auto if !is_live => ConsentMode::NotNeeded,
            Self::Ask | Self::Auto if can_ask => ConsentMode::Ask,
            Self::Plan | Self::Auto => ConsentMode::Plan,
            Self::Ask => ConsentMode::Refused,
        }
    }

    /// Whether a call with such a key can be answered with a plan.
    #[must_use]
    pub fn may_plan(self, is_live: bool) -> bool {
        self.of_call(true, is_live, false) == ConsentMode::Plan
    }

    /// What it means for destructive calls with such a key, for `clerk_whoami`.
    #[must_use]
    pub fn describe(self, is_live: bool) -> &'static str {
        match self {
            Self::Auto if !is_live => "none, since this isn't a production instance",
            Self::Auto => "the person is asked; where the client can't ask, two calls with a plan",
            Self::Ask => "the person is asked",
            Self::Plan => "two calls, with a plan",
            Self::Never => "none",
        }
    }
}

/// One call, as a confirmation is bound to it.
pub(crate) struct Bound<'a> {
    pub(crate) mode: ConsentMode,
    /// Who the call is made for: nobody else can use the approval.
    pub(crate) principal: &'a Principal,
    pub(crate) key: &'a SecretKey,
    pub(crate) tool: &'a Tool,
    pub(crate) arguments: &'a Map<String, Value>,
    /// The reason that was shown, and that the audit log will have.
    pub(crate) reason: Option<&'a str>,
}

/// What a token holds. It is sealed, not secret.
#[derive(Deserialize, Serialize)]
struct Claims {
    /// The digest of the target as it was when the person or the agent saw what would happen. A
    /// digest, since a client can read what a token holds, and the target has personal data in it.
    version: String,
    /// Tells one token from another: each can be used once.
    number: u64,
}

impl Bound<'_> {
    /// A secret that follows from the key: a token of another instance is worth nothing, and one of
    /// this instance outlives the process. Should it be used again after a restart, the target that
    /// it was for has changed or is gone.
    fn secret(&self) -> [u8; 32] {
        self.key.derive("confirmation")
    }

    fn context(&self) -> Vec<u8> {
        let mut arguments = Value::Object(self.arguments.clone());
        arguments.sort_all_objects();
        let mode = match self.mode {
            ConsentMode::Plan => "plan",
            ConsentMode::SecondPerson => "second person",
            _ => "ask",
        };
        let person = [self.principal.authentication.to_string()];
        let person = person.iter().chain(&self.principal.subject).collect::<Vec<_>>();
        json!([mode, person, self.tool.name, arguments, self.reason]).to_string().into_bytes()
    }

    /// A token for this call on a target of this version.
    pub(crate) fn seal(&self, version: &str) -> Result<String, Error> {
        self.seal_for(version, VALID)
    }

    /// The same, which holds for as long as `valid`.
    pub(crate) fn seal_for(&self, version: &str, valid: Duration) -> Result<String, Error> {
        let claims = Claims { version: digest(version), number: fastrand::u64(..) };
        seal::seal(&self.secret(), &self.context(), claims, valid)
            .ok_or(Error::Internal("a confirmation can't be sealed"))
    }

    /// What tells this call by this person with this key from all others.
    pub(crate) fn fingerprint(&self) -> String {
        let whole = [&self.secret()[..], &self.context()].concat();
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(whole))
    }

    /// Whether a token is for this call, and whether its target is still of this version.
    ///
    /// # Errors
    /// It isn't for this call.
    pub(crate) fn opens(&self, token: &str, version: &str) -> Result<bool, Unsealed> {
        let claims: Claims = seal::open(&self.secret(), &self.context(), token)?;
        Ok(claims.version == digest(version))
    }
}

/// The tokens that were used and have not expired.
#[derive(Debug, Default)]
pub(crate) struct Used(Mutex<HashMap<u64, SystemTime>>);

impl Used {
    /// Uses a token for the call that `bound` describes, on a target that is now of `version`.
    ///
    /// # Errors
    /// A [`Denial`] that says what is wrong with the token.
    pub(crate) fn redeem(&self, bound: &Bound, token: &str, version: &str) -> Result<(), Denial> {
        let opened = seal::open::<Claims>(&bound.secret(), &bound.context(), token);
        let claims = opened.map_err(|error| {
            denial(match error {
                Unsealed::Expired => "it has expired",
                Unsealed::Foreign => {
                    "it is not one for this tool with exactly these arguments, this reason and this key"
                }
            })
        })?;
        if claims.version != digest(version) {
            return Err(denial("its target has changed since"));
        }
        let mut used = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = SystemTime::now();
        used.retain(|_, expiry| *expiry > now);
        match used.insert(claims.number, now + VALID) {
            None => Ok(()),
            Some(_) => Err(denial("it has been used")),
        }
    }
}

/// The SHA-256 of a target's version, in base64.
pub(crate) fn digest(version: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(version))
}

pub(crate) fn denial(problem: &str) -> Denial {
    Denial::new(
        "confirmation_invalid",
        format!("the confirmation does not hold: {problem}"),
        "Nothing was changed. Call again without planToken to get a new plan, and show its effect.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, principal::Authentication};

    fn tool(name: &str) -> &'static Tool {
        catalog::all().find(|(_, tool)| tool.name == name).unwrap().1
    }

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn only_destructive_calls_are_confirmed_and_in_the_way_that_fits() {
        use Confirm::{Ask, Auto, Never, Plan};
        // Mode, live key, client can ask.
        let cases = [
            (Auto, false, false, ConsentMode::NotNeeded),
            (Auto, false, true, ConsentMode::NotNeeded),
            (Auto, true, false, ConsentMode::Plan),
            (Auto, true, true, ConsentMode::Ask),
            (Ask, false, false, ConsentMode::Refused),
            (Ask, false, true, ConsentMode::Ask),
            (Ask, true, false, ConsentMode::Refused),
            (Ask, true, true, ConsentMode::Ask),
            (Plan, false, false, ConsentMode::Plan),
            (Plan, false, true, ConsentMode::Plan),
            (Plan, true, false, ConsentMode::Plan),
            (Plan, true, true, ConsentMode::Plan),
            (Never, false, false, ConsentMode::NotNeeded),
            (Never, false, true, ConsentMode::NotNeeded),
            (Never, true, false, ConsentMode::NotNeeded),
            (Never, true, true, ConsentMode::NotNeeded),
        ];
        for (mode, is_live, can_ask, way) in cases {
            assert_eq!(mode.of_call(true, is_live, can_ask), way, "{mode:?} {is_live}");
            assert_eq!(mode.of_call(false, is_live, can_ask), ConsentMode::NotNeeded, "{mode:?}");
        }
    }

    #[test]
    fn a_token_is_for_one_call_on_one_target_once() {
        let (key, other) =
            (SecretKey::parse("sk_live_a").unwrap(), SecretKey::parse("sk_live_b").unwrap());
        let arguments = object(&json!({ "userId": "user_1", "x": { "a": 1, "b": 2 } }));
        let same = object(&json!({ "x": { "b": 2, "a": 1 }, "userId": "user_1" }));
        let changed = object(&json!({ "userId": "user_2", "x": { "a": 1, "b": 2 } }));
        let person = |subject: &str| Principal {
            subject: Some(subject.to_owned()),
            ..Principal::by(Authentication::OAuth)
        };
        let (ada, bob) = (person("user_ada"), person("user_bob"));
        let (delete, revoke) = (tool("clerk_delete_user"), tool("clerk_revoke_session"));
        let bound = Bound {
            mode: ConsentMode::Plan,
            principal: &ada,
            key: &key,
            tool: delete,
            arguments: &arguments,
            reason: Some("She left."),
        };
        let token = bound.seal("7").unwrap();
        let long = bound.seal(&"jo@example.com ".repeat(1_000)).unwrap();
        assert!(long.len() < 250, "a token has the size of a digest, whatever it is for: {long}");
        let used = Used::default();
        let refused = |bound: &Bound, token: &str, version: &str| {
            used.redeem(bound, token, version).unwrap_err().message
        };
        let not_this = "the confirmation does not hold: it is not one for this tool with exactly \
                        these arguments, this reason and this key";
        for wrong in [
            Bound { mode: ConsentMode::Ask, ..bound },
            Bound { principal: &bob, ..bound },
            Bound { key: &other, ..bound },
            Bound { tool: revoke, ..bound },
            Bound { arguments: &changed, ..bound },
            Bound { reason: Some("She asked for it."), ..bound },
            Bound { reason: None, ..bound },
        ] {
            assert_eq!(refused(&wrong, &token, "7"), not_this);
        }
        assert_eq!(refused(&bound, "", "7"), not_this);
        for (place, _) in token.char_indices() {
            let letter = if &token[place..=place] == "A" { "B" } else { "A" };
            let altered = [&token[..place], letter, &token[place + 1..]].concat();
            assert!(used.redeem(&bound, &altered, "7").is_err(), "{place}");
        }
        assert!(refused(&bound, &token, "8").ends_with("its target has changed since"));
        let in_another_order = Bound { arguments: &same, ..bound };
        assert!(used.redeem(&in_another_order, &token, "7").is_ok());
        assert!(refused(&bound, &token, "7").ends_with("it has been used"));
    }
}
