//! Why the store of events can't do something.

use std::{io, path::PathBuf, sync::Arc};

/// Why events can't be opened, kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file can't be created or opened.
    #[error("the events in {}: {source}", path.display())]
    File {
        /// The file of events.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file isn't a database, or can't be prepared as one.
    #[error("the events in {}: {source}", path.display())]
    Open {
        /// The file of events.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file is a database of another program, or of a later version of this one.
    #[error("the events in {}: the file holds something else", path.display())]
    Foreign {
        /// The file of events.
        path: PathBuf,
    },
    /// The file, or one that `SQLite` has beside it, was removed or replaced while this
    /// process had it open.
    #[error(
        "the events in {}: the file was removed or replaced while this server had it open; put it \
         back, or restart the server to begin a new one",
        path.display()
    )]
    Gone {
        /// The file of events.
        path: PathBuf,
    },
    /// Events can't be read or written.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// Events can't be kept: one error for all of a batch.
    #[error("{0}")]
    Unkept(Arc<StoreError>),
    /// The queue of events to be written is full.
    #[error("too many events wait for the disk")]
    Busy,
    /// The thread that reads or writes has ended.
    #[error("the store has stopped")]
    Stopped,
}
