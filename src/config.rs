//! The only reader of flags, environment and files.

mod approvals;
mod command;
mod environment;
mod error;
mod events;
mod file;
mod given;
mod guard;
mod http;
mod inspect;
mod journal;
mod line;
mod oauth;
mod profile;
mod program;
mod reload;
mod report;
mod rule;
mod secret;
mod server;
mod start;
mod values;

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{FromArgMatches, error::ErrorKind};
use clerk_api::{Client, ClientConfig, RateLimit, RetryPolicy, SecretKey};
use reqwest::Url;
use secrecy::SecretString;
use tracing_subscriber::filter::{LevelFilter, Targets};

pub use self::{
    command::{
        ApprovalsCommand, AuditCommand, ChangesCommand, ChangesOptions, Command, EventsCommand,
        InitOptions, PolicyCommand, ReplayOptions, ShowOptions, TailOptions,
    },
    error::ConfigError,
    file::{FileFlaw, read_text},
    given::Setting,
    guard::read_policy,
    http::HttpOptions,
    inspect::{DoctorOptions, KeyAtRest, flaw_of, is_ours, is_secret, said},
    line::command_line,
    profile::{Profiles, default_file, read_profiles},
    program::ProgramFlaw,
    reload::{ReloadError, Reloaded},
    report::Report,
    rule::Flaw,
    secret::{GivenKey, KeyOrigin, command_key},
    start::Start,
};
use self::{
    environment::{check_names, holds_key},
    given::Given,
    inspect::Sources,
    line::{CommandLine, Options},
    profile::Profile,
    secret::KEY,
    server::SandboxOptions,
};
use crate::{
    Settings,
    approvals::Approvals,
    audit::Audit,
    catalog,
    ctx::{NoKey, USER_AGENT},
    events::{Events, signature::Secret},
    guard::Guard,
    http::Access,
    journal::Journal,
    metrics,
    redact::Redactor,
    text::terminal::escape,
};

/// The whole configuration: the command line, the environment and the key.
#[derive(Debug)]
pub struct Config {
    /// The command to run.
    pub command: Command,
    options: Options,
    key: Result<SecretKey, NoKey>,
    signing_secrets: Vec<Secret>,
    /// The bearer token of HTTP.
    token: Option<SecretString>,
    /// The secret of the server as an OAuth client.
    client_secret: Option<SecretString>,
    profile: Option<Profile>,
    /// The profile whose instance the key opens.
    profile_of_key: Option<String>,
    given: Given,
}

