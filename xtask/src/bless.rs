//! Rewrites what tests compare the catalog with.

use std::{env, process::Command};

use crate::{Error, root};

/// Runs the tests that write snapshots and tables if `BLESS` is set.
pub(crate) fn run() -> Result<(), Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--test", "it", "--", "snapshot", "readme"]);
    let status = command.env("BLESS", "1").current_dir(root()).status().map_err(Error::Cargo)?;
    if status.success() { Ok(()) } else { Err(Error::Failed) }
}
