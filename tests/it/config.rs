//! Variables and options: what nobody means as a value stops the start, by the name of what holds it.

use std::{fs, path::Path, process::Stdio};

use futures::future::join_all;
use tokio::process::Command;

use crate::support::{KEY, PATIENCE};

/// A list, whose parts may have white space around them.
const LISTS: [&str; 6] =
    ["OAUTH_ALLOW", "TOOLSETS", "TOOLS", "EXCLUDE_TOOLS", "ALLOW_HOST", "ALLOW_ORIGIN"];

/// A row of the tables of options and variables in docs/configuration.md.
struct Row {
    /// `--timeout`; "" for a secret.
    option: String,
    takes_value: bool,
    variable: String,
}

/// Their unit test holds that the tables are complete.
fn rows() -> Vec<Row> {
    let tables = fs::read_to_string("docs/configuration.md").unwrap();
    let mut rows = Vec::new();
    for line in tables.lines() {
        let cells: Vec<&str> = line.split('`').collect();
        match cells[..] {
            ["| ", option, " | ", variable, ..] if option.starts_with("--") => {
                let (option, value) = option.split_once(' ').unwrap_or((option, ""));
                let takes_value = !value.is_empty();
                rows.push(Row { option: option.into(), takes_value, variable: variable.into() });
            }
            ["| ", variable, ", ", file, ..] if file.ends_with("_FILE") => {
                for variable in [variable, file] {
                    let (option, variable) = (String::new(), variable.to_owned());
                    rows.push(Row { option, takes_value: false, variable });
                }
            }
            _ => {}
        }
    }
    assert!(rows.len() > 35, "{}", rows.len());
    rows
}

/// What the program prints to standard error, and how it exits; it must not keep running.
async fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(arguments);
    for row in rows() {
        command.env_remove(row.variable);
    }
    command.envs(variables.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output());
    let output = output.await.unwrap_or_else(|_| panic!("it runs: {arguments:?} {variables:?}"));
    let output = output.unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let said = ["error: ", "clerk-mcp: "].iter().find_map(|start| error.strip_prefix(start));
    (said.unwrap_or(&error).to_owned(), output.status.code())
}

/// The command that reads all of them.
fn http(option: &str) -> Vec<&'static str> {
    if option == "--listen" { vec!["http"] } else { vec!["http", "--listen", "127.0.0.1:0"] }
}

fn flaws() -> [(&'static str, &'static str); 9] {
    [
        ("", "is empty"),
        ("${CLERK_VALUE}", "placeholder"),
        ("$CLERK_VALUE", "placeholder"),
        ("%CLERK_VALUE%", "placeholder"),
        ("<your value>", "placeholder"),
        ("\"value\"", "quotation marks"),
        ("'value'", "quotation marks"),
        (" value ", "white space"),
        ("val\u{200b}ue", "invisible character (U+200B)"),
    ]
}

#[tokio::test]
async fn every_variable_is_named_with_what_is_wrong_with_its_value() {
    for row in &rows() {
        let is_list = LISTS.iter().any(|list| row.variable == format!("CLERK_MCP_{list}"));
        let flaws = flaws().into_iter().filter(|(_, said)| !is_list || *said != "white space");
        join_all(flaws.map(async |(value, said)| {
            let variables = [(row.variable.as_str(), value)];
            let (error, code) = refused(&http(&row.option), &variables).await;
            assert!(error.starts_with(&row.variable), "{value:?}: {error}");
            assert!(error.contains(said), "{} {value:?}: {error}", row.variable);
            assert_eq!(code, Some(2), "{error}");
        }))
        .await;
    }
}

#[tokio::test]
async fn every_option_is_named_with_what_is_wrong_with_its_value() {
    for row in rows().iter().filter(|row| row.takes_value) {
        let is_list = LISTS.iter().any(|list| row.variable == format!("CLERK_MCP_{list}"));
        // The same code reads variables, which are tried with all flaws.
        let flaws = flaws().into_iter().step_by(3);
        let flaws = flaws.filter(|(_, said)| !is_list || *said != "white space");
        join_all(flaws.map(async |(value, said)| {
            let option = format!("{}={value}", row.option);
            let arguments = [http(&row.option), vec![&option]].concat();
            let (error, code) = refused(&arguments, &[]).await;
            assert!(error.starts_with(&row.option) && error.contains(said), "{option}: {error}");
            assert_eq!(code, Some(2), "{error}");
        }))
        .await;
    }
}

