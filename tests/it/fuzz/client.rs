//! Clients that send anything.

use std::process::Stdio;

use clerk_mcp::{Clerk, McpServer, Server, ServerOptions, guard::Guard, mcp::transport};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
    time::timeout,
};

use super::{
    lines::{self, GOOD, Line},
    runtime,
};
use crate::support::{self, KEY, PATIENCE, Script, Upstream};

/// A session in which these lines come after the handshake.
async fn session(server: Server, lines: &[Line]) -> Result<(), TestCaseError> {
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let (input, output) = tokio::io::split(ours);
    let serving = tokio::spawn(transport::serve_stdio_on(McpServer::new(server), input, output));
    let (reader, mut writer) = tokio::io::split(theirs);
    let mut reader = BufReader::new(reader).lines();
    let client = json!({ "name": "fuzz", "version": "1" });
    let params =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let first =
        json!({ "jsonrpc": "2.0", "id": "first", "method": "initialize", "params": params });
    let mut input = format!("{first}\n").into_bytes();
    input.extend(lines::input(lines));
    let mut due = lines::due(&input);
    let writing = async {
        writer.write_all(&input).await.unwrap();
        writer
    };
    let reading = async {
        while !lines::is_settled(&due) {
            let line = timeout(PATIENCE, reader.next_line()).await;
            let line =
                line.map_err(|_| TestCaseError::fail(format!("unanswered: {due:?}")))?.unwrap();
            lines::settle(&mut due, &line.ok_or_else(|| TestCaseError::fail("it has ended"))?)?;
        }
        Ok::<_, TestCaseError>(())
    };
    let (mut writer, read) = tokio::join!(writing, reading);
    read?;
    writer.shutdown().await.unwrap();
    while let Some(line) = timeout(PATIENCE, reader.next_line()).await.unwrap().unwrap() {
        lines::settle(&mut due, &line)?;
    }
    prop_assert!(serving.await.unwrap().is_ok());
    Ok(())
}

#[test]
fn a_session_survives_any_lines_and_answers_each_request_once() {
    let runtime = runtime();
    let upstream = runtime.block_on(Upstream::always(Script::refusal(400, "", "no")));
    let server = || {
        let clerk = Clerk::new(support::settings(&upstream.url));
        Server::new(ServerOptions::new(clerk, Guard::default()))
    };
    let mut runner = TestRunner::new(ProptestConfig::with_cases(60 * crate::TIMES));
    let outcome =
        runner.run(&vec(lines::line(), 0..20), |lines| runtime.block_on(session(server(), &lines)));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// The binary with these lines and no handshake but what is in them.
async fn process(lines: &[Line]) -> Result<(), TestCaseError> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(["--sandbox", "--log", "error"]).env("CLERK_SECRET_KEY", KEY).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let input = lines::input(lines);
    let mut stdin = child.stdin.take().unwrap();
    let writing = async {
        // It may end before it has read all.
        let _ = stdin.write_all(&input).await;
        drop(stdin);
    };
    let ended = timeout(PATIENCE, async { tokio::join!(writing, child.wait_with_output()).1 });
    let ended = ended.await.expect("it ends").unwrap();
    let mut due = lines::due(&input);
    let output = String::from_utf8(ended.stdout).expect("text");
    for line in output.lines() {
        lines::settle(&mut due, line)?;
    }
    let log = String::from_utf8_lossy(&ended.stderr);
    prop_assert!(!log.contains("panicked") && !log.contains(KEY), "{}", log);
    prop_assert_eq!(ended.status.code(), Some(0), "{}", log);
    prop_assert_eq!(due[&json!(GOOD[0])].1, 0, "the ping is unanswered: {}", output);
    Ok(())
}

#[test]
fn the_process_survives_whatever_comes_first() {
    let runtime = runtime();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6 * crate::TIMES));
    let outcome = runner.run(&vec(lines::line(), 0..8), |lines| runtime.block_on(process(&lines)));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
