//! `clerk-mcp config`: the configuration that holds, and where each value is from.

use std::process::ExitCode;

use clerk_mcp::config::{Report, Setting};

use super::{CliError, print};

/// Prints a configuration; exits with 0.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn show(report: &Report, json: bool) -> Result<ExitCode, CliError> {
    if json {
        print::json(&serde_json::to_value(report)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Report { file, profiles, profile, secrets, options } = report;
    let file = match file {
        Some(file) if profiles.is_empty() => format!("{} (no profiles)", file.display()),
        Some(file) => format!("{} (profiles: {})", file.display(), profiles.join(", ")),
        None => "none, since no home folder is known".to_owned(),
    };
    print::line(&format!("File of profiles: {file}"))?;
    print::line(&format!("Profile: {}", profile.as_deref().unwrap_or("none")))?;
    print::line("")?;
    table(secrets)?;
    print::line("")?;
    table(options)?;
    Ok(ExitCode::SUCCESS)
}

fn table(settings: &[Setting]) -> Result<(), CliError> {
    let value = |setting: &Setting| setting.value.clone().unwrap_or_else(|| "-".to_owned());
    let widest = |width: fn(&Setting) -> usize| settings.iter().map(width).max().unwrap_or(0);
    let option_width = widest(|setting| setting.option.len());
    let value_width = widest(|setting| setting.value.as_deref().unwrap_or("-").len());
    for setting in settings {
        let (option, value, from) = (&setting.option, value(setting), &setting.from);
        print::line(&format!("{option:<option_width$}  {value:<value_width$}  {from}"))?;
    }
    Ok(())
}
