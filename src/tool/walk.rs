//! Going through the pages of a list inside the server, so that an agent asks once.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    time::Instant,
};

use serde_json::{Map, Value};

use super::{
    Content, Output, Tool,
    frame::HAS_MORE,
    param::{Role, Type},
    record::Record,
};
use crate::{Ctx, Error};

/// What the rows of a walk go to, a page at a time.
pub(crate) trait Sink: Send {
    /// Takes the rows of a page, none of which it had before.
    ///
    /// # Errors
    /// Why the walk can't go on, and what it has is of no use.
    fn take(&mut self, rows: Vec<Record>) -> impl Future<Output = Result<Room, Error>> + Send;
}

/// Whether there is room for more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    More,
    /// None for further pages.
    Full,
    /// Not even for all rows of this page.
    Short,
}

/// Rows for a result that may have so many tokens: rows that come after them can't be shown.
pub(crate) struct Shown<'a> {
    pub(crate) rows: Vec<Record>,
    pub(crate) tokens: usize,
    pub(crate) cost: usize,
    /// What a row costs at the least, in tokens.
    pub(crate) least_cost: &'a (dyn Fn(&Record) -> usize + Sync),
}

impl Sink for Shown<'_> {
    async fn take(&mut self, rows: Vec<Record>) -> Result<Room, Error> {
        self.cost += rows.iter().map(self.least_cost).sum::<usize>();
        self.rows.extend(rows);
        Ok(if self.cost > self.tokens { Room::Full } else { Room::More })
    }
}

/// What a walk leaves beside the rows: the head of the first page, with whether there are more.
#[derive(Default)]
pub(crate) struct Walked {
    pub(crate) head: Map<String, Value>,
    pub(crate) notes: Vec<String>,
    /// How many rows went to the sink.
    count: u64,
    /// How many came twice.
    twice: u64,
    /// The hashes of the ids, so that a million rows take few megabytes.
    ids: HashSet<u64>,
    hasher: RandomState,
}

/// Where the next page begins.
enum Next {
    Offset(u64),
    After(String),
}

impl Tool {
    /// Takes the rows of all pages of a list, at most so many, to `sink`. The arguments are checked.
    /// `run` asks for one page.
    ///
    /// # Errors
    /// Those of the first page, and those of the sink. If a later page fails, what came before is the
    /// result, with a note.
    pub(crate) async fn walk<R: Future<Output = Result<Output, Error>>>(
        &'static self,
        arguments: &Map<String, Value>,
        rows: u64,
        sink: &mut impl Sink,
        ctx: &Ctx,
        run: impl Fn(Map<String, Value>, Ctx) -> R,
    ) -> Result<Walked, Error> {
        let offset = self.number(Role::Offset, arguments).unwrap_or(0);
        let by_cursor =
            self.has_role(Role::Cursor) && offset == 0 && self.is_by_creation(arguments);
        let began = Instant::now();
        let mut walked = Walked::default();
        let most = self.most_rows();
        let mut next = Next::Offset(offset);
        let has_more = loop {
            let limit = most.min(rows - walked.count);
            let page = self.page_at(arguments, limit, &next);
            let page = match run(page, ctx.clone().renewed()).await {
                Ok(page) => page,
                Err(error) if walked.count > 0 => {
                    walked.notes.push(format!("The walk ended early: {error}."));
                    break true;
                }
                Err(error) => return Err(error),
            };
            let Page { count, id, rows: fresh } = walked.page(page);
            let room = sink.take(fresh).await?;
            let total = walked.head.get("totalCount").and_then(Value::as_u64);
            let seen = offset + walked.seen();
            ctx.progress()
                .tell(walked.seen(), total.map(|all| all.saturating_sub(offset).min(rows)))
                .await;
            let ends = count == 0 || total.map_or(count < limit, |total| seen >= total);
            if room == Room::Short {
                break true;
            }
            if ends || walked.count >= rows || room == Room::Full {
                break !ends;
            }
            if let Some(why) = ctx.progress().over(began) {
                walked.notes.push(format!("The walk ended early: {why}."));
                break true;
            }
            next = match id {
                Some(id) if by_cursor => Next::After(id),
                _ => Next::Offset(seen),
            };
        };
        walked.head.insert(HAS_MORE.to_owned(), has_more.into());
        Ok(walked)
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

/// What a page adds: how many rows it had, the last one's id, and those that are new.
struct Page {
    count: u64,
    id: Option<String>,
    rows: Vec<Record>,
}

impl Walked {
    /// How many rows of the list were seen.
    fn seen(&self) -> u64 {
        self.count + self.twice
    }

    fn page(&mut self, page: Output) -> Page {
        let Output { content, head, notes } = page;
        let Content::Rows(mut rows) = content else {
            return Page { count: 0, id: None, rows: Vec::new() };
        };
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        if self.head.is_empty() {
            self.head = head;
        }
        let count = rows.len() as u64;
        let id = rows.last().and_then(|row| row.text("id")).map(str::to_owned);
        // The list may change between two pages, so that a row comes again.
        rows.retain(|row| {
            row.text("id").is_none_or(|id| self.ids.insert(self.hasher.hash_one(id)))
        });
        let fresh = rows.len() as u64;
        self.count += fresh;
        self.twice += count - fresh;
        Page { count, id, rows }
    }
}
