//! Approvals on the command line: list the calls that wait, show one, decide on it as the operating
//! system's user.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use clerk_mcp::{
    approvals::{Approval, Approvals, DecideError, Decision, Filter},
    config::{ApprovalsCommand, Config},
    principal::Principal,
    text::terminal::escape,
};
use serde_json::{Value, json};

use super::{
    CliError,
    print::{self, Reply},
};

/// Runs `clerk-mcp approvals`.
///
/// # Errors
/// The file can't be read or written, the decision doesn't hold, or nothing can be printed.
pub(crate) async fn run(config: &Config, command: &ApprovalsCommand) -> Result<ExitCode, CliError> {
    let approvals = config.kept_approvals()?;
    match command {
        ApprovalsCommand::List { all, json } => {
            let filter = Filter { only_open: !all, ..Filter::default() };
            list(&approvals.list(filter).await?, *json)?;
        }
        ApprovalsCommand::Show { id, json } => {
            let approval = get(&approvals, id).await?;
            if *json {
                print::json(&as_json(&approval))?;
            } else {
                print::lines(&shown(&approval).join("\n"))?;
            }
        }
        ApprovalsCommand::Approve { id, yes } => {
            if !yes && !agrees(&approvals, id).await? {
                return Ok(ExitCode::FAILURE);
            }
            decide(config, &approvals, id, Decision::Approve).await?;
        }
        ApprovalsCommand::Reject { id, reason } => {
            decide(config, &approvals, id, Decision::Reject(reason.clone())).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn get(approvals: &Approvals, id: &str) -> Result<Approval, CliError> {
    Ok(approvals.get(id).await?.ok_or_else(|| DecideError::Unknown(id.to_owned()))?)
}

fn list(listed: &[Approval], json: bool) -> Result<(), CliError> {
    if json {
        return print::json(&listed.iter().map(as_json).collect());
    }
    for approval in listed {
        print::line(&head(approval))?;
    }
    if listed.is_empty() {
        print::aside("No call waits for a second person.");
    }
    Ok(())
}

/// Shows the call and asks whether it is to be approved.
async fn agrees(approvals: &Approvals, id: &str) -> Result<bool, CliError> {
    let approval = get(approvals, id).await?;
    print::aside(&shown(&approval).join("\n"));
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        print::aside("Nothing was approved: there is no terminal to ask at. --yes doesn't ask.");
        return Ok(false);
    }
    let asked = tokio::task::spawn_blocking(|| print::ask("Approve it?")).await;
    if let Ok(Ok(Reply::Yes)) = asked {
        return Ok(true);
    }
    print::aside("Nothing was approved.");
    Ok(false)
}

async fn decide(
    config: &Config,
    approvals: &Approvals,
    id: &str,
    decision: Decision,
) -> Result<(), CliError> {
    let by = Principal::of_process();
    let decided = approvals.decide(id, &by, decision, config.audit().as_ref()).await?;
    print::line(&format!("{} is {} by {by}", decided.id, decided.state.word()))
}

/// A call in one line.
fn head(approval: &Approval) -> String {
    let Approval { id, ask, state, expires_at, .. } = approval;
    let until = expires_at.strftime("%Y-%m-%dT%H:%MZ");
    let target = ask.target.as_deref().unwrap_or("-");
    let who = &ask.asked_by;
    format!("{id}  {}  {}  {target}  asked by {who}  until {until}", state.word(), ask.tool)
}

/// A call as lines for a terminal, none of which others can add.
fn shown(approval: &Approval) -> Vec<String> {
    let ask = &approval.ask;
    let mut lines = vec![head(approval)];
    lines.extend(ask.question.sentences.iter().map(|sentence| format!("  - {sentence}")));
    for change in &ask.question.changes {
        lines.push(format!("  {}", change.name));
        for (sign, value) in [("-", &change.before), ("+", &change.after)] {
            lines.extend(value.as_ref().map(|value| format!("    {sign} {value}")));
        }
    }
    lines.push(format!("  Arguments: {}", Value::Object(ask.arguments.clone())));
    let labels = [
        ("Reason", ask.reason.clone()),
        ("Client", ask.client.clone()),
        ("Rule", ask.rule.clone()),
        ("May approve", Some(ask.approvers_in_words())),
        ("Decided by", approval.decided.as_ref().map(|(by, at)| format!("{by} at {at}"))),
        ("Why", approval.why.clone()),
        ("Used", approval.used_at.map(|at| at.to_string())),
        ("Outcome", approval.outcome.clone()),
    ];
    let labels = labels.into_iter().filter_map(|(label, text)| Some((label, text?)));
    lines.extend(labels.map(|(label, text)| format!("  {label}: {text}")));
    lines.iter().map(|line| escape(line).into_owned()).collect()
}

fn as_json(approval: &Approval) -> Value {
    let Approval { id, ask, created_at, expires_at, state, decided, why, used_at, outcome } =
        approval;
    json!({
        "id": id,
        "state": state,
        "tool": ask.tool,
        "target": ask.target,
        "arguments": ask.arguments,
        "askedBy": ask.asked_by,
        "client": ask.client,
        "reason": ask.reason,
        "rule": ask.rule,
        "question": ask.question,
        "createdAt": created_at.to_string(),
        "expiresAt": expires_at.to_string(),
        "decidedBy": decided.as_ref().map(|(by, _)| by),
        "decidedAt": decided.as_ref().map(|(_, at)| at.to_string()),
        "why": why,
        "usedAt": used_at.map(|at| at.to_string()),
        "outcome": outcome,
    })
}

#[cfg(test)]
mod tests {
    use clerk_mcp::approvals::{Ask, FieldDiff, Question, State};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_call_is_shown_without_control_characters_and_adds_no_line() {
        let hostile = "Jo\u{1b}[2J\n  - \"forged\"\u{202e}";
        let approval = Approval {
            id: "apv_1".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            state: State::Pending,
            decided: None,
            why: Some(hostile.to_owned()),
            used_at: None,
            outcome: None,
            ask: Ask {
                tool: "clerk_update_user".to_owned(),
                reason: Some(hostile.to_owned()),
                question: Question {
                    sentences: vec![hostile.to_owned()],
                    changes: vec![FieldDiff {
                        name: hostile.to_owned(),
                        before: Some(hostile.to_owned()),
                        after: None,
                    }],
                },
                ..Ask::default()
            },
        };
        let lines = shown(&approval);
        assert_eq!(lines.len(), 8, "{lines:#?}");
        let is_hidden = |c: char| c.is_control() || c == '\u{202e}';
        assert!(lines.iter().all(|line| !line.contains(is_hidden)), "{lines:#?}");
    }
}
