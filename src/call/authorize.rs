//! What the policy says once it is known whom a call is about, and how many such calls are left.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::{
    Call, Inner,
    identify::identify,
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
        subjects,
    },
    principal::Principal,
    tool::Tool,
};

/// How often an hour passwords, codes and tokens are checked without `--max-destructive`.
pub(super) const CHECKS_AN_HOUR: u32 = 20;

/// A call that the policy allows.
pub(super) struct Authorized<'a> {
    pub(super) parsed: Parsed<'a>,
    /// The rules that allow it, and for how many people each does.
    pub(super) rules: Vec<(RuleId, u32)>,
}

impl<'a> Resolved<'a> {
    /// # Errors
    /// The policy denies the call.
    pub(super) fn authorize(self) -> Result<Authorized<'a>, Refused> {
        let Self { mut parsed, facts } = self;
        let policy = parsed.call.policy.clone();
        let Some(policy) = &*policy else {
            return Ok(Authorized { parsed, rules: Vec::new() });
        };
        let Parsed { call, arguments, .. } = &parsed;
        let mut rules: Vec<(RuleId, u32)> = Vec::new();
        match facts {
            Known::Decided(rule) => {
                rules.extend(rule.map(|rule| (rule, subjects::touched(call.tool, arguments))));
            }
            Known::Facts(people) => {
                let principal = &call.caller.principal;
                let mut subject = Subject::of(principal, call.toolset.name, call.tool, arguments);
                subject.exports = parsed.projection.export_to.is_some();
                let now = jiff::Timestamp::now();
                for person in people {
                    match policy.decide(&subject, Some(&person), &now) {
                        Verdict::Allow { rule: None } => {}
                        Verdict::Allow { rule: Some(rule) } => {
                            match rules.iter_mut().find(|(other, _)| *other == rule) {
                                // Each step of a bulk call counts on its own.
                                Some((_, people)) if !call.tool.is_bulk() => *people += 1,
                                Some(_) => {}
                                None => rules.push((rule, 1)),
                            }
                        }
                        verdict => {
                            let scopes = policy.scopes_lacking(&subject, Some(&person), &now);
                            return Err(parsed.record.denied(verdict, scopes));
                        }
                    }
                }
            }
        }
        let names: Vec<&str> = rules.iter().map(|(rule, _)| policy.name(*rule)).collect();
        parsed.record.write.rule = (!names.is_empty()).then(|| names.join(", "));
        Ok(Authorized { parsed, rules })
    }
}

impl Record {
    /// The refusal of a call that the policy denies, to somebody who lacks only these scopes.
    pub(super) fn denied(mut self, verdict: Verdict, scopes: Vec<String>) -> Refused {
        match verdict {
            Verdict::Deny { rule, why, reason, retry_after } => {
                self.write.rule.clone_from(&rule);
                self.refused(policy_denied(why, reason, retry_after).lacking(scopes).into())
            }
            Verdict::NeedsFacts => {
                let why = "a rule of the operator's policy needs the emails or metadata of those \
                           whom the call is about, and Clerk's response doesn't have them";
                self.refused(policy_denied(why.to_owned(), None, None).into())
            }
            Verdict::Allow { .. } => self.refused(Error::Internal("the policy does not decide")),
        }
    }
}

impl Call<'_> {
    /// Counts the call if it is limited to so many an hour, once for each person.
    pub(super) fn count(
        &self,
        rules: &[(RuleId, u32)],
        arguments: &Map<String, Value>,
    ) -> Result<(), Denial> {
        let guard = &self.server.guard;
        for (rule, people) in rules {
            let Some(policy) = &*self.policy else { break };
            let principal = &self.caller.principal;
            policy.count(*rule, principal, *people).map_err(|verdict| match verdict {
                Verdict::Deny { why, reason, retry_after, .. } => {
                    policy_denied(why, reason, retry_after)
                }
                _ => policy_denied("its limit is reached".to_owned(), None, None),
            })?;
        }
        // Of a bulk call, each step counts.
        let is_destructive = !self.tool.is_bulk() && self.tool.is_destructive(arguments);
        let checks = self.tool.checks_secret();
        let limit = match &guard.max_destructive {
            Some(limit) if is_destructive || checks => limit.of(&self.caller.principal),
            None if checks => self.server.checks.clone(),
            _ => return Ok(()),
        };
        let users = subjects::touched(self.tool, arguments);
        limit.take_many(Instant::now(), users).map_err(|wait| too_many(checks).until(wait))
    }
}

/// The refusal of a call beyond the limit per hour.
fn too_many(checks: bool) -> Denial {
    let (code, message) = if checks {
        (
            "too_many_checks",
            format!(
                "passwords, codes and tokens are checked only so many times an hour, so that none \
                 can be guessed: {CHECKS_AN_HOUR} times, or as --max-destructive allows"
            ),
        )
    } else {
        (
            "too_many_destructive",
            "with this call there would be more destructive ones within an hour than \
             --max-destructive allows; one on several users counts for each of them"
                .to_owned(),
        )
    };
    let hint = "Nothing was changed. Tell the person; don't try another way.";
    Denial::new(code, message, hint)
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
    /// people or organizations; if that can't be read, a line says so.
    pub(super) async fn explain(
        &self,
        toolset: &Toolset,
        tool: &'static Tool,
        mut arguments: Map<String, Value>,
        principal: &Principal,
    ) -> Vec<String> {
        let policy = self.policy.get();
        let Some(policy) = &*policy else {
            return vec!["there is no policy; set one with --policy".to_owned()];
        };
        let subject = Subject::of(principal, toolset.name, tool, &arguments);
        let now = jiff::Timestamp::now();
        if !matches!(policy.decide(&subject, None, &now), Verdict::NeedsFacts) {
            return policy.explain(&subject, None, &now);
        }
        let ctx = self.clerk.begin(None);
        let look = async {
            identify(&ctx, tool, &mut arguments).await?;
            subjects::facts(&ctx, tool, &arguments).await
        };
        match self.working(&ctx, look).await {
            Ok(people) => {
                let subject = Subject::of(principal, toolset.name, tool, &arguments);
                let count = people.len();
                let mut lines = Vec::new();
                for (number, person) in (1..).zip(people) {
                    if count > 1 {
                        lines.push(format!("person {number} of {count}:"));
                    }
                    lines.extend(policy.explain(&subject, Some(&person), &now));
                }
                lines
            }
            Err(error) => {
                let mut lines = policy.explain(&subject, None, &now);
                let error = ctx.redact(&error.to_string());
                lines.push(format!("The people it is about could not be looked up: {error}."));
                lines
            }
        }
    }
}
