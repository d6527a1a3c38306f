//! Why a configuration can't be used.

use std::{
    fmt::Write as _,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use clerk_api::KeyError;

use super::{file::FileFlaw, program::ProgramFlaw, rule::Flaw};
use crate::{
    approvals::ApprovalsError,
    clients::CLIENTS,
    events::{StoreError, signature::InvalidSecret},
    guard::policy::{Mistake, UnknownName},
    http::TokenRequired,
    journal::JournalError,
    principal::UnknownWho,
};

/// What is wrong with the command line, the environment or a file that one of them names. Options
/// that clap refuses aren't here.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The command line holds a secret key. The text doesn't repeat it.
    #[error(
        "a Clerk key is on the command line, where other programs and the shell's history can \
         read it. Set CLERK_SECRET_KEY instead, or put the key into a file and name the file in \
         CLERK_SECRET_KEY_FILE"
    )]
    KeyOnCommandLine,
    /// A variable begins with `CLERK_MCP_` and is none of ours.
    #[error("the variable {name} is unknown; {}", hint(nearest.as_deref()))]
    UnknownVariable {
        /// The name of the variable.
        name: String,
        /// The known variable that may be meant.
        nearest: Option<String>,
    },
    /// The command doesn't use an option of the command line.
    #[error(
        "{option} isn't an option of `{command}`; remove it. `{command} --help` lists the options"
    )]
    Unused {
        /// The option.
        option: String,
        /// The command, with its parents.
        command: String,
    },
    /// An option of the command line has no value.
    #[error("{option} needs a value; write it as `{usage}`")]
    NoValue {
        /// The option.
        option: String,
        /// How it is written.
        usage: String,
    },
    /// An option of the command line that takes no value has one.
    #[error("{option} takes no value; write it as `{option}`, or leave it out")]
    NeedlessValue {
        /// The option.
        option: String,
    },
    /// An option that takes one value is given more than once.
    #[error("{option} is given more than once; give it once")]
    Repeated {
        /// The option.
        option: String,
    },
    /// A value can't be meant.
    #[error("{name} {flaw}")]
    Value {
        /// The name of the variable or the option.
        name: String,
        /// What is wrong with the value.
        flaw: Flaw,
    },
    /// A file or a folder that a variable or an option names can't be used.
    #[error("{name}: {} {flaw}", path.display())]
    File {
        /// The name of the variable or the option.
        name: String,
        /// The path in it.
        path: PathBuf,
        /// What is wrong with it.
        flaw: FileFlaw,
    },
    /// Two variables, a file that one names or a command in it give two secrets. Neither is shown.
    #[error("{one} and {other} are both set, and hold different values; remove one of them")]
    TwoSecrets {
        /// The name of one.
        one: String,
        /// The name of the other.
        other: String,
    },
    /// The command that prints a secret didn't.
    #[error("{name}: the command {source}")]
    Command {
        /// The name of the variable, or the key in the profile.
        name: String,
        /// Why not.
        source: ProgramFlaw,
    },
    /// The file of profiles has mistakes.
    #[error("{}", in_line(path, mistakes))]
    Profiles {
        /// The path of the file.
        path: PathBuf,
        /// All mistakes, in the order of their lines.
        mistakes: Vec<Mistake>,
    },
    /// There is no file of profiles.
    #[error(
        "{name}: there is no file {}; `clerk-mcp init` creates it, and docs/configuration.md says \
         what is in it",
        path.display()
    )]
    NoProfiles {
        /// The option or the variable that asks for a profile or the file.
        name: &'static str,
        /// The path of the file.
        path: PathBuf,
    },
    /// There is no such profile.
    #[error("{name}: {}: {source}", file.display())]
    NoProfile {
        /// The option or the variable that asks for it.
        name: &'static str,
        /// The file of profiles.
        file: PathBuf,
        /// The name that doesn't exist.
        source: UnknownName,
    },
    /// What is set isn't a secret key. The text doesn't repeat it.
    #[error(
        "{name}: {source}; copy it from the API keys page of the Clerk Dashboard, such as sk_test_…"
    )]
    Key {
        /// The name of the variable, or the key in the profile.
        name: String,
        /// What it is instead.
        source: KeyError,
    },
    /// A signing secret can't be used.
    #[error(
        "{name} {source}; copy it from the webhook endpoint's page in the Clerk Dashboard, such as \
         whsec_…"
    )]
    SigningSecret {
        /// The name of the variable, or the key in the profile.
        name: String,
        /// What is wrong with it.
        source: InvalidSecret,
    },
    /// Webhooks are to be sent, but there is nothing to sign them with.
    #[error("{name} needs a secret to sign webhooks with; set {variable}, such as whsec_…")]
    NothingToSignWith {
        /// The name of the variable or the option that asks for webhooks.
        name: String,
        /// The name of the variable that is missing.
        variable: &'static str,
    },
    /// The bearer token is short enough to be guessed.
    #[error("{name} must have at least {least} characters, such as `openssl rand -hex 32` prints")]
    ShortToken {
        /// The name of the variable, or the key in the profile.
        name: String,
        /// How many characters are enough.
        least: usize,
    },
    /// The address needs a bearer token.
    #[error("{name} {source}")]
    TokenRequired {
        /// The name of the variable or the option.
        name: String,
        /// Which address.
        source: TokenRequired,
    },
    /// The options of sign-in don't go together.
    #[error("{name} {flaw}")]
    OAuth {
        /// The name of the variable or the option.
        name: String,
        /// What is wrong.
        flaw: OAuthFlaw,
    },
    /// An option names a tool or a toolset that doesn't exist.
    #[error("{name}: {source}")]
    UnknownName {
        /// The name of the variable or the option.
        name: String,
        /// The name that doesn't exist.
        source: UnknownName,
    },
    /// There is no file of events to read.
    #[error(
        "{name}: there is no file {}; name the file that a server's --events has, such as \
         --events ~/clerk-events.db",
        path.display()
    )]
    NoEventsFile {
        /// The name of the variable or the option.
        name: String,
        /// The path that `--events` gives.
        path: PathBuf,
    },
    /// The file of events can't be opened.
    #[error("{name}: {source}; {}", other_file(source))]
    Events {
        /// The name of the variable or the option.
        name: String,
        /// Why not.
        source: Box<StoreError>,
    },
    /// The journal of changes can't be opened.
    #[error("{name}: {source}; name another file, in a folder that you can write to, or `off`")]
    Journal {
        /// The name of the variable or the option.
        name: String,
        /// Why not.
        source: Box<JournalError>,
    },
    /// The policy demands a second person, and there is no file for approvals.
    #[error(
        "{name}: a rule demands a second person's approval; name a file for approvals, such as \
         --approvals ~/clerk-approvals.db"
    )]
    NoApprovals {
        /// The name of the variable or the option that gives the policy.
        name: String,
    },
    /// A command on approvals has no file.
    #[error("{name} names no file; name the one that a server's --approvals has")]
    NoApprovalsNamed {
        /// The name of the variable or the option.
        name: String,
    },
    /// There is no file of approvals to read.
    #[error(
        "{name}: there is no file {}; name the file that a server's --approvals has",
        path.display()
    )]
    NoApprovalsFile {
        /// The name of the variable or the option.
        name: String,
        /// The path that it gives.
        path: PathBuf,
    },
    /// The file of approvals can't be opened.
    #[error("{name}: {source}; name another file, in a folder that you can write to")]
    Approvals {
        /// The name of the variable or the option.
        name: String,
        /// Why not.
        source: Box<ApprovalsError>,
    },
    /// The policy has mistakes; the text has a line for each.
    #[error("{}", listed(name, path, mistakes))]
    Policy {
        /// The name of the variable, the option or the argument.
        name: String,
        /// The path of the policy.
        path: PathBuf,
        /// All mistakes, in the order of their lines.
        mistakes: Vec<Mistake>,
    },
}

