//! The command line, as scripts and newcomers use it.

use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str]) -> (String, String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    for name in ["CLERK_SECRET_KEY", "CLERK_SECRET_KEY_FILE", "CLERK_API_URL"] {
        command.env_remove(name);
    }
    read(command.args(arguments))
}

fn read(command: &mut Command) -> (String, String, Option<i32>) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap(), status.code())
}

#[test]
fn a_call_prints_the_structured_result() {
    let (output, _, code) = run(&["call", "clerk_list_users", "{\"limit\": 3}", "--sandbox"]);
    let result: Value = serde_json::from_str(&output).unwrap();
    assert_eq!((result["users"].as_array().unwrap().len(), code), (3, Some(0)));
    let again = run(&["--sandbox", "call", "clerk_list_users", "{\"limit\": 3}"]);
    assert_eq!(output, again.0, "the sandbox is the same each time");
    let other = run(&["--sandbox", "--seed", "2", "call", "clerk_list_users", "{\"limit\": 3}"]);
    assert_ne!(output, other.0);
}

#[test]
fn incidents_can_be_investigated_in_the_sandbox_of_the_program() {
    let who = "{\"identifier\": \"tomas@alpenrad.example\"}";
    let (output, error, code) =
        run(&["--sandbox", "--incidents", "call", "clerk_explain_sign_in", who]);
    let result: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(
        (&result["causes"][0]["cause"], code),
        (&Value::from("user_locked"), Some(0)),
        "{error}"
    );
}

#[test]
fn a_call_that_fails_exits_with_1_and_one_that_cannot_be_made_with_2() {
    let (output, _, code) =
        run(&["call", "clerk_get_user", "{\"userId\": \"user_9\"}", "--sandbox"]);
    let result: Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&result["error"]["code"], code), (&Value::from("resource_not_found"), Some(1)));
    let (output, error, code) = run(&["call", "clerk_get_users", "--sandbox"]);
    assert_eq!((output.as_str(), code), ("", Some(2)));
    assert!(error.contains("did you mean `clerk_get_user`?"), "{error}");
    let (_, error, code) = run(&["call", "clerk_get_user", "[1]", "--sandbox"]);
    assert!(error.contains("aren't a JSON object") && code == Some(2), "{error}");
}

#[test]
fn without_a_key_a_call_says_what_to_set() {
    let (output, _, code) = run(&["call", "clerk_list_users"]);
    assert!(output.contains("CLERK_SECRET_KEY") && code == Some(1), "{output}");
}

#[test]
fn the_tools_are_listed_and_those_that_are_off_are_not() {
    let (output, _, code) = run(&["tools"]);
    let count = output.lines().filter(|line| line.starts_with("  clerk_")).count();
    assert_eq!((count, code), (crate::support::TOOLS, Some(0)), "{output}");
    let (output, ..) = run(&["tools", "--read-only"]);
    assert!(!output.contains("clerk_delete_user") && output.contains("clerk_get_user"), "{output}");
    let (output, ..) = run(&["tools", "--json", "--toolsets", "sessions"]);
    let tools: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(tools.as_array().unwrap().len(), 4);
}

#[test]
fn a_tool_that_is_off_says_what_turns_it_on() {
    let call =
        ["call", "clerk_delete_user", "{\"userId\": \"user_1\"}", "--sandbox", "--read-only"];
    let (output, _, code) = run(&call);
    assert!(output.contains("tool_off") && output.contains("--read-only"), "{output}");
    assert_eq!(code, Some(1));
}

#[test]
fn help_shows_the_first_steps_and_an_unknown_option_is_refused() {
    let (output, _, code) = run(&["--help"]);
    for part in
        ["call clerk_list_users", "CLERK_SECRET_KEY", "--sandbox", "--read-only", "sandbox "]
    {
        assert!(output.contains(part), "{part}: {output}");
    }
    assert_eq!(code, Some(0));
    let (_, error, code) = run(&["--readonly"]);
    assert!(error.contains("--read-only") && code == Some(2), "{error}");
    let mut typo = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    let (_, error, code) = read(typo.arg("tools").env("CLERK_MCP_READONLY", "1"));
    assert!(error.contains("CLERK_MCP_READ_ONLY") && code == Some(2), "{error}");
}

#[test]
fn check_openapi_reads_yaml_and_json() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/clerk-2026-05-12.json");
    let (output, error, code) = run(&["tools", "--check-openapi", file]);
    assert_eq!((error.as_str(), code), ("", Some(0)));
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.last(), Some(&"249 of 249 operations, 0 differences"));
    let merge = "not in the file and not offered: POST /users/{user_id}/merge: ";
    assert!(lines.iter().any(|line| line.starts_with(merge)), "{output}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clerk.yml");
    std::fs::write(&file, "paths:\n  /wishes:\n    post: {}\n").unwrap();
    let (output, _, code) = run(&["tools", "--check-openapi", file.to_str().unwrap()]);
    assert!(output.starts_with("POST /wishes is new\n") && code == Some(1), "{output}");
}
