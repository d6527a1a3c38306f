//! The command line: picks what to do, and does nothing else.

mod cli;

use std::{
    fmt::Write as _,
    io::{self, IsTerminal},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clerk_mcp::{
    Clerk, McpServer, Server, ServerOptions,
    config::{Command, Config, HttpOptions, PolicyCommand, read_policy},
    current::Current,
    guard::Guard,
    http, log, mcp,
    principal::{Principal, Who},
    redact::Redactor,
    telemetry,
};
use clerk_sandbox::{Sandbox, SigningSecret, Webhook};
use reqwest::Url;
use serde_json::{Map, Value};
use tokio::net::{TcpListener, TcpSocket};

use crate::cli::{
    CliError, print,
    reload::Reloadable,
    signals::{Hangups, stopped},
};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

fn main() -> ExitCode {
    let config = match Config::read(std::env::args_os()) {
        Ok(config) => config,
        Err(error) => error.exit(),
    };
    let redactor = Current::from(config.clerk().redactor());
    let is_terminal = io::stderr().is_terminal();
    let filter = if is_terminal { config.log_filter_at_terminal() } else { config.log_filter() };
    let _last_lines = log::init(filter, config.logs_json(), redactor.clone());
    // One thread: half the latency and CPU time of several, and Clerk is what a call waits for.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            print::error(&format_args!("the runtime can't start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        fail_writes_over_the_limit();
        let collector = config.collector();
        let exporting = collector.map(|(url, client)| telemetry::start(&url, client));
        let outcome = run(Arc::new(config), redactor).await;
        if let Some(exporting) = exporting {
            exporting.finish().await;
        }
        outcome
    });
    // A read of standard input that blocks can't be cancelled.
    runtime.shutdown_timeout(Duration::from_millis(50));
    outcome.unwrap_or_else(|error| {
        error.print();
        error.exit_code()
    })
}

/// A write beyond the limit on the size of files (`ulimit -f`) then is an error; by default its
/// signal ends the process.
fn fail_writes_over_the_limit() {
    /// `SIGXFSZ`, on Linux, macOS and the BSDs.
    #[cfg(unix)]
    const FILE_TOO_LARGE: i32 = 25;
    // A handler stays until the process ends. If there can be none, all is as it was.
    #[cfg(unix)]
    let _ = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LARGE));
}

