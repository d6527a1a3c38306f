//! Answering from the events that this server keeps.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

pub use crate::catalog::events::summary::{event_json, event_line};
use crate::{
    Ctx, Error,
    catalog::events::summary::Summary,
    events::{self, Events, Filter, Page, StoreError, Stored, Tail, Types},
    tool::{
        ArgumentError, EventsQuery, Output, Tool,
        date::{Date, iso},
        nearest,
        values::{List, typed},
    },
};

/// How many events a list has where it is not said.
const LIMIT: u64 = 10;
/// How many events a wait ends with at most.
const AT_ONCE: usize = 20;
/// How long a wait is where it is not said, in s.
const WAIT: u64 = 30;
/// How often a waiting client gets a progress notification.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// The checked arguments of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListEvents {
    #[serde(rename = "type")]
    kind: Option<List>,
    user_id: Option<String>,
    organization_id: Option<String>,
    session_id: Option<String>,
    since: Option<Date>,
    until: Option<Date>,
    limit: Option<u64>,
    offset: Option<u64>,
}

/// The checked arguments of a look at one event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetEvent {
    event_id: String,
}

/// The checked arguments of a wait.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WaitForEvent {
    #[serde(rename = "type")]
    kind: Option<List>,
    user_id: Option<String>,
    organization_id: Option<String>,
    session_id: Option<String>,
    after: Option<String>,
    wait_seconds: Option<u64>,
}

/// An event as agents see it.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    summary: String,
    #[serde(rename = "type")]
    kind: String,
    at: String,
    changed: Option<Vec<String>>,
    from: Option<String>,
    user_id: Option<String>,
    organization_id: Option<String>,
    session_id: Option<String>,
    received_at: String,
    payload: Option<Map<String, Value>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventList {
    events: Vec<Row>,
    total_count: u64,
    cursor: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Waited {
    events: Vec<Row>,
    timed_out: bool,
    cursor: String,
}

/// Answers a question to the events.
pub(in crate::call) async fn answer(
    tool: &'static Tool,
    query: EventsQuery,
    arguments: Map<String, Value>,
    ctx: &Ctx,
) -> Result<Output, Error> {
    match query {
        EventsQuery::List => list(tool, typed(arguments)?, ctx).await,
        EventsQuery::Get => get(tool, typed(arguments)?, ctx).await,
        EventsQuery::Wait => wait_for(tool, typed(arguments)?, ctx).await,
    }
}

async fn list(tool: &'static Tool, wanted: ListEvents, ctx: &Ctx) -> Result<Output, Error> {
    let events = events(ctx)?;
    let filter = Filter {
        since: wanted.since.map(|date| date.0),
        until: wanted.until.map(|date| date.0),
        ..filter(wanted.kind.as_ref(), [wanted.user_id, wanted.organization_id, wanted.session_id])?
    };
    let names: Vec<String> = unknown(&filter.types);
    let (limit, offset) = (wanted.limit.unwrap_or(LIMIT), wanted.offset.unwrap_or(0));
    let page = events.page(filter, limit, offset).await?;
    let Page { rows, total, latest } = page;
    let events = described(events, rows).await?;
    let value = EventList { events, total_count: total, cursor: latest.to_string() };
    Output::composed(tool, &value, names)
}

async fn get(tool: &'static Tool, wanted: GetEvent, ctx: &Ctx) -> Result<Output, Error> {
    let events = events(ctx)?;
    let found = events.get(wanted.event_id).await?;
    let missing = || {
        let error = ArgumentError::new("eventId", "isn't the ID of a stored event");
        Error::Arguments(vec![error.find("{clerk_list_events} lists them.")])
    };
    let rows = described(events, vec![found.ok_or_else(missing)?]).await?;
    let value = rows.into_iter().next().ok_or(Error::Internal("an event was lost"))?;
    Output::composed(tool, &value, Vec::new())
}

async fn wait_for(tool: &'static Tool, wanted: WaitForEvent, ctx: &Ctx) -> Result<Output, Error> {
    let events = events(ctx)?;
    let filter =
        filter(wanted.kind.as_ref(), [wanted.user_id, wanted.organization_id, wanted.session_id])?;
    let mut notes = unknown(&filter.types);
    let mut tail = match &wanted.after {
        Some(cursor) => {
            let seq = cursor.trim().parse().ok().filter(|seq| *seq >= 0);
            let wrong = || fault("after", "isn't a valid cursor: give the one of the last result");
            Tail::after(events, filter, seq.ok_or_else(wrong)?)
        }
        None => Tail::from_now(events, filter).await?,
    };
    let limit = Duration::from_secs(wanted.wait_seconds.unwrap_or(WAIT));
    let patience = ctx.progress().patience();
    if limit > patience {
        notes.push(format!(
            "It waits no longer than {} s: the client does not take progress, and would give up.",
            patience.as_secs()
        ));
    }
    let mut rows = wait(&mut tail, limit.min(patience), ctx).await?;
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
    let result = Waited { events, timed_out, cursor: cursor.to_string() };
    Output::composed(tool, &result, notes)
}

/// The next events, or none when the time is over. Dropped, it stops.
async fn wait(tail: &mut Tail, limit: Duration, ctx: &Ctx) -> Result<Vec<Stored>, Error> {
    let began = tokio::time::Instant::now();
    let over = tokio::time::sleep_until(began + limit);
    tokio::pin!(over);
    loop {
        tokio::select! {
            rows = tail.next() => return Ok(rows?),
            () = &mut over => return Ok(Vec::new()),
            () = ctx.progress().interrupted() => return Ok(Vec::new()),
            () = tokio::time::sleep(TELL_EVERY) => {
                ctx.progress().tell(began.elapsed().as_secs(), Some(limit.as_secs())).await;
            }
        }
    }
}

fn events(ctx: &Ctx) -> Result<&Events, Error> {
    let hidden =
        || "they are of the server's own instance, and the caller has a key of another one";
    ctx.events().ok_or_else(|| Error::Events(hidden().to_owned()))
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Events(error.to_string())
    }
}

