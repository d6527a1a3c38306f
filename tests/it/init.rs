//! `init`: the clients' configuration files, the profile and the key.
#![cfg(unix)]

mod files;
mod terminal;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use clerk_mcp::{
    clients::{CLIENTS, Client, Machine, System},
    folders::Folders,
};
use rmcp::{ServiceExt, transport::TokioChildProcess};
use serde_json::json;
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::support::{KEY, Script, Upstream};

const LIVE: &str = "sk_live_KeyThatMustNotLeak43";

/// A home folder of its own.
struct Home {
    folder: TempDir,
    upstream: Upstream,
}

/// What a command printed, and its status.
#[derive(Debug)]
struct Ran {
    out: String,
    error: String,
    code: Option<i32>,
}

impl Home {
    /// With a Clerk that knows each key.
    async fn new() -> Self {
        let instance = json!({ "id": "ins_1", "environment_type": "development" });
        Self::with(Script::json(200, &instance)).await
    }

    async fn with(script: Script) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder, upstream: Upstream::always(script).await }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn machine(&self) -> Machine {
        let folders = Folders { home: self.path(), config: self.path().join(".config") };
        Machine { system: System::this(), folders, moved: Vec::new() }
    }

    /// The configuration file of a client.
    fn file(&self, id: &str) -> PathBuf {
        Client::by_id(id).unwrap().path(&self.machine())
    }

    /// Puts a configuration file there.
    fn write(&self, id: &str, text: &str) -> PathBuf {
        let path = self.file(id);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn own(&self, path: &str) -> PathBuf {
        self.path().join(".config/clerk-mcp").join(path)
    }

    /// The program, with this home folder and nothing of ours in its environment.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CLERK_") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join(".config"))
            .env("TMPDIR", self.path().join("tmp"))
            .env_remove("XDG_DATA_HOME")
            .env_remove("CLAUDE_CONFIG_DIR")
            .env_remove("CODEX_HOME")
            .current_dir(self.path())
            .kill_on_drop(true);
        command
    }

    /// `clerk-mcp init` with a key in a variable, or without.
    async fn init(&self, arguments: &[&str], key: Option<&str>) -> Ran {
        let mut command = self.command(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.arg("init").args(arguments).stdin(std::process::Stdio::null());
        command.env("CLERK_API_URL", &self.upstream.url);
        if let Some(key) = key {
            command.env("CLERK_SECRET_KEY", key);
        }
        ran(command.output().await.unwrap())
    }

    /// All files below the home folder, with their content.
    fn all(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn below(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, found);
                } else {
                    found.push((path.clone(), fs::read(&path).unwrap_or_default()));
                }
            }
        }
        let mut found = Vec::new();
        below(&self.path(), &mut found);
        found.sort();
        found
    }

    /// The servers that a client would start.
    fn servers(&self, id: &str) -> Vec<clerk_mcp::clients::Server> {
        let text = fs::read_to_string(self.file(id)).unwrap();
        Client::by_id(id).unwrap().servers(&text).unwrap()
    }
}