async fn run(config: Arc<Config>, redactor: Current<Redactor>) -> Result<ExitCode, CliError> {
    let shared = &config;
    let config = &**shared;
    match &config.command {
        Command::Stdio => {
            if io::stdin().is_terminal() {
                tracing::info!("waiting for an MCP client on standard input; see clerk-mcp --help");
            }
            Box::pin(mcp::transport::serve_stdio(McpServer::new(server(config)?))).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Init(options) => Box::pin(cli::init::run(config, options)).await,
        Command::Http(options) => serve_http(shared.clone(), options, redactor).await,
        Command::Call { tool, arguments, json } => {
            cli::call::run(&server(config)?, tool, object(arguments)?, *json).await
        }
        Command::Changes(command) => cli::changes::run(&server(config)?, command).await,
        Command::Audit(command) => cli::audit(command),
        Command::Approvals(command) => cli::approvals::run(config, command).await,
        Command::Events(command) => cli::events::run(config, command).await,
        Command::Policy(PolicyCommand::Check { file }) => {
            read_policy(file, "FILE".to_owned())?;
            print::line(&format!("{}: no mistakes", file.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Policy(PolicyCommand::Explain { tool, arguments, who }) => {
            let server = server(config)?;
            let principal = who.as_ref().map_or_else(Principal::of_process, Who::described);
            let lines = server.explain(tool, object(arguments)?, &principal).await?;
            for line in lines {
                print::line(&line)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Policy(PolicyCommand::Replay) => cli::replay::run(&config.guard()?),
        Command::Tools { check_openapi: Some(file), .. } => cli::tools::check(file),
        Command::Tools { json, .. } => cli::tools::list(&server(config)?, *json),
        Command::Config { json, .. } => cli::config(&config.report()?, *json),
        Command::Doctor(options) => Box::pin(cli::doctor::run(options)).await,
        Command::Completions { shell } => cli::generate::completions(*shell),
        Command::Man { folder } => cli::generate::man(folder.as_deref()),
        Command::Sandbox { listen: address, fixtures, webhook_hosts } => {
            let options = clerk_sandbox::Options {
                fixtures: fixtures.as_deref().map(cli::fixtures).transpose()?,
                webhook_hosts: webhook_hosts.clone(),
                ..config.sandbox()
            };
            let options = played(config, options)?;
            let (listener, url) = listen("--listen", *address)?;
            print::line(&format!(
                "the sandbox listens on {url} and takes any key that begins with sk_test_ or sk_live_"
            ))?;
            clerk_sandbox::serve(listener, &Sandbox::new(options), stopped())
                .await
                .map_err(CliError::Sandbox)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn serve_http(
    config: Arc<Config>,
    options: &HttpOptions,
    redactor: Current<Redactor>,
) -> Result<ExitCode, CliError> {
    let access = config.access(options)?;
    let (listener, url) = listen(&config.name("listen"), options.listen)?;
    let apart = match options.webhooks_listen {
        Some(address) => Some(listen(&config.name("webhooks_listen"), address)?),
        None => None,
    };
    let measured = match options.metrics_address {
        Some(address) => Some(listen(&config.name("metrics_address"), address)?),
        None => None,
    };
    let at = apart.as_ref().map_or(&url, |(_, url)| url);
    let at = at.join(http::WEBHOOKS)?;
    let oauth = access.oauth.as_ref().filter(|oauth| oauth.client().is_some());
    let page = oauth.map(|oauth| format!("{}{}", oauth.origin(), http::APPROVALS));
    let server = server_at(&config, Some(&at), page)?;
    let hangups = Hangups::new();
    let mut said = format!("listening on {url} (streamable HTTP at /mcp, HTTP+SSE at /sse)");
    let secrets = Current::from(config.signing_secrets().to_vec());
    let webhooks = match server.events() {
        Some(events) if !secrets.get().is_empty() => {
            let place = events.place();
            let _infallible = write!(said, "; receiving webhooks at {at}; events are kept {place}");
            let listener = apart.map(|(listener, _)| listener);
            let (secrets, events) = (secrets.clone(), events.clone());
            Some(http::Webhooks { secrets, events, listener })
        }
        _ if apart.is_some() => {
            return Err(CliError::NoReceiver(config.name("webhooks_listen")));
        }
        _ => None,
    };
    if let Some((_, url)) = &measured {
        let _infallible = write!(said, "; metrics at {}", url.join("/metrics")?);
    }
    // In one line: a program that waits for the address may stop reading after it.
    print::line(&said)?;
    // Only with another policy do lists change, and on Windows nothing is reloaded.
    let handler = if cfg!(unix) && server.has_policy() {
        McpServer::reloadable(server.clone())
    } else {
        McpServer::new(server.clone())
    };
    let (limits, of_routes) = (options.limits(), server.clone());
    let reloadable = Reloadable {
        config: config.clone(),
        server: handler.clone(),
        token: access.token.clone(),
        signing_secrets: secrets,
        redactor,
    };
    let serving = http::serve(
        |closed| mcp::transport::routes(handler, Some(of_routes), limits, closed),
        &server,
        listener,
        access,
        limits,
        webhooks,
        stopped(),
    );
    tokio::select! {
        ended = serving => ended.map_err(CliError::Serve)?,
        ended = serve_metrics(measured) => ended.map_err(CliError::Serve)?,
        () = reloadable.on(hangups) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves the metrics if they have an address; otherwise it never ends.
async fn serve_metrics(measured: Option<(TcpListener, Url)>) -> io::Result<()> {
    match measured {
        Some((listener, _)) => http::serve_metrics(listener).await,
        None => std::future::pending().await,
    }
}

/// The options of a sandbox, with incidents if they are asked for.
fn played(
    config: &Config,
    options: clerk_sandbox::Options,
) -> Result<clerk_sandbox::Options, CliError> {
    if !config.has_incidents() {
        return Ok(options);
    }
    options.with_incidents().map_err(CliError::Incidents)
}

/// The server that the configuration asks for, without HTTP.
fn server(config: &Config) -> Result<Server, CliError> {
    server_at(config, None, None)
}

/// The server that the configuration asks for, with `--sandbox` over a sandbox of its own. That
/// sends webhooks to `receiver` unless an option says otherwise. `approvals_page` is where a second person
/// decides.
fn server_at(
    config: &Config,
    receiver: Option<&Url>,
    approvals_page: Option<String>,
) -> Result<Server, CliError> {
    let mut settings = config.clerk();
    match &settings.key {
        Err(error) => tracing::warn!("{error}; each call will say so"),
        Ok(_) if let Some(profile) = config.replaced_profile() => {
            tracing::warn!("the key is another than that of profile {profile}: a variable has one");
        }
        Ok(key) if key.is_live() && !config.allows_writes() => {
            tracing::info!("a production instance, read-only; --allow-writes turns writes on");
        }
        Ok(_) => {}
    }
    if config.uses_sandbox() {
        let (listener, url) = listen(&config.name("sandbox"), ([127, 0, 0, 1], 0).into())?;
        settings.api.base_url = url;
        let mut options = config.sandbox();
        if let (Some(url), Some(secret)) = (receiver, config.signing_secrets().first()) {
            let secret = SigningSecret::new(secret.key());
            let own = || Webhook { url: url.clone(), secret };
            options.webhook.get_or_insert_with(own);
        }
        let sandbox = Sandbox::new(played(config, options)?);
        tokio::spawn(async move {
            clerk_sandbox::serve(listener, &sandbox, std::future::pending()).await
        });
    }
    let guard = config.guard()?;
    let approvals = config.approvals(&guard)?;
    let guard = Guard { journal: config.journal()?, approvals, approvals_page, ..guard };
    if let Some(audit) = &guard.audit
        && let Err(error) = audit.check()
    {
        let option = config.name("audit");
        tracing::warn!("{option}: {error}; writes are refused until it can");
    }
    Ok(Server::new(ServerOptions {
        clerk: Clerk::new(settings),
        guard,
        events: config.events()?,
        max_answer_tokens: config.max_answer_tokens(),
        export_folder: config.export_folder(),
    }))
}

/// Listens on an address, which an option or a variable of this `name` asks for.
fn listen(name: &str, address: SocketAddr) -> Result<(TcpListener, Url), CliError> {
    let failed = |source| CliError::Listen { name: name.to_owned(), address, source };
    let listener = bind(address).map_err(failed)?;
    let url = Url::parse(&format!("http://{}", listener.local_addr().map_err(failed)?))?;
    Ok((listener, url))
}

/// As `TcpListener::bind`, where only 128 connections may wait to be accepted: in a burst of more, a
/// client waits for seconds, as its packets are dropped.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn object(text: &str) -> Result<Map<String, Value>, CliError> {
    serde_json::from_str(text).map_err(CliError::Arguments)
}
