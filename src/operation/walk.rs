//! Walking the pages of a list inside the server, so that an agent asks once.

use std::collections::HashSet;

use rmcp::model::JsonObject;
use serde_json::{Map, Value};

use super::{Entry, Form, View};
use crate::{Error, ctx::Ctx, shape};

/// How many rows a page has: the most that Clerk gives.
const PAGE: u64 = 500;

/// How far to walk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    /// How many rows to take at most.
    pub(crate) rows: u64,
    /// What is to be seen of each.
    pub(crate) view: &'a View,
    /// How many tokens there is room for: rows that come after them can't be shown.
    pub(crate) tokens: usize,
}

/// The rows taken so far, in `output` as the first page had it.
#[derive(Default)]
struct Walked {
    output: Map<String, Value>,
    rows: Vec<Value>,
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

impl Entry {
    /// All rows of a list, as one page. The arguments are those of [`Entry::read`].
    ///
    /// # Errors
    /// Those of the first page. Where a later one fails, what came before is the answer, with a
    /// note.
    pub(crate) async fn walk(
        &self,
        arguments: JsonObject,
        walk: Walk<'_>,
        call: Ctx,
    ) -> Result<Value, Error> {
        let key = match self.form {
            Form::List(key) => key,
            Form::Events => "events",
            _ => return self.run(arguments, call).await,
        };
        let offset = arguments.get("offset").and_then(Value::as_u64).unwrap_or(0);
        let by_cursor = !self.cursor.is_empty() && offset == 0 && is_by_creation(&arguments);
        let mut walked = Walked::default();
        let mut next = Next::Offset(offset);
        let has_more = loop {
            let limit = PAGE.min(walk.rows - walked.rows.len() as u64);
            let page = arguments_of(&arguments, limit, &next, self.cursor);
            let page = match self.run(page, call.clone().renewed()).await {
                Ok(page) => page,
                Err(error) if !walked.rows.is_empty() => {
                    walked.notes.push(format!("The walk ended early: {error}."));
                    break true;
                }
                Err(error) => return Err(error),
            };
            let last = walked.take(page, key, walk.view);
            let total = walked.output.get("totalCount").and_then(Value::as_u64);
            let (count, seen) = (last.count, offset + walked.seen());
            call.progress()
                .tell(walked.seen(), total.map(|it| it.saturating_sub(offset).min(walk.rows)))
                .await;
            let ends = count == 0 || total.map_or(count < limit, |total| seen >= total);
            if ends || walked.rows.len() as u64 >= walk.rows || walked.cost > walk.tokens {
                break !ends;
            }
            next = match last.id {
                Some(id) if by_cursor => Next::After(id),
                _ => Next::Offset(seen),
            };
        };
        Ok(walked.output(key, has_more))
    }
}

/// Whether the rows come in the order of their creation, the only one that a cursor goes along.
fn is_by_creation(arguments: &JsonObject) -> bool {
    let order = arguments.get("orderBy").and_then(Value::as_str).unwrap_or_default();
    order.is_empty() || order.trim_start_matches(['+', '-']) == "created_at"
}

fn arguments_of(arguments: &JsonObject, limit: u64, next: &Next, cursor: &str) -> JsonObject {
    let mut page = arguments.clone();
    page.insert("limit".to_owned(), limit.into());
    match next {
        Next::Offset(0) => {}
        Next::Offset(offset) => _ = page.insert("offset".to_owned(), (*offset).into()),
        Next::After(id) => {
            page.shift_remove("offset");
            page.insert(cursor.to_owned(), id.clone().into());
        }
    }
    page
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

    fn take(&mut self, page: Value, key: &str, view: &View) -> Last {
        let Value::Object(mut page) = page else { return Last { count: 0, id: None } };
        let rows = match page.shift_remove(key) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        if let Some(Value::String(note)) = page.shift_remove("note")
            && !self.notes.contains(&note)
        {
            self.notes.push(note);
        }
        if self.output.is_empty() {
            self.output = page;
        }
        let count = rows.len() as u64;
        let mut id = None;
        for row in rows {
            id = row.get("id").and_then(Value::as_str).map(str::to_owned);
            // The list may change between two pages, so that a row comes again.
            if id.clone().is_some_and(|id| !self.ids.insert(id)) {
                self.twice += 1;
                continue;
            }
            if let Value::Object(row) = &row {
                self.cost += shape::least_cost(row, view);
            }
            self.rows.push(row);
        }
        Last { count, id }
    }

    fn output(self, key: &str, has_more: bool) -> Value {
        let Self { mut output, rows, notes, .. } = self;
        output.insert(key.to_owned(), rows.into());
        output.insert("hasMore".to_owned(), has_more.into());
        for sentence in &notes {
            shape::note(&mut output, sentence);
        }
        output.into()
    }
}
