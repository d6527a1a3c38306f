//! Whom a call is about, if the policy asks.

use super::{identify::Identified, parse::Parsed, record::Refused, screen::Decision};
use crate::guard::{
    policy::{Facts, RuleId},
    subjects,
};

/// A call with what was read at Clerk about its subjects.
pub(super) struct Resolved<'a> {
    pub(super) parsed: Parsed<'a>,
    pub(super) facts: Known,
}

/// What is known for the policy.
pub(super) enum Known {
    /// The policy allows the call without a look, by this rule.
    Decided(Option<RuleId>),
    /// What was read of each person whom the call is about.
    Facts(Vec<Facts>),
}

impl<'a> Identified<'a> {
    /// # Errors
    /// Those of reading: what can't be looked up isn't changed.
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
