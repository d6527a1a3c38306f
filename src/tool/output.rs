//! What a tool returns, typed until it is rendered.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Tool,
    read::{self, Page},
    record::Record,
};
use crate::Error;

/// A result before it is rendered: without `success` and `note`.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// The object, or the rows.
    pub(crate) content: Content,
    /// What stands beside the rows, under the names that agents know.
    pub(crate) head: Map<String, Value>,
    /// Notes for the reader of the result, as sentences.
    pub(crate) notes: Vec<String>,
}

/// The object or the rows of a result.
#[derive(Debug, Default)]
pub(crate) enum Content {
    /// There is neither; all is in the head.
    #[default]
    None,
    Object(Box<Record>),
    Rows(Vec<Record>),
}

impl Output {
    /// An object that was read.
    pub(crate) fn object(record: Record, notes: Vec<String>) -> Self {
        Self { content: Content::Object(Box::new(record)), head: Map::new(), notes }
    }

    /// A page of a list. Without its total, a note says so.
    pub(crate) fn page(page: Page, total: Option<u64>, mut notes: Vec<String>) -> Self {
        if total.is_none() {
            notes.push("totalCount is not known: Clerk did not tell it.".to_owned());
        }
        Self::counted(page, total, notes)
    }

    /// A page of a list, whose notes say why a total that isn't known isn't.
    pub(crate) fn counted(page: Page, total: Option<u64>, notes: Vec<String>) -> Self {
        let mut head = Map::new();
        head.insert("totalCount".to_owned(), total.into());
        Self { content: Content::Rows(page.rows), head, notes }
    }

    /// What this server composed, as the tool's row declares it: its rows apart, if it has any.
    ///
    /// # Errors
    /// [`Error::Internal`] if the value is not what the row declares.
    pub(crate) fn composed(
        tool: &'static Tool,
        value: &impl Serialize,
        notes: Vec<String>,
    ) -> Result<Self, Error> {
        const UNFIT: Error = Error::Internal("a composed result is not what its row declares");
        let Ok(Value::Object(mut head)) = serde_json::to_value(value) else { return Err(UNFIT) };
        let Some(name) = tool.result.rows() else {
            let record = read::composed(tool.fields, head.into()).map_err(|_| UNFIT)?.value;
            return Ok(Self::object(record, notes));
        };
        let content = match head.shift_remove(name) {
            Some(Value::Array(rows)) => {
                let rows = rows.into_iter().map(|row| {
                    read::composed(tool.fields, row).map(|read| read.value).map_err(|_| UNFIT)
                });
                Content::Rows(rows.collect::<Result<_, _>>()?)
            }
            _ => Content::None,
        };
        Ok(Self { content, head, notes })
    }

    /// The id of the object, if it is one.
    pub(crate) fn id(&self) -> Option<&str> {
        match &self.content {
            Content::Object(record) => record.text("id"),
            _ => None,
        }
    }

    /// The rows, if it is a list.
    pub(crate) fn rows(&self) -> &[Record] {
        match &self.content {
            Content::Rows(rows) => rows,
            _ => &[],
        }
    }

    /// The object, if it is one.
    pub(crate) fn record(&self) -> Option<&Record> {
        match &self.content {
            Content::Object(record) => Some(record),
            _ => None,
        }
    }
}
