//! Clerk's application logs. They are for looking up events, not for export: nothing here goes
//! through all pages. <https://clerk.com/docs/guides/development/application-logs>

mod cursor;
mod fields;
mod list;
pub(in crate::catalog) mod read;

use clerk_api::Route;
use futures::FutureExt;

use self::fields::{LOG, LOG_SCHEMA, LOG_WHOLE};
use super::{On, Toolset};
use crate::tool::{
    ResultKind, Tool,
    field::Fields,
    kind::Kind,
    param::{
        Literal, Param, Relation, Role, Rule, TEXT, boolean, choice, id, integer, list, map, text,
        time,
    },
    rest,
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "logs",
    about: "Clerk's application logs: what happened in the instance, and who did it",
    find: "clerk_list_logs",
    on: On::Chosen,
    tools: &TOOLS,
};

/// How many logs a page has if the call doesn't say. Clerk advises 10 to 50.
const LIMIT: i64 = 20;
/// How many a page has at most. Clerk doesn't publish its own limit.
const MOST: i64 = 100;
/// How many values in the payload can be asked for at once.
const PAYLOAD_FILTERS: i64 = 10;

const ROUTE: Route = Route::get("/logs");

const OFF: &str = "Clerk answers so if application logs are off or not offered for the instance; a \
                   person can look at Logs in the Clerk Dashboard.";
const SLOWER: &str = "Clerk limits reads of logs separately, and lower than other requests: narrow the filters \
     rather than reading page after page.";

static TOOLS: [Tool; 3] = [
    rest(
        "clerk_list_logs",
        "List logs",
        ROUTE,
        "List application logs, newest first: sign-ins and failed ones, sessions, users, \
         organizations, SMS, each with actor, IP address and device. Logs are best effort, so a \
         missing one proves little, and the plan keeps them for 1, 7 or 30 days. For looking up \
         events: Clerk forbids syncing or exporting logs, so this lists one page.",
    )
    .takes(&[FILTERS, PAYLOAD, PAGE])
    .rules(&[Rule::With("payload_filter", "type"), Rule::With("payload_fields", "type")])
    .returns(&LOG)
    .result(ResultKind::Cursor("logs"), &NOTHING)
    .refusals(&[(404, &[OFF]), (429, &[SLOWER])])
    .composite(|arguments, ctx| list::list(arguments, ctx).boxed()),
    rest(
        "clerk_get_log",
        "Get log",
        Route::get("/logs/{event_time}:{event_id}"),
        "Get one log with its whole payload, by the ID and the time that clerk_list_logs returns.",
    )
    .takes(&[&[
        integer("event_time")
            .path()
            .between(100_000_000_000, 9_999_999_999_999_999)
            .about("The eventTime of the log in Unix milliseconds, such as 1705315800000."),
        id("event_id", &[Kind::Log], Relation::Nobody).path().about("The ID of the log."),
    ]])
    .returns(&LOG_WHOLE)
    .refusals(&[
        (
            404,
            &[
                "No log has this ID at this time, or the plan no longer keeps it.",
                "Give both as {clerk_list_logs} returned them; at concise detail its times lack the \
                 milliseconds.",
                OFF,
                "{find}",
            ],
        ),
        (429, &[SLOWER]),
    ]),
    rest(
        "clerk_get_log_schema",
        "Get log schema",
        Route::get("/logs/schemas"),
        "Get the fields that payloads of an event type have: the paths that clerk_list_logs takes \
         in payloadFilter and payloadFields. Of a family, the fields that all its types have.",
    )
    .takes(&[&[text("type")
        .required()
        .query()
        .about("A type, such as sms.failed, or a family: sms.* or sms.")]])
    .returns(&LOG_SCHEMA)
    .refusals(&[(404, &[OFF]), (429, &[SLOWER])]),
];

static NOTHING: Fields = Fields::closed(&[]);

/// The tool that lists.
static LIST_LOGS: &Tool = &TOOLS[0];

const FILTERS: &[Param] = &[
    text("type").filter().about(
        "An event type, such as sign_in.password.failed for wrong passwords, or a family: sms.* \
             or sign_in.*. sign_in.failed has the other failures.",
    ),
    id(
        "subject",
        &[
            Kind::User,
            Kind::Organization,
            Kind::Session,
            Kind::Membership,
            Kind::OrganizationInvitation,
            Kind::Machine,
            Kind::ApiKey,
        ],
        Relation::Filter,
    )
    .filter()
    .about(
        "What was acted on: an ID such as user_2ab, or a user's email or an organization's slug.",
    ),
    id("actor", &[Kind::User, Kind::ApiKey, Kind::Machine], Relation::Filter)
        .filter()
        .about("The ID of who did it: a user, by ID or email address, or a key."),
    text("trace_id").filter().about("The trace ID of the request, as in Clerk's errors."),
    id("client_id", &[Kind::Client], Relation::Filter)
        .filter()
        .about("The ID of the client, which is a browser or an app."),
    id("impersonator_user_id", &[Kind::User], Relation::Filter)
        .filter()
        .about("The user who acted as another one, by ID or email address."),
    text("ip_address").filter().about("The IP address of the device, such as 203.0.113.7."),
    choice("filter_match", &["all", "any"]).query().about(
        "Whether all of these filters and payloadFilter must match, the default, or any of them.",
    ),
    time("event_time_after")
        .filter()
        .about("At or after this time (UTC), such as 2026-05-30 or 2026-05-30T09:00:00Z."),
    time("event_time_before")
        .filter()
        .about("At or before this time (UTC), such as 2026-05-31 or 2026-05-30T10:00:00Z."),
    boolean("end_user_facing_only").filter().about("Only events that concern end users."),
];

const PAYLOAD: &[Param] = &[
    map("payload_filter", &TEXT).at_most(PAYLOAD_FILTERS).filter_members().about(
        "Values that the payload must have, by path, at most 10, such as \
         {\"phone_number\": \"+15550100\"}. clerk_get_log_schema lists the paths of a type.",
    ),
    list("payload_fields", &TEXT).query_comma().about(
        "Paths of the payload to return with each log, such as error_code,identifier of failed \
             sign-ins or reason,phone_number of sms.failed; not if filterMatch is any.",
    ),
];

const PAGE: &[Param] = &[
    integer("limit")
        .between(1, MOST)
        .query()
        .role(Role::Limit)
        .default(Literal::Integer(LIMIT))
        .about("How many logs to return; Clerk advises 10 to 50."),
    text("starting_after").query().about("The nextCursor of the page before, to continue it."),
];
