//! What the command line says of events that it can't have.

use std::process::Command;

use super::SECRET;

fn run(arguments: &[&str], secret: &str) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(arguments);
    match secret {
        "" => command.env_remove("CLERK_WEBHOOK_SIGNING_SECRET"),
        secret => command.env("CLERK_WEBHOOK_SIGNING_SECRET", secret),
    };
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

#[test]
fn unsupported_combinations_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none.db");
    let file = none.to_str().unwrap();
    let there = folder.path().join("there.db");
    drop(clerk_mcp::events::Events::open(clerk_mcp::events::Settings {
        file: Some(there.clone()),
        retention: None,
    }));
    let there = there.to_str().unwrap();
    let replay = ["events", "replay", "--to", "http://127.0.0.1:1/", "--events", there];
    let cases: [(&[&str], &str, &str); 8] = [
        (&["events", "tail"], "", "--events FILE"),
        (&["events", "tail", "--events", file], "", "there is no file"),
        (&["events", "tail", "--events", there, "--type", "a b"], "", "--type must be types"),
        (&replay, "", "CLERK_WEBHOOK_SIGNING_SECRET is not set"),
        (&["events", "replay", "--to", "https://example.com"], SECRET, "on this machine"),
        (&["sandbox", "--webhook-url", "http://127.0.0.1:1"], "", "CLERK_WEBHOOK_SIGNING_SECRET"),
        (
            &["http", "--webhooks-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"],
            "",
            "set CLERK_WEBHOOK_SIGNING_SECRET",
        ),
        (&["http", "--listen", "127.0.0.1:0"], "whsec_short", "CLERK_WEBHOOK_SIGNING_SECRET is"),
    ];
    for (arguments, secret, expected) in cases {
        let (output, code) = run(arguments, secret);
        assert!(output.contains(expected), "{arguments:?}: {output}");
        assert!(code.is_some_and(|code| code != 0), "{arguments:?}: {code:?}");
        assert!(secret.is_empty() || !output.contains(secret), "{output}");
    }
    assert!(!none.exists(), "nothing is made by looking");
    let (output, code) = run(&replay, SECRET);
    assert_eq!((output.trim(), code), ("0 sent, 0 not taken", Some(0)));
}
