//! Tools that are one request to Clerk.

use clerk_api::{Method, Request, Response, Route};
use serde_json::{Map, Value};

use super::{
    Effect, Exec, Flag, Output, ResultKind, Tool,
    field::Fields,
    param::{Param, Role, Rule},
    read::{self, Page, Read},
    undo::Undo,
    wire,
};
use crate::{Ctx, Error};

/// How many rows Clerk's lists have if no limit is given.
pub(crate) const DEFAULT_LIMIT: u64 = 10;

/// The one request of a tool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    /// Where it goes.
    pub(crate) route: Route,
    /// The route that did the same before, for where Clerk lacks the other one. Its placeholders are
    /// called as those of the other.
    pub(crate) older: Option<Route>,
    /// What is sent in the query of each request.
    pub(crate) fixed: &'static [(&'static str, &'static str)],
    /// The field of a list's answer that holds the rows.
    pub(crate) rows_in: &'static str,
}

/// Begins the row of a tool that is one request: its effect is what the method says, its result an
/// object.
pub(crate) const fn rest(
    name: &'static str,
    title: &'static str,
    route: Route,
    about: &'static str,
) -> Tool {
    let request = Rest::of(route);
    let effect = match route.method {
        Method::Get => Effect::Read,
        Method::Post => Effect::Create,
        Method::Put | Method::Patch => Effect::Update,
        Method::Delete => Effect::Destroy,
    };
    Tool::new(name, title, about, effect, Exec::Rest(request))
}

impl Tool {
    /// A row without arguments, whose result is an object that is passed on whole.
    pub(crate) const fn new(
        name: &'static str,
        title: &'static str,
        about: &'static str,
        effect: Effect,
        exec: Exec,
    ) -> Self {
        Self {
            name,
            title,
            about,
            effect,
            flags: &[],
            returns_secret: false,
            verify_with: "",
            undo: Undo::Nothing,
            params: &[],
            rules: &[],
            result: ResultKind::Object,
            fields: &Fields::OPEN,
            envelope: &super::TOTAL,
            beside: &super::frame::NOTHING,
            explain: super::Explain::None,
            refusals: &[],
            wider: "",
            many_of: "",
            is_exported: false,
            exec,
        }
    }

    /// Its arguments, in groups that tools may share.
    pub(crate) const fn takes(mut self, params: &'static [&'static [Param]]) -> Self {
        self.params = params;
        self
    }

    /// Rules that tie its arguments together.
    pub(crate) const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// The fields of its result.
    pub(crate) const fn returns(mut self, fields: &'static Fields) -> Self {
        self.fields = fields;
        self
    }

    /// Its result is a list, with rows of these fields under this name.
    pub(crate) const fn lists(mut self, rows: &'static str, fields: &'static Fields) -> Self {
        self.result = ResultKind::List(rows);
        self.fields = fields;
        self.is_exported = true;
        self
    }

    /// The form of its result, and what stands beside the rows.
    pub(crate) const fn result(mut self, result: ResultKind, envelope: &'static Fields) -> Self {
        self.result = result;
        self.envelope = envelope;
        self
    }

    /// Whether the rows of its result can be written to a file. Those of a list can, unless Clerk
    /// forbids to keep them elsewhere.
    pub(crate) const fn exported(mut self, is_exported: bool) -> Self {
        self.is_exported = is_exported;
        self
    }

    /// What is in its result beside the object.
    pub(crate) const fn beside(mut self, beside: &'static Fields) -> Self {
        self.beside = beside;
        self
    }

    /// What it does, if the method does not say it.
    pub(crate) const fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// What is special about it.
    pub(crate) const fn flags(mut self, flags: &'static [Flag]) -> Self {
        self.flags = flags;
        self
    }

    /// Its result holds a secret.
    pub(crate) const fn returns_secret(mut self) -> Self {
        self.returns_secret = true;
        self
    }

    /// The tool that shows whether it took place.
    pub(crate) const fn verify_with(mut self, tool: &'static str) -> Self {
        self.verify_with = tool;
        self
    }

    /// How what it does is taken back.
    pub(crate) const fn undo(mut self, undo: Undo) -> Self {
        self.undo = undo;
        self
    }

    /// A look at Clerk that explains its refusals.
    pub(crate) const fn explain(mut self, explain: super::Explain) -> Self {
        self.explain = explain;
        self
    }

    /// What Clerk's refusals with a status call for, in sentences.
    pub(crate) const fn refusals(
        mut self,
        refusals: &'static [(u16, &'static [&'static str])],
    ) -> Self {
        self.refusals = refusals;
        self
    }

    /// The tool that takes further arguments of the kind.
    pub(crate) const fn wider(mut self, tool: &'static str) -> Self {
        self.wider = tool;
        self
    }

    /// The tool that does the same to one object.
    pub(crate) const fn many_of(mut self, tool: &'static str) -> Self {
        self.many_of = tool;
        self
    }

    /// Clerk returns the total of the list only if `paginated` is sent with it.
    pub(crate) const fn paginated(self) -> Self {
        self.fixed(&[("paginated", "true")])
    }

    /// What is sent in the query of each request.
    pub(crate) const fn fixed(mut self, fixed: &'static [(&'static str, &'static str)]) -> Self {
        if let Exec::Rest(rest) = &mut self.exec {
            rest.fixed = fixed;
        }
        self
    }

    /// The route that did the same before, which is asked if Clerk answers 404.
    pub(crate) const fn older(mut self, route: Route) -> Self {
        if let Exec::Rest(rest) = &mut self.exec {
            rest.older = Some(route);
        }
        self
    }

    /// The rows of the answer are in the field of this name.
    pub(crate) const fn rows_in(mut self, name: &'static str) -> Self {
        if let Exec::Rest(rest) = &mut self.exec {
            rest.rows_in = name;
        }
        self
    }

    /// Code in place of the one request, which the code begins with or stands for.
    pub(crate) const fn composite(
        mut self,
        run: fn(Map<String, Value>, Ctx) -> super::Running,
    ) -> Self {
        if let Exec::Rest(rest) = self.exec {
            self.exec = Exec::Composite { run, rest: Some(rest) };
        }
        self
    }
}

