//! The way of one call: is its tool on, are its arguments right, does the policy allow it, must a
//! person agree; then it is logged, run, and logged again.

use std::time::{Duration, Instant};

use clerk_api::SecretKey;
use rmcp::model::{InputRequiredResult, JsonObject};
use serde_json::{Value, json};

use super::{
    Caller, Inner,
    ask::{self, Asking},
    audit::Record,
    mend::mend,
};
use crate::{
    Error, Fault,
    audit::Write,
    ctx::Ctx,
    guard::{
        Denial, Off,
        confirm::{self, Bound, Way},
        policy::{RuleId, Subject, Verdict},
        target::{Objects, Target},
    },
    operation::{Entry, Plan, View, Walk, is_dry_run},
    operations::{DEFAULT_LIMIT, Toolset},
    shape, text,
};

/// How many arguments that would narrow a list are named.
const FILTERS: usize = 4;
/// How many characters a reason may have.
const REASON: usize = 500;

/// What becomes of a call that did not fail.
pub(super) enum Outcome {
    /// It ran; this is its output, and what is to be shown of it.
    Done(Value, Shown),
    /// It did not run yet: this is what it would do.
    Plan(Value),
    /// It did not run yet: the client is to ask the person.
    Input(Box<InputRequiredResult>),
}

/// What is to be shown of an output.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) view: View,
    /// How many rows were skipped, and how many were asked for.
    pub(super) page: (u64, u64),
    /// Arguments that would narrow the list.
    pub(super) filters: Vec<String>,
}

impl Shown {
    fn new(entry: &Entry, arguments: &JsonObject, view: View) -> Self {
        let number = |name: &str| arguments.get(name).and_then(Value::as_u64);
        let page = (number("offset").unwrap_or(0), number("limit").unwrap_or(DEFAULT_LIMIT));
        // The last ones search most widely.
        let mut filters: Vec<String> = entry.filters().map(str::to_owned).collect();
        filters.retain(|it| !arguments.contains_key(it));
        filters.drain(..filters.len().saturating_sub(FILTERS));
        Self { view, page, filters }
    }
}

/// What a step inherits from the call that it is a step of.
#[derive(Clone, Default)]
pub(super) struct Consent {
    /// How it was agreed to, if it had to be.
    confirmation: Option<String>,
    reason: Option<String>,
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
    pub(super) call: Ctx,
    /// What is to be seen of the answer.
    pub(super) view: View,
    /// Whether it was called by its name, and not as a tool of its own.
    pub(super) is_by_name: bool,
    /// Where the call is a step of another, which was agreed to.
    pub(super) consent: Option<Consent>,
    /// What the call would do, where it works on many objects.
    pub(super) planned: Option<Plan>,
}

