//! What happened to someone or something, from all sources at once: Clerk's application logs,
//! the events received, the objects with their dates, and this server's own audit log. What several
//! know of the same is one entry, and what none knows is named as a gap.

mod case;
mod entry;
mod fit;
mod invitations;
mod logs;
mod merge;
mod part;
mod sources;
#[cfg(test)]
mod tests;
mod tie;
mod totals;
mod user;
mod view;
mod wire;

use std::collections::{BTreeMap, HashSet};

use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::{
    case::{Case, Subject, Window},
    entry::Entry,
    fit::{Room, Shown},
    part::Part,
    totals::Totals,
    view::{Next, TIMELINE, Timeline},
};
use super::cases;
use crate::{
    Ctx, Error, tokens,
    tool::{
        Effect, Exec, Output, ResultKind, Tool,
        date::Date,
        kind::Kind,
        param::{Relation, Role, Rule, email, id, integer, text, time},
        values::typed,
    },
};

/// How many lines are shown if it isn't said.
const LINES: usize = 50;
/// More entries than so many are counted by type and by IP address.
const COUNTED: usize = 10;
/// What the rest of a result costs, in tokens: `success`, and notes on what was looked up or cut.
const AROUND: usize = 150;

pub(super) const CASE_TIMELINE: Tool = Tool::new(
    "clerk_case_timeline",
    "Case timeline",
    "Show what happened, newest first, from application logs, events, sessions, invitations and \
     audit log in one list with causes; gaps says what is missing.",
    Effect::Read,
    Exec::Composite { run: |arguments, ctx| case_timeline(arguments, ctx).boxed(), rest: None },
)
.takes(&[&[
    id("user_id", &[Kind::User], Relation::Target).about("The user's ID or email address."),
    id("organization_id", &[Kind::Organization], Relation::Target).about("ID, slug or name."),
    id("session_id", &[Kind::Session], Relation::Target).about("Such as sess_2ab…."),
    email("email_address", Relation::Target)
        .about("Of who has it, with sign-ins that failed with it; also one that no user has."),
    text("ip_address").between(2, 45).about("Such as 192.0.2.7."),
    text("trace_id").between(1, 64).about("The trace ID of one request, as in Clerk's errors."),
    time("after").about("Only what happened on or after this day or time (UTC)."),
    time("before").about("Only what happened before it; give next.before to go on."),
    integer("limit").between(1, 500).role(Role::Limit).about("Lines at most; default 50."),
]])
.rules(&[Rule::One(&[
    "user_id",
    "organization_id",
    "session_id",
    "email_address",
    "ip_address",
    "trace_id",
])])
.returns(&TIMELINE)
.result(ResultKind::Report, &crate::tool::TOTAL)
.exported(true);

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CaseTimeline {
    user_id: Option<String>,
    organization_id: Option<String>,
    session_id: Option<String>,
    email_address: Option<String>,
    ip_address: Option<String>,
    trace_id: Option<String>,
    after: Option<Date>,
    before: Option<Date>,
    limit: Option<usize>,
}

impl CaseTimeline {
    fn subject(self) -> Option<Subject> {
        (self.user_id.map(Subject::User))
            .or_else(|| self.organization_id.map(Subject::Organization))
            .or_else(|| self.session_id.map(Subject::Session))
            .or_else(|| self.email_address.map(Subject::Email))
            .or_else(|| self.ip_address.map(Subject::Ip))
            .or_else(|| self.trace_id.map(Subject::Trace))
    }
}

async fn case_timeline(arguments: Map<String, Value>, ctx: Ctx) -> Result<Output, Error> {
    let wanted: CaseTimeline = typed(arguments)?;
    let window =
        Window { after: wanted.after.map(|date| date.0), before: wanted.before.map(|date| date.0) };
    let lines = wanted.limit.unwrap_or(LINES);
    let subject = wanted.subject().ok_or(Error::Internal("a timeline of nothing was asked for"))?;
    let lacks = subject.lacks();
    // What two sources know within that time is one entry, on whichever side of the end they say it was.
    let before = window.before.map(|before| before.saturating_add(merge::APART));
    let wide = Window { before, ..window };
    let (mut case, mut parts) = read(&ctx, &subject, wide).await;
    let ends_early = |part: &Part| match (part.floor, window.before) {
        (Some(floor), Some(before)) => floor >= before - 1,
        _ => false,
    };
    if parts.iter().any(ends_early) {
        // So much happened there that nothing of what was asked for was read.
        (case, parts) = read(&ctx, &subject, window).await;
    }
    for entry in parts.iter_mut().flat_map(|part| &mut part.entries) {
        entry.on = case.other(entry.on.take());
    }
    let mut joined = Joined::of(&ctx, parts, window)?;
    joined.gaps.extend(lacks.map(str::to_owned));
    let (timeline, notes) = joined.fitted(lines, ctx.result_tokens());
    Output::composed(cases::CASE_TIMELINE, &timeline, notes)
}

