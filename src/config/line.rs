//! The command line, as clap sees it.

use std::ffi::OsString;

use clap::{Arg, Args, Command, CommandFactory, Id, Parser, builder::Resettable};

use super::{
    approvals::ApprovalOptions,
    command,
    events::EventOptions,
    given::untyped,
    guard::GuardOptions,
    journal::JournalOptions,
    profile::ProfileOptions,
    server::{OutputOptions, SandboxOptions, ServerOptions},
};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "clerk-mcp", version, about = NAME, long_about = ABOUT, after_help = AFTER, max_term_width = 100)]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub(super) command: Option<command::Command>,
    #[command(flatten)]
    pub(super) options: Options,
}

/// The options that several commands share. Each may stand before the command too.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) profile: ProfileOptions,
    #[command(flatten)]
    pub(super) server: ServerOptions,
    #[command(flatten)]
    pub(super) guard: GuardOptions,
    #[command(flatten)]
    pub(super) journal: JournalOptions,
    #[command(flatten)]
    pub(super) approvals: ApprovalOptions,
    #[command(flatten)]
    pub(super) sandbox: SandboxOptions,
    #[command(flatten)]
    pub(super) events: EventOptions,
    #[command(flatten)]
    pub(super) output: OutputOptions,
}

const NAME: &str = "MCP server for Clerk's Backend API";

const ABOUT: &str = "\
MCP server for Clerk's Backend API: users, organizations and sessions as tools for LLM agents.
Without a command it speaks MCP over standard input and output, for a client such as Claude
Desktop to start. It needs a Clerk secret key in CLERK_SECRET_KEY, or --sandbox.";

const AFTER: &str = "\
Secrets are never options but in variables; + _FILE names a file, + _COMMAND has a command:
  CLERK_SECRET_KEY              Clerk secret key
  CLERK_MCP_HTTP_TOKEN          bearer token that `http` requires
  CLERK_WEBHOOK_SIGNING_SECRET  signing secret of webhooks

Example:
  clerk-mcp call clerk_list_users '{\"limit\": 3}' --sandbox

Exit status: 0 for success, 1 for failure, 2 for a mistake in options, variables or their files.";

/// What follows the help of `-h`.
const AFTER_SHORT: &str = "--help shows all options, with examples.";

/// The options that `-h` shows of a command that takes all.
const COMMON: [&str; 7] =
    ["sandbox", "toolsets", "read_only", "allow_writes", "policy", "audit", "log"];

/// The options of `clerk-mcp http` alone that `-h` doesn't show.
const RARE: [&str; 7] = [
    "max_sessions",
    "max_requests",
    "key_from_header",
    "oauth_any_audience",
    "oauth_client_id",
    "oauth_introspection",
    "metrics_address",
];

/// The command line, each command with the options that it uses: what help, completions and the
/// man page show.
#[must_use]
pub fn command_line() -> Command {
    CommandLine::command()
}

/// The same, where every shared option is read before each command and after it. A command that
/// doesn't use one hides it, and [`Given`](super::given::Given) refuses it by its name.
pub(super) fn lenient() -> Command {
    let options: Vec<Arg> = all().into_iter().map(|option| option.hide(true)).collect();
    // With its long help, clap would lay out each option over several lines.
    with_variables(command_line().about(ABOUT).long_about(None::<&str>))
        .mut_args(|own| {
            let is_shared = has(&options, own.get_id());
            own.global(is_shared)
        })
        .mut_subcommands(|command| with_missing(command, &options))
}

/// The same command, which reads no variable.
pub(super) fn without_variables(command: Command) -> Command {
    command.mut_args(|option| option.env(Resettable::Reset)).mut_subcommands(without_variables)
}

/// Whether the command line asks for a command. What is wrong with the line is said when it is read.
pub(super) fn asks_for(name: &str, arguments: &[OsString]) -> bool {
    let mut command = untyped(without_variables(lenient()));
    let matches = command.try_get_matches_from_mut(arguments);
    matches.is_ok_and(|matches| matches.subcommand_name() == Some(name))
}

/// The variable of each option on a line of its own, which clap would break anywhere.
fn with_variables(command: Command) -> Command {
    let with = |option: Arg| match (option.get_env(), option.get_help()) {
        (Some(variable), Some(help)) => {
            let help = format!("{help}\n[env: {}]", variable.display());
            option.hide_env(true).help(help)
        }
        _ => option,
    };
    command.mut_args(with).mut_subcommands(with_variables)
}

fn with_missing(command: Command, options: &[Arg]) -> Command {
    let own: Vec<Id> = command.get_arguments().map(|own| own.get_id().clone()).collect();
    let missing = options.iter().filter(|option| !own.contains(option.get_id())).cloned();
    command.args(missing).mut_subcommands(|command| with_missing(command, options))
}

/// The same, with what `-h` shows.
pub(super) fn short() -> Command {
    shorten(lenient(), &all())
}

fn shorten(command: Command, options: &[Arg]) -> Command {
    let is_rare = |own: &Arg| {
        let id = own.get_id().as_str();
        RARE.contains(&id) || has(options, own.get_id()) && !COMMON.contains(&id)
    };
    let takes = |option: &Arg| {
        let same = |own: &&Arg| own.get_id() == option.get_id();
        command.get_arguments().find(same).is_some_and(|own| !own.is_hide_set())
    };
    let takes_all = options.iter().all(takes);
    command
        .mut_args(|own| {
            let is_hidden = own.is_hide_set() || takes_all && is_rare(&own);
            own.hide(is_hidden)
        })
        .after_help(if takes_all { AFTER_SHORT } else { "" })
        .mut_subcommands(|command| shorten(command, options))
}

fn has(options: &[Arg], id: &Id) -> bool {
    options.iter().any(|option| option.get_id() == id)
}

/// All shared options.
pub(super) fn all() -> Vec<Arg> {
    let options = Options::augment_args(Command::new(""));
    options.get_arguments().cloned().collect()
}

/// The shared options with these ids.
pub(super) fn only(ids: &[&str]) -> Vec<Arg> {
    all().into_iter().filter(|option| ids.contains(&option.get_id().as_str())).collect()
}
