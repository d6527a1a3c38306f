//! The operator's policy: rules on the arguments of calls, not only on which tools are on.
//!
//! A policy is a TOML file. The first rule that fits a call decides on it:
//!
//! ```toml
//! default = "allow"              # if no rule fits; "allow" if left out
//! timezone = "Europe/Berlin"     # of `hours`; UTC if left out
//!
//! [[rules]]
//! name = "never our own staff"   # unique; appears in refusals and in the audit log
//! action = "deny"                # "allow" or "deny"
//! reason = "Ask the IT desk."    # optional; shown with a refusal
//! effects = ["destructive"]      # all conditions that are given must hold
//! email_domains = ["ourco.com", "*.ourco.com"]
//!
//! [[rules]]
//! name = "few deletions, by day"
//! action = "allow"
//! tools = ["clerk_delete_user"]
//! hours = ["mon-fri 09:00-17:00"]
//! per_hour = 5
//! ```
//!
//! # Any and all
//!
//! A call may concern several emails, organizations and metadata keys at once: those in its
//! arguments, all emails and organizations of the user it changes, and the metadata keys that it
//! drops since it replaces metadata whole. On these, `email_domains`,
//! `organizations` and `metadata_keys` mean different things in the two kinds of rules:
//!
//! | the rule | fits if |
//! |---|---|
//! | denies, or demands a second person | ANY of the call's values is in the list |
//! | allows otherwise | there is at least one value, and ALL of them are in the list |
//!
//! A call on several people must be allowed for each of them: it is decided on for one after the
//! other, each with the emails and organizations of their own. A rule that allows by
//! `email_domains` never fits a person who has no email.
//!
//! So a second email gets around neither kind: a person who has one address at ourco.com and a
//! private one is denied by "deny ourco.com" and not allowed by "allow ourco.com".
//!
//! # Who calls
//!
//! `who` names people by what is known of them: `sub:`, `email:`, `email-domain:`, `org:`, `role:`,
//! `client:` and `scope:`, of which those joined by `+` must all hold. A rule fits if one of its list
//! does. So a role's toolsets are a rule, and so is a role that only reads:
//!
//! ```toml
//! default = "deny"
//!
//! [[rules]]
//! name = "support reads and unlocks"
//! action = "allow"
//! who = ["org:org_1+role:support"]
//! effects = ["read"]
//! ```
//!
//! A tool whose calls are all denied to somebody isn't in their list of tools.
//!
//! # What a policy does not do
//!
//! - It looks at calls, not at results: a list or a search has no target, and shows people that
//!   rules on emails protect. Use `tools` or `effects` against that.
//! - A rule on a tool doesn't cover others that show the same: `clerk_investigate_user` shows a
//!   user with their organizations and sessions.
//! - Domains are compared as they are written: list a domain with letters beyond ASCII in both of
//!   its forms, `münchen.example` and `xn--mnchen-3ya.example`.
//!
//! # A second person
//!
//! `approval = "second-person"` lets a call run once another person than who asks has approved it:
//! one of `approvers` or, without them, anybody whom the policy would allow the same call. Such a rule
//! restricts, so it fits by any of the call's values, as one that denies.
//!
//! # A limit
//!
//! `per_hour` allows that many calls that the rule fits in any hour, a call on fifty people being
//! fifty, and denies more: they are not
//! passed on to later rules. `per_hour_each` is the same for the calls of each person who signed in;
//! those of all others count together. Each process counts for itself, from its start.

mod call;
mod domain;
mod hours;
mod names;
mod per_hour;
mod read;
mod rule;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};

pub(crate) use self::rule::SecondPerson;
use self::{
    call::RuledCall,
    per_hour::Reached,
    rule::{Action, Fit, Reach, Rule},
};
pub use self::{
    call::{Facts, Subject},
    names::UnknownName,
    read::{Known, Mistake},
};
use crate::principal::{Authentication, Principal, Who};

/// What rules call a call that writes its result to a file, beside the effect of its tool.
const EXPORT: &str = "export";

/// The rules that the operator set. A reload replaces them as a whole; only counts change.
#[derive(Debug)]
pub struct Policy {
    default: Action,
    zone: TimeZone,
    rules: Vec<Rule>,
}

/// A rule of one policy, for [`Policy::count`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleId(usize);