async fn read(ctx: &Ctx, subject: &Subject, window: Window) -> (Case, Vec<Part>) {
    let (case, mut parts) = Case::open(ctx, subject.clone(), window).await;
    parts.extend(sources::all(ctx, &case, window).await);
    (case, parts)
}

/// What all sources say together.
#[derive(Debug, Default)]
struct Joined {
    /// In order, newest first.
    entries: Vec<Entry>,
    gaps: Vec<String>,
    /// How many entries each source that could be read has.
    read: BTreeMap<&'static str, usize>,
    /// Up to this time, in Unix ms, some source may have more.
    floor: Option<i64>,
}

impl Joined {
    /// # Errors
    /// Why the first source could not be read, if none of them could.
    fn of(ctx: &Ctx, parts: Vec<Part>, window: Window) -> Result<Self, Error> {
        let mut joined = Self::default();
        let mut errors = Vec::new();
        for part in parts {
            if part.is_read() {
                let inside = part.entries.iter().filter(|entry| window.holds(entry.at)).count();
                *joined.read.entry(part.source.name()).or_default() += inside;
            }
            joined.gaps.extend(part.gaps);
            joined.floor = joined.floor.max(part.floor);
            joined.entries.extend(part.entries.into_iter().map(|entry| entry.cleaned(ctx)));
            errors.extend(
                part.error.filter(|error| matches!(error, Error::Clerk { .. } | Error::Key(_))),
            );
        }
        let mut named = HashSet::new();
        joined.gaps.retain(|gap| named.insert(gap.clone()));
        let first = errors.into_iter().next();
        if let Some(error) = first.filter(|_| joined.read.is_empty()) {
            return Err(error);
        }
        let mut entries = merge::merged(joined.entries);
        entries.retain(|entry| window.holds(entry.at));
        Ok(Self { entries, ..joined })
    }

    /// The timeline that fits, with notes on what was cut.
    fn fitted(mut self, lines: usize, tokens: usize) -> (Timeline, Vec<String>) {
        let beyond = self.below_floor();
        let causes = tie::causes(&self.entries);
        let totals = Totals::of(&self.entries);
        let around = json!({ "gaps": self.gaps, "read": self.read, "totals": totals });
        let next = "2026-11-27T01:02:03.456Z";
        let around =
            tokens::of(&around) + tokens::of_member("next", tokens::of_text(next)) + AROUND;
        let is_for_file = tokens == usize::MAX;
        let tokens = if is_for_file { tokens } else { tokens.saturating_sub(around) };
        let room = Room { lines, tokens };
        let known = self.entries.len();
        let Shown { lines, entries, splits_a_moment } = fit::fit(&self.entries, &causes, room);
        let last = entries.checked_sub(1).and_then(|last| self.entries.get(last));
        let is_whole = entries == known;
        let before = match (is_whole, last) {
            (true, _) => beyond,
            (false, Some(last)) => Some(last.at),
            (false, None) => None,
        };
        let mut notes = Vec::new();
        if !is_whole {
            let how =
                if last.is_none() { "raise maxTokens" } else { "go on with before: next.before" };
            notes.push(format!("The newest {entries} of {known} entries: {how}."));
        }
        if lines.iter().any(|line| line.count.is_some()) {
            notes.push("Several in a row are one entry, with count.".to_owned());
        }
        if splits_a_moment {
            self.gaps.push("More happened at the moment of the last entry than fits.".to_owned());
        }
        if known == 0 {
            let asked: Vec<&str> = self.read.keys().copied().collect();
            notes.push(format!("Nothing from {}; gaps says what else there is.", asked.join(", ")));
        }
        let next = before.and_then(|at| Date(at).rfc3339()).map(|before| Next { before });
        let totals = (known > COUNTED).then_some(totals);
        (Timeline { entries: lines, totals, gaps: self.gaps, read: self.read, next }, notes)
    }

    /// Takes out what is as old as what a source didn't give yet, since the list would have holes
    /// there, and says before which moment it goes on. If nothing would be left, that moment stays.
    fn below_floor(&mut self) -> Option<i64> {
        let floor = self.floor?;
        let above = self.entries.partition_point(|entry| entry.at > floor);
        if above == 0 {
            let moment = self.entries.partition_point(|entry| entry.at >= floor);
            self.entries.truncate(moment);
            self.gaps.push(format!(
                "More happened at {} than one call reads.",
                crate::tool::date::iso(floor)
            ));
            return Some(floor);
        }
        self.entries.truncate(above);
        Some(floor.saturating_add(1))
    }
}
