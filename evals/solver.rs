//! A solver of a task: a program that reads and writes JSON lines, or a scripted solution.

use std::process::Stdio;

use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{Fallible, scripted::Scripted};

/// A solver of one task.
pub(crate) enum Solver {
    Scripted(Scripted),
    Program(Box<Program>),
}

/// What a solver asks for next.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Wish {
    /// A call of a tool.
    Call {
        name: String,
        #[serde(default)]
        arguments: Value,
    },
    /// The final answer.
    Answer(String),
}

/// A solver in a process of its own, which ends when this is dropped.
pub(crate) struct Program {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Solver {
    /// Starts a program.
    pub(crate) fn start(command: &str) -> Fallible<Self> {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().ok_or("the solver has no input")?;
        let output = child.stdout.take().ok_or("the solver has no output")?;
        let output = BufReader::new(output).lines();
        Ok(Self::Program(Box::new(Program { _child: child, input, output })))
    }

    /// Sends a message to the solver, and reads what it asks for next.
    pub(crate) async fn next(&mut self, message: &Value) -> Fallible<Wish> {
        let wish = match self {
            Self::Scripted(script) => script.next(message)?,
            Self::Program(program) => program.next(message).await?,
        };
        let text = wish.to_string();
        serde_json::from_value(wish)
            .map_err(|error| format!("the solver wrote {text}: {error}").into())
    }
}

impl Program {
    async fn next(&mut self, message: &Value) -> Fallible<Value> {
        self.input.write_all(format!("{message}\n").as_bytes()).await?;
        self.input.flush().await?;
        let line = self.output.next_line().await?.ok_or("the solver ended without an answer")?;
        serde_json::from_str(&line)
            .map_err(|error| format!("the solver's line isn't JSON: {error}: {line}").into())
    }
}
