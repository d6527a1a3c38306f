//! Profiles: named instances in a file, and what comes before what.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Script, Upstream};

/// Keys of three instances.
const FILED: &str = "sk_test_OfTheProfile";
const SET: &str = "sk_test_OfTheEnvironment";
const PRINTED: &str = "sk_test_OfTheCommand";

/// Environment variables with their values.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// Arguments, variables, the value that holds, and where it is from.
type Case<'a> = (&'a [&'a str], Variables<'a>, &'a str, &'a str);

/// A home folder with a file of profiles.
struct Home(TempDir);

impl Home {
    fn new(profiles: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.own()).unwrap();
        fs::write(home.own().join("config.toml"), profiles).unwrap();
        fs::write(home.own().join("key"), format!("{FILED}\n")).unwrap();
        home
    }

    fn own(&self) -> std::path::PathBuf {
        self.0.path().join(".config/clerk-mcp")
    }

    /// Runs the program, and returns what it printed to standard output and to standard error, and
    /// its status.
    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (String, String, i32) {
        read(self.command(arguments, variables).output().unwrap())
    }

    fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        for name in std::env::vars().map(|(name, _)| name).filter(|name| name.contains("CLERK_")) {
            command.env_remove(name);
        }
        let home = self.0.path();
        command.env("HOME", home).env("XDG_CONFIG_HOME", home.join(".config"));
        command.env("USERPROFILE", home).env("APPDATA", home.join(".config"));
        command.args(arguments).envs(variables.iter().copied());
        command
    }

    /// The configuration that holds.
    fn config(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
        let arguments = [&["config", "--json"], arguments].concat();
        let (report, error, code) = self.run(&arguments, variables);
        assert_eq!(code, 0, "{error}");
        serde_json::from_str(&report).unwrap()
    }

    /// Why the program doesn't start.
    fn refused(&self, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let (output, error, code) = self.run(arguments, variables);
        assert_eq!((output.as_str(), code), ("", 2), "{arguments:?} {variables:?}: {error}");
        assert!(!error.contains("OfThe"), "a key is repeated: {error}");
        error
    }
}

fn read(output: Output) -> (String, String, i32) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// The value of an option, and where it is from.
fn setting(report: &Value, option: &str) -> (Value, String) {
    let all = report["options"].as_array().unwrap().iter();
    let mut all = all.chain(report["secrets"].as_array().unwrap());
    let setting = all.find(|setting| setting["option"] == option).unwrap();
    (setting["value"].clone(), setting["from"].as_str().unwrap().to_owned())
}

const TWO: &str = r#"
default_profile = "dev"

[profiles.dev]
secret_key_file = "key"
timeout = 7
toolsets = ["users", "sessions"]
read_only = true

[profiles.printed]
secret_key_command = "echo sk_test_OfTheCommand"
"#;

#[test]
fn the_command_line_beats_the_environment_beats_the_profile_beats_the_default() {
    let home = Home::new(TWO);
    let variables = [("CLERK_MCP_TIMEOUT", "8"), ("CLERK_MCP_READ_ONLY", "false")];
    let line = ["--timeout", "9", "--toolsets", "all", "--read-only"];
    let cases: [(&str, [Case; 4]); 3] = [
        (
            "--timeout",
            [
                (&line, &variables, "9", "command line"),
                (&[], &variables, "8", "CLERK_MCP_TIMEOUT"),
                (&[], &[], "7", "profile dev"),
                (&["--profile", "printed"], &[], "10", "default"),
            ],
        ),
        (
            "--read-only",
            [
                (&line, &variables, "true", "command line"),
                (&[], &variables, "false", "CLERK_MCP_READ_ONLY"),
                (&[], &[], "true", "profile dev"),
                (&["--profile", "printed"], &[], "false", "default"),
            ],
        ),
        (
            "--toolsets",
            [
                (&line, &variables, "all", "command line"),
                (&[], &[("CLERK_MCP_TOOLSETS", "server")], "server", "CLERK_MCP_TOOLSETS"),
                (&[], &[], "users,sessions", "profile dev"),
                (
                    &["--profile", "dev"],
                    &[("CLERK_MCP_PROFILE", "printed")],
                    "users,sessions",
                    "profile dev",
                ),
            ],
        ),
    ];
    for (option, cases) in cases {
        for (arguments, variables, value, from) in cases {
            let report = home.config(arguments, variables);
            let expected = (json!(value), from.to_owned());
            assert_eq!(setting(&report, option), expected, "{arguments:?} {variables:?}");
        }
    }
    let (shown, ..) = home.run(&["config"], &[]);
    assert!(shown.contains("--timeout") && shown.contains("profile dev"), "{shown}");
}

