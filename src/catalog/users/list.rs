//! A list of users with its total, and the values of a filter that no user has.

use std::pin::pin;

use clerk_api::{Request, Response, Route};
use futures::{
    FutureExt,
    future::{Either, ready, select},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    EMAIL_FILTER, EXTERNAL_ID_FILTER, PHONE_FILTER, QUERY, USER_ID_FILTER, USERNAME_FILTER,
};
use crate::{
    Ctx, Error,
    tool::{
        Output, Tool,
        param::{LIMIT, OFFSET, Param, Role},
        read::{Page, Read},
        record::Record,
        rest::{DEFAULT_LIMIT, Rest},
    },
};

/// What a user has of what a filter asks for.
type Has = fn(&Record) -> Vec<&str>;

/// The filters that take several values.
const LISTS: [(Param, Has); 5] = [
    (EMAIL_FILTER, |user| {
        user.objects("email_addresses").filter_map(|email| email.text("email_address")).collect()
    }),
    (PHONE_FILTER, |user| {
        user.objects("phone_numbers").filter_map(|phone| phone.text("phone_number")).collect()
    }),
    (EXTERNAL_ID_FILTER, |user| user.text("external_id").into_iter().collect()),
    (USERNAME_FILTER, |user| user.text("username").into_iter().collect()),
    (USER_ID_FILTER, |user| user.text("id").into_iter().collect()),
];
/// Those of them of which no two users share a value.
const UNIQUE: [Param; 3] = [USER_ID_FILTER, EXTERNAL_ID_FILTER, USERNAME_FILTER];
/// How many values that no user has are named.
const NAMED: usize = 20;

const LIST_ROUTE: Rest = Rest::of(Route::get("/users"));
const COUNT: Rest = Rest::of(Route::get("/users/count"));

/// What was asked of the list.
struct Asked<'a> {
    tool: &'static Tool,
    arguments: &'a Map<String, Value>,
}

impl<'a> Asked<'a> {
    fn values(&self, param: &Param) -> Option<&'a Vec<Value>> {
        self.arguments.get(&param.name())?.as_array()
    }

    /// Whether a filter leaves users out.
    fn excludes(values: &[Value]) -> bool {
        values.iter().any(|value| value.as_str().is_some_and(|text| text.starts_with('-')))
    }

    /// The limit that is asked for or, without one, as many rows as a filter has values: Clerk's
    /// default would cut the result of a list of 25 emails to 10 rows.
    fn limit(&self) -> Option<u64> {
        let lists = LISTS.iter().filter_map(|(param, _)| self.values(param));
        let most = lists.filter(|values| !Self::excludes(values)).map(Vec::len).max();
        self.number(&LIMIT).or(most.map(|most| most as u64))
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
        let filters = LISTS.iter().filter(|(param, _)| self.values(param).is_some()).count();
        self.offset() == 0
            && !self.arguments.contains_key(&QUERY.name())
            && filters == 1
            && UNIQUE
                .iter()
                .filter_map(|param| self.values(param))
                .any(|values| !Self::excludes(values) && values.len() as u64 <= limit)
    }

    fn page(&self) -> Result<Request, Error> {
        let mut arguments = self.arguments.clone();
        if let Some(limit) = self.limit() {
            arguments.insert(LIMIT.name(), limit.into());
        }
        LIST_ROUTE.request(self.tool, &arguments)
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

impl Asked<'_> {
    /// Names the values that no user has, if the page shows all users that match and each of them
    /// has one of the values.
    fn found_nothing(&self, page: &Page, total: Option<u64>) -> Option<String> {
        let is_whole = total == Some(page.rows.len() as u64) && self.offset() == 0;
        let mut filters =
            LISTS.iter().filter_map(|(param, has)| Some((param, has, self.values(param)?)));
        let (param, has, values) = filters.next()?;
        if !is_whole
            || filters.next().is_some()
            || self.arguments.contains_key(&QUERY.name())
            || values.len() < 2
            || Self::excludes(values)
        {
            return None;
        }
        let asked: Vec<&str> = values
            .iter()
            .filter_map(Value::as_str)
            .map(|value| value.trim_start_matches('+'))
            .collect();
        let is = |asked: &str, has: &str| has.trim_start_matches('+').eq_ignore_ascii_case(asked);
        let has_any =
            |user| has(user).into_iter().any(|has| asked.iter().any(|asked| is(asked, has)));
        if !page.rows.iter().all(has_any) {
            return None;
        }
        let is_found = |asked: &&str| page.rows.iter().flat_map(has).any(|has| is(asked, has));
        let mut none: Vec<&str> = asked.iter().filter(|asked| !is_found(asked)).copied().collect();
        let more = none.len().saturating_sub(NAMED);
        none.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!none.is_empty())
            .then(|| format!("No user has this {}: {}{more}.", param.name(), none.join(", ")))
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
        let (page, total, mut notes) = read(page.await?).await?;
        notes.extend(asked.found_nothing(&page, total));
        return Ok(Output::counted(page, total, notes));
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
    notes.extend(asked.found_nothing(&page, total));
    Ok(Output::counted(page, total, notes))
}