/// What is wrong with the options of sign-in. Its text follows the name of one of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthFlaw {
    /// There is no issuer.
    #[error("needs --oauth-issuer, the URL of the issuer that people sign in at")]
    NoIssuer,
    /// There is no resource.
    #[error(
        "needs --resource, the public URL that clients connect to, such as \
         https://mcp.example.com/mcp"
    )]
    NoResource,
    /// Nobody is allowed.
    #[error(
        "needs --oauth-allow: a user of your app isn't an administrator, and everyone who can sign \
         up at the issuer can get a token. Say who may use this server, such as \
         --oauth-allow org:org_1+role:support or --oauth-allow sub:user_1"
    )]
    NobodyAllowed,
    /// The client has nothing to do.
    #[error(
        "needs --approvals, the file of the calls that people approve on the page, or \
         --oauth-introspection"
    )]
    NoUseOfClient,
    /// The issuer isn't asked by just anyone.
    #[error(
        "needs --oauth-client-id, the client as which this server asks the issuer about tokens"
    )]
    NoClient,
    /// The client doesn't say who it is.
    #[error(
        "needs the secret of --oauth-client-id: set CLERK_MCP_OAUTH_CLIENT_SECRET, or name a file in \
         CLERK_MCP_OAUTH_CLIENT_SECRET_FILE or a command in CLERK_MCP_OAUTH_CLIENT_SECRET_COMMAND"
    )]
    NoClientSecret,
    /// Another option says who gets in.
    #[error("can't be combined with {0}: a request has one way to say who sends it; remove one")]
    Conflict(String),
    /// Neither is a URL after all.
    #[error("or --resource isn't a URL: {0}")]
    Url(url::ParseError),
}

