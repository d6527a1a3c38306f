//! What `init` leaves of the files that are there: everything.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{Home, mode};
use crate::support::KEY;

/// Configuration files as people and programs have them, by client.
const FORMS: [(&str, &str); 22] = [
    ("claude-desktop", ""),
    ("claude-desktop", "{}"),
    ("claude-desktop", "{\"mcpServers\":{},\"globalShortcut\":\"\"}"),
    (
        "claude-desktop",
        "{\r\n  \"mcpServers\": {\r\n    \"fs\": {\r\n      \"command\": \"npx\",\r\n      \"args\": [\"-y\", \"fs\"]\r\n    }\r\n  }\r\n}\r\n",
    ),
    (
        "claude-code",
        "{\n  \"numStartups\": 184,\n  \"projects\": {\n    \"/p\": { \"mcpServers\": { \"clerk\": {} }, \"history\": [\"a \\\"b\\\" // c\"] }\n  },\n  \"mcpServers\": {\n    \"gh\": { \"type\": \"http\", \"url\": \"https://x/mcp\" }\n  },\n  \"userID\": \"ü\\u00fc\"\n}",
    ),
    ("claude-code", "{\n  \"cost\": 1.10e2,\n  \"big\": 12345678901234567890123\n}\n"),
    (
        "cursor",
        "\u{feff}{\n\t\"mcpServers\": {\n\t\t\"a\": { \"url\": \"http://127.0.0.1:1/x\" }\n\t}\n}",
    ),
    ("cursor", " \n\n"),
    (
        "vscode",
        "{\n\t// MCP servers\n\t\"inputs\": [{ \"id\": \"k\" }],\n\t\"servers\": {\n\t\t\"a\": { \"type\": \"stdio\", \"command\": \"a\" }, // first\n\t\t/* \"b\": {} */\n\t},\n}\n",
    ),
    ("vscode", "{ \"servers\": { \"a\": {} } }"),
    ("windsurf", "{\n    \"mcpServers\": {\n    }\n}\n"),
    (
        "gemini",
        "{\n  // theme\n  \"ui\": { \"theme\": \"GitHub\" },\n  \"mcpServers\": { \"a\": { \"httpUrl\": \"https://a/mcp\" } }\n}\n",
    ),
    (
        "codex",
        "model = \"gpt-5\"\n\n[mcp_servers.docs]\ncommand = 'docs' # mine\n\n[tui]\nx = [\n  1, # one\n]",
    ),
    ("codex", "# only a comment"),
    ("codex", "[projects.\"/home/a b\"]\r\ntrust_level = \"trusted\"\r\n\r\n"),
    (
        "zed",
        "// Zed settings\n//\n// see the docs\n{\n  \"theme\": { \"mode\": \"system\" },\n  \"context_servers\": {\n    \"a\": { \"source\": \"custom\", \"command\": \"a\", \"args\": [], \"env\": {} },\n  },\n}\n",
    ),
    ("zed", "// nothing yet\n"),
    (
        "opencode",
        "{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"mcp\": {\n    \"a\": { \"type\": \"local\", \"command\": [\"a\"], \"enabled\": false }\n  }\n}\n",
    ),
    (
        "opencode",
        "{ \"mcp\": { \"servers\": { \"a\": { \"type\": \"remote\", \"url\": \"https://a\" } } } }\n",
    ),
    (
        "goose",
        "GOOSE_PROVIDER: \"anthropic\"\n# extensions\nextensions:\n  developer:\n    bundled: true\n    enabled: true\n    name: developer\n    type: builtin\n  \n  a:\n    args:\n    - x\n    cmd: a\n    envs: {}\n    type: stdio\nslash_commands:\n  - command: \"x\"\n",
    ),
    ("goose", "extensions: {} # none\nGOOSE_MODE: auto"),
    ("goose", "# nothing\r\n"),
];

