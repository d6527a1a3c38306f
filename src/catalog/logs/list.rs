//! `GET /logs` for a model: pages without a log are gone over, and what the cursor means is said.

use serde_json::{Map, Value};

use super::{
    LIMIT, LIST_LOGS, ROUTE,
    cursor::{Cursor, More, REQUESTS},
};
use crate::{
    Ctx, Error,
    tool::{ArgumentError, Content, HAS_MORE, NEXT_CURSOR, Output, Rest, read::Read},
};

const RETENTION: &str =
    "Clerk has no older logs: the plan keeps them for 1 day (Hobby), 7 (Pro) or 30 (Business).";
const PARTLY: &str = "Clerk searched only a part of the time: older logs may follow, though this page is short or \
     empty. Continue with nextCursor as startingAfter, or set eventTimeAfter.";
const LOST: &str = "Clerk says that there are more, but gives no cursor to continue with.";
const NONE: &str = "No log matches. That doesn't prove that nothing happened: logs are best effort, and the plan \
     keeps them for 1, 7 or 30 days.";

/// Lists one page. Nothing goes through all of them: Clerk forbids syncing logs.
pub(super) async fn list(mut arguments: Map<String, Value>, ctx: Ctx) -> Result<Output, Error> {
    check(&arguments)?;
    arguments.entry("limit").or_insert(LIMIT.into());
    let rest = Rest::of(ROUTE);
    let mut pages = 0;
    loop {
        let response = ctx.send(rest.request(LIST_LOGS, &arguments)?).await?;
        let Read { value: page, mut notes } = rest.page(LIST_LOGS, &response).await?;
        let cursor = Cursor::of(&response).await?;
        pages += 1;
        match cursor.next() {
            Some(next) if page.rows.is_empty() && pages < REQUESTS => {
                arguments.insert("startingAfter".to_owned(), next.into());
            }
            _ => {
                notes.extend(said(&cursor, page.rows.is_empty()).map(str::to_owned));
                let content = Content::Rows(page.rows);
                return Ok(Output { content, head: head(&cursor), notes });
            }
        }
    }
}

/// Clerk refuses this, too, with less to go on.
fn check(arguments: &Map<String, Value>) -> Result<(), Error> {
    let is_any = arguments.get("filterMatch").is_some_and(|matches| matches == "any");
    if is_any && arguments.contains_key("payloadFields") {
        let problem = "can't be combined with `filterMatch`: any";
        return Err(Error::Arguments(vec![ArgumentError::new("payloadFields", problem)]));
    }
    Ok(())
}

fn head(cursor: &Cursor) -> Map<String, Value> {
    let mut head = Map::new();
    head.insert(HAS_MORE.to_owned(), (cursor.more != More::No).into());
    if let Some(next) = cursor.next() {
        head.insert(NEXT_CURSOR.to_owned(), next.into());
    }
    head
}

/// The notes on a page.
fn said(cursor: &Cursor, is_empty: bool) -> impl Iterator<Item = &'static str> {
    let more = match (cursor.more, cursor.next()) {
        (More::No, _) => is_empty.then_some(NONE),
        (_, None) => Some(LOST),
        (More::Unknown, _) => Some(PARTLY),
        (More::Yes, _) => is_empty.then_some(PARTLY),
    };
    more.into_iter().chain(cursor.is_at_retention.then_some(RETENTION))
}
