//! `clerk-mcp doctor`: what it finds in broken set-ups, what it corrects, and what it never does.

mod cases;
mod fixes;
mod network;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_clerk-mcp");
/// A key that no output may have in it.
const KEY: &str = "sk_test_OfTheDoctor1234567890";
/// Another secret, which no form tells.
const TOKEN: &str = "bearer-of-the-doctor-0123456789";

/// A home folder with a project in it.
struct Home(TempDir);

impl Home {
    /// With these files below it. `{program}`, `{home}`, `{key}` and `{token}` are filled in.
    fn new(files: &[(&str, &str)]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.path("project")).unwrap();
        for (name, text) in files {
            let path = home.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, home.filled(text)).unwrap();
            set_mode(&path, 0o600);
        }
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn filled(&self, text: &str) -> String {
        // Backslashes of Windows would have to be doubled in JSON.
        let path = |path: &Path| path.to_str().unwrap().replace('\\', "/");
        text.replace("{program}", &path(Path::new(PROGRAM)))
            .replace("{home}", &path(self.0.path()))
            .replace("{key}", KEY)
            .replace("{token}", TOKEN)
    }

    fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(PROGRAM);
        let foreign = ["CLERK_", "PROXY", "proxy", "SSL_CERT", "CODEX_HOME", "CLAUDE_CONFIG_DIR"];
        for (name, _) in std::env::vars() {
            if foreign.iter().any(|part| name.contains(part)) {
                command.env_remove(name);
            }
        }
        let home = self.0.path();
        command.env("HOME", home).env("XDG_CONFIG_HOME", home.join(".config"));
        command.env("USERPROFILE", home).env("APPDATA", home.join(".config"));
        // A program in the folder for temporary files is one that may go away.
        command.env("TMPDIR", self.path("temporary"));
        command.current_dir(self.path("project")).arg("doctor").args(arguments);
        for (name, value) in variables {
            command.env(name, self.filled(value));
        }
        command
    }

    /// The findings without network, and the exit code.
    fn look(&self, variables: &[(&str, &str)]) -> (Vec<Value>, i32) {
        let output = self.command(&["--offline", "--json"], variables).output().unwrap();
        findings(&output)
    }
}

/// The findings in an output that repeats no secret, and the exit code.
fn findings(output: &Output) -> (Vec<Value>, i32) {
    let (text, error) = texts(output);
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{error}"));
    let findings = report["findings"].as_array().unwrap().clone();
    (findings, output.status.code().unwrap())
}

/// What was printed, which has no secret in it.
fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (text, error) = (text(&output.stdout), text(&output.stderr));
    for secret in [KEY, TOKEN, "OfTheDoctor", "of-the-doctor"] {
        assert!(!text.contains(secret) && !error.contains(secret), "{secret}: {text}{error}");
    }
    (text, error)
}

/// Those that are as bad as this, or worse.
fn at_least<'a>(findings: &'a [Value], severities: &[&str]) -> Vec<&'a Value> {
    let is_one = |finding: &&Value| severities.contains(&finding["severity"].as_str().unwrap());
    findings.iter().filter(is_one).collect()
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

const CURSOR: &str = ".cursor/mcp.json";
const PROFILES: &str = ".config/clerk-mcp/config.toml";
const KEY_FILE: &str = ".config/clerk-mcp/keys/dev";
const DEV: &str = "default_profile = \"dev\"\n\n[profiles.dev]\nsecret_key_file = \"keys/dev\"\n";
const ENTRY: &str =
    r#"{"mcpServers": {"clerk": {"command": "{program}", "args": ["--profile", "dev"]}}}"#;

/// A set-up as `init` makes it.
fn sound() -> Home {
    Home::new(&[(CURSOR, ENTRY), (PROFILES, DEV), (KEY_FILE, "{key}\n")])
}

#[test]
fn a_sound_set_up_has_no_warning() {
    let home = sound();
    let (findings, code) = home.look(&[]);
    assert_eq!(at_least(&findings, &["warning", "error"]), Vec::<&Value>::new());
    assert_eq!(code, 0);
    for check in ["client.cursor.entry", "profile.dev.key", "mcp.server"] {
        let is_ok = |it: &&Value| it["check"] == check && it["severity"] == "ok";
        assert!(findings.iter().any(|it| is_ok(&it)), "{check}: {findings:#?}");
    }
}

#[test]
fn nothing_at_all_is_no_error() {
    let home = Home::new(&[]);
    let (findings, code) = home.look(&[]);
    assert_eq!((at_least(&findings, &["warning", "error"]).len(), code), (0, 0), "{findings:#?}");
    let none = findings.iter().find(|it| it["check"] == "client").unwrap();
    assert_eq!(none["remedy"], "run `clerk-mcp init`");
    // Nothing was created either.
    let names: Vec<_> =
        fs::read_dir(home.0.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["project"]);
}

