//! Whether a person must approve a call, and whether they did.

use serde_json::{Map, Value, json};

use super::{
    ApprovalChannel, Call, Ended, Question,
    authorize::Authorized,
    parse::Parsed,
    record::{Record, Refused},
    second_person::{Claim, Demand},
};
use crate::{
    Error,
    audit::Write,
    export::FileName,
    guard::{
        Denial,
        confirm::{self, Bound, ConsentMode},
        question::{Objects, plain},
    },
    principal::{Authentication, Principal},
    tool::{bulk::BulkPreview, projection::Projection},
};

/// How many characters of the agent's reason a person is shown: all that it may have.
const REASON: usize = 500;
/// How many characters of who asks.
const WHO: usize = 200;

/// What a step inherits from the bulk call that it is a step of.
#[derive(Clone, Debug, Default)]
pub(super) struct Inherited {
    /// How the call was approved, if it had to be.
    pub(super) confirmation: Option<String>,
    pub(super) reason: Option<String>,
    /// The change that stands for the bulk call in the journal.
    pub(super) part_of: Option<i64>,
    /// The change that the step takes back.
    pub(super) undoes: Option<i64>,
    /// Whether it takes back only a part of it.
    pub(super) partly: bool,
    /// The fields that it sets back, by their paths, as they must be when it is sent.
    pub(super) expects: Vec<(Vec<String>, Option<Value>)>,
    /// The approval by a second person, and who that was.
    pub(super) second_person: Option<(String, Principal)>,
}

/// A call that may run now.
pub(super) struct Consented<'a> {
    pub(super) call: Call<'a>,
    pub(super) record: Record,
    pub(super) arguments: Map<String, Value>,
    /// What was ignored in the arguments.
    pub(super) notes: Vec<String>,
    pub(super) projection: Projection,
    /// What a bulk call will do.
    pub(super) preview: Option<BulkPreview>,
    /// The approval by a second person that it has used.
    pub(super) claim: Option<Claim>,
}

/// Whether a call may run.
pub(super) enum Admission<'a> {
    /// It may.
    Run(Box<Consented<'a>>),
    /// It ends here: it must be approved first.
    Ended(Box<Ended>),
}

/// What approving a call comes to.
pub(super) enum Approval {
    Given,
    Pending(Box<Ended>),
}

impl<'a> Authorized<'a> {
    /// # Errors
    /// The call isn't approved, or a limit on such calls is reached.
    pub(super) async fn consent(self) -> Result<Admission<'a>, Refused> {
        let Self { parsed, rules } = self;
        let Parsed {
            call,
            mut record,
            arguments,
            given,
            mut notes,
            identified,
            projection,
            plan_token,
        } = parsed;
        let mut approving = Approving {
            call: &call,
            arguments: &arguments,
            given: given.as_ref(),
            identified: &identified,
            preview: None,
            export_to: projection.export_to.as_ref().map(FileName::as_str),
            demand: Demand::of(&call, &rules),
            claim: None,
        };
        let approved = approving.approve(plan_token, &mut record.write).await;
        let Approving { preview, claim, .. } = approving;
        match approved {
            Ok(Approval::Pending(ended)) => return Ok(Admission::Ended(ended)),
            Err(error) => return Err(record.refused(error)),
            Ok(Approval::Given) => {}
        }
        // A preview changes nothing, so it counts for nothing.
        let is_preview = call.tool.is_bulk() && call.tool.is_dry_run(&arguments);
        if !is_preview && let Err(denial) = call.count(&rules, &arguments) {
            return Err(record.refused(denial.into()));
        }
        // Last of all: from here on the call is sent, or its approval is lost.
        if let Some(claim) = &claim
            && let Err(denial) = claim.take().await
        {
            return Err(record.refused(denial.into()));
        }
        notes.extend(identified);
        let consented = Consented { call, record, arguments, notes, projection, preview, claim };
        Ok(Admission::Run(Box::new(consented)))
    }
}

/// A call that is being approved.
pub(super) struct Approving<'c, 'a> {
    pub(super) call: &'c Call<'a>,
    pub(super) arguments: &'c Map<String, Value>,
    /// The arguments as they were given.
    pub(super) given: Option<&'c Map<String, Value>>,
    /// What was looked up for the arguments, as sentences.
    identified: &'c [String],
    /// What a bulk call would do, once it is worked out.
    pub(super) preview: Option<BulkPreview>,
    /// The file that the result is to be written to.
    pub(super) export_to: Option<&'c str>,
    /// What the policy demands of a second person, if it does.
    pub(super) demand: Option<Demand>,
    /// The approval of a second person that the call is about to use.
    pub(super) claim: Option<Claim>,
}

impl Approving<'_, '_> {
    async fn approve(
        &mut self,
        plan_token: Option<String>,
        write: &mut Write,
    ) -> Result<Approval, Error> {
        if let Some(inherited) = &self.call.step {
            self.approve_step(inherited, write)?;
            return Ok(Approval::Given);
        }
        if self.call.tool.is_bulk() {
            if self.call.tool.is_dry_run(self.arguments) {
                return Ok(Approval::Given);
            }
            let preview = self.call.preview(self.arguments).await?;
            let of_steps = self.call.rules_of_steps(&preview).await;
            self.demand = Demand::and(self.demand.take(), Demand::of(self.call, &of_steps));
            self.preview = Some(preview);
        }
        // An approval is used up even if the policy doesn't demand it any more.
        if self.demand.is_some() || self.call.approval.is_some() {
            let demand = self.demand.take().unwrap_or_default();
            return Box::pin(self.by_second_person(demand, write)).await;
        }
        let is_destructive = match &self.preview {
            Some(preview) => Call::is_destructive(preview),
            None => self.call.tool.is_destructive(self.arguments),
        };
        let can_ask = self.call.caller.approval != ApprovalChannel::None;
        let mode = &self.call.server.guard.confirm;
        match mode.of_call(is_destructive, self.call.is_live(), can_ask) {
            ConsentMode::NotNeeded => Ok(Approval::Given),
            ConsentMode::SecondPerson => Err(Error::Internal("nobody demands a second person")),
            ConsentMode::Refused => Err(cannot_ask().into()),
            ConsentMode::Plan => self.by_plan(plan_token, write).await,
            ConsentMode::Ask => self.by_person(write).await,
        }
    }

