//! Carrying a call out: it is logged, run, and logged again.

use serde_json::{Map, Value};

use super::{
    Call, Ended, consent::Consented, local, refusal::explain_refusal, render::Presentation,
    second_person::Claim,
};
use crate::{
    Error,
    call::consent::Inherited,
    journal::change_id,
    tokens,
    tool::{
        Content, Exec, Local, Output,
        detail::Detail,
        param::Role,
        projection::Projection,
        record::Record as Object,
        rest::DEFAULT_LIMIT,
        walk::{Shown, Walked},
    },
};

/// How many arguments that would narrow a list are named.
const FILTERS: usize = 4;

impl Consented<'_> {
    pub(super) async fn execute(self) -> Result<Ended, Error> {
        let Self { call, record, arguments, notes, projection, preview, claim } = self;
        if call.tool.is_bulk() {
            let mut preview = match preview {
                Some(preview) => preview,
                None => match call.preview(&arguments).await {
                    Ok(preview) => preview,
                    Err(error) => return Err(record.refused(error).log().await),
                },
            };
            preview.notes.extend(notes);
            if call.tool.is_dry_run(&arguments) {
                return Box::pin(call.dry_run(&preview)).await;
            }
            let inherited = Inherited {
                confirmation: record.write.confirmation.clone(),
                reason: record.write.reason.clone(),
                part_of: match call.begin_bulk_change(&record, &preview).await {
                    Ok(change) => change,
                    Err(error) => return Err(record.refused(error).log().await),
                },
                second_person: claim.map(Claim::into_approver),
                ..Inherited::default()
            };
            return call.carry_out(&preview, &inherited).await;
        }
        let changing = match call.begin_change(&record, &arguments).await {
            Ok(changing) => changing,
            Err(error) => return Err(record.refused(error).log().await),
        };
        let open = match record.begin().await {
            Ok(open) => open,
            Err(error) => {
                if let Some(changing) = changing {
                    changing.not_sent().await;
                }
                return Err(error);
            }
        };
        let presentation = Presentation::new(&call, &arguments, projection);
        let work = call.work(&arguments, &presentation);
        let mut result = if call.tool.is_of_events() {
            // It may wait long, and needs nothing of Clerk: it takes nobody's place there.
            work.await
        } else {
            call.server.working(&call.ctx, work).await
        };
        let logged = open.end(&result, &call.ctx.last_response()).await;
        let changed = match changing {
            Some(changing) => Some(changing.end(&call, &arguments, &result).await),
            None => None,
        };
        if let Err(error) = &mut result {
            explain_refusal(error, &call, &arguments).await;
        }
        if let (Err(error), Some((change, _))) = (&result, &changed)
            && error.may_have_changed()
        {
            result =
                result.map_err(|error| Error::InDoubt { change: *change, error: error.into() });
        }
        let mut output = result?;
        output.notes.extend(notes);
        output.head.extend(call.tool.flags_beside());
        if let Some((change, problem)) = changed {
            output.head.insert("changeId".to_owned(), change_id(change).into());
            output.notes.extend(problem);
        }
        if let Err(problem) = logged {
            // It did happen: that comes first.
            output
                .notes
                .push(format!("It was done, but its audit line is not complete: {problem}."));
        }
        Ok(Ended::Done(output, Box::new(presentation)))
    }
}

impl Call<'_> {
    async fn work(
        &self,
        arguments: &Map<String, Value>,
        presentation: &Presentation,
    ) -> Result<Output, Error> {
        let Projection { all, export_to, .. } = &presentation.projection;
        let ctx = self.ctx.clone().returning(presentation.limit.tokens);
        let run = |arguments, ctx| self.ask(arguments, ctx);
        if let Some(name) = export_to {
            return Box::pin(self.export(name, arguments, presentation)).await;
        }
        match *all {
            Some(rows) => {
                let least_cost = |row: &Object| presentation.row_cost(row, Detail::Concise);
                let tokens = presentation.limit.tokens;
                let mut shown =
                    Shown { rows: Vec::new(), tokens, cost: 0, least_cost: &least_cost };
                let walk = self.tool.walk(arguments, rows, &mut shown, &self.ctx, run);
                let Walked { head, notes, .. } = walk.await?;
                Ok(Output { content: Content::Rows(shown.rows), head, notes })
            }
            None => run(arguments.clone(), ctx).await,
        }
    }

    /// Asks Clerk, or the server itself.
    pub(super) async fn ask(
        &self,
        arguments: Map<String, Value>,
        ctx: crate::Ctx,
    ) -> Result<Output, Error> {
        match self.tool.exec {
            Exec::Rest(rest) => rest.run(self.tool, &arguments, &ctx).await,
            Exec::Composite { run, .. } => run(arguments, ctx).await,
            Exec::Local(Local::Search) => local::search::search(self, arguments),
            Exec::Local(Local::Whoami) => local::whoami::whoami(self, &ctx).await,
            Exec::Local(Local::Events(query)) => {
                local::events::answer(self.tool, query, arguments, &ctx).await
            }
            Exec::Local(Local::Approvals) => local::approvals::list(self).await,
            Exec::Local(Local::Run | Local::RunApproved) | Exec::Steps(_) => {
                Err(Error::Internal("this tool is another tool's work"))
            }
        }
    }
}

impl Presentation {
    fn new(call: &Call, arguments: &Map<String, Value>, projection: Projection) -> Self {
        let number = |role| call.tool.number(role, arguments);
        let page =
            (number(Role::Offset).unwrap_or(0), number(Role::Limit).unwrap_or(DEFAULT_LIMIT));
        // The last ones search most widely.
        let mut filters: Vec<String> = call.tool.filters().collect();
        filters.retain(|name| !arguments.contains_key(name));
        filters.drain(..filters.len().saturating_sub(FILTERS));
        let limit = call.server.answer_limit(&projection);
        let shows_secrets = call.server.guard.selection.is_named(call.tool);
        let (kind, reader) = (call.tool.result, call.caller.reader);
        Self { kind, projection, reader, limit, page, filters, shows_secrets }
    }

    /// What a row costs at a level of detail, with the comma behind it.
    pub(super) fn row_cost(&self, row: &Object, detail: Detail) -> usize {
        let cost = match self.projection.fields {
            Some(_) => tokens::of_object(&self.row(row, detail)),
            None => row.cost(detail),
        };
        cost + 1
    }
}
