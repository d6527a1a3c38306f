//! The file, and what is in it.

use std::{path::Path, time::Duration};

use rusqlite::Connection;

use super::StoreError;

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

/// Opens the events in a file, which only this user may read.
///
/// # Errors
/// It can't be opened, or holds something else.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    make_private(path).map_err(|source| StoreError::File { path: path.to_owned(), source })?;
    let failed = |source| StoreError::Open { path: path.to_owned(), source };
    let connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let number = |name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(failed)
    };
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
        .map_err(failed)?;
    if tables > 0 && (number("application_id")?, number("user_version")?) != (APPLICATION, VERSION)
    {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        .and_then(|()| prepare(&connection))
        .map_err(failed)?;
    Ok(connection)
}

/// Events in memory.
pub(super) fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; \
         {TABLE} COMMIT;"
    ))
}

/// SQLite gives the files beside it the same permissions.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
