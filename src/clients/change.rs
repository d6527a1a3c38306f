//! Changes to a client's configuration file.

use std::path::{Path, PathBuf};

use super::{Client, Entry, Machine, Server};
use crate::edit::{Change, EditError, FileError, backup_of, read_text};

/// Why a client's configuration can't be read or changed. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file.
    #[error("{} {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: FileError,
    },
    /// What is in it.
    #[error("{}: {source}", path.display())]
    Edit {
        /// The path of the file.
        path: PathBuf,
        /// Why not.
        source: EditError,
    },
}

/// The change that adds an entry for clerk-mcp. If another server has its name already, the entry gets
/// a longer one.
///
/// # Errors
/// The configuration can't be read, is broken, or can't be edited safely.
pub fn adding(client: &Client, machine: &Machine, entry: &Entry) -> Result<Change, ClientError> {
    let path = client.path(machine);
    let before = read(&path)?;
    let text = before.as_deref().unwrap_or_default();
    let servers = client.servers(text).map_err(|source| edit(&path, source.into()))?;
    let mut entry = entry.clone();
    let is_taken =
        |name: &str| servers.iter().any(|server| server.name == name && !server.starts_us());
    while is_taken(&entry.name) {
        entry.name += "-mcp";
    }
    let after = client.put(text, &entry).map_err(|source| edit(&path, source))?;
    let keeps_backup = original(client, &path, text, &|_| true).is_some();
    Ok(Change { path, before, after, keeps_backup })
}

/// The change that takes the entries away that start clerk-mcp and that `chosen` accepts; and their
/// names. If nothing else was changed since they were added, the file gets the bytes back that
/// it had before.
///
/// # Errors
/// The configuration can't be read, is broken, or can't be edited safely.
pub fn removing(
    client: &Client,
    machine: &Machine,
    chosen: &dyn Fn(&Server) -> bool,
) -> Result<(Change, Vec<String>), ClientError> {
    let path = client.path(machine);
    let before = read(&path)?;
    let text = before.as_deref().unwrap_or_default();
    let broken = |source| edit(&path, EditError::Broken(source));
    let servers = client.servers(text).map_err(broken)?;
    let ours = servers.into_iter().filter(|server| server.starts_us() && chosen(server));
    let names: Vec<String> = ours.map(|server| server.name).collect();
    let mut after = text.to_owned();
    for name in &names {
        after = client.remove(&after, name).map_err(|source| edit(&path, source))?;
    }
    let mut keeps_backup = false;
    let is_gone = |text: &String| {
        let left = client.servers(text).unwrap_or_default();
        !left.iter().any(|server| server.starts_us() && chosen(server))
    };
    let original = original(client, &path, text, &|server| !chosen(server));
    // A later backup has entries of ours itself.
    if let Some(original) = original.filter(is_gone) {
        keeps_backup = true;
        after = original;
    }
    Ok((Change { path, before, after, keeps_backup }, names))
}

/// What the file would be if only the entries of ours that `kept` accepts had been added to its
/// backup; `None` unless the file is its backup with all of them.
fn original(
    client: &Client,
    path: &Path,
    text: &str,
    kept: &dyn Fn(&Server) -> bool,
) -> Option<String> {
    let backup = read_text(&backup_of(path)).ok()??;
    let servers = client.servers(text).ok()?;
    let with = |kept: &dyn Fn(&Server) -> bool| {
        let ours = servers.iter().filter(|server| server.starts_us() && kept(server));
        let entry = |server: &Server| Entry {
            name: server.name.clone(),
            command: server.command.clone().unwrap_or_default(),
            args: server.args.clone(),
        };
        let put = |text: String, server| client.put(&text, &entry(server));
        ours.into_iter().try_fold(backup.clone(), put).ok()
    };
    if with(&|_| true)? == text { with(kept) } else { None }
}

fn read(path: &Path) -> Result<Option<String>, ClientError> {
    read_text(path).map_err(|source| ClientError::File { path: path.to_owned(), source })
}

fn edit(path: &Path, source: EditError) -> ClientError {
    ClientError::Edit { path: path.to_owned(), source }
}
