//! What happened, as Clerk's webhooks reported it. Nothing of this is asked of Clerk: it is what this
//! server, or another one with the same file, has received.

pub(crate) mod objects;
pub(crate) mod summary;

use super::{On, Toolset};
use crate::tool::{
    Effect, EventsQuery, Exec, Local, ResultKind, TOTAL, Tool,
    field::{self, Field, Fields},
    kind::Kind,
    param::{Literal, OFFSET, Param, Relation, Role, TEXT, id, integer, list, text, time},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "events",
    about: "Events received from Clerk's webhooks",
    find: "clerk_list_events",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 3] = [
    of_events(
        "clerk_list_events",
        "List events",
        "List events from Clerk's webhooks, newest first: sign-ups, sign-ins, \
         changes, deletions. Only what this server received; detail: full has payloads.",
        EventsQuery::List,
    )
    .takes(&[
        WHICH,
        &[
            time("since")
                .about("Received on or after this day or time (UTC), such as 2026-01-31.")
                .filter(),
            time("until")
                .about("Received before this day or time (UTC), such as 2026-01-31.")
                .filter(),
            integer("limit")
                .between(1, 500)
                .role(Role::Limit)
                .default(Literal::Integer(10))
                .about("How many events the page has."),
            OFFSET,
        ],
    ])
    .result(ResultKind::Events("events"), &LISTED)
    .exported(true),
    of_events(
        "clerk_get_event",
        "Get event",
        "Get one event with its payload, by the ID that clerk_list_events returns. The payload \
         leaves \
         out whatever could be a code, a token or a link to sign in with.",
        EventsQuery::Get,
    )
    .takes(&[&[id("event_id", &[Kind::Event], Relation::Nobody)
        .required()
        .about("The id of an event of clerk_list_events.")]]),
    of_events(
        "clerk_wait_for_event",
        "Wait for event",
        "Wait for the next events and return them, without payloads; after: \
         cursor goes on where the last result ended, so that nothing is missed. Ends without \
         events when the time is over.",
        EventsQuery::Wait,
    )
    .takes(&[
        WHICH,
        &[
            text("after").about("The cursor of the last answer; without it, from now on."),
            integer("wait_seconds")
                .between(1, 600)
                .default(Literal::Integer(30))
                .about("How many seconds to wait at most."),
        ],
    ])
    .returns(&WAITED)
    .result(ResultKind::Fixed, &TOTAL),
];

/// The row of a tool that answers from the events.
const fn of_events(
    name: &'static str,
    title: &'static str,
    about: &'static str,
    query: EventsQuery,
) -> Tool {
    Tool::new(name, title, about, Effect::Read, Exec::Local(Local::Events(query))).returns(&EVENT)
}

const WHICH: &[Param] = &[
    list("type", &TEXT)
        .filter()
        .about("Such as user.created or session.*; comma-separated for several."),
    id("user_id", &[Kind::User], Relation::Filter)
        .filter()
        .about("Only events of this user, by ID or email address."),
    id("organization_id", &[Kind::Organization], Relation::Filter)
        .filter()
        .about("Only events of this organization, by ID, slug or name."),
    id("session_id", &[Kind::Session], Relation::Filter)
        .filter()
        .about("Only events of the session with this ID, such as sess_2ab."),
];

const EVENT_FIELDS: &[Field] = &[
    field::code("id").identity(),
    field::text("summary").concise().about("Who and what, in a sentence."),
    field::code("type"),
    field::utc("at").about("When it happened."),
    field::texts("changed")
        .about("Fields that differ from the event before about the same object."),
    field::text("from").about("IP address, program and place that it came from."),
    field::code("user_id").concise(),
    field::code("organization_id"),
    field::code("session_id"),
    field::utc("received_at").about("When this server received it."),
];

/// The fields of an event.
static EVENT: Fields = Fields::closed(&[
    EVENT_FIELDS,
    &[field::json("payload")
        .full()
        .about("What the webhook had, without codes, tokens and links to sign in with.")],
]);
const CURSOR: Field = field::code("cursor").about("For clerk_wait_for_event, as after.");
static LISTED: Fields = Fields::closed(&[&[field::integer("total_count"), CURSOR]]);
static WAITED: Fields = Fields::closed(&[&[
    field::objects("events", &WAITED_EVENT),
    field::boolean("timed_out").about("Whether nothing happened in the time."),
    CURSOR,
]]);
static WAITED_EVENT: Fields = Fields::closed(&[EVENT_FIELDS]);
