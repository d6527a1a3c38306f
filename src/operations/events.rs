//! What happened, as Clerk's webhooks told it. Nothing of this is asked of Clerk: it is what this
//! server, or another one with the same file, has received.

use std::time::Duration;

use clerk_api::{Decoded, Route};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::{
    Error, Fault,
    ctx::Ctx,
    events::{self, Events, Filter, Page, Stored, Summary, Tail, Types},
    operation::{Date, Entry, Form, Id, List, Metadata, Operation, entry},
};

pub(super) static OPERATIONS: [Entry; 3] =
    [entry::<ListEvents>(), entry::<GetEvent>(), entry::<WaitForEvent>()];

/// How many events a list has where it is not said.
const LIMIT: u64 = 10;
/// How many events a wait ends with at most.
const AT_ONCE: usize = 20;
/// How long a wait is where it is not said, in s.
const WAIT: u64 = 30;
/// How often whoever waits is told that the wait goes on.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// List what happened at Clerk, by its webhooks, the latest first: sign-ups, sign-ins, changes,
/// deletions. Only what this server received; detail: full has payloads.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListEvents {
    /// Such as user.created or session.*; comma-separated for several.
    #[serde(rename = "type")]
    kind: Option<List>,
    user_id: Option<Id>,
    organization_id: Option<Id>,
    session_id: Option<Id>,
    /// Date.
    since: Option<Date>,
    /// Date.
    until: Option<Date>,
    #[schemars(range(min = 1, max = 500), extend("default" = LIMIT))]
    limit: Option<u64>,
    offset: Option<u64>,
}

/// Get one event with its whole payload, by the ID that clerk_list_events answers. Codes that were
/// sent to people are left out.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetEvent {
    event_id: Id,
}

/// Wait until something happens at Clerk, and answer with it, without payloads; after: cursor goes
/// on where the last answer ended, so that nothing is missed. Ends without events when the time is over.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WaitForEvent {
    /// Such as user.created or session.*; comma-separated for several.
    #[serde(rename = "type")]
    kind: Option<List>,
    user_id: Option<Id>,
    organization_id: Option<Id>,
    session_id: Option<Id>,
    /// The cursor of the last answer; without it, from now on.
    after: Option<String>,
    #[schemars(range(min = 1, max = 600), extend("default" = WAIT))]
    wait_seconds: Option<u64>,
}

