//! One entry of ours in a client's configuration.

use std::env;

use super::{
    Examination, Finding, Fix, Severity,
    clients::Site,
    keys::key_file,
    program::{Located, is_this, locate},
};
use crate::{
    clients::{Reference, Server},
    config::{Start, flaw_of, is_secret, read_profiles},
    setup::Program,
    text::terminal::plain,
};

/// The headers that hold a secret.
const SECRET_HEADERS: [&str; 2] = ["authorization", "x-clerk-secret-key"];

/// A name that others chose.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", plain(name))
}

/// Looks at an entry. Whether it holds a secret.
pub(super) fn check(examination: &mut Examination, site: &Site<'_>, server: &Server) -> bool {
    let looked = examination.findings.len();
    let look = Look { examination, site, server };
    let holds_secret = look.all();
    let new = examination.findings.get(looked..).unwrap_or_default();
    if new.iter().all(|finding| finding.severity < Severity::Warning) {
        let of_project = if site.is_project { " for this project" } else { "" };
        let what = match &server.url {
            Some(_) if server.command.is_none() => "is set up with an address",
            _ => "starts clerk-mcp",
        };
        let entry = quoted(&server.name);
        let what = format!("{} {what}{of_project} as {entry}", site.client.name);
        examination.add(Finding::ok(&site.id("entry"), what).in_file(site.path));
    }
    holds_secret
}

struct Look<'a> {
    examination: &'a mut Examination,
    site: &'a Site<'a>,
    server: &'a Server,
}

