//! The events that were received: in one file of SQLite, which survives a kill at any moment and
//! can be read by other processes meanwhile, or the latest of them in memory.

mod error;
mod file;
mod filter;
mod look;
mod writer;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value};
use tokio::sync::watch;

pub use self::{
    error::StoreError,
    filter::{Filter, Holds, InvalidTypes, Types},
    look::{Look, look},
};
use self::{
    file::EVENTS,
    writer::{Incoming, Writer},
};
use super::{Event, event::family};
use crate::sqlite::Names;

/// How many events are kept in memory if there is no file.
pub(super) const IN_MEMORY: i64 = 10_000;

/// Where events are kept, and for how long.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file; without one, the last 10,000 are in memory.
    pub file: Option<PathBuf>,
    /// How long after its receipt an event is kept; `None` if another process removes old events.
    pub retention: Option<Duration>,
}

/// The events there are. Clones share them.
#[derive(Clone)]
pub struct Events {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    writer: Writer,
    reader: Arc<Mutex<Connection>>,
    /// The files that are open, if the events are in one.
    names: Option<Arc<Names>>,
    latest: watch::Sender<i64>,
    kept: AtomicU64,
    refused: AtomicU64,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Events").field(&self.inner.settings).finish()
    }
}

/// An event as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the order of receipt.
    pub seq: i64,
    /// When it was received, in Unix ms.
    pub received_at: i64,
    /// The event.
    pub event: Event,
}

/// Whether an event was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept now.
    New,
    /// It was there already.
    Again,
}

/// Some of the events that match.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Stored>,
    /// How many match.
    pub(crate) total: u64,
    /// The place of the last event received when this was read.
    pub(crate) latest: i64,
}

const COLUMNS: &str =
    "seq, received_at, id, type, at, user_id, organization_id, session_id, object_id, body";

