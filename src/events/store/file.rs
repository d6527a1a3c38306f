//! The file, and what is in it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use super::StoreError;
use crate::private;

/// Marks a file as ours: `clkE` in ASCII.
const APPLICATION: i32 = 0x636c_6b45;
/// The form of the tables.
const VERSION: i32 = 1;
/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// One row an event; `seq` is never used twice, so that a reader that remembers one misses none.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        family TEXT NOT NULL,
        type TEXT NOT NULL,
        at INTEGER NOT NULL,
        received_at INTEGER NOT NULL,
        user_id TEXT,
        organization_id TEXT,
        session_id TEXT,
        object_id TEXT,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS events_at ON events (at);
    CREATE INDEX IF NOT EXISTS events_received ON events (received_at);
    CREATE INDEX IF NOT EXISTS events_family ON events (family, at);
    CREATE INDEX IF NOT EXISTS events_type ON events (type, at);
    CREATE INDEX IF NOT EXISTS events_user ON events (user_id, at) WHERE user_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS events_organization ON events (organization_id, at)
        WHERE organization_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS events_session ON events (session_id, at)
        WHERE session_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS events_object ON events (object_id, at)
        WHERE object_id IS NOT NULL;
";

/// What `SQLite` has beside the file while it is open: what isn't in it yet, and who reads where.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Makes the file if there is none, and lets only this user read it and what is beside it. Before
/// it is opened: a file that is closed takes all locks of this process on it along.
///
/// # Errors
/// It can't be created, or is readable by others and can't be made private.
pub(super) fn prepare(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    private::ensure(path).map_err(failed)?;
    beside(path).try_for_each(|path| private::narrow(&path)).map_err(failed)
}

fn beside(path: &Path) -> impl Iterator<Item = PathBuf> {
    BESIDE.into_iter().map(move |end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        name.into()
    })
}

/// Which files are open: what is written to them is kept only as long as they have their names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Names {
    path: PathBuf,
    /// The device and the number of each file.
    files: Vec<Option<(u64, u64)>>,
}

impl Names {
    /// The files that are there now.
    pub(super) fn of(path: &Path) -> Self {
        let files = std::iter::once(path.to_owned()).chain(beside(path));
        Self { path: path.to_owned(), files: files.map(|path| number(&path)).collect() }
    }

    /// Checks that the files still have their names.
    ///
    /// # Errors
    /// One was removed or replaced.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if Self::of(&self.path) == *self {
            return Ok(());
        }
        Err(StoreError::Gone { path: self.path.clone() })
    }
}

#[cfg(unix)]
fn number(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// On other systems an open file keeps its name.
#[cfg(not(unix))]
fn number(_: &Path) -> Option<(u64, u64)> {
    None
}

/// Opens the events in a file that [`prepare`] has prepared.
///
/// # Errors
/// It can't be opened, or holds something else.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::Open { path: path.to_owned(), source };
    let connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    check(&connection, path, true)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        .and_then(|()| create(&connection))
        .map_err(failed)?;
    Ok(connection)
}

/// Checks that a database is ours. One without tables may be, if it `may_be_new`.
///
/// # Errors
/// It can't be read, or holds something else.
pub(super) fn check(
    connection: &Connection,
    path: &Path,
    may_be_new: bool,
) -> Result<(), StoreError> {
    let failed = |source| StoreError::Open { path: path.to_owned(), source };
    let number = |name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(failed)
    };
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
        .map_err(failed)?;
    let is_new = tables == 0 && may_be_new;
    if !is_new && (number("application_id")?, number("user_version")?) != (APPLICATION, VERSION) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    Ok(())
}

/// Events in memory.
pub(super) fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    create(&connection)?;
    Ok(connection)
}

fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; \
         {TABLE} COMMIT;"
    ))
}
