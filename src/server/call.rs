//! The way of one call: is its tool on, are its arguments right, does the policy allow it, must a
//! person agree; then it is logged, run, and logged again.

use std::time::{Duration, Instant};

use rmcp::model::{InputRequiredResult, JsonObject};
use serde_json::{Value, json};

use super::{
    Caller, Inner,
    ask::{self, Asking},
    audit::Record,
};
use crate::{
    Error, Fault,
    clerk::{Call, Key},
    guard::{
        Denial,
        confirm::{self, Bound, Way},
        policy::{RuleId, Subject, Verdict},
        target::{Objects, Target},
    },
    operation::Entry,
    operations::Toolset,
    text,
};

/// How many characters a reason may have.
const REASON: usize = 500;

/// What becomes of a call that did not fail.
pub(super) enum Outcome {
    /// It ran; this is its output.
    Done(Value),
    /// It did not run yet: this is what it would do.
    Plan(Value),
    /// It did not run yet: the client is to ask the person.
    Input(Box<InputRequiredResult>),
}

/// What came with a call beside the operation's arguments.
#[derive(Default)]
struct Extras {
    reason: Option<String>,
    plan_token: Option<String>,
    faults: Vec<Fault>,
}

/// One call on its way.
pub(super) struct Passage<'a> {
    pub(super) server: &'a Inner,
    pub(super) toolset: &'a Toolset,
    pub(super) entry: &'a Entry,
    pub(super) caller: &'a Caller,
    pub(super) call: Call,
}

