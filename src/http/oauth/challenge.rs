//! `WWW-Authenticate`: how to get a token that is accepted.
//! <https://www.rfc-editor.org/rfc/rfc6750#section-3>

use std::fmt::Write as _;

use axum::http::{HeaderValue, StatusCode};

use crate::http::Refused;

/// What a client needs to know.
pub(super) struct Challenge<'a> {
    /// Where the resource's metadata is.
    pub(super) metadata: &'a str,
    /// What is wrong with the token that was sent.
    pub(super) error: Option<&'static str>,
    /// What a token should have.
    pub(super) scopes: Vec<&'a str>,
}

impl Challenge<'_> {
    /// The refusal with this challenge and this reason.
    pub(super) fn refuse(&self, status: StatusCode, reason: &str) -> Refused {
        let refused = Refused::new(status, reason.to_owned());
        match HeaderValue::try_from(self.header(reason)) {
            Ok(header) => refused.with_challenge(header),
            Err(_) => refused,
        }
    }

    fn header(&self, reason: &str) -> String {
        let mut header = format!("Bearer resource_metadata=\"{}\"", self.metadata);
        let mut scopes: Vec<&str> = Vec::new();
        for scope in &self.scopes {
            if is_scope(scope) && !scopes.contains(scope) {
                scopes.push(scope);
            }
        }
        if let Some(error) = self.error {
            let _infallible = write!(header, ", error=\"{error}\", error_description=\"{reason}\"");
        }
        if !scopes.is_empty() {
            let _infallible = write!(header, ", scope=\"{}\"", scopes.join(" "));
        }
        header
    }
}

/// Whether it can stand in the header. <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
fn is_scope(text: &str) -> bool {
    let is_allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_allowed)
}
