//! All that `init` would write, shown before it is written.

use clerk_api::SecretKey;
use clerk_mcp::{
    clients::{Client, ClientError, Machine},
    edit::{Change, create_private, replace_private},
    setup::{Program, diff},
};
use secrecy::ExposeSecret;
use std::path::PathBuf;

use super::{CliError, InitError, print};

/// A key to keep.
pub(super) struct NewKey {
    pub(super) path: PathBuf,
    pub(super) key: SecretKey,
    /// Whether a file with another one is there.
    pub(super) replaces: bool,
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Plan {
    /// The program for the clients, which may have to be copied.
    pub(super) program: Option<Program>,
    pub(super) key: Option<NewKey>,
    pub(super) profiles: Option<Change>,
    pub(super) clients: Vec<(&'static Client, Change)>,
    /// What else to know.
    pub(super) notes: Vec<String>,
    /// Why some clients aren't set up.
    pub(super) failed: Vec<ClientError>,
}

impl Plan {
    /// Adds what changes for a client. Why nothing can is printed with the plan.
    pub(super) fn add(&mut self, client: &'static Client, change: Result<Change, ClientError>) {
        match change {
            Ok(change) => self.clients.push((client, change)),
            Err(error) => self.failed.push(error),
        }
    }

    fn copies(&self) -> Option<&Program> {
        // Without a client there is nobody to start it.
        self.program
            .as_ref()
            .filter(|program| program.copied_from.is_some() && !self.clients.is_empty())
    }

    pub(super) fn is_none(&self) -> bool {
        let mut changes = self.profiles.iter().chain(self.clients.iter().map(|(_, change)| change));
        self.copies().is_none() && self.key.is_none() && changes.all(Change::is_none)
    }

    /// Prints what would be written.
    pub(super) fn print(&self, machine: &Machine) -> Result<(), CliError> {
        let short = |path: &std::path::Path| print::short(path, &machine.folders.home);
        for error in &self.failed {
            print::error(error);
        }
        if let Some(program) = self.copies() {
            let path = short(&program.path);
            print::line(&format!(
                "{path}: a copy of this program, since its own folder is a cache"
            ))?;
        }
        if let Some(new) = &self.key {
            let verb = if new.replaces { "the new key" } else { "the key" };
            print::line(&format!(
                "{}: {verb}, in a file that only you can read",
                short(&new.path)
            ))?;
        }
        if let Some(change) = &self.profiles {
            show("the profile", change, &short(&change.path))?;
        }
        for (client, change) in &self.clients {
            show(client.name, change, &short(&change.path))?;
        }
        for note in &self.notes {
            print::lines(note)?;
        }
        Ok(())
    }

    /// Writes it: the clients last, so that none names what isn't there.
    pub(super) fn write(&self, machine: &Machine) -> Result<(), CliError> {
        if let Some(program) = self.copies() {
            let path = program.path.clone();
            program.copy().map_err(|source| InitError::Unwritable { path, source })?;
        }
        if let Some(NewKey { path, key, replaces }) = &self.key {
            let text = format!("{}\n", key.secret().expose_secret());
            let written =
                if *replaces { replace_private(path, &text) } else { create_private(path, &text) };
            written.map_err(|source| InitError::Unwritable { path: path.clone(), source })?;
        }
        for change in self.profiles.iter().chain(self.clients.iter().map(|(_, change)| change)) {
            let path = change.path.clone();
            let backup = change.write().map_err(|source| InitError::File { path, source })?;
            if let Some(backup) = backup {
                let (path, backup) = (&change.path, print::short(&backup, &machine.folders.home));
                let path = print::short(path, &machine.folders.home);
                print::line(&format!("Wrote {path}; the version before is in {backup}"))?;
            } else if !change.is_none() {
                let path = print::short(&change.path, &machine.folders.home);
                print::line(&format!("Wrote {path}"))?;
            }
        }
        Ok(())
    }

    /// Prints what to do next in each client that changed.
    pub(super) fn print_done(&self) -> Result<(), CliError> {
        for (client, change) in &self.clients {
            if !change.is_none() {
                print::line(client.after)?;
            }
        }
        Ok(())
    }
}

fn show(name: &str, change: &Change, path: &str) -> Result<(), CliError> {
    if change.is_none() {
        return print::line(&format!("{path}: {name} is unchanged"));
    }
    print::line(&format!("{path}: {name}"))?;
    let before = change.before.as_deref().unwrap_or_default();
    for line in diff(before, &change.after).lines() {
        print::line(&format!("  {}", line.replace('\t', "    ")))?;
    }
    Ok(())
}
