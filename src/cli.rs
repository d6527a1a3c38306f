//! Commands that need no server.

pub(crate) mod events;
pub(crate) mod tools;

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::Path,
    process::ExitCode,
};

use clerk_mcp::{
    audit::{Filter, Form, Tally, show, tail, verify},
    config::{AuditCommand, ShowOptions},
};

/// Reads or checks an audit log.
///
/// # Errors
/// The log can't be read, or nothing printed.
pub(crate) fn audit(command: &AuditCommand) -> Result<ExitCode, String> {
    match command {
        AuditCommand::Verify { file, since } => {
            let verdict =
                verify(open(file)?, since.as_deref()).map_err(|error| unreadable(file, &error))?;
            writeln!(io::stdout().lock(), "{verdict}").map_err(|error| error.to_string())?;
            Ok(if verdict.is_intact() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        AuditCommand::Tail { file, lines, json } => {
            let out = &mut io::stdout().lock();
            told(file, tail(open(file)?, &Filter::default(), *lines, form(*json), out))
        }
        AuditCommand::Show(options) => {
            let ShowOptions { file, user, tool, client, outcome, from, json } = options;
            let filter = Filter {
                user: user.clone(),
                tool: tool.clone(),
                client: client.clone(),
                outcome: outcome.clone(),
                since: *from,
            };
            let out = &mut io::stdout().lock();
            told(file, show(open(file)?, &filter, form(*json), out))
        }
    }
}

fn open(file: &Path) -> Result<BufReader<File>, String> {
    File::open(file).map(BufReader::new).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &io::Error) -> String {
    format!("{} can't be read: {error}", file.display())
}

fn form(json: bool) -> Form {
    if json { Form::Json } else { Form::Text }
}

/// Says on standard error what of the log could not be shown.
fn told(file: &Path, tally: io::Result<Tally>) -> Result<ExitCode, String> {
    let tally = tally.map_err(|error| unreadable(file, &error))?;
    if tally.unreadable > 0 {
        let text = format!("{} lines are no audit lines; see audit verify", tally.unreadable);
        let _ = writeln!(io::stderr(), "clerk-mcp: {text}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
