//! What a tool is. One row says all there is to know of it, as data; schemas, the check of the
//! arguments, the request, the reading of the answer and the masks of the audit log are derived
//! from it, and are known nowhere else.

mod arguments;
pub(crate) mod bulk;
pub(crate) mod changes;
pub(crate) mod columns;
pub(crate) mod date;
pub(crate) mod declared;
pub(crate) mod detail;
mod effect;
mod exports;
pub(crate) mod field;
mod frame;
mod guide;
pub(crate) mod handle;
pub(crate) mod kind;
pub mod layout;
mod mask;
pub(crate) mod not_found;
pub(crate) mod output;
pub(crate) mod param;
pub(crate) mod pick;
pub(crate) mod projection;
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod reference;
pub(crate) mod rest;
mod result_kind;
mod schema;
pub(crate) mod undo;
pub(crate) mod values;
pub(crate) mod walk;
mod wire;

use clerk_api::Route;
use futures::future::BoxFuture;
use serde_json::{Map, Value};

pub use self::detail::Reader;
pub use self::effect::{Effect, Flag};
pub(crate) use self::{
    arguments::Checked,
    frame::{
        ALL_SESSIONS_REVOKED, EXPORT, HAS_MORE, NEXT_CURSOR, REMOVED, REVOKED, SESSIONS_REVOKED,
        TOTAL,
    },
    output::{Content, Output},
    rest::{Rest, rest},
    result_kind::ResultKind,
};
use self::{
    field::{FieldType, Fields},
    param::{Clear, Param, Place, Role, Rule, TEXT, list},
    undo::Undo,
};
pub use crate::error::ArgumentError;
pub(crate) use crate::names::{camel_case, is_camel_of, nearest, snake_case};
use crate::{Ctx, Error};

/// A tool: a row of the catalog.
#[derive(Debug)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What a model reads of it.
    pub about: &'static str,
    /// What it does to Clerk's data.
    pub effect: Effect,
    /// What is special about it.
    pub flags: &'static [Flag],
    /// Whether its result holds a secret: such a tool is on only if the operator names it.
    pub returns_secret: bool,
    /// The tool that shows whether a write took place; "" for a read.
    pub verify_with: &'static str,
    /// How what it does is taken back.
    pub(crate) undo: Undo,
    /// Its arguments, in groups that tools may share.
    pub(crate) params: &'static [&'static [Param]],
    /// Rules that tie its arguments together.
    pub(crate) rules: &'static [Rule],
    /// The form of its result.
    pub(crate) result: ResultKind,
    /// The fields of the result, or of each of its rows.
    pub(crate) fields: &'static Fields,
    /// What is in the result beside the rows.
    pub(crate) envelope: &'static Fields,
    /// What is in the result beside the object. Flags in it are true: the call was carried out.
    pub(crate) beside: &'static Fields,
    /// A look at Clerk that explains its refusals.
    pub(crate) explain: Explain,
    /// What Clerk's refusals with a status call for, if it is special: sentences as in
    /// `call/hint.rs`.
    pub(crate) refusals: &'static [(u16, &'static [&'static str])],
    /// The tool that takes further arguments of the kind; "" if there is none.
    pub(crate) wider: &'static str,
    /// The tool that does the same to one object; "" if there is none. An operator who excludes or
    /// denies that tool excludes or denies this one too.
    pub many_of: &'static str,
    /// Whether the rows of its result can be written to a file, if the operator allows it.
    pub(crate) is_exported: bool,
    /// How it is carried out.
    pub(crate) exec: Exec,
}

/// What a look at Clerk can explain when Clerk refuses a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Explain {
    /// Nothing beyond what holds for every tool.
    None,
    /// Which user has the identifier.
    User,
    /// Which organization has the slug.
    Organization,
    /// Whether the user is a member.
    Membership,
    /// How the session ended.
    Session,
}

/// How a tool is carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exec {
    /// One request to Clerk, whose answer is the result.
    Rest(Rest),
    /// Several requests, by code; and the operation of Clerk that the tool stands for, if it is one.
    Composite { run: fn(Map<String, Value>, Ctx) -> Running, rest: Option<Rest> },
    /// Many calls of another tool: what each would do.
    Steps(fn(Map<String, Value>, Ctx) -> Planning),
    /// Nothing of Clerk's: the server itself answers.
    Local(Local),
}

/// What the server itself answers, without Clerk or with little of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Local {
    /// Searches the catalog.
    Search,
    /// Runs a tool by its name.
    Run,
    /// Makes a call that a second person has approved.
    RunApproved,
    /// Lists the calls that the caller asked a second person to approve.
    Approvals,
    /// Describes the server and the instance.
    Whoami,
    /// Answers from the events that this server keeps.
    Events(EventsQuery),
}

