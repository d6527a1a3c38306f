//! Going through the pages of a list inside the server, so that an agent asks once.

use std::{collections::HashSet, time::Instant};

use serde_json::{Map, Value};

use super::{
    Content, Output, Tool,
    param::{Role, Type},
    record::Record,
};
use crate::{Ctx, Error};

/// How far to go.
pub(crate) struct Walk<'a> {
    /// How many rows to take at most.
    pub(crate) rows: u64,
    /// How many tokens there is room for: rows that come after them can't be shown.
    pub(crate) tokens: usize,
    /// What a row costs at the least, in tokens.
    pub(crate) least_cost: &'a (dyn Fn(&Record) -> usize + Sync),
}

/// The rows taken so far, and `head` as the first page had it.
#[derive(Default)]
struct Walked {
    head: Map<String, Value>,
    rows: Vec<Record>,
    ids: HashSet<String>,
    cost: usize,
    twice: u64,
    notes: Vec<String>,
}

/// Where the next page begins.
enum Next {
    Offset(u64),
    After(String),
}

impl Tool {
    /// All rows of a list, as one page. The arguments are checked. `run` asks for one page.
    ///
    /// # Errors
    /// Those of the first page. If a later one fails, what came before is the result, with a note.
    pub(crate) async fn walk<R: Future<Output = Result<Output, Error>>>(
        &'static self,
        arguments: &Map<String, Value>,
        walk: Walk<'_>,
        ctx: &Ctx,
        run: impl Fn(Map<String, Value>, Ctx) -> R,
    ) -> Result<Output, Error> {
        let offset = self.number(Role::Offset, arguments).unwrap_or(0);
        let by_cursor =
            self.has_role(Role::Cursor) && offset == 0 && self.is_by_creation(arguments);
        let began = Instant::now();
        let mut walked = Walked::default();
        let most = self.most_rows();
        let mut next = Next::Offset(offset);
        let has_more = loop {
            let limit = most.min(walk.rows - walked.rows.len() as u64);
            let page = self.page_at(arguments, limit, &next);
            let page = match run(page, ctx.clone().renewed()).await {
                Ok(page) => page,
                Err(error) if !walked.rows.is_empty() => {
                    walked.notes.push(format!("The walk ended early: {error}."));
                    break true;
                }
                Err(error) => return Err(error),
            };
            let last = walked.take(page, walk.least_cost);
            let total = walked.head.get("totalCount").and_then(Value::as_u64);
            let (count, seen) = (last.count, offset + walked.seen());
            ctx.progress()
                .tell(walked.seen(), total.map(|all| all.saturating_sub(offset).min(walk.rows)))
                .await;
            let ends = count == 0 || total.map_or(count < limit, |total| seen >= total);
            if ends || walked.rows.len() as u64 >= walk.rows || walked.cost > walk.tokens {
                break !ends;
            }
            if let Some(why) = ctx.progress().over(began) {
                walked.notes.push(format!("The walk ended early: {why}."));
                break true;
            }
            next = match last.id {
                Some(id) if by_cursor => Next::After(id),
                _ => Next::Offset(seen),
            };
        };
        Ok(walked.output(has_more))
    }

    /// How many rows a page has: the most that Clerk gives of this list.
    fn most_rows(&self) -> u64 {
        let most = match self.with_role(Role::Limit).map(|param| param.ty) {
            Some(Type::Integer { max, .. }) => u64::try_from(max).ok(),
            _ => None,
        };
        most.unwrap_or(u64::MAX)
    }

    /// Whether the rows come in the order of their creation, the only one that a cursor follows.
    fn is_by_creation(&self, arguments: &Map<String, Value>) -> bool {
        let order =
            self.of_role(Role::Order, arguments).and_then(Value::as_str).unwrap_or_default();
        order.is_empty() || order.trim_start_matches(['+', '-']) == "created_at"
    }

    fn page_at(
        &self,
        arguments: &Map<String, Value>,
        limit: u64,
        next: &Next,
    ) -> Map<String, Value> {
        let mut page = arguments.clone();
        let mut set = |role: Role, value: Option<Value>| {
            let Some(param) = self.with_role(role) else { return };
            match value {
                Some(value) => _ = page.insert(param.name(), value),
                None => _ = page.shift_remove(&param.name()),
            }
        };
        set(Role::Limit, Some(limit.into()));
        match next {
            Next::Offset(0) => {}
            Next::Offset(offset) => set(Role::Offset, Some((*offset).into())),
            Next::After(id) => {
                set(Role::Offset, None);
                set(Role::Cursor, Some(id.clone().into()));
            }
        }
        page
    }
}

/// What a page adds: how many rows it had, and the last one's id.
struct Last {
    count: u64,
    id: Option<String>,
}

impl Walked {
    /// How many rows of the list were seen.
    fn seen(&self) -> u64 {
        self.rows.len() as u64 + self.twice
    }

    fn take(&mut self, page: Output, least_cost: &dyn Fn(&Record) -> usize) -> Last {
        let Output { content, head, notes } = page;
        let Content::Rows(rows) = content else { return Last { count: 0, id: None } };
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        if self.head.is_empty() {
            self.head = head;
        }
        let count = rows.len() as u64;
        let mut id = None;
        for row in rows {
            id = row.text("id").map(str::to_owned);
            // The list may change between two pages, so that a row comes again.
            if id.clone().is_some_and(|id| !self.ids.insert(id)) {
                self.twice += 1;
                continue;
            }
            self.cost += least_cost(&row);
            self.rows.push(row);
        }
        Last { count, id }
    }

    fn output(self, has_more: bool) -> Output {
        let Self { mut head, rows, notes, .. } = self;
        head.insert("hasMore".to_owned(), has_more.into());
        Output { content: Content::Rows(rows), head, notes }
    }
}
