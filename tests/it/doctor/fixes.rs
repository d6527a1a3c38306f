//! What `--fix` corrects, and that it corrects nothing else.

use std::fs;

use serde_json::Value;

use super::{CURSOR, DEV, Home, KEY_FILE, PROFILES, findings, set_mode};

/// The findings with `--fix`, and the exit code.
fn fix(home: &Home) -> (Vec<Value>, i32) {
    let command = ["--offline", "--json", "--fix"];
    findings(&home.command(&command, &[]).output().unwrap())
}

fn fixed(findings: &[Value]) -> Vec<&str> {
    let fixed = findings.iter().filter(|it| it["fixed"].is_string());
    fixed.map(|it| it["check"].as_str().unwrap()).collect()
}

#[test]
fn a_moved_program_is_found_again_with_all_else_kept_and_twice_is_nothing() {
    let before = "{\n  // mine\n  \"mcpServers\": {\n    \"other\": {\"command\": \"/none/other\"},\n    \
                  \"clerk\": {\n      \"command\": \"/none/clerk-mcp\",\n      \"args\": [\"--sandbox\"],\n      \
                  \"disabled\": true\n    }\n  }\n}\n";
    let home = Home::new(&[(CURSOR, before)]);
    let (first, code) = fix(&home);
    assert_eq!((fixed(&first), code), (vec!["client.cursor.command"], 0), "{first:#?}");
    let after = fs::read_to_string(home.path(CURSOR)).unwrap();
    for kept in ["// mine", "/none/other", "--sandbox", "\"disabled\": true"] {
        assert!(after.contains(kept), "{after}");
    }
    assert!(!after.contains("/none/clerk-mcp") && after.contains("clerk-mcp\""), "{after}");
    let backup = home.path(".cursor/mcp.json.clerk-mcp-backup");
    assert_eq!(fs::read_to_string(&backup).unwrap(), before);
    let (second, code) = fix(&home);
    assert_eq!((fixed(&second), code), (Vec::new(), 0), "{second:#?}");
    assert_eq!(fs::read_to_string(home.path(CURSOR)).unwrap(), after);
    assert_eq!(fs::read_to_string(&backup).unwrap(), before);
}

#[test]
fn an_entry_in_each_format_gets_the_program_and_keeps_its_key() {
    let cases = [
        (
            ".codex/config.toml",
            "[mcp_servers.clerk]\ncommand = \"/none/clerk-mcp\"\nargs = [\"--read-only\"]\nenv = { CLERK_SECRET_KEY = \"{key}\" }\n",
        ),
        (
            ".config/goose/config.yaml",
            "extensions:\n  clerk:\n    enabled: false\n    type: stdio\n    cmd: /none/clerk-mcp\n    args: [--read-only]\n    envs:\n      CLERK_SECRET_KEY: {key}\n",
        ),
        (
            ".config/opencode/opencode.json",
            "{\"mcp\": {\"clerk\": {\"type\": \"local\", \"command\": [\"/none/clerk-mcp\", \"--read-only\"], \"environment\": {\"CLERK_SECRET_KEY\": \"{key}\"}}}}",
        ),
    ];
    for (path, text) in cases {
        let home = Home::new(&[(path, text)]);
        let (findings, code) = fix(&home);
        assert_eq!((fixed(&findings).len(), code), (1, 0), "{path} {findings:#?}");
        let after = fs::read_to_string(home.path(path)).unwrap();
        assert!(after.contains(&home.filled("{key}")) && after.contains("--read-only"), "{after}");
        assert!(!after.contains("enabled: true") && !after.contains("/none/"), "{after}");
    }
}

#[cfg(unix)]
#[test]
fn modes_are_narrowed_and_missing_folders_created() {
    let profiles = format!("{DEV}audit = \"logs/audit.jsonl\"\n");
    let entry = r#"{"mcpServers": {"clerk": {"command": "{program}", "env": {"CLERK_SECRET_KEY": "{key}"}}}}"#;
    let home = Home::new(&[(CURSOR, entry), (PROFILES, &profiles), (KEY_FILE, "{key}")]);
    set_mode(&home.path(CURSOR), 0o664);
    set_mode(&home.path(KEY_FILE), 0o644);
    let before = fs::read_to_string(home.path(CURSOR)).unwrap();
    let (first, code) = fix(&home);
    let expected = vec!["client.cursor.mode", "profile.dev.mode", "file.audit"];
    assert_eq!((fixed(&first), code), (expected, 0), "{first:#?}");
    for path in [CURSOR, KEY_FILE] {
        assert_eq!(super::mode(&home.path(path)), 0o600, "{path}");
    }
    assert_eq!(super::mode(&home.path(".config/clerk-mcp/logs")), 0o700);
    assert_eq!(fs::read_to_string(home.path(CURSOR)).unwrap(), before);
    let (second, _) = fix(&home);
    assert_eq!(fixed(&second), Vec::<&str>::new());
}

#[test]
fn a_projects_file_and_what_is_not_safe_stay_as_they_are() {
    let entry =
        r#"{"mcpServers": {"clerk": {"command": "/none/clerk-mcp", "args": ["--sandbox"]}}}"#;
    let cases = [
        ("project/.cursor/mcp.json", entry),
        (
            CURSOR,
            r#"{"mcpServers": {"clerk": {"command": "/none/npx", "args": ["clerk-mcp", "--sandbox"]}}}"#,
        ),
        (CURSOR, "{\"mcpServers\": {"),
        (PROFILES, "[profiles.dev\n"),
    ];
    for (path, text) in cases {
        let home = Home::new(&[(path, text)]);
        let (findings, code) = fix(&home);
        assert_eq!((fixed(&findings), code), (Vec::new(), 1), "{path} {findings:#?}");
        assert_eq!(fs::read_to_string(home.path(path)).unwrap(), text);
    }
}
