//! Approval by a second person: what a rule of the policy demands before a call runs. The call waits in
//! the file of approvals, and nothing in it, not even the answer to a question, approves it.

mod demand;
mod refusals;

use serde_json::{Map, Value, json};

use self::refusals::{
    expired, has_secret, no_file, not_theirs, outdated, rejected, unknown_asker, used,
};
pub(super) use self::{
    demand::Demand,
    refusals::{foreign, unusable},
};

use super::{
    Call, Caller, Ended,
    consent::{Approval as Consent, Approving, Inherited},
};
use crate::{
    Error,
    approvals::{
        Approval, Approvals, Ask, Asked, FieldDiff, Question, State, fits_all, is_askable,
    },
    audit::Write,
    catalog::changes::CURRENT,
    guard::{
        Denial,
        confirm::{Bound, ConsentMode, digest},
        seal::Unsealed,
        subjects,
    },
    journal::FieldChange,
    principal::{Authentication, Principal},
    text::clean_text,
    tool::{
        Tool,
        bulk::{BulkPreview, Ending},
        param::Role,
    },
};

/// How many characters of a value that would change are shown.
const VALUE: usize = 2_000;

/// An approval that a call is about to use.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    approvals: Approvals,
    id: String,
    by: Principal,
}

impl Claim {
    /// Uses the approval, at the last moment before the call is sent: no other call, in whichever
    /// process, gets it too.
    ///
    /// # Errors
    /// A [`Denial`]: another call has it, or the file can't be written.
    pub(super) async fn take(&self) -> Result<(), Denial> {
        match self.approvals.claim(&self.id).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(used(&self.id, None)),
            Err(error) => Err(unusable(&error)),
        }
    }

    /// Keeps how the call of a tool ended. In doubt, nothing is said of it.
    pub(super) async fn end(self, tool: &Tool, ended: &Result<Ended, Error>) {
        let outcome = match ended {
            Ok(Ended::Done(output, _)) if tool.is_bulk() => match output.ending() {
                Ending::Done => "done",
                Ending::Failed => "failed",
                Ending::InDoubt => return,
            },
            Ok(_) => "done",
            Err(error) if error.may_have_changed() => return,
            Err(_) => "failed",
        };
        if let Err(error) = self.approvals.end(&self.id, outcome).await {
            tracing::error!(%error, "the approvals lack the end of a call");
        }
    }

    /// Its ID, and who approved.
    pub(super) fn into_approver(self) -> (String, Principal) {
        (self.id, self.by)
    }
}

impl Approving<'_, '_> {
    /// Whether a step may run by what its bulk call has: a second person's approval, if the rules for the
    /// step demand one.
    ///
    /// # Errors
    /// They do, and it has none that fits.
    pub(super) fn approve_step(
        &self,
        inherited: &Inherited,
        write: &mut Write,
    ) -> Result<(), Error> {
        write.confirmation.clone_from(&inherited.confirmation);
        if let Some((id, by)) = &inherited.second_person {
            (write.approval, write.approved_by) = (Some(id.clone()), Some(by.clone()));
        }
        let Some(demand) = &self.demand else { return Ok(()) };
        let approver = inherited.second_person.as_ref().map(|(_, by)| by);
        if approver.is_some_and(|by| fits_all(&demand.approvers, by)) {
            return Ok(());
        }
        let message =
            "a second person must approve this step, and the whole call isn't approved so";
        Err(Denial::new(
            "needs_second_person",
            message,
            "Nothing was changed. Call its tool for it alone.",
        )
        .into())
    }

    /// Uses the approval that a second person gave, or lets the call wait for one.
    ///
    /// # Errors
    /// A [`Denial`] that says what the call waits for, or why the approval can't be used.
    pub(super) async fn by_second_person(
        &mut self,
        demand: Demand,
        write: &mut Write,
    ) -> Result<Consent, Error> {
        let approvals = file(self.call)?.clone();
        let person = &self.call.caller.principal;
        if !is_askable(person) {
            return Err(unknown_asker().into());
        }
        if self.has_secret() {
            return Err(has_secret().into());
        }
        let stored = self.kept(self.arguments);
        let found = match &self.call.approval {
            Some(id) => approvals.get(id).await,
            None => approvals.find(self.sealed(&stored)?.fingerprint(), write.reason.clone()).await,
        };
        let found = found.map_err(|error| unusable(&error))?;
        let (approval, is_new) = match found {
            Some(approval) if approval.state != State::Pending => (approval, false),
            Some(approval) if self.call.approval.is_some() => (approval, false),
            _ => match self.ask(&approvals, &demand, &stored, write).await? {
                Asked::New(approval) => (approval, true),
                Asked::Known(approval) => (approval, false),
            },
        };
        write.approval = Some(approval.id.clone());
        match approval.state {
            State::Approved => {
                self.redeem(&approvals, &demand, &stored, approval, write).await?;
                Ok(Consent::Given)
            }
            State::Pending => Err(self.waits(&approval, &demand, is_new).into()),
            State::Rejected => Err(rejected(&approval).into()),
            State::Used => Err(used(&approval.id, Some(&approval)).into()),
            State::Expired => Err(expired(&approval).into()),
            State::Outdated => Err(outdated(&approval.id).into()),
        }
    }

