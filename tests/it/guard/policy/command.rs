//! `clerk-mcp policy check` and `clerk-mcp policy explain`.

use std::process::Command;

use serde_json::json;

use crate::guard::{LONER, NORTHWIND, SABINE};

fn run(arguments: &[&str]) -> (String, String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    let output = command.args(arguments).env_remove("CLERK_SECRET_KEY").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn a_broken_policy_is_told_line_by_line_and_stops_everything() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("policy.toml");
    let path = file.to_str().unwrap();
    let text = "defualt = 'allow'\n\n[[rules]]\nname = 'r'\naction = 'deny'\n\
                tools = ['clerk_delete_users']\n";
    std::fs::write(&file, text).unwrap();
    let commands: [&[&str]; 5] = [
        &["policy", "check", path],
        &["tools", "--policy", path],
        &["call", "clerk_list_users", "--sandbox", "--policy", path],
        &["http", "--listen", "127.0.0.1:0", "--sandbox", "--policy", path],
        &["--sandbox", "--policy", path],
    ];
    for command in commands {
        let (output, error, code) = run(command);
        assert_eq!((output.as_str(), code), ("", Some(2)), "{command:?}: {error}");
        for (line, part) in [(1, "`default`"), (6, "`clerk_delete_user`")] {
            let told = error.lines().find(|it| it.contains(&format!("{path}: line {line}: ")));
            assert!(told.is_some_and(|it| it.contains(part)), "{command:?} {line}: {error}");
        }
    }
    let (_, error, code) = run(&["tools", "--policy", "/nowhere/policy.toml"]);
    assert!(code == Some(2) && error.contains("/nowhere/policy.toml"), "{error}");
    std::fs::write(&file, "").unwrap();
    let (_, error, code) = run(&["tools", "--policy", path]);
    assert!(code == Some(2) && error.contains("empty"), "{error}");
}

#[test]
fn a_policy_is_checked_and_explained_and_nothing_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("policy.toml");
    let path = file.to_str().unwrap();
    let text = format!(
        "[[rules]]\nname = 'no sessions'\naction = 'deny'\ntoolsets = ['sessions']\n\n\
         [[rules]]\nname = 'no robots'\naction = 'deny'\norganizations = ['{NORTHWIND}']\n\
         effects = ['destructive']\n"
    );
    std::fs::write(&file, text).unwrap();
    let (output, error, code) = run(&["policy", "check", path]);
    assert!(output.contains("no mistakes") && code == Some(0), "{output} {error}");

    let explain = |tool: &str, arguments: &str| {
        let (output, error, code) =
            run(&["policy", "explain", tool, arguments, "--sandbox", "--policy", path]);
        assert_eq!(code, Some(0), "{error}");
        output
    };
    let deletion = json!({ "userId": SABINE }).to_string();
    let output = explain("clerk_delete_user", &deletion);
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.len(), 3, "{output}");
    assert!(lines[0].starts_with("rule 1 `no sessions`: no match: "), "{output}");
    assert_eq!(lines[1], "rule 2 `no robots`: match");
    assert!(lines[2].contains("no robots"), "{output}");
    let loner = json!({ "userId": LONER }).to_string();
    let output = explain("clerk_delete_user", &loner);
    assert!(output.lines().nth(1).unwrap().contains("no match"), "{output}");
    let output = explain("clerk_list_sessions", &deletion);
    assert!(output.starts_with("rule 1 `no sessions`: match\n"), "{output}");
    assert!(output.contains("rule 2 `no robots`: not reached"), "{output}");
    let (_, error, code) =
        run(&["policy", "explain", "clerk_delete_user", "{}", "--sandbox", "--policy", path]);
    assert!(code == Some(2) && error.contains("userId"), "{error}");
}
