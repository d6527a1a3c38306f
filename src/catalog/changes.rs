//! What writes changed, from the journal, and taking it back.

mod back;
mod look;

use futures::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

#[cfg(test)]
pub(in crate::catalog) use self::look::reader;
pub(crate) use self::look::{keep, look, shown};
use super::{On, Toolset};
use crate::{
    Ctx, Error, catalog,
    journal::{Change, FieldChange, Filter, Inverse, Journal, State, change_id, change_seq},
    tool::{
        ArgumentError, Effect, Exec, Flag, Output, ResultKind, TOTAL, Tool,
        bulk::COUNTS,
        date::{Date, iso},
        field::{self, Fields},
        param::{Literal, OFFSET, Param, Role, Rule, TEXT, boolean, integer, list, text, time},
        values::{List, typed},
    },
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "changes",
    about: "What was changed through this server, and taking it back",
    find: "clerk_list_changes",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 2] = [LIST, UNDO];
/// Takes changes back.
static UNDO_ROW: &Tool = &TOOLS[1];

/// The session of the caller.
pub(crate) const CURRENT: &str = "current";
/// How many changes one call takes back at most.
const MOST: usize = 500;
/// How many characters of a value are shown in a line.
const VALUE: usize = 80;

const CHANGE_IDS: Param = list("change_ids", &TEXT).about(
    "IDs of changes, such as chg_17; comma-separated. That of a bulk call stands for all of it.",
);

const SESSION: Param = text("session").about(
    "Changes of one MCP session: current for this one, or its name, such as mcp_3fa91c27d04e.",
);

const LIST: Tool = Tool::new(
    "clerk_list_changes",
    "List changes",
    "List what was changed in Clerk through this server, newest first: by which tool, for whom, from \
     what to what, and whether it can be taken back. detail: full has whole values.",
    Effect::Read,
    Exec::Composite { run: |arguments, ctx| changes(arguments, ctx).boxed(), rest: None },
)
.takes(&[&[
    CHANGE_IDS,
    text("target").filter().about("Only changes of the object with this ID, such as user_2ab."),
    text("tool").filter().about("Only changes by this tool, such as clerk_update_user."),
    text("client").filter().about("Only changes by this MCP client, such as Cursor."),
    text("who").filter().about("Only changes for this person, such as user_2ab, or root on stdio."),
    SESSION.filter(),
    time("since").filter().about("Changed on or after this day or time (UTC), such as 2026-11-26."),
    time("until").filter().about("Changed before this day or time (UTC), such as 2026-11-26."),
    integer("limit")
        .between(1, 500)
        .role(Role::Limit)
        .default(Literal::Integer(20))
        .about("How many changes the page has."),
    OFFSET,
]])
.returns(&CHANGE)
.result(ResultKind::List("changes"), &TOTAL)
.flags(&[Flag::Journal]);

const UNDO: Tool = Tool::new(
    "clerk_undo_changes",
    "Undo changes",
    "Take changes back, newest first. Previews unless dryRun is false. A field that somebody else \
     changed since is left alone and named. Each step passes the policy and approval like any write, \
     and is a change that can be taken back itself.",
    // What it can do at the worst: it deletes what was created.
    Effect::Destroy,
    Exec::Steps(|arguments, ctx| back::plan(arguments, ctx).boxed()),
)
.takes(&[&[
    CHANGE_IDS,
    SESSION.role(Role::Session),
    boolean("overwrite")
        .about("Whether to set back also what somebody changed since; default false. Ask the person first."),
    boolean("dry_run")
        .local()
        .role(Role::DryRun)
        .about("true, the default, previews and changes nothing; false carries it out."),
]])
.rules(&[Rule::One(&["change_ids", "session"])])
.returns(&UNDONE)
.result(ResultKind::Table("results"), &COUNTS)
.verify_with("clerk_list_changes")
.flags(&[Flag::Journal]);

