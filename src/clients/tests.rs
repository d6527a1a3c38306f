use std::{collections::BTreeSet, fs};

use serde_json::json;

use super::*;
use crate::folders::Folders;

fn machine(system: System, home: &Path) -> Machine {
    let config = if system == System::Windows { "AppData/Roaming" } else { ".config" };
    let folders = Folders { home: home.to_owned(), config: home.join(config) };
    Machine { system, folders, moved: Vec::new() }
}

fn entry(name: &str) -> Entry {
    Entry {
        name: name.to_owned(),
        command: "/opt/clerk-mcp".to_owned(),
        args: vec!["--profile".to_owned(), "dev".to_owned()],
    }
}

#[test]
fn each_client_is_found_where_it_keeps_its_configuration() {
    let home = Path::new("/h");
    // By client: Linux, macOS, Windows.
    let table = [
        (
            "claude-desktop",
            ".config/Claude/claude_desktop_config.json",
            "Library/Application Support/Claude/claude_desktop_config.json",
            "AppData/Roaming/Claude/claude_desktop_config.json",
        ),
        ("claude-code", ".claude.json", ".claude.json", ".claude.json"),
        ("cursor", ".cursor/mcp.json", ".cursor/mcp.json", ".cursor/mcp.json"),
        (
            "vscode",
            ".config/Code/User/mcp.json",
            "Library/Application Support/Code/User/mcp.json",
            "AppData/Roaming/Code/User/mcp.json",
        ),
        (
            "windsurf",
            ".codeium/windsurf/mcp_config.json",
            ".codeium/windsurf/mcp_config.json",
            ".codeium/windsurf/mcp_config.json",
        ),
        ("gemini", ".gemini/settings.json", ".gemini/settings.json", ".gemini/settings.json"),
        ("codex", ".codex/config.toml", ".codex/config.toml", ".codex/config.toml"),
        (
            "zed",
            ".config/zed/settings.json",
            ".config/zed/settings.json",
            "AppData/Roaming/Zed/settings.json",
        ),
        (
            "opencode",
            ".config/opencode/opencode.json",
            ".config/opencode/opencode.json",
            ".config/opencode/opencode.json",
        ),
        (
            "goose",
            ".config/goose/config.yaml",
            ".config/goose/config.yaml",
            "AppData/Roaming/Block/goose/config/config.yaml",
        ),
    ];
    assert_eq!(
        table.map(|row| row.0).to_vec(),
        CLIENTS.iter().map(|client| client.id).collect::<Vec<_>>()
    );
    for (id, linux, macos, windows) in table {
        for (system, path) in
            [(System::Linux, linux), (System::MacOs, macos), (System::Windows, windows)]
        {
            let machine = machine(system, home);
            assert_eq!(
                Client::by_id(id).unwrap().path(&machine),
                home.join(path),
                "{id} {system:?}"
            );
        }
    }
}

#[test]
fn a_client_is_installed_if_its_file_or_its_folder_exists() {
    for client in CLIENTS {
        for system in [System::Linux, System::MacOs, System::Windows] {
            let home = tempfile::tempdir().unwrap();
            let machine = machine(system, home.path());
            assert!(!client.is_installed(&machine), "{} {system:?}", client.id);
            let path = client.path(&machine);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            // A home folder says nothing.
            assert_eq!(client.is_installed(&machine), path.parent().unwrap() != home.path());
            fs::write(&path, "").unwrap();
            assert!(client.is_installed(&machine), "{} {system:?}", client.id);
        }
    }
}