fn filter(kind: Option<&List>, ids: [Option<String>; 3]) -> Result<Filter, Error> {
    let patterns = kind.into_iter().flat_map(List::values).map(String::as_str);
    let types = Types::parse(patterns).map_err(|problem| fault("type", &problem.to_string()))?;
    let [user_id, organization_id, session_id] = ids;
    Ok(Filter { types, user_id, organization_id, session_id, ..Filter::default() })
}

/// Says which types nobody knows: they may be new, or slips.
fn unknown(types: &Types) -> Vec<String> {
    let is_known = |name: &str| events::documented().any(|known| known == name);
    let names: Vec<_> = types.exact().filter(|name| !is_known(name)).collect();
    let near = names.first().and_then(|name| nearest(name, events::documented()));
    if names.is_empty() {
        return Vec::new();
    }
    let end = near.map_or_else(|| ".".to_owned(), |near| format!("; did you mean {near}?"));
    vec![format!("Clerk documents no type {}{end}", names.join(", "))]
}

async fn described(events: &Events, rows: Vec<Stored>) -> Result<Vec<Row>, Error> {
    let rows = events.before(rows).await?;
    // Hundreds of events of 30 kB take a while to read.
    let described = tokio::task::spawn_blocking(move || {
        rows.iter().map(|(stored, before)| row(stored, before.as_ref())).collect()
    });
    described.await.map_err(|_| Error::Internal("an event can't be described"))
}

fn row(stored: &Stored, before: Option<&Stored>) -> Row {
    let Summary { sentence, changed, from, payload } = Summary::of(stored, before);
    let event = stored.event.clone();
    Row {
        id: event.id,
        summary: sentence,
        kind: event.kind,
        at: iso(event.at),
        changed: (!changed.is_empty()).then_some(changed),
        from,
        user_id: event.user_id,
        organization_id: event.organization_id,
        session_id: event.session_id,
        received_at: iso(stored.received_at),
        payload: Some(payload),
    }
}

fn fault(argument: &str, problem: &str) -> Error {
    Error::Arguments(vec![ArgumentError::new(argument, problem)])
}
