//! All of Clerk's operations at the cost of three tools: search for one, then run it by name. The
//! server finds the operation and runs it as if its own tool were called.

use super::{On, Toolset};
use crate::tool::{
    Effect, Exec, Local, ResultKind, TOTAL, Tool,
    field::{self, Fields},
    param::{Param, Role, boolean, integer, json, text},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "operations",
    about: "Every operation of Clerk's by its name, found by words",
    find: "clerk_search_operations",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 3] = [
    Tool::new(
        "clerk_search_operations",
        "Search operations",
        "Search all operations of Clerk's Backend API by words, beyond the tools listed. Answers \
         names for clerk_run_read and clerk_run_write, with schemas: true also their arguments.",
        Effect::Read,
        Exec::Local(Local::Search),
    )
    .takes(&[&[
        text("query").required().about("Words or a name, such as jwt template."),
        boolean("schemas").about("Whether to show their arguments."),
        integer("limit").between(1, 50).about("How many to show."),
    ]])
    .returns(&FOUND)
    .result(ResultKind::Fixed, &TOTAL),
    Tool::new(
        "clerk_run_read",
        "Run a read",
        "Run one of Clerk's operations that changes nothing, by the name that \
         clerk_search_operations gives, with its arguments.",
        Effect::Read,
        Exec::Local(Local::Run),
    )
    .takes(&[RUN])
    .result(ResultKind::Fixed, &TOTAL),
    Tool::new(
        "clerk_run_write",
        "Run a write",
        "Run one of Clerk's operations that changes something, by the name that \
         clerk_search_operations gives. It is guarded as a tool of its own is: some need a \
         person's consent.",
        Effect::Destroy,
        Exec::Local(Local::Run),
    )
    .takes(&[RUN])
    .result(ResultKind::Fixed, &TOTAL)
    .verify_with("clerk_search_operations"),
];

/// Runs a tool that changes nothing by its name, and one that changes something.
pub(crate) static RUN_READ: &Tool = &TOOLS[1];
pub(crate) static RUN_WRITE: &Tool = &TOOLS[2];

const RUN: &[Param] = &[
    text("operation")
        .required()
        .local()
        .role(Role::Operation)
        .about("Its name, such as clerk_list_machines."),
    // Secret, since it holds those of any operation. What is logged is the operation's own call.
    json("arguments").local().secret().role(Role::Arguments).about("Its arguments, by name."),
];

static FOUND: Fields =
    Fields::closed(&[&[field::objects("operations", &OPERATION), field::integer("total")]]);
static OPERATION: Fields = Fields::closed(&[&[
    field::code("name"),
    field::code("effect").about("What it does: read, create, update or destroy."),
    field::codes("flags"),
    field::code("about"),
    field::code("description"),
    field::json("arguments").about("The schema of its arguments."),
    field::code("off").about("Why it is off, and what turns it on."),
]]);
