//! What the issuer responds about an opaque token: what must be in it.
//! <https://www.rfc-editor.org/rfc/rfc7662#section-2.2>

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::Value;

use super::{Claims, Invalid, Rules, check_use, principal, text};
use crate::principal::Principal;

/// What the issuer responds.
pub(in crate::http::oauth) struct Introspected {
    status: Status,
    claims: Claims,
}

/// What a JWT shows otherwise.
#[derive(Deserialize)]
struct Status {
    active: Option<Value>,
    token_type: Option<Value>,
    cnf: Option<Value>,
}

impl Introspected {
    /// Reads a response; `None` if it isn't an object, or has a member twice.
    pub(in crate::http::oauth) fn read(response: &[u8]) -> Option<Self> {
        let status = serde_json::from_slice(response).ok()?;
        Some(Self { status, claims: serde_json::from_slice(response).ok()? })
    }

    /// Whom the token is for, and when it expires, if it is valid now. It needs what a JWT needs, but for
    /// `iss`: who responds is the issuer.
    ///
    /// # Errors
    /// Why it isn't valid.
    pub(in crate::http::oauth) fn verify(
        self,
        rules: &Rules,
        now: SignedDuration,
    ) -> Result<(Principal, SignedDuration), Invalid> {
        let Status { active, token_type, cnf } = self.status;
        match active {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(Invalid::Inactive),
            Some(_) => return Err(Invalid::Form("active")),
            None => return Err(Invalid::Missing("active")),
        }
        // With `cnf`, only who has a certain key may use it, and whether a client has it isn't checked here.
        let token_type = text("token_type", token_type)?;
        if cnf.is_some() || token_type.is_some_and(|name| !name.eq_ignore_ascii_case("bearer")) {
            return Err(Invalid::NotBearer);
        }
        if text("iss", self.claims.iss.clone())?.is_some_and(|issuer| issuer != rules.issuer) {
            return Err(Invalid::Issuer);
        }
        let expiry = check_use(&self.claims, rules, now)?;
        Ok((principal(self.claims)?, expiry))
    }
}