/// The fields of the outcome for one change.
static UNDONE: Fields = Fields::closed(&[&[
    field::code("id").identity().about("The ID of the change."),
    field::text("name").concise().about("What it was, and of which object."),
    field::code("outcome").concise().about(
        "done, would be done, skipped, would be refused, failed, not tried, or unknown if it may \
         have happened.",
    ),
    field::text("why").concise(),
    field::texts("sets_back")
        .concise()
        .about("What is set back, from what it is now to what it was."),
    field::texts("left_alone").concise().about("What isn't set back, each with the reason."),
]]);

static CHANGE: Fields = Fields::closed(&[&[
    field::code("id").identity(),
    field::utc("at").about("When it was sent."),
    field::code("tool").concise(),
    field::code("target").concise().about("The ID of the object."),
    field::code("state").concise().about("done, failed, or inDoubt: it may have happened."),
    field::texts("changed").concise().about("What was changed, from what to what."),
    field::text("undo").concise().about("Whether it can be taken back, or why not."),
    field::code("undone_by").concise().about("The change that took it back."),
    field::code("undoes").about("The change that it took back."),
    field::code("part_of").about("The change of the bulk call that it was a step of."),
    field::text("client"),
    field::text("who").about("Whom it was done for: who signed in, or the system's user."),
    field::code("session").about("The MCP session."),
    field::text("reason"),
    field::text("confirmation").about("How it was approved, if it had to be."),
    field::code("profile_key").full().about("The kind of the key: test or live."),
    field::json("arguments").full().about("The arguments of the call, without secrets."),
    field::json("values")
        .full()
        .about("Each argument that was changed, with its value before and after, if it had one."),
    field::json("kept").full().about(
        "What was lost by a deletion, as it was, by the tool that read it: to do it again by hand.",
    ),
]]);

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListChanges {
    change_ids: Option<List>,
    target: Option<String>,
    tool: Option<String>,
    client: Option<String>,
    who: Option<String>,
    session: Option<String>,
    since: Option<Date>,
    until: Option<Date>,
    limit: Option<u64>,
    offset: Option<u64>,
}

/// A change as [`CHANGE`] declares it.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    at: String,
    tool: String,
    target: Option<String>,
    state: State,
    changed: Vec<String>,
    undo: String,
    undone_by: Option<String>,
    undoes: Option<String>,
    part_of: Option<String>,
    client: Option<String>,
    who: Option<String>,
    session: Option<String>,
    reason: Option<String>,
    confirmation: Option<String>,
    profile_key: String,
    arguments: Map<String, Value>,
    values: Map<String, Value>,
    kept: Option<Map<String, Value>>,
}

async fn changes(arguments: Map<String, Value>, ctx: Ctx) -> Result<Output, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        total_count: u64,
        changes: Vec<Row>,
    }
    let wanted: ListChanges = typed(arguments)?;
    let filter = Filter {
        instance: instance(&ctx)?,
        target: wanted.target,
        tool: wanted.tool,
        client: wanted.client,
        who: wanted.who,
        session: session(wanted.session, &ctx)?,
        since: wanted.since.map(|date| date.0),
        until: wanted.until.map(|date| date.0),
        seqs: wanted.change_ids.as_ref().map(seqs).transpose()?,
        holds: false,
    };
    let (limit, offset) = (wanted.limit.unwrap_or(20), wanted.offset.unwrap_or(0));
    let (changes, total_count) =
        journal(&ctx)?.page(filter, limit, offset).await.map_err(|error| unread(&error))?;
    let page = Page { total_count, changes: changes.into_iter().map(row).collect() };
    Output::composed(&TOOLS[0], &page, Vec::new())
}

fn tool(name: &str) -> Option<&'static Tool> {
    catalog::all().find(|(_, tool)| tool.name == name).map(|(_, tool)| tool)
}

/// The fingerprint of the key: a caller sees the changes of its own instance alone.
fn instance(ctx: &Ctx) -> Result<Option<String>, Error> {
    Ok(Some(ctx.key().map_err(Error::Key)?.fingerprint()))
}

fn journal(ctx: &Ctx) -> Result<&Journal, Error> {
    ctx.journal().ok_or(Error::Internal("there is no journal of changes"))
}

