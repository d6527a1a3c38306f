//! Calling one tool from the command line.

mod status;

use std::{
    io::{self, IsTerminal},
    pin::pin,
    process::ExitCode,
};

use clerk_mcp::{
    Answer, ApprovalChannel, Caller, Outcome, Server, UnknownTool, call::Question,
    principal::Principal, text::terminal::escape, tool::Reader,
};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use self::status::Status;
use super::{
    CliError,
    print::{self, Reply},
    show,
    signals::Signals,
};

/// The status of a process that Ctrl-C ended, as shells have it.
const INTERRUPTED: u8 = 130;

/// A call on its way.
struct Call<'a> {
    server: &'a Server,
    tool: &'a str,
    arguments: Map<String, Value>,
    reader: Reader,
    status: Status,
    interrupt: CancellationToken,
}

/// Calls a tool and prints its result: as JSON, or to a person at the terminal in words. If a person
/// must approve the call, they are asked.
///
/// # Errors
/// The tool does not exist, or nothing can be printed.
pub(crate) async fn run(
    server: &Server,
    tool: &str,
    arguments: Map<String, Value>,
    json: bool,
) -> Result<ExitCode, CliError> {
    let is_for_person = !json && io::stdout().is_terminal();
    let call = Call {
        server,
        tool,
        arguments,
        reader: if is_for_person { Reader::Person } else { Reader::Agent },
        status: Status::new(tool),
        interrupt: CancellationToken::new(),
    };
    let ended = call.run().await?;
    Ok(if call.interrupt.is_cancelled() { ExitCode::from(INTERRUPTED) } else { ended })
}

impl Call<'_> {
    async fn run(&self) -> Result<ExitCode, CliError> {
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
        let mut caller = Caller {
            client: Some(concat!("clerk-mcp call ", env!("CARGO_PKG_VERSION")).to_owned()),
            principal: Principal::of_process(),
            approval: if can_ask { ApprovalChannel::Open } else { ApprovalChannel::None },
            reader: self.reader,
            progress: self.status.progress().until(self.interrupt.clone()),
            ..Caller::default()
        };
        let (mut answer, mut signals) = (None, Signals::new());
        loop {
            match self.outcome(caller.clone(), &mut signals).await? {
                Outcome::Done(result) => {
                    self.print(result)?;
                    return Ok(ExitCode::SUCCESS);
                }
                Outcome::Failed(report) => {
                    self.print_failure(&report, answer)?;
                    return Ok(ExitCode::FAILURE);
                }
                Outcome::NeedsApproval { question, state } => {
                    let given = self.ask(&question, &mut signals).await;
                    answer = Some(given);
                    caller.approval = ApprovalChannel::Answered { answer: given, state };
                }
            }
        }
    }

    async fn outcome(&self, caller: Caller, signals: &mut Signals) -> Result<Outcome, UnknownTool> {
        let outcome = self.until_stopped(caller, signals).await;
        self.status.erase();
        outcome
    }

    /// Calls the tool. The first Ctrl-C lets it end with what is done by then, the second ends it.
    async fn until_stopped(
        &self,
        caller: Caller,
        signals: &mut Signals,
    ) -> Result<Outcome, UnknownTool> {
        let mut call = pin!(self.server.call(self.tool, self.arguments.clone(), caller));
        tokio::select! {
            outcome = &mut call => return outcome,
            () = signals.next() => {}
        }
        self.interrupt.cancel();
        self.status.erase();
        print::aside("Stopping after the request that is under way. Ctrl-C again stops at once.");
        tokio::select! {
            outcome = &mut call => return outcome,
            () = signals.next() => self.server.stop(),
        }
        call.await
    }

    /// Asks the person at the terminal whether the call may run.
    async fn ask(&self, question: &Question, signals: &mut Signals) -> Answer {
        if self.interrupt.is_cancelled() {
            return Answer::Closed;
        }
        let text = self.in_lines(question);
        let asked = tokio::task::spawn_blocking(move || {
            print::aside(&text);
            print::ask("Do it?")
        });
        tokio::select! {
            asked = asked => match asked {
                Ok(Ok(Reply::Yes)) => Answer::Approved,
                Ok(Ok(Reply::No)) => Answer::DeclinedAtTerminal,
                Ok(Ok(Reply::Ended)) => Answer::Closed,
                Ok(Err(_)) | Err(_) => Answer::TerminalUnreadable,
            },
            () = signals.next() => {
                self.interrupt.cancel();
                print::aside("");
                Answer::Closed
            }
        }
    }

    /// A sentence of the question begins with a dash, and no other line does: what others wrote can't
    /// add one.
    fn in_lines(&self, question: &Question) -> String {
        let width = print::width();
        let mut lines = vec![format!("{} needs your approval:", self.tool)];
        for sentence in question.sentences() {
            lines.extend(show::wrap(&format!("  - {}", escape(sentence)), 4, width));
        }
        lines.push("Type y to do it. n, or Enter alone, changes nothing.".to_owned());
        lines.join("\n")
    }

    fn print(&self, result: Value) -> Result<(), CliError> {
        match self.reader {
            Reader::Agent => print::json(&result),
            Reader::Person => {
                let layout = self.server.layout(self.tool, &self.arguments);
                print::lines(&show::result(result, layout, print::width()))
            }
        }
    }

    fn print_failure(&self, report: &Value, answer: Option<Answer>) -> Result<(), CliError> {
        match (self.reader, answer) {
            (Reader::Agent, _) => return print::json(report),
            (Reader::Person, Some(Answer::DeclinedAtTerminal)) => {
                print::aside("Not approved. Nothing was changed.");
            }
            (Reader::Person, Some(Answer::Closed)) => {
                print::aside("There was no answer, so it is not approved. Nothing was changed.");
            }
            (Reader::Person, _) => {
                print::aside(&show::failure(report, print::width()));
            }
        }
        Ok(())
    }
}