    /// Arguments as they are kept, with the file that the result is to be written to. The current
    /// session is kept by its name: whoever decides has another one.
    fn kept(&self, arguments: &Map<String, Value>) -> Map<String, Value> {
        let mut arguments = arguments.clone();
        let session = self.call.tool.arguments().find(|param| param.role == Role::Session);
        if let (Some(param), Some(name)) = (session, self.call.ctx.session())
            && let Some(session) = arguments.get_mut(&param.name())
            && session == CURRENT
        {
            *session = name.into();
        }
        if let Some(name) = self.export_to {
            arguments.insert(Tool::EXPORT_TO.name(), name.into());
        }
        arguments
    }

    /// Whether an argument is a secret or looks like one: it would have to be kept as it is.
    fn has_secret(&self) -> bool {
        let Call { tool, ctx, .. } = self.call;
        let masked = tool.masked(self.arguments);
        let looks_so = |arguments: &Map<String, Value>| {
            let mut redacted = Value::Object(arguments.clone());
            ctx.redactor().value(&mut redacted);
            redacted.as_object() != Some(arguments)
        };
        masked != *self.arguments || looks_so(self.arguments) || self.given.is_some_and(looks_so)
    }

    /// The fields that the call would change.
    ///
    /// # Errors
    /// They can't be read: what can't be shown isn't approved.
    async fn changes(&self) -> Result<Vec<FieldChange>, Error> {
        self.call.before(self.call.diff(self.arguments)).await
    }

    /// What the approval is bound to, with what else the second person was shown: the names of many
    /// objects, and the fields as they are. It holds for longer than a plan.
    fn as_shown(&self, version: &str, changes: &[FieldChange]) -> String {
        let due = self.preview.iter().flat_map(BulkPreview::due);
        let mut names: Vec<_> =
            due.filter(|step| step.is_known_by_name).map(|step| (&step.id, &step.name)).collect();
        names.sort_unstable();
        let fields = changes.iter().map(|change| json!([change.path, change.before]));
        json!([version, names, fields.collect::<Value>()]).to_string()
    }