/// The key that a call is sent with, and the profile that the result of a write names.
#[tokio::test]
async fn a_call_has_the_key_of_its_profile_and_its_result_names_it() {
    let user = json!({ "id": "user_1", "object": "user", "banned": true });
    let upstream = Upstream::start(move |_, _| Script::json(200, &user)).await;
    let home =
        Home::new(&TWO.replace("read_only = true", "").replace("toolsets =", "users = 1\n# "));
    let url = ("CLERK_API_URL", upstream.url.as_str());
    let profile = ("CLERK_MCP_PROFILE", "printed");
    let cases: [(&[&str], Variables, &str, Value); 6] = [
        (&[], &[], FILED, json!("dev")),
        (&[], &[profile], PRINTED, json!("printed")),
        (&["--profile", "printed"], &[], PRINTED, json!("printed")),
        // Another key than the profile's: the profile isn't named.
        (&[], &[("CLERK_SECRET_KEY", SET)], SET, Value::Null),
        (&[], &[profile, ("CLERK_SECRET_KEY", SET)], SET, Value::Null),
        // Who names a profile in the command itself means its instance.
        (&["--profile", "printed"], &[("CLERK_SECRET_KEY", SET)], PRINTED, json!("printed")),
    ];
    let run = async |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = tokio::process::Command::from(home.command(arguments, variables));
        read(command.output().await.unwrap())
    };
    for (arguments, variables, key, profile) in cases {
        let call = ["call", "clerk_ban_user", r#"{"userId": "user_1"}"#, "--log", "off"];
        let variables = [&[url], variables].concat();
        let (result, error, code) = run(&[&call, arguments].concat(), &variables).await;
        let result: Value = serde_json::from_str(&result).unwrap();
        assert_eq!((code, &result["profile"]), (0, &profile), "{variables:?} {result} {error}");
        let sent = upstream.seen().pop().unwrap().headers;
        assert!(sent.contains(key), "{variables:?}: {sent}");
        let call = ["call", "clerk_whoami", "{}", "--log", "off"];
        let (about, ..) = run(&[&call, arguments].concat(), &variables).await;
        let about: Value = serde_json::from_str(&about).unwrap();
        assert_eq!(about["profile"], profile, "{variables:?} {about}");
    }
}

