//! The rows of the file, and the statements on them.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{ApprovalsError, KEPT, MOST};
use crate::{
    approvals::{Approval, Ask, PREFIX, Question, State},
    principal::{Principal, Who},
};

/// A new ID, which can't be guessed from others; knowing one lets nobody do anything.
pub(super) fn new_id() -> String {
    let letters = std::iter::repeat_with(fastrand::alphanumeric).take(20);
    letters.fold(PREFIX.to_owned(), |mut id, letter| {
        id.push(letter);
        id
    })
}

/// Who asks, in a column.
pub(super) fn asker(person: &Principal) -> String {
    let subject = person.subject.as_deref().unwrap_or_default();
    format!("{}:{subject}", person.authentication)
}

pub(super) fn insert(
    connection: &Connection,
    id: &str,
    ask: &Ask,
    now: Timestamp,
    valid: Duration,
) -> rusqlite::Result<()> {
    let valid = i64::try_from(valid.as_millis()).unwrap_or(i64::MAX);
    let approvers: Vec<Vec<String>> =
        ask.approvers.iter().map(|list| list.iter().map(Who::to_string).collect()).collect();
    connection.execute(
        "INSERT INTO approvals (id, created_at, expires_at, state, asker, asked_by, client, key, \
         instance, tool, target, arguments, given, reason, rule, approvers, question, call, version, seal) \
         VALUES (:id, :now, :expires, 'pending', :asker, :asked_by, :client, :key, :instance, :tool, \
         :target, :arguments, :given, :reason, :rule, :approvers, :question, :call, :version, :seal)",
        named_params! {
            ":id": id,
            ":now": now.as_millisecond(),
            ":expires": now.as_millisecond().saturating_add(valid),
            ":asker": asker(&ask.asked_by),
            ":asked_by": json(&ask.asked_by),
            ":client": ask.client,
            ":key": ask.key,
            ":instance": ask.instance,
            ":tool": ask.tool,
            ":target": ask.target,
            ":arguments": json(&ask.arguments),
            ":given": json(&ask.given),
            ":reason": ask.reason,
            ":rule": ask.rule,
            ":approvers": json(&approvers),
            ":question": json(&ask.question),
            ":call": ask.call,
            ":version": ask.version,
            ":seal": ask.seal,
        },
    )?;
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    call: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<Option<Approval>, ApprovalsError> {
    let select = "SELECT * FROM approvals WHERE call = ?1 AND expires_at > ?2 AND (\
                  state IN ('pending', 'approved') OR (state = 'rejected' AND reason IS ?3)) \
                  ORDER BY state = 'approved' DESC, created_at DESC, rowid DESC LIMIT 1";
    let values = params![call, now.as_millisecond(), reason];
    Ok(connection.query_row(select, values, |row| approval(row, now)).optional()?)
}

pub(super) fn get(
    connection: &Connection,
    id: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<Approval>> {
    let select = "SELECT * FROM approvals WHERE id = ?";
    connection.query_row(select, [id], |row| approval(row, now)).optional()
}

pub(super) fn outdate(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE approvals SET state = 'outdated' WHERE id = ? AND state IN ('pending', 'approved')",
        [id],
    )?;
    Ok(())
}

/// Removes what is older than it is kept, and the oldest of too many. What can still be decided on
/// or used stays.
pub(super) fn prune(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let now = now.as_millisecond();
    connection.execute(
        "DELETE FROM approvals WHERE expires_at < ?1 AND (created_at < ?2 OR id IN (\
         SELECT id FROM approvals ORDER BY created_at DESC, rowid DESC LIMIT -1 OFFSET ?3))",
        [now, now.saturating_sub(KEPT), MOST],
    )?;
    Ok(())
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// One row. What can't be read lets nobody do anything: who may approve is then nobody, and the seal
/// doesn't fit other arguments.
pub(super) fn approval(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<Approval> {
    let time = |name: &str| {
        let at: Option<i64> = row.get(name)?;
        Ok::<_, rusqlite::Error>(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
    };
    let expires_at = time("expires_at")?.unwrap_or(Timestamp::UNIX_EPOCH);
    let state: String = row.get("state")?;
    let state = match state.as_str() {
        "pending" | "approved" if expires_at <= now => State::Expired,
        "pending" => State::Pending,
        "approved" => State::Approved,
        "used" => State::Used,
        "rejected" => State::Rejected,
        _ => State::Outdated,
    };
    let decided: Option<Principal> = read(row, "decided_by")?;
    let approvers: Option<Vec<Vec<String>>> = read(row, "approvers")?;
    let approvers = approvers.and_then(|lists| {
        let list = |list: Vec<String>| list.iter().map(|who| who.parse().ok()).collect();
        lists.into_iter().map(list).collect::<Option<Vec<Vec<Who>>>>()
    });
    let (asked_by, question): (Option<Principal>, Option<Question>) =
        (read(row, "asked_by")?, read(row, "question")?);
    let is_sound = approvers.is_some() && asked_by.is_some() && question.is_some();
    Ok(Approval {
        id: row.get("id")?,
        created_at: time("created_at")?.unwrap_or(Timestamp::UNIX_EPOCH),
        expires_at,
        state: if is_sound { state } else { State::Outdated },
        decided: decided.zip(time("decided_at")?),
        why: row.get("why")?,
        used_at: time("used_at")?,
        outcome: row.get("outcome")?,
        ask: Ask {
            asked_by: asked_by.unwrap_or_default(),
            client: row.get("client")?,
            key: row.get("key")?,
            instance: row.get("instance")?,
            tool: row.get("tool")?,
            target: row.get("target")?,
            arguments: read(row, "arguments")?.unwrap_or_default(),
            given: read(row, "given")?.unwrap_or_default(),
            reason: row.get("reason")?,
            rule: row.get("rule")?,
            approvers: approvers.unwrap_or_default(),
            question: question.unwrap_or_default(),
            call: row.get("call")?,
            version: row.get("version")?,
            seal: row.get("seal")?,
        },
    })
}

fn read<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}
