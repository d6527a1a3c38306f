//! The server's own files: policy, audit log, journal of changes, approvals, events.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use super::{Examination, Finding, Fix};
use crate::{
    approvals, audit,
    config::{Config, ConfigError, read_policy},
    events, journal,
    private::shared_mode,
};

/// Looks at the files of the configuration that holds here, and of each profile.
pub(super) fn check(examination: &mut Examination) {
    let of_profiles = examination.of_profiles.iter().map(|(_, config)| config);
    let configs: Vec<&Config> = examination.config.iter().chain(of_profiles).collect();
    let files = |file: fn(&Config) -> Option<&PathBuf>| -> BTreeSet<PathBuf> {
        configs.iter().filter_map(|config| file(config)).cloned().collect()
    };
    let (policies, logs) = (files(Config::policy_file), files(Config::audit_file));
    let (events, approvals) = (files(Config::events_file), files(Config::approvals_file));
    let without = configs.iter().filter(|config| config.approvals_file().is_none());
    let without: BTreeSet<PathBuf> =
        without.filter_map(|config| config.policy_file()).cloned().collect();
    let journals: BTreeSet<PathBuf> =
        configs.iter().filter_map(|config| config.journal_file()).collect();
    for path in &policies {
        policy(examination, path);
    }
    for path in &logs {
        log(examination, path);
    }
    for path in &journals {
        journal(examination, path);
    }
    for path in &approvals {
        waiting(examination, path);
    }
    for path in &events {
        kept(examination, path);
    }
    for path in &without {
        second_person(examination, path);
    }
}

fn policy(examination: &mut Examination, path: &Path) {
    match read_policy(path, "the policy".to_owned()) {
        Ok(_) => {
            examination.add(Finding::ok("file.policy", "the policy has no mistakes").in_file(path));
        }
        Err(ConfigError::Policy { mistakes, .. }) => {
            for mistake in mistakes {
                let what = format!("the policy has a mistake: {}", mistake.message);
                let remedy = "correct the line; until then the server doesn't start";
                let finding = Finding::error("file.policy", what, remedy);
                examination.add(finding.in_file(path).on_line(mistake.line));
            }
        }
        Err(error) => {
            examination.add(Finding::refused("file.policy", &error.to_string()).in_file(path));
        }
    }
}

fn log(examination: &mut Examination, path: &Path) {
    const ID: &str = "file.audit";
    let read = File::open(path).and_then(|file| audit::verify(BufReader::new(file), None));
    let verdict = match read {
        Ok(verdict) => verdict,
        Err(error) => return missing(examination, ID, "the audit log", path, &error),
    };
    shared(examination, ID, "the audit log", path);
    if verdict.is_intact() {
        let what = format!("the audit log is intact, with {} lines", verdict.lines);
        return examination.add(Finding::ok(ID, what).in_file(path));
    }
    for broken in &verdict.breaks {
        let what = format!("the audit log was changed: line {} {}", broken.line, broken.problem);
        let remedy =
            format!("find out who changed it; `clerk-mcp audit verify {}`", path.display());
        examination.add(
            Finding::error(ID, what, remedy)
                .in_file(path)
                .on_line(usize::try_from(broken.line).unwrap_or(usize::MAX)),
        );
    }
}

fn journal(examination: &mut Examination, path: &Path) {
    const ID: &str = "file.journal";
    if let Err(error) = File::open(path) {
        return missing(examination, ID, "the journal of changes", path, &error);
    }
    shared(examination, ID, "the journal of changes", path);
    match journal::count(path) {
        Ok(count) => {
            let what = format!("the journal of changes can be read and has {count} changes");
            examination.add(Finding::ok(ID, what).in_file(path));
        }
        Err(error) => {
            let remedy = "let --journal name another file, or move this one away";
            examination.add(Finding::error(ID, error.to_string(), remedy).in_file(path));
        }
    }
}

fn waiting(examination: &mut Examination, path: &Path) {
    const ID: &str = "file.approvals";
    if let Err(error) = File::open(path) {
        return missing(examination, ID, "the file of approvals", path, &error);
    }
    shared(examination, ID, "the file of approvals", path);
    match approvals::count(path) {
        Ok(count) => {
            let what = format!("the file of approvals can be read and has {count} approvals");
            examination.add(Finding::ok(ID, what).in_file(path));
        }
        Err(error) => {
            let remedy = "let --approvals name another file, or move this one away";
            examination.add(Finding::error(ID, error.to_string(), remedy).in_file(path));
        }
    }
}

/// A policy that demands a second person, without a file in which calls can wait for one.
fn second_person(examination: &mut Examination, path: &Path) {
    let policy = read_policy(path, "the policy".to_owned());
    if policy.is_ok_and(|policy| policy.demands_second_person()) {
        let what = "a rule demands a second person's approval, and there is no file for approvals";
        let remedy = "name a file with --approvals; until then the server doesn't start";
        examination.add(Finding::error("file.approvals", what, remedy).in_file(path));
    }
}

fn kept(examination: &mut Examination, path: &Path) {
    const ID: &str = "file.events";
    if let Err(error) = File::open(path) {
        return missing(examination, ID, "the file of events", path, &error);
    }
    shared(examination, ID, "the file of events", path);
    match events::look(path) {
        Ok(look) => {
            let last =
                look.last.map_or_else(String::new, |last| format!(", the last at {last:.0}"));
            let what =
                format!("the file of events can be read and has {} events{last}", look.events);
            examination.add(Finding::ok(ID, what).in_file(path));
        }
        Err(error) => {
            let remedy = "let --events name another file, or move this one away";
            examination.add(Finding::error(ID, error.to_string(), remedy).in_file(path));
        }
    }
}

/// A file that can't be opened. A server creates it if its folder is there.
fn missing(examination: &mut Examination, id: &str, name: &str, path: &Path, error: &io::Error) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let finding = match folder.filter(|folder| !folder.is_dir()) {
        _ if error.kind() != io::ErrorKind::NotFound => {
            let remedy = "check its permissions, or name another file";
            Finding::error(id, format!("{name} can't be read: {error}"), remedy)
        }
        Some(folder) => {
            let what = format!("the folder for {name} isn't there");
            let remedy = "create it, or run `clerk-mcp doctor --fix`";
            Finding::error(id, what, remedy).with_fix(Fix::Folder(folder.to_owned()))
        }
        None => Finding::note(id, format!("{name} isn't there yet; the server creates it")),
    };
    examination.add(finding.in_file(path));
}

/// They hold personal data.
fn shared(examination: &mut Examination, id: &str, name: &str, path: &Path) {
    if let Ok(Some(mode)) = shared_mode(path) {
        let what = format!("others can read {name} (mode {mode:04o}), which holds personal data");
        let remedy = format!("run `clerk-mcp doctor --fix`, or `chmod 600 {}`", path.display());
        let finding = Finding::warning(id, what, remedy).in_file(path);
        examination.add(finding.with_fix(Fix::Narrow(path.to_owned())));
    }
}