/// Why the value of an option is refused. Its text follows the option and the value.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidValue {
    #[error("it must be true or false")]
    Switch,
    #[error("it must be {}, such as {example}", within(range))]
    Count { range: RangeInclusive<u64>, example: u64 },
    #[error("it must be an IP address with a port, such as 127.0.0.1:7331")]
    Address,
    #[error(
        "`{0}` is none of off, error, warn, info, debug, trace and json; write a level, json or \
         both, such as debug,json"
    )]
    Log(String),
    #[error("it must be a date such as 2026-05-12")]
    ApiVersion,
    #[error("it must be a time with its zone, such as 2026-11-23T09:00:00Z")]
    Time,
    #[error("it must be a URL such as https://api.clerk.com ({0})")]
    Url(url::ParseError),
    #[error("it must have no query and no fragment, such as https://api.clerk.com")]
    QueryOrFragment,
    #[error(
        "the key would cross the network unencrypted; use https, such as https://api.clerk.com"
    )]
    Unencrypted,
    #[error("it must be an https URL, such as https://api.clerk.com, not {0}")]
    Scheme(String),
    #[error("it must be an http URL on this machine, such as http://127.0.0.1:3000/webhooks")]
    NotLocal,
    #[error("it must be a number, or a number with /hour after it, such as 5 or 5/hour")]
    PerHour,
    #[error("it must be an origin, such as https://app.example")]
    Origin,
    #[error("{0}")]
    Who(UnknownWho),
    #[error(
        "it must be an https URL without a query, a fragment and a password, such as \
         https://clerk.example.com; http only on this machine"
    )]
    PublicUrl,
    #[error(
        "it must be a URL without a query, a fragment and a password, such as \
         http://127.0.0.1:4318"
    )]
    CollectorUrl,
    #[error("clients send it as {0}; write it so")]
    Resource(String),
    #[error("it must be one of {}", ids())]
    Client,
    #[error("it must have 1 to 40 characters of a to z, 0 to 9, - and _, such as acme")]
    Profile,
}

fn ids() -> String {
    let ids: Vec<&str> = CLIENTS.iter().map(|client| client.id).collect();
    ids.join(", ")
}

fn within(range: &RangeInclusive<u64>) -> String {
    match (range.start(), range.end()) {
        (least, &u64::MAX) => format!("a whole number of at least {least}"),
        (least, most) => format!("a whole number from {least} to {most}"),
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "`clerk-mcp --help` lists those there are".to_owned(),
        |name| format!("did you mean {name}?"),
    )
}

fn listed(name: &str, path: &Path, mistakes: &[Mistake]) -> String {
    let mut lines = String::new();
    for mistake in mistakes {
        let _infallible = writeln!(lines, "{}: {mistake}", path.display());
    }
    let path = path.display();
    lines + &format!("{name}: correct the policy, then run `clerk-mcp policy check {path}`")
}

fn in_line(path: &Path, mistakes: &[Mistake]) -> String {
    let mistakes: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
    format!("{}: {}", path.display(), mistakes.join("; "))
}

/// What to do about events that can't be opened.
fn other_file(error: &StoreError) -> &'static str {
    match error {
        StoreError::File(file) if file.is_busy() => {
            "end the program that has it locked, or name another file, such as ~/clerk-events.db"
        }
        _ => "name another file, in a folder that you can write to, such as ~/clerk-events.db",
    }
}