impl Passage<'_> {
    /// Takes the call to its end. Nothing is sent to Clerk but reads before it is admitted.
    pub(super) async fn run(mut self, mut arguments: JsonObject) -> Result<Outcome, Error> {
        // First of all, so that a refused write keeps its reason in the audit log.
        let extras = self.take_extras(&mut arguments);
        let mut record = self.record(&arguments);
        record.write.reason.clone_from(&extras.reason);
        let admitted = self.admit(&mut arguments, extras, &mut record).await;
        match admitted {
            Err(error) => {
                record.refused(&error).await;
                return Err(error);
            }
            Ok(Some(waiting)) => return Ok(waiting),
            Ok(None) => {}
        }
        let open = record.begin().await?;
        let work = self.entry.run(arguments, self.call.clone());
        let result = self.server.working(&self.call, work).await;
        let logged = open.end(&result, &self.call.answered()).await;
        let mut output = result?;
        if let Err(fault) = logged {
            // It did happen: that comes first.
            let note = format!("It was done, but its audit line is not complete: {fault}.");
            add_note(&mut output, &note);
        }
        Ok(Outcome::Done(output))
    }

    /// Whether the call may run: `None` where it may, and where it may not yet, what to answer.
    async fn admit(
        &mut self,
        arguments: &mut JsonObject,
        extras: Extras,
        record: &mut Record,
    ) -> Result<Option<Outcome>, Error> {
        let guard = &self.server.guard;
        let is_live = self.call.key().as_ref().is_ok_and(Key::is_live);
        if let Some(off) = guard.selection.off(self.toolset, self.entry, is_live) {
            return Err(off.denial(self.toolset, self.entry).into());
        }
        let plan_token = self.read(arguments, extras)?;
        record.takes(self.entry, arguments);
        if self.entry.effect.is_read() && guard.policy.is_none() {
            return Ok(None);
        }
        let rule = self.decide(arguments, record).await?;
        let way = guard.confirm.way(
            self.entry.is_destructive(arguments),
            is_live,
            self.caller.asking.is_possible(),
        );
        let waiting = match way {
            Way::Through => None,
            Way::Refused => return Err(cannot_ask().into()),
            Way::Plan => self.plan(arguments, plan_token, record).await?,
            Way::Ask => self.ask(arguments, record).await?,
        };
        if waiting.is_none() {
            self.count(rule, arguments)?;
        }
        Ok(waiting)
    }

    /// Takes what is no part of the operation out of the arguments of a write.
    fn take_extras(&self, arguments: &mut JsonObject) -> Extras {
        let mut extras = Extras::default();
        if self.entry.effect.is_read() {
            return extras;
        }
        match take_text(arguments, "reason", REASON) {
            Ok(reason) => extras.reason = reason,
            Err(fault) => extras.faults.push(fault),
        }
        match take_text(arguments, "planToken", usize::MAX) {
            Ok(token) => extras.plan_token = token,
            Err(fault) => extras.faults.push(fault),
        }
        let marked = arguments.iter().filter(|(_, value)| text::marked(value));
        extras.faults.extend(marked.map(|(name, _)| Fault {
            argument: name.clone(),
            problem: "holds a mark that this server put in place of text (⟦…⟧ or […removed]); \
                      written back it would destroy that text: leave the value out, or write it anew"
                .to_owned(),
        }));
        extras
    }

    /// Checks the arguments, and returns the plan's token.
    fn read(&self, arguments: &mut JsonObject, extras: Extras) -> Result<Option<String>, Error> {
        let Extras { plan_token, mut faults, .. } = extras;
        match self.entry.read(std::mem::take(arguments)) {
            Ok(read) if faults.is_empty() => *arguments = read,
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
        if faults.is_empty() { Ok(plan_token) } else { Err(Error::Arguments(faults)) }
    }

    /// What the policy says, with a look at Clerk where a rule is about people.
    async fn decide(
        &self,
        arguments: &JsonObject,
        record: &mut Record,
    ) -> Result<Option<RuleId>, Error> {
        let Some(policy) = &self.server.guard.policy else { return Ok(None) };
        let effect = self.entry.effect.to_string();
        let subject = Subject {
            tool: self.entry.name,
            toolset: self.toolset.name,
            effect: &effect,
            arguments,
        };
        let now = jiff::Timestamp::now();
        let mut verdict = policy.decide(&subject, None, &now);
        if matches!(verdict, Verdict::NeedsFacts) {
            let look = async {
                let objects = Target::of(self.entry, arguments).read(&self.call).await?;
                objects.facts(&self.call, self.entry, arguments).await
            };
            let facts = self.server.working(&self.call, look).await?;
            verdict = policy.decide(&subject, Some(&facts), &now);
        }
        match verdict {
            Verdict::Allow { rule } => {
                record.write.rule = rule.as_ref().map(|rule| policy.name(*rule).to_owned());
                Ok(rule)
            }
            Verdict::Deny { rule, why, reason, retry_after } => {
                record.write.rule.clone_from(&rule);
                Err(policy_denied(why, reason, retry_after).into())
            }
            Verdict::NeedsFacts => Err(Error::Internal("the policy does not decide")),
        }
    }

    async fn objects(&self, arguments: &JsonObject) -> Result<Objects, Error> {
        self.server.working(&self.call, Target::of(self.entry, arguments).read(&self.call)).await
    }

    /// The effect of the call in words, and what a confirmation of it is bound to.
    async fn look(&self, arguments: &JsonObject) -> Result<(String, String), Error> {
        let look = async {
            let objects = Target::of(self.entry, arguments).read(&self.call).await?;
            Ok((objects.effect(&self.call, self.entry, arguments).await, objects.version()))
        };
        self.server.working(&self.call, look).await
    }

    async fn plan(
        &self,
        arguments: &JsonObject,
        token: Option<String>,
        record: &mut Record,
    ) -> Result<Option<Outcome>, Error> {
        let bound = self.bound(Way::Plan, arguments)?;
        if let Some(token) = token {
            let version = self.objects(arguments).await?.version();
            self.server.used.redeem(&bound, &token, &version)?;
            record.write.confirmation = Some("plan".to_owned());
            return Ok(None);
        }
        let (effect, version) = self.look(arguments).await?;
        let expires_at = jiff::Timestamp::now().as_millisecond()
            + i64::try_from(confirm::VALID.as_millis()).unwrap_or_default();
        let token = bound.seal(version)?;
        Ok(Some(Outcome::Plan(json!({
            "success": false,
            "plan": { "token": token, "effect": effect, "expiresAt": expires_at },
            "note": "Nothing was changed yet. Show the effect to the person; if they agree, call \
                     again with the same arguments and the token as planToken.",
        }))))
    }

    async fn ask(
        &mut self,
        arguments: &JsonObject,
        record: &mut Record,
    ) -> Result<Option<Outcome>, Error> {
        let agreed = || Some("the person agreed".to_owned());
        if let Asking::Rounds { answers, state } = &self.caller.asking
            && let (Some(answer), Some(state)) = (ask::answer(answers), state)
        {
            answer?;
            let version = self.objects(arguments).await?.version();
            self.server.used.redeem(&self.bound(Way::Ask, arguments)?, state, &version)?;
            record.write.confirmation = agreed();
            return Ok(None);
        }
        let (effect, version) = self.look(arguments).await?;
        let question = format!("{effect} Clerk instance: {}.", self.key()?.kind());
        if matches!(self.caller.asking, Asking::Rounds { .. }) {
            let state = self.bound(Way::Ask, arguments)?.seal(version)?;
            return Ok(Some(Outcome::Input(Box::new(ask::input_required(question, state)))));
        }
        self.caller.asking.ask(question).await?;
        self.call = self.call.clone().renewed();
        if self.objects(arguments).await?.version() != version {
            return Err(confirm::denial("its target has changed since").into());
        }
        record.write.confirmation = agreed();
        Ok(None)
    }

    fn key(&self) -> Result<&Key, Error> {
        self.call.key().as_ref().map_err(|fault| Error::Key(*fault))
    }

    fn bound<'b>(&'b self, way: Way, arguments: &'b JsonObject) -> Result<Bound<'b>, Error> {
        Ok(Bound { way, key: self.key()?, entry: self.entry, arguments })
    }

    /// Counts the call where it is limited to so many an hour.
    fn count(&self, rule: Option<RuleId>, arguments: &JsonObject) -> Result<(), Error> {
        let guard = &self.server.guard;
        if let (Some(policy), Some(rule)) = (&guard.policy, rule) {
            policy.count(rule).map_err(|wait| match policy.spent(rule, wait) {
                Verdict::Deny { why, reason, retry_after, .. } => {
                    policy_denied(why, reason, retry_after)
                }
                _ => policy_denied("its limit is reached".to_owned(), None, Some(wait)),
            })?;
        }
        if let (Some(limit), true) = (&guard.max_destructive, self.entry.is_destructive(arguments))
        {
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

    fn record(&self, arguments: &JsonObject) -> Record {
        let audit =
            if self.entry.effect.is_read() { None } else { self.server.guard.audit.clone() };
        Record::new(audit, self, arguments)
    }
}

impl Inner {
    /// How the policy decides on a call, a line a rule. Clerk is asked only where a rule is about
    /// people; where it can't be, that is said.
    pub(super) async fn explain(
        &self,
        toolset: &Toolset,
        entry: &Entry,
        arguments: &JsonObject,
    ) -> Vec<String> {
        let Some(policy) = &self.guard.policy else {
            return vec!["there is no policy: name one with --policy".to_owned()];
        };
        let effect = entry.effect.to_string();
        let subject =
            Subject { tool: entry.name, toolset: toolset.name, effect: &effect, arguments };
        let now = jiff::Timestamp::now();
        if !matches!(policy.decide(&subject, None, &now), Verdict::NeedsFacts) {
            return policy.explain(&subject, None, &now);
        }
        let call = self.clerk.begin(None);
        let facts = async {
            let objects = Target::of(entry, arguments).read(&call).await?;
            objects.facts(&call, entry, arguments).await
        };
        match self.working(&call, facts).await {
            Ok(facts) => policy.explain(&subject, Some(&facts), &now),
            Err(error) => {
                let mut lines = policy.explain(&subject, None, &now);
                let error = call.redact(&error.to_string());
                lines.push(format!("The people it is about could not be looked up: {error}."));
                lines
            }
        }
    }
}

fn cannot_ask() -> Denial {
    Denial::new(
        "confirmation_impossible",
        "the call needs a person's consent, and this client can't ask for it (it has no \
         elicitation)",
        "Nothing was changed. A person can do it in the Clerk Dashboard, use a client with \
         elicitation, or restart the server with --confirm plan.",
    )
}

fn policy_denied(why: String, reason: Option<String>, retry_after: Option<Duration>) -> Denial {
    let hint = reason.map_or_else(
        || "Nothing was changed. Only the operator can change the policy.".to_owned(),
        |reason| format!("Nothing was changed. The operator says: {reason}"),
    );
    Denial { retry_after, ..Denial::new("policy_denied", why, hint) }
}

/// Takes an argument that is no part of the operation.
fn take_text(
    arguments: &mut JsonObject,
    name: &str,
    limit: usize,
) -> Result<Option<String>, Fault> {
    let problem = match arguments.shift_remove(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) if text.chars().count() <= limit => return Ok(Some(text)),
        Some(Value::String(_)) => format!("must have at most {limit} characters"),
        Some(_) => "must be a text".to_owned(),
    };
    Err(Fault { argument: name.to_owned(), problem })
}

/// Adds a sentence to what the agent must know of a result.
fn add_note(output: &mut Value, note: &str) {
    let Some(output) = output.as_object_mut() else { return };
    let before = output.get("note").and_then(Value::as_str).map(|it| format!("{it} "));
    output.insert("note".to_owned(), (before.unwrap_or_default() + note).into());
}
