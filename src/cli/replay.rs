//! The calls in an audit log that another policy would have decided otherwise.

use std::process::ExitCode;

use clerk_mcp::{
    audit::Called,
    guard::{Guard, replay::Replayed},
    text::terminal::escape,
};

use super::{CliError, print};

/// How many calls were decided in each way.
#[derive(Default)]
struct Counts {
    same: u64,
    otherwise: u64,
    open: u64,
    undecided: u64,
}

/// Prints a line for each call that is decided otherwise, and the counts.
///
/// # Errors
/// There is no log or no policy, the log can't be read, or standard output is closed.
pub(crate) fn run(guard: &Guard) -> Result<ExitCode, CliError> {
    let (Some(policy), Some(audit)) = (&guard.policy, &guard.audit) else {
        return Err(CliError::NothingToReplay);
    };
    let (mut counts, mut printed) = (Counts::default(), Ok(()));
    let unreadable = audit.calls(|call| {
        let changed = match policy.replay(&call) {
            Replayed::Same => return counts.same += 1,
            Replayed::Open => return counts.open += 1,
            Replayed::Undecided => return counts.undecided += 1,
            Replayed::Allowed { rule } => ("was denied, would be allowed", rule),
            Replayed::Denied { rule } => ("was allowed, would be denied", rule),
        };
        counts.otherwise += 1;
        if printed.is_ok() {
            printed = print::line(&row(&call, changed));
        }
    });
    let unreadable = unreadable.map_err(CliError::Replay)?;
    printed?;
    print::line(&summary(&counts, unreadable))?;
    Ok(if counts.otherwise > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn row(call: &Called, (changed, rule): (&str, Option<String>)) -> String {
    let by = rule.map_or_else(|| "by default".to_owned(), |rule| format!("by rule `{rule}`"));
    let who = call.principal.as_ref().map(|who| format!("for {}", escape(&who.to_string())));
    let parts = [
        Some(call.tool.clone()),
        call.target.as_deref().map(|target| escape(target).into_owned()),
        who,
    ];
    let what = parts.into_iter().flatten().collect::<Vec<_>>().join("  ");
    format!("{:.0}  {changed} {by}  {what}", call.at)
}

fn summary(counts: &Counts, unreadable: u64) -> String {
    let Counts { same, otherwise, open, undecided } = counts;
    let mut parts = vec![format!("{otherwise} decided otherwise, {same} as they were")];
    if *open > 0 {
        parts.push(format!(
            "{open} depend on what the log doesn't have: email addresses, organizations, metadata, who called"
        ));
    }
    if *undecided > 0 {
        parts.push(format!("{undecided} were refused for another reason"));
    }
    if unreadable > 0 {
        parts.push(format!("{unreadable} lines are not of an audit log"));
    }
    parts.join("; ")
}