#[test]
fn of_several_places_the_one_that_the_client_uses_counts() {
    let home = tempfile::tempdir().unwrap();
    let mut windows = machine(System::Windows, home.path());
    let client = Client::by_id("claude-desktop").unwrap();
    let store =
        home.path().join("AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude");
    fs::create_dir_all(&store).unwrap();
    assert_eq!(client.path(&windows), store.join("claude_desktop_config.json"));
    let opencode = Client::by_id("opencode").unwrap();
    let folder = home.path().join(".config/opencode");
    fs::create_dir_all(&folder).unwrap();
    assert_eq!(opencode.path(&windows), folder.join("opencode.json"));
    fs::write(folder.join("opencode.jsonc"), "{}").unwrap();
    assert_eq!(opencode.path(&windows), folder.join("opencode.jsonc"));
    windows.moved = vec![("CODEX_HOME".to_owned(), home.path().join("x"))];
    assert_eq!(Client::by_id("codex").unwrap().path(&windows), home.path().join("x/config.toml"));
}

#[test]
fn what_is_put_is_read_back_and_is_ours() {
    let ids: BTreeSet<&str> = CLIENTS.iter().map(|client| client.id).collect();
    assert_eq!(ids.len(), CLIENTS.len());
    for client in CLIENTS {
        let text = client.put("", &entry("clerk")).unwrap();
        let servers = client.servers(&text).unwrap();
        let [server] = servers.as_slice() else { panic!("{}: {servers:?}", client.id) };
        assert!(server.is_ours() && server.starts_us(), "{}", client.id);
        assert_eq!(server.command.as_deref(), Some("/opt/clerk-mcp"), "{}", client.id);
        assert_eq!(server.args, ["--profile", "dev"], "{}", client.id);
        assert_eq!(server.name, "clerk");
        let two = client.put(&text, &entry("clerk-acme")).unwrap();
        assert_eq!(client.servers(&two).unwrap().len(), 2, "{}", client.id);
        assert_eq!(client.remove(&two, "clerk-acme").unwrap(), text, "{}", client.id);
    }
}

#[test]
fn entries_have_the_form_of_their_client() {
    let forms = [
        (
            "claude-desktop",
            json!({ "mcpServers": { "clerk": { "command": "/opt/clerk-mcp", "args": ["--profile", "dev"] } } }),
        ),
        (
            "vscode",
            json!({ "servers": { "clerk": { "type": "stdio", "command": "/opt/clerk-mcp", "args": ["--profile", "dev"] } } }),
        ),
        (
            "zed",
            json!({ "context_servers": { "clerk": { "command": "/opt/clerk-mcp", "args": ["--profile", "dev"] } } }),
        ),
        (
            "codex",
            json!({ "mcp_servers": { "clerk": { "command": "/opt/clerk-mcp", "args": ["--profile", "dev"] } } }),
        ),
        (
            "opencode",
            json!({ "mcp": { "clerk": { "type": "local", "command": ["/opt/clerk-mcp", "--profile", "dev"] } } }),
        ),
        (
            "goose",
            json!({ "extensions": { "clerk": { "enabled": true, "type": "stdio", "name": "clerk", "timeout": 300, "cmd": "/opt/clerk-mcp", "args": ["--profile", "dev"] } } }),
        ),
    ];
    for (id, form) in forms {
        let client = Client::by_id(id).unwrap();
        let text = client.put("", &entry("clerk")).unwrap();
        assert_eq!(Value::Object(client.format.read(&text).unwrap()), form, "{id}");
    }
    // Version 2 of opencode has an object more.
    let text = Client::by_id("opencode")
        .unwrap()
        .put("{\"mcp\": {\"servers\": {}}}", &entry("clerk"))
        .unwrap();
    let read = Format::Json.read(&text).unwrap();
    assert!(read["mcp"]["servers"]["clerk"].is_object(), "{text}");
}

