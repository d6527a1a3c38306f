//! What the policy says of a call without a look at Clerk. It comes before any look: a call that is
//! denied anyway must not tell whether someone exists.

use super::{Call, parse::Parsed, record::Refused};
use crate::guard::policy::{RuleId, Subject, Verdict};

/// A call that the policy does not deny by what it says.
pub(super) struct Screened<'a> {
    pub(super) parsed: Parsed<'a>,
    /// Whether a look at Clerk decides.
    pub(super) decision: Decision,
}

/// What the policy has decided so far.
pub(super) enum Decision {
    /// It allows the call, by this rule.
    Allowed(Option<RuleId>),
    /// It depends on people and organizations.
    Open,
}

impl<'a> Parsed<'a> {
    /// # Errors
    /// The policy denies the call.
    pub(super) fn screen(self) -> Result<Screened<'a>, Refused> {
        let policy = self.call.policy.clone();
        let Some(policy) = &*policy else {
            return Ok(Screened { parsed: self, decision: Decision::Allowed(None) });
        };
        let Call { toolset, tool, caller, .. } = self.call;
        let now = jiff::Timestamp::now();
        let mut decision = Decision::Allowed(None);
        for mut subject in Subject::of_each(&caller.principal, toolset.name, tool, &self.arguments)
        {
            subject.exports = self.projection.export_to.is_some();
            let verdict = policy.decide(&subject, None, &now);
            match verdict {
                Verdict::Deny { .. } => {
                    let scopes = policy.scopes_lacking(&subject, None, &now);
                    return Err(self.record.denied(verdict, scopes));
                }
                // Each step is decided on with what is known of its own object.
                Verdict::NeedsFacts if tool.is_bulk() => {}
                Verdict::NeedsFacts => decision = Decision::Open,
                Verdict::Allow { rule } => match decision {
                    Decision::Allowed(None) => decision = Decision::Allowed(rule),
                    // What is demanded for one person must not be lost behind another one's rule.
                    Decision::Allowed(Some(first)) if rule.is_some_and(|rule| rule != first) => {
                        let demands = |rule| policy.second_person(rule).is_some();
                        if rule.is_some_and(demands) && !tool.is_bulk() {
                            decision = Decision::Open;
                        }
                    }
                    Decision::Allowed(Some(_)) | Decision::Open => {}
                },
            }
        }
        Ok(Screened { parsed: self, decision })
    }
}
