//! What the server is and may do.
//! <https://clerk.com/docs/reference/backend-api/tag/instance-settings>

use super::{On, Toolset};
use crate::tool::{
    Effect, Exec, Local, ResultKind, TOTAL, Tool,
    field::{Fields, boolean, code, codes, integer, object, objects, text},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "server",
    about: "What this server can do, and for which instance",
    find: "clerk_whoami",
    on: On::Always,
    tools: &TOOLS,
};

static TOOLS: [Tool; 1] = [Tool::new(
    "clerk_whoami",
    "Who am I",
    "Show which Clerk instance this is and what this server can do there: test or live, whether \
     the key works, which tools are off and what turns them on, how many requests are left.",
    Effect::Read,
    Exec::Local(Local::Whoami),
)
.returns(&ABOUT)
.result(ResultKind::Report, &TOTAL)];

static ABOUT: Fields = Fields::closed(&[&[
    object("caller", &CALLER).about("Who you call for, as far as the server knows."),
    code("profile").about("The operator's name for the instance, if it has one."),
    code("instance_id"),
    code("instance_kind").about("live or test, by the key; none without one."),
    code("environment_type").about("development, staging or production."),
    text("problem").about("Why Clerk can't be used now."),
    code("api_version"),
    code("rate_limit").about("What this server holds itself to, such as 100 requests in 10 s."),
    integer("requests_left").about("Requests that could be sent at once."),
    code("confirmation").about("What destructive calls need."),
    integer("destructive_left").about("Destructive calls left this hour, if they are limited."),
    boolean("policy"),
    boolean("audit"),
    text("journal").about("The file of the journal of changes, if there is one."),
    text("approvals").about("Where a second person approves what the policy says, if that is on."),
    object("events", &EVENTS),
    objects("off", &OFF).about("Tools that are off, by reason."),
]]);
static CALLER: Fields = Fields::closed(&[&[
    code("authentication").about("process, loopback, token, or oauth for somebody who signed in."),
    code("subject").about("Their ID at the issuer, or the operating system's user."),
    text("email"),
    code("organization"),
    codes("roles"),
    codes("scopes"),
    code("client").about("The OAuth client."),
]]);
static EVENTS: Fields = Fields::closed(&[&[
    text("place"),
    integer("received"),
    integer("refused"),
    text("problem").about("Why events can't be kept or read now."),
]]);
static OFF: Fields = Fields::closed(&[&[
    code("why"),
    codes("tools"),
    codes("toolsets").about("Whole groups of tools that are off."),
]]);
