//! Following the events as they come.

use tokio::sync::watch;

use super::{Events, Filter, StoreError, Stored};

/// How many events are read at a time.
const AT_A_TIME: u64 = 100;

/// A reader of events in the order of receipt, that misses none and sees none twice.
pub struct Tail {
    events: Events,
    filter: Filter,
    seq: i64,
    heard: watch::Receiver<i64>,
}

impl Tail {
    /// Follows what is received after the place `seq`.
    #[must_use]
    pub fn after(events: &Events, filter: Filter, seq: i64) -> Self {
        Self { events: events.clone(), filter, seq, heard: events.heard() }
    }

    /// Follows what is received from now on.
    ///
    /// # Errors
    /// The events can't be read.
    pub async fn from_now(events: &Events, filter: Filter) -> Result<Self, StoreError> {
        Ok(Self::after(events, filter, events.latest().await?))
    }

    /// The place up to which all was seen.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Waits until there are events, and takes them: 100 at most.
    ///
    /// # Errors
    /// They can't be read.
    pub async fn next(&mut self) -> Result<Vec<Stored>, StoreError> {
        loop {
            self.heard.borrow_and_update();
            // Before the events are read: what comes meanwhile is seen the next time.
            let latest = self.events.latest().await?;
            if latest > self.seq {
                let rows = self.events.after(self.seq, self.filter.clone(), AT_A_TIME).await?;
                let is_full = rows.len() as u64 == AT_A_TIME;
                let last = rows.last().map_or(self.seq, |row| row.seq);
                self.seq = if is_full { last } else { latest.max(last) };
                if !rows.is_empty() {
                    return Ok(rows);
                }
            }
            self.heard.changed().await.map_err(|_| StoreError::Stopped)?;
        }
    }
}
