//! The questions at a terminal. Ctrl-C at any of them ends the command before anything is written.

use std::{
    io::{self, ErrorKind, IsTerminal, Read, Write},
    time::Duration,
};

use clerk_mcp::config::InitOptions;
use secrecy::SecretString;

use super::InitError;
use crate::cli::{
    print::{self, Reply},
    signals::{Signals, stopped},
};

/// The most that is read as a key, in bytes.
const LONGEST_KEY: u64 = 4096;
/// How long the reader of a secret has to set the terminal right after a signal.
const GRACE: Duration = Duration::from_millis(200);

/// Whom to ask.
pub(super) enum Ask {
    /// A person at the terminal.
    Person,
    /// Nobody: all is answered with yes.
    Nobody,
}

impl Ask {
    pub(super) fn new(options: &InitOptions) -> Result<Self, InitError> {
        let is_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        match (options.yes, is_terminal) {
            (false, true) => Ok(Self::Person),
            (false, false) if !options.dry_run => Err(InitError::NoTerminal),
            _ => Ok(Self::Nobody),
        }
    }

    pub(super) fn can(&self) -> bool {
        matches!(self, Self::Person)
    }

    /// The line that the person writes.
    pub(super) async fn line(&self, question: &str) -> Result<String, InitError> {
        let question = question.to_owned();
        let line = until_stopped(tokio::task::spawn_blocking(move || {
            write!(io::stderr().lock(), "{question}")?;
            let mut line = String::new();
            // The end of the input answers nothing.
            match io::stdin().read_line(&mut line)? {
                0 => Err(ErrorKind::UnexpectedEof.into()),
                _ => Ok(line),
            }
        }));
        line.await?.map_err(io::Error::other).and_then(|line| line).map_err(unread)
    }

    /// Whether the person agrees; without anybody to ask, yes.
    pub(super) async fn agrees(&self, question: &str) -> Result<bool, InitError> {
        if !self.can() {
            return Ok(true);
        }
        let question = question.to_owned();
        let reply = until_stopped(tokio::task::spawn_blocking(move || print::ask(&question)));
        let reply = reply.await?.map_err(io::Error::other).and_then(|reply| reply);
        Ok(reply.map_err(unread)? == Reply::Yes)
    }

    /// A text that isn't shown while the person types it.
    pub(super) async fn secret(&self, question: &str) -> Result<SecretString, InitError> {
        // From here on no signal ends the process while the terminal hides what is typed.
        let mut signals = Signals::new();
        let question = question.to_owned();
        // To it Ctrl-C is a character, with which it sets the terminal right and raises the signal.
        let mut reading = tokio::task::spawn_blocking(move || rpassword::prompt_password(question));
        let read = tokio::select! {
            read = &mut reading => read,
            () = signals.next() => {
                let read = tokio::time::timeout(GRACE, reading).await;
                read.map_err(|_| InitError::Cancelled)?
            }
        };
        let text = read.map_err(io::Error::other).and_then(|text| text).map_err(unread)?;
        Ok(text.trim().into())
    }
}

/// What is on standard input, unless that is a terminal.
pub(super) fn piped() -> Result<Option<SecretString>, InitError> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Ok(None);
    }
    let mut text = String::new();
    stdin.lock().take(LONGEST_KEY).read_to_string(&mut text).map_err(InitError::Terminal)?;
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.into()))
}

/// The result of something, unless Ctrl-C comes first.
pub(super) async fn until_stopped<T>(work: impl Future<Output = T>) -> Result<T, InitError> {
    tokio::select! {
        biased;
        () = stopped() => Err(InitError::Cancelled),
        done = work => Ok(done),
    }
}

fn unread(error: io::Error) -> InitError {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::UnexpectedEof => InitError::Cancelled,
        _ => InitError::Terminal(error),
    }
}
