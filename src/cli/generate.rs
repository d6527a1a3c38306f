//! What is generated from the command line: completions of shells and manual pages.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use clap::{Arg, Command, builder::PossibleValuesParser};
use clap_complete::Shell;
use clerk_mcp::{catalog, clients::CLIENTS, config::command_line};

use super::CliError;

/// Prints the script that completes in a shell. Names of tools and toolsets are in it.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn completions(shell: Shell) -> Result<ExitCode, CliError> {
    let mut command = with_names(command_line());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "clerk-mcp", &mut script);
    // Bash's script names a state in two ways if the program has a hyphen in its name:
    // https://github.com/clap-rs/clap/issues/6421.
    let script = String::from_utf8_lossy(&script).replace("clerk__subcmd__mcp", "clerk__mcp");
    io::stdout().lock().write_all(script.as_bytes()).map_err(CliError::Print)?;
    Ok(ExitCode::SUCCESS)
}

/// The names that an argument takes, by its name in the help.
fn names(argument: &Arg) -> Option<Vec<&'static str>> {
    let tools = || catalog::all().map(|(_, tool)| tool.name);
    match argument.get_id().as_str() {
        "tool" | "tools" | "exclude_tools" => Some(tools().collect()),
        "toolsets" => Some(catalog::CATALOG.iter().map(|toolset| toolset.name).collect()),
        "clients" => Some(CLIENTS.iter().map(|client| client.id).collect()),
        _ => None,
    }
}

fn with_names(command: Command) -> Command {
    let with = |argument: Arg| match names(&argument) {
        Some(names) => argument.value_parser(PossibleValuesParser::new(names)),
        None => argument,
    };
    command.mut_args(with).mut_subcommands(with_names)
}

/// Prints the manual page of the program, or writes those of all commands into a folder.
///
/// # Errors
/// Standard output is closed, or the folder can't be written to.
pub(crate) fn man(folder: Option<&Path>) -> Result<ExitCode, CliError> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command_line())
            .render(&mut page)
            .and_then(|()| io::stdout().lock().write_all(&page))
            .map_err(CliError::Print)?;
        return Ok(ExitCode::SUCCESS);
    };
    clap_mangen::generate_to(command_line(), folder)
        .map_err(|source| CliError::Folder { path: folder.to_owned(), source })?;
    Ok(ExitCode::SUCCESS)
}