#[test]
fn a_refused_write_names_the_profile_too() {
    let home = Home::new("[profiles.dev]\nsandbox = true\n");
    let call = ["call", "clerk_ban_user", r#"{"userId": "user_none"}"#, "--profile", "dev"];
    let (result, _, code) = home.run(&call, &[]);
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!((code, &result["profile"]), (1, &json!("dev")), "{result}");
}

#[test]
fn the_report_runs_no_command_and_shows_no_secret() {
    let home = Home::new(TWO);
    let ran = home.0.path().join("ran");
    let command = format!("touch '{}'; echo {PRINTED}", ran.display());
    let variables = [("CLERK_SECRET_KEY_COMMAND", command.as_str())];
    let report = home.config(&[], &variables);
    let name = "CLERK_SECRET_KEY".to_owned();
    let from = "CLERK_SECRET_KEY_COMMAND".to_owned();
    assert_eq!(setting(&report, &name), (json!("(a command)"), from));
    assert!(!report.to_string().contains("OfTheCommand") && !ran.exists(), "{report}");
    let report = home.config(&[], &[("CLERK_SECRET_KEY", SET)]);
    assert_eq!(setting(&report, &name).0, json!("(set)"));
    assert!(!report.to_string().contains(SET));
    let report = home.config(&[], &[]);
    let (file, from) = setting(&report, &name);
    assert!(file.as_str().unwrap().ends_with("clerk-mcp/key"), "{file}");
    assert!(from.starts_with("secret_key_file of profile dev in "), "{from}");
}

#[test]
fn a_command_runs_once_and_says_nothing_of_what_it_printed_if_it_fails() {
    let home = Home::new("");
    let count = home.0.path().join("count");
    let command = format!("echo run >> '{}'; echo {PRINTED}", count.display());
    let tools = ["call", "clerk_whoami", "{}", "--log", "debug", "--api-url", "http://127.0.0.1:9"];
    let (result, log, _) = home.run(&tools, &[("CLERK_SECRET_KEY_COMMAND", &command)]);
    assert_eq!(fs::read_to_string(&count).unwrap(), "run\n");
    assert!(result.contains("\"test\""), "{result}");
    assert!(!result.contains(PRINTED) && !log.contains(PRINTED), "{result} {log}");

    let failing = "echo sk_test_OfTheCommand; echo sk_test_OfTheCommand >&2; exit 4";
    let error = home.refused(&["tools"], &[("CLERK_SECRET_KEY_COMMAND", failing)]);
    let said = "CLERK_SECRET_KEY_COMMAND: the command failed (exit status: 4)";
    assert!(error.contains(said), "{error}");
    for (command, said) in [
        ("true", "CLERK_SECRET_KEY_COMMAND is empty"),
        ("echo not-a-key", "CLERK_SECRET_KEY_COMMAND: "),
        ("echo '\"sk_test_OfTheCommand\"'", "has quotation marks"),
        (" ", "CLERK_SECRET_KEY_COMMAND is empty"),
    ] {
        let error = home.refused(&["tools"], &[("CLERK_SECRET_KEY_COMMAND", command)]);
        assert!(error.contains(said), "{command}: {error}");
    }
    let both = [("CLERK_SECRET_KEY", SET), ("CLERK_SECRET_KEY_COMMAND", &*command)];
    let error = home.refused(&["tools"], &both);
    assert!(error.contains("are both set"), "{error}");
}

#[test]
fn each_mistake_in_the_file_of_profiles_is_named_with_its_line() {
    let cases = [
        ("[profiles.dev", "line 1: "),
        ("profile = \"dev\"", "line 1: there is no key `profile`"),
        (
            "default_profile = \"dve\"\n[profiles.dev]",
            "line 1: there is no profile `dve`; there are dev",
        ),
        ("default_profile = 1", "line 1: default_profile must be the name of a profile"),
        ("profiles = 1", "line 1: write profiles as [profiles.NAME]"),
        ("[profiles]\ndev = 1", "line 2: write the profile as [profiles.dev]"),
        ("[profiles.\"../x\"]", "line 1: the name of a profile has 1 to 40 characters"),
        (
            "[profiles.dev]\nreadonly = true",
            "line 2: there is no key `readonly`; did you mean `read_only`?",
        ),
        ("[profiles.dev]\nprofile = \"x\"", "line 2: there is no key `profile`"),
        (
            "[profiles.dev]\nkey = \"sk_live_OfTheFile\"",
            "line 2: key holds a Clerk key; put it into a file",
        ),
        ("[profiles.dev]\nsecret_key_file = \"\"", "line 2: secret_key_file is empty"),
        (
            "[profiles.dev]\nsecret_key_file = \"${HOME}/key\"",
            "line 2: secret_key_file holds a placeholder",
        ),
        ("[profiles.dev]\ntimeout = [1]", "line 2: timeout takes one value, not a list"),
        ("[profiles.dev]\ntoolsets = []", "line 2: toolsets is an empty list"),
        ("[profiles.dev]\ntimeout = 1.5", "line 2: timeout must be a text, a whole number"),
        (
            "[profiles.dev]\nsecret_key_file = \"a\"\nsecret_key_command = \"b\"",
            "line 3: secret_key_file and secret_key_command are both there",
        ),
        ("[profiles.dev]\na = 1\nb = 2", "line 3: there is no key `b`"),
    ];
    for (text, said) in cases {
        let home = Home::new(text);
        let error = home.refused(&["tools", "--profile", "dev"], &[]);
        assert!(error.contains(said) && error.contains("config.toml: "), "{text}: {error}");
    }
}

#[test]
fn a_value_that_no_option_takes_is_named_by_its_profile() {
    let home = Home::new("[profiles.dev]\ntimeout = 0\n[profiles.prod]\ntoolsets = [\"user\"]\n");
    let error = home.refused(&["tools", "--profile", "dev"], &[]);
    let name = "timeout of profile dev in ";
    assert!(error.contains(name) && error.contains("from 1 to 30"), "{error}");
    let error = home.refused(&["tools", "--profile", "prod"], &[]);
    let name = "toolsets of profile prod in ";
    assert!(error.contains(name) && error.contains("did you mean `users`?"), "{error}");
}

#[test]
fn a_profile_or_a_file_that_is_not_there_is_named() {
    let home = Home::new(TWO);
    let cases: [(&[&str], Variables, &str); 4] = [
        (&["--profile", "prd"], &[], "--profile: "),
        (&[], &[("CLERK_MCP_PROFILE", "printd")], "did you mean `printed`?"),
        (&["--config", "/none/config.toml"], &[], "there is no file /none/config.toml"),
        (&["--profile", ""], &[], "--profile is empty"),
    ];
    for (arguments, variables, said) in cases {
        let error = home.refused(&[&["tools"], arguments].concat(), variables);
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    let none = Home(tempfile::tempdir().unwrap());
    let error = none.refused(&["tools", "--profile", "dev"], &[]);
    assert!(error.contains("clerk-mcp init"), "{error}");
    assert_eq!(none.run(&["tools"], &[]).2, 0, "without a file there are no profiles");
    // A file with mistakes doesn't stop what doesn't use it.
    let broken = Home::new("[");
    assert_eq!(broken.run(&["completions", "bash"], &[]).2, 0);
}

#[test]
fn a_relative_path_begins_at_the_file_of_profiles() {
    let home = Home::new(TWO);
    let elsewhere = home.0.path().join("elsewhere.toml");
    fs::write(&elsewhere, "[profiles.a]\npolicy = \"p.toml\"\naudit = \"~/audit.jsonl\"\n")
        .unwrap();
    let elsewhere = elsewhere.to_str().unwrap();
    let report = home.config(&["--config", elsewhere, "--profile", "a"], &[]);
    let path = |name: &str| json!(Path::new(home.0.path()).join(name).to_str().unwrap());
    assert_eq!(setting(&report, "--policy").0, path("p.toml"));
    assert_eq!(setting(&report, "--audit").0, path("audit.jsonl"));
}
