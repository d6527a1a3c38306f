//! Rewrites what tests compare the catalog with.

use std::{env, process::Command};

use crate::{Error, root};

/// Runs the tests that write the tools' snapshots, the reference and the screens if `BLESS` is set.
pub(crate) fn run() -> Result<(), Error> {
    write(&["snapshot", "reference", "screen"])
}

/// Runs the test that writes docs/reference.
pub(crate) fn reference() -> Result<(), Error> {
    write(&["reference"])
}

/// Runs the tests of which the name has one of these words, with `BLESS` set.
fn write(words: &[&str]) -> Result<(), Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--test", "it", "--"]).args(words);
    let status = command.env("BLESS", "1").current_dir(root()).status().map_err(Error::Cargo)?;
    if status.success() { Ok(()) } else { Err(Error::Failed) }
}