#[test]
fn fields_that_people_added_stay_and_a_key_among_them_does_not() {
    let client = Client::by_id("claude-code").unwrap();
    let text = r#"{"mcpServers": {"clerk": {"command": "npx", "args": ["clerk-mcp"], "url": "x",
        "alwaysAllow": ["a"], "env": {"CLERK_SECRET_KEY": "sk_test_x", "CLERK_MCP_LOG": "debug"}}}}"#;
    let after = client.put(text, &entry("clerk")).unwrap();
    let read = Format::Json.read(&after).unwrap();
    let wanted = json!({ "command": "/opt/clerk-mcp", "args": ["--profile", "dev"], "type": "stdio",
        "alwaysAllow": ["a"], "env": { "CLERK_MCP_LOG": "debug" } });
    assert_eq!(read["mcpServers"]["clerk"], wanted);
}

#[test]
fn a_server_is_ours_by_its_program_its_package_or_its_address() {
    let client = Client::by_id("gemini").unwrap();
    let ours = [
        json!({ "command": "clerk-mcp" }),
        json!({ "command": "/a b/clerk-mcp", "args": ["stdio"] }),
        json!({ "command": "C:\\bin\\clerk-mcp.exe" }),
        json!({ "command": "npx", "args": ["-y", "clerk-mcp@latest"] }),
        json!({ "command": "/usr/bin/uvx", "args": ["clerk-mcp==0.1.0"] }),
        json!({ "command": "cmd", "args": ["/c", "npx", "clerk-mcp"] }),
        json!({ "command": "C:/nodejs/npx.cmd", "args": ["clerk-mcp"] }),
        json!({ "httpUrl": "http://127.0.0.1:7331/mcp" }),
        json!({ "url": "http://localhost:1/sse/" }),
        json!({ "httpUrl": "http://[::1]:7331/mcp" }),
    ];
    let others = [
        json!({ "command": "npx", "args": ["-y", "server-filesystem", "/home/me/clerk-mcp"] }),
        json!({ "command": "clerk-mcp-proxy" }),
        json!({ "command": "node", "args": ["clerk-mcp"] }),
        json!({ "httpUrl": "https://clerk.example/mcp" }),
        json!({ "httpUrl": "http://127.0.0.1:7331/other" }),
        json!({ "httpUrl": "not a url" }),
        json!({}),
    ];
    for (value, is_ours) in
        ours.iter().map(|value| (value, true)).chain(others.iter().map(|value| (value, false)))
    {
        let text = json!({ "mcpServers": { "x": value } }).to_string();
        let servers = client.servers(&text).unwrap();
        assert_eq!(servers[0].is_ours(), is_ours, "{value}");
    }
    let text = json!({ "mcpServers": { "x": { "command": "clerk-mcp", "env": { "CLERK_SECRET_KEY": "sk_live_1" } } } });
    let shown = format!("{:?}", client.servers(&text.to_string()).unwrap());
    assert!(shown.contains("CLERK_SECRET_KEY") && !shown.contains("sk_live"), "{shown}");
}

#[test]
fn each_client_replaces_its_own_spelling_of_variables() {
    let references = |id: &str, value: &str| Client::by_id(id).unwrap().references(value);
    let environment =
        |name: &str, has_default| Reference::Environment { name: name.to_owned(), has_default };
    assert_eq!(references("claude-code", "a${KEY}b"), [environment("KEY", false)]);
    assert_eq!(references("claude-code", "${KEY:-x}"), [environment("KEY", true)]);
    assert_eq!(references("cursor", "${env:KEY}"), [environment("KEY", false)]);
    assert_eq!(references("cursor", "${KEY}"), [Reference::Literal("${KEY}".to_owned())]);
    assert_eq!(
        references("vscode", "${input:key}"),
        [Reference::Client("${input:key}".to_owned())]
    );
    assert_eq!(references("opencode", "{env:KEY}"), [environment("KEY", false)]);
    assert_eq!(references("claude-desktop", "${KEY}"), [Reference::Literal("${KEY}".to_owned())]);
    assert_eq!(references("gemini", "{\"a\": 1} {"), []);
}

