//! Work on many objects, one by one: each passes the guard as if it were called alone.

use std::time::Instant;

use clerk_api::Error as ApiError;
use serde_json::{Map, Value};

use super::{Call, Ended, consent, render::Presentation, report};
use crate::{
    Error,
    guard::{policy::RuleId, question::plain},
    journal::change_id,
    tool::{
        Output,
        bulk::{BulkPreview, Row, Step, Table, TakenBack},
        projection::Projection,
    },
};

/// How many objects a person is shown who is to agree.
const NAMED: usize = 20;
/// How many characters of a name are shown.
const NAME: usize = 80;
/// How many fields of a change they are shown.
const LINES: usize = 10;
/// How many characters of a field with its two values are shown.
const LINE: usize = 200;
/// The outcomes, in the order in which a table has them: a reader of its beginning alone reads
/// what needs attention.
const ORDER: [&str; 7] =
    ["unknown", "failed", "would be refused", "not tried", "done", "would be done", "skipped"];

impl Call<'_> {
    /// What the tool would do, or an error if a step of it can't be worked out.
    pub(super) async fn preview(
        &self,
        arguments: &Map<String, Value>,
    ) -> Result<BulkPreview, Error> {
        let ctx = self.ctx.clone().renewed();
        let preview = self.tool.plan(arguments.clone(), ctx.clone());
        self.server.working(&ctx, preview).await.map_err(Error::beforehand)
    }

    /// The effect of the plan in sentences, for the person who is to agree.
    pub(super) fn effect_of(&self, plan: &BulkPreview) -> Vec<String> {
        let due: Vec<&Step> = plan.due().collect();
        if plan.steps.iter().any(|step| step.takes_back.is_some()) {
            return self.effect_of_undo(plan, &due);
        }
        let in_quotes = |id: &str, name: &Option<String>| {
            let id = plain(&self.ctx, id, NAME);
            match name {
                Some(name) => format!("\"{}\" ({id})", plain(&self.ctx, name, NAME)),
                None => id,
            }
        };
        let names = due.iter().take(NAMED).map(|step| in_quotes(&step.id, &step.name));
        let names = names.collect::<Vec<_>>().join("; ");
        let more = match due.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let tool = due.first().map_or(self.tool, |step| step.tool);
        let title = tool.title;
        let undo = if Self::is_destructive(plan) { tool.undo_sentence() } else { String::new() };
        let of = plan.of.as_ref().map(|(id, name)| format!(" of {}", in_quotes(id, name)));
        let of = of.unwrap_or_default();
        vec![format!("{title} ({} in all){of}: {names}{more}.", due.len()), undo]
    }

    /// The effect of taking changes back, field by field.
    fn effect_of_undo(&self, plan: &BulkPreview, due: &[&Step]) -> Vec<String> {
        let mut sentences = vec![format!("{} ({} in all).", self.tool.title, due.len())];
        let of = |step: &Step, lines: &[String]| {
            let name = plain(&self.ctx, step.name.as_deref().unwrap_or_default(), NAME);
            let lines = lines.iter().take(LINES).map(|line| plain(&self.ctx, line, LINE));
            format!("{name} ({}): {}.", step.id, lines.collect::<Vec<_>>().join("; "))
        };
        let back = |step: &&Step| step.takes_back.as_ref().map(|back| of(step, &back.sets_back));
        sentences.extend(due.iter().take(NAMED).filter_map(back));
        if let Some(more @ 1..) = due.len().checked_sub(NAMED) {
            sentences.push(format!("And {more} more; a preview shows them all."));
        }
        let mut left: Vec<String> = Vec::new();
        for step in &plan.steps {
            let Some(back) = &step.takes_back else { continue };
            if !back.left_alone.is_empty() {
                left.push(format!("Left alone: {}", of(step, &back.left_alone)));
            }
        }
        let more = left.len().saturating_sub(NAMED);
        left.truncate(NAMED);
        sentences.extend(left);
        if more > 0 {
            sentences.push(format!("Left alone in {more} more; a preview shows them all."));
        }
        let mut lost: Vec<String> = due
            .iter()
            .filter(|step| step.tool.is_destructive(&step.arguments))
            .map(|step| format!("{}: {}", step.tool.title, step.tool.undo_sentence()))
            .collect();
        lost.sort_unstable();
        lost.dedup();
        sentences.extend(lost);
        sentences
    }

    /// Whether a step of the plan takes away what can't be given back.
    pub(super) fn is_destructive(plan: &BulkPreview) -> bool {
        plan.due().any(|step| step.tool.is_destructive(&step.arguments))
    }

    /// Shows what would be done.
    pub(super) async fn dry_run(&self, plan: &BulkPreview) -> Result<Ended, Error> {
        let mut rows = Vec::new();
        for step in &plan.steps {
            let refusal = match &step.skip {
                Some(_) => None,
                None => self.refusal(step).await,
            };
            let (outcome, why) = match (&step.skip, refusal) {
                (Some(why), _) => ("skipped", Some(why.clone())),
                (None, Some(why)) => ("would be refused", Some(why)),
                (None, None) => ("would be done", None),
            };
            rows.push(row(step, outcome, why));
        }
        self.table(plan, rows, true)
    }

    /// Why the guard would refuse a step, if it would.
    async fn refusal(&self, step: &Step) -> Option<String> {
        let call = self.of_step(step, consent::Inherited::default())?;
        let checked = Box::pin(call.check(step.arguments.clone())).await;
        checked.err().map(|error| self.why(&error))
    }

    /// The rules that allow the steps of the plan, if one of the policy demands a second person.
    pub(super) async fn rules_of_steps(&self, plan: &BulkPreview) -> Vec<(RuleId, u32)> {
        let mut rules = Vec::new();
        let policy = self.policy.as_ref().as_ref();
        if policy.is_none_or(|policy| !policy.demands_second_person()) {
            return rules;
        }
        for step in plan.due() {
            // One that would be refused needs no approval: it is refused again.
            rules.extend(self.check_step(step).await.unwrap_or_default());
        }
        rules
    }

    /// Whether the policy lets the whole call through, each step of a bulk call too, approval apart.
    ///
    /// # Errors
    /// It doesn't, or that can't be known without a look at Clerk, which failed.
    pub(super) async fn check_whole(
        self,
        arguments: Map<String, Value>,
        plan: Option<&BulkPreview>,
    ) -> Result<(), Error> {
        for step in plan.into_iter().flat_map(BulkPreview::due) {
            self.check_step(step).await?;
        }
        Box::pin(self.check(arguments)).await.map(drop)
    }

    /// The rules of the call's own policy that allow a step.
    async fn check_step(&self, step: &Step) -> Result<Vec<(RuleId, u32)>, Error> {
        let Some(mut call) = self.of_step(step, consent::Inherited::default()) else {
            return Err(Error::Internal("a step's tool is missing"));
        };
        // Its rules are known by their places in this policy.
        call.policy = self.policy.clone();
        Box::pin(call.check(step.arguments.clone())).await
    }

    /// Does what is planned, one step after the other.
    pub(super) async fn carry_out(
        &self,
        plan: &BulkPreview,
        inherited: &consent::Inherited,
    ) -> Result<Ended, Error> {
        let began = Instant::now();
        let mut rows = Vec::new();
        let mut stopped: Option<String> = None;
        for (done, step) in plan.steps.iter().enumerate() {
            if let Some(why) = &step.skip {
                rows.push(row(step, "skipped", Some(why.clone())));
                continue;
            }
            if let Some(why) = self.ctx.progress().over(began).filter(|_| stopped.is_none()) {
                stopped = Some(format!("{why}: call again, what is done is skipped"));
            }
            if let Some(why) = &stopped {
                rows.push(row(step, "not tried", Some(why.clone())));
                continue;
            }
            let inherited = consent::Inherited {
                undoes: step.takes_back.as_ref().map(|back| back.change),
                partly: step.takes_back.as_ref().is_some_and(|back| back.partly),
                expects: step
                    .takes_back
                    .as_ref()
                    .map(|back| back.expects.clone())
                    .unwrap_or_default(),
                ..inherited.clone()
            };
            let result = self.carry_out_step(step, inherited).await;
            rows.push(match &result {
                Ok(note) => row(step, "done", note.clone()),
                Err(error) if error.leaves_in_doubt() => {
                    row(step, "unknown", Some(self.why(error)))
                }
                Err(error) => row(step, "failed", Some(self.why(error))),
            });
            if let Err(error) = &result
                && is_everywhere(error)
            {
                stopped = Some("the step before failed for a reason that others share".to_owned());
            }
            let total = u64::try_from(plan.steps.len()).ok();
            self.ctx.progress().tell(done as u64 + 1, total).await;
        }
        let mut ended = self.table(plan, rows, false);
        if let (Ok(Ended::Done(output, _)), Some(change)) = (&mut ended, inherited.part_of) {
            output.head.insert("changeId".to_owned(), change_id(change).into());
        }
        ended
    }

    async fn carry_out_step(
        &self,
        step: &Step,
        inherited: consent::Inherited,
    ) -> Result<Option<String>, Error> {
        let Some(call) = self.of_step(step, inherited) else {
            return Err(Error::Internal("a step's tool is missing"));
        };
        // The call of a call: without a box its size would have no end.
        match Box::pin(call.run(step.arguments.clone())).await? {
            Ended::Done(output, _) => {
                Ok((!output.notes.is_empty()).then(|| output.notes.join(" ")))
            }
            Ended::Planned(_) | Ended::NeedsApproval { .. } => {
                Err(Error::Internal("a step was not admitted"))
            }
        }
    }

    /// The call of one step: all of them were approved.
    fn of_step(&self, step: &Step, inherited: consent::Inherited) -> Option<Call<'_>> {
        let (toolset, tool) = self.server.find(step.tool.name)?;
        Some(Call {
            server: self.server,
            toolset,
            tool,
            caller: self.caller,
            ctx: self.ctx.clone().renewed(),
            // One that was replaced meanwhile is in force for the steps that are left.
            policy: self.server.policy.get(),
            is_by_name: true,
            step: Some(inherited),
            approval: None,
        })
    }

    fn why(&self, error: &Error) -> String {
        self.ctx.redact(&format!("{}: {error}", report::code(error)))
    }

    /// The outcomes as the tool's result.
    fn table(&self, plan: &BulkPreview, mut rows: Vec<Row>, dry_run: bool) -> Result<Ended, Error> {
        rows.sort_by_key(|row| ORDER.iter().position(|outcome| *outcome == row.outcome));
        let count = |outcome: &str| rows.iter().filter(|row| row.outcome == outcome).count() as u64;
        let table = Table {
            dry_run,
            total: rows.len() as u64,
            done: count("done"),
            skipped: count("skipped"),
            failed: count("failed") + count("would be refused"),
            unknown: count("unknown"),
            not_tried: count("not tried"),
            selection: plan.selection.clone().filter(|_| dry_run),
            results: rows.clone(),
        };
        let is_success = dry_run || table.failed + table.unknown + table.not_tried == 0;
        let mut notes = plan.notes.clone();
        if plan.more > 0 {
            notes.push(format!("{} more match and are left for another call.", plan.more));
        }
        if dry_run {
            notes.push(match plan.due().count() {
                0 => "Nothing was changed, and there is nothing to do.".to_owned(),
                due => format!(
                    "Nothing was changed yet. If the person asked for exactly this, call again with \
                     dryRun: false{} to do it to these {due}; if not, show them the preview first.",
                    if plan.selection.is_some() { " and the selection" } else { "" }
                ),
            });
        }
        let mut output = Output::composed(self.tool, &table, notes)?;
        output.head.extend(plan.done_as.map(|name| (name.to_owned(), table.done.into())));
        output.head.insert("success".to_owned(), is_success.into());
        let presentation = Presentation {
            kind: self.tool.result,
            reader: self.caller.reader,
            limit: self.server.answer_limit(&Projection::default()),
            projection: Projection::default(),
            page: (0, 0),
            filters: Vec::new(),
            shows_secrets: false,
        };
        Ok(Ended::Done(output, Box::new(presentation)))
    }
}

fn row(step: &Step, outcome: &str, why: Option<String>) -> Row {
    let back = |lines: fn(&TakenBack) -> &Vec<String>| {
        step.takes_back.as_ref().map(|back| lines(back).clone()).filter(|lines| !lines.is_empty())
    };
    Row {
        id: step.id.clone(),
        name: step.name.clone(),
        outcome: outcome.to_owned(),
        why,
        sets_back: back(|back| &back.sets_back),
        left_alone: back(|back| &back.left_alone),
    }
}

/// Whether the steps that follow would fail for the same reason.
fn is_everywhere(error: &Error) -> bool {
    match error {
        Error::Key(_) | Error::Stopped | Error::Busy => true,
        Error::InDoubt { error, .. } => is_everywhere(error),
        Error::Clerk { error, .. } => match error {
            ApiError::Unreachable(_) | ApiError::Cancelled => true,
            ApiError::Refused(refusal) => matches!(refusal.status, 401 | 429),
            _ => false,
        },
        Error::Denied(denial) => {
            denial.retry_after.is_some()
                || matches!(denial.code, "audit_unwritable" | "journal_unwritable")
        }
        _ => false,
    }
}
