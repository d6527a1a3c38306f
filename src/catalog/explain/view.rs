//! What the tool returns.

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::{
    attempts,
    cause::{Cause, Severity},
    read::{Gap, Known},
};
use crate::tool::{
    date::iso,
    field::{Fields, code, objects, text, texts, utc},
};

/// The fields of the report. What isn't known is left out.
pub(super) static REPORT: Fields = Fields::closed(&[&[
    code("userId").about("The user whom it is about; left out if there is none."),
    code("identifier").about("What was given in place of the user's ID."),
    text("summary")
        .about("How many causes block; without causes it claims no more than was checked."),
    utc("lastSignInAt").about("The last sign-in that succeeded."),
    objects("causes", &CAUSE).about("What blocks first."),
    texts("checked").about("What was looked at."),
    objects("notChecked", &GAP).about("What could not be looked at: it may hold the cause."),
]]);

static CAUSE: Fields = Fields::closed(&[&[
    code("cause").about("A stable code, such as user_locked."),
    code("severity").about("blocks, may_block or context."),
    text("fact"),
    text("source").about("The tool that shows the fact, and where in its result."),
    utc("since"),
    utc("until"),
    text("changedBy").about("The tool that changes it; left out if none does."),
]]);

static GAP: Fields = Fields::closed(&[&[text("what"), text("why")]]);

/// What no operation of Clerk's shows.
const UNREADABLE: [(&str, &str, Applies); 4] = [
    (
        "Whether the allowlist, the blocklist and the restrictions of email addresses are on, and whether sign-up is open",
        "Clerk has no operation that reads the restrictions; the Dashboard shows them",
        Applies::Always,
    ),
    (
        "Which identifiers and sign-in methods the instance accepts, whether it requires a second factor or an organization, and how many sessions it allows",
        "Clerk has no operation that reads these settings; the Dashboard shows them",
        Applies::Always,
    ),
    (
        "Whether the password counts as compromised",
        "Clerk's user object doesn't say; a session that waits for a new password does",
        Applies::ToUsers,
    ),
    (
        "Whether a user who had the identifier was deleted",
        "the logs of deletions are found by user ID only",
        Applies::ToStrangers,
    ),
];
/// Without webhooks.
const NO_EMAILS: (&str, &str) = (
    "Emails that were not sent",
    "Clerk has no operation that lists emails, and this server receives no webhooks",
);

/// Whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Applies {
    Always,
    ToUsers,
    ToStrangers,
}

/// All of the result but `success` and `note`.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    user_id: Option<String>,
    identifier: Option<String>,
    summary: String,
    last_sign_in_at: Option<String>,
    causes: Vec<Shown>,
    checked: Vec<&'static str>,
    not_checked: Vec<Line>,
}

#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    cause: &'static str,
    severity: &'static str,
    fact: String,
    source: String,
    since: Option<String>,
    until: Option<String>,
    changed_by: Option<String>,
}

#[derive(Debug, Serialize)]
struct Line {
    what: String,
    why: String,
}

impl Report {
    pub(super) fn of(known: &Known) -> Self {
        let mut causes = super::causes(known);
        causes.sort_by_key(Cause::rank);
        Self {
            user_id: known.user.as_ref().map(|user| user.id.clone()),
            identifier: known.identifier.as_ref().map(|one| one.text().to_owned()),
            summary: summary(&causes),
            last_sign_in_at: attempts::last_success(known).map(iso),
            causes: causes.iter().map(Shown::of).collect(),
            checked: known.checked.clone(),
            not_checked: not_checked(known),
        }
    }
}

impl Shown {
    fn of(cause: &Cause) -> Self {
        Self {
            cause: cause.row.code,
            severity: cause.severity.name(),
            fact: cause.fact(),
            source: cause.source(),
            since: cause.since.map(iso),
            until: cause.until.map(iso),
            changed_by: cause.change(),
        }
    }
}

/// How many causes there are. Without any, it isn't said that the person can sign in.
fn summary(causes: &[Cause]) -> String {
    let count = |severity| causes.iter().filter(|cause| cause.severity == severity).count();
    let causes = |count: usize| match count {
        1 => "1 cause".to_owned(),
        count => format!("{count} causes"),
    };
    match (count(Severity::Blocks), count(Severity::MayBlock)) {
        (0, 0) => {
            "Nothing that was checked prevents the sign-in. What was not checked may.".to_owned()
        }
        (0, may) => {
            format!("{} may prevent the sign-in, depending on what isn't known here.", causes(may))
        }
        (1, 0) => "1 cause prevents the sign-in.".to_owned(),
        (blocks, 0) => format!("{blocks} causes prevent the sign-in."),
        (1, may) => format!("1 cause prevents the sign-in, {may} more may."),
        (blocks, may) => format!("{blocks} causes prevent the sign-in, {may} more may."),
    }
}

/// What failed, with the same reason in one line; then what no operation shows.
fn not_checked(known: &Known) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for Gap { what, why } in known.gaps.iter().cloned().chain(left_out(known)) {
        match lines.iter_mut().find(|line| line.why == why) {
            Some(line) => line.what = format!("{}, {what}", line.what),
            None => lines.push(Line { what, why }),
        }
    }
    let applies = |applies: Applies| match applies {
        Applies::Always => true,
        Applies::ToUsers => known.user.is_some(),
        Applies::ToStrangers => known.user.is_none() && known.identifier.is_some(),
    };
    let unreadable = UNREADABLE.iter().filter(|(.., who)| applies(*who));
    let unreadable = unreadable.map(|(what, why, _)| (*what, *why));
    let no_emails = (!known.has_events).then_some(NO_EMAILS);
    let all = unreadable.chain(no_emails);
    lines.extend(all.map(|(what, why)| Line { what: what.to_owned(), why: why.to_owned() }));
    lines
}

/// Flags that Clerk left out of the user's object.
fn left_out(known: &Known) -> Vec<Gap> {
    let Some(user) = &known.user else { return Vec::new() };
    let flags = [
        ("banned", user.banned),
        ("locked", user.locked),
        ("deprovisioned", user.deprovisioned),
        ("password_enabled", user.password_enabled),
        ("two_factor_enabled", user.two_factor_enabled),
    ];
    let missing = flags.into_iter().filter(|(_, flag)| flag.is_none());
    let why = "Clerk's response lacks it";
    missing
        .map(|(name, _)| Gap { what: format!("the user's {name}"), why: why.to_owned() })
        .collect()
}