    /// Whether the policy lets somebody make the call themselves, with each step of it: what it asks of
    /// an approver if it doesn't say who may approve.
    ///
    /// # Errors
    /// It can't be known now.
    async fn lets_make(&self, person: &Principal) -> Result<bool, Error> {
        let Call { server, toolset, tool, caller, ctx, policy, .. } = self.call;
        let key = caller.key.clone();
        let caller = Caller { principal: person.clone(), key, ..Caller::default() };
        let call = Call {
            server,
            toolset,
            tool,
            caller: &caller,
            ctx: ctx.clone().renewed(),
            policy: policy.clone(),
            is_by_name: true,
            step: None,
            approval: None,
        };
        let given = self.kept(self.given.unwrap_or(self.arguments));
        match Box::pin(call.check_whole(given, self.preview.as_ref())).await {
            Ok(()) => Ok(true),
            Err(Error::Denied(denial)) if denial.retry_after.is_none() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn sealed<'b>(&'b self, arguments: &'b Map<String, Value>) -> Result<Bound<'b>, Error> {
        let Call { ctx, tool, caller, .. } = self.call;
        Ok(Bound {
            mode: ConsentMode::SecondPerson,
            principal: &caller.principal,
            key: ctx.key().map_err(Error::Key)?,
            tool,
            arguments,
            reason: None,
        })
    }

    /// Lets the call wait, unless it does already.
    async fn ask(
        &self,
        approvals: &Approvals,
        demand: &Demand,
        stored: &Map<String, Value>,
        write: &Write,
    ) -> Result<Asked, Error> {
        let (mut sentences, version) = self.effect().await?;
        let changes = self.changes().await?;
        let version = self.as_shown(&version, &changes);
        sentences
            .extend(self.export_to.map(|name| format!("Writes the result to the file {name}.")));
        sentences.push(self.instance()?);
        let changes = changes.into_iter().map(|change| self.shown(change)).collect();
        let bound = self.sealed(stored)?;
        let text = |text: &Option<String>| text.as_deref().map(|text| self.call.ctx.redact(text));
        let ask = Ask {
            asked_by: self.call.caller.principal.clone(),
            client: text(&write.client),
            key: write.key.to_owned(),
            instance: write.instance.clone(),
            tool: write.tool.clone(),
            target: subjects::target(self.call.tool, self.arguments),
            arguments: stored.clone(),
            given: self.kept(self.given.unwrap_or(self.arguments)),
            reason: text(&write.reason),
            rule: write.rule.clone(),
            approvers: demand.approvers.clone(),
            question: Question { sentences, changes },
            call: bound.fingerprint(),
            version: digest(&version),
            seal: bound.seal_for(&version, approvals.valid())?,
        };
        Ok(approvals.ask(ask).await.map_err(|error| unusable(&error))?)
    }

    /// A field that would change, as a person is shown it.
    fn shown(&self, change: FieldChange) -> FieldDiff {
        let name = clean_text(&self.call.ctx.redact(&change.name()), VALUE).into_owned();
        let value = |value: Option<Value>| {
            let mut value = value?;
            self.call.ctx.redactor().value(&mut value);
            Some(clean_text(&value.to_string(), VALUE).into_owned())
        };
        FieldDiff { name, before: value(change.before), after: value(change.after) }
    }

    /// Checks an approval once more, for the call as it is now, and prepares its use.
    async fn redeem(
        &mut self,
        approvals: &Approvals,
        demand: &Demand,
        stored: &Map<String, Value>,
        approval: Approval,
        write: &mut Write,
    ) -> Result<(), Error> {
        let Some((by, _)) = approval.decided.clone() else {
            return Err(Error::Internal("an approval doesn't say whose it is"));
        };
        // The policy may have changed since, and the file is read as it is.
        let is_anybodys = demand.approvers.iter().any(Vec::is_empty);
        let is_named = !is_anybodys || by.authentication == Authentication::Process;
        let fits = !approval.ask.may_be_by(&by) && fits_all(&demand.approvers, &by);
        if !fits || !(is_named || self.lets_make(&by).await?) {
            approvals.outdate(&approval.id).await.map_err(|error| unusable(&error))?;
            return Err(not_theirs(&approval.id, &by).into());
        }
        let version = self.as_shown(&self.version().await?, &self.changes().await?);
        match self.sealed(stored)?.opens(&approval.ask.seal, &version) {
            Ok(true) => {}
            Ok(false) => {
                approvals.outdate(&approval.id).await.map_err(|error| unusable(&error))?;
                return Err(outdated(&approval.id).into());
            }
            Err(Unsealed::Expired) => return Err(expired(&approval).into()),
            Err(Unsealed::Foreign) => return Err(foreign(&approval.id).into()),
        }
        write.confirmation = Some("a second person approved".to_owned());
        write.reason.clone_from(&approval.ask.reason);
        write.approved_by = Some(by.clone());
        self.claim = Some(Claim { approvals: approvals.clone(), id: approval.id, by });
        Ok(())
    }

    /// What the agent reads of a call that waits.
    fn waits(&self, approval: &Approval, demand: &Demand, is_new: bool) -> Denial {
        let Approval { id, ask, expires_at, .. } = approval;
        let until = expires_at.strftime("%Y-%m-%d %H:%M UTC");
        let page = self.call.server.guard.approvals_page.as_ref();
        let place = match page {
            Some(page) => format!("at {page}/{id}"),
            None => format!("on the server's machine with `clerk-mcp approvals approve {id}`"),
        };
        let state = if is_new { "waits now" } else { "still waits" };
        let who = ask.approvers_in_words();
        let reasons = demand.reasons.iter().map(|reason| format!(" The operator says: {reason}"));
        let reasons: String = reasons.collect();
        Denial::new(
            "needs_second_person",
            format!("a second person must approve this call; it {state} as {id}, until {until}"),
            format!(
                "Nothing was sent to Clerk. Stop here and tell the person: {who} can approve it \
                 {place}. Nothing that you or they write here approves it. Once it is approved, \
                 clerk_run_approved with approvalId {id}, or the same call, does it once.{reasons}"
            ),
        )
    }
}

/// The file of approvals.
///
/// # Errors
/// A [`Denial`]: there is none.
pub(super) fn file<'a>(call: &'a Call<'_>) -> Result<&'a Approvals, Denial> {
    call.server.guard.approvals.as_ref().ok_or_else(no_file)
}
