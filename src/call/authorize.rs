//! What the policy says once it is known whom a call is about, and how many such calls are left.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::{
    Call, Inner,
    parse::Parsed,
    record::{Record, Refused},
    resolve::{Known, Resolved},
};
use crate::{
    Error,
    catalog::Toolset,
    guard::{
        Denial,
        policy::{RuleId, Subject, Verdict},
        target::Target,
    },
    tool::Tool,
};

/// A call that the policy allows.
pub(super) struct Authorized<'a> {
    pub(super) parsed: Parsed<'a>,
    /// The rule that allows it.
    pub(super) rule: Option<RuleId>,
}

impl<'a> Resolved<'a> {
    /// # Errors
    /// The policy denies the call.
    pub(super) fn authorize(self) -> Result<Authorized<'a>, Refused> {
        let Self { mut parsed, facts } = self;
        let Some(policy) = &parsed.call.server.guard.policy else {
            return Ok(Authorized { parsed, rule: None });
        };
        let rule = match facts {
            Known::Decided(rule) => rule,
            Known::Facts(facts) => {
                let Parsed { call, arguments, .. } = &parsed;
                let subject = Subject::of(call.toolset.name, call.tool, arguments);
                match policy.decide(&subject, Some(&facts), &jiff::Timestamp::now()) {
                    Verdict::Allow { rule } => rule,
                    verdict => return Err(parsed.record.denied(verdict)),
                }
            }
        };
        parsed.record.write.rule = rule.map(|rule| policy.name(rule).to_owned());
        Ok(Authorized { parsed, rule })
    }
}

impl Record {
    /// The refusal of a call that the policy denies.
    pub(super) fn denied(mut self, verdict: Verdict) -> Refused {
        match verdict {
            Verdict::Deny { rule, why, reason, retry_after } => {
                self.write.rule.clone_from(&rule);
                self.refused(policy_denied(why, reason, retry_after).into())
            }
            Verdict::Allow { .. } | Verdict::NeedsFacts => {
                self.refused(Error::Internal("the policy does not decide"))
            }
        }
    }
}

impl Call<'_> {
    /// Counts the call if it is limited to so many an hour.
    pub(super) fn count(
        &self,
        rule: Option<RuleId>,
        arguments: &Map<String, Value>,
    ) -> Result<(), Denial> {
        let guard = &self.server.guard;
        if let (Some(policy), Some(rule)) = (&guard.policy, rule) {
            policy.count(rule).map_err(|wait| match policy.spent(rule, wait) {
                Verdict::Deny { why, reason, retry_after, .. } => {
                    policy_denied(why, reason, retry_after)
                }
                _ => policy_denied("its limit is reached".to_owned(), None, Some(wait)),
            })?;
        }
        // Of a bulk call, each step counts.
        let is_destructive = !self.tool.is_bulk() && self.tool.is_destructive(arguments);
        if let (Some(limit), true) = (&guard.max_destructive, is_destructive) {
            limit.take(Instant::now()).map_err(|wait| {
                Denial::new(
                    "too_many_destructive",
                    "there were as many destructive calls in the last hour as --max-destructive \
                     allows",
                    "Nothing was changed. Tell the person; don't try another way.",
                )
                .until(wait)
            })?;
        }
        Ok(())
    }
}

fn policy_denied(why: String, reason: Option<String>, retry_after: Option<Duration>) -> Denial {
    let hint = reason.map_or_else(
        || "Nothing was changed. Only the operator can change the policy.".to_owned(),
        |reason| format!("Nothing was changed. The operator says: {reason}"),
    );
    Denial { retry_after, ..Denial::new("policy_denied", why, hint) }
}

impl Inner {
    /// How the policy decides on a call, a line a rule. Clerk is asked only if a rule is about
    /// people; if that can't be read, a line says so.
    pub(super) async fn explain(
        &self,
        toolset: &Toolset,
        tool: &'static Tool,
        arguments: &Map<String, Value>,
    ) -> Vec<String> {
        let Some(policy) = &self.guard.policy else {
            return vec!["there is no policy: name one with --policy".to_owned()];
        };
        let subject = Subject::of(toolset.name, tool, arguments);
        let now = jiff::Timestamp::now();
        if !matches!(policy.decide(&subject, None, &now), Verdict::NeedsFacts) {
            return policy.explain(&subject, None, &now);
        }
        let ctx = self.clerk.begin(None);
        let target = Target::of(tool, arguments);
        let facts = async { target.read(&ctx).await?.facts(&ctx, &target).await };
        match self.working(&ctx, facts).await {
            Ok(facts) => policy.explain(&subject, Some(&facts), &now),
            Err(error) => {
                let mut lines = policy.explain(&subject, None, &now);
                let error = ctx.redact(&error.to_string());
                lines.push(format!("The people it is about could not be looked up: {error}."));
                lines
            }
        }
    }
}
