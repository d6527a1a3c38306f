//! Whom a call is about, as far as the policy asks.

use super::{
    parse::Parsed,
    record::Refused,
    screen::{Decision, Screened},
};
use crate::guard::{
    policy::{Facts, RuleId},
    subjects,
};

/// A call with what a look at Clerk tells of those it is about.
pub(super) struct Resolved<'a> {
    pub(super) parsed: Parsed<'a>,
    pub(super) facts: Known,
}

/// What is known for the policy.
pub(super) enum Known {
    /// The policy allows the call without a look, by this rule.
    Decided(Option<RuleId>),
    /// What a look told of each person that the call is about.
    Facts(Vec<Facts>),
}

impl<'a> Screened<'a> {
    /// # Errors
    /// What can't be looked up is not touched.
    pub(super) async fn resolve(self) -> Result<Resolved<'a>, Refused> {
        let Self { parsed, decision } = self;
        let facts = match decision {
            Decision::Allowed(rule) => Known::Decided(rule),
            Decision::Open => {
                let Parsed { call, arguments, .. } = &parsed;
                let look = subjects::facts(&call.ctx, call.tool, arguments);
                match call.before(look).await {
                    Ok(facts) => Known::Facts(facts),
                    Err(error) => return Err(parsed.record.refused(error)),
                }
            }
        };
        Ok(Resolved { parsed, facts })
    }
}
