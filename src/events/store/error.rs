//! Why the store of events can't do something.

use std::sync::Arc;

use crate::sqlite::FileError;

/// Why events can't be opened, kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file can't be used.
    #[error(transparent)]
    File(#[from] FileError),
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