#[tokio::test]
async fn whatever_a_file_has_stays_and_remove_gives_its_bytes_back() {
    for (id, original) in FORMS {
        let home = Home::new().await;
        let path = home.write(id, original);
        let others = if original.trim().is_empty() { Vec::new() } else { home.servers(id) };
        for arguments in [&["--sandbox"][..], &[], &["--profile", "acme"]] {
            let all = [&["--yes", "--client", id], arguments].concat();
            let ran = home.init(&all, Some(KEY)).await;
            assert_eq!(ran.code, Some(0), "{id} {original:?}: {ran:?}");
        }
        let servers = home.servers(id);
        assert_eq!(servers.iter().filter(|server| server.is_ours()).count(), 3, "{id}");
        for other in others {
            assert!(servers.contains(&other), "{id}: {other:?}");
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.starts_with('\u{feff}'), original.starts_with('\u{feff}'));
        assert_eq!(text.contains("\r\n"), original.contains("\r\n"), "{id}");
        let ran = home.init(&["--remove", "--yes", "--client", id], None).await;
        assert_eq!(ran.code, Some(0), "{id}: {ran:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), original, "{id}");
        let left = fs::read_dir(path.parent().unwrap()).unwrap();
        let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(!names.iter().any(|name| name.to_string_lossy().contains("backup")), "{names:?}");
    }
}

#[tokio::test]
async fn a_broken_file_is_named_with_the_place_and_left_alone_while_others_are_set_up() {
    let broken = [
        ("claude-desktop", "{\n  \"mcpServers\": {\n    // mine\n  }\n}\n", "line 3, column 5"),
        ("claude-code", "{\n  \"a\": 1\n", "line"),
        ("cursor", "{\n  \"mcpServers\": {\n    \"a\u{1b}[2J\": \n  }\n}\n", "line"),
        ("codex", "[mcp_servers.a]\ncommand = a\n", "line 2"),
        ("goose", "extensions:\n  a: [\n", "line"),
        ("zed", "{ \"context_servers\": [] }", "`context_servers` isn't an object"),
        ("windsurf", "\u{feff}{", "line 1"),
    ];
    for (id, text, place) in broken {
        let home = Home::new().await;
        let path = home.write(id, text);
        home.write("opencode", "{}");
        let ran = home.init(&["--yes", "--sandbox"], None).await;
        assert_eq!(ran.code, Some(1), "{id}: {ran:?}");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(ran.error.contains(name) && ran.error.contains(place), "{id}: {ran:?}");
        assert!(!ran.error.contains('\u{1b}') && !ran.out.contains('\u{1b}'), "{ran:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{id}");
        assert_eq!(
            fs::read_dir(path.parent().unwrap())
                .unwrap()
                .filter(|entry| {
                    let name = entry.as_ref().unwrap().file_name();
                    name.to_string_lossy().starts_with(path.file_name().unwrap().to_str().unwrap())
                })
                .count(),
            1,
            "{id}"
        );
        assert_eq!(home.servers("opencode").len(), 1, "{id}");
    }
}

#[tokio::test]
async fn what_is_written_has_the_permissions_of_what_was_there_and_goes_through_links() {
    let home = Home::new().await;
    let (link, real) = (home.file("cursor"), home.path().join("dotfiles/cursor.json"));
    for folder in [link.parent().unwrap(), real.parent().unwrap()] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(&real, "{}").unwrap();
    symlink(&real, &link).unwrap();
    let shared = home.write("gemini", "{}");
    let permissions = |bits| std::os::unix::fs::PermissionsExt::from_mode(bits);
    fs::set_permissions(&shared, permissions(0o664)).unwrap();
    let ran = home.init(&["--yes", "--sandbox", "--client", "cursor,gemini,zed"], None).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read_link(&link).unwrap(), real);
    assert_eq!(home.servers("cursor").len(), 1);
    assert_eq!(
        fs::read_to_string(home.path().join("dotfiles/cursor.json.clerk-mcp-backup")).unwrap(),
        "{}"
    );
    assert_eq!((mode(&shared), mode(&home.file("zed"))), (0o664, 0o600));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named() {
    let home = Home::new().await;
    // Nix and others make files that nobody is to edit.
    let path = home.write("cursor", "{}");
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o444)).unwrap();
    let ran = home.init(&["--yes", "--sandbox"], None).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.error.contains("mcp.json is read-only"), "{ran:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    // A file where a folder must be.
    fs::write(home.path().join(".gemini"), "").unwrap();
    let ran = home.init(&["--yes", "--sandbox", "--client", "gemini"], None).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.error.contains(".gemini/settings.json"), "{ran:?}");
    let config = home.own("config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "[profiles\n").unwrap();
    let ran = home.init(&["--yes", "--client", "zed"], Some(KEY)).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.error.contains("config.toml: line 1"), "{ran:?}");
    assert!(!home.own("keys").exists() && !Path::new(&home.file("zed")).exists());
}
