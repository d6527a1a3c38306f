//! Every error that stops the start: it names the variable or the option, says what is wrong and
//! what would be right, and exits with 2 if one of those is wrong, with 1 if the system refuses.

use std::{
    fs,
    io::Read,
    net::TcpListener,
    process::{Command, Stdio},
};

use crate::support::KEY;

const SECRET: &str = "whsec_b25lIHNlY3JldCBvZiB0d28=";

/// A command line, variables, and the parts of what is said: what is wrong with what, and the
/// remedy.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

fn check(code: i32, cases: &[Case<'_>]) {
    for (line, variables, parts) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CLERK_")) {
            command.env_remove(name);
        }
        command.args(line.split_whitespace()).envs(variables.iter().copied());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let output = child.spawn().unwrap().wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        for part in *parts {
            assert!(error.contains(part), "{line} {variables:?} lacks {part:?}: {error}");
        }
        assert_eq!(output.status.code(), Some(code), "{line} {variables:?}: {error}");
    }
}

#[test]
fn a_mistake_on_the_command_line_is_named_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.db");
    fs::write(&events, "").unwrap();
    let replay = format!("events replay --to http://127.0.0.1:1 --events {}", events.display());
    check(
        2,
        &[
            ("--readonly", &[], &["'--readonly'", "'--read-only'", "--help"]),
            ("tool", &[], &["'tool'", "'tools'"]),
            ("audit", &[], &["Usage: clerk-mcp audit", "verify"]),
            ("call", &[], &["<TOOL>", "Usage: clerk-mcp call"]),
            ("call a b c", &[], &["'c'", "Usage: clerk-mcp call"]),
            ("completions tcsh", &[], &["'tcsh'", "<SHELL>", "bash, elvish, fish"]),
            ("--timeout", &[], &["--timeout needs a value; write it as `--timeout SECONDS`"]),
            ("--read-only=yes", &[], &["--read-only takes no value; write it as `--read-only`"]),
            ("--log info --log off", &[], &["--log is given more than once; give it once"]),
            (
                "audit verify log --timeout 3",
                &[],
                &["--timeout isn't an option of `clerk-mcp audit verify`", "remove it"],
            ),
            (
                "call x sk_test_abc",
                &[],
                &["a Clerk key is on the command line", "Set CLERK_SECRET_KEY instead"],
            ),
            ("call clerk_get_usr {} --sandbox", &[], &["`clerk_get_usr`", "`clerk_get_user`?"]),
            ("call x {} --sandbox", &[], &["unknown tool `x`", "`clerk-mcp tools` lists"]),
            ("call clerk_get_user [] --sandbox", &[], &["ARGUMENTS", "such as '{\"limit\": 3}'"]),
            ("policy explain x --sandbox", &[], &["unknown tool `x`"]),
            ("policy explain clerk_get_user --sandbox", &[], &["userId"]),
            ("events tail", &[], &["--events", "CLERK_MCP_EVENTS", "such as --events FILE"]),
            (&replay, &[], &["CLERK_WEBHOOK_SIGNING_SECRET is not set", "such as whsec_…"]),
            (
                "sandbox --webhook-url http://127.0.0.1:1",
                &[],
                &["--webhook-url needs", "set CLERK_WEBHOOK_SIGNING_SECRET, such as whsec_…"],
            ),
            (
                "http --listen 127.0.0.1:0 --webhooks-listen 127.0.0.1:0 --sandbox",
                &[],
                &["--webhooks-listen needs", "set CLERK_WEBHOOK_SIGNING_SECRET, such as whsec_…"],
            ),
            (
                "http --listen 0.0.0.0:0",
                &[],
                &["--listen 0.0.0.0:0 can be reached", "CLERK_MCP_HTTP_TOKEN", "127.0.0.1"],
            ),
            (
                "http",
                &[("CLERK_MCP_LISTEN", "0.0.0.0:0")],
                &["CLERK_MCP_LISTEN 0.0.0.0:0 can be reached", "CLERK_MCP_HTTP_TOKEN"],
            ),
        ],
    );
}