#[test]
fn the_form_of_the_json_is_stable() {
    let home = Home::new(&[
        (CURSOR, "{\n  \"mcpServers\": {,}\n}\n"),
        (PROFILES, "[profiles.dev]\nreadonly = true\n"),
    ]);
    let output = home.command(&["--offline", "--json"], &[]).output().unwrap();
    let (text, _) = texts(&output);
    let text =
        text.replace(&home.filled("{home}"), "HOME").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    // How many tools there are, and what they cost, is tested elsewhere.
    let is_figure = |line: &&str| !line.contains("tools, which cost");
    let text: String = text.lines().filter(is_figure).flat_map(|line| [line, "\n"]).collect();
    assert_eq!(text, include_str!("doctor/form.json"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_report_for_people_has_a_word_for_each_severity_and_the_remedy_below() {
    let home = sound();
    fs::write(home.path(CURSOR), home.filled(ENTRY).replace(PROGRAM, "/none/clerk-mcp")).unwrap();
    let output = home.command(&["--offline"], &[]).output().unwrap();
    let (text, _) = texts(&output);
    let said = "  error    the entry `clerk` of Cursor starts /none/clerk-mcp, which isn't there (~/.cursor/mcp.json)\n           → run `clerk-mcp init --client cursor`, or `clerk-mcp doctor --fix`\n";
    assert!(text.contains("MCP clients\n") && text.contains(said), "{text}");
    assert!(text.ends_with("\n1 error, 0 warnings, 1 note; 2 ok\n"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn texts_of_others_do_nothing_at_the_terminal() {
    let entry = r#"{"mcpServers": {"a\u001b[2J\nok all is well": {"command": "/none/\u001b]0;x\u0007/clerk-mcp", "args": ["--\u001b[31m"]}}}"#;
    let home = Home::new(&[(CURSOR, entry)]);
    for arguments in [&["--offline"][..], &["--offline", "--json"]] {
        let output = home.command(arguments, &[]).output().unwrap();
        let (text, error) = texts(&output);
        let is_control = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(is_control) && !error.contains(is_control), "{text:?} {error:?}");
        assert!(!text.contains("\nok all"), "{text}");
        assert!(text.contains("client.cursor.command") || text.contains("isn't there"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn no_program_and_no_command_of_a_configuration_is_started() {
    let script = "#!/bin/sh\ntouch '{home}/ran'\n";
    let entries = r#"{"mcpServers": {
        "clerk": {"command": "{home}/bin/clerk-mcp"},
        "npx": {"command": "{home}/bin/npx", "args": ["clerk-mcp", "--sandbox"]}
    }}"#;
    let profiles = "[profiles.dev]\nsecret_key_command = \"{home}/bin/key\"\n\
                    webhook_signing_secret_command = \"{home}/bin/key\"\n\
                    webhook_url = \"http://127.0.0.1:1/\"\n";
    let home = Home::new(&[
        ("bin/clerk-mcp", script),
        ("bin/npx", script),
        ("bin/key", script),
        (CURSOR, entries),
        (PROFILES, profiles),
    ]);
    for program in ["clerk-mcp", "npx", "key"] {
        set_mode(&home.path("bin").join(program), 0o755);
    }
    let (findings, _) = home.look(&[("CLERK_SECRET_KEY_COMMAND", "{home}/bin/key")]);
    assert!(!home.path("ran").exists(), "{findings:#?}");
    for (check, part) in [
        ("profile.dev.key", "it wasn't run"),
        ("environment.key", "it wasn't run"),
        ("client.cursor.version", "another build"),
    ] {
        let what = |it: &Value| it["check"] == check && it["what"].as_str().unwrap().contains(part);
        assert!(findings.iter().any(what), "{check}: {findings:#?}");
    }
}

#[test]
fn a_wrong_use_ends_with_2() {
    let home = Home::new(&[]);
    for arguments in [&["--nothing"][..], &["file"], &["--timeout", "3"], &["--json=x"]] {
        let output = home.command(arguments, &[]).output().unwrap();
        assert_eq!((output.stdout.len(), output.status.code()), (0, Some(2)), "{arguments:?}");
    }
}

#[test]
fn without_a_home_folder_the_rest_is_looked_at() {
    // Elsewhere the system knows the folder without variables.
    let home = Home::new(&[]);
    let mut command = home.command(&["--offline", "--json"], &[("CLERK_SECRET_KEY", "{key}")]);
    for name in ["HOME", "USERPROFILE", "APPDATA", "XDG_CONFIG_HOME"] {
        command.env_remove(name);
    }
    let (findings, _) = findings(&command.output().unwrap());
    assert!(findings.iter().any(|it| it["check"] == "environment.key"), "{findings:#?}");
}
