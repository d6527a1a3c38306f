//! The clients' configuration files, and which entries in them are ours.

use std::path::Path;

use super::{Examination, Finding, Fix, entry};
use crate::{
    clients::{CLIENTS, Client, Server},
    config::is_ours,
    edit::read_text,
    private::shared_mode,
};

/// A client's configuration file.
pub(super) struct Site<'a> {
    pub(super) client: &'static Client,
    pub(super) path: &'a Path,
    /// Whether it is for the project in the working folder.
    pub(super) is_project: bool,
}

impl Site<'_> {
    /// The name of a check.
    pub(super) fn id(&self, part: &str) -> String {
        format!("client.{}.{part}", self.client.id)
    }

    /// What to run to write an entry anew.
    pub(super) fn init(&self) -> String {
        format!("`clerk-mcp init --client {}`", self.client.id)
    }
}

/// Looks at the files of all clients.
pub(super) fn check(examination: &mut Examination) {
    let Some(machine) = examination.machine.clone() else {
        let what = "your home folder isn't known, so no client's own configuration was looked at";
        examination.add(Finding::note("client", what).with_remedy("set HOME"));
        return;
    };
    let mut is_set_up = false;
    for client in CLIENTS {
        let own = client.path(&machine);
        let project = examination.folder.as_deref().and_then(|folder| client.project_path(folder));
        let project = project.filter(|path| real(path) != real(&own));
        for (path, is_project) in [(Some(own), false), (project, true)] {
            if let Some(path) = path.filter(|path| path.exists()) {
                is_set_up |= file(examination, &Site { client, path: &path, is_project });
            }
        }
    }
    if !is_set_up {
        let what = "no MCP client on this machine has an entry for clerk-mcp";
        examination.add(Finding::note("client", what).with_remedy("run `clerk-mcp init`"));
    }
}

fn real(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Looks at one file. Whether it has an entry of ours, or may have one.
fn file(examination: &mut Examination, site: &Site<'_>) -> bool {
    let name = site.client.name;
    let text = match read_text(site.path) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => {
            let what = format!("the configuration of {name} {error}");
            let remedy = "check its path, its permissions and its encoding";
            let finding = Finding::error(&site.id("file"), what, remedy);
            examination.add(finding.in_file(site.path));
            return true;
        }
    };
    let servers = match site.client.servers(&text) {
        Ok(servers) => servers,
        Err(broken) => {
            let what = format!(
                "{name} can't read its configuration: {}, at column {}",
                broken.what, broken.column
            );
            let remedy =
                format!("correct line {}; until then none of its servers start", broken.line);
            let finding = Finding::error(&site.id("file"), what, remedy);
            examination.add(finding.in_file(site.path).on_line(broken.line));
            return true;
        }
    };
    let is_meant = |server: &&Server| server.is_ours() || server.is_meant_for_us();
    let ours: Vec<&Server> = servers.iter().filter(is_meant).collect();
    let mut holds_secret = false;
    for server in &ours {
        holds_secret |= entry::check(examination, site, server);
    }
    if holds_secret && let Ok(Some(mode)) = shared_mode(site.path) {
        let what =
            format!("others can read the secret in the configuration of {name} (mode {mode:04o})");
        let remedy = format!(
            "run `clerk-mcp doctor --fix`, or `chmod 600 {}`; if others use this machine, replace the \
             secret",
            site.path.display()
        );
        let finding = Finding::error(&site.id("mode"), what, remedy).in_file(site.path);
        examination.add(finding.with_fix(Fix::Narrow(site.path.to_owned())));
    }
    duplicates(examination, site, &ours);
    !ours.is_empty()
}

/// What two entries that start the same server have in common.
type Start<'a> = (Option<&'a [String]>, Vec<&'a (String, String)>, Option<&'a str>);

fn start(server: &Server) -> Start<'_> {
    let env = server.env.iter().filter(|(name, _)| is_ours(name)).collect();
    (server.own_args(), env, server.url.as_deref())
}

/// Two entries that start the same server: an agent sees each tool twice.
fn duplicates(examination: &mut Examination, site: &Site<'_>, ours: &[&Server]) {
    let mut rest = ours.iter().filter(|server| server.is_ours());
    while let Some(one) = rest.next() {
        let Some(other) = rest.clone().find(|other| start(other) == start(one)) else { continue };
        let (one, other) = (entry::quoted(&one.name), entry::quoted(&other.name));
        let what = format!(
            "{one} and {other} of {} start the same server, so an agent sees each tool twice",
            site.client.name
        );
        let finding = Finding::warning(&site.id("duplicate"), what, format!("remove {other}"));
        examination.add(finding.in_file(site.path));
    }
}
