//! The commands and their options.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

use clap_complete::Shell;

use super::{
    HttpOptions,
    inspect::{self, DoctorOptions},
    line::{all, only},
    values::{self, count},
};
use crate::{clients::Client, principal::Who};

/// The shared options that say which tools are on, and what their definitions hold.
const LISTING: [&str; 15] = [
    "profile",
    "config",
    "toolsets",
    "tools",
    "exclude_tools",
    "read_only",
    "allow_writes",
    "confirm",
    "audit",
    "policy",
    "journal",
    "approvals",
    "events",
    "sandbox",
    "log",
];
/// Those of a command that decides on approvals.
const APPROVALS: [&str; 5] = ["profile", "config", "audit", "approvals", "log"];
/// Those of a command that reads the journal of changes.
const JOURNAL: [&str; 6] = ["profile", "config", "max_answer_tokens", "audit", "journal", "log"];
/// Those that decide on one call, and where its people are looked up.
const DECIDING: [&str; 14] = [
    "profile",
    "config",
    "api_url",
    "api_version",
    "timeout",
    "rate_limit",
    "policy",
    "events",
    "sandbox",
    "users",
    "seed",
    "incidents",
    "fault",
    "log",
];
/// Those that say which policy decides on which log.
const REPLAYING: [&str; 5] = ["profile", "config", "policy", "audit", "log"];
/// Those of the sandbox alone.
const SANDBOX: [&str; 9] = [
    "profile",
    "config",
    "users",
    "seed",
    "incidents",
    "fault",
    "webhook_url",
    "rate_limit",
    "log",
];
/// Those of a command that reads the file of events.
const EVENTS: [&str; 4] = ["profile", "config", "events", "log"];
/// Those of `init`: how the key is tried, and what the profile says.
const INIT: [&str; 6] = ["api_url", "timeout", "read_only", "allow_writes", "sandbox", "log"];
/// Those of a command that reads other files.
const LOG: [&str; 1] = ["log"];

/// The command to run.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Speak MCP over standard input and output (the default)
    #[command(args = all(), after_help = "\
Example:
  clerk-mcp stdio --toolsets users,sessions --read-only --sandbox")]
    Stdio,
    /// Set up clerk-mcp in the MCP clients on this machine, or take it out again
    #[command(args = only(&INIT), after_help = "\
It asks for a Clerk secret key, tries it, keeps it in a file that only you can read, and adds a
profile that names the file. Clients get the profile's name, never the key. Each change is shown
before it is written, and a copy of the file is kept beside it.

Examples:
  clerk-mcp init
  clerk-mcp init --client cursor,vscode --sandbox
  CLERK_SECRET_KEY_FILE=~/.clerk/key clerk-mcp init --yes --profile acme
  clerk-mcp init --remove")]
    Init(InitOptions),
    /// Call one tool and print its result; exits with 1 if the call fails
    #[command(args = all(), after_help = "\
A terminal gets a table or a list of fields, anything else JSON. A call that needs approval asks for
it at the terminal. Ctrl-C ends a long call with what is done so far.

Examples:
  clerk-mcp call clerk_list_users '{\"limit\": 3}' --sandbox
  clerk-mcp call clerk_get_user '{\"userId\": \"user_…\"}' --read-only")]
    Call {
        /// Name of the tool; `clerk-mcp tools` lists them
        tool: String,
        /// Arguments as a JSON object
        #[arg(default_value = "{}")]
        arguments: String,
        /// Print the whole result as JSON at a terminal too
        #[arg(long)]
        json: bool,
    },
    /// List the tools that are on, with their effects and their sizes in tokens
    #[command(args = only(&LISTING), after_help = "\
Examples:
  clerk-mcp tools --toolsets users,sessions --read-only
  clerk-mcp tools --toolsets all --json > tools.json")]
    Tools {
        /// Print the definitions that clients get, as JSON
        #[arg(long)]
        json: bool,
        /// Compare all tools with an OpenAPI file; exits with 1 if they differ
        #[arg(long, value_name = "FILE", value_parser = values::path())]
        check_openapi: Option<PathBuf>,
    },
    /// Speak MCP over HTTP: streamable HTTP at /mcp, HTTP+SSE at /sse
    #[command(args = all(), after_help = "\
