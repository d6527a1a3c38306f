//! A list of users with its total, and the values of a filter that no user has.

use std::pin::pin;

use clerk_api::{Request, Response, Route};
use futures::{
    FutureExt,
    future::{Either, ready, select},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{EXTERNAL_ID_FILTER, QUERY, USER_ID_FILTER, USERNAME_FILTER};
use crate::{
    Ctx, Error,
    tool::{
        Output, Tool,
        not_found::{excludes, values_of},
        param::{LIMIT, OFFSET, Param, Role},
        read::{Page, Read},
        rest::{DEFAULT_LIMIT, Rest},
    },
};

/// The filters of which no two users share a value.
const UNIQUE: [Param; 3] = [USER_ID_FILTER, EXTERNAL_ID_FILTER, USERNAME_FILTER];

const LIST_ROUTE: Rest = Rest::of(Route::get("/users"));
const COUNT: Rest = Rest::of(Route::get("/users/count"));

/// What was asked of the list.
struct Asked<'a> {
    tool: &'static Tool,
    arguments: &'a Map<String, Value>,
}

impl<'a> Asked<'a> {
    /// The limit that is asked for or, without one, as many rows as a filter has values: Clerk's
    /// default would cut the result of a list of 25 emails to 10 rows.
    fn limit(&self) -> Option<u64> {
        let most = self.values().filter(|values| !excludes(values)).map(Vec::len).max();
        self.number(&LIMIT).or(most.map(|most| most as u64))
    }

    /// The values of each filter that takes several.
    fn values(&self) -> impl Iterator<Item = &'a Vec<Value>> {
        self.tool.matching().filter_map(|param| values_of(param, self.arguments))
    }

    fn number(&self, param: &Param) -> Option<u64> {
        self.arguments.get(&param.name())?.as_u64()
    }

    fn offset(&self) -> u64 {
        self.number(&OFFSET).unwrap_or(0)
    }

    /// Whether the page can't but show all users that match: there is room for one user for each
    /// value of the only filter, and no two users share such a value.
    fn page_holds_all(&self) -> bool {
        let limit = self.limit().unwrap_or(DEFAULT_LIMIT);
        self.offset() == 0
            && !self.arguments.contains_key(&QUERY.name())
            && self.values().count() == 1
            && UNIQUE
                .iter()
                .filter_map(|param| values_of(param, self.arguments))
                .any(|values| !excludes(values) && values.len() as u64 <= limit)
    }

    fn page(&self) -> Result<Request, Error> {
        let mut arguments = self.arguments.clone();
        if let Some(limit) = self.limit() {
            arguments.insert(LIMIT.name(), limit.into());
        }
        LIST_ROUTE.request(self.tool, &arguments)
    }

    fn output(&self, page: Page, total: Option<u64>, notes: Vec<String>) -> Output {
        let not_found = self.tool.name_not_found(self.arguments, &page.rows, total);
        Output::counted(page, total, notes).with_not_found(not_found)
    }

    /// The count of the users that match the same filters.
    fn count(&self) -> Result<Request, Error> {
        let mut arguments = self.arguments.clone();
        for role in [Role::Limit, Role::Offset, Role::Order, Role::Cursor] {
            if let Some(param) = self.tool.with_role(role) {
                arguments.shift_remove(&param.name());
            }
        }
        COUNT.request(self.tool, &arguments)
    }
}

#[derive(Debug, Deserialize)]
struct TotalCount {
    total_count: u64,
}

/// The list has no total, so the count is asked for at the same time, unless the page can't but
/// prove it.
pub(super) async fn list_users(
    tool: &'static Tool,
    arguments: Map<String, Value>,
    ctx: Ctx,
) -> Result<Output, Error> {
    let asked = Asked { tool, arguments: &arguments };
    let is_known = asked.page_holds_all();
    let read = async |response: Response| {
        let Read { value: page, notes } = LIST_ROUTE.page(tool, &response).await?;
        let total = if is_known {
            Some(page.rows.len() as u64)
        } else {
            page.total_of(asked.limit().unwrap_or(DEFAULT_LIMIT), asked.offset())
        };
        Ok::<_, Error>((page, total, notes))
    };
    let page = pin!(ctx.send(asked.page()?));
    // A walk has the count from its first page.
    let is_walked = tool.of_role(Role::Cursor, &arguments).is_some();
    if is_known || is_walked {
        let (page, total, notes) = read(page.await?).await?;
        return Ok(asked.output(page, total, notes));
    }
    let count = ctx.send(asked.count()?).boxed();
    let (page, count) = match select(page, count).await {
        Either::Left((page, count)) => (page, count),
        Either::Right((count, page)) => (page.await, ready(count).boxed()),
    };
    let (page, mut total, mut notes) = read(page?).await?;
    // If the page turns out to prove the total, the count is not waited for.
    if total.is_none() {
        let counted = async { Ok::<_, Error>(count.await?.read::<TotalCount>().await?) };
        match counted.await {
            Ok(count) => total = Some(count.value.total_count),
            Err(error) => notes.push(format!("totalCount is not known: {error}.")),
        }
    }
    Ok(asked.output(page, total, notes))
}