/// The same text for an option and for its variable.
#[test]
fn a_value_that_is_wrong_is_named_with_what_would_be_right() {
    let number = "it must be a whole number";
    let cases: [(&str, &str, &str, &str); 28] = [
        ("--api-url", "CLERK_API_URL", "api.clerk.com", "such as https://api.clerk.com"),
        ("--api-url", "CLERK_API_URL", "http://a.example", "use https"),
        ("--api-url", "CLERK_API_URL", "ftp://a.example", "such as https://api.clerk.com"),
        ("--api-url", "CLERK_API_URL", "https://a.example?b", "no query and no fragment"),
        ("--api-version", "CLERK_MCP_API_VERSION", "newest", "a date such as 2026-05-12"),
        ("--timeout", "CLERK_MCP_TIMEOUT", "31", "from 1 to 30, such as 10"),
        ("--timeout", "CLERK_MCP_TIMEOUT", "ten", "from 1 to 30, such as 10"),
        ("--rate-limit", "CLERK_MCP_RATE_LIMIT", "100001", "from 0 to 100000, such as 50"),
        ("--toolsets", "CLERK_MCP_TOOLSETS", "user", "did you mean `users`?"),
        ("--tools", "CLERK_MCP_TOOLS", "clerk_get_usr", "did you mean `clerk_get_user`?"),
        ("--exclude-tools", "CLERK_MCP_EXCLUDE_TOOLS", "users", "name its tools"),
        ("--confirm", "CLERK_MCP_CONFIRM", "always", "one of auto, ask, plan, never"),
        ("--max-destructive", "CLERK_MCP_MAX_DESTRUCTIVE", "5/day", "such as 5 or 5/hour"),
        ("--max-answer-tokens", "CLERK_MCP_MAX_ANSWER_TOKENS", "1", "at least 200, such as 20000"),
        ("--event-retention", "CLERK_MCP_EVENT_RETENTION", "0", "from 1 to 3650, such as 30"),
        ("--webhook-url", "CLERK_MCP_WEBHOOK_URL", "x", "such as http://127.0.0.1:3000/webhooks"),
        ("--users", "CLERK_MCP_USERS", "1000001", "from 0 to 1000000, such as 25"),
        ("--seed", "CLERK_MCP_SEED", "-1", number),
        ("--fault", "CLERK_MCP_FAULT", "777", "`777` is none of"),
        ("--log", "CLERK_MCP_LOG", "loud", "such as debug,json"),
        ("--listen", "CLERK_MCP_LISTEN", "localhost:1", "such as 127.0.0.1:7331"),
        ("--webhooks-listen", "CLERK_MCP_WEBHOOKS_LISTEN", "7333", "such as 127.0.0.1:7331"),
        ("--allow-origin", "CLERK_MCP_ALLOW_ORIGIN", "app", "such as https://app.example"),
        ("--max-sessions", "CLERK_MCP_MAX_SESSIONS", "many", "such as 1000"),
        ("--max-requests", "CLERK_MCP_MAX_REQUESTS", "1e3", "such as 256"),
        ("--allow-host", "CLERK_MCP_ALLOW_HOST", "${HOST}", "put the value itself there"),
        ("--upload-folder", "CLERK_MCP_UPLOAD_FOLDER", "Cargo.toml", "give the path of a folder"),
        ("--export-folder", "CLERK_MCP_EXPORT_FOLDER", "Cargo.toml", "give the path of a folder"),
    ];
    for (option, variable, value, remedy) in cases {
        check(2, &[(&format!("http {option}={value}"), &[], &[option, remedy])]);
        check(2, &[("http", &[(variable, value)], &[variable, remedy])]);
    }
    for switch in ["SANDBOX", "READ_ONLY", "ALLOW_WRITES", "KEY_FROM_HEADER"] {
        let variable = format!("CLERK_MCP_{switch}");
        check(2, &[("http", &[(&variable, "maybe")], &[&variable, "it must be true or false"])]);
    }
    let time = "such as 2026-11-23T09:00:00Z";
    check(
        2,
        &[
            ("audit show log --from today", &[], &["--from", "`today`", time]),
            ("events replay --to http://127.0.0.1:1 --since now", &[], &["--since", "`now`", time]),
            ("events replay --to http://127.0.0.1:1 --until now", &[], &["--until", "`now`", time]),
            ("events replay --to https://a.example", &[], &["--to", "on this machine"]),
            ("events tail -n many", &[], &["--last", "`many`", number]),
            ("audit tail log -n many", &[], &["--lines", "`many`", number]),
            ("sandbox --listen 1", &[], &["--listen", "`1`", "such as 127.0.0.1:7331"]),
            (
                "tools",
                &[("CLERK_MCP_READONLY", "1")],
                &["CLERK_MCP_READONLY is unknown", "did you mean CLERK_MCP_READ_ONLY?"],
            ),
        ],
    );
}

