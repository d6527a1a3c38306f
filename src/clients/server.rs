//! A server in a client's configuration.

use std::{fmt, path::Path};

use url::{Host, Url};

/// Programs that get a package and run it.
const RUNNERS: [&str; 9] = ["npx", "uvx", "bunx", "pnpm", "yarn", "bun", "pipx", "uv", "cmd"];

/// A server as a client's configuration has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// The program that the client starts.
    pub command: Option<String>,
    /// The program's arguments.
    pub args: Vec<String>,
    /// The program's variables, which may hold secrets.
    pub env: Vec<(String, String)>,
    /// The address, if the server runs already.
    pub url: Option<String>,
}

impl Server {
    /// Whether it is clerk-mcp: the program itself, a package runner with its package, or an address
    /// on this machine with one of its two paths.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.starts_us() || self.url.as_deref().is_some_and(is_our_address)
    }

    /// Whether the client starts clerk-mcp.
    #[must_use]
    pub fn starts_us(&self) -> bool {
        let Some(program) = self.command.as_deref().map(program) else { return false };
        program == "clerk-mcp"
            || RUNNERS.contains(&program.as_str()) && self.args.iter().any(|word| is_package(word))
    }
}

/// The values of variables may be secrets.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<&String> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Server")
            .field("name", &self.name)
            .field("command", &self.command)
            .field("args", &self.args)
            .field("env", &variables)
            .field("url", &self.url)
            .finish()
    }
}

/// The name of a program without its folder and, as on Windows, its ending.
fn program(command: &str) -> String {
    let name = command.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = Path::new(name);
    let is_ending = |ending: &&std::ffi::OsStr| {
        ["exe", "cmd", "bat", "ps1"].iter().any(|known| ending.eq_ignore_ascii_case(known))
    };
    let stem = name.extension().filter(is_ending).and_then(|_| name.file_stem());
    stem.unwrap_or(name.as_os_str()).to_string_lossy().into_owned()
}

/// Whether it is our package, with a version or without: `clerk-mcp@0.1.0`, `clerk-mcp==0.1.0`.
fn is_package(word: &str) -> bool {
    let rest = word.strip_prefix("clerk-mcp");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['@', '=', '>', '<', '~', '[']))
}

fn is_our_address(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    is_local && ["/mcp", "/sse"].contains(&url.path().trim_end_matches('/'))
}
