//! The clients. Each row names its source; all were read in November 2026.

use super::{
    Client,
    entry::{Fixed, Form},
    place::{
        Place::{Config, Home},
        Places,
    },
    variables::Variables,
};
use crate::edit::Format;

/// The entry that most clients have.
const USUAL: Form = Form {
    fixed: &[],
    command: "command",
    args: Some("args"),
    env: "env",
    urls: &["url"],
    headers: &["headers"],
};
/// The same with its transport.
const STDIO: Form = Form { fixed: &[("type", Fixed::Text("stdio"))], ..USUAL };

/// The places of a client that has the same one in the home folder of every system.
const fn at_home(places: &'static [super::place::Place]) -> Places {
    Places { linux: places, macos: places, windows: places, variable: None, folder: None }
}

/// Every client that `init` can configure.
pub static CLIENTS: &[Client] = &[
    // https://modelcontextprotocol.io/docs/develop/connect-local-servers for macOS and Windows, and
    // https://support.claude.com/en/articles/10949351. The Windows Store package has a folder of its
    // own (https://github.com/taiste/harvest-mcp-server/pull/12).
    Client {
        id: "claude-desktop",
        name: "Claude Desktop",
        is_graphical: true,
        after: "Quit Claude Desktop and open it again.",
        project_file: None,
        format: Format::Json,
        places: Places {
            linux: &[Config("Claude/claude_desktop_config.json")],
            macos: &[Home("Library/Application Support/Claude/claude_desktop_config.json")],
            windows: &[
                Home(
                    "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json",
                ),
                Config("Claude/claude_desktop_config.json"),
            ],
            variable: None,
            folder: None,
        },
        servers: &[&["mcpServers"]],
        form: USUAL,
        variables: Variables::NONE,
    },
    // https://code.claude.com/docs/en/mcp: user scope is in ~/.claude.json, `${VAR}` and
    // `${VAR:-default}` in command, args, env, url and headers. CLAUDE_CONFIG_DIR moves the file:
    // https://github.com/microsoft/apm/pull/2096.
    Client {
        id: "claude-code",
        name: "Claude Code",
        is_graphical: false,
        after: "Start Claude Code again, and look at /mcp.",
        project_file: Some(".mcp.json"),
        format: Format::Json,
        places: Places {
            variable: Some("CLAUDE_CONFIG_DIR"),
            folder: Some(".claude"),
            ..at_home(&[Home(".claude.json")])
        },
        servers: &[&["mcpServers"]],
        form: STDIO,
        variables: Variables { environment: &[("${", "}")], own: &[], default: Some(":-") },
    },
    // https://cursor.com/docs/mcp.md: ~/.cursor/mcp.json and .cursor/mcp.json; `${env:NAME}`,
    // `${userHome}`, `${workspaceFolder}`, `${workspaceFolderBasename}`, `${pathSeparator}` and `${/}`.
    Client {
        id: "cursor",
        name: "Cursor",
        is_graphical: true,
        after: "Turn the server on in Cursor's settings, under Tools & MCP.",
        project_file: Some(".cursor/mcp.json"),
        format: Format::JsonWithComments,
        places: at_home(&[Home(".cursor/mcp.json")]),
        servers: &[&["mcpServers"]],
        form: USUAL,
        variables: Variables {
            environment: &[("${env:", "}")],
            own: &["${userHome}", "${workspaceFolder", "${pathSeparator}", "${/}"],
            default: None,
        },
    },
    // https://code.visualstudio.com/docs/copilot/reference/mcp-configuration: `type` is required, and
    // the user's mcp.json is in the profile's folder; `${input:…}` is asked for once. Where that folder
    // is: https://code.visualstudio.com/docs/configure/settings.
    Client {
        id: "vscode",
        name: "VS Code",
        is_graphical: true,
        after: "Run the command `MCP: List Servers` in VS Code and start the server.",
        project_file: Some(".vscode/mcp.json"),
        format: Format::JsonWithComments,
        places: Places {
            linux: &[Config("Code/User/mcp.json")],
            macos: &[Home("Library/Application Support/Code/User/mcp.json")],
            windows: &[Config("Code/User/mcp.json")],
            variable: None,
            folder: None,
        },
        servers: &[&["servers"]],
        form: STDIO,
        variables: Variables {
            environment: &[("${env:", "}")],
            own: &[
                "${input:",
                "${command:",
                "${config:",
                "${workspaceFolder",
                "${userHome}",
                "${pathSeparator}",
                "${/}",
            ],
            default: None,
        },
    },
    // https://docs.windsurf.com/windsurf/cascade/mcp: `serverUrl` or `url`, and `${env:NAME}`.
    Client {
        id: "windsurf",
        name: "Windsurf",
        is_graphical: true,
        after: "Press the refresh button in Windsurf's list of MCP servers.",
        project_file: None,
        format: Format::JsonWithComments,
        places: at_home(&[Home(".codeium/windsurf/mcp_config.json")]),
        servers: &[&["mcpServers"]],
        form: Form { urls: &["serverUrl", "url"], ..USUAL },
        variables: Variables { environment: &[("${env:", "}")], own: &["${file:"], default: None },
    },
    // https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md: `$VAR` and
    // `${VAR}`; comments are kept by the CLI itself.
    Client {
        id: "gemini",
        name: "Gemini CLI",
        is_graphical: false,
        after: "Start Gemini CLI again, and look at /mcp.",
        project_file: Some(".gemini/settings.json"),
        format: Format::JsonWithComments,
        places: at_home(&[Home(".gemini/settings.json")]),
        servers: &[&["mcpServers"]],
        form: Form { urls: &["httpUrl", "url"], ..USUAL },
        variables: Variables { environment: &[("${", "}")], own: &[], default: None },
    },
    // https://developers.openai.com/codex/mcp: `[mcp_servers.NAME]` in ~/.codex/config.toml, or in the
    // folder that CODEX_HOME names; values are taken as they are.
    Client {
        id: "codex",
        name: "Codex",
        is_graphical: false,
        after: "Start Codex again, and look at /mcp.",
        project_file: Some(".codex/config.toml"),
        format: Format::Toml,
        places: Places { variable: Some("CODEX_HOME"), ..at_home(&[Home(".codex/config.toml")]) },
        servers: &[&["mcp_servers"]],
        form: Form { headers: &["http_headers"], ..USUAL },
        variables: Variables::NONE,
    },
    // https://zed.dev/docs/ai/mcp for the entry, https://zed.dev/docs/configuring-zed for the places.
    Client {
        id: "zed",
        name: "Zed",
        is_graphical: true,
        after: "Zed starts the server at once: see the Agent Panel's settings.",
        project_file: Some(".zed/settings.json"),
        format: Format::JsonWithComments,
        places: Places {
            linux: &[Config("zed/settings.json")],
            macos: &[Home(".config/zed/settings.json")],
            windows: &[Config("Zed/settings.json")],
            variable: None,
            folder: None,
        },
        servers: &[&["context_servers"]],
        form: USUAL,
        variables: Variables::NONE,
    },
    // https://opencode.ai/docs/mcp-servers and https://opencode.ai/v2/docs/mcp-servers: version 2 has
    // `mcp.servers` and still reads the older `mcp`. Both take a server without `enabled` as enabled,
    // and version 2 has no such field.
    Client {
        id: "opencode",
        name: "opencode",
        is_graphical: false,
        after: "Start opencode again.",
        project_file: Some("opencode.json"),
        format: Format::JsonWithComments,
        places: Places {
            linux: &[Config("opencode/opencode.jsonc"), Config("opencode/opencode.json")],
            macos: &[Config("opencode/opencode.jsonc"), Config("opencode/opencode.json")],
            windows: &[
                Home(".config/opencode/opencode.jsonc"),
                Home(".config/opencode/opencode.json"),
            ],
            variable: None,
            folder: None,
        },
        servers: &[&["mcp", "servers"], &["mcp"]],
        form: Form {
            fixed: &[("type", Fixed::Text("local"))],
            command: "command",
            args: None,
            env: "environment",
            urls: &["url"],
            headers: &["headers"],
        },
        variables: Variables { environment: &[("{env:", "}")], own: &["{file:"], default: None },
    },
    // https://block.github.io/goose/docs/guides/config-files, and the fields of `ExtensionConfig` in
    // https://github.com/block/goose/blob/main/crates/goose/src/agents/extension.rs.
    Client {
        id: "goose",
        name: "Goose",
        is_graphical: true,
        after: "Start a new Goose session.",
        project_file: None,
        format: Format::Yaml,
        places: Places {
            linux: &[Config("goose/config.yaml")],
            macos: &[Config("goose/config.yaml")],
            windows: &[Config("Block/goose/config/config.yaml")],
            variable: None,
            folder: None,
        },
        servers: &[&["extensions"]],
        form: Form {
            fixed: &[
                ("enabled", Fixed::True),
                ("type", Fixed::Text("stdio")),
                ("name", Fixed::Name),
                ("timeout", Fixed::Number(300)),
            ],
            command: "cmd",
            args: Some("args"),
            env: "envs",
            urls: &["uri"],
            headers: &["headers"],
        },
        variables: Variables::NONE,
    },
];
