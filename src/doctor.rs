//! What is wrong with a set-up, and what to do about it.
//!
//! A check looks, and adds findings; it changes nothing. What can be corrected safely is a [`Fix`] of
//! a finding, and all fixes are made in one place. No check starts a program that a configuration
//! names, or runs a command that prints a key: a configuration can name anything. Whether a client's
//! program is this one is seen by comparing files.

mod clients;
mod entry;
mod files;
mod finding;
mod fix;
mod keys;
mod network;
mod program;
mod version;
mod wire;

use std::path::PathBuf;

use reqwest::Url;
use secrecy::SecretString;

use self::keys::Instance;
pub use self::{
    finding::{Finding, Severity, Summary},
    fix::Fix,
};
use crate::{
    clients::{Machine, Server},
    config::{Config, Profiles, said},
    redact::Redactor,
    text::terminal::escape,
};

/// This program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How to look.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether to correct what can be corrected safely.
    pub fix: bool,
    /// Whether to send anything over the network.
    pub is_offline: bool,
    /// Where the newest version is known.
    pub registry: Url,
}

/// Everything that is looked at, and what was found so far.
struct Examination {
    /// The machine; `None` without a home folder.
    machine: Option<Machine>,
    /// The folder whose project's files are looked at too.
    folder: Option<PathBuf>,
    /// The configuration of the environment alone.
    environment: Option<Config>,
    /// The configuration that a server started here without options has.
    config: Option<Config>,
    /// Those of the profiles that can be read, by name.
    of_profiles: Vec<(String, Config)>,
    /// The file of profiles, if it can be read.
    profiles: Option<Profiles>,
    findings: Vec<Finding>,
    /// What must get into no finding.
    secrets: Vec<SecretString>,
    /// The keys that are known, and where they are used.
    instances: Vec<Instance>,
    /// The servers at an address of ours, and what their findings are called.
    addresses: Vec<(String, Server)>,
}

impl Examination {
    fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn hide(&mut self, secret: &str) {
        self.secrets.push(secret.into());
    }
}

/// A check that needs no network.
type Check = fn(&mut Examination);

/// In the order of their findings. Later ones use what earlier ones have read.
const CHECKS: [Check; 4] = [keys::profiles, keys::environment, clients::check, files::check];

/// Looks at everything, and returns what was found, without secrets. Characters that would act on a
/// terminal are escaped.
pub async fn examine(options: &Options) -> Vec<Finding> {
    let mut examination = Examination {
        machine: Machine::this(),
        folder: std::env::current_dir().ok(),
        environment: None,
        config: None,
        of_profiles: Vec::new(),
        profiles: None,
        findings: Vec::new(),
        secrets: Vec::new(),
        instances: Vec::new(),
        addresses: Vec::new(),
    };
    for check in CHECKS {
        check(&mut examination);
    }
    wire::in_process(&mut examination).await;
    network::settings(&mut examination);
    if options.is_offline {
        examination.add(Finding::note(
            "network",
            "--offline: nothing was asked over the network, so no key was tried",
        ));
    } else {
        network::check(&mut examination, &options.registry).await;
    }
    let Examination { mut findings, secrets, .. } = examination;
    if options.fix {
        fix::all(&mut findings);
    }
    let redactor = secrets.iter().fold(Redactor::default(), Redactor::with_secret);
    let clean = |text: &mut String| *text = escape(&redactor.text(text)).into_owned();
    for finding in &mut findings {
        clean(&mut finding.what);
        let Finding { remedy, fixed, file, .. } = finding;
        [remedy, fixed, file].into_iter().flatten().for_each(clean);
    }
    findings.sort_by_key(Finding::group);
    findings
}

/// What a configuration that can't be read says of itself.
fn refusal(read: Result<Config, clap::Error>) -> Result<Config, String> {
    read.map_err(|error| said(&error))
}