fn ran(output: std::process::Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ran =
        Ran { out: text(output.stdout), error: text(output.stderr), code: output.status.code() };
    for secret in [KEY, LIVE] {
        assert!(!ran.out.contains(secret) && !ran.error.contains(secret), "{ran:?}");
    }
    ran
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn every_client_starts_the_server_that_its_configuration_names() {
    let home = Home::new().await;
    let ids: Vec<&str> = CLIENTS.iter().map(|client| client.id).collect();
    let ids = ids.join(",");
    for (arguments, name) in [(&["--sandbox"][..], "clerk-sandbox"), (&[], "clerk")] {
        let all = [&["--yes", "--client", &ids], arguments].concat();
        let ran = home.init(&all, Some(KEY)).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        for client in CLIENTS {
            let servers = home.servers(client.id);
            let server = servers.iter().find(|server| server.name == name).unwrap();
            assert!(server.env.is_empty() && server.is_ours(), "{server:?}");
            let program = server.command.as_deref().unwrap();
            assert!(Path::new(program).is_absolute(), "{program}");
            let mut command = home.command(program);
            command.args(&server.args);
            let client = ().serve(TokioChildProcess::new(command).unwrap()).await.unwrap();
            assert_eq!(client.peer_info().unwrap().server_info.as_ref().unwrap().name, "clerk-mcp");
            client.cancel().await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_key_is_in_one_file_that_only_its_owner_can_read() {
    let home = Home::new().await;
    home.write("claude-code", "{\n  \"numStartups\": 7\n}\n");
    home.write("cursor", "{}");
    let ran = home.init(&["--yes"], Some(KEY)).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("The key works: a test key of the development instance ins_1."));
    assert_eq!(fs::read_to_string(home.own("keys/dev")).unwrap(), format!("{KEY}\n"));
    assert_eq!((mode(&home.own("keys")), mode(&home.own("keys/dev"))), (0o700, 0o600));
    for (path, bytes) in home.all() {
        if !path.starts_with(home.own("keys")) {
            assert!(!String::from_utf8_lossy(&bytes).contains("sk_"), "{}", path.display());
        }
    }
    let config = fs::read_to_string(home.own("config.toml")).unwrap();
    assert!(config.starts_with("default_profile = \"dev\"\n\n[profiles.dev]\n"), "{config}");
    assert!(!config.contains("read_only"), "{config}");
    for id in ["claude-code", "cursor"] {
        assert_eq!(home.servers(id)[0].args, ["--profile", "dev"]);
    }
    assert!(!home.file("vscode").exists(), "it isn't installed");
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_says_so() {
    let home = Home::new().await;
    let path = home.write("cursor", "{\n\t\"mcpServers\": {}\n}\n");
    for arguments in [&["--yes", "--client", "cursor,zed,codex,goose,opencode"][..], &["--yes"]] {
        assert_eq!(home.init(arguments, Some(KEY)).await.code, Some(0));
        let before = home.all();
        for key in [Some(KEY), None] {
            let ran = home.init(arguments, key).await;
            assert_eq!(ran.code, Some(0), "{ran:?}");
            assert!(ran.out.contains("Nothing changes: everything is set up."), "{ran:?}");
            assert_eq!(home.all(), before);
        }
    }
    assert!(path.with_file_name("mcp.json.clerk-mcp-backup").exists());
}

#[tokio::test]
async fn a_dry_run_shows_the_changes_and_writes_nothing() {
    let home = Home::new().await;
    home.write(
        "cursor",
        "{\n  \"mcpServers\": {\n    \"other\": { \"env\": { \"T\": \"hunter2\" } }\n  }\n}\n",
    );
    let before = home.all();
    for arguments in [&["--dry-run"][..], &["--dry-run", "--yes"], &["--dry-run", "--sandbox"]] {
        let ran = home.init(arguments, Some(KEY)).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains("~/.cursor/mcp.json: Cursor\n  @@ line 4 @@\n  +    \"clerk"));
        assert!(ran.out.contains("Nothing was written"), "{ran:?}");
        assert!(!ran.out.contains("hunter2"), "another server's secret is shown: {ran:?}");
        assert_eq!(home.all(), before);
    }
}

#[tokio::test]
async fn a_key_that_clerk_refuses_is_kept_nowhere() {
    let refusal =
        json!({ "errors": [{ "code": "clerk_key_invalid", "message": format!("no {KEY}") }] });
    let home = Home::with(Script::json(401, &refusal)).await;
    home.write("cursor", "{}");
    let before = home.all();
    let ran = home.init(&["--yes"], Some(KEY)).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.error.contains("Clerk doesn't accept the key"), "{ran:?}");
    assert!(ran.error.contains("Nothing was written"), "{ran:?}");
    assert_eq!(home.all(), before);
}

#[tokio::test]
async fn a_production_key_gets_a_profile_that_is_read_only() {
    let home = Home::new().await;
    home.write("cursor", "{}");
    let ran = home.init(&["--yes"], Some(LIVE)).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("so the profile `prod` is read-only"), "{ran:?}");
    assert!(ran.out.contains("`clerk-mcp init --profile prod --allow-writes`"), "{ran:?}");
    let config = || fs::read_to_string(home.own("config.toml")).unwrap();
    assert!(config().contains("read_only = true\n"), "{}", config());
    let ran = home.init(&["--yes", "--profile", "prod", "--allow-writes"], None).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in ["read_only = false\n", "allow_writes = true\n"] {
        assert!(config().contains(line), "{}", config());
    }
    // What was chosen isn't taken back.
    let ran = home.init(&["--yes"], Some(LIVE)).await;
    assert!(ran.out.contains("Nothing changes"), "{ran:?}");
    home.init(&["--yes", "--read-only"], Some(KEY)).await;
    assert!(config().contains("[profiles.dev]\n"), "{}", config());
    assert_eq!(config().matches("read_only = true\n").count(), 1, "{}", config());
}

#[tokio::test]
async fn each_profile_has_an_entry_and_a_key_of_its_own() {
    let home = Home::new().await;
    let original = "{\n  \"mcpServers\": {}\n}\n";
    let path = home.write("cursor", original);
    home.init(&["--yes"], Some(KEY)).await;
    home.init(&["--yes", "--profile", "acme"], Some("sk_test_AnotherKey4242")).await;
    let entries = || -> Vec<(String, Vec<String>)> {
        home.servers("cursor").into_iter().map(|server| (server.name, server.args)).collect()
    };
    let words = |profile: &str| vec!["--profile".to_owned(), profile.to_owned()];
    let wanted = [("clerk".to_owned(), words("dev")), ("clerk-acme".to_owned(), words("acme"))];
    assert_eq!(entries(), wanted);
    assert_eq!(fs::read_to_string(home.own("keys/acme")).unwrap(), "sk_test_AnotherKey4242\n");
    // Another key for a profile is nothing to decide without a person.
    let before = home.all();
    let ran = home.init(&["--yes", "--profile", "acme"], Some(KEY)).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.error.contains("the profile `acme` has another key"), "{ran:?}");
    assert_eq!(home.all(), before);
    let ran = home.init(&["--remove", "--yes", "--profile", "acme"], None).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(entries(), wanted[..1]);
    let ran = home.init(&["--remove", "--yes"], None).await;
    assert!(ran.out.contains("keys in ~/.config/clerk-mcp stay"), "{ran:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), original);
    assert!(home.own("keys/acme").exists());
    let ran = home.init(&["--remove", "--yes"], None).await;
    assert!(ran.out.contains("Nothing changes: nothing to remove."), "{ran:?}");
}

#[tokio::test]
async fn a_key_that_is_in_a_file_already_is_not_copied() {
    let home = Home::new().await;
    home.write("cursor", "{}");
    let file = home.path().join("clerk key");
    fs::write(&file, format!("{KEY}\n")).unwrap();
    let mut command = home.command(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(["init", "--yes"]).env("CLERK_API_URL", &home.upstream.url);
    command.env("CLERK_SECRET_KEY_FILE", "clerk key").stdin(std::process::Stdio::null());
    let ran = ran(command.output().await.unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!home.own("keys").exists());
    let config = || fs::read_to_string(home.own("config.toml")).unwrap();
    assert!(config().contains("secret_key_file = \"~/clerk key\"\n"), "{}", config());
    let mut command = home.command(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(["init", "--yes", "--profile", "vault"]).stdin(std::process::Stdio::null());
    command.env("CLERK_API_URL", &home.upstream.url);
    command.env("CLERK_SECRET_KEY_COMMAND", "cat 'clerk key'");
    let ran = self::ran(command.output().await.unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(config().contains("secret_key_command = \"cat 'clerk key'\"\n"), "{}", config());
    assert!(!home.own("keys").exists());
}

#[tokio::test]
async fn a_script_can_write_the_key_to_standard_input() {
    let home = Home::new().await;
    home.write("cursor", "{}");
    let mut command = home.command(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(["init", "--yes"]).env("CLERK_API_URL", &home.upstream.url);
    let piped = std::process::Stdio::piped;
    let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{KEY}\n").as_bytes()).await.unwrap();
    let ran = ran(child.wait_with_output().await.unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read_to_string(home.own("keys/dev")).unwrap(), format!("{KEY}\n"));
}

#[tokio::test]
async fn wrong_use_says_what_to_add_and_writes_nothing() {
    let home = Home::new().await;
    let cases: [(&[&str], Option<&str>, i32, &str); 6] = [
        (&[], Some(KEY), 2, "there is no terminal to ask at; add --yes"),
        (&["--yes"], None, 1, "no MCP client was found on this machine; name one"),
        (&["--yes", "--client", "cursor"], None, 2, "no secret key is given; set CLERK_SECRET_KEY"),
        (&["--client", "vim"], None, 2, "--client has the invalid value `vim`: it must be one of"),
        (&["--profile", "../x"], None, 2, "--profile has the invalid value"),
        (&["--yes", "--client", "cursor"], Some("pk_test_x"), 2, "CLERK_SECRET_KEY"),
    ];
    for (arguments, key, code, said) in cases {
        let ran = home.init(arguments, key).await;
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
        assert!(ran.error.contains(said), "{arguments:?}: {ran:?}");
        assert_eq!(home.all(), []);
    }
}

#[tokio::test]
async fn a_program_in_the_cache_of_a_package_runner_is_copied_to_stay() {
    let home = Home::new().await;
    home.write("cursor", "{}");
    let cache = home.path().join(".npm/_npx/0a1b/node_modules/@clerk-mcp/linux-x64");
    fs::create_dir_all(&cache).unwrap();
    let program = cache.join("clerk-mcp");
    fs::copy(env!("CARGO_BIN_EXE_clerk-mcp"), &program).unwrap();
    let mut command = home.command(program.to_str().unwrap());
    command.args(["init", "--yes", "--sandbox"]);
    let ran = ran(command.output().await.unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("~/.local/share/clerk-mcp/bin/clerk-mcp: a copy of this program"));
    let copy = home.path().join(".local/share/clerk-mcp/bin/clerk-mcp");
    assert_eq!(home.servers("cursor")[0].command.as_deref(), copy.to_str());
    assert_eq!(fs::read(&copy).unwrap(), fs::read(&program).unwrap());
    assert_eq!(mode(&copy) & 0o111, 0o111);
}