/// The journal's own failure, as that of a call.
fn unread(error: &crate::journal::JournalError) -> Error {
    Error::Journal(error.to_string())
}

/// The name of the MCP session that is asked for.
fn session(wanted: Option<String>, ctx: &Ctx) -> Result<Option<String>, Error> {
    if let Some(name) = wanted.as_deref().filter(|name| *name != CURRENT) {
        let digits = name.strip_prefix("mcp_").filter(|digits| digits.len() == 12);
        let is_name = digits.is_some_and(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()));
        if !is_name {
            let problem =
                format!("must be current, or a name such as mcp_3fa91c27d04e, not {name:?}");
            return Err(Error::Arguments(vec![ArgumentError::new("session", problem)]));
        }
    }
    if wanted.as_deref() != Some(CURRENT) {
        return Ok(wanted);
    }
    let none = || {
        let problem = "is current, but this connection has no session, since MCP 2026-07-28 has \
                       none over HTTP: give changeIds";
        let error = ArgumentError::new("session", problem);
        Error::Arguments(vec![
            error.find("Find the IDs with {clerk_list_changes}, by client, person and time."),
        ])
    };
    ctx.session().map(|name| Some(name.to_owned())).ok_or_else(none)
}

/// The numbers of changes.
fn seqs(ids: &List) -> Result<Vec<i64>, Error> {
    let wrong = |id: &String| {
        let problem = format!("has {id:?}; IDs of changes look like chg_17");
        Error::Arguments(vec![ArgumentError::new("changeIds", problem)])
    };
    ids.values().iter().map(|id| change_seq(id).ok_or_else(|| wrong(id))).collect()
}

fn row(change: Change) -> Row {
    let undo = can_undo(&change);
    let Change { seq, at, begin, end, undone_by, .. } = change;
    Row {
        id: change_id(seq),
        at: iso(at),
        target: end.target.or(begin.target),
        state: end.state,
        changed: end.fields.iter().map(FieldChange::line).collect(),
        undo,
        undone_by: undone_by.map(change_id),
        undoes: begin.undoes.map(change_id),
        part_of: begin.part_of.map(change_id),
        tool: begin.tool,
        client: begin.client,
        who: begin.who,
        session: begin.session,
        reason: begin.reason,
        confirmation: begin.confirmation,
        profile_key: begin.key,
        arguments: begin.arguments,
        values: end.fields.iter().map(|field| (field.name(), whole(field))).collect(),
        kept: Some(begin.kept).filter(|kept| !kept.is_empty()),
    }
}

/// Whether a change can be taken back, in words.
fn can_undo(change: &Change) -> String {
    match (&change.end.state, &change.end.inverse) {
        (State::Failed, _) => "Nothing was changed.".to_owned(),
        (State::InDoubt, _) => match tool(&change.begin.tool).map_or("", |tool| tool.verify_with) {
            "" => "It may have happened: look at the object.".to_owned(),
            verify => format!("It may have happened: look at the object with {verify}."),
        },
        (State::Done, Inverse::SetBack) => "It can be set back with clerk_undo_changes.".to_owned(),
        (State::Done, Inverse::Call { tool, .. }) => {
            format!("clerk_undo_changes takes it back by {tool}.")
        }
        (State::Done, Inverse::None(why)) => format!("No: {why}."),
    }
}

fn whole(field: &FieldChange) -> Value {
    let values = [("before", &field.before), ("after", &field.after)];
    let values = values.into_iter();
    let values: Map<_, _> =
        values.filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect();
    values.into()
}

impl FieldChange {
    /// The field with its values, in a line: `firstName: "Ada" → "Eve"`.
    fn line(&self) -> String {
        line(&self.name(), self.before.as_ref(), self.after.as_ref())
    }
}

/// A field with two values, in a line.
fn line(name: &str, from: Option<&Value>, to: Option<&Value>) -> String {
    let shown = |value: Option<&Value>| match value {
        None => "nothing".to_owned(),
        Some(value) => {
            let text = value.to_string();
            match text.char_indices().nth(VALUE) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                None => text,
            }
        }
    };
    format!("{name}: {} → {}", shown(from), shown(to))
}
