//! What developers of this repository run: `cargo xtask <command>`.

mod bless;
mod contract;
mod fixture;
mod record;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// Tasks of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Rewrite the tools' snapshots and docs/reference
    Bless,
    /// Rewrite docs/reference from the catalog
    Reference,
    /// Run some commands in a terminal and draw them into docs/assets/demo.svg; needs `script`
    Record,
    /// Write tests/contract from Clerk's OpenAPI files, and the hashes of what is written
    Contract {
        /// Clerk's OpenAPI file of the Backend API, version 2026-05-12
        #[arg(long, value_name = "FILE.yml")]
        backend: PathBuf,
        /// Clerk's OpenAPI file of the webhooks, version 2025-04-15
        #[arg(long, value_name = "FILE.yml")]
        webhooks: PathBuf,
    },
    /// Write tests/fixtures/<TOOL>.json with one case, made from tests/contract; read it before you
    /// check it in
    Fixture {
        /// The tools, none of which has a fixture yet
        #[arg(required = true, value_name = "TOOL")]
        tools: Vec<String>,
    },
}

/// Why a task failed.
#[derive(Debug)]
enum Error {
    /// A file can't be read or written.
    File(PathBuf, io::Error),
    /// A file isn't YAML or JSON.
    Syntax(PathBuf, Box<serde_saphyr::Error>),
    /// A file is YAML, but not what is expected.
    Content(PathBuf, &'static str),
    /// Cargo can't be started.
    Cargo(io::Error),
    /// Cargo ran and failed; it has said why.
    Failed,
    /// Another program can't be run.
    Program(&'static str, io::Error),
    /// A command of the recording failed; what it printed.
    Scene(String, String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(formatter, "{}: {error}", path.display()),
            Self::Syntax(path, error) => write!(formatter, "{}: {error}", path.display()),
            Self::Content(path, what) => write!(formatter, "{}: {what}", path.display()),
            Self::Cargo(error) => write!(formatter, "cargo can't be started: {error}"),
            Self::Failed => formatter.write_str("cargo failed"),
            Self::Program(name, error) => write!(formatter, "{name}: {error}"),
            Self::Scene(command, printed) => write!(formatter, "{command} failed: {printed}"),
        }
    }
}

impl std::error::Error for Error {}

/// The root of the repository.
fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

#[expect(clippy::print_stderr, reason = "a developer reads it")]
fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Bless => bless::run(),
        Task::Reference => bless::reference(),
        Task::Record => record::run(),
        Task::Contract { backend, webhooks } => contract::run(&backend, &webhooks),
        Task::Fixture { tools } => fixture::run(&tools),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
