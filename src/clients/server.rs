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
    /// The headers for the address, which may hold secrets.
    pub headers: Vec<(String, String)>,
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
        self.own_args().is_some()
    }

    /// The arguments that clerk-mcp gets: all, or those behind its package; `None` if the client
    /// starts something else.
    #[must_use]
    pub fn own_args(&self) -> Option<&[String]> {
        let program = self.command.as_deref().map(program)?;
        if program == "clerk-mcp" {
            return Some(&self.args);
        }
        let package = self.args.iter().position(|word| is_package(word))?;
        RUNNERS.contains(&program.as_str()).then(|| self.args.get(package + 1..))?
    }

    /// Whether a package runner gets clerk-mcp.
    #[must_use]
    pub fn is_package(&self) -> bool {
        self.starts_us() && self.command.as_deref().map(program).as_deref() != Some("clerk-mcp")
    }

    /// Whether its program isn't ours as it is written, but seems to be meant: it has quotation
    /// marks, white space or arguments in it.
    #[must_use]
    pub fn is_meant_for_us(&self) -> bool {
        let Some(command) = self.command.as_deref().filter(|_| !self.starts_us()) else {
            return false;
        };
        let bare = |word: &str| word.trim_matches(|c: char| "\"'`=".contains(c)).to_owned();
        let is_us = |word: &str| program(word) == "clerk-mcp" || is_package(word);
        command.split_whitespace().map(bare).chain([bare(command.trim())]).any(|word| is_us(&word))
    }
}

/// The values of variables may be secrets.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("Server")
            .field("name", &self.name)
            .field("command", &self.command)
            .field("args", &self.args)
            .field("env", &names(&self.env))
            .field("url", &self.url)
            .field("headers", &names(&self.headers))
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
