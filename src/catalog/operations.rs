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
    about: "Every Backend API operation by its name, found by keyword",
    find: "clerk_search_operations",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 3] = [
    Tool::new(
        "clerk_search_operations",
        "Search operations",
        "Search all Backend API operations, beyond the tools listed, by name or by what you want \
         to \
         do. Returns names for clerk_run_read and clerk_run_write; with schemas: true also their \
         arguments and an example call.",
        Effect::Read,
        Exec::Local(Local::Search),
    )
    .takes(&[&[
        text("query").required().about(
            "Plain words, such as block text messages to a country, or names, comma-separated, \
             such \
             as clerk_get_machine.",
        ),
        boolean("schemas").about("true adds arguments and an example call."),
        integer("limit")
            .between(1, 50)
            .about("Operations to show; default 8, with schemas 3, or those that are named."),
    ]])
    .returns(&FOUND)
    .result(ResultKind::Fixed, &TOTAL),
    Tool::new(
        "clerk_run_read",
        "Run a read",
        "Run a Backend API operation that changes nothing, by its name from \
         clerk_search_operations.",
        Effect::Read,
        Exec::Local(Local::Run),
    )
    .takes(&[RUN])
    .result(ResultKind::Fixed, &TOTAL),
    Tool::new(
        "clerk_run_write",
        "Run a write",
        "Run a Backend API operation that changes something, by its name from \
         clerk_search_operations. The same approvals and policies apply as to a tool of its own.",
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

/// The tool that runs such a one by its name.
pub(crate) fn runner(tool: &Tool) -> &'static Tool {
    if tool.effect.is_read() { RUN_READ } else { RUN_WRITE }
}

const RUN: &[Param] = &[
    text("operation")
        .required()
        .local()
        .role(Role::Operation)
        .about("The operation's name, such as clerk_list_machines."),
    // Secret, since it holds those of any operation. What is logged is the operation's own call.
    json("arguments").local().secret().role(Role::Arguments).about(
        "The operation's arguments, as its schema has them, such as {\"machineId\": \"mch_1\"}.",
    ),
];

static FOUND: Fields = Fields::closed(&[&[
    field::objects("operations", &OPERATION),
    field::integer("shown").about("How many operations this result has."),
    field::integer("total").about("How many operations match."),
]]);
static OPERATION: Fields = Fields::closed(&[&[
    field::code("name"),
    field::code("effect").about("What it does: read, create, update or destroy."),
    field::codes("flags"),
    field::code("about"),
    field::code("description"),
    field::json("arguments").about("The JSON Schema of its arguments, with all that is nested."),
    field::json("example").about("A call: the tool, and its arguments."),
    field::code("replaces").about("What an update replaces as a whole, and how to read it first."),
    field::code("off").about("Why it is off, and what turns it on."),
]]);