An address that other machines can reach needs a token in CLERK_MCP_HTTP_TOKEN, or sign-in.

Examples:
  clerk-mcp http --sandbox
  CLERK_MCP_HTTP_TOKEN=$(openssl rand -hex 32) clerk-mcp http --listen 0.0.0.0:7331 \\
      --allow-host mcp.example.com")]
    Http(HttpOptions),
    /// Run the sandbox alone, as an HTTP server that speaks Clerk's Backend API
    #[command(args = only(&SANDBOX), after_help = "\
Examples:
  clerk-mcp sandbox --users 1000
  clerk-mcp sandbox --fault '429;retry-after=2;times=1'
  CLERK_API_URL=http://127.0.0.1:7332 CLERK_SECRET_KEY=sk_test_any clerk-mcp")]
    Sandbox {
        /// IP address and port to listen on
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7332", value_parser = values::address)]
        listen: SocketAddr,
        /// Users, organizations, memberships and roles to start with instead, in YAML or JSON
        #[arg(long, value_name = "FILE", value_parser = values::path())]
        fixtures: Option<PathBuf>,
        /// Host that its control API may send webhooks to, besides this machine
        #[arg(long = "allow-webhook-host", value_name = "HOST")]
        webhook_hosts: Vec<String>,
    },
    /// Read or verify an audit log that --audit wrote
    #[command(
        subcommand,
        after_help = "\
Example:
  clerk-mcp audit tail ~/clerk-audit.jsonl"
    )]
    Audit(AuditCommand),
    /// List what was changed through this server, show it, or take it back
    #[command(
        subcommand,
        after_help = "\
Example:
  clerk-mcp changes list --journal ~/clerk-changes.db"
    )]
    Changes(ChangesCommand),
    /// List calls that wait for a second person's approval, and approve or reject them
    #[command(
        subcommand,
        after_help = "\
Example:
  clerk-mcp approvals list --approvals ~/clerk-approvals.db"
    )]
    Approvals(ApprovalsCommand),
    /// Follow webhook events, send them again, or verify a delivery
    #[command(
        subcommand,
        after_help = "\
Example:
  clerk-mcp events tail --events ~/clerk-events.db"
    )]
    Events(EventsCommand),
    /// Check a policy file for --policy, or explain what it decides
    #[command(
        subcommand,
        after_help = "\
Example:
  clerk-mcp policy check ~/clerk-policy.toml"
    )]
    Policy(PolicyCommand),
    /// Print the configuration that holds: each value, and where it is from
    #[command(args = all(), after_help = "\
Examples:
  clerk-mcp config
  clerk-mcp config --profile prod --json")]
    Config {
        /// The options of `http`
        #[command(flatten)]
        http: HttpOptions,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Look for what is wrong with the set-up; exits with 1 if there is an error
    #[command(after_help = inspect::HELP)]
    Doctor(DoctorOptions),
    /// Print a script that completes commands, options and names of tools in a shell
    #[command(after_help = "\
Examples:
  clerk-mcp completions bash > ~/.local/share/bash-completion/completions/clerk-mcp
  clerk-mcp completions zsh > ~/.zfunc/_clerk-mcp    # ~/.zfunc must be in $fpath
  clerk-mcp completions fish > ~/.config/fish/completions/clerk-mcp.fish
  clerk-mcp completions powershell >> $PROFILE")]
    Completions {
        /// Shell to complete in
        shell: Shell,
    },
    /// Print the manual page, or write one for each command into a folder
    #[command(after_help = "\
Examples:
  clerk-mcp man | man -l -
  clerk-mcp man ~/.local/share/man/man1")]
    Man {
        /// Folder to write all pages to, such as /usr/share/man/man1
        #[arg(value_parser = values::path())]
        folder: Option<PathBuf>,
    },
}