/// A value of another kind than the one asked for, and what is said of it.
#[tokio::test]
async fn a_value_of_the_wrong_kind_is_named_by_its_variable() {
    let cases = [
        ("CLERK_MCP_SANDBOX", "maybe", "it must be true or false"),
        ("CLERK_MCP_READ_ONLY", "enabled", "it must be true or false"),
        ("CLERK_MCP_ALLOW_WRITES", "disabled", "it must be true or false"),
        ("CLERK_MCP_KEY_FROM_HEADER", "2", "it must be true or false"),
        ("CLERK_MCP_CONFIRM", "always", "it must be one of auto, ask, plan, never"),
        ("CLERK_MCP_MAX_DESTRUCTIVE", "5/day", "it must be a number"),
        ("CLERK_MCP_RATE_LIMIT", "100001", "from 0 to 100000"),
        ("CLERK_MCP_MAX_ANSWER_TOKENS", "1", "a whole number of at least 200"),
        ("CLERK_MCP_TIMEOUT", "31", "from 1 to 30"),
        ("CLERK_MCP_TIMEOUT", "ten", "from 1 to 30"),
        ("CLERK_MCP_EVENT_RETENTION", "0", "from 1 to 3650"),
        ("CLERK_MCP_USERS", "1000001", "from 0 to 1000000"),
        ("CLERK_MCP_SEED", "-1", "whole number"),
        ("CLERK_MCP_FAULT", "777", "777"),
        ("CLERK_MCP_MAX_SESSIONS", "many", "whole number"),
        ("CLERK_MCP_MAX_REQUESTS", "1e3", "whole number"),
        ("CLERK_MCP_API_VERSION", "newest", "a date such as 2026-05-12"),
        ("CLERK_API_URL", "api.clerk.com", "relative URL"),
        ("CLERK_API_URL", "http://api.clerk.com", "use https"),
        ("CLERK_MCP_WEBHOOK_URL", "https://example.com", "on this machine"),
        ("CLERK_MCP_LISTEN", "localhost:7331", "such as 127.0.0.1:7331"),
        ("CLERK_MCP_WEBHOOKS_LISTEN", "7333", "such as 127.0.0.1:7331"),
        ("CLERK_MCP_LOG", "loud", "none of off, error"),
        ("CLERK_MCP_TOOLSETS", "user", "did you mean `users`?"),
        ("CLERK_MCP_TOOLSETS", "users,", "is empty"),
        ("CLERK_MCP_TOOLSETS", "clerk_get_user", "give --tools clerk_get_user"),
        ("CLERK_MCP_TOOLS", "users", "give --toolsets users"),
        ("CLERK_MCP_TOOLS", "clerk_get_usr", "did you mean `clerk_get_user`?"),
        ("CLERK_MCP_EXCLUDE_TOOLS", "search", "name its tools, clerk_find_users"),
        ("CLERK_MCP_POLICY", "~ada/policy.toml", "only ~/ stands for a home folder"),
        ("CLERK_MCP_UPLOAD_FOLDER", "Cargo.toml", "isn't a folder"),
        ("CLERK_SECRET_KEY", "pk_live_abc", "a publishable key"),
        ("CLERK_SECRET_KEY", "whsec_abc", "begins with sk_test_ or sk_live_"),
        ("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_short", "base64 after whsec_"),
        ("CLERK_MCP_HTTP_TOKEN", "short", "at least 16 characters"),
        ("CLERK_MCP_HTTP_TOKEN", "two words of a token", "white space"),
    ];
    join_all(cases.map(async |(variable, value, said)| {
        let option = if variable == "CLERK_MCP_LISTEN" { "--listen" } else { "" };
        let (error, code) = refused(&http(option), &[(variable, value)]).await;
        assert!(error.starts_with(variable) && error.contains(said), "{variable}: {error}");
        assert_eq!(code, Some(2), "{error}");
        let is_secret = rows().iter().any(|row| row.variable == variable && row.option.is_empty());
        assert!(!is_secret || !error.contains(value), "{variable} is shown: {error}");
    }))
    .await;
    // A key in another variable isn't shown either.
    let (error, _) = refused(&["tools"], &[("CLERK_MCP_TOOLS", KEY)]).await;
    assert!(error.starts_with("CLERK_MCP_TOOLS") && !error.contains(KEY), "{error}");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_by_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let utf16: Vec<u8> = "\u{feff}sk_test_abc".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases = [
        (folder.path().join("none").to_str().unwrap().to_owned(), "can't be read"),
        (folder.path().to_str().unwrap().to_owned(), "is a folder"),
        (file("utf16", &utf16), "is UTF-16 text; save it as UTF-8"),
        (file("latin1", b"k\xe9y"), "isn't UTF-8 text"),
    ];
    let of_secrets = [
        (file("empty", b"\xef\xbb\xbf \n"), "is empty"),
        (file("placeholder", b"${KEY}\n"), "placeholder"),
        (file("quoted", b"\"sk_test_abcdefghijkl\"\n"), "quotation marks"),
    ];
    for row in rows() {
        let variable = row.variable.as_str();
        let is_secret = variable.ends_with("_FILE");
        let cases = match variable {
            _ if is_secret => [&cases[..], &of_secrets].concat(),
            "CLERK_MCP_POLICY" => cases.to_vec(),
            _ => continue,
        };
        for (path, said) in cases {
            let arguments = [http(""), vec!["--log", "off"]].concat();
            let (error, code) = refused(&arguments, &[(variable, &path)]).await;
            assert!(error.starts_with(variable) && error.contains(said), "{variable}: {error}");
            assert!(error.contains(&path) && code == Some(2), "{error}");
        }
    }
    // What people most often do to a file without seeing it.
    let good = file("key", format!("\u{feff}{KEY}\r\n").as_bytes());
    let (error, code) = refused(&["tools"], &[("CLERK_SECRET_KEY_FILE", &good)]).await;
    assert_eq!((error.as_str(), code), ("", Some(0)));
}

