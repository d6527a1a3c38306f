//! What can be corrected safely and taken back.

use std::{fs, path::PathBuf};

use super::Finding;
use crate::{edit::Change, private};

/// A correction.
#[derive(Clone, Debug)]
pub enum Fix {
    /// Takes the permissions of others from a file.
    Narrow(PathBuf),
    /// Creates a folder that only its owner can open.
    Folder(PathBuf),
    /// Lets a client's entry start this program. A copy of the client's file is kept beside it.
    Command {
        /// The client.
        client: &'static crate::clients::Client,
        /// Its file.
        path: PathBuf,
        /// The entry.
        name: String,
        /// The path of this program.
        command: String,
    },
}

/// Makes all corrections, one after the other, each with the file as it then is. One that fails
/// leaves its finding as it is, and the remedy says why.
pub(super) fn all(findings: &mut [Finding]) {
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        match fix.make() {
            Ok(done) => finding.fixed = Some(done),
            Err(error) => {
                let remedy = finding.remedy.take().unwrap_or_default();
                finding.remedy = Some(format!("--fix couldn't: {error}; {remedy}"));
            }
        }
    }
}

impl Fix {
    fn make(&self) -> Result<String, String> {
        match self {
            Self::Narrow(path) => {
                private::restrict(path).map_err(|error| error.to_string())?;
                Ok("only you can read it now".to_owned())
            }
            Self::Folder(path) => {
                let mut builder = fs::DirBuilder::new();
                builder.recursive(true);
                #[cfg(unix)]
                std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
                builder.create(path).map_err(|error| error.to_string())?;
                Ok(format!("created the folder {}", path.display()))
            }
            Self::Command { client, path, name, command } => {
                let before = crate::edit::read_text(path).map_err(|error| error.to_string())?;
                let text = before.as_deref().unwrap_or_default();
                let after =
                    client.put_command(text, name, command).map_err(|error| error.to_string())?;
                let change = Change { path: path.clone(), before, after, keeps_backup: false };
                let backup = change.write().map_err(|error| error.to_string())?;
                let backup = backup.map_or_else(String::new, |backup| {
                    format!("; what it was is in {}", backup.display())
                });
                Ok(format!("it starts {command} now{backup}. {}", client.after))
            }
        }
    }
}