impl Command {
    /// Whether it talks to Clerk, or says what it would do with the key there is.
    pub(super) fn uses_clerk(&self) -> bool {
        match self {
            Self::Stdio
            | Self::Call { .. }
            | Self::Tools { .. }
            | Self::Http(_)
            | Self::Changes(_) => true,
            Self::Policy(command) => matches!(command, PolicyCommand::Explain { .. }),
            Self::Sandbox { .. }
            | Self::Init(_)
            | Self::Audit(_)
            | Self::Approvals(_)
            | Self::Events(_)
            | Self::Config { .. }
            | Self::Doctor(_)
            | Self::Completions { .. }
            | Self::Man { .. } => false,
        }
    }

    /// Whether it takes deliveries, makes or checks one, and so needs the signing secrets.
    pub(super) fn checks_signatures(&self) -> bool {
        match self {
            Self::Http(_) => true,
            Self::Events(command) => !matches!(command, EventsCommand::Tail(_)),
            _ => false,
        }
    }
}

/// What to set up.
#[derive(Debug, Args)]
pub struct InitOptions {
    /// Clients to set up, comma-separated (default: those found on this machine)
    #[arg(id = "clients", long = "client", value_name = "NAMES", value_delimiter = ',', value_parser = values::client)]
    pub clients: Vec<&'static Client>,
    /// Profile to set up (default: dev for a test key, prod for a live one)
    #[arg(long, value_name = "NAME", value_parser = values::profile)]
    pub profile: Option<String>,
    /// Take the entries that start clerk-mcp out of the clients
    #[arg(long)]
    pub remove: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Don't ask; the key comes from a variable or from standard input
    #[arg(long)]
    pub yes: bool,
}