impl Passage<'_> {
    /// Takes the call to its end. Nothing is sent to Clerk but reads before it is admitted.
    pub(super) async fn run(mut self, mut arguments: JsonObject) -> Result<Outcome, Error> {
        // First of all, so that a refused write keeps its reason in the audit log.
        let mut extras = self.take_extras(&mut arguments);
        if let Some(consent) = &self.consent {
            extras.reason.clone_from(&consent.reason);
        }
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
        if self.entry.is_many() {
            let plan = match self.planned.take() {
                Some(plan) => plan,
                None => self.make_plan(&arguments).await?,
            };
            if is_dry_run(&arguments) {
                return Ok(self.dry_run(plan).await);
            }
            let Write { confirmation, reason, .. } = record.write;
            return Ok(self.carry_out(plan, &Consent { confirmation, reason }).await);
        }
        let open = record.begin().await?;
        let shown = Shown::new(self.entry, &arguments, std::mem::take(&mut self.view));
        let given = arguments.clone();
        let work = self.work(arguments, &shown.view);
        let mut result = if self.entry.of_events {
            // It may wait long, and needs nothing of Clerk: it takes nobody's place there.
            work.await
        } else {
            self.server.working(&self.call, work).await
        };
        let logged = open.end(&result, &self.call.last_response()).await;
        if let Err(error) = &mut result {
            mend(error, self.entry, &given, &self.call).await;
        }
        let mut output = result?;
        if let Err(fault) = logged {
            // It did happen: that comes first.
            let note = format!("It was done, but its audit line is not complete: {fault}.");
            if let Value::Object(output) = &mut output {
                shape::note(output, &note);
            }
        }
        Ok(Outcome::Done(output, shown))
    }

    async fn work(&self, arguments: JsonObject, view: &View) -> Result<Value, Error> {
        let call = self.call.clone();
        match view.walk {
            Some(rows) => {
                let walk = Walk { rows, view, tokens: self.server.answer_limit(view) };
                self.entry.walk(arguments, walk, call).await
            }
            None => self.entry.run(arguments, call).await,
        }
    }

    /// Whether the call may run: `None` where it may, and where it may not yet, what to answer.
    async fn admit(
        &mut self,
        arguments: &mut JsonObject,
        extras: Extras,
        record: &mut Record,
    ) -> Result<Option<Outcome>, Error> {
        let (rule, plan_token) = self.may(arguments, extras, record).await?;
        if let Some(consent) = &self.consent {
            record.write.confirmation.clone_from(&consent.confirmation);
            self.count(rule, arguments)?;
            return Ok(None);
        }
        if self.entry.is_many() {
            if is_dry_run(arguments) {
                return Ok(None);
            }
            self.planned = Some(self.make_plan(arguments).await?);
        }
        let is_destructive = match &self.planned {
            Some(plan) => self.is_destructive(plan),
            None => self.entry.is_destructive(arguments),
        };
        let asking = self.caller.asking.is_possible();
        let waiting = match self.server.guard.confirm.way(is_destructive, self.is_live(), asking) {
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

    fn is_live(&self) -> bool {
        self.call.is_live()
    }

    /// Whether the call would be let through, consent apart.
    pub(super) async fn check(mut self, mut arguments: JsonObject) -> Result<(), Error> {
        let mut record = Record::new(None, &self, &arguments);
        self.may(&mut arguments, Extras::default(), &mut record).await.map(drop)
    }

    /// Whether the tool is on, the arguments are right and the policy allows it: the rule that
    /// does, and the plan's token.
    async fn may(
        &mut self,
        arguments: &mut JsonObject,
        extras: Extras,
        record: &mut Record,
    ) -> Result<(Option<RuleId>, Option<String>), Error> {
        if let Some(off) = self.off() {
            return Err(off.denial(self.toolset, self.entry).into());
        }
        let plan_token = self.read(arguments, extras)?;
        record.takes(self.entry, arguments);
        Ok((self.decide(arguments, record).await?, plan_token))
    }

    fn off(&self) -> Option<Off> {
        let selection = &self.server.guard.selection;
        // A step's tool need not be offered alone either, nor what could be reached by its name.
        let is_reached = self.is_by_name || self.server.is_reached(self.entry, self.is_live());
        if is_reached || self.consent.is_some() {
            selection.off_by_name(self.entry, self.is_live())
        } else {
            selection.off(self.toolset, self.entry, self.is_live())
        }
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
    fn read(
        &mut self,
        arguments: &mut JsonObject,
        extras: Extras,
    ) -> Result<Option<String>, Error> {
        let Extras { plan_token, mut faults, .. } = extras;
        match self.entry.read(std::mem::take(arguments)) {
            Ok(read) if faults.is_empty() => {
                *arguments = read;
                self.view = self.entry.view(arguments);
            }
            Ok(_) => {}
            Err(more) => faults.extend(more.into_iter().map(|fault| self.elsewhere(fault))),
        }
        if faults.is_empty() { Ok(plan_token) } else { Err(Error::Arguments(faults)) }
    }

    /// Names the search that goes through all users where Clerk's own filters lack an argument.
    fn elsewhere(&self, mut fault: Fault) -> Fault {
        const SEARCH: &str = "clerk_find_users";
        let is_of_users =
            self.entry.effect.is_read() && self.entry.route.path.starts_with("/users");
        if is_of_users
            && !self.entry.has(&fault.argument)
            && let Some((toolset, entry)) = self.server.find(SEARCH)
            && entry.has(&fault.argument)
            && self.server.guard.selection.off(toolset, entry, self.is_live()).is_none()
        {
            fault.problem = format!("is no argument of this tool, but of {SEARCH}");
        }
        fault
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
        if matches!(verdict, Verdict::NeedsFacts) && self.entry.is_many() {
            // Each step is decided on with what is known of its own object.
            return Ok(None);
        }
        if matches!(verdict, Verdict::NeedsFacts) {
            let look = async {
                let objects = Target::of(self.entry, arguments).read(&self.call).await?;
                objects.facts(&self.call, self.entry, arguments).await
            };
            let facts = self.before(look).await?;
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

    /// Reads what must be known before the call may run.
    async fn before<T>(&self, look: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let looked = self.server.working(&self.call, look).await;
        if self.entry.effect.is_read() { looked } else { looked.map_err(Error::beforehand) }
    }

    async fn objects(&self, arguments: &JsonObject) -> Result<Objects, Error> {
        self.before(Target::of(self.entry, arguments).read(&self.call)).await
    }

    /// What a confirmation of the call is bound to.
    async fn version(&mut self, arguments: &JsonObject) -> Result<String, Error> {
        if !self.entry.is_many() {
            return Ok(self.objects(arguments).await?.version());
        }
        let plan = match self.planned.take() {
            Some(plan) => plan,
            None => self.make_plan(arguments).await?,
        };
        Ok(self.planned.insert(plan).version())
    }

    /// The effect of the call in words, and what a confirmation of it is bound to.
    async fn look(&self, arguments: &JsonObject) -> Result<(String, String), Error> {
        if let Some(plan) = &self.planned {
            return Ok((self.effect_of(plan), plan.version()));
        }
        let look = async {
            let objects = Target::of(self.entry, arguments).read(&self.call).await?;
            Ok((objects.effect(&self.call, self.entry, arguments).await, objects.version()))
        };
        self.before(look).await
    }

    async fn plan(
        &mut self,
        arguments: &JsonObject,
        token: Option<String>,
        record: &mut Record,
    ) -> Result<Option<Outcome>, Error> {
        if let Some(token) = token {
            let version = self.version(arguments).await?;
            let bound = self.bound(Way::Plan, arguments)?;
            self.server.used.redeem(&bound, &token, &version)?;
            record.write.confirmation = Some("plan".to_owned());
            return Ok(None);
        }
        let (effect, version) = self.look(arguments).await?;
        let expires_at = jiff::Timestamp::now().as_millisecond()
            + i64::try_from(confirm::VALID.as_millis()).unwrap_or_default();
        let token = self.bound(Way::Plan, arguments)?.seal(version)?;
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
            let version = self.version(arguments).await?;
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
        self.planned = None;
        if self.version(arguments).await? != version {
            return Err(confirm::denial("its target has changed since").into());
        }
        record.write.confirmation = agreed();
        Ok(None)
    }

    fn key(&self) -> Result<&SecretKey, Error> {
        self.call.key().map_err(Error::Key)
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
        // Of work on many, each step counts.
        let is_destructive = !self.entry.is_many() && self.entry.is_destructive(arguments);
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