impl Config {
    /// Reads the command line and the environment.
    ///
    /// # Errors
    /// What to print instead of starting: help, the version, or what is wrong, by the name of the
    /// option or the variable. An unknown option, tool, toolset or variable `CLERK_MCP_…` is named
    /// with the nearest known one. Secrets that the command doesn't use aren't looked at.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        // What is wrong with the environment is what this command is to find.
        let sources =
            if line::asks_for("doctor", &arguments) { Sources::NONE } else { Sources::ALL };
        Self::read_from(sources, &arguments)
    }

    /// The same from some of the sources.
    fn read_from(sources: Sources, arguments: &[OsString]) -> Result<Self, clap::Error> {
        // Before clap, whose message would show it.
        if arguments.iter().any(|argument| holds_key(&argument.to_string_lossy())) {
            return Err(ConfigError::KeyOnCommandLine.into());
        }
        if sources.variables {
            check_names(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        }
        let profile = if sources.profiles { Profile::read(arguments)? } else { None };
        let chosen = profile.as_ref();
        let with_profile = |command| {
            let command =
                if sources.variables { command } else { line::without_variables(command) };
            match chosen {
                Some(profile) => profile.applied(command),
                None => command,
            }
        };
        let given = Given::read(with_profile(line::lenient()), arguments, chosen)?;
        let CommandLine { command, options } = parse(with_profile, arguments, &given)?;
        let Options { server, guard, events, sandbox, .. } = &options;
        let command = command.unwrap_or(Command::Stdio);
        let key = match &command {
            _ if sandbox.sandbox => SecretKey::parse(clerk_sandbox::KEY).map_err(|_| NoKey),
            command if command.uses_clerk() => secret_key(chosen)?.ok_or(NoKey),
            _ => Err(NoKey),
        };
        // The report says where secrets are, and gets none.
        let reports = matches!(command, Command::Config { .. });
        let signs = !reports && (command.checks_signatures() || events.sends());
        let signing_secrets = if signs { events::signing_secrets(chosen)? } else { Vec::new() };
        if !reports {
            events.check(&signing_secrets, &given)?;
        }
        guard.check(&given)?;
        let folders =
            [("upload_folder", &server.upload_folder), ("export_folder", &server.export_folder)];
        for (option, folder) in folders {
            let Some(folder) = folder else { continue };
            let (name, path) = (given.name(option), folder.clone());
            file::check_folder(folder).map_err(|flaw| ConfigError::File { name, path, flaw })?;
        }
        let (token, client_secret) = match &command {
            Command::Http(_) => (http::token(chosen)?, http::client_secret(chosen)?),
            _ => (None, None),
        };
        let profile_of_key = None;
        let mut config = Self {
            command,
            options,
            key,
            signing_secrets,
            token,
            client_secret,
            profile,
            profile_of_key,
            given,
        };
        config.profile_of_key = report::profile_of_key(&config)?;
        Ok(config)
    }

    /// What the value of an option is called: by the option, or by its variable if that was read.
    #[must_use]
    pub fn name(&self, option: &str) -> String {
        self.given.name(option)
    }

    /// Whether an option or its variable is given.
    #[must_use]
    pub fn is_given(&self, option: &str) -> bool {
        self.given.has(option)
    }

    /// The key that a variable gives, whether the command uses it or not; and whence.
    ///
    /// # Errors
    /// A variable holds what can't be a key, or two of them hold two keys.
    pub fn given_key() -> Result<Option<GivenKey>, ConfigError> {
        let Some(key) = secret_key(None)? else { return Ok(None) };
        Ok(Some(GivenKey { key, origin: KEY.origin()? }))
    }

    /// What the options say of writes: whether only reads are offered, and whether writes are with a
    /// production key too.
    #[must_use]
    pub fn given_writes(&self) -> (bool, bool) {
        let selection = self.options.guard.selection();
        (selection.read_only, selection.allow_writes)
    }

    /// What agents may do.
    ///
    /// # Errors
    /// The policy can't be read or has mistakes.
    pub fn guard(&self) -> Result<Guard, ConfigError> {
        self.options.guard.guard(&self.given)
    }

    /// The journal of changes, if there is to be one.
    ///
    /// # Errors
    /// Its file can't be opened, or holds something else.
    pub fn journal(&self) -> Result<Option<Journal>, ConfigError> {
        self.options.journal.open(self.options.guard.audit(), &self.given)
    }

    /// Where calls wait for a second person, if there is a file for them.
    ///
    /// # Errors
    /// Its file can't be opened, or the policy demands one and there is none.
    pub fn approvals(&self, guard: &Guard) -> Result<Option<Approvals>, ConfigError> {
        // Nothing is called there.
        if matches!(self.command, Command::Policy(_)) {
            return Ok(None);
        }
        self.options.approvals.open(guard, &self.given)
    }

    /// The file of approvals that a server keeps, for a command on it.
    ///
    /// # Errors
    /// There is none, or it can't be opened.
    pub fn kept_approvals(&self) -> Result<Approvals, ConfigError> {
        self.options.approvals.open_kept(&self.given)
    }

    /// The audit log that is named.
    #[must_use]
    pub fn audit(&self) -> Option<Audit> {
        self.options.guard.audit().map(Audit::new)
    }

    /// Whether tools that write are on for a production instance too.
    #[must_use]
    pub fn allows_writes(&self) -> bool {
        let selection = self.options.guard.selection();
        selection.allow_writes && !selection.read_only
    }

    /// The secrets that webhooks are signed with: two while one replaces the other.
    #[must_use]
    pub fn signing_secrets(&self) -> &[Secret] {
        &self.signing_secrets
    }

    /// The events that are received, or in the file; `None` if there are neither.
    ///
    /// # Errors
    /// The file can't be opened.
    pub fn events(&self) -> Result<Option<Events>, ConfigError> {
        let receives = matches!(self.command, Command::Http(_)) && !self.signing_secrets.is_empty();
        self.options.events.open(receives, !matches!(self.command, Command::Events(_)), &self.given)
    }

    /// Whether the sandbox replaces Clerk.
    #[must_use]
    pub fn uses_sandbox(&self) -> bool {
        self.options.sandbox.sandbox
    }

    /// The profile whose own key another one replaces.
    #[must_use]
    pub fn replaced_profile(&self) -> Option<&str> {
        self.profile.as_ref().filter(|_| self.profile_of_key.is_none()).map(|it| it.name.as_str())
    }

    /// The options of the sandbox.
    #[must_use]
    pub fn sandbox(&self) -> clerk_sandbox::Options {
        let SandboxOptions { users, seed, fault, .. } = &self.options.sandbox;
        clerk_sandbox::Options {
            users: *users as usize,
            seed: *seed,
            faults: fault.clone(),
            rate_limit: self.options.guard.given_rate_limit(),
            webhook: self.options.events.webhook(&self.signing_secrets),
            // An agent that works on the sandbox must not get at what only tests may do.
            control: matches!(self.command, Command::Sandbox { .. }),
            clerk_has: catalog::has_operation,
            ..clerk_sandbox::Options::default()
        }
    }

    /// Whether the sandbox begins with incidents, which [`clerk_sandbox::Options::with_incidents`]
    /// plays.
    #[must_use]
    pub fn has_incidents(&self) -> bool {
        self.options.sandbox.incidents
    }

    /// The values that hold, and where each is from.
    ///
    /// # Errors
    /// The file of profiles or a variable of a secret holds what can't be meant.
    pub fn report(&self) -> Result<Report, ConfigError> {
        Report::of(self)
    }

    /// The secret key, or why there is none.
    pub fn key(&self) -> &Result<SecretKey, NoKey> {
        &self.key
    }

    /// Where Clerk is and how to talk to it.
    #[must_use]
    pub fn clerk(&self) -> Settings {
        Settings {
            api: ClientConfig {
                api_version: self.options.server.api_version.clone(),
                timeout: Duration::from_secs(self.options.server.timeout),
                // The sandbox has no limit unless one is set.
                rate_limit: match self.options.guard.rate_limit() {
                    RateLimit::Clerk if self.uses_sandbox() => RateLimit::Off,
                    limit => limit,
                },
                observer: Some(metrics::observe),
                ..ClientConfig::new(self.options.server.api_url.clone(), USER_AGENT)
            },
            key: self.key.clone(),
            profile: self.profile_of_key.clone(),
            other_secrets: self.other_secrets(),
            upload_folder: self.options.server.upload_folder.clone(),
        }
    }

    /// The folder that results may be written to, if the operator allows one.
    #[must_use]
    pub fn export_folder(&self) -> Option<PathBuf> {
        self.options.server.export_folder.clone()
    }

    /// The bearer token of HTTP, the secret of the OAuth client, and what webhooks are signed with.
    fn other_secrets(&self) -> Vec<SecretString> {
        let signing = self.signing_secrets.iter().map(Secret::text);
        let of_http = self.token.iter().chain(&self.client_secret).cloned();
        of_http.chain(signing).collect()
    }

    /// Who may use the server over HTTP.
    ///
    /// # Errors
    /// The address needs a bearer token or sign-in and there is neither, or the options of sign-in
    /// don't go together.
    pub fn access(&self, options: &HttpOptions) -> Result<Access, ConfigError> {
        options.access(self.token.clone(), self.client_secret.clone(), &self.given)
    }

    /// The OpenTelemetry collector, if one is named, and a client that reaches it.
    #[must_use]
    pub fn collector(&self) -> Option<(Url, Client)> {
        let url = self.options.output.otlp_endpoint.clone()?;
        let retry = RetryPolicy::NEVER;
        let client =
            Client::new(ClientConfig { retry, ..ClientConfig::new(url.clone(), USER_AGENT) });
        Some((url, client))
    }

    /// How many tokens a result may have.
    #[must_use]
    pub fn max_answer_tokens(&self) -> usize {
        self.options.output.max_answer_tokens
    }

    /// Whether the log is for machines.
    #[must_use]
    pub fn logs_json(&self) -> bool {
        self.options.output.log.json
    }

    /// What is logged. At `debug` the libraries log whole messages, passwords included, and at
    /// `trace` whole requests: they never log more than `info`.
    #[must_use]
    pub fn log_filter(&self) -> Targets {
        filter(self.options.output.log.level)
    }

    /// The same at a terminal: a command that a person runs logs warnings only, unless they say
    /// otherwise. They see its outcome.
    #[must_use]
    pub fn log_filter_at_terminal(&self) -> Targets {
        match self.command {
            Command::Call { .. } if !self.given.has("log") => filter(LevelFilter::WARN),
            _ => self.log_filter(),
        }
    }
}

