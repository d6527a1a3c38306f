//! The file of approvals.

mod rows;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, named_params, params};

use self::rows::{approval, asker, find, get, insert, json, new_id, outdate, prune};
use super::{Approval, Ask, State};
use crate::{
    principal::Principal,
    sqlite::{FileError, Form, Names},
};

static APPROVALS: Form =
    Form { holds: "the approvals", application: 0x636c_6b41, tables: TABLE, upgrades: &[] };

/// One row an approval. What is JSON is read leniently; what is asked for has a column.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS approvals (
        id TEXT PRIMARY KEY,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        asker TEXT NOT NULL,
        asked_by TEXT NOT NULL,
        client TEXT,
        key TEXT NOT NULL,
        instance TEXT,
        tool TEXT NOT NULL,
        target TEXT,
        arguments TEXT NOT NULL,
        given TEXT NOT NULL,
        reason TEXT,
        rule TEXT,
        approvers TEXT NOT NULL,
        question TEXT NOT NULL,
        call TEXT NOT NULL,
        version TEXT NOT NULL,
        seal TEXT NOT NULL,
        decided_at INTEGER,
        decided_by TEXT,
        why TEXT,
        used_at INTEGER,
        outcome TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS approvals_call ON approvals (call, created_at);
    CREATE INDEX IF NOT EXISTS approvals_asker ON approvals (asker, created_at);
    CREATE INDEX IF NOT EXISTS approvals_created ON approvals (created_at);
";

/// How long an approval can be given and used.
pub const VALID: Duration = Duration::from_hours(24);
/// How long approvals are kept that nothing waits for, in ms: 90 days.
const KEPT: i64 = 90 * 24 * 3_600_000;
/// How many are kept at most; the oldest go first.
const MOST: i64 = 10_000;
/// How many of one person may wait at once: an approver must be able to read them.
const MOST_PENDING: i64 = 20;
/// How many are listed at most of those that nothing waits for.
const LISTED: usize = 200;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that this function reads.
    #[must_use]
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Timestamp::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Where approvals are kept, and how long one holds.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file.
    pub file: PathBuf,
    /// How long an approval can be given and used after it was asked for.
    pub valid: Duration,
    /// The clock that this is measured by.
    pub clock: Clock,
}

impl Settings {
    /// The usual time, by the system's clock.
    #[must_use]
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), valid: VALID, clock: Clock::default() }
    }
}

/// Why approvals can't be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalsError {
    /// The file can't be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// `SQLite` fails.
    #[error("the approvals: {0}")]
    Database(#[from] rusqlite::Error),
    /// The thread that reads or writes has ended.
    #[error("the approvals have stopped")]
    Stopped,
    /// So many calls of one person wait already.
    #[error("{MOST_PENDING} calls of this person wait for a second person already")]
    TooMany,
}

/// Which approvals are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that this person asked for.
    pub asked_by: Option<Principal>,
    /// Those of this instance.
    pub instance: Option<String>,
    /// Those that can still be approved or used.
    pub only_open: bool,
}

/// What asking came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// It waits for a second person now.
    New(Approval),
    /// The same call by the same person was asked for before, and this is its state: it is
    /// pending, approved or rejected.
    Known(Approval),
}

/// The approvals there are. Clones share them.
#[derive(Clone, Debug)]
pub struct Approvals {
    settings: Arc<Settings>,
    open: Arc<Mutex<OpenFile>>,
}

#[derive(Debug)]
struct OpenFile {
    connection: Connection,
    names: Names,
}