#[test]
fn a_secret_that_is_wrong_is_named_with_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "sk_test_TheOtherOfTwoKeys").unwrap();
    let key = key.to_str().unwrap();
    check(
        2,
        &[
            (
                "tools",
                &[("CLERK_SECRET_KEY", "pk_live_abc")],
                &["CLERK_SECRET_KEY: a publishable key", "Clerk Dashboard, such as sk_test_…"],
            ),
            (
                "tools",
                &[("CLERK_SECRET_KEY", "key")],
                &["CLERK_SECRET_KEY: ", "begins with sk_test_ or sk_live_", "Clerk Dashboard"],
            ),
            (
                "tools",
                &[("CLERK_SECRET_KEY", "")],
                &["CLERK_SECRET_KEY is empty", "give it a value, or remove it"],
            ),
            (
                "tools",
                &[("CLERK_SECRET_KEY", KEY), ("CLERK_SECRET_KEY_FILE", key)],
                &["CLERK_SECRET_KEY and CLERK_SECRET_KEY_FILE are both set", "remove one of them"],
            ),
            (
                "tools",
                &[("CLERK_SECRET_KEY_FILE", "/nowhere/key")],
                &["CLERK_SECRET_KEY_FILE: /nowhere/key can't be read", "check its path"],
            ),
            (
                "http",
                &[("CLERK_MCP_HTTP_TOKEN", "short")],
                &["CLERK_MCP_HTTP_TOKEN must have at least 16", "`openssl rand -hex 32`"],
            ),
            (
                "http",
                &[("CLERK_MCP_HTTP_TOKEN", "two words of a token")],
                &["CLERK_MCP_HTTP_TOKEN has white space", "remove it"],
            ),
            (
                "http",
                &[("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_short")],
                &["CLERK_WEBHOOK_SIGNING_SECRET is ", "Clerk Dashboard, such as whsec_…"],
            ),
        ],
    );
}