fn filter(level: LevelFilter) -> Targets {
    // rmcp logs a client that hangs up while it listens as an error.
    let of_rmcp = if level > LevelFilter::INFO { LevelFilter::WARN } else { LevelFilter::OFF };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("rmcp::service", of_rmcp)
        .with_target("clerk_api", level)
        .with_target("clerk_mcp", level)
}

/// Reads the values with their types, or what to print instead.
fn parse(
    with_profile: impl Fn(clap::Command) -> clap::Command,
    arguments: &[OsString],
    given: &Given,
) -> Result<CommandLine, clap::Error> {
    let read = |command: clap::Command| {
        let mut command = with_profile(command);
        let mut matches = command.try_get_matches_from_mut(arguments)?;
        CommandLine::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    };
    match read(line::lenient()) {
        Err(help) if is_help(&help) && arguments.iter().any(|argument| argument == "-h") => {
            read(line::short())
        }
        read => read.map_err(|error| given.named(error)),
    }
}

fn is_help(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::DisplayHelp
}

/// The key for Clerk's API, if one is set.
fn secret_key(profile: Option<&Profile>) -> Result<Option<SecretKey>, ConfigError> {
    let Some(found) = KEY.read(profile)? else { return Ok(None) };
    let invalid = |source| ConfigError::Key { name: found.name, source };
    SecretKey::parse(&found.text).map(Some).map_err(invalid)
}

/// clap prints it, and ends the process as it does for its own errors.
impl From<ConfigError> for clap::Error {
    fn from(error: ConfigError) -> Self {
        // A value can be a key in the wrong place.
        let text = error.to_string();
        let text = Redactor::default().text(&text).into_owned();
        Self::raw(clap::error::ErrorKind::ValueValidation, format!("{}\n", escape(&text)))
    }
}

#[cfg(test)]
mod tests;