/// What to do with the changes in the journal.
#[derive(Debug, Subcommand)]
pub enum ChangesCommand {
    /// List changes, newest first
    #[command(args = only(&JOURNAL), after_help = "\
Examples:
  clerk-mcp changes list --journal ~/clerk-changes.db
  clerk-mcp changes list --target user_2ab --since 2026-11-26")]
    List(ChangesOptions),
    /// Show changes whole, field by field: what it was, and what it became
    #[command(args = only(&JOURNAL), after_help = "\
Example:
  clerk-mcp changes show chg_17 --journal ~/clerk-changes.db")]
    Show {
        /// IDs of changes, such as chg_17; that of a bulk call shows all of it
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take changes back: shows what would be set back, asks, and does it
    #[command(args = all(), after_help = "\
Examples:
  clerk-mcp changes undo chg_17 --journal ~/clerk-changes.db
  clerk-mcp changes undo chg_17 --dry-run")]
    Undo {
        /// IDs of changes, such as chg_17; that of a bulk call takes all of it back
        #[arg(required_unless_present = "session", value_name = "ID")]
        ids: Vec<String>,
        /// All changes of this MCP session, as `changes list` names it
        #[arg(long, value_name = "NAME", conflicts_with = "ids")]
        session: Option<String>,
        /// Set back also what somebody else changed since
        #[arg(long)]
        overwrite: bool,
        /// Show what would be set back, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// What to do with calls that wait for a second person.
#[derive(Debug, Subcommand)]
pub enum ApprovalsCommand {
    /// List the calls that wait, those of longest ago last
    #[command(args = only(&APPROVALS), after_help = "\
Example:
  clerk-mcp approvals list --approvals ~/clerk-approvals.db --all")]
    List {
        /// List those that were decided on, used or have expired too
        #[arg(long)]
        all: bool,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one call whole: who asks, why, whom it is about, and what would change
    #[command(args = only(&APPROVALS), after_help = "\
Example:
  clerk-mcp approvals show apv_… --approvals ~/clerk-approvals.db")]
    Show {
        /// ID of the approval, such as apv_Zk3…
        id: String,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Approve a call as the second person; shows it and asks first
    #[command(args = only(&APPROVALS), after_help = "\
The approval is recorded as yours, by the name of your user on this machine. A call that the same
user asked for over stdio can't be approved.

Example:
  clerk-mcp approvals approve apv_… --approvals ~/clerk-approvals.db")]
    Approve {
        /// ID of the approval, such as apv_Zk3…
        id: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Reject a call as the second person
    #[command(args = only(&APPROVALS), after_help = "\
Example:
  clerk-mcp approvals reject apv_… --reason 'No ticket.' --approvals ~/clerk-approvals.db")]
    Reject {
        /// ID of the approval, such as apv_Zk3…
        id: String,
        /// Why, for whoever asked
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Which changes to list.
#[derive(Debug, Args)]
pub struct ChangesOptions {
    /// Only changes of the object with this ID, such as user_2ab
    #[arg(long, value_name = "ID")]
    pub target: Option<String>,
    /// Only changes by this tool, such as clerk_update_user
    #[arg(long, value_name = "TOOL")]
    pub tool: Option<String>,
    /// Only changes by this MCP client, such as Cursor
    #[arg(long, value_name = "CLIENT")]
    pub client: Option<String>,
    /// Only changes for this person, such as user_2ab, or the system's user
    #[arg(long, value_name = "PERSON")]
    pub who: Option<String>,
    /// Only changes of this MCP session, such as mcp_3fa91c27d04e
    #[arg(long, value_name = "NAME")]
    pub session: Option<String>,
    /// Only changes on or after this day or time (UTC)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only changes before this day or time (UTC)
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// How many changes to list
    #[arg(short = 'n', long, value_name = "COUNT", default_value = "20", value_parser = count::<u64>(1..=500, 20))]
    pub limit: u64,
    /// Print them as JSON
    #[arg(long)]
    pub json: bool,
}

/// What to do with an audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Find lines that were changed, removed or inserted; exits with 1 if there are any
    #[command(args = only(&LOG), after_help = "\
Example:
  clerk-mcp audit verify ~/clerk-audit.jsonl --since 3f5a…")]
    Verify {
        /// Audit log
        #[arg(value_parser = values::path())]
        file: PathBuf,
        /// Hash noted earlier, which a log with its end cut off lacks
        #[arg(long, value_name = "HASH")]
        since: Option<String>,
    },
    /// Print the last writes
    #[command(args = only(&LOG), after_help = "\
Example:
  clerk-mcp audit tail ~/clerk-audit.jsonl -n 5")]
    Tail {
        /// Audit log
        #[arg(value_parser = values::path())]
        file: PathBuf,
        /// Number of writes to print
        #[arg(short = 'n', long, default_value_t = 20, value_parser = count::<usize>(0..=u64::MAX, 20), value_name = "N")]
        lines: usize,
        /// Print the lines of the log as they are, as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the writes that match all of the options
    #[command(args = only(&LOG), after_help = "\
Examples:
  clerk-mcp audit show ~/clerk-audit.jsonl --user ada@example.com
  clerk-mcp audit show ~/clerk-audit.jsonl --outcome unknown --from 2026-11-23T09:00:00Z")]
    Show(ShowOptions),
}

/// Which writes to print.
#[derive(Debug, Args)]
pub struct ShowOptions {
    /// Audit log
    #[arg(value_parser = values::path())]
    pub file: PathBuf,
    /// Only writes on this user: an ID or a value such as an email address
    #[arg(long, value_name = "ID")]
    pub user: Option<String>,
    /// Only writes by this tool
    #[arg(long, value_name = "NAME")]
    pub tool: Option<String>,
    /// Only writes made for this person: their ID or email address
    #[arg(long, value_name = "WHO")]
    pub who: Option<String>,
    /// Only writes by this client, with its version or without
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Only writes with this outcome: done, failed, refused or unknown
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// Only writes since this time, such as 2026-11-23T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub from: Option<jiff::Timestamp>,
    /// Print the lines of the log as they are, as JSON
    #[arg(long)]
    pub json: bool,
}

/// What to do with events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Print events in the file --events as they arrive
    #[command(args = only(&EVENTS), after_help = "\
Example:
  clerk-mcp events tail --events ~/clerk-events.db --type 'user.*' -n 10")]
    Tail(TailOptions),
    /// Send events in the file --events again, newly signed, to a URL on this machine
    #[command(args = only(&EVENTS), after_help = "\
CLERK_WEBHOOK_SIGNING_SECRET signs them.

Example:
  clerk-mcp events replay --events ~/clerk-events.db --to http://127.0.0.1:3000/webhooks")]
    Replay(ReplayOptions),
    /// Verify the signature of a delivery; exits with 1 if it doesn't match
    #[command(args = only(&LOG), after_help = "\
CLERK_WEBHOOK_SIGNING_SECRET verifies it.

Example:
  clerk-mcp events verify --headers headers.txt --body body.json")]
    Verify {
        /// File with the request's headers, one per line, such as `svix-id: msg_…`
        #[arg(long, value_name = "FILE", value_parser = values::path())]
        headers: PathBuf,
        /// File with the request's body, unchanged
        #[arg(long, value_name = "FILE", value_parser = values::path())]
        body: PathBuf,
    },
}

/// What to print.
#[derive(Debug, Args)]
pub struct TailOptions {
    /// Only these types, such as user.created or session.*, comma-separated
    #[arg(long = "type", value_name = "TYPES", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Number of latest events to print first
    #[arg(short = 'n', long, default_value_t = 0, value_parser = count::<u64>(0..=u64::MAX, 10), value_name = "N")]
    pub last: u64,
    /// Print payloads as JSON, one per line; sign-in codes and links are left out
    #[arg(long)]
    pub json: bool,
}

/// What to send again.
#[derive(Debug, Args)]
pub struct ReplayOptions {
    /// URL to send to, such as http://127.0.0.1:3000/webhooks
    #[arg(long, value_name = "URL", value_parser = values::local_url)]
    pub to: reqwest::Url,
    /// Only these types, such as user.created or session.*, comma-separated
    #[arg(long = "type", value_name = "TYPES", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Only events that happened at this time or later, such as 2026-11-23T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub since: Option<jiff::Timestamp>,
    /// Only events that happened before this time
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub until: Option<jiff::Timestamp>,
}

/// What to do with a policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Find the mistakes in a policy file; exits with 2 if there are any
    #[command(args = only(&LOG), after_help = "\
Example:
  clerk-mcp policy check ~/clerk-policy.toml")]
    Check {
        /// Policy file
        #[arg(value_parser = values::path())]
        file: PathBuf,
    },
    /// Explain which rule of the --policy decides on a call; sends only reads to Clerk
    #[command(args = only(&DECIDING), after_help = "\
Example:
  clerk-mcp policy explain clerk_delete_user '{\"userId\": \"user_…\"}' \\
      --policy ~/clerk-policy.toml")]
    Explain {
        /// Name of the tool; `clerk-mcp tools` lists them
        tool: String,
        /// Arguments as a JSON object
        #[arg(default_value = "{}")]
        arguments: String,
        /// Explain it for somebody who signed in, such as sub:user_1+role:support
        #[arg(long = "as", value_name = "WHO", value_parser = values::who)]
        who: Option<Who>,
    },
    /// Say which calls in the --audit log the --policy would have decided otherwise; exits with 1 if
    /// there are any
    #[command(args = only(&REPLAYING), after_help = "\
Example:
  clerk-mcp policy replay --audit ~/clerk-audit.jsonl --policy ~/new-policy.toml")]
    Replay,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shared_option_that_a_command_names_exists() {
        for ids in [&LISTING[..], &APPROVALS, &DECIDING, &SANDBOX, &EVENTS, &INIT, &LOG] {
            assert_eq!(only(ids).len(), ids.len(), "{ids:?}");
        }
    }
}