#[test]
fn a_file_that_is_wrong_is_named_with_its_option_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let policy = write("policy.toml", "defualt = 'allow'\n");
    let json = write("openapi.json", "{}");
    let yaml = write("openapi.yml", "a: [");
    let none = "/nowhere/file";
    let signing: &[_] = &[("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)];
    let remedy = format!("correct the policy, then run `clerk-mcp policy check {policy}`");
    let with = |line: &str, file: &str| line.replace("FILE", file);
    check(
        2,
        &[
            (
                &with("tools --policy FILE", none),
                &[],
                &["--policy: /nowhere/file can't be read", "check its path"],
            ),
            (
                &with("tools --policy FILE", &policy),
                &[],
                &[&format!("{policy}: line 1: "), "did you mean `default`", "--policy: ", &remedy],
            ),
            ("tools", &[("CLERK_MCP_POLICY", &policy)], &["CLERK_MCP_POLICY: ", &remedy]),
            (&with("policy check FILE", &policy), &[], &["FILE: ", &remedy]),
            ("policy check src", &[], &["FILE: src is a folder", "give the path of a file"]),
            (
                &with("tools --check-openapi FILE", none),
                &[],
                &["--check-openapi: /nowhere/file can't be read", "check its path"],
            ),
            (
                &with("tools --check-openapi FILE", &json),
                &[],
                &["--check-openapi: ", "isn't an OpenAPI file", "give one of Clerk's"],
            ),
            (
                &with("tools --check-openapi FILE", &yaml),
                &[],
                &["--check-openapi: ", "isn't YAML or JSON: "],
            ),
            (
                &with("audit verify FILE", none),
                &[],
                &["FILE /nowhere/file can't be read", "give the file that a server's --audit"],
            ),
            (
                &with("events tail --events FILE", none),
                &[],
                &["--events: there is no file /nowhere/file", "such as --events ~/clerk-events.db"],
            ),
            (
                &with("events tail --type a%b --events FILE", &write("events.db", "")),
                &[],
                &["--type must be types such as user.created"],
            ),
            (
                &with("events verify --body Cargo.toml --headers FILE", none),
                signing,
                &["--headers: /nowhere/file can't be read", "check its path"],
            ),
            (
                &with("events verify --headers Cargo.toml --body FILE", none),
                signing,
                &["--body: /nowhere/file can't be read", "check its path"],
            ),
        ],
    );
}

#[test]
fn what_the_system_refuses_is_named_with_its_option_and_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let locked = folder.path().join("locked.db");
    let database = rusqlite::Connection::open(&locked).unwrap();
    database.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;").unwrap();
    let locked = locked.to_str().unwrap();
    let foreign = folder.path().join("foreign.db");
    let other = rusqlite::Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE t (c INTEGER);").unwrap();
    let foreign = foreign.to_str().unwrap();
    let with = |line: &str, value: &str| line.replace("VALUE", value);
    let in_use = format!("{taken} is in use by another program");
    check(
        1,
        &[
            (
                &with("http --sandbox --listen VALUE", &taken),
                &[],
                &["--listen ", &in_use, "choose another port, such as 127.0.0.1:7400"],
            ),
            (
                "http --sandbox",
                &[("CLERK_MCP_LISTEN", &taken)],
                &["CLERK_MCP_LISTEN ", &in_use, "choose another port"],
            ),
            (
                &with("http --sandbox --listen 127.0.0.1:0 --webhooks-listen VALUE", &taken),
                &[("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)],
                &["--webhooks-listen ", &in_use, "choose another port"],
            ),
            (&with("sandbox --listen VALUE", &taken), &[], &["--listen ", &in_use]),
            (
                "sandbox --listen 192.0.2.1:7332",
                &[],
                &["--listen 192.0.2.1:7332 isn't an address of this machine", "such as 127.0.0.1"],
            ),
            (
                &with("tools --events VALUE", locked),
                &[],
                &["--events: ", locked, "locked", "name another file, such as ~/clerk-events.db"],
            ),
            (
                &with("tools --journal VALUE", foreign),
                &[],
                &["--journal: ", foreign, "the file holds something else", "name another file"],
            ),
            (
                "tools",
                &[("CLERK_MCP_JOURNAL", "/nowhere/changes.db")],
                &["CLERK_MCP_JOURNAL: ", "/nowhere/changes.db", "or `off`"],
            ),
            (
                "tools",
                &[("CLERK_MCP_EVENTS", foreign)],
                &["CLERK_MCP_EVENTS: ", foreign, "name another file"],
            ),
            (
                "tools --events /nowhere/events.db",
                &[],
                &["--events: ", "/nowhere/events.db", "name another file"],
            ),
            ("man /nowhere/folder", &[], &["FOLDER /nowhere/folder", "a folder that exists"]),
        ],
    );
}

#[test]
fn standard_output_that_is_closed_is_named() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(["tools", "--sandbox"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    let code = child.wait().unwrap().code();
    assert!(error.contains("standard output can't be written to") && code == Some(1), "{error}");
}