#[test]
fn removing_gives_the_bytes_back_that_the_file_had() {
    for client in CLIENTS {
        let originals = match client.format {
            Format::Toml => {
                ["", " \n", "model = \"x\" # c", "[mcp_servers.a]\r\ncommand = \"y\"\r\n"]
            }
            Format::Yaml => {
                ["", "# c\n", "extensions: {}", "extensions:\n    a:\n        type: builtin"]
            }
            Format::Json => ["", " ", "{\"mcpServers\": {}}", "{\n\t\"numStartups\": 3\n}"],
            Format::JsonWithComments => {
                ["{\n}\r\n", "// c", "{\"mcpServers\": {} , }", "\u{feff}{ }"]
            }
        };
        for original in originals {
            let home = tempfile::tempdir().unwrap();
            let machine = machine(System::this(), home.path());
            let path = client.path(&machine);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, original).unwrap();
            for name in ["clerk", "clerk-acme"] {
                let change = adding(client, &machine, &entry(name)).unwrap();
                assert!(change.write().unwrap().is_some(), "{}", client.id);
                assert!(adding(client, &machine, &entry(name)).unwrap().is_none());
            }
            assert_eq!(fs::read_to_string(crate::edit::backup_of(&path)).unwrap(), original);
            let (change, names) =
                removing(client, &machine, &|server| server.name == "clerk").unwrap();
            change.write().unwrap();
            assert_eq!(names, ["clerk"]);
            let (change, names) = removing(client, &machine, &|_| true).unwrap();
            change.write().unwrap();
            assert_eq!(names, ["clerk-acme"]);
            assert_eq!(fs::read_to_string(&path).unwrap(), original, "{}", client.id);
            assert!(!crate::edit::backup_of(&path).exists());
            assert_eq!(removing(client, &machine, &|_| true).unwrap().1, Vec::<String>::new());
        }
    }
}

#[test]
fn a_backup_that_has_entries_of_ours_brings_none_of_them_back() {
    let home = tempfile::tempdir().unwrap();
    let machine = machine(System::this(), home.path());
    let client = Client::by_id("codex").unwrap();
    let path = client.path(&machine);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, client.put("a = 1\n", &entry("clerk")).unwrap()).unwrap();
    adding(client, &machine, &entry("clerk-acme")).unwrap().write().unwrap();
    removing(client, &machine, &|_| true).unwrap().0.write().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a = 1\n");
}

#[test]
fn another_server_of_the_same_name_keeps_it() {
    let home = tempfile::tempdir().unwrap();
    let machine = machine(System::this(), home.path());
    let client = Client::by_id("cursor").unwrap();
    let path = client.path(&machine);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = json!({ "mcpServers": { "clerk": { "url": "https://mcp.clerk.com/mcp" } } });
    fs::write(&path, text.to_string()).unwrap();
    for _ in 0..2 {
        adding(client, &machine, &entry("clerk")).unwrap().write().unwrap();
        let servers = client.servers(&fs::read_to_string(&path).unwrap()).unwrap();
        let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
        assert_eq!(names, ["clerk", "clerk-mcp"]);
        assert_eq!(servers[0].url.as_deref(), Some("https://mcp.clerk.com/mcp"));
    }
}

#[test]
fn a_change_of_somebody_else_after_the_backup_is_kept_and_backed_up() {
    let home = tempfile::tempdir().unwrap();
    let machine = machine(System::this(), home.path());
    let client = Client::by_id("cursor").unwrap();
    let path = client.path(&machine);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "{\n  \"a\": 1\n}\n").unwrap();
    adding(client, &machine, &entry("clerk")).unwrap().write().unwrap();
    let edited = fs::read_to_string(&path).unwrap().replace("\"a\": 1", "\"a\": 2");
    fs::write(&path, &edited).unwrap();
    let (change, _) = removing(client, &machine, &|_| true).unwrap();
    change.write().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\n  \"a\": 2,\n  \"mcpServers\": {}\n}\n");
    assert_eq!(fs::read_to_string(crate::edit::backup_of(&path)).unwrap(), edited);
}