impl Events {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// It can't be opened, or holds something else.
    pub fn open(settings: Settings) -> Result<Self, StoreError> {
        let shared = |connection| Arc::new(Mutex::new(connection));
        let (writing, reader) = if let Some(path) = &settings.file {
            EVENTS.prepare(path)?;
            (shared(EVENTS.open_prepared(path)?), shared(EVENTS.open_prepared(path)?))
        } else {
            let connection = shared(EVENTS.in_memory()?);
            (connection.clone(), connection)
        };
        let known = latest(&reader.lock().unwrap_or_else(PoisonError::into_inner))?;
        let latest = watch::Sender::new(known);
        let names = settings.file.as_deref().map(|path| Arc::new(Names::of(&EVENTS, path)));
        let writer = Writer::start(writing, settings.clone(), names.clone(), latest.clone());
        let (kept, refused) = (AtomicU64::default(), AtomicU64::default());
        let inner = Inner { settings, writer, reader, names, latest, kept, refused };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Keeps an event. When this returns, the event is on disk, whatever happens to the process.
    ///
    /// # Errors
    /// It could not be kept.
    pub async fn keep(&self, event: Event) -> Result<Kept, StoreError> {
        let received_at = jiff::Timestamp::now().as_millisecond();
        let kept = self.inner.writer.keep(Incoming { event, received_at }).await?;
        if kept == Kept::New {
            self.inner.kept.fetch_add(1, Ordering::Relaxed);
        }
        Ok(kept)
    }

    /// Counts a delivery that was not taken.
    pub fn count_refused(&self) {
        self.inner.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How many events this process has received, and how many deliveries it has refused.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let Inner { kept, refused, .. } = &*self.inner;
        (kept.load(Ordering::Relaxed), refused.load(Ordering::Relaxed))
    }

    /// Checks that what is kept now stays.
    ///
    /// # Errors
    /// The file was removed or replaced.
    pub async fn check(&self) -> Result<(), StoreError> {
        let Some(names) = self.inner.names.clone() else { return Ok(()) };
        let checked = tokio::task::spawn_blocking(move || names.check()).await;
        Ok(checked.map_err(|_| StoreError::Stopped)??)
    }

    /// Where the events are, in words.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.inner.settings.file {
            Some(path) => format!("in {}", path.display()),
            None => format!("in memory, the last {IN_MEMORY} until the server ends"),
        }
    }

    /// Changes when there is a new event: at once for one of this process, within a quarter of a
    /// second for one of another process.
    #[must_use]
    pub fn heard(&self) -> watch::Receiver<i64> {
        self.inner.latest.subscribe()
    }

    /// The place of the last event received; 0 if there is none.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn latest(&self) -> Result<i64, StoreError> {
        let seq = self.read(latest).await?;
        self.inner.latest.send_if_modified(|known| raised(known, seq));
        Ok(seq)
    }

    /// The same without waiting for the file: what another process has written may be missing.
    #[must_use]
    pub fn known(&self) -> i64 {
        *self.inner.latest.borrow()
    }

    /// The events that match, the latest to happen first.
    pub(crate) async fn page(
        &self,
        filter: Filter,
        limit: u64,
        offset: u64,
    ) -> Result<Page, StoreError> {
        let page = self.read(move |connection| {
            let (clause, mut values) = filter.sql();
            let count = format!("SELECT count(*) FROM events WHERE {clause}");
            let total: i64 =
                connection.query_row(&count, params_from_iter(&values), |row| row.get(0))?;
            let select = format!(
                "SELECT {COLUMNS} FROM events WHERE {clause} ORDER BY at DESC, seq DESC \
                 LIMIT ? OFFSET ?"
            );
            values.extend(
                [limit, offset].map(|count| Value::from(i64::try_from(count).unwrap_or(i64::MAX))),
            );
            let rows = rows(connection, &select, values)?;
            Ok(Page { rows, total: total.try_into().unwrap_or(0), latest: latest(connection)? })
        });
        let page = page.await?;
        self.inner.latest.send_if_modified(|known| raised(known, page.latest));
        Ok(page)
    }

    /// The events that match and were received after the place `seq`, in the order of receipt.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn after(
        &self,
        seq: i64,
        filter: Filter,
        limit: u64,
    ) -> Result<Vec<Stored>, StoreError> {
        self.read(move |connection| {
            let (clause, values) = filter.sql();
            let select = format!(
                "SELECT {COLUMNS} FROM events WHERE seq > ? AND {clause} ORDER BY seq LIMIT ?"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let values = [vec![seq.into()], values, vec![limit.into()]].concat();
            rows(connection, &select, values)
        })
        .await
    }

    /// The last events received that match, at most so many, in the order of receipt.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn last(&self, filter: Filter, count: u64) -> Result<Vec<Stored>, StoreError> {
        self.read(move |connection| {
            let (clause, mut values) = filter.sql();
            let select =
                format!("SELECT {COLUMNS} FROM events WHERE {clause} ORDER BY seq DESC LIMIT ?");
            values.push(i64::try_from(count).unwrap_or(i64::MAX).into());
            let mut rows = rows(connection, &select, values)?;
            rows.reverse();
            Ok(rows)
        })
        .await
    }

    /// When the first of the events that are kept was received, in Unix ms.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn since(&self) -> Result<Option<i64>, StoreError> {
        let query = "SELECT min(received_at) FROM events";
        self.read(move |connection| connection.query_row(query, [], |row| row.get(0))).await
    }

    /// The event of a message.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn get(&self, id: String) -> Result<Option<Stored>, StoreError> {
        self.read(move |connection| {
            let select = format!("SELECT {COLUMNS} FROM events WHERE id = ?");
            connection.query_row(&select, [id], stored).optional()
        })
        .await
    }

    /// For each event the one that happened last before it, of the same family and about the same
    /// object.
    pub(crate) async fn before(
        &self,
        rows: Vec<Stored>,
    ) -> Result<Vec<(Stored, Option<Stored>)>, StoreError> {
        self.read(move |connection| {
            let select = format!(
                "SELECT {COLUMNS} FROM events WHERE object_id = ? AND family = ? \
                 AND (at < ? OR (at = ? AND seq < ?)) ORDER BY at DESC, seq DESC LIMIT 1"
            );
            let mut statement = connection.prepare(&select)?;
            let mut earlier = |row: &Stored| {
                let Event { kind, at, object_id, .. } = &row.event;
                let values = (object_id, family(kind), at, at, row.seq);
                statement.query_row(values, stored).optional()
            };
            rows.into_iter().map(|row| earlier(&row).map(|earlier| (row, earlier))).collect()
        })
        .await
    }

    /// Reads off the thread that serves.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = self.inner.reader.clone();
        let names = self.inner.names.clone();
        let done = tokio::task::spawn_blocking(move || {
            names.map_or(Ok(()), |names| names.check())?;
            let connection = reader.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(work(&connection)?)
        });
        done.await.map_err(|_| StoreError::Stopped)?
    }
}

/// Raises a place that is known to `seq`; whether it was lower.
fn raised(known: &mut i64, seq: i64) -> bool {
    let is_lower = *known < seq;
    *known = seq.max(*known);
    is_lower
}

fn latest(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))
}

fn rows(
    connection: &Connection,
    select: &str,
    values: Vec<Value>,
) -> rusqlite::Result<Vec<Stored>> {
    let mut statement = connection.prepare(select)?;
    statement.query_map(params_from_iter(values), stored)?.collect()
}

/// One row. The table holds the types, but not that text is UTF-8: what isn't spoils no other row.
fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let text = |column: usize| {
        let bytes = row.get_ref(column)?.as_bytes_or_null().unwrap_or_default();
        Ok::<_, rusqlite::Error>(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    };
    Ok(Stored {
        seq: row.get(0)?,
        received_at: row.get(1)?,
        event: Event {
            id: text(2)?.unwrap_or_default(),
            kind: text(3)?.unwrap_or_default(),
            at: row.get(4)?,
            user_id: text(5)?,
            organization_id: text(6)?,
            session_id: text(7)?,
            object_id: text(8)?,
            body: text(9)?.unwrap_or_default(),
        },
    })
}

#[cfg(test)]
mod tests;