    async fn by_plan(&self, token: Option<String>, write: &mut Write) -> Result<Approval, Error> {
        if let Some(token) = token {
            let version = self.version().await?;
            let bound = self.bound(ConsentMode::Plan, write)?;
            self.call.server.used.redeem(&bound, &token, &version)?;
            write.confirmation = Some("plan".to_owned());
            return Ok(Approval::Given);
        }
        let (mut effect, version) = self.look(write).await?;
        if self.call.ctx.profile().is_some() {
            effect.0.push(self.instance()?);
        }
        let expires_at = jiff::Timestamp::now().as_millisecond()
            + i64::try_from(confirm::VALID.as_millis()).unwrap_or_default();
        let token = self.bound(ConsentMode::Plan, write)?.seal(&version)?;
        // No `success`: it neither failed nor was done.
        let plan = json!({
            "plan": { "token": token, "effect": effect.to_string(), "expiresAt": expires_at },
            "note": "Nothing was changed yet: a person must approve this call. Show them plan.effect; \
                     once they approve it, call again with the same arguments and plan.token as \
                     planToken.",
        });
        let plan = match plan {
            Value::Object(plan) => plan,
            _ => Map::new(),
        };
        Ok(Approval::Pending(Box::new(Ended::Planned(plan))))
    }

    async fn by_person(&self, write: &mut Write) -> Result<Approval, Error> {
        if let ApprovalChannel::Answered { answer, state } = &self.call.caller.approval {
            if let Some(problem) = answer.problem() {
                return Err(not_approved(problem).into());
            }
            let version = self.version().await?;
            let bound = self.bound(ConsentMode::Ask, write)?;
            self.call.server.used.redeem(&bound, state, &version)?;
            write.confirmation = Some("the person agreed".to_owned());
            return Ok(Approval::Given);
        }
        let (mut question, version) = self.look(write).await?;
        question.0.push(self.instance()?);
        let state = self.bound(ConsentMode::Ask, write)?.seal(&version)?;
        Ok(Approval::Pending(Box::new(Ended::NeedsApproval { question, state })))
    }

    /// Which instance the call would change, as a sentence.
    pub(super) fn instance(&self) -> Result<String, Error> {
        let kind = self.call.ctx.key().map_err(Error::Key)?.kind();
        Ok(match self.call.ctx.profile() {
            Some(profile) => format!("Clerk instance: {profile} ({kind})."),
            None => format!("Clerk instance: {kind}."),
        })
    }

    /// What an approval of the call is bound to.
    pub(super) async fn version(&self) -> Result<String, Error> {
        if let Some(preview) = &self.preview {
            return Ok(preview.version());
        }
        let Call { tool, ctx, .. } = self.call;
        let look = Objects::read(ctx, tool, self.arguments);
        Ok(self.call.before(look).await?.version())
    }

    /// The effect of the call with who asks and why, and what an approval of it is bound to.
    async fn look(&self, write: &Write) -> Result<(Question, String), Error> {
        let (mut sentences, version) = self.effect().await?;
        let ctx = &self.call.ctx;
        let principal = &self.call.caller.principal;
        if principal.authentication == Authentication::OAuth {
            sentences.push(format!("Asked for by {}.", plain(ctx, &principal.to_string(), WHO)));
        }
        if let Some(reason) = &write.reason {
            sentences.push(format!("Reason given: \"{}\".", plain(ctx, reason, REASON)));
        }
        Ok((Question(sentences), version))
    }

    /// The effect of the call in sentences, and what an approval of it is bound to.
    pub(super) async fn effect(&self) -> Result<(Vec<String>, String), Error> {
        let Call { tool, ctx, .. } = self.call;
        let (mut sentences, version) = if let Some(preview) = &self.preview {
            (self.call.effect_of(preview), preview.version())
        } else {
            let look = async {
                let objects = Objects::read(ctx, tool, self.arguments).await?;
                Ok((objects.effect(ctx, tool, self.arguments).await, objects.version()))
            };
            self.call.before(look).await?
        };
        sentences.retain(|sentence| !sentence.is_empty());
        sentences.extend(self.identified.iter().cloned());
        Ok((sentences, version))
    }

    fn bound<'b>(&'b self, mode: ConsentMode, write: &'b Write) -> Result<Bound<'b>, Error> {
        let key = self.call.ctx.key().map_err(Error::Key)?;
        let (tool, reason) = (self.call.tool, write.reason.as_deref());
        let principal = &self.call.caller.principal;
        Ok(Bound { mode, principal, key, tool, arguments: self.arguments, reason })
    }
}

fn cannot_ask() -> Denial {
    Denial::new(
        "confirmation_impossible",
        "the call needs a person's approval, and this client can't ask for it (it has no \
         elicitation)",
        "Nothing was changed. A person can do it in the Clerk Dashboard, use a client with \
         elicitation, or restart the server with --confirm plan.",
    )
}

fn not_approved(problem: &str) -> Denial {
    Denial::new(
        "not_confirmed",
        format!("the call needs a person's approval, and {problem}"),
        "Nothing was changed. Don't call again unless the person asks for it.",
    )
}
