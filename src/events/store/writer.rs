//! The one thread that writes: what comes while it waits for the disk goes there together.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::{Duration, Instant},
};

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::{oneshot, watch};

use super::{IN_MEMORY, Kept, Settings, StoreError, family};
use crate::{events::Event, sqlite::Names};

/// How many events may wait for the disk; further ones are refused, and sent again later.
const WAITING: usize = 4096;
/// How many go to the disk together at most.
const TOGETHER: usize = 512;
/// How often another process's events are looked for while there are subscribers.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often events that are too old are deleted.
const PRUNE_EVERY: Duration = Duration::from_mins(10);
/// How many old events are deleted at a time, so that no writer waits long.
const PRUNE: i64 = 10_000;

/// An event that is to be kept.
pub(super) struct Incoming {
    pub(super) event: Event,
    pub(super) received_at: i64,
}

type Asking = oneshot::Sender<Result<Kept, StoreError>>;

/// The queue to the thread, which ends when this is dropped.
pub(super) struct Writer(mpsc::SyncSender<(Incoming, Asking)>);

impl Writer {
    pub(super) fn start(
        connection: Arc<Mutex<Connection>>,
        settings: Settings,
        names: Option<Arc<Names>>,
        latest: watch::Sender<i64>,
    ) -> Self {
        let (sender, inbox) = mpsc::sync_channel(WAITING);
        std::thread::spawn(move || {
            write(&inbox, &connection, &settings, names.as_deref(), &latest);
        });
        Self(sender)
    }

    pub(super) async fn keep(&self, incoming: Incoming) -> Result<Kept, StoreError> {
        let (asking, result) = oneshot::channel();
        self.0.try_send((incoming, asking)).map_err(|_| StoreError::Busy)?;
        result.await.unwrap_or(Err(StoreError::Stopped))
    }
}

fn write(
    inbox: &mpsc::Receiver<(Incoming, Asking)>,
    connection: &Mutex<Connection>,
    settings: &Settings,
    names: Option<&Names>,
    latest: &watch::Sender<i64>,
) {
    let mut pruned: Option<Instant> = None;
    loop {
        if pruned.is_none_or(|at| at.elapsed() >= PRUNE_EVERY) {
            prune(connection, settings);
            pruned = Some(Instant::now());
        }
        let wait = if settings.file.is_some() { LOOK_EVERY } else { PRUNE_EVERY };
        let first = match inbox.recv_timeout(wait) {
            Ok(first) => first,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if settings.file.is_some() && latest.receiver_count() > 0 {
                    look(connection, latest);
                }
                continue;
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        };
        let batch: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).take(TOGETHER).collect();
        let (events, asking): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let outcome = {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            insert(&mut connection, &events, settings.file.is_none())
        };
        // What was written to a file that has no name any more is lost when it is closed.
        let is_there = || names.map_or(Ok(()), Names::check);
        let outcome = outcome
            .map_err(StoreError::from)
            .and_then(|kept| is_there().map(|()| kept).map_err(StoreError::from));
        match outcome {
            Ok((kept, seq)) => {
                for (asking, kept) in asking.into_iter().zip(kept) {
                    // The caller may have gone.
                    let _ = asking.send(Ok(kept));
                }
                latest.send_if_modified(|known| super::raised(known, seq));
            }
            Err(error) => {
                tracing::error!(%error, "events could not be kept");
                let error = Arc::new(error);
                for asking in asking {
                    let _ = asking.send(Err(StoreError::Unkept(error.clone())));
                }
            }
        }
    }
}

/// Wakes subscribers if another process has written events.
fn look(connection: &Mutex<Connection>, latest: &watch::Sender<i64>) {
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    match super::latest(&connection) {
        Ok(seq) => _ = latest.send_if_modified(|known| super::raised(known, seq)),
        Err(error) => tracing::warn!(%error, "the file of events can't be read"),
    }
}

/// Keeps all events or none. Returns for each whether it was new, and the place of the last.
fn insert(
    connection: &mut Connection,
    events: &[Incoming],
    is_in_memory: bool,
) -> rusqlite::Result<(Vec<Kept>, i64)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut statement = transaction.prepare(
        "INSERT INTO events (id, family, type, at, received_at, user_id, organization_id, \
         session_id, object_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO NOTHING",
    )?;
    let mut kept = Vec::with_capacity(events.len());
    for Incoming { event, received_at } in events {
        let Event { id, kind, at, user_id, organization_id, session_id, object_id, body } = event;
        let family = family(kind);
        let subjects = (user_id, organization_id, session_id);
        let changed = statement.execute(params![
            id,
            family,
            kind,
            at,
            received_at,
            subjects.0,
            subjects.1,
            subjects.2,
            object_id,
            body
        ])?;
        kept.push(if changed == 0 { Kept::Again } else { Kept::New });
    }
    drop(statement);
    let seq = super::latest(&transaction)?;
    if is_in_memory {
        transaction.execute("DELETE FROM events WHERE seq <= ?", [seq - IN_MEMORY])?;
    }
    transaction.commit()?;
    Ok((kept, seq))
}

/// Deletes events that were received longer ago than the retention: one that is sent again is as
/// old as before when it arrives.
fn prune(connection: &Mutex<Connection>, settings: &Settings) {
    let Some(retention) = settings.retention else { return };
    let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
    let oldest = jiff::Timestamp::now().as_millisecond().saturating_sub(retention);
    loop {
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = connection.execute(
            "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE received_at < ? LIMIT ?)",
            params![oldest, PRUNE],
        );
        match removed {
            Ok(0) => return,
            Ok(removed) => tracing::debug!(removed, "old events removed"),
            Err(error) => {
                tracing::warn!(%error, "old events could not be removed");
                return;
            }
        }
    }
}