/// What is asked of the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventsQuery {
    List,
    Get,
    Wait,
}

/// A call that is under way.
pub(crate) type Running = BoxFuture<'static, Result<Output, Error>>;
/// The steps of a call that works on many objects, being planned.
pub(crate) type Planning = BoxFuture<'static, Result<bulk::BulkPreview, Error>>;

/// What the tools of a server take beside their own arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallMeta {
    /// Whether writes take a `reason`: there is an audit log that it stands in.
    pub reason: bool,
    /// Whether calls that need approval take a `planToken`: they may be answered with a plan.
    pub plan_token: bool,
    /// Whether reads with rows take `exportTo`: there is a folder for files.
    pub export: bool,
}

const REASON: Param =
    param::text("reason").at_most(500).about("Why, for the audit log.").local().role(Role::Reason);
const PLAN_TOKEN: Param = param::text("plan_token")
    .about("The plan.token that the same call returned, once the person approves its effect.")
    .local()
    .role(Role::PlanToken);

const CLEAR: Param = list("clear", &TEXT)
    .about("Names of arguments to clear, comma-separated; they can be")
    .local()
    .role(Role::Clear);

impl Tool {
    /// What every write takes beside its own arguments.
    pub(crate) const META: &[Param] = &[REASON, PLAN_TOKEN];
    /// Its arguments, in their order, with those that every read takes, and `clear` if one of them
    /// can be cleared.
    pub(crate) fn params(&self) -> impl Iterator<Item = &'static Param> + Clone + use<> {
        let of_projection =
            if self.effect.is_read() { projection::params(self.result) } else { &[] };
        let own: &'static [&'static [Param]] = self.params;
        let own = own.iter().copied().flatten();
        let clear = own.clone().any(|param| param.clear != Clear::Never);
        own.chain(of_projection).chain(clear.then_some(&CLEAR))
    }

    /// The arguments that agents give: all but the cursor, which is the server's.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &'static Param> + Clone + use<> {
        self.params().filter(|param| param.role != Role::Cursor)
    }

    /// The argument of a name.
    pub(crate) fn argument(&self, name: &str) -> Option<&'static Param> {
        self.arguments().find(|param| param.is_named(name))
    }

    /// The argument that has a role.
    pub(crate) fn with_role(&self, role: Role) -> Option<&'static Param> {
        self.params().find(|param| param.role == role)
    }

    /// Whether an argument has a role.
    pub(crate) fn has_role(&self, role: Role) -> bool {
        self.with_role(role).is_some()
    }

    /// What checked arguments hold for a role.
    pub(crate) fn of_role<'a>(
        &self,
        role: Role,
        arguments: &'a Map<String, Value>,
    ) -> Option<&'a Value> {
        arguments.get(&self.with_role(role)?.name())
    }

    /// What checked arguments hold for the argument of this name at Clerk.
    pub(crate) fn by_wire<'a>(
        &self,
        wire: &str,
        arguments: &'a Map<String, Value>,
    ) -> Option<&'a Value> {
        let param = self.arguments().find(|param| param.wire == wire)?;
        arguments.get(&param.name())
    }

    /// The number that checked arguments hold for a role.
    pub(crate) fn number(&self, role: Role, arguments: &Map<String, Value>) -> Option<u64> {
        self.of_role(role, arguments)?.as_u64()
    }

    /// Brings a call's arguments into the form that the row asks for, or reports all that is wrong
    /// with them.
    ///
    /// # Errors
    /// Each thing that is wrong, with its place.
    pub(crate) fn check(
        &'static self,
        arguments: Map<String, Value>,
    ) -> Result<Checked, Vec<ArgumentError>> {
        arguments::check(self, arguments)
    }

    /// Takes what the agent wants to see of the result out of checked arguments.
    pub(crate) fn projection(
        &'static self,
        arguments: &mut Map<String, Value>,
    ) -> projection::Projection {
        projection::Projection::take(self, arguments)
    }

    /// The arguments without the secrets in them.
    pub(crate) fn masked(&self, arguments: &Map<String, Value>) -> Map<String, Value> {
        mask::masked(&self.arguments(), arguments)
    }

    /// What is true of a call that was carried out, for its result.
    pub(crate) fn flags_beside(&self) -> impl Iterator<Item = (String, Value)> + use<> {
        let flags = self.beside.iter().filter(|field| matches!(field.ty, FieldType::Bool));
        flags.map(|field| (field.name(), true.into()))
    }

    /// The names that its own arguments have at Clerk, those of the path included.
    #[must_use]
    pub fn wire_names(&self) -> Vec<&'static str> {
        let own = self.params.iter().copied().flatten();
        own.filter(|param| param.role != Role::Cursor).map(|param| param.wire).collect()
    }

    /// The schema of an argument, by its name at Clerk.
    #[must_use]
    pub fn argument_schema(&self, wire: &str) -> Option<Value> {
        let param = self.arguments().find(|param| param.wire == wire)?;
        schema::of_input(std::iter::once(param)).get("properties")?.get(param.name()).cloned()
    }

    /// Whether a call must have an argument, by its name at Clerk.
    #[must_use]
    pub fn requires(&self, wire: &str) -> bool {
        self.arguments().any(|param| param.wire == wire && param.required)
    }

    /// Whether an argument is the whole body of the request, by its name at Clerk.
    #[must_use]
    pub fn is_body(&self, wire: &str) -> bool {
        let is_body = |param: &Param| param.place == Place::WholeBody;
        self.arguments().any(|param| param.wire == wire && is_body(param))
    }

    /// The names of the arguments that narrow a list.
    pub(crate) fn filters(&self) -> impl Iterator<Item = String> {
        self.arguments().filter(|param| param.role == Role::Filter).map(Param::name)
    }

    /// The route of the operation of Clerk's that the tool stands for, if it is one.
    #[must_use]
    pub fn route(&self) -> Option<Route> {
        match self.exec {
            Exec::Rest(rest) | Exec::Composite { rest: Some(rest), .. } => Some(rest.route),
            Exec::Composite { .. } | Exec::Steps(_) | Exec::Local(_) => None,
        }
    }

    /// The route that did the same as the tool's before, if Clerk has renamed it.
    #[must_use]
    pub fn older_route(&self) -> Option<Route> {
        match self.exec {
            Exec::Rest(rest) => rest.older,
            _ => None,
        }
    }

    /// Whether it works on many objects: then it first reads what it would do.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        matches!(self.exec, Exec::Steps(_))
    }

    /// Whether it answers from the events that this server keeps, and asks Clerk for nothing.
    #[must_use]
    pub fn is_of_events(&self) -> bool {
        matches!(self.exec, Exec::Local(Local::Events(_)))
    }

    /// Whether it is about the journal of changes.
    #[must_use]
    pub fn is_of_journal(&self) -> bool {
        self.flags.contains(&Flag::Journal)
    }

    /// Whether it is about approvals by a second person.
    #[must_use]
    pub fn is_of_approvals(&self) -> bool {
        self.flags.contains(&Flag::Approvals)
    }

    /// Whether it makes calls of other tools, which are logged and decided on as their own.
    pub(crate) fn runs_others(&self) -> bool {
        matches!(self.exec, Exec::Local(Local::Run | Local::RunApproved))
    }

    /// The names of the arguments that need approval though the tool does not.
    pub fn sensitive_arguments(&self) -> impl Iterator<Item = String> {
        self.arguments().filter(|param| param.sensitive).map(Param::name)
    }

    /// The rules that tie arguments together, as sentences.
    pub fn rule_sentences(&self) -> impl Iterator<Item = String> {
        self.rules.iter().map(ToString::to_string)
    }

    /// The arguments of a call that need approval though the tool does not.
    pub(crate) fn sensitive_in(
        &self,
        arguments: &Map<String, Value>,
    ) -> impl Iterator<Item = &'static Param> {
        self.arguments().filter(|param| param.sensitive && arguments.contains_key(&param.name()))
    }

    /// Whether a call takes away what can't be given back, or needs approval as if it did.
    pub(crate) fn is_destructive(&self, arguments: &Map<String, Value>) -> bool {
        self.needs_approval() || self.sensitive_in(arguments).next().is_some()
    }

    /// Whether a call says if a password, a code or a token is right.
    pub(crate) fn checks_secret(&self) -> bool {
        self.flags.contains(&Flag::ChecksSecret)
    }

    /// Whether each call takes away what can't be given back, or changes the instance for all.
    #[must_use]
    pub fn needs_approval(&self) -> bool {
        let is_wide = self.flags.contains(&Flag::InstanceWide) && !self.effect.is_read();
        self.effect.is_destructive() || is_wide
    }

    /// Whether some call needs approval.
    pub(crate) fn may_need_approval(&self) -> bool {
        self.needs_approval() || self.sensitive_arguments().next().is_some()
    }

    /// What it would do to each of many objects. The arguments are checked.
    pub(crate) async fn plan(
        &self,
        arguments: Map<String, Value>,
        ctx: Ctx,
    ) -> Result<bulk::BulkPreview, Error> {
        match self.exec {
            Exec::Steps(plan) => plan(arguments, ctx).await,
            _ => Err(Error::Internal("a tool for one object was asked for a plan")),
        }
    }
}
