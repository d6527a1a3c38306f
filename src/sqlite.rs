//! Files of `SQLite` that are ours: readable by their owner alone, marked as ours, and noticed if they
//! go away.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::private;

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `SQLite` has beside the file while it is open: what isn't in it yet, and who reads where.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// The form of a file.
#[derive(Debug)]
pub(crate) struct Form {
    /// What is in it, for errors: `the events`.
    pub(crate) holds: &'static str,
    /// Marks a file as ours: four bytes, `clk` in ASCII and a letter.
    pub(crate) application: i32,
    /// The statements that make the tables if they aren't there.
    pub(crate) tables: &'static str,
    /// The statements that turn the tables of each version into those of the next, from version 1 on.
    pub(crate) upgrades: &'static [&'static str],
}

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It can't be created, or is readable by others and can't be made private.
    #[error("{holds} in {}: {source}", path.display())]
    File {
        /// What is in it.
        holds: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It isn't a database, or can't be prepared as one.
    #[error("{holds} in {}: {source}", path.display())]
    Open {
        /// What is in it.
        holds: &'static str,
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// It is a database of another program, or of a later version of this one.
    #[error("{holds} in {}: the file holds something else", path.display())]
    Foreign {
        /// What is in it.
        holds: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// It, or a file that `SQLite` has beside it, was removed or replaced while this process had it
    /// open.
    #[error(
        "{holds} in {}: the file was removed or replaced while this server had it open; put it back, \
         or restart the server to begin a new one",
        path.display()
    )]
    Gone {
        /// What is in it.
        holds: &'static str,
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    /// Whether another program has the file locked.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let Self::Open { source, .. } = self else { return false };
        source.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
    }
}

impl Form {
    /// Makes the file if there is none, lets only this user read it and what is beside it, and opens
    /// it. What a transaction wrote is on disk when it is committed.
    ///
    /// # Errors
    /// It can't be created or opened, or holds something else.
    pub(crate) fn open(&'static self, path: &Path) -> Result<Connection, FileError> {
        self.prepare(path)?;
        self.open_prepared(path)
    }

    /// Makes the file if there is none, and lets only this user read it and what is beside it. Before
    /// it is opened: a file that is closed takes all locks of this process on it along.
    ///
    /// # Errors
    /// It can't be created, or is readable by others and can't be made private.
    pub(crate) fn prepare(&'static self, path: &Path) -> Result<(), FileError> {
        let holds = self.holds;
        let failed = |source| FileError::File { holds, path: path.to_owned(), source };
        private::ensure(path).map_err(failed)?;
        beside(path).try_for_each(|path| private::narrow(&path)).map_err(failed)
    }

    /// Opens a file that [`Form::prepare`] has prepared.
    ///
    /// # Errors
    /// It can't be opened, or holds something else.
    pub(crate) fn open_prepared(&'static self, path: &Path) -> Result<Connection, FileError> {
        let connection = Connection::open(path).map_err(|source| self.failed(path, source))?;
        connection.busy_timeout(PATIENCE).map_err(|source| self.failed(path, source))?;
        self.check(&connection, path, true)?;
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            .and_then(|()| self.create(&connection))
            .map_err(|source| self.failed(path, source))?;
        Ok(connection)
    }

    /// Opens a file that exists for reading. It is neither created nor changed.
    ///
    /// # Errors
    /// It can't be opened, or holds something else.
    pub(crate) fn open_to_read(&'static self, path: &Path) -> Result<Connection, FileError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags);
        let connection = connection.map_err(|source| self.failed(path, source))?;
        self.check(&connection, path, false)?;
        Ok(connection)
    }

    /// The same tables in memory.
    ///
    /// # Errors
    /// `SQLite` fails.
    pub(crate) fn in_memory(&'static self) -> rusqlite::Result<Connection> {
        let connection = Connection::open_in_memory()?;
        self.create(&connection)?;
        Ok(connection)
    }

    /// `SQLite`'s own error with the file.
    pub(crate) fn failed(&'static self, path: &Path, source: rusqlite::Error) -> FileError {
        FileError::Open { holds: self.holds, path: path.to_owned(), source }
    }

    /// Checks that a database is ours. One without tables may be, if it `may_be_new`.
    fn check(
        &'static self,
        connection: &Connection,
        path: &Path,
        may_be_new: bool,
    ) -> Result<(), FileError> {
        let failed = |source| self.failed(path, source);
        let number = |name: &str| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(failed)
        };
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
            .map_err(failed)?;
        let is_new = tables == 0 && may_be_new;
        let is_ours = number("application_id")? == self.application
            && (1..=self.version()).contains(&number("user_version")?);
        if !is_new && !is_ours {
            return Err(FileError::Foreign { holds: self.holds, path: path.to_owned() });
        }
        Ok(())
    }

    /// The version of the tables.
    fn version(&self) -> i32 {
        i32::try_from(self.upgrades.len()).unwrap_or(i32::MAX).saturating_add(1)
    }

    /// Makes the tables, or turns those of an older version into today's. In one transaction, since
    /// other processes may be about to do the same.
    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        let Self { application, tables, upgrades, .. } = self;
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let has: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if let Some(older) = usize::try_from(has).ok().and_then(|has| has.checked_sub(1)) {
            for upgrade in upgrades.iter().skip(older) {
                transaction.execute_batch(upgrade)?;
            }
        }
        let version = self.version();
        transaction.execute_batch(&format!(
            "PRAGMA application_id = {application}; PRAGMA user_version = {version}; {tables}"
        ))?;
        transaction.commit()
    }
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
pub(crate) struct Names {
    holds: &'static str,
    path: PathBuf,
    /// The device and the number of each file.
    files: Vec<Option<(u64, u64)>>,
}

impl Names {
    /// The files of this form that are there now.
    pub(crate) fn of(form: &'static Form, path: &Path) -> Self {
        Self::now(form.holds, path)
    }

    fn now(holds: &'static str, path: &Path) -> Self {
        let files = std::iter::once(path.to_owned()).chain(beside(path));
        let files = files.map(|path| number(&path)).collect();
        Self { holds, path: path.to_owned(), files }
    }

    /// Checks that the files still have their names.
    ///
    /// # Errors
    /// One was removed or replaced.
    pub(crate) fn check(&self) -> Result<(), FileError> {
        if Self::now(self.holds, &self.path) == *self {
            return Ok(());
        }
        Err(FileError::Gone { holds: self.holds, path: self.path.clone() })
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
