//! `clerk-mcp doctor`: what is wrong with the set-up, and what to do about it.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use clerk_mcp::{
    config::DoctorOptions,
    doctor::{self, Finding, Options, Summary},
    folders::Folders,
};
use serde_json::json;

use super::{CliError, print};

/// How wide the word for the severity is, with the space after it.
const WIDTH: usize = 9;

/// Looks, corrects with `--fix`, and prints what was found; exits with 1 if there is an error.
///
/// # Errors
/// Standard output is closed.
pub(crate) async fn run(options: &DoctorOptions) -> Result<ExitCode, CliError> {
    let DoctorOptions { fix, offline, json, registry } = options.clone();
    let findings = doctor::examine(&Options { fix, is_offline: offline, registry }).await;
    let summary = Summary::of(&findings);
    if json {
        let version = doctor::VERSION;
        print::json(&json!({ "version": version, "findings": findings, "summary": summary }))?;
    } else {
        print::lines(&report(&findings, summary))?;
    }
    Ok(if summary.errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(findings: &[Finding], summary: Summary) -> String {
    let mut text = String::new();
    let mut title = "";
    for finding in findings {
        if finding.title() != title {
            let gap = if title.is_empty() { "" } else { "\n" };
            title = finding.title();
            let _ = writeln!(text, "{gap}{title}");
        }
        let word = if finding.fixed.is_some() { "fixed" } else { finding.severity.name() };
        let _ = writeln!(text, "  {word:<WIDTH$}{}{}", finding.what, place(finding));
        for more in
            finding.fixed.iter().chain(finding.remedy.iter().filter(|_| finding.fixed.is_none()))
        {
            let _ = writeln!(text, "  {:<WIDTH$}→ {more}", "");
        }
    }
    let Summary { ok, notes, warnings, errors, fixed } = summary;
    let fixed = if fixed == 0 { String::new() } else { format!(", {fixed} fixed") };
    let _ = write!(
        text,
        "\n{}, {}, {}{fixed}; {ok} ok",
        count(errors, "error"),
        count(warnings, "warning"),
        count(notes, "note")
    );
    text
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The file with its line, with `~` for the home folder.
fn place(finding: &Finding) -> String {
    let Some(file) = &finding.file else { return String::new() };
    let home = Folders::of_user().map(|folders| folders.home);
    let short = home.map(|home| print::short(Path::new(file), &home));
    let file = short.as_ref().unwrap_or(file);
    match finding.line {
        Some(line) => format!(" ({file}, line {line})"),
        None => format!(" ({file})"),
    }
}
