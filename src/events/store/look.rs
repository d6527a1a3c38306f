//! A look at a file of events that changes nothing in it.

use std::path::Path;

use super::{StoreError, file::EVENTS};

/// What is in a file of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How many events it holds.
    pub events: u64,
    /// When the last one was received.
    pub last: Option<jiff::Timestamp>,
}

/// Looks at a file of events that exists. It is neither created nor changed.
///
/// # Errors
/// It can't be opened, or holds something else.
pub fn look(path: &Path) -> Result<Look, StoreError> {
    let connection = EVENTS.open_to_read(path)?;
    let query = "SELECT count(*), max(received_at) FROM events";
    let (events, last): (i64, Option<i64>) = connection
        .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|source| EVENTS.failed(path, source))?;
    let last = last.and_then(|last| jiff::Timestamp::from_millisecond(last).ok());
    Ok(Look { events: events.unsigned_abs(), last })
}