impl Rest {
    /// A plain request by this route.
    pub(crate) const fn of(route: Route) -> Self {
        Self { route, older: None, fixed: &[], rows_in: "data" }
    }

    /// The request with these checked arguments.
    pub(crate) fn request(
        &self,
        tool: &'static Tool,
        arguments: &Map<String, Value>,
    ) -> Result<Request, Error> {
        wire::request(tool, self, arguments)
    }

    /// Sends the request, and reads what Clerk answers.
    pub(crate) async fn run(
        &self,
        tool: &'static Tool,
        arguments: &Map<String, Value>,
        ctx: &Ctx,
    ) -> Result<Output, Error> {
        let response = self.send(tool, arguments, ctx).await?;
        self.read(tool, arguments, &response).await
    }

    /// Sends the request, and again by the older route if Clerk may lack the other. If it lacks both,
    /// or what is asked for, the answer to the first is the one that counts.
    async fn send(
        &self,
        tool: &'static Tool,
        arguments: &Map<String, Value>,
        ctx: &Ctx,
    ) -> Result<Response, Error> {
        let sent = ctx.send(self.request(tool, arguments)?).await;
        let (Err(missing), Some(older)) = (&sent, self.older) else { return sent };
        if !has_status(missing, &[404]) {
            return sent;
        }
        let again = ctx.send(Self::of(older).request(tool, arguments)?).await;
        match &again {
            Err(error) if has_status(error, NO_ROUTE) => sent,
            _ => again,
        }
    }

    /// Reads Clerk's answer to the request with these arguments.
    pub(crate) async fn read(
        &self,
        tool: &'static Tool,
        arguments: &Map<String, Value>,
        response: &Response,
    ) -> Result<Output, Error> {
        if tool.result.rows().is_none() {
            return object(tool, response).await;
        }
        let Read { value: page, notes } = self.page(tool, response).await?;
        let total = match tool.number(Role::Limit, arguments) {
            // Without pages, the list is whole.
            None if !tool.has_role(Role::Limit) => page.total.or(Some(page.rows.len() as u64)),
            limit => page.total_of(
                limit.unwrap_or(DEFAULT_LIMIT),
                tool.number(Role::Offset, arguments).unwrap_or(0),
            ),
        };
        let not_found = tool.name_not_found(arguments, &page.rows, total);
        Ok(Output::page(page, total, notes).with_not_found(not_found))
    }

    /// Reads a page of a list.
    pub(crate) async fn page(
        &self,
        tool: &'static Tool,
        response: &Response,
    ) -> Result<Read<Page>, Error> {
        Ok(read::page_in(tool.fields, self.rows_in, response).await?)
    }
}

/// The statuses of a route that isn't there, or not any more.
const NO_ROUTE: &[u16] = &[404, 405, 410, 501];

fn has_status(error: &Error, statuses: &[u16]) -> bool {
    error.refusal().is_some_and(|refusal| statuses.contains(&refusal.status))
}

/// Reads the object that a tool returns.
pub(crate) async fn object(tool: &'static Tool, response: &Response) -> Result<Output, Error> {
    // Only a tool that promises nothing answers with nothing.
    if response.is_empty() && tool.fields.groups.is_empty() {
        return Ok(Output::default());
    }
    let Read { value, notes } = read::object_in(tool.fields, response).await?;
    Ok(Output::object(value, notes))
}

impl Page {
    /// How many rows the whole list has: what Clerk says, or what the page itself proves if it is
    /// not full and not past the end.
    pub(crate) fn total_of(&self, limit: u64, offset: u64) -> Option<u64> {
        let rows = self.rows.len() as u64;
        let ends_here = rows < limit && (rows > 0 || offset == 0);
        self.total.or(ends_here.then_some(offset + rows))
    }
}
