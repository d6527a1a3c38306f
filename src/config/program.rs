//! Running the command that prints a secret, such as `op read op://vault/clerk/key`.

use std::{
    io::{self, Read},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long the command may take. A person may have to unlock a password manager.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);
/// The most that it may print, in bytes.
const LARGEST: u64 = 64 << 10;

/// Why a command gave no secret. Its text follows the name of the variable, and repeats nothing
/// that the command printed.
#[derive(Debug, thiserror::Error)]
pub enum ProgramFlaw {
    /// There is no shell, or it can't be started.
    #[error("can't be run: {0}")]
    NotStarted(#[from] io::Error),
    /// It failed.
    #[error("failed ({0}); run it in a terminal to see why")]
    Failed(ExitStatus),
    /// It takes too long.
    #[error(
        "didn't end within {} s; run it in a terminal to see what it waits for",
        PATIENCE.as_secs()
    )]
    TooSlow,
    /// It printed too much to be a secret.
    #[error("printed more than 64 KiB; it must print the secret alone")]
    TooLarge,
    /// It printed something else.
    #[error("printed what isn't UTF-8 text; it must print the secret alone")]
    NotText,
}

/// What a command prints to standard output. The system's shell runs it: `sh`, or `cmd` on Windows.
/// It can't read our standard input, and what it writes to standard error is dropped: both may be
/// a client's.
///
/// # Errors
/// Why there is no text.
pub(super) fn output(command: &str) -> Result<String, ProgramFlaw> {
    let mut child =
        shell(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let deadline = Instant::now() + PATIENCE;
    let (send, printed) = mpsc::channel();
    if let Some(mut stdout) = child.stdout.take() {
        // A process that the command leaves behind may keep its output open for ever.
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = stdout.by_ref().take(LARGEST + 1).read_to_end(&mut bytes);
            let _ = send.send(read.map(|_| bytes));
            // A command whose output nobody reads would fail for that reason.
            let _ = io::copy(&mut stdout, &mut io::sink());
        });
    }
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Err(ProgramFlaw::TooSlow);
        }
        thread::sleep(PAUSE);
    };
    if !status.success() {
        return Err(ProgramFlaw::Failed(status));
    }
    let left = deadline.saturating_duration_since(Instant::now());
    let bytes = printed.recv_timeout(left).map_err(|_| ProgramFlaw::TooSlow)??;
    if bytes.len() as u64 > LARGEST {
        return Err(ProgramFlaw::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| ProgramFlaw::NotText)
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;

    let mut shell = Command::new("cmd");
    // As it is: cmd has quotation rules of its own.
    shell.arg("/C").raw_arg(command);
    shell
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_gives_what_it_prints_and_nothing_of_a_failure_is_repeated() {
        assert_eq!(output("echo sk_test_abc").unwrap(), "sk_test_abc\n");
        assert_eq!(output("cat; echo none").unwrap(), "none\n", "standard input is a client's");
        let failed = output("echo sk_test_abc; echo sk_test_abc >&2; exit 3").unwrap_err();
        let said = failed.to_string();
        assert_eq!(said, "failed (exit status: 3); run it in a terminal to see why");
        let missing = output("a-program-that-is-nowhere").unwrap_err().to_string();
        assert!(missing.starts_with("failed (exit status: 127)"), "{missing}");
        // A pipe is full long before.
        let large = output("head -c 100000 /dev/zero").unwrap_err();
        assert!(matches!(large, ProgramFlaw::TooLarge), "{large}");
        assert!(matches!(output("printf '\\377'").unwrap_err(), ProgramFlaw::NotText));
    }
}