/// What a policy says of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call may run once [`Policy::count`] has let it.
    Allow {
        /// The rule that allows it; `None` is the default.
        rule: Option<RuleId>,
    },
    /// The call must not run.
    Deny {
        /// The name of the rule that denies it; `None` is the default.
        rule: Option<String>,
        /// What denies it, as a clause for the agent.
        why: String,
        /// What the operator has to say to that.
        reason: Option<String>,
        /// How long until the rule allows such a call again, if its limit is reached.
        retry_after: Option<Duration>,
    },
    /// It depends on emails or organizations that are not known yet. Where they can't be had, the
    /// call must not run.
    NeedsFacts,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// All mistakes in it, in the order of their lines. If the file isn't TOML, only the errors
    /// of its syntax.
    pub fn read(text: &str, known: &Known) -> Result<Self, Vec<Mistake>> {
        let read::PolicyFile { default, zone, rules } = read::policy(text, known)?;
        Ok(Self { default, zone, rules })
    }

    /// Decides on a call. Nothing is counted.
    ///
    /// Without `facts` it returns [`Verdict::NeedsFacts`] only if they make the difference between
    /// running and not running, or between counted and not. If they would only show which of
    /// several rules denies, it names the one that fits in any case.
    #[must_use]
    pub fn decide(&self, subject: &Subject, facts: Option<&Facts>, now: &Timestamp) -> Verdict {
        let call = RuledCall::new(subject, facts, *now, &self.zone);
        let instant = Instant::now();
        let mut open = Vec::new();
        let mut verdict = None;
        for (index, rule) in self.rules.iter().enumerate() {
            match rule.fits(&call) {
                Fit::No(_) => {}
                Fit::Open(_) => open.push(verdict_of(index, rule, call.principal, instant)),
                Fit::Yes => {
                    verdict = Some(verdict_of(index, rule, call.principal, instant));
                    break;
                }
            }
        }
        let verdict = verdict.unwrap_or_else(|| self.by_default());
        if open.iter().all(|other| self.come_to_the_same(other, &verdict)) {
            verdict
        } else {
            Verdict::NeedsFacts
        }
    }

    /// Whether it may allow a call of a tool to somebody: not if it denies them all, whatever their
    /// arguments. `subject` says who and which tool; its other fields don't matter.
    #[must_use]
    pub fn offers(&self, subject: &Subject) -> bool {
        let call = RuledCall::new(subject, None, Timestamp::UNIX_EPOCH, &self.zone);
        for rule in &self.rules {
            match (rule.reach(&call), rule.action) {
                (Reach::None, _) | (Reach::Some, Action::Deny) => {}
                (Reach::Some | Reach::All, Action::Allow) => return true,
                (Reach::All, Action::Deny) => return false,
            }
        }
        self.default == Action::Allow
    }

    /// Whether a rule asks who calls.
    pub(crate) fn knows_people(&self) -> bool {
        self.rules.iter().any(|rule| !rule.conditions.who.is_empty())
    }

    /// The scopes that rules ask for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let who = self.rules.iter().flat_map(|rule| &rule.conditions.who);
        who.flat_map(Who::scopes)
    }

    /// Whether a rule demands that a second person approves.
    #[must_use]
    pub fn demands_second_person(&self) -> bool {
        self.rules.iter().any(|rule| rule.second_person.is_some())
    }

    /// The scopes that rules ask of a second person.
    pub(crate) fn approver_scopes(&self) -> impl Iterator<Item = &str> {
        let second = self.rules.iter().filter_map(|rule| rule.second_person.as_ref());
        second.flat_map(|second| &second.approvers).flat_map(Who::scopes)
    }

    /// What a rule that allows a call demands of a second person, if it does.
    pub(crate) fn second_person(&self, rule: RuleId) -> Option<&SecondPerson> {
        self.rules.get(rule.0)?.second_person.as_ref()
    }

    /// What the operator says of a rule.
    pub(crate) fn reason(&self, rule: RuleId) -> Option<&str> {
        self.rules.get(rule.0)?.reason.as_deref()
    }

    /// The scopes that alone keep somebody who signed in from a call: with them, the policy may allow
    /// what [`Policy::decide`] denies. Empty if other things are missing too.
    #[must_use]
    pub fn scopes_lacking(
        &self,
        subject: &Subject,
        facts: Option<&Facts>,
        now: &Timestamp,
    ) -> Vec<String> {
        if subject.principal.authentication != Authentication::OAuth {
            return Vec::new();
        }
        let who = self.rules.iter().flat_map(|rule| &rule.conditions.who);
        let lacking = who.filter_map(|who| who.lacks_only_scopes(&subject.principal));
        for scopes in lacking {
            let scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
            let mut with_scopes = subject.clone();
            with_scopes.principal.scopes.extend(scopes.iter().cloned());
            if !matches!(self.decide(&with_scopes, facts, now), Verdict::Deny { .. }) {
                return scopes;
            }
        }
        Vec::new()
    }

    /// Counts a call of somebody that this rule allows, in the moment before its request is sent: what
    /// was decided may have been used up by another call since. It counts once for each person that
    /// the rule allows it for.
    ///
    /// # Errors
    /// The verdict on the call, which must not run: a limit of the rule is reached.
    pub fn count(&self, rule: RuleId, principal: &Principal, people: u32) -> Result<(), Verdict> {
        match self.rules.get(rule.0) {
            Some(rule) => {
                rule.per_hour.count(principal, people).map_err(|reached| spent(rule, reached))
            }
            // An ID of another policy must not allow anything.
            None => Err(Verdict::NeedsFacts),
        }
    }

    /// Goes on counting where another policy is: for rules with the same name and the same limit.
    pub(crate) fn keep_counts(&mut self, old: &Self) {
        for rule in &mut self.rules {
            if let Some(same) = old.rules.iter().find(|old| old.name == rule.name) {
                rule.per_hour.keep_counts(&same.per_hour);
            }
        }
    }

    /// The name of a rule, for the audit log.
    #[must_use]
    pub fn name(&self, rule: RuleId) -> &str {
        self.rules.get(rule.0).map(|rule| rule.name.as_str()).unwrap_or_default()
    }

    /// Explains the decision on a call to people: a line for each rule, then the decision.
    #[must_use]
    pub fn explain(
        &self,
        subject: &Subject,
        facts: Option<&Facts>,
        now: &Timestamp,
    ) -> Vec<String> {
        let call = RuledCall::new(subject, facts, *now, &self.zone);
        let mut is_decided = false;
        let mut lines = Vec::new();
        for (number, rule) in (1..).zip(&self.rules) {
            let line = match rule.fits(&call) {
                _ if is_decided => "not reached".to_owned(),
                Fit::No(why) => format!("no match: {why}"),
                Fit::Open(what) => format!("open: it depends on {what}"),
                Fit::Yes => {
                    is_decided = true;
                    "match".to_owned()
                }
            };
            lines.push(format!("rule {number} `{}`: {line}", rule.name));
        }
        lines.push(self.in_words(&self.decide(subject, facts, now), &subject.principal));
        lines
    }

    fn by_default(&self) -> Verdict {
        match self.default {
            Action::Allow => Verdict::Allow { rule: None },
            Action::Deny => Verdict::Deny {
                rule: None,
                why: "no rule of the operator's policy allows it".to_owned(),
                reason: None,
                retry_after: None,
            },
        }
    }

    /// Whether the two differ only in the name of the rule: neither counts calls or demands a second
    /// person.
    fn come_to_the_same(&self, one: &Verdict, other: &Verdict) -> bool {
        match (one, other) {
            (Verdict::Deny { .. }, Verdict::Deny { .. }) => true,
            (Verdict::Allow { rule: one }, Verdict::Allow { rule: other }) => {
                !self.restrains(*one) && !self.restrains(*other)
            }
            _ => false,
        }
    }

    fn restrains(&self, rule: Option<RuleId>) -> bool {
        rule.and_then(|rule| self.rules.get(rule.0))
            .is_some_and(|rule| rule.per_hour.is_limited() || rule.second_person.is_some())
    }

    fn in_words(&self, verdict: &Verdict, principal: &Principal) -> String {
        let by = |name: Option<&str>| match name {
            Some(name) => format!("rule `{name}`"),
            None => "default: no rule matches".to_owned(),
        };
        match verdict {
            Verdict::Allow { rule } => {
                let name = by(rule.map(|rule| self.name(rule)));
                let left = rule.and_then(|rule| self.rules.get(rule.0)?.per_hour.left(principal));
                let left =
                    left.map(|(left, limit)| format!(": {left} of {limit} calls an hour left"));
                let second = rule.and_then(|rule| self.second_person(rule));
                let second = second.map_or("", |_| ", once a second person approves it");
                format!("allowed by {name}{second}{}", left.unwrap_or_default())
            }
            Verdict::Deny { rule, reason, retry_after, .. } => {
                let wait = retry_after.map(|wait| {
                    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                    format!(": its limit is reached; there is room in {seconds} s")
                });
                let reason = reason.as_ref().map(|reason| format!(" ({reason})"));
                let name = by(rule.as_deref());
                format!(
                    "denied by {name}{}{}",
                    wait.unwrap_or_default(),
                    reason.unwrap_or_default()
                )
            }
            Verdict::NeedsFacts => {
                "not decided: it takes a look at the emails and organizations of the call's target"
                    .to_owned()
            }
        }
    }
}

fn verdict_of(index: usize, rule: &Rule, principal: &Principal, now: Instant) -> Verdict {
    if rule.action == Action::Deny {
        return Verdict::Deny {
            rule: Some(rule.name.clone()),
            why: format!("rule `{}` of the operator's policy denies it", rule.name),
            reason: rule.reason.clone(),
            retry_after: None,
        };
    }
    match rule.per_hour.check(principal, now) {
        Err(reached) => spent(rule, reached),
        Ok(()) => Verdict::Allow { rule: Some(RuleId(index)) },
    }
}

/// The verdict on a call for which a limit of a rule has no room.
fn spent(rule: &Rule, reached: Reached) -> Verdict {
    let Reached { limit, is_each, wait } = reached;
    let to_whom = if is_each { " to each person" } else { "" };
    Verdict::Deny {
        why: format!(
            "rule `{}` of the operator's policy allows {limit} such calls an hour{to_whom}, and they \
             are used up",
            rule.name
        ),
        rule: Some(rule.name.clone()),
        reason: rule.reason.clone(),
        retry_after: Some(wait),
    }
}