impl Look<'_> {
    fn all(mut self) -> bool {
        if self.server.is_meant_for_us() {
            self.malformed();
            return false;
        }
        let holds_secret = self.secrets();
        self.references();
        self.command();
        if self.server.starts_us() {
            self.start();
        } else if self.server.url.as_deref().is_some_and(|url| self.is_whole(url)) {
            let id = self.site.id("url");
            self.examination.addresses.push((id, self.server.clone()));
        }
        holds_secret
    }

    fn add(&mut self, finding: Finding) {
        self.examination.add(finding.in_file(self.site.path));
    }

    fn label(&self) -> String {
        format!("the entry {} of {}", quoted(&self.server.name), self.site.client.name)
    }

    fn id(&self, part: &str) -> String {
        self.site.id(part)
    }

    /// Whether the client fills nothing into a value.
    fn is_whole(&self, value: &str) -> bool {
        self.site.client.references(value).is_empty()
    }

    /// A command with arguments or quotation marks in it.
    fn malformed(&mut self) {
        let command = self.server.command.as_deref().unwrap_or_default();
        let flaw = flaw_of(command).map_or_else(
            || "has arguments in its command".to_owned(),
            |flaw| {
                flaw.to_string().split("; ").next().unwrap_or_default().replace("value", "command")
            },
        );
        let what = format!("{} {flaw}, so there is no such program", self.label());
        let remedy = format!(
            "write the program alone as the command and each argument in `args`, or run {}",
            self.site.init()
        );
        self.add(Finding::error(&self.id("command"), what, remedy));
    }

    /// Secrets that are in the file itself.
    fn secrets(&mut self) -> bool {
        let whole = |(name, value): &&(String, String)| is_secret(name) && self.is_whole(value);
        let in_env: Vec<String> =
            self.server.env.iter().filter(whole).map(|(_, value)| value.clone()).collect();
        let is_secret_header =
            |name: &str| SECRET_HEADERS.iter().any(|it| name.eq_ignore_ascii_case(it));
        let headers = self.server.headers.iter();
        let headers =
            headers.filter(|(name, value)| is_secret_header(name) && self.is_whole(value));
        let in_headers: Vec<String> = headers.map(|(_, value)| value.clone()).collect();
        for secret in in_env.iter().chain(&in_headers) {
            self.examination.hide(secret.trim().trim_start_matches("Bearer "));
        }
        if !in_env.is_empty() {
            let what = format!("{} holds a secret in the file itself", self.label());
            let remedy =
                format!("{} keeps the key in a file that only you can read", self.site.init());
            self.add(Finding::warning(&self.id("key"), what, remedy));
        }
        !in_env.is_empty() || !in_headers.is_empty()
    }

    /// What the client is to fill in.
    fn references(&mut self) {
        let Server { command, args, env, url, headers, .. } = self.server;
        let pairs = env.iter().chain(headers).map(|(_, value)| value);
        let values = command.iter().chain(args).chain(pairs).chain(url);
        let client = self.site.client;
        let all: Vec<Reference> = values.flat_map(|value| client.references(value)).collect();
        for reference in all {
            let label = self.label();
            let finding = match reference {
                Reference::Environment { name, has_default: false }
                    if env::var_os(&name).is_none() =>
                {
                    let what = format!("{label} needs the variable {name}, which isn't set here");
                    let remedy = format!(
                        "set {name} where {} starts, or run {}, which needs no variable",
                        client.name,
                        self.site.init()
                    );
                    Finding::warning(&self.id("variables"), what, remedy)
                }
                Reference::Literal(text) => {
                    let what =
                        format!("{} doesn't replace {} in {label}", client.name, plain(&text));
                    let remedy = match client.reference_to("NAME") {
                        Some(spelled) => format!("write a variable as {spelled}"),
                        None => format!("it replaces nothing: run {}", self.site.init()),
                    };
                    Finding::error(&self.id("variables"), what, remedy)
                }
                _ => continue,
            };
            self.add(finding);
        }
    }

    /// The program: whether it is there, and whether it is this one.
    fn command(&mut self) {
        let Some(command) = self.server.command.clone().filter(|text| self.is_whole(text)) else {
            return;
        };
        let (label, client, init) = (self.label(), self.site.client, self.site.init());
        let is_package = self.server.is_package();
        let id = self.id(if is_package { "runner" } else { "command" });
        let shown = plain(&command);
        let (what, remedy) = match locate(&command) {
            Located::OnPath(path) if client.is_graphical => {
                let what = format!(
                    "{label} starts {shown} by its name, and {} may not have your PATH",
                    client.name
                );
                let note = Finding::note(&id, what).in_file(self.site.path);
                self.add(note.with_remedy(format!("if it isn't found, write {}", path.display())));
                return self.version(&path);
            }
            Located::At(path) | Located::OnPath(path) => return self.version(&path),
            Located::Missing => ("isn't there", format!("run {init}")),
            Located::NotExecutable => (
                "isn't a program that can be started",
                format!("make the file executable, or run {init}"),
            ),
            Located::Relative => {
                ("is found from one folder only", format!("write its absolute path, or run {init}"))
            }
            Located::NotOnPath if is_package => {
                ("isn't on your PATH", format!("install {shown}, or run {init}"))
            }
            Located::NotOnPath => {
                ("isn't on your PATH", format!("write its absolute path, or run {init}"))
            }
        };
        let mut finding =
            Finding::error(&id, format!("{label} starts {shown}, which {what}"), remedy);
        // Others share the file of a project.
        if !is_package && !self.site.is_project {
            finding.fix = self.own_program();
            if let (Some(_), Some(remedy)) = (&finding.fix, &mut finding.remedy) {
                remedy.push_str(", or `clerk-mcp doctor --fix`");
            }
        }
        self.add(finding);
    }

    /// The entry with this program, unless it is in a cache.
    fn own_program(&self) -> Option<Fix> {
        let program = Program::this(self.examination.machine.as_ref()?).ok()?;
        let command = program.path.to_str().filter(|_| program.copied_from.is_none())?.to_owned();
        let (client, path) = (self.site.client, self.site.path.to_owned());
        Some(Fix::Command { client, path, name: self.server.name.clone(), command })
    }

    fn version(&mut self, path: &std::path::Path) {
        if self.server.is_package() || is_this(path).unwrap_or(true) {
            return;
        }
        let path = path.display();
        let what = format!("{} starts {path}, another build than this one", self.label());
        let remedy = format!(
            "`{path} --version` says which, this one is {}; {} lets it start this one",
            super::VERSION,
            self.site.init()
        );
        self.add(Finding::note(&self.id("version"), what).with_remedy(remedy));
    }

    /// What the program would do with the entry's arguments and variables.
    fn start(&mut self) {
        let args = self.server.own_args().unwrap_or_default();
        let knows_args = args.iter().all(|word| self.is_whole(word));
        let whole: Vec<(String, String)> =
            self.server.env.iter().filter(|(_, value)| self.is_whole(value)).cloned().collect();
        let start = Start::read(if knows_args { args } else { &[] }, &whole);
        let label = self.label();
        for (part, mistakes) in [
            ("arguments", start.arguments.iter().collect()),
            ("variables", start.variables.iter().collect::<Vec<_>>()),
        ] {
            for mistake in mistakes {
                let mut finding = Finding::refused(&self.id(part), mistake);
                finding.what = format!("{part} of {label}: {}", finding.what);
                if !mistake.contains("; ") {
                    finding.remedy =
                        Some(format!("correct it in the file, or run {}", self.site.init()));
                }
                self.add(finding);
            }
        }
        if start.contradicts {
            let what =
                format!("{label} has both --read-only and --allow-writes; nothing is written");
            let remedy = "keep the one that you mean";
            self.add(Finding::warning(&self.id("arguments"), what, remedy));
        }
        if let Some(path) = &start.key_file {
            if path.is_file() {
                key_file(self.examination, &self.id("mode"), &label, path);
            } else {
                let what = format!(
                    "{label} names the file {} for its key, which isn't there",
                    path.display()
                );
                let remedy = format!("write the key into it, or run {}", self.site.init());
                self.add(Finding::error(&self.id("key"), what, remedy));
            }
        }
        self.profile(&start, knows_args);
    }

    /// The profile, or where else the key is.
    fn profile(&mut self, start: &Start, knows_args: bool) {
        let read;
        let profiles = match &start.profiles_file {
            Some(file) => {
                read = read_profiles(file).ok().flatten();
                read.as_ref()
            }
            None => self.examination.profiles.as_ref(),
        };
        let names: Vec<String> =
            profiles.iter().flat_map(|all| all.names()).map(str::to_owned).collect();
        let default = profiles.and_then(|all| all.default.clone());
        let label = self.label();
        // A file that is broken has a finding of its own.
        let is_broken = |finding: &Finding| finding.check == "profile.file";
        let is_known = !self.examination.findings.iter().any(is_broken);
        if let Some(name) = start.profile.as_ref().filter(|name| is_known && !names.contains(name))
        {
            let what = format!("{label} names the profile {}, which doesn't exist", quoted(name));
            let there = if names.is_empty() {
                format!("run `clerk-mcp init --profile {}`", plain(name))
            } else {
                format!("choose one of {}, or run `clerk-mcp init`", names.join(", "))
            };
            self.add(Finding::error(&self.id("profile"), what, there));
            return;
        }
        let has_key = start.has_key
            || self.server.env.iter().any(|(name, _)| name.starts_with("CLERK_SECRET_KEY"))
            || start.profile.is_some()
            || default.is_some();
        let of_shell = self.examination.instances.iter().any(|it| it.check == "environment");
        let is_shells = of_shell && !self.site.client.is_graphical;
        if knows_args && is_known && !has_key && !start.is_sandboxed && !is_shells {
            let what = format!("{label} says nowhere what its secret key is");
            let remedy = format!("run {}, which asks for the key", self.site.init());
            self.add(Finding::warning(&self.id("key"), what, remedy));
        }
    }
}
