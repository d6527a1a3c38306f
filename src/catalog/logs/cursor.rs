//! How a page of logs ends. Clerk searches in steps of time, so a page may be short, or empty, though
//! there are more logs: the cursor says so.

use clerk_api::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::Error;

/// How many pages one call reads at most, those without a log included.
pub(super) const REQUESTS: usize = 5;

/// Whether there are logs behind a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    Yes,
    No,
    /// Clerk searched a part of the time only.
    Unknown,
}

/// The end of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    next: Option<String>,
    pub(super) more: More,
    /// Whether the page ends where the plan keeps no older logs.
    pub(super) is_at_retention: bool,
}

/// A response with a cursor.
#[derive(Deserialize)]
struct Paged {
    cursor: Option<Value>,
}

impl Cursor {
    /// Reads the cursor of a page. What is missing or of a wrong type says nothing.
    ///
    /// # Errors
    /// The response isn't JSON.
    pub(super) async fn of(response: &Response) -> Result<Self, Error> {
        let paged = response.read::<Paged>().await?.value;
        Ok(Self::read(&paged.cursor.unwrap_or_default()))
    }

    /// Reads the `cursor` of a response.
    pub(super) fn read(cursor: &Value) -> Self {
        let is_true = |name: &str| cursor.get(name).and_then(Value::as_bool);
        let next = cursor.get("starting_after").and_then(Value::as_str);
        let next = next.filter(|next| !next.is_empty()).map(str::to_owned);
        let is_at_retention = is_true("retention_limit_reached") == Some(true);
        let more = match cursor.get("next_page_status").and_then(Value::as_str) {
            Some("true") => More::Yes,
            Some("false") => More::No,
            // Further back there is nothing.
            Some(_) if is_at_retention => More::No,
            Some(_) => More::Unknown,
            // The older way to say it.
            None if is_true("has_next_page") == Some(true) => More::Unknown,
            None => More::No,
        };
        Self { next, more, is_at_retention }
    }

    /// The cursor of the next page, if there is or may be one.
    pub(super) fn next(&self) -> Option<&str> {
        self.next.as_deref().filter(|_| self.more != More::No)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_cursor_that_may_lead_further_is_followed() {
        let cases = [
            (json!({ "starting_after": "c", "next_page_status": "true" }), Some("c"), More::Yes),
            (json!({ "starting_after": "c", "next_page_status": "false" }), None, More::No),
            (
                json!({ "starting_after": "c", "next_page_status": "unknown" }),
                Some("c"),
                More::Unknown,
            ),
            (
                json!({ "starting_after": "c", "next_page_status": "unknown",
                        "retention_limit_reached": true }),
                None,
                More::No,
            ),
            (
                json!({ "starting_after": "c", "next_page_status": "true",
                        "retention_limit_reached": true }),
                Some("c"),
                More::Yes,
            ),
            (json!({ "starting_after": null, "next_page_status": "true" }), None, More::Yes),
            (json!({ "starting_after": "c", "has_next_page": true }), Some("c"), More::Unknown),
            (json!({ "starting_after": 7, "next_page_status": 1 }), None, More::No),
            (Value::Null, None, More::No),
        ];
        for (cursor, next, more) in cases {
            let read = Cursor::read(&cursor);
            assert_eq!((read.next(), read.more), (next, more), "{cursor}");
        }
    }
}
