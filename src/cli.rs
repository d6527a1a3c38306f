//! The commands, and what they print.

pub(crate) mod approvals;
pub(crate) mod call;
pub(crate) mod changes;
mod config;
pub(crate) mod doctor;
mod error;
pub(crate) mod events;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod print;
pub(crate) mod reload;
pub(crate) mod replay;
mod show;
pub(crate) mod signals;
pub(crate) mod tools;

use std::{
    fs::File,
    io::{self, BufReader},
    path::Path,
    process::ExitCode,
};

use clerk_mcp::{
    audit::{Filter, Form, Tally, show, tail, verify},
    config::{AuditCommand, ShowOptions, read_text},
};
use clerk_sandbox::Fixtures;

pub(crate) use self::{config::show as config, error::CliError};

/// Reads or checks an audit log.
///
/// # Errors
/// The log can't be read, or nothing printed.
pub(crate) fn audit(command: &AuditCommand) -> Result<ExitCode, CliError> {
    match command {
        AuditCommand::Verify { file, since } => {
            let verdict =
                verify(open(file)?, since.as_deref()).map_err(|source| unreadable(file, source))?;
            print::lines(&verdict.to_string())?;
            Ok(if verdict.is_intact() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        AuditCommand::Tail { file, lines, json } => {
            let out = &mut print::Lines::new();
            finish(file, tail(open(file)?, &Filter::default(), *lines, form(*json), out))
        }
        AuditCommand::Show(options) => {
            let ShowOptions { file, user, tool, who, client, outcome, from, json } = options;
            let filter = Filter {
                user: user.clone(),
                tool: tool.clone(),
                who: who.clone(),
                client: client.clone(),
                outcome: outcome.clone(),
                since: *from,
            };
            let out = &mut print::Lines::new();
            finish(file, show(open(file)?, &filter, form(*json), out))
        }
    }
}

/// Reads what the sandbox starts with.
///
/// # Errors
/// The file can't be read, or doesn't hold fixtures.
pub(crate) fn fixtures(file: &Path) -> Result<Fixtures, CliError> {
    let path = || file.to_owned();
    let text = read_text(file).map_err(|flaw| CliError::File {
        option: "--fixtures",
        path: path(),
        flaw,
    })?;
    Fixtures::parse(&text).map_err(|source| CliError::Fixtures { path: path(), source })
}

fn open(file: &Path) -> Result<BufReader<File>, CliError> {
    File::open(file).map(BufReader::new).map_err(|source| unreadable(file, source))
}

fn unreadable(file: &Path, source: io::Error) -> CliError {
    CliError::AuditLog { path: file.to_owned(), source }
}

fn form(json: bool) -> Form {
    if json { Form::Json } else { Form::Text }
}

/// Reports on standard error the lines of the log that could not be shown.
fn finish(file: &Path, tally: io::Result<Tally>) -> Result<ExitCode, CliError> {
    let tally = tally.map_err(|source| unreadable(file, source))?;
    if tally.unreadable > 0 {
        let text = match tally.unreadable {
            1 => "1 line isn't an audit line".to_owned(),
            count => format!("{count} lines aren't audit lines"),
        };
        print::error(&format_args!("{text}; see audit verify"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