#[tokio::test]
async fn two_variables_with_different_secrets_stop_the_start_and_none_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let path = path.to_str().unwrap();
    let (live, test) = ("sk_live_OneOfTwoKeys", "sk_test_TheOtherOfTwoKeys");
    for (variable, one, other) in [
        ("CLERK_SECRET_KEY", live, test),
        ("CLERK_SECRET_KEY", test, live),
        ("CLERK_MCP_HTTP_TOKEN", "one-token-of-two-there-are", "the-other-token-there-is"),
        (
            "CLERK_WEBHOOK_SIGNING_SECRET",
            "whsec_b25lIHNlY3JldCBvZiB0d28=",
            "whsec_dGhlIG90aGVyIG9mIHR3bw==",
        ),
    ] {
        fs::write(path, format!("{other}\n")).unwrap();
        let file = format!("{variable}_FILE");
        let both = [(variable, one), (&file, path)];
        let (error, code) = refused(&http(""), &both).await;
        let names = format!("{variable} and {file} are both set");
        assert!(error.starts_with(&names) && code == Some(2), "{error}");
        assert!(!error.contains(one) && !error.contains(other), "{error}");
    }
    // The same secret twice is one.
    fs::write(path, format!("{KEY}\n")).unwrap();
    let both = [("CLERK_SECRET_KEY", KEY), ("CLERK_SECRET_KEY_FILE", path)];
    assert_eq!(refused(&["tools"], &both).await.1, Some(0));
}

#[tokio::test]
async fn a_secret_that_a_command_does_not_use_does_not_stop_it() {
    let wrong = [
        ("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_short"),
        ("CLERK_MCP_HTTP_TOKEN", ""),
        ("CLERK_SECRET_KEY", ""),
    ];
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, "default = 'allow'\n").unwrap();
    // Standard input is at its end, so a server on stdio ends at once.
    for (arguments, variables) in [
        (&["--log", "off"][..], &wrong[..2]),
        (&["tools"], &wrong[..2]),
        (&["--sandbox", "--log", "off"], &wrong),
        (&["call", "clerk_list_users", "--sandbox"], &wrong),
        (&["policy", "check", policy.to_str().unwrap()], &wrong),
    ] {
        let (error, code) = refused(arguments, variables).await;
        assert!(code == Some(0) || error.contains("initialize"), "{arguments:?}: {error}");
        assert!(!error.contains("CLERK_"), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn the_home_folder_stands_for_a_tilde_in_each_path() {
    let home = tempfile::tempdir().unwrap();
    let inside = |name: &str| Path::join(home.path(), name);
    fs::write(inside("key"), KEY).unwrap();
    fs::write(inside("policy.toml"), "default = 'allow'\n").unwrap();
    let home = home.path().to_str().unwrap();
    let variables = [
        ("HOME", home),
        ("USERPROFILE", home),
        ("CLERK_SECRET_KEY_FILE", "~/key"),
        ("CLERK_MCP_POLICY", "~/policy.toml"),
        ("CLERK_MCP_UPLOAD_FOLDER", "~"),
        ("CLERK_MCP_EVENTS", "~/events.db"),
        ("CLERK_MCP_AUDIT", "~/audit.jsonl"),
        ("CLERK_MCP_JOURNAL", "~/changes.db"),
    ];
    let (error, code) = refused(&["tools"], &variables).await;
    assert_eq!((error.as_str(), code), ("", Some(0)));
    assert!(["events.db", "audit.jsonl", "changes.db"].iter().all(|name| inside(name).exists()));
}
