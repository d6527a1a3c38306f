//! What the journal of changes costs a write, against the same write without one, in turns.

use serde_json::{Value, json};

use crate::{
    CALLS, Server,
    support::{Times, time},
};

/// Prints the ratio for a write whose response shows what it changed, and for one whose object has to be
/// read again.
pub(crate) fn run(url: &str, user: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.db");
    let start = |options: &[&str]| {
        let mut server = Server::with(url, options);
        server.initialize();
        server
    };
    let mut with = start(&["--journal", file.to_str().unwrap()]);
    let mut without = start(&["--journal", "off"]);
    for (tool, write) in
        [("clerk_update_user_metadata", metadata as fn(usize) -> Value), ("clerk_ban_user", ban)]
    {
        let call = |number: usize| {
            let mut arguments = write(number);
            arguments["userId"] = user.into();
            let tool = if number.is_multiple_of(2) { tool } else { back(tool) };
            json!({ "name": tool, "arguments": arguments })
        };
        let turns = (0..CALLS).map(|number| {
            let call = call(number);
            (
                time(|| with.request("tools/call", &call)),
                time(|| without.request("tools/call", &call)),
            )
        });
        let (with, without): (Vec<_>, Vec<_>) = turns.unzip();
        let (with, without) = (Times::from_iter(with), Times::from_iter(without));
        println!(
            "journal, {tool}: {:.2} ms (p50) with, {:.2} ms without; ratio {:.2}",
            with.ms(50),
            without.ms(50),
            with.ms(50) / without.ms(50)
        );
    }
}

fn metadata(number: usize) -> Value {
    json!({ "publicMetadata": { "number": number } })
}

fn ban(_: usize) -> Value {
    json!({})
}

/// The tool that each second call is of, so that each call changes something.
fn back(tool: &str) -> &str {
    if tool == "clerk_ban_user" { "clerk_unban_user" } else { tool }
}
