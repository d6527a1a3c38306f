//! Broken set-ups, each with the finding that is expected.

use serde_json::Value;

use super::{CURSOR, DEV, ENTRY, Home, KEY_FILE, PROFILES, set_mode};

/// A set-up, and the finding: its check, its severity, and a part of the remedy.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// Modes other than 0600.
    modes: &'static [(&'static str, u32)],
    variables: &'static [(&'static str, &'static str)],
    finds: (&'static str, &'static str, &'static str),
}

const fn case(
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    finds: (&'static str, &'static str, &'static str),
) -> Case {
    Case { name, files, modes: &[], variables: &[], finds }
}

const fn with_variables(
    name: &'static str,
    variables: &'static [(&'static str, &'static str)],
    finds: (&'static str, &'static str, &'static str),
) -> Case {
    Case { name, files: &[], modes: &[], variables, finds }
}

/// An entry of Cursor's, by its fields.
macro_rules! cursor {
    ($entry:literal) => {
        (CURSOR, concat!(r#"{"mcpServers": {"clerk": {"#, $entry, "}}}"))
    };
}

const CASES: &[Case] = &[
    case(
        "broken JSON",
        &[(CURSOR, "{\"mcpServers\": {\n  \"clerk\": \n}}")],
        ("client.cursor.file", "error", "correct line 3"),
    ),
    case(
        "broken TOML",
        &[(".codex/config.toml", "[mcp_servers.clerk\n")],
        ("client.codex.file", "error", "correct line 1"),
    ),
    case(
        "broken YAML",
        &[(".config/goose/config.yaml", "extensions:\n  clerk: [\n")],
        ("client.goose.file", "error", "correct line"),
    ),
    case(
        "a comment in strict JSON",
        &[(".config/Claude/claude_desktop_config.json", "{\n// mine\n}")],
        ("client.claude-desktop.file", "error", "correct line 2"),
    ),
    case(
        "a missing program",
        &[cursor!(r#""command": "{home}/none/clerk-mcp""#)],
        ("client.cursor.command", "error", "run `clerk-mcp init --client cursor`"),
    ),
    case(
        "a folder as the program",
        &[cursor!(r#""command": "{home}/bin/clerk-mcp""#), ("bin/clerk-mcp/x", "")],
        ("client.cursor.command", "error", "make the file executable"),
    ),
    case(
        "a relative program",
        &[cursor!(r#""command": "./target/clerk-mcp""#)],
        ("client.cursor.command", "error", "absolute path"),
    ),
    Case {
        variables: &[("PATH", "{home}")],
        ..case(
            "a name that isn't on PATH",
            &[cursor!(r#""command": "clerk-mcp""#)],
            ("client.cursor.command", "error", "absolute path"),
        )
    },
    Case {
        variables: &[("PATH", "{home}/bin")],
        ..case(
            "a name on a PATH that a graphical client lacks",
            &[
                cursor!(r#""command": "npx", "args": ["-y", "clerk-mcp", "--sandbox"]"#),
                ("bin/npx", ""),
            ],
            ("client.cursor.runner", "note", "/bin/npx"),
        )
    },
    Case {
        variables: &[("PATH", "{home}")],
        ..case(
            "no package runner",
            &[cursor!(r#""command": "uvx", "args": ["clerk-mcp", "--sandbox"]"#)],
            ("client.cursor.runner", "error", "install uvx"),
        )
    },
    case(
        "arguments in the command",
        &[cursor!(r#""command": "npx -y clerk-mcp""#)],
        ("client.cursor.command", "error", "each argument in `args`"),
    ),
    case(
        "quotation marks in the command",
        &[cursor!(r#""command": "\"{program}\"""#)],
        ("client.cursor.command", "error", "the program alone"),
    ),
    case(
        "a variable that isn't set",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "${env:NOT_SET_HERE}"}"#)],
        ("client.cursor.variables", "warning", "set NOT_SET_HERE where Cursor starts"),
    ),
    case(
        "a variable in another client's spelling",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "${CLERK_SECRET_KEY}"}"#)],
        ("client.cursor.variables", "error", "write a variable as ${env:NAME}"),
    ),
    case(
        "a variable where a client replaces none",
        &[(
            ".config/Claude/claude_desktop_config.json",
            r#"{"mcpServers": {"clerk": {"command": "{program}", "env": {"CLERK_SECRET_KEY": "${KEY}"}}}}"#,
        )],
        ("client.claude-desktop.variables", "error", "it replaces nothing"),
    ),
    case(
        "a placeholder",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "<your key>"}"#)],
        ("client.cursor.variables", "error", "put the value itself there"),
    ),
    case(
        "a doubled sign",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "={key}"}"#)],
        ("client.cursor.variables", "error", "write one `=`"),
    ),
    case(
        "quotation marks",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "'{key}'"}"#)],
        ("client.cursor.variables", "error", "remove them"),
    ),
    case(
        "white space",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "{key} "}"#)],
        ("client.cursor.variables", "error", "remove it"),
    ),
    case(
        "a publishable key",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "pk_test_abc"}"#)],
        ("client.cursor.variables", "error", ""),
    ),
    case(
        "a misspelled variable",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_MCP_READONLY": "true"}"#)],
        ("client.cursor.variables", "error", "did you mean CLERK_MCP_READ_ONLY?"),
    ),
    case(
        "a wrong value",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_MCP_TIMEOUT": "0"}"#)],
        ("client.cursor.variables", "error", ""),
    ),
    case(
        "an unknown option",
        &[cursor!(r#""command": "{program}", "args": ["--readonly", "--sandbox"]"#)],
        ("client.cursor.arguments", "error", ""),
    ),
    case(
        "an unknown option behind a package",
        &[cursor!(r#""command": "npx", "args": ["-y", "clerk-mcp@0.1.0", "--sandbx"]"#)],
        ("client.cursor.arguments", "error", ""),
    ),
    case(
        "an unknown toolset",
        &[cursor!(r#""command": "{program}", "args": ["--toolsets=user"]"#)],
        ("client.cursor.arguments", "error", ""),
    ),
    case(
        "a key as an argument",
        &[cursor!(r#""command": "{program}", "args": ["{key}"]"#)],
        ("client.cursor.arguments", "error", ""),
    ),
    case(
        "another command",
        &[cursor!(r#""command": "{program}", "args": ["http", "--sandbox"]"#)],
        ("client.cursor.arguments", "error", "remove the command"),
    ),
    case(
        "reads only and writes",
        &[cursor!(
            r#""command": "{program}", "args": ["--read-only", "--allow-writes", "--sandbox"]"#
        )],
        ("client.cursor.arguments", "warning", "keep the one"),
    ),
    case(
        "a key in the file",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "{key}"}"#)],
        ("client.cursor.key", "warning", "in a file that only you can read"),
    ),
    case(
        "no key at all",
        &[cursor!(r#""command": "{program}""#)],
        ("client.cursor.key", "warning", "which asks for the key"),
    ),
    case(
        "a file of the key that isn't there",
        &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY_FILE": "{home}/none"}"#)],
        ("client.cursor.key", "error", "write the key into it"),
    ),
    case(
        "a profile that doesn't exist",
        &[
            cursor!(r#""command": "{program}", "args": ["--profile", "prod"]"#),
            (PROFILES, DEV),
            (KEY_FILE, "{key}"),
        ],
        ("client.cursor.profile", "error", "choose one of dev"),
    ),
    case(
        "a profile without a file of profiles",
        &[(CURSOR, ENTRY)],
        ("client.cursor.profile", "error", "clerk-mcp init --profile dev"),
    ),
    case(
        "the same server twice",
        &[(
            CURSOR,
            r#"{"mcpServers": {"a": {"command": "{program}", "args": ["--sandbox"]}, "b": {"command": "npx", "args": ["clerk-mcp", "--sandbox"]}}}"#,
        )],
        ("client.cursor.duplicate", "warning", "remove `b`"),
    ),
    case(
        "an entry in the project's file",
        &[(
            "project/.cursor/mcp.json",
            r#"{"mcpServers": {"clerk": {"command": "/none/clerk-mcp", "args": ["--sandbox"]}}}"#,
        )],
        ("client.cursor.command", "error", "init"),
    ),
    case(
        "mistakes in the file of profiles",
        &[(PROFILES, "[profiles.dev]\nreadonly = true\n")],
        ("profile.file", "error", "correct the line"),
    ),
    case(
        "a profile with a wrong value",
        &[(PROFILES, "[profiles.dev]\ntimeout = 0\n")],
        ("profile.dev.options", "error", ""),
    ),
    case(
        "a profile without a key",
        &[(PROFILES, "[profiles.dev]\nread_only = true\n")],
        ("profile.dev.key", "warning", "add secret_key_file"),
    ),
    case(
        "a profile whose file of the key isn't there",
        &[(PROFILES, DEV)],
        ("profile.dev.key", "error", "check its path"),
    ),
    case(
        "a file without a key",
        &[(PROFILES, DEV), (KEY_FILE, "pk_test_abc")],
        ("profile.dev.key", "error", "copy it from the API keys page"),
    ),
    case(
        "a live key that may write",
        &[
            (PROFILES, "[profiles.dev]\nsecret_key_file = \"keys/dev\"\n"),
            (KEY_FILE, "sk_live_OfTheDoctor"),
        ],
        ("profile.dev.writes", "note", "read_only = true"),
    ),
    case(
        "one key in two profiles",
        &[
            (
                PROFILES,
                "[profiles.a]\nsecret_key_file = \"keys/dev\"\n[profiles.b]\nsecret_key_file = \"keys/dev\"\n",
            ),
            (KEY_FILE, "{key}"),
        ],
        ("profile.b.same_key", "note", "revoked alone"),
    ),
    case(
        "a policy with mistakes",
        &[
            (PROFILES, "[profiles.dev]\nsandbox = true\npolicy = \"p.toml\"\n"),
            (".config/clerk-mcp/p.toml", "[[rule]]\n"),
        ],
        ("file.policy", "error", "correct the line"),
    ),
    case(
        "an audit log that was changed",
        &[
            (PROFILES, "[profiles.dev]\nsandbox = true\naudit = \"a.jsonl\"\n"),
            (".config/clerk-mcp/a.jsonl", "{\"changed\": true}\n"),
        ],
        ("file.audit", "error", "clerk-mcp audit verify"),
    ),
    case(
        "an audit log in a folder that isn't there",
        &[(PROFILES, "[profiles.dev]\nsandbox = true\naudit = \"none/a.jsonl\"\n")],
        ("file.audit", "error", "create it"),
    ),
    case(
        "a journal of changes that is another file",
        &[
            (PROFILES, "[profiles.dev]\nsandbox = true\njournal = \"c.db\"\n"),
            (".config/clerk-mcp/c.db", "a text and no database"),
        ],
        ("file.journal", "error", "name another file"),
    ),
    case(
        "a file of approvals that is another one",
        &[
            (PROFILES, "[profiles.dev]\nsandbox = true\napprovals = \"v.db\"\n"),
            (".config/clerk-mcp/v.db", "a text and no database"),
        ],
        ("file.approvals", "error", "name another file"),
    ),
    case(
        "a policy that demands a second person, without a file for approvals",
        &[
            (PROFILES, "[profiles.dev]\nsandbox = true\npolicy = \"p.toml\"\n"),
            (
                ".config/clerk-mcp/p.toml",
                "[[rules]]\nname = \"all\"\naction = \"allow\"\napproval = \"second-person\"\n",
            ),
        ],
        ("file.approvals", "error", "name a file with --approvals"),
    ),
    case(
        "a file of events that is another one",
        &[
            (PROFILES, "[profiles.dev]\nsandbox = true\nevents = \"e.db\"\n"),
            (".config/clerk-mcp/e.db", "a text and no database"),
        ],
        ("file.events", "error", "name another file"),
    ),
    with_variables(
        "a misspelled variable in the environment",
        &[("CLERK_MCP_READONLY", "true")],
        ("environment", "error", "did you mean CLERK_MCP_READ_ONLY?"),
    ),
    with_variables(
        "a wrong value in the environment",
        &[("CLERK_MCP_TIMEOUT", "soon")],
        ("environment", "error", ""),
    ),
    with_variables(
        "a wrong key in the environment",
        &[("CLERK_SECRET_KEY", "\"{key}\"")],
        ("environment.key", "error", "remove them"),
    ),
    with_variables(
        "no certificates",
        &[("SSL_CERT_FILE", "{home}/none.pem")],
        ("network.certificates", "error", "PEM file"),
    ),
    with_variables(
        "a proxy that isn't one",
        &[("HTTPS_PROXY", "http://")],
        ("network.proxy", "error", "http://proxy.example:8080"),
    ),
    with_variables(
        "a proxy with a password",
        &[("HTTPS_PROXY", "http://ada:{token}@proxy.example:3128")],
        ("network.proxy", "note", ""),
    ),
];

#[cfg(unix)]
const SHARED: &[Case] = &[
    Case {
        modes: &[(CURSOR, 0o644)],
        ..case(
            "a key in a file that others can read",
            &[cursor!(r#""command": "{program}", "env": {"CLERK_SECRET_KEY": "{key}"}"#)],
            ("client.cursor.mode", "error", "chmod 600"),
        )
    },
    Case {
        modes: &[(CURSOR, 0o640)],
        ..case(
            "a token in a file that others can read",
            &[cursor!(
                r#""url": "http://127.0.0.1:7331/mcp", "headers": {"Authorization": "Bearer {token}"}"#
            )],
            ("client.cursor.mode", "error", "chmod 600"),
        )
    },
    Case {
        modes: &[(KEY_FILE, 0o644)],
        ..case(
            "a key of a profile that others can read",
            &[(PROFILES, DEV), (KEY_FILE, "{key}")],
            ("profile.dev.mode", "error", "clerk-mcp doctor --fix"),
        )
    },
    Case {
        modes: &[("key", 0o604)],
        ..case(
            "a key of an entry that others can read",
            &[
                cursor!(
                    r#""command": "{program}", "env": {"CLERK_SECRET_KEY_FILE": "{home}/key"}"#
                ),
                ("key", "{key}"),
            ],
            ("client.cursor.mode", "error", "chmod 600"),
        )
    },
    Case {
        modes: &[("bin/clerk-mcp", 0o644)],
        ..case(
            "a program that can't be executed",
            &[cursor!(r#""command": "{home}/bin/clerk-mcp""#), ("bin/clerk-mcp", "")],
            ("client.cursor.command", "error", "executable"),
        )
    },
];
#[cfg(not(unix))]
const SHARED: &[Case] = &[];

/// The finding that a case expects, among all.
fn found<'a>(findings: &'a [Value], case: &Case) -> Option<&'a Value> {
    let (check, severity, remedy) = case.finds;
    findings.iter().find(|it| {
        let text = it["remedy"].as_str().unwrap_or_default();
        it["check"] == check && it["severity"] == severity && text.contains(remedy)
    })
}

#[test]
fn each_broken_set_up_is_found_with_its_severity_and_a_remedy() {
    for case in CASES.iter().chain(SHARED) {
        let home = Home::new(case.files);
        for (path, mode) in case.modes {
            set_mode(&home.path(path), *mode);
        }
        if cfg!(unix) && case.files.iter().any(|(path, _)| *path == "bin/npx") {
            set_mode(&home.path("bin/npx"), 0o755);
        }
        let (findings, code) = home.look(case.variables);
        assert!(found(&findings, case).is_some(), "{}: {:?} {findings:#?}", case.name, case.finds);
        let has_error = findings.iter().any(|it| it["severity"] == "error");
        assert_eq!(code, i32::from(has_error), "{}", case.name);
        for finding in &findings {
            let is_bad = ["warning", "error"].contains(&finding["severity"].as_str().unwrap());
            assert!(!is_bad || finding["remedy"].is_string(), "{}: {finding}", case.name);
        }
    }
    assert!(CASES.len() >= 20);
}

#[test]
fn text_in_another_encoding_is_named() {
    let home = Home::new(&[]);
    std::fs::create_dir_all(home.path(".cursor")).unwrap();
    std::fs::write(home.path(CURSOR), b"{\"a\": \"\xff\"}").unwrap();
    let (findings, _) = home.look(&[]);
    let finding = findings.iter().find(|it| it["check"] == "client.cursor.file").unwrap();
    assert!(finding["what"].as_str().unwrap().contains("isn't UTF-8 text"), "{finding}");
}
