//! Writes a tool's first fixture.

use std::{env, process::Command};

use crate::{Error, root};

/// Runs tests/fixtures.rs so that it writes a case for each of the tools instead of testing them.
pub(crate) fn run(tools: &[String]) -> Result<(), Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--quiet", "--test", "fixtures"]).env("FIXTURE", tools.join(","));
    let status = command.current_dir(root()).status().map_err(Error::Cargo)?;
    if status.success() { Ok(()) } else { Err(Error::Failed) }
}
