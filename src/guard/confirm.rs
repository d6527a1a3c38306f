//! Confirmation of destructive calls. What is confirmed is one call: this tool with these
//! arguments on this target as it is now, for a short time and once.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use clerk_api::SecretKey;
use rmcp::model::{JsonObject, RequestStateCodec, RequestStateError, SealOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Denial;
use crate::{Error, operation::Entry};

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
pub(crate) enum Way {
    Through,
    Ask,
    Plan,
    /// It would have to ask, and can't.
    Refused,
}

impl Confirm {
    /// The way of a call that is destructive or not, with a live key or not, from a client that
    /// can ask or not.
    pub(crate) fn way(self, is_destructive: bool, is_live: bool, can_ask: bool) -> Way {
        match self {
            _ if !is_destructive => Way::Through,
            Self::Never => Way::Through,
            Self::Auto if !is_live => Way::Through,
            Self::Ask | Self::Auto if can_ask => Way::Ask,
            Self::Plan | Self::Auto => Way::Plan,
            Self::Ask => Way::Refused,
        }
    }

    /// Whether a call with such a key can be answered with a plan.
    #[must_use]
    pub fn may_plan(self, is_live: bool) -> bool {
        self.way(true, is_live, false) == Way::Plan
    }

    /// What it means for destructive calls with such a key, for `clerk_whoami`.
    #[must_use]
    pub fn describe(self, is_live: bool) -> &'static str {
        match self {
            Self::Auto if !is_live => "none, since it is no production instance",
            Self::Auto => "the person is asked; where the client can't ask, two calls with a plan",
            Self::Ask => "the person is asked",
            Self::Plan => "two calls, with a plan",
            Self::Never => "none",
        }
    }
}

/// One call, as a confirmation is bound to it.
pub(crate) struct Bound<'a> {
    pub(crate) way: Way,
    pub(crate) key: &'a SecretKey,
    pub(crate) entry: &'a Entry,
    pub(crate) arguments: &'a JsonObject,
}

/// What a token holds. It is sealed, not secret.
#[derive(Deserialize, Serialize)]
struct Claims {
    /// The target as it was when the person or the agent saw what would happen.
    version: String,
    /// Tells one token from another: each can be used once.
    number: u64,
}

impl Bound<'_> {
    /// Sealed under a secret that follows from the key: a token of another instance is worth
    /// nothing, and one of this instance outlives the process. Should it be used again after a
    /// restart, the target that it was for has changed or is gone.
    fn codec(&self) -> Result<RequestStateCodec, RequestStateError> {
        RequestStateCodec::try_new(self.key.derive("clerk-mcp/confirmation"))
    }

    fn context(&self) -> Vec<u8> {
        let mut arguments = Value::Object(self.arguments.clone());
        arguments.sort_all_objects();
        let way = if self.way == Way::Plan { "plan" } else { "ask" };
        json!([way, self.entry.name, arguments]).to_string().into_bytes()
    }

    /// A token for this call on a target of this version.
    pub(crate) fn seal(&self, version: String) -> Result<String, Error> {
        let claims = Claims { version, number: fastrand::u64(..) };
        let context = self.context();
        let options = SealOptions::new().associated_data(&context).ttl(VALID);
        self.codec()
            .and_then(|codec| codec.seal_json_with(&claims, &options))
            .map_err(|_| Error::Internal("a confirmation can't be sealed"))
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
        let open = |codec: RequestStateCodec| codec.open_json_with(token, &bound.context());
        let claims: Claims = bound.codec().and_then(open).map_err(|error| {
            denial(if matches!(error, RequestStateError::Expired) {
                "it has expired"
            } else {
                "it is not one for this tool with exactly these arguments and this key"
            })
        })?;
        if claims.version != version {
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

pub(crate) fn denial(problem: &str) -> Denial {
    Denial::new(
        "confirmation_invalid",
        format!("the confirmation does not hold: {problem}"),
        "Nothing was changed. Call again without planToken to see the effect anew.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations;

    fn entry(name: &str) -> &'static Entry {
        operations::all().find(|(_, entry)| entry.name == name).unwrap().1
    }

    fn object(value: &Value) -> JsonObject {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn only_destructive_calls_are_confirmed_and_in_the_way_that_fits() {
        use Confirm::{Ask, Auto, Never, Plan};
        // Mode, live key, client can ask.
        let cases = [
            (Auto, false, false, Way::Through),
            (Auto, false, true, Way::Through),
            (Auto, true, false, Way::Plan),
            (Auto, true, true, Way::Ask),
            (Ask, false, false, Way::Refused),
            (Ask, false, true, Way::Ask),
            (Ask, true, false, Way::Refused),
            (Ask, true, true, Way::Ask),
            (Plan, false, false, Way::Plan),
            (Plan, false, true, Way::Plan),
            (Plan, true, false, Way::Plan),
            (Plan, true, true, Way::Plan),
            (Never, false, false, Way::Through),
            (Never, false, true, Way::Through),
            (Never, true, false, Way::Through),
            (Never, true, true, Way::Through),
        ];
        for (mode, is_live, can_ask, way) in cases {
            assert_eq!(mode.way(true, is_live, can_ask), way, "{mode:?} {is_live}");
            assert_eq!(mode.way(false, is_live, can_ask), Way::Through, "{mode:?}");
        }
    }

    #[test]
    fn a_token_is_for_one_call_on_one_target_once() {
        let (key, other) =
            (SecretKey::parse("sk_live_a").unwrap(), SecretKey::parse("sk_live_b").unwrap());
        let arguments = object(&json!({ "userId": "user_1", "x": { "a": 1, "b": 2 } }));
        let same = object(&json!({ "x": { "b": 2, "a": 1 }, "userId": "user_1" }));
        let changed = object(&json!({ "userId": "user_2", "x": { "a": 1, "b": 2 } }));
        let (delete, revoke) = (entry("clerk_delete_user"), entry("clerk_revoke_session"));
        let bound = Bound { way: Way::Plan, key: &key, entry: delete, arguments: &arguments };
        let token = bound.seal("7".to_owned()).unwrap();
        let used = Used::default();
        let refused = |bound: &Bound, token: &str, version: &str| {
            used.redeem(bound, token, version).unwrap_err().message
        };
        let not_this = "the confirmation does not hold: it is not one for this tool with exactly \
                        these arguments and this key";
        for wrong in [
            Bound { way: Way::Ask, ..bound },
            Bound { key: &other, ..bound },
            Bound { entry: revoke, ..bound },
            Bound { arguments: &changed, ..bound },
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

    #[test]
    fn a_token_expires() {
        let key = SecretKey::parse("sk_live_a").unwrap();
        let arguments = JsonObject::new();
        let entry = entry("clerk_delete_user");
        let bound = Bound { way: Way::Plan, key: &key, entry, arguments: &arguments };
        let context = bound.context();
        let options = SealOptions::new().associated_data(&context).ttl(Duration::from_millis(1));
        let claims = Claims { version: String::new(), number: 1 };
        let token = bound.codec().unwrap().seal_json_with(&claims, &options).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        let refusal = Used::default().redeem(&bound, &token, "").unwrap_err();
        assert!(refusal.message.ends_with("it has expired"), "{}", refusal.message);
    }
}