/// An event as agents see it.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    // Who and what, in a sentence.
    summary: String,
    #[serde(rename = "type")]
    kind: String,
    at: i64,
    // Fields that differ from the event before about the same object.
    changed: Option<Vec<String>>,
    from: Option<String>,
    user_id: Option<String>,
    organization_id: Option<String>,
    session_id: Option<String>,
    received_at: i64,
    #[schemars(with = "Option<Metadata>")]
    payload: Option<Value>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventList {
    #[schemars(with = "Vec<Metadata>")]
    events: Vec<Row>,
    total_count: u64,
    // For clerk_wait_for_event.
    cursor: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Waited {
    #[schemars(with = "Vec<Metadata>")]
    events: Vec<Row>,
    timed_out: bool,
    cursor: String,
}

impl Operation for ListEvents {
    const NAME: &'static str = "clerk_list_events";
    const TITLE: &'static str = "List events";
    const ROUTE: Route = Route::get("/");
    const FORM: Form = Form::Events;
    const OF_EVENTS: bool = true;
    type Output = EventList;

    async fn call(self, call: Ctx) -> Result<Decoded<EventList>, Error> {
        let events = events(&call)?;
        let filter = Filter {
            since: self.since.map(|it| it.0),
            until: self.until.map(|it| it.0),
            ..filter(self.kind.as_ref(), [self.user_id, self.organization_id, self.session_id])?
        };
        let names: Vec<String> = unknown(&filter.types);
        let (limit, offset) = (self.limit.unwrap_or(LIMIT), self.offset.unwrap_or(0));
        let page = events.page(filter, limit, offset).await.map_err(Error::Events)?;
        let Page { rows, total, latest } = page;
        let events = described(events, rows).await?;
        let value = EventList { events, total_count: total, cursor: latest.to_string() };
        Ok(Decoded { value, notes: names })
    }
}

impl Operation for GetEvent {
    const NAME: &'static str = "clerk_get_event";
    const TITLE: &'static str = "Get event";
    const ROUTE: Route = Route::get("/");
    const OF_EVENTS: bool = true;
    type Output = Row;

    async fn call(self, call: Ctx) -> Result<Decoded<Row>, Error> {
        let events = events(&call)?;
        let found = events.get(self.event_id.as_str().to_owned()).await.map_err(Error::Events)?;
        let missing =
            || fault("eventId", "is no event that is kept here; clerk_list_events names those");
        let rows = described(events, vec![found.ok_or_else(missing)?]).await?;
        let value = rows.into_iter().next().ok_or(Error::Internal("an event was lost"))?;
        Ok(Decoded { value, notes: Vec::new() })
    }
}

impl Operation for WaitForEvent {
    const NAME: &'static str = "clerk_wait_for_event";
    const TITLE: &'static str = "Wait for event";
    const ROUTE: Route = Route::get("/");
    const FORM: Form = Form::Fixed;
    const OF_EVENTS: bool = true;
    type Output = Waited;

    async fn call(self, call: Ctx) -> Result<Decoded<Waited>, Error> {
        let events = events(&call)?;
        let filter =
            filter(self.kind.as_ref(), [self.user_id, self.organization_id, self.session_id])?;
        let mut notes = unknown(&filter.types);
        let mut tail = match &self.after {
            Some(cursor) => {
                let seq = cursor.trim().parse().ok().filter(|seq| *seq >= 0);
                let wrong = || fault("after", "is no cursor: give that of the last answer");
                Tail::after(events, filter, seq.ok_or_else(wrong)?)
            }
            None => Tail::from_now(events, filter).await.map_err(Error::Events)?,
        };
        let wanted = Duration::from_secs(self.wait_seconds.unwrap_or(WAIT));
        let patience = call.progress().patience();
        if wanted > patience {
            notes.push(format!(
                "It waits no longer than {} s: the client does not take progress, and would give up.",
                patience.as_secs()
            ));
        }
        let mut rows = wait(&mut tail, wanted.min(patience), &call).await?;
        let cursor = match rows.get(AT_ONCE - 1) {
            Some(last) if rows.len() > AT_ONCE => last.seq,
            _ => tail.seq(),
        };
        rows.truncate(AT_ONCE);
        let timed_out = rows.is_empty();
        let mut events = described(events, rows).await?;
        // Always whole: what was cut off would lie before the cursor.
        for row in &mut events {
            row.payload = None;
        }
        Ok(Decoded { value: Waited { events, timed_out, cursor: cursor.to_string() }, notes })
    }
}

/// The next events, or none when the time is over. Dropped, it stops.
async fn wait(tail: &mut Tail, limit: Duration, call: &Ctx) -> Result<Vec<Stored>, Error> {
    let began = tokio::time::Instant::now();
    let over = tokio::time::sleep_until(began + limit);
    tokio::pin!(over);
    loop {
        tokio::select! {
            rows = tail.next() => return rows.map_err(Error::Events),
            () = &mut over => return Ok(Vec::new()),
            () = tokio::time::sleep(TELL_EVERY) => {
                call.progress().tell(began.elapsed().as_secs(), Some(limit.as_secs())).await;
            }
        }
    }
}

fn events(call: &Ctx) -> Result<&Events, Error> {
    let hidden =
        || "they are of the server's own instance, and the caller has a key of another one";
    call.events().ok_or_else(|| Error::Events(hidden().to_owned()))
}

fn filter(kind: Option<&List>, ids: [Option<Id>; 3]) -> Result<Filter, Error> {
    let patterns = kind.into_iter().flat_map(List::values).map(String::as_str);
    let types = Types::parse(patterns).map_err(|problem| fault("type", &problem))?;
    let [user_id, organization_id, session_id] = ids.map(|id| id.map(|id| id.as_str().to_owned()));
    Ok(Filter { types, user_id, organization_id, session_id, since: None, until: None })
}

/// Says which types nobody knows: they may be new, or slips.
fn unknown(types: &Types) -> Vec<String> {
    let is_known = |name: &str| events::documented().any(|known| known == name);
    let names: Vec<_> = types.exact().filter(|name| !is_known(name)).collect();
    let near = names.first().and_then(|name| crate::operation::nearest(name, events::documented()));
    if names.is_empty() {
        return Vec::new();
    }
    let end = near.map_or_else(|| ".".to_owned(), |near| format!("; did you mean {near}?"));
    vec![format!("Clerk documents no type {}{end}", names.join(", "))]
}

async fn described(events: &Events, rows: Vec<Stored>) -> Result<Vec<Row>, Error> {
    let rows = events.before(rows).await.map_err(Error::Events)?;
    Ok(rows.iter().map(|(stored, before)| row(stored, before.as_ref())).collect())
}

fn row(stored: &Stored, before: Option<&Stored>) -> Row {
    let Summary { sentence, changed, from } = Summary::of(stored, before);
    let event = stored.event.clone();
    Row {
        id: event.id,
        summary: sentence,
        kind: event.kind,
        at: event.at,
        changed: (!changed.is_empty()).then_some(changed),
        from,
        user_id: event.user_id,
        organization_id: event.organization_id,
        session_id: event.session_id,
        received_at: stored.received_at,
        payload: Some(events::shown(stored)),
    }
}

fn fault(argument: &str, problem: &str) -> Error {
    Error::Arguments(vec![Fault { argument: argument.to_owned(), problem: problem.to_owned() }])
}
