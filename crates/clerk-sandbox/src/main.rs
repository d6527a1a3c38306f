//! The sandbox as a program of its own.

use std::{
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use clerk_sandbox::{Fault, Fixtures, Options, Sandbox, SigningSecret, Webhook, serve};
use tokio::net::TcpListener;
use url::Url;

/// A small stand-in for Clerk's Backend API, in memory, with made-up people. It accepts any key
/// that begins with sk_test_ or sk_live_; each has an instance of its own.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8181")]
    listen: SocketAddr,
    /// How many users to make up, at most 1,000,000; 0 is an empty instance.
    #[arg(long, value_name = "COUNT", default_value_t = 25)]
    users: usize,
    /// Users, organizations, memberships and roles to start with instead, in YAML or JSON.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["users", "seed"])]
    fixtures: Option<PathBuf>,
    /// The number that the people are made up from: equal numbers give equal people.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Begin with all incidents: users who were taken over, locked out, attacked and so on in the days
    /// before, for tools that investigate.
    #[arg(long)]
    incidents: bool,
    /// How many days the application's logs are kept; Clerk's plans have 1, 7 and 30.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    log_retention: u64,
    /// How many requests a key has in 10 seconds; a development instance of Clerk has 100.
    #[arg(long, value_name = "COUNT")]
    rate_limit: Option<u32>,
    /// Misbehave for some requests, such as "429;times=2;on=GET /v1/users". May be repeated.
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,
    /// Where to send a webhook for each change. Needs --webhook-secret.
    #[arg(long, value_name = "URL", requires = "webhook_secret")]
    webhook: Option<Url>,
    /// The secret that webhooks are signed with: whsec_ and a key in base64.
    #[arg(long, value_name = "SECRET", value_parser = SigningSecret::parse, requires = "webhook")]
    webhook_secret: Option<SigningSecret>,
    /// A host, besides this machine, that the control API may send webhooks to. May be repeated.
    #[arg(long = "allow-webhook-host", value_name = "HOST")]
    webhook_hosts: Vec<String>,
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.and_then(|runtime| runtime.block_on(run(Arguments::parse())));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, nothing can report that.
            let _ = writeln!(std::io::stderr(), "clerk-sandbox: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let Arguments {
        listen,
        users,
        seed,
        fixtures,
        incidents,
        log_retention,
        rate_limit,
        faults,
        webhook,
        webhook_secret,
        webhook_hosts,
    } = arguments;
    let fixtures = fixtures.as_deref().map(read).transpose()?;
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    writeln!(
        std::io::stdout(),
        "the sandbox listens on http://{address} and takes any key that begins with sk_test_ or sk_live_"
    )?;
    let webhook = webhook.zip(webhook_secret).map(|(url, secret)| Webhook { url, secret });
    let options = Options {
        users,
        seed,
        fixtures,
        faults,
        log_retention_days: log_retention,
        rate_limit,
        webhook,
        webhook_hosts,
        ..Options::default()
    };
    let options =
        if incidents { options.with_incidents().map_err(io::Error::other)? } else { options };
    let stopped = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    serve(listener, &Sandbox::new(options), stopped).await
}

/// Reads fixtures; errors name the file.
fn read(file: &Path) -> io::Result<Fixtures> {
    let about = |error: &dyn std::fmt::Display| format!("--fixtures {}: {error}", file.display());
    let text =
        fs::read_to_string(file).map_err(|error| io::Error::new(error.kind(), about(&error)))?;
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, about(&error));
    Fixtures::parse(&text).map_err(invalid)
}