/// How many approvals a file has, without making or changing it.
///
/// # Errors
/// It can't be read, or holds something else.
pub fn count(path: &Path) -> Result<u64, ApprovalsError> {
    let connection = APPROVALS.open_to_read(path)?;
    let count: i64 =
        connection.query_row("SELECT count(*) FROM approvals", [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

impl Approvals {
    /// Opens the file, or creates it, and removes what is too old.
    ///
    /// # Errors
    /// It can't be opened, or holds something else.
    pub fn open(settings: Settings) -> Result<Self, ApprovalsError> {
        let connection = APPROVALS.open(&settings.file)?;
        let names = Names::of(&APPROVALS, &settings.file);
        prune(&connection, settings.clock.now())?;
        let open = Arc::new(Mutex::new(OpenFile { connection, names }));
        Ok(Self { settings: Arc::new(settings), open })
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.settings.file
    }

    /// How long an approval holds.
    #[must_use]
    pub fn valid(&self) -> Duration {
        self.settings.valid
    }

    /// The newest approval of the same call by the same person that still counts: it is approved, or
    /// pending, or was rejected with the same reason.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn find(
        &self,
        call: String,
        reason: Option<String>,
    ) -> Result<Option<Approval>, ApprovalsError> {
        self.work(move |connection, now| find(connection, &call, reason.as_deref(), now)).await
    }

    /// Keeps a call that is to wait, unless the same call by the same person does already. When this
    /// returns, it is on disk.
    ///
    /// # Errors
    /// It couldn't be kept, or too many wait.
    pub async fn ask(&self, ask: Ask) -> Result<Asked, ApprovalsError> {
        let valid = self.settings.valid;
        self.work(move |connection, now| {
            // No other process comes between.
            let transaction =
                Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            if let Some(known) = find(&transaction, &ask.call, ask.reason.as_deref(), now)? {
                let is_same =
                    known.ask.version == ask.version && known.ask.approvers == ask.approvers;
                if known.state != State::Pending || is_same {
                    return Ok(Asked::Known(known));
                }
                outdate(&transaction, &known.id)?;
            }
            let pending: i64 = transaction.query_row(
                "SELECT count(*) FROM approvals \
                 WHERE asker = ? AND state = 'pending' AND expires_at > ?",
                params![asker(&ask.asked_by), now.as_millisecond()],
                |row| row.get(0),
            )?;
            if pending >= MOST_PENDING {
                return Err(ApprovalsError::TooMany);
            }
            let id = new_id();
            insert(&transaction, &id, &ask, now, valid)?;
            prune(&transaction, now)?;
            transaction.commit()?;
            let kept = get(connection, &id, now)?;
            kept.map(Asked::New).ok_or(ApprovalsError::Stopped)
        })
        .await
    }

    /// The approval with an ID.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn get(&self, id: &str) -> Result<Option<Approval>, ApprovalsError> {
        let id = id.to_owned();
        self.work(move |connection, now| Ok(get(connection, &id, now)?)).await
    }

    /// The approvals that match: all that can still be decided on or used, then the newest 200 of the
    /// others.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn list(&self, filter: Filter) -> Result<Vec<Approval>, ApprovalsError> {
        self.work(move |connection, now| {
            let mut statement = connection.prepare(
                "SELECT *, (state IN ('pending', 'approved') AND expires_at > :now) AS is_open \
                 FROM approvals \
                 WHERE (:asker IS NULL OR asker = :asker) \
                 AND (:instance IS NULL OR instance = :instance) AND (is_open OR NOT :only_open) \
                 ORDER BY is_open DESC, created_at DESC, id",
            )?;
            let rows = statement.query_map(
                named_params! {
                    ":now": now.as_millisecond(),
                    ":asker": filter.asked_by.as_ref().map(asker),
                    ":instance": filter.instance,
                    ":only_open": filter.only_open,
                },
                |row| Ok((row.get("is_open")?, approval(row, now)?)),
            )?;
            let (mut listed, mut closed) = (Vec::new(), 0);
            for row in rows {
                let (is_open, approval): (bool, Approval) = row?;
                closed += usize::from(!is_open);
                if closed > LISTED {
                    break;
                }
                listed.push(approval);
            }
            Ok(listed)
        })
        .await
    }

    /// Decides on an approval that is pending. Returns whether it was.
    ///
    /// # Errors
    /// The file can't be written.
    pub(super) async fn settle(
        &self,
        id: &str,
        by: Principal,
        is_approved: bool,
        why: Option<String>,
    ) -> Result<bool, ApprovalsError> {
        let id = id.to_owned();
        self.work(move |connection, now| {
            let state = if is_approved { State::Approved } else { State::Rejected };
            let changed = connection.execute(
                "UPDATE approvals SET state = ?, decided_at = ?, decided_by = ?, why = ? \
                 WHERE id = ? AND state = 'pending' AND expires_at > ?",
                params![
                    state.word(),
                    now.as_millisecond(),
                    json(&by),
                    why,
                    id,
                    now.as_millisecond()
                ],
            )?;
            Ok(changed == 1)
        })
        .await
    }

    /// Uses an approval, before its call is sent: on disk when this returns. Only one process ever gets
    /// true for it.
    ///
    /// # Errors
    /// The file can't be written: the call must not be sent.
    pub async fn claim(&self, id: &str) -> Result<bool, ApprovalsError> {
        let id = id.to_owned();
        self.work(move |connection, now| {
            let changed = connection.execute(
                "UPDATE approvals SET state = 'used', used_at = ?1 \
                 WHERE id = ?2 AND state = 'approved' AND expires_at > ?1",
                params![now.as_millisecond(), id],
            )?;
            Ok(changed == 1)
        })
        .await
    }

    /// Keeps how the call of a used approval ended.
    ///
    /// # Errors
    /// The file can't be written: then it stays in doubt.
    pub async fn end(&self, id: &str, outcome: &'static str) -> Result<(), ApprovalsError> {
        let id = id.to_owned();
        self.work(move |connection, _| {
            connection.execute(
                "UPDATE approvals SET outcome = ? WHERE id = ? AND state = 'used'",
                params![outcome, id],
            )?;
            Ok(())
        })
        .await
    }

    /// Marks an approval that can't be used any more, since what it was for has changed.
    ///
    /// # Errors
    /// The file can't be written.
    pub async fn outdate(&self, id: &str) -> Result<(), ApprovalsError> {
        let id = id.to_owned();
        self.work(move |connection, _| Ok(outdate(connection, &id)?)).await
    }

    /// Works with the file off the thread that serves.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, Timestamp) -> Result<T, ApprovalsError> + Send + 'static,
    ) -> Result<T, ApprovalsError> {
        let Self { settings, open } = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let file = open.lock().unwrap_or_else(PoisonError::into_inner);
            file.names.check()?;
            work(&file.connection, settings.clock.now())
        });
        done.await.map_err(|_| ApprovalsError::Stopped)?
    }
}
