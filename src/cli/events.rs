//! Events on the command line: follow them, send them again, check a delivery.

use std::{fs, path::Path, process::ExitCode};

use clerk_mcp::{
    call::{event_json, event_line},
    config::{Config, EventsCommand, ReplayOptions, TailOptions, read_text},
    events::{
        Event, Events, Filter, Sender, Stored, Tail, Types,
        signature::{Invalid, Secret, verify},
    },
    redact::Redactor,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::{CliError, print};

/// How many events are read at a time.
const AT_A_TIME: u64 = 100;

/// Runs `clerk-mcp events`.
///
/// # Errors
/// There is no file or no secret, or it can't be read.
pub(crate) async fn run(config: &Config, command: &EventsCommand) -> Result<ExitCode, CliError> {
    match command {
        EventsCommand::Tail(options) => {
            follow(&events(config)?, options, &config.clerk().redactor()).await
        }
        EventsCommand::Replay(options) => replay(&events(config)?, secret(config)?, options).await,
        EventsCommand::Verify { headers, body } => {
            secret(config)?;
            check(config.signing_secrets(), headers, body)
        }
    }
}

fn events(config: &Config) -> Result<Events, CliError> {
    config.events()?.ok_or(CliError::NoEvents)
}

fn secret(config: &Config) -> Result<&Secret, CliError> {
    config.signing_secrets().first().ok_or(CliError::NoSigningSecret)
}

fn types(patterns: &[String]) -> Result<Types, CliError> {
    Ok(Types::parse(patterns.iter().map(|pattern| pattern.trim()))?)
}

async fn follow(
    events: &Events,
    options: &TailOptions,
    redactor: &Redactor,
) -> Result<ExitCode, CliError> {
    let filter = Filter { types: types(&options.types)?, ..Filter::default() };
    let mut tail = Tail::from_now(events, filter.clone()).await?;
    let show = |stored: &Stored| {
        let line = if options.json { event_json } else { event_line };
        print::line(&line(stored, redactor))
    };
    for stored in events.last(filter, options.last).await? {
        show(&stored)?;
    }
    loop {
        let rows = tokio::select! {
            rows = tail.next() => rows?,
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
        };
        for stored in rows {
            show(&stored)?;
        }
    }
}

async fn replay(
    events: &Events,
    secret: &Secret,
    options: &ReplayOptions,
) -> Result<ExitCode, CliError> {
    let filter = Filter {
        types: types(&options.types)?,
        since: options.since.map(Timestamp::as_millisecond),
        until: options.until.map(Timestamp::as_millisecond),
        ..Filter::default()
    };
    let sender = Sender::new(secret.clone())?;
    let (mut seq, mut failed, mut sent) = (0, 0_u64, 0_u64);
    loop {
        let rows = events.after(seq, filter.clone(), AT_A_TIME).await?;
        let Some(last) = rows.last() else { break };
        seq = last.seq;
        for stored in &rows {
            let Event { id, kind, body, .. } = &stored.event;
            let outcome = sender.send(&options.to, id, body).await;
            let is_taken = outcome.as_ref().is_ok_and(|status| (200..300).contains(status));
            (sent, failed) = (sent + 1, failed + u64::from(!is_taken));
            let outcome = match outcome {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            };
            print::line(&format!("{outcome} {kind} {id}"))?;
        }
    }
    print::line(&format!("{sent} sent, {failed} not taken"))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check(secrets: &[Secret], headers: &Path, body: &Path) -> Result<ExitCode, CliError> {
    let failed = |option, path: &Path, flaw| {
        let path = path.to_owned();
        CliError::File { option, path, flaw }
    };
    let text = read_text(headers).map_err(|flaw| failed("--headers", headers, flaw))?;
    let body = fs::read(body).map_err(|source| failed("--body", body, source.into()))?;
    let headers = parsed(&text);
    let now = Timestamp::now().as_second();
    let verdict = verify(secrets, &headers, &body, now);
    // A delivery that was saved is old. The question is whether its signature fits.
    let sent = headers.get("svix-timestamp").or_else(|| headers.get("webhook-timestamp"));
    let sent = sent.and_then(|header| header.to_str().ok()?.parse().ok()).unwrap_or(now);
    let (line, is_signed) = match (verdict, verify(secrets, &headers, &body, sent)) {
        (Ok(delivery), _) => (format!("{} is signed and in time", delivery.id), true),
        (Err(invalid @ (Invalid::TooOld | Invalid::TooNew)), Ok(delivery)) => {
            (format!("{} is signed, but a receiver refuses it now: {invalid}", delivery.id), true)
        }
        (_, Err(invalid)) | (Err(invalid), _) => (invalid.to_string(), false),
    };
    print::line(&line)?;
    Ok(if is_signed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Headers as a log or `curl -v` shows them. Other lines are skipped.
fn parsed(text: &str) -> HeaderMap {
    let header = |line: &str| {
        let line = line.trim().trim_start_matches(['<', '>']).trim();
        let (name, value) = line.split_once(':')?;
        Some((name.trim().parse::<HeaderName>().ok()?, value.trim().parse::<HeaderValue>().ok()?))
    };
    text.lines().filter_map(header).collect()
}
